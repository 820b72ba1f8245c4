//! From inputs to batches of events, one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::files as codes;
use eqlc_events::{Batch, Decoded, RawEvents, ReadAt, Sections, read_raw};

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

/// What one of several who read side by side is to look at next.
#[derive(Debug)]
pub(super) enum Claim {
    /// What was read.
    Read(Read),
    /// What is to be read, while others claim more.
    Section(Section),
}

/// A section of an input.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) input: usize,
    /// How many bytes of all inputs are taken from the disk with it.
    pub(super) taken: u64,
    /// For the first section of an input how many lines stand before it. For others those who read the sections before
    /// it find that out.
    pub(super) lines_before: Option<usize>,
    sections: Arc<Sections<AnyPlace>>,
    number: u64,
}

impl Section {
    /// Reads it; its lines are counted from 1.
    pub(super) fn read(&self, batch: &mut Batch) {
        self.sections.read(self.number, batch);
    }
}

/// A file that is read from any place on.
#[derive(Debug)]
struct AnyPlace(File);

impl ReadAt for AnyPlace {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, buffer, offset)
    }
}

/// Reads inputs in their order.
#[derive(Debug)]
pub(super) struct Reader {
    files: std::iter::Enumerate<std::vec::IntoIter<PathBuf>>,
    open: Option<Open>,
    split: Option<Split>,
    /// Bytes that are taken of all inputs.
    taken: u64,
}

/// An input in sections.
#[derive(Debug)]
struct Split {
    input: usize,
    sections: Arc<Sections<AnyPlace>>,
    /// The section that is next.
    next: u64,
    /// Lines before the first.
    lines: usize,
    /// Bytes of the inputs before it.
    before: u64,
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
    /// The file, where it can be read from any place on, and its bytes.
    file: Option<(AnyPlace, u64)>,
}

impl Reader {
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter().enumerate(), open: None, split: None, taken: 0 }
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

    /// As [`Self::next`], for several who read side by side: files with an event a line are only read here as far as it
    /// takes to know that, and then claimed section by section. Who starts so goes on so.
    pub(super) fn claim(&mut self, batch: &mut Batch) -> Option<Claim> {
        if let Some(split) = &mut self.split {
            if let Some(section) = split.next() {
                self.taken = section.taken;
                return Some(Claim::Section(section));
            }
            self.split = None;
        }
        let read = self.next(batch)?;
        if let Some(split) = self.open.as_mut().and_then(Open::split) {
            (self.split, self.open) = (Some(split), None);
        }
        Some(Claim::Read(read))
    }
}

impl Split {
    fn next(&mut self) -> Option<Section> {
        let number = self.next;
        if number >= self.sections.count() {
            return None;
        }
        self.next = number.saturating_add(1);
        Some(Section {
            input: self.input,
            taken: self.before.saturating_add(self.sections.range(number).end),
            lines_before: (number == 0).then_some(self.lines),
            sections: Arc::clone(&self.sections),
            number,
        })
    }
}

impl Open {
    fn new(input: usize, path: &Path, before: u64) -> io::Result<Self> {
        let is_stdin = path.as_os_str() == STDIN;
        let (file, again): (Box<dyn BufRead + Send>, _) = if is_stdin {
            (Box::new(BufReader::new(io::stdin())), None)
        } else {
            let file = File::open(path)?;
            let data = file.metadata()?;
            let again = if data.is_file() { Some((AnyPlace(file.try_clone()?), data.len())) } else { None };
            (Box::new(BufReader::new(file)), again)
        };
        let decoded = eqlc_events::decode(file)?.unheld();
        let bytes = if is_stdin { 0 } else { BATCH_BYTES };
        let file = again.filter(|_| !decoded.is_compressed());
        Ok(Self { input, raw: read_raw(decoded), bytes, before, file })
    }

    /// What was not read yet, in sections; none where that cannot be.
    fn split(&mut self) -> Option<Split> {
        let (start, line) = self.raw.next_line()?;
        let (file, end) = self.file.take()?;
        let sections = Arc::new(Sections::new(file, start..end, BATCH_BYTES as u64));
        let (input, before) = (self.input, self.before);
        Some(Split { input, sections, next: 0, lines: line.saturating_sub(1), before })
    }
}

/// The name of an input, for messages.
pub(super) fn name(path: &Path) -> String {
    if path.as_os_str() == STDIN { "<stdin>".to_owned() } else { path.display().to_string() }
}
