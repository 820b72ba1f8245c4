//! The fast evaluator: all rules in one plan, one pass over the events.
//!
//! What a rule means is said by the IR and by [`crate::reference`]; this evaluator gives the same answers. Where it
//! differs is only *when*: the reference looks at a whole list of events, this one at a stream. Events that come
//! out of order are waited for as long as [`StreamOptions::disorder_ms`] says, and what a stateful rule may remember
//! is bounded by [`StreamOptions::partials`]; whatever is given up for either is counted ([`Given`]).

mod atoms;
mod bits;
mod carefully;
mod detection;
mod gates;
mod hand;
mod index;
mod json;
mod keywords;
mod matcher;
mod memo;
mod outcomes;
mod paths;
mod plan;
mod program;
mod rules;
mod session;
mod sets;
mod state;
mod stored;
mod tester;
#[cfg(test)]
mod tests;
mod values;
mod wake;

pub use detection::{
    Before, Detection, Given, Malformed, PartialLimits, Place, RuleCost, Seen, Stats, StreamOptions,
};
pub use rules::{Plan, Refused};
pub use session::{Looked, Scout, Session};
pub use stored::Damaged;
