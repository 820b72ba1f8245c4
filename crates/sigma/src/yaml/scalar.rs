//! What an unquoted scalar means.

use super::{Scalar, Style};

/// The type of a scalar under the core schema of YAML 1.2, but for decimal numbers with leading zeros: they
/// are text here, because in rules they are keys and codes whose zeros count (`00000429`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A number with a fraction or exponent; finite.
    Float(f64),
    /// A number that does not fit.
    TooLarge,
    /// Text; quoted scalars always are.
    Text,
}

/// The type of a scalar.
#[must_use]
pub fn resolve(scalar: &Scalar) -> Plain {
    if scalar.style == Style::Plain { resolve_plain(&scalar.text) } else { Plain::Text }
}

fn resolve_plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        _ => number(text),
    }
}

fn number(text: &str) -> Plain {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if all_digits(unsigned) && unsigned.len() > 1 && unsigned.starts_with('0') {
        return Plain::Text;
    }
    if all_digits(unsigned) {
        return text.parse().map_or(Plain::TooLarge, Plain::Int);
    }
    if is_float(unsigned) {
        return match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Plain::Float(value),
            _ => Plain::TooLarge,
        };
    }
    Plain::Text
}

fn radix(digits: &str, radix: u32) -> Plain {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Plain::Text;
    }
    i128::from_str_radix(digits, radix).map_or(Plain::TooLarge, Plain::Int)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits, a point or an exponent or both, as the core schema has them.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|part| all_digits(part.strip_prefix(['-', '+']).unwrap_or(part)))
}

/// What a reader of YAML 1.1 takes an unquoted scalar for, where it differs from YAML 1.2. Such scalars
/// change their meaning with the tool that reads the rule.
pub(crate) fn ambiguity(scalar: &Scalar) -> Option<&'static str> {
    let text = scalar.text.as_str();
    if scalar.style != Style::Plain {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "yes" | "no" | "on" | "off") && same_case(text) {
        return Some("a boolean");
    }
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return Some("a number");
    }
    if is_date(text) {
        return Some("a date");
    }
    let digits = |part: &str, extra: &[char]| {
        part.starts_with(|c: char| c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_digit() || extra.contains(&c))
    };
    let octal = unsigned.len() > 1 && unsigned.starts_with('0') && all_digits(unsigned);
    let grouped = unsigned.contains('_') && digits(unsigned, &['_', '.']);
    let sixty = unsigned.contains(':') && is_sexagesimal(unsigned);
    let based = unsigned != lower && unsigned.starts_with("0x") && resolve_plain(unsigned) != Plain::Text;
    let binary = unsigned.strip_prefix("0b").is_some_and(|part| digits(part, &[]));
    if octal || grouped || sixty || based || binary {
        return Some("a number");
    }
    // YAML 1.1 reads an exponent only after a point and with a sign; and knows no `0o`.
    let core_only = lower.starts_with("0o") || (lower.contains('e') && !core_float_in_both(&lower));
    (core_only && resolve_plain(text) != Plain::Text).then_some("text")
}

fn core_float_in_both(lower: &str) -> bool {
    lower.starts_with("0x")
        || !lower.bytes().any(|b| b.is_ascii_digit())
        || lower
            .split_once('e')
            .is_some_and(|(mantissa, exponent)| mantissa.contains('.') && exponent.starts_with(['-', '+']))
}

fn same_case(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or("");
    rest.bytes().all(|b| b.is_ascii_lowercase()) || text.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let first = parts.next().is_some_and(all_digits);
    let rest: Vec<&str> = parts.collect();
    first
        && !rest.is_empty()
        && rest.iter().all(|part| {
            let whole = part.split_once('.').map_or(*part, |(whole, _)| whole);
            (1..=2).contains(&whole.len()) && all_digits(whole) && whole < "60"
        })
}

/// `YYYY-MM-DD`, alone or with a time after it.
pub(crate) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let date = (0..4).all(digit)
        && bytes.get(4) == Some(&b'-')
        && digit(5)
        && digit(6)
        && bytes.get(7) == Some(&b'-')
        && digit(8)
        && digit(9);
    date && (bytes.len() == 10 || matches!(bytes.get(10), Some(b'T' | b't' | b' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar { text: text.to_owned(), style: Style::Plain }
    }

    #[test]
    fn plain_scalars_have_the_types_of_the_core_schema() {
        for (text, expected) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("Null", Plain::Null),
            ("true", Plain::Bool(true)),
            ("False", Plain::Bool(false)),
            ("42", Plain::Int(42)),
            ("-1", Plain::Int(-1)),
            ("0x1F", Plain::Int(31)),
            ("0o17", Plain::Int(15)),
            ("00000429", Plain::Text),
            ("0", Plain::Int(0)),
            ("1.5", Plain::Float(1.5)),
            ("1e3", Plain::Float(1000.0)),
            (".5", Plain::Float(0.5)),
            ("1e999", Plain::TooLarge),
            ("yes", Plain::Text),
            (".", Plain::Text),
            ("-", Plain::Text),
            ("1.2.3", Plain::Text),
            ("0x", Plain::Text),
            ("nan", Plain::Text),
            ("infinity", Plain::Text),
            ("+-5", Plain::Text),
        ] {
            assert_eq!(resolve(&plain(text)), expected, "{text}");
        }
        let quoted = Scalar { text: "42".to_owned(), style: Style::Single };
        assert_eq!(resolve(&quoted), Plain::Text);
    }

    #[test]
    fn scalars_that_two_versions_of_yaml_read_differently_are_ambiguous() {
        for text in ["yes", "NO", "On", "017", "1_000", "1:30", "0b11", "2024-01-02", "1e3", "0o17", ".inf"] {
            assert!(ambiguity(&plain(text)).is_some(), "{text}");
        }
        for text in ["y", "yEs", "42", "0", "1.5", "1.5e+3", "0x1F", "iex", "1:abc", "10.0.0.1", "true", "e"]
        {
            assert_eq!(ambiguity(&plain(text)), None, "{text}");
        }
    }
}
