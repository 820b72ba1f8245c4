//! How much `eqlc verify` does.

use std::time::Duration;

use clap::Args;
use eqlc_driver::Timestamp;

use super::instant;

/// How much work is done, and what events are made from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Effort")]
pub(crate) struct EffortArgs {
    /// Most streams of events that are made of a rule and given to one target, beside those of its fixture; 0 makes
    /// none, and proves no losses
    #[arg(long, default_value_t = eqlc_driver::STREAMS, value_name = "N")]
    pub(crate) events: usize,
    /// Most time for one rule on all targets, as 90, 90s, 500ms or 2m
    #[arg(long, default_value = "20s", value_name = "TIME", value_parser = duration)]
    pub(crate) rule_timeout: Duration,
    /// Most time for the run [default: none]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Vary what rules leave free in the events: hosts, users, ids and times
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// What `now` of date math is where events are made [default: 2025-01-15T12:00:00Z]
    #[arg(long, value_name = "DATE", value_parser = instant)]
    pub(crate) now: Option<Timestamp>,
}

/// A time with its unit; seconds without.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().map_err(|_| "times are written as in 90s, 500ms or 2m".to_owned())?;
    let seconds = match text.strip_prefix(digits) {
        Some("" | "s") => number,
        Some("ms") => number / 1_000.0,
        Some("m" | "min") => number * 60.0,
        Some("h") => number * 3_600.0,
        _ => return Err("units of time are ms, s, m and h".to_owned()),
    };
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
