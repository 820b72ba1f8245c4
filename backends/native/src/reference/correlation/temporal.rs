//! Rules in time.

use std::borrow::Borrow;

use super::super::order::exceeds;
use super::members::Member;
use super::{Alerts, events_of_all};

pub(super) fn ordered(list: &[Member], rules: usize, span_ms: u64) -> Alerts<'_> {
    let mut chains = Chains::new(rules);
    let alert = |member| Some((events_of_all(&chains.extend(member, span_ms)?), member));
    list.iter().filter_map(alert).collect()
}

/// For each rule the chain of members of the rules up to it whose first member is the latest: if any chain can be
/// completed in time, this one can.
pub(crate) struct Chains<M> {
    best: Vec<Vec<M>>,
}

impl<M: Clone> Chains<M> {
    pub(crate) fn new(rules: usize) -> Self {
        Self { best: vec![Vec::new(); rules] }
    }

    /// The chains.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Vec<M>> {
        self.best.iter()
    }

    /// The chains, to be dropped in part.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Vec<M>> {
        self.best.iter_mut()
    }

    /// The next member in order. Gives the chain that it completes, and starts anew.
    pub(crate) fn extend<E>(&mut self, member: M, span_ms: u64) -> Option<Vec<M>>
    where
        M: Borrow<Member<E>>,
    {
        let last = self.best.len().checked_sub(1)?;
        // From last rule to first, so that one member stands for one rule of a chain.
        for rule in member.borrow().rules.iter().rev() {
            let mut chain = match rule.checked_sub(1) {
                None => Vec::new(),
                Some(before) => match self.best.get(before) {
                    Some(chain) if follows(chain, member.borrow(), span_ms) => chain.clone(),
                    _ => continue,
                },
            };
            chain.push(member.clone());
            if *rule == last {
                *self = Self::new(self.best.len());
                return Some(chain);
            }
            if let Some(best) = self.best.get_mut(*rule) {
                *best = chain;
            }
        }
        None
    }
}

/// Whether a member comes after a chain, and in time. An alert and its last event stand at one place.
fn follows<E, M: Borrow<Member<E>>>(chain: &[M], member: &Member<E>, span_ms: u64) -> bool {
    chain.last().is_some_and(|last| last.borrow().place < member.place)
        && in_time(chain.first(), member, span_ms)
}

pub(super) fn unordered(list: &[Member], rules: usize, span_ms: u64) -> Alerts<'_> {
    let mut latest = Latest::new(rules);
    let alert = |member| Some((events_of_all(&latest.push(member, span_ms)?), member));
    list.iter().filter_map(alert).collect()
}

/// For each rule its latest member: if any lie in the window that ends here, these do.
pub(crate) struct Latest<M> {
    latest: Vec<Option<M>>,
}

impl<M: Clone> Latest<M> {
    pub(crate) fn new(rules: usize) -> Self {
        Self { latest: vec![None; rules] }
    }

    /// The latest members.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Option<M>> {
        self.latest.iter()
    }

    /// The latest members, to be dropped in part.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Option<M>> {
        self.latest.iter_mut()
    }

    /// The next member in order. Gives a member of each rule if all lie in time, and starts anew.
    pub(crate) fn push<E>(&mut self, member: M, span_ms: u64) -> Option<Vec<M>>
    where
        M: Borrow<Member<E>>,
    {
        for rule in &member.borrow().rules {
            if let Some(latest) = self.latest.get_mut(*rule) {
                *latest = Some(member.clone());
            }
        }
        let all = self.latest.iter().all(|latest| in_time(latest.as_ref(), member.borrow(), span_ms));
        if !all || self.latest.is_empty() {
            return None;
        }
        let empty = Self::new(self.latest.len());
        Some(std::mem::replace(self, empty).latest.into_iter().flatten().collect())
    }
}

fn in_time<E, M: Borrow<Member<E>>>(first: Option<&M>, member: &Member<E>, span_ms: u64) -> bool {
    first.is_some_and(|first| !exceeds(first.borrow().at, member.at, span_ms))
}

/// The rules with a member in a window, ascending.
pub(crate) fn present<E>(window: &[Member<E>]) -> Vec<usize> {
    let mut rules: Vec<usize> = window.iter().flat_map(|member| member.rules.iter().copied()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Whether members of all these rules, one each, follow each other in the order of the rules.
pub(crate) fn in_order<E>(window: &[Member<E>], rules: &[usize]) -> bool {
    let mut wanted = rules.iter().peekable();
    let mut before: Option<usize> = None;
    // The earliest member for each rule leaves the most for the next.
    for member in window {
        let later = before.is_none_or(|before| before < member.place);
        if later && wanted.next_if(|rule| member.rules.contains(rule)).is_some() {
            before = Some(member.place);
        }
    }
    wanted.peek().is_none()
}

/// The most rules of which members follow each other in the order of the rules.
pub(crate) fn longest_chain<E>(window: &[Member<E>], rules: usize) -> usize {
    // For each rule the longest chain that ends with it, and where.
    let mut best: Vec<(usize, usize)> = vec![(0, 0); rules];
    for member in window {
        for rule in member.rules.iter().rev() {
            let before =
                best.iter().take(*rule).filter(|(length, place)| *length > 0 && *place < member.place);
            let longest = before.map(|(length, _)| *length).max().unwrap_or(0);
            if let Some(own) = best.get_mut(*rule).filter(|own| own.0 < longest + 1) {
                *own = (longest + 1, member.place);
            }
        }
    }
    best.iter().map(|(length, _)| *length).max().unwrap_or(0)
}
