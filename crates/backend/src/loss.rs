//! Where an output means something else than the rule.

use std::fmt;

use eqlc_diagnostics::{Code, Diagnostic, Severity, Span};
use serde::{Deserialize, Serialize};

/// Which way a loss bends the set of matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The output may match what the rule does not.
    Wider,
    /// The output may miss what the rule matches.
    Narrower,
    /// Both may happen.
    Either,
    /// Matches are the same, but are counted, grouped or ordered otherwise.
    Reordered,
}

impl Direction {
    /// The direction under a negation.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Wider => Self::Narrower,
            Self::Narrower => Self::Wider,
            same => same,
        }
    }

    /// Whether it allows a match that the rule does not have.
    #[must_use]
    pub fn allows_extra(self) -> bool {
        matches!(self, Self::Wider | Self::Either)
    }

    /// Whether it allows that a match of the rule is missed.
    #[must_use]
    pub fn allows_missing(self) -> bool {
        matches!(self, Self::Narrower | Self::Either)
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Either => "wider or narrower",
            Self::Reordered => "reordered",
        })
    }
}

/// One place where an output means something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// L-code.
    pub code: Code,
    /// Which way.
    pub direction: Direction,
    /// The place in the rule.
    pub span: Span,
    /// What the place says, in the IR's text form.
    pub place: String,
    /// Why, in one line: lower case, no full stop.
    pub why: String,
}

impl Loss {
    /// The loss as a finding: a note where matches stay the same, else a warning.
    #[must_use]
    pub fn to_diagnostic(&self, target: &str) -> Diagnostic {
        let severity = match self.direction {
            Direction::Reordered => Severity::Note,
            _ => Severity::Warning,
        };
        let message = format!("the `{target}` output is {}: {}", self.direction, self.why);
        Diagnostic::new(severity, self.code, message).at(self.span, self.place.clone())
    }
}
