//! The reference evaluator as a detector.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use eqlc_backend_native::engine::{Detection, Given, Malformed, Place, RuleCost, Seen, Stats};
use eqlc_backend_native::reference::{Match, Prepared, RunError, RunOptions};
use eqlc_events::Event;
use eqlc_ir::{Body, Rule};

use super::detector::Detector;

/// Each rule is asked by itself: one that looks at single events about every event as it comes, any other about all
/// events when they have ended. Holds all events as long as there is a rule of the second kind.
pub(super) struct Reference {
    rules: Vec<Asked>,
    /// Whether some rule waits for the end.
    holds: bool,
    keep_texts: bool,
    events: Vec<Event<'static>>,
    seen: Vec<Seen>,
}

struct Asked {
    /// None: it cannot be evaluated, or failed.
    prepared: Option<Prepared<'static>>,
    options: RunOptions,
    at_once: bool,
    cost: RuleCost,
    failed: Option<RunError>,
}

impl Reference {
    /// The rules that can be evaluated; those that cannot have failed.
    pub(super) fn new(rules: Vec<(Rule, RunOptions)>, keep_texts: bool) -> Self {
        let asked = |(rule, options): (Rule, RunOptions)| {
            let at_once = is_at_once(&rule, &options);
            // Events or not, what has no meaning is found before the first.
            let prepared = Prepared::new(Cow::Owned(rule))
                .and_then(|prepared| prepared.run(&[], &options).map(|_| prepared));
            let (prepared, failed) = match prepared {
                Ok(prepared) => (Some(prepared), None),
                Err(error) => (None, Some(error)),
            };
            Asked { prepared, options, at_once, cost: RuleCost::default(), failed }
        };
        let rules: Vec<Asked> = rules.into_iter().map(asked).collect();
        let holds = rules.iter().any(|asked| asked.prepared.is_some() && !asked.at_once);
        Self { rules, holds, keep_texts, events: Vec::new(), seen: Vec::new() }
    }
}

/// Whether an event alone decides.
fn is_at_once(rule: &Rule, options: &RunOptions) -> bool {
    match &rule.body {
        Body::Event(query) => {
            rule.pipes.is_empty() && options.size.is_none() && query.filter.questions_above().is_empty()
        }
        Body::Sequence(_) | Body::Sample(_) | Body::Correlation(_) => false,
    }
}

impl Asked {
    fn run(&mut self, events: &[Event]) -> Vec<Match> {
        let Some(prepared) = &self.prepared else { return Vec::new() };
        self.cost.woken = self.cost.woken.saturating_add(1);
        match prepared.run(events, &self.options) {
            Ok(matches) => {
                self.cost.held = self.cost.held.saturating_add(matches.len() as u64);
                matches
            }
            Err(error) => {
                self.prepared = None;
                self.failed = Some(error);
                Vec::new()
            }
        }
    }
}

fn detection(rule: usize, found: Match, seen: &[Seen]) -> Detection {
    let events = found.events.iter().map(|index| index.and_then(|index| seen.get(index).cloned()));
    Detection { rule, events: events.collect(), join_keys: found.join_keys }
}

impl Detector for Reference {
    fn event(&mut self, json: &[u8], place: Place, out: &mut Vec<Detection>) -> Result<(), Malformed> {
        let fields = eqlc_events::object(json).map_err(Malformed)?;
        let line = usize::try_from(place.line).unwrap_or(usize::MAX);
        let event = Event::new(fields, usize::try_from(place.ordinal).unwrap_or(usize::MAX), line);
        let seen = Seen::from(place);
        for (at, rule) in self.rules.iter_mut().enumerate().filter(|(_, rule)| rule.at_once) {
            let found = rule.run(std::slice::from_ref(&event));
            out.extend(found.into_iter().map(|found| detection(at, found, std::slice::from_ref(&seen))));
        }
        if self.holds {
            self.events.push(event);
            self.seen.push(Seen { text: self.keep_texts.then(|| Arc::from(json)), ..seen });
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<Detection>) {
        let events = std::mem::take(&mut self.events);
        let seen = std::mem::take(&mut self.seen);
        for (at, rule) in self.rules.iter_mut().enumerate().filter(|(_, rule)| !rule.at_once) {
            out.extend(rule.run(&events).into_iter().map(|found| detection(at, found, &seen)));
        }
    }

    fn given(&self) -> Given {
        Given::default()
    }

    fn stats(&self) -> Stats {
        Stats { rules: self.rules.iter().map(|rule| rule.cost).collect(), ..Stats::default() }
    }

    fn failures(&mut self) -> Vec<(usize, RunError)> {
        let failed = |(at, rule): (usize, &mut Asked)| rule.failed.take().map(|error| (at, error));
        self.rules.iter_mut().enumerate().filter_map(failed).collect()
    }

    fn explain(&self) -> String {
        let mut text = String::from("reference evaluator: every rule by itself\n");
        for rule in self.rules.iter() {
            let Some(prepared) = &rule.prepared else { continue };
            let when = if rule.at_once { "each event as it comes" } else { "all events at the end" };
            // Writing to text cannot fail.
            let _ = writeln!(text, "{}: {when}", prepared.rule().meta.name);
        }
        text
    }
}
