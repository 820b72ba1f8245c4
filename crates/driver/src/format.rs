//! Formatting: queries in the canonical layout, in the files they stand in.

use std::path::Path;

use eqlc_diagnostics::{Diagnostic, Diagnostics, Severity, SourceMap, has_errors};
use eqlc_eql::{Dialect, Options};
use eqlc_rules::{QueryLanguage, RuleDocument, is_rewritable, with_query};
use rayon::prelude::*;

use crate::input::Input;
use crate::load::dialect_of;
use crate::output::write_whole;

/// An input with its queries formatted.
#[derive(Debug)]
pub struct Formatted {
    /// Where it came from.
    pub input: Input,
    /// Its text, for the diagnostics.
    pub sources: SourceMap,
    /// Errors that kept a query from being formatted; it is left as it is.
    pub diagnostics: Diagnostics,
    /// The text as it was; empty where it could not be read.
    pub before: String,
    /// The text formatted: the same where nothing is to do, as in files that hold no EQL.
    pub after: String,
}

impl Formatted {
    /// Whether formatting changes the text.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.before != self.after
    }

    /// Writes the text into its file, which keeps its permissions and, where it is a link, stays one. Standard input
    /// is not written.
    ///
    /// # Errors
    /// The operating system refused; E3019.
    pub fn write(&self) -> Result<(), Box<Diagnostic>> {
        let Some(path) = &self.input.path else { return Ok(()) };
        let target = std::fs::canonicalize(path);
        let target: &Path = target.as_deref().unwrap_or(path);
        let permissions = std::fs::metadata(target).map(|metadata| metadata.permissions());
        write_whole(target, &self.after)?;
        let restored = permissions.and_then(|permissions| std::fs::set_permissions(target, permissions));
        restored.map_err(|error| {
            let message = format!("the permissions of `{}` cannot be kept: {error}", path.display());
            Box::new(Diagnostic::error(eqlc_diagnostics::codes::files::UNWRITABLE, message))
        })
    }
}

/// Formats inputs, several at a time; results in the order of the inputs. Without `dialect` documents tell their own,
/// as in [`crate::load()`].
#[must_use]
pub fn format_inputs(inputs: &[Input], dialect: Option<Dialect>) -> Vec<Formatted> {
    inputs.par_iter().map(|input| format_input(input, dialect)).collect()
}

fn format_input(input: &Input, dialect: Option<Dialect>) -> Formatted {
    let bytes = input.read();
    let mut out = Formatted {
        input: input.clone(),
        sources: SourceMap::new(),
        diagnostics: Vec::new(),
        before: String::new(),
        after: String::new(),
    };
    match bytes {
        Ok(bytes) => format_bytes(&mut out, &bytes, dialect),
        Err(diagnostic) => out.diagnostics.push(*diagnostic),
    }
    out
}

fn format_bytes(out: &mut Formatted, bytes: &[u8], dialect: Option<Dialect>) {
    let name = out.input.name();
    let read = eqlc_rules::read(&name, bytes, &mut out.sources);
    out.before = out.sources.text(read.tree.source).to_owned();
    out.after = out.before.clone();
    if read.tree.documents.is_empty() {
        // What is only wrong with the metadata of a rule is no concern of the layout.
        out.diagnostics = errors(read.diagnostics);
        return;
    }
    if !is_rewritable(&name, &out.before) {
        return;
    }
    for document in
        read.tree.documents.iter().filter(|document| document.query.language == QueryLanguage::Eql)
    {
        match format_query(document, dialect) {
            Ok(query) => {
                if let Some(after) = with_query(&name, &out.before, document, &query) {
                    out.after = after;
                }
            }
            Err(diagnostics) => out.diagnostics.extend(diagnostics),
        }
    }
}

fn format_query(document: &RuleDocument, dialect: Option<Dialect>) -> Result<String, Diagnostics> {
    let fragment = &document.query.fragment;
    let options = Options { dialect: dialect.unwrap_or_else(|| dialect_of(&document.metadata)) };
    // Parsed at its place for the diagnostics; the layout looks at the text alone.
    let parsed = eqlc_eql::parse_with(fragment, options);
    if has_errors(&parsed.diagnostics) {
        return Err(errors(parsed.diagnostics));
    }
    let text = fragment.text().replace("\r\n", "\n");
    eqlc_eql::format(&text, options).ok_or_else(|| errors(parsed.diagnostics))
}

fn errors(diagnostics: Diagnostics) -> Diagnostics {
    diagnostics.into_iter().filter(|found| found.severity == Severity::Error).collect()
}
