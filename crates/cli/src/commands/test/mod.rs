//! `eqlc test`

mod json;
mod junit;
mod text;
mod watch;

use std::io::{self, Write};

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, has_errors};
use eqlc_driver::{
    CaseOutcome, CaseReport, Chosen, LoadOptions, Registry, RuleTests, TestData, TestSettings, Unit,
    UnitTests, bless, test_units,
};

use super::select::{Selected, select};
use super::{Loaded, count, load_rules, options_of};
use crate::args::TestArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &TestArgs, console: &mut Console) -> io::Result<Exit> {
    let options = match options_of(&args.reading, console)? {
        // What rules find is the matter here; `check` tells how they are written.
        Ok(options) => LoadOptions { unlinted: true, ..options },
        Err(exit) => return Ok(exit),
    };
    let settings = TestSettings { now: args.now, filter: args.filter.clone(), coverage: args.coverage };
    let registry = match Registry::of(&args.targets.target) {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let selected = match select(&registry, (&args.targets, &args.reading), None, true) {
        Ok(selected) if args.targets.target.is_empty() => selected.into_iter().take(0).collect(),
        Ok(selected) => selected,
        Err(message) => return console.usage(&message),
    };
    let targets: Vec<Chosen<'_>> = selected.iter().map(Selected::chosen).collect();
    if args.watch {
        return watch::run((args, &targets), options, settings, console);
    }
    let Loaded { units, exit } = match load_rules(&args.rules, options, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let mut data = TestData::read(&args.tests);
    let tests = test_units(&units, &mut data, &settings, &targets);
    console.diagnostics(&data.sources, &data.diagnostics)?;
    let mut exit = exit.max(if has_errors(&data.diagnostics) { Exit::Usage } else { Exit::Fine });
    if args.bless {
        exit = exit.max(write_blessed(&tests, console)?);
        // What was written is told by running again, which fails where it could not be.
        let tests = test_units(&units, &mut TestData::read(&args.tests), &settings, &targets);
        return report(&Results { units: &units, tests: &tests, args }, exit, console);
    }
    report(&Results { units: &units, tests: &tests, args }, exit, console)
}

fn write_blessed(tests: &[UnitTests], console: &mut Console) -> io::Result<Exit> {
    let blessed = bless(tests);
    console.plain(&blessed.diagnostics)?;
    if !console.is_quiet() {
        for (path, streams) in &blessed.files {
            writeln!(io::stderr(), "{}: wrote {}", path.display(), count(*streams, "stream"))?;
        }
    }
    Ok(if has_errors(&blessed.diagnostics) { Exit::Findings } else { Exit::Fine })
}

/// The tests of a run and what was asked of it.
struct Results<'a> {
    units: &'a [Unit],
    tests: &'a [UnitTests],
    args: &'a TestArgs,
}

/// How many cases and rules there are.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    rules: usize,
    /// Rules without any test.
    untested: usize,
    cases: usize,
    passed: usize,
    failed: usize,
    broken: usize,
    skipped: usize,
    /// Cases that the rule passes and its output does not for a recorded loss.
    lost: usize,
    /// What there is to exercise, and how much of it is.
    coverage: Option<Share>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Share {
    total: usize,
    exercised: usize,
    percent: usize,
}

impl Results<'_> {
    /// Every rule with the file that it stands in.
    fn rules(&self) -> impl Iterator<Item = (&Unit, &UnitTests, &RuleTests)> {
        let units = self.units.iter().zip(self.tests);
        units.flat_map(|(unit, tests)| tests.rules.iter().map(move |rule| (unit, tests, rule)))
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (_, _, rule) in self.rules() {
            counts.rules += 1;
            counts.untested += usize::from(!rule.tested);
            for case in &rule.cases {
                counts.cases += 1;
                *match case.outcome {
                    CaseOutcome::Passed => &mut counts.passed,
                    CaseOutcome::Failed(_) => &mut counts.failed,
                    CaseOutcome::Broken(_) => &mut counts.broken,
                    CaseOutcome::Skipped(_) => &mut counts.skipped,
                    CaseOutcome::Lost(_) => &mut counts.lost,
                } += 1;
            }
            if let Some(coverage) = &rule.coverage {
                let share = counts.coverage.get_or_insert_with(Share::default);
                share.total += coverage.total;
                share.exercised += coverage.exercised;
                share.percent = (share.exercised * 100).checked_div(share.total).unwrap_or(100);
            }
        }
        counts
    }

    /// How a run with these tests ends.
    fn exit(&self, counts: Counts) -> Exit {
        let broken_file = self.tests.iter().any(|tests| has_errors(&tests.diagnostics));
        let missing = self.args.fail_on_missing && counts.untested > 0;
        match counts {
            _ if broken_file => Exit::Usage,
            Counts { broken, .. } if broken > 0 => Exit::Usage,
            // A run that tests nothing proves nothing.
            Counts { cases: 0, rules, .. } if rules > 0 && !missing => Exit::Usage,
            Counts { failed, .. } if failed > 0 || missing => Exit::Findings,
            _ => Exit::Fine,
        }
    }
}

fn report(results: &Results<'_>, exit: Exit, console: &mut Console) -> io::Result<Exit> {
    for (unit, tests) in results.units.iter().zip(results.tests) {
        console.diagnostics(&tests.sources, &tests.diagnostics)?;
        if results.args.fail_on_missing {
            let untested = tests.rules.iter().filter(|rule| !rule.tested);
            let missing: Vec<Diagnostic> = untested.map(|rule| no_tests(unit, rule)).collect();
            console.plain(&missing)?;
        }
    }
    let counts = results.counts();
    let mut out = io::BufWriter::new(io::stdout().lock());
    if console.is_junit() {
        junit::write(results, &mut out)?;
    } else if console.is_json() {
        json::write(results, counts, &mut out)?;
    } else {
        text::write(results, counts, console, &mut out)?;
    }
    out.flush()?;
    if counts.cases == 0 && counts.rules > 0 && !results.args.fail_on_missing {
        console.plain(&[nothing_to_run(results)])?;
    }
    Ok(exit.max(results.exit(counts)))
}

fn no_tests(unit: &Unit, rule: &RuleTests) -> Diagnostic {
    let message = format!("rule `{}` of `{}` has no tests", rule.name, unit.input.name());
    Diagnostic::error(codes::NO_TESTS, message)
}

fn nothing_to_run(results: &Results<'_>) -> Diagnostic {
    let (rules, filter) = (count(results.rules().count(), "rule"), &results.args.filter);
    let message = match filter.as_slice() {
        [] => format!("no test was found for {rules}"),
        filter => format!("no test of {rules} has `{}` in its name", filter.join("` or `")),
    };
    Diagnostic::error(codes::NO_TESTS, message).help(
        "`<rule>.tests.yml` beside a rule, `tests/data/<rule>/positive.ndjson` or a folder after `--tests`",
    )
}

/// What is wrong with a case.
fn finding(case: &CaseReport) -> Option<&Diagnostic> {
    match &case.outcome {
        CaseOutcome::Failed(found) | CaseOutcome::Broken(found) => Some(found),
        CaseOutcome::Passed | CaseOutcome::Skipped(_) | CaseOutcome::Lost(_) => None,
    }
}
