//! A missing event at the end of a sequence.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_eql::ast::Body;

/// `eql-semantics.md` §10.7: checked on the events at hand, so that it matches before maxspan is over.
pub(super) fn check(body: &Body, found: &mut Diagnostics) {
    let Body::Sequence(sequence) = body else { return };
    if sequence.terms.iter().all(|term| term.missing) {
        return;
    }
    let Some(last) = sequence.terms.last().filter(|term| term.missing) else { return };
    found.push(
        Diagnostic::warning(lints::MISSING_EVENT_LAST, "the missing event stands at the end of the sequence")
            .at(last.span, "a search before maxspan is over matches although it may still come")
            .help("an event behind it, or a rule that runs on older events, waits for it"),
    );
}
