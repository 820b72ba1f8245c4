//! What a backend gives.

use eqlc_ir::Rule;

use crate::{Loss, Settings, Target};

/// The output of one rule for one target.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The target's id.
    pub target: String,
    /// The output format's id.
    pub format: String,
    /// Extension of the file it goes to, without the dot.
    pub extension: String,
    /// The text, ending in a line feed.
    pub text: String,
    /// Where the output means something else than the rule, all passes together.
    pub losses: Vec<Loss>,
}

impl Artifact {
    /// The output `text` of a target in the format that the settings ask for.
    #[must_use]
    pub fn new(target: &Target, settings: &Settings, text: String, losses: Vec<Loss>) -> Self {
        let format = settings.format(target);
        let extension = target.format(format).map_or("txt", |format| format.extension.as_str());
        Self {
            target: target.id.clone(),
            format: format.to_owned(),
            extension: extension.to_owned(),
            text,
            losses,
        }
    }
}

/// A language whose text lowers to the IR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Elasticsearch EQL.
    Eql,
    /// Sigma YAML.
    Sigma,
}

/// An artifact, read again.
#[derive(Clone, Debug)]
pub enum ReadBack {
    /// Text to lower again. `reprinted` is the tree that was parsed, printed: law 2 asks that it equals the
    /// text of the artifact.
    Source {
        /// How to lower it.
        language: Language,
        /// The rule's text, taken out of its wrapping (`request` bodies and the like).
        text: String,
        /// `text` parsed and printed.
        reprinted: String,
    },
    /// A SQL query to run.
    Sql {
        /// The query, taken out of its wrapping.
        query: String,
        /// `query` parsed and printed.
        reprinted: String,
    },
    /// A rule to evaluate.
    Rule(Box<Rule>),
}
