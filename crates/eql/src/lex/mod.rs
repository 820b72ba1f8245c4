//! Text → tokens and comments, `eql-semantics.md` §1.
//!
//! The lexer never stops: what is no token is reported and left out, or read as what was evidently meant.

mod number;
mod quoted;
mod string;

use bumpalo::Bump;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fragment, SourceId, Span};

use crate::Dialect;
use crate::ast::Comment;
use crate::runs::name_run;
use crate::token::{Kind, Token, keyword, starts_name};

pub(crate) use string::can_be_raw;

/// What the lexer found.
pub(crate) struct Lexed<'t> {
    pub(crate) tokens: Vec<Token<'t>>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether a string or comment did not end, so that brackets may be hidden in it.
    pub(crate) cut: bool,
}

/// The mark that some editors put in front of a text.
const MARK: &str = "\u{feff}";

struct Lexer<'a> {
    fragment: &'a Fragment,
    text: &'a str,
    bytes: &'a [u8],
    dialect: Dialect,
    source: SourceId,
    /// Where the text starts in its file, if it stands there as it is.
    verbatim: Option<u32>,
    at: usize,
    /// Where texts are kept that do not stand in the query as they are meant.
    kept: &'a Bump,
    /// The text of the escaped string at hand: room that is used again.
    unescaped: String,
    /// Names that start before here belong to a path that is read name by name.
    apart: usize,
    out: Lexed<'a>,
}

/// Splits a text into tokens. Texts that do not stand in it as they are meant, with escapes, are put into `kept`.
pub(crate) fn lex<'t>(fragment: &'t Fragment, dialect: Dialect, kept: &'t Bump) -> Lexed<'t> {
    let text = fragment.text();
    // Rules have a token for every six bytes or so.
    let tokens = Vec::with_capacity(text.len() / 6);
    let out = Lexed { tokens, comments: Vec::new(), diagnostics: Vec::new(), cut: false };
    let bytes = text.as_bytes();
    let mut lexer = Lexer {
        fragment,
        text,
        bytes,
        dialect,
        source: fragment.source(),
        verbatim: fragment.verbatim_start(),
        at: 0,
        kept,
        unescaped: String::new(),
        apart: 0,
        out,
    };
    if lexer.text.starts_with(MARK) {
        lexer.at = MARK.len();
    }
    while let Some(first) = lexer.after_blanks() {
        lexer.step(first);
    }
    lexer.out
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest().chars().nth(ahead)
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        self.fragment.span(start, end)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.out.diagnostics.push(diagnostic);
    }

    /// Ends a token that starts at `start` and goes to `end`.
    #[inline]
    fn push(&mut self, kind: Kind, text: &'a str, start: usize, end: usize) {
        self.push_token(kind, false, text, start, end);
    }

    #[inline]
    fn push_token(&mut self, kind: Kind, raw: bool, text: &'a str, start: usize, end: usize) {
        let (first, last) = (offset(start), offset(end));
        // Most texts stand in their files as they are.
        let span = match self.verbatim {
            Some(outer) => Span { source: self.source, start: outer + first, end: outer + last },
            None => self.span(start, end),
        };
        self.out.tokens.push(Token { kind, raw, text, start: first, end: last, span });
        self.at = end;
    }

    /// The next byte that is no blank; nearly every token has one blank before it.
    #[inline]
    fn after_blanks(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Reads what starts with a byte: a token or a comment. All tokens that are many are read here, so that the loop
    /// over them is one piece of code.
    #[inline]
    fn step(&mut self, first: u8) {
        let start = self.at;
        let kind = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@' => return self.word(),
            b'"' => return self.string(),
            b',' => Kind::Comma,
            b'(' => Kind::LParen,
            b')' => Kind::RParen,
            b':' => Kind::Colon,
            b'.' if !self.bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => Kind::Dot,
            _ => return self.rare(),
        };
        self.push(kind, "", start, start + 1);
    }

    /// What starts with neither a blank, a letter nor `"`.
    #[inline(never)]
    fn rare(&mut self) {
        let Some(first) = self.peek(0) else { return };
        let start = self.at;
        match first {
            '/' if self.rest().starts_with("//") => self.line_comment(),
            '/' if self.rest().starts_with("/*") => self.block_comment(),
            '\'' => self.single_quoted(start),
            '“' | '”' | '„' => self.typographic(),
            '?' if matches!(self.peek(1), Some('"')) => self.marked_raw(),
            '?' if matches!(self.peek(1), Some('\'')) => self.single_quoted(start + 1),
            '`' => self.back_ticks(),
            '0'..='9' => self.number(),
            '.' if self.peek(1).is_some_and(|c| c.is_ascii_digit()) => self.dot_digit(),
            '$' if self.dialect == Dialect::Endpoint && self.peek(1).is_some_and(starts_name) => self.word(),
            c => self.sign(c),
        }
    }

    #[inline]
    fn word(&mut self) {
        let start = self.at;
        let tail = self.bytes.get(start + 1..).unwrap_or_default();
        let end = start + 1 + name_run(tail);
        let name = self.slice(start, end);
        let kind = match self.bytes.get(end) {
            Some(b'~') => return self.folding_word(name, start, end + 1),
            Some(b'.') => match self.path_end(start, end) {
                Some(end) => return self.push(Kind::Path, self.slice(start, end), start, end),
                None => keyword(name),
            },
            _ => keyword(name),
        };
        match kind {
            Some(kind) => self.push(kind, "", start, end),
            None => self.push(Kind::Ident, name, start, end),
        }
    }

    /// Where the path ends whose first name stands at `start..end`, before a `.`. None where it goes on with something
    /// else than names, and where a word in it is not one: such a path is read name by name.
    fn path_end(&mut self, mut start: usize, mut end: usize) -> Option<usize> {
        if start < self.apart || self.bytes.get(start) == Some(&b'$') {
            return None;
        }
        loop {
            let is_name = keyword(self.slice(start, end)).is_none();
            match self.bytes.get(end) {
                Some(b'.') if is_name => {}
                Some(b'~' | b'(' | b'[') => break,
                _ if !is_name => break,
                _ => return Some(end),
            }
            let rest = self.bytes.get(end + 1..).unwrap_or_default();
            let Some((first, tail)) = rest.split_first() else { break };
            if !starts_name(char::from(*first)) {
                break;
            }
            start = end + 1;
            end = start + 1 + name_run(tail);
        }
        // The names up to here would come to the same end, each after going over all that follow it.
        self.apart = start + 1;
        None
    }

    /// A name with `~` behind it; a keyword that has no such form stands without the sign.
    fn folding_word(&mut self, name: &'a str, start: usize, end: usize) {
        match keyword(name) {
            Some(Kind::In) => self.push(Kind::InFold, "", start, end),
            Some(Kind::Like) => self.push(Kind::LikeFold, "", start, end),
            Some(Kind::Regex) => self.push(Kind::RegexFold, "", start, end),
            Some(kind) => self.push(kind, "", start, end - 1),
            None => self.push(Kind::FoldIdent, name, start, end),
        }
    }

    fn sign(&mut self, first: char) {
        let start = self.at;
        let ahead = |at| self.bytes.get(start + at).copied();
        if matches!(first, '=' | '!') && ahead(1) == Some(b'=') && ahead(2) == Some(b'=') {
            return self.strict_equality();
        }
        match sign(first, ahead(1)) {
            Some((kind, length)) => self.push(kind, "", start, start + length),
            None => self.stray(first),
        }
    }

    /// `===` and `!==` of other languages.
    fn strict_equality(&mut self) {
        let start = self.at;
        let written = self.slice(start, start + 3).to_owned();
        let (kind, meant) = if written.starts_with('!') { (Kind::Ne, "!=") } else { (Kind::Eq, "==") };
        let span = self.span(start, start + 3);
        self.report(
            Diagnostic::error(codes::FOREIGN_OPERATOR, format!("`{written}` is not an operator of EQL"))
                .at(span, format!("write `{meant}`"))
                .fix(Applicability::Safe, format!("replace `{written}` with `{meant}`"), span, meant),
        );
        self.push(kind, "", start, start + 3);
    }

    /// Characters that start no token: reported once a run and left out.
    fn stray(&mut self, first: char) {
        let start = self.at;
        let same = |c: char| c == first || (!c.is_ascii() && !first.is_ascii() && !"“”„≠¬".contains(c));
        let end = start + self.rest().find(|c| !same(c)).unwrap_or(self.rest().len());
        let span = self.span(start, end);
        let blank = self.slice(start, end).chars().all(char::is_whitespace);
        let found = Diagnostic::error(codes::STRAY_CHARACTER, stray_message(self.slice(start, end), blank));
        let found = if blank {
            found.at(span, "not an ordinary blank").fix(
                Applicability::Safe,
                "replace it with a blank",
                span,
                " ",
            )
        } else {
            found.at(span, "starts no word, number, string or operator")
        };
        let found = match first {
            '$' => found.help("variables such as `$entry` belong to the Endpoint dialect"),
            '{' | '}' => found.help("conditions are grouped with `(` and `)`"),
            '#' => found.help("a comment starts with `//`"),
            '~' => found.help("`~` stands directly after `in`, `like`, `regex` or the name of a function"),
            '\\' => found.help("a backslash may stand only in a string"),
            _ => found,
        };
        self.report(found);
        self.at = end;
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let end = start + rest.find(['\r', '\n']).unwrap_or(rest.len());
        self.comment(start, end);
    }

    /// `/* … */`, which nests.
    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0usize;
        let mut bytes = self.rest().bytes().enumerate().peekable();
        let mut close = None;
        while let (None, Some((_, byte))) = (close, bytes.next()) {
            match (byte, bytes.peek().copied()) {
                (b'/', Some((_, b'*'))) => {
                    bytes.next();
                    depth += 1;
                }
                (b'*', Some((at, b'/'))) => {
                    bytes.next();
                    depth -= 1;
                    close = (depth == 0).then_some(at + 1);
                }
                _ => {}
            }
        }
        if let Some(length) = close {
            return self.comment(start, start + length);
        }
        let span = self.span(start, start + 2);
        let mut found = Diagnostic::error(codes::UNTERMINATED_COMMENT, "the comment does not end")
            .at(span, "`/*` is opened here");
        if self.text.get(start..).is_some_and(|rest| rest.contains("*/")) {
            found = found.note("comments nest: every `/*` inside needs its own `*/`");
        }
        self.report(found.help("close the comment with `*/`"));
        self.out.cut = true;
        self.comment(start, self.text.len());
    }

    fn comment(&mut self, start: usize, end: usize) {
        let text = self.slice(start, end).trim_end().to_owned();
        let span = self.span(start, end);
        let before = self.slice(0, start).trim_end_matches([' ', '\t']);
        let own_line = before.is_empty() || before.ends_with(['\n', '\r']) || before == MARK;
        self.out.comments.push(Comment { text, own_line, span });
        self.at = end;
    }
}

/// A place in the text of a fragment, which is not as long as `u32` goes.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The sign that starts with a character, and its length in bytes.
fn sign(first: char, second: Option<u8>) -> Option<(Kind, usize)> {
    let pair = match (first, second) {
        ('!', Some(b'[')) => Some(Kind::MissingOpen),
        ('=', Some(b'=')) => Some(Kind::Eq),
        ('!', Some(b'=')) => Some(Kind::Ne),
        ('<', Some(b'=')) => Some(Kind::Le),
        ('>', Some(b'=')) => Some(Kind::Ge),
        ('<', Some(b'>')) => Some(Kind::LtGt),
        ('&', Some(b'&')) => Some(Kind::AmpAmp),
        ('|', Some(b'|')) => Some(Kind::PipePipe),
        _ => None,
    };
    if let Some(kind) = pair {
        return Some((kind, 2));
    }
    let kind = match first {
        '=' => Kind::Assign,
        '<' => Kind::Lt,
        '>' => Kind::Gt,
        '&' => Kind::AmpAmp,
        '|' => Kind::Pipe,
        '!' | '¬' => Kind::Bang,
        ':' => Kind::Colon,
        '+' => Kind::Plus,
        '-' => Kind::Minus,
        '*' => Kind::Star,
        '/' => Kind::Slash,
        '%' => Kind::Percent,
        '.' => Kind::Dot,
        ',' => Kind::Comma,
        '[' => Kind::LBracket,
        ']' => Kind::RBracket,
        '(' => Kind::LParen,
        ')' => Kind::RParen,
        '?' => Kind::Question,
        ';' => Kind::Semicolon,
        '≠' => Kind::LtGt,
        _ => return None,
    };
    Some((kind, first.len_utf8()))
}

fn stray_message(text: &str, blank: bool) -> String {
    match text.chars().next() {
        Some(c) if blank => format!("the blank U+{:04X} is not allowed here", u32::from(c)),
        Some(c) if c.is_control() => {
            format!("the control character U+{:04X} is not allowed here", u32::from(c))
        }
        _ => format!("`{}` has no meaning here", shorten(text)),
    }
}

/// Text of the user for a message: one line, forty characters at most.
pub(crate) fn shorten(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= 40 {
        return line;
    }
    line.chars().take(39).chain(['…']).collect()
}
