//! What happens over several events: sequences, samples, correlations, and what stands above a process.
//!
//! A [`Plan`] says which queries a matcher must answer of single events. Of each event the answers are taken down
//! together with its keys ([`Entry`]); [`Machines`] put these in order and follow the rules. What they remember is
//! bounded, by the time spans of the rules and by [`PartialLimits`](super::PartialLimits).
//!
//! Rules and keys are independent of each other, so machines can be divided into parts ([`Machines::part`]) that
//! each see all entries and follow their own share.

mod above;
mod asked;
mod correlation;
mod entry;
mod found;
mod group;
mod key;
mod limits;
mod lineage;
mod missing;
mod numbers;
mod order;
mod plan;
mod reads;
mod sample;
mod sequence;
mod store;
#[cfg(test)]
pub(super) mod tests;
mod turns;

use std::sync::Arc;

use eqlc_ir::{Body, EventQuery, Rule};

use super::{Before, Detection, Given, Place, Seen, StreamOptions};
use crate::reference::{RunError, RunOptions};
pub(crate) use entry::{AtHand, Entry};
pub(crate) use found::Found;
pub(crate) use plan::Plan;
use turns::Core;

/// A query that a matcher must answer, by its place among all.
pub(crate) type QueryId = u32;

/// A query that a matcher must answer of every event. It asks of the event alone: it names no earlier steps and no
/// processes above.
pub(crate) struct Question {
    pub(crate) id: QueryId,
    /// The rule that it belongs to, whose options say where the category of an event stands.
    pub(crate) rule: usize,
    pub(crate) query: EventQuery,
}

impl Plan {
    /// Whether a rule is for machines. Every other one is for the matcher alone.
    pub(crate) fn takes(rule: &Rule, options: &RunOptions) -> bool {
        match &rule.body {
            Body::Event(query) => {
                !rule.pipes.is_empty() || options.size.is_some() || !query.filter.questions_above().is_empty()
            }
            _ => true,
        }
    }

    /// The plan of some rules, each with its index among all rules.
    ///
    /// # Errors
    /// A rule cannot be run: which, and why.
    pub(crate) fn of(rules: &[(usize, &Rule, &RunOptions)]) -> Result<Self, (usize, RunError)> {
        Self::new(rules)
    }

    /// The rules of the plan, by their index among all rules, ascending.
    pub(crate) fn rules(&self) -> impl Iterator<Item = usize> {
        self.machines.iter().map(|machine| machine.rule)
    }

    /// The queries that the matcher must answer, ascending.
    pub(crate) fn questions(&self) -> &[Question] {
        &self.questions
    }
}

/// All rules over several events at work.
pub(crate) struct Machines {
    core: Core,
}

impl Machines {
    /// Machines for a share of the rules and keys: the first number says which, the second of how many.
    pub(crate) fn part(plan: Arc<Plan>, options: &StreamOptions, part: (usize, usize)) -> Self {
        Self { core: Core::new(plan, options, part) }
    }

    /// The next event in the order of arrival, taken down by [`Plan::read`]. To be told of every event: time passes with
    /// those too that satisfy nothing.
    pub(crate) fn take(&mut self, entry: &Entry, found: &mut Vec<Found>) {
        self.core.take(entry, found);
    }

    /// The end of the stream for the parts of one plan, with what they found since matches were last given.
    pub(crate) fn finish_all(parts: Vec<Self>, mut found: Vec<Found>, out: &mut Vec<Detection>) -> Given {
        let cores: Vec<Core> = parts.into_iter().map(|part| part.core).collect();
        let given = Core::finish_all(cores, &mut found);
        put_in_order(&mut found, out);
        given
    }

    /// How many partial matches are remembered, whatever counts as one.
    pub(crate) fn remembered(&self) -> usize {
        self.core.remembered()
    }

    /// What was given up so far.
    pub(crate) fn given(&self) -> &Given {
        self.core.given()
    }
}

/// Matches in an order that does not hang on who found them.
pub(crate) fn put_in_order(found: &mut Vec<Found>, out: &mut Vec<Detection>) {
    if found.len() > 1 {
        found.sort();
    }
    out.extend(found.drain(..).map(Found::into_detection));
}
