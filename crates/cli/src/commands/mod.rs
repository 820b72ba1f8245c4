//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod fields;
pub(crate) mod fmt;
mod guide;
pub(crate) mod lint;
mod plan;
pub(crate) mod run;
mod select;
pub(crate) mod targets;
pub(crate) mod test;
pub(crate) mod verify;
pub(crate) mod witness;

use std::io;
use std::path::PathBuf;

use eqlc_driver::{
    Dialect, Input, Inputs, LoadOptions, Unit, load, read_pipelines, read_placeholders, read_schemas,
};

use crate::args;
use crate::console::{Console, Exit};

/// Loads rules and reports what was found in them. `Err` of the answer: how the run ends at once.
fn load_rules(
    paths: &[PathBuf],
    options: LoadOptions,
    console: &mut Console,
) -> io::Result<Result<Loaded, Exit>> {
    let (inputs, mut exit) = match find_rules(paths, console)? {
        Ok(found) => found,
        Err(exit) => return Ok(Err(exit)),
    };
    let units = load(&inputs, options);
    for unit in &units {
        exit = exit.max(report(unit, console)?);
    }
    Ok(Ok(Loaded { units, exit }))
}

/// The files of rules that paths lead to, and how the run ends so far. `Err` of the answer: there is none.
fn find_rules(paths: &[PathBuf], console: &mut Console) -> io::Result<Result<(Vec<Input>, Exit), Exit>> {
    let inputs = Inputs::rules(paths);
    console.plain(&inputs.diagnostics)?;
    if inputs.files.is_empty() {
        return Ok(Err(Exit::Usage));
    }
    let exit = if inputs.diagnostics.is_empty() { Exit::Fine } else { Exit::Usage };
    Ok(Ok((inputs.files, exit)))
}

/// Reports what was found in an input; how a run with it ends.
fn report(unit: &Unit, console: &mut Console) -> io::Result<Exit> {
    console.diagnostics(&unit.sources, &unit.diagnostics)?;
    let unreadable = unit.diagnostics.iter().any(|d| d.code == eqlc_diagnostics::codes::files::UNREADABLE);
    Ok(match unit.broken {
        _ if unreadable => Exit::Usage,
        0 => Exit::Fine,
        _ => Exit::BrokenRules,
    })
}

/// What users choose of the checks.
fn load_options(strict_fields: bool, dialect: Option<args::Dialect>) -> LoadOptions {
    let dialect = dialect.map(|dialect| match dialect {
        args::Dialect::Elasticsearch => Dialect::Elasticsearch,
        args::Dialect::Endpoint => Dialect::Endpoint,
    });
    LoadOptions { strict_fields, dialect, ..LoadOptions::default() }
}

/// What users choose of the checks, with the fields that they bring. `Err` of the answer: how the run ends at once,
/// for rules that are checked against other fields than asked are not checked.
fn options_of(reading: &args::ReadingArgs, console: &mut Console) -> io::Result<Result<LoadOptions, Exit>> {
    let mut options = load_options(reading.strict_fields, reading.dialect);
    let read = read_schemas(&reading.schema);
    console.diagnostics(&read.sources, &read.diagnostics)?;
    if eqlc_diagnostics::has_errors(&read.diagnostics) {
        return Ok(Err(Exit::Usage));
    }
    options.schema = read.schema;
    let read = read_pipelines(&reading.pipeline);
    console.diagnostics(&read.sources, &read.diagnostics)?;
    if eqlc_diagnostics::has_errors(&read.diagnostics) {
        return Ok(Err(Exit::Usage));
    }
    options.pipelines = read.pipelines;
    let read = read_placeholders(&reading.placeholders);
    console.diagnostics(&read.sources, &read.diagnostics)?;
    if eqlc_diagnostics::has_errors(&read.diagnostics) {
        return Ok(Err(Exit::Usage));
    }
    options.placeholders = read.placeholders;
    Ok(Ok(options))
}

/// Loads the rules of a command with what is chosen of the checks.
fn load_checked(rules: &args::RuleArgs, console: &mut Console) -> io::Result<Result<Loaded, Exit>> {
    match options_of(&rules.reading, console)? {
        Ok(options) => load_rules(&rules.rules, options, console),
        Err(exit) => Ok(Err(exit)),
    }
}

/// Rules and how the run ends so far.
struct Loaded {
    units: Vec<Unit>,
    exit: Exit,
}

impl Loaded {
    fn rules(&self) -> usize {
        self.units.iter().map(|unit| unit.rules.len()).sum()
    }
}

/// "1 rule", "2 rules".
fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
