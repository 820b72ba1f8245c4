//! A parser of RFC 8259 that keeps places.

use eqlc_diagnostics::{Fragment, Span};

use super::string::{escape, push_range};
use crate::tree::{Kind, MAX_DEPTH, Member, Members, Tree};

/// What is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The place in the file.
    pub span: Span,
    /// What is wrong, in the form of a message.
    pub message: String,
    /// What is expected there.
    pub expected: &'static str,
}

/// Parses a text that is one value.
///
/// # Errors
/// The first place that is not JSON.
pub fn parse(text: &Fragment) -> Result<Tree, JsonError> {
    let (tree, end) = parse_prefix(text, 0)?;
    let mut parser = Parser { outer: text, at: end };
    parser.space();
    match parser.peek() {
        None => Ok(tree),
        Some(_) => Err(parser.error("text after the end of the value", "the end")),
    }
}

/// Parses the value at byte `start` of a text; the value and the byte after it.
///
/// # Errors
/// The first place that is not JSON.
pub fn parse_prefix(text: &Fragment, start: usize) -> Result<(Tree, usize), JsonError> {
    let mut parser = Parser { outer: text, at: start };
    let tree = parser.value(0)?;
    Ok((tree, parser.at))
}

struct Parser<'a> {
    outer: &'a Fragment,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.outer.text().get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn error(&self, message: impl Into<String>, expected: &'static str) -> JsonError {
        let length = self.peek().map_or(0, char::len_utf8);
        let span = self.outer.span(self.at, self.at + length);
        let span = if length == 0 { Span { start: span.end, ..span } } else { span };
        JsonError { span, message: message.into(), expected }
    }

    fn unexpected(&self, expected: &'static str) -> JsonError {
        match self.peek() {
            Some(c) if !c.is_control() => self.error(format!("`{c}` is not expected here"), expected),
            Some(_) => self.error("a control character is not expected here", expected),
            None => self.error("the text ends too early", expected),
        }
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Tree, JsonError> {
        self.space();
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(self.error("values are nested too deep", "at most 64 levels"));
        }
        let kind = match self.peek() {
            Some('{') => Kind::Table(self.table(depth)?),
            Some('[') => Kind::List(self.list(depth)?),
            Some('"') => Kind::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Tree { kind, span: self.outer.span(start, self.at) })
    }

    fn word(&mut self) -> Result<Kind, JsonError> {
        let words = [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))];
        for (word, kind) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.unexpected("a value"))
    }

    fn number(&mut self) -> Result<Kind, JsonError> {
        let rest = self.rest();
        let length =
            rest.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9')).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or("");
        // The grammar of numbers is taken from the library.
        let Ok(number) = serde_json::from_str::<serde_json::Number>(text) else {
            return Err(self.unexpected("a number"));
        };
        self.at += length;
        Ok(match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Kind::Int(whole),
            (None, float) => Kind::Float(float.unwrap_or(f64::NAN)),
        })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Tree>, JsonError> {
        self.eat('[');
        let mut list = Vec::new();
        self.space();
        if self.eat(']') {
            return Ok(list);
        }
        loop {
            list.push(self.value(depth + 1)?);
            self.space();
            if self.eat(']') {
                return Ok(list);
            }
            if !self.eat(',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    /// Of a key written twice the last value counts, as in JavaScript.
    fn table(&mut self, depth: usize) -> Result<Members, JsonError> {
        self.eat('{');
        let mut members = Members::new();
        self.space();
        if self.eat('}') {
            return Ok(members);
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some('"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            let key_span = self.outer.span(start, self.at);
            self.space();
            if !self.eat(':') {
                return Err(self.unexpected("`:`"));
            }
            let value = self.value(depth + 1)?;
            members.insert(key.text().to_owned(), Member { key_span, value });
            self.space();
            if self.eat('}') {
                return Ok(members);
            }
            if !self.eat(',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    /// The text between the quotes.
    fn string(&mut self) -> Result<Fragment, JsonError> {
        let open = self.at;
        self.eat('"');
        let start = self.outer.span(self.at, self.at).range().start;
        let mut fragment = Fragment::builder(self.outer.source(), start);
        loop {
            let rest = self.rest();
            let run = rest.find(|c: char| matches!(c, '"' | '\\' | '\0'..='\u{1f}')).unwrap_or(rest.len());
            push_range(&mut fragment, self.outer, self.at, self.at + run);
            self.at += run;
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return Ok(fragment);
                }
                Some('\\') => {
                    let Some((c, length)) = self.rest().get(1..).and_then(escape) else {
                        return Err(self.error("a backslash that starts no escape", "`\\\\` or an escape"));
                    };
                    let span = self.outer.span(self.at, self.at + 1 + length).range();
                    fragment.push_escape(span.start, span.end, c.encode_utf8(&mut [0; 4]));
                    self.at += 1 + length;
                }
                Some(_) => return Err(self.error("a control character inside a string", "an escape")),
                None => {
                    self.at = open;
                    return Err(self.error("a string is not closed", "`\"` at its end"));
                }
            }
        }
    }
}
