//! Numbers, booleans and null; and bytes of a text as one number, which are looked at without going from one to the
//! other.

use std::ops::Range;

/// How many bytes one number holds.
pub(super) const WORD: usize = 16;

/// The first bytes of a range of a text, sixteen at most; those that there are not are 0.
#[inline(always)]
pub(super) fn first_bytes(text: &[u8], range: Range<usize>) -> u128 {
    let there = text.get(range.start..).unwrap_or_default();
    let word = match there.first_chunk() {
        Some(chunk) => u128::from_le_bytes(*chunk),
        None => last_of(there),
    };
    FIRST.get(range.len()).map_or(word, |first| word & first)
}

/// For each count up to fifteen that many bytes of ones.
#[expect(
    clippy::indexing_slicing,
    reason = "iterators cannot be used in constants; the compiler checks these places"
)]
const FIRST: [u128; WORD] = {
    let (mut masks, mut at) = ([0; WORD], 1);
    while at < WORD {
        masks[at] = masks[at - 1] << 8 | 0xff;
        at += 1;
    }
    masks
};

/// The bytes at the end of a text, fewer than sixteen.
#[cold]
fn last_of(there: &[u8]) -> u128 {
    there.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte))
}

/// Whether a range of a text is an integer of JSON that is not below 0 and has no more than sixteen digits.
#[inline(always)]
pub(super) fn is_short_integer(text: &[u8], range: Range<usize>) -> bool {
    const EACH: u128 = u128::MAX / 0xff;
    let len = range.len();
    if len == 0 || len > WORD {
        return false;
    }
    let word = first_bytes(text, range);
    let digits = word ^ ((EACH * u128::from(b'0')) & FIRST.get(len).copied().unwrap_or(u128::MAX));
    // The highest bit of a byte that is more than 9.
    let beyond = (digits | ((digits & (EACH * 0x7f)) + EACH * 0x76)) & (EACH * 0x80);
    beyond == 0 && (len == 1 || word & 0xff != u128::from(b'0'))
}

/// Whether a text is a number of JSON that is certainly finite, `true`, `false` or `null`.
#[inline(always)]
pub(super) fn is_scalar(text: &[u8]) -> bool {
    match text.first() {
        Some(b't') => text == b"true",
        Some(b'f') => text == b"false",
        Some(b'n') => text == b"null",
        Some(b'-') => text.get(1..).is_some_and(is_number),
        Some(_) => is_number(text),
        None => false,
    }
}

/// The digits of a number, without its sign.
fn is_number(text: &[u8]) -> bool {
    let whole = digits(text);
    let leading_zero = whole > 1 && text.first() == Some(&b'0');
    // Hundreds of digits may leave the range of floats.
    if whole == 0 || leading_zero || whole > 300 {
        return false;
    }
    let rest = text.get(whole..).unwrap_or_default();
    match rest.split_first() {
        None => true,
        Some((b'.', fraction)) => {
            let count = digits(fraction);
            count > 0 && exponent(fraction.get(count..).unwrap_or_default(), whole)
        }
        Some(_) => exponent(rest, whole),
    }
}

/// Nothing, or an exponent that keeps a number of so many digits finite.
fn exponent(text: &[u8], whole: usize) -> bool {
    let Some((first, rest)) = text.split_first() else { return true };
    if !matches!(first, b'e' | b'E') {
        return false;
    }
    let rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"+")).unwrap_or(rest);
    // One and two digits: 99 and 200 stay below 308.
    matches!(rest.len(), 1..=2) && digits(rest) == rest.len() && whole <= 200
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_json_and_finite() {
        let texts = [
            "0", "-0", "1", "10", "-17", "1.5", "0.0", "1e5", "1E-5", "2.5e+10", "true", "false", "null", "",
            "-", "01", "1.", ".5", "1e", "1e999", "1e+", "+1", "tru", "nulll", "0x1", "1a", "--1", "NaN",
            "1.e5", "123/", "1\u{b2}", "00",
        ];
        let long = ["1234567890123456", "123456789012345:", "12345678901\u{7f}", "0000000000000000"];
        for text in texts.into_iter().chain(long) {
            let known = serde_json::from_str::<serde_json::Value>(text).is_ok();
            let taken = is_scalar(text.as_bytes());
            assert!(known || !taken, "{text}");
            for behind in ["", ",\"a\":0123456789"] {
                let short = is_short_integer(format!("[{text}{behind}").as_bytes(), 1..1 + text.len());
                assert_eq!(short, known && text.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
            }
            // Only long exponents are left to others.
            assert!(taken || !known || text.contains("999"), "{text}");
        }
        assert!(!is_scalar("9".repeat(400).as_bytes()));
    }
}
