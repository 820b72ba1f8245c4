//! Rules over events as they come.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use eqlc_diagnostics::codes::files as codes;
use eqlc_diagnostics::{Diagnostic, SourceMap, has_errors};
use eqlc_driver::{
    Engine, EventFilter, Names, PartialLimits, RunSettings, Source, Stream, StreamOptions, StreamReport,
    StreamSettings, write_whole,
};

use super::rules::Rules;
use super::signals;
use super::watch::Watch;
use super::{count, found};
use crate::args::{EngineName, FollowArgs, RunArgs, TaxonomyName};
use crate::console::{Console, Exit};

/// Rules whose cost is listed on standard error.
const RULES_SHOWN: usize = 20;

/// Runs the rules over the inputs until these end, or somebody ends the run.
pub(super) fn follow(
    (args, events): (&RunArgs, &[PathBuf]),
    mut rules: Rules,
    filter: Option<&EventFilter>,
    settings: RunSettings,
    console: &mut Console,
) -> io::Result<Exit> {
    let follow = &args.follow;
    let mut exit = rules.exit();
    let (source, diagnostics) = Source::open(events);
    console.plain(&diagnostics)?;
    if has_errors(&diagnostics) {
        exit = Exit::Usage;
    }
    let settings = stream_settings(follow, rules.settings(settings), &source);
    let names = names(follow, &source, &settings.run);
    let units = rules.units();
    let mut stream = match rules.stream(names, filter, &settings) {
        Ok(stream) => stream,
        Err(diagnostic) => {
            console.plain(&[*diagnostic])?;
            return Ok(Exit::Usage);
        }
    };
    exit = exit.max(refused(&mut stream, &units, &rules, console)?);
    if follow.explain_plan {
        io::stdout().write_all(stream.explain().as_bytes())?;
        return Ok(exit);
    }
    console.plain(stream.diagnostics())?;
    let stop = source.stopper();
    signals::on_stop(move || {
        if stop.stop() {
            // Asked twice: whoever asks does not want to wait for the end of what is at hand.
            std::process::exit(Exit::Interrupted as i32);
        }
    });
    let mut watch = match Watch::new(follow.rejects.as_deref(), source.size(), console) {
        Ok(watch) => watch,
        Err(message) => {
            console.plain(&[Diagnostic::error(codes::UNWRITABLE, message)])?;
            return Ok(Exit::Usage);
        }
    };
    let mut out = BufWriter::new(io::stdout());
    let ran = stream.run(&source, &mut out, &mut watch);
    let failed = watch.end();
    let report = ran?;
    if failed? {
        exit = Exit::Usage;
    }
    exit = exit.max(refused(&mut stream, &units, &rules, console)?);
    exit = exit.max(stats(follow, &stream, &report, console)?);
    closing(&report, stream.rules().count(), filter.is_some(), console)?;
    Ok(if report.stopped { Exit::Interrupted } else { exit })
}

fn stream_settings(follow: &FollowArgs, run: RunSettings, source: &Source) -> StreamSettings {
    let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let as_it_comes = source.has_stdin().then_some(0);
    let partials = follow.max_partials.get();
    let stream = StreamOptions {
        disorder_ms: follow.disorder.map(millis).or(as_it_comes),
        ahead_ms: Some(millis(follow.max_ahead)),
        partials: PartialLimits { per_rule: partials, total: partials.saturating_mul(4) },
        max_samples_per_key: run.max_samples_per_key.unwrap_or(1),
        keep_events: !follow.no_events,
    };
    let engine = match follow.engine {
        EngineName::Fast => Engine::Fast,
        EngineName::Reference => Engine::Reference,
    };
    StreamSettings { run, stream, threads: follow.threads.map_or(0, std::num::NonZero::get), engine }
}

/// Whose names events have beside those of the rules.
fn names(follow: &FollowArgs, source: &Source, settings: &RunSettings) -> Names {
    let of = |name: &TaxonomyName| match name {
        TaxonomyName::Auto => source.names(settings),
        TaxonomyName::Rules => Names::default(),
        TaxonomyName::Ecs => Names { ecs: true, sigma: false },
        TaxonomyName::Sigma => Names { ecs: false, sigma: true },
    };
    follow.taxonomy.iter().map(of).fold(Names::default(), Names::or)
}

/// Says which rules cannot be evaluated, each in its file.
fn refused(stream: &mut Stream, units: &[usize], rules: &Rules, console: &mut Console) -> io::Result<Exit> {
    let refused = stream.refused();
    for (rule, diagnostic) in &refused {
        let sources = units.get(*rule).and_then(|unit| rules.sources(*unit));
        console.diagnostics(sources.unwrap_or(&SourceMap::new()), std::slice::from_ref(diagnostic))?;
    }
    Ok(if refused.is_empty() { Exit::Fine } else { Exit::BrokenRules })
}

/// Writes the figures that were asked for.
fn stats(
    follow: &FollowArgs,
    stream: &Stream,
    report: &StreamReport,
    console: &mut Console,
) -> io::Result<Exit> {
    let Some(path) = &follow.stats else { return Ok(Exit::Fine) };
    let stats = report.stats(stream.rules());
    if path.as_os_str() == "-" {
        io::stderr().write_all(stats.as_text(RULES_SHOWN).as_bytes())?;
        return Ok(Exit::Fine);
    }
    let mut text = serde_json::to_string_pretty(&stats)?;
    text.push('\n');
    match write_whole(path, text) {
        Ok(_) => Ok(Exit::Fine),
        Err(diagnostic) => {
            console.plain(&[*diagnostic])?;
            Ok(Exit::Usage)
        }
    }
}

fn closing(report: &StreamReport, rules: usize, filtered: bool, console: &mut Console) -> io::Result<()> {
    let counts = report.counts;
    let events = usize::try_from(counts.events).unwrap_or(usize::MAX);
    let left = if filtered { format!(", {} after the filter", counts.kept) } else { String::new() };
    let malformed = match counts.malformed {
        0 => String::new(),
        count => format!(", {count} malformed"),
    };
    let (rules, read) = (count(rules, "rule"), count(events, "event"));
    let stopped = if report.stopped { "stopped: " } else { "" };
    console.closing(&format!("{stopped}ran {rules} over {read}{malformed}{left}, {}", found(counts.matches)))
}
