//! Events over several lines: the elements of an array, or objects one after the other.

use std::io::{self, BufRead};

use super::input::{Chunk, Input};

/// Cuts the input at the ends of values, by counting brackets outside texts. Whether what lies between is
/// JSON is for the parser to say, so that a malformed value spoils no other.
#[derive(Debug)]
pub(super) struct Stream {
    array: Place,
}

/// Where the input is in relation to the array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// There is no array.
    None,
    Before,
    Inside,
    Behind,
}

impl Stream {
    /// An array is next in the input.
    pub(super) fn array() -> Self {
        Self { array: Place::Before }
    }

    /// An object is next in the input.
    pub(super) fn objects() -> Self {
        Self { array: Place::None }
    }

    /// The next value or what is wrong instead.
    pub(super) fn next<R: BufRead>(&mut self, input: &mut Input<R>) -> io::Result<Option<Chunk>> {
        if self.array == Place::Before {
            input.advance(1)?;
            self.array = Place::Inside;
        }
        let inside = self.array == Place::Inside;
        match input.skip_blank(|byte| byte.is_ascii_whitespace() || (inside && byte == b','))? {
            None if inside => {
                self.array = Place::Behind;
                Ok(Some(problem(Chunk::at(input), "the array is not closed")))
            }
            None => Ok(None),
            Some(b']') if inside => {
                input.advance(1)?;
                self.array = Place::Behind;
                self.next(input)
            }
            Some(_) if self.array == Place::Behind => rest(input).map(Some),
            Some(_) => value(input).map(Some),
        }
    }
}

fn problem(chunk: Chunk, problem: &'static str) -> Chunk {
    Chunk { problem: Some(problem), ..chunk }
}

/// All that follows the array.
fn rest<R: BufRead>(input: &mut Input<R>) -> io::Result<Chunk> {
    let mut chunk = problem(Chunk::at(input), "text after the end of the array");
    loop {
        let seen = input.peek()?;
        let count = seen.len();
        if count == 0 {
            return Ok(chunk);
        }
        chunk.push(seen);
        input.advance(count)?;
    }
}

/// One value, one byte at least.
fn value<R: BufRead>(input: &mut Input<R>) -> io::Result<Chunk> {
    let mut chunk = Chunk::at(input);
    let mut scan = Scan::default();
    loop {
        let seen = input.peek()?;
        if seen.is_empty() {
            return Ok(chunk);
        }
        let mut count = 0usize;
        let mut over = false;
        for byte in seen {
            let step = scan.step(*byte);
            let first = chunk.start == chunk.end && count == 0;
            if step != Step::EndsBefore || first {
                count = count.saturating_add(1);
            }
            over = step == Step::EndsAfter || step == Step::EndsBefore;
            if over {
                break;
            }
        }
        chunk.push(seen.get(..count).unwrap_or_default());
        input.advance(count)?;
        if over {
            return Ok(chunk);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Goes,
    EndsAfter,
    EndsBefore,
}

#[derive(Default)]
struct Scan {
    depth: u64,
    in_text: bool,
    escaped: bool,
}

impl Scan {
    fn step(&mut self, byte: u8) -> Step {
        if self.in_text {
            let ends = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            self.in_text = !ends;
            return Step::Goes;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' if self.depth == 0 => return Step::EndsBefore,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    return Step::EndsAfter;
                }
            }
            b',' if self.depth == 0 => return Step::EndsBefore,
            byte if self.depth == 0 && byte.is_ascii_whitespace() => return Step::EndsBefore,
            _ => {}
        }
        Step::Goes
    }
}
