//! From the values of a document, whatever they were written in, to a rule.

mod context;
mod guide;
mod importable;
pub(crate) mod keys;
mod rule;
mod threat;

pub use guide::{GuideSource, GuideTable};
pub(crate) use rule::{Root, read};
