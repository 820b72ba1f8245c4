//! Bytes with their place: line and offset.

use std::io::{self, BufRead, Read};
use std::ops::Range;

use super::MAX_EVENT_BYTES;

/// A stretch of the input that should be one event.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Where it starts.
    pub(super) line: usize,
    /// Offset of its first byte.
    pub(super) start: u64,
    /// Offset behind its last byte.
    pub(super) end: u64,
    /// The bytes, unless there is a problem.
    pub(super) bytes: Vec<u8>,
    /// Why it is no event before it is parsed.
    pub(super) problem: Option<&'static str>,
}

pub(super) const TOO_LONG: &str = "longer than 64 MiB";

impl Chunk {
    pub(super) fn at<R: BufRead>(input: &Input<R>) -> Self {
        let start = input.offset();
        Self { line: input.line(), start, end: start, bytes: Vec::new(), problem: None }
    }

    pub(super) fn range(&self) -> Range<u64> {
        self.start..self.end
    }

    /// Takes bytes up to the limit; the excess is dropped and noted.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.end = self.end.saturating_add(bytes.len() as u64);
        if self.problem.is_some() {
            return;
        }
        if self.bytes.len().saturating_add(bytes.len()) > MAX_EVENT_BYTES {
            self.problem = Some(TOO_LONG);
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// An input that counts, and takes back what was read too far.
#[derive(Debug)]
pub(super) struct Input<R> {
    inner: R,
    /// Read again before `inner`.
    returned: Vec<u8>,
    line: usize,
    offset: u64,
}

impl<R: BufRead> Input<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, returned: Vec::new(), line: 1, offset: 0 }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// What can be seen without moving; empty at the end.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        if !self.returned.is_empty() {
            return Ok(&self.returned);
        }
        loop {
            match self.inner.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // Asked twice because the borrow of a buffer that is returned cannot end in the loop.
        self.inner.fill_buf()
    }

    /// Whether what follows begins with these bytes, which must be few.
    pub(super) fn starts_with(&mut self, wanted: &[u8]) -> io::Result<bool> {
        if self.returned.is_empty() {
            // A buffer may hold less than what is asked for.
            let mut head = Vec::with_capacity(wanted.len());
            self.inner.by_ref().take(wanted.len() as u64).read_to_end(&mut head)?;
            self.returned = head;
        }
        Ok(self.returned.starts_with(wanted))
    }

    /// Moves over bytes that were seen.
    pub(super) fn advance(&mut self, count: usize) -> io::Result<()> {
        let seen = self.peek()?;
        let count = count.min(seen.len());
        let lines = seen.iter().take(count).filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(lines);
        self.offset = self.offset.saturating_add(count as u64);
        if self.returned.is_empty() {
            self.inner.consume(count);
        } else {
            self.returned.drain(..count);
        }
        Ok(())
    }

    /// Takes a chunk back that was just read, with its place.
    pub(super) fn take_back(&mut self, chunk: Chunk) {
        self.line = chunk.line;
        self.offset = chunk.start;
        self.returned = chunk.bytes;
    }

    /// Moves over a byte order mark and white space; the byte behind them, if any.
    pub(super) fn first_byte(&mut self) -> io::Result<Option<u8>> {
        const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
        if self.peek()?.starts_with(BYTE_ORDER_MARK) {
            self.advance(BYTE_ORDER_MARK.len())?;
        }
        self.skip_blank(|byte| byte.is_ascii_whitespace())
    }

    /// Moves over bytes that `skip` accepts; the first that it does not, if any.
    pub(super) fn skip_blank(&mut self, skip: impl Fn(u8) -> bool) -> io::Result<Option<u8>> {
        loop {
            let seen = self.peek()?;
            if seen.is_empty() {
                return Ok(None);
            }
            match seen.iter().position(|byte| !skip(*byte)) {
                Some(at) => {
                    let byte = seen.get(at).copied();
                    self.advance(at)?;
                    return Ok(byte);
                }
                None => {
                    let count = seen.len();
                    self.advance(count)?;
                }
            }
        }
    }
}
