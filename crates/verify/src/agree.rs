//! Pass 10: the laws, on one rule and one target.

use eqlc_backend::mapping::taxonomy_of;
use eqlc_backend::{Artifact, Backend, Language, Legal, ReadBack, Settings};
use eqlc_diagnostics::Diagnostics;
use eqlc_ir::{Body, Rule, normalise};

use crate::engine::{reference, verdict};
use crate::fixtures::Stream;
use crate::report::{Failure, Law, Separation, Skip, TargetReport};
use crate::sql::SqlEngine;
use crate::verdict::{Comparison, Difference, Verdict, compare};
use crate::world::{Projected, World};

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

/// Holds an output to every law on every stream.
#[must_use]
pub fn agree(subject: Subject<'_>, streams: &[Stream], relower: Relower<'_>) -> TargetReport {
    let mut report = TargetReport::new(&subject.artifact.target);
    report.losses.clone_from(&subject.artifact.losses);
    let engine = match engine_of(subject, relower, &mut report) {
        Some(engine) => engine,
        None => return report.settled(),
    };
    let map = subject.backend.event_map(subject.settings, &taxonomy_of(subject.rule));
    let world = World::of(subject.rule, map);
    for stream in streams {
        match check_stream(subject, world, &engine, stream, &mut report) {
            Ok(()) => {}
            Err(reason) => report.skipped.push(Skip { stream: stream.name.clone(), reason }),
        }
    }
    report.settled()
}

/// Whether the rule finds what its fixture says; one failure a stream.
#[must_use]
pub fn check_fixture(rule: &Rule, streams: &[Stream]) -> Vec<Failure> {
    let fail = |stream: &Stream, found: String| Failure {
        law: Law::Fixture,
        stream: Some(stream.name.clone()),
        found,
    };
    streams
        .iter()
        .filter_map(|stream| match asked(rule, stream) {
            Ok(found) if found == stream.matches => None,
            Ok(found) => Some(fail(stream, format!("wanted {:?}, found {found:?}", stream.matches))),
            Err(error) => Some(fail(stream, error)),
        })
        .collect()
}

/// The output, ready to run.
enum Engine {
    /// A rule for the reference evaluator: lowered from the output, or the plan itself.
    Rule(Box<Rule>),
    /// A query for SQLite.
    Sql(Box<SqlEngine>),
}

/// Laws 1 to 3; the engine if they allow one.
fn engine_of(subject: Subject<'_>, relower: Relower<'_>, report: &mut TargetReport) -> Option<Engine> {
    match subject.backend.read_back(subject.artifact) {
        Err(diagnostics) => {
            report.fail(Law::Parses, None, first_message(&diagnostics));
            None
        }
        Ok(ReadBack::Source { language, text, reprinted }) => {
            reprints(&text, &reprinted, report);
            match relower(language, &text) {
                Ok(rule) => {
                    lowers_back(&rule, subject.legal.rule(), report);
                    Some(Engine::Rule(Box::new(normalise(rule))))
                }
                Err(diagnostics) => {
                    report.fail(Law::LowersBack, None, first_message(&diagnostics));
                    None
                }
            }
        }
        Ok(ReadBack::Rule(rule)) => {
            lowers_back(&rule, subject.legal.rule(), report);
            Some(Engine::Rule(rule))
        }
        Ok(ReadBack::Sql { query, reprinted }) => {
            reprints(&query, &reprinted, report);
            match SqlEngine::new(query, subject.legal.rule(), subject.settings, subject.backend.target()) {
                Ok(engine) => Some(Engine::Sql(Box::new(engine))),
                Err(error) => {
                    report.fail(Law::Parses, None, error);
                    None
                }
            }
        }
    }
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

fn lowers_back(found: &Rule, wanted: &Rule, report: &mut TargetReport) {
    let (found, wanted) = (normalise::canonical(found.clone()), normalise::canonical(wanted.clone()));
    if found == wanted {
        return;
    }
    let (found, wanted) = (eqlc_ir::text::rule(&found), eqlc_ir::text::rule(&wanted));
    let mut lines = wanted.lines().zip(found.lines());
    let (wanted, found) = lines.find(|(wanted, found)| wanted != found).unwrap_or(("its end", "another end"));
    report.fail(Law::LowersBack, None, format!("wanted `{}`, found `{}`", wanted.trim(), found.trim()));
}

/// Law 4 on one stream. `Err`: the stream cannot be asked there, and why.
fn check_stream(
    subject: Subject<'_>,
    world: World,
    engine: &Engine,
    stream: &Stream,
    report: &mut TargetReport,
) -> Result<(), String> {
    let projected = world.project(&stream.events)?;
    let rule = verdict(subject.rule, asked(subject.rule, stream)?);
    let target = match engine {
        Engine::Rule(read_back) => {
            let found = run(read_back, &projected)?;
            let meant = run(subject.legal.rule(), &projected)?;
            exactly(&meant, &found, stream, report);
            found
        }
        Engine::Sql(sql) => {
            let answer = sql.run(&stream.events)?;
            exactly(&answer.meant, &answer.found, stream, report);
            answer.found
        }
    };
    report.compared += 1;
    let is_sequence = matches!(subject.rule.body, Body::Sequence(_) | Body::Sample(_));
    match compare(&rule, &target, &subject.artifact.losses, is_sequence) {
        Comparison::Same => {}
        Comparison::Covered(Difference { extra, missing }) => {
            report.separations.push(Separation { stream: stream.name.clone(), extra, missing });
        }
        Comparison::Disagrees(difference) => {
            report.fail(Law::AgreesWithRule, Some(&stream.name), describe(&difference));
        }
    }
    Ok(())
}

fn run(rule: &Rule, projected: &Projected) -> Result<Verdict, String> {
    let found = reference(rule, &projected.events)?;
    Ok(verdict(rule, projected.back(found)))
}

/// No loss excuses an output that means something else than the legal rule it was made from.
fn exactly(meant: &Verdict, found: &Verdict, stream: &Stream, report: &mut TargetReport) {
    let difference = meant.difference(found);
    if difference != Difference::default() {
        report.fail(Law::MeansWhatWasEmitted, Some(&stream.name), describe(&difference));
    }
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

/// What the rule finds in a stream, in the world that it speaks of.
fn asked(rule: &Rule, stream: &Stream) -> Result<Vec<Vec<usize>>, String> {
    let projected = World::of_rule(rule).project(&stream.events)?;
    reference(rule, &projected.events).map(|found| projected.back(found))
}
