//! The data of the profiles in words: which table answers what, what is exact there and what is lost.

use std::fmt::Write;

use eqlc_backend::EventMap;
use eqlc_backend::mapping::{FieldEntry, Source, Transform};
use indexmap::IndexMap;

use crate::profile::{Profile, Table};
use crate::profiles::Choices;
use crate::{layout, schema};

/// Profiles and the systems that are described with them: the tables of Linux and macOS are those of every profile,
/// and so is the audit log of Windows.
const SECTIONS: [(&str, &str, &str, &str); 5] = [
    ("Windows, profile `sysmon`", "sysmon", "windows", "sysmon"),
    ("Windows, profile `native`", "native", "windows", ""),
    ("Windows' own log, both profiles", "sysmon", "windows", "log"),
    ("Linux", "sysmon", "linux", ""),
    ("macOS", "sysmon", "macos", ""),
];

/// The categories of events on hosts that rules ask for.
const CATEGORIES: [&str; 11] = [
    "process",
    "file",
    "network",
    "dns",
    "registry",
    "library",
    "driver",
    "authentication",
    "session",
    "iam",
    "configuration",
];

/// How a field of a rule follows from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exactness {
    /// It is in the row.
    Exact,
    /// It is the same for every row of a host.
    Constant,
    /// The row has something like it.
    Approximate,
    /// It is asked of the host while the query runs.
    LiveJoin,
    /// It serves join keys only.
    KeyOnly,
}

impl Exactness {
    /// Every kind, the best first.
    pub const ALL: [Self; 5] =
        [Self::Exact, Self::Constant, Self::Approximate, Self::LiveJoin, Self::KeyOnly];

    /// The kind in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Constant => "the same for every row",
            Self::Approximate => "approximate",
            Self::LiveJoin => "live join",
            Self::KeyOnly => "for join keys only",
        }
    }

    /// The kind of an entry: what it asks while the query runs, and what it says it loses.
    fn of(entry: &FieldEntry, table: &Table) -> Self {
        let Some(column) = entry.field.as_deref().and_then(|field| table.column(field)) else {
            return Self::Constant;
        };
        let each = column.each.iter().map(|each| each.to_string());
        let asked = each.chain([column.expr.to_string()]).flat_map(|text| layout::tables(&text));
        let live = |name: &String| schema::table(name).is_some_and(|table| !table.evented);
        if asked.into_iter().any(|name| live(&name)) || column.kind == crate::columns::Kind::Header {
            Self::LiveJoin
        } else if entry.key_only {
            Self::KeyOnly
        } else if entry.loss.is_some() {
            Self::Approximate
        } else {
            Self::Exact
        }
    }
}

/// A field of a rule in a source.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its name.
    pub field: String,
    /// How it follows.
    pub exactness: Exactness,
    /// What is bent where it is used.
    pub why: Option<String>,
    /// The transform that leads to it, in words.
    pub transform: Option<&'static str>,
}

/// The profiles in Markdown: a section for each system, with its sources, their tables and their fields.
#[must_use]
pub fn markdown() -> String {
    let choices = Choices::default();
    let mut out = String::new();
    for (title, profile, product, service) in SECTIONS {
        let choice = choices.get(profile);
        let Some((profile, ecs)) = choice.and_then(|choice| Some((&choice.profile, choice.ecs()?))) else {
            continue;
        };
        let chosen = |source: &&Source| {
            let own = source.log_source.service.as_deref().unwrap_or_default();
            let log = matches!(own, "security" | "event_log");
            source.log_source.product.as_deref() == Some(product)
                && if product == "windows" { log == (service == "log") } else { true }
        };
        let sources: Vec<&Source> = ecs.sources.iter().filter(chosen).collect();
        section(title, &sources, (profile, ecs), &mut out);
    }
    out
}

fn section(title: &str, sources: &[&Source], (profile, ecs): (&Profile, &EventMap), out: &mut String) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "## {title}\n");
    let _ = writeln!(out, "| category | rule asks for | table | rows | not seen |\n|---|---|---|---|---|");
    for source in sources {
        let Some(table) = profile.table(&source.log_source) else { continue };
        let categories = match source.category.as_slice() {
            [] => "any".to_owned(),
            some => quoted(some),
        };
        let rows: Vec<String> = table.filter.iter().map(ToString::to_string).collect();
        let rows = if rows.is_empty() { "all".to_owned() } else { format!("`{}`", rows.join(" AND ")) };
        let _ = writeln!(
            out,
            "| {categories} | {} | `{}` | {} | {} |",
            asked(source),
            table.table,
            rows.replace('|', "\\|"),
            not_seen(source)
        );
    }
    let answered = |name: &&str| sources.iter().any(|source| source.category.iter().any(|own| own == name));
    let none: Vec<String> =
        CATEGORIES.iter().filter(|name| !answered(name)).map(|name| format!("`{name}`")).collect();
    let _ = writeln!(out, "\nNo table here answers {}.\n", none.join(", "));
    // Sources with the same fields stand together.
    let mut bodies: IndexMap<String, Vec<String>> = IndexMap::new();
    for source in sources {
        if let Some(table) = profile.table(&source.log_source) {
            let names = bodies.entry(fields(source, table, ecs)).or_default();
            let name = format!("`{}`", source.log_source);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    for (body, names) in bodies {
        let _ = writeln!(out, "### {}\n\n{body}", names.join(", "));
    }
}

fn quoted(list: &[String]) -> String {
    list.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}

/// What tells the events of a source from others of the category.
fn asked(source: &Source) -> String {
    let mut parts = Vec::new();
    for field in ["event.type", "event.action"] {
        if let Some(values) = source.constants.get(field).filter(|values| !values.is_empty()) {
            parts.push(format!("`{field}` {}", quoted(values)));
        }
    }
    for (field, values) in &source.asked_by {
        let part = match values.as_slice() {
            [] => format!("any `{field}`"),
            some => format!("`{field}` {}", quoted(some)),
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() { "–".to_owned() } else { parts.join("; ") }
}

fn not_seen(source: &Source) -> String {
    let other = source.misses.iter().filter(|(field, _)| *field != "host.os.type");
    let mut parts: Vec<String> =
        other.map(|(field, values)| format!("`{field}` {}", quoted(values))).collect();
    parts.extend(source.loss.iter().map(|loss| loss.why.clone()));
    if parts.is_empty() { "–".to_owned() } else { parts.join("; ") }
}

/// The fields of a source.
fn described(source: &Source, table: &Table, map: &EventMap) -> Vec<Described> {
    let mut seen: IndexMap<&str, Described> = IndexMap::new();
    for path in map.fields_of(source) {
        let Some(entry) = map.entry(source, path).filter(|_| !seen.contains_key(path)) else { continue };
        seen.insert(
            path,
            Described {
                field: path.to_owned(),
                exactness: Exactness::of(entry, table),
                why: entry.loss.as_ref().map(|loss| loss.why.clone()),
                transform: transform(&entry.transform),
            },
        );
    }
    seen.into_values().collect()
}

fn transform(transform: &Transform) -> Option<&'static str> {
    match transform {
        Transform::AfterLast(_) => Some("behind the last separator"),
        Transform::BeforeFirst(_) => Some("before the first separator"),
        Transform::WordOf => Some("a word of it"),
        Transform::Values(_) | Transform::Known(_) => Some("value by value"),
        _ => None,
    }
}

fn fields(source: &Source, table: &Table, map: &EventMap) -> String {
    let all = described(source, table, map);
    let mut out = String::new();
    for kind in Exactness::ALL {
        let of_kind: Vec<&Described> = all.iter().filter(|field| field.exactness == kind).collect();
        let mut by_reason: IndexMap<Option<&str>, Vec<String>> = IndexMap::new();
        for field in of_kind {
            let how = field.transform.map_or(String::new(), |how| format!(" ({how})"));
            by_reason.entry(field.why.as_deref()).or_default().push(format!("`{}`{how}", field.field));
        }
        for (why, names) in by_reason {
            let why = why.map_or(String::new(), |why| format!(" – {why}"));
            let _ = writeln!(out, "* **{}**: {}{why}", kind.title(), names.join(", "));
        }
    }
    let known: Vec<String> = source
        .constants
        .iter()
        .filter(|(field, _)| {
            !matches!(field.as_str(), "host.os.type" | "event.kind" | "event.type" | "event.action")
        })
        .map(|(field, values)| match values.as_slice() {
            [] => format!("no `{field}`"),
            some => format!("`{field}` {}", quoted(some)),
        })
        .collect();
    if !known.is_empty() {
        let _ = writeln!(out, "* **constant**: {}", known.join("; "));
    }
    for (prefix, own) in &source.prefixes {
        let _ = writeln!(out, "* **exact**: every `{prefix}NAME`, as the datum `{own}NAME` of the event");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked of a host while the query runs may have changed since the event: an entry that does so without
    /// saying it would promise too much.
    #[test]
    fn every_live_join_and_every_key_says_what_it_loses() {
        for (id, choice) in Choices::default().iter() {
            let ecs = choice.ecs().unwrap();
            for source in &ecs.sources {
                let table = choice.profile.table(&source.log_source).unwrap();
                for field in described(source, table, ecs) {
                    let silent = field.why.is_none();
                    let must = matches!(field.exactness, Exactness::LiveJoin | Exactness::KeyOnly);
                    assert!(!(must && silent), "{id}: {}: {}", source.log_source, field.field);
                }
            }
        }
    }
}
