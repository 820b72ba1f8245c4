//! Where in a pipeline something stands, for findings in rules, whose sources do not hold the pipeline.

use std::fmt;
use std::sync::Arc;

/// A line of a pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) file: Arc<str>,
    pub(crate) line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, line {}", self.file, self.line)
    }
}
