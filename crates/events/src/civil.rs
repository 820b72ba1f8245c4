//! Instants on the calendar, in UTC.

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

use crate::Timestamp;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// What clocks in UTC show at an instant; none outside the years −9999 to 9999.
pub(crate) fn utc(at: Timestamp) -> Option<DateTime> {
    let seconds = i64::try_from(at.nanos().div_euclid(NANOS_PER_SECOND)).ok()?;
    let rest = i32::try_from(at.nanos().rem_euclid(NANOS_PER_SECOND)).ok()?;
    EPOCH.checked_add(SignedDuration::new(seconds, rest)).ok()
}

/// The instant at which clocks in UTC show this.
pub(crate) fn instant(clock: DateTime) -> Timestamp {
    Timestamp::from_nanos(clock.duration_since(EPOCH).as_nanos())
}
