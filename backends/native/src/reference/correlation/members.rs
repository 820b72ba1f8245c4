//! What satisfies the rules of a correlation, by group.

use std::collections::{BTreeMap, BTreeSet};

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Correlation, CorrelationCondition, GroupKey, Source};

use super::super::RunError;
use super::super::keys::{JoinKey, KeyFields};
use super::super::order::Stream;
use super::super::query::Queries;
use super::super::scope::Scope;
use super::super::values::literal;

/// An event or an alert, in one group. Events are told by `E`: here by their index in the events that were given.
pub(crate) struct Member<E = usize> {
    /// Its place in the order of events.
    pub(crate) place: usize,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Its events, by index; one but for alerts.
    pub(crate) events: Vec<E>,
    /// The rules that it satisfies in this group, ascending.
    pub(crate) rules: Vec<usize>,
    /// The combinations of values of the fields that the condition names.
    pub(crate) values: BTreeSet<JoinKey>,
    /// The values of the first of these fields, repeats included.
    pub(crate) numbers: Vec<eqlc_ir::Literal>,
}

/// The members of each group, groups ascending, members in order.
pub(crate) fn groups(
    correlation: &Correlation,
    queries: &Queries,
    stream: &Stream<'_>,
) -> Result<BTreeMap<JoinKey, Vec<Member>>, RunError> {
    let events: BTreeMap<usize, &Event> = stream.all().collect();
    let counted = counted(correlation);
    // By group, place and events: what satisfies several rules is one member.
    let mut found: BTreeMap<JoinKey, BTreeMap<(usize, Vec<usize>), Member>> = BTreeMap::new();
    for (rule, part) in correlation.rules.iter().enumerate() {
        let Some(group_fields) = fields_of(&correlation.group_by, rule) else { continue };
        let values = fields_of(counted, rule);
        for (place, at, own) in hits(&part.source, queries, stream)? {
            let own_events = || own.iter().filter_map(|index| events.get(index).copied());
            let mut groups: BTreeSet<JoinKey> = BTreeSet::new();
            for event in own_events() {
                groups.extend(group_fields.of(event)?);
            }
            for group in groups {
                let member =
                    found.entry(group).or_default().entry((place, own.clone())).or_insert_with(|| {
                        let (rules, values, numbers) = (Vec::new(), BTreeSet::new(), Vec::new());
                        Member { place, at, events: own.clone(), rules, values, numbers }
                    });
                if !member.rules.contains(&rule) {
                    member.rules.push(rule);
                }
                if let Some(values) = &values {
                    for event in own_events() {
                        member.values.extend(values.of(event)?);
                    }
                }
                if member.numbers.is_empty()
                    && let Some(field) = counted.first().and_then(|key| key.fields.get(rule))
                {
                    let of_event =
                        |event: &Event| -> Vec<_> { event.values(&field.path).iter().map(literal).collect() };
                    member.numbers = own_events().flat_map(of_event).collect();
                }
            }
        }
    }
    Ok(found.into_iter().map(|(group, members)| (group, members.into_values().collect())).collect())
}

/// The fields that the condition counts or computes with.
pub(crate) fn counted(correlation: &Correlation) -> &[GroupKey] {
    match &correlation.condition {
        Some(CorrelationCondition::Number(wanted)) => &wanted.fields,
        _ => &[],
    }
}

/// The fields of a rule for a list of names; none where one of them has no field for the rule.
pub(crate) fn fields_of(keys: &[GroupKey], rule: usize) -> Option<KeyFields<'_>> {
    let fields: Option<Vec<_>> = keys.iter().map(|part| part.fields.get(rule)).collect();
    fields.map(KeyFields::required)
}

/// What satisfies a rule: place, time and events.
type Hit = (usize, Timestamp, Vec<usize>);

fn hits(source: &Source, queries: &Queries, stream: &Stream<'_>) -> Result<Vec<Hit>, RunError> {
    match source {
        Source::Events(query) => {
            let mut hits = Vec::new();
            for (place, (at, timed)) in stream.timed().enumerate() {
                if queries.matches(query, Scope::of(timed))? {
                    hits.push((place, at, vec![timed.index]));
                }
            }
            Ok(hits)
        }
        Source::Correlation(inner) => {
            let alerts = super::alerts(inner, queries, stream)?;
            Ok(alerts.into_iter().map(|alert| (alert.place, alert.at, alert.events)).collect())
        }
    }
}
