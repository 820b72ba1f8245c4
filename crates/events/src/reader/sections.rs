//! An input with an event a line in sections: where the events of one start hangs on nothing that was read before, so
//! that several threads read sections side by side.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::batch::Batch;
use super::raw::{TOO_LONG, add, failure, problem};
use super::window::{Position, Window};
use super::{MAX_EVENT_BYTES, lines};

/// How much is asked of the input at a time where a line reaches over the end of its section.
const STEP: usize = 16 * 1024;

/// What can be read from any place on, by several threads at a time.
pub trait ReadAt {
    /// Reads from a place on as much as there is and the buffer holds, or less; 0 bytes behind the end.
    ///
    /// # Errors
    /// It cannot be read.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// The sections of a part of an input. A line is of the section in which it starts, and read to its end wherever that
/// is.
#[derive(Debug)]
pub struct Sections<I> {
    input: I,
    range: Range<u64>,
    bytes: u64,
    failed: AtomicBool,
}

/// Where the lines of a section end.
enum End {
    /// Behind the last byte that is held.
    Held,
    /// The last line, which starts so many bytes behind the first that is held, is too long to be held: it has this
    /// many bytes.
    TooLong(usize, u64),
    /// What stands from the line on that starts so many bytes behind the first that is held could not be read.
    Failed(usize, io::Error),
}

impl<I: ReadAt> Sections<I> {
    /// Sections of so many bytes, at least one, of a part of an input that starts with a line. Lines that start behind
    /// its end are left, though the input may have grown.
    #[must_use]
    pub fn new(input: I, range: Range<u64>, bytes: u64) -> Self {
        Self { input, range, bytes: bytes.max(1), failed: AtomicBool::new(false) }
    }

    /// How many there are. Once the input failed nobody needs to read on.
    #[must_use]
    pub fn count(&self) -> u64 {
        if self.failed.load(Ordering::Relaxed) {
            return 0;
        }
        self.range.end.saturating_sub(self.range.start).div_ceil(self.bytes)
    }

    /// The bytes of a section in the input.
    #[must_use]
    pub fn range(&self, section: u64) -> Range<u64> {
        let start = self.range.start.saturating_add(section.saturating_mul(self.bytes));
        start..start.saturating_add(self.bytes).min(self.range.end)
    }

    /// Reads the events of a section, of which there may be none. Lines are counted from the first of the section on;
    /// see [`Batch::add_lines`].
    ///
    /// A failure of the input is a problem of the batch, and the last.
    pub fn read(&self, section: u64, batch: &mut Batch) {
        batch.restart(&[]);
        let Range { start, end } = self.range(section);
        // The end of the line before tells whether a line starts with the first byte.
        let from = if section == 0 { start } else { start.saturating_sub(1) };
        let wanted = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX);
        let filled = self.fill(batch, from, wanted);
        let held = batch.filled();
        let first = match memchr::memchr(b'\n', held) {
            _ if section == 0 => 0,
            Some(at) => at.saturating_add(1),
            None => held.len(),
        };
        let last = memchr::memrchr(b'\n', held).map_or(first, |at| at.saturating_add(1)).max(first);
        let ends = last == held.len() || held.len() < wanted;
        let read = match filled {
            Ok(()) if ends => Ok(End::Held),
            Ok(()) => self.complete(batch, from, last),
            Err(error) => Err(error),
        };
        let end = read.unwrap_or_else(|error| End::Failed(last, error));
        let begin = Position { line: 1, offset: from.saturating_add(first as u64) };
        self.cut(batch, (first, begin), end);
    }

    /// Cuts the lines of what is held from the first on, which stands there in the input.
    fn cut(&self, batch: &mut Batch, (first, begin): (usize, Position), end: End) {
        let (bytes, mut items) = batch.parts();
        let cut = match end {
            End::Held => bytes.len(),
            End::TooLong(last, _) | End::Failed(last, _) => last,
        };
        let mut window = Window::new(bytes.get(..cut).unwrap_or_default(), first, begin, true);
        while let Some(piece) = lines::next(&mut window, &mut 0) {
            add(&mut items, piece, window.position);
        }
        let start = window.position;
        match end {
            End::Held => {}
            End::TooLong(_, length) => {
                window.position.line = start.line.saturating_add(1);
                window.position.offset = start.offset.saturating_add(length);
                items.problem(problem(start, window.position, TOO_LONG));
            }
            End::Failed(_, error) => {
                self.failed.store(true, Ordering::Relaxed);
                items.problem(failure(start, &error));
            }
        }
        let Position { line, offset } = window.position;
        batch.counts(line.saturating_sub(1), offset.saturating_sub(begin.offset));
    }

    /// Reads so many bytes, or what there is.
    fn fill(&self, batch: &mut Batch, from: u64, wanted: usize) -> io::Result<()> {
        while batch.filled().len() < wanted {
            let held = batch.filled().len();
            let room = batch.room(wanted.saturating_sub(held));
            let room = room.get_mut(..wanted.saturating_sub(held)).unwrap_or_default();
            match self.read_at(room, from.saturating_add(held as u64))? {
                0 => return Ok(()),
                count => batch.read(count),
            }
        }
        Ok(())
    }

    /// Reads on to the end of the last line, which reaches over the end of the section. What is held starts at `from`,
    /// and the line so many bytes behind it.
    fn complete(&self, batch: &mut Batch, from: u64, line: usize) -> io::Result<End> {
        loop {
            let held = batch.filled().len();
            let (count, end) = self.step(batch.room(STEP), from.saturating_add(held as u64))?;
            if held.saturating_sub(line).saturating_add(count) > MAX_EVENT_BYTES {
                let before = held.saturating_sub(line) as u64;
                let rest = self.skip(batch, from.saturating_add(held as u64))?;
                return Ok(End::TooLong(line, before.saturating_add(rest)));
            }
            batch.read(count);
            if end {
                return Ok(End::Held);
            }
        }
    }

    /// How many bytes of a line stand from a place on, its end included.
    fn skip(&self, batch: &mut Batch, from: u64) -> io::Result<u64> {
        let mut skipped = 0u64;
        loop {
            let (count, end) = self.step(batch.room(STEP), from.saturating_add(skipped))?;
            skipped = skipped.saturating_add(count as u64);
            if end {
                return Ok(skipped);
            }
        }
    }

    /// Reads once: how many bytes are of the line at hand, and whether it ends there.
    fn step(&self, room: &mut [u8], from: u64) -> io::Result<(usize, bool)> {
        let count = self.read_at(room, from)?;
        let seen = room.get(..count).unwrap_or_default();
        Ok(match memchr::memchr(b'\n', seen) {
            Some(at) => (at.saturating_add(1), true),
            None => (count, count == 0),
        })
    }

    fn read_at(&self, room: &mut [u8], from: u64) -> io::Result<usize> {
        loop {
            match self.input.read_at(room, from) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ReadError, read_raw};
    use super::*;

    impl ReadAt for &[u8] {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let rest = self.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
            // Never as much as is asked for.
            let count = rest.len().min(buffer.len()).min(buffer.len() / 2 + 1);
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
    }

    /// Line, place and text of each event, or line, place and message.
    fn shown(batch: &Batch) -> Vec<String> {
        let item = |item: Result<super::super::RawEvent<'_>, &ReadError>| match item {
            Ok(event) => {
                format!(
                    "{} {:?} {}",
                    event.line(),
                    event.place(),
                    String::from_utf8_lossy(&event.bytes()[..event.bytes().len().min(20)])
                )
            }
            Err(error) => format!("{} {:?} {}", error.line, error.bytes, error.message),
        };
        batch.items().map(item).collect()
    }

    fn of_sections<I: ReadAt>(sections: &Sections<I>) -> (Vec<String>, u64) {
        let (mut all, mut bytes, mut lines, mut batch) = (Vec::new(), 0, 0, Batch::new());
        for section in 0..sections.count() {
            sections.read(section, &mut batch);
            batch.add_lines(lines);
            lines += batch.lines();
            bytes += batch.bytes_read();
            all.extend(shown(&batch));
        }
        (all, bytes)
    }

    #[test]
    fn sections_of_any_size_have_the_events_of_the_whole() {
        let texts = [
            "{\"a\":1}\n{\"a\":2}\r\n\n  \n{\"abc\":\"a longer line\"}\n{}\n{\"a\":3}",
            "{\"a\":1}\n",
            "{\"a\":1}",
            "{}\n{}\n{}\n\n\n\n",
            "{}\n[\n1\n",
        ];
        for text in texts {
            let mut batch = Batch::new();
            assert!(read_raw(text.as_bytes()).next_batch(&mut batch, usize::MAX));
            let whole = shown(&batch);
            for bytes in 1..=text.len() as u64 + 1 {
                let sections = Sections::new(text.as_bytes(), 0..text.len() as u64, bytes);
                assert_eq!(of_sections(&sections), (whole.clone(), text.len() as u64), "{text:?} by {bytes}");
            }
        }
    }

    #[test]
    fn lines_that_start_behind_the_end_are_left_and_those_before_it_are_whole() {
        let text = b"{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n".as_slice();
        let sections = Sections::new(text, 8..10, 100);
        assert_eq!(of_sections(&sections), (vec!["1 8..16 {\"a\":2}".to_owned()], 8));
        assert_eq!(Sections::new(text, 8..8, 100).count(), 0);
        // The file became shorter.
        let sections = Sections::new(text, 8..100, 5);
        assert_eq!(of_sections(&sections).0, ["1 8..16 {\"a\":2}", "2 16..24 {\"a\":3}"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_told_with_its_end() {
        let mut text = b"{}\n".to_vec();
        text.resize(MAX_EVENT_BYTES + 100, b'x');
        text.extend_from_slice(b"\n{\"a\":1}\n");
        let sections = Sections::new(text.as_slice(), 0..text.len() as u64, 1 << 20);
        let (told, bytes) = of_sections(&sections);
        let end = MAX_EVENT_BYTES + 101;
        let last = format!("3 {end}..{} {{\"a\":1}}", end + 8);
        let expected = ["1 0..3 {}".to_owned(), format!("2 3..{end} longer than 64 MiB"), last];
        assert_eq!((told, bytes), (expected.to_vec(), text.len() as u64));
        let mut batch = Batch::new();
        sections.read(0, &mut batch);
        assert!(batch.room(0).len() <= MAX_EVENT_BYTES + STEP, "{}", batch.room(0).len());
    }

    /// Cannot be read from a place on.
    struct Bad(u64);

    impl ReadAt for Bad {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let text = b"{}\n".repeat(10);
            match usize::try_from(self.0.saturating_sub(offset)).unwrap() {
                0 => Err(io::Error::other("bad sector")),
                count => text.as_slice().read_at(&mut buffer[..count.min(5)], offset),
            }
        }
    }

    #[test]
    fn what_was_read_before_a_failure_counts_and_nothing_is_read_behind_it() {
        for (bad, events) in [(0, 0), (3, 1), (7, 2), (29, 9)] {
            let sections = Sections::new(Bad(bad), 0..30, 100);
            let mut told = of_sections(&sections).0;
            let (line, at) = (events + 1, events * 3);
            assert_eq!(told.pop(), Some(format!("{line} {at}..{at} cannot read on: bad sector")));
            assert_eq!((told.len(), sections.count()), (events, 0));
        }
    }
}
