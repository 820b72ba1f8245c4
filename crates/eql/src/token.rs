//! Tokens.

use std::ops::Range;

use eqlc_diagnostics::Span;

use crate::runs::name_run;

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
    /// A path as nearly every one is written: names of which none is a keyword, with `.` between.
    Path,
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

/// Sorts of tokens, to be asked for every token of a query.
#[derive(Clone, Copy)]
pub(crate) struct Kinds(u64);

impl Kinds {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop")]
    pub(crate) const fn of(kinds: &[Kind]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < kinds.len() {
            set |= 1 << kinds[at] as u8;
            at += 1;
        }
        Self(set)
    }

    #[inline]
    pub(crate) const fn has(self, kind: Kind) -> bool {
        self.0 >> kind as u8 & 1 != 0
    }
}

/// A token and its place. A token that the bracket repair put in has an empty span.
///
/// A flat record, which is written field by field: there is one for every few bytes of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    /// Whether it is a string that was written raw.
    pub(crate) raw: bool,
    /// The name of an identifier or path without back-ticks or `~`, the text that a string stands for, or a number as it is
    /// written; empty for any other token.
    pub(crate) text: &'t str,
    /// The first byte in the text of the fragment, which is not as long as `u32` goes.
    pub(crate) start: u32,
    /// One past the last byte in the text of the fragment.
    pub(crate) end: u32,
    /// The place in the file of the user.
    pub(crate) span: Span,
}

impl<'t> Token<'t> {
    /// The bytes in the text of the fragment.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The name that an identifier stands for; empty for any other token.
    pub(crate) fn name(&self) -> &'t str {
        match self.kind {
            Kind::Ident | Kind::Path | Kind::Quoted | Kind::FoldIdent => self.text,
            _ => "",
        }
    }

    /// The value of a whole number.
    pub(crate) fn integer(&self) -> Option<u64> {
        if self.kind == Kind::Int { self.text.parse().ok() } else { None }
    }

    /// Whether this is an identifier that equals a keyword except for letter case.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Ident && self.name().eq_ignore_ascii_case(word)
    }
}

/// The keywords, `eql-semantics.md` §1.3; those with `~` are made from the word and the sign that follows.
macro_rules! keywords {
    ($($word:literal => $kind:ident,)*) => {
        /// The keyword that a word is, if it is one.
        pub(crate) fn keyword(word: &str) -> Option<Kind> {
            // Most words are names of fields, and longer.
            if word.len() > LONGEST {
                return None;
            }
            match word {
                $($word => Some(Kind::$kind),)*
                _ => None,
            }
        }

        /// How a keyword is written; none for a token that is not a keyword without `~`.
        pub(crate) fn keyword_text(kind: Kind) -> Option<&'static str> {
            match kind {
                $(Kind::$kind => Some($word),)*
                _ => None,
            }
        }
    };
}

/// The length of the longest keyword.
const LONGEST: usize = 8;

keywords! {
    "and" => And,
    "any" => Any,
    "by" => By,
    "false" => False,
    "in" => In,
    "join" => Join,
    "like" => Like,
    "maxspan" => Maxspan,
    "not" => Not,
    "null" => Null,
    "of" => Of,
    "or" => Or,
    "regex" => Regex,
    "sample" => Sample,
    "sequence" => Sequence,
    "true" => True,
    "until" => Until,
    "where" => Where,
    "with" => With,
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
    let Some((first, behind)) = name.as_bytes().split_first() else { return false };
    starts_name(char::from(*first)) && name_run(behind) == behind.len() && keyword(name).is_none()
}

/// Whether a text is plain names with `.` between.
pub(crate) fn is_plain_path(text: &str) -> bool {
    let mut rest = Some(text);
    while let Some(names) = rest {
        let dot = names.bytes().position(|byte| byte == b'.');
        let (name, behind) = dot.and_then(|at| names.split_at_checked(at)).unwrap_or((names, ""));
        if !is_plain_name(name) {
            return false;
        }
        rest = behind.get(1..);
    }
    true
}
