//! Where each byte of a TOML string stands in the file.

use eqlc_diagnostics::{Fragment, SourceId};
use std::ops::Range;

/// The text of a string as a fragment. `literal` is its place with the quotes, `value` what the TOML parser
/// made of it; where this decoder comes to another text, all of it maps to the whole string.
pub(crate) fn fragment(source: SourceId, file: &str, literal: Range<usize>, value: &str) -> Fragment {
    let decoded = file.get(literal.clone()).and_then(|raw| decode(source, raw, literal.start));
    match decoded {
        Some(fragment) if fragment.text() == value => fragment,
        _ => {
            let mut fragment = Fragment::builder(source, literal.start);
            fragment.push_escape(literal.start, literal.end, value);
            fragment
        }
    }
}

fn decode(source: SourceId, raw: &str, at: usize) -> Option<Fragment> {
    let (quotes, escapes) =
        [("'''", false), ("\"\"\"", true), ("'", false), ("\"", true)].into_iter().find(|(quotes, _)| {
            raw.len() >= 2 * quotes.len() && raw.starts_with(quotes) && raw.ends_with(quotes)
        })?;
    let body = raw.strip_prefix(quotes)?.strip_suffix(quotes)?;
    let mut start = at + quotes.len();
    let mut text = body;
    if quotes.len() == 3 {
        // TOML trims a line break right after the opening quotes.
        text = body.strip_prefix("\r\n").or_else(|| body.strip_prefix('\n')).unwrap_or(body);
        start += body.len() - text.len();
    }
    let mut fragment = Fragment::builder(source, start);
    if escapes {
        basic(&mut fragment, text, start)?;
    } else if !text.is_empty() {
        fragment.push_copied(start, text);
    }
    Some(fragment)
}

/// The body of a string in double quotes; `at` is its place in the file.
fn basic(fragment: &mut Fragment, body: &str, mut at: usize) -> Option<()> {
    let mut rest = body;
    while !rest.is_empty() {
        let run = rest.find('\\').unwrap_or(rest.len());
        let (copied, tail) = rest.split_at_checked(run)?;
        if !copied.is_empty() {
            fragment.push_copied(at, copied);
            at += run;
        }
        let Some(after) = tail.strip_prefix('\\') else { break };
        let length = match escape(after)? {
            Escape::Char(c, length) => {
                fragment.push_escape(at, at + 1 + length, c.encode_utf8(&mut [0; 4]));
                length
            }
            Escape::Nothing(length) => length,
        };
        rest = after.get(length..)?;
        at += 1 + length;
    }
    Some(())
}

/// What follows a backslash, and its bytes.
enum Escape {
    Char(char, usize),
    /// A backslash at the end of a line: white space up to the next text goes.
    Nothing(usize),
}

fn escape(after: &str) -> Option<Escape> {
    let first = after.chars().next()?;
    let digits = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        ' ' | '\t' | '\r' | '\n' => {
            let rest = after.trim_start_matches([' ', '\t', '\r', '\n']);
            return Some(Escape::Nothing(after.len() - rest.len()));
        }
        other => {
            let c = match other {
                'b' => '\u{8}',
                'e' => '\u{1b}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '"' | '\\' => other,
                _ => return None,
            };
            return Some(Escape::Char(c, 1));
        }
    };
    let code = u32::from_str_radix(after.get(1..=digits)?, 16).ok()?;
    Some(Escape::Char(char::from_u32(code)?, 1 + digits))
}
