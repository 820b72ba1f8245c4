//! The number that a correlation computes of a window.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use eqlc_ir::{Aggregate, Correlation, CorrelationKind, Literal};

use super::super::{numbers, values};
use super::members::Member;
use super::temporal;

/// The number; none where there is nothing to compute with.
pub(crate) fn of<E>(correlation: &Correlation, wanted: &Aggregate, window: &[Member<E>]) -> Option<Literal> {
    match correlation.kind {
        CorrelationKind::Temporal => count(temporal::present(window).len()),
        CorrelationKind::TemporalOrdered => count(temporal::longest_chain(window, correlation.rules.len())),
        CorrelationKind::EventCount => count(window.len()),
        CorrelationKind::ValueCount => {
            let values: BTreeSet<_> = window.iter().flat_map(|member| &member.values).collect();
            count(values.len())
        }
        CorrelationKind::ValueSum => sum(&found(window)),
        CorrelationKind::ValueAvg => mean(&found(window)),
        CorrelationKind::ValueMedian | CorrelationKind::ValuePercentile => {
            percentile(&found(window), percent(correlation.kind, wanted)?)
        }
        _ => None,
    }
}

/// Which percentile is asked for; the median is one.
pub(crate) fn percent(kind: CorrelationKind, wanted: &Aggregate) -> Option<f64> {
    match kind {
        CorrelationKind::ValueMedian => Some(50.0),
        CorrelationKind::ValuePercentile => wanted.percentile.as_ref().and_then(float),
        _ => None,
    }
}

/// Whether a number keeps every bound.
pub(crate) fn keeps(wanted: &Aggregate, number: &Literal) -> bool {
    let one = |bound: &eqlc_ir::Bound| {
        numbers::order(number, &bound.value).is_some_and(|order| bound.relation.accepts(order))
    };
    wanted.bounds.iter().all(one)
}

pub(crate) fn count(number: usize) -> Option<Literal> {
    i128::try_from(number).ok().map(Literal::Int)
}

/// The values that are numbers or texts of numbers.
fn found<E>(window: &[Member<E>]) -> Vec<Literal> {
    window.iter().flat_map(|member| &member.numbers).filter_map(number).collect()
}

/// The number that a value is, as it is or as text.
pub(crate) fn number(value: &Literal) -> Option<Literal> {
    let value = values::typed(value.clone(), eqlc_ir::FieldType::Float);
    matches!(value, Literal::Int(_) | Literal::Float(_)).then_some(value)
}

/// Exact for whole numbers, as long as they fit.
fn sum(list: &[Literal]) -> Option<Literal> {
    if list.is_empty() {
        return None;
    }
    let whole = list.iter().try_fold(0_i128, |sum, value| match value {
        Literal::Int(value) => sum.checked_add(*value),
        _ => None,
    });
    Some(whole.map_or_else(|| Literal::Float(list.iter().filter_map(float).sum()), Literal::Int))
}

fn mean(list: &[Literal]) -> Option<Literal> {
    mean_of(&sum(list)?, list.len())
}

/// The mean of so many numbers with this sum.
#[expect(clippy::cast_precision_loss, reason = "no window has 2⁵³ values")]
pub(crate) fn mean_of(sum: &Literal, count: usize) -> Option<Literal> {
    Some(Literal::Float(float(sum)? / count as f64))
}

fn percentile(list: &[Literal], percent: f64) -> Option<Literal> {
    let mut sorted: Vec<f64> = list.iter().filter_map(float).collect();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    percentile_of(&sorted, percent)
}

/// Of numbers in order, linear between the two nearest ranks: rank `p / 100 × (n − 1)`, from 0.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks lie between 0 and the number of values"
)]
pub(crate) fn percentile_of(sorted: &[f64], percent: f64) -> Option<Literal> {
    let rank = percent.clamp(0.0, 100.0) / 100.0 * sorted.len().checked_sub(1)? as f64;
    let low = *sorted.get(rank.floor() as usize)?;
    let high = *sorted.get(rank.ceil() as usize)?;
    Some(Literal::Float(low + (high - low) * rank.fract()))
}

#[expect(clippy::cast_precision_loss, reason = "percentiles and means are of floats")]
pub(crate) fn float(value: &Literal) -> Option<f64> {
    match value {
        Literal::Int(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    }
}
