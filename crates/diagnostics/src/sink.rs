//! Lists of diagnostics.

use crate::{Diagnostic, Severity};

/// Diagnostics in the order they were found.
pub type Diagnostics = Vec<Diagnostic>;

/// Whether any of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
