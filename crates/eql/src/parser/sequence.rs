//! Sequences and samples, read by one rule; what each allows is checked afterwards (`check`).

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Span};

use super::amount::{Amount, amount, interpret_maxspan, interpret_runs};
use super::context::{Context, Rule, Stop, Tokens, close, emit, follow, index, skip, take, token};
use super::failure::{Failure, Want};
use super::reader::rule;
use super::slips::{foreign, keyword, misspelt, resembles};
use crate::ast::{Expr, ExprKind, Term};
use crate::check::{Joined, Maxspan, Step};
use crate::token::{Kind, keyword_text};

/// The keyword that starts a sequence or sample, or what was written for it.
fn start<'t>(cx: Context<'t>, kind: Kind) -> Rule<'t, Span> {
    let word = keyword_text(kind).unwrap_or("");
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::Query]);
        let token = cx.get(at).ok_or_else(failure)?;
        let opens = |at| matches!(cx.kind(at), Some(Kind::LBracket | Kind::MissingOpen));
        if kind == Kind::Sequence && opens(at) {
            let front = Span { end: token.span.start, ..token.span };
            emit(
                input,
                Diagnostic::error(codes::NO_SEQUENCE, "`sequence` is missing before the first term")
                    .at(token.span, "expected `sequence`")
                    .fix(Applicability::Unsafe, "insert `sequence`", front, "sequence "),
            );
            return Ok(front);
        }
        if token.kind != kind {
            let clause = |at| {
                cx.get(at).is_some_and(|token| {
                    matches!(token.kind, Kind::By | Kind::With)
                        || token.is_word("by")
                        || token.is_word("with")
                })
            };
            let begins = opens(at + 1) || clause(at + 1);
            if !begins || !resembles(token, word) {
                return Err(failure());
            }
            emit(input, misspelt(cx, token, word));
        }
        input.skip();
        Ok(token.span)
    })
    .boxed()
}

/// `sequence …` or `sample …`.
pub(super) fn joined<'t>(cx: Context<'t>, kind: Kind) -> Rule<'t, Joined> {
    let term = term(cx);
    let clauses = choice((
        keys(cx).map(Clause::By),
        option(cx).map_with(move |option, extra| Clause::With(option, cx.span(extra.span()))),
    ))
    .repeated()
    .collect::<Vec<_>>()
    .then_ignore(follow(cx, Stop::Term, &[Want::By, Want::With, Want::Term]));
    let until = keyword(cx, Kind::Until).then(term.clone());
    start(cx, kind)
        .then(clauses)
        .then(term.repeated().collect::<Vec<_>>())
        .then(until.or_not())
        .validate(move |(((head, clauses), steps), until), _, emitter| {
            let mut joined = Joined { sample: kind == Kind::Sample, head, steps, ..Joined::default() };
            if let Some((word, step)) = until {
                joined.until = Some((word, step));
            }
            let mut found = Vec::new();
            for clause in clauses {
                header(cx, &mut joined, clause, &mut found);
            }
            found.into_iter().for_each(|diagnostic| emitter.emit(Failure::said(diagnostic)));
            joined
        })
        .boxed()
}

/// What may stand after the bracket of a term or after `sequence`.
pub(super) enum Clause {
    By((Span, Vec<Expr>)),
    /// The number, unless it could not be read; and the place of the whole clause.
    With(Option<Amount>, Span),
    As(usize),
    Fork(Span),
}

pub(super) fn header(cx: Context<'_>, joined: &mut Joined, clause: Clause, found: &mut Vec<Diagnostic>) {
    match clause {
        Clause::By((word, keys)) => {
            if let Some(maxspan) = &joined.maxspan {
                let found_late =
                    Diagnostic::error(codes::WITH_BEFORE_BY, "`by` stands before `with`, not after it")
                        .at(word, "the keys of the sequence come first")
                        .and_at(maxspan.span, "this belongs after the keys");
                let alone = joined.by.is_empty();
                found.push(swapped(cx, found_late, maxspan.span, (word, &keys), alone));
            }
            joined.by.extend(keys);
        }
        Clause::With(amount, span) => {
            let value = amount.and_then(|amount| interpret_maxspan(cx, amount, found));
            joined.maxspan = Some(Maxspan { value, span });
        }
        Clause::As(_) | Clause::Fork(_) => {}
    }
}

/// Offers to write `by a, b` before `with …`, what stands between the two left where it is; nothing where keys stand
/// before `with` too, or where one is no field.
fn swapped(
    cx: Context<'_>,
    diagnostic: Diagnostic,
    with: Span,
    (word, keys): (Span, &[Expr]),
    alone: bool,
) -> Diagnostic {
    let Some(last) = keys.last().filter(|_| alone) else { return diagnostic };
    if keys.iter().any(|key| matches!(key.kind, ExprKind::Error)) {
        return diagnostic;
    }
    let by = word.to(last.span);
    let (Some(option), Some(clause)) = (cx.bytes_of(with), cx.bytes_of(by)) else { return diagnostic };
    let text = |range| cx.text.get(range).unwrap_or("");
    let between = text(option.end..clause.start);
    let replacement = format!("{}{between}{}", text(clause), text(option));
    diagnostic.fix(Applicability::Safe, "write the keys before `with`", with.to(by), replacement)
}

/// `by a, b`; the place of `by` and the keys. A key that is no field is reported and becomes an error node.
fn keys<'t>(cx: Context<'t>) -> Rule<'t, (Span, Vec<Expr>)> {
    let expr = rule(cx, |reader| Ok(reader.expression()));
    keyword(cx, Kind::By)
        .then(expr.separated_by(token(cx, Kind::Comma)).at_least(1).collect::<Vec<_>>())
        .validate(move |(word, keys), _, emitter| {
            let keys = keys.into_iter().map(|key| match key.kind {
                ExprKind::Field { .. } | ExprKind::Error => key,
                _ => {
                    let found =
                        Diagnostic::error(codes::KEY_NOT_A_FIELD, "a join key is the name of a field")
                            .at(key.span, "not a field");
                    emitter.emit(Failure::said(found));
                    Expr::error(key.span)
                }
            });
            (word, keys.collect())
        })
        .boxed()
}

/// `with name = number unit`; none where it could not be read.
fn option<'t>(cx: Context<'t>) -> Rule<'t, Option<Amount>> {
    let with = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let token = cx.get(at).ok_or_else(|| Failure::expected(at, &[Want::With]))?;
        if token.kind == Kind::Maxspan {
            let place = Span { end: token.span.start, ..token.span };
            emit(
                input,
                Diagnostic::error(codes::NO_WITH, "`with` is missing before `maxspan`")
                    .at(token.span, "expected `with maxspan=…`")
                    .fix(Applicability::Safe, "insert `with`", place, "with "),
            );
            return Ok(());
        }
        let named = token.is_word("with");
        if token.kind != Kind::With && !named {
            return Err(Failure::expected(at, &[Want::With]));
        }
        if named {
            emit(input, misspelt(cx, token, "with"));
        }
        input.skip();
        Ok(())
    });
    let name = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        match cx.kind(at) {
            Some(Kind::Ident | Kind::Maxspan) => {
                input.skip();
                Ok(at)
            }
            _ => Err(Failure::expected(at, &[Want::Maxspan])),
        }
    });
    let assign = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let token = cx.get(at).ok_or_else(|| Failure::expected(at, &[Want::Assign]))?;
        match token.kind {
            Kind::Assign => {}
            Kind::Eq | Kind::Colon => emit(input, foreign(cx, token, "=")),
            _ => return Err(Failure::expected(at, &[Want::Assign])),
        }
        input.skip();
        Ok(())
    });
    // The `maxspan` without `with` is still there: leaving it would not go on.
    let unread = token(cx, Kind::Maxspan).or_not().ignore_then(skip(cx, Stop::Operand)).to(None);
    let rest = name
        .then_ignore(assign)
        .then(amount(cx))
        .map(|(name, amount)| Some(amount.named(name)))
        .recover_with(via_parser(unread));
    with.ignore_then(rest).boxed()
}

/// `[filter] by … with runs=…`
fn term<'t>(cx: Context<'t>) -> Rule<'t, Step> {
    let open = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        match cx.kind(at) {
            Some(Kind::LBracket | Kind::MissingOpen) => {
                input.skip();
                Ok(at)
            }
            _ => Err(Failure::expected(at, &[Want::Term])),
        }
    });
    let alias = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let named = cx.get(at).is_some_and(|token| token.is_word("as"));
        if named && cx.kind(at + 1) == Some(Kind::Ident) {
            take(input, 2);
            return Ok(Clause::As(at + 1));
        }
        Err(Failure::expected(at, &[]))
    });
    let clauses = choice((
        keys(cx).map(Clause::By),
        option(cx).map_with(move |option, extra| Clause::With(option, cx.span(extra.span()))),
        alias,
        fork(cx),
    ));
    open.then(rule(cx, |reader| Ok(reader.filter())))
        .then_ignore(close(cx, Kind::RBracket))
        .then(clauses.repeated().collect::<Vec<_>>())
        .validate(move |((open, filter), clauses), extra, emitter| {
            let mut term = Term::new(filter);
            term.span = cx.span(extra.span());
            term.missing = cx.kind(open) == Some(Kind::MissingOpen);
            let mut step = Step { term, open: cx.at(open), with: None, runs_unknown: false };
            let mut found = Vec::new();
            for clause in clauses {
                suffix(cx, &mut step, clause, &mut found);
            }
            found.into_iter().for_each(|diagnostic| emitter.emit(Failure::said(diagnostic)));
            step
        })
        .then_ignore(follow(
            cx,
            Stop::Term,
            &[Want::By, Want::With, Want::Term, Want::Until, Want::Pipe, Want::End],
        ))
        .boxed()
}

/// `fork` and `fork=true` of Endgame.
fn fork<'t>(cx: Context<'t>) -> Rule<'t, Clause> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        if !cx.get(at).is_some_and(|token| token.is_word("fork")) {
            return Err(Failure::expected(at, &[]));
        }
        let valued = cx.kind(at + 1) == Some(Kind::Assign);
        let count = if valued && cx.get(at + 2).is_some() { 3 } else { 1 };
        take(input, count);
        Ok(Clause::Fork(cx.between(at, at + count)))
    })
    .boxed()
}

pub(super) fn suffix(cx: Context<'_>, step: &mut Step, clause: Clause, found: &mut Vec<Diagnostic>) {
    match clause {
        Clause::By((word, keys)) => {
            if let Some(with) = step.with {
                let found_late =
                    Diagnostic::error(codes::WITH_BEFORE_BY, "`by` stands before `with`, not after it")
                        .at(word, "the keys of the term come first")
                        .and_at(with, "this belongs after the keys");
                let alone = step.term.by.is_empty();
                found.push(swapped(cx, found_late, with, (word, &keys), alone));
            }
            step.term.by.extend(keys);
        }
        Clause::With(amount, span) => {
            step.with = Some(span);
            step.term.runs = amount.and_then(|amount| interpret_runs(cx, &amount, found));
            step.runs_unknown = step.term.runs.is_none();
        }
        Clause::As(at) => {
            let Some(token) = cx.get(at) else { return };
            let name = eqlc_diagnostics::Node::new(token.name().into(), token.span);
            if cx.dialect == crate::Dialect::Elasticsearch {
                found.push(
                    Diagnostic::error(codes::TERM_ALIAS, "terms cannot be given names")
                        .at(cx.at(at - 1).to(token.span), "`as` belongs to the Endpoint dialect")
                        .help("join the terms with `by` where their fields are equal"),
                );
            } else {
                step.term.alias = Some(name);
            }
        }
        Clause::Fork(span) => found.push(
            Diagnostic::error(codes::FORK, "`fork` is not supported")
                .at(span, "an option of Endgame EQL")
                .help("remove it; a step that finishes several sequences does so for each join key"),
        ),
    }
}
