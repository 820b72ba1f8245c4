//! What an engine says of a stream, and how two answers compare.

use eqlc_backend::Loss;
use serde::Serialize;

/// What an engine found in a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The matches, each the places of its events in the stream, sorted.
    Matches(Vec<Vec<usize>>),
    /// Only whether the stream alerts (Sigma correlations).
    Alerts(bool),
    /// Nothing: the engine gave up with this error, which agrees with no answer.
    Failed(String),
}

/// How the answer of a target relates to that of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The same.
    Same,
    /// Different, and recorded losses say so.
    Covered(Difference),
    /// Different without a loss that covers it.
    Disagrees(Difference),
}

/// What one side found and the other did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Found by the target alone.
    pub(crate) extra: Vec<Vec<usize>>,
    /// Found by the rule alone.
    pub(crate) missing: Vec<Vec<usize>>,
}

impl Verdict {
    /// Matches in comparable form.
    #[must_use]
    pub(crate) fn of(mut matches: Vec<Vec<usize>>) -> Self {
        matches.sort();
        Self::Matches(matches)
    }

    /// Adds what was found elsewhere in the same stream.
    pub(crate) fn add(&mut self, other: Self) {
        match (self, other) {
            (Self::Failed(_), _) => {}
            (own, failed @ Self::Failed(_)) => *own = failed,
            (Self::Matches(own), Self::Matches(more)) => {
                own.extend(more);
                own.sort();
            }
            (Self::Alerts(own), other) => *own |= other.alerts(),
            (own @ Self::Matches(_), Self::Alerts(alerts)) => *own = Self::Alerts(alerts || own.alerts()),
        }
    }

    /// Whether anything matched.
    #[must_use]
    pub fn alerts(&self) -> bool {
        match self {
            Self::Matches(matches) => !matches.is_empty(),
            Self::Alerts(alerts) => *alerts,
            Self::Failed(_) => false,
        }
    }

    /// What `target` found more and less than `self`. Where one side says only whether the stream alerts,
    /// that is what is compared, and the match is the empty list. A target that failed is missing one at least.
    #[must_use]
    pub(crate) fn difference(&self, target: &Self) -> Difference {
        if matches!(target, Self::Failed(_)) {
            let missing = match self {
                Self::Matches(ours) if !ours.is_empty() => ours.clone(),
                _ => vec![Vec::new()],
            };
            return Difference { extra: Vec::new(), missing };
        }
        let (Self::Matches(ours), Self::Matches(theirs)) = (self, target) else {
            let stand_in = |only: bool| if only { vec![Vec::new()] } else { Vec::new() };
            return Difference {
                extra: stand_in(!self.alerts() && target.alerts()),
                missing: stand_in(self.alerts() && !target.alerts()),
            };
        };
        Difference { extra: left_over(theirs, ours), missing: left_over(ours, theirs) }
    }
}

/// Those of `all` that `other` has not, counting repeats.
fn left_over(all: &[Vec<usize>], other: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut other = other.to_vec();
    let keep = |found: &&Vec<usize>| match other.iter().position(|seen| seen == *found) {
        Some(at) => {
            other.swap_remove(at);
            false
        }
        None => true,
    };
    all.iter().filter(keep).cloned().collect()
}

/// Compares under the losses that were recorded.
///
/// A step of a sequence that matches more events than the rule's also replaces and consumes partial
/// sequences that the rule keeps, so under a *wider* loss a sequence may be missing **if** another one
/// stands in its place; and under a *narrower* loss, where a partial is not replaced, another may stand in
/// the place of one that is missing.
#[must_use]
pub(crate) fn compare(rule: &Verdict, target: &Verdict, losses: &[Loss], is_sequence: bool) -> Comparison {
    let difference = rule.difference(target);
    if difference == Difference::default() {
        return Comparison::Same;
    }
    if matches!(target, Verdict::Failed(_)) {
        return Comparison::Disagrees(difference);
    }
    let wider = losses.iter().any(|loss| loss.direction.allows_extra());
    let narrower = losses.iter().any(|loss| loss.direction.allows_missing());
    let replaced = is_sequence && !difference.extra.is_empty() && !difference.missing.is_empty();
    let extra_covered = difference.extra.is_empty() || wider || (narrower && replaced);
    let missing_covered = difference.missing.is_empty() || narrower || (wider && replaced);
    if extra_covered && missing_covered {
        Comparison::Covered(difference)
    } else {
        Comparison::Disagrees(difference)
    }
}

/// The losses that account for all that an output finds more or less than its rule in a stream; none where they do not.
/// What each finds are matches, as places of events; an empty one is an alert.
#[must_use]
pub fn accountable<'l>(
    losses: &'l [Loss],
    (rule, is_sequence): (&[Vec<usize>], bool),
    output: &[Vec<usize>],
) -> Vec<&'l Loss> {
    let alerts = |matches: &[Vec<usize>]| matches.iter().any(Vec::is_empty);
    let verdict = |matches: &[Vec<usize>]| match alerts(matches) {
        true => Verdict::Alerts(true),
        false => Verdict::of(matches.to_vec()),
    };
    let allows = |loss: &Loss, difference: &Difference| {
        (!difference.extra.is_empty() && loss.direction.allows_extra())
            || (!difference.missing.is_empty() && loss.direction.allows_missing())
    };
    match compare(&verdict(rule), &verdict(output), losses, is_sequence) {
        // What is asked of it may hang on more than these events.
        Comparison::Same => losses.iter().collect(),
        Comparison::Covered(found) => losses.iter().filter(|loss| allows(loss, &found)).collect(),
        Comparison::Disagrees(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use eqlc_backend::Direction;
    use eqlc_diagnostics::Span;
    use eqlc_diagnostics::codes::losses::APPROXIMATE_FIELD;

    use super::*;

    fn loss(direction: Direction) -> Loss {
        let (place, why) = (String::new(), String::new());
        Loss { code: APPROXIMATE_FIELD, direction, span: Span::default(), place, why }
    }

    #[test]
    fn a_difference_needs_a_loss_of_its_direction() {
        let rule = Verdict::of(vec![vec![0]]);
        let more = Verdict::of(vec![vec![0], vec![2]]);
        assert_eq!(compare(&rule, &rule, &[], false), Comparison::Same);
        assert!(matches!(compare(&rule, &more, &[], false), Comparison::Disagrees(_)));
        assert!(matches!(
            compare(&rule, &more, &[loss(Direction::Narrower)], false),
            Comparison::Disagrees(_)
        ));
        assert!(matches!(compare(&rule, &more, &[loss(Direction::Wider)], false), Comparison::Covered(_)));
        assert!(matches!(compare(&more, &rule, &[loss(Direction::Wider)], false), Comparison::Disagrees(_)));
    }

    #[test]
    fn a_sequence_in_the_place_of_another_is_not_missing() {
        let rule = Verdict::of(vec![vec![0, 3]]);
        let displaced = Verdict::of(vec![vec![1, 3]]);
        assert!(matches!(
            compare(&rule, &displaced, &[loss(Direction::Wider)], true),
            Comparison::Covered(_)
        ));
        assert!(matches!(compare(&rule, &displaced, &[], true), Comparison::Disagrees(_)));
        let nothing = Verdict::of(Vec::new());
        assert!(matches!(
            compare(&rule, &nothing, &[loss(Direction::Wider)], true),
            Comparison::Disagrees(_)
        ));
    }

    #[test]
    fn repeats_count() {
        let once = Verdict::of(vec![vec![0]]);
        let twice = Verdict::of(vec![vec![0], vec![0]]);
        assert_eq!(once.difference(&twice).extra, vec![vec![0]]);
    }

    #[test]
    fn an_engine_that_failed_agrees_with_nothing() {
        let failed = Verdict::Failed("the query failed".to_owned());
        for rule in [Verdict::of(vec![vec![0]]), Verdict::of(Vec::new()), Verdict::Alerts(false)] {
            let narrower = [loss(Direction::Narrower)];
            assert!(matches!(compare(&rule, &failed, &narrower, true), Comparison::Disagrees(_)), "{rule:?}");
        }
    }

    #[test]
    fn a_verdict_without_events_compares_by_whether_it_alerts() {
        let rule = Verdict::of(vec![vec![0], vec![1]]);
        assert_eq!(compare(&rule, &Verdict::Alerts(true), &[], true), Comparison::Same);
        assert!(matches!(compare(&rule, &Verdict::Alerts(false), &[], true), Comparison::Disagrees(_)));
    }
}
