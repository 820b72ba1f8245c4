//! Verification of rules: every target, on the streams of their fixtures and on events made from them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use eqlc_backend::Language;
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics, has_errors};
use eqlc_ir::Rule;
use eqlc_schema::Schema;
use eqlc_verify::fixtures::Stream;
use eqlc_verify::{Compared, Effort, Evidence, Failure, Subject, TargetReport, check_fixture};
use rayon::prelude::*;
use serde::Serialize;

use crate::batch::{Bytes, read};
use crate::compile::{Chosen, compile};
use crate::in_turn;
use crate::input::Input;
use crate::load::{LoadOptions, LoadedRule, Unit, fixture, load_bytes, load_read};

/// What verification found for a rule.
#[derive(Debug, Serialize)]
pub struct RuleReport {
    /// Streams where the rule finds something else than its fixture says.
    pub fixture: Vec<Failure>,
    /// Why no events were made from the rule, where they were asked for.
    pub without: Option<String>,
    /// One report a target, in the order asked.
    pub targets: Vec<TargetReport>,
}

/// The reports of every rule of an input.
#[derive(Debug)]
pub struct UnitReport {
    /// The input with what was found in it, and its rules.
    pub unit: Unit,
    /// A report for each rule, or why the fixture beside them cannot be read.
    pub rules: Result<Vec<RuleReport>, Box<Diagnostic>>,
}

/// Loads and verifies inputs, several at a time, and gives `done` their reports in the order of the inputs, which are the
/// same on any number of cores. `noticed` is told of each rule that is done.
///
/// # Errors
/// The first one of `done`.
pub fn verify_inputs<E>(
    inputs: &[Input],
    options: LoadOptions,
    (chosen, effort): (&[Chosen<'_>], &Effort),
    noticed: &(dyn Fn() + Sync),
    done: impl FnMut(UnitReport) -> Result<(), E>,
) -> Result<(), E> {
    let read = read(inputs);
    let options = options.of_files(&read);
    let verified = |input: &Input, bytes: Bytes| {
        let unit = load_read(input, bytes, &options);
        let rules = fixture(&unit.input).map(|fixture| {
            let streams = fixture.map_or_else(Vec::new, |fixture| fixture.streams);
            let verify = |rule: &LoadedRule| {
                let report = prove_rule(&rule.rule, chosen, &streams, unit.schema.as_ref(), effort);
                noticed();
                report
            };
            unit.rules.par_iter().map(verify).collect()
        });
        UnitReport { unit, rules }
    };
    in_turn::each(read, verified, done)
}

/// Holds the outputs of a rule to every law on the streams of its fixture alone. `schema` is what the rule was checked
/// against, where that is not ECS: outputs are read back with the same fields.
#[must_use]
pub fn verify_rule(
    rule: &Rule,
    chosen: &[Chosen<'_>],
    streams: &[Stream],
    schema: Option<&Arc<Schema>>,
) -> RuleReport {
    let effort = Effort { rule_time: None, ..Effort::fixture_only() };
    prove_rule(rule, chosen, streams, schema, &effort)
}

/// Holds the outputs of a rule to every law on the streams of its fixture and on events made from it, and looks for
/// events that show each recorded loss. Whatever a budget cuts short is in the reports.
#[must_use]
pub fn prove_rule(
    rule: &Rule,
    chosen: &[Chosen<'_>],
    streams: &[Stream],
    schema: Option<&Arc<Schema>>,
    effort: &Effort,
) -> RuleReport {
    let clock = effort.start();
    let compiled: Vec<_> =
        chosen.iter().map(|(backend, settings)| compile(rule, *backend, settings)).collect();
    // Events are work: none are made for a rule that nothing holds.
    let evidence = match compiled.iter().any(Result::is_ok) {
        true => Evidence::of(rule, streams, effort, clock),
        false => Evidence::default(),
    };
    // All targets are compared before time is spent on losses.
    let compared: Vec<_> = chosen
        .iter()
        .zip(&compiled)
        .map(|((backend, settings), compiled)| match compiled {
            Ok(compiled) => {
                let (legal, artifact) = (&compiled.legal, &compiled.artifact);
                let subject = Subject { rule, legal, artifact, backend: *backend, settings };
                let schema = match settings.no_mapping {
                    true => with_names_of(legal.rule(), schema),
                    false => schema.cloned(),
                };
                let options = LoadOptions { schema, ..LoadOptions::default() };
                let relower = |language, text: &str| relower_with(language, text, options.clone());
                Ok(Compared::of(subject, &evidence, clock, &relower))
            }
            Err(refusal) => {
                let mut report = TargetReport::new(backend.target(), settings);
                report.refusal.clone_from(refusal);
                Err(Box::new(report.settled()))
            }
        })
        .collect();
    let judged = |compared: Result<Compared<'_>, Box<TargetReport>>| match compared {
        Ok(compared) => compared.judged(&evidence, (effort, clock)),
        Err(refused) => *refused,
    };
    let targets = compared.into_iter().map(judged).collect();
    RuleReport {
        fixture: check_fixture(rule, streams),
        without: evidence.without().map(str::to_owned),
        targets,
    }
}

/// The fields with which an output is read back whose names no mapping made: an object of ECS is a value there if it is
/// one in the rule.
fn with_names_of(rule: &Rule, schema: Option<&Arc<Schema>>) -> Option<Arc<Schema>> {
    let known = match schema {
        Some(schema) => schema.as_ref(),
        None => Schema::ecs(),
    };
    let queries = rule.queries();
    let fields = queries.iter().flat_map(|query| query.filter.fields());
    let named = fields.map(|field| field.path.as_str());
    let objects: BTreeSet<&str> = named.filter(|path| known.is_object(path)).collect();
    if objects.is_empty() { schema.cloned() } else { Some(Arc::new(known.with_values(objects))) }
}

/// Lowers an output again, the way any rule file is read.
///
/// # Errors
/// It does not read, or holds another number of rules than one.
pub fn relower(language: Language, text: &str) -> Result<Rule, Diagnostics> {
    relower_with(language, text, LoadOptions::default())
}

pub(crate) fn relower_with(
    language: Language,
    text: &str,
    options: LoadOptions,
) -> Result<Rule, Diagnostics> {
    let name = match language {
        Language::Eql => "output.eql",
        Language::Sigma => "output.yml",
    };
    let input = Input { path: Some(PathBuf::from(name)), relative: PathBuf::from(name) };
    let mut unit = load_bytes(input, text.as_bytes(), LoadOptions { unlinted: true, ..options });
    if has_errors(&unit.diagnostics) {
        unit.diagnostics.retain(|diagnostic| diagnostic.severity == eqlc_diagnostics::Severity::Error);
        return Err(unit.diagnostics);
    }
    match <[_; 1]>::try_from(unit.rules) {
        Ok([rule]) => Ok(rule.rule),
        Err(rules) => {
            let message = format!("the output reads as {} rules", rules.len());
            Err(vec![Diagnostic::error(targets::READ_BACK, message)])
        }
    }
}
