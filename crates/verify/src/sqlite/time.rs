//! osquery's table `time`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::SqlValue;

const WINDOWS_EPOCH_SECONDS: i64 = 11_644_473_600;
const WINDOWS_TICKS_PER_SECOND: i64 = 10_000_000;

/// The one row of `time` at an instant, in seconds since 1970-01-01T00:00:00Z. The host's zone is UTC.
/// Beyond the years that a calendar has, only the numbers are given.
pub(super) fn row(unix_seconds: i64) -> Vec<(String, SqlValue)> {
    let windows = unix_seconds
        .checked_add(WINDOWS_EPOCH_SECONDS)
        .and_then(|seconds| seconds.checked_mul(WINDOWS_TICKS_PER_SECOND))
        .map_or(SqlValue::Null, SqlValue::Int);
    let mut row = vec![("unix_time", SqlValue::Int(unix_seconds)), ("win_timestamp", windows)];
    if let Ok(instant) = Timestamp::from_second(unix_seconds) {
        let time = instant.to_zoned(TimeZone::UTC);
        let iso = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        row.extend([
            ("weekday", SqlValue::Text(time.strftime("%A").to_string())),
            ("year", SqlValue::Int(i64::from(time.year()))),
            ("month", SqlValue::Int(i64::from(time.month()))),
            ("day", SqlValue::Int(i64::from(time.day()))),
            ("hour", SqlValue::Int(i64::from(time.hour()))),
            ("minutes", SqlValue::Int(i64::from(time.minute()))),
            ("seconds", SqlValue::Int(i64::from(time.second()))),
            ("timezone", SqlValue::from("UTC")),
            ("local_timezone", SqlValue::from("UTC")),
            ("timestamp", SqlValue::Text(time.strftime("%a %b %e %H:%M:%S %Y UTC").to_string())),
            ("datetime", SqlValue::Text(iso.clone())),
            ("iso_8601", SqlValue::Text(iso)),
        ]);
    }
    row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
