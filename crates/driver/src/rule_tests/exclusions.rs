//! A rule without what it leaves out.

use eqlc_ir::{Body, Correlation, EventQuery, Pred, Rule, Source};

/// The rule without its exclusions: in each of its queries the negated conditions among those that must all hold, which
/// is where Sigma filters stand too. None where it has none.
pub(super) fn without(rule: &Rule) -> Option<Rule> {
    let mut rule = rule.clone();
    let mut left_out = false;
    let mut strip = |query: &mut EventQuery| left_out |= strip(&mut query.filter);
    match &mut rule.body {
        Body::Event(query) => strip(query),
        Body::Sequence(sequence) => {
            sequence.steps.iter_mut().filter(|step| !step.missing).for_each(|step| strip(&mut step.query));
        }
        Body::Sample(sample) => sample.terms.iter_mut().for_each(|term| strip(&mut term.query)),
        Body::Correlation(correlation) => of_correlation(correlation, &mut strip),
    }
    left_out.then_some(rule)
}

fn of_correlation(correlation: &mut Correlation, strip: &mut impl FnMut(&mut EventQuery)) {
    for rule in &mut correlation.rules {
        match &mut rule.source {
            Source::Events(query) => strip(query),
            Source::Correlation(inner) => of_correlation(inner, strip),
        }
    }
}

fn strip(pred: &mut Pred) -> bool {
    match pred {
        Pred::All(list) => {
            let before = list.len();
            list.retain(|part| !part.is_exclusion());
            let mut inner = false;
            for part in &mut *list {
                inner |= strip(part);
            }
            inner || list.len() < before
        }
        other if other.is_exclusion() => {
            *other = Pred::Const(true);
            true
        }
        _ => false,
    }
}
