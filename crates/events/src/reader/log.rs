//! Event logs of Windows (EVTX): chunks of 64 KiB, each with records in binary XML.

use std::collections::VecDeque;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use evtx::{EvtxChunkData, EvtxParser, IntoIterChunks, ParserSettings};
/// The first bytes of every file.
pub(super) const MAGIC: &[u8] = b"ElfFile\0";

/// The largest file that is read. It is held in memory; the events that come of it take several times as much.
const MAX_BYTES: usize = 2 * 1024 * 1024 * 1024;

/// A log whose records are read chunk by chunk.
pub(super) struct Log {
    chunks: IntoIterChunks<Cursor<Vec<u8>>>,
    settings: Arc<ParserSettings>,
    /// What the chunk at hand still gives.
    records: VecDeque<Record>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("records", &self.records.len()).finish_non_exhaustive()
    }
}

/// A record as the text of its JSON, or why it cannot be read.
pub(super) type Record = Result<String, String>;

impl Log {
    /// Takes the rest of an input behind its first bytes, which begin with [`MAGIC`].
    ///
    /// # Errors
    /// The input cannot be read or is larger than the limit, or its header is damaged.
    pub(super) fn open<R: Read>(head: &[u8], input: &mut R) -> io::Result<Self> {
        let mut bytes = head.to_vec();
        input.take((MAX_BYTES as u64).saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() > MAX_BYTES {
            return Err(io::Error::other("an event log of more than 2 GiB"));
        }
        // Threads would change the order in which memory is used, not that of the records.
        let settings = ParserSettings::new().num_threads(1).indent(false);
        let parser = EvtxParser::from_buffer(bytes)
            .map_err(|error| io::Error::other(format!("no event log: {error}")))?
            .with_configuration(settings.clone());
        Ok(Self { chunks: parser.into_chunks(), settings: Arc::new(settings), records: VecDeque::new() })
    }

    /// The next record, in the order of the file.
    pub(super) fn next(&mut self) -> Option<Record> {
        loop {
            if let Some(record) = self.records.pop_front() {
                return Some(record);
            }
            match self.chunks.next()? {
                Ok(chunk) => self.records = records(chunk, &self.settings),
                Err(error) => return Some(Err(format!("a chunk of the event log is damaged: {error}"))),
            }
        }
    }
}

/// The records of a chunk. The library is not ours: that a damaged file upsets it must not end the run.
fn records(mut chunk: EvtxChunkData, settings: &Arc<ParserSettings>) -> VecDeque<Record> {
    let read = catch_unwind(AssertUnwindSafe(|| match chunk.parse(Arc::clone(settings)) {
        Ok(mut chunk) => {
            chunk.iter().map(|record| json(record.and_then(|record| record.into_json()))).collect()
        }
        Err(error) => VecDeque::from([Err(format!("a chunk of the event log is damaged: {error}"))]),
    }));
    read.unwrap_or_else(|_| VecDeque::from([Err("a chunk of the event log is damaged".to_owned())]))
}

fn json(record: evtx::err::Result<evtx::SerializedEvtxRecord<String>>) -> Record {
    record.map(|record| record.data).map_err(|error| format!("a record of the event log is damaged: {error}"))
}
