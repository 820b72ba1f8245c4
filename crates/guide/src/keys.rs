//! The keys of a block.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_rules::tree::{Kind, Tree};

use crate::{Context, sql};

/// Checks the keys of a block or of a table that becomes one.
pub(crate) fn check(plugin: &str, block: &Tree, context: Context<'_>, diagnostics: &mut Diagnostics) {
    match plugin {
        "osquery" => {
            text(plugin, block, "label", diagnostics);
            text(plugin, block, "query", diagnostics);
            if let Some(query) = block.get("query").and_then(Tree::fragment) {
                sql::check(query, context, diagnostics);
            }
        }
        "investigate" | "insight" => {
            text(plugin, block, "label", diagnostics);
            providers(plugin, block, diagnostics);
        }
        _ => {}
    }
}

/// Any of the lists must hold for an event, and of a list every filter.
fn providers(plugin: &str, block: &Tree, diagnostics: &mut Diagnostics) {
    let Some(value) = block.get("providers") else {
        return missing(plugin, block, "providers", diagnostics);
    };
    let Some(lists) = value.list() else {
        return wrong("providers", value, "a list of lists of filters", diagnostics);
    };
    for list in lists {
        let Some(filters) = list.list() else {
            wrong("providers", list, "a list of filters", diagnostics);
            continue;
        };
        for filter in filters {
            if filter.members().is_none() {
                wrong("providers", filter, "a filter", diagnostics);
                continue;
            }
            text("filter", filter, "field", diagnostics);
            text("filter", filter, "queryType", diagnostics);
            let exists = filter.get("queryType").and_then(Tree::fragment);
            if exists.is_none_or(|kind| kind.text() != "exists") {
                match filter.get("value") {
                    None => missing("filter", filter, "value", diagnostics),
                    Some(value) if value.members().is_some() => {
                        wrong("value", value, "a value", diagnostics);
                    }
                    Some(_) => {}
                }
            }
            if let Some(excluded) = filter.get("excluded")
                && !matches!(excluded.kind, Kind::Bool(_))
            {
                wrong("excluded", excluded, "a truth value", diagnostics);
            }
        }
    }
}

fn text(owner: &str, block: &Tree, key: &str, diagnostics: &mut Diagnostics) {
    match block.get(key) {
        None => missing(owner, block, key, diagnostics),
        Some(value) if value.fragment().is_none() => wrong(key, value, "text", diagnostics),
        Some(_) => {}
    }
}

fn missing(owner: &str, block: &Tree, key: &str, diagnostics: &mut Diagnostics) {
    let what = if owner == "filter" { "a filter".to_owned() } else { format!("a block `{owner}`") };
    let message = format!("{what} has no `{key}`");
    diagnostics.push(Diagnostic::warning(files::GUIDE_KEY, message).at(block.span, format!("lacks `{key}`")));
}

fn wrong(key: &str, value: &Tree, expected: &str, diagnostics: &mut Diagnostics) {
    let message = format!("`{key}` of a guide's block is {}, expected {expected}", value.name());
    diagnostics
        .push(Diagnostic::warning(files::GUIDE_KEY, message).at(value.span, format!("expected {expected}")));
}
