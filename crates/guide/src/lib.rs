//! Investigation guides: the blocks that Kibana makes into buttons.
//!
//! A guide is Markdown in which `!{osquery{…}}` is a query for a host and `!{investigate{…}}` a search for
//! events. A document may write them as tables under `[transform]` and refer to them as `$osquery_0`. Nothing
//! in a guide changes what its rule finds, so every finding is a warning.

mod block;
mod keys;
mod sql;

use eqlc_diagnostics::Diagnostics;
use eqlc_rules::GuideSource;

/// The tables that a query may name.
pub trait Tables {
    /// The columns of a table; `None` when there is no such table.
    fn columns(&self, table: &str) -> Option<Vec<&str>>;

    /// Every table.
    fn names(&self) -> Vec<&str>;
}

/// Checks the guide of a rule; findings point at what was typed, through every layer of escapes, and stand in
/// the order of the text.
#[must_use]
pub fn check(guide: &GuideSource, tables: &dyn Tables) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(note) = &guide.note {
        for block in block::find(note, &mut diagnostics) {
            keys::check(&block.plugin, &block.value, tables, &mut diagnostics);
        }
        block::references(note, &guide.tables, &mut diagnostics);
    }
    for table in &guide.tables {
        keys::check(&table.plugin, &table.value, tables, &mut diagnostics);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map_or(0, |span| span.start));
    diagnostics
}

#[cfg(test)]
mod tests;
