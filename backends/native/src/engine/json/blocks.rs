//! A block of 64 bytes as sets of positions, one bit a byte.

use fearless_simd::{Simd, prelude::*, u8x64};

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// A block at hand.
///
/// All that is done with it is inlined, so that it is compiled for the processor that [`fearless_simd::dispatch`] found.
#[derive(Clone, Copy)]
pub(super) struct Block<S: Simd>(u8x64<S>);

impl<S: Simd> Block<S> {
    /// The block of 64 bytes.
    #[inline(always)]
    pub(super) fn new(simd: S, bytes: &[u8; BLOCK]) -> Self {
        Self(u8x64::simd_from(simd, *bytes))
    }

    /// Where a byte stands.
    #[inline(always)]
    pub(super) fn places_of(self, byte: u8) -> u64 {
        self.0.simd_eq(byte).to_bitmask()
    }

    /// Where brackets, colons and commas stand.
    #[inline(always)]
    pub(super) fn structural(self) -> u64 {
        // Brackets and braces differ in one bit.
        let folded = self.0 | 0x20;
        let brackets = folded.simd_eq(b'{') | folded.simd_eq(b'}');
        (brackets | self.0.simd_eq(b':') | self.0.simd_eq(b',')).to_bitmask()
    }

    /// Where bytes stand that are an escape behind a backslash, those beside quotes and backslashes that need no digits.
    #[inline(always)]
    pub(super) fn escapes(self) -> u64 {
        let is = |byte| self.0.simd_eq(byte);
        (is(b'n') | is(b'r') | is(b't') | is(b'/') | is(b'b') | is(b'f')).to_bitmask()
    }

    /// Where bytes below the blank stand.
    #[inline(always)]
    pub(super) fn controls(self) -> u64 {
        self.0.simd_lt(b' ').to_bitmask()
    }

    /// Where bytes of characters beyond ASCII stand.
    #[inline(always)]
    pub(super) fn beyond_ascii(self) -> u64 {
        self.0.simd_ge(0x80).to_bitmask()
    }
}

/// The characters that a backslash stands before. `carry` says whether the block starts with one, and is told
/// whether the next one does.
#[inline(always)]
pub(super) fn escaped(backslashes: u64, carry: &mut bool) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let before = u64::from(*carry);
    let backslashes = backslashes & !before;
    let follows = (backslashes << 1) | before;
    // Runs that start at an odd place: adding carries through a run and shows where it ends.
    let odd_starts = backslashes & !EVEN & !follows;
    let (ends, over) = odd_starts.overflowing_add(backslashes);
    *carry = over;
    (EVEN ^ (ends << 1)) & follows
}

/// For each place whether the number of bits up to it, itself included, is odd.
#[inline(always)]
pub(super) fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, wanted: char) -> u64 {
        text.chars().enumerate().filter(|(_, c)| *c == wanted).map(|(at, _)| 1u64 << at).sum()
    }

    #[test]
    fn an_escape_covers_one_character() {
        let mut carry = false;
        let text = r#"a\"b\\"c\\\"d\\\\"e"#;
        let quotes = set(text, '"') & !escaped(set(text, '\\'), &mut carry);
        let open: Vec<usize> = (0..64).filter(|at| quotes >> at & 1 == 1).collect();
        assert_eq!(open, [6, 17]);
        assert!(!carry);
    }

    #[test]
    fn an_escape_reaches_into_the_next_block() {
        let mut carry = false;
        assert_eq!(escaped(1 << 63, &mut carry), 0);
        assert!(carry);
        assert_eq!(escaped(0, &mut carry), 1);
        assert!(!carry);
        // An escaped backslash at the start escapes nothing.
        let mut carry = true;
        assert_eq!(escaped(0b11, &mut carry), 0b101);
    }

    #[test]
    fn every_run_of_backslashes_is_read_as_one_by_one() {
        for bits in 0u64..1 << 12 {
            for shift in [0, 26, 52] {
                for start in [false, true] {
                    let (mut carry, placed) = (start, bits << shift);
                    let found = escaped(placed, &mut carry);
                    let (mut wanted, mut next) = (0u64, start);
                    for at in 0..64 {
                        let backslash = placed >> at & 1 == 1;
                        wanted |= u64::from(next) << at;
                        next = backslash && !next;
                    }
                    assert_eq!((found, carry), (wanted, next), "{placed:b} {start}");
                }
            }
        }
    }

    #[test]
    fn parity_is_open_from_a_quote_to_the_one_after() {
        assert_eq!(parity(0b1001_0010), !0 << 7 | 0b0000_1110);
        assert_eq!(parity(0), 0);
    }

    #[test]
    fn characters_are_found_where_they_stand() {
        let mut bytes = [b'x'; BLOCK];
        for (at, byte) in [(0, b'{'), (3, b'"'), (15, b'}'), (16, b'\\'), (31, b'['), (32, b']'), (47, b':')]
        {
            bytes[at] = byte;
        }
        (bytes[48], bytes[62], bytes[63]) = (b',', 0x1f, 0xc3);
        let level = fearless_simd::Level::new();
        fearless_simd::dispatch!(level, simd => {
            let block = Block::new(simd, &bytes);
            assert_eq!(block.structural(), 1 | 1 << 15 | 1 << 31 | 1 << 32 | 1 << 47 | 1 << 48);
            assert_eq!((block.places_of(b'"'), block.places_of(b'\\')), (1 << 3, 1 << 16));
            assert_eq!((block.controls(), block.beyond_ascii()), (1 << 62, 1 << 63));
        });
    }
}
