//! Correlation rules (Sigma specification 2.1, "Sigma Correlation Rules").

use std::fmt;

use eqlc_diagnostics::Node;

use crate::meta::words;
use crate::{Condition, Value};

words! {
    /// What a correlation does with the events of its rules.
    CorrelationType {
        /// Counts events.
        EventCount = "event_count";
        /// Counts the different values of a field.
        ValueCount = "value_count";
        /// All rules match within the time span.
        Temporal = "temporal";
        /// All rules match within the time span, in the order listed.
        TemporalOrdered = "temporal_ordered";
        /// Adds up a field.
        ValueSum = "value_sum";
        /// The mean of a field.
        ValueAvg = "value_avg";
        /// A percentile of a field.
        ValuePercentile = "value_percentile";
        /// The median of a field; of pySigma, not in the specification.
        ValueMedian = "value_median";
    }
}

impl CorrelationType {
    /// Whether the type works on matches in time instead of on a number.
    #[must_use]
    pub const fn is_temporal(self) -> bool {
        matches!(self, Self::Temporal | Self::TemporalOrdered)
    }

    /// Whether the condition must name a field.
    #[must_use]
    pub const fn needs_field(self) -> bool {
        !matches!(self, Self::Temporal | Self::TemporalOrdered | Self::EventCount)
    }
}

words! {
    /// How a number is compared in a condition.
    Relation {
        /// Equal.
        Eq = "eq";
        /// Not equal.
        Neq = "neq";
        /// Greater than.
        Gt = "gt";
        /// Greater than or equal.
        Gte = "gte";
        /// Less than.
        Lt = "lt";
        /// Less than or equal.
        Lte = "lte";
    }
}

words! {
    /// The unit of a time span.
    TimeUnit {
        /// Seconds.
        Second = "s";
        /// Minutes.
        Minute = "m";
        /// Hours.
        Hour = "h";
        /// Days of 24 hours.
        Day = "d";
        /// Weeks of seven days; of pySigma, not in the specification.
        Week = "w";
    }
}

/// A length of time as written: a count and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timespan {
    /// How many.
    pub count: u64,
    /// Of what.
    pub unit: TimeUnit,
}

impl Timespan {
    /// Reads `15m` and the like; none if it is not of that form or over `u64`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = TimeUnit::find(text.strip_prefix(digits)?)?;
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Self { count: digits.parse().ok()?, unit })
    }

    /// The length in seconds; at the limit of `u64` if it is longer.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        let unit = match self.unit {
            TimeUnit::Second => 1,
            TimeUnit::Minute => 60,
            TimeUnit::Hour => 3_600,
            TimeUnit::Day => 86_400,
            TimeUnit::Week => 604_800,
        };
        self.count.saturating_mul(unit)
    }
}

impl fmt::Display for Timespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit)
    }
}

/// `correlation:` of a correlation rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    /// `type`.
    pub kind: Node<CorrelationType>,
    /// `rules`: the `id` or `name` of each, in order.
    pub rules: Vec<Node<String>>,
    /// `aliases` of fields.
    pub aliases: Vec<Alias>,
    /// `group-by`: fields (or aliases) whose values must agree; may be empty.
    pub group_by: Vec<Node<String>>,
    /// `timespan`: how far apart the events may be.
    pub timespan: Node<Timespan>,
    /// `condition`; temporal types need none.
    pub condition: Option<CorrelationCondition>,
    /// `generate`: whether the rules also give output of their own; absent means no.
    pub generate: Option<Node<bool>>,
}

impl Correlation {
    /// A correlation made by code: no group, alias or condition yet.
    pub fn new(kind: CorrelationType, rules: impl IntoIterator<Item = String>, timespan: Timespan) -> Self {
        use crate::detection::bare;
        Self {
            kind: bare(kind),
            rules: rules.into_iter().map(bare).collect(),
            aliases: Vec::new(),
            group_by: Vec::new(),
            timespan: bare(timespan),
            condition: None,
            generate: None,
        }
    }
}

/// One name for a field that each rule calls otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The common name.
    pub name: Node<String>,
    /// The rule and its field, in the order written.
    pub fields: Vec<(Node<String>, Node<String>)>,
}

/// `condition:` of a correlation.
#[derive(Clone, Debug, PartialEq)]
pub enum CorrelationCondition {
    /// A number to compare with.
    Aggregate(Aggregate),
    /// An expression over the rules instead of "all of them"; temporal types only, and pySigma's extension.
    Rules(Node<Condition>),
}

/// A comparison of the number that a correlation computes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregate {
    /// The comparisons, all of which hold; never empty in a file read without errors.
    pub relations: Vec<(Node<Relation>, Node<Value>)>,
    /// The fields that are counted or computed with.
    pub field: Vec<Node<String>>,
    /// Which percentile, from 0 to 100.
    pub percentile: Option<Node<Value>>,
}
