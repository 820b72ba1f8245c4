//! Rules over events.

mod events;
mod files;
mod filter;
mod output;
mod settings;
mod stream;

use std::io::{self, Write};

use eqlc_backend_native::reference::{self, Match, RunError, RunOptions};
use eqlc_diagnostics::codes::files as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::Rule;

pub use eqlc_backend_native::engine::{Detection, Malformed, PartialLimits, Place, StreamOptions};
pub use eqlc_backend_native::reference::{LogSourceFields, ResultPosition};
pub use events::EventInput;
pub(crate) use files::{is_event_file, plain_event_file};
pub use filter::EventFilter;
pub(crate) use output::json;
pub use settings::{RESPONSE_SIZE, RunOutput, RunSettings};
pub use stream::{
    Detector, Engine, FixedSettings, Listener, Names, Source, StatsReport, Stop, StoredPlan, Stream,
    StreamCounts, StreamReport, StreamSettings, detector, is_plan_name,
};

/// How a run went.
#[derive(Debug, Default)]
pub struct RunReport {
    /// Matches written.
    pub matches: usize,
    /// Rules that could not be evaluated.
    pub diagnostics: Diagnostics,
}

/// Evaluates rules over all events and writes what the settings ask for, rules in order: one JSON line a match
/// ([`RunOutput::Matches`]), or one a rule ([`RunOutput::Response`]). A line is written in one piece.
///
/// # Errors
/// `out` cannot be written.
pub fn run_rules<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    input: &EventInput,
    settings: &RunSettings,
    out: &mut dyn Write,
) -> io::Result<RunReport> {
    let mut report = RunReport::default();
    for rule in rules {
        let options = settings.options(&rule.meta);
        match reference::run(rule, input.events(), &options) {
            Ok(matches) => {
                write_rule(rule, &matches, input, (settings.output, &options), out)?;
                report.matches += matches.len();
            }
            Err(error) => {
                let what = format!("rule `{}`", rule.meta.name);
                report.diagnostics.push(not_evaluable(&what, &error));
            }
        }
    }
    Ok(report)
}

fn write_rule(
    rule: &Rule,
    matches: &[Match],
    input: &EventInput,
    (output, options): (RunOutput, &RunOptions),
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = Vec::new();
    match output {
        RunOutput::Matches => {
            for found in matches {
                line.clear();
                serde_json::to_writer(&mut line, &output::rule_match(rule, found, input, options))?;
                line.push(b'\n');
                out.write_all(&line)?;
            }
        }
        RunOutput::Response => {
            serde_json::to_writer(&mut line, &output::response(rule, matches, input))?;
            line.push(b'\n');
            out.write_all(&line)?;
        }
    }
    Ok(())
}

pub(crate) fn not_evaluable(what: &str, error: &RunError) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::NOT_EVALUABLE, format!("{what} cannot be evaluated: {error}"));
    match error.span() {
        Some(span) => diagnostic.at(span, "because of this"),
        None => diagnostic,
    }
}
