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
        CorrelationKind::ValueMedian => percentile(&found(window), 50.0),
        CorrelationKind::ValuePercentile => {
            percentile(&found(window), wanted.percentile.as_ref().and_then(float)?)
        }
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
    let number = |value: &Literal| {
        let value = values::typed(value.clone(), eqlc_ir::FieldType::Float);
        matches!(value, Literal::Int(_) | Literal::Float(_)).then_some(value)
    };
    window.iter().flat_map(|member| &member.numbers).filter_map(number).collect()
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

#[expect(clippy::cast_precision_loss, reason = "no window has 2⁵³ values")]
fn mean(list: &[Literal]) -> Option<Literal> {
    let total = sum(list).as_ref().and_then(float)?;
    Some(Literal::Float(total / list.len() as f64))
}

/// Linear between the two nearest ranks: rank `p / 100 × (n − 1)`, from 0.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks lie between 0 and the number of values"
)]
fn percentile(list: &[Literal], percent: f64) -> Option<Literal> {
    let mut sorted: Vec<f64> = list.iter().filter_map(float).collect();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let rank = percent.clamp(0.0, 100.0) / 100.0 * sorted.len().checked_sub(1)? as f64;
    let low = *sorted.get(rank.floor() as usize)?;
    let high = *sorted.get(rank.ceil() as usize)?;
    Some(Literal::Float(low + (high - low) * rank.fract()))
}

#[expect(clippy::cast_precision_loss, reason = "percentiles and means are of floats")]
fn float(value: &Literal) -> Option<f64> {
    match value {
        Literal::Int(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    }
}
