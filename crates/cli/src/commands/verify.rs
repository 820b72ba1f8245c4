//! `eqlc verify`

use std::io::{self, Write};

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_driver::{Chosen, Outcome, Registry, RuleReport, TargetReport, Unit, UnitReport, verify_units};

use super::select::{Selected, select};
use super::{count, load_checked};
use crate::args::VerifyArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &VerifyArgs, console: &mut Console) -> io::Result<Exit> {
    let registry = match Registry::of(&args.targets.target) {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let asked = (&args.targets, &args.rules.reading);
    let selected = match select(&registry, asked, args.output_format.as_deref(), true) {
        Ok(selected) => selected,
        Err(message) => return console.usage(&message),
    };
    let loaded = match load_checked(&args.rules, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let chosen: Vec<Chosen<'_>> = selected.iter().map(Selected::chosen).collect();
    let reports = verify_units(&loaded.units, &chosen);
    let ids = selected.iter().map(|chosen| chosen.backend.target().id.as_str()).collect();
    let totals = vec![Totals::default(); selected.len()];
    let mut run = Run { ids, json: console.is_json(), exit: loaded.exit, totals };
    let mut out = io::stdout().lock();
    run.head(&mut out)?;
    for (unit, report) in loaded.units.iter().zip(reports) {
        run.unit(unit, report, console, &mut out)?;
    }
    run.foot(&mut out)?;
    console.closing(&format!("verified {}", count(loaded.rules(), "rule")))?;
    Ok(run.exit)
}

/// What was compared on one target, over all rules.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    compared: usize,
    skipped: usize,
    separated: usize,
}

struct Run<'a> {
    ids: Vec<&'a str>,
    json: bool,
    exit: Exit,
    totals: Vec<Totals>,
}

const RULE_WIDTH: usize = 44;
const CELL_WIDTH: usize = 20;

impl Run<'_> {
    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        line(out, "rule", self.ids.iter().map(|id| (*id).to_owned()))
    }

    fn unit(
        &mut self,
        unit: &Unit,
        report: UnitReport,
        console: &mut Console,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !report.has_fixture && report.rules.is_ok() && !unit.rules.is_empty() {
            let message = format!("`{}` has no fixture beside it", unit.input.name());
            console.plain(&[Diagnostic::warning(codes::NO_FIXTURE, message)])?;
        }
        match report.rules {
            Ok(rules) => {
                for report in &rules {
                    self.row(unit, report, out)?;
                    let findings = self.findings(unit, report);
                    console.diagnostics(&unit.sources, &findings)?;
                }
            }
            Err(diagnostic) => {
                console.plain(&[*diagnostic])?;
                self.exit = self.exit.max(Exit::Usage);
            }
        }
        Ok(())
    }

    fn row(&mut self, unit: &Unit, report: &RuleReport, out: &mut dyn Write) -> io::Result<()> {
        for (target, totals) in report.targets.iter().zip(&mut self.totals) {
            totals.compared += target.compared;
            totals.skipped += target.skipped.len();
            totals.separated += target.separations.len();
            if self.json {
                writeln!(out, "{}", json_line(unit, target))?;
            }
        }
        if self.json {
            return Ok(());
        }
        line(out, &unit.input.relative.display().to_string(), report.targets.iter().map(cell))
    }

    fn findings(&mut self, unit: &Unit, report: &RuleReport) -> Diagnostics {
        let mut findings = Vec::new();
        let name = unit.input.name();
        for failure in &report.fixture {
            let stream = failure.stream.as_deref().unwrap_or_default();
            let message = format!("`{name}` on stream `{stream}`: {}", failure.found);
            findings.push(Diagnostic::error(codes::FIXTURE, message));
        }
        for target in &report.targets {
            findings.extend(target_findings(&name, target));
        }
        if !report.fixture.is_empty()
            || report.targets.iter().any(|target| target.outcome == Outcome::Disagrees)
        {
            self.exit = self.exit.max(Exit::Findings);
        }
        if report.targets.iter().any(|target| target.outcome == Outcome::Refused) {
            self.exit = self.exit.max(Exit::BrokenRules);
        }
        findings
    }

    fn foot(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        line(out, "streams compared", self.totals.iter().map(|totals| totals.compared.to_string()))?;
        line(
            out,
            "streams that show a recorded loss",
            self.totals.iter().map(|totals| totals.separated.to_string()),
        )?;
        line(
            out,
            "streams no source could record",
            self.totals.iter().map(|totals| totals.skipped.to_string()),
        )
    }
}

fn line(out: &mut dyn Write, head: &str, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let mut text = format!("{head:<RULE_WIDTH$}");
    for cell in cells {
        text.push_str(&format!("  {cell:<CELL_WIDTH$}"));
    }
    writeln!(out, "{}", text.trim_end())
}

fn target_findings(name: &str, target: &TargetReport) -> Diagnostics {
    let id = &target.target;
    let failures = target.failures.iter().map(|failure| {
        let stream = failure.stream.as_ref().map_or(String::new(), |name| format!(" on stream `{name}`"));
        let message = format!("the `{id}` output of `{name}` disagrees{stream}: {}", failure.found);
        Diagnostic::error(codes::DISAGREES, message)
            .note(format!("the law that fails: {}", failure.law.title()))
    });
    let losses = target.losses.iter().map(|loss| loss.to_diagnostic(id));
    failures.chain(losses).chain(target.refusal.iter().cloned()).collect()
}

/// One rule on one target, for other programs.
fn json_line(unit: &Unit, target: &TargetReport) -> serde_json::Value {
    serde_json::json!({
        "rule": unit.input.name(),
        "target": target.target,
        "outcome": target.outcome,
        "compared": target.compared,
        "skipped": target.skipped,
        "failures": target.failures,
        "losses": target.losses,
        "separations": target.separations,
        "refusal": target.refusal,
    })
}

/// "exact 45/45", "wider 30/45", "refused", "DISAGREES (3)": streams compared of all.
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
        (true, true) => "either",
        (true, false) => "wider",
        _ => "narrower",
    }
}
