//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod run;
mod select;
pub(crate) mod targets;
pub(crate) mod verify;

use std::io;
use std::path::PathBuf;

use eqlc_driver::{Inputs, LoadOptions, Unit, load};

use crate::console::{Console, Exit};

/// Loads rules and reports what was found in them. `Err` of the answer: how the run ends at once.
fn load_rules(
    paths: &[PathBuf],
    strict_fields: bool,
    console: &mut Console,
) -> io::Result<Result<Loaded, Exit>> {
    let inputs = Inputs::rules(paths);
    console.plain(&inputs.diagnostics)?;
    if inputs.files.is_empty() {
        return Ok(Err(Exit::Usage));
    }
    let mut exit = if inputs.diagnostics.is_empty() { Exit::Fine } else { Exit::Usage };
    let units = load(&inputs.files, LoadOptions { strict_fields });
    for unit in &units {
        console.diagnostics(&unit.sources, &unit.diagnostics)?;
        let unreadable =
            unit.diagnostics.iter().any(|d| d.code == eqlc_diagnostics::codes::files::UNREADABLE);
        if unreadable {
            exit = exit.max(Exit::Usage);
        } else if unit.broken > 0 {
            exit = exit.max(Exit::BrokenRules);
        }
    }
    Ok(Ok(Loaded { units, exit }))
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

    fn broken(&self) -> usize {
        self.units.iter().map(|unit| unit.broken).sum()
    }
}

/// "1 rule", "2 rules".
fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
