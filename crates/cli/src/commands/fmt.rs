//! `eqlc fmt`

use std::io::{self, Write};

use eqlc_diagnostics::codes::files;
use eqlc_driver::{Formatted, Inputs, format_inputs};
use similar::TextDiff;

use super::{count, load_options};
use crate::args::FmtArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &FmtArgs, console: &mut Console) -> io::Result<Exit> {
    let inputs = Inputs::rules(&args.rules);
    console.plain(&inputs.diagnostics)?;
    if inputs.files.is_empty() {
        return Ok(Exit::Usage);
    }
    let mut exit = if inputs.diagnostics.is_empty() { Exit::Fine } else { Exit::Usage };
    let mut changed = 0;
    let formatted = format_inputs(&inputs.files, load_options(false, args.dialect).dialect);
    for file in &formatted {
        console.diagnostics(&file.sources, &file.diagnostics)?;
        exit = exit.max(exit_of(file));
        changed += usize::from(file.changed());
        exit = exit.max(answer(args, file, console)?);
    }
    let done = if args.check || args.diff { "to be formatted" } else { "formatted" };
    console.closing(&format!("{changed} of {} {done}", count(formatted.len(), "file")))?;
    Ok(exit)
}

fn exit_of(file: &Formatted) -> Exit {
    if file.diagnostics.iter().any(|found| found.code == files::UNREADABLE) {
        Exit::Usage
    } else if file.diagnostics.is_empty() {
        Exit::Fine
    } else {
        Exit::BrokenRules
    }
}

/// Says or does what is to be done with one file.
fn answer(args: &FmtArgs, file: &Formatted, console: &mut Console) -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    let name = file.input.name();
    if args.check || args.diff {
        if !file.changed() {
            return Ok(Exit::Fine);
        }
        if args.diff {
            let diff = TextDiff::from_lines(&file.before, &file.after);
            write!(out, "{}", diff.unified_diff().header(&name, &name))?;
        } else {
            writeln!(out, "would reformat {name}")?;
        }
        return Ok(Exit::Findings);
    }
    if file.input.path.is_none() {
        // With errors there is nothing to hand on; what reads us must not take it for an empty rule.
        if file.diagnostics.is_empty() {
            write!(out, "{}", file.after)?;
        }
        return Ok(Exit::Fine);
    }
    if !file.changed() {
        return Ok(Exit::Fine);
    }
    if let Err(refused) = file.write() {
        console.plain(&[*refused])?;
        return Ok(Exit::Usage);
    }
    if !console.is_quiet() {
        writeln!(out, "reformatted {name}")?;
    }
    Ok(Exit::Fine)
}
