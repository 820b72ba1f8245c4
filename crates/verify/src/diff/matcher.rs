//! What finds matches in streams of events.

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_events::Event;
use eqlc_ir::{Body, Pred, Rule};
use serde_json::Value as Json;

use crate::engine;
use crate::verdict::Verdict;

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
#[derive(Clone, Copy, Debug)]
pub struct RuleMatcher<'r> {
    rule: &'r Rule,
    /// Whether every event is judged by itself.
    apart: bool,
}

impl<'r> RuleMatcher<'r> {
    /// The rule as a matcher.
    #[must_use]
    pub fn new(rule: &'r Rule) -> Self {
        let alone = match &rule.body {
            Body::Event(query) => !looks_around(&query.filter),
            _ => false,
        };
        // A date relative to now is asked of the events of a stream, not of those of several.
        let timeless = reference::run(rule, &[], &RunOptions::of(&rule.meta)).is_ok();
        Self { rule, apart: alone && rule.pipes.is_empty() && timeless }
    }

    /// The streams as one, where every event is judged by itself.
    fn together(&self, streams: &[Vec<Json>]) -> Option<Vec<Option<Verdict>>> {
        let events = events(&streams.concat())?;
        let found = engine::reference(self.rule, &events).ok()?;
        let mut matched = vec![false; events.len()];
        for place in found.into_iter().flatten() {
            *matched.get_mut(place)? = true;
        }
        let mut from = 0;
        let verdicts = streams.iter().map(|stream| {
            let own = matched.get(from..from + stream.len())?;
            from += stream.len();
            let places = own.iter().enumerate().filter(|(_, matched)| **matched);
            Some(Verdict::of(places.map(|(at, _)| vec![at]).collect()))
        });
        Some(verdicts.collect())
    }
}

impl Matcher for RuleMatcher<'_> {
    fn verdicts(&self, streams: &[Vec<Json>]) -> Vec<Option<Verdict>> {
        if self.apart
            && let Some(verdicts) = self.together(streams)
        {
            return verdicts;
        }
        let one = |stream: &Vec<Json>| {
            let mut found = engine::reference(self.rule, &events(stream)?).ok()?;
            if matches!(self.rule.body, Body::Sample(_)) {
                // Which term an event stands for is no part of the match.
                found.iter_mut().for_each(|found| found.sort_unstable());
            }
            Some(engine::verdict(self.rule, found))
        };
        streams.iter().map(one).collect()
    }
}

fn events(stream: &[Json]) -> Option<Vec<Event>> {
    stream.iter().enumerate().map(|(at, event)| Event::from_json(event.clone(), at)).collect()
}

/// Whether it asks about other events than the one at hand.
fn looks_around(pred: &Pred) -> bool {
    match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => list.iter().any(looks_around),
        Pred::Not(inner) => looks_around(inner),
        Pred::Descendant(_) => true,
        Pred::Const(_) | Pred::Test(_) | Pred::Element(_) | Pred::Anywhere(_) => false,
    }
}
