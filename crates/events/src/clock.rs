//! What the clock of a date shows, offsets from UTC left alone.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::date::{Parts, epoch_millis};
use crate::{Timestamp, Value};

/// The parts of a date as it is written; a part that the text does not have is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Of the calendar.
    pub year: i64,
    /// 1 to 12.
    pub month: Option<i64>,
    /// Of the year by ISO 8601, 1 to 53.
    pub week: Option<i64>,
    /// Of the month, 1 to 31.
    pub day: Option<i64>,
    /// 0 to 23.
    pub hour: Option<i64>,
    /// 0 to 59.
    pub minute: Option<i64>,
}

impl Clock {
    /// The clock of a value of a date field: a text as [`crate::DateSpan::parse`] reads it, its offset not
    /// applied; a number is milliseconds since the epoch, in UTC. None for anything else.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Str(text) if epoch_millis(text).is_none() => Self::from_parts(&Parts::parse(text)?),
            value => Self::at(Timestamp::of(value)?),
        }
    }

    fn from_parts(parts: &Parts) -> Option<Self> {
        // What is no day of the calendar is no date.
        let date = Date::new(parts.year, parts.month.unwrap_or(1), parts.day.unwrap_or(1)).ok()?;
        jiff::civil::Time::new(parts.hour.unwrap_or(0), parts.minute.unwrap_or(0), 0, 0).ok()?;
        Some(Self {
            year: parts.year.into(),
            month: parts.month.map(i64::from),
            week: parts.day.map(|_| date.iso_week_date().week().into()),
            day: parts.day.map(i64::from),
            hour: parts.hour.map(i64::from),
            minute: parts.minute.map(i64::from),
        })
    }

    fn at(instant: Timestamp) -> Option<Self> {
        let instant = jiff::Timestamp::from_nanosecond(instant.nanos()).ok()?;
        let local = instant.to_zoned(TimeZone::UTC).datetime();
        Some(Self {
            year: local.year().into(),
            month: Some(local.month().into()),
            week: Some(local.date().iso_week_date().week().into()),
            day: Some(local.day().into()),
            hour: Some(local.hour().into()),
            minute: Some(local.minute().into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &Value<'_>) -> Option<String> {
        let clock = Clock::of(value)?;
        let parts = [clock.month, clock.week, clock.day, clock.hour, clock.minute];
        let parts = parts.map(|part| part.map_or("-".to_owned(), |part| part.to_string()));
        Some(format!("{} {}", clock.year, parts.join(" ")))
    }

    #[test]
    fn a_clock_shows_what_is_written() {
        for (text, wanted) in [
            ("2024-12-30T23:05:06+02:00", "2024 12 1 30 23 5"),
            ("2024-12-30 23:05:06.123", "2024 12 1 30 23 5"),
            ("2024-03-01T00", "2024 3 9 1 0 -"),
            ("2024-03-01", "2024 3 9 1 - -"),
            ("2024-03", "2024 3 - - - -"),
            ("2024", "2024 - - - - -"),
            ("86400000", "1970 1 1 2 0 0"),
        ] {
            assert_eq!(shown(&Value::Str(text)).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(shown(&Value::Int(3_660_000)).as_deref(), Some("1970 1 1 1 1 1"));
        for value in [Value::Str("soon"), Value::Str("2024-02-30"), Value::Bool(true), Value::Int(i128::MAX)]
        {
            assert_eq!(shown(&value), None, "{value}");
        }
    }
}
