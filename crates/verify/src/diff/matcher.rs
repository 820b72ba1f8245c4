//! What finds matches in streams of events.

use eqlc_events::Event;
use eqlc_ir::Rule;
use serde_json::Value as Json;

use crate::engine::{Evaluator, Streams};
use crate::verdict::Verdict;
use crate::world::Projected;

/// Anything that finds matches in a stream: a rule, or an output with whatever runs it.
pub trait Matcher {
    /// What it finds in each stream of events in order; none where it cannot be asked of a stream.
    fn verdicts(&self, streams: &[Vec<Json>]) -> Vec<Option<Verdict>>;

    /// What it finds in one stream.
    fn verdict(&self, events: &[Json]) -> Option<Verdict> {
        self.verdicts(&[events.to_vec()]).pop().flatten()
    }
}

/// A rule, evaluated by the reference evaluator.
pub struct RuleMatcher<'r> {
    rule: Evaluator<'r>,
}

impl<'r> RuleMatcher<'r> {
    /// The rule as a matcher.
    #[must_use]
    pub fn new(rule: &'r Rule) -> Self {
        Self { rule: Evaluator::of(rule) }
    }
}

impl Matcher for RuleMatcher<'_> {
    fn verdicts(&self, streams: &[Vec<Json>]) -> Vec<Option<Verdict>> {
        let mut all = Streams::default();
        streams.iter().for_each(|stream| all.push(events(stream)));
        all.verdicts(&self.rule).into_iter().map(Result::ok).collect()
    }
}

fn events(stream: &[Json]) -> Result<Projected<'_>, String> {
    let events: Option<Vec<Event<'_>>> =
        stream.iter().enumerate().map(|(at, event)| Event::borrowed(event, at)).collect();
    let events = events.ok_or_else(|| "an event is no object".to_owned())?;
    Ok(Projected { places: (0..events.len()).collect(), events })
}
