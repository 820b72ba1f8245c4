//! Where findings are collected.

use eqlc_diagnostics::{Diagnostic, Diagnostics, Severity, has_errors};

/// Findings that are kept of one file. Nobody reads more, and a hostile file could hold a million.
const MAX: usize = 200;

/// Collects findings up to a limit. The first error is always kept, so that a file with errors has one.
#[derive(Default)]
pub(crate) struct Sink {
    diagnostics: Diagnostics,
}

impl Sink {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let wanted = diagnostic.severity == Severity::Error && !has_errors(&self.diagnostics);
        if self.diagnostics.len() < MAX || wanted {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The findings in the order of the text.
    pub(crate) fn finish(mut self) -> Diagnostics {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.start, span.end)));
        self.diagnostics
    }
}
