//! The answer of a verification, as data.

use eqlc_backend::Loss;
use eqlc_diagnostics::Diagnostics;
use serde::Serialize;

/// How an output relates to its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every law holds and no loss bends a match.
    Exact,
    /// Every law holds within the recorded losses.
    Lossy,
    /// The target cannot hold the rule.
    Refused,
    /// A law fails.
    Disagrees,
}

/// The laws that every output is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// The rule finds in each fixture what the fixture says.
    Fixture,
    /// The output parses in the target's own grammar.
    Parses,
    /// Parsing and printing the output gives the output.
    Reprints,
    /// Lowering the output gives the rule that was emitted.
    LowersBack,
    /// The output finds what the emitted rule means, exactly.
    MeansWhatWasEmitted,
    /// The output finds what the rule finds, within the recorded losses.
    AgreesWithRule,
}

impl Law {
    /// The law in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Fixture => "the rule finds what its fixture says",
            Self::Parses => "the output parses",
            Self::Reprints => "the output, parsed and printed, is the output",
            Self::LowersBack => "the output lowers to the rule that was emitted",
            Self::MeansWhatWasEmitted => "the output finds what the emitted rule means",
            Self::AgreesWithRule => "the output finds what the rule finds, within the recorded losses",
        }
    }
}

/// A law that failed.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// Which.
    pub law: Law,
    /// The stream it failed on, if it was one.
    pub stream: Option<String>,
    /// What was wanted and what was found, in one line.
    pub found: String,
}

/// A stream that a target could not be asked about.
#[derive(Clone, Debug, Serialize)]
pub struct Skip {
    /// The stream.
    pub stream: String,
    /// Why.
    pub reason: String,
}

/// A recorded loss, seen at work on a stream.
#[derive(Clone, Debug, Serialize)]
pub struct Separation {
    /// The stream where rule and output differ.
    pub stream: String,
    /// Matches of the output alone.
    pub extra: Vec<Vec<usize>>,
    /// Matches of the rule alone.
    pub missing: Vec<Vec<usize>>,
}

/// One rule on one target.
#[derive(Clone, Debug)]
pub struct TargetReport {
    /// The target's id.
    pub target: String,
    /// How it went.
    pub outcome: Outcome,
    /// Streams whose verdicts were compared.
    pub compared: usize,
    /// Streams that were not, with the reason.
    pub skipped: Vec<Skip>,
    /// Laws that failed.
    pub failures: Vec<Failure>,
    /// Losses that were recorded.
    pub losses: Vec<Loss>,
    /// Streams that show a loss.
    pub separations: Vec<Separation>,
    /// Why it was refused.
    pub refusal: Diagnostics,
}

impl TargetReport {
    /// A report without findings yet.
    #[must_use]
    pub fn new(target: &str) -> Self {
        Self {
            target: target.to_owned(),
            outcome: Outcome::Exact,
            compared: 0,
            skipped: Vec::new(),
            failures: Vec::new(),
            losses: Vec::new(),
            separations: Vec::new(),
            refusal: Vec::new(),
        }
    }

    /// Adds a failed law.
    pub fn fail(&mut self, law: Law, stream: Option<&str>, found: impl Into<String>) {
        self.failures.push(Failure { law, stream: stream.map(str::to_owned), found: found.into() });
    }

    /// Settles the outcome from what was found.
    #[must_use]
    pub fn settled(mut self) -> Self {
        let bent = self.losses.iter().any(|loss| loss.direction != eqlc_backend::Direction::Reordered);
        self.outcome = if !self.failures.is_empty() {
            Outcome::Disagrees
        } else if !self.refusal.is_empty() {
            Outcome::Refused
        } else if bent {
            Outcome::Lossy
        } else {
            Outcome::Exact
        };
        self
    }
}
