//! Investigation guides, with the tables of osquery: their check, and packs of their queries.

use eqlc_backend_osquery::{guide_pack, schema};
use eqlc_diagnostics::{Diagnostics, SourceMap, has_errors};
use eqlc_guide::{Context, Tables};
use eqlc_rules::RuleDocument;

use crate::input::Input;

struct Osquery;

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

impl Tables for Osquery {
    fn columns(&self, table: &str) -> Option<Vec<&str>> {
        Some(schema::table(table)?.column_names().collect())
    }

    fn names(&self) -> Vec<&str> {
        schema::all().keys().map(String::as_str).collect()
    }

    fn systems(&self, table: &str) -> Vec<&str> {
        schema::table(table).map_or_else(Vec::new, |table| texts(&table.platforms))
    }

    fn systems_of(&self, table: &str, column: &str) -> Vec<&str> {
        let column = schema::table(table).and_then(|table| table.column(column));
        column.map_or_else(Vec::new, |column| texts(&column.platforms))
    }

    fn required(&self, table: &str) -> Vec<&str> {
        let columns = schema::table(table).into_iter().flat_map(|table| &table.columns);
        columns.filter(|(_, column)| column.required).map(|(name, _)| name.as_str()).collect()
    }
}

/// The operating systems that a rule is for, as osquery names them: those of its tags and of its list.
fn systems(document: &RuleDocument) -> Vec<&'static str> {
    let meta = &document.metadata;
    let tagged = meta.tags.iter().filter_map(|tag| tag.strip_prefix("OS: "));
    let named: Vec<String> =
        tagged.chain(meta.os_list.iter().map(String::as_str)).map(str::to_lowercase).collect();
    [("darwin", "macos"), ("linux", "linux"), ("windows", "windows")]
        .into_iter()
        .filter(|(_, name)| named.iter().any(|named| named == name))
        .map(|(system, _)| system)
        .collect()
}

/// What is wrong with the guides of documents, in their order: warnings, since a guide changes nothing of what
/// its rule finds.
pub(crate) fn check(documents: &[RuleDocument]) -> Diagnostics {
    let checked = |document: &RuleDocument| {
        let context = Context { tables: &Osquery, systems: &systems(document) };
        eqlc_guide::check(&document.guide, context)
    };
    documents.iter().flat_map(checked).collect()
}

/// The packs of the guides of one input.
#[derive(Debug)]
pub struct GuidePacks {
    /// Where it came from.
    pub input: Input,
    /// Its text.
    pub sources: SourceMap,
    /// What was found in the documents, and which queries are left out.
    pub diagnostics: Diagnostics,
    /// Whether the input could not be read.
    pub broken: bool,
    /// Place of the rule in the input, from 0, and its pack, for each rule with queries that can run by themselves.
    pub packs: Vec<(usize, String)>,
}

/// The queries of the investigation guide of every rule of an input, as query packs.
#[must_use]
pub fn guide_packs(input: &Input) -> GuidePacks {
    let mut sources = SourceMap::new();
    let bytes = match input.read() {
        Ok(bytes) => bytes,
        Err(diagnostic) => {
            let diagnostics = vec![*diagnostic];
            return GuidePacks {
                input: input.clone(),
                sources,
                diagnostics,
                broken: true,
                packs: Vec::new(),
            };
        }
    };
    let read = eqlc_rules::read(&input.name(), &bytes, &mut sources);
    let broken = has_errors(&read.diagnostics);
    let mut diagnostics = read.diagnostics;
    let mut packs = Vec::new();
    for (nth, document) in read.tree.documents.iter().enumerate().filter(|_| !broken) {
        let context = Context { tables: &Osquery, systems: &systems(document) };
        let (queries, left_out) = eqlc_guide::queries(&document.guide, context);
        diagnostics.extend(left_out);
        let queries: Vec<_> = queries
            .iter()
            .map(|query| (query.label.as_str(), query.text.as_str(), texts(&query.systems)))
            .collect();
        packs.extend(guide_pack(&document.metadata.name, &queries).map(|pack| (nth, pack)));
    }
    GuidePacks { input: input.clone(), sources, diagnostics, broken, packs }
}
