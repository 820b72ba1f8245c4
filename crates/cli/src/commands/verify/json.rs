//! JSON for other programs: a line for each rule and target, and one for the run.

use std::io::{self, Write};

use eqlc_diagnostics::{Diagnostics, SourceMap};
use eqlc_driver::{TargetReport, Unit};
use serde_json::{Value, json};

use super::{About, Form, Totals};

pub(super) struct Lines;

impl Form for Lines {
    fn head(&mut self, _: &Totals, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn rule(&mut self, about: &About<'_>, _: &Diagnostics, out: &mut dyn Write) -> io::Result<()> {
        for target in &about.report.targets {
            writeln!(out, "{}", line(about, target))?;
        }
        Ok(())
    }

    fn file(&mut self, _: &SourceMap, _: &Diagnostics, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn foot(&mut self, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let targets = totals.record.targets.iter().zip(&totals.targets);
        let targets: serde_json::Map<String, Value> =
            targets.map(|(target, totals)| (target.target.clone(), json!(totals))).collect();
        let run = json!({
            "type": "run",
            "record": totals.record,
            "rules": totals.rules,
            "totals": targets,
        });
        writeln!(out, "{run}")
    }
}

/// One rule on one target.
fn line(about: &About<'_>, target: &TargetReport) -> Value {
    json!({
        "type": "result",
        "rule": about.unit.input.name(),
        "nth": about.nth,
        "id": about.id(),
        "name": about.name(),
        "target": target.target,
        "options": target.options,
        "outcome": target.outcome,
        "compared": target.compared,
        "made": target.made,
        "matched": target.matched,
        "skipped": skipped(target),
        "fixture": about.report.fixture,
        "without": about.report.without,
        "failures": target.failures,
        "losses": target.losses.iter().map(|judged| loss(about.unit, judged)).collect::<Vec<_>>(),
        "separations": target.separations,
        "refusal": target.refusal,
        "cuts": target.cuts,
    })
}

/// A loss, with its place as people count.
fn loss(unit: &Unit, judged: &eqlc_driver::JudgedLoss) -> Value {
    let mut value = json!(judged);
    let place = unit.sources.position(judged.loss.span);
    if let Some(members) = value.as_object_mut() {
        members.insert("line".to_owned(), json!(place.line));
        members.insert("column".to_owned(), json!(place.column));
    }
    value
}

/// The streams that were not compared, those with one reason together.
fn skipped(target: &TargetReport) -> Vec<Value> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for skip in &target.skipped {
        match reasons.iter_mut().find(|(reason, _)| *reason == skip.reason) {
            Some((_, streams)) => streams.push(&skip.stream),
            None => reasons.push((&skip.reason, vec![&skip.stream])),
        }
    }
    reasons.into_iter().map(|(reason, streams)| json!({ "reason": reason, "streams": streams })).collect()
}
