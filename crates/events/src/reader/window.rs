//! What was read and not yet cut, with its place: line and offset.

use super::batch::Piece;

/// Where the first byte stands that was not cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// The line, from 1.
    pub(super) line: usize,
    /// Bytes before it.
    pub(super) offset: u64,
}

/// The bytes of a batch, cut up to a place.
#[derive(Debug)]
pub(super) struct Window<'a> {
    bytes: &'a [u8],
    at: usize,
    pub(super) position: Position,
    /// Whether nothing comes behind these bytes.
    pub(super) ended: bool,
}

impl<'a> Window<'a> {
    /// Bytes that are cut up to `at`, which stands at `position` in the input.
    pub(super) fn new(bytes: &'a [u8], at: usize, position: Position, ended: bool) -> Self {
        Self { bytes, at, position, ended }
    }

    /// Up to where the bytes are cut.
    pub(super) fn cut(&self) -> usize {
        self.at
    }

    /// What was not cut.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Moves over bytes.
    pub(super) fn advance(&mut self, count: usize) {
        let lines = memchr::memchr_iter(b'\n', self.rest().get(..count).unwrap_or_default()).count();
        self.pass(count, lines);
    }

    /// Cuts so many bytes, in which so many lines end.
    pub(super) fn take(&mut self, count: usize, lines: usize) -> Piece {
        let Position { line, offset } = self.position;
        let range = self.at..self.at.saturating_add(count);
        self.pass(count, lines);
        Piece { range, line, offset }
    }

    /// Cuts so many bytes.
    pub(super) fn take_counted(&mut self, count: usize) -> Piece {
        let lines = memchr::memchr_iter(b'\n', self.rest().get(..count).unwrap_or_default()).count();
        self.take(count, lines)
    }

    fn pass(&mut self, count: usize, lines: usize) {
        self.at = self.at.saturating_add(count).min(self.bytes.len());
        self.position.line = self.position.line.saturating_add(lines);
        self.position.offset = self.position.offset.saturating_add(count as u64);
    }

    /// Moves over bytes that `skip` accepts; the first that it does not, if any.
    pub(super) fn skip(&mut self, skip: impl Fn(u8) -> bool) -> Option<u8> {
        let rest = self.rest();
        let count = rest.iter().position(|byte| !skip(*byte)).unwrap_or(rest.len());
        self.advance(count);
        self.rest().first().copied()
    }
}
