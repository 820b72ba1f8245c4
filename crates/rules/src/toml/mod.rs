//! Rule documents in TOML: Elastic's detection rules and endpoint behaviour rules.

mod string;
mod tree;

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceId, Span};
use toml_edit::{Document, TomlError};

use crate::RuleDocument;
use crate::document::{self, Root};

/// Reads one document; `stem` names a rule without a name.
pub(crate) fn read(source: SourceId, text: &str, stem: &str) -> (Vec<RuleDocument>, Diagnostics) {
    match Document::parse(text) {
        Ok(document) => {
            let span = Span::new(source, 0..text.len());
            let reader = tree::Reader { source, text };
            let members = reader.members(document.as_table(), Span::new(source, 0..0), 0);
            let lacks = "the document has no table `[rule]`";
            document::read(Root { members: &members, span, stem, lacks, aside: &[] })
        }
        Err(error) => (Vec::new(), vec![syntax(source, text, &error)]),
    }
}

fn syntax(source: SourceId, text: &str, error: &TomlError) -> Diagnostic {
    // The text of the parser: "missing escaped value, expected `b`, …".
    let (what, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
    let span = Span::new(source, error.span().unwrap_or(0..0));
    let label = if expected.is_empty() { String::new() } else { format!("expected {expected}") };
    let diagnostic = Diagnostic::error(files::TOML_SYNTAX, format!("invalid TOML: {what}")).at(span, label);
    if what.contains("escaped value") {
        return diagnostic
            .help("a backslash in double quotes starts an escape; in single quotes it is a backslash");
    }
    // The parser points at the end of the file, where an unclosed string ends; the cause is its start. No quotes
    // follow those, or they would close it.
    let quotes = ["'''", "\"\"\""].into_iter().find(|quotes| what.contains(string_name(quotes)));
    match quotes.and_then(|quotes| Some((quotes, text.rfind(quotes)?))) {
        Some((quotes, at)) if span.start as usize >= text.len() => {
            let start = Span::new(source, at..at + quotes.len());
            Diagnostic::error(files::TOML_SYNTAX, "invalid TOML: a string is not closed")
                .at(start, "starts here")
                .and_at(span, format!("expected `{quotes}`"))
        }
        _ => diagnostic,
    }
}

/// What the parser calls a string with these quotes.
fn string_name(quotes: &str) -> &'static str {
    if quotes == "'''" { "multi-line literal string" } else { "multi-line basic string" }
}
