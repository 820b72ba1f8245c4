//! A sequence longer than what a run of its rule sees.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Node};
use eqlc_eql::ast::{Body, MaxSpan, Query};
use eqlc_ir::Metadata;
use eqlc_ir::meta::before_now_ms;

/// Says so where the schedule is known, that is where the rule says `from`.
pub(crate) fn look_back(query: &Query, metadata: &Metadata) -> Option<Diagnostic> {
    let Body::Sequence(sequence) = &query.body else { return None };
    let maxspan: &Node<MaxSpan> = sequence.maxspan.as_ref()?;
    let from = metadata.from.as_deref()?;
    let until = metadata.to.as_deref().and_then(before_now_ms).unwrap_or(0);
    let window = before_now_ms(from)?.saturating_sub(until);
    if maxspan.value.millis() <= window {
        return None;
    }
    let (span, unit) = (maxspan.value.value, maxspan.value.unit.as_str());
    let message = format!("a run of the rule looks back from `{from}`, less than maxspan");
    let warning = Diagnostic::warning(lints::MAXSPAN_BEYOND_LOOK_BACK, message)
        .at(maxspan.span, "longer than what a run sees")
        .help(format!("make `from` reach further back than `now-{span}{unit}`, or maxspan shorter"));
    Some(warning)
}
