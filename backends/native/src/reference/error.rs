//! Why a rule cannot be run.

use std::fmt;

use eqlc_diagnostics::Span;

/// Why a rule cannot be run. All but the last three are found before the first event is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunError {
    /// Conditions or values are nested deeper than the evaluator goes.
    TooDeep,
    /// A sequence of this many steps, repetitions counted (`eql-semantics.md` §3 allows 256).
    TooManySteps(u64),
    /// Every step of a sequence asks for a missing event.
    NoPositiveStep,
    /// A sample of this many terms (§3 allows 5).
    TooManyTerms(usize),
    /// A kind of correlation without a meaning here.
    CorrelationKind,
    /// A date relative to now, in a run that does not say when that is (§6.1).
    NoNow {
        /// The date as written.
        text: String,
        /// Where.
        span: Span,
    },
    /// A date that lies outside the calendar of the evaluator.
    DateRange {
        /// The date as written.
        text: String,
        /// Where.
        span: Span,
    },
    /// A regular expression that Rust's engine has no form for, and why.
    Regex {
        /// The reason, as the end of a sentence.
        reason: String,
        /// Where.
        span: Span,
    },
    /// An element or a step that has no such name where it is used (§14).
    UnknownName {
        /// The name, with `$` for an element.
        name: String,
        /// Where.
        span: Span,
    },
    /// A condition on elements or processes as a value of another condition.
    InsideValue,
    /// The values of the fields of a test combine to more than [`super::MAX_CHOICES`] choices.
    TooManyChoices {
        /// Where the test was written.
        span: Span,
        /// The event, by its place among the events of its input, from 0.
        event: usize,
    },
    /// The values of the key fields of an event combine to more than [`super::MAX_CHOICES`] keys.
    TooManyKeys {
        /// The event, by its place among the events of its input, from 0.
        event: usize,
    },
    /// The run did not end before [`super::RunOptions::until`].
    OutOfTime,
}

impl RunError {
    /// Where in the rule, if at a place.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::NoNow { span, .. }
            | Self::DateRange { span, .. }
            | Self::Regex { span, .. }
            | Self::UnknownName { span, .. }
            | Self::TooManyChoices { span, .. } => Some(*span),
            _ => None,
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => f.write_str("the rule is nested too deeply to be evaluated"),
            Self::TooManySteps(count) => write!(f, "a sequence of {count} steps; at most 256 are possible"),
            Self::NoPositiveStep => f.write_str("every step of the sequence asks for a missing event"),
            Self::TooManyTerms(count) => write!(f, "a sample of {count} terms; at most 5 are possible"),
            Self::CorrelationKind => f.write_str("this kind of correlation cannot be evaluated"),
            Self::NoNow { text, .. } => write!(f, "`{text}` needs the present, and the run has none"),
            Self::DateRange { text, .. } => write!(f, "`{text}` lies outside the years -9999 to 9999"),
            Self::Regex { reason, .. } => write!(f, "the regular expression cannot be evaluated: {reason}"),
            Self::UnknownName { name, .. } => write!(f, "nothing is named `{name}` here"),
            Self::InsideValue => {
                f.write_str("conditions on elements and on other processes are no values of others")
            }
            Self::TooManyChoices { event, .. } => {
                write!(f, "the values of the fields of one test combine in too many ways in event {event}")
            }
            Self::OutOfTime => f.write_str("the evaluation ran out of time"),
            Self::TooManyKeys { event } => write!(f, "event {event} has too many join keys"),
        }
    }
}

impl std::error::Error for RunError {}
