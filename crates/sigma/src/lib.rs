//! Sigma documents: read with the place of every word, and written in SigmaHQ's layout.
//!
//! [`parse`] turns the text of a `.yml` file into a [`File`] of rules, correlation rules and filters;
//! [`write`] prints one. Printing and reading back gives an equal file, and printing that again the same
//! text. The crate knows Sigma only: no file access, no field maps, no intermediate form.

mod condition;
mod correlation;
mod detection;
mod document;
mod meta;
mod modifier;
mod read;
mod string;
mod value;
mod write;
pub mod yaml;

pub use condition::{Condition, Quantifier, Target};
pub use correlation::{
    Aggregate, Alias, Correlation, CorrelationCondition, CorrelationType, Relation, TimeUnit, Timespan,
};
pub use detection::{Detection, FieldTest, Item, Keyword, NamedSearch, Search};
pub use document::{CorrelationRule, Document, File, Filter, LogSource, Rule, RuleSelection};
pub use meta::{Data, Level, Meta, Related, Status};
pub use modifier::{Modifier, UnknownModifier};
pub use read::{parse, parse_search};
pub use string::{Part, SigmaString};
pub use value::Value;
pub use write::write;

#[cfg(test)]
mod tests;
