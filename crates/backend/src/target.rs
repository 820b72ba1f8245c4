//! What a target is and can, as data.

use std::collections::BTreeSet;

use eqlc_ir::Function;
use serde::Deserialize;

use crate::Construct;

/// A target, from its `target.yml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name users give to `--target`.
    pub id: String,
    /// A line about it.
    pub title: String,
    /// What it can hold. Everything else is refused by [`crate::legalise`].
    pub capabilities: BTreeSet<Construct>,
    /// The functions it can hold, by the names of the IR.
    pub functions: BTreeSet<Function>,
    /// Output formats; the first is the default.
    pub formats: Vec<OutputFormat>,
    /// Options that users may set.
    #[serde(default)]
    pub options: Vec<TargetOption>,
}

/// A form of output.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputFormat {
    /// The name users give to `--output-format`.
    pub id: String,
    /// Extension of its files, without the dot.
    pub extension: String,
    /// A line about it.
    pub title: String,
}

/// An option of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetOption {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub values: Vec<String>,
    /// What it is when not given.
    pub default: String,
    /// A line about it.
    pub title: String,
}

impl Target {
    /// A target from the text of its `target.yml`.
    ///
    /// # Errors
    /// The parser's message; the text is compiled in, so a test of the backend finds it.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }

    /// Whether it can hold a construct.
    #[must_use]
    pub fn has(&self, construct: Construct) -> bool {
        self.capabilities.contains(&construct)
    }

    /// The output format of this id.
    #[must_use]
    pub fn format(&self, id: &str) -> Option<&OutputFormat> {
        self.formats.iter().find(|format| format.id == id)
    }
}
