//! One event a line.

use std::io::{self, BufRead};

use serde::de::IgnoredAny;

use super::Form;
use super::input::{Chunk, Input};
use super::stream::Stream;

/// The next line that is not blank.
pub(super) fn next<R: BufRead>(input: &mut Input<R>) -> io::Result<Option<Chunk>> {
    loop {
        let chunk = line(input)?;
        if chunk.start == chunk.end && input.peek()?.is_empty() {
            return Ok(None);
        }
        if chunk.problem.is_some() || !chunk.bytes.trim_ascii().is_empty() {
            return Ok(Some(chunk));
        }
    }
}

/// The rest of the line, its end included.
fn line<R: BufRead>(input: &mut Input<R>) -> io::Result<Chunk> {
    let mut chunk = Chunk::at(input);
    loop {
        let seen = input.peek()?;
        if seen.is_empty() {
            return Ok(chunk);
        }
        let end = seen.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(seen.len(), |at| at.saturating_add(1));
        chunk.push(seen.get(..count).unwrap_or_default());
        input.advance(count)?;
        if end.is_some() {
            return Ok(chunk);
        }
    }
}

/// Looks at the first line, which starts with an object, and says whether objects run over several lines. A
/// line that ends inside an object at a brace, a bracket or a comma was broken on purpose unless an object
/// starts the next; one that ends anywhere else was cut off, which concerns that line only.
///
/// The line is given back to the input, or returned when it is too long to be kept.
pub(super) fn first_line<R: BufRead>(input: &mut Input<R>) -> io::Result<(Form, Option<Chunk>)> {
    let first = line(input)?;
    if first.problem.is_some() {
        return Ok((Form::Lines, Some(first)));
    }
    let broken = matches!(first.bytes.trim_ascii_end().last(), Some(b'{' | b'[' | b','))
        && serde_json::from_slice::<IgnoredAny>(&first.bytes).is_err_and(|error| error.is_eof())
        && input.peek()?.first().is_some_and(|next| *next != b'{');
    input.take_back(first);
    Ok((if broken { Form::Stream(Stream::objects()) } else { Form::Lines }, None))
}
