//! When a rule runs.

use eqlc_ir::Metadata;

/// The longest interval that a schedule of osquery takes, in seconds: a week.
const LONGEST_INTERVAL: u64 = 7 * 24 * 60 * 60;

/// The interval between runs where a rule has none that can be read, in seconds.
const DEFAULT_INTERVAL: u64 = Metadata::DEFAULT_INTERVAL_MS / 1_000;

/// The time between two runs of a rule, in seconds.
pub(crate) fn interval_s(meta: &Metadata) -> u64 {
    let interval = meta.interval_ms().map_or(DEFAULT_INTERVAL, |ms| ms.div_ceil(1_000));
    interval.clamp(1, LONGEST_INTERVAL)
}
