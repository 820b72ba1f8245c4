//! Bounds of dates: what a constant stands for beside a date (`eql-semantics.md` §6.1).
//!
//! # Meaning
//!
//! A bound is a text of three forms, read once by [`DateBound::parse`]:
//!
//! * a **date** of the calendar whose later parts may be left out: `2021`, `2021-03`, `2021-03-05`, then `T` and
//!   the time `12`, `12:30`, `12:30:15`, `12:30:15.5`, then `Z` or an offset (absent: UTC);
//! * a whole number, **milliseconds** since 1970 (four digits are a year);
//! * **date math**: `now`, or one of those two and `||`, and behind it steps: `+1M` adds, `-2d` subtracts, `/d`
//!   rounds; a missing number is 1. Units: `y M w d h H m s`; weeks start on Monday.
//!
//! It stands for a **span** of instants, from its first to its last, both included:
//!
//! * parts of a date that are left out are the least ones in the first instant and the greatest ones in the last;
//!   of a number, what is below a millisecond is left out;
//! * `now` is one instant, the same for a whole run, which the run is given; so is a date before `||`: the first of
//!   its span;
//! * steps are taken from left to right, in UTC. Adding years or months keeps the day of the month, or takes the
//!   last one of a shorter month. Rounding goes to the first instant of the unit in the first of the span, and to
//!   the last instant of the unit in the last of it. (Elasticsearch's last instant is the last *millisecond*; no
//!   instant of a `date` field tells the two apart.)
//!
//! A date `x` is compared with a span so: `x == b` holds inside of it, both ends included; `x > b` behind its
//! last instant, `x >= b` from its first on, `x < b` before its first, `x <= b` up to its last.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

mod read;
#[cfg(test)]
mod tests;

/// A bound: what a constant of a rule says of dates. The meaning stands in the docs of [this module](self).
///
/// Equality is that of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateBound {
    text: String,
    anchor: Anchor,
    steps: Vec<DateStep>,
}

/// Where date math starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The instant that the run is given.
    Now,
    /// A date with parts left out.
    Date(PartialDate),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Millis(i64),
}

/// A date of the calendar. A part is present only if those before it are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartialDate {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to the length of the month.
    pub day: Option<u8>,
    /// 0 to 23.
    pub hour: Option<u8>,
    /// 0 to 59.
    pub minute: Option<u8>,
    /// 0 to 59.
    pub second: Option<u8>,
    /// Billionths of the second.
    pub nanos: Option<u32>,
    /// Seconds that the clock is ahead of UTC.
    pub offset: i32,
}

/// A step of date math.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStep {
    /// So many units later; earlier if negative.
    Add(i32, DateUnit),
    /// To the start or end of the unit.
    Round(DateUnit),
}

/// A unit of date math.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateUnit {
    /// `y`
    Year,
    /// `M`
    Month,
    /// `w`, from Monday.
    Week,
    /// `d`
    Day,
    /// `h` or `H`
    Hour,
    /// `m`
    Minute,
    /// `s`
    Second,
}

/// What is wrong with a text that should be a bound; the range counts its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateProblem {
    /// Whether the part before the math is wrong, rather than the math.
    pub in_date: bool,
    /// Where.
    pub at: Range<usize>,
    /// What, as a message.
    pub message: String,
    /// What to write instead, if it can be said.
    pub help: Option<&'static str>,
    /// What repairs it in the place of what stands `at`.
    pub repair: Option<String>,
}

impl DateBound {
    /// Reads a bound.
    ///
    /// # Errors
    /// The first thing that Elasticsearch refuses too. Names of time zones, which it takes, are refused.
    pub fn parse(text: &str) -> Result<Self, DateProblem> {
        let (anchor, steps) = read::bound(text)?;
        Ok(Self { text: text.to_owned(), anchor, steps })
    }

    /// So many milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn of_millis(millis: i64) -> Self {
        // Four digits would be a year.
        Self { text: format!("{millis:05}"), anchor: Anchor::Millis(millis), steps: Vec::new() }
    }

    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it starts.
    #[must_use]
    pub fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// The steps from there, in order.
    #[must_use]
    pub fn steps(&self) -> &[DateStep] {
        &self.steps
    }

    /// Whether a run must say what now is.
    #[must_use]
    pub fn needs_now(&self) -> bool {
        self.anchor == Anchor::Now
    }

    /// Whether it is date math, which few engines have, and no plain date.
    #[must_use]
    pub fn is_math(&self) -> bool {
        self.needs_now() || self.text.contains("||")
    }
}

impl fmt::Display for DateBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for DateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DateProblem {}

impl TryFrom<String> for DateBound {
    type Error = DateProblem;

    fn try_from(text: String) -> Result<Self, DateProblem> {
        Self::parse(&text)
    }
}

impl From<DateBound> for String {
    fn from(bound: DateBound) -> Self {
        bound.text
    }
}
