//! Words, numbers, quoted text: a lexer that takes any text, also SQL that is none.

/// Bytes of a query.
pub(super) type Range = std::ops::Range<usize>;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Letters, digits, underscores, starting with no digit.
    Word,
    /// Starts with a digit.
    Number,
    /// Between single quotes.
    Text,
    /// A name in quotes of its own.
    Name,
    /// One character, or an operator of two.
    Symbol,
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) class: Class,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// The query with every field in double braces that stands outside quotes as text of the same length: Kibana
/// puts the value of the alert there.
pub(super) fn mask(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        if let Some(field) = field(rest).filter(|_| quote.is_none()) {
            out.push('\'');
            out.extend(std::iter::repeat_n('x', field - 2));
            out.push('\'');
            rest = rest.get(field..).unwrap_or("");
            continue;
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    out
}

/// The fields in double braces of a text, without the braces.
pub(super) fn fields(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in sql.match_indices("{{") {
        let rest = sql.get(at..).unwrap_or("");
        let name = field(rest).and_then(|length| rest.get(2..length - 2));
        found
            .extend(name.map(str::trim).filter(|name| !found.contains(name)).into_iter().collect::<Vec<_>>());
    }
    found
}

/// The bytes of the field in double braces that a text starts with.
fn field(rest: &str) -> Option<usize> {
    const LONGEST: usize = 256;
    let inner = rest.strip_prefix("{{")?;
    let length =
        inner.char_indices().take(LONGEST).find(|(_, c)| *c == '}' || c.is_control()).map(|(at, _)| at)?;
    inner.get(length..)?.starts_with("}}").then_some(length + 4)
}

/// The tokens of a text, white space and comments left out.
pub(super) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let (class, length) = token(rest);
        if let (Some(class), Some(text)) = (class, rest.get(..length)) {
            tokens.push(Token { class, text, start: at });
        }
        at += length.max(1);
        while !sql.is_char_boundary(at) {
            at += 1;
        }
    }
    tokens
}

fn token(rest: &str) -> (Option<Class>, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    let closed = |quote: char| rest.get(1..).and_then(|rest| rest.find(quote)).map(|end| end + 2);
    match first {
        c if c.is_whitespace() => (None, c.len_utf8()),
        '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (None, rest.find("*/").map_or(rest.len(), |end| end + 2)),
        '\'' => (Some(Class::Text), closed('\'').unwrap_or(rest.len())),
        '"' | '`' => (Some(Class::Name), closed(first).unwrap_or(rest.len())),
        '0'..='9' => (Some(Class::Number), word_length(rest)),
        c if c.is_alphabetic() || c == '_' => (Some(Class::Word), word_length(rest)),
        c => {
            let two = ["==", "!=", "<>", "<=", ">=", "||"].iter().any(|two| rest.starts_with(two));
            (Some(Class::Symbol), if two { 2 } else { c.len_utf8() })
        }
    }
}

/// The bytes of the word at the start of a text, or of its first character.
pub(super) fn word_length(rest: &str) -> usize {
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if length == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { length }
}

/// The byte at a line and a column, both counted from 1 and in characters.
pub(super) fn offset(sql: &str, line: usize, column: usize) -> usize {
    let mut at = 0;
    for (nth, text) in sql.split_inclusive('\n').enumerate() {
        if nth + 1 == line {
            return at + text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
        }
        at += text.len();
    }
    sql.len()
}
