//! What every rule of the grammar may look at, and the parsers of single tokens.

use chumsky::input::InputRef;
use chumsky::prelude::*;
use eqlc_diagnostics::{Diagnostic, Span};

use super::failure::{Failure, Want};
use super::slips::resembles;
use crate::Dialect;
use crate::token::{Kind, Kinds, Token};

/// Errors of the grammar.
pub(super) type Extra = extra::Err<Failure>;
/// A rule of the grammar, boxed to keep types and stack frames small.
pub(super) type Rule<'t, O> = Boxed<'t, 't, &'t [Token<'t>], O, Extra>;
/// The input where a rule looks at tokens by itself.
pub(super) type Tokens<'t, 'p> = InputRef<'t, 'p, &'t [Token<'t>], Extra>;

/// The tokens and where they come from.
#[derive(Clone, Copy)]
pub(super) struct Context<'t> {
    pub(super) tokens: &'t [Token<'t>],
    pub(super) text: &'t str,
    /// The place of an empty query.
    pub(super) start: Span,
    pub(super) dialect: Dialect,
}

impl<'t> Context<'t> {
    pub(super) fn get(self, at: usize) -> Option<&'t Token<'t>> {
        self.tokens.get(at)
    }

    pub(super) fn kind(self, at: usize) -> Option<Kind> {
        self.get(at).map(|token| token.kind)
    }

    pub(super) fn text_of(self, token: &Token<'_>) -> &'t str {
        self.text.get(token.range()).unwrap_or("")
    }

    pub(super) fn text_of_at(self, at: usize) -> &'t str {
        self.get(at).map_or("", |token| self.text_of(token))
    }

    /// The place of tokens `from..to`; the end of the token before when there are none.
    pub(super) fn between(self, from: usize, to: usize) -> Span {
        match (self.get(from), to.checked_sub(1).and_then(|last| self.get(last))) {
            (Some(first), Some(last)) if from < to => first.span.to(last.span),
            (_, before) => before.map_or(self.start, |token| token.span.at_end()),
        }
    }

    /// The place of a range of tokens.
    pub(super) fn span(self, range: SimpleSpan) -> Span {
        self.between(range.start, range.end)
    }

    /// The place of a token; of the end when there is none.
    pub(super) fn at(self, at: usize) -> Span {
        self.get(at).map_or_else(|| self.end(), |token| token.span)
    }

    /// The bytes of the text of the fragment that the tokens of a place take up; none where no token is.
    pub(super) fn bytes_of(self, place: Span) -> Option<std::ops::Range<usize>> {
        let inside = |token: &&Token| {
            !token.span.is_empty() && token.span.start >= place.start && token.span.end <= place.end
        };
        let first = self.tokens.iter().find(inside)?;
        let last = self.tokens.iter().rfind(inside)?;
        Some(first.range().start..last.range().end)
    }

    /// The end of the last token that the author wrote.
    pub(super) fn end(self) -> Span {
        self.tokens.last().map_or(self.start, |token| token.span.at_end())
    }

    /// What closes the innermost bracket that is open before the token.
    pub(super) fn closer(self, at: usize) -> Want {
        let mut open = Vec::new();
        for token in self.tokens.iter().take(at) {
            match token.kind {
                Kind::LParen => open.push(Want::CloseParen),
                Kind::LBracket | Kind::MissingOpen => open.push(Want::CloseBracket),
                Kind::RParen | Kind::RBracket => drop(open.pop()),
                _ => {}
            }
        }
        open.pop().unwrap_or(Want::End)
    }
}

/// The index of the next token.
pub(super) fn index(input: &Tokens<'_, '_>) -> usize {
    *input.cursor().inner()
}

/// Takes `count` tokens.
pub(super) fn take(input: &mut Tokens<'_, '_>, count: usize) {
    for _ in 0..count {
        // `skip` would copy the token.
        input.next_ref();
    }
}

/// Reports without failing.
pub(super) fn emit(input: &mut Tokens<'_, '_>, diagnostic: Diagnostic) {
    input.emit(Failure::said(diagnostic));
}

/// One token of a kind; gives its index.
pub(super) fn token<'t>(cx: Context<'t>, kind: Kind) -> Rule<'t, usize> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        if cx.kind(at) != Some(kind) {
            return Err(Failure::expected(at, &[Want::of(kind)]));
        }
        input.skip();
        Ok(at)
    })
    .boxed()
}

/// Where to stop when tokens are left out. Brackets are balanced and left out whole; a closing one always stops.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// At what may follow an operand of `and`.
    Operand,
    /// At `,` and what closes the list.
    Item,
    /// At what closes the bracket.
    Bracket,
    /// At the next term, `until` or pipe.
    Term,
    /// At the next pipe.
    Pipe,
}

impl Stop {
    /// Whether the token at `at` ends what is left out.
    #[inline]
    pub(super) fn holds(self, cx: Context<'_>, at: usize) -> bool {
        // Asked after every operand and item: which token it is nearly always says enough.
        cx.kind(at).is_none_or(|kind| self.kinds().has(kind)) || self.holds_by_look(cx, at)
    }

    /// The tokens that end what is left out wherever they stand.
    fn kinds(self) -> Kinds {
        const OPERAND: Kinds = Kinds::of(&[
            Kind::And,
            Kind::Or,
            Kind::AmpAmp,
            Kind::PipePipe,
            Kind::Comma,
            Kind::By,
            Kind::With,
            Kind::Maxspan,
            Kind::MissingOpen,
            Kind::Until,
            Kind::Pipe,
            Kind::Semicolon,
        ]);
        const TERM: Kinds = Kinds::of(&[Kind::MissingOpen, Kind::Until, Kind::Pipe, Kind::Semicolon]);
        match self {
            Self::Operand => OPERAND,
            Self::Item => const { Kinds::of(&[Kind::Comma]) },
            Self::Bracket => const { Kinds::of(&[]) },
            Self::Term => TERM,
            Self::Pipe => const { Kinds::of(&[Kind::Pipe, Kind::Semicolon]) },
        }
    }

    /// Whether the token starts a term, or is a word that was meant to be a keyword.
    fn holds_by_look(self, cx: Context<'_>, at: usize) -> bool {
        let Some(token) = cx.get(at) else { return true };
        if !matches!(self, Self::Operand | Self::Term) {
            return false;
        }
        let term_start = token.kind == Kind::LBracket && cx.kind(at + 1) != Some(Kind::Int);
        let opens = matches!(cx.kind(at + 1), Some(Kind::LBracket | Kind::MissingOpen));
        let until = opens && resembles(token, "until");
        let clause = || ["and", "or", "by", "with", "as", "fork"].iter().any(|word| token.is_word(word));
        term_start || until || (self == Self::Operand && clause())
    }
}

/// Leaves tokens out up to where `stop` says.
pub(super) fn skip<'t>(cx: Context<'t>, stop: Stop) -> Rule<'t, ()> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        take(input, after_skipped(cx, at, stop) - at);
        Ok(())
    })
    .boxed()
}

/// Where tokens that are left out from `at` on end.
pub(super) fn after_skipped(cx: Context<'_>, mut at: usize, stop: Stop) -> usize {
    let mut depth = 0usize;
    while let Some(kind) = cx.kind(at) {
        let closes = matches!(kind, Kind::RParen | Kind::RBracket);
        if depth == 0 && (closes || stop.holds(cx, at)) {
            break;
        }
        match kind {
            Kind::LParen | Kind::LBracket | Kind::MissingOpen => depth += 1,
            _ if closes => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    at
}

/// Sees to it that what comes next may follow; reports and leaves out what may not.
pub(super) fn follow<'t>(cx: Context<'t>, stop: Stop, wants: &'static [Want]) -> Rule<'t, ()> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let closes = matches!(cx.kind(at), Some(Kind::RParen | Kind::RBracket));
        if closes || stop.holds(cx, at) { Ok(()) } else { Err(Failure::expected(at, wants)) }
    })
    .recover_with(via_parser(skip(cx, stop)))
    .boxed()
}

/// The bracket that ends a group, after leaving out what does not belong in it.
pub(super) fn close<'t>(cx: Context<'t>, kind: Kind) -> Rule<'t, usize> {
    token(cx, kind).recover_with(via_parser(skip(cx, Stop::Bracket).ignore_then(token(cx, kind)))).boxed()
}
