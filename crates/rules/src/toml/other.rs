//! TOML text of values that are kept and not understood.

use toml_edit::{Item, TableLike};

/// The value as one TOML value: as written where it is one, and as an inline table or array where the document
/// writes it as tables.
///
/// The recursion is bounded: only tables recurse, and toml_edit limits the length of a key path.
pub(crate) fn text(source: &str, item: &Item) -> String {
    match item {
        Item::None => String::new(),
        Item::Value(value) => {
            let written = value.span().and_then(|range| source.get(range));
            // Tables of dotted keys inside an inline table have no text of their own.
            written.map_or_else(|| value.to_string().trim().to_owned(), str::to_owned)
        }
        Item::Table(table) => inline(source, table),
        Item::ArrayOfTables(tables) => {
            let tables: Vec<String> = tables.iter().map(|table| inline(source, table)).collect();
            format!("[{}]", tables.join(", "))
        }
    }
}

fn inline(source: &str, table: &dyn TableLike) -> String {
    let pairs: Vec<String> = table
        .iter()
        .map(|(key, item)| format!("{} = {}", toml_edit::Key::new(key).display_repr(), text(source, item)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}
