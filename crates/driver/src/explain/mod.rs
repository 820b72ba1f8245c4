//! Why events match a rule or do not, with texts and places instead of indexes.

mod node;

use eqlc_backend_native::reference::explain::{
    Course, End, EventExplained, Explanation, KeyCourse, QueryExplained, Role, SequenceCourse, explain,
};
use eqlc_diagnostics::{Diagnostic, SourceMap};
use eqlc_ir::{Body, Literal, Rule};
use serde::Serialize;
use serde_json::Value;

use crate::load::LoadedRule;
use crate::run::{EventInput, RunSettings, json, not_evaluable};
pub use node::{ConditionNode, SeenValues, SourcePlace};
pub(crate) use node::{of as condition_of, place};

/// Why events match a rule or do not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleExplanation {
    /// The rule's id.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// How many matches there are.
    pub matches: usize,
    /// The queries of the rule over single events.
    pub queries: Vec<ExplainedQuery>,
    /// The partial match of a sequence that came furthest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<ExplainedSequence>,
    /// The keys of a sample or the groups of a correlation, those that came furthest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ExplainedKey>,
}

/// A query over single events.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedQuery {
    /// What it is in its rule: `event`, `step 2`, `until`, `term 1`, or the name of a rule of a correlation.
    pub role: String,
    /// Whether it asks for a missing event.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
    /// How many events satisfy it.
    pub satisfied_by: usize,
    /// The events nearest to satisfying it, those that do first.
    pub events: Vec<ExplainedEvent>,
}

/// An event as a query saw it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedEvent {
    /// Which event.
    #[serde(flatten)]
    pub event: EventPlace,
    /// How many answers of tests would have to change for it to satisfy the query.
    pub distance: usize,
    /// What came of the query.
    pub condition: ConditionNode,
}

/// Where an event came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventPlace {
    /// The input.
    pub file: String,
    /// The line that it starts on, from 1, or the id of a hit.
    pub id: String,
}

/// How far a sequence came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedSequence {
    /// The key that its events share.
    pub key: Vec<Value>,
    /// How many events a match has.
    pub stages: usize,
    /// The events that it has.
    pub filled: Vec<FilledStage>,
    /// The step that comes next, from 1, where it has not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<usize>,
    /// How it ended.
    pub end: SequenceEnd,
    /// Events behind them that satisfy the next step under other keys; a few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_keys: Vec<OtherKey>,
}

/// An event of a partial match.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FilledStage {
    /// The step, from 1.
    pub step: usize,
    /// The event.
    #[serde(flatten)]
    pub event: EventPlace,
}

/// An event under another key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OtherKey {
    /// Its key.
    pub key: Vec<Value>,
    /// The event.
    #[serde(flatten)]
    pub event: EventPlace,
}

/// How a partial match of a sequence ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum SequenceEnd {
    /// It is a match.
    Complete,
    /// The event that would have come next was too late for the time span.
    TooLate {
        /// The event.
        #[serde(flatten)]
        event: EventPlace,
        /// Milliseconds beyond the span.
        over_ms: i64,
    },
    /// An event satisfied `until`.
    Until {
        /// The event.
        #[serde(flatten)]
        event: EventPlace,
    },
    /// An event stands where none may.
    NotMissing {
        /// The event.
        #[serde(flatten)]
        event: EventPlace,
        /// The step that asks for its absence, from 1.
        step: usize,
    },
    /// No event behind them satisfies the next step with this key.
    Unfinished,
}

/// What there is under a key of a sample, or in a group of a correlation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedKey {
    /// The key.
    pub key: Vec<Value>,
    /// For each term or rule, by the names in [`RuleExplanation::queries`] or of the correlation, how many events
    /// satisfy it.
    pub events: Vec<usize>,
    /// The windows with the most members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<ExplainedWindow>,
}

/// The members of a group within the time span.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedWindow {
    /// Whether the condition holds of it.
    pub holds: bool,
    /// How many members there are.
    pub members: usize,
    /// The first and the last event.
    pub from: EventPlace,
    /// The last event.
    pub to: EventPlace,
    /// The names of the rules that have a member.
    pub rules: Vec<String>,
    /// The number that the condition is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Value>,
}

/// Explains a rule over events: for each query the events nearest to it, at most so many.
///
/// # Errors
/// The rule cannot be evaluated.
pub fn explain_rule(
    rule: &LoadedRule,
    sources: &SourceMap,
    input: &EventInput,
    settings: &RunSettings,
    limit: usize,
) -> Result<RuleExplanation, Box<Diagnostic>> {
    let rule = &rule.lowered;
    let explanation = explain(rule, input.events(), &settings.options(&rule.meta), limit)
        .map_err(|error| Box::new(not_evaluable(&format!("rule `{}`", rule.meta.name), &error)))?;
    Ok(Resolver { rule, sources, input }.rule(explanation))
}

/// What turns indexes into texts.
struct Resolver<'a> {
    rule: &'a Rule,
    sources: &'a SourceMap,
    input: &'a EventInput,
}

impl Resolver<'_> {
    fn rule(&self, explanation: Explanation) -> RuleExplanation {
        let (sequence, keys) = match explanation.course {
            Course::Single => (None, Vec::new()),
            Course::Sequence(course) => (course.map(|course| self.sequence(course)), Vec::new()),
            Course::Keys(keys) => (None, keys.into_iter().map(|key| self.key(key)).collect()),
        };
        RuleExplanation {
            rule: self.rule.id.clone(),
            name: self.rule.meta.name.clone(),
            matches: explanation.matches.len(),
            queries: explanation.queries.into_iter().map(|query| self.query(query)).collect(),
            sequence,
            keys,
        }
    }

    fn query(&self, query: QueryExplained) -> ExplainedQuery {
        let missing = matches!(query.role, Role::Step(_, true));
        let role = match query.role {
            Role::Event => "event".to_owned(),
            Role::Step(at, _) => format!("step {}", at + 1),
            Role::Until => "until".to_owned(),
            Role::Term(at) => format!("term {}", at + 1),
            Role::Rule(name) => name,
        };
        let events = query.events.iter().map(|explained| self.explained(explained)).collect();
        ExplainedQuery { role, missing, satisfied_by: query.satisfied_by, events }
    }

    fn explained(&self, explained: &EventExplained) -> ExplainedEvent {
        ExplainedEvent {
            event: self.event(explained.event),
            distance: explained.finding.distance(true),
            condition: node::of(&explained.finding, self.sources),
        }
    }

    fn event(&self, index: usize) -> EventPlace {
        let found = self.input.found(index);
        let place = found.map(|found| EventPlace { file: found.file.to_owned(), id: found.id() });
        place.unwrap_or_else(|| EventPlace { file: String::new(), id: index.to_string() })
    }

    fn sequence(&self, course: SequenceCourse) -> ExplainedSequence {
        let filled = course.filled.iter();
        ExplainedSequence {
            key: values(&course.key),
            stages: course.stages,
            filled: filled
                .map(|(step, event)| FilledStage { step: step + 1, event: self.event(*event) })
                .collect(),
            next: course.next.map(|step| step + 1),
            end: match course.end {
                End::Complete => SequenceEnd::Complete,
                End::TooLate { event, over_ms } => {
                    let over_ms = i64::try_from(over_ms).unwrap_or(i64::MAX);
                    SequenceEnd::TooLate { event: self.event(event), over_ms }
                }
                End::Until { event } => SequenceEnd::Until { event: self.event(event) },
                End::NotMissing { event, step } => {
                    SequenceEnd::NotMissing { event: self.event(event), step: step + 1 }
                }
                End::Unfinished => SequenceEnd::Unfinished,
            },
            other_keys: course
                .other_keys
                .iter()
                .map(|(event, key)| OtherKey { key: values(key), event: self.event(*event) })
                .collect(),
        }
    }

    fn key(&self, course: KeyCourse) -> ExplainedKey {
        let windows = course.windows.iter().filter_map(|window| {
            let (first, last) = (window.events.first()?, window.events.last()?);
            Some(ExplainedWindow {
                holds: window.holds,
                members: window.events.len(),
                from: self.event(*first),
                to: self.event(*last),
                rules: window.rules.iter().filter_map(|rule| self.name_of(*rule)).collect(),
                number: window.number.as_ref().map(json),
            })
        });
        ExplainedKey {
            key: values(&course.key),
            events: course.events.iter().map(Vec::len).collect(),
            windows: windows.collect(),
        }
    }

    fn name_of(&self, rule: usize) -> Option<String> {
        match &self.rule.body {
            Body::Correlation(correlation) => correlation.rules.get(rule).map(|rule| rule.name.to_string()),
            _ => None,
        }
    }
}

fn values(key: &[Literal]) -> Vec<Value> {
    key.iter().map(json).collect()
}
