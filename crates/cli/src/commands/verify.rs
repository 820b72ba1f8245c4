//! `eqlc verify`

use std::io::{self, Write};

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_driver::{
    Backend, LoadedRule, Outcome, Registry, RuleReport, Settings, TargetReport, Unit, fixture, verify_rule,
};

use super::select::{Selected, select};
use super::{count, load_rules};
use crate::args::VerifyArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &VerifyArgs, console: &mut Console) -> io::Result<Exit> {
    let registry = match Registry::new() {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let selected = match select(&registry, &args.targets, None, true) {
        Ok(selected) => selected,
        Err(message) => return console.usage(&message),
    };
    let loaded = match load_rules(&args.rules.rules, args.rules.strict_fields, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let mut run =
        Run { selected: &selected, exit: loaded.exit, totals: vec![Totals::default(); selected.len()] };
    let mut out = io::stdout().lock();
    run.head(&mut out)?;
    for unit in &loaded.units {
        run.unit(unit, console, &mut out)?;
    }
    run.foot(&mut out)?;
    console.closing(&format!("verified {}", count(loaded.rules(), "rule")))?;
    Ok(run.exit)
}

#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    compared: usize,
    skipped: usize,
    separated: usize,
    failed: usize,
}

struct Run<'a> {
    selected: &'a [Selected<'a>],
    exit: Exit,
    totals: Vec<Totals>,
}

const RULE_WIDTH: usize = 44;
const CELL_WIDTH: usize = 24;

impl Run<'_> {
    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{:<RULE_WIDTH$}", "rule")?;
        for chosen in self.selected {
            write!(out, "  {:<CELL_WIDTH$}", chosen.backend.target().id)?;
        }
        writeln!(out)
    }

    fn unit(&mut self, unit: &Unit, console: &mut Console, out: &mut dyn Write) -> io::Result<()> {
        let streams = match fixture(&unit.input) {
            Ok(Some(fixture)) => fixture.streams,
            Ok(None) => {
                if !unit.rules.is_empty() {
                    let message = format!("`{}` has no fixture beside it", unit.input.name());
                    console.plain(&[Diagnostic::warning(codes::NO_FIXTURE, message)])?;
                }
                Vec::new()
            }
            Err(diagnostic) => {
                console.plain(&[*diagnostic])?;
                self.exit = self.exit.max(Exit::Usage);
                return Ok(());
            }
        };
        let chosen: Vec<(&dyn Backend, &Settings)> =
            self.selected.iter().map(|chosen| (chosen.backend, &chosen.settings)).collect();
        for rule in &unit.rules {
            let report = verify_rule(&rule.rule, &chosen, &streams);
            self.row(unit, &report, out)?;
            let findings = self.findings(unit, rule, &report);
            console.diagnostics(&unit.sources, &findings)?;
        }
        Ok(())
    }

    fn row(&mut self, unit: &Unit, report: &RuleReport, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{:<RULE_WIDTH$}", unit.input.relative.display())?;
        for (target, totals) in report.targets.iter().zip(&mut self.totals) {
            totals.compared += target.compared;
            totals.skipped += target.skipped.len();
            totals.separated += target.separations.len();
            totals.failed += target.failures.len();
            write!(out, "  {:<CELL_WIDTH$}", cell(target))?;
        }
        writeln!(out)
    }

    fn findings(&mut self, unit: &Unit, rule: &LoadedRule, report: &RuleReport) -> Diagnostics {
        let mut findings = Vec::new();
        let name = unit.input.name();
        for failure in &report.fixture {
            let stream = failure.stream.as_deref().unwrap_or_default();
            let message = format!("`{name}` on stream `{stream}`: {}", failure.found);
            findings.push(Diagnostic::error(codes::FIXTURE, message));
        }
        for target in &report.targets {
            for failure in &target.failures {
                let stream =
                    failure.stream.as_ref().map_or(String::new(), |name| format!(" on stream `{name}`"));
                let message = format!(
                    "the `{}` output of `{name}` disagrees{stream}: {}",
                    target.target, failure.found
                );
                let law = format!("the law that fails: {}", failure.law.title());
                findings.push(Diagnostic::error(codes::DISAGREES, message).note(law));
            }
            findings.extend(target.losses.iter().map(|loss| loss.to_diagnostic(&target.target)));
            findings.extend(target.refusal.iter().cloned());
        }
        if !report.fixture.is_empty()
            || report.targets.iter().any(|target| target.outcome == Outcome::Disagrees)
        {
            self.exit = self.exit.max(Exit::Findings);
        }
        if report.targets.iter().any(|target| target.outcome == Outcome::Refused) {
            self.exit = self.exit.max(Exit::BrokenRules);
        }
        debug_assert!(!rule.ast.is_empty(), "a loaded rule has a tree");
        findings
    }

    fn foot(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{:<RULE_WIDTH$}", "comparisons (skipped, showing a loss)")?;
        for totals in &self.totals {
            let cell = format!("{} ({}, {})", totals.compared, totals.skipped, totals.separated);
            write!(out, "  {cell:<CELL_WIDTH$}")?;
        }
        writeln!(out)
    }
}

/// "exact 45/45", "lossy 30/45", "refused", "DISAGREES 3".
fn cell(target: &TargetReport) -> String {
    let streams = target.compared + target.skipped.len();
    match target.outcome {
        Outcome::Exact => format!("exact {}/{streams}", target.compared),
        Outcome::Lossy => format!("{} {}/{streams}", directions(target), target.compared),
        Outcome::Refused => "refused".to_owned(),
        Outcome::Disagrees => format!("DISAGREES ({})", target.failures.len()),
    }
}

/// The way the losses bend, all together.
fn directions(target: &TargetReport) -> &'static str {
    let wider = target.losses.iter().any(|loss| loss.direction.allows_extra());
    let narrower = target.losses.iter().any(|loss| loss.direction.allows_missing());
    match (wider, narrower) {
        (true, true) => "both",
        (true, false) => "wider",
        _ => "narrower",
    }
}
