//! Verification of one rule: every target, on the streams of its fixture.

use std::path::PathBuf;

use eqlc_backend::{Backend, Language, Settings};
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics, has_errors};
use eqlc_ir::Rule;
use eqlc_verify::fixtures::Stream;
use eqlc_verify::{Failure, Subject, TargetReport, agree, check_fixture};

use crate::compile::compile;
use crate::input::Input;
use crate::load::{LoadOptions, load_bytes};

/// What verification found for a rule.
#[derive(Debug)]
pub struct RuleReport {
    /// Streams where the rule finds something else than its fixture says.
    pub fixture: Vec<Failure>,
    /// One report a target, in the order asked.
    pub targets: Vec<TargetReport>,
}

/// Holds the outputs of a rule to every law.
#[must_use]
pub fn verify_rule(rule: &Rule, selected: &[(&dyn Backend, &Settings)], streams: &[Stream]) -> RuleReport {
    let targets = selected
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
    let name = match language {
        Language::Eql => "output.eql",
        Language::Sigma => "output.yml",
    };
    let input = Input { path: Some(PathBuf::from(name)), relative: PathBuf::from(name) };
    let mut unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
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
