//! Running a rule with the reference evaluator.

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Body, Rule};

use crate::verdict::Verdict;

/// What the reference evaluator finds, as places in `events`.
///
/// # Errors
/// The evaluator refuses the rule; its reason.
pub(crate) fn reference(rule: &Rule, events: &[Event]) -> Result<Vec<Vec<usize>>, String> {
    let mut options = RunOptions::of(&rule.meta);
    // Recorded events are looked at when the last of them has come, whenever that is done.
    let times = events.iter().filter_map(|event| event.timestamp(&options.timestamp_field));
    options.now = Some(times.max().unwrap_or(Timestamp::from_nanos(0)));
    let found = reference::run(rule, events, &options).map_err(|error| error.to_string())?;
    // A step that asks for a missing event has no place.
    Ok(found.into_iter().map(|found| found.events.into_iter().flatten().collect()).collect())
}

/// The verdict on matches of a rule: a correlation says only whether it alerts.
pub(crate) fn verdict(rule: &Rule, matches: Vec<Vec<usize>>) -> Verdict {
    match rule.body {
        Body::Correlation(_) => Verdict::Alerts(!matches.is_empty()),
        _ => Verdict::of(matches),
    }
}
