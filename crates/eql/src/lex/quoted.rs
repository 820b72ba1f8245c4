//! Forms in quotes other than the two live string forms: names in back-ticks, and the dead string forms of
//! `eql-semantics.md` §1.8, which are reported and read as strings.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic};

use super::{Lexer, can_be_raw, shorten};
use crate::print::quote;
use crate::token::Kind;

impl<'t> Lexer<'t> {
    /// `` `name` ``; a doubled back-tick stands for one.
    pub(super) fn back_ticks(&mut self) {
        let start = self.at;
        let mut name = String::new();
        let mut at = start + 1;
        loop {
            let rest = self.text.get(at..).unwrap_or("");
            let Some(close) = rest.find('`') else { break };
            name.push_str(rest.get(..close).unwrap_or(""));
            at += close + 1;
            if !self.text.get(at..).is_some_and(|rest| rest.starts_with('`')) {
                return self.push(Kind::Quoted, self.kept.alloc_str(&name), start, at);
            }
            name.push('`');
            at += 1;
        }
        let end = self.line_end(start);
        let span = self.span(start, end);
        self.report(
            Diagnostic::error(codes::UNTERMINATED_NAME, "the name in back-ticks does not end")
                .at(span, "the closing back-tick is missing"),
        );
        self.out.cut = true;
        let name = self.slice(start + 1, end);
        self.push(Kind::Quoted, name, start, end);
    }

    pub(super) fn line_end(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or("");
        let line = rest.get(..rest.find(['\r', '\n']).unwrap_or(rest.len())).unwrap_or("");
        from + line.trim_end().len()
    }

    /// `'…'` and `?'…'`; `quote` is where the `'` stands.
    pub(super) fn single_quoted(&mut self, quote: usize) {
        let start = self.at;
        let raw = quote > start;
        let line_end = self.line_end(quote);
        let body = self.slice(quote + 1, line_end);
        let mut close = None;
        let last = body.rfind('\'').unwrap_or(0);
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    close = Some(at);
                    break;
                }
                // A backslash before the quote keeps it in the string, unless the string would not end then.
                '\\' if !raw && at + 1 < last => {
                    chars.next();
                }
                _ => {}
            }
        }
        let Some(close) = close else { return self.unterminated(start, line_end) };
        let body = body.get(..close).unwrap_or("");
        self.dead_string(start, quote + close + 2, body, raw);
    }

    /// `?"…"`
    pub(super) fn marked_raw(&mut self) {
        let start = self.at;
        let line_end = self.line_end(start);
        let body = self.slice(start + 2, line_end);
        let Some(close) = body.find('"') else { return self.unterminated(start, line_end) };
        let body = body.get(..close).unwrap_or("");
        self.dead_string(start, start + 2 + close + 1, body, true);
    }

    /// `“…”`
    pub(super) fn typographic(&mut self) {
        let start = self.at;
        let open = self.peek(0).map_or(1, char::len_utf8);
        let line_end = self.line_end(start);
        let body = self.slice(start + open, line_end);
        let quotes = ['“', '”', '„', '"'];
        let Some(close) = body.find(quotes) else { return self.unterminated(start, line_end) };
        let closing = body.get(close..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        let value = body.get(..close).unwrap_or("");
        let end = start + open + close + closing;
        let span = self.span(start, end);
        let replacement = if value.contains('\\') && can_be_raw(value) {
            format!("\"\"\"{value}\"\"\"")
        } else {
            quote(value)
        };
        self.report(
            Diagnostic::error(codes::TYPOGRAPHIC_QUOTES, "typographic quotes do not make a string")
                .at(span, "strings stand between `\"`")
                .fix(Applicability::Safe, "replace the quotes with `\"`", span, replacement),
        );
        self.push(Kind::Str, value, start, end);
    }

    fn unterminated(&mut self, start: usize, end: usize) {
        let span = self.span(start, end);
        self.report(
            Diagnostic::error(codes::UNTERMINATED_STRING, "the string does not end")
                .at(span, "the closing quote is missing on this line"),
        );
        self.out.cut = true;
        let value = self.slice(start + 1, end);
        self.push(Kind::Str, value, start, end);
    }

    fn dead_string(&mut self, start: usize, end: usize, body: &'t str, raw: bool) {
        let span = self.span(start, end);
        let single = self.slice(start, start + 1) == "'";
        let (value, sure) = if raw { (body.to_owned(), true) } else { unescape(body) };
        let replacement =
            if raw && can_be_raw(&value) { format!("\"\"\"{value}\"\"\"") } else { quote(&value) };
        let (code, message, label) = if single {
            (codes::SINGLE_QUOTES, "single quotes do not make a string", "strings stand between `\"`")
        } else {
            (
                codes::MARKED_RAW,
                "`?` before a quote does not make a string raw",
                "raw strings stand between `\"\"\"`",
            )
        };
        let safety = if sure { Applicability::Safe } else { Applicability::Unsafe };
        let title = format!("write `{}`", shorten(&replacement));
        self.report(Diagnostic::error(code, message).at(span, label).fix(safety, title, span, replacement));
        let value = if raw { body } else { self.kept.alloc_str(&value) };
        self.push_token(Kind::Str, raw, value, start, end);
    }
}

/// The text that the body of a single-quoted string stands for, and whether every backslash in it was an escape.
/// Other backslashes are taken as they are.
fn unescape(body: &str) -> (String, bool) {
    let (mut value, mut sure) = (String::new(), true);
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => value.push('\u{8}'),
            Some('t') => value.push('\t'),
            Some('n') => value.push('\n'),
            Some('f') => value.push('\u{c}'),
            Some('r') => value.push('\r'),
            Some(c @ ('"' | '\'' | '\\')) => value.push(c),
            other => {
                sure = false;
                value.push('\\');
                value.extend(other);
            }
        }
    }
    (value, sure)
}
