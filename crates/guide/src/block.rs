//! Blocks in the Markdown of a guide.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Fragment, Span, did_you_mean, nearest};
use eqlc_rules::{GuideTable, json, tree::Tree};

/// The plugins of Kibana's guides.
const PLUGINS: [&str; 4] = ["osquery", "investigate", "insight", "timeline"];

/// A block whose JSON could be read.
pub(crate) struct Block {
    /// The name after `!{`.
    pub(crate) plugin: String,
    /// The JSON.
    pub(crate) value: Tree,
}

/// The blocks of a guide.
pub(crate) fn find(note: &Fragment, diagnostics: &mut Diagnostics) -> Vec<Block> {
    let text = note.text();
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("!{")) {
        let start = at + found;
        at = start + 2;
        let rest = text.get(at..).unwrap_or("");
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let plugin = rest.get(..length).unwrap_or("");
        if plugin.is_empty() || !rest.get(length..).is_some_and(|rest| rest.starts_with('{')) {
            continue;
        }
        if !PLUGINS.contains(&plugin) {
            diagnostics.push(unknown(plugin, note.span(at, at + length)));
            continue;
        }
        let json_at = at + length;
        match json::parse_prefix(note, json_at) {
            Ok((value, end)) => {
                if !text.get(end..).is_some_and(|rest| rest.starts_with('}')) {
                    diagnostics.push(unclosed(plugin, note.span(start, end)));
                }
                at = end;
                blocks.push(Block { plugin: plugin.to_owned(), value });
            }
            Err(error) => {
                let message = format!("the JSON of a block `{plugin}` is invalid: {}", error.message);
                diagnostics.push(
                    Diagnostic::warning(files::GUIDE_BLOCK, message)
                        .at(error.span, format!("expected {}", error.expected))
                        .and_at(note.span(start, json_at), "the block starts here"),
                );
            }
        }
    }
    blocks
}

fn unknown(plugin: &str, span: Span) -> Diagnostic {
    let near = nearest(plugin, PLUGINS);
    let message = format!("guides have no plugin `{plugin}`");
    let diagnostic = Diagnostic::warning(files::GUIDE_PLUGIN, message).at(span, "shown as plain text");
    match (near.as_slice(), did_you_mean(&near)) {
        ([only], Some(help)) => {
            diagnostic.help(help).fix(Applicability::Unsafe, format!("write `{only}`"), span, *only)
        }
        (_, Some(help)) => diagnostic.help(help),
        _ => diagnostic.help("plugins are `osquery` and `investigate`"),
    }
}

fn unclosed(plugin: &str, span: Span) -> Diagnostic {
    let end = Span { start: span.end, ..span };
    Diagnostic::warning(files::GUIDE_BLOCK, format!("a block `{plugin}` is not closed"))
        .at(span, "lacks `}` at its end")
        .fix(Applicability::Safe, "close the block", end, "}")
}

/// Says which references (`$osquery_7`) lead nowhere.
pub(crate) fn references(note: &Fragment, tables: &[GuideTable], diagnostics: &mut Diagnostics) {
    for plugin in ["osquery", "investigate"] {
        let prefix = format!("${plugin}_");
        let count = tables.iter().filter(|table| table.plugin == plugin).count();
        for (at, _) in note.text().match_indices(&prefix) {
            let digits = note.text().get(at + prefix.len()..).unwrap_or("");
            let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            let Some(nth) = digits.get(..length).filter(|digits| !digits.is_empty()) else { continue };
            if nth.parse::<usize>().is_ok_and(|nth| nth < count) {
                continue;
            }
            let help = match count {
                0 => format!("there is no table `[[transform.{plugin}]]`"),
                1 => format!("there is one table `[[transform.{plugin}]]`, and it is `{prefix}0`"),
                _ => format!(
                    "there are {count} tables `[[transform.{plugin}]]`, the last is `{prefix}{}`",
                    count - 1
                ),
            };
            let message = format!("`{prefix}{nth}` refers to a block that is not there");
            let span = note.span(at, at + prefix.len() + length);
            diagnostics.push(Diagnostic::warning(files::GUIDE_REFERENCE, message).at(span, "").help(help));
        }
    }
}
