//! Query packs.

use eqlc_backend::Loss;
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::Rule;
use serde_json::{Map, Value, json};
use sqlparser::ast::{Expr, Query};

use crate::asked::{self, Asked};
use crate::profile::{CHANNELS, Profile, Table};
use crate::{layout, literal, schedule, watch};

/// The largest configuration that every release of osquery reads, in bytes.
const LARGEST: usize = 1 << 20;

/// A pack with the one query of a rule: its text on one line, how often it runs in seconds, its platform, the systems
/// that it runs on and the files that are watched for it; and what its form bends.
///
/// Rows of events are new by themselves, so `removed` is off.
pub(crate) fn text(
    rule: &Rule,
    query: &Query,
    profile: &Profile,
) -> Result<(String, Vec<Loss>), Diagnostics> {
    let asked: Vec<Vec<Asked<'_>>> =
        rule.queries().into_iter().map(|query| asked::asked(query, profile)).collect::<Result<_, _>>()?;
    let asked: Vec<Asked<'_>> = asked.into_iter().flatten().collect();
    let tables: Vec<&Table> = asked.iter().flat_map(Asked::parts).map(|(table, _)| table).collect();
    let platform = tables.first().map_or("all", |table| &table.platform);
    let name = slug(rule);
    let watched = watch::files(&asked);
    let mut pack = Map::new();
    pack.insert("platform".to_owned(), json!(platform));
    pack.insert("discovery".to_owned(), json!(discovery(query, &tables)));
    pack.insert("queries".to_owned(), json!({ name.as_str(): entry(rule, query, platform) }));
    if !watched.paths.is_empty() {
        pack.insert("file_paths".to_owned(), json!({ name.as_str(): watched.paths }));
    }
    if watched.accesses {
        pack.insert("file_accesses".to_owned(), json!([name]));
    }
    // Maps with text keys always have a form in JSON.
    let text = serde_json::to_string_pretty(&Value::Object(pack)).unwrap_or_default();
    match text.len() > LARGEST {
        false => Ok((text, watched.losses)),
        true => {
            let message = format!("a pack of {} bytes is larger than osquery reads", text.len());
            let refused = Diagnostic::error(targets::CONTENT_REFUSED, message);
            Err(vec![refused.note(format!("osquery reads configurations of up to {LARGEST} bytes"))])
        }
    }
}

fn entry(rule: &Rule, query: &Query, platform: &str) -> Value {
    let mut entry = Map::new();
    entry.insert("query".to_owned(), Value::String(query.to_string()));
    entry.insert("interval".to_owned(), json!(schedule::interval_s(rule)));
    entry.insert("removed".to_owned(), json!(false));
    entry.insert("platform".to_owned(), json!(platform));
    let description = rule.meta.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let name = Some(rule.meta.name.as_str()).filter(|name| !name.is_empty());
    if let Some(text) = description.or(name) {
        entry.insert("description".to_owned(), json!(text));
    }
    Value::Object(entry)
}

/// Queries that all must give a row where the pack is to run: the agent has the events that it asks for.
fn discovery(query: &Query, tables: &[&Table]) -> Vec<String> {
    let named = layout::tables(&query.to_string());
    let mut found: Vec<String> = Vec::new();
    let mut add = |query: String| {
        if !found.contains(&query) {
            found.push(query);
        }
    };
    for table in tables {
        for flag in table.flags.iter().filter(|flag| flag.gate && flag.serves(&named)) {
            let (name, value) = flag.parts();
            if name != CHANNELS {
                add(format!("SELECT 1 FROM osquery_flags WHERE name = '{name}' AND value = '{value}'"));
            }
        }
        for channel in table.channels() {
            // Names of channels come from data files; a quote in one would be doubled.
            let channel = literal::text(&format!(",{channel},"));
            let channel = channel.as_ref().map_or_else(|_| String::new(), Expr::to_string);
            add(format!(
                "SELECT 1 FROM osquery_flags WHERE name = '{CHANNELS}' \
                 AND instr(',' || replace(value, ', ', ',') || ',', {channel}) > 0"
            ));
        }
    }
    found
}

/// The name of the query: of the rule's name, else of its id, in letters, digits and `_`. Results of osquery
/// carry it.
pub(crate) fn slug(rule: &Rule) -> String {
    let source = if rule.meta.name.is_empty() { &rule.id } else { &rule.meta.name };
    let slug = words(source);
    if slug.is_empty() { "rule".to_owned() } else { slug }
}

/// Letters and digits in lower case, with `_` for everything between them.
pub(crate) fn words(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.trim_end_matches('_').to_owned()
}
