//! Expressions, loosest first, `eql-semantics.md` §2.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node};

use super::context::{Context, Extra, Rule, Stop, Tokens, close, follow, index, skip, take, token};
use super::failure::{Failure, Want};
use super::filter::filter;
use super::predicate::predicated;
use super::primary::primary;
use super::slips::{connective, foreign, negation};
use crate::Dialect;
use crate::ast::{ArithOp, CompareOp, Expr, ExprKind, Lineage};
use crate::token::{Kind, Token};

/// A condition or a value. Never fails: what cannot be read becomes an error node.
pub(super) fn expression<'t>(cx: Context<'t>) -> Rule<'t, Expr> {
    recursive(|expr| {
        let expr = expr.boxed();
        let conjunction = chain(cx, negated(cx, operand(cx, expr)), Kind::And);
        chain(cx, conjunction, Kind::Or)
    })
    .boxed()
}

/// `a and b and c`, or the same with `or`.
fn chain<'t>(cx: Context<'t>, operand: Rule<'t, Expr>, kind: Kind) -> Rule<'t, Expr> {
    let join = if kind == Kind::And { Expr::all } else { Expr::any };
    operand
        .separated_by(connective(cx, kind))
        .at_least(1)
        .collect::<Vec<_>>()
        .map_with(move |mut operands, extra| match operands.pop() {
            Some(only) if operands.is_empty() => only,
            last => {
                operands.extend(last);
                Expr { span: cx.span(extra.span()), ..join(operands) }
            }
        })
        .boxed()
}

fn negated<'t>(cx: Context<'t>, operand: Rule<'t, Expr>) -> Rule<'t, Expr> {
    negation(cx)
        .repeated()
        .collect::<Vec<_>>()
        .then(operand)
        .map(move |(signs, operand)| {
            signs.into_iter().rev().fold(operand, |inner, sign| {
                let span = cx.at(sign).to(inner.span);
                Expr::new(ExprKind::Not(Box::new(inner)), span)
            })
        })
        .boxed()
}

fn operand<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let unread = skip(cx, Stop::Operand).map_with(move |(), extra| Expr::error(cx.span(extra.span())));
    choice((lineage(cx, expr.clone()), comparison(cx, expr)))
        .recover_with(via_parser(unread))
        .then_ignore(follow(cx, Stop::Operand, &[Want::And, Want::Or, Want::Closer]))
        .boxed()
}

/// `descendant of [process where …]`
fn lineage<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let word = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let relation = cx.get(at).filter(|token| token.kind == Kind::Ident).map(|token| token.name());
        match (relation, cx.kind(at + 1)) {
            (Some(word), Some(Kind::Of)) => {
                take(input, 2);
                Ok((at, Lineage::find(word)))
            }
            _ => Err(Failure::expected(at, &[Want::Value])),
        }
    });
    word.then_ignore(token(cx, Kind::LBracket))
        .then(filter(cx, expr))
        .then_ignore(close(cx, Kind::RBracket))
        .validate(move |((at, relation), filter), extra, emitter| {
            let span = cx.span(extra.span());
            let name = cx.at(at).to(cx.at(at + 1));
            match (cx.dialect, relation) {
                (Dialect::Endpoint, Some(relation)) => {
                    let relation = Node::new(relation, cx.at(at));
                    return Expr::new(ExprKind::Lineage { relation, filter: Box::new(filter) }, span);
                }
                (Dialect::Elasticsearch, Some(relation)) => {
                    emitter.emit(Failure::said(refused(relation, name)))
                }
                (_, None) => {
                    let message = format!("`{}` is no relation between processes", cx.text_of_at(at));
                    let found = Diagnostic::error(codes::LINEAGE, message).at(name, "an unknown relation");
                    emitter.emit(Failure::said(found));
                }
            }
            Expr::error(span)
        })
        .boxed()
}

fn refused(relation: Lineage, name: eqlc_diagnostics::Span) -> Diagnostic {
    let advice = match relation {
        Lineage::Child => {
            "use a `sequence` joined on the process and its parent, or the fields of `process.parent`"
        }
        Lineage::Descendant => "use a `sequence` for a known number of generations, or the Endpoint dialect",
        Lineage::Event => "use a `sequence` joined on the process",
    };
    Diagnostic::error(codes::LINEAGE, format!("`{} of` is not supported", relation.as_str()))
        .at(name, "relations between processes are not part of Elasticsearch EQL")
        .help(advice)
}

fn comparison<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let value = sum(cx, expr);
    value
        .clone()
        .then(comparator(cx).then(value).repeated().collect::<Vec<_>>())
        .validate(move |(left, rest), extra, emitter| {
            let span = cx.span(extra.span());
            let mut rest = rest.into_iter();
            let Some((op, right)) = rest.next() else { return left };
            if let Some((second, _)) = rest.next() {
                emitter.emit(Failure::said(chained(&op, &second)));
                return Expr::error(span);
            }
            Expr::new(ExprKind::Compare { op, left: Box::new(left), right: Box::new(right) }, span)
        })
        .boxed()
}

fn chained(first: &Node<CompareOp>, second: &Node<CompareOp>) -> Diagnostic {
    let (one, two) = (first.value.as_str(), second.value.as_str());
    let found = Diagnostic::error(codes::CHAINED_COMPARISON, "comparisons cannot be chained")
        .at(second.span, format!("a second comparison after `{one}`"))
        .and_at(first.span, "the first comparison");
    if matches!(first.value, CompareOp::Eq | CompareOp::Ne) {
        return found.help(format!("write `a {one} b and b {two} c`, or put one comparison in parentheses"));
    }
    found.help(format!("write `a {one} b and b {two} c`"))
}

fn comparator<'t>(cx: Context<'t>) -> Rule<'t, Node<CompareOp>> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::Operator]);
        let token = cx.get(at).ok_or_else(failure)?;
        let op = match token.kind {
            Kind::Eq | Kind::Assign => CompareOp::Eq,
            Kind::Ne | Kind::LtGt => CompareOp::Ne,
            Kind::Lt => CompareOp::Lt,
            Kind::Le => CompareOp::Le,
            Kind::Gt => CompareOp::Gt,
            Kind::Ge => CompareOp::Ge,
            _ => return Err(failure()),
        };
        match token.kind {
            Kind::Assign => input.emit(Failure::said(single_equals(token))),
            Kind::LtGt => input.emit(Failure::said(foreign(cx, token, "!="))),
            _ => {}
        }
        input.skip();
        Ok(Node::new(op, token.span))
    })
    .boxed()
}

fn single_equals(token: &Token) -> Diagnostic {
    Diagnostic::error(codes::SINGLE_EQUALS, "`=` does not compare")
        .at(token.span, "equality is written `==`")
        .fix(Applicability::Safe, "replace `=` with `==`", token.span, "==")
}

fn sum<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let product = left_chain(
        cx,
        signed(cx, expr),
        &[(Kind::Star, ArithOp::Mul), (Kind::Slash, ArithOp::Div), (Kind::Percent, ArithOp::Mod)],
    );
    left_chain(cx, product, &[(Kind::Plus, ArithOp::Add), (Kind::Minus, ArithOp::Sub)])
}

fn left_chain<'t>(
    cx: Context<'t>,
    operand: Rule<'t, Expr>,
    operators: &'static [(Kind, ArithOp)],
) -> Rule<'t, Expr> {
    let operator = custom::<_, &'t [Token], ArithOp, Extra>(move |input| {
        let at = index(input);
        let known = operators.iter().find(|(kind, _)| cx.kind(at) == Some(*kind));
        let (_, op) = known.ok_or_else(|| Failure::expected(at, &[Want::Operator]))?;
        input.skip();
        Ok(*op)
    });
    operand
        .clone()
        .then(operator.then(operand).repeated().collect::<Vec<_>>())
        .map(|(first, rest)| {
            rest.into_iter().fold(first, |left, (op, right)| {
                let span = left.span.to(right.span);
                Expr { span, ..Expr::arith(left, op, right) }
            })
        })
        .boxed()
}

/// `-a`, `+a`
fn signed<'t>(cx: Context<'t>, expr: Rule<'t, Expr>) -> Rule<'t, Expr> {
    choice((token(cx, Kind::Minus), token(cx, Kind::Plus)))
        .repeated()
        .collect::<Vec<_>>()
        .then(predicated(cx, primary(cx, expr.clone()), expr))
        .map(move |(signs, operand)| {
            signs.into_iter().rev().fold(operand, |inner, sign| {
                let span = cx.at(sign).to(inner.span);
                let make = if cx.kind(sign) == Some(Kind::Minus) { ExprKind::Neg } else { ExprKind::Pos };
                Expr::new(make(Box::new(inner)), span)
            })
        })
        .labelled(Want::Value)
        .boxed()
}
