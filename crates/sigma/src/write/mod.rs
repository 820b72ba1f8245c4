//! Documents as YAML in SigmaHQ's layout.

mod document;
mod layout;
mod scalar;

use crate::File;

/// The text of a file: its documents, with `---` between them.
///
/// Reading it back gives an equal file, and writing that again the same text, for every file that was read
/// without errors and every file made by code in which
///
/// * values are [`crate::Value::Raw`] exactly under the modifiers that take raw text,
/// * floats are finite, and lists (of searches, tests, values, rules, operands) are not empty,
/// * names of searches are words of letters, digits, `_` and `-`, and fields have no `|`.
#[must_use]
pub fn write(file: &File) -> String {
    let documents: Vec<String> =
        file.documents.iter().map(|document| layout::print(&document::document(document))).collect();
    documents.join("---\n")
}
