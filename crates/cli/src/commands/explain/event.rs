//! Why a rule matches events or does not.

use std::io::{self, Write};
use std::path::PathBuf;

use eqlc_diagnostics::{Diagnostics, has_errors};
use eqlc_driver::{EventInput, Unit, explain_rule, load_query};

use super::super::run::order;
use super::super::{Loaded, count, load_rules, options_of};
use super::text;
use crate::args::ExplainArgs;
use crate::console::{Console, Exit};

pub(super) fn run(args: &ExplainArgs, console: &mut Console) -> io::Result<Exit> {
    let loaded = match load(args, console)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let (events, diagnostics) = read(&args.event);
    console.plain(&diagnostics)?;
    let mut exit = loaded.exit;
    if has_errors(&diagnostics) {
        exit = Exit::Usage;
    }
    if events.is_empty() {
        return Ok(exit.max(console.usage("there is no event to explain a rule with")?));
    }
    let settings = order(&args.order);
    let mut out = io::BufWriter::new(io::stdout().lock());
    for unit in &loaded.units {
        for rule in &unit.rules {
            match explain_rule(rule, &unit.sources, &events, &settings, args.limit.get()) {
                Ok(explanation) if console.is_json() => {
                    serde_json::to_writer(&mut out, &explanation)?;
                    writeln!(out)?;
                }
                Ok(explanation) => text::write(&explanation, &mut out)?,
                Err(diagnostic) => {
                    console.diagnostics(&unit.sources, &[*diagnostic])?;
                    exit = exit.max(Exit::BrokenRules);
                }
            }
        }
    }
    out.flush()?;
    let (rules, events) = (count(loaded.rules(), "rule"), count(events.len(), "event"));
    console.closing(&format!("explained {rules} over {events}"))?;
    Ok(exit)
}

fn load(args: &ExplainArgs, console: &mut Console) -> io::Result<Result<Loaded, Exit>> {
    let options = match options_of(&args.reading, console)? {
        Ok(options) => options,
        Err(exit) => return Ok(Err(exit)),
    };
    match (&args.what, &args.query) {
        (Some(rules), _) => load_rules(&[PathBuf::from(rules)], options, console),
        (None, Some(query)) => {
            let unit = load_query(query, options);
            report(&unit, console)?;
            Ok(if unit.rules.is_empty() {
                Err(Exit::BrokenRules)
            } else {
                Ok(Loaded { units: vec![unit], exit: Exit::Fine })
            })
        }
        (None, None) => Ok(Err(console.usage("`--event` needs a rule, or a query in `--query`")?)),
    }
}

fn report(unit: &Unit, console: &mut Console) -> io::Result<()> {
    console.diagnostics(&unit.sources, &unit.diagnostics)
}

/// What starts with a bracket is events, anything else names them.
fn read(given: &[String]) -> (EventInput, Diagnostics) {
    let (texts, paths): (Vec<&String>, Vec<&String>) =
        given.iter().partition(|given| given.trim_start().starts_with(['{', '[']));
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let (mut events, mut diagnostics) = EventInput::read(&paths);
    for (at, given) in texts.into_iter().enumerate() {
        let name = if at == 0 { "<event>".to_owned() } else { format!("<event {}>", at + 1) };
        diagnostics.extend(events.add_text(&name, given));
    }
    (events, diagnostics)
}
