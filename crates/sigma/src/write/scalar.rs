//! How a text is written so that every reader, of YAML 1.1 or 1.2, reads that text.

use std::fmt::Write as _;

use super::layout::Out;
use crate::read::is_uuid;
use crate::yaml::{Plain, Scalar, Style, ambiguity, resolve};

/// A key: plain if it can be, else quoted.
pub(super) fn key(text: &str) -> String {
    if plain_is_safe(text) { text.to_owned() } else { quoted(text) }
}

/// Text of metadata: plain if it can be, a block if it has lines, else quoted.
pub(super) fn text(text: &str) -> Out {
    if plain_is_safe(text) {
        Out::Line(text.to_owned())
    } else if block_is_safe(text) {
        Out::Block(text.to_owned())
    } else {
        Out::Line(quoted(text))
    }
}

/// Text of a detection, which SigmaHQ always quotes.
pub(super) fn value(text: &str) -> Out {
    Out::Line(quoted(text))
}

/// A number with a fraction, in the form that YAML 1.1 also knows: no exponent, always a point.
pub(super) fn float(value: f64) -> String {
    let text = format!("{value}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// In single quotes; in double quotes where the text has characters that need an escape.
fn quoted(text: &str) -> String {
    if text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            // Writing to a string does not fail.
            c if u32::from(c) <= 0xFF => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c if u32::from(c) <= 0xFFFF => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => drop(write!(out, "\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Characters that YAML allows in quotes unescaped and that break no line.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// Whether unquoted text is read as that text by readers of both versions.
fn plain_is_safe(text: &str) -> bool {
    let scalar = Scalar { text: text.to_owned(), style: Style::Plain };
    let first_fits = text.chars().next().is_some_and(|c| {
        !c.is_whitespace()
            && !matches!(c, '-' | '?' | ':' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|')
            && !matches!(c, '>' | '\'' | '"' | '%' | '@' | '`' | '=' | '<' | '~' | '.')
    });
    first_fits
        && text.chars().all(is_printable)
        && !text.ends_with([' ', ':', '\u{A0}'])
        && !text.contains(": ")
        && !text.contains(" #")
        && resolve(&scalar) == Plain::Text
        && ambiguity(&scalar).is_none()
        && !looks_like_a_value(text)
}

/// Wider than what any reader takes for a number, a date or a boolean, and simpler.
fn looks_like_a_value(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(lower.as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null");
    let date = text.split_once('-').is_some_and(|(year, _)| {
        year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) && !is_uuid(text)
    });
    let number = text.starts_with(|c: char| c.is_ascii_digit() || c == '+')
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '_' | '.' | ':' | ',' | 'e' | 'E' | '+' | '-'));
    let based = ["0x", "0b", "0o"].iter().any(|prefix| lower.starts_with(prefix));
    word || date || based || (number && !is_uuid(text))
}

/// Whether a block scalar holds the text unchanged.
fn block_is_safe(text: &str) -> bool {
    let lines_fit = text.split('\n').all(|line| {
        line.chars().all(is_printable)
            && (line.is_empty() || !line.trim_start_matches([' ', '\t']).is_empty())
    });
    text.contains('\n') && lines_fit && !text.starts_with([' ', '\n', '\t']) && !text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(out: &Out) -> &str {
        match out {
            Out::Line(text) => text,
            _ => "not a line",
        }
    }

    #[test]
    fn text_that_a_reader_could_take_for_something_else_is_quoted() {
        for risky in [
            "yes",
            "Off",
            "null",
            "~",
            "12",
            "1.5",
            "0x1f",
            "2024-01-02",
            "1:30",
            "1_000",
            "",
            " a",
            "a ",
            "a: b",
            "a #b",
            "-x",
            "*x",
            "y",
            "=",
            "<<",
            "a:",
            "'a'",
            "%x",
            "@x",
            ".5",
            "017",
            "1e5",
            "0o7",
        ] {
            assert_eq!(line(&text(risky)), format!("'{}'", risky.replace('\'', "''")));
        }
        for safe in ["a", "a b", "a:b", "T1059", "12345678-1234-4234-8234-123456789012", "it's", "5m", "a-b"]
        {
            assert_eq!(line(&text(safe)), safe);
        }
    }

    #[test]
    fn characters_that_need_an_escape_are_double_quoted() {
        assert_eq!(line(&value("a\tb\\c\"")), r#""a\tb\\c\"""#);
        assert_eq!(line(&value("\u{7}\u{85}\u{2028}")), r#""\x07\x85\u2028""#);
        assert_eq!(line(&value(r"\cmd.exe")), r"'\cmd.exe'");
    }

    #[test]
    fn floats_have_a_point_and_no_exponent() {
        assert_eq!(float(1e21), "1000000000000000000000.0");
        assert_eq!(float(1e-7), "0.0000001");
        assert_eq!(float(-1.5), "-1.5");
    }
}
