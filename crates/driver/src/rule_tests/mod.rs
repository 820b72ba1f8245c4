//! Tests of rules: events beside a rule, with what it must find in them.
//!
//! ```text
//! TestData::read ─▶ find: the files of each rule ─▶ cases: what each asks ─▶ check ─▶ CaseReport
//!                                                                          ├▶ coverage ─▶ RuleCoverage
//!                                                                          └▶ bless ─▶ fixtures, rewritten
//! ```

mod bless;
mod cases;
mod check;
mod coverage;
mod exclusions;
mod find;
mod watch;
mod why;

use std::path::PathBuf;

use eqlc_backend::Loss;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceMap};
use eqlc_events::Timestamp;
use rayon::prelude::*;
use serde::Serialize;

use crate::compile::Chosen;
use crate::load::{LoadedRule, Unit};
use cases::{Case, cases_of};
use find::TestFile;

pub use bless::{Blessed, bless};
pub use coverage::{AlternativeCoverage, Outcomes, RuleCoverage, TestCoverage};
pub use find::TestData;
pub use watch::{TestRound, TestWatch};

/// What a file of tests says of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// `<rule>.tests.yml`: streams, each with the matches that the rule must find.
    Streams,
    /// `positive.ndjson`: each event must match; a rule over several events must find something in the file.
    Positive,
    /// `negative.ndjson`: nothing may match.
    Negative,
    /// `allowlisted.ndjson`: nothing may match, and without the exclusions of the rule and of Sigma filters each event
    /// must match.
    Allowlisted,
    /// `info.yml` of SigmaHQ's regression data: so many matches, at least, in each file that it names.
    Regression,
}

impl Layout {
    /// Its name, which is how its files are called where they are called for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Streams => "streams",
            Self::Positive => "positive",
            Self::Negative => "negative",
            Self::Allowlisted => "allowlisted",
            Self::Regression => "regression",
        }
    }
}

/// What a run of tests is asked for.
#[derive(Clone, Debug, Default)]
pub struct TestSettings {
    /// What `now` of date math is. Absent: the time of the last event of each case.
    pub now: Option<Timestamp>,
    /// Only cases whose rule, file or name has one of these in it; none: all.
    pub filter: Vec<String>,
    /// Whether to tell what no event exercises.
    pub coverage: bool,
}

/// The tests of an input.
#[derive(Debug)]
pub struct UnitTests {
    /// The rules, and the files of tests that findings point into.
    pub sources: SourceMap,
    /// What is wrong with files of tests.
    pub diagnostics: Diagnostics,
    /// A report for each rule.
    pub rules: Vec<RuleTests>,
    /// The files that were read, for whoever waits for them to change.
    pub files: Vec<PathBuf>,
}

/// The tests of a rule.
#[derive(Debug)]
pub struct RuleTests {
    /// The rule's id.
    pub id: String,
    /// The rule's name.
    pub name: String,
    /// Its cases, those of the filter.
    pub cases: Vec<CaseReport>,
    /// Whether it has any case, be it of the filter or not.
    pub tested: bool,
    /// What its events exercise, where that was asked for.
    pub coverage: Option<RuleCoverage>,
}

/// A case and what came of it.
#[derive(Debug)]
pub struct CaseReport {
    /// Its name in its file.
    pub name: String,
    /// The target whose output was tested; none where it was the rule.
    pub target: Option<String>,
    /// The file that says what is expected.
    pub file: PathBuf,
    /// What the file says.
    pub layout: Layout,
    /// How many events it has.
    pub events: usize,
    /// The places of the events of each match among the events of the case.
    pub found: Vec<Vec<usize>>,
    /// What the events of each match share.
    pub join_keys: Vec<Vec<serde_json::Value>>,
    /// What came of it.
    pub outcome: CaseOutcome,
}

/// What came of a case.
#[derive(Debug)]
pub enum CaseOutcome {
    /// As expected.
    Passed,
    /// Something else.
    Failed(Box<Diagnostic>),
    /// The case could not be run.
    Broken(Box<Diagnostic>),
    /// The case is in a form that is not read here, and why.
    Skipped(String),
    /// The rule finds what is expected and its output does not, and recorded losses say so: which.
    Lost(Vec<Loss>),
}

/// Runs the tests of units, several at a time; results in the order of the units. With targets their outputs are tested
/// instead of the rules, on the events as the sources of the targets record them: a case that a target cannot hold or
/// its source cannot record is skipped.
#[must_use]
pub fn test_units(
    units: &[Unit],
    data: &mut TestData,
    settings: &TestSettings,
    targets: &[Chosen<'_>],
) -> Vec<UnitTests> {
    // The folders above rules are shared, so that looking is done before the work is shared out.
    let found: Vec<Vec<Vec<TestFile>>> = units.iter().map(|unit| data.of(unit)).collect();
    units.par_iter().zip(found).map(|(unit, files)| of_unit(unit, &files, (settings, targets))).collect()
}

/// What is asked for, and the targets whose outputs are tested.
type How<'a> = (&'a TestSettings, &'a [Chosen<'a>]);

fn of_unit(unit: &Unit, files: &[Vec<TestFile>], how: How<'_>) -> UnitTests {
    let mut sources = unit.sources.clone();
    let (mut diagnostics, mut rules, mut read) = (Vec::new(), Vec::new(), Vec::new());
    for (rule, files) in unit.rules.iter().zip(files) {
        let cases = cases_of(files, &mut sources, &mut diagnostics, &mut read);
        rules.push(of_rule((unit, rule), cases, &sources, how));
    }
    UnitTests { sources, diagnostics, rules, files: read }
}

fn of_rule(
    (unit, rule): (&Unit, &LoadedRule),
    cases: Vec<Case>,
    sources: &SourceMap,
    (settings, targets): How<'_>,
) -> RuleTests {
    let (meta, file) = (&rule.rule.meta, unit.input.name());
    let tested = !cases.is_empty();
    let wanted = |case: &Case| {
        let names = [&file, &rule.rule.id, &meta.name, &case.name, &*case.file.to_string_lossy()];
        let names = names.map(|name| name.to_lowercase());
        let found = |filter: &String| names.iter().any(|name| name.contains(&filter.to_lowercase()));
        settings.filter.is_empty() || settings.filter.iter().any(found)
    };
    let cases: Vec<Case> = cases.into_iter().filter(wanted).collect();
    let coverage = settings.coverage.then(|| coverage::of_rule(rule, &cases, sources, settings));
    let report = |target| check::Subject::new((unit, rule), &file, sources, settings, target).reports(&cases);
    let cases = match targets {
        [] => report(None),
        targets => targets.iter().flat_map(|target| report(Some(*target))).collect(),
    };
    RuleTests { id: rule.rule.id.clone(), name: meta.name.clone(), cases, tested, coverage }
}
