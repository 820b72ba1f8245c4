//! `eqlc run`

use std::io::{self, Write};

use eqlc_diagnostics::has_errors;
use eqlc_driver::{EventInput, run_rules};

use super::{count, load_rules};
use crate::args::RunArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &RunArgs, console: &mut Console) -> io::Result<Exit> {
    let loaded = match load_rules(&args.rules, args.strict_fields, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let mut exit = loaded.exit;
    let (events, diagnostics) = EventInput::read(&args.events);
    console.plain(&diagnostics)?;
    if has_errors(&diagnostics) {
        exit = Exit::Usage;
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut matches = 0;
    for unit in &loaded.units {
        let report = run_rules(unit.rules.iter().map(|rule| &rule.rule), &events, &mut out)?;
        console.diagnostics(&unit.sources, &report.diagnostics)?;
        if has_errors(&report.diagnostics) {
            exit = exit.max(Exit::BrokenRules);
        }
        matches += report.matches;
    }
    out.flush()?;
    let rules = count(loaded.rules(), "rule");
    let events = count(events.len(), "event");
    let found = if matches == 1 { "1 match".to_owned() } else { format!("{matches} matches") };
    console.closing(&format!("ran {rules} over {events}, {found}"))?;
    Ok(exit)
}
