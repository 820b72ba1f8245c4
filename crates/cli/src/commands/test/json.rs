//! Results for programs: a line for each rule, and one for the whole.

use std::io::{self, Write};

use eqlc_diagnostics::Diagnostic;
use eqlc_driver::{CaseOutcome, CaseReport, RuleTests, Unit, UnitTests};
use serde_json::{Value, json};

use super::{Counts, Results, finding};

pub(super) fn write(results: &Results<'_>, counts: Counts, out: &mut dyn Write) -> io::Result<()> {
    for (unit, tests, rule) in results.rules() {
        writeln!(out, "{}", line(unit, tests, rule))?;
    }
    writeln!(out, "{}", json!({ "summary": summary(counts) }))
}

fn summary(counts: Counts) -> Value {
    let mut summary = json!({
        "rules": counts.rules,
        "untested": counts.untested,
        "cases": counts.cases,
        "passed": counts.passed,
        "failed": counts.failed,
        "broken": counts.broken,
        "lost": counts.lost,
        "skipped": counts.skipped,
    });
    if let (Some(share), Some(fields)) = (counts.coverage, summary.as_object_mut()) {
        let share = json!({ "total": share.total, "exercised": share.exercised, "percent": share.percent });
        fields.insert("coverage".to_owned(), share);
    }
    summary
}

fn line(unit: &Unit, tests: &UnitTests, rule: &RuleTests) -> Value {
    let mut line = json!({
        "file": unit.input.name(),
        "rule": rule.id,
        "name": rule.name,
        "cases": rule.cases.iter().map(|found| case(tests, found)).collect::<Vec<Value>>(),
    });
    if let (Some(coverage), Some(fields)) = (&rule.coverage, line.as_object_mut()) {
        let mut value = json!(coverage);
        if let Some(value) = value.as_object_mut() {
            value.insert("percent".to_owned(), Value::from(coverage.percent()));
        }
        fields.insert("coverage".to_owned(), value);
    }
    line
}

fn case(tests: &UnitTests, case: &CaseReport) -> Value {
    let (outcome, skipped) = match &case.outcome {
        CaseOutcome::Passed => ("passed", None),
        CaseOutcome::Failed(_) => ("failed", None),
        CaseOutcome::Broken(_) => ("broken", None),
        CaseOutcome::Skipped(why) => ("skipped", Some(why)),
        CaseOutcome::Lost(_) => ("lost", None),
    };
    let losses = match &case.outcome {
        CaseOutcome::Lost(losses) => losses.as_slice(),
        _ => &[],
    };
    json!({
        "name": case.name,
        "target": case.target,
        "file": case.file,
        "layout": case.layout,
        "events": case.events,
        "matches": case.found,
        "join_keys": case.join_keys,
        "outcome": outcome,
        "skipped": skipped,
        "losses": losses,
        "finding": finding(case).map(|found| rendered(tests, found)),
    })
}

/// The finding as every command writes it in JSON.
fn rendered(tests: &UnitTests, found: &Diagnostic) -> Value {
    let format = eqlc_report::Format::Json;
    let text = eqlc_report::render_to_string(format, &tests.sources, std::slice::from_ref(found), false);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
