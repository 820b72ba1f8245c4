//! Rules over a stream of events: matches as they are completed, nothing held that need not be.

mod detector;
mod fast;
mod hit;
mod malformed;
mod printed;
mod reference;
mod report;
mod source;
mod stored;
mod taxonomy;

use std::io::{self, Write};
use std::time::Instant;

use eqlc_backend_native::engine::{Detection, Malformed as Reason, Place, StreamOptions};
use eqlc_backend_native::reference::RunOptions;
use eqlc_diagnostics::codes::files as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_events::{Batch, RawEvent};
use eqlc_ir::{Metadata, Rule};
use serde::{Deserialize, Serialize};

use super::filter::EventFilter;
use super::not_evaluable;
use super::settings::{RunOutput, RunSettings};
use fast::Fast;
use malformed::Malformed;
use reference::{Reference, looks_around};
use source::Message;
use taxonomy::Foreign;

pub use detector::Detector;
pub use report::{StatsReport, StreamCounts, StreamReport};
pub use source::{Source, Stop};
pub use stored::{FixedSettings, StoredPlan, is_plan_name};
pub use taxonomy::Names;

/// How a stream is followed.
#[derive(Clone, Debug, Default)]
pub struct StreamSettings {
    /// The parameters of the rules.
    pub run: RunSettings,
    /// What may be held, and for how long.
    pub stream: StreamOptions,
    /// Cores that are used, 0 for all; the answer is the same for any number.
    pub threads: usize,
    /// What evaluates the rules.
    pub engine: Engine,
}

/// An evaluator. Both give the same answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// All rules in one plan.
    #[default]
    Fast,
    /// Each rule by itself, as its meaning says.
    Reference,
}

/// Where a run says what it does while it does it.
pub trait Listener {
    /// A finding that concerns no rule.
    ///
    /// # Errors
    /// It cannot be written.
    fn found(&mut self, finding: &Diagnostic) -> io::Result<()>;

    /// An event that is malformed, as it stands in its input.
    ///
    /// # Errors
    /// It cannot be written.
    fn rejected(&mut self, event: &[u8]) -> io::Result<()>;

    /// How far the run is.
    fn progress(&mut self, counts: StreamCounts);

    /// Nothing is to be done before more is read: what is written should be seen.
    ///
    /// # Errors
    /// It cannot be written.
    fn idle(&mut self) -> io::Result<()>;
}

/// Rules over a stream.
pub struct Stream {
    /// The rules that were given.
    rules: Vec<Named>,
    /// Which of them each rule of the detector is; behind the rules themselves stand the same in other names.
    origins: Vec<usize>,
    detector: Box<dyn Detector>,
    filter: Option<Box<dyn Detector>>,
    shows_events: bool,
    /// Rules that cannot be evaluated, by their index.
    refused: Vec<(usize, Diagnostic)>,
    diagnostics: Diagnostics,
}

/// What is printed of a rule.
#[derive(Clone, Serialize, Deserialize)]
struct Named {
    id: String,
    name: String,
    timestamp_field: String,
}

impl Named {
    fn of(rule: &Rule, settings: &RunSettings) -> Self {
        Self {
            id: rule.id.clone(),
            name: rule.meta.name.clone(),
            timestamp_field: settings.options(&rule.meta).timestamp_field,
        }
    }
}

/// Puts rules in other names behind the rules; gives for each rule then which it was.
fn add_forms(rules: &mut Vec<Rule>, forms: Vec<(usize, Rule)>) -> Vec<usize> {
    let mut origins: Vec<usize> = (0..rules.len()).collect();
    for (origin, rule) in forms {
        origins.push(origin);
        rules.push(rule);
    }
    origins
}

fn with_options(rules: Vec<Rule>, settings: &RunSettings) -> Vec<(Rule, RunOptions)> {
    let with_options = |rule: Rule| {
        let options = settings.options(&rule.meta);
        (rule, options)
    };
    rules.into_iter().map(with_options).collect()
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

/// What is at hand of a stream.
#[derive(Default)]
struct State {
    report: StreamReport,
    /// The next event's place among all.
    ordinal: u64,
    input: usize,
    malformed: Malformed,
    found: Vec<Detection>,
    bad: Vec<(usize, Reason)>,
    line: Vec<u8>,
}

impl Stream {
    /// Makes rules ready for events that have names of these kinds; beside the names that a rule has itself.
    #[must_use]
    pub fn new(
        mut rules: Vec<Rule>,
        names: Names,
        filter: Option<&EventFilter>,
        settings: &StreamSettings,
    ) -> Self {
        let forms = taxonomy::forms(&rules, names);
        let told = rules.iter().map(|rule| Named::of(rule, &settings.run)).collect();
        let origins = add_forms(&mut rules, forms.rules);
        let detector = detector(with_options(rules, &settings.run), settings);
        let diagnostics = forms.foreign.iter().map(Foreign::diagnostic).collect();
        Self::of((told, origins), detector, diagnostics, (filter, settings))
    }

    /// Makes the rules of a plan ready. Of the parameters of rules those count that the plan was made with.
    ///
    /// # Errors
    /// The plan is damaged; E3027.
    pub fn of_plan(
        plan: &StoredPlan,
        names: Names,
        filter: Option<&EventFilter>,
        settings: &StreamSettings,
    ) -> Result<Self, Box<Diagnostic>> {
        let settings = StreamSettings { run: plan.settings(settings.run.clone()), ..settings.clone() };
        let ready = plan.ready(names, settings.run.now)?;
        let detector = Box::new(Fast::of_plan(ready.plan, ready.refused, &settings));
        let diagnostics = ready.foreign.iter().map(Foreign::diagnostic).collect();
        let rules = (plan.rules().to_vec(), ready.origins);
        let mut stream = Self::of(rules, detector, diagnostics, (filter, &settings));
        for (rule, error) in ready.refused_forms {
            stream.refused.push((rule, stream.not_evaluable(rule, &error)));
        }
        Ok(stream)
    }

    fn of(
        (rules, origins): (Vec<Named>, Vec<usize>),
        detector: Box<dyn Detector>,
        diagnostics: Diagnostics,
        (filter, settings): (Option<&EventFilter>, &StreamSettings),
    ) -> Self {
        let filter = filter.map(|filter| {
            let unlimited = RunSettings { size: None, output: RunOutput::Matches, ..settings.run.clone() };
            let options = unlimited.options(&Metadata::default());
            self::detector(vec![(filter.rule().clone(), options)], settings)
        });
        let (refused, shows_events) = (Vec::new(), settings.stream.keep_events);
        let mut stream = Self { rules, origins, detector, filter, shows_events, refused, diagnostics };
        stream.refuse();
        stream
    }

    /// What is to be said of the names of events.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether a filter can be asked of each event as it comes.
    #[must_use]
    pub fn can_filter(filter: &EventFilter) -> bool {
        !filter.rule().queries().iter().any(|query| looks_around(&query.filter))
    }

    /// Takes down the rules that failed, in whichever names.
    fn refuse(&mut self) {
        for (at, error) in self.detector.failures() {
            let origin = self.origins.get(at).copied().unwrap_or_default();
            let name = self.rules.get(origin).map_or("", |rule| rule.name.as_str());
            self.refused.push((origin, not_evaluable(&format!("rule `{name}`"), &error)));
        }
    }

    /// As it was found when the plan was made: there is no place to point at.
    fn not_evaluable(&self, rule: usize, error: &str) -> Diagnostic {
        let name = self.rules.get(rule).map_or("", |rule| rule.name.as_str());
        Diagnostic::error(codes::NOT_EVALUABLE, format!("rule `{name}` cannot be evaluated: {error}"))
    }

    /// The rules that cannot be evaluated, by their index, and why; each is told once.
    pub fn refused(&mut self) -> Vec<(usize, Diagnostic)> {
        std::mem::take(&mut self.refused)
    }

    /// The id and the name of each rule that was given.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rules.iter().map(|rule| (rule.id.as_str(), rule.name.as_str()))
    }

    /// How the rules are asked, for people.
    #[must_use]
    pub fn explain(&self) -> String {
        self.detector.explain()
    }

    /// Writes each match as a JSON line as soon as it is complete: those of an event before those of a later one, and
    /// for one event in the order of the rules. What rules over several events wait for comes at the end.
    ///
    /// # Errors
    /// `out` or what the listener writes cannot be written.
    pub fn run(
        &mut self,
        source: &Source,
        out: &mut dyn Write,
        listener: &mut dyn Listener,
    ) -> io::Result<StreamReport> {
        let start = Instant::now();
        let mut state = State { input: usize::MAX, ..State::default() };
        state.report.matches = vec![0; self.rules.len()];
        loop {
            let mut idle = || {
                out.flush()?;
                listener.idle()
            };
            match source.next(&mut idle)? {
                None => break,
                Some(Message::Stopped) => {}
                Some(Message::Failed(finding)) => listener.found(&finding)?,
                Some(Message::Batch { input, batch, taken }) => {
                    if state.input != input {
                        state.malformed.end(listener)?;
                        state.input = input;
                        state.malformed = Malformed::of(source.name(input), state.report.counts.events);
                    }
                    state.report.counts.taken = taken;
                    self.batch(&batch, source, &mut state, (out, listener))?;
                    source.recycle(batch);
                    listener.progress(state.report.counts);
                }
            }
        }
        state.malformed.end(listener)?;
        self.detector.finish(&mut state.found);
        self.write(&[], source, &mut state, out)?;
        out.flush()?;
        self.refuse();
        let mut report = state.report;
        report.time = start.elapsed();
        report.stopped = source.stopper().is_stopped();
        report.given = self.detector.given();
        report.stats = self.detector.stats();
        self.tell_given_up(&mut report, listener)?;
        Ok(report)
    }

    /// Says what was given up. What a rule lost in other names counts for the rule.
    fn tell_given_up(&self, report: &mut StreamReport, listener: &mut dyn Listener) -> io::Result<()> {
        let given = &mut report.given;
        for (at, count) in std::mem::take(&mut given.evicted_of) {
            let origin = self.origins.get(at).copied().unwrap_or_default();
            let of_rule = given.evicted_of.entry(origin).or_default();
            *of_rule = of_rule.saturating_add(count);
        }
        if given.late > 0 {
            let message = format!("{} events came too late for rules over several events", given.late);
            let help = "`--disorder` says how long events are waited for";
            listener.found(&Diagnostic::warning(codes::GIVEN_UP, message).help(help))?;
        }
        for (at, count) in &given.evicted_of {
            let name = self.rules.get(*at).map_or("", |rule| rule.name.as_str());
            let message = format!("rule `{name}` had too many partial matches: {count} were dropped");
            let help = "`--max-partials` says how many are kept";
            listener.found(&Diagnostic::warning(codes::GIVEN_UP, message).help(help))?;
        }
        Ok(())
    }

    fn batch(
        &mut self,
        batch: &Batch,
        source: &Source,
        state: &mut State,
        (out, listener): (&mut dyn Write, &mut dyn Listener),
    ) -> io::Result<()> {
        let counts = &mut state.report.counts;
        counts.bytes = counts.bytes.saturating_add(batch.bytes_read());
        let mut raw = Vec::with_capacity(batch.len());
        let mut events = Vec::with_capacity(batch.len());
        let mut last = None;
        for item in batch.items() {
            match item {
                Ok(event) => {
                    let (input, line) = (u32::try_from(state.input).unwrap_or(u32::MAX), event.line() as u64);
                    let place = Place { ordinal: state.ordinal, input, line };
                    state.ordinal = state.ordinal.saturating_add(1);
                    let text = hit::event_of(event.bytes());
                    match self.passes(text, place) {
                        Ok(true) => {
                            events.push((place, text));
                            raw.push(event);
                        }
                        Ok(false) => {
                            let counts = &mut state.report.counts;
                            counts.events = counts.events.saturating_add(1);
                        }
                        Err(reason) => reject(&event, &reason, state, listener)?,
                    }
                }
                Err(error) if error.last => last = Some(error),
                Err(error) => {
                    let counts = &mut state.report.counts;
                    counts.malformed = counts.malformed.saturating_add(1);
                    state.malformed.add(error.line, &error.message, listener)?;
                }
            }
        }
        self.detector.events(&events, &mut state.found, &mut state.bad);
        let good = events.len().saturating_sub(state.bad.len()) as u64;
        let counts = &mut state.report.counts;
        counts.kept = counts.kept.saturating_add(good);
        counts.events = counts.events.saturating_add(good);
        for (at, reason) in std::mem::take(&mut state.bad) {
            if let Some(event) = raw.get(at) {
                reject(event, &reason, state, listener)?;
            }
        }
        if let Some(error) = last {
            state.malformed.broken_off(error, state.report.counts.events, listener)?;
        }
        self.write(&events, source, state, out)
    }

    /// Whether the filter lets an event pass.
    fn passes(&mut self, text: &[u8], place: Place) -> Result<bool, Reason> {
        let Some(filter) = &mut self.filter else { return Ok(true) };
        let mut found = Vec::new();
        filter.event(text, place, &mut found)?;
        Ok(!found.is_empty())
    }

    /// Writes what was found; the events at hand are sorted by their place.
    fn write(
        &self,
        events: &[(Place, &[u8])],
        source: &Source,
        state: &mut State,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let found = std::mem::take(&mut state.found);
        for (at, detection) in found.iter().enumerate() {
            let origin = self.origins.get(detection.rule).copied().unwrap_or_default();
            let Some(rule) = self.rules.get(origin) else { continue };
            let before = found.get(..at).unwrap_or_default();
            if detection.rule >= self.rules.len() && self.is_known(origin, detection, before) {
                continue;
            }
            let printed = printed::rule_match(rule, detection, (events, source), self.shows_events);
            state.line.clear();
            serde_json::to_writer(&mut state.line, &printed)?;
            state.line.push(b'\n');
            out.write_all(&state.line)?;
            state.report.counts.matches = state.report.counts.matches.saturating_add(1);
            if let Some(count) = state.report.matches.get_mut(origin) {
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Whether the same rule in its own names was just found to match the same events.
    fn is_known(&self, origin: usize, detection: &Detection, before: &[Detection]) -> bool {
        let last = |found: &Detection| found.events.iter().flatten().map(|seen| seen.place.ordinal).max();
        let same = |found: &&Detection| last(found) == last(detection);
        before
            .iter()
            .rev()
            .take_while(same)
            .any(|found| self.origins.get(found.rule) == Some(&origin) && found.events == detection.events)
    }
}

/// What asks rules about events, without a source and an answer around it.
#[must_use]
pub fn detector(rules: Vec<(Rule, RunOptions)>, settings: &StreamSettings) -> Box<dyn Detector> {
    match settings.engine {
        Engine::Fast => Box::new(Fast::new(&rules, settings)),
        Engine::Reference => Box::new(Reference::new(rules, settings.stream.keep_events)),
    }
}

fn reject(
    event: &RawEvent<'_>,
    reason: &Reason,
    state: &mut State,
    listener: &mut dyn Listener,
) -> io::Result<()> {
    let counts = &mut state.report.counts;
    counts.malformed = counts.malformed.saturating_add(1);
    state.malformed.add(event.line(), &reason.0, listener)?;
    listener.rejected(event.bytes())
}
