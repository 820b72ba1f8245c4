//! Verification of one rule: every target, on the streams of its fixture.

use std::path::PathBuf;
use std::sync::Arc;

use eqlc_backend::Language;
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics, has_errors};
use eqlc_ir::Rule;
use eqlc_schema::Schema;
use eqlc_verify::fixtures::Stream;
use eqlc_verify::{Failure, Subject, TargetReport, agree, check_fixture};
use rayon::prelude::*;

use crate::compile::{Chosen, compile};
use crate::input::Input;
use crate::load::{LoadOptions, LoadedRule, Unit, fixture, load_bytes};

/// What verification found for a rule.
#[derive(Debug)]
pub struct RuleReport {
    /// Streams where the rule finds something else than its fixture says.
    pub fixture: Vec<Failure>,
    /// One report a target, in the order asked.
    pub targets: Vec<TargetReport>,
}

/// The reports of every rule of a unit, or why its fixture cannot be read.
#[derive(Debug)]
pub struct UnitReport {
    /// Whether there is a fixture.
    pub has_fixture: bool,
    /// A report for each rule.
    pub rules: Result<Vec<RuleReport>, Box<Diagnostic>>,
}

/// Verifies units, several at a time; results in the order of the units.
#[must_use]
pub fn verify_units(units: &[Unit], chosen: &[Chosen<'_>]) -> Vec<UnitReport> {
    units
        .par_iter()
        .map(|unit| {
            let read = fixture(&unit.input);
            let has_fixture = matches!(read, Ok(Some(_)));
            let rules = read.map(|fixture| {
                let streams = fixture.map_or_else(Vec::new, |fixture| fixture.streams);
                let verify =
                    |rule: &LoadedRule| verify_rule(&rule.rule, chosen, &streams, unit.schema.as_ref());
                unit.rules.iter().map(verify).collect()
            });
            UnitReport { has_fixture, rules }
        })
        .collect()
}

/// Holds the outputs of a rule to every law. `schema` is what the rule was checked against, where that is not ECS:
/// outputs are read back with the same fields.
#[must_use]
pub fn verify_rule(
    rule: &Rule,
    chosen: &[Chosen<'_>],
    streams: &[Stream],
    schema: Option<&Arc<Schema>>,
) -> RuleReport {
    let options = LoadOptions { schema: schema.cloned(), ..LoadOptions::default() };
    let relower = |language, text: &str| relower_with(language, text, options.clone());
    let targets = chosen
        .iter()
        .map(|(backend, settings)| match compile(rule, *backend, settings) {
            Ok(compiled) => {
                let subject = Subject {
                    rule,
                    legal: &compiled.legal,
                    artifact: &compiled.artifact,
                    backend: *backend,
                    settings,
                };
                agree(subject, streams, &relower)
            }
            Err(refusal) => {
                let mut report = TargetReport::new(&backend.target().id);
                report.refusal = refusal;
                report.settled()
            }
        })
        .collect();
    RuleReport { fixture: check_fixture(rule, streams), targets }
}

/// Lowers an output again, the way any rule file is read.
///
/// # Errors
/// It does not read, or holds another number of rules than one.
pub fn relower(language: Language, text: &str) -> Result<Rule, Diagnostics> {
    relower_with(language, text, LoadOptions::default())
}

fn relower_with(language: Language, text: &str, options: LoadOptions) -> Result<Rule, Diagnostics> {
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
