//! The same operand twice.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Span};
use eqlc_eql::ast::{Expr, ExprKind};

use super::super::digest::{Digest, repeats};

/// Each operand of an `and` or `or` that an earlier one equals; the operands with their digests.
pub(super) fn check(operands: &[Expr], digests: &[Digest], word: &str) -> Vec<Diagnostic> {
    let same = |a: usize, b: usize| match (operands.get(a), operands.get(b)) {
        (Some(a), Some(b)) => is_condition(a) && a == b,
        _ => false,
    };
    let finding = |(at, first): (usize, usize)| {
        let (operand, first) = (operands.get(at)?, operands.get(first)?);
        let finding =
            Diagnostic::warning(lints::DUPLICATE_CONDITION, format!("this `{word}` says the same twice"))
                .at(operand.span, "changes nothing")
                .and_at(first.span, "said here already");
        // Together with the word before it. Unsafe, since another condition was perhaps meant.
        let before = at.checked_sub(1).and_then(|at| operands.get(at));
        let start = before.map_or(operand.span.start, |before| before.span.end);
        let gone = Span { start, ..operand.span };
        Some(finding.fix(Applicability::Unsafe, "remove the condition", gone, ""))
    };
    repeats(digests.iter().copied(), same).into_iter().filter_map(finding).collect()
}

/// Constants are the business of another lint.
fn is_condition(expr: &Expr) -> bool {
    !matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Error)
}
