//! `category where condition`.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};

use super::context::{Context, Rule, Stop, Tokens, emit, index, skip, take};
use super::failure::{Failure, Want};
use super::slips::{misspelt, resembles, starts_operand};
use crate::ast::{Category, EventFilter, Expr};
use crate::token::{Kind, Token, Value};

/// An event filter. Never fails: a filter without a readable head has an error as condition.
pub(super) fn filter<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, EventFilter> {
    let unread = skip(cx, Stop::Pipe).map_with(move |(), extra| {
        let span = cx.span(extra.span());
        EventFilter { category: Node::new(Category::Any, span), condition: Expr::error(span) }
    });
    head(cx)
        .then(expr)
        .map(|(category, condition)| EventFilter { category, condition })
        .recover_with(via_parser(unread))
        .boxed()
}

/// The category and `where`.
fn head<'t>(cx: Context<'t>) -> Rule<'t, Node<Category>> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let token = cx.get(at).ok_or_else(|| Failure::expected(at, &[Want::Category]))?;
        if token.kind == Kind::Where {
            emit(input, no_category(token.span, "any "));
            input.skip();
            return Ok(Node::new(Category::Any, token.span));
        }
        if is_condition(cx, at) {
            let front = Span { end: token.span.start, ..token.span };
            emit(input, no_category(front, "any where "));
            return Ok(Node::new(Category::Any, front));
        }
        let category = match category(cx, at, input) {
            Some(category) => category,
            None => return Err(Failure::expected(at, &[Want::Category])),
        };
        where_word(cx, input);
        Ok(category)
    })
    .boxed()
}

fn no_category(place: Span, text: &str) -> Diagnostic {
    let front = Span { end: place.start, ..place };
    Diagnostic::error(codes::NO_CATEGORY, "the event category is missing")
        .at(place, "expected `category where` and the condition")
        .fix(Applicability::Unsafe, format!("insert `{}`", text.trim_end()), front, text)
}

/// Whether a condition starts here without a category, as in other query languages.
fn is_condition(cx: Context<'_>, at: usize) -> bool {
    let next = cx.kind(at + 1);
    match cx.kind(at) {
        Some(Kind::LParen | Kind::Not | Kind::Question | Kind::Bang) => true,
        Some(Kind::Ident | Kind::Quoted | Kind::FoldIdent) => matches!(
            next,
            Some(
                Kind::Dot
                    | Kind::LParen
                    | Kind::Colon
                    | Kind::Eq
                    | Kind::Ne
                    | Kind::Assign
                    | Kind::Lt
                    | Kind::Le
                    | Kind::Gt
                    | Kind::Ge
                    | Kind::In
                    | Kind::InFold
                    | Kind::Like
                    | Kind::LikeFold
                    | Kind::Regex
                    | Kind::RegexFold
            )
        ),
        _ => false,
    }
}

fn category(cx: Context<'_>, at: usize, input: &mut Tokens<'_, '_>) -> Option<Node<Category>> {
    let token = cx.get(at)?;
    let (name, quoted) = match (&token.value, token.kind) {
        (_, Kind::Any) => {
            input.skip();
            return Some(Node::new(Category::Any, token.span));
        }
        (Value::Str { value, .. }, _) => (value.clone(), true),
        (Value::Text(name), Kind::Ident) => (name.clone(), false),
        (Value::Text(name), Kind::Quoted) => {
            emit(input, quoted_category(token, name, "names in back-ticks are fields"));
            (name.clone(), true)
        }
        _ => return None,
    };
    if let Some(last) = hyphenated(cx, at) {
        let text = cx.text.get(token.start..cx.get(last)?.end).unwrap_or("").to_owned();
        let span = token.span.to(cx.at(last));
        emit(input, quoted_category(&Token { span, ..token.clone() }, &text, "not a plain name"));
        take(input, last + 1 - at);
        return Some(Node::new(Category::Named { name: text, quoted: true }, span));
    }
    input.skip();
    Some(Node::new(Category::Named { name, quoted }, token.span))
}

fn quoted_category(token: &Token, name: &str, label: &str) -> Diagnostic {
    let replacement = crate::print::quote(name);
    Diagnostic::error(codes::CATEGORY_NEEDS_QUOTES, format!("the category `{name}` needs quotes"))
        .at(token.span, label)
        .fix(Applicability::Safe, format!("write `{replacement}`"), token.span, replacement)
}

/// The last token of a name such as `my-category` before `where`.
fn hyphenated(cx: Context<'_>, at: usize) -> Option<usize> {
    let mut last = at;
    while cx.kind(last + 1) == Some(Kind::Minus) && cx.kind(last + 2) == Some(Kind::Ident) {
        last += 2;
    }
    (last > at && cx.kind(last + 1) == Some(Kind::Where)).then_some(last)
}

/// `where`, or what was written for it.
fn where_word(cx: Context<'_>, input: &mut Tokens<'_, '_>) {
    let at = index(input);
    let Some(token) = cx.get(at) else {
        return input.emit(Failure::expected(at, &[Want::Where]));
    };
    if token.kind == Kind::Where {
        return input.skip();
    }
    if resembles(token, "where") || (token.kind == Kind::Ident && cx.kind(at + 1).is_some_and(starts_operand))
    {
        emit(input, misspelt(cx, token, "where"));
        return input.skip();
    }
    let place = Span { end: token.span.start, ..token.span };
    if starts_operand(token.kind) {
        let found = Diagnostic::error(codes::NO_WHERE, "`where` is missing after the event category")
            .at(token.span, "expected `where` before the condition")
            .fix(Applicability::Safe, "insert `where`", place, "where ");
        return emit(input, found);
    }
    input.emit(Failure::expected(at, &[Want::Where]));
}
