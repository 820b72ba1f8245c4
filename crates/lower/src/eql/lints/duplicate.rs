//! The same operand twice.

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};
use eqlc_eql::ast::{Expr, ExprKind};

/// Each operand of an `and` or `or` that an earlier one equals.
pub(super) fn check(expr: &Expr, found: &mut Diagnostics) {
    let (operands, word) = match &expr.kind {
        ExprKind::And(operands) => (operands, "and"),
        ExprKind::Or(operands) => (operands, "or"),
        _ => return,
    };
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for operand in operands.iter().filter(|operand| is_condition(operand)) {
        let text = eqlc_eql::print_expr(operand);
        match seen.get(&text) {
            Some(first) => found.push(
                Diagnostic::warning(lints::DUPLICATE_CONDITION, format!("this `{word}` says the same twice"))
                    .at(operand.span, "changes nothing")
                    .and_at(*first, "said here already"),
            ),
            None => {
                seen.insert(text, operand.span);
            }
        }
    }
}

/// Constants are the business of another lint.
fn is_condition(expr: &Expr) -> bool {
    !matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Error)
}
