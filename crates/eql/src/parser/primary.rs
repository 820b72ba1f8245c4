//! Constants, fields, calls and groups.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node};

use super::context::{Context, Rule, Tokens, close, emit, index, take, token};
use super::failure::{Failure, Want};
use super::list::list;
use super::slips::wrong_case;
use crate::ast::{Expr, ExprKind, Literal};
use crate::token::{Kind, Token, Value, keyword_text};

pub(super) fn primary<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let group = token(cx, Kind::LParen)
        .ignore_then(expr.clone())
        .then_ignore(close(cx, Kind::RParen))
        .map_with(move |inner, extra| Expr { span: cx.span(extra.span()), ..inner });
    choice((
        constant(cx).map(|literal| Expr::new(ExprKind::Literal(literal.value), literal.span)),
        call(cx, expr),
        field(cx),
        group,
    ))
    .labelled(Want::Value)
    .boxed()
}

fn literal(token: &Token) -> Option<Literal> {
    Some(match (token.kind, &token.value) {
        (Kind::Null, _) => Literal::Null,
        (Kind::True, _) => Literal::Bool(true),
        (Kind::False, _) => Literal::Bool(false),
        (_, Value::Int(value)) => Literal::Int(i128::from(*value)),
        (_, Value::Float(value)) => Literal::Float(*value),
        (_, Value::Str { value, raw }) => Literal::Str { value: value.clone(), raw: *raw },
        _ => return None,
    })
}

/// A constant, which is all that may stand on the right of `:`.
pub(super) fn constant<'t>(cx: Context<'t>) -> Rule<'t, Node<Literal>> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::Pattern]);
        let token = cx.get(at).ok_or_else(failure)?;
        let literal = literal(token).ok_or_else(failure)?;
        input.skip();
        Ok(Node::new(literal, token.span))
    })
    .boxed()
}

fn call<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let name = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::Value]);
        let token = cx.get(at).ok_or_else(failure)?;
        let called = cx.kind(at + 1) == Some(Kind::LParen);
        match token.kind {
            Kind::FoldIdent => {}
            Kind::Ident if called => {}
            _ => return Err(failure()),
        }
        input.skip();
        Ok((Node::new(token.name().to_owned(), token.span), token.kind == Kind::FoldIdent))
    });
    name.then(list(cx, expr))
        .map_with(move |((name, insensitive), args), extra| {
            Expr::new(ExprKind::Call { name, insensitive, args }, cx.span(extra.span()))
        })
        .boxed()
}

/// A segment of a field, or an index, which is refused.
enum Segment {
    Name(Node<String>),
    Index,
}

fn field<'t>(cx: Context<'t>) -> Rule<'t, Expr> {
    let first = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::FieldName]);
        let token = cx.get(at).ok_or_else(failure)?;
        if !matches!(token.kind, Kind::Ident | Kind::Quoted) {
            return Err(failure());
        }
        input.skip();
        Ok(Node::new(token.name().to_owned(), token.span))
    });
    let rest = choice((segment(cx), subscript(cx))).repeated().collect::<Vec<_>>();
    token(cx, Kind::Question)
        .or_not()
        .then(first)
        .then(rest)
        .validate(move |((mark, first), rest), extra, emitter| {
            let range: SimpleSpan = extra.span();
            let span = cx.span(range);
            let mut segments = vec![first];
            for segment in rest {
                match segment {
                    Segment::Name(name) => segments.push(name),
                    Segment::Index => return Expr::error(span),
                }
            }
            if let (Some(token), 1) = (cx.get(range.start), range.end - range.start)
                && let Some((word, literal)) = constant_word(token)
            {
                let found = wrong_case(cx, token, word).help("a field of that name is written in back-ticks");
                emitter.emit(Failure::said(found));
                return Expr::new(ExprKind::Literal(literal), span);
            }
            named(segments, mark.is_some(), span)
        })
        .boxed()
}

/// The tree for a path: a variable of the Endpoint dialect starts with `$`, which no other name does unquoted.
fn named(mut segments: Vec<Node<String>>, optional: bool, span: eqlc_diagnostics::Span) -> Expr {
    let variable = segments.first().and_then(|first| {
        let unquoted = usize::try_from(first.span.end - first.span.start).ok()? == first.value.len();
        let name = first.value.strip_prefix('$').filter(|_| unquoted)?;
        Some(Node::new(name.to_owned(), first.span))
    });
    match variable {
        Some(name) if !optional => {
            segments.remove(0);
            Expr::new(ExprKind::Variable { name, path: segments }, span)
        }
        _ => Expr::new(ExprKind::Field { segments, optional }, span),
    }
}

/// `NULL`, `True` and the like.
fn constant_word(token: &Token) -> Option<(&'static str, Literal)> {
    let words = [("null", Literal::Null), ("true", Literal::Bool(true)), ("false", Literal::Bool(false))];
    words.into_iter().find(|(word, _)| token.is_word(word))
}

/// `.name`
fn segment<'t>(cx: Context<'t>) -> Rule<'t, Segment> {
    let name = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::FieldName]);
        let token = cx.get(at).ok_or_else(failure)?;
        let name = match (token.kind, keyword_text(token.kind)) {
            (Kind::Ident | Kind::Quoted, _) => token.name(),
            (_, Some(word)) => {
                let found = Diagnostic::error(codes::NAME_NEEDS_QUOTES, format!("`{word}` is a keyword"))
                    .at(token.span, "a field of that name is written in back-ticks")
                    .fix(Applicability::Safe, "put the name in back-ticks", token.span, format!("`{word}`"));
                emit(input, found);
                word
            }
            _ => return Err(failure()),
        };
        input.skip();
        Ok(Segment::Name(Node::new(name.to_owned(), token.span)))
    });
    token(cx, Kind::Dot).ignore_then(name).boxed()
}

/// `[0]`
fn subscript<'t>(cx: Context<'t>) -> Rule<'t, Segment> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::Operator]);
        let shape = (cx.kind(at), cx.kind(at + 1), cx.kind(at + 2));
        if shape != (Some(Kind::LBracket), Some(Kind::Int), Some(Kind::RBracket)) {
            return Err(failure());
        }
        let found = Diagnostic::error(codes::ARRAY_INDEX, "elements of arrays cannot be picked by index")
            .at(cx.at(at).to(cx.at(at + 2)), "array indexes are not supported")
            .help("a condition on a field with several values holds when it holds for one of them");
        emit(input, found);
        take(input, 3);
        Ok(Segment::Index)
    })
    .boxed()
}
