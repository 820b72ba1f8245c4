//! Tokens.

use std::borrow::Cow;

use eqlc_diagnostics::Span;

/// The sort of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    And,
    Any,
    By,
    False,
    In,
    InFold,
    Join,
    Like,
    LikeFold,
    Maxspan,
    Not,
    Null,
    Of,
    Or,
    Regex,
    RegexFold,
    Sample,
    Sequence,
    True,
    Until,
    Where,
    With,
    Colon,
    Assign,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Dot,
    Comma,
    LBracket,
    MissingOpen,
    RBracket,
    LParen,
    RParen,
    Pipe,
    Question,
    Ident,
    Quoted,
    FoldIdent,
    Int,
    Float,
    Str,
    /// `&&` or `&`: no token of the language; the parser reads it as `and`.
    AmpAmp,
    /// `||`: no token of the language; the parser reads it as `or`.
    PipePipe,
    /// `!` alone: no token of the language; the parser reads it as `not`.
    Bang,
    /// `<>`: no token of the language; the parser reads it as `!=`.
    LtGt,
    Semicolon,
}

/// What a token carries beside its sort. Text that stands in the query as it is meant is not copied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'t> {
    None,
    /// The name: of an identifier, without back-ticks or `~`.
    Text(Cow<'t, str>),
    /// The text of a string and whether it was written raw.
    Str {
        value: Cow<'t, str>,
        raw: bool,
    },
    Int(u64),
    Float(f64),
}

/// A token and its place. A token that the bracket repair put in has an empty span.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    pub(crate) value: Value<'t>,
    /// Bytes in the text of the fragment.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The place in the file of the user.
    pub(crate) span: Span,
}

impl Token<'_> {
    /// The name that an identifier stands for; empty for any other token.
    pub(crate) fn name(&self) -> &str {
        match &self.value {
            Value::Text(text) => text,
            _ => "",
        }
    }

    /// Whether this is an identifier that equals a keyword except for letter case.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Ident && self.name().eq_ignore_ascii_case(word)
    }
}

/// The keywords, `eql-semantics.md` §1.3; those with `~` are made from the word and the sign that follows.
const KEYWORDS: [(&str, Kind); 19] = [
    ("and", Kind::And),
    ("any", Kind::Any),
    ("by", Kind::By),
    ("false", Kind::False),
    ("in", Kind::In),
    ("join", Kind::Join),
    ("like", Kind::Like),
    ("maxspan", Kind::Maxspan),
    ("not", Kind::Not),
    ("null", Kind::Null),
    ("of", Kind::Of),
    ("or", Kind::Or),
    ("regex", Kind::Regex),
    ("sample", Kind::Sample),
    ("sequence", Kind::Sequence),
    ("true", Kind::True),
    ("until", Kind::Until),
    ("where", Kind::Where),
    ("with", Kind::With),
];

/// The keyword that a word is, if it is one.
pub(crate) fn keyword(word: &str) -> Option<Kind> {
    // Most words are names of fields: the table is not searched for those that no keyword is like.
    let like_one = (2..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !like_one {
        return None;
    }
    KEYWORDS.iter().find(|(text, _)| *text == word).map(|(_, kind)| *kind)
}

/// How a keyword is written; none for a token that is not a keyword without `~`.
pub(crate) fn keyword_text(kind: Kind) -> Option<&'static str> {
    KEYWORDS.iter().find(|(_, known)| *known == kind).map(|(text, _)| *text)
}

/// Whether a character may start an identifier.
pub(crate) fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == '@'
}

/// A set of bytes, asked for every byte of a query.
pub(crate) struct Bytes([bool; 256]);

impl Bytes {
    /// The bytes of the ranges, inclusive.
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop")]
    pub(crate) const fn of(ranges: &[(u8, u8)]) -> Self {
        let mut set = [false; 256];
        let mut range = 0;
        while range < ranges.len() {
            let (low, high) = ranges[range];
            let mut byte = low as usize;
            while byte <= high as usize {
                set[byte] = true;
                byte += 1;
            }
            range += 1;
        }
        Self(set)
    }

    #[inline]
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }
}

const NAME: Bytes = Bytes::of(&[(b'a', b'z'), (b'A', b'Z'), (b'0', b'9'), (b'_', b'_')]);

/// Whether a byte may follow in an identifier.
#[inline]
pub(crate) fn is_name_byte(byte: u8) -> bool {
    NAME.has(byte)
}

/// Whether a name can be written without back-ticks.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_name)
        && chars.as_str().bytes().all(is_name_byte)
        && keyword(name).is_none()
}
