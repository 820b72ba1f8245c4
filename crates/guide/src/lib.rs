//! Investigation guides: the blocks that Kibana makes into buttons.
//!
//! A guide is Markdown in which `!{osquery{…}}` is a query for a host and `!{investigate{…}}` a search for
//! events. A document may write them as tables under `[transform]` and refer to them as `$osquery_0`. Nothing
//! in a guide changes what its rule finds, so every finding is a warning.

mod block;
mod keys;
mod queries;
mod sql;

pub use queries::{GuideQuery, queries};

use eqlc_diagnostics::Diagnostics;
use eqlc_rules::GuideSource;
use eqlc_rules::tree::Tree;

/// The tables that a query may name.
pub trait Tables {
    /// The columns of a table; `None` when there is no such table.
    fn columns(&self, table: &str) -> Option<Vec<&str>>;

    /// Every table.
    fn names(&self) -> Vec<&str>;

    /// The operating systems that have a table (`darwin`, `linux`, `windows`).
    fn systems(&self, table: &str) -> Vec<&str>;

    /// The operating systems where a column of a table has values; none: all of the table.
    fn systems_of(&self, table: &str, column: &str) -> Vec<&str>;

    /// The columns one of which a query must have a condition on; none: it need not.
    fn required(&self, table: &str) -> Vec<&str>;
}

/// What queries are checked against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The tables that they may name.
    pub tables: &'a dyn Tables,
    /// The operating systems that the rule is for, as the tables have them; none: not known.
    pub systems: &'a [&'a str],
}

/// Checks the guide of a rule; findings point at what was typed, through every layer of escapes, and stand in
/// the order of the text.
#[must_use]
pub fn check(guide: &GuideSource, context: Context<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let blocks = blocks(guide, &mut diagnostics);
    for (plugin, block) in &blocks {
        keys::check(plugin, block, context, &mut diagnostics);
    }
    if let Some(note) = &guide.note {
        block::references(note, &guide.tables, &mut diagnostics);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map_or(0, |span| span.start));
    diagnostics
}

/// The blocks of a guide with their plugins: those of the text, then the tables that become ones.
fn blocks(guide: &GuideSource, diagnostics: &mut Diagnostics) -> Vec<(String, Tree)> {
    let mut blocks = Vec::new();
    if let Some(note) = &guide.note {
        blocks.extend(block::find(note, diagnostics).into_iter().map(|block| (block.plugin, block.value)));
    }
    blocks.extend(guide.tables.iter().map(|table| (table.plugin.clone(), table.value.clone())));
    blocks
}

#[cfg(test)]
mod tests;
