//! Refusals of content.

use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};

/// One E4003. `what` is the message.
pub(crate) fn content(span: Span, what: impl Into<String>) -> Diagnostics {
    vec![Diagnostic::error(targets::CONTENT_REFUSED, what).at(span, "has no form in Sigma")]
}
