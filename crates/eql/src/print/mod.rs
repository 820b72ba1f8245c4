//! Trees → text, in one layout.
//!
//! A line holds about a hundred columns. What does not fit is broken: one operand of `and` or `or` a line, values of
//! a list as many as fit, a term of a sequence always on its own. Comments stay at the nearest line end or line
//! start; where one stands inside brackets, these are broken so that it stays inside. The formatter also keeps blank
//! lines between operands, values, terms and pipes, one at most. Printing what was printed changes nothing.

mod expr;
mod flat;
mod lines;
mod text;

use std::borrow::Cow;

use crate::ast::{Body, Category, EventFilter, Expr, ExprKind, Pipe, Query, Term};
use eqlc_diagnostics::{Node, Span};
use flat::flat;
use lines::Lines;

pub(crate) use text::quote;

/// Columns of a line.
const WIDTH: usize = 100;
/// Columns of a level.
const INDENT: usize = 2;

/// Writes a query; the text ends with a line end.
///
/// For a tree in normal form without errors (see [`crate::ast`]) reading the text gives the tree again. A part that
/// could not be read is written `<error>`, which is not EQL.
#[must_use]
pub fn print(query: &Query) -> String {
    print_parted(query, &[])
}

/// As [`print()`], with blank lines where the text had them between operands, values, terms and pipes. `blanks`: where
/// what follows a blank line starts, in the order of the text.
pub(crate) fn print_parted(query: &Query, blanks: &[u32]) -> String {
    let mut lines = Lines::new(&query.comments, blanks);
    match &query.body {
        Body::Event(filter) => {
            let next = query.pipes.first().map(|pipe| pipe.span.start);
            print_filter(&mut lines, filter, "", next, 0);
        }
        Body::Sequence(sequence) => {
            lines.start(0, start_of(&sequence.by));
            lines.push("sequence");
            by(&mut lines, &sequence.by);
            if let Some(Node { value: maxspan, .. }) = &sequence.maxspan {
                lines.push(&format!(" with maxspan={}{}", maxspan.value, maxspan.unit.as_str()));
            }
            lines.open();
            sequence.terms.iter().for_each(|term| print_term(&mut lines, term, false, INDENT));
            if let Some(until) = &sequence.until {
                print_term(&mut lines, until, true, 0);
            }
        }
        Body::Sample(sample) => {
            lines.start(0, start_of(&sample.by));
            lines.push("sample");
            by(&mut lines, &sample.by);
            lines.open();
            sample.terms.iter().for_each(|term| print_term(&mut lines, term, false, INDENT));
        }
        Body::Error => {
            lines.start(0, None);
            lines.push("<error>");
        }
    }
    query.pipes.iter().for_each(|pipe| print_pipe(&mut lines, pipe));
    lines.finish()
}

/// Writes an expression on one line.
#[must_use]
pub fn print_expr(expr: &Expr) -> String {
    flat(expr)
}

fn start_of(keys: &[Expr]) -> Option<u32> {
    keys.first().map(|key| key.span.start)
}

/// Writes ` by a, b` on the line; nothing without keys.
fn by(lines: &mut Lines<'_>, keys: &[Expr]) {
    for (at, key) in keys.iter().enumerate() {
        lines.push(if at == 0 { " by " } else { ", " });
        lines.write(|out| flat::write(out, key));
    }
}

fn category(category: &Category) -> Cow<'_, str> {
    match category {
        Category::Any => "any".into(),
        Category::Named { name, quoted: false } if crate::token::is_plain_name(name) => name.as_str().into(),
        Category::Named { name, .. } => quote(name).into(),
    }
}

fn print_pipe(lines: &mut Lines<'_>, pipe: &Pipe) {
    lines.start(0, Some(pipe.span.start));
    let args = pipe.args.iter().map(flat).collect::<Vec<_>>().join(", ");
    let space = if args.is_empty() { "" } else { " " };
    lines.push(&format!("| {}{space}{args}", pipe.name.value));
}

/// Writes a filter with `open` in front. `next` is where what follows the filter starts, `None` for the end. Gives
/// whether it took several lines.
fn print_filter(
    lines: &mut Lines<'_>,
    filter: &EventFilter,
    open: &str,
    next: Option<u32>,
    indent: usize,
) -> bool {
    let whole = filter.category.span;
    if !open.is_empty() {
        lines.open();
    }
    lines.start(indent, Some(whole.start));
    lines.push(open);
    lines.push(&category(&filter.category.value));
    lines.push(" where");
    let chain = matches!(filter.condition.kind, ExprKind::And(_) | ExprKind::Or(_));
    let forced = if chain {
        lines.has_comment(whole.start, next.unwrap_or(u32::MAX))
    } else {
        expr::commented(lines, &filter.condition)
    };
    let forced = forced || expr::parted(lines, &filter.condition);
    let whole = |out: &mut flat::Flat<'_>| {
        out.push(" ")?;
        flat::try_write(out, &filter.condition)
    };
    // Room for a bracket behind.
    if !forced && lines.fits(1, whole) {
        lines.forget_blanks(filter.condition.span.end.saturating_sub(1));
        return false;
    }
    if chain {
        expr::chain(lines, &filter.condition, indent + INDENT);
    } else {
        lines.push(" ");
        expr::broken(lines, &filter.condition, indent);
    }
    true
}

fn print_term(lines: &mut Lines<'_>, term: &Term, until: bool, indent: usize) {
    let open = match (until, term.missing) {
        (false, false) => "[",
        (false, true) => "![",
        (true, false) => "until [",
        (true, true) => "until ![",
    };
    // Comments before the term belong before its line, not into its bracket.
    lines.start(indent, Some(term.span.start));
    let end = term.by.first().map_or(term.span.end, |key| key.span.start);
    if print_filter(lines, &term.filter, open, Some(end), indent) {
        lines.close(indent, end);
    }
    lines.push("]");
    by(lines, &term.by);
    if let Some(runs) = &term.runs {
        lines.push(&format!(" with runs={}", runs.value));
    }
    if let Some(alias) = &term.alias {
        lines.push(&format!(" as {}", alias.value));
    }
    lines.forget_blanks(term.span.end.saturating_sub(1));
}

/// Whether something was written at a place: trees made by code have none.
fn is_written(span: Span) -> bool {
    span.start < span.end
}
