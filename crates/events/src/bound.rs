//! The instants that a constant of a rule stands for; the meaning stands in [`eqlc_ir::date`].

use eqlc_ir::date::{Anchor, DateBound, DateStep, DateUnit, PartialDate};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, ToSpan};

use crate::{DateSpan, Timestamp, civil};

const NANOS_PER_MILLI: i128 = 1_000_000;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Which end of a span is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

impl DateSpan {
    /// The span of a bound when it is `now`. None if it leaves the years −9999 to 9999.
    #[must_use]
    pub fn of_bound(bound: &DateBound, now: Timestamp) -> Option<Self> {
        let end = |end: End| {
            // Before `||` a date is one instant, whatever is left out.
            let of_anchor = if bound.is_math() { End::First } else { end };
            let start = anchor(bound.anchor(), of_anchor, now)?;
            bound.steps().iter().try_fold(start, |at, step| moved(at, *step, end))
        };
        Some(Self { first: end(End::First)?, last: end(End::Last)? })
    }
}

fn anchor(anchor: &Anchor, end: End, now: Timestamp) -> Option<Timestamp> {
    match anchor {
        Anchor::Now => Some(now),
        Anchor::Millis(millis) => {
            let first = Timestamp::from_millis(i128::from(*millis))?.nanos();
            Some(Timestamp::from_nanos(if end == End::First { first } else { first + NANOS_PER_MILLI - 1 }))
        }
        Anchor::Date(date) => on_calendar(date, end),
    }
}

fn on_calendar(date: &PartialDate, end: End) -> Option<Timestamp> {
    let missing = |first: i8, last: i8| if end == End::First { first } else { last };
    let part = |part: Option<u8>, missing: i8| part.map_or(Some(missing), |part| i8::try_from(part).ok());
    let month = part(date.month, missing(1, 12))?;
    let first_day = Date::new(i16::try_from(date.year).ok()?, month, 1).ok()?;
    let day = part(date.day, missing(1, first_day.days_in_month()))?;
    let nanos = match date.nanos {
        Some(nanos) => i32::try_from(nanos).ok()?,
        None if end == End::First => 0,
        None => 999_999_999,
    };
    let clock = Time::new(
        part(date.hour, missing(0, 23))?,
        part(date.minute, missing(0, 59))?,
        part(date.second, missing(0, 59))?,
        nanos,
    );
    let day = Date::new(first_day.year(), month, day).ok()?;
    let local = civil::instant(DateTime::from_parts(day, clock.ok()?)).nanos();
    Some(Timestamp::from_nanos(local - i128::from(date.offset) * NANOS_PER_SECOND))
}

fn moved(at: Timestamp, step: DateStep, end: End) -> Option<Timestamp> {
    let clock = civil::utc(at)?;
    let clock = match step {
        DateStep::Add(count, unit) => clock.checked_add(span(count, unit)?).ok()?,
        DateStep::Round(unit) => {
            let first = start_of(clock, unit)?;
            match end {
                End::First => first,
                // Only the last unit of the calendar has no next one.
                End::Last => span(1, unit)
                    .and_then(|span| first.checked_add(span).ok())
                    .and_then(|next| next.checked_sub(1.nanosecond()).ok())
                    .unwrap_or(DateTime::MAX),
            }
        }
    };
    Some(civil::instant(clock))
}

fn span(count: i32, unit: DateUnit) -> Option<Span> {
    let none = Span::new();
    match unit {
        DateUnit::Year => none.try_years(count),
        DateUnit::Month => none.try_months(count),
        DateUnit::Week => none.try_weeks(count),
        DateUnit::Day => none.try_days(count),
        DateUnit::Hour => none.try_hours(count),
        DateUnit::Minute => none.try_minutes(count),
        DateUnit::Second => none.try_seconds(count),
    }
    .ok()
}

/// The first instant of the unit that holds an instant.
fn start_of(clock: DateTime, unit: DateUnit) -> Option<DateTime> {
    let day = clock.date();
    Some(match unit {
        DateUnit::Year => day.first_of_year().at(0, 0, 0, 0),
        DateUnit::Month => day.first_of_month().at(0, 0, 0, 0),
        DateUnit::Week => {
            let days = day.weekday().to_monday_zero_offset();
            day.checked_sub(i64::from(days).days()).ok()?.at(0, 0, 0, 0)
        }
        DateUnit::Day => day.at(0, 0, 0, 0),
        DateUnit::Hour => day.at(clock.hour(), 0, 0, 0),
        DateUnit::Minute => day.at(clock.hour(), clock.minute(), 0, 0),
        DateUnit::Second => day.at(clock.hour(), clock.minute(), clock.second(), 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2024-02-29T13:45:30.5Z";

    fn span_of(text: &str, now: &str) -> Option<DateSpan> {
        let now = DateSpan::parse(now).unwrap().first;
        DateSpan::of_bound(&DateBound::parse(text).unwrap(), now)
    }

    /// First and last instant without what the last leaves of a second.
    #[track_caller]
    fn check(text: &str, first: &str, last: &str) {
        let span = span_of(text, NOW).unwrap();
        assert_eq!(
            (span.first.to_string().as_str(), span.last.to_string().as_str()),
            (first, last),
            "{text}"
        );
    }

    #[test]
    fn missing_parts_make_a_span() {
        for (text, first, last) in [
            ("2020", "2020-01-01T00:00:00.000Z", "2020-12-31T23:59:59.999Z"),
            ("2020-02", "2020-02-01T00:00:00.000Z", "2020-02-29T23:59:59.999Z"),
            ("2019-02", "2019-02-01T00:00:00.000Z", "2019-02-28T23:59:59.999Z"),
            ("1900-02", "1900-02-01T00:00:00.000Z", "1900-02-28T23:59:59.999Z"),
            ("2020-02-03", "2020-02-03T00:00:00.000Z", "2020-02-03T23:59:59.999Z"),
            ("2020-02-03T", "2020-02-03T00:00:00.000Z", "2020-02-03T23:59:59.999Z"),
            ("2020-02-03T04+02:00", "2020-02-03T02:00:00.000Z", "2020-02-03T02:59:59.999Z"),
            ("2020-02-03T04:05-0330", "2020-02-03T07:35:00.000Z", "2020-02-03T07:35:59.999Z"),
            ("2020-02-03T04:05:06Z", "2020-02-03T04:05:06.000Z", "2020-02-03T04:05:06.999Z"),
            ("2020-02-03T04:05:06.7", "2020-02-03T04:05:06.700Z", "2020-02-03T04:05:06.700Z"),
            ("9999-12-31", "9999-12-31T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
            ("0000", "0000-01-01T00:00:00.000Z", "0000-12-31T23:59:59.999Z"),
        ] {
            check(text, first, last);
            // Dates of events are read elsewhere; both agree.
            let event = DateSpan::parse(text.trim_end_matches('T')).unwrap();
            assert_eq!(span_of(text, NOW), Some(event), "{text}");
        }
        let millis = span_of("1580702706123", NOW).unwrap();
        assert_eq!(millis.last.nanos() - millis.first.nanos(), 999_999);
    }

    #[test]
    fn every_unit_rounds_to_both_ends() {
        for (text, first, last) in [
            ("now", "2024-02-29T13:45:30.500Z", "2024-02-29T13:45:30.500Z"),
            ("now/s", "2024-02-29T13:45:30.000Z", "2024-02-29T13:45:30.999Z"),
            ("now/m", "2024-02-29T13:45:00.000Z", "2024-02-29T13:45:59.999Z"),
            ("now/h", "2024-02-29T13:00:00.000Z", "2024-02-29T13:59:59.999Z"),
            ("now/H", "2024-02-29T13:00:00.000Z", "2024-02-29T13:59:59.999Z"),
            ("now/d", "2024-02-29T00:00:00.000Z", "2024-02-29T23:59:59.999Z"),
            ("now/w", "2024-02-26T00:00:00.000Z", "2024-03-03T23:59:59.999Z"),
            ("now/M", "2024-02-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z"),
            ("now/y", "2024-01-01T00:00:00.000Z", "2024-12-31T23:59:59.999Z"),
            ("now-1d/d", "2024-02-28T00:00:00.000Z", "2024-02-28T23:59:59.999Z"),
            ("now/d/h", "2024-02-29T00:00:00.000Z", "2024-02-29T23:59:59.999Z"),
            ("now/d+1h", "2024-02-29T01:00:00.000Z", "2024-03-01T00:59:59.999Z"),
            ("9999-12-31||/y", "9999-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
        ] {
            check(text, first, last);
        }
        // Monday and Sunday lie in the same week.
        for day in ["2024-02-26", "2024-03-03T23:59:59"] {
            let week = span_of(&format!("{day}||/w"), NOW).unwrap();
            assert_eq!(week.first.to_string(), "2024-02-26T00:00:00.000Z");
            assert_eq!(week.last.nanos() - week.first.nanos(), 7 * 86_400 * NANOS_PER_SECOND - 1);
        }
    }

    #[test]
    fn every_unit_adds() {
        for (text, at) in [
            ("now+1y", "2025-02-28T13:45:30.500Z"),
            ("now+4y", "2028-02-29T13:45:30.500Z"),
            ("now-1M", "2024-01-29T13:45:30.500Z"),
            ("2024-01-31||+1M", "2024-02-29T00:00:00.000Z"),
            ("2023-01-31||+1M", "2023-02-28T00:00:00.000Z"),
            ("2024-03-31||-1M+1M", "2024-03-29T00:00:00.000Z"),
            ("now-2w", "2024-02-15T13:45:30.500Z"),
            ("now+d", "2024-03-01T13:45:30.500Z"),
            ("now-14h", "2024-02-28T23:45:30.500Z"),
            ("now+15m", "2024-02-29T14:00:30.500Z"),
            ("now-31s", "2024-02-29T13:44:59.500Z"),
            ("2021-03-05||", "2021-03-05T00:00:00.000Z"),
            ("2021||+1M", "2021-02-01T00:00:00.000Z"),
            ("1614902400000||+1d", "2021-03-06T00:00:00.000Z"),
            ("2021-03-05T23:00-05:00||+1h", "2021-03-06T05:00:00.000Z"),
        ] {
            check(text, at, at);
        }
        check("2021-03-05||+1M/d", "2021-04-05T00:00:00.000Z", "2021-04-05T23:59:59.999Z");
    }

    #[test]
    fn what_leaves_the_calendar_is_no_span() {
        for text in
            ["now+9999y", "now-2147483647y", "now+2147483647M", "9223372036854775807||+1d", "now+9999999d"]
        {
            assert_eq!(span_of(text, NOW), None, "{text}");
        }
        assert!(span_of("9223372036854775807", NOW).is_some());
    }
}
