//! Rules in time.

use super::super::order::exceeds;
use super::members::Member;
use super::{Alerts, events_of_all};

/// The chain of members of the rules up to one whose first member is the latest: if any chain can be completed
/// in time, this one can.
pub(super) fn ordered(list: &[Member], rules: usize, span_ms: u64) -> Alerts<'_> {
    let mut found = Vec::new();
    let mut best: Vec<Vec<&Member>> = vec![Vec::new(); rules];
    for member in list {
        if let Some(chain) = extend(&mut best, member, span_ms) {
            found.push((events_of_all(&chain), member));
            best = vec![Vec::new(); rules];
        }
    }
    found
}

/// From last rule to first, so that one member stands for one rule of a chain.
fn extend<'m>(best: &mut [Vec<&'m Member>], member: &'m Member, span_ms: u64) -> Option<Vec<&'m Member>> {
    let last = best.len().checked_sub(1)?;
    for rule in member.rules.iter().rev() {
        let mut chain = match rule.checked_sub(1) {
            None => Vec::new(),
            Some(before) => match best.get(before) {
                Some(chain) if follows(chain, member, span_ms) => chain.clone(),
                _ => continue,
            },
        };
        chain.push(member);
        if *rule == last {
            return Some(chain);
        }
        if let Some(best) = best.get_mut(*rule) {
            *best = chain;
        }
    }
    None
}

/// Whether a member comes after a chain, and in time. An alert and its last event stand at one place.
fn follows(chain: &[&Member], member: &Member, span_ms: u64) -> bool {
    chain.last().is_some_and(|last| last.place < member.place) && in_time(chain.first(), member, span_ms)
}

/// For each rule its latest member: if any lie in the window that ends here, these do.
pub(super) fn unordered(list: &[Member], rules: usize, span_ms: u64) -> Alerts<'_> {
    let mut found = Vec::new();
    let mut latest: Vec<Option<&Member>> = vec![None; rules];
    for member in list {
        for rule in &member.rules {
            if let Some(latest) = latest.get_mut(*rule) {
                *latest = Some(member);
            }
        }
        let all = latest.iter().all(|latest| in_time(latest.as_ref(), member, span_ms));
        if all && rules > 0 {
            let witness: Vec<&Member> = latest.iter().flatten().copied().collect();
            found.push((events_of_all(&witness), member));
            latest = vec![None; rules];
        }
    }
    found
}

fn in_time(first: Option<&&Member>, member: &Member, span_ms: u64) -> bool {
    first.is_some_and(|first| !exceeds(first.at, member.at, span_ms))
}

/// The rules with a member in a window, ascending.
pub(in super::super) fn present(window: &[Member]) -> Vec<usize> {
    let mut rules: Vec<usize> = window.iter().flat_map(|member| member.rules.iter().copied()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Whether members of all these rules, one each, follow each other in the order of the rules.
pub(super) fn in_order(window: &[Member], rules: &[usize]) -> bool {
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
pub(super) fn longest_chain(window: &[Member], rules: usize) -> usize {
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
