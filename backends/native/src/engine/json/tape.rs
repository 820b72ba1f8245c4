//! The first pass: where quotes and structural characters stand.

use fearless_simd::{Level, Simd, dispatch};

use super::Odd;
use super::blocks::{BLOCK, Block, escaped, parity};

/// The places of quotes and structural characters of one text, in order. Between the two quotes of a string no
/// other place is noted.
#[derive(Debug)]
pub(in super::super) struct Tape {
    /// Room for places, of which so many are noted.
    room: Vec<u32>,
    count: usize,
    /// A character that folds to an ASCII one is written as `\u….`.
    hidden: bool,
    level: Level,
}

impl Default for Tape {
    fn default() -> Self {
        Self { room: Vec::new(), count: 0, hidden: false, level: Level::new() }
    }
}

impl Tape {
    /// Notes the places of a text.
    ///
    /// # Errors
    /// It has a string without an end, a control character or an unknown escape in a string, half of a surrogate
    /// pair, a backslash outside of strings, or is no UTF-8; or it has more than `u32::MAX` bytes.
    pub(in super::super) fn read(&mut self, text: &[u8]) -> Result<(), Odd> {
        self.count = 0;
        self.hidden = false;
        u32::try_from(text.len()).map_err(|_| Odd)?;
        let level = self.level;
        let mut pass = Pass { tape: self, text, inside: false, escape: false, beyond_ascii: 0 };
        dispatch!(level, simd => pass.run(simd))?;
        if pass.inside || pass.escape || (pass.beyond_ascii != 0 && simdutf8::basic::from_utf8(text).is_err())
        {
            return Err(Odd);
        }
        Ok(())
    }

    /// The places.
    pub(in super::super) fn places(&self) -> &[u32] {
        self.room.get(..self.count).unwrap_or_default()
    }

    #[cold]
    fn grow(&mut self) {
        self.room.resize((self.room.len() * 2).max(1024), 0);
    }

    /// Whether some ASCII character, or one that folds to one, may be written as an escape of its number.
    pub(in super::super) fn hides_ascii(&self) -> bool {
        self.hidden
    }
}

/// One pass, and what it carries from block to block.
struct Pass<'a> {
    tape: &'a mut Tape,
    text: &'a [u8],
    inside: bool,
    escape: bool,
    beyond_ascii: u64,
}

impl Pass<'_> {
    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S) -> Result<(), Odd> {
        let (blocks, rest) = self.text.as_chunks::<BLOCK>();
        let mut start = 0;
        for bytes in blocks {
            self.block(Block::new(simd, bytes), start)?;
            start += BLOCK;
        }
        if !rest.is_empty() {
            let mut bytes = [b' '; BLOCK];
            bytes.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.block(Block::new(simd, &bytes), start)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn block<S: Simd>(&mut self, block: Block<S>, start: usize) -> Result<(), Odd> {
        self.beyond_ascii |= block.beyond_ascii();
        let mut quotes = block.places_of(b'"');
        let backslashes = block.places_of(b'\\');
        if backslashes != 0 || self.escape {
            let escaped = escaped(backslashes, &mut self.escape);
            let others = escaped & !(backslashes | quotes | block.escapes());
            quotes &= !escaped;
            if others != 0 {
                self.check_numbered(others, start)?;
            }
        }
        let controls = block.controls();
        if quotes == 0 && self.inside {
            return if controls == 0 { Ok(()) } else { Err(Odd) };
        }
        let inside = parity(quotes) ^ if self.inside { u64::MAX } else { 0 };
        self.inside = inside >> 63 == 1;
        if controls & inside != 0 || backslashes & !inside != 0 {
            return Err(Odd);
        }
        self.note(quotes | (block.structural() & !inside), start);
        Ok(())
    }

    #[inline(always)]
    fn note(&mut self, mut bits: u64, start: usize) {
        #[expect(clippy::cast_possible_truncation, reason = "the length of the text was checked")]
        let start = start as u32;
        let noted = self.tape.count;
        // There is room for a block whatever is in it.
        if self.tape.room.len() < noted + BLOCK {
            self.tape.grow();
        }
        let room = self.tape.room.get_mut(noted..).unwrap_or_default();
        let mut rest = bits.count_ones() as usize;
        self.tape.count = noted + rest;
        // Eight at a time whether there are so many or not: that costs less than a wrong guess how many there are.
        for eight in room.as_chunks_mut::<8>().0 {
            for place in eight {
                *place = start | bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
            if rest <= 8 {
                return;
            }
            rest -= 8;
        }
    }

    /// Checks that escapes are those of a character's number.
    #[cold]
    fn check_numbered(&mut self, mut escaped: u64, start: usize) -> Result<(), Odd> {
        while escaped != 0 {
            let at = start + escaped.trailing_zeros() as usize;
            escaped &= escaped - 1;
            match self.text.get(at) {
                Some(b'u') => self.tape.hidden |= hides_ascii(self.text.get(at + 1..at + 5).ok_or(Odd)?)?,
                _ => return Err(Odd),
            }
        }
        Ok(())
    }
}

/// Whether four hexadecimal digits name a character that folds to an ASCII one. Halves of surrogate pairs are odd.
fn hides_ascii(digits: &[u8]) -> Result<bool, Odd> {
    let mut code = 0u32;
    for digit in digits {
        code = code * 16 + char::from(*digit).to_digit(16).ok_or(Odd)?;
    }
    let c = char::from_u32(code).ok_or(Odd)?;
    Ok(eqlc_ir::simple_fold(c).is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Result<Vec<u32>, Odd> {
        let mut tape = Tape::default();
        tape.read(text.as_bytes()).map(|()| tape.places().to_vec())
    }

    #[test]
    fn what_stands_inside_strings_is_not_noted() {
        assert_eq!(places(r#"{"a":[1,"x,{}:[]\""]}"#), Ok(vec![0, 1, 3, 4, 5, 7, 8, 18, 19, 20]));
        assert_eq!(places(""), Ok(vec![]));
        let long = format!(r#"{{"{}":"{}\\"}}"#, "k".repeat(100), "[,]".repeat(100));
        assert_eq!(places(&long), Ok(vec![0, 1, 102, 103, 104, 407, 408]));
    }

    #[test]
    fn odd_texts_are_told() {
        for text in [
            "\"a",
            "\"a\\",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\ud800\"",
            "\"\\u12\"",
            "\\",
            "{\\\"a\":1}",
            "\"a\tb\"",
            "\"\u{1}\"",
        ] {
            assert_eq!(places(text), Err(Odd), "{text}");
        }
        let mut tape = Tape::default();
        assert_eq!(tape.read(b"\"\xff\""), Err(Odd));
        let long = format!("\"{}\n\"", "x".repeat(200));
        assert_eq!(places(&long), Err(Odd));
    }

    #[test]
    fn hidden_letters_are_told() {
        for (text, hidden) in
            [(r#""\u0041""#, true), (r#""\u212a""#, true), (r#""\u00e4""#, false), (r#""\n\\""#, false)]
        {
            let mut tape = Tape::default();
            tape.read(text.as_bytes()).unwrap();
            assert_eq!(tape.hides_ascii(), hidden, "{text}");
        }
    }
}
