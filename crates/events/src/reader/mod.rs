//! From bytes to events, one at a time.

mod input;
mod lines;
mod log;
mod stream;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::BufRead;
use std::ops::Range;

use serde_json::Value as Json;

use crate::Event;
use input::{Chunk, Input};
use log::Log;
use stream::Stream;

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
/// An event log is held as a whole. Of all else at most [`MAX_EVENT_BYTES`] are held at a time, whatever the length of the input.
#[must_use]
pub fn read<R: BufRead>(input: R) -> Events<R> {
    Events { input: Input::new(input), form: Form::Unknown, ordinal: 0, records: 0, done: false }
}

/// The events of an input; see [`read`].
///
/// Each item is an event or what is wrong in its place. An error of the input itself is the last item.
#[derive(Debug)]
pub struct Events<R> {
    input: Input<R>,
    form: Form,
    ordinal: usize,
    /// Records of an event log so far.
    records: usize,
    done: bool,
}

#[derive(Debug)]
enum Form {
    Unknown,
    Lines,
    Stream(Stream),
    Log(Box<Log>),
}

impl<R: BufRead> Events<R> {
    fn next_chunk(&mut self) -> std::io::Result<Option<Chunk>> {
        if matches!(self.form, Form::Unknown) {
            let (form, chunk) = match self.input.first_byte()? {
                Some(b'E') if self.input.starts_with(log::MAGIC)? => {
                    (Form::Log(Box::new(Log::open(&mut self.input)?)), None)
                }
                Some(b'[') => (Form::Stream(Stream::array()), None),
                Some(b'{') => lines::first_line(&mut self.input)?,
                _ => (Form::Lines, None),
            };
            self.form = form;
            if chunk.is_some() {
                return Ok(chunk);
            }
        }
        match &mut self.form {
            Form::Stream(stream) => stream.next(&mut self.input),
            Form::Lines | Form::Log(_) | Form::Unknown => lines::next(&mut self.input),
        }
    }

    /// The next record of an event log; none if the input is none, or at its end.
    fn next_record(&mut self) -> Option<Result<Event, ReadError>> {
        let Form::Log(log) = &mut self.form else { return None };
        let record = log.next();
        let Some(record) = record else {
            self.form = Form::Lines;
            return None;
        };
        self.records = self.records.saturating_add(1);
        let line = self.records;
        Some(match record {
            Ok(Json::Object(fields)) => {
                let event = Event::new(fields, self.ordinal, line);
                self.ordinal = self.ordinal.saturating_add(1);
                Ok(event)
            }
            Ok(_) => Err(ReadError {
                line,
                bytes: 0..0,
                message: "a record without fields".to_owned(),
                last: false,
            }),
            Err(message) => Err(ReadError { line, bytes: 0..0, message, last: false }),
        })
    }

    fn event(&mut self, chunk: &Chunk) -> Result<Event, ReadError> {
        let fail =
            |message: String| ReadError { line: chunk.line, bytes: chunk.range(), message, last: false };
        if let Some(problem) = chunk.problem {
            return Err(fail(problem.to_owned()));
        }
        let text = std::str::from_utf8(&chunk.bytes)
            .map_err(|error| fail(format!("not UTF-8 after {} bytes", error.valid_up_to())))?;
        match serde_json::from_str::<Json>(text) {
            Ok(Json::Object(fields)) => {
                let event = Event::new(fields, self.ordinal, chunk.line);
                self.ordinal = self.ordinal.saturating_add(1);
                Ok(event)
            }
            Ok(other) => Err(fail(format!("an event is an object, not {}", kind(&other)))),
            Err(error) => Err(fail(explain(&error))),
        }
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        if let Some(record) = self.next_record() {
            return Some(record);
        }
        match self.next_chunk() {
            // The form is known only now.
            Ok(_) if matches!(self.form, Form::Log(_)) => self.next(),
            Ok(Some(chunk)) => Some(self.event(&chunk)),
            Ok(None) => {
                self.done = true;
                None
            }
            Err(error) => {
                self.done = true;
                let at = self.input.offset();
                let message = format!("cannot read on: {error}");
                Some(Err(ReadError { line: self.input.line(), bytes: at..at, message, last: true }))
            }
        }
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
