//! Tokens of conditions.

use std::fmt;
use std::ops::Range;

/// A token with its bytes in the text of the condition.
pub(super) type Spanned<'a> = (Token<'a>, Range<usize>);

/// A token of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    And,
    Or,
    Not,
    Of,
    /// A name, pattern, or quantifier.
    Word(&'a str),
    Open,
    Close,
    Pipe,
    /// A character that conditions do not have.
    Stray(char),
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And => f.write_str("and"),
            Self::Or => f.write_str("or"),
            Self::Not => f.write_str("not"),
            Self::Of => f.write_str("of"),
            Self::Word(word) => f.write_str(word),
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
            Self::Pipe => f.write_str("|"),
            Self::Stray(c) => write!(f, "{c}"),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*')
}

/// Splits a condition into tokens. Never fails: what no token begins with is [`Token::Stray`].
pub(super) fn lex(text: &str) -> Vec<Spanned<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let word_len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let first = rest.chars().next().unwrap_or(' ');
        let (token, len) = match rest.get(..word_len).filter(|word| !word.is_empty()) {
            Some("and") => (Some(Token::And), 3),
            Some("or") => (Some(Token::Or), 2),
            Some("not") => (Some(Token::Not), 3),
            Some("of") => (Some(Token::Of), 2),
            Some(word) => (Some(Token::Word(word)), word.len()),
            None => (symbol(first), first.len_utf8()),
        };
        tokens.extend(token.map(|token| (token, at..at + len)));
        at += len;
    }
    tokens
}

fn symbol<'a>(c: char) -> Option<Token<'a>> {
    match c {
        '(' => Some(Token::Open),
        ')' => Some(Token::Close),
        '|' => Some(Token::Pipe),
        space if space.is_whitespace() => None,
        other => Some(Token::Stray(other)),
    }
}
