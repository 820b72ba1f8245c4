//! Whether a rule finds in a case what the case expects.

use std::collections::BTreeSet;
use std::sync::Arc;

use eqlc_backend::Loss;
use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Code, Diagnostic, Node, SourceMap, Span};
use eqlc_events::{Event, Timestamp};
use eqlc_ir::normalise::normalise;
use eqlc_ir::{Body, Rule};
use eqlc_schema::Schema;
use eqlc_verify::{Verdict, accountable, found_by};
use serde_json::Value;

use super::cases::{Case, Events, Expected, NoEvents};
use super::{CaseOutcome, CaseReport, Layout, TestSettings, exclusions, why};
use crate::compile::{Chosen, Compiled, compile};
use crate::load::{LoadOptions, LoadedRule, Unit};
use crate::run::{json, not_evaluable};
use crate::verify::relower_with;

/// Events that are named in a finding; more are counted.
const MAX_NAMED: usize = 5;

/// The rule that is tested.
pub(super) struct Subject<'a> {
    pub(super) rule: &'a LoadedRule,
    /// What its file is called.
    pub(super) file: &'a str,
    pub(super) sources: &'a SourceMap,
    pub(super) settings: &'a TestSettings,
    /// The target whose output is tested; none: the rule itself.
    pub(super) target: Option<Chosen<'a>>,
    /// The fields that the rule was checked against, where that is not ECS.
    pub(super) schema: Option<&'a Arc<Schema>>,
    /// What that output finds in each case, and what it loses.
    answers: Vec<Result<Found, Unanswered>>,
    losses: Vec<Loss>,
}

/// Why a case has no answer.
#[derive(Clone)]
enum Unanswered {
    /// It could not be run.
    Broken(Box<Diagnostic>),
    /// The target cannot hold the rule, or its source not record the events.
    Skipped(String),
}

/// A case as the rule sees it.
struct Asked<'a> {
    subject: &'a Subject<'a>,
    case: &'a Case,
    /// Its place among the cases.
    nth: usize,
    all: &'a Events,
    seen: Vec<Event<'a>>,
    /// For each of them its place in the case.
    places: Vec<usize>,
    options: RunOptions,
}

/// What a rule finds.
#[derive(Clone, Default)]
struct Found {
    /// The places of each match in the case.
    matches: Vec<Vec<usize>>,
    join_keys: Vec<Vec<Value>>,
}

/// What a rule is run with on the events of a case.
pub(super) fn options_of(rule: &Rule, events: &[Event], settings: &TestSettings) -> RunOptions {
    let mut options = RunOptions::of(&rule.meta);
    // Recorded events are looked at when the last of them has come, whenever that is done.
    let last = || events.iter().filter_map(|event| event.timestamp(&options.timestamp_field)).max();
    options.now = Some(settings.now.or_else(last).unwrap_or(Timestamp::from_nanos(0)));
    options
}

impl<'a> Subject<'a> {
    /// A rule with its output for a target, if that is to be tested.
    pub(super) fn new(
        (unit, rule): (&'a Unit, &'a LoadedRule),
        file: &'a str,
        sources: &'a SourceMap,
        settings: &'a TestSettings,
        target: Option<Chosen<'a>>,
    ) -> Self {
        let (schema, answers, losses) = (unit.schema.as_ref(), Vec::new(), Vec::new());
        Self { rule, file, sources, settings, target, schema, answers, losses }
    }

    /// The reports of all cases.
    pub(super) fn reports(mut self, cases: &[Case]) -> Vec<CaseReport> {
        if let Some(target) = self.target {
            let none = &[][..];
            let streams: Vec<&[Value]> =
                cases.iter().map(|case| case.events.as_ref().map_or(none, |events| &events.values)).collect();
            (self.answers, self.losses) = ask_output(&self.rule.lowered, &self, target, &streams);
        }
        cases.iter().enumerate().map(|(nth, case)| self.report(nth, case)).collect()
    }

    fn report(&self, nth: usize, case: &Case) -> CaseReport {
        let asked = match &case.events {
            Ok(events) => self.ask((nth, case), events),
            Err(NoEvents::Broken(broken)) => Err(Unanswered::Broken(broken.clone())),
            Err(NoEvents::Skipped(why)) => Err(Unanswered::Skipped(why.clone())),
        };
        let (outcome, found) = match asked {
            Ok((Some(failure), found)) => match self.lost((nth, case), &found) {
                losses if losses.is_empty() => (CaseOutcome::Failed(Box::new(failure)), found),
                losses => (CaseOutcome::Lost(losses), found),
            },
            Ok((None, found)) => (CaseOutcome::Passed, found),
            Err(Unanswered::Broken(broken)) => (CaseOutcome::Broken(broken), Found::default()),
            Err(Unanswered::Skipped(why)) => (CaseOutcome::Skipped(why), Found::default()),
        };
        CaseReport {
            name: case.name.clone(),
            target: self.target.map(|(backend, _)| backend.target().id.clone()),
            file: case.file.clone(),
            layout: case.layout,
            events: case.events.as_ref().map_or(0, |events| events.values.len()),
            found: found.matches,
            join_keys: found.join_keys,
            outcome,
        }
    }

    /// The losses that account for what the output finds, where the rule itself does what the case expects.
    fn lost(&self, (nth, case): (usize, &Case), found: &Found) -> Vec<Loss> {
        let (Some(_), Ok(events)) = (self.target, &case.events) else { return Vec::new() };
        let (answers, losses) = (Vec::new(), Vec::new());
        let itself = Subject { target: None, answers, losses, ..*self };
        let Ok((None, own)) = itself.ask((nth, case), events) else { return Vec::new() };
        let is_sequence = matches!(self.rule.lowered.body, Body::Sequence(_) | Body::Sample(_));
        let losses = accountable(&self.losses, (&own.matches, is_sequence), &found.matches);
        losses.into_iter().cloned().collect()
    }

    fn ask(
        &self,
        (nth, case): (usize, &Case),
        all: &Events,
    ) -> Result<(Option<Diagnostic>, Found), Unanswered> {
        let rule = &self.rule.lowered;
        let (seen, places) = all.seen_by(rule).map_err(|reason| {
            let message = format!("`{}`: {reason}", case.file.display());
            Unanswered::Broken(Box::new(Diagnostic::error(codes::NO_EVENTS, message)))
        })?;
        let options = options_of(rule, &seen, self.settings);
        let asked = Asked { subject: self, case, nth, all, seen, places, options };
        let found = asked.run(rule)?;
        let failure = match &case.expected {
            Expected::Matches { matches, join_keys } => {
                asked.compare(matches.as_ref(), join_keys.as_ref(), &found)
            }
            Expected::AtLeast(count) => asked.count(*count, &found),
            Expected::OfLayout => asked.by_layout()?,
        };
        Ok((failure, found))
    }
}

/// What the output of a rule finds in each stream, and its losses. It tells no keys; of a correlation only whether it
/// alerts.
fn ask_output(
    rule: &Rule,
    subject: &Subject<'_>,
    (backend, settings): Chosen<'_>,
    streams: &[&[Value]],
) -> (Vec<Result<Found, Unanswered>>, Vec<Loss>) {
    let rule = normalise(rule.clone());
    let Compiled { legal, artifact } = match compile(&rule, backend, settings) {
        Ok(compiled) => compiled,
        Err(found) => {
            let first = found.into_iter().next().map_or_else(String::new, |found| found.message);
            let why = format!("the target refuses the rule: {first}");
            return (vec![Err(Unanswered::Skipped(why)); streams.len()], Vec::new());
        }
    };
    let options = LoadOptions { schema: subject.schema.cloned(), ..LoadOptions::default() };
    let relower = |language, text: &str| relower_with(language, text, options.clone());
    let output = eqlc_verify::Subject { rule: &rule, legal: &legal, artifact: &artifact, backend, settings };
    let answer = |answer| match answer {
        Ok(Verdict::Matches(matches)) => Ok(Found { matches, join_keys: Vec::new() }),
        Ok(Verdict::Alerts(alerts)) => {
            let matches = if alerts { vec![Vec::new()] } else { Vec::new() };
            Ok(Found { matches, join_keys: Vec::new() })
        }
        Ok(Verdict::Failed(why)) => {
            let message = format!("the output of `{}` fails: {why}", subject.file);
            Err(Unanswered::Broken(Box::new(Diagnostic::error(codes::DISAGREES, message))))
        }
        Err(why) => Err(Unanswered::Skipped(format!("the source cannot record the events: {why}"))),
    };
    let answers = match found_by(output, streams, &relower) {
        Ok(answers) => answers.into_iter().map(answer).collect(),
        Err(why) => {
            let message = format!("the output of `{}` does not read back: {why}", subject.file);
            let broken = Unanswered::Broken(Box::new(Diagnostic::error(codes::DISAGREES, message)));
            vec![Err(broken); streams.len()]
        }
    };
    (answers, artifact.losses)
}

impl Asked<'_> {
    fn run(&self, rule: &Rule) -> Result<Found, Unanswered> {
        if let Some(target) = self.subject.target {
            return self.run_output(rule, target);
        }
        let found =
            reference::run(rule, &self.seen, &self.options).map_err(|error| self.unevaluable(&error))?;
        let place = |at: usize| self.places.get(at).copied().unwrap_or(usize::MAX);
        Ok(Found {
            join_keys: found.iter().map(|found| found.join_keys.iter().map(json).collect()).collect(),
            matches: found
                .into_iter()
                .map(|found| found.events.into_iter().flatten().map(place).collect())
                .collect(),
        })
    }

    /// What the output of a rule finds. That of the rule as it stands was asked of all cases at once.
    fn run_output(&self, rule: &Rule, target: Chosen<'_>) -> Result<Found, Unanswered> {
        let lowered = &self.subject.rule.lowered;
        if rule.pipes == lowered.pipes && rule.body == lowered.body {
            return self.subject.answers.get(self.nth).cloned().unwrap_or_else(|| Ok(Found::default()));
        }
        let streams = [self.all.values.as_slice()];
        let (answers, _) = ask_output(rule, self.subject, target, &streams);
        answers.into_iter().next().unwrap_or_else(|| Ok(Found::default()))
    }

    fn unevaluable(&self, error: &reference::RunError) -> Unanswered {
        let what = format!("`{}` on `{}`", self.subject.file, self.case.file.display());
        Unanswered::Broken(Box::new(not_evaluable(&what, error)))
    }

    /// A finding of this case: where the case says what it expects, else where the rule decides.
    fn finding(&self, code: Code, message: &str, why: Option<why::Why>) -> Diagnostic {
        let (subject, file) = (self.subject, self.case.file.display());
        // What decides in the rule says nothing of its output.
        let why = why.filter(|_| subject.target.is_none());
        let case = match self.case.layout {
            Layout::Streams | Layout::Regression => format!("`{}`", self.case.name),
            _ => format!("`{file}`"),
        };
        let case = match subject.target {
            Some((backend, _)) => format!("{case} on {}", backend.target().id),
            None => case,
        };
        let reason = why.as_ref().map_or_else(String::new, |why| format!("; {}", why.reason));
        let found = Diagnostic::error(code, format!("{case}: {message}{reason}"));
        let decides = why.as_ref().and_then(|why| why.span);
        let beside = why.as_ref().map_or_else(String::new, |why| why.label.clone());
        let found = match (self.case.place, decides) {
            (Some(place), Some(span)) => found.at(place, "expected here").and_at(span, beside),
            (Some(place), None) => found.at(place, "expected here"),
            (None, Some(span)) => found.at(span, beside),
            (None, None) => match self.whole_rule() {
                Some(span) => found.at(span, "this rule"),
                None => found.note(format!("of `{}`", subject.file)),
            },
        };
        match subject.target {
            Some(_) => found.help("`eqlc verify` tells what is lost on the way to a target"),
            None => found,
        }
    }

    /// The tests of the rule, from the first to the last.
    fn whole_rule(&self) -> Option<Span> {
        let queries = self.subject.rule.lowered.queries();
        let spans = queries.iter().flat_map(|query| query.filter.tests()).map(|test| test.span);
        spans.filter(|span| !span.is_empty()).reduce(Span::to)
    }

    fn by_layout(&self) -> Result<Option<Diagnostic>, Unanswered> {
        if self.all.values.is_empty() {
            return Ok(Some(self.finding(codes::MUST_MATCH, "there is no event in it", None)));
        }
        // Limits are about results, not about which events are found.
        let rule = Rule { pipes: Vec::new(), ..self.subject.rule.lowered.clone() };
        match self.case.layout {
            Layout::Positive => {
                let missed = self.missed(&rule)?;
                Ok(self.must_match(&rule, missed, codes::MUST_MATCH, ""))
            }
            Layout::Negative => self.must_not_match(&rule, ""),
            _ => {
                if let Some(found) = self.must_not_match(&rule, "is not kept out: ")? {
                    return Ok(Some(found));
                }
                let Some(open) = exclusions::without(&rule) else {
                    let message = "the rule has no exclusion that could keep these events out";
                    return Ok(Some(self.finding(codes::NOT_EXCLUDED, message, None)));
                };
                let missed = self.missed(&open)?;
                let without = ", even without the exclusions of the rule";
                Ok(self.must_match(&open, missed, codes::NOT_EXCLUDED, without))
            }
        }
    }

    /// The events, by their places among those seen, that a rule does not match; all of them where a rule over several
    /// finds nothing.
    fn missed(&self, rule: &Rule) -> Result<Vec<usize>, Unanswered> {
        let found = self.run(rule)?;
        if !matches!(rule.body, Body::Event(_)) {
            return Ok(if found.matches.is_empty() { (0..self.seen.len()).collect() } else { Vec::new() });
        }
        let matched: BTreeSet<usize> = found.matches.into_iter().flatten().collect();
        let is_missed = |at: &usize| self.places.get(*at).is_none_or(|place| !matched.contains(place));
        Ok((0..self.seen.len()).filter(is_missed).collect())
    }

    fn must_match(&self, rule: &Rule, missed: Vec<usize>, code: Code, how: &str) -> Option<Diagnostic> {
        let first = *missed.first()?;
        if !matches!(rule.body, Body::Event(_)) {
            let why = why::not_matched(rule, &self.seen, &self.options, self.subject.sources);
            return Some(self.finding(code, &format!("nothing is found in it{how}"), why));
        }
        let why = self.seen.get(first).and_then(|event| {
            why::not_matched(rule, std::slice::from_ref(event), &self.options, self.subject.sources)
        });
        let (count, of) = (missed.len(), self.seen.len());
        let verb = if count == 1 { "is" } else { "are" };
        let named = self.named(&missed);
        Some(self.finding(code, &format!("{count} of {of} events {verb} not matched{how}: {named}"), why))
    }

    fn must_not_match(&self, rule: &Rule, how: &str) -> Result<Option<Diagnostic>, Unanswered> {
        let found = self.run(rule)?;
        let Some(first) = found.matches.first() else { return Ok(None) };
        let code = if how.is_empty() { codes::MUST_NOT_MATCH } else { codes::NOT_EXCLUDED };
        let message = if matches!(rule.body, Body::Event(_)) {
            let matched: Vec<usize> = found.matches.iter().flatten().copied().collect();
            let (count, of) = (matched.len(), self.all.values.len());
            let verb = if count == 1 { "is" } else { "are" };
            format!("{how}{count} of {of} events {verb} matched: {}", self.labels(&matched))
        } else {
            let count = found.matches.len();
            let things = if count == 1 { "match is" } else { "matches are" };
            format!("{how}{count} {things} found, the first of {}", self.labels(first))
        };
        Ok(Some(self.finding(code, &message, None)))
    }

    /// Names of events by their places among those seen.
    fn named(&self, seen: &[usize]) -> String {
        let places: Vec<usize> = seen.iter().filter_map(|at| self.places.get(*at).copied()).collect();
        self.labels(&places)
    }

    fn labels(&self, places: &[usize]) -> String {
        let mut labels: Vec<String> = places.iter().take(MAX_NAMED).map(|at| self.all.label(*at)).collect();
        if let Some(more) = places.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
            labels.push(format!("{more} more"));
        }
        labels.join(", ")
    }

    /// Whether these are the matches that are wanted. Outputs have an order of their own, and those of correlations only
    /// tell whether they alert.
    fn agrees(&self, wanted: &[Vec<usize>], found: &[Vec<usize>]) -> bool {
        if self.subject.target.is_none() {
            return wanted == found;
        }
        if found.iter().any(Vec::is_empty) || matches!(self.subject.rule.lowered.body, Body::Correlation(_)) {
            return wanted.is_empty() == found.is_empty();
        }
        let (mut wanted, mut found) = (wanted.to_vec(), found.to_vec());
        wanted.sort();
        found.sort();
        wanted == found
    }

    fn count(&self, wanted: usize, found: &Found) -> Option<Diagnostic> {
        let count = found.matches.len();
        if wanted == 0 {
            let message = format!("no match is expected, {count} found");
            return (count > 0).then(|| self.finding(codes::MATCH_COUNT, &message, None));
        }
        if count >= wanted {
            return None;
        }
        let matched: BTreeSet<usize> = found.matches.iter().flatten().copied().collect();
        let why = self.why_missing(|place| !matched.contains(&place));
        Some(self.finding(codes::MATCH_COUNT, &format!("at least {wanted} expected, {count} found"), why))
    }

    /// Why the rule finds no more: of an event that is missed, or of all where it is about several.
    fn why_missing(&self, is_missed: impl Fn(usize) -> bool) -> Option<why::Why> {
        let rule = &self.subject.rule.lowered;
        let (options, sources) = (&self.options, self.subject.sources);
        if !matches!(rule.body, Body::Event(_)) {
            return why::not_matched(rule, &self.seen, options, sources);
        }
        let missed = self.seen.iter().zip(&self.places).find(|(_, place)| is_missed(**place));
        let (event, place) = missed?;
        let mut why = why::not_matched(rule, std::slice::from_ref(event), options, sources)?;
        why.reason = format!("{}: {}", self.all.label(*place), why.reason);
        Some(why)
    }

    fn compare(
        &self,
        matches: Option<&Node<Vec<Vec<usize>>>>,
        join_keys: Option<&Node<Vec<Vec<Value>>>>,
        found: &Found,
    ) -> Option<Diagnostic> {
        let Some(matches) = matches else {
            let message = format!("lists no `matches`, {} found", list(&found.matches));
            let finding = self.finding(codes::MATCHES, &message, None);
            return Some(finding.help("`eqlc test --bless` writes what is found"));
        };
        if !self.agrees(&matches.value, &found.matches) {
            let message = format!("{} expected, {} found", list(&matches.value), list(&found.matches));
            let missing = matches.value.iter().find(|wanted| !found.matches.contains(wanted));
            let extra = found.matches.iter().find(|other| !matches.value.contains(other));
            let why = missing.and_then(|wanted| self.why_missing(|place| wanted.contains(&place)));
            let mut finding = self.finding(codes::MATCHES, &message, why);
            let place = extra.and_then(|extra| extra.last()).and_then(|at| self.all.span(*at));
            if let Some(span) = place {
                finding = finding.and_at(span, "matches unexpectedly");
            }
            return Some(finding);
        }
        let keys = join_keys.filter(|_| self.subject.target.is_none())?;
        if keys.value == found.join_keys {
            return None;
        }
        let (wanted, found) =
            (Value::from_iter(keys.value.clone()), Value::from_iter(found.join_keys.clone()));
        let mut finding =
            self.finding(codes::JOIN_KEYS, &format!("join keys {wanted} expected, {found} found"), None);
        if let Some(primary) = &mut finding.primary {
            primary.span = keys.span;
        }
        Some(finding)
    }
}

/// Matches as a fixture writes them.
fn list(matches: &[Vec<usize>]) -> String {
    match matches {
        [] => "no match".to_owned(),
        _ => format!("{matches:?}"),
    }
}
