//! The flavour of Sigma's users in the syntax that the parser reads.
//!
//! Rules are written for PCRE, Python and the like, where some characters stand for themselves that the parser
//! takes for operators: `[` and `&&` inside a class, a `{` that begins no repetition, `\<`.

use std::iter::Peekable;
use std::str::Chars;

/// The same expression for the parser.
pub(super) fn translated(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => escape(chars.next(), &mut out),
            '[' => class(&mut chars, &mut out),
            '{' => brace(&mut chars, &mut out),
            other => out.push(other),
        }
    }
    out
}

fn escape(c: Option<char>, out: &mut String) {
    match c {
        // The end of a word to the parser, ordinary characters to everyone else.
        Some(angle @ ('<' | '>')) => out.push(angle),
        // Before a last line end too in Python; the difference is that of `$`.
        Some('Z') => out.push_str(r"\z"),
        // Letters beyond ASCII and the like need no escape.
        Some(c) if !c.is_ascii() => out.push(c),
        Some(c) => {
            out.push('\\');
            out.push(c);
        }
        None => out.push('\\'),
    }
}

/// A class up to its `]`; the cursor is behind the `[`.
fn class(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if chars.next_if_eq(&']').is_some() {
        out.push_str(r"\]");
    }
    while let Some(c) = chars.next() {
        match c {
            ']' => {
                out.push(']');
                return;
            }
            '\\' => escape(chars.next(), out),
            '[' if chars.peek() == Some(&':') => posix(chars, out),
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '-' if chars.peek() == Some(&'-') => out.push_str(r"\-"),
            other => out.push(other),
        }
    }
}

/// `[:name:]`, else an ordinary `[`.
fn posix(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    let rest: String = chars.clone().take(12).collect();
    let name = rest.strip_prefix(':').and_then(|rest| rest.split_once(":]")).map(|(name, _)| name);
    match name {
        Some(name) if name.chars().all(|c| c.is_ascii_alphabetic() || c == '^') => {
            out.push_str("[:");
            out.push_str(name);
            out.push_str(":]");
            // The colons, the name and the bracket.
            for _ in 0..name.len() + 3 {
                chars.next();
            }
        }
        _ => out.push_str(r"\["),
    }
}

/// `{n}`, `{n,}`, `{n,m}`, or `{,m}` as Python has it; else an ordinary `{`.
fn brace(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    let rest: String = chars.clone().take(24).collect();
    let inner = rest.split_once('}').map(|(inner, _)| inner);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let counts = inner.filter(|inner| match inner.split_once(',') {
        Some((low, high)) => digits(low) && digits(high) && !(low.is_empty() && high.is_empty()),
        None => !inner.is_empty() && digits(inner),
    });
    match counts {
        Some(counts) => {
            out.push('{');
            if counts.starts_with(',') {
                out.push('0');
            }
            out.push_str(counts);
            out.push('}');
            for _ in 0..=counts.len() {
                chars.next();
            }
        }
        None => out.push_str(r"\{"),
    }
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn ordinary_characters_are_escaped_for_the_parser() {
        for (written, read) in [
            (r"[^[]x", r"[^\[]x"),
            (r"[]a]", r"[\]a]"),
            (r"[a&&b~~c]", r"[a\&\&b\~\~c]"),
            (r"[+--]", r"[+\--]"),
            (r"[[:alpha:]_]", r"[[:alpha:]_]"),
            (r"[[:alpha]", r"[\[:alpha]"),
            (r"{a}x{2}y{,3}z{1,}", r"\{a}x{2}y{0,3}z{1,}"),
            (r"\<a\>\[{", r"<a>\[\{"),
        ] {
            assert_eq!(translated(written), read, "{written}");
        }
    }
}
