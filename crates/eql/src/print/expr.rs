//! Expressions broken over lines.

use super::flat::{Flat, Full, Level, OPERAND, is_list, level, list_head, literal, try_write, write};
use super::lines::Lines;
use super::{INDENT, is_written};
use crate::ast::{Expr, ExprKind, Literal};
use eqlc_diagnostics::{Node, Span};

/// Writes the operands of `and` or `or` a line each, from a new line on.
pub(super) fn chain(lines: &mut Lines<'_>, expr: &Expr, indent: usize) {
    let (operands, word) = match &expr.kind {
        ExprKind::And(operands) => (operands, " and"),
        ExprKind::Or(operands) => (operands, " or"),
        _ => return,
    };
    lines.open();
    for (at, operand) in operands.iter().enumerate() {
        lines.start(indent, Some(operand.span.start));
        if level(operand) >= OPERAND {
            fit(lines, operand, indent);
        } else {
            group(lines, operand, operand.span, indent);
        }
        lines.forget_blanks(operand.span.end.saturating_sub(1));
        if at + 1 < operands.len() {
            lines.push(word);
        }
    }
}

/// Whether breaking the expression keeps a blank line between operands or values.
pub(super) fn parted(lines: &Lines<'_>, expr: &Expr) -> bool {
    if !lines.has_blanks() {
        return false;
    }
    let between = |(left, right): (Span, Span)| lines.parts(left.end, right.start);
    let exprs = |items: &[Expr]| {
        let behind = items.iter().skip(1);
        items.iter().zip(behind).any(|(left, right)| between((left.span, right.span)))
    };
    match &expr.kind {
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            exprs(operands) || operands.iter().any(|operand| parted(lines, operand))
        }
        ExprKind::Not(inner) => parted(lines, inner),
        ExprKind::Call(call) => exprs(&call.args),
        ExprKind::In(test) => exprs(&test.items),
        ExprKind::Match(test) => {
            let behind = test.patterns.iter().skip(1);
            test.patterns.iter().zip(behind).any(|(left, right)| between((left.span, right.span)))
        }
        _ => false,
    }
}

/// Writes an expression on the line if it fits and no comment stands in its brackets, over several otherwise.
fn fit(lines: &mut Lines<'_>, expr: &Expr, indent: usize) {
    let free = !commented(lines, expr) && !parted(lines, expr);
    // Room for ` and`.
    if !free || !lines.fits(4, |out| try_write(out, expr)) {
        broken(lines, expr, indent);
    }
}

/// Writes `(…)` around a chain that was written at `span`.
fn group(lines: &mut Lines<'_>, expr: &Expr, span: Span, indent: usize) {
    let comment = is_written(span) && lines.has_comment(span.start, span.end);
    let free = !comment && !parted(lines, expr);
    let whole = |out: &mut Flat<'_>| {
        out.push("(")?;
        try_write(out, expr)?;
        out.push(")")
    };
    // Room for ` and`.
    if free && lines.fits(4, whole) {
        return;
    }
    lines.push("(");
    chain(lines, expr, indent + INDENT);
    lines.close(indent, span.end);
    lines.push(")");
}

/// Whether breaking the expression keeps a comment of its own inside brackets.
pub(super) fn commented(lines: &Lines<'_>, expr: &Expr) -> bool {
    let brackets = match &expr.kind {
        ExprKind::Not(inner) if level(inner) < Level::Not => true,
        ExprKind::Not(inner) => return commented(lines, inner),
        ExprKind::Call(call) => !call.args.is_empty(),
        ExprKind::In(_) => true,
        ExprKind::Match(test) => is_list(test),
        _ => false,
    };
    brackets && is_written(expr.span) && lines.has_comment(expr.span.start, expr.span.end)
}

/// Writes an expression over several lines where its shape allows it, starting on the line.
pub(super) fn broken(lines: &mut Lines<'_>, expr: &Expr, indent: usize) {
    match &expr.kind {
        ExprKind::Not(inner) => {
            lines.push("not ");
            if level(inner) >= Level::Not {
                fit(lines, inner, indent);
            } else {
                group(lines, inner, expr.span, indent);
            }
        }
        ExprKind::Call(call) if !call.args.is_empty() => {
            list(lines, expr, call.args.iter().map(Item::Value), indent);
        }
        ExprKind::In(test) if !test.items.is_empty() => {
            list(lines, expr, test.items.iter().map(Item::Value), indent);
        }
        ExprKind::Match(test) if is_list(test) => {
            list(lines, expr, test.patterns.iter().map(Item::Pattern), indent);
        }
        _ => lines.write(|out| write(out, expr)),
    }
}

/// An item of a list.
enum Item<'e> {
    Value(&'e Expr),
    Pattern(&'e Node<Literal>),
}

impl Item<'_> {
    fn place(&self) -> Span {
        match self {
            Self::Value(value) => value.span,
            Self::Pattern(pattern) => pattern.span,
        }
    }

    fn write(&self, out: &mut Flat<'_>) -> Result<(), Full> {
        match self {
            Self::Value(value) => write(out, value),
            Self::Pattern(pattern) => literal(out, &pattern.value),
        }
    }
}

/// Writes a list with as many values a line as fit; with comments inside one a line.
fn list<'e>(
    lines: &mut Lines<'_>,
    expr: &Expr,
    items: impl ExactSizeIterator<Item = Item<'e>>,
    indent: usize,
) {
    // Comments still waiting come into the list, also those in front of it.
    let single = is_written(expr.span) && lines.has_comment(0, expr.span.end);
    lines.write(|out| list_head(out, expr));
    lines.open();
    let count = items.len();
    let mut end = None;
    for (at, item) in items.enumerate() {
        let more = at + 1 < count;
        let place = item.place();
        let parted = end.is_some_and(|end| lines.parts(end, place.start));
        let behind = |out: &mut Flat<'_>| {
            out.push(" ")?;
            item.write(out)
        };
        if at == 0 || single || parted || !lines.fits(usize::from(more), behind) {
            lines.start(indent + INDENT, Some(place.start));
            lines.write(|out| item.write(out));
        }
        lines.forget_blanks(place.end.saturating_sub(1));
        end = Some(place.end);
        if more {
            lines.push(",");
        }
    }
    lines.close(indent, expr.span.end);
    lines.push(")");
}
