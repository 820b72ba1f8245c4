//! Sums, means and percentiles of a window, kept while members come and go.

use eqlc_ir::{Correlation, CorrelationCondition, CorrelationKind, Literal};

use crate::reference::correlation::measure;

/// What is known of the numbers of a window. What it tells is what the reference computes of all of them.
#[derive(Default)]
pub(super) struct Numbers {
    count: usize,
    /// The sum of those that are whole.
    whole: i128,
    /// How many are not whole, or so large that a sum may not fit: those are added up in their order.
    odd: usize,
    /// All in order, for percentiles.
    sorted: Option<Vec<f64>>,
    /// How many have no place in an order.
    unordered: usize,
}

impl Numbers {
    /// For a correlation; none if it computes with none.
    pub(super) fn of(written: &Correlation) -> Option<Self> {
        match written.kind {
            CorrelationKind::ValueSum | CorrelationKind::ValueAvg => Some(Self::default()),
            CorrelationKind::ValueMedian | CorrelationKind::ValuePercentile => {
                Some(Self { sorted: Some(Vec::new()), ..Self::default() })
            }
            _ => None,
        }
    }

    /// The same for a window without members.
    pub(super) fn anew(&self) -> Self {
        Self { sorted: self.sorted.as_ref().map(|_| Vec::new()), ..Self::default() }
    }

    /// A value comes, which may be no number.
    pub(super) fn add(&mut self, value: &Literal) {
        let Some(number) = measure::number(value) else { return };
        self.count += 1;
        match small(&number) {
            Some(whole) => self.whole += whole,
            None => self.odd += 1,
        }
        if let (Some(sorted), Some(float)) = (&mut self.sorted, measure::float(&number)) {
            if float.is_nan() {
                self.unordered += 1;
            } else {
                let at = sorted.partition_point(|known| *known <= float);
                sorted.insert(at, float);
            }
        }
    }

    /// A value that came before goes.
    pub(super) fn remove(&mut self, value: &Literal) {
        let Some(number) = measure::number(value) else { return };
        self.count = self.count.saturating_sub(1);
        match small(&number) {
            Some(whole) => self.whole -= whole,
            None => self.odd = self.odd.saturating_sub(1),
        }
        if let (Some(sorted), Some(float)) = (&mut self.sorted, measure::float(&number)) {
            if float.is_nan() {
                self.unordered = self.unordered.saturating_sub(1);
            } else {
                let at = sorted.partition_point(|known| *known < float);
                if at < sorted.len() {
                    sorted.remove(at);
                }
            }
        }
    }

    /// Whether a condition holds of them; none if that can only be told from all of them.
    pub(super) fn holds(&self, kind: CorrelationKind, condition: &CorrelationCondition) -> Option<bool> {
        let CorrelationCondition::Number(wanted) = condition else { return None };
        let number = match (kind, &self.sorted) {
            _ if self.count == 0 => None,
            (CorrelationKind::ValueSum, _) if self.odd == 0 => Some(Literal::Int(self.whole)),
            (CorrelationKind::ValueAvg, _) if self.odd == 0 => {
                measure::mean_of(&Literal::Int(self.whole), self.count)
            }
            (CorrelationKind::ValueMedian | CorrelationKind::ValuePercentile, Some(sorted))
                if self.unordered == 0 =>
            {
                measure::percent(kind, wanted).and_then(|percent| measure::percentile_of(sorted, percent))
            }
            _ => return None,
        };
        Some(number.is_some_and(|number| measure::keeps(wanted, &number)))
    }
}

/// A whole number so small that no window has enough of them for a sum that does not fit.
fn small(number: &Literal) -> Option<i128> {
    match number {
        Literal::Int(whole) if whole.unsigned_abs() <= u128::from(u64::MAX) => Some(*whole),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use eqlc_ir::{Aggregate, Bound, Relation};

    use super::*;
    use crate::reference::correlation::{holds, members::Member};
    use crate::reference::tests::random::Random;

    fn written(kind: CorrelationKind, bound: Literal, percentile: f64) -> Correlation {
        let wanted = Aggregate {
            bounds: vec![Bound { relation: Relation::GreaterOrEqual, value: bound }],
            fields: Vec::new(),
            percentile: Some(Literal::Float(percentile)),
        };
        Correlation {
            kind,
            rules: Vec::new(),
            group_by: Vec::new(),
            timespan_ms: 0,
            condition: Some(CorrelationCondition::Number(wanted)),
        }
    }

    fn value(random: &mut Random) -> Literal {
        match random.below(12) {
            0 => Literal::Str("7.5".into()),
            1 => Literal::Str("none".into()),
            2 => Literal::Float(0.1),
            3 => Literal::Float(-2.5),
            4 => Literal::Int(i128::MAX),
            5 => Literal::Int(i128::from(u64::MAX)),
            6 => Literal::Bool(true),
            _ => Literal::Int(i128::from(random.below(9)) - 4),
        }
    }

    #[test]
    fn what_is_kept_tells_what_is_computed_of_all() {
        let kinds = [
            CorrelationKind::ValueSum,
            CorrelationKind::ValueAvg,
            CorrelationKind::ValueMedian,
            CorrelationKind::ValuePercentile,
        ];
        let (mut told, mut held) = (0, 0);
        for seed in 0..600_u64 {
            let random = &mut Random::new(seed);
            let bound = Literal::Int(i128::from(random.below(7)) - 3);
            let kind = kinds[usize::try_from(seed % 4).unwrap()];
            let written = written(kind, bound, 100.0 / 7.0 * (seed % 8) as f64);
            let condition = written.condition.as_ref().unwrap();
            let mut numbers = Numbers::of(&written).unwrap();
            let mut window: Vec<Member> = Vec::new();
            // Odd numbers are rare in half of the windows.
            let plain = seed % 2 == 0;
            for at in 0..40 {
                if random.below(3) == 0 && !window.is_empty() {
                    window.remove(0).numbers.iter().for_each(|number| numbers.remove(number));
                } else {
                    let of_member = (0..random.below(3)).map(|_| match plain {
                        true => Literal::Int(i128::from(random.below(9)) - 4),
                        false => value(random),
                    });
                    let of_member: Vec<Literal> = of_member.collect();
                    of_member.iter().for_each(|number| numbers.add(number));
                    window.push(Member {
                        place: at,
                        at: eqlc_events::Timestamp::from_nanos(0),
                        events: vec![at],
                        rules: vec![0],
                        values: Default::default(),
                        numbers: of_member,
                    });
                }
                if let Some(holds_now) = numbers.holds(kind, condition) {
                    assert_eq!(holds_now, holds(&written, &window), "seed {seed}, {kind:?} at {at}");
                    told += 1;
                    held += usize::from(holds_now);
                }
            }
        }
        assert!(told > 15_000 && held > 4_000, "{told} told, {held} held");
    }
}
