//! The same operand twice.

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::lints;
use eqlc_eql::ast::{Expr, ExprKind};

use super::super::digest::{Digest, repeats};

/// Each operand of an `and` or `or` that an earlier one equals; the operands with their digests.
pub(super) fn check(operands: &[Expr], digests: &[Digest], word: &str) -> Vec<Diagnostic> {
    let same = |a: usize, b: usize| match (operands.get(a), operands.get(b)) {
        (Some(a), Some(b)) => is_condition(a) && a == b,
        _ => false,
    };
    let repeated = repeats(digests.iter().copied(), same);
    let pairs =
        repeated.into_iter().filter_map(|(at, first)| Some((operands.get(at)?, operands.get(first)?)));
    pairs
        .map(|(operand, first)| {
            Diagnostic::warning(lints::DUPLICATE_CONDITION, format!("this `{word}` says the same twice"))
                .at(operand.span, "changes nothing")
                .and_at(first.span, "said here already")
        })
        .collect()
}

/// Constants are the business of another lint.
fn is_condition(expr: &Expr) -> bool {
    !matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Error)
}
