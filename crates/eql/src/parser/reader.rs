//! Reading tokens by hand: the level of expressions, where nearly all tokens of a rule are.
//!
//! Combinators try alternatives one after the other; the next token or two tell what an expression goes on with.
//! So expressions are functions of a [`Reader`], which the combinators above call through [`rule`].

use chumsky::prelude::*;
use eqlc_diagnostics::{Diagnostic, Span};

use super::context::{Context, Rule, Stop, Tokens, after_skipped, index, take};
use super::failure::{Failure, Want};
use crate::token::{Kind, Token};

/// The tokens from the next one on.
pub(super) struct Reader<'t> {
    pub(super) cx: Context<'t>,
    at: usize,
    /// What was reported on the way.
    found: Vec<Failure>,
}

/// What cannot be read, unless it was read around.
pub(super) type Read<T> = Result<T, Failure>;

/// A combinator for what a function reads.
pub(super) fn rule<'t, O: 't>(
    cx: Context<'t>,
    read: impl Fn(&mut Reader<'t>) -> Read<O> + 't,
) -> Rule<'t, O> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let start = index(input);
        let mut reader = Reader { cx, at: start, found: Vec::new() };
        let read = read(&mut reader)?;
        take(input, reader.at - start);
        reader.found.into_iter().for_each(|failure| input.emit(failure));
        Ok(read)
    })
    .boxed()
}

/// What a function reads, with what was reported on the way; none where tokens are left.
pub(super) fn whole<'t, O>(
    cx: Context<'t>,
    read: impl FnOnce(&mut Reader<'t>) -> O,
) -> Option<(O, Vec<Failure>)> {
    let mut reader = Reader { cx, at: 0, found: Vec::new() };
    let read = read(&mut reader);
    reader.token().is_none().then_some((read, reader.found))
}

impl<'t> Reader<'t> {
    /// The index of the next token.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn token(&self) -> Option<&'t Token<'t>> {
        self.cx.get(self.at())
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.cx.kind(self.at())
    }

    /// The sort of the token so many after the next one.
    pub(super) fn kind_after(&self, count: usize) -> Option<Kind> {
        self.cx.kind(self.at() + count)
    }

    pub(super) fn take(&mut self, count: usize) {
        self.at += count;
    }

    pub(super) fn emit(&mut self, diagnostic: Diagnostic) {
        self.fail(Failure::said(diagnostic));
    }

    /// Reports without stopping.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.found.push(failure);
    }

    /// The place of what was read since the token at `start`.
    pub(super) fn since(&self, start: usize) -> Span {
        self.cx.between(start, self.at())
    }

    /// What to say where the next token is not one of these.
    pub(super) fn expected(&self, wants: &[Want]) -> Failure {
        Failure::expected(self.at(), wants)
    }

    /// Takes the next token if it is of this sort.
    pub(super) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.kind() == Some(kind);
        if found {
            self.take(1);
        }
        found
    }

    pub(super) fn expect(&mut self, kind: Kind) -> Read<()> {
        if self.eat(kind) { Ok(()) } else { Err(self.expected(&[Want::of(kind)])) }
    }

    pub(super) fn skip(&mut self, stop: Stop) {
        self.at = after_skipped(self.cx, self.at, stop);
    }

    /// Reads something, or reports why it cannot be read and leaves out what stands there.
    pub(super) fn or_skip<O>(
        &mut self,
        stop: Stop,
        read: impl FnOnce(&mut Self) -> Read<O>,
        unread: impl FnOnce(Span) -> O,
    ) -> O {
        let (start, found) = (self.at, self.found.len());
        read(self).unwrap_or_else(|failure| {
            self.at = start;
            self.found.truncate(found);
            self.fail(failure);
            self.skip(stop);
            unread(self.since(start))
        })
    }

    /// Sees to it that what comes next may follow; reports and leaves out what may not.
    pub(super) fn follow(&mut self, stop: Stop, wants: &[Want]) {
        let closes = matches!(self.kind(), Some(Kind::RParen | Kind::RBracket));
        if !closes && !stop.holds(self.cx, self.at()) {
            let failure = self.expected(wants);
            self.fail(failure);
            self.skip(stop);
        }
    }

    /// The bracket that ends a group, after leaving out what does not belong in it.
    pub(super) fn close(&mut self, kind: Kind, wants: &[Want]) -> Read<()> {
        if self.eat(kind) {
            return Ok(());
        }
        let failure = self.expected(wants);
        self.fail(failure);
        self.skip(Stop::Bracket);
        self.expect(kind)
    }
}
