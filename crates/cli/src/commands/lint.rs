//! `eqlc lint`

use std::io;

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Severity, did_you_mean, nearest};
use eqlc_driver::{Fixed, Inputs, Lints, LoadOptions, Unit, fix, load, write_whole};

use super::{count, options_of};
use crate::args::{Deny, LintArgs, LintChoice};
use crate::console::{Console, Exit};

pub(crate) fn run(args: &LintArgs, console: &mut Console) -> io::Result<Exit> {
    let lints = match lints(&args.lints) {
        Ok(lints) => lints,
        Err(message) => return console.usage(&message),
    };
    let mut options = match options_of(&args.rules.reading, console)? {
        Ok(options) => options,
        Err(exit) => return Ok(exit),
    };
    options.lints = lints;
    options.conventions = true;
    let inputs = Inputs::rules(&args.rules.rules);
    console.plain(&inputs.diagnostics)?;
    if inputs.files.is_empty() {
        return Ok(Exit::Usage);
    }
    let mut exit = if inputs.diagnostics.is_empty() { Exit::Fine } else { Exit::Usage };
    let units = load(&inputs.files, options.clone());
    let (units, done) = if args.fix {
        let options = options.of_run(&inputs.files);
        let mut repair = Repair { args, options: &options, exit, fixed: 0, files: 0, left: 0 };
        let units =
            units.into_iter().map(|unit| repair.unit(unit, console)).collect::<io::Result<Vec<Unit>>>()?;
        exit = repair.exit;
        (units, repair.summary())
    } else {
        (units, String::new())
    };
    for unit in &units {
        console.diagnostics(&unit.sources, &unit.diagnostics)?;
        let unreadable = unit.diagnostics.iter().any(|finding| finding.code == files::UNREADABLE);
        if unreadable {
            exit = exit.max(Exit::Usage);
        } else if unit.broken > 0 {
            exit = exit.max(Exit::BrokenRules);
        }
    }
    closing(&args.lints, exit, &units, &done, console)
}

/// Fixes and what became of them.
struct Repair<'a> {
    args: &'a LintArgs,
    options: &'a LoadOptions,
    exit: Exit,
    fixed: usize,
    files: usize,
    left: usize,
}

impl Repair<'_> {
    /// Fixes a file and writes it; the file with what is still found in it.
    fn unit(&mut self, unit: Unit, console: &mut Console) -> io::Result<Unit> {
        let Fixed { unit, text, applied, left } = fix(unit, self.args.unsafe_fixes, self.options);
        self.left += left;
        if let (Some(text), Some(path)) = (text, &unit.input.path) {
            match write_whole(path, &text) {
                Ok(()) => {
                    self.fixed += applied;
                    self.files += 1;
                }
                Err(diagnostic) => {
                    console.plain(&[*diagnostic])?;
                    self.exit = Exit::Usage;
                }
            }
        }
        Ok(unit)
    }

    fn summary(&self) -> String {
        let fixed = format!("fixed {} in {}; ", count(self.fixed, "finding"), count(self.files, "file"));
        match self.left {
            0 => fixed,
            1 => format!("{fixed}1 fix could not be written in its place; "),
            left => format!("{fixed}{left} fixes could not be written in their places; "),
        }
    }
}

/// The lints that are chosen; else what is wrong with the choice.
pub(super) fn lints(choice: &LintChoice) -> Result<Lints, String> {
    Lints::new(&choice.select, &choice.ignore).map_err(|selector| {
        let selector = selector.split(':').next().unwrap_or_default();
        let upper = selector.trim().to_ascii_uppercase();
        let codes = eqlc_diagnostics::Code::table().iter().map(|info| info.code.as_str());
        let near = nearest(&upper, codes);
        let hint = did_you_mean(&near).map_or(String::new(), |hint| format!("; {hint}"));
        format!("no code starts with `{}`; `eqlc explain` lists all{hint}", selector.trim())
    })
}

/// The last line and how the run ends.
pub(super) fn closing(
    choice: &LintChoice,
    exit: Exit,
    units: &[Unit],
    done: &str,
    console: &mut Console,
) -> io::Result<Exit> {
    let (rules, broken) = units
        .iter()
        .fold((0, 0), |(rules, broken), unit| (rules + unit.rules.len() + unit.broken, broken + unit.broken));
    let errors = match broken {
        0 => String::new(),
        broken => format!(", {broken} with errors"),
    };
    console.closing(&format!("{done}checked {}{errors}", count(rules, "rule")))?;
    let warned =
        units.iter().flat_map(|unit| &unit.diagnostics).any(|finding| finding.severity == Severity::Warning);
    let denied = choice.deny == Some(Deny::Warnings) && warned;
    Ok(if denied { exit.max(Exit::Findings) } else { exit })
}
