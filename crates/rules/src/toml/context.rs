//! Reading values of the right type, and saying so where they are not.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, SourceId, Span};
use toml_edit::{Item, TableLike, Value};

/// The document and what was found wrong with it so far.
pub(crate) struct Context<'a> {
    /// The file.
    pub(crate) source: SourceId,
    /// Its text.
    pub(crate) text: &'a str,
    /// Findings.
    pub(crate) diagnostics: Diagnostics,
}

/// A key of a table with its value: where it stands and what it is called.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// The key.
    pub(crate) key: &'a str,
    /// The dotted path from the root, with the key.
    pub(crate) path: &'a str,
    /// The place of the key.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) item: &'a Item,
}

impl Context<'_> {
    /// The place of a value; that of its key where it has none (a table of dotted keys).
    pub(crate) fn span(&self, entry: Entry<'_>) -> Span {
        entry.item.span().map_or(entry.key_span, |range| Span::new(self.source, range))
    }

    /// The place of a key of a table; `outer` where it has none.
    pub(crate) fn key_span(&self, table: &dyn TableLike, key: &str, outer: Span) -> Span {
        table.key(key).and_then(toml_edit::Key::span).map_or(outer, |range| Span::new(self.source, range))
    }

    /// Says that a value should be something else.
    pub(crate) fn wrong_type(&mut self, path: &str, span: Span, expected: &str, found: &str) {
        let message = format!("`{path}` is {found}, expected {expected}");
        self.diagnostics
            .push(Diagnostic::error(files::WRONG_TYPE, message).at(span, format!("expected {expected}")));
    }

    fn expected(&mut self, entry: Entry<'_>, expected: &str) {
        let span = self.span(entry);
        self.wrong_type(entry.path, span, expected, item_type(entry.item));
    }

    /// Text.
    pub(crate) fn text(&mut self, entry: Entry<'_>) -> Option<String> {
        let text = entry.item.as_str().map(str::to_owned);
        if text.is_none() {
            self.expected(entry, "text");
        }
        text
    }

    /// A whole number that is not negative.
    pub(crate) fn whole(&mut self, entry: Entry<'_>) -> Option<u64> {
        let number = entry.item.as_integer().and_then(|number| u64::try_from(number).ok());
        if number.is_none() {
            self.expected(entry, "a whole number from 0");
        }
        number
    }

    /// An array of text; elements of other types are reported and left out.
    pub(crate) fn texts(&mut self, entry: Entry<'_>) -> Vec<String> {
        let Some(array) = entry.item.as_array() else {
            self.expected(entry, "an array of text");
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(array.len());
        for (at, value) in array.iter().enumerate() {
            match value.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.expected_element(entry, at, value, "text"),
            }
        }
        texts
    }

    /// A table.
    pub(crate) fn table<'i>(&mut self, entry: Entry<'i>) -> Option<&'i dyn TableLike> {
        let table = entry.item.as_table_like();
        if table.is_none() {
            self.expected(entry, "a table");
        }
        table
    }

    /// An array of tables, in either way of writing it.
    pub(crate) fn tables<'i>(&mut self, entry: Entry<'i>) -> Vec<&'i dyn TableLike> {
        if let Some(tables) = entry.item.as_array_of_tables() {
            return tables.iter().map(|table| table as &dyn TableLike).collect();
        }
        let Some(array) = entry.item.as_array() else {
            self.expected(entry, "an array of tables");
            return Vec::new();
        };
        let mut tables: Vec<&'i dyn TableLike> = Vec::with_capacity(array.len());
        for (at, value) in array.iter().enumerate() {
            match value.as_inline_table() {
                Some(table) => tables.push(table),
                None => self.expected_element(entry, at, value, "a table"),
            }
        }
        tables
    }

    /// Says that an element of an array should be something else.
    fn expected_element(&mut self, entry: Entry<'_>, at: usize, value: &Value, expected: &str) {
        let span = value.span().map_or(entry.key_span, |range| Span::new(self.source, range));
        self.wrong_type(&format!("{}[{at}]", entry.path), span, expected, value_type(value));
    }
}

fn item_type(item: &Item) -> &'static str {
    match item {
        Item::None => "nothing",
        Item::Value(value) => value_type(value),
        Item::Table(_) => "a table",
        Item::ArrayOfTables(_) => "an array of tables",
    }
}

fn value_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(number) if *number.value() < 0 => "a negative number",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a decimal number",
        Value::Boolean(_) => "a truth value",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "an array",
        Value::InlineTable(_) => "a table",
    }
}
