//! `eqlc run`

mod follow;
mod rules;
mod signals;
mod watch;

use std::io::{self, Write};

use eqlc_diagnostics::has_errors;
use eqlc_driver::{
    EventFilter, EventInput, LoadOptions, ResultPosition, RunOutput, RunSettings, StoredPlan, Stream,
    Timestamp, Unit, run_rules,
};

use super::{count, options_of, plan};
use crate::args::{Answer, OrderArgs, Position, RunArgs};
use crate::console::{Console, Exit};
use rules::{Loaded, Rules};

pub(crate) fn run(args: &RunArgs, console: &mut Console) -> io::Result<Exit> {
    let Some(settings) = settings(args, console) else {
        return console.usage(plan::BAD_LOG_SOURCE);
    };
    let (plan, events) = match plan::given(args) {
        Ok(given) => given,
        Err(message) => return console.usage(&message),
    };
    let options = match options_of(&args.reading, console)? {
        // Nobody would see what lints say.
        Ok(options) => LoadOptions { unlinted: console.is_quiet(), ..options },
        Err(exit) => return Ok(exit),
    };
    let rules = match plan {
        Some(path) => match StoredPlan::read(path) {
            Ok(plan) => Rules::Plan(Box::new(plan)),
            Err(diagnostic) => {
                console.plain(&[*diagnostic])?;
                return Ok(Exit::Usage);
            }
        },
        None => match Loaded::load(args, &options, console)? {
            Ok(loaded) => Rules::Loaded(loaded),
            Err(exit) => return Ok(exit),
        },
    };
    let filter = match filter(args, &options, console)? {
        Ok(filter) => filter,
        Err(exit) => return Ok(exit),
    };
    let whole = settings.output == RunOutput::Response
        || filter.as_ref().is_some_and(|(_, filter)| !Stream::can_filter(filter));
    let loaded = match rules {
        Rules::Loaded(loaded) if whole => loaded,
        Rules::Plan(_) if whole => {
            let message = "a plan gives matches of a stream: a response, or a filter that looks at several events, needs \
                           the rules";
            return console.usage(message);
        }
        rules => {
            let filter = filter.as_ref().map(|(_, filter)| filter);
            return follow::follow((args, events), rules, filter, settings, console);
        }
    };
    let follow = &args.follow;
    if follow.rejects.is_some() || follow.stats.is_some() || follow.explain_plan {
        let message = "`--rejects`, `--stats` and `--explain-plan` are for matches of a stream, not for a response \
                       or a filter that looks at several events";
        return console.usage(message);
    }
    over_all(args, &loaded, filter.as_ref(), &settings, console)
}

/// Reads all events before the first rule is asked: an answer that counts them needs them all.
fn over_all(
    args: &RunArgs,
    loaded: &Loaded,
    filter: Option<&(Unit, EventFilter)>,
    settings: &RunSettings,
    console: &mut Console,
) -> io::Result<Exit> {
    let mut exit = loaded.exit;
    let (mut events, diagnostics) = EventInput::read(&args.events);
    console.plain(&diagnostics)?;
    if has_errors(&diagnostics) {
        exit = Exit::Usage;
    }
    let read = count(events.len(), "event");
    if let Some((unit, filter)) = filter
        && let Err(diagnostic) = filter.apply(&mut events, settings)
    {
        console.diagnostics(&unit.sources, &[*diagnostic])?;
        return Ok(exit.max(Exit::BrokenRules));
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut matches = 0;
    for unit in &loaded.units {
        let report = run_rules(&unit.rules, &events, settings, &mut out)?;
        console.diagnostics(&unit.sources, &report.diagnostics)?;
        if has_errors(&report.diagnostics) {
            exit = exit.max(Exit::BrokenRules);
        }
        matches += report.matches;
    }
    out.flush()?;
    let left = if filter.is_some() { format!(", {} after the filter", events.len()) } else { String::new() };
    let rules = count(loaded.rules(), "rule");
    console.closing(&format!("ran {rules} over {read}{left}, {}", found(matches as u64)))?;
    Ok(exit)
}

/// "1 match", "2 matches".
fn found(matches: u64) -> String {
    if matches == 1 { "1 match".to_owned() } else { format!("{matches} matches") }
}

/// The filter with its text. `Err` of the answer: how the run ends at once, for nothing may pass for filtered
/// that is not.
fn filter(
    args: &RunArgs,
    options: &LoadOptions,
    console: &mut Console,
) -> io::Result<Result<Option<(Unit, EventFilter)>, Exit>> {
    let Some(text) = &args.search.filter else { return Ok(Ok(None)) };
    let (unit, filter) = EventFilter::load(text, options.clone());
    console.diagnostics(&unit.sources, &unit.diagnostics)?;
    Ok(filter.map(|filter| Some((unit, filter))).ok_or(Exit::BrokenRules))
}

/// None: the log source has other than three fields.
fn settings(args: &RunArgs, console: &Console) -> Option<RunSettings> {
    let search = &args.search;
    // Who asks for JSON and gives a query wants what Elasticsearch would answer.
    let asked = args.query.is_some() && console.is_json();
    let default = if asked { Answer::Response } else { Answer::Matches };
    let log_source = plan::log_source(&args.follow.log_source_fields)?;
    Some(RunSettings {
        log_source,
        size: search.size,
        result_position: Some(match search.result_position {
            Position::Head => ResultPosition::Head,
            Position::Tail => ResultPosition::Tail,
        }),
        max_samples_per_key: Some(search.max_samples_per_key.get()),
        output: match args.output.unwrap_or(default) {
            Answer::Matches => RunOutput::Matches,
            Answer::Response => RunOutput::Response,
        },
        ..order(&search.order)
    })
}

/// How events are put in order; `now` is read once, so that it is one instant for all rules and the filter.
pub(super) fn order(order: &OrderArgs) -> RunSettings {
    RunSettings {
        timestamp_field: order.fields.timestamp_field.clone(),
        tiebreaker_field: order.fields.tiebreaker_field.clone(),
        category_field: order.fields.event_category_field.clone(),
        now: Some(order.now.unwrap_or_else(Timestamp::now)),
        ..RunSettings::default()
    }
}
