//! Counts of mutants.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Settings;
use super::judge::Fate;
use super::operator::Operator;

/// How many mutants came to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Outputs in the language of the target.
    pub made: usize,
    /// Those that mean the same, by form or proof.
    pub equivalent: usize,
    /// Those that find the same rows.
    pub same_rows: usize,
    /// Those that the verifier noticed.
    pub caught: usize,
    /// Those of them that events show.
    pub by_events: usize,
    /// Those of which nothing was noticed although they mean something else.
    pub missed: usize,
    /// Those of which no event shows a difference and none is proven.
    pub undecided: usize,
    /// What would have been no output: not counted as made.
    pub invalid: usize,
}

impl Counts {
    fn add(&mut self, fate: Fate) {
        if fate == Fate::Invalid {
            self.invalid += 1;
            return;
        }
        self.made += 1;
        match fate {
            Fate::Invalid => {}
            Fate::Equivalent => self.equivalent += 1,
            Fate::SameRows => self.same_rows += 1,
            Fate::Caught => {
                self.caught += 1;
                self.by_events += 1;
            }
            Fate::CaughtByText => self.caught += 1,
            Fate::UndecidedInText => {
                self.caught += 1;
                self.undecided += 1;
            }
            Fate::Missed => self.missed += 1,
            Fate::Undecided => {
                self.missed += 1;
                self.undecided += 1;
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.made += other.made;
        self.equivalent += other.equivalent;
        self.same_rows += other.same_rows;
        self.caught += other.caught;
        self.by_events += other.by_events;
        self.missed += other.missed;
        self.undecided += other.undecided;
        self.invalid += other.invalid;
    }

    /// Mutants that mean something else, as far as is known.
    #[must_use]
    pub fn different(&self) -> usize {
        self.made - self.equivalent - self.same_rows
    }

    /// The share of these that was caught, in hundredths of a percent; all of none.
    #[must_use]
    pub fn caught_share(&self) -> usize {
        share(self.caught, self.different())
    }

    /// The share of these that events show.
    #[must_use]
    pub fn events_share(&self) -> usize {
        share(self.by_events, self.different())
    }
}

fn share(some: usize, all: usize) -> usize {
    (some * 10_000).checked_div(all).unwrap_or(10_000)
}

/// A mutant that is told in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Survivor {
    /// The place of its column among those of the report.
    pub column: usize,
    /// What was done.
    pub operator: Operator,
    /// What became of it.
    pub fate: Fate,
    /// The rule: its file below the folder that was named, and its number there.
    pub rule: String,
    /// The number of the mutant.
    pub at: usize,
    /// The output.
    pub sound: String,
    /// The mutant.
    pub mutant: String,
}

/// What was counted for some rules.
#[derive(Debug, Default)]
pub(super) struct Tally {
    outputs: BTreeMap<usize, usize>,
    counts: BTreeMap<(usize, Operator), Counts>,
    pub(super) told: Vec<Survivor>,
    pub(super) unsound: Vec<String>,
}

impl Tally {
    pub(super) fn output(&mut self, column: usize) {
        *self.outputs.entry(column).or_default() += 1;
    }

    pub(super) fn add(&mut self, row: (usize, Operator), fate: Fate) {
        self.counts.entry(row).or_default().add(fate);
    }
}

/// All of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was asked for.
    pub settings: Settings,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// How many rules were looked at.
    pub rules: usize,
    /// How many there are.
    pub of_rules: usize,
    /// How many outputs of each column were broken.
    pub outputs: Vec<usize>,
    /// What became of the mutants, by column and operator.
    pub counts: BTreeMap<(usize, Operator), Counts>,
    /// Mutants to look at.
    pub told: Vec<Survivor>,
    /// Outputs that disagree with their rule as they are: none of their mutants says anything.
    pub unsound: Vec<String>,
}

impl Report {
    pub(super) fn of(
        settings: &Settings,
        columns: Vec<String>,
        (rules, of_rules): (usize, usize),
        tallies: Vec<Tally>,
    ) -> Self {
        let outputs = vec![0; columns.len()];
        let settings = settings.clone();
        let (counts, told, unsound) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut report = Self { settings, columns, rules, of_rules, outputs, counts, told, unsound };
        for tally in tallies {
            for (column, count) in tally.outputs {
                if let Some(outputs) = report.outputs.get_mut(column) {
                    *outputs += count;
                }
            }
            for (row, counts) in tally.counts {
                report.counts.entry(row).or_default().merge(counts);
            }
            report.told.extend(tally.told);
            report.unsound.extend(tally.unsound);
        }
        report
    }

    /// The sum of a column.
    #[must_use]
    pub fn total(&self, column: usize) -> Counts {
        let mut total = Counts::default();
        self.counts
            .iter()
            .filter(|((own, _), _)| *own == column)
            .for_each(|(_, counts)| total.merge(*counts));
        total
    }

    /// Whether each column keeps a bar, in hundredths of a percent; `events`: by what events show alone.
    #[must_use]
    pub fn keeps(&self, bar: usize, events: bool) -> bool {
        (0..self.columns.len())
            .map(|column| self.total(column))
            .all(|total| total.caught_share() >= bar && (!events || total.events_share() >= bar))
            && self.unsound.is_empty()
    }
}
