//! The mapped fields of a source's rows, without any rule: what a verifier compares a rule's query with.

use eqlc_backend::{EventMap, Settings};
use eqlc_ir::LogSource;

use crate::event::TIME;
use crate::{Osquery, layout};

impl Osquery {
    /// A query that gives every mapped field of every row of a log source, each under its name, with
    /// `time_ms` (milliseconds since 1970) and `eid` (the row's number) in front, in the order of `eid`. None
    /// where the profile of the settings has no such source.
    #[must_use]
    pub fn rows_query(&self, settings: &Settings, log_source: &LogSource) -> Option<String> {
        let (_, map, profile) = self.profile(settings)?;
        let table = profile.table(log_source)?;
        let filters = table.filter.iter().map(|filter| format!("({filter})"));
        let condition = std::iter::once("TRUE".to_owned()).chain(filters).collect::<Vec<_>>().join(" AND ");
        let mut columns = vec![format!("{} AS {TIME}", table.time), format!("{} AS eid", table.order)];
        for name in fields(map, log_source) {
            if let Some(column) = profile.column(name) {
                columns.push(format!("{} AS \"{name}\"", column.expr));
            }
        }
        let text =
            format!("SELECT {} FROM {} AS e WHERE {condition} ORDER BY eid", columns.join(", "), table.table);
        Some(layout::pretty(&text))
    }
}

/// The mapped fields of a source, each once.
fn fields<'a>(map: &'a EventMap, log_source: &LogSource) -> Vec<&'a str> {
    let Some(source) = map.source(log_source) else { return Vec::new() };
    let mut names: Vec<&str> = map
        .fields_of(source)
        .filter_map(|path| map.entry(source, path).and_then(|entry| entry.field.as_deref()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
