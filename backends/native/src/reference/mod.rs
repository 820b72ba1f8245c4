//! The reference evaluator: slow, small, obviously right. It *is* the meaning of the IR on events.
//!
//! Each file follows one part of the meaning: [`test`](self) the two-level logic of `eql-semantics.md` §5,
//! `compare` §6, `functions` §7, `limits` §8, `order` §9, `sequence` and `missing` §10, `sample` §11,
//! `scope` and `lineage` §14, `correlation` the docs of [`eqlc_ir::Correlation`].

mod answer;
pub(crate) mod check;
pub(crate) mod compare;
mod constants;
pub(crate) mod correlation;
mod dates;
mod deadline;
mod engine;
mod error;
pub mod explain;
mod functions;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod lineage;
mod missing;
pub(crate) mod names;
mod net;
mod numbers;
pub(crate) mod order;
mod prepared;
pub(crate) mod query;
pub(crate) mod sample;
pub(crate) mod scope;
pub(crate) mod sequence;
mod test;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod values;
mod version;

pub(crate) use answer::{Answerer, Known, Learner, text_of};
pub use error::RunError;
pub use prepared::Prepared;

use std::borrow::Cow;
use std::time::Instant;

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{EventQuery, Literal, Metadata, Rule, Scalar};
use order::Stream;
use query::Queries;
use scope::Scope;
use serde::{Deserialize, Serialize};

/// The most choices of values that one test may have on one event, and the most keys that one event may
/// have for one step.
pub const MAX_CHOICES: usize = 100_000;

/// What a rule is run with; the request of Elasticsearch's EQL search (`eql-semantics.md` §12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOptions {
    /// The field that orders events.
    pub timestamp_field: String,
    /// The field that orders events of the same time; events without it come after those with it (§9.1).
    pub tiebreaker_field: Option<String>,
    /// The field that holds the category of an event.
    pub category_field: String,
    /// The most matches; none: no limit. Applies before the pipes of the rule (§8.2).
    pub size: Option<usize>,
    /// From which end [`RunOptions::size`] counts when the rule has no pipe.
    pub result_position: ResultPosition,
    /// The most matches of a sample for one key (§11).
    pub max_samples_per_key: usize,
    /// What `now` of date math is, the same for the whole run. Without it a rule that says `now` is refused.
    #[serde(skip)]
    pub now: Option<Timestamp>,
    /// When a run that is not done is given up. None: never.
    #[serde(skip)]
    pub until: Option<Instant>,
    /// Where events say which log source they are from.
    pub log_source: LogSourceFields,
}

/// The fields of events that name their log source. One without a name is not compared: whatever a rule asks there,
/// every event has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogSourceFields {
    /// The field with the product.
    pub product: String,
    /// The field with the category, or categories.
    pub category: String,
    /// The field with the service, or services.
    pub service: String,
}

impl Default for LogSourceFields {
    /// `logsource.product` and so on, which events of the Windows event log have by their channel and number.
    fn default() -> Self {
        let field = |part: &str| format!("logsource.{part}");
        Self { product: field("product"), category: field("category"), service: field("service") }
    }
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            timestamp_field: "@timestamp".to_owned(),
            tiebreaker_field: None,
            category_field: "event.category".to_owned(),
            size: None,
            result_position: ResultPosition::Tail,
            max_samples_per_key: 1,
            now: None,
            until: None,
            log_source: LogSourceFields::default(),
        }
    }
}

impl RunOptions {
    /// The defaults with the fields that a rule document names.
    #[must_use]
    pub fn of(meta: &Metadata) -> Self {
        let default = Self::default();
        Self {
            timestamp_field: meta.timestamp_field.clone().unwrap_or(default.timestamp_field),
            tiebreaker_field: meta.tiebreaker_field.clone(),
            category_field: meta.event_category_override.clone().unwrap_or(default.category_field),
            ..default
        }
    }
}

/// An end of the ascending list of matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResultPosition {
    /// The earliest.
    Head,
    /// The latest.
    Tail,
}

/// One match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Indexes into the events that were given, in the order of the rule's steps; none for a step that asks
    /// for a missing event.
    pub events: Vec<Option<usize>>,
    /// The key that the events share: dates as ISO 8601 with milliseconds, addresses in canonical form. Empty
    /// for a rule without keys.
    pub join_keys: Vec<Literal>,
}

/// Runs a rule over events once: [`Prepared::run`].
///
/// # Errors
/// What the rule asks for has no meaning here, or would take more than [`MAX_CHOICES`].
pub fn run(rule: &Rule, events: &[Event], options: &RunOptions) -> Result<Vec<Match>, RunError> {
    Prepared::new(Cow::Borrowed(rule))?.run(events, options)
}

/// Whether a rule can be run at all, whatever the events.
///
/// # Errors
/// As [`run`], but for what hangs on events.
pub fn check(rule: &Rule) -> Result<(), RunError> {
    let now = Some(Timestamp::from_nanos(0));
    run(rule, &[], &RunOptions { now, ..RunOptions::default() }).map(|_| ())
}

fn single_events(query: &EventQuery, queries: &Queries, stream: &Stream) -> Result<Vec<Match>, RunError> {
    let mut matches = Vec::new();
    for (index, event) in stream.all() {
        if queries.matches(query, Scope::event(index, event))? {
            matches.push(Match { events: vec![Some(index)], join_keys: Vec::new() });
        }
    }
    Ok(matches)
}

/// The value of a scalar for which no event is needed; null where it has none. Conditions inside it that hold regular
/// expressions are null too.
#[must_use]
pub fn constant(scalar: &Scalar) -> Literal {
    let queries = Queries::of_constants();
    queries.constant(scalar)
}
