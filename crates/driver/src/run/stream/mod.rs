//! Rules over a stream of events: matches as they are completed, nothing held that need not be.

mod crew;
mod detector;
mod fast;
mod hit;
mod malformed;
mod picked;
mod printed;
mod reader;
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
use eqlc_events::Batch;
use eqlc_ir::{Metadata, Rule};
use serde::{Deserialize, Serialize};

use super::filter::EventFilter;
use super::not_evaluable;
use super::settings::{RunOutput, RunSettings};
use crew::Crew;
use fast::Fast;
use malformed::Malformed;
use picked::{Picked, Places, pick};
use reader::Read;
use reference::Reference;
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
/// Whichever thread has something to say says it, one at a time.
pub trait Listener: Send {
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
    filter: Option<FilterPlan>,
    shows_events: bool,
    /// Rules that cannot be evaluated, by their index.
    refused: Vec<(usize, Diagnostic)>,
    diagnostics: Diagnostics,
}

/// Whether more than one thread can run at a time. Where it cannot be told, it is taken to be so.
fn is_another_core_free() -> bool {
    std::thread::available_parallelism().map_or(true, |cores| cores.get() > 1)
}

/// "1 event", "2 events".
fn events(count: u64) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
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
    input: usize,
    malformed: Malformed,
    found: Vec<Detection>,
    bad: Vec<(usize, Reason)>,
    line: Vec<u8>,
}

/// Where a stream goes.
type Sinks<'a> = (&'a mut (dyn Write + Send), &'a mut dyn Listener);

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
        let filter =
            filter.map(|filter| FilterPlan { rule: filter.rule().clone(), settings: settings.clone() });
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
        filter.rule().queries().iter().all(|query| query.filter.questions_above().is_empty())
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
        out: &mut (dyn Write + Send),
        listener: &mut dyn Listener,
    ) -> io::Result<StreamReport> {
        let start = Instant::now();
        let mut state = State { input: usize::MAX, ..State::default() };
        state.report.matches = vec![0; self.rules.len()];
        let scouts = self.detector.take_scouts();
        source.start(scouts.is_empty() && is_another_core_free());
        if scouts.is_empty() {
            self.run_here(source, &mut state, (out, listener))?;
        } else {
            let filters = scouts.iter().map(|_| self.filter.as_ref().map(FilterPlan::detector)).collect();
            let crew = Crew::new(scouts, filters);
            let scouts = crew.run(self, source, &mut state, (out, listener))?;
            self.detector.return_scouts(scouts);
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

    /// Looks at one batch after the other.
    fn run_here(&mut self, source: &Source, state: &mut State, (out, listener): Sinks<'_>) -> io::Result<()> {
        let mut filter = self.filter.as_ref().map(FilterPlan::detector);
        let (mut batch, mut places) = (Batch::new(), Places::default());
        loop {
            let mut idle = || {
                out.flush()?;
                listener.idle()
            };
            match source.next(&mut batch, &mut idle)? {
                None => return Ok(()),
                Some(Read::Failed(finding)) => listener.found(&finding)?,
                Some(Read::Events { input, taken }) => {
                    let place = places.begin(input, &batch);
                    let mut events = Vec::with_capacity(batch.len());
                    let picked = pick(&batch, place, filter.as_deref_mut(), &mut events);
                    self.detector.events(&events, &mut state.found, &mut state.bad);
                    self.conclude((&batch, input, taken), &picked, source, (state, (out, listener)))?;
                }
            }
        }
    }

    /// Counts and writes what came of a batch. Matches and malformed events stand in the state.
    fn conclude(
        &self,
        (batch, input, taken): (&Batch, usize, u64),
        picked: &Picked,
        source: &Source,
        (state, (out, listener)): (&mut State, Sinks<'_>),
    ) -> io::Result<()> {
        if state.input != input {
            state.malformed.end(listener)?;
            state.input = input;
            state.malformed = Malformed::of(source.name(input), state.report.counts.events);
        }
        let good = picked.kept.len().saturating_sub(state.bad.len()) as u64;
        let counts = &mut state.report.counts;
        counts.taken = taken;
        counts.bytes = counts.bytes.saturating_add(batch.bytes_read());
        counts.kept = counts.kept.saturating_add(good);
        counts.events = counts.events.saturating_add(good).saturating_add(picked.left_out);
        for (item, reason) in &picked.rejected {
            reject((batch, *item), reason.as_ref(), state, listener)?;
        }
        for (at, reason) in std::mem::take(&mut state.bad) {
            if let Some((item, _)) = picked.kept.get(at) {
                reject((batch, *item), Some(&reason), state, listener)?;
            }
        }
        let last = batch.len().checked_sub(1).and_then(|last| batch.item(last));
        if let Some(Err(error)) = last
            && error.last
        {
            state.malformed.broken_off(error, state.report.counts.events, listener)?;
        }
        if !state.found.is_empty() {
            self.write(&picked.events(batch), source, state, out)?;
        }
        listener.progress(state.report.counts);
        Ok(())
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
            let message = format!("{} came too late for rules over several events", events(given.late));
            let help = "`--disorder` says how long events are waited for";
            listener.found(&Diagnostic::warning(codes::GIVEN_UP, message).help(help))?;
        }
        if given.ahead > 0 {
            let message = format!(
                "{} left out of rules over several events, for the dates lie too far after the present",
                events(given.ahead)
            );
            let help = "`--max-ahead` says how far events may be dated after it";
            listener.found(&Diagnostic::warning(codes::GIVEN_UP, message).help(help))?;
        }
        if given.hurried > 0 {
            let message = format!(
                "too many events waited for earlier ones: {} had a turn before the time was over",
                events(given.hurried)
            );
            let help = "`--disorder` says how long events wait, and `--max-partials` how many";
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

/// What a filter is made of: each thread has one.
struct FilterPlan {
    rule: Rule,
    settings: StreamSettings,
}

impl FilterPlan {
    fn detector(&self) -> Box<dyn Detector> {
        let settings = &self.settings;
        let unlimited = RunSettings { size: None, output: RunOutput::Matches, ..settings.run.clone() };
        let options = unlimited.options(&Metadata::default());
        let alone = StreamSettings { threads: 1, ..settings.clone() };
        detector(vec![(self.rule.clone(), options)], &alone)
    }
}

/// Counts and tells an item that is no event; the reason is none where the item says it itself.
fn reject(
    (batch, item): (&Batch, usize),
    reason: Option<&Reason>,
    state: &mut State,
    listener: &mut dyn Listener,
) -> io::Result<()> {
    let counts = &mut state.report.counts;
    counts.malformed = counts.malformed.saturating_add(1);
    match (batch.item(item), reason) {
        (Some(Ok(event)), Some(reason)) => {
            state.malformed.add(event.line(), &reason.0, listener)?;
            listener.rejected(event.bytes())
        }
        (Some(Err(error)), _) => state.malformed.add(error.line, &error.message, listener),
        _ => Ok(()),
    }
}
