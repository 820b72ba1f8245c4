//! JUnit's XML, as CI systems read it.

use std::io;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::text::one_line;

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JunitOutcome {
    /// As it should be.
    Passed,
    /// Something else was found than should be.
    Failed(JunitReason),
    /// It could not be run.
    Broken(JunitReason),
    /// It was not run, and why.
    Skipped(String),
}

/// Why a case did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JunitReason {
    /// The kind, such as the code of a finding.
    pub kind: String,
    /// One line.
    pub message: String,
    /// The whole of it; may be empty.
    pub text: String,
}

/// A case of a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JunitCase {
    /// What it is a case of, such as a rule.
    pub class: String,
    /// Its name.
    pub name: String,
    /// The file that it stands in.
    pub file: Option<String>,
    /// What came of it.
    pub outcome: JunitOutcome,
}

/// Cases that belong together, such as those of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JunitSuite {
    /// Its name.
    pub name: String,
    /// Its cases.
    pub cases: Vec<JunitCase>,
    /// What it was run with: names and texts.
    pub properties: Vec<(String, String)>,
}

impl JunitSuite {
    /// A suite without cases yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), cases: Vec::new(), properties: Vec::new() }
    }
}

/// Writes a report. It holds no times and no ids of its own: equal runs print the same. Characters that XML cannot hold
/// are left out.
///
/// # Errors
/// Only those of `out`.
pub fn junit(name: &str, suites: &[JunitSuite], out: &mut dyn io::Write) -> io::Result<()> {
    let mut report = Report::new(name);
    report.add_test_suites(suites.iter().map(suite));
    report.serialize(out).map_err(io::Error::other)
}

fn suite(from: &JunitSuite) -> TestSuite {
    let mut suite = TestSuite::new(one_line(&from.name));
    suite.add_test_cases(from.cases.iter().map(case));
    for (name, value) in &from.properties {
        suite.add_property((name.as_str(), value.as_str()));
    }
    suite
}

fn case(from: &JunitCase) -> TestCase {
    let status = match &from.outcome {
        JunitOutcome::Passed => TestCaseStatus::success(),
        JunitOutcome::Failed(reason) => missed(NonSuccessKind::Failure, reason),
        JunitOutcome::Broken(reason) => missed(NonSuccessKind::Error, reason),
        JunitOutcome::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(why));
            status
        }
    };
    let mut case = TestCase::new(one_line(&from.name), status);
    case.set_classname(one_line(&from.class));
    if let Some(file) = &from.file {
        case.extra.insert("file".into(), file.as_str().into());
    }
    case
}

fn missed(kind: NonSuccessKind, reason: &JunitReason) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(reason.kind.as_str()).set_message(one_line(&reason.message));
    if !reason.text.is_empty() {
        status.set_description(reason.text.as_str());
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_element_and_is_counted() {
        let reason = |message: &str| JunitReason {
            kind: "V0020".to_owned(),
            message: message.to_owned(),
            text: "a < b & \u{1b}[1mc".to_owned(),
        };
        let case = |name: &str, outcome| JunitCase {
            class: "rule".to_owned(),
            name: name.to_owned(),
            file: (name == "b").then(|| "b.yml".to_owned()),
            outcome,
        };
        let cases = vec![
            case("a", JunitOutcome::Passed),
            case("b", JunitOutcome::Failed(reason("\"no\"\nmatch"))),
            case("c", JunitOutcome::Broken(reason("unreadable"))),
            case("d", JunitOutcome::Skipped("no events".to_owned())),
        ];
        let mut out = Vec::new();
        junit("eqlc test", &[JunitSuite { cases, ..JunitSuite::new("r.eql") }], &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
