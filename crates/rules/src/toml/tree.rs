//! From what the TOML parser made of a document to values with places.

use eqlc_diagnostics::{SourceId, Span};
use toml_edit::{Item, TableLike, Value};

use super::string;
use crate::tree::{Kind, MAX_DEPTH, Member, Members, Tree};

/// A file that is turned into values.
pub(crate) struct Reader<'a> {
    pub(crate) source: SourceId,
    pub(crate) text: &'a str,
}

impl Reader<'_> {
    /// The keys of a table; `outer` is the place of what has none of its own.
    pub(crate) fn members(&self, table: &dyn TableLike, outer: Span, depth: usize) -> Members {
        let member = |(key, item): (&str, &Item)| {
            let key_span = table.key(key).and_then(toml_edit::Key::span);
            let key_span = key_span.map_or(outer, |range| Span::new(self.source, range));
            (key.to_owned(), Member { key_span, value: self.item(item, key_span, depth) })
        };
        table.iter().map(member).collect()
    }

    fn item(&self, item: &Item, outer: Span, depth: usize) -> Tree {
        let span = item.span().map_or(outer, |range| Span::new(self.source, range));
        let kind = match item {
            Item::None => Kind::Null,
            Item::Value(value) => return self.value(value, outer, depth),
            _ if depth >= MAX_DEPTH => Kind::Deep(self.written(item.span())),
            Item::Table(table) => Kind::Table(self.members(table, span, depth + 1)),
            Item::ArrayOfTables(tables) => {
                let table = |table: &toml_edit::Table| {
                    let span = table.span().map_or(span, |range| Span::new(self.source, range));
                    Tree { kind: Kind::Table(self.members(table, span, depth + 1)), span }
                };
                Kind::List(tables.iter().map(table).collect())
            }
        };
        Tree { kind, span }
    }

    fn value(&self, value: &Value, outer: Span, depth: usize) -> Tree {
        let span = value.span().map_or(outer, |range| Span::new(self.source, range));
        let kind = match value {
            Value::String(text) => {
                Kind::Text(string::fragment(self.source, self.text, span.range(), text.value()))
            }
            Value::Integer(number) => Kind::Int(*number.value()),
            Value::Float(number) => Kind::Float(*number.value()),
            Value::Boolean(value) => Kind::Bool(*value.value()),
            Value::Datetime(date) => Kind::Date(date.value().to_string()),
            _ if depth >= MAX_DEPTH => Kind::Deep(self.written(value.span())),
            Value::Array(array) => {
                Kind::List(array.iter().map(|value| self.value(value, span, depth + 1)).collect())
            }
            Value::InlineTable(table) => Kind::Table(self.members(table, span, depth + 1)),
        };
        Tree { kind, span }
    }

    /// The text of a value too deep to look into. Tables of dotted keys have no text of their own.
    fn written(&self, range: Option<std::ops::Range<usize>>) -> String {
        range.and_then(|range| self.text.get(range)).unwrap_or("{}").to_owned()
    }
}
