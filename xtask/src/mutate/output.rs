//! Outputs as trees that can be mutated, and their text again.

use eqlc_backend_native::plan;
use eqlc_driver::{Artifact, Backend};
use eqlc_ir::Rule;

use eqlc_backend::{Language, ReadBack};

use super::operator::{Operator, Tree};
use super::sql::Sql;
use super::{eql, sigma, sql};

/// An output, parsed in its own language.
#[derive(Clone, Debug)]
pub(crate) enum Output {
    /// EQL.
    Eql(Box<eqlc_eql::Query>),
    /// Sigma documents.
    Sigma(eqlc_sigma::File),
    /// A SQL query.
    Sql(Sql),
    /// A native plan.
    Plan(Box<Rule>),
}

impl Output {
    /// Reads an artifact.
    pub(crate) fn read(artifact: &Artifact, backend: &dyn Backend) -> Option<Self> {
        match backend.read_back(artifact).ok()? {
            ReadBack::Source { language: Language::Eql, text, .. } => {
                eql::read(&text).map(Box::new).map(Self::Eql)
            }
            ReadBack::Source { language: Language::Sigma, text, .. } => sigma::read(&text).map(Self::Sigma),
            ReadBack::Sql { query, .. } => sql::read(&query).map(Self::Sql),
            ReadBack::Rule(rule) => Some(Self::Plan(rule)),
        }
    }

    /// What can be done to it, each at its number.
    pub(crate) fn operators(&self) -> Vec<Operator> {
        match self {
            Self::Eql(query) => query.operators(),
            Self::Sigma(file) => file.operators(),
            Self::Sql(query) => query.operators(),
            Self::Plan(rule) => rule.operators(),
        }
    }

    /// The artifact with a mutation made, printed as the target prints; none where the mutant is not valid in the
    /// language of the target.
    pub(crate) fn mutant(&self, at: usize, artifact: &Artifact, backend: &dyn Backend) -> Option<Artifact> {
        let text = match self {
            // Trees are printed from what their own text reads as: a mutation may leave one that no text has.
            Self::Eql(query) => eqlc_eql::print(&eql::read(&eqlc_eql::print(&query.mutant(at)?))?),
            Self::Sigma(file) => eqlc_sigma::write(&sigma::read(&eqlc_sigma::write(&file.mutant(at)?))?),
            Self::Plan(rule) => plan::write(&rule.mutant(at)?).ok()?,
            Self::Sql(query) => {
                let plain = Artifact { text: query.mutant(at)?.print(), ..artifact.clone() };
                match backend.read_back(&plain).ok()? {
                    ReadBack::Sql { reprinted, .. } => format!("{reprinted}\n"),
                    _ => return None,
                }
            }
        };
        (text != artifact.text).then(|| Artifact { text, ..artifact.clone() })
    }

    /// The query, if it is one of SQL.
    pub(crate) fn as_sql(&self) -> Option<&Sql> {
        match self {
            Self::Sql(query) => Some(query),
            _ => None,
        }
    }
}
