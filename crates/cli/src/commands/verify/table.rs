//! A table for people, with a row for each rule; for GitHub with its commands between.

use std::io::{self, Write};

use eqlc_diagnostics::{Diagnostics, SourceMap};
use eqlc_driver::{Outcome, TargetReport};

use super::{About, Form, TargetTotals, Totals};

pub(super) struct Table {
    /// Whether findings are workflow commands beside the rows.
    pub(super) commands: bool,
}

const RULE_WIDTH: usize = 44;
const CELL_WIDTH: usize = 20;

impl Form for Table {
    fn head(&mut self, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        line(out, "rule", totals.record.targets.iter().map(|target| target.target.clone()))
    }

    fn rule(&mut self, about: &About<'_>, findings: &Diagnostics, out: &mut dyn Write) -> io::Result<()> {
        self.file(&about.unit.sources, findings, out)?;
        line(out, &about.label(), about.report.targets.iter().map(cell))
    }

    fn file(&mut self, sources: &SourceMap, findings: &Diagnostics, out: &mut dyn Write) -> io::Result<()> {
        if self.commands { eqlc_report::github(sources, findings, out) } else { Ok(()) }
    }

    fn foot(&mut self, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let mut row = |head: &str, of: &dyn Fn(&TargetTotals) -> usize| {
            let numbers: Vec<usize> = totals.targets.iter().map(of).collect();
            if numbers.iter().all(|number| *number == 0) && head != "streams compared" {
                return Ok(());
            }
            line(out, head, numbers.into_iter().map(|number| number.to_string()))
        };
        row("streams compared", &|of| of.streams_compared)?;
        row("streams no source could record", &|of| of.streams_not_recordable)?;
        row("rules not compared", &|of| of.uncompared)?;
        row("losses shown by events", &|of| of.losses_shown)?;
        row("losses in doubt", &|of| of.losses_doubtful)?;
        row("losses not looked at", &|of| of.losses_not_tried)?;
        row("rules cut short by a budget", &|of| of.cut_short)?;
        let options = totals.record.targets.iter().map(|target| target.to_string());
        line(out, "options", options)?;
        writeln!(out, "{}", totals.record)
    }
}

fn line(out: &mut dyn Write, head: &str, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let mut text = format!("{head:<RULE_WIDTH$}");
    for cell in cells {
        text.push_str(&format!("  {cell:<CELL_WIDTH$}"));
    }
    writeln!(out, "{}", text.trim_end())
}

/// "exact 45/45", "wider 30/45", "not compared 0/45", "refused", "DISAGREES (3)": streams compared of all.
fn cell(target: &TargetReport) -> String {
    let streams = target.compared + target.skipped.len();
    match target.outcome {
        Outcome::Refused => "refused".to_owned(),
        Outcome::Disagrees => format!("DISAGREES ({})", target.failures.len()),
        Outcome::Uncompared => format!("not compared 0/{streams}"),
        other => format!("{} {}/{streams}", other.name(), target.compared),
    }
}
