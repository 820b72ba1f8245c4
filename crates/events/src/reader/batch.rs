//! Events as they stand in an input, many at a time.

use std::ops::Range;

use super::ReadError;

/// Events that were cut out of an input and not looked into, beside the parts that are none. Its memory is used again
/// by the next batch that is read into it.
#[derive(Debug, Default)]
pub struct Batch {
    /// Initialised once; what stands behind `filled` is of earlier batches.
    buffer: Vec<u8>,
    filled: usize,
    items: Vec<Item>,
    read: u64,
    lines: usize,
}

#[derive(Debug)]
enum Item {
    Event(Piece),
    Problem(Box<ReadError>),
}

/// A stretch of a batch that should be one event.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    /// The line where it starts.
    pub(super) line: usize,
    /// Where it starts in the input.
    pub(super) offset: u64,
}

/// One event as it stands in the input, whether it is JSON or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawEvent<'a> {
    whole: &'a [u8],
    line: usize,
    offset: u64,
}

impl<'a> RawEvent<'a> {
    /// Its bytes, without the end of the line.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        let text = self.whole.strip_suffix(b"\n").unwrap_or(self.whole);
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    /// The line of the input where it starts, from 1; in an event log the number of its record.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Its bytes in the input once that is decompressed, with the end of the line; in an event log they start at 0.
    #[must_use]
    pub fn place(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.whole.len() as u64)
    }
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The events in the order of the input, and what is wrong between them.
    pub fn items(&self) -> impl ExactSizeIterator<Item = Result<RawEvent<'_>, &ReadError>> {
        self.items.iter().map(|item| self.shown(item))
    }

    /// An event or what is wrong in its place, from 0.
    #[must_use]
    pub fn item(&self, at: usize) -> Option<Result<RawEvent<'_>, &ReadError>> {
        self.items.get(at).map(|item| self.shown(item))
    }

    fn shown<'a>(&'a self, item: &'a Item) -> Result<RawEvent<'a>, &'a ReadError> {
        match item {
            Item::Event(Piece { range, line, offset }) => {
                let whole = self.buffer.get(range.clone()).unwrap_or_default();
                Ok(RawEvent { whole, line: *line, offset: *offset })
            }
            Item::Problem(error) => Err(error),
        }
    }

    /// How many events and problems there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is neither an event nor a problem.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many bytes of the input, decompressed, were read for it.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    /// How many lines of the input end in it. Only [`Sections`](super::Sections) count them.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Counts lines that stand before those of a section.
    pub fn add_lines(&mut self, before: usize) {
        for item in &mut self.items {
            let line = match item {
                Item::Event(piece) => &mut piece.line,
                Item::Problem(error) => &mut error.line,
            };
            *line = line.saturating_add(before);
        }
    }

    /// Of the input it is so many lines and bytes, whatever was read for it.
    pub(super) fn counts(&mut self, lines: usize, bytes: u64) {
        self.lines = lines;
        self.read = bytes;
    }

    /// Starts again with what an earlier batch left.
    pub(super) fn restart(&mut self, rest: &[u8]) {
        self.items.clear();
        self.filled = 0;
        self.read = 0;
        self.lines = 0;
        self.append(rest);
    }

    pub(super) fn filled(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }

    /// Adds bytes that were not read for it; where they stand.
    fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.filled;
        self.filled = start.saturating_add(bytes.len());
        if self.buffer.len() < self.filled {
            self.buffer.resize(self.filled, 0);
        }
        if let Some(room) = self.buffer.get_mut(start..self.filled) {
            room.copy_from_slice(bytes);
        }
        start..self.filled
    }

    /// Room for bytes to be read.
    pub(super) fn room(&mut self, count: usize) -> &mut [u8] {
        let end = self.filled.saturating_add(count);
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }

    /// So many bytes of the room were read.
    pub(super) fn read(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.buffer.len());
        self.read = self.read.saturating_add(count as u64);
    }

    /// The bytes, and where to put what is cut out of them.
    pub(super) fn parts(&mut self) -> (&[u8], Items<'_>) {
        (self.buffer.get(..self.filled).unwrap_or_default(), Items(&mut self.items))
    }

    /// Adds an event that does not stand in the input as text.
    pub(super) fn push_text(&mut self, text: &[u8], line: usize) {
        let range = self.append(text);
        self.read = self.read.saturating_add(text.len() as u64);
        self.items.push(Item::Event(Piece { range, line, offset: 0 }));
    }
}

/// What is cut out of a batch.
pub(super) struct Items<'a>(&'a mut Vec<Item>);

impl Items<'_> {
    pub(super) fn push(&mut self, piece: Piece) {
        self.0.push(Item::Event(piece));
    }

    pub(super) fn problem(&mut self, error: ReadError) {
        self.0.push(Item::Problem(Box::new(error)));
    }
}
