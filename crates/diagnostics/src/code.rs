//! Codes: stable names of findings, and what is known about each.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::codes;

/// A stable name such as `E1003`. Never reused for another meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static str);

/// What a code is about; its first letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `E0`: EQL syntax.
    EqlSyntax,
    /// `E1`: types, fields, functions.
    Types,
    /// `E2`: Sigma documents.
    Sigma,
    /// `E3`: files, rule documents, input.
    Files,
    /// `E4`: what a target cannot carry.
    Targets,
    /// `L`: losses.
    Losses,
    /// `V`: verification.
    Verify,
    /// `W`: lints.
    Lints,
}

/// The explanation of a code, from `codes/*.yml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CodeInfo {
    /// The code.
    pub code: String,
    /// A line.
    pub title: String,
    /// Why it is said and what to do; paragraphs.
    pub explanation: String,
    /// Whether findings of the code are shown unless they are silenced; false for lints that must be selected.
    #[serde(default = "shown")]
    pub default: bool,
    /// A minimal rule or command that shows it, where there is one.
    #[serde(default)]
    pub example: Option<String>,
    /// The same, repaired.
    #[serde(default)]
    pub instead: Option<String>,
}

const fn shown() -> bool {
    true
}

impl Code {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The code as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Its explanation. Every code has one; a test holds the table to that.
    #[must_use]
    pub fn info(self) -> Option<&'static CodeInfo> {
        Self::table().iter().find(|info| info.code == self.0)
    }

    /// Looks a code up by its text, in any letter case.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        codes::all().find(|code| code.0.eq_ignore_ascii_case(text.trim()))
    }

    /// The whole table, in the order of the codes.
    #[must_use]
    pub fn table() -> &'static [CodeInfo] {
        static TABLE: OnceLock<Vec<CodeInfo>> = OnceLock::new();
        TABLE.get_or_init(|| {
            let mut table: Vec<CodeInfo> = codes::FILES
                .iter()
                // A file that does not parse is caught by the test of this module, not by users.
                .flat_map(|text| serde_yaml::from_str::<Vec<CodeInfo>>(text).unwrap_or_default())
                .collect();
            table.sort_by(|a, b| a.code.cmp(&b.code));
            table
        })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_codes_parses() {
        for text in codes::FILES {
            let parsed = serde_yaml::from_str::<Vec<CodeInfo>>(text);
            assert!(parsed.is_ok(), "{:?}\n{text}", parsed.err());
        }
    }

    #[test]
    fn every_code_is_explained_once_and_every_explanation_has_a_code() {
        let mut declared: Vec<&str> = codes::all().map(Code::as_str).collect();
        declared.sort_unstable();
        let explained: Vec<&str> = Code::table().iter().map(|info| info.code.as_str()).collect();
        assert_eq!(declared, explained);
        for info in Code::table() {
            assert!(!info.title.ends_with('.'), "{}: title ends with a full stop", info.code);
            assert!(info.explanation.len() > 40, "{}: explanation too short", info.code);
        }
    }
}
