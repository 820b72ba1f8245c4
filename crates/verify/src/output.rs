//! An output, read back and ready to be asked of streams: laws 1 to 3.

use std::borrow::Cow;

use eqlc_backend::{Artifact, Backend, Language, Legal, ReadBack, Settings};
use eqlc_diagnostics::Diagnostics;
use eqlc_ir::{Category, Comparison, EventQuery, Literal, Op, Rule, Scalar, Test, TextPattern, normalise};
use eqlc_witness::Search;
use serde_json::Value;

use crate::circumstance::Circumstance;
use crate::effort::{Clock, Effort};
use crate::engine::{Evaluator, Streams};
use crate::project::{ALWAYS, Faith, HostRows, OF_KIND, are_told_apart, completed, lacks};
use crate::report::{Law, TargetReport};
use crate::sql::SqlEngine;
use crate::verdict::{Difference, Verdict};
use crate::world::{World, unrecorded};

/// Lowers text of a language to the one rule it holds.
pub type Relower<'a> = &'a (dyn Fn(Language, &str) -> Result<Rule, Diagnostics> + Sync);

/// A rule and its output for one target.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The rule, normalised, in ECS.
    pub rule: &'a Rule,
    /// The rule within what the target has.
    pub legal: &'a Legal,
    /// The output.
    pub artifact: &'a Artifact,
    /// Who made it.
    pub backend: &'a dyn Backend,
    /// With which settings.
    pub settings: &'a Settings,
}

/// What is found in each stream that is asked about.
type Ask<'q, T> = &'q dyn Fn(&[&[Value]]) -> Vec<Result<T, String>>;

/// What was found in a stream.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// By the output.
    pub(crate) found: Verdict,
    /// By the reference evaluator, from the legal rule on the events as the target sees them.
    pub(crate) meant: Verdict,
}

impl Answer {
    /// How what the output finds differs from what the legal rule does, or why it fails; none where it does not.
    pub(crate) fn stray(&self) -> Option<Result<Difference, String>> {
        if let Verdict::Failed(why) = &self.found {
            return Some(Err(why.clone()));
        }
        let difference = self.meant.difference(&self.found);
        (difference != Difference::default()).then_some(Ok(difference))
    }
}

/// An output that can be asked of streams.
pub(crate) struct Output<'a> {
    pub(crate) subject: Subject<'a>,
    /// The rule as written, and the world that it speaks of.
    rule: Evaluator<'a>,
    own_world: World,
    /// The legal rule, and the world of the target.
    legal: Evaluator<'a>,
    world: World,
    engine: Engine<'a>,
    /// Why it can be asked of no stream: nobody tells what the source that it asks records.
    untold: Option<String>,
    /// What the rule asks that every record has, where the target sees records of the events.
    always: Vec<String>,
    /// What of the kind of a record the rule asks, where a source keeps records of one kind.
    kind: Vec<&'static str>,
    /// When to stop asking.
    clock: Clock,
}

enum Engine<'a> {
    /// The output is the rule itself, on the events that the rule speaks of.
    TheRule,
    /// A rule for the reference evaluator: lowered from the output, or the plan itself; none where that is the legal
    /// rule.
    Rule(Option<Box<Evaluator<'a>>>),
    /// A query for SQLite.
    Sql(Box<SqlEngine<'a>>),
}

impl<'a> Output<'a> {
    /// Reads an output back. What it fails is noted in the report; none where it cannot be asked then.
    pub(crate) fn read(
        subject: Subject<'a>,
        (relower, clock): (Relower<'_>, Clock),
        report: &mut TargetReport,
    ) -> Option<Self> {
        let map = subject.backend.event_map(subject.settings, subject.rule);
        let world = World::of(subject.rule, map);
        let legal = subject.legal.rule();
        let engine = match subject.backend.read_back(subject.artifact) {
            Err(diagnostics) => {
                report.fail(Law::Parses, None, first_message(&diagnostics));
                return None;
            }
            Ok(ReadBack::Source { language, text, reprinted }) => {
                reprints(&text, &reprinted, report);
                match relower(language, &text) {
                    Ok(rule) => {
                        let same = lowers_back(&rule, legal, report);
                        Engine::Rule((!same).then(|| evaluator(normalise(rule), clock)))
                    }
                    Err(diagnostics) => {
                        report.fail(Law::LowersBack, None, first_message(&diagnostics));
                        return None;
                    }
                }
            }
            Ok(ReadBack::Rule(rule)) => {
                let same = lowers_back(&rule, legal, report);
                Engine::Rule((!same).then(|| evaluator(*rule, clock)))
            }
            Ok(ReadBack::Sql { query, reprinted }) => {
                reprints(&query, &reprinted, report);
                let of = (subject.settings, subject.backend.target());
                match SqlEngine::new(query, legal, of, clock) {
                    Ok(engine) => Engine::Sql(Box::new(engine)),
                    Err(error) => {
                        report.fail(Law::Parses, None, error);
                        return None;
                    }
                }
            }
        };
        let own_world = World::of_rule(subject.rule);
        let own = world == own_world && legal == subject.rule;
        let engine = if own && matches!(engine, Engine::Rule(None)) { Engine::TheRule } else { engine };
        let untold = (world == World::Sysmon).then(|| unrecorded(legal)).flatten();
        let untold = untold.map(|source| format!("what `{source}` records of events is not told here"));
        let sees_records =
            matches!(engine, Engine::Sql(_)) || matches!(world, World::Sysmon | World::Documents);
        let mut always = Vec::new();
        if sees_records {
            always.extend(fields_among(subject.rule, ALWAYS).into_iter().map(str::to_owned));
        }
        if world == World::Documents {
            always.extend(asked_for_nothing(subject.rule));
        }
        let by_category = |query: &&EventQuery| matches!(query.category, Category::OneOf(_));
        if sees_records && subject.rule.queries().iter().any(by_category) {
            always.push("event.category".to_owned());
        }
        let timed = |rule: &'a Rule| Evaluator::of(rule).timed(clock);
        let (rule, legal) = (timed(subject.rule), timed(legal));
        let kind = fields_among(subject.rule, OF_KIND);
        Some(Self { subject, rule, own_world, legal, world, engine, untold, always, kind, clock })
    }

    /// The events of streams in the world that the rule speaks of.
    pub(crate) fn told_to_rule<'e>(&self, streams: &[&'e [Value]]) -> Streams<'e> {
        let mut seen = Streams::default();
        streams.iter().for_each(|stream| seen.push(self.own_world.project(stream)));
        seen
    }

    /// What the rule finds in each stream, in the world that it speaks of.
    pub(crate) fn asked(&self, streams: &[&[Value]]) -> Vec<Result<Verdict, String>> {
        self.of_rule(&self.told_to_rule(streams))
    }

    /// The same of streams of its world.
    pub(crate) fn of_rule(&self, streams: &Streams<'_>) -> Vec<Result<Verdict, String>> {
        streams.verdicts(&self.rule)
    }

    /// Whether it is a query over rows.
    pub(crate) fn is_queried(&self) -> bool {
        matches!(self.engine, Engine::Sql(_))
    }

    /// Whether hosts answer the output about the present, beside what they have recorded.
    pub(crate) fn asks_hosts(&self) -> bool {
        matches!(&self.engine, Engine::Sql(sql) if sql.asks_hosts())
    }

    /// Whether it is asked of records that others can stand beside, and that do not say all that events do.
    pub(crate) fn is_recorded(&self) -> bool {
        match self.engine {
            Engine::Sql(_) => true,
            Engine::Rule(Some(_)) => self.world.has_sources(),
            // What was emitted is what is asked.
            Engine::TheRule | Engine::Rule(None) => false,
        }
    }

    /// Whether the source that it asks records every event of each stream, as far as it can.
    pub(crate) fn records(&self, streams: &[&[Value]]) -> Vec<bool> {
        match &self.engine {
            Engine::Sql(sql) => streams.iter().map(|stream| sql.records(stream)).collect(),
            Engine::TheRule | Engine::Rule(_) => {
                let all = |stream: &&[Value]| {
                    let seen = self.world.project_of(stream, Faith::Part);
                    seen.is_ok_and(|seen| seen.events.len() == stream.len())
                };
                streams.iter().map(all).collect()
            }
        }
    }

    /// Rows that are made of the emitted rule, where it is a query for them.
    pub(crate) fn made(&self, search: &Search) -> Vec<HostRows> {
        match &self.engine {
            Engine::Sql(sql) => sql.made(search),
            Engine::TheRule | Engine::Rule(_) => Vec::new(),
        }
    }

    /// What it finds in the rows of each host, where there was time to ask.
    pub(crate) fn answers_of_rows(&self, hosts: &[HostRows]) -> Vec<Answer> {
        let Engine::Sql(sql) = &self.engine else { return Vec::new() };
        sql.of_rows(hosts, self.clock).into_iter().flatten().collect()
    }

    /// Whether it is the rule itself, so that it finds what the rule finds in every stream.
    pub(crate) fn is_the_rule(&self) -> bool {
        matches!(self.engine, Engine::TheRule)
    }

    /// That no event leaves out what the rule asks and every record has, where all that events say counts.
    fn told(&self, stream: &[Value], circumstance: &Circumstance) -> Result<(), String> {
        if self.world != World::Documents && *circumstance != Circumstance::AsTold {
            return Ok(());
        }
        let mut asked = self.always.iter();
        match asked.find(|name| stream.iter().any(|event| lacks(event, name))) {
            Some(name) => Err(format!("`{name}` is missing, and every record has one")),
            None => Ok(()),
        }
    }

    /// That the source which keeps records of one kind can tell the stream from all others: hosts by one of their names,
    /// and what the rule asks of the kind without having it written down.
    fn told_by_kind(&self, stream: &[Value]) -> Result<(), String> {
        are_told_apart(stream)?;
        if self.kind.is_empty() {
            return Ok(());
        }
        let completed: Vec<Option<Value>> = stream.iter().map(|event| completed(event, &self.kind)).collect();
        if completed.iter().all(Option::is_none) {
            return Ok(());
        }
        let events = completed.into_iter().zip(stream);
        let whole: Vec<Value> = events.map(|(whole, event)| whole.unwrap_or_else(|| event.clone())).collect();
        match self.asked(&[stream, &whole]).as_slice() {
            [Ok(told), Ok(whole)] if told != whole => Err(format!(
                "`{}` is not that of the records that the source keeps",
                self.kind.join("` or `")
            )),
            _ => Ok(()),
        }
    }

    /// What it finds in each stream and what the legal rule does, or why it cannot be asked of it.
    pub(crate) fn answers(
        &self,
        streams: &[&[Value]],
        circumstance: &Circumstance,
    ) -> Vec<Result<Answer, String>> {
        self.where_told(streams, circumstance, &|streams| self.answers_to(streams, circumstance))
    }

    /// What it finds in each stream when all has happened, or why it cannot be asked of it: that takes less time than
    /// [`Output::answers`], which must agree where it matters.
    pub(crate) fn found(
        &self,
        streams: &[&[Value]],
        circumstance: &Circumstance,
    ) -> Vec<Result<Verdict, String>> {
        self.where_told(streams, circumstance, &|streams| match &self.engine {
            Engine::Sql(sql) => {
                let found = streams.iter().zip(sql.found(streams, circumstance, self.clock));
                found.map(|(stream, found)| self.told(stream, circumstance).and(found)).collect()
            }
            Engine::Rule(Some(rule)) => self.seen(streams, circumstance).verdicts(rule),
            Engine::TheRule | Engine::Rule(None) => self.seen(streams, circumstance).verdicts(&self.legal),
        })
    }

    /// What it says of those streams that it can be asked of, and why not of the others.
    fn where_told<T>(
        &self,
        streams: &[&[Value]],
        circumstance: &Circumstance,
        ask: Ask<'_, T>,
    ) -> Vec<Result<T, String>> {
        if let Some(reason) = &self.untold
            && !matches!(self.engine, Engine::Sql(_))
        {
            return streams.iter().map(|_| Err(reason.clone())).collect();
        }
        let by_kind = self.own_world == World::Ecs && (self.world == World::Sysmon || self.is_queried());
        if !by_kind || *circumstance != Circumstance::AsTold {
            return ask(streams);
        }
        let told: Vec<Result<(), String>> = streams.iter().map(|stream| self.told_by_kind(stream)).collect();
        let asked: Vec<&[Value]> =
            streams.iter().zip(&told).filter(|(_, told)| told.is_ok()).map(|(stream, _)| *stream).collect();
        let mut answers = ask(&asked).into_iter();
        let missing = || Err("the output was not asked".to_owned());
        told.into_iter().map(|told| told.and_then(|()| answers.next().unwrap_or_else(missing))).collect()
    }

    /// Streams as the target's source records them.
    fn seen<'e>(&self, streams: &[&'e [Value]], circumstance: &Circumstance) -> Streams<'e> {
        let mut seen = Streams::default();
        for stream in streams {
            let told = self.told(stream, circumstance);
            seen.push(told.and_then(|()| self.world.project_in(stream, circumstance)));
        }
        seen
    }

    fn answers_to(&self, streams: &[&[Value]], circumstance: &Circumstance) -> Vec<Result<Answer, String>> {
        let read_back = match &self.engine {
            Engine::Sql(sql) => {
                let answers = streams.iter().zip(sql.answers(streams, circumstance, self.clock));
                return answers.map(|(stream, answer)| self.told(stream, circumstance).and(answer)).collect();
            }
            Engine::Rule(Some(rule)) => Some(rule),
            Engine::TheRule | Engine::Rule(None) => None,
        };
        let seen = self.seen(streams, circumstance);
        let meant = seen.verdicts(&self.legal);
        let Some(read_back) = read_back else {
            return meant
                .into_iter()
                .map(|meant| meant.map(|meant| Answer { found: meant.clone(), meant }))
                .collect();
        };
        let both = seen.verdicts(read_back).into_iter().zip(meant);
        both.map(|(found, meant)| Ok(Answer { found: found?, meant: meant? })).collect()
    }
}

fn evaluator<'a>(rule: Rule, clock: Clock) -> Box<Evaluator<'a>> {
    Box::new(Evaluator::new(Cow::Owned(rule)).timed(clock))
}

/// Those of some fields that a rule asks.
fn fields_among(rule: &Rule, known: &[&'static str]) -> Vec<&'static str> {
    let queries = rule.queries();
    let fields: Vec<_> = queries.iter().flat_map(|query| query.filter.fields()).collect();
    let asked = |name: &&&'static str| fields.iter().any(|field| field.path == **name);
    known.iter().filter(asked).copied().collect()
}

/// Fields of which a rule asks whether the log writes nothing there: it writes them, be it as nothing, and documents that
/// leave nothing out do not tell that from a record without them.
fn asked_for_nothing(rule: &Rule) -> Vec<String> {
    let nothing = |text: &str| matches!(text, "" | "-");
    let is_nothing = |literal: &Literal| matches!(literal, Literal::Str(text) if nothing(text));
    let asks = |test: &&Test| match &test.op {
        Op::Text(patterns, _) => patterns.iter().filter_map(TextPattern::as_exact).any(nothing),
        Op::OneOf(items, _) => items.iter().any(is_nothing),
        Op::Compare(Comparison::Equal, Scalar::Literal(literal)) => is_nothing(literal),
        _ => false,
    };
    let tests = rule.queries().into_iter().flat_map(|query| query.filter.tests());
    tests
        .filter(asks)
        .filter_map(|test| test.subject.as_field())
        .map(|field| field.path.to_string())
        .collect()
}

/// What the output of a rule finds in each stream, as the target's source records it; or why it cannot be asked of it.
///
/// # Errors
/// The output does not read back; what it fails, as one line.
pub fn found_by(
    subject: Subject<'_>,
    streams: &[&[Value]],
    relower: Relower<'_>,
) -> Result<Vec<Result<Verdict, String>>, String> {
    let mut report = TargetReport::new(subject.backend.target(), subject.settings);
    match Output::read(subject, (relower, Clock::endless()), &mut report) {
        Some(output) => {
            let answers = output.answers(streams, &Circumstance::AsTold);
            Ok(answers.into_iter().map(|answer| answer.map(|answer| answer.found)).collect())
        }
        None => Err(report.failures.into_iter().map(|failure| failure.found).next().unwrap_or_default()),
    }
}

/// Rows of tables that are made of the emitted rule from a seed; none where its output is no query for rows.
#[must_use]
pub fn rows_made(subject: Subject<'_>, seed: u64) -> Vec<HostRows> {
    let mut report = TargetReport::new(subject.backend.target(), subject.settings);
    let relower: Relower<'_> = &|_, _| Err(Diagnostics::new());
    let output = Output::read(subject, (relower, Clock::endless()), &mut report);
    output.map_or_else(Vec::new, |output| output.made(&Effort { seed, ..Effort::default() }.search()))
}

/// What a rule finds in each stream, in the world that it speaks of.
pub(crate) fn asked(rule: &Rule, streams: &[&[Value]], clock: Clock) -> Vec<Result<Verdict, String>> {
    let world = World::of_rule(rule);
    let mut seen = Streams::default();
    streams.iter().for_each(|stream| seen.push(world.project(stream)));
    seen.verdicts(&Evaluator::of(rule).timed(clock))
}

fn first_message(diagnostics: &Diagnostics) -> String {
    diagnostics.first().map_or_else(String::new, |first| format!("{}: {}", first.code, first.message))
}

fn reprints(text: &str, reprinted: &str, report: &mut TargetReport) {
    if text.trim_end() != reprinted.trim_end() {
        let differing = text.lines().zip(reprinted.lines()).find(|(wanted, found)| wanted != found);
        let (wanted, found) = differing.unwrap_or((text, reprinted));
        report.fail(Law::Reprints, None, format!("wanted `{wanted}`, found `{found}`"));
    }
}

/// Whether the output is the legal rule again.
fn lowers_back(found: &Rule, wanted: &Rule, report: &mut TargetReport) -> bool {
    let (found, wanted) = (normalise::canonical(found.clone()), normalise::canonical(wanted.clone()));
    if found == wanted {
        return true;
    }
    let (found, wanted) = (eqlc_ir::text::rule(&found), eqlc_ir::text::rule(&wanted));
    let mut lines = wanted.lines().zip(found.lines());
    let (wanted, found) = lines.find(|(wanted, found)| wanted != found).unwrap_or(("its end", "another end"));
    report.fail(Law::LowersBack, None, format!("wanted `{}`, found `{}`", wanted.trim(), found.trim()));
    false
}
