//! From inputs to batches of events, one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::files as codes;
use eqlc_events::{Batch, Decoded, RawEvents, read_raw};

use crate::input::STDIN;

/// Bytes of a file that are handed on at a time: some hundred events, few enough to stay in the cache of a core.
const BATCH_BYTES: usize = 1 << 18;

/// What a reader found.
#[derive(Debug)]
pub(super) enum Read {
    /// Events of an input, by its index, and how many bytes of all inputs are taken from the disk.
    Events { input: usize, taken: u64 },
    /// An input that cannot be opened.
    Failed(Diagnostic),
}

/// Reads inputs in their order.
#[derive(Debug)]
pub(super) struct Reader {
    files: std::iter::Enumerate<std::vec::IntoIter<PathBuf>>,
    open: Option<Open>,
    /// Bytes that are taken of all inputs.
    taken: u64,
}

/// The input at hand.
#[derive(Debug)]
struct Open {
    input: usize,
    raw: RawEvents<Decoded<Box<dyn BufRead + Send>>>,
    /// Bytes that are handed on at a time.
    bytes: usize,
    /// Bytes of the inputs before it.
    before: u64,
}

impl Reader {
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter().enumerate(), open: None, taken: 0 }
    }

    /// Reads on into a batch; none when all inputs are at their end.
    pub(super) fn next(&mut self, batch: &mut Batch) -> Option<Read> {
        loop {
            let Some(open) = &mut self.open else {
                let (input, path) = self.files.next()?;
                match Open::new(input, &path, self.taken) {
                    Ok(open) => self.open = Some(open),
                    Err(error) => {
                        let message = format!("`{}` cannot be read: {error}", name(&path));
                        return Some(Read::Failed(Diagnostic::error(codes::UNREADABLE, message)));
                    }
                }
                continue;
            };
            let more = open.raw.next_batch(batch, open.bytes);
            self.taken = open.before.saturating_add(open.raw.get_ref().taken());
            if more {
                return Some(Read::Events { input: open.input, taken: self.taken });
            }
            self.open = None;
        }
    }
}

impl Open {
    fn new(input: usize, path: &Path, before: u64) -> io::Result<Self> {
        let is_stdin = path.as_os_str() == STDIN;
        let file: Box<dyn BufRead + Send> = if is_stdin {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path)?))
        };
        let raw = read_raw(eqlc_events::decode(file)?.unheld());
        Ok(Self { input, raw, bytes: if is_stdin { 0 } else { BATCH_BYTES }, before })
    }
}

/// The name of an input, for messages.
pub(super) fn name(path: &Path) -> String {
    if path.as_os_str() == STDIN { "<stdin>".to_owned() } else { path.display().to_string() }
}
