//! `true` and `false` as operands.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_eql::ast::{Expr, ExprKind, Literal};

/// An operand of `and` or `or` that is a constant changes nothing, or everything.
pub(super) fn check(operands: &[Expr], word: &str, found: &mut Diagnostics) {
    let decides = word == "or";
    for operand in operands {
        let ExprKind::Literal(Literal::Bool(value)) = operand.kind else { continue };
        let effect = match (value == decides, value) {
            (false, _) => format!("`{value}` in an `{word}` changes nothing"),
            (true, true) => format!("`{value}` in an `{word}` makes it hold always"),
            (true, false) => format!("`{value}` in an `{word}` makes it hold never"),
        };
        found.push(
            Diagnostic::warning(lints::CONSTANT_CONDITION, effect)
                .at(operand.span, "does not depend on the event"),
        );
    }
}
