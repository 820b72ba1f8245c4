//! `with runs`, which is read as a count of different values; off by default.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_eql::ast::Term;

/// `eql-semantics.md` §10.6.
pub(super) fn check(term: &Term, found: &mut Diagnostics) {
    let Some(runs) = term.runs.as_ref().filter(|runs| runs.value > 1) else { return };
    let message = format!("`runs={}` repeats the step", runs.value);
    found.push(
        Diagnostic::warning(lints::RUNS_ARE_REPETITION, message)
            .at(runs.span, "so many events in a row with the same join keys, whatever else they hold"),
    );
}
