//! Runs of plain characters, looked for eight bytes at a time: strings are most of what a query is made of.

use crate::token::Bytes;

/// Bytes that are a character of their own and stand for themselves in a string.
const PLAIN: Bytes = Bytes::of(&[(b' ', b'!'), (b'#', b'['), (b']', b'~')]);

/// How many bytes at the start are printable ASCII other than `"` and `\`.
#[inline]
pub(crate) fn plain_run(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let others = others(u64::from_le_bytes(*block));
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += BLOCK;
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !PLAIN.has(*byte)).unwrap_or(rest.len())
}

/// Bytes looked at together.
const BLOCK: usize = 8;
/// One in every byte.
const ONES: u64 = u64::MAX / 0xff;
/// The highest bit of every byte: all of a byte that is no ASCII.
const HIGH: u64 = ONES * 0x80;
const QUOTES: u64 = ONES * b'"' as u64;
const BACKSLASHES: u64 = ONES * b'\\' as u64;
const DELETES: u64 = ONES * 0x7f;

/// The highest bit of the first byte that is not plain, and perhaps of bytes behind it: where a byte borrows from the
/// next, it is one of those itself.
#[inline]
const fn others(block: u64) -> u64 {
    let signs = below(1, block ^ QUOTES) | below(1, block ^ BACKSLASHES);
    (signs | below(0x20, block) | below(1, block ^ DELETES) | block) & HIGH
}

/// The highest bit of the first byte that is less than `limit`, as for [`others`].
const fn below(limit: u64, block: u64) -> u64 {
    block.wrapping_sub(ONES * limit) & !block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_before_the_first_byte_that_is_not_plain() {
        for byte in u8::MIN..=u8::MAX {
            let plain = (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\');
            for before in 0..20 {
                let mut text = vec![b'a'; before];
                text.extend([byte, byte, b'"', b'b', b'b', b'b', b'b', b'b', b'b', b'b', b'b']);
                assert_eq!(
                    plain_run(&text),
                    if plain { before + 2 } else { before },
                    "{byte} after {before}"
                );
            }
        }
        assert_eq!(plain_run(b"abc"), 3);
        assert_eq!(plain_run(b""), 0);
    }
}
