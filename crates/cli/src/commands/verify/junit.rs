//! JUnit's XML: a suite for each target, a case for each rule.

use std::io::{self, Write};

use eqlc_diagnostics::{Diagnostics, SourceMap};
use eqlc_driver::{Failure, Outcome, TargetReport};
use eqlc_report::{JunitCase, JunitOutcome, JunitReason, JunitSuite, junit};

use super::findings;
use super::{About, Form, Totals};

#[derive(Default)]
pub(super) struct Junit {
    /// Cases by target.
    suites: Vec<JunitSuite>,
    files: Vec<JunitCase>,
}

impl Form for Junit {
    fn head(&mut self, totals: &Totals, _: &mut dyn Write) -> io::Result<()> {
        let targets = totals.record.targets.iter();
        self.suites = targets.map(|target| JunitSuite::new(&target.target)).collect();
        Ok(())
    }

    fn rule(&mut self, about: &About<'_>, _: &Diagnostics, _: &mut dyn Write) -> io::Result<()> {
        for (target, suite) in about.report.targets.iter().zip(&mut self.suites) {
            suite.cases.push(JunitCase {
                class: format!("eqlc.verify.{}", target.target),
                name: about.label(),
                file: Some(about.unit.input.name()),
                outcome: outcome(about, target),
            });
        }
        Ok(())
    }

    fn file(&mut self, sources: &SourceMap, findings: &Diagnostics, _: &mut dyn Write) -> io::Result<()> {
        let errors = findings.iter().filter(|found| found.severity == eqlc_diagnostics::Severity::Error);
        for found in errors {
            let file = found.span().map(|span| sources.name(span.source).to_owned());
            self.files.push(JunitCase {
                class: "eqlc.verify".to_owned(),
                name: file.clone().unwrap_or_else(|| "files".to_owned()),
                file,
                outcome: JunitOutcome::Broken(JunitReason {
                    kind: found.code.to_string(),
                    message: found.message.clone(),
                    text: found.notes.join("\n"),
                }),
            });
        }
        Ok(())
    }

    fn foot(&mut self, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let mut suites = std::mem::take(&mut self.suites);
        if !self.files.is_empty() {
            suites.push(JunitSuite { cases: std::mem::take(&mut self.files), ..JunitSuite::new("files") });
        }
        for suite in &mut suites {
            suite.properties = totals.record.properties();
        }
        junit("eqlc verify", &suites, out)
    }
}

fn outcome(about: &About<'_>, target: &TargetReport) -> JunitOutcome {
    if target.outcome == Outcome::Refused {
        let why = target.refusal.iter().map(|found| format!("{}: {}", found.code, found.message));
        return JunitOutcome::Skipped(format!("refused: {}", why.collect::<Vec<_>>().join("; ")));
    }
    let failures: Vec<&Failure> = about.report.fixture.iter().chain(&target.failures).collect();
    let Some(first) = failures.first() else {
        return match target.outcome {
            Outcome::Uncompared => {
                JunitOutcome::Skipped(format!("not compared: {}", findings::unasked(target)))
            }
            _ => JunitOutcome::Passed,
        };
    };
    JunitOutcome::Failed(JunitReason {
        kind: kind(first).to_string(),
        message: told(first),
        text: failures.iter().map(|failure| whole(failure)).collect::<Vec<_>>().join("\n\n"),
    })
}

fn kind(failure: &Failure) -> eqlc_diagnostics::Code {
    use eqlc_diagnostics::codes::verify as codes;
    match failure.law {
        eqlc_driver::Law::Fixture => codes::FIXTURE,
        _ => codes::DISAGREES,
    }
}

fn told(failure: &Failure) -> String {
    match &failure.stream {
        Some(stream) => format!("on stream `{stream}`: {}", failure.found),
        None => failure.found.clone(),
    }
}

fn whole(failure: &Failure) -> String {
    let mut text = format!("{}\nthe law that fails: {}", told(failure), failure.law.title());
    if let Some(shown) = &failure.shown {
        text.push('\n');
        text.push_str(&findings::text(shown));
    }
    text
}
