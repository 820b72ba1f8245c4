//! The queries of a guide, for a pack.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_rules::GuideSource;
use eqlc_rules::tree::Tree;

use crate::{Context, keys, sql};

/// A query for hosts that runs by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuideQuery {
    /// What its button says.
    pub label: String,
    /// Its SQL, without a semicolon at its end.
    pub text: String,
    /// The operating systems that have all of its tables.
    pub systems: Vec<String>,
}

/// The queries of a guide's blocks `osquery` that can run without an alert, in the order of the guide; and which
/// ones cannot, and why.
#[must_use]
pub fn queries(guide: &GuideSource, context: Context<'_>) -> (Vec<GuideQuery>, Diagnostics) {
    let mut left_out = Diagnostics::new();
    let mut found: Vec<GuideQuery> = Vec::new();
    for (plugin, block) in crate::blocks(guide, &mut Diagnostics::new()) {
        if plugin != "osquery" {
            continue;
        }
        match query(&block, context) {
            Ok(query) if found.contains(&query) => {}
            Ok(query) => found.push(query),
            Err(why) => {
                let label = text(&block, "label").unwrap_or_default();
                let message = format!("the query `{label}` is left out of the pack: {why}");
                let span = block.get("query").map_or(block.span, |query| query.span);
                left_out.push(Diagnostic::warning(files::GUIDE_LEFT_OUT, message).at(span, ""));
            }
        }
    }
    (found, left_out)
}

fn query(block: &Tree, context: Context<'_>) -> Result<GuideQuery, String> {
    let (Some(label), Some(text)) = (text(block, "label"), text(block, "query")) else {
        return Err("it has no text or no label".to_owned());
    };
    let fields: Vec<String> = sql::fields(text).iter().map(|field| format!("`{{{{{field}}}}}`")).collect();
    if !fields.is_empty() {
        return Err(format!("it takes {} of an alert", fields.join(", ")));
    }
    let mut findings = Diagnostics::new();
    keys::check("osquery", block, context, &mut findings);
    let fails = |finding: &&Diagnostic| finding.code != files::GUIDE_NULL;
    if let Some(finding) = findings.iter().find(fails) {
        return Err(finding.message.clone());
    }
    let text = text.trim().trim_end_matches(';').trim_end();
    if !sql::is_one_query(text) {
        return Err("it is not one query".to_owned());
    }
    let tables = sql::tables(text, context);
    let all = ["darwin", "linux", "windows"].into_iter();
    let systems =
        all.filter(|system| tables.iter().all(|table| context.tables.systems(table).contains(system)));
    let systems = systems.filter(|system| context.systems.is_empty() || context.systems.contains(system));
    Ok(GuideQuery {
        label: label.trim().to_owned(),
        text: text.to_owned(),
        systems: systems.map(str::to_owned).collect(),
    })
}

fn text<'a>(block: &'a Tree, key: &str) -> Option<&'a str> {
    block.get(key).and_then(Tree::fragment).map(|text| text.text())
}
