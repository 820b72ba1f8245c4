//! Pass 10: the laws, on one rule and one target.

use eqlc_ir::{Body, Rule};
use serde_json::Value;

use crate::circumstance::Circumstance;
use crate::crowded::strays;
use crate::diff::{Judge, smallest};
use crate::effort::{Clock, Cut, Effort, Work};
use crate::evidence::{Evidence, Exhibit};
use crate::fixtures::Stream;
use crate::output::{Answer, Output, Relower, Subject};
use crate::proof;
use crate::report::{Failure, JudgedLoss, Law, Separating, Separation, Side, Skip, TargetReport};
use crate::sql::fields_of;
use crate::verdict::{Comparison, Difference, Verdict, compare};

/// Streams that are given to an output at a time; budgets are looked at between.
const CHUNK: usize = 64;
/// The most failures of one law on made streams that are told one by one.
const MAX_TOLD: usize = 3;

/// Holds an output to every law on every stream of a fixture. No events are made, and losses are not proven.
#[must_use]
pub fn agree(subject: Subject<'_>, streams: &[Stream], relower: Relower<'_>) -> TargetReport {
    let effort = Effort { rule_time: None, ..Effort::fixture_only() };
    let clock = effort.start();
    let evidence = Evidence::of(subject.rule, streams, &effort, clock);
    prove(subject, &evidence, (&effort, clock), relower)
}

/// Holds an output to every law on all the evidence, and looks for events that show each of its losses.
///
/// The evidence is that of the rule, made once for all its targets; the clock is that of the rule too. Whatever a
/// budget cuts short is in the report.
///
/// ```no_run
/// # use eqlc_verify::{Effort, Evidence, Relower, Subject, TargetReport, prove};
/// # fn all(subjects: &[Subject<'_>], rule: &eqlc_ir::Rule, relower: Relower<'_>) -> Vec<TargetReport> {
/// let effort = Effort { seed: 7, ..Effort::default() };
/// let clock = effort.start();
/// let evidence = Evidence::of(rule, &[], &effort, clock);
/// subjects.iter().map(|subject| prove(*subject, &evidence, (&effort, clock), relower)).collect()
/// # }
/// ```
#[must_use]
pub fn prove(
    subject: Subject<'_>,
    evidence: &Evidence,
    (effort, clock): (&Effort, Clock),
    relower: Relower<'_>,
) -> TargetReport {
    Compared::of(subject, evidence, clock, relower).judged(evidence, (effort, clock))
}

/// An output that was held to every law, and whose losses are still to be proven: where a rule has several targets, all
/// of them are compared before time is spent on losses.
pub struct Compared<'a> {
    output: Option<Output<'a>>,
    answers: Vec<Option<Answer>>,
    report: TargetReport,
}

impl<'a> Compared<'a> {
    /// Holds an output to every law on all the evidence.
    #[must_use]
    pub fn of(subject: Subject<'a>, evidence: &Evidence, clock: Clock, relower: Relower<'_>) -> Self {
        let mut report = TargetReport::new(subject.backend.target(), subject.settings);
        report.losses = subject.artifact.losses.iter().cloned().map(JudgedLoss::new).collect();
        report.cuts.clone_from(&evidence.cuts);
        report.without.clone_from(&evidence.without);
        let output = Output::read(subject, (relower, clock), &mut report);
        let answers = output.as_ref().map_or_else(Vec::new, |output| {
            let answers = Comparing { output, clock, late: 0, report: &mut report }.all(&evidence.exhibits);
            if clock.spent().is_none() {
                made_rows(output, evidence, &mut report);
            }
            answers
        });
        Self { output, answers, report }
    }

    /// Looks for events that show each of its losses.
    #[must_use]
    pub fn judged(self, evidence: &Evidence, (effort, clock): (&Effort, Clock)) -> TargetReport {
        let Self { output, answers, mut report } = self;
        if let Some(output) = output.filter(|_| effort.streams > 0) {
            proof::judge(&output, evidence, &answers, (effort, clock), &mut report);
        }
        report.settled()
    }
}

/// Whether the rule finds what its fixture says; one failure a stream.
#[must_use]
pub fn check_fixture(rule: &Rule, streams: &[Stream]) -> Vec<Failure> {
    let fail = |stream: &Stream, found: String| Failure {
        law: Law::Fixture,
        stream: Some(stream.name.clone()),
        found,
        shown: None,
    };
    streams
        .iter()
        .filter_map(|stream| {
            let found = asked_in_order(rule, stream);
            match found {
                Ok(found) if found == stream.matches => None,
                Ok(found) => Some(fail(stream, format!("wanted {:?}, found {found:?}", stream.matches))),
                Err(error) => Some(fail(stream, error)),
            }
        })
        .collect()
}

/// What the rule finds in a stream, in the order of results.
fn asked_in_order(rule: &Rule, stream: &Stream) -> Result<Vec<Vec<usize>>, String> {
    let projected = crate::world::World::of_rule(rule).project(&stream.events)?;
    let place = |at: usize| projected.places.get(at).copied().unwrap_or(usize::MAX);
    let found = crate::engine::Evaluator::of(rule).run(&projected.events)?;
    Ok(found.into_iter().map(|found| found.into_iter().map(place).collect()).collect())
}

/// Law 3 on rows that are made of the emitted rule.
fn made_rows(output: &Output<'_>, evidence: &Evidence, report: &mut TargetReport) {
    let Some(search) = evidence.search.as_ref().filter(|_| output.is_queried()) else { return };
    let answers = output.answers_of_rows(&output.made(search));
    report.matched += answers.iter().filter(|answer| answer.found.alerts()).count();
    if let Some(stray) = answers.iter().find_map(Answer::stray) {
        let found = stray.map_or_else(|why| why, |difference| describe(&difference));
        let found = format!("{found}, among rows that are made of the emitted rule");
        report.fail(Law::MeansWhatWasEmitted, None, found);
    }
}

/// Law 4 on all streams.
struct Comparing<'c, 'a> {
    output: &'c Output<'a>,
    clock: Clock,
    /// Streams that were given up because the clock had run out.
    late: usize,
    report: &'c mut TargetReport,
}

/// Failures of one law on made streams.
#[derive(Default)]
struct Failed<'e> {
    told: Vec<(&'e Exhibit, Difference)>,
    more: usize,
}

impl Comparing<'_, '_> {
    /// What the output finds in each stream; none where it cannot be asked, or was not for want of time.
    fn all(mut self, exhibits: &[Exhibit]) -> Vec<Option<Answer>> {
        let mut answers = Vec::with_capacity(exhibits.len());
        let (mut emitted, mut agreement) = (Failed::default(), Failed::default());
        for chunk in exhibits.chunks(CHUNK) {
            if let Some(budget) = self.clock.spent() {
                let left = exhibits.len().saturating_sub(answers.len());
                self.report.cuts.push(Cut { budget, work: Work::Comparing, left: left + self.late });
                self.late = 0;
                answers.resize_with(exhibits.len(), || None);
                break;
            }
            let found = self.chunk(chunk);
            self.strays(chunk, &found);
            for (exhibit, answer) in chunk.iter().zip(found) {
                answers.push(self.one(exhibit, answer, (&mut emitted, &mut agreement)));
            }
        }
        if let (Some(budget), 1..) = (self.clock.spent(), self.late) {
            self.report.cuts.push(Cut { budget, work: Work::Comparing, left: self.late });
        }
        self.tell(Law::MeansWhatWasEmitted, emitted);
        self.tell(Law::AgreesWithRule, agreement);
        answers
    }

    fn chunk(&self, chunk: &[Exhibit]) -> Vec<Result<Answer, String>> {
        if self.output.is_the_rule() {
            let answer = |exhibit: &Exhibit| {
                let found = exhibit.verdict.clone()?;
                Ok(Answer { meant: found.clone(), found })
            };
            return chunk.iter().map(answer).collect();
        }
        let streams: Vec<&[Value]> = chunk.iter().map(|exhibit| exhibit.events.as_slice()).collect();
        self.output.answers(&streams, &Circumstance::AsTold)
    }

    /// What the output finds among records of others that the emitted rule does not mean.
    fn strays(&mut self, chunk: &[Exhibit], answers: &[Result<Answer, String>]) {
        let exhibits: Vec<&Exhibit> = chunk.iter().collect();
        let clause = Circumstance::Crowded.clause().unwrap_or_default();
        for (exhibit, stray) in chunk.iter().zip(strays(self.output, &exhibits, answers)) {
            if let Some(difference) = stray {
                let found = format!("{}, {clause}", describe(&difference));
                self.report.fail(Law::MeansWhatWasEmitted, Some(&exhibit.name), found);
            }
        }
    }

    fn one<'e>(
        &mut self,
        exhibit: &'e Exhibit,
        answer: Result<Answer, String>,
        (emitted, agreement): (&mut Failed<'e>, &mut Failed<'e>),
    ) -> Option<Answer> {
        let (rule, answer) = match (&exhibit.verdict, answer) {
            (Ok(rule), Ok(answer)) => (rule, answer),
            (Err(reason), _) => return self.skip(exhibit, reason.clone()),
            (Ok(_), Err(reason)) => return self.skip(exhibit, reason),
        };
        self.report.compared += 1;
        self.report.made += usize::from(exhibit.made);
        self.report.matched += usize::from(answer.found.alerts());
        if let Verdict::Failed(why) = &answer.found {
            self.report.fail(Law::MeansWhatWasEmitted, Some(&exhibit.name), why.as_str());
            return None;
        }
        let difference = answer.meant.difference(&answer.found);
        if difference != Difference::default() {
            self.failed(Law::MeansWhatWasEmitted, exhibit, difference, emitted);
        }
        let losses = &self.output.subject.artifact.losses;
        match compare(rule, &answer.found, losses, is_sequence(self.output)) {
            Comparison::Same => {}
            Comparison::Covered(Difference { extra, missing }) if !exhibit.made => {
                self.report.separations.push(Separation { stream: exhibit.name.clone(), extra, missing });
            }
            Comparison::Covered(_) => {}
            Comparison::Disagrees(difference) => {
                self.failed(Law::AgreesWithRule, exhibit, difference, agreement);
            }
        }
        Some(answer)
    }

    fn skip(&mut self, exhibit: &Exhibit, reason: String) -> Option<Answer> {
        self.late += usize::from(self.clock.spent().is_some());
        self.report.skipped.push(Skip { stream: exhibit.name.clone(), reason });
        None
    }

    fn failed<'e>(
        &mut self,
        law: Law,
        exhibit: &'e Exhibit,
        difference: Difference,
        failed: &mut Failed<'e>,
    ) {
        if !exhibit.made {
            self.report.fail(law, Some(&exhibit.name), describe(&difference));
            return;
        }
        if failed.told.len() < MAX_TOLD {
            failed.told.push((exhibit, difference));
        } else {
            failed.more += 1;
        }
    }

    /// The failures on made streams, each with the smallest events that show it.
    fn tell(&mut self, law: Law, failed: Failed<'_>) {
        for (exhibit, difference) in failed.told {
            let shown = self.smallest(law, exhibit);
            self.report.failures.push(Failure {
                law,
                stream: Some(exhibit.name.clone()),
                found: describe(&difference),
                shown,
            });
        }
        if failed.more > 0 {
            self.report.fail(law, None, format!("the same on {} more made streams", failed.more));
        }
    }

    fn smallest(&self, law: Law, exhibit: &Exhibit) -> Option<Separating> {
        let failing = Failing { output: self.output, law };
        let events = smallest_of(self.output.subject.rule, &failing, &exhibit.events);
        let answer = self.output.answers(&[&events], &Circumstance::AsTold).pop()?.ok()?;
        let rule = match law {
            Law::MeansWhatWasEmitted => answer.meant,
            _ => self.output.asked(&[&events]).pop()?.ok()?,
        };
        let only = if rule.difference(&answer.found).extra.is_empty() { Side::Rule } else { Side::Output };
        let (from, circumstance) = (exhibit.name.clone(), Circumstance::AsTold);
        Some(Separating { only, from, circumstance, events, rule, output: answer.found })
    }
}

/// That a stream breaks a law.
struct Failing<'f, 'a> {
    output: &'f Output<'a>,
    law: Law,
}

impl Judge for Failing<'_, '_> {
    fn shows(&self, streams: &[Vec<Value>]) -> Vec<bool> {
        let streams: Vec<&[Value]> = streams.iter().map(Vec::as_slice).collect();
        let answers = self.output.answers(&streams, &Circumstance::AsTold);
        if self.law == Law::MeansWhatWasEmitted {
            let fails = |answer: &Answer| answer.meant.difference(&answer.found) != Difference::default();
            return answers.iter().map(|answer| answer.as_ref().is_ok_and(fails)).collect();
        }
        let artifact = self.output.subject.artifact;
        let verdicts = self.output.asked(&streams).into_iter().zip(answers);
        let fails = |rule: &Verdict, answer: &Answer| {
            let comparison = compare(rule, &answer.found, &artifact.losses, is_sequence(self.output));
            matches!(comparison, Comparison::Disagrees(_))
        };
        verdicts
            .map(|both| match both {
                (Ok(rule), Ok(answer)) => fails(&rule, &answer),
                _ => false,
            })
            .collect()
    }
}

pub(crate) fn is_sequence(output: &Output<'_>) -> bool {
    matches!(output.subject.rule.body, Body::Sequence(_) | Body::Sample(_))
}

/// Fields that are left alone when events are made smaller.
pub(crate) fn kept(rule: &Rule) -> [&str; 1] {
    [rule.meta.timestamp_field.as_deref().unwrap_or("@timestamp")]
}

/// The smallest events that still show what a judge of an output of the rule asks for.
pub(crate) fn smallest_of(rule: &Rule, judge: &dyn Judge, events: &[Value]) -> Vec<Value> {
    smallest(judge, events, (&kept(rule), &fields_of(rule)))
}

fn describe(difference: &Difference) -> String {
    let list = |matches: &[Vec<usize>]| match matches {
        [] => "none".to_owned(),
        // A verdict that only alerts has no events to name.
        [only] if only.is_empty() => "an alert".to_owned(),
        several => format!("{several:?}"),
    };
    format!(
        "found by the output alone: {}; by the rule alone: {}",
        list(&difference.extra),
        list(&difference.missing)
    )
}
