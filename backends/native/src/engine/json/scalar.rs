//! Numbers, booleans and null.

/// Whether a text is a number of JSON that is certainly finite, `true`, `false` or `null`.
#[inline]
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
            "1.e5",
        ];
        for text in texts {
            let known = serde_json::from_str::<serde_json::Value>(text).is_ok();
            let taken = is_scalar(text.as_bytes());
            assert!(known || !taken, "{text}");
            // Only long exponents are left to others.
            assert!(taken || !known || text.contains("999"), "{text}");
        }
        assert!(!is_scalar("9".repeat(400).as_bytes()));
    }
}
