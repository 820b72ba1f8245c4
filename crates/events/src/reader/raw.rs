//! From bytes to the bytes of events.

use std::io::{self, Read};

use super::batch::{Batch, Items, Piece};
use super::log::{self, Log};
use super::stream::{Next, Stream};
use super::window::{Position, Window};
use super::{MAX_EVENT_BYTES, ReadError, lines};

/// How much is asked of the input at a time.
const READ_BYTES: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) const TOO_LONG: &str = "longer than 64 MiB";

/// Reads events without looking into them. The form is told from the first bytes, as [`read`](crate::read()) says.
#[must_use]
pub fn read_raw<R: Read>(input: R) -> RawEvents<R> {
    RawEvents {
        inner: input,
        form: Form::Unknown,
        rest: Vec::new(),
        position: Position { line: 1, offset: 0 },
        scanned: 0,
        skipped: None,
        ended: false,
        done: false,
    }
}

/// The events of an input, in batches; see [`read_raw`].
#[derive(Debug)]
pub struct RawEvents<R> {
    inner: R,
    form: Form,
    /// What was read behind the last event that was cut.
    rest: Vec<u8>,
    /// Where `rest` starts.
    position: Position,
    /// Bytes of `rest` without an end of a line.
    scanned: usize,
    /// The event at hand is too long; where it starts.
    skipped: Option<Position>,
    /// Whether nothing more can be read.
    ended: bool,
    /// Whether nothing more is to be cut.
    done: bool,
}

#[derive(Debug)]
enum Form {
    Unknown,
    Lines,
    Stream(Stream),
    /// An event log, and how many records of it were given.
    Log(Box<Log>, usize),
}

impl<R: Read> RawEvents<R> {
    /// Reads on until there is an event and `bytes` were read, or the input ends. With 0 bytes whatever one read of
    /// the input gives is handed on at once, so that nobody waits for more who could have an event. False when there
    /// is nothing more.
    ///
    /// A failure of the input is a problem of the batch, and the last.
    pub fn next_batch(&mut self, batch: &mut Batch, bytes: usize) -> bool {
        batch.restart(&self.rest);
        self.rest.clear();
        let mut cut = 0;
        while !self.done {
            let read = if self.ended { Ok(()) } else { self.fill(batch) };
            let read = read.and_then(|()| self.cut(batch, &mut cut));
            if let Err(error) = read {
                batch.parts().1.problem(failure(self.position, &error));
                self.done = true;
                return true;
            }
            if !batch.is_empty() && batch.bytes_read() >= bytes as u64 {
                break;
            }
        }
        if !self.done {
            self.rest.extend_from_slice(batch.filled().get(cut..).unwrap_or_default());
        }
        !batch.is_empty()
    }

    /// Where the next event starts, and the number of its line, if the input has one a line: it can be read on from
    /// there in another way. None at the end.
    #[must_use]
    pub fn next_line(&self) -> Option<(u64, usize)> {
        let has_lines = matches!(self.form, Form::Lines) && self.skipped.is_none() && !self.done;
        has_lines.then_some((self.position.offset, self.position.line))
    }

    /// The input.
    #[must_use]
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Reads once.
    fn fill(&mut self, batch: &mut Batch) -> io::Result<()> {
        if matches!(self.form, Form::Log(..)) {
            return Ok(());
        }
        loop {
            match self.inner.read(batch.room(READ_BYTES)) {
                Ok(count) => {
                    batch.read(count);
                    self.ended = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Cuts what can be cut of a batch behind `cut`.
    fn cut(&mut self, batch: &mut Batch, cut: &mut usize) -> io::Result<()> {
        if let Form::Log(log, records) = &mut self.form {
            self.done = !next_record(log, records, batch);
            return Ok(());
        }
        let (bytes, mut items) = batch.parts();
        let mut window = Window::new(bytes, *cut, self.position, self.ended);
        if matches!(self.form, Form::Unknown) {
            match told(&mut window, &mut self.scanned) {
                None => {}
                Some(Told::Log) => {
                    let log = Log::open(window.rest(), &mut self.inner)?;
                    self.form = Form::Log(Box::new(log), 0);
                    *cut = bytes.len();
                    return Ok(());
                }
                Some(told) => {
                    self.form = match told {
                        Told::Array => Form::Stream(Stream::array()),
                        Told::Objects => Form::Stream(Stream::objects()),
                        Told::Lines | Told::Log => Form::Lines,
                    };
                    self.scanned = 0;
                }
            }
        }
        self.pieces(&mut window, &mut items);
        self.skip_too_long(&mut window, &mut items);
        // At the end everything is cut.
        self.done = self.ended;
        self.position = window.position;
        *cut = window.cut();
        Ok(())
    }

    fn pieces(&mut self, window: &mut Window<'_>, items: &mut Items<'_>) {
        loop {
            let piece = match &mut self.form {
                Form::Lines => lines::next(window, &mut self.scanned),
                Form::Stream(stream) => match stream.next(window) {
                    Next::Value(piece) => Some(piece),
                    Next::Problem(start, message) => {
                        items.problem(problem(start, window.position, message));
                        continue;
                    }
                    Next::Nothing => None,
                },
                Form::Unknown | Form::Log(..) => None,
            };
            let Some(piece) = piece else { return };
            match self.skipped.take() {
                Some(start) => items.problem(problem(start, window.position, TOO_LONG)),
                None => add(items, piece, window.position),
            }
        }
    }

    /// Drops what is at hand of an event that is too long, and says so when its end has come.
    fn skip_too_long(&mut self, window: &mut Window<'_>, items: &mut Items<'_>) {
        let too_long = window.rest().len() > MAX_EVENT_BYTES;
        if too_long && matches!(self.form, Form::Unknown) {
            // A first line that does not end: what it is does not matter any more.
            self.form = Form::Lines;
            self.scanned = window.rest().len();
        }
        if too_long || self.skipped.is_some() {
            self.skipped.get_or_insert(window.position);
            let count = match &mut self.form {
                Form::Stream(stream) => stream.forget(),
                _ => std::mem::take(&mut self.scanned),
            };
            window.advance(count);
        }
        if self.ended
            && window.rest().is_empty()
            && let Some(start) = self.skipped.take()
        {
            items.problem(problem(start, window.position, TOO_LONG));
        }
    }
}

/// Adds an event that ends at a place, or says that it is too long.
pub(super) fn add(items: &mut Items<'_>, piece: Piece, end: Position) {
    if piece.range.len() > MAX_EVENT_BYTES {
        let start = Position { line: piece.line, offset: piece.offset };
        items.problem(problem(start, end, TOO_LONG));
    } else {
        items.push(piece);
    }
}

/// The input failed at a place, and is at its end with that.
pub(super) fn failure(at: Position, error: &io::Error) -> ReadError {
    let Position { line, offset } = at;
    ReadError { line, bytes: offset..offset, message: format!("cannot read on: {error}"), last: true }
}

pub(super) fn problem(start: Position, end: Position, message: &str) -> ReadError {
    let Position { line, offset } = start;
    ReadError { line, bytes: offset..end.offset, message: message.to_owned(), last: false }
}

/// The form of an input.
enum Told {
    Lines,
    Array,
    Objects,
    Log,
}

/// Tells the form by the first bytes; none if more must be read.
fn told(window: &mut Window<'_>, scanned: &mut usize) -> Option<Told> {
    let begins = |rest: &[u8], mark: &[u8]| match rest.get(..mark.len()) {
        Some(head) => Some(head == mark),
        None => (window.ended || !mark.starts_with(rest)).then_some(false),
    };
    if window.position.offset == 0 && begins(window.rest(), BYTE_ORDER_MARK)? {
        window.advance(BYTE_ORDER_MARK.len());
    }
    match window.skip(|byte| byte.is_ascii_whitespace()) {
        None if !window.ended => None,
        Some(b'[') => Some(Told::Array),
        Some(b'{') => {
            let broken = lines::is_broken(window, scanned)?;
            Some(if broken { Told::Objects } else { Told::Lines })
        }
        Some(b'E') => {
            let rest = window.rest();
            match rest.get(..log::MAGIC.len()) {
                Some(head) => Some(if head == log::MAGIC { Told::Log } else { Told::Lines }),
                None => (window.ended || !log::MAGIC.starts_with(rest)).then_some(Told::Lines),
            }
        }
        _ => Some(Told::Lines),
    }
}

/// Adds the next record of an event log; whether there was one.
fn next_record(log: &mut Log, records: &mut usize, batch: &mut Batch) -> bool {
    let Some(record) = log.next() else { return false };
    *records = records.saturating_add(1);
    match record {
        Ok(text) => batch.push_text(text.as_bytes(), *records),
        Err(message) => {
            let error = ReadError { line: *records, bytes: 0..0, message, last: false };
            batch.parts().1.problem(error);
        }
    }
    true
}
