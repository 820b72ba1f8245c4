//! What the parser says when it cannot go on.

use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::span::SimpleSpan;
use chumsky::util::MaybeRef;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic};

use super::context::Context;
use crate::lex::shorten;
use crate::token::{Kind, Token, keyword_text};

/// Something that may stand at a place, in words of users; the order is the order of mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Want {
    Query,
    Category,
    Where,
    Value,
    Pattern,
    FieldName,
    And,
    Or,
    Comma,
    Operator,
    OpenParen,
    Term,
    By,
    With,
    Until,
    Maxspan,
    Assign,
    Number,
    PipeName,
    Pipe,
    /// The bracket that closes what is open at the place, or the end.
    Closer,
    CloseParen,
    CloseBracket,
    End,
}

impl Want {
    const ALL: [Self; 24] = [
        Self::Query,
        Self::Category,
        Self::Where,
        Self::Value,
        Self::Pattern,
        Self::FieldName,
        Self::And,
        Self::Or,
        Self::Comma,
        Self::Operator,
        Self::OpenParen,
        Self::Term,
        Self::By,
        Self::With,
        Self::Until,
        Self::Maxspan,
        Self::Assign,
        Self::Number,
        Self::PipeName,
        Self::Pipe,
        Self::Closer,
        Self::CloseParen,
        Self::CloseBracket,
        Self::End,
    ];

    /// What must stand where a token of this kind was looked for.
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Comma => Self::Comma,
            Kind::LParen => Self::OpenParen,
            Kind::RParen => Self::CloseParen,
            Kind::RBracket => Self::CloseBracket,
            Kind::LBracket | Kind::MissingOpen => Self::Term,
            Kind::By => Self::By,
            Kind::With => Self::With,
            Kind::Until => Self::Until,
            Kind::Maxspan => Self::Maxspan,
            Kind::Assign => Self::Assign,
            Kind::Pipe => Self::Pipe,
            Kind::Where => Self::Where,
            Kind::Int | Kind::Float => Self::Number,
            Kind::Ident | Kind::Path | Kind::Quoted => Self::FieldName,
            Kind::Sequence | Kind::Sample | Kind::Join => Self::Query,
            _ => Self::Operator,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Query => "`sequence`, `sample`",
            Self::Category => "an event category",
            Self::Where => "`where`",
            Self::Value => "a field, value or function",
            Self::Pattern => "a constant",
            Self::FieldName => "a field name",
            Self::And => "`and`",
            Self::Or => "`or`",
            Self::Comma => "`,`",
            Self::Operator => "an operator",
            Self::OpenParen => "`(`",
            Self::Term => "`[`",
            Self::By => "`by`",
            Self::With => "`with`",
            Self::Until => "`until`",
            Self::Maxspan => "`maxspan`",
            Self::Assign => "`=`",
            Self::Number => "a number",
            Self::PipeName => "`head` or `tail`",
            Self::Pipe => "`|`",
            Self::CloseParen => "`)`",
            Self::CloseBracket => "`]`",
            Self::Closer | Self::End => "the end of the query",
        }
    }
}

/// A set of [`Want`]. Failures are made and merged for every alternative that is tried, also in queries without
/// errors, so that they may not cost anything.
#[derive(Clone, Copy, Debug, Default)]
struct Wants(u32);

impl Wants {
    fn of(wants: &[Want]) -> Self {
        Self(wants.iter().fold(0, |set, want| set | 1 << *want as u32))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The members in the order of mention.
    fn list(self) -> Vec<Want> {
        Want::ALL.into_iter().filter(|want| self.0 & 1 << *want as u32 != 0).collect()
    }
}

/// An error of the parser: what was expected at a token, or a finding that says more.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// Index of the token; their number for the end.
    pub(super) at: usize,
    expected: Wants,
    said: Option<Box<Diagnostic>>,
}

impl Failure {
    pub(super) fn expected(at: usize, expected: &[Want]) -> Self {
        Self { at, expected: Wants::of(expected), said: None }
    }

    pub(super) fn said(diagnostic: Diagnostic) -> Self {
        Self { at: 0, expected: Wants::default(), said: Some(Box::new(diagnostic)) }
    }

    /// Whether nothing more is known than what was expected.
    pub(super) fn is_generic(&self) -> bool {
        self.said.is_none()
    }

    pub(super) fn into_diagnostic(self, cx: Context<'_>) -> Diagnostic {
        if let Some(said) = self.said {
            return *said;
        }
        let closer = cx.closer(self.at);
        let wants = self.expected.list().into_iter();
        let mut expected: Vec<Want> =
            wants.map(|want| if want == Want::Closer { closer } else { want }).collect();
        expected.sort_unstable();
        expected.dedup();
        expected.truncate(5);
        let list = list(&expected);
        match cx.tokens.get(self.at) {
            Some(token) if token.start < token.end => unexpected(cx, self.at, token, (&expected, &list)),
            Some(token) => Diagnostic::error(codes::UNEXPECTED_END, format!("{list} is missing"))
                .at(token.span, format!("expected {list}")),
            None => Diagnostic::error(codes::UNEXPECTED_END, "the query ends too early")
                .at(cx.end(), format!("expected {list}")),
        }
    }
}

fn unexpected(
    cx: Context<'_>,
    at: usize,
    token: &Token<'_>,
    (expected, list): (&[Want], &str),
) -> Diagnostic {
    let text = shorten(cx.text_of(token));
    let found = Diagnostic::error(codes::UNEXPECTED_TOKEN, format!("unexpected `{text}`"))
        .at(token.span, format!("expected {list}"));
    let wants_value = expected.contains(&Want::Value) || expected.contains(&Want::FieldName);
    match token.kind {
        Kind::Not if wants_value => {
            return found.help("a negated condition inside an expression stands in parentheses");
        }
        Kind::And | Kind::Or => return found,
        _ if wants_value && keyword_text(token.kind).is_some() => {
            return found
                .help(format!("`{text}` is a keyword; a field of that name is written in back-ticks"));
        }
        _ => {}
    }
    if let Some((_, help)) = WORDS.iter().find(|(word, _)| token.is_word(word)) {
        return found.help(*help);
    }
    let constant = |token: &Token| matches!(token.kind, Kind::Str | Kind::Int | Kind::Float);
    let before = at.checked_sub(1).and_then(|before| cx.get(before));
    if expected.contains(&Want::CloseParen) && constant(token) && before.is_some_and(constant) {
        let place = before.map_or(token.span, |before| before.span).at_end();
        return found.help("values of a list are separated by `,`").fix(
            Applicability::Unsafe,
            "insert a comma",
            place,
            ",",
        );
    }
    found
}

/// Words of other query languages.
const WORDS: [(&str, &str); 8] = [
    ("is", "compare with null: `field == null`, `field != null`"),
    ("contains", "a part of a text is found by `field : \"*part*\"` or `stringContains(field, \"part\")`"),
    ("startswith", "the start of a text is found by `field : \"start*\"` or `startsWith(field, \"start\")`"),
    ("endswith", "the end of a text is found by `field : \"*end\"` or `endsWith(field, \"end\")`"),
    ("matches", "a text is matched with `field : \"pattern*\"`, `like` or `regex`"),
    ("between", "write `field >= low and field <= high`"),
    ("eq", "equality is written `==`"),
    ("xor", "write `a != b` for conditions in parentheses"),
];

fn list(expected: &[Want]) -> String {
    let words: Vec<&str> = expected.iter().map(|want| want.words()).collect();
    match words.split_last() {
        None => "something else".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

impl<'t> Error<'t, &'t [Token<'t>]> for Failure {
    fn merge(mut self, other: Self) -> Self {
        if self.said.is_some() {
            return self;
        }
        if other.said.is_some() {
            return other;
        }
        self.expected = self.expected.and(other.expected);
        self
    }
}

impl<'t> LabelError<'t, &'t [Token<'t>], DefaultExpected<'t, Token<'t>>> for Failure {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'t, Token<'t>>>>(
        expected: E,
        _found: Option<MaybeRef<'t, Token<'t>>>,
        span: SimpleSpan,
    ) -> Self {
        let ends = expected.into_iter().any(|want| matches!(want, DefaultExpected::EndOfInput));
        Self { at: span.start, expected: Wants::of(if ends { &[Want::End] } else { &[] }), said: None }
    }
}

impl<'t> LabelError<'t, &'t [Token<'t>], Want> for Failure {
    fn expected_found<E: IntoIterator<Item = Want>>(
        expected: E,
        _found: Option<MaybeRef<'t, Token<'t>>>,
        span: SimpleSpan,
    ) -> Self {
        let expected = expected.into_iter().fold(Wants::default(), |set, want| set.and(Wants::of(&[want])));
        Self { at: span.start, expected, said: None }
    }

    fn label_with(&mut self, label: Want) {
        self.expected = Wants::of(&[label]);
    }
}
