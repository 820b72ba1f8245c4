//! Runs of characters of a sort, looked for eight bytes at a time: strings and names are most of what a query is made of.

use crate::token::{Bytes, is_name_byte};

/// Bytes that are a character of their own and stand for themselves in a string.
const PLAIN: Bytes = Bytes::of(&[(b' ', b'!'), (b'#', b'['), (b']', b'~')]);

/// How many bytes at the start are printable ASCII other than `"` and `\`.
#[inline]
pub(crate) fn plain_run(text: &[u8]) -> usize {
    run(text, not_plain, |byte| PLAIN.has(byte))
}

/// Whether every byte is printable ASCII other than `"` and `\`. Where they end need not be known, so that whole blocks
/// are looked at by vectors.
#[inline]
pub(crate) fn is_plain(text: &[u8]) -> bool {
    let all_plain = |block: &[u8; BLOCK]| {
        block.iter().fold(true, |plain, byte| {
            plain & matches!(byte, b' '..=b'~') & (*byte != b'"') & (*byte != b'\\')
        })
    };
    let (blocks, rest) = text.as_chunks();
    blocks.iter().all(all_plain)
        && match text.last_chunk() {
            // Bytes of it that were looked at before are plain.
            Some(last) => all_plain(last),
            None => rest.iter().all(|byte| PLAIN.has(*byte)),
        }
}

/// How many bytes at the start may stand in a name.
#[inline]
pub(crate) fn name_run(text: &[u8]) -> usize {
    run(text, not_of_name, is_name_byte)
}

/// How many bytes at the start are of a sort. `others`: the highest bit of the first byte in a block that is not, and
/// perhaps of bytes behind it.
#[inline]
fn run(text: &[u8], others: impl Fn(u64) -> u64, is_of_sort: impl Fn(u8) -> bool) -> usize {
    let mut at = 0;
    while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let others = others(u64::from_le_bytes(*block));
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += BLOCK;
    }
    if let Some(last) = text.last_chunk() {
        // Bytes of it that were looked at before are of the sort.
        let others = others(u64::from_le_bytes(*last));
        return text.len() - BLOCK + (others.trailing_zeros() / 8) as usize;
    }
    text.iter().position(|byte| !is_of_sort(*byte)).unwrap_or(text.len())
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
const fn not_plain(block: u64) -> u64 {
    let signs = below(1, block ^ QUOTES) | below(1, block ^ BACKSLASHES);
    (signs | below(0x20, block) | below(1, block ^ DELETES) | block) & HIGH
}

/// The highest bit of the first byte that is less than `limit`, as for [`not_plain`].
const fn below(limit: u64, block: u64) -> u64 {
    block.wrapping_sub(ONES * limit) & !block
}

/// The highest bit of every byte that is no letter, digit or `_`.
#[inline]
const fn not_of_name(block: u64) -> u64 {
    let ascii = block & !HIGH;
    let letters = within(b'a', b'z', ascii | (ONES * 0x20));
    let underlines = !((ascii ^ (ONES * b'_' as u64)) + ONES * 0x7f);
    (!(letters | within(b'0', b'9', ascii) | underlines) | block) & HIGH
}

/// The highest bit of every byte from `low` to `high`, of bytes of ASCII. No byte carries into the next.
const fn within(low: u8, high: u8, ascii: u64) -> u64 {
    (ascii + ONES * (0x80 - low as u64)) & !(ascii + ONES * (0x7f - high as u64))
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
                for end in before..=before + 2 {
                    assert_eq!(is_plain(&text[..end]), plain || end == before, "{byte} after {before}");
                }
            }
        }
        assert_eq!(plain_run(b"abc"), 3);
        assert_eq!(plain_run(b""), 0);
    }

    #[test]
    fn a_name_ends_before_the_first_byte_that_none_has() {
        for byte in u8::MIN..=u8::MAX {
            for (before, behind) in (0..20).flat_map(|before| [(before, 0), (before, 4), (before, 11)]) {
                let mut text = vec![b'Z'; before];
                text.push(byte);
                text.extend(vec![b'_'; behind]);
                let wanted = if is_name_byte(byte) { text.len() } else { before };
                assert_eq!(name_run(&text), wanted, "{byte} after {before}, before {behind}");
            }
        }
        assert_eq!(name_run(b""), 0);
    }
}
