//! Expressions, flat and broken over lines.

use super::lines::Lines;
use super::text::{literal, path};
use super::{INDENT, WIDTH, category, is_written};
use crate::ast::{Expr, ExprKind};
use eqlc_diagnostics::Span;

/// How tight an expression binds, loosest first (`eql-semantics.md` §2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
    Predicate,
    Primary,
}

fn level(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::Or(_) => Level::Or,
        ExprKind::And(_) => Level::And,
        ExprKind::Not(_) => Level::Not,
        ExprKind::Compare { .. } => Level::Compare,
        ExprKind::Arith { rest, .. } if rest.iter().all(|(op, _)| op.is_product()) => Level::Product,
        ExprKind::Arith { .. } => Level::Sum,
        ExprKind::Neg(_) | ExprKind::Pos(_) => Level::Sign,
        ExprKind::In { .. } | ExprKind::Match { .. } => Level::Predicate,
        // Where a relation stands the grammar wants a whole operand.
        ExprKind::Lineage { .. } => Level::Compare,
        _ => Level::Primary,
    }
}

/// The expression on one line.
pub(super) fn flat(expr: &Expr) -> String {
    let mut out = String::new();
    write(&mut out, expr);
    out
}

/// Writes an operand that must bind at least as tight as `least`.
fn operand(out: &mut String, expr: &Expr, least: Level) {
    if level(expr) >= least {
        return write(out, expr);
    }
    out.push('(');
    write(out, expr);
    out.push(')');
}

/// The level that operands of `and` and `or` need. An `and` in an `or` gets parentheses though it binds tighter:
/// nobody should have to know.
const OPERAND: Level = Level::Not;

fn join<T>(out: &mut String, items: &[T], between: &str, mut write: impl FnMut(&mut String, &T)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(between);
        }
        write(out, item);
    }
}

fn write(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Or(operands) => join(out, operands, " or ", |out, item| operand(out, item, OPERAND)),
        ExprKind::And(operands) => join(out, operands, " and ", |out, item| operand(out, item, OPERAND)),
        ExprKind::Not(inner) => {
            out.push_str("not ");
            operand(out, inner, Level::Not);
        }
        ExprKind::Compare { op, left, right } => {
            operand(out, left, Level::Sum);
            out.push_str(&format!(" {} ", op.value.as_str()));
            operand(out, right, Level::Sum);
        }
        ExprKind::Arith { first, rest } => {
            let own = level(expr);
            let tighter = if own == Level::Sum { Level::Product } else { Level::Sign };
            operand(out, first, tighter);
            for (op, right) in rest {
                out.push_str(&format!(" {} ", op.as_str()));
                operand(out, right, tighter);
            }
        }
        ExprKind::Neg(inner) => {
            out.push('-');
            operand(out, inner, Level::Sign);
        }
        ExprKind::Pos(inner) => {
            out.push('+');
            operand(out, inner, Level::Sign);
        }
        _ => write_tight(out, expr),
    }
}

/// Predicates and what binds tighter.
fn write_tight(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Literal(value) => out.push_str(&literal(value)),
        ExprKind::Field { segments, optional } => {
            if *optional {
                out.push('?');
            }
            out.push_str(&path(segments));
        }
        ExprKind::Variable { name, path: rest } => {
            out.push_str(&format!("${}", name.value));
            if !rest.is_empty() {
                out.push('.');
                out.push_str(&path(rest));
            }
        }
        ExprKind::Lineage { relation, filter } => {
            out.push_str(&format!(
                "{} of [{} where ",
                relation.value.as_str(),
                category(&filter.category.value)
            ));
            write(out, &filter.condition);
            out.push(']');
        }
        ExprKind::Call { args, .. } => {
            out.push_str(&list_head(expr));
            join(out, args, ", ", write);
            out.push(')');
        }
        ExprKind::In { items, .. } => {
            out.push_str(&list_head(expr));
            join(out, items, ", ", write);
            out.push(')');
        }
        ExprKind::Match { patterns, .. } => {
            out.push_str(&list_head(expr));
            join(out, patterns, ", ", |out, item| out.push_str(&literal(&item.value)));
            if is_list(expr) {
                out.push(')');
            }
        }
        _ => out.push_str("<error>"),
    }
}

/// Whether a match is written with parentheses.
fn is_list(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Match { patterns, list, .. } if *list || patterns.len() != 1)
}

/// A list up to and with its opening parenthesis; a match of one pattern up to the blank before it.
fn list_head(expr: &Expr) -> String {
    let mut out = String::new();
    match &expr.kind {
        ExprKind::Call { name, insensitive, .. } => {
            out.push_str(&name.value);
            out.push_str(if *insensitive { "~(" } else { "(" });
        }
        ExprKind::In { subject, negated, insensitive, .. } => {
            operand(&mut out, subject, Level::Primary);
            out.push_str(if *negated { " not in" } else { " in" });
            out.push_str(if *insensitive { "~ (" } else { " (" });
        }
        ExprKind::Match { subject, op, .. } => {
            operand(&mut out, subject, Level::Primary);
            out.push_str(&format!(" {} ", op.value.as_str()));
            out.push_str(if is_list(expr) { "(" } else { "" });
        }
        _ => {}
    }
    out
}

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
            group(lines, operand, indent);
        }
        lines.forget_blanks(operand.span.end.saturating_sub(1));
        if at + 1 < operands.len() {
            lines.push(word);
        }
    }
}

/// Whether breaking the expression keeps a blank line between operands or values.
pub(super) fn parted(lines: &Lines<'_>, expr: &Expr) -> bool {
    let between = |items: &[Span]| {
        items.iter().zip(items.iter().skip(1)).any(|(left, right)| lines.parts(left.end, right.start))
    };
    let spans = |items: &[Expr]| items.iter().map(|item| item.span).collect::<Vec<_>>();
    match &expr.kind {
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            between(&spans(operands)) || operands.iter().any(|operand| parted(lines, operand))
        }
        ExprKind::Not(inner) => parted(lines, inner),
        ExprKind::Call { args, .. } | ExprKind::In { items: args, .. } => between(&spans(args)),
        ExprKind::Match { patterns, .. } => {
            between(&patterns.iter().map(|pattern| pattern.span).collect::<Vec<_>>())
        }
        _ => false,
    }
}

/// Writes an expression on the line if it fits and no comment stands in its brackets, over several otherwise.
fn fit(lines: &mut Lines<'_>, expr: &Expr, indent: usize) {
    let text = flat(expr);
    // Room for ` and`.
    let fits = lines.column() + text.chars().count() + 4 <= WIDTH;
    if fits && !commented(lines, expr) && !parted(lines, expr) {
        lines.push(&text);
    } else {
        broken(lines, expr, indent);
    }
}

/// Writes `(…)` around a chain.
fn group(lines: &mut Lines<'_>, expr: &Expr, indent: usize) {
    let text = flat(expr);
    let fits = lines.column() + text.chars().count() + 6 <= WIDTH;
    let comment = is_written(expr.span) && lines.has_comment(expr.span.start, expr.span.end);
    lines.push("(");
    if fits && !comment && !parted(lines, expr) {
        lines.push(&text);
    } else {
        chain(lines, expr, indent + INDENT);
        lines.close(indent, expr.span.end);
    }
    lines.push(")");
}

/// Whether breaking the expression keeps a comment of its own inside brackets.
pub(super) fn commented(lines: &Lines<'_>, expr: &Expr) -> bool {
    let brackets = match &expr.kind {
        ExprKind::Not(inner) if level(inner) < Level::Not => true,
        ExprKind::Not(inner) => return commented(lines, inner),
        ExprKind::Call { args, .. } => !args.is_empty(),
        ExprKind::In { .. } => true,
        ExprKind::Match { .. } => is_list(expr),
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
                let own = Expr::new(inner.kind.clone(), expr.span);
                group(lines, &own, indent);
            }
        }
        ExprKind::Call { args, .. } | ExprKind::In { items: args, .. } if !args.is_empty() => {
            let items = args.iter().map(|arg| (flat(arg), arg.span)).collect::<Vec<_>>();
            list(lines, expr, &items, indent);
        }
        ExprKind::Match { patterns, .. } if is_list(expr) => {
            let items: Vec<_> = patterns.iter().map(|item| (literal(&item.value), item.span)).collect();
            list(lines, expr, &items, indent);
        }
        _ => lines.push(&flat(expr)),
    }
}

/// Writes a list with as many values a line as fit; with comments inside one a line.
fn list(lines: &mut Lines<'_>, expr: &Expr, items: &[(String, Span)], indent: usize) {
    // Comments still waiting come into the list, also those in front of it.
    let single = is_written(expr.span) && lines.has_comment(0, expr.span.end);
    lines.push(&list_head(expr));
    lines.open();
    let mut end = None;
    for (at, (text, place)) in items.iter().enumerate() {
        let more = at + 1 < items.len();
        let width = text.chars().count() + 1 + usize::from(more);
        let parted = end.is_some_and(|end| lines.parts(end, place.start));
        if at == 0 || single || parted || lines.column() + width > WIDTH {
            lines.start(indent + INDENT, Some(place.start));
        } else {
            lines.push(" ");
        }
        lines.push(text);
        lines.forget_blanks(place.end.saturating_sub(1));
        end = Some(place.end);
        if more {
            lines.push(",");
        }
    }
    lines.close(indent, expr.span.end);
    lines.push(")");
}
