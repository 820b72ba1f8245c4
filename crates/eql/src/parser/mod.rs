//! Tokens → tree.
//!
//! `parse` runs the steps: length, tokens, brackets, depth, grammar, checks. Errors of every step are gathered.

mod amount;
mod context;
mod expr;
mod failure;
mod filter;
mod list;
mod pipe;
mod plain;
mod predicate;
mod primary;
mod reader;
mod sequence;
mod slips;

use std::collections::BTreeSet;

use bumpalo::Bump;
use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fragment, Parsed};

use crate::Dialect;
use crate::ast::{Body, Pipe, Query};
use crate::brackets::balance;
use crate::check::{Joined, check};
use crate::lex::lex;
use crate::limits::{check_depth, check_length};
use crate::token::{Kind, Token};
use context::{Context, Rule, Stop, Tokens, emit, follow, index, skip};
use failure::{Failure, Want};
use reader::rule;

/// Errors reported for one query; a text with more is no query.
const MAX_ERRORS: usize = 50;

/// What the grammar gives.
struct Draft {
    body: DraftBody,
    pipes: Vec<Pipe>,
}

enum DraftBody {
    Plain(Body),
    Joined(Joined),
}

pub(crate) fn parse(fragment: &Fragment, dialect: Dialect) -> Parsed<Query> {
    if let Some(found) = check_length(fragment) {
        return Parsed { tree: Query::new(Body::Error), diagnostics: vec![found] };
    }
    let kept = Bump::new();
    let lexed = lex(fragment, dialect, &kept);
    let mut diagnostics = lexed.diagnostics;
    let (tokens, brackets) = balance(lexed.tokens, lexed.cut);
    diagnostics.extend(brackets);
    let mut tree = match check_depth(&tokens) {
        None => read(fragment, dialect, &tokens, &mut diagnostics),
        Some(found) => {
            diagnostics.push(found);
            Query::new(Body::Error)
        }
    };
    tree.comments = lexed.comments;
    diagnostics.sort_by_key(|found| found.span().map(|span| (span.start, span.end)));
    diagnostics.truncate(MAX_ERRORS);
    Parsed { tree, diagnostics }
}

fn read(
    fragment: &Fragment,
    dialect: Dialect,
    tokens: &[Token<'_>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Query {
    let cx = Context { tokens, text: fragment.text(), start: fragment.span(0, 0), dialect };
    if tokens.is_empty() {
        if !diagnostics.is_empty() {
            return Query::new(Body::Error);
        }
        diagnostics.push(
            Diagnostic::error(codes::UNEXPECTED_END, "the query is empty")
                .at(cx.start, "expected an event category, `sequence` or `sample`"),
        );
        return Query::new(Body::Error);
    }
    let (draft, failures) = match plain::query(cx) {
        Some((draft, failures)) => (Some(draft), failures),
        None => statement(cx).parse(tokens).into_output_errors(),
    };
    let strays: BTreeSet<u32> = diagnostics
        .iter()
        .filter(|found| found.code == codes::STRAY_CHARACTER)
        .filter_map(|found| found.span().map(|span| span.start))
        .collect();
    let mut generic: Vec<usize> = Vec::new();
    for failure in failures {
        // Two rules may stumble over one token: it is one cause.
        if failure.is_generic() {
            // So it is when characters without meaning stand right before.
            let gap = cx.between(failure.at, failure.at).end..cx.at(failure.at).start.saturating_add(1);
            let stray = gap.start < gap.end && strays.range(gap).next().is_some();
            if stray || generic.contains(&failure.at) {
                continue;
            }
            generic.push(failure.at);
        }
        if diagnostics.len() > 2 * MAX_ERRORS {
            break;
        }
        diagnostics.push(failure.into_diagnostic(cx));
    }
    let Some(draft) = draft else { return Query::new(Body::Error) };
    let body = match draft.body {
        DraftBody::Plain(body) => body,
        DraftBody::Joined(joined) => check(joined, &draft.pipes, diagnostics),
    };
    Query { body, pipes: draft.pipes, comments: Vec::new() }
}

fn statement<'t>(cx: Context<'t>) -> Rule<'t, Draft> {
    let pipes = custom(move |input: &mut Tokens<'t, '_>| match cx.kind(index(input)) {
        Some(Kind::Pipe) => input.parse(pipe::pipes(cx)),
        _ => Ok(Vec::new()),
    });
    body(cx)
        .then_ignore(follow(cx, Stop::Pipe, &[Want::Pipe, Want::End]))
        .then(pipes)
        .then_ignore(semicolon(cx))
        .then_ignore(end().recover_with(via_parser(rest(cx))))
        .map(|(body, pipes)| Draft { body, pipes })
        .boxed()
}

fn body<'t>(cx: Context<'t>) -> Rule<'t, DraftBody> {
    let joined = |kind| sequence::joined(cx, kind).map(DraftBody::Joined);
    let filter = rule(cx, |reader| Ok(DraftBody::Plain(Body::Event(reader.filter()))));
    // Where the first tokens are as they should be they say what follows; the rest need not be made.
    match (cx.kind(0), cx.kind(1)) {
        (Some(kind @ (Kind::Sequence | Kind::Sample)), _) => joined(kind).boxed(),
        (Some(Kind::Any | Kind::Ident | Kind::Str), Some(Kind::Where)) => filter,
        _ => {
            let join = join(cx).map(DraftBody::Plain);
            choice((join, joined(Kind::Sequence), joined(Kind::Sample), filter)).boxed()
        }
    }
}

/// `join`, which is refused.
fn join<'t>(cx: Context<'t>) -> Rule<'t, Body> {
    let word = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        if cx.kind(at) != Some(Kind::Join) {
            return Err(Failure::expected(at, &[Want::Query]));
        }
        let found = Diagnostic::error(codes::JOIN, "`join` is not supported")
            .at(cx.at(at), "a command of Endgame EQL")
            .help("use `sample` for events in any order that share keys, `sequence` for events in order");
        emit(input, found);
        input.skip();
        Ok(())
    });
    word.then(all_but_pipes(cx)).to(Body::Error).boxed()
}

fn all_but_pipes<'t>(cx: Context<'t>) -> Rule<'t, ()> {
    skip(cx, Stop::Pipe)
}

/// A `;`, and everything after it.
fn semicolon<'t>(cx: Context<'t>) -> Rule<'t, ()> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let Some(token) = cx.get(at).filter(|token| token.kind == Kind::Semicolon) else { return Ok(()) };
        let found = Diagnostic::error(codes::SEMICOLON, "a query does not end with `;`");
        let only = cx.tokens.iter().skip(at).all(|token| token.kind == Kind::Semicolon);
        emit(
            input,
            if only {
                let all = token.span.to(cx.end());
                found.at(all, "not part of the language").fix(Applicability::Safe, "remove it", all, "")
            } else {
                found.at(token.span, "what follows is not read").help("write one query in a rule")
            },
        );
        while cx.get(index(input)).is_some() {
            input.skip();
        }
        Ok(())
    })
    .boxed()
}

fn rest<'t>(cx: Context<'t>) -> Rule<'t, ()> {
    custom(move |input: &mut Tokens<'t, '_>| {
        while cx.get(index(input)).is_some() {
            input.skip();
        }
        Ok(())
    })
    .boxed()
}
