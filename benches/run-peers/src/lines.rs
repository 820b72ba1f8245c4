//! The lines of a file where they stand, for every evaluator alike, eqlc among them: what is timed is to be the
//! evaluation and not the copying of lines.

use std::io::{self, Read};

/// How much is read at a time.
const ROOM: usize = 256 * 1024;

/// An input, a line at a time.
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where the next line starts, and where what was read ends.
    start: usize,
    end: usize,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, buffer: vec![0; ROOM], start: 0, end: 0 }
    }

    /// The next line with its end; none at the end of the input.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        let mut seen = 0;
        let len = loop {
            let unseen = self.buffer.get(self.start + seen..self.end).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', unseen) {
                break seen + at + 1;
            }
            seen = self.end - self.start;
            if self.read_on()? == 0 {
                break seen;
            }
        };
        let line = self.start..self.start + len;
        self.start = line.end;
        Ok(self.buffer.get(line).filter(|line| !line.is_empty()))
    }

    /// Reads once, behind what is left of what was read; how many bytes.
    fn read_on(&mut self) -> io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0);
        }
        loop {
            match self.input.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
