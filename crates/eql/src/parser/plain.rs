//! Queries without an error, as nearly all are: read without making the grammar first.
//!
//! What this reading gives up on the grammar reads from its start, and says what is wrong. Both give the same tree for
//! the same query; the tests hold them to it.

use eqlc_diagnostics::Span;

use super::amount::{Amount, amount_at};
use super::context::Context;
use super::failure::Failure;
use super::reader::{Reader, whole};
use super::sequence::{Clause, header, suffix};
use super::{Draft, DraftBody};
use crate::ast::{Body, Expr, ExprKind, Term};
use crate::check::{Joined, Step};
use crate::token::Kind;

/// A query without pipes, with what was reported on the way. None: it is for the grammar.
pub(super) fn query(cx: Context<'_>) -> Option<(Draft, Vec<Failure>)> {
    let (body, failures) = match (cx.kind(0), cx.kind(1)) {
        (Some(Kind::Any | Kind::Ident | Kind::Str), Some(Kind::Where)) => {
            let (filter, failures) = whole(cx, Reader::filter)?;
            (DraftBody::Plain(Body::Event(filter)), failures)
        }
        (Some(Kind::Sequence | Kind::Sample), _) => {
            let (joined, failures) = whole(cx, Reader::joined)?;
            (DraftBody::Joined(joined.filter(|_| failures.is_empty())?), failures)
        }
        _ => return None,
    };
    Some((Draft { body, pipes: Vec::new() }, failures))
}

impl Reader<'_> {
    /// `sequence …` or `sample …`; none where something in it is not as it should be.
    fn joined(&mut self) -> Option<Joined> {
        let sample = self.kind() == Some(Kind::Sample);
        let mut joined = Joined { sample, head: self.cx.at(self.at()), ..Joined::default() };
        self.take(1);
        let mut found = Vec::new();
        while let Some(clause) = self.clause() {
            header(self.cx, &mut joined, clause?, &mut found);
        }
        while self.opens() {
            joined.steps.push(self.term()?);
        }
        let word = self.cx.at(self.at());
        if self.eat(Kind::Until) {
            joined.until = Some((word, self.opens().then(|| self.term()).flatten()?));
        }
        found.is_empty().then_some(joined)
    }

    fn opens(&self) -> bool {
        matches!(self.kind(), Some(Kind::LBracket | Kind::MissingOpen))
    }

    /// `[filter] by … with runs=…`
    fn term(&mut self) -> Option<Step> {
        let start = self.at();
        let missing = self.kind() == Some(Kind::MissingOpen);
        self.take(1);
        let mut term = Term::new(self.filter());
        term.missing = missing;
        if !self.eat(Kind::RBracket) {
            return None;
        }
        let mut step = Step { term, open: self.cx.at(start), with: None, runs_unknown: false };
        let mut found = Vec::new();
        while let Some(clause) = self.clause() {
            suffix(self.cx, &mut step, clause?, &mut found);
        }
        step.term.span = self.since(start);
        let ends = self.opens() || matches!(self.kind(), None | Some(Kind::Until));
        (found.is_empty() && ends).then_some(step)
    }

    /// `by a, b` or `with name = number unit`; outer none where no clause starts, inner none where one is not as it
    /// should be.
    #[expect(clippy::option_option, reason = "the inner one is passed on by `?`")]
    fn clause(&mut self) -> Option<Option<Clause>> {
        match self.kind()? {
            Kind::By => Some(self.keys().map(Clause::By)),
            Kind::With => Some(self.option().map(|(amount, span)| Clause::With(Some(amount), span))),
            _ => None,
        }
    }

    fn keys(&mut self) -> Option<(Span, Vec<Expr>)> {
        let word = self.cx.at(self.at());
        let mut keys = Vec::new();
        // Behind `by`, and behind each comma.
        while keys.is_empty() || self.kind() == Some(Kind::Comma) {
            self.take(1);
            keys.push(self.expression());
        }
        let all_fields = keys.iter().all(|key| matches!(key.kind, ExprKind::Field { .. }));
        all_fields.then_some((word, keys))
    }

    fn option(&mut self) -> Option<(Amount, Span)> {
        let start = self.at();
        let named = matches!(self.kind_after(1), Some(Kind::Ident | Kind::Maxspan));
        if !named || self.kind_after(2) != Some(Kind::Assign) {
            return None;
        }
        let (amount, end) = amount_at(self.cx, start + 3).ok()?;
        self.take(end - start);
        Some((amount.named(start + 1), self.since(start)))
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use chumsky::Parser;
    use eqlc_diagnostics::{Fragment, SourceId};

    use super::super::statement;
    use super::*;
    use crate::Dialect;
    use crate::ast::Query;
    use crate::check::check;

    /// The tree with its places.
    fn tree(draft: Draft) -> String {
        let mut found = Vec::new();
        let body = match draft.body {
            DraftBody::Plain(body) => body,
            DraftBody::Joined(joined) => check(joined, &draft.pipes, &mut found),
        };
        format!("{:?} {found:?}", Query { body, pipes: draft.pipes, comments: Vec::new() })
    }

    /// The trees of both ways to read a text, and whether it was read without the grammar.
    fn both(text: &str) -> bool {
        let fragment = Fragment::verbatim(SourceId::default(), 7, text);
        for dialect in [Dialect::Elasticsearch, Dialect::Endpoint] {
            let kept = Bump::new();
            let tokens = crate::lex::lex(&fragment, dialect, &kept).tokens;
            let cx = Context { tokens: &tokens, text, start: fragment.span(0, 0), dialect };
            let Some((draft, failures)) = query(cx) else { return false };
            let (grammar, errors) = statement(cx).parse(&tokens).into_output_errors();
            assert_eq!(Some(tree(draft)), grammar.map(tree), "{text}");
            assert_eq!(failures.len(), errors.len(), "{text}");
        }
        true
    }

    const PLAIN: &[&str] = &[
        "any where true",
        "process where a.b : (\"x\", \"y*\") and not c in (1, 2)",
        "sequence [a where x == 1] [b where true]",
        "sequence by a.b, c with maxspan=5m [a where x == 1] [b where true]",
        "sequence with maxspan = 90 s [a where true] by x, ?y [b where true] by `z`, w with runs=3",
        "sequence by u [a where true] with runs=2 ![b where true] [c where y : \"*\"] until [d where true] by v",
        "sample by a [a where true] [b where x > 2] by c",
    ];

    const OTHERS: &[&str] = &[
        "sequence by a with maxspan=5m [a where true] [b where true] | head 3",
        "sequence with maxspan=5m by a [a where true] [b where true]",
        "sequence by length(a) [a where true] [b where true]",
        "sequence by a [a where true] as x [b where true]",
        "sequence [a where true] [b where ]",
        "sequence [a where true] [b where true] until",
        "sequence with runs=5m [a where true]",
        "sequence maxspan=5m [a where true] [b where true]",
        "sequence [a where true] fork [b where true];",
        "seqence [a where true] [b where true]",
        "join [a where true] [b where true]",
    ];

    #[test]
    fn queries_read_without_the_grammar_have_its_tree() {
        for text in PLAIN {
            assert!(both(text), "{text}");
        }
        // Whatever is left out of them: nothing may be read that the grammar reads in another way.
        for text in PLAIN.iter().chain(OTHERS) {
            let words: Vec<&str> = text.split_inclusive([' ', ',', '[', ']', '=']).collect();
            for at in 0..words.len() {
                both(&[&words[..at], &words[at + 1..]].concat().concat());
            }
        }
    }

    #[test]
    fn what_is_not_as_it_should_be_is_left_to_the_grammar() {
        for text in OTHERS {
            assert!(!both(text), "{text}");
        }
    }
}
