//! Pipes, `eql-semantics.md` §8.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, did_you_mean, nearest};

use super::context::{Context, Rule, Stop, Tokens, follow, index, token};
use super::failure::{Failure, Want};
use super::reader::rule;
use crate::ast::{ExprKind, Literal, Pipe};
use crate::token::{Kind, keyword_text};

const PIPES: [&str; 2] = ["head", "tail"];
/// Pipes of Endgame with what to do instead.
const REFUSED: [(&str, &str); 5] = [
    ("count", "count the results where they are shown"),
    ("filter", "put the condition after `where`"),
    ("sort", "results are in the order of their time"),
    ("unique", "drop repeated results where they are shown"),
    ("unique_count", "count the results where they are shown"),
];

/// The pipes after a query; the refused ones are left out.
pub(super) fn pipes<'t>(cx: Context<'t>) -> Rule<'t, Vec<Pipe>> {
    let name = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let token = cx.get(at).ok_or_else(|| Failure::expected(at, &[Want::PipeName]))?;
        if token.kind != Kind::Ident && keyword_text(token.kind).is_none() {
            return Err(Failure::expected(at, &[Want::PipeName]));
        }
        input.skip();
        Ok(Some(Node::new(cx.text_of(token).into(), token.span)))
    })
    .recover_with(via_parser(empty().to(None)));
    let none = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        if Stop::Pipe.holds(cx, at) { Ok(Vec::new()) } else { Err(Failure::expected(at, &[])) }
    });
    let expr = rule(cx, |reader| Ok(reader.expression()));
    let args = choice((none, expr.separated_by(token(cx, Kind::Comma)).collect::<Vec<_>>()));
    token(cx, Kind::Pipe)
        .ignore_then(name)
        .then(args)
        .then_ignore(follow(cx, Stop::Pipe, &[Want::Pipe, Want::End]))
        .validate(move |(name, args), extra, emitter| {
            let pipe = Pipe { name: name?, args, span: cx.span(extra.span()) };
            match refusal(&pipe) {
                None => Some(pipe),
                Some(found) => {
                    emitter.emit(Failure::said(found));
                    None
                }
            }
        })
        .repeated()
        .collect::<Vec<_>>()
        .map(|pipes| pipes.into_iter().flatten().collect())
        .boxed()
}

fn refusal(pipe: &Pipe) -> Option<Diagnostic> {
    let name = pipe.name.value.as_str();
    if let Some((_, instead)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
        return Some(
            Diagnostic::error(codes::PIPE_NOT_SUPPORTED, format!("the pipe `{name}` is not supported"))
                .at(pipe.name.span, "only `head` and `tail` are")
                .help(*instead),
        );
    }
    if !PIPES.contains(&name) {
        let found = Diagnostic::error(codes::UNKNOWN_PIPE, format!("unknown pipe `{name}`"))
            .at(pipe.name.span, "`head` or `tail` is expected");
        let near = nearest(name, PIPES);
        return Some(match (did_you_mean(&near), near.first()) {
            (Some(help), Some(first)) => found.help(help).fix(
                Applicability::Unsafe,
                format!("replace `{name}` with `{first}`"),
                pipe.name.span,
                *first,
            ),
            _ => found,
        });
    }
    argument(pipe, name)
}

fn argument(pipe: &Pipe, name: &str) -> Option<Diagnostic> {
    let error = |message: String| Diagnostic::error(codes::PIPE_ARGUMENT, message);
    match pipe.args.as_slice() {
        [] => {
            let place = pipe.name.span;
            Some(
                error(format!("`{name}` needs a number of results"))
                    .at(place, format!("such as `{name} 10`")),
            )
        }
        [only] => match &only.kind {
            ExprKind::Literal(Literal::Int(count)) if *count > 0 => None,
            // Why it could not be read has been said.
            ExprKind::Error => {
                Some(error(format!("`{name}` needs a number of results")).at(only.span, "unreadable"))
            }
            _ => Some(
                error(format!("`{name}` takes a positive whole number"))
                    .at(only.span, "not a positive whole number"),
            ),
        },
        [_, second, ..] => Some(
            error(format!("`{name}` takes one argument, found {}", pipe.args.len()))
                .at(second.span, "not expected here"),
        ),
    }
}
