//! The answer of a verification, as data.

use std::collections::BTreeMap;

use eqlc_backend::{Direction, Loss, Settings, Target};
use eqlc_diagnostics::Diagnostics;
use serde::Serialize;
use serde_json::Value;

use crate::circumstance::Circumstance;
use crate::diff::Way;
use crate::effort::Cut;
use crate::verdict::Verdict;

/// How an output relates to its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every law holds on the streams that were compared, and no loss bends a match.
    Exact,
    /// Every law holds; by the recorded losses the output may match more than the rule.
    Wider,
    /// Every law holds; by the recorded losses the output may match less than the rule.
    Narrower,
    /// Every law holds; by the recorded losses the output may match more in one place and less in another.
    Either,
    /// There are no streams, or the target could be asked about none of them: of the laws only those on the text of the
    /// output were checked, and losses say no more than what was recorded. It is no success.
    Uncompared,
    /// The target cannot hold the rule.
    Refused,
    /// A law fails.
    Disagrees,
}

impl Outcome {
    /// What recorded losses make of an output that keeps every law.
    #[must_use]
    pub fn of_losses<'l>(losses: impl IntoIterator<Item = &'l Loss>) -> Self {
        let (mut wider, mut narrower) = (false, false);
        for loss in losses {
            wider |= loss.direction.allows_extra();
            narrower |= loss.direction.allows_missing();
        }
        match (wider, narrower) {
            (false, false) => Self::Exact,
            (true, false) => Self::Wider,
            (false, true) => Self::Narrower,
            (true, true) => Self::Either,
        }
    }

    /// Whether losses bend matches and every law holds.
    #[must_use]
    pub fn is_lossy(self) -> bool {
        matches!(self, Self::Wider | Self::Narrower | Self::Either)
    }

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Either => "either",
            Self::Uncompared => "uncompared",
            Self::Refused => "refused",
            Self::Disagrees => "disagrees",
        }
    }
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
    /// Events that show it, as few and small as was found: of the law that an output agrees with its rule.
    pub shown: Option<Separating>,
}

/// A stream that a target could not be asked about.
#[derive(Clone, Debug, Serialize)]
pub struct Skip {
    /// The stream.
    pub stream: String,
    /// Why.
    pub reason: String,
}

impl Skip {
    /// The reason without the place of the event in its stream.
    fn of_any_event(&self) -> &str {
        let at = self.reason.strip_prefix("event ").and_then(|rest| rest.split_once(": "));
        let digits = |place: &str| place.bytes().all(|digit| digit.is_ascii_digit());
        at.filter(|(place, _)| digits(place)).map_or(self.reason.as_str(), |(_, reason)| reason)
    }
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

/// Events that a rule and its output judge differently, made as few and small as could be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Separating {
    /// Who finds more in them.
    pub only: Side,
    /// The stream from which they were made.
    pub from: String,
    /// Under which circumstance they tell rule and output apart.
    pub circumstance: Circumstance,
    /// The events, in the order of their time.
    pub events: Vec<Value>,
    /// What the rule finds in them.
    pub rule: Verdict,
    /// What the output finds in them.
    pub output: Verdict,
}

/// The side that finds a match which the other does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The rule.
    Rule,
    /// The output.
    Output,
}

impl Side {
    pub(crate) fn way(self) -> Way {
        match self {
            Self::Rule => Way::LeftOnly,
            Self::Output => Way::RightOnly,
        }
    }
}

/// A loss with what was found out about it.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedLoss {
    /// The loss.
    #[serde(flatten)]
    pub loss: Loss,
    /// Whether it is a loss at all.
    pub proof: Proof,
}

/// Whether an output really differs from its rule where a loss says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Proof {
    /// It does: the events that show it, the output's surplus first. A loss of either direction is shown by one.
    Shown {
        /// The events.
        by: Vec<Separating>,
    },
    /// Its direction leaves the matches alone: there is nothing to show.
    NotNeeded,
    /// None of the events that were tried shows it: the loss may be one on paper only.
    Doubtful {
        /// How many streams were tried.
        tried: usize,
        /// What is known of the reason.
        why: Option<String>,
    },
    /// It was not looked at: no events were made, or a budget was used up.
    NotTried,
}

/// One rule on one target.
#[derive(Clone, Debug, Serialize)]
pub struct TargetReport {
    /// The target's id.
    pub target: String,
    /// The options of the target, `profile` for one, and the output format, `format`.
    pub options: BTreeMap<String, String>,
    /// How it went.
    pub outcome: Outcome,
    /// Streams whose verdicts were compared.
    pub compared: usize,
    /// Those of them that were made from the rule, and are not of the fixture.
    pub made: usize,
    /// Those of them, and of the sets of rows that are made of the emitted rule, in which the output found something.
    /// Where there are none, that it agrees says little.
    pub matched: usize,
    /// Streams that were not, with the reason.
    pub skipped: Vec<Skip>,
    /// Why no events were made from the rule, where none were.
    pub without: Option<String>,
    /// Laws that failed.
    pub failures: Vec<Failure>,
    /// Losses that were recorded, each with its proof.
    pub losses: Vec<JudgedLoss>,
    /// Streams of the fixture that show a loss.
    pub separations: Vec<Separation>,
    /// Why it was refused.
    pub refusal: Diagnostics,
    /// What was left undone for want of a budget.
    pub cuts: Vec<Cut>,
}

impl TargetReport {
    /// A report without findings yet, on a target with settings.
    #[must_use]
    pub fn new(target: &Target, settings: &Settings) -> Self {
        let mut options: BTreeMap<String, String> = target
            .options
            .iter()
            .map(|option| (option.name.clone(), settings.option(target, &option.name).to_owned()))
            .collect();
        options.insert("format".to_owned(), settings.format(target).to_owned());
        Self {
            target: target.id.clone(),
            options,
            outcome: Outcome::Exact,
            compared: 0,
            made: 0,
            matched: 0,
            skipped: Vec::new(),
            without: None,
            failures: Vec::new(),
            losses: Vec::new(),
            separations: Vec::new(),
            refusal: Vec::new(),
            cuts: Vec::new(),
        }
    }

    /// Adds a failed law.
    pub fn fail(&mut self, law: Law, stream: Option<&str>, found: impl Into<String>) {
        let (stream, found) = (stream.map(str::to_owned), found.into());
        self.failures.push(Failure { law, stream, found, shown: None });
    }

    /// The losses that nothing shows.
    pub fn doubtful(&self) -> impl Iterator<Item = &JudgedLoss> {
        self.losses.iter().filter(|judged| matches!(judged.proof, Proof::Doubtful { .. }))
    }

    /// The reason for which most streams were not compared, whichever of their events it is about; of several, the one
    /// that comes first.
    #[must_use]
    pub fn main_reason(&self) -> Option<&str> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for skip in &self.skipped {
            *counts.entry(skip.of_any_event()).or_default() += 1;
        }
        let most = counts.values().copied().max()?;
        self.skipped.iter().map(Skip::of_any_event).find(|reason| counts.get(reason) == Some(&most))
    }

    /// Settles the outcome from what was found.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.outcome = if !self.failures.is_empty() {
            Outcome::Disagrees
        } else if !self.refusal.is_empty() {
            Outcome::Refused
        } else if self.compared == 0 {
            Outcome::Uncompared
        } else {
            Outcome::of_losses(self.losses.iter().map(|judged| &judged.loss))
        };
        self
    }
}

impl JudgedLoss {
    /// A loss that nobody has looked at yet.
    #[must_use]
    pub fn new(loss: Loss) -> Self {
        let proof = match loss.direction {
            Direction::Reordered => Proof::NotNeeded,
            Direction::Wider | Direction::Narrower | Direction::Either => Proof::NotTried,
        };
        Self { loss, proof }
    }
}
