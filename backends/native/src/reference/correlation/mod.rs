//! Sigma's correlations (the docs of [`Correlation`]).
//!
//! The meaning says when a group alerts, not how often. Here a match is reported with a witness. Where more
//! members can only help, it comes with the member that completes the condition: for
//! [`CorrelationKind::Temporal`] the latest member of each rule, for [`CorrelationKind::TemporalOrdered`] the
//! chain whose first member is the latest, for counts the members of the window. Everything else is asked of the
//! windows that no longer one holds all members of, earliest first, and the witness is the whole window. After
//! a match the group starts anew, so that no member stands in two matches of a group. One event may satisfy
//! several rules: it can stand for all of them in a temporal correlation, for one of them in an ordered one.

pub(crate) mod measure;
pub(crate) mod members;
pub(crate) mod temporal;

use eqlc_events::Timestamp;
use eqlc_ir::{Correlation, CorrelationCondition, CorrelationKind, Relation, RuleCondition};

use super::keys::{self, JoinKey};
use super::order::{Stream, exceeds};
use super::query::Queries;
use super::{Match, RunError};
pub(super) use measure::of as number;
pub(super) use members::{Member, groups};
pub(super) use temporal::present;

/// The alert of a group.
struct Alert {
    /// Its place in the order of events: that of its last event.
    place: usize,
    /// When its last event happened.
    at: Timestamp,
    /// The events, by index.
    events: Vec<usize>,
    group: JoinKey,
}

/// The alerts of a stream, ascending by their last event, then by group.
pub(super) fn run(
    correlation: &Correlation,
    queries: &Queries,
    stream: &Stream<'_>,
) -> Result<Vec<Match>, RunError> {
    let alerts = alerts(correlation, queries, stream)?;
    let found = |alert: Alert| Match {
        events: alert.events.into_iter().map(Some).collect(),
        join_keys: keys::literals(&alert.group),
    };
    Ok(alerts.into_iter().map(found).collect())
}

fn alerts(correlation: &Correlation, queries: &Queries, stream: &Stream<'_>) -> Result<Vec<Alert>, RunError> {
    check(correlation)?;
    let mut found: Vec<Alert> = Vec::new();
    for (group, list) in groups(correlation, queries, stream)? {
        let group_of = |(events, last): (Vec<usize>, &Member)| Alert {
            place: last.place,
            at: last.at,
            events,
            group: group.clone(),
        };
        found.extend(of_group(correlation, &list)?.into_iter().map(group_of));
    }
    found.sort_by(|a, b| (a.place, &a.group).cmp(&(b.place, &b.group)));
    Ok(found)
}

/// The alerts of one group: the events of the witness, and its last member.
type Alerts<'m> = Vec<(Vec<usize>, &'m Member)>;

fn of_group<'m>(correlation: &Correlation, list: &'m [Member]) -> Result<Alerts<'m>, RunError> {
    let span = correlation.timespan_ms;
    match (correlation.kind, &correlation.condition) {
        (CorrelationKind::Temporal, None) => Ok(temporal::unordered(list, correlation.rules.len(), span)),
        (CorrelationKind::TemporalOrdered, None) => {
            Ok(temporal::ordered(list, correlation.rules.len(), span))
        }
        _ if more_can_only_help(correlation) => Ok(completed(correlation, list)),
        _ => Ok(longest_windows(correlation, list)),
    }
}

/// Whether a window that satisfies the condition does so with any further member too.
pub(crate) fn more_can_only_help(correlation: &Correlation) -> bool {
    let counts = matches!(
        correlation.kind,
        CorrelationKind::Temporal
            | CorrelationKind::TemporalOrdered
            | CorrelationKind::EventCount
            | CorrelationKind::ValueCount
    );
    counts
        && match &correlation.condition {
            None => true,
            Some(CorrelationCondition::Number(wanted)) => wanted
                .bounds
                .iter()
                .all(|bound| matches!(bound.relation, Relation::Greater | Relation::GreaterOrEqual)),
            Some(CorrelationCondition::Rules(wanted)) => {
                correlation.kind == CorrelationKind::Temporal && !negates(wanted)
            }
        }
}

fn negates(wanted: &RuleCondition) -> bool {
    match wanted {
        RuleCondition::Rule(_) => false,
        RuleCondition::All(list) | RuleCondition::Any(list) => list.iter().any(negates),
        RuleCondition::Not(_) => true,
    }
}

/// The windows that end with the member that completes the condition.
fn completed<'m>(correlation: &Correlation, list: &'m [Member]) -> Alerts<'m> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, last) in list.iter().enumerate() {
        let from = list.get(start..=at).unwrap_or_default();
        start +=
            from.iter().take_while(|member| exceeds(member.at, last.at, correlation.timespan_ms)).count();
        let window = list.get(start..=at).unwrap_or_default();
        if holds(correlation, window) {
            found.push((events_of(window), last));
            start = at + 1;
        }
    }
    found
}

/// The windows whose members are not all in a longer one.
fn longest_windows<'m>(correlation: &Correlation, list: &'m [Member]) -> Alerts<'m> {
    let mut found = Vec::new();
    let (mut start, mut reached) = (0, 0);
    while let Some(first) = list.get(start) {
        let rest = list.get(start..).unwrap_or_default();
        let inside = |member: &&Member| !exceeds(first.at, member.at, correlation.timespan_ms);
        let end = start + rest.iter().take_while(inside).count();
        let window = list.get(start..end).unwrap_or_default();
        if end > reached
            && let Some(last) = window.last()
            && holds(correlation, window)
        {
            found.push((events_of(window), last));
            start = end;
        } else {
            start += 1;
        }
        reached = reached.max(end);
    }
    found
}

/// The windows that no longer one holds all members of, whether or not they alert.
pub(super) fn longest<'m>(correlation: &Correlation, list: &'m [Member]) -> Vec<&'m [Member]> {
    let (mut found, mut end) = (Vec::new(), 0);
    for (start, first) in list.iter().enumerate() {
        let rest = list.get(end..).unwrap_or_default();
        let more =
            rest.iter().take_while(|member| !exceeds(first.at, member.at, correlation.timespan_ms)).count();
        if more > 0 {
            end += more;
            found.extend(list.get(start..end));
        }
    }
    found
}

/// Whether a group of these members alone alerts.
pub(super) fn alerts_in(correlation: &Correlation, window: &[Member]) -> bool {
    of_group(correlation, window).is_ok_and(|alerts| !alerts.is_empty())
}

/// Whether the condition of a correlation holds of the members of a window.
pub(crate) fn holds<E>(correlation: &Correlation, window: &[Member<E>]) -> bool {
    match &correlation.condition {
        Some(CorrelationCondition::Number(wanted)) => {
            measure::of(correlation, wanted, window).is_some_and(|number| measure::keeps(wanted, &number))
        }
        Some(CorrelationCondition::Rules(wanted)) => {
            let present = present(window);
            satisfied(wanted, &present)
                && (correlation.kind == CorrelationKind::Temporal || temporal::in_order(window, &present))
        }
        None => false,
    }
}

/// Whether an expression holds if these rules have a member.
pub(crate) fn satisfied(wanted: &RuleCondition, present: &[usize]) -> bool {
    match wanted {
        RuleCondition::Rule(rule) => present.contains(rule),
        RuleCondition::All(list) => list.iter().all(|each| satisfied(each, present)),
        RuleCondition::Any(list) => list.iter().any(|each| satisfied(each, present)),
        RuleCondition::Not(inner) => !satisfied(inner, present),
    }
}

/// The events of a window, in order.
fn events_of(window: &[Member]) -> Vec<usize> {
    events_of_all(&window.iter().collect::<Vec<_>>())
}

/// The events of the members, one after the other.
fn events_of_all(members: &[&Member]) -> Vec<usize> {
    members.iter().flat_map(|member| member.events.iter().copied()).collect()
}

/// Refuses what has no meaning: a count or a computation without a number to compare, an expression over the
/// rules of one.
pub(crate) fn check(correlation: &Correlation) -> Result<(), RunError> {
    let fields = match &correlation.condition {
        Some(CorrelationCondition::Number(wanted)) => Some(wanted.fields.len()),
        _ => None,
    };
    let fine = match correlation.kind {
        CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => true,
        CorrelationKind::EventCount => fields.is_some(),
        CorrelationKind::ValueCount => fields.is_some_and(|count| count > 0),
        CorrelationKind::ValueSum
        | CorrelationKind::ValueAvg
        | CorrelationKind::ValueMedian
        | CorrelationKind::ValuePercentile => fields == Some(1),
        _ => false,
    };
    if fine { Ok(()) } else { Err(RunError::CorrelationKind) }
}
