//! Processing pipelines of pySigma: read as they are, and applied to Sigma documents.
//!
//! [`parse`] reads one pipeline with the place of every finding; [`apply`] runs pipelines over a file of documents, rule
//! to rule, before it is lowered. The authority is pySigma 2.0 (`sigma/processing`); what differs is listed below.
//!
//! # Order and state
//!
//! Pipelines run by priority, lowest first, those of one priority by the name of their file, as one list of items. State,
//! applied items and mapped fields begin anew with every rule. A nested list of items has its own, which the outer list
//! takes over when it ends. Rules come first, then correlation rules, so that conditions on the log source of a
//! correlation see what became of its rules. Filters are treated like rules: their tests are added to rules later.
//!
//! # Whose field names a rule has afterwards
//!
//! A rule in which a pipeline renamed a field is of the taxonomy `ecs` from then on: its names are those of the index,
//! they are typed by the schema where it knows them, and no other mapping is laid on top. A rule in which nothing was
//! renamed keeps its taxonomy. Whoever asks for pipelines gets no mapping of fields beside them, but for targets that
//! have tables of their own: osquery looks names up among Sigma's, its own columns, ECS's and the data of events.
//!
//! # Where this differs from pySigma
//!
//! The rule's own meaning goes first where pySigma loses it without a word:
//!
//! * A value stays `cased` when its text is replaced, mapped or expanded.
//! * `hashes_fields` and `extract_fields` keep `all` and `neq` of a test; values that they leave out are reported.
//! * The expressions of `regex` are bound at both ends, since Sigma searches for them anywhere.
//! * `wildcard_placeholders` in a regular expression is `.*`, not `*`.
//! * Text under `base64`, `wide` and the like is left as it is by what changes text: it is encoded afterwards.
//! * Nested items see the `vars` of the pipeline; an attribute that a rule lacks satisfies no `rule_attribute`, and
//!   `tags` are compared by their text.
//! * A template that names a part of the log source that the rule lacks is an error, not the word `None`; so is an added
//!   condition whose name the rule already uses.
//! * In regular expressions `$` is the very end of a text, and a number has no `_` between its digits.

mod apply;
mod layout;
mod model;
mod origin;
mod python;
mod read;
mod tree;
mod value;

pub use apply::apply;
pub use model::Pipeline;
pub use read::parse;

#[cfg(test)]
mod tests;
