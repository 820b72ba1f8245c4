//! `in`, `:`, `like` and `regex`, which bind tighter than arithmetic (`eql-semantics.md` §2.2–§2.5).

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Node, Span};

use super::context::{Context, Rule, Tokens, emit, index, take, token};
use super::failure::{Failure, Want};
use super::list::list;
use super::primary::constant;
use super::slips::wrong_case;
use crate::ast::{Expr, ExprKind, Literal, MatchOp};
use crate::token::{Kind, Token};

#[derive(Clone, Copy)]
enum Op {
    In { insensitive: bool },
    Match(MatchOp),
}

/// The operator of a predicate and where it stands.
#[derive(Clone, Copy)]
struct Head {
    op: Op,
    span: Span,
    /// A `not` in front of the operator.
    negated: Option<Span>,
}

enum Tail {
    Items(Vec<Expr>),
    /// Constants; none in place of what is no constant.
    Patterns(Vec<Option<Node<Literal>>>, bool),
}

pub(super) fn predicated<'t>(
    cx: Context<'t>,
    subject: Rule<'t, Expr>,
    expr: Rule<'t, Expr>,
) -> Rule<'t, Expr> {
    let items = list(cx, expr).map(Tail::Items);
    let several = list(cx, pattern(cx, subject.clone())).map(|patterns| Tail::Patterns(patterns, true));
    let single = pattern(cx, subject.clone()).map(|pattern| Tail::Patterns(vec![pattern], false));
    let predicate = choice((head(cx, true).then(items), head(cx, false).then(choice((several, single)))));
    subject
        .then(predicate.or_not())
        .validate(move |(subject, predicate), extra, emitter| {
            let Some((head, tail)) = predicate else { return subject };
            let span = cx.span(extra.span());
            let mut found = Vec::new();
            let expr = build(subject, head, tail, span, &mut found);
            for diagnostic in found {
                emitter.emit(Failure::said(diagnostic));
            }
            expr
        })
        .boxed()
}

fn build(subject: Expr, head: Head, tail: Tail, span: Span, found: &mut Vec<Diagnostic>) -> Expr {
    let subject = Box::new(subject);
    match (head.op, tail) {
        (Op::In { insensitive }, Tail::Items(items)) => {
            if items.is_empty() {
                found.push(empty(head.span, span));
                return Expr::error(span);
            }
            let negated = head.negated.is_some();
            Expr::new(ExprKind::In { subject, negated, insensitive, items }, span)
        }
        (Op::Match(op), Tail::Patterns(patterns, list)) => {
            if patterns.is_empty() {
                found.push(empty(head.span, span));
            }
            if let Some(not) = head.negated {
                found.push(infix_not(&subject, op, not, head.span));
            }
            let patterns: Vec<_> = patterns.into_iter().flatten().collect();
            if patterns.is_empty() {
                return Expr::error(span);
            }
            let op = Node::new(op, head.span);
            let matched = Expr::new(ExprKind::Match { subject, op, patterns, list }, span);
            match head.negated {
                Some(_) => Expr::new(ExprKind::Not(Box::new(matched)), span),
                None => matched,
            }
        }
        _ => Expr::error(span),
    }
}

fn empty(op: Span, whole: Span) -> Diagnostic {
    let list = Span { start: op.end, ..whole };
    Diagnostic::error(codes::EMPTY_LIST, "the list is empty")
        .at(list, "at least one value is expected")
        .help("a condition over no values never holds; write `false` if that is meant")
}

fn infix_not(subject: &Expr, op: MatchOp, not: Span, op_span: Span) -> Diagnostic {
    let op = op.as_str();
    let front = Span { end: subject.span.start, ..subject.span };
    let gone = Span { end: op_span.start, ..not };
    let mut found = Diagnostic::error(codes::INFIX_NOT, format!("`not` cannot stand before `{op}`"))
        .at(not, "only `in` takes a `not` in front of it")
        .help(format!("negate the whole condition: `not field {op} …`"));
    found.fixes.push(Fix {
        title: "move the `not` in front of the condition".to_owned(),
        edits: vec![
            Edit { span: front, replacement: "not ".to_owned() },
            Edit { span: gone, replacement: String::new() },
        ],
        applicability: Applicability::Safe,
    });
    found
}

/// A constant; anything else is reported.
fn pattern<'t>(cx: Context<'t>, value: Rule<'t, Expr>) -> Rule<'t, Option<Node<Literal>>> {
    let signs = choice((token(cx, Kind::Minus), token(cx, Kind::Plus))).repeated();
    let other = signs.ignore_then(value).validate(move |_, extra, emitter| {
        let found = Diagnostic::error(codes::PATTERN_NOT_CONSTANT, "the right side is not a constant")
            .at(cx.span(extra.span()), "a string, number, `true`, `false` or `null` is expected");
        emitter.emit(Failure::said(found));
        None
    });
    choice((constant(cx).map(Some), other)).labelled(Want::Pattern).boxed()
}

fn head<'t>(cx: Context<'t>, membership: bool) -> Rule<'t, Head> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::Operator]);
        let first = cx.get(at).ok_or_else(failure)?;
        let negated =
            first.kind == Kind::Not || (first.is_word("not") && cx.get(at + 1).and_then(operator).is_some());
        let place = at + usize::from(negated);
        let token = cx.get(place).ok_or_else(failure)?;
        let (op, text) = operator(token).ok_or_else(failure)?;
        if matches!(op, Op::In { .. }) != membership {
            return Err(failure());
        }
        // A name spelt like an operator is one only where a value follows.
        let is_name = matches!(token.kind, Kind::Ident | Kind::FoldIdent);
        if is_name && !matches!(cx.kind(place + 1), Some(Kind::LParen | Kind::Str)) {
            return Err(failure());
        }
        if negated && first.kind != Kind::Not {
            emit(input, wrong_case(cx, first, "not"));
        }
        if is_name {
            emit(input, wrong_case(cx, token, text));
        }
        take(input, place + 1 - at);
        Ok(Head { op, span: token.span, negated: negated.then_some(first.span) })
    })
    .boxed()
}

/// The operator that a token is or, in another letter case, was meant to be.
fn operator(token: &Token) -> Option<(Op, &'static str)> {
    const WORDS: [(&str, bool, Kind, Op); 6] = [
        ("in", false, Kind::In, Op::In { insensitive: false }),
        ("in", true, Kind::InFold, Op::In { insensitive: true }),
        ("like", false, Kind::Like, Op::Match(MatchOp::Like)),
        ("like", true, Kind::LikeFold, Op::Match(MatchOp::LikeInsensitive)),
        ("regex", false, Kind::Regex, Op::Match(MatchOp::Regex)),
        ("regex", true, Kind::RegexFold, Op::Match(MatchOp::RegexInsensitive)),
    ];
    if token.kind == Kind::Colon {
        return Some((Op::Match(MatchOp::Colon), ":"));
    }
    let fold = token.kind == Kind::FoldIdent;
    let found = WORDS.iter().find(|(word, insensitive, kind, _)| {
        let named = fold == *insensitive
            && matches!(token.kind, Kind::Ident | Kind::FoldIdent)
            && token.name().eq_ignore_ascii_case(word);
        token.kind == *kind || named
    });
    found.map(|(word, insensitive, _, op)| {
        let text = match (*word, *insensitive) {
            ("in", true) => "in~",
            ("like", true) => "like~",
            ("regex", true) => "regex~",
            (word, _) => word,
        };
        (*op, text)
    })
}
