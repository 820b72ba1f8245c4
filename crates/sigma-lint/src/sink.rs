//! Where findings are collected.

use eqlc_diagnostics::{Code, Diagnostic, Diagnostics};

/// Findings that are kept of one file. Nobody reads more, and a hostile file could hold a million.
const MAX: usize = 200;

/// Collects the findings that are wanted, up to a limit.
pub(crate) struct Sink<'a> {
    wanted: &'a dyn Fn(Code) -> bool,
    found: Diagnostics,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(wanted: &'a dyn Fn(Code) -> bool) -> Self {
        Self { wanted, found: Vec::new() }
    }

    /// Adds a finding, which is made only if it is wanted.
    pub(crate) fn push(&mut self, code: Code, make: impl FnOnce() -> Diagnostic) {
        if self.found.len() < MAX && (self.wanted)(code) {
            self.found.push(make());
        }
    }

    /// The findings in the order of the text; one that several documents share is said once.
    pub(crate) fn finish(mut self) -> Diagnostics {
        self.found.sort_by_key(|finding| finding.span().map(|span| (span.start, span.end)));
        self.found.dedup();
        self.found
    }
}
