//! Strings between `"` and between `"""`, `eql-semantics.md` §1.8.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix};

use super::{Lexer, shorten};
use crate::hidden::is_hidden;
use crate::runs::plain_run;
use crate::token::{Bytes, Kind};

/// What stands between two `"`. Ranges are bytes of the body.
#[derive(Default)]
struct Body {
    value: String,
    /// One past the last byte of the body.
    end: usize,
    closed: bool,
    /// Backslashes that start no escape, with the character after.
    bad: Vec<(usize, usize)>,
    /// `\u{…}` that names no character, with the reason.
    bad_unicode: Vec<(usize, usize, &'static str)>,
    /// Whether the string was ended at a `\"`.
    at_escaped_quote: bool,
    /// How many escapes were proper.
    escapes: usize,
}

/// The length of the body of a raw string whose text after the opening quotes is `rest`: the shortest, then up to
/// two more `"`. None where it does not end in `rest`.
fn raw_body(rest: &str) -> Option<usize> {
    let close = rest.find("\"\"\"")?;
    let more =
        rest.get(close + 3..).map_or(0, |tail| tail.bytes().take(2).take_while(|b| *b == b'"').count());
    Some(close + more)
}

/// Whether a text can be written as a raw string.
pub(crate) fn can_be_raw(value: &str) -> bool {
    const PLAIN: Bytes = Bytes::of(&[(b' ', b'!'), (b'#', b'~')]);
    value.bytes().all(|byte| PLAIN.has(byte))
        || (!value.contains(|c| matches!(c, '\r' | '\n') || is_hidden(c))
            && raw_body(&format!("{value}\"\"\"")) == Some(value.len()))
}

/// What ends a run of characters that stand for themselves.
const STOPS: Bytes = Bytes::of(&[(b'"', b'"'), (b'\\', b'\\'), (b'\r', b'\r'), (b'\n', b'\n')]);

impl<'a> Lexer<'a> {
    #[inline]
    pub(super) fn string(&mut self) {
        let start = self.at;
        match self.plain_body(start + 1) {
            // Three quotes: the body between the first two is empty.
            Some(end) if end == start + 1 && self.bytes.get(end + 1) == Some(&b'"') => self.raw_string(),
            Some(end) => {
                let value = self.slice(start + 1, end);
                self.push(Kind::Str, value, start, end + 1);
            }
            None => match self.usual_escapes(start + 1) {
                Some((value, end)) => self.push(Kind::Str, value, start, end + 1),
                None => self.escaped_string(),
            },
        }
        // Most strings stand in lists.
        let end = self.at;
        if self.bytes.get(end) == Some(&b',') {
            self.push(Kind::Comma, "", end, end + 1);
        }
    }

    /// The text of a body that starts at `from`, and where it ends, if it holds nothing but plain characters and escapes
    /// of one letter.
    fn usual_escapes(&mut self, from: usize) -> Option<(&'a str, usize)> {
        let body = self.text.get(from..)?;
        self.unescaped.clear();
        let mut at = 0;
        loop {
            let rest = body.get(at..)?;
            let run = plain_run(rest.as_bytes());
            self.unescaped.push_str(rest.get(..run)?);
            match rest.as_bytes().get(run..)? {
                [b'"', ..] => return Some((self.kept.alloc_str(&self.unescaped), from + at + run)),
                [b'\\', letter, ..] => self.unescaped.push(escaped((*letter).into())?),
                _ => return None,
            }
            at += run + 2;
        }
    }

    /// A string that holds escapes, or has no end.
    fn escaped_string(&mut self) {
        let start = self.at;
        let rest = self.text.get(start + 1..).unwrap_or("");
        let mut body = scan(rest, false);
        if !body.closed {
            let again = scan(rest, true);
            if again.closed {
                body = again;
            }
        }
        if !body.closed {
            return self.unclosed_string(start);
        }
        let end = start + 1 + body.end + 1;
        if !body.bad.is_empty() || body.at_escaped_quote {
            self.report_escapes(start, &body);
        } else {
            self.report_unicode(start, &body);
        }
        self.push(Kind::Str, self.kept.alloc_str(&body.value), start, end);
    }

    /// Where the body ends that starts at `from`, if it is closed on its line and holds no escape.
    #[inline]
    fn plain_body(&self, from: usize) -> Option<usize> {
        let body = self.bytes.get(from..)?;
        let plain = plain_run(body);
        if body.get(plain) == Some(&b'"') { Some(from + plain) } else { self.unusual_body(from, plain) }
    }

    /// The same, of a body whose first so many bytes are printable ASCII.
    #[inline(never)]
    fn unusual_body(&self, from: usize, plain: usize) -> Option<usize> {
        let body = self.bytes.get(from..)?;
        let rest = body.get(plain..)?;
        let length = plain + rest.iter().position(|byte| STOPS.has(*byte))?;
        (body.get(length) == Some(&b'"')).then_some(from + length)
    }

    fn unclosed_string(&mut self, start: usize) {
        let end = self.line_end(start).max(start + 1);
        let span = self.span(start, end);
        let last = self.text.get(end..).is_some_and(|rest| rest.trim().is_empty());
        let label =
            if last { "the closing `\"` is missing" } else { "the closing `\"` is missing on this line" };
        let mut found =
            Diagnostic::error(codes::UNTERMINATED_STRING, "the string does not end").at(span, label);
        if !last {
            found = found.note("a string ends on the line it starts on; a line end in it is written `\\n`");
        }
        self.report(found);
        self.out.cut = true;
        let value = self.slice(start + 1, end);
        self.push(Kind::Str, value, start, end);
    }

    fn report_escapes(&mut self, start: usize, body: &Body) {
        let from = start + 1;
        let written = self.slice(from, from + body.end).to_owned();
        let mut names: Vec<String> = Vec::new();
        for (begin, end) in &body.bad {
            let name = format!("`{}`", self.slice(from + begin, from + end));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let first = body.bad.first().copied().unwrap_or((body.end - 1, body.end + 1));
        let message = match names.as_slice() {
            [] => "`\\\"` does not end the string".to_owned(),
            [one] => format!("{one} is not an escape"),
            [some @ .., last] if some.len() < 4 => format!("{} and {last} are not escapes", some.join(", ")),
            [one, ..] => format!("{one} and {} more are not escapes", names.len() - 1),
        };
        let label = if names.is_empty() { "an escaped quote" } else { "a backslash starts an escape" };
        let mut found = Diagnostic::error(codes::BAD_ESCAPE, message)
            .at(self.span(from + first.0, from + first.1), label)
            .help("double each backslash, or write the string between `\"\"\"`, where a backslash is only itself");
        if body.at_escaped_quote {
            found = found.note("`\\\"` is an escaped quote and does not end a string; write `\\\\\"`");
        }
        let whole = self.span(start, from + body.end + 1);
        let plain = body.escapes == 0 && !written.contains('"') && body.bad_unicode.is_empty();
        if plain {
            let raw = format!("\"\"\"{written}\"\"\"");
            found = found.fix(Applicability::Safe, "write a raw string", whole, raw);
        }
        let mut edits: Vec<Edit> = Vec::new();
        let quote = body.at_escaped_quote.then(|| body.end.saturating_sub(1));
        for at in body.bad.iter().map(|(begin, _)| *begin).chain(quote) {
            edits.push(Edit { span: self.span(from + at, from + at + 1), replacement: "\\\\".to_owned() });
        }
        let applicability = Applicability::Unsafe;
        found.fixes.push(Fix { title: "double the backslashes".to_owned(), edits, applicability });
        self.report(found);
    }

    fn report_unicode(&mut self, start: usize, body: &Body) {
        for (begin, end, why) in &body.bad_unicode {
            let (begin, end) = (start + 1 + begin, start + 1 + end);
            let message = format!("`{}` names no character", shorten(self.slice(begin, end)));
            let found = Diagnostic::error(codes::BAD_UNICODE, message).at(self.span(begin, end), *why);
            self.report(found);
        }
    }

    fn raw_string(&mut self) {
        let start = self.at;
        let rest = self.text.get(start + 3..).unwrap_or("");
        let line = rest.get(..rest.find(['\r', '\n']).unwrap_or(rest.len())).unwrap_or("");
        if let Some(length) = raw_body(line) {
            let value = line.get(..length).unwrap_or("");
            let raw = !value.contains(is_hidden);
            return self.push_token(Kind::Str, raw, value, start, start + 3 + length + 3);
        }
        // The closing quotes of a string that runs over a line end stand before the next opening ones, so their
        // number up to the end of the text is odd.
        // Only the text nearby is looked at, so that many such strings take linear time.
        let near = rest.char_indices().nth(500).and_then(|(at, _)| rest.get(..at)).unwrap_or(rest);
        let elsewhere = near.matches("\"\"\"").count();
        if elsewhere % 2 == 1
            && let Some(length) = raw_body(near)
        {
            let value = rest.get(..length).unwrap_or("");
            let end = start + 3 + length + 3;
            let span = self.span(start, end);
            self.report(
                Diagnostic::error(codes::RAW_NEWLINE, "the raw string holds a line end")
                    .at(span, "a raw string ends on the line it starts on")
                    .help("write a string between `\"` with `\\n` for the line end"),
            );
            return self.push(Kind::Str, value, start, end);
        }
        let end = self.line_end(start).max(start + 3);
        let span = self.span(start, end);
        self.report(
            Diagnostic::error(codes::UNTERMINATED_STRING, "the raw string does not end")
                .at(span, "the closing `\"\"\"` is missing on this line"),
        );
        self.out.cut = true;
        let value = self.slice(start + 3, end);
        self.push(Kind::Str, value, start, end);
    }
}

/// Reads the body of a string. After a bad escape, or when `lenient`, a `\"` ends it where a string may end: the
/// author took the backslash for itself.
fn scan(rest: &str, lenient: bool) -> Body {
    let mut body = Body::default();
    let mut at = 0;
    loop {
        let tail = rest.get(at..).unwrap_or("");
        let Some(run) = tail.bytes().position(|byte| STOPS.has(byte)) else { return body };
        body.value.push_str(tail.get(..run).unwrap_or(""));
        at += run;
        match tail.as_bytes().get(run) {
            Some(b'"') => {
                body.end = at;
                body.closed = true;
                return body;
            }
            Some(b'\\') => {
                at = escape(rest, at, lenient, &mut body);
                if body.closed {
                    return body;
                }
            }
            _ => return body,
        }
    }
}

/// Reads the escape at `at`; gives where to go on.
fn escape(rest: &str, at: usize, lenient: bool, body: &mut Body) -> usize {
    let mut tail = rest.get(at + 1..).unwrap_or("").chars();
    let simple = match tail.next() {
        Some('"') => {
            let may_end = tail.next().is_none_or(|c| c.is_whitespace() || matches!(c, ')' | ',' | ']'));
            if may_end && (lenient || !body.bad.is_empty()) {
                body.value.push('\\');
                body.end = at + 1;
                body.closed = true;
                body.at_escaped_quote = true;
                return at + 1;
            }
            '"'
        }
        Some('u') if rest.get(at + 2..).is_some_and(|tail| tail.starts_with('{')) => {
            return unicode(rest, at, body);
        }
        Some(c) if !matches!(c, '\r' | '\n') => match escaped(c) {
            Some(c) => c,
            None => {
                body.bad.push((at, at + 1 + c.len_utf8()));
                body.value.push('\\');
                body.value.push(c);
                return at + 1 + c.len_utf8();
            }
        },
        // The line ends after the backslash: the string is not closed, which is what will be said.
        _ => {
            body.value.push('\\');
            return at + 1;
        }
    };
    body.escapes += 1;
    body.value.push(simple);
    at + 2
}

/// What an escape of one letter stands for.
fn escaped(letter: char) -> Option<char> {
    Some(match letter {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        '"' | '\'' | '\\' => letter,
        _ => return None,
    })
}

/// Reads `\u{H…}` at `at`; gives where to go on.
fn unicode(rest: &str, at: usize, body: &mut Body) -> usize {
    let digits = rest.get(at + 3..).unwrap_or("");
    let length = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
    let hex = digits.get(..length).unwrap_or("");
    if !digits.get(length..).is_some_and(|tail| tail.starts_with('}')) {
        body.bad_unicode.push((at, at + 3 + length, "2 to 8 hexadecimal digits and `}` are expected"));
        return at + 3 + length;
    }
    let end = at + 3 + length + 1;
    if !(2..=8).contains(&length) {
        body.bad_unicode.push((at, end, "2 to 8 hexadecimal digits are expected"));
        return end;
    }
    let number = u32::from_str_radix(hex, 16).unwrap_or(u32::MAX);
    match char::from_u32(number) {
        Some(c) => {
            body.escapes += 1;
            body.value.push(c);
        }
        None if number <= 0xFFFF => {
            body.bad_unicode.push((at, end, "surrogates D800 to DFFF are not characters"));
        }
        None => body.bad_unicode.push((at, end, "the last character is 10FFFF")),
    }
    end
}
