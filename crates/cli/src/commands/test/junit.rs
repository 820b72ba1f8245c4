//! Results for CI systems.

use std::io::{self, Write};

use eqlc_diagnostics::Diagnostic;
use eqlc_driver::{CaseOutcome, RuleTests, UnitTests};
use eqlc_report::{JunitCase, JunitOutcome, JunitReason, JunitSuite};

use super::Results;

pub(super) fn write(results: &Results<'_>, out: &mut dyn Write) -> io::Result<()> {
    let suites = results.units.iter().zip(results.tests).filter_map(|(unit, tests)| {
        let mut cases: Vec<JunitCase> = tests.rules.iter().flat_map(|rule| of_rule(tests, rule)).collect();
        // A file of tests that cannot be read is a case of its own.
        cases.extend(tests.diagnostics.iter().map(|found| JunitCase {
            class: unit.input.name(),
            name: format!("{} {}", found.code, found.message),
            file: None,
            outcome: JunitOutcome::Broken(reason(tests, found)),
        }));
        (!cases.is_empty()).then(|| JunitSuite { cases, ..JunitSuite::new(&unit.input.name()) })
    });
    eqlc_report::junit("eqlc test", &suites.collect::<Vec<_>>(), out)
}

fn of_rule<'a>(tests: &'a UnitTests, rule: &'a RuleTests) -> impl Iterator<Item = JunitCase> + 'a {
    rule.cases.iter().map(move |case| JunitCase {
        class: rule.name.clone(),
        name: match &case.target {
            Some(target) => format!("{} on {target}", case.name),
            None => case.name.clone(),
        },
        file: Some(case.file.display().to_string()),
        outcome: match &case.outcome {
            CaseOutcome::Passed => JunitOutcome::Passed,
            CaseOutcome::Failed(found) => JunitOutcome::Failed(reason(tests, found)),
            CaseOutcome::Broken(found) => JunitOutcome::Broken(reason(tests, found)),
            CaseOutcome::Skipped(why) => JunitOutcome::Skipped(why.clone()),
            CaseOutcome::Lost(losses) => {
                JunitOutcome::Skipped(format!("lost: {}", super::text::why_lost(losses)))
            }
        },
    })
}

fn reason(tests: &UnitTests, found: &Diagnostic) -> JunitReason {
    let format = eqlc_report::Format::Rich;
    JunitReason {
        kind: found.code.to_string(),
        message: found.message.clone(),
        text: eqlc_report::render_to_string(format, &tests.sources, std::slice::from_ref(found), false),
    }
}
