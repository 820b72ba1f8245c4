//! Limits on the matches of a rule (`eql-semantics.md` §8), with as few of them held as the first limit allows.

use eqlc_ir::Pipe;

use super::found::Found;
use super::plan::LimitPlan;
use crate::reference::limits;

/// The matches of a rule that has limits.
#[derive(Default)]
pub(super) struct HeldBack {
    found: Vec<Found>,
}

impl HeldBack {
    /// Holds a match, and lets go of those that the first limit leaves out.
    pub(super) fn hold(&mut self, found: Found, plan: &LimitPlan) {
        self.found.push(found);
        if let Some((count, from_tail)) = first(plan)
            && self.found.len() >= count.saturating_mul(2).saturating_add(1_024)
        {
            self.found.sort();
            if from_tail {
                let excess = self.found.len().saturating_sub(count);
                self.found.drain(..excess);
            } else {
                self.found.truncate(count);
            }
        }
    }

    /// The matches that the limits leave of several parts.
    pub(super) fn finish(parts: impl IntoIterator<Item = Self>, plan: &LimitPlan) -> Vec<Found> {
        let mut all: Vec<Found> = parts.into_iter().flat_map(|part| part.found).collect();
        all.sort();
        limits::apply(all, &plan.pipes, &plan.options)
    }
}

/// The limit that applies first, and whether it counts from the end.
fn first(plan: &LimitPlan) -> Option<(usize, bool)> {
    let from_tail = limits::from_tail(&plan.pipes, &plan.options);
    if let Some(size) = plan.options.size {
        return Some((size, from_tail));
    }
    let (Pipe::Head(count) | Pipe::Tail(count)) = plan.pipes.first()?;
    Some((usize::try_from(*count).unwrap_or(usize::MAX), from_tail))
}
