//! The report in words and as JSON.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::operator::Operator;
use super::tally::{Counts, Report, Survivor};

const HEAD: &str = "target            operator       made  equivalent  same-rows  caught  by-events  missed  undecided  caught %  events %";

/// The report as a table, and behind it every mutant that was missed; with `events` also those that only the text of
/// the output gave away.
#[must_use]
pub fn as_text(report: &Report, events: bool) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{} of {} rules, seed {}, up to {} mutants an output\n\n{HEAD}",
        report.rules, report.of_rules, report.settings.seed, report.settings.mutants
    );
    for (at, column) in report.columns.iter().enumerate() {
        for operator in Operator::ALL {
            if let Some(counts) = report.counts.get(&(at, *operator)) {
                line(&mut out, column, operator.name(), counts);
            }
        }
        line(&mut out, column, "all", &report.total(at));
    }
    for told in report.told.iter().filter(|told| events || told.fate.is_missed()) {
        survivor(&mut out, report, told);
    }
    for unsound in &report.unsound {
        let _ = writeln!(out, "\nnot mutated, since the output itself disagrees with its rule: {unsound}");
    }
    out
}

fn line(out: &mut String, column: &str, operator: &str, counts: &Counts) {
    let _ = writeln!(
        out,
        "{column:<16}  {operator:<12}  {:>5}  {:>10}  {:>9}  {:>6}  {:>9}  {:>6}  {:>9}  {:>8}  {:>8}",
        counts.made,
        counts.equivalent,
        counts.same_rows,
        counts.caught,
        counts.by_events,
        counts.missed,
        counts.undecided,
        percent(counts.caught_share()),
        percent(counts.events_share()),
    );
}

fn percent(hundredths: usize) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn survivor(out: &mut String, report: &Report, told: &Survivor) {
    let column = report.columns.get(told.column).map_or("", String::as_str);
    let fate = serde_json::to_value(told.fate).unwrap_or_default();
    let _ = writeln!(
        out,
        "\n{}: {} {} of {} (mutant {})",
        fate.as_str().unwrap_or_default(),
        column,
        told.operator.name(),
        told.rule,
        told.at
    );
    for (mark, line) in differing(&told.sound, &told.mutant) {
        let _ = writeln!(out, "  {mark} {line}");
    }
}

/// The lines that differ: what stands in front of the first and behind the last is the same.
fn differing<'t>(sound: &'t str, mutant: &'t str) -> Vec<(char, &'t str)> {
    let (sound, mutant): (Vec<&str>, Vec<&str>) = (sound.lines().collect(), mutant.lines().collect());
    let front = sound.iter().zip(&mutant).take_while(|(a, b)| a == b).count();
    let shorter = sound.len().min(mutant.len()) - front;
    let behind =
        sound.iter().rev().zip(mutant.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let own = |lines: &[&'t str], mark: char| -> Vec<(char, &'t str)> {
        let own = lines.get(front..lines.len() - behind).unwrap_or_default();
        own.iter().map(|line| (mark, *line)).collect()
    };
    [own(&sound, '-'), own(&mutant, '+')].concat()
}

/// The report as JSON: the counts of each target and operator, and every mutant that no event gave away.
#[must_use]
pub fn as_json(report: &Report) -> Json {
    let targets = report.columns.iter().enumerate().map(|(at, column)| {
        let operators = Operator::ALL.iter().filter_map(|operator| {
            Some((operator.name().to_owned(), json!(report.counts.get(&(at, *operator))?)))
        });
        json!({
            "target": column,
            "outputs": report.outputs.get(at),
            "all": report.total(at),
            "operators": operators.collect::<serde_json::Map<String, Json>>(),
        })
    });
    let told = report.told.iter().map(|told| {
        json!({
            "target": report.columns.get(told.column),
            "operator": told.operator.name(),
            "fate": told.fate,
            "rule": told.rule,
            "number": told.at,
            "output": told.sound,
            "mutant": told.mutant,
        })
    });
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "seed": report.settings.seed,
        "mutants_an_output": report.settings.mutants,
        "rules": report.rules,
        "of_rules": report.of_rules,
        "targets": targets.collect::<Vec<Json>>(),
        "mutants": told.collect::<Vec<Json>>(),
        "unsound": report.unsound,
    })
}
