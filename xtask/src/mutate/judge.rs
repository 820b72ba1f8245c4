//! What becomes of a mutant: whether it means the same, and whether the verifier notices.

use eqlc_backend::{Legal, ReadBack};
use eqlc_driver::{Artifact, Law, Relation};
use eqlc_ir::{Rule, normalise};
use eqlc_verify::diff;
use eqlc_verify::{Subject, Watch};
use serde::Serialize;

use super::output::Output;
use super::rows::Rows;
use crate::column::Column;

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is not valid in the language of the target: no output, and not counted.
    Invalid,
    /// It means what the output means, by the form or by a proof.
    Equivalent,
    /// SQL only: it finds the same rows as the output among all that were made for the two of them.
    SameRows,
    /// What it finds in events is noticed.
    Caught,
    /// Only the law on its text is broken: no event showed what is different.
    CaughtByText,
    /// Nothing was noticed, and it means something else.
    Missed,
    /// Only the law on its text is broken, and whether it means something else is not known.
    UndecidedInText,
    /// Nothing was noticed, and whether it means something else is not known.
    Undecided,
}

impl Fate {
    /// Whether the mutant is told in full.
    pub(super) fn is_told(self) -> bool {
        matches!(self, Self::CaughtByText | Self::Missed | Self::UndecidedInText | Self::Undecided)
    }

    /// Whether the verifier noticed nothing.
    #[must_use]
    pub fn is_missed(self) -> bool {
        matches!(self, Self::Missed | Self::Undecided)
    }
}

/// An output with all that verification is given.
pub(crate) struct Case<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) legal: Legal,
    pub(crate) artifact: Artifact,
    pub(crate) output: Output,
    pub(crate) column: &'a Column<'a>,
    pub(crate) watch: Watch<'a>,
    pub(crate) rows: Option<Rows>,
}

impl Case<'_> {
    /// What becomes of a mutant of the output.
    pub(crate) fn fate(&mut self, mutant: &Artifact) -> Fate {
        let legal = self.legal.rule();
        let read = match self.column.backend.read_back(mutant) {
            Err(_) => return Fate::Invalid,
            Ok(ReadBack::Source { language, text, .. }) => match eqlc_driver::relower(language, &text) {
                Ok(rule) => Some(normalise(rule)),
                Err(_) => return Fate::Invalid,
            },
            Ok(ReadBack::Rule(rule)) => Some(*rule),
            Ok(ReadBack::Sql { .. }) => None,
        };
        let same_form =
            |rule: &Rule| normalise::canonical(rule.clone()) == normalise::canonical(legal.clone());
        if read.as_ref().is_some_and(same_form) {
            return Fate::Equivalent;
        }
        let noticed = self.noticed(mutant);
        match (noticed, read) {
            (Noticed::Invalid, _) => Fate::Invalid,
            (Noticed::InEvents, _) => Fate::Caught,
            (noticed, Some(rule)) => self.by_proof(noticed, &rule),
            (_, None) => self.by_rows(mutant),
        }
    }

    fn by_proof(&self, noticed: Noticed, mutant: &Rule) -> Fate {
        match (diff::compare(self.legal.rule(), mutant).relation(), noticed) {
            (Relation::Same, _) => Fate::Equivalent,
            (Relation::Undecided, Noticed::InText) => Fate::UndecidedInText,
            (Relation::Undecided, _) => Fate::Undecided,
            (_, Noticed::InText) => Fate::CaughtByText,
            _ => Fate::Missed,
        }
    }

    fn by_rows(&mut self, mutant: &Artifact) -> Fate {
        let query = |artifact: &Artifact| match self.column.backend.read_back(artifact) {
            Ok(ReadBack::Sql { query, .. }) => Some(query),
            _ => None,
        };
        let (Some(sound), Some(mutant)) = (query(&self.artifact), query(mutant)) else {
            return Fate::Invalid;
        };
        match self.rows.as_mut().map(|rows| rows.same(&sound, &mutant)) {
            Some(Some(true)) => Fate::SameRows,
            Some(Some(false)) => Fate::Missed,
            None | Some(None) => Fate::Undecided,
        }
    }

    /// What verification says of a mutant.
    fn noticed(&mut self, mutant: &Artifact) -> Noticed {
        let subject = Subject {
            rule: self.rule,
            legal: &self.legal,
            artifact: mutant,
            backend: self.column.backend,
            settings: &self.column.settings,
        };
        let noticed = self.watch.notice(subject, &eqlc_driver::relower);
        match (noticed.text, noticed.events) {
            (Some(Law::Parses | Law::Reprints), _) => Noticed::Invalid,
            (_, Some(_)) => Noticed::InEvents,
            (Some(_), None) => Noticed::InText,
            (None, None) => Noticed::Nothing,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Noticed {
    /// It does not parse, or is not printed as the target prints.
    Invalid,
    Nothing,
    InText,
    InEvents,
}
