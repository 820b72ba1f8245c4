//! Samples (`eql-semantics.md` §11).

use std::collections::{BTreeMap, BTreeSet};

use eqlc_events::Event;
use eqlc_ir::Sample;

use super::keys::{self, JoinKey};
use super::query::Queries;
use super::scope::Scope;
use super::{Match, RunError, RunOptions};

/// The most terms (§3).
pub(crate) const MAX_TERMS: usize = 5;

/// For each key, ascending: so many picks of one event a term, all different, the earliest given first. Time
/// plays no part. No more keys are looked at once there are `enough` picks, if that is a number.
pub(super) fn run(
    sample: &Sample,
    queries: &Queries,
    events: &[Event],
    options: &RunOptions,
    enough: Option<usize>,
) -> Result<Vec<Match>, RunError> {
    if sample.terms.len() > MAX_TERMS {
        return Err(RunError::TooManyTerms(sample.terms.len()));
    }
    let by_key = group(sample, queries, events)?;
    let mut matches = Vec::new();
    for (key, terms) in &by_key {
        let mut picks = Vec::new();
        pick(terms, &mut Vec::new(), options.max_samples_per_key, &mut picks);
        matches.extend(picks.into_iter().map(|pick| Match {
            events: pick.into_iter().map(Some).collect(),
            join_keys: keys::literals(key),
        }));
        if enough.is_some_and(|enough| matches.len() >= enough) {
            break;
        }
    }
    Ok(matches)
}

/// For each key the events that fit each term.
pub(super) fn group(
    sample: &Sample,
    queries: &Queries,
    events: &[Event],
) -> Result<BTreeMap<JoinKey, Vec<Vec<usize>>>, RunError> {
    let own: Vec<&[_]> = sample.terms.iter().map(|term| term.by.as_slice()).collect();
    let fields = keys::of_steps(&sample.by, &own);
    let mut by_key: BTreeMap<JoinKey, Vec<Vec<usize>>> = BTreeMap::new();
    for (at, (term, fields)) in sample.terms.iter().zip(&fields).enumerate() {
        for (index, event) in events.iter().enumerate() {
            if !queries.matches(&term.query, Scope::event(index, event))? {
                continue;
            }
            for key in fields.of(event)? {
                let terms = by_key.entry(key).or_insert_with(|| vec![Vec::new(); sample.terms.len()]);
                terms.get_mut(at).into_iter().for_each(|events| events.push(index));
            }
        }
    }
    Ok(by_key)
}

/// Picks by back-tracking, never going where no pick can be finished.
pub(crate) fn pick<E: Ord + Copy>(
    terms: &[Vec<E>],
    taken: &mut Vec<E>,
    limit: usize,
    picks: &mut Vec<Vec<E>>,
) {
    if picks.len() >= limit || !can_finish(terms, &taken.iter().copied().collect()) {
        return;
    }
    let Some((next, rest)) = terms.split_first() else {
        picks.push(taken.clone());
        return;
    };
    for event in next {
        if picks.len() >= limit {
            return;
        }
        if !taken.contains(event) {
            taken.push(*event);
            pick(rest, taken, limit, picks);
            taken.pop();
        }
    }
}

/// Whether the terms can have events that are all different and not taken. As many candidates for each as
/// there are terms are enough to tell: a term with that many is never left without.
fn can_finish<E: Ord + Copy>(terms: &[Vec<E>], taken: &BTreeSet<E>) -> bool {
    let Some((next, rest)) = terms.split_first() else { return true };
    next.iter().filter(|event| !taken.contains(event)).take(terms.len()).any(|event| {
        let mut taken = taken.clone();
        taken.insert(*event);
        can_finish(rest, &taken)
    })
}
