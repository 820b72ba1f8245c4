//! Running a rule with the reference evaluator, on one stream or on many at once.

use std::borrow::Cow;

use eqlc_backend_native::reference::{Prepared, RunOptions};
use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Body, Pred, Rule};

use crate::effort::Clock;
use crate::verdict::Verdict;
use crate::world::Projected;

/// A rule made ready to be asked of streams.
pub(crate) struct Evaluator<'r> {
    rule: Cow<'r, Rule>,
    /// The rule, or why it cannot be evaluated.
    prepared: Result<Prepared<'r>, String>,
    options: RunOptions,
    /// Whether every event is judged by itself.
    apart: bool,
}

impl<'r> Evaluator<'r> {
    pub(crate) fn new(rule: Cow<'r, Rule>) -> Self {
        let options = RunOptions::of(&rule.meta);
        let prepared = Prepared::new(rule.clone()).map_err(|error| error.to_string());
        let alone = match &rule.body {
            Body::Event(query) => !looks_around(&query.filter) && rule.pipes.is_empty(),
            _ => false,
        };
        // A date relative to now is asked of the events of a stream, not of those of several.
        let apart = alone && prepared.as_ref().is_ok_and(|ready| ready.run(&[], &options).is_ok());
        Self { rule, prepared, options, apart }
    }

    pub(crate) fn of(rule: &'r Rule) -> Self {
        Self::new(Cow::Borrowed(rule))
    }

    /// The same, given up when the clock runs out.
    pub(crate) fn timed(mut self, clock: Clock) -> Self {
        self.options.until = clock.until();
        self
    }

    /// Whether it says of each event the same, whatever stands around it.
    pub(crate) fn looks_at_events_apart(&self) -> bool {
        self.apart
    }

    /// The rule.
    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// What it finds, as places in `events`.
    ///
    /// # Errors
    /// The evaluator refuses the rule; its reason.
    pub(crate) fn run(&self, events: &[Event]) -> Result<Vec<Vec<usize>>, String> {
        let prepared = self.prepared.as_ref().map_err(Clone::clone)?;
        // Recorded events are looked at when the last of them has come, whenever that is done.
        let times = events.iter().filter_map(|event| event.timestamp(&self.options.timestamp_field));
        let now = Some(times.max().unwrap_or(Timestamp::from_nanos(0)));
        let options = RunOptions { now, ..self.options.clone() };
        let found = prepared.run(events, &options).map_err(|error| error.to_string())?;
        // A step that asks for a missing event has no place.
        Ok(found.into_iter().map(|found| found.events.into_iter().flatten().collect()).collect())
    }
}

/// The verdict on matches of a rule: a correlation says only whether it alerts.
pub(crate) fn verdict(rule: &Rule, mut matches: Vec<Vec<usize>>) -> Verdict {
    match rule.body {
        Body::Correlation(_) => Verdict::Alerts(!matches.is_empty()),
        Body::Sample(_) => {
            // Which term an event stands for is no part of the match.
            matches.iter_mut().for_each(|found| found.sort_unstable());
            Verdict::of(matches)
        }
        Body::Event(_) | Body::Sequence(_) => Verdict::of(matches),
    }
}

/// Streams of events one behind the other, so that one evaluation judges them all where a rule looks at each event by
/// itself.
#[derive(Debug, Default)]
pub(crate) struct Streams<'e> {
    events: Vec<Event<'e>>,
    /// For each event its place in its own stream.
    places: Vec<usize>,
    /// For each stream where its events end, or why it has none.
    ends: Vec<Result<usize, String>>,
}

impl<'e> Streams<'e> {
    /// Adds a stream, or why there is none.
    pub(crate) fn push(&mut self, stream: Result<Projected<'e>, String>) {
        let end = stream.map(|Projected { events, places }| {
            self.events.extend(events);
            self.places.extend(places);
            self.events.len()
        });
        self.ends.push(end);
    }

    /// What a rule finds in each of them, as places in the stream.
    pub(crate) fn verdicts(&self, rule: &Evaluator<'_>) -> Vec<Result<Verdict, String>> {
        let matches = match rule.apart {
            true => self.together(rule).unwrap_or_else(|| self.one_by_one(rule)),
            false => self.one_by_one(rule),
        };
        matches.into_iter().map(|found| found.map(|found| verdict(rule.rule(), found))).collect()
    }

    fn together(&self, rule: &Evaluator<'_>) -> Option<Vec<Result<Vec<Vec<usize>>, String>>> {
        Some(self.found(&self.matched(rule)?))
    }

    /// Which of all events a rule matches that looks at each by itself; none where it cannot be asked.
    pub(crate) fn matched(&self, rule: &Evaluator<'_>) -> Option<Vec<bool>> {
        let prepared = rule.prepared.as_ref().ok()?;
        prepared.each(&self.events, &rule.options).ok()?
    }

    /// The verdicts of something that matches events by their place among all.
    pub(crate) fn judged(&self, matches: &dyn Fn(usize) -> bool) -> Vec<Result<Verdict, String>> {
        let matched: Vec<bool> = (0..self.events.len()).map(matches).collect();
        self.found(&matched).into_iter().map(|found| found.map(Verdict::of)).collect()
    }

    fn found(&self, matched: &[bool]) -> Vec<Result<Vec<Vec<usize>>, String>> {
        self.each(&|range: std::ops::Range<usize>| {
            let places = self.places.get(range.clone()).unwrap_or_default();
            let own = matched.get(range).unwrap_or_default();
            let found = places.iter().zip(own).filter(|(_, matched)| **matched);
            Ok(found.map(|(place, _)| vec![*place]).collect())
        })
    }

    fn one_by_one(&self, rule: &Evaluator<'_>) -> Vec<Result<Vec<Vec<usize>>, String>> {
        let one = |range: std::ops::Range<usize>| {
            let places = self.places.get(range.clone()).unwrap_or_default();
            let found = rule.run(self.events.get(range).unwrap_or_default())?;
            let place = |at: usize| places.get(at).copied().unwrap_or(usize::MAX);
            Ok(found.into_iter().map(|found| found.into_iter().map(place).collect()).collect())
        };
        self.each(&one)
    }

    fn each<T>(&self, one: &dyn Fn(std::ops::Range<usize>) -> Result<T, String>) -> Vec<Result<T, String>> {
        let mut from = 0;
        let range = |end: &Result<usize, String>| {
            let end = end.clone()?;
            let range = from..end;
            from = end;
            one(range)
        };
        self.ends.iter().map(range).collect()
    }
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
