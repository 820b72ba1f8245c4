//! Events over several lines: the elements of an array, or objects one after the other.

use super::batch::Piece;
use super::window::{Position, Window};

/// Cuts the input at the ends of values, by counting brackets outside texts. Whether what lies between is
/// JSON is for the parser to say, so that a malformed value spoils no other.
#[derive(Debug)]
pub(super) struct Stream {
    array: Place,
    /// What of the value at hand was seen.
    value: Option<Scan>,
}

/// Where the input is in relation to the array.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// There is no array.
    None,
    Before,
    Inside,
    Behind,
    /// In text that should not be there, which starts here.
    Tail(Position),
}

/// What comes next in a stream.
#[derive(Debug)]
pub(super) enum Next {
    Value(Piece),
    /// What is wrong, from here to where the window stands.
    Problem(Position, &'static str),
    /// Nothing, before more is read.
    Nothing,
}

impl Stream {
    /// An array is next in the input.
    pub(super) fn array() -> Self {
        Self { array: Place::Before, value: None }
    }

    /// An object is next in the input.
    pub(super) fn objects() -> Self {
        Self { array: Place::None, value: None }
    }

    /// The next value or what is wrong instead.
    pub(super) fn next(&mut self, window: &mut Window<'_>) -> Next {
        loop {
            if self.value.is_some() {
                return self.value(window);
            }
            if let Some(next) = self.between(window) {
                return next;
            }
        }
    }

    /// Moves up to the next value; none when it is there.
    fn between(&mut self, window: &mut Window<'_>) -> Option<Next> {
        match self.array {
            Place::Before => {
                window.advance(1);
                self.array = Place::Inside;
            }
            Place::Tail(start) => {
                window.advance(window.rest().len());
                if !window.ended {
                    return Some(Next::Nothing);
                }
                self.array = Place::Behind;
                return Some(Next::Problem(start, "text after the end of the array"));
            }
            _ => {}
        }
        let inside = matches!(self.array, Place::Inside);
        match window.skip(|byte| byte.is_ascii_whitespace() || (inside && byte == b',')) {
            None if inside && window.ended => {
                self.array = Place::Behind;
                return Some(Next::Problem(window.position, "the array is not closed"));
            }
            None => return Some(Next::Nothing),
            Some(b']') if inside => {
                window.advance(1);
                self.array = Place::Behind;
            }
            Some(_) if matches!(self.array, Place::Behind) => self.array = Place::Tail(window.position),
            Some(_) => self.value = Some(Scan::default()),
        }
        None
    }

    /// One value, one byte at least.
    fn value(&mut self, window: &mut Window<'_>) -> Next {
        let Some(scan) = &mut self.value else { return Next::Nothing };
        let rest = window.rest();
        let count = match scan.end(rest) {
            Some(count) => count,
            None if window.ended => rest.len(),
            None => return Next::Nothing,
        };
        self.value = None;
        Next::Value(window.take_counted(count))
    }

    /// How many bytes of the value at hand need not be kept to find its end; they are taken for dropped.
    pub(super) fn forget(&mut self) -> usize {
        let Some(scan) = &mut self.value else { return 0 };
        scan.begun = true;
        std::mem::take(&mut scan.seen)
    }
}

/// How far a value was looked at.
#[derive(Debug, Default)]
struct Scan {
    /// Bytes of the window that were looked at.
    seen: usize,
    /// Whether bytes of it are no more in the window.
    begun: bool,
    depth: u64,
    in_text: bool,
}

impl Scan {
    /// How many bytes the value takes, if its end is there.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(unseen) = bytes.get(self.seen..).filter(|unseen| !unseen.is_empty()) {
            if self.in_text {
                match memchr::memchr2(b'"', b'\\', unseen) {
                    // What follows a backslash ends nothing; it must be there to be passed.
                    Some(at) if unseen.get(at) == Some(&b'\\') => {
                        if at.saturating_add(1) >= unseen.len() {
                            self.seen = self.seen.saturating_add(at);
                            return None;
                        }
                        self.seen = self.seen.saturating_add(at).saturating_add(2);
                    }
                    Some(at) => {
                        self.in_text = false;
                        self.seen = self.seen.saturating_add(at).saturating_add(1);
                    }
                    None => self.seen = bytes.len(),
                }
                continue;
            }
            for byte in unseen {
                let first = self.seen == 0 && !self.begun;
                match byte {
                    b'"' => self.in_text = true,
                    b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                    b'}' | b']' if self.depth > 0 => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            return Some(self.seen.saturating_add(1));
                        }
                    }
                    b'}' | b']' | b',' if self.depth == 0 => return Some(self.seen.max(usize::from(first))),
                    byte if self.depth == 0 && byte.is_ascii_whitespace() => return Some(self.seen),
                    _ => {}
                }
                self.seen = self.seen.saturating_add(1);
                if self.in_text {
                    break;
                }
            }
        }
        None
    }
}
