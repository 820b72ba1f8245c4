//! What the outputs of a collection come to, as numbers.

use std::collections::{BTreeMap, BTreeSet};

use eqlc_backend::{Construct, constructs_of};
use eqlc_diagnostics::{Code, Severity};
use eqlc_driver::{Direction, Outcome, TargetReport};
use eqlc_ir::Rule;
use eqlc_verify::Proof;

/// How many outputs have which outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcomes(BTreeMap<Outcome, usize>);

impl Outcomes {
    fn add(&mut self, outcome: Outcome) {
        *self.0.entry(outcome).or_default() += 1;
    }

    /// Outputs with an outcome.
    pub(super) fn of(&self, outcome: Outcome) -> usize {
        self.0.get(&outcome).copied().unwrap_or(0)
    }

    /// All outputs, refused ones too.
    pub(super) fn all(&self) -> usize {
        self.0.values().sum()
    }

    fn merge(&mut self, other: &Self) {
        for (outcome, count) in &other.0 {
            *self.0.entry(*outcome).or_default() += count;
        }
    }
}

/// What is known of the losses of outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Losses {
    /// Rules with such a loss.
    pub(super) rules: usize,
    /// Losses, several of a rule counted apart.
    pub(super) all: usize,
    /// Those that events show.
    pub(super) shown: usize,
    /// Those that none of the events that were tried shows.
    pub(super) doubtful: usize,
}

/// The outputs of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Of every rule.
    pub(super) outcomes: Outcomes,
    /// Of the rules with a construct.
    pub(super) constructs: BTreeMap<Construct, Outcomes>,
    /// Rules that a code refuses.
    pub(super) refusals: BTreeMap<Code, usize>,
    /// Losses by code and direction.
    pub(super) losses: BTreeMap<(Code, &'static str), Losses>,
    /// Reports that a budget cut short.
    pub(super) cut: usize,
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Wider => "wider",
        Direction::Narrower => "narrower",
        Direction::Either => "either",
        Direction::Reordered => "reordered",
    }
}

impl Counts {
    /// The count of one rule.
    pub(super) fn of(rule: &Rule, report: &TargetReport) -> Self {
        let mut counts = Self { cut: usize::from(!report.cuts.is_empty()), ..Self::default() };
        counts.outcomes.add(report.outcome);
        for used in constructs_of(rule) {
            let outcomes = counts.constructs.entry(used.construct).or_default();
            *outcomes = counts.outcomes.clone();
        }
        let errors = report.refusal.iter().filter(|finding| finding.severity == Severity::Error);
        let codes: BTreeSet<Code> = errors.map(|finding| finding.code).collect();
        counts.refusals = codes.into_iter().map(|code| (code, 1)).collect();
        for judged in &report.losses {
            let losses =
                counts.losses.entry((judged.loss.code, direction(judged.loss.direction))).or_default();
            losses.rules = 1;
            losses.all += 1;
            losses.shown += usize::from(matches!(judged.proof, Proof::Shown { .. }));
            losses.doubtful += usize::from(matches!(judged.proof, Proof::Doubtful { .. }));
        }
        counts
    }

    /// Adds other counts.
    pub(super) fn merge(&mut self, other: &Self) {
        self.outcomes.merge(&other.outcomes);
        for (construct, outcomes) in &other.constructs {
            self.constructs.entry(*construct).or_default().merge(outcomes);
        }
        for (code, count) in &other.refusals {
            *self.refusals.entry(*code).or_default() += count;
        }
        for (key, losses) in &other.losses {
            let own = self.losses.entry(*key).or_default();
            own.rules += losses.rules;
            own.all += losses.all;
            own.shown += losses.shown;
            own.doubtful += losses.doubtful;
        }
        self.cut += other.cut;
    }
}

/// What a folder of rules comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Collection {
    /// What it is called: the last part of its path.
    pub(super) name: String,
    /// Rule files.
    pub(super) files: usize,
    /// Rules that were read.
    pub(super) rules: usize,
    /// Documents that hold no rule that could be read.
    pub(super) broken: usize,
    /// Codes of their errors, with the files that have them.
    pub(super) errors: BTreeMap<Code, usize>,
    /// For each column what its outputs come to.
    pub(super) columns: Vec<Counts>,
}
