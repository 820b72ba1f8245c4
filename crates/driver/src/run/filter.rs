//! A condition that every event of a run must satisfy (`eql-semantics.md` §12).

use eqlc_backend_native::reference;
use eqlc_diagnostics::codes::files as codes;
use eqlc_diagnostics::{Diagnostic, Fragment, SourceId, SourceMap, has_errors};
use eqlc_ir::{Body, Metadata, Rule};

use super::events::EventInput;
use super::not_evaluable;
use super::settings::{RunOutput, RunSettings};
use crate::load::{LoadOptions, Unit, load_query_in};

/// What diagnostics call the text of a filter.
const FILTER_NAME: &str = "<filter>";

/// What stands in front of a bare condition.
const ANY_EVENT: &str = "any where ";

/// A filter over single events.
#[derive(Clone, Debug)]
pub struct EventFilter {
    rule: Rule,
}

impl EventFilter {
    /// Reads a filter: a condition (`process.pid > 4`) or an event query (`process where process.pid > 4`). The
    /// unit holds its text and what was found in it; there is no filter where that has errors.
    #[must_use]
    pub fn load(text: &str, options: LoadOptions) -> (Unit, Option<Self>) {
        let mut sources = SourceMap::new();
        let source = sources.add(FILTER_NAME, text);
        let fragment = fragment(text, source);
        let whole = fragment.whole();
        let mut unit = load_query_in(FILTER_NAME, sources, fragment, options);
        let rule = unit.rules.first().map(|loaded| loaded.rule.clone());
        let filter = rule.and_then(|rule| match refusal(&rule) {
            Some(reason) => {
                let message = format!("a filter is a condition or an event query, not {reason}");
                unit.diagnostics.push(
                    Diagnostic::error(codes::NOT_EVALUABLE, message)
                        .at(whole, "a filter looks at one event at a time"),
                );
                None
            }
            None => Some(Self { rule }),
        });
        (unit, filter)
    }

    /// The condition as a rule.
    pub(super) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Leaves the events that satisfy the filter, as if there had been no others.
    ///
    /// # Errors
    /// The filter cannot be evaluated; no event is left out then.
    pub fn apply(&self, input: &mut EventInput, settings: &RunSettings) -> Result<(), Box<Diagnostic>> {
        let unlimited = RunSettings { size: None, output: RunOutput::Matches, ..settings.clone() };
        let options = unlimited.options(&Metadata::default());
        let matches = reference::run(&self.rule, input.events(), &options)
            .map_err(|error| Box::new(not_evaluable("the filter", &error)))?;
        let mut places: Vec<usize> =
            matches.iter().flat_map(|found| &found.events).flatten().copied().collect();
        places.sort_unstable();
        input.keep(&places);
        Ok(())
    }
}

fn refusal(rule: &Rule) -> Option<&'static str> {
    match &rule.body {
        Body::Event(_) if rule.pipes.is_empty() => None,
        Body::Event(_) => Some("one with pipes"),
        Body::Sample(_) => Some("a sample"),
        _ => Some("a sequence"),
    }
}

/// The text as an event query. A text that is neither is taken for what it looks like, so that the findings
/// speak of that.
fn fragment(text: &str, source: SourceId) -> Fragment {
    let query = Fragment::verbatim(source, 0, text);
    let mut condition = Fragment::builder(source, 0);
    condition.push_escape(0, 0, ANY_EVENT);
    condition.push_copied(0, text);
    let reads = |fragment: &Fragment| !has_errors(&eqlc_eql::parse(fragment).diagnostics);
    if reads(&query) || (looks_like_query(text) && !reads(&condition)) { query } else { condition }
}

fn looks_like_query(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    ["sequence", "sample"].contains(&first) || words.next() == Some("where")
}
