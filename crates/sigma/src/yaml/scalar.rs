//! What an unquoted scalar means.

use super::{Scalar, Style};

/// What an unquoted scalar is to PyYAML, which the reference tools of Sigma read rules with: YAML 1.1, where `no` is
/// a boolean, `010` octal, and a number has no exponent without a point and a sign. Decimal numbers with leading
/// zeros are text (`00000429`), and so are dates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`, and the other words for them.
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
    match null_or_bool(text) {
        Some(known) => known,
        None => match text {
            "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Plain::Bool(true),
            "no" | "No" | "NO" | "off" | "Off" | "OFF" => Plain::Bool(false),
            _ => number(text),
        },
    }
}

/// The words that both versions of YAML have.
fn null_or_bool(text: &str) -> Option<Plain> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Plain::Null),
        "true" | "True" | "TRUE" => Some(Plain::Bool(true)),
        "false" | "False" | "FALSE" => Some(Plain::Bool(false)),
        _ => None,
    }
}

/// Numbers of YAML 1.1, with `_` between digits.
fn number(text: &str) -> Plain {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let negative = text.starts_with('-');
    // All numbers begin with a digit or with a point and a digit; most text does neither.
    if !unsigned.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit()) {
        return Plain::Text;
    }
    let based = |digits: &str, base: u32| radix(&digits.replace('_', ""), base, negative);
    let digits = |part: &str, allowed: fn(u8) -> bool| {
        !part.is_empty() && part.bytes().all(|b| allowed(b) || b == b'_')
    };
    if let Some(part) = unsigned.strip_prefix("0b") {
        return if digits(part, |b| matches!(b, b'0' | b'1')) { based(part, 2) } else { Plain::Text };
    }
    if let Some(part) = unsigned.strip_prefix("0x") {
        return if digits(part, |b| b.is_ascii_hexdigit()) { based(part, 16) } else { Plain::Text };
    }
    if let Some(part) = unsigned.strip_prefix('0').filter(|part| !part.is_empty() && !part.contains('.')) {
        return if digits(part, |b| matches!(b, b'0'..=b'7')) { based(part, 8) } else { Plain::Text };
    }
    if unsigned.contains(':') {
        return sixties(unsigned, negative);
    }
    if digits(unsigned, |b| b.is_ascii_digit()) {
        return based(unsigned, 10);
    }
    if is_float(unsigned) { float(text) } else { Plain::Text }
}

fn radix(digits: &str, radix: u32, negative: bool) -> Plain {
    if digits.is_empty() {
        return Plain::Text;
    }
    i128::from_str_radix(digits, radix)
        .map_or(Plain::TooLarge, |value| Plain::Int(if negative { -value } else { value }))
}

fn float(text: &str) -> Plain {
    match text.replace('_', "").parse::<f64>() {
        Ok(value) if value.is_finite() => Plain::Float(value),
        Ok(_) => Plain::TooLarge,
        Err(_) => Plain::Text,
    }
}

/// Digits, a point, digits; an exponent has a sign.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    mantissa.split_once('.').is_some_and(|(whole, fraction)| digits(whole) && digits(fraction))
        && exponent.is_none_or(|part| part.strip_prefix(['-', '+']).is_some_and(all_digits))
}

/// `1:30` in base 60; a fraction may stand behind the last part.
fn sixties(unsigned: &str, negative: bool) -> Plain {
    let mut parts = unsigned.split(':');
    let first = parts.next().unwrap_or("");
    let rest: Vec<&str> = parts.collect();
    let fraction = rest.last().is_some_and(|last| last.contains('.'));
    let part = |part: &&str| {
        let whole = part.split_once('.').map_or(*part, |(whole, _)| whole);
        (1..=2).contains(&whole.len()) && all_digits(whole) && (whole.len() == 1 || whole < "60")
    };
    let fine = all_digits(first) && (fraction || !first.starts_with('0')) && rest.iter().all(part);
    let dots = rest.iter().filter(|part| part.contains('.')).count();
    if !fine || dots > usize::from(fraction) {
        return Plain::Text;
    }
    if fraction {
        let sum = std::iter::once(&first)
            .chain(&rest)
            .try_fold(0.0_f64, |sum, part| part.parse::<f64>().ok().map(|value| sum * 60.0 + value));
        return sum.map_or(Plain::Text, |sum| Plain::Float(if negative { -sum } else { sum }));
    }
    let sum = std::iter::once(&first)
        .chain(&rest)
        .try_fold(0_i128, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?));
    sum.map_or(Plain::TooLarge, |sum| Plain::Int(if negative { -sum } else { sum }))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The type under the core schema of YAML 1.2.
fn core(text: &str) -> Plain {
    if let Some(known) = null_or_bool(text) {
        return known;
    }
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let fine = !digits.is_empty() && digits.chars().all(|c| c.is_digit(base));
            return if fine { radix(digits, base, false) } else { Plain::Text };
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if all_digits(unsigned) {
        return text.parse().map_or(Plain::TooLarge, Plain::Int);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is_float = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|part| all_digits(part.strip_prefix(['-', '+']).unwrap_or(part)));
    if is_float { float(text) } else { Plain::Text }
}

/// Numbers, dates, and the words that only YAML 1.1 has; most text is none of them.
fn may_be_ambiguous(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        || (text.len() <= 3 && matches!(resolve_plain(text), Plain::Bool(_)))
}

/// What other readers take an unquoted scalar for, where they differ: those of YAML 1.2, and of dates those that
/// have a type for them. Such scalars change their meaning with the tool that reads the rule.
pub(crate) fn ambiguity(scalar: &Scalar) -> Option<&'static str> {
    let text = scalar.text.as_str();
    if scalar.style != Style::Plain || !may_be_ambiguous(text) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if matches!(lower.strip_prefix(['-', '+']).unwrap_or(&lower), ".inf" | ".nan") {
        return Some("a number");
    }
    if is_date(text) {
        return Some("a date");
    }
    let (here, there) = (resolve_plain(text), core(text));
    (here != there).then_some(match there {
        Plain::Null => "nothing",
        Plain::Bool(_) => "a boolean",
        Plain::Int(_) | Plain::Float(_) | Plain::TooLarge if matches!(here, Plain::Text) => "a number",
        Plain::Int(_) | Plain::Float(_) | Plain::TooLarge => "another number",
        Plain::Text => "text",
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

    /// The types that PyYAML 6 gives, tried one by one.
    #[test]
    fn plain_scalars_have_the_types_that_the_reference_reader_gives() {
        for (text, expected) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("Null", Plain::Null),
            ("true", Plain::Bool(true)),
            ("False", Plain::Bool(false)),
            ("no", Plain::Bool(false)),
            ("On", Plain::Bool(true)),
            ("oFF", Plain::Text),
            ("y", Plain::Text),
            ("42", Plain::Int(42)),
            ("-1", Plain::Int(-1)),
            ("+5", Plain::Int(5)),
            ("0x1F", Plain::Int(31)),
            ("-0x10", Plain::Int(-16)),
            ("010", Plain::Int(8)),
            ("00000429", Plain::Text),
            ("0", Plain::Int(0)),
            ("0b11", Plain::Int(3)),
            ("0o17", Plain::Text),
            ("1_000", Plain::Int(1000)),
            ("1:30", Plain::Int(90)),
            ("190:20:30", Plain::Int(685_230)),
            ("1:60", Plain::Text),
            ("10.0.0.1", Plain::Text),
            ("::1", Plain::Text),
            ("1.5", Plain::Float(1.5)),
            ("1.", Plain::Float(1.0)),
            (".5", Plain::Float(0.5)),
            ("1.5e+3", Plain::Float(1500.0)),
            ("1e3", Plain::Text),
            ("1.5e3", Plain::Text),
            ("1.5e+999", Plain::TooLarge),
            ("._", Plain::Text),
            (".", Plain::Text),
            ("-", Plain::Text),
            ("1.2.3", Plain::Text),
            ("0x", Plain::Text),
            ("0x_", Plain::Text),
            ("nan", Plain::Text),
            ("infinity", Plain::Text),
            ("+-5", Plain::Text),
            ("2024-01-02", Plain::Text),
        ] {
            assert_eq!(resolve(&plain(text)), expected, "{text}");
        }
        let quoted = Scalar { text: "42".to_owned(), style: Style::Single };
        assert_eq!(resolve(&quoted), Plain::Text);
    }

    #[test]
    fn scalars_that_two_versions_of_yaml_read_differently_are_ambiguous() {
        for (text, others) in [
            ("yes", "text"),
            ("NO", "text"),
            ("On", "text"),
            ("017", "another number"),
            ("1_000", "text"),
            ("1:30", "text"),
            ("0b11", "text"),
            ("00000429", "a number"),
            ("2024-01-02", "a date"),
            ("1e3", "a number"),
            ("0o17", "a number"),
            (".inf", "a number"),
        ] {
            assert_eq!(ambiguity(&plain(text)), Some(others), "{text}");
        }
        for text in ["y", "yEs", "42", "0", "1.5", "1.5e+3", "0x1F", "iex", "1:abc", "10.0.0.1", "true", "e"]
        {
            assert_eq!(ambiguity(&plain(text)), None, "{text}");
        }
    }
}
