//! When a rule runs.

use eqlc_ir::{Body, Metadata, Rule};

/// How long osquery keeps events by default (`--events_expiry`), in seconds.
pub(crate) const KEPT: u64 = 3_600;

/// The longest interval that a schedule of osquery takes, in seconds: a week.
const LONGEST_INTERVAL: u64 = 7 * 24 * 60 * 60;

/// The shortest interval that is chosen for a rule, in seconds.
const SHORTEST_CHOSEN: u64 = 60;

/// The interval between runs where a rule has none that can be read, in seconds.
const DEFAULT_INTERVAL: u64 = Metadata::DEFAULT_INTERVAL_MS / 1_000;

/// The time between two runs of a rule, in seconds: its own. A sequence runs more often where a span and an interval
/// are longer than events are kept, if that makes them shorter.
pub(crate) fn interval_s(rule: &Rule) -> u64 {
    let own = rule.meta.interval_ms().map_or(DEFAULT_INTERVAL, |ms| ms.div_ceil(1_000));
    let own = own.clamp(1, LONGEST_INTERVAL);
    let Body::Sequence(sequence) = &rule.body else { return own };
    let span = sequence.maxspan_ms.unwrap_or(0).div_ceil(1_000);
    match KEPT.checked_sub(span).filter(|rest| *rest >= SHORTEST_CHOSEN) {
        Some(rest) => own.min(rest),
        None => own,
    }
}
