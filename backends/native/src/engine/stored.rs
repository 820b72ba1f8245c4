//! A plan as bytes, and back without compiling anything again.
//!
//! Tests, programs, gates and the tables of the index are written down as they are. Rules over several events are
//! written as they stand in the IR, for what is made of them is small and hangs on the options of a stream. What is read may be anything: it is
//! checked for whatever those who run it rely on, and nothing in it makes room for more than there are bytes.

use std::sync::Arc;

use eqlc_events::Timestamp;
use eqlc_ir::{Body, Metadata, Pipe, Rule};
use serde::{Deserialize, Serialize};

use super::plan;
use super::rules::{Part, Plan, Refused};
use super::state;
use crate::reference::{RunOptions, check, names};

/// These bytes are no plan: why, in lower case, without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged(pub String);

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damaged {}

#[derive(Serialize)]
struct Written<'a> {
    queries: &'a plan::Tables,
    parts: &'a [Part],
    rule_of: &'a [usize],
    options: Vec<&'a RunOptions>,
    stateful: Vec<WrittenRule<'a>>,
}

/// A rule over several events; its options by their place.
#[derive(Serialize)]
struct WrittenRule<'a> {
    rule: usize,
    options: usize,
    body: &'a Body,
    pipes: &'a [Pipe],
}

#[derive(Deserialize)]
struct Read {
    queries: plan::Tables,
    parts: Vec<Part>,
    rule_of: Vec<usize>,
    options: Vec<RunOptions>,
    stateful: Vec<ReadRule>,
}

#[derive(Deserialize)]
struct ReadRule {
    rule: usize,
    options: usize,
    body: Body,
    pipes: Vec<Pipe>,
}

impl Plan {
    /// The plan as bytes, the same for the same rules. `rules` are those that it was made of.
    ///
    /// # Errors
    /// Something cannot be written down so that it can be read.
    pub fn to_bytes(&self, rules: &[(&Rule, &RunOptions)]) -> Result<Vec<u8>, Damaged> {
        let mut options: Vec<&RunOptions> = Vec::new();
        let mut stateful = Vec::new();
        for at in self.state.rules() {
            let Some((rule, of_rule)) = rules.get(at) else { continue };
            let place = options.iter().position(|known| known == of_rule).unwrap_or(options.len());
            if place == options.len() {
                options.push(of_rule);
            }
            stateful.push(WrittenRule { rule: at, options: place, body: &rule.body, pipes: &rule.pipes });
        }
        let (parts, rule_of) = (&self.parts, &self.rule_of);
        let written = Written { queries: self.queries.tables(), parts, rule_of, options, stateful };
        let bytes = postcard::to_stdvec(&written).map_err(|error| Damaged(error.to_string()))?;
        // Nesting that readers refuse is found here.
        Self::from_bytes(&bytes, self.rules, Some(Timestamp::from_nanos(0)))?;
        Ok(bytes)
    }

    /// The plan of so many rules that these bytes are, for a run at an instant, and the rules that cannot be run then.
    ///
    /// # Errors
    /// They are none.
    pub fn from_bytes(
        bytes: &[u8],
        rules: usize,
        now: Option<Timestamp>,
    ) -> Result<(Self, Vec<Refused>), Damaged> {
        let (read, rest) = postcard::take_from_bytes::<Read>(bytes).map_err(|error| {
            Damaged(format!("its tables cannot be read: {}", error.to_string().to_lowercase()))
        })?;
        if !rest.is_empty() || !read.fits(rules) {
            return Err(Damaged("its tables do not fit together".to_owned()));
        }
        let mut refused = Vec::new();
        let state = machines(read.stateful, &read.options, now, &mut refused)?;
        let asked = read.parts.iter().filter_map(|part| match part {
            Part::Question(question) => Some(*question),
            Part::Whole(_) => None,
        });
        if !asked.eq(state.questions().iter().map(|question| question.id)) {
            return Err(Damaged("its rules over several events ask other questions".to_owned()));
        }
        let (mut queries, unanswerable) =
            read.queries.into_plan(now).ok_or_else(|| Damaged("its programs are none".to_owned()))?;
        for (query, error) in unanswerable {
            let rule = read.rule_of.get(query.0 as usize).copied().unwrap_or_default();
            if !refused.iter().any(|(known, _)| *known == rule) {
                refused.push((rule, error));
            }
        }
        refused.sort_by_key(|(rule, _)| *rule);
        if !refused.is_empty() {
            let of = |query: usize| read.rule_of.get(query);
            queries.silence(|query| refused.iter().any(|(rule, _)| Some(rule) == of(query)));
        }
        let (queries, state) = (Arc::new(queries), Arc::new(state));
        Ok((Self { queries, state, parts: read.parts, rule_of: read.rule_of, rules }, refused))
    }
}

impl Read {
    /// Whether all of it speaks of the same queries, and of rules that there are.
    fn fits(&self, rules: usize) -> bool {
        let is_rule = |rule: &usize| *rule < rules;
        self.parts.len() == self.queries.queries()
            && self.rule_of.len() == self.queries.queries()
            && self.rule_of.iter().all(is_rule)
            && self.parts.iter().all(|part| match part {
                Part::Whole(rule) => is_rule(rule),
                Part::Question(_) => true,
            })
            && self.stateful.iter().all(|stateful| is_rule(&stateful.rule))
    }
}

/// The machines of the rules over several events. One that cannot be run at this instant keeps its place, for the
/// questions are numbered, and is refused.
fn machines(
    stateful: Vec<ReadRule>,
    options: &[RunOptions],
    now: Option<Timestamp>,
    refused: &mut Vec<Refused>,
) -> Result<state::Plan, Damaged> {
    let default = RunOptions::default();
    let meta: Arc<Metadata> = Arc::default();
    let mut rules: Vec<(usize, Rule, RunOptions)> = Vec::with_capacity(stateful.len());
    for ReadRule { rule, options: place, body, pipes } in stateful {
        let rule_options = RunOptions { now, ..options.get(place).unwrap_or(&default).clone() };
        let written = Rule { id: String::new(), meta: Arc::clone(&meta), body, pipes };
        rules.push((rule, written, rule_options));
    }
    let bad = |error: &dyn std::fmt::Display| Damaged(format!("a rule over several events is none: {error}"));
    for (_, rule, _) in &rules {
        check::depth(rule).and_then(|()| names::check(rule)).map_err(|error| bad(&error))?;
    }
    loop {
        let listed: Vec<_> = rules.iter().map(|(at, rule, options)| (*at, rule, options)).collect();
        let (failed, error) = match state::Plan::of(&listed) {
            Ok(plan) => return Ok(plan),
            Err(failed) => failed,
        };
        if refused.iter().any(|(known, _)| *known == failed) {
            return Err(bad(&error));
        }
        refused.push((failed, error));
        let of_rule = rules.iter_mut().filter(|(at, _, _)| *at == failed);
        of_rule.for_each(|(_, _, options)| options.now = Some(Timestamp::from_nanos(0)));
    }
}
