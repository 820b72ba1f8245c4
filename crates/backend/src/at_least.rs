//! `at least n of` for targets without it.

use eqlc_ir::fold::{Fold, walk_pred, walk_rule};
use eqlc_ir::{Pred, Rule};

/// The most combinations that are written out.
const MOST_COMBINATIONS: usize = 64;

/// The rule with `at least n of` written as the combinations of n, where these are few.
pub(crate) fn written_out(rule: Rule) -> Rule {
    let asks = rule.queries().iter().any(|query| has_at_least(&query.filter));
    if asks { walk_rule(&mut WrittenOut, rule) } else { rule }
}

fn has_at_least(pred: &Pred) -> bool {
    match pred {
        Pred::AtLeast(..) => true,
        Pred::All(list) | Pred::Any(list) => list.iter().any(has_at_least),
        Pred::Not(inner) => has_at_least(inner),
        Pred::Element(element) => has_at_least(&element.pred),
        Pred::Descendant(query) => has_at_least(&query.filter),
        Pred::Const(_) | Pred::Test(_) | Pred::Anywhere(_) => false,
    }
}

struct WrittenOut;

impl Fold for WrittenOut {
    fn pred(&mut self, pred: Pred) -> Pred {
        match walk_pred(self, pred) {
            Pred::AtLeast(count, list) => match combinations(count, list.len()) {
                Some(chosen) => Pred::Any(chosen.iter().map(|places| Pred::All(of(&list, places))).collect()),
                None => Pred::AtLeast(count, list),
            },
            other => other,
        }
    }
}

fn of(list: &[Pred], places: &[usize]) -> Vec<Pred> {
    places.iter().filter_map(|at| list.get(*at)).cloned().collect()
}

/// Every choice of `count` places of `len`, in order; none where there are too many.
fn combinations(count: usize, len: usize) -> Option<Vec<Vec<usize>>> {
    let mut chosen: Vec<Vec<usize>> = vec![Vec::new()];
    for picked in 0..count {
        let mut longer = Vec::new();
        for places in &chosen {
            let from = places.last().map_or(0, |last| last + 1);
            // Places enough must be left for the rest.
            let to = (len + 1 + picked).saturating_sub(count);
            longer.extend((from..to).map(|at| places.iter().copied().chain([at]).collect::<Vec<_>>()));
            if longer.len() > MOST_COMBINATIONS {
                return None;
            }
        }
        chosen = longer;
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_all_choices_in_order() {
        assert_eq!(combinations(2, 3), Some(vec![vec![0, 1], vec![0, 2], vec![1, 2]]));
        assert_eq!(combinations(3, 3), Some(vec![vec![0, 1, 2]]));
        assert_eq!(combinations(4, 3), Some(Vec::new()));
        assert_eq!(combinations(10, 20), None);
    }
}
