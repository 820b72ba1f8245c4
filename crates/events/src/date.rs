//! Dates as events and rules write them.

use std::fmt;

use jiff::civil::{Date, DateTime};

use crate::{Event, Value, civil};

const NANOS_PER_MILLI: i128 = 1_000_000;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// An instant, in nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i128);

impl Timestamp {
    /// The instant so many nanoseconds after the epoch.
    #[must_use]
    pub fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// The instant so many milliseconds after the epoch; none beyond the range of nanoseconds.
    #[must_use]
    pub fn from_millis(millis: i128) -> Option<Self> {
        millis.checked_mul(NANOS_PER_MILLI).map(Self)
    }

    /// The present, by the clock of the machine, in whole milliseconds.
    #[must_use]
    pub fn now() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A clock before 1970 is none.
        let millis = since.map_or(0, |since| since.as_millis());
        i128::try_from(millis).ok().and_then(Self::from_millis).unwrap_or(Self(0))
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub fn nanos(self) -> i128 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded down.
    #[must_use]
    pub fn millis(self) -> i128 {
        self.0.div_euclid(NANOS_PER_MILLI)
    }

    /// The instant that a value of a date field names: a number is milliseconds since the epoch, a text is
    /// read as by [`DateSpan::parse`] and stands for the first instant of its span.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Int(millis) => Self::from_millis(*millis),
            Value::Float(millis) => from_float_millis(*millis),
            Value::Str(text) => DateSpan::parse(text).map(|span| span.first),
            Value::Bool(_) => None,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates and fractions of a nanosecond go")]
fn from_float_millis(millis: f64) -> Option<Timestamp> {
    let nanos = millis * 1e6;
    // Beyond this a float no longer holds single milliseconds, and no calendar reaches there.
    (nanos.abs() < 1e24).then(|| Timestamp(nanos.round() as i128))
}

impl fmt::Display for Timestamp {
    /// ISO 8601 in UTC with milliseconds; milliseconds since the epoch outside the years −9999 to 9999.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match civil::utc(*self) {
            Some(clock) => write!(f, "{}", clock.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")),
            None => self.millis().fmt(f),
        }
    }
}

/// The instants that a date text covers: a text with missing parts is a span (`eql-semantics.md` §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateSpan {
    /// The first instant: missing parts rounded down.
    pub first: Timestamp,
    /// The last instant, included: missing parts rounded up.
    pub last: Timestamp,
}

impl DateSpan {
    /// The span of one instant.
    #[must_use]
    pub fn instant(at: Timestamp) -> Self {
        Self { first: at, last: at }
    }

    /// Reads `2020`, `2020-01`, `2020-01-02`, then `T` (or a blank) and `HH`, `HH:MM`, `HH:MM:SS` and a
    /// fraction, then `Z`, `±HH`, `±HHMM` or `±HH:MM` (absent: UTC); or a whole number of any other length
    /// than four digits as milliseconds since the epoch. None for anything else, date math included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(millis) = epoch_millis(text) {
            return Timestamp::from_millis(millis).map(Self::instant);
        }
        let parts = Parts::parse(text)?;
        Some(Self { first: parts.first()?, last: parts.last()? })
    }
}

/// Four digits are a year, as in Elasticsearch's `strict_date_optional_time||epoch_millis`.
pub(crate) fn epoch_millis(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit());
    (plain && text.len() != 4).then(|| text.parse().ok()).flatten()
}

impl Event<'_> {
    /// The instant of a date field: its first value that names one. None if there is no such value.
    #[must_use]
    pub fn timestamp(&self, path: &str) -> Option<Timestamp> {
        self.values(path).iter().find_map(Timestamp::of)
    }
}

/// The parts of a date text; each is present only if those before it are.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) year: i16,
    pub(crate) month: Option<i8>,
    pub(crate) day: Option<i8>,
    pub(crate) hour: Option<i8>,
    pub(crate) minute: Option<i8>,
    second: Option<i8>,
    nanos: Option<i32>,
    /// Seconds east of Greenwich.
    offset: i128,
}

impl Parts {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = Cursor { text };
        let parts = Self::read(&mut rest)?;
        rest.text.is_empty().then_some(parts)
    }

    fn read(rest: &mut Cursor<'_>) -> Option<Self> {
        let mut parts = Self { year: rest.number(4)?, ..Self::default() };
        if !rest.eat(&['-']) {
            return Some(parts);
        }
        parts.month = Some(rest.number(2)?);
        if !rest.eat(&['-']) {
            return Some(parts);
        }
        parts.day = Some(rest.number(2)?);
        if !rest.eat(&['T', ' ']) {
            return Some(parts);
        }
        parts.read_time(rest)?;
        parts.offset = offset(rest)?;
        Some(parts)
    }

    fn read_time(&mut self, rest: &mut Cursor<'_>) -> Option<()> {
        self.hour = Some(rest.number(2)?);
        if !rest.eat(&[':']) {
            return Some(());
        }
        self.minute = Some(rest.number(2)?);
        if !rest.eat(&[':']) {
            return Some(());
        }
        self.second = Some(rest.number(2)?);
        if rest.eat(&['.', ',']) {
            self.nanos = Some(rest.fraction()?);
        }
        Some(())
    }

    fn first(&self) -> Option<Timestamp> {
        let date = Date::new(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1)).ok()?;
        self.at(date, [0, 0, 0], 0)
    }

    fn last(&self) -> Option<Timestamp> {
        let month = Date::new(self.year, self.month.unwrap_or(12), 1).ok()?;
        let date = Date::new(self.year, month.month(), self.day.unwrap_or(month.days_in_month())).ok()?;
        self.at(date, [23, 59, 59], 999_999_999)
    }

    /// The instant with missing parts of the time taken from `clock` and `nanos`.
    fn at(&self, date: Date, [hour, minute, second]: [i8; 3], nanos: i32) -> Option<Timestamp> {
        let clock = jiff::civil::Time::new(
            self.hour.unwrap_or(hour),
            self.minute.unwrap_or(minute),
            self.second.unwrap_or(second),
            self.nanos.unwrap_or(nanos),
        );
        let local = civil::instant(DateTime::from_parts(date, clock.ok()?));
        Some(Timestamp(local.nanos() - self.offset * NANOS_PER_SECOND))
    }
}

fn offset(rest: &mut Cursor<'_>) -> Option<i128> {
    if rest.text.is_empty() || rest.eat(&['Z']) {
        return Some(0);
    }
    let west = rest.eat(&['-']);
    if !west && !rest.eat(&['+']) {
        return None;
    }
    let hours: i128 = rest.number(2)?;
    let colon = rest.eat(&[':']);
    let minutes: i128 = if colon || !rest.text.is_empty() { rest.number(2)? } else { 0 };
    if hours > 18 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    Some(if west { -seconds } else { seconds })
}

/// What is left of a text.
struct Cursor<'text> {
    text: &'text str,
}

impl Cursor<'_> {
    fn eat(&mut self, any: &[char]) -> bool {
        match self.text.strip_prefix(any) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    /// Exactly so many digits.
    fn number<T: std::str::FromStr>(&mut self, digits: usize) -> Option<T> {
        let (head, rest) = self.text.split_at_checked(digits)?;
        head.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
        self.text = rest;
        head.parse().ok()
    }

    /// One digit at least, as nanoseconds; digits after the ninth are dropped.
    fn fraction(&mut self) -> Option<i32> {
        let length = self.text.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.text.split_at_checked(length)?;
        (length > 0).then_some(())?;
        self.text = rest;
        Some(
            digits
                .bytes()
                .chain(std::iter::repeat(b'0'))
                .take(9)
                .fold(0, |n, b| n * 10 + i32::from(b - b'0')),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn span(text: &str) -> (String, String) {
        let span = DateSpan::parse(text).unwrap_or_else(|| panic!("{text} is no date"));
        (span.first.to_string(), span.last.to_string())
    }

    #[test]
    fn missing_parts_make_a_span() {
        for (text, first, last) in [
            ("2020", "2020-01-01T00:00:00.000Z", "2020-12-31T23:59:59.999Z"),
            ("2020-02", "2020-02-01T00:00:00.000Z", "2020-02-29T23:59:59.999Z"),
            ("2020-02-03", "2020-02-03T00:00:00.000Z", "2020-02-03T23:59:59.999Z"),
            ("2020-02-03T04", "2020-02-03T04:00:00.000Z", "2020-02-03T04:59:59.999Z"),
            ("2020-02-03T04:05", "2020-02-03T04:05:00.000Z", "2020-02-03T04:05:59.999Z"),
            ("2020-02-03 04:05:06", "2020-02-03T04:05:06.000Z", "2020-02-03T04:05:06.999Z"),
        ] {
            assert_eq!(span(text), (first.to_owned(), last.to_owned()), "{text}");
        }
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00.5Z", 500_000_000),
            ("1970-01-01T00:00:00,000000001Z", 1),
            ("1970-01-01T00:00:00.1234567899Z", 123_456_789),
            ("1970-01-01T01:30:00.0+01:30", 0),
            ("1969-12-31T23:00:00.0-0100", 0),
            ("1969-12-31T22:00:00.0-02", 0),
            ("1500", -14_831_769_600_000_000_000),
            ("15000", 15_000_000_000),
            ("999", 999_000_000),
            ("-15", -15_000_000),
        ] {
            assert_eq!(DateSpan::parse(text).map(|span| span.first.nanos()), Some(nanos), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "now",
            "now-1d/d",
            "2020-13",
            "2020-02-30",
            "2020-1-1",
            "2020-01-01T",
            "2020-01-01T25",
            "2020-01-01Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00+",
            "2020-01-01T00:00:00Zx",
            "20-01-01",
            "2020-01-01||+1M",
            "ä020",
            "12:00",
            "-",
            "99999999999999999999999",
        ] {
            assert_eq!(DateSpan::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_milliseconds() {
        assert_eq!(Timestamp::of(&Value::Int(1)).map(Timestamp::nanos), Some(1_000_000));
        assert_eq!(Timestamp::of(&Value::Float(1.5)).map(Timestamp::nanos), Some(1_500_000));
        assert_eq!(Timestamp::of(&Value::Int(i128::MAX)), None);
        assert_eq!(Timestamp::of(&Value::Float(f64::MAX)), None);
        assert_eq!(Timestamp::of(&Value::Bool(true)), None);
        assert_eq!(Timestamp::from_nanos(-1).millis(), -1);
        assert_eq!(Timestamp::from_nanos(i128::MAX).to_string(), (i128::MAX / 1_000_000).to_string());
    }
}
