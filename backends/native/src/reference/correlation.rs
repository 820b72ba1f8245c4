//! Sigma's correlations (the docs of [`Correlation`]).
//!
//! The meaning says when a group alerts, not how often. Here a match is reported at the event that completes
//! the condition, with a witness: for [`CorrelationKind::Temporal`] the latest event of each rule, for
//! [`CorrelationKind::TemporalOrdered`] the chain whose first event is the latest. After a match the group
//! starts anew, so that no event stands in two matches of a group. One event may satisfy several rules: it can
//! stand for all of them in a temporal correlation, for one of them in an ordered one.

use std::collections::BTreeMap;

use eqlc_events::Timestamp;
use eqlc_ir::{Correlation, CorrelationKind};

use super::keys::{self, JoinKey, KeyFields};
use super::order::{Stream, Timed, exceeds};
use super::query::Queries;
use super::scope::Scope;
use super::{Match, RunError};

/// The alerts of a stream, ascending by their last event, then by group.
pub(super) fn run(
    correlation: &Correlation,
    queries: &Queries,
    stream: &Stream,
) -> Result<Vec<Match>, RunError> {
    let complete = match correlation.kind {
        CorrelationKind::TemporalOrdered => ordered,
        CorrelationKind::Temporal => unordered,
        _ => return Err(RunError::CorrelationKind),
    };
    let fields = group_fields(correlation);
    let mut groups: BTreeMap<JoinKey, Group> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, timed) in stream.timed() {
        for (key, rules) in rules_by_key(correlation, queries, &fields, timed)? {
            let group = groups
                .entry(key.clone())
                .or_insert_with(|| Group { of_rule: vec![Vec::new(); correlation.rules.len()] });
            if let Some(witness) = complete(group, &rules, (timed.index, at), correlation.timespan_ms) {
                let events = witness.into_iter().map(|(index, _)| Some(index)).collect();
                found.push(Match { events, join_keys: keys::literals(&key) });
                groups.remove(&key);
            }
        }
    }
    Ok(found)
}

/// The group fields of each rule; none for a rule that lacks one.
fn group_fields(correlation: &Correlation) -> Vec<Option<KeyFields<'_>>> {
    let of_rule = |rule: usize| {
        let fields: Option<Vec<_>> = correlation.group_by.iter().map(|part| part.fields.get(rule)).collect();
        fields.map(KeyFields::required)
    };
    (0..correlation.rules.len()).map(of_rule).collect()
}

/// The groups that an event belongs to, ascending, and the rules that it satisfies in each.
fn rules_by_key(
    correlation: &Correlation,
    queries: &Queries,
    fields: &[Option<KeyFields<'_>>],
    timed: Timed<'_>,
) -> Result<BTreeMap<JoinKey, Vec<usize>>, RunError> {
    let mut rules: BTreeMap<JoinKey, Vec<usize>> = BTreeMap::new();
    for (at, (rule, fields)) in correlation.rules.iter().zip(fields).enumerate() {
        if let Some(fields) = fields
            && queries.matches(&rule.query, Scope::of(timed))?
        {
            for key in fields.of(timed.event)? {
                rules.entry(key).or_default().push(at);
            }
        }
    }
    Ok(rules)
}

/// An event, by its index, and its time.
type Filled = (usize, Timestamp);

/// What is known of a group: for each rule the events of the best witness that ends with it.
struct Group {
    of_rule: Vec<Vec<Filled>>,
}

/// For rule `i` the chain of events of the rules up to `i` whose first event is the latest: if any chain can be
/// completed in time, this one can.
fn ordered(group: &mut Group, rules: &[usize], event: Filled, span_ms: u64) -> Option<Vec<Filled>> {
    let last = group.of_rule.len().checked_sub(1)?;
    // From last to first, so that one event stands for one rule of a chain.
    for rule in rules.iter().rev() {
        let mut chain = match rule.checked_sub(1) {
            None => Vec::new(),
            Some(before) => match group.of_rule.get(before) {
                Some(chain) if in_time(chain.first(), event, span_ms) => chain.clone(),
                _ => continue,
            },
        };
        chain.push(event);
        if *rule == last {
            return Some(chain);
        }
        if let Some(best) = group.of_rule.get_mut(*rule) {
            *best = chain;
        }
    }
    None
}

/// For each rule its latest event: if any events lie in the window that ends here, these do.
fn unordered(group: &mut Group, rules: &[usize], event: Filled, span_ms: u64) -> Option<Vec<Filled>> {
    for rule in rules {
        if let Some(latest) = group.of_rule.get_mut(*rule) {
            *latest = vec![event];
        }
    }
    let all = group.of_rule.iter().all(|latest| in_time(latest.first(), event, span_ms));
    (all && !group.of_rule.is_empty()).then(|| group.of_rule.concat())
}

fn in_time(first: Option<&Filled>, (_, at): (usize, Timestamp), span_ms: u64) -> bool {
    first.is_some_and(|(_, first)| !exceeds(*first, at, span_ms))
}
