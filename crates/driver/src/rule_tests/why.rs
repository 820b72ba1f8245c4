//! Why a rule does not match.

use eqlc_backend_native::reference::RunOptions;
use eqlc_backend_native::reference::explain::{
    Course, End, Explanation, Finding, QueryExplained, Role, SequenceCourse, What, explain,
};
use eqlc_diagnostics::{SourceMap, Span};
use eqlc_events::Event;
use eqlc_ir::Rule;

use crate::explain::{ConditionNode, SeenValues, condition_of};

/// Values of a field that are shown.
const MAX_VALUES: usize = 3;

/// The longest value that is shown, in characters.
const MAX_VALUE: usize = 60;

/// Why a rule does not match.
pub(super) struct Why {
    /// Where it is decided.
    pub(super) span: Option<Span>,
    /// One phrase.
    pub(super) reason: String,
    /// What stands beside the place.
    pub(super) label: String,
}

/// Why a rule finds nothing in events: the first test that fails.
pub(super) fn not_matched(
    rule: &Rule,
    events: &[Event],
    options: &RunOptions,
    sources: &SourceMap,
) -> Option<Why> {
    let explanation = explain(rule, events, options, 1).ok()?;
    let Explanation { queries, course, .. } = &explanation;
    let of = |query: Option<&QueryExplained>| {
        let nearest = query?.events.first().filter(|nearest| !nearest.finding.holds)?;
        cause(&nearest.finding, sources)
    };
    match course {
        Course::Single => of(queries.first()),
        Course::Sequence(course) => {
            let next = course.as_ref().map_or(Some(0), |course| course.next);
            let step = |query: &&QueryExplained| matches!(query.role, Role::Step(at, _) if Some(at) == next);
            let stage = stage_of(course.as_ref());
            Some(within(of(queries.iter().find(step)), stage))
        }
        Course::Keys(_) => {
            let unsatisfied = queries.iter().find(|query| query.satisfied_by == 0);
            let note = match unsatisfied.map(|query| &query.role) {
                Some(Role::Term(at)) => format!("no event satisfies term {}", at + 1),
                Some(Role::Rule(name)) => format!("no event satisfies `{name}`"),
                _ => "its events do not come together under one key within the time span".to_owned(),
            };
            Some(within(of(unsatisfied), note))
        }
    }
}

/// The reason that a test gives, or without one how far the rule came.
fn within(why: Option<Why>, stage: String) -> Why {
    match why {
        Some(why) => Why { reason: format!("{stage}: {}", why.reason), ..why },
        None => Why { span: None, reason: stage, label: String::new() },
    }
}

fn stage_of(course: Option<&SequenceCourse>) -> String {
    let Some(course) = course else { return "no event satisfies step 1".to_owned() };
    let next = course.next.map_or(0, |next| next + 1);
    let (found, stages) = (course.filled.len(), course.stages);
    match &course.end {
        End::TooLate { over_ms, .. } => {
            format!("step {next} of {stages} comes {over_ms} ms too late for the time span")
        }
        End::Until { .. } => format!("`until` ends the sequence after {found} of {stages} events"),
        End::NotMissing { step, .. } => format!("an event stands where step {} wants none", step + 1),
        End::Complete => "the sequence is complete, and its match is left out".to_owned(),
        End::Unfinished => {
            let other =
                if course.other_keys.is_empty() { "" } else { " with this key; some do with another" };
            format!("{found} of {stages} events came together, none behind them satisfies step {next}{other}")
        }
    }
}

/// The test that decides, with what it saw.
fn cause(finding: &Finding, sources: &SourceMap) -> Option<Why> {
    let mut at = finding;
    for part in finding.cause() {
        at = at.parts.get(part)?;
    }
    let span = match &at.what {
        What::Test { span, .. } | What::Anywhere { span, .. } => Some(*span).filter(|span| !span.is_empty()),
        _ => None,
    };
    let tree = condition_of(finding, sources);
    let node = marked(&tree)?;
    let verb = if node.holds { "holds" } else { "fails" };
    let seen: Vec<String> = node.seen.iter().map(values).collect();
    let saw = if seen.is_empty() { String::new() } else { format!(": {}", seen.join(", ")) };
    let label = if seen.is_empty() { verb.to_owned() } else { seen.join(", ") };
    Some(Why { span, reason: format!("`{}` {verb}{saw}", node.text), label })
}

fn marked(node: &ConditionNode) -> Option<&ConditionNode> {
    if node.cause { Some(node) } else { node.parts.iter().find_map(marked) }
}

fn values(seen: &SeenValues) -> String {
    if seen.values.is_empty() {
        return format!("{} has no value", seen.field);
    }
    let mut list: Vec<String> =
        seen.values.iter().take(MAX_VALUES).map(|value| short(&value.to_string())).collect();
    if seen.values.len() > MAX_VALUES {
        list.push(format!("… {} more", seen.values.len() - MAX_VALUES));
    }
    format!("{} = {}", seen.field, list.join(", "))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
