//! From bytes to events, one at a time.

mod batch;
mod lines;
mod log;
mod part;
mod raw;
mod sections;
mod stream;
#[cfg(test)]
mod tests;
mod window;

use std::fmt;
use std::io::Read;
use std::ops::Range;

use serde_json::{Map, Value as Json};

use crate::Event;

pub use batch::{Batch, RawEvent};
pub use part::event_of_field;
pub use raw::{RawEvents, read_raw};
pub use sections::{ReadAt, Sections};

/// The longest event that is read, in bytes: a line, or an element of an array.
pub const MAX_EVENT_BYTES: usize = 64 * 1024 * 1024;

/// A part of the input that is no event. Reading goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The line where the part starts, from 1; in an event log the number of the record.
    pub line: usize,
    /// The bytes of the part in the input.
    pub bytes: Range<u64>,
    /// What is wrong, in lower case, without a full stop.
    pub message: String,
    /// Whether the input itself failed, so that nothing more is read from it.
    pub last: bool,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ReadError {}

/// Reads events. The form is told from the first bytes:
///
/// * `[`: one JSON array, whose elements are the events;
/// * an object whose first line ends inside it at a brace, a bracket or a comma, with no `{` at the start of
///   the next: objects over several lines, one after the other;
/// * `ElfFile`: an event log of Windows (EVTX), as the JSON that its XML becomes;
/// * anything else: one object a line; blank lines do not count.
///
/// An event log is held as a whole. Of all else at most an event of [`MAX_EVENT_BYTES`] is held at a time, and what is
/// read at once, whatever the length of the input.
#[must_use]
pub fn read<R: Read>(input: R) -> Events<R> {
    Events { raw: read_raw(input), batch: Batch::new(), next: 0, ordinal: 0 }
}

/// The events of an input; see [`read()`].
///
/// Each item is an event or what is wrong in its place. An error of the input itself is the last item.
#[derive(Debug)]
pub struct Events<R> {
    raw: RawEvents<R>,
    batch: Batch,
    /// The item of the batch that is next.
    next: usize,
    ordinal: usize,
}

impl<R: Read> Iterator for Events<R> {
    type Item = Result<Event<'static>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.batch.item(self.next) {
                self.next = self.next.saturating_add(1);
                let parsed = item.map_err(Clone::clone).and_then(|raw| {
                    let failed =
                        |message| ReadError { line: raw.line(), bytes: raw.place(), message, last: false };
                    let fields = object(raw.bytes()).map_err(failed)?;
                    Ok(Event::new(fields, self.ordinal, raw.line()))
                });
                self.ordinal = self.ordinal.saturating_add(usize::from(parsed.is_ok()));
                return Some(parsed);
            }
            self.next = 0;
            if !self.raw.next_batch(&mut self.batch, 0) {
                return None;
            }
        }
    }
}

/// The JSON object that bytes hold.
///
/// # Errors
/// What is wrong with them, in lower case, without a full stop.
pub fn object(bytes: &[u8]) -> Result<Map<String, Json>, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 after {} bytes", error.valid_up_to()))?;
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(fields)) => Ok(fields),
        Ok(other) => Err(format!("an event is an object, not {}", kind(&other))),
        Err(error) => Err(explain(&error)),
    }
}

/// The parser's message without its own place, which counts from the start of the chunk.
fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    format!("malformed JSON: {message} at column {}", error.column())
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
