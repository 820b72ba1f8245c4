//! `eqlc fields`

use std::io::{self, Write};

use eqlc_driver::{
    Chosen, FieldFate, FieldOutcome, FieldRow, FieldsReport, Registry, Tested, Unit, fields, load,
};
use eqlc_ir::{FieldType, Taxonomy};

use super::select::{Selected, select};
use super::{Loaded, count, load_rules, options_of};
use crate::args::{FieldsArgs, FieldsForm};
use crate::console::{Console, Exit};

pub(crate) fn run(args: &FieldsArgs, console: &mut Console) -> io::Result<Exit> {
    let registry = match Registry::new() {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let selected = match selected(&registry, args) {
        Ok(selected) => selected,
        Err(message) => return console.usage(&message),
    };
    let mut options = match options_of(&args.rules.reading, console)? {
        Ok(options) => options,
        Err(exit) => return Ok(exit),
    };
    let pipelines = std::mem::take(&mut options.pipelines);
    // What is wrong with rules as written stays wrong after pipelines, and is said once.
    let Loaded { units, exit } = match load_rules(&args.rules.rules, options.clone(), console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    options.pipelines = pipelines;
    let piped: Option<Vec<Unit>> = (!options.pipelines.is_empty()).then(|| {
        let inputs: Vec<_> = units.iter().map(|unit| unit.input.clone()).collect();
        load(&inputs, options)
    });
    let chosen: Vec<Chosen<'_>> = selected.iter().map(Selected::chosen).collect();
    let mut report = fields(Tested { written: &units, piped: piped.as_deref() }, &chosen);
    let all = report.rows.len();
    let gaps = report.rows.iter().filter(|row| row.is_gap()).count();
    if args.unmapped {
        report.rows.retain(FieldRow::is_gap);
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    write(args, &report, console.is_json(), &mut out)?;
    out.flush()?;
    let mapped = !report.rows.iter().all(|row| row.targets.is_empty()) || gaps > 0;
    let gaps = if mapped { format!(", {gaps} without a counterpart") } else { String::new() };
    console.closing(&format!("listed {} of {}{gaps}", count(all, "field"), count(report.rules, "rule")))?;
    Ok(exit)
}

/// The targets; none where none was asked for.
fn selected<'a>(registry: &'a Registry, args: &FieldsArgs) -> Result<Vec<Selected<'a>>, String> {
    if args.targets.target.is_empty() {
        return Ok(Vec::new());
    }
    select(registry, (&args.targets, &args.rules.reading), None, false)
}

fn write(args: &FieldsArgs, report: &FieldsReport, json: bool, out: &mut dyn Write) -> io::Result<()> {
    let form = args.output.unwrap_or(if json { FieldsForm::Json } else { FieldsForm::Table });
    match form {
        FieldsForm::Json => {
            for row in &report.rows {
                serde_json::to_writer(&mut *out, row)?;
                writeln!(out)?;
            }
            Ok(())
        }
        FieldsForm::Csv => separated(report, ',', out),
        FieldsForm::Tsv => separated(report, '\t', out),
        FieldsForm::Table => table(report, out),
    }
}

const HEAD: [&str; 8] = ["field", "taxonomy", "type", "sources", "rules", "example", "target", "becomes"];

/// One line for each field and target.
fn separated(report: &FieldsReport, separator: char, out: &mut dyn Write) -> io::Result<()> {
    let outcomes = [
        FieldOutcome::Exact,
        FieldOutcome::Unchanged,
        FieldOutcome::Approximate,
        FieldOutcome::LeftOut,
        FieldOutcome::Unmapped,
        FieldOutcome::NoSource,
    ];
    let counts = outcomes.map(|outcome| format!("rules {}", outcome.title()));
    let head = HEAD.map(str::to_owned).into_iter().chain(["outcome".to_owned(), "codes".to_owned()]);
    line(&head.chain(counts).collect::<Vec<_>>(), separator, out)?;
    for row in &report.rows {
        let own = [
            row.field.clone(),
            taxonomy(&row.taxonomy).to_owned(),
            row.ty.name().to_owned(),
            row.sources.join(" "),
            row.rules.to_string(),
            row.example.clone(),
        ];
        if row.targets.is_empty() {
            line(&own, separator, out)?;
        }
        for fate in &row.targets {
            let codes: Vec<String> = fate.codes.iter().map(ToString::to_string).collect();
            let told = [
                fate.target.clone(),
                fate.becomes.join(" "),
                fate.outcome.title().to_owned(),
                codes.join(" "),
            ];
            let counts =
                outcomes.iter().map(|outcome| fate.rules.get(outcome).copied().unwrap_or(0).to_string());
            let cells: Vec<String> = own.iter().cloned().chain(told).chain(counts).collect();
            line(&cells, separator, out)?;
        }
    }
    Ok(())
}

/// Cells as RFC 4180 writes them; with tabs, which no cell can hold then, as they are.
fn line(cells: &[String], separator: char, out: &mut dyn Write) -> io::Result<()> {
    let cell = |cell: &String| {
        if separator == '\t' {
            cell.replace(['\t', '\n', '\r'], " ")
        } else if cell.contains([separator, '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    writeln!(out, "{}", cells.iter().map(cell).collect::<Vec<_>>().join(&separator.to_string()))
}

fn taxonomy(taxonomy: &Taxonomy) -> &str {
    match taxonomy {
        Taxonomy::Ecs => "ecs",
        Taxonomy::Sigma => "sigma",
        Taxonomy::Target(name) => name,
    }
}

/// The longest list in a cell of a table.
const LIST_WIDTH: usize = 44;

fn table(report: &FieldsReport, out: &mut dyn Write) -> io::Result<()> {
    let targets: Vec<&str> = report
        .rows
        .first()
        .map_or_else(Vec::new, |row| row.targets.iter().map(|fate| fate.target.as_str()).collect());
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut head: Vec<String> = ["field", "type", "rules"].map(str::to_owned).to_vec();
    if !targets.is_empty() {
        head.push("of".to_owned());
    }
    head.extend(targets.iter().map(|target| (*target).to_owned()));
    head.push("as in".to_owned());
    lines.push(head);
    for row in &report.rows {
        let ty = if row.ty == FieldType::Unknown { "" } else { row.ty.name() };
        let mut cells = vec![row.field.clone(), ty.to_owned(), row.rules.to_string()];
        if !targets.is_empty() {
            cells.push(sources(row));
        }
        cells.extend(row.targets.iter().map(told));
        cells.push(row.example.clone());
        lines.push(cells);
    }
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        lines.iter().filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for cells in &lines {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())?;
    }
    Ok(())
}

/// `*` where the same holds of all sources.
fn sources(row: &FieldRow) -> String {
    if row.everywhere { "*".to_owned() } else { listed(&row.sources) }
}

/// As much of a list as fits into a cell, and how many there are in all.
fn listed(items: &[String]) -> String {
    let mut text = String::new();
    for (at, item) in items.iter().enumerate() {
        let part = if at == 0 { item.clone() } else { format!(", {item}") };
        if at > 0 && text.chars().count() + part.chars().count() > LIST_WIDTH {
            return format!("{text}, … ({})", items.len());
        }
        text.push_str(&part);
    }
    text
}

/// "process.name", "≈ process.name (L1101)", "left out (L1102)", "unmapped".
fn told(fate: &FieldFate) -> String {
    let names = if fate.becomes.is_empty() { "the source".to_owned() } else { listed(&fate.becomes) };
    let codes: Vec<String> = fate.codes.iter().map(ToString::to_string).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    match fate.outcome {
        FieldOutcome::Exact => names,
        FieldOutcome::Approximate => format!("≈ {names}{codes}"),
        gap => {
            // Some rules may have a counterpart where others have none.
            let sometimes = if fate.becomes.is_empty() || gap == FieldOutcome::Unchanged {
                String::new()
            } else {
                format!("{names}; in {} ", fate.rules.get(&gap).copied().unwrap_or(0))
            };
            format!("{sometimes}{}{codes}", gap.title())
        }
    }
}
