//! Results for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use eqlc_driver::{CaseOutcome, Loss};

use super::{Counts, Results, finding};
use crate::commands::count;
use crate::console::Console;

/// Findings, coverage, and how many cases passed.
pub(super) fn write(
    results: &Results<'_>,
    counts: Counts,
    console: &Console,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (_, tests, rule) in results.rules() {
        let found: Vec<_> = rule.cases.iter().filter_map(finding).cloned().collect();
        console.answer(&tests.sources, &found, out)?;
    }
    if results.args.coverage {
        coverage(results, console, out)?;
    }
    if console.is_quiet() {
        return Ok(());
    }
    skipped(results, out)?;
    lost(results, out)?;
    if let Some(share) = counts.coverage {
        let (done, total, percent) = (share.exercised, share.total, share.percent);
        writeln!(out, "{percent} % covered: {done} of {total} outcomes and alternatives")?;
    }
    writeln!(out, "{}", summary(counts))
}

/// Reasons that are told.
const MAX_REASONS: usize = 8;

/// Why cases were skipped, each reason once.
fn skipped(results: &Results<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<(Option<&str>, &str), usize> = BTreeMap::new();
    for case in results.rules().flat_map(|(_, _, rule)| &rule.cases) {
        if let CaseOutcome::Skipped(why) = &case.outcome {
            *reasons.entry((case.target.as_deref(), why)).or_default() += 1;
        }
    }
    let others = reasons.len().saturating_sub(MAX_REASONS);
    for ((target, why), times) in reasons.into_iter().take(MAX_REASONS) {
        let on = target.map_or_else(String::new, |target| format!(" on {target}"));
        writeln!(out, "skipped {}{on}: {why}", count(times, "test"))?;
    }
    if others > 0 {
        writeln!(out, "skipped more tests for {}; `--format json` has all", count(others, "other reason"))?;
    }
    Ok(())
}

/// The losses for which tests do not hold of outputs, by target.
fn lost(results: &Results<'_>, out: &mut dyn Write) -> io::Result<()> {
    for case in results.rules().flat_map(|(_, _, rule)| &rule.cases) {
        if let CaseOutcome::Lost(losses) = &case.outcome {
            let on = case.target.as_deref().unwrap_or_default();
            writeln!(out, "lost on {on}: `{}`, which the rule passes: {}", case.name, why_lost(losses))?;
        }
    }
    Ok(())
}

/// Losses as a clause: the first, and how many more.
pub(super) fn why_lost(losses: &[Loss]) -> String {
    let first = losses.first().map_or_else(String::new, |loss| format!("{} {}", loss.code, loss.why));
    match losses.len().saturating_sub(1) {
        0 => first,
        more => format!("{first}, or {more} more"),
    }
}

fn coverage(results: &Results<'_>, console: &Console, out: &mut dyn Write) -> io::Result<()> {
    for (unit, tests, rule) in results.rules() {
        let Some(coverage) = rule.coverage.as_ref().filter(|_| rule.tested) else { continue };
        if !console.is_quiet() {
            console.answer(&tests.sources, &coverage.findings, out)?;
            let (file, percent) = (unit.input.name(), coverage.percent());
            writeln!(out, "{file}: {percent} % covered, {} of {}", coverage.exercised, coverage.total)?;
        }
    }
    Ok(())
}

/// "3 tests of 2 rules: 2 passed, 1 failed; 1 rule without tests".
pub(super) fn summary(counts: Counts) -> String {
    let mut parts = vec![format!("{} passed", counts.passed)];
    let others = [
        (counts.failed, "failed"),
        (counts.broken, "not readable"),
        (counts.lost, "lost"),
        (counts.skipped, "skipped"),
    ];
    parts
        .extend(others.iter().filter(|(times, _)| *times > 0).map(|(times, what)| format!("{times} {what}")));
    let untested = match counts.untested {
        0 => String::new(),
        untested => format!("; {} without tests", count(untested, "rule")),
    };
    let (cases, rules) = (count(counts.cases, "test"), count(counts.rules - counts.untested, "rule"));
    format!("{cases} of {rules}: {}{untested}", parts.join(", "))
}
