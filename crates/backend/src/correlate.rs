//! Correlations as sequences, for targets that have these and not those.

use eqlc_diagnostics::Span;
use eqlc_diagnostics::codes::losses;
use eqlc_ir::{
    Body, Correlation, CorrelationCondition, CorrelationKind, EventQuery, FieldRef, GroupKey, IgnoredSpan,
    Key, Literal, Pred, Relation, Rule, Sequence, Source, Step,
};

use crate::{Construct, Direction, Loss, Target};

/// The most repetitions that a step takes (`eql-semantics.md` §10.6).
const MOST_RUNS: u32 = 100;

/// A rule whose correlation the target lacks, with the sequence that finds the same groups, where there is one:
///
/// * `temporal_ordered` over rules is a sequence of them. With two rules it finds the same groups, with more it
///   may miss some, since it follows the newest partial only.
/// * `event_count` of one rule with a least number is a run of its events: the last so many of a group are in
///   the time span whenever any so many are.
///
/// Every other correlation stays as it is.
pub(crate) fn as_sequence(mut rule: Rule, target: &Target, losses: &mut Vec<Loss>) -> Rule {
    let Body::Correlation(correlation) = &rule.body else { return rule };
    if !target.has(Construct::Sequence) {
        return rule;
    }
    let found = match correlation.kind {
        CorrelationKind::TemporalOrdered if !target.has(Construct::TemporalOrdered) => ordered(correlation),
        CorrelationKind::EventCount if !target.has(Construct::Aggregation) => run(correlation),
        _ => None,
    };
    if let Some(sequence) = found {
        record(&sequence, losses);
        rule.body = Body::Sequence(sequence);
    }
    rule
}

fn ordered(correlation: &Correlation) -> Option<Sequence> {
    if correlation.condition.is_some() || correlation.rules.len() < 2 {
        return None;
    }
    let queries: Vec<&EventQuery> =
        correlation.rules.iter().map(|rule| rule.source.as_events()).collect::<Option<_>>()?;
    Some(sequence(correlation, queries, 1))
}

fn run(correlation: &Correlation) -> Option<Sequence> {
    let [rule] = correlation.rules.as_slice() else { return None };
    let Source::Events(query) = &rule.source else { return None };
    let Some(CorrelationCondition::Number(number)) = &correlation.condition else { return None };
    let [bound] = number.bounds.as_slice() else { return None };
    let Literal::Int(value) = &bound.value else { return None };
    let least = match bound.relation {
        Relation::GreaterOrEqual => *value,
        Relation::Greater => value.checked_add(1)?,
        _ => return None,
    };
    let runs = u32::try_from(least).ok().filter(|runs| (2..=MOST_RUNS).contains(runs))?;
    (number.fields.is_empty()).then(|| sequence(correlation, vec![query], runs))
}

fn sequence(correlation: &Correlation, queries: Vec<&EventQuery>, runs: u32) -> Sequence {
    let (shared, own): (Vec<&GroupKey>, Vec<&GroupKey>) =
        correlation.group_by.iter().partition(|group| of_one_name(group));
    let by = shared.iter().filter_map(|group| group.fields.first()).map(key).collect();
    let steps = queries.into_iter().enumerate().map(|(at, query)| Step {
        query: query.clone(),
        by: own.iter().filter_map(|group| group.fields.get(at)).map(key).collect(),
        missing: false,
        runs,
        alias: None,
        span: IgnoredSpan(first_span(&query.filter)),
    });
    Sequence { by, maxspan_ms: Some(correlation.timespan_ms), steps: steps.collect(), until: None }
}

/// The order of key parts does not matter, so those of one name stand at the sequence.
fn of_one_name(group: &GroupKey) -> bool {
    group.fields.windows(2).all(|pair| pair.first() == pair.last())
}

/// A member of a group has a value.
fn key(field: &FieldRef) -> Key {
    Key { field: FieldRef { optional: false, ..field.clone() } }
}

fn record(sequence: &Sequence, losses: &mut Vec<Loss>) {
    let span = sequence.steps.first().map_or_else(Span::default, |step| step.span.0);
    let place = "correlation".to_owned();
    let why = "the output reports each run of events, the rule alerts for a group".to_owned();
    let (code, direction) = (losses::TUPLES_REPORTED, Direction::Reordered);
    losses.push(Loss { code, direction, span, place: place.clone(), why });
    if sequence.steps.len() > 2 {
        let why =
            "a sequence follows the newest partial only, a correlation finds any events in order".to_owned();
        let (code, direction) = (losses::ONLY_NEWEST_PARTIAL, Direction::Narrower);
        losses.push(Loss { code, direction, span, place, why });
    }
}

fn first_span(filter: &Pred) -> Span {
    filter.tests().first().map_or_else(Span::default, |test| test.span)
}
