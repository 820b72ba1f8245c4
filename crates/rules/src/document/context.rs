//! Reading values of the right type, and saying so where they are not.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};

use crate::tree::{Members, Tree};

/// What was found wrong with a document so far.
#[derive(Default)]
pub(crate) struct Context {
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
    /// The value.
    pub(crate) item: &'a Tree,
}

impl Context {
    /// Says that a value should be something else.
    pub(crate) fn wrong_type(&mut self, path: &str, span: Span, expected: &str, found: &str) {
        let message = format!("`{path}` is {found}, expected {expected}");
        self.diagnostics
            .push(Diagnostic::error(files::WRONG_TYPE, message).at(span, format!("expected {expected}")));
    }

    fn expected(&mut self, entry: Entry<'_>, expected: &str) {
        self.wrong_type(entry.path, entry.item.span, expected, entry.item.name());
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
        let Some(list) = entry.item.list() else {
            self.expected(entry, "an array of text");
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(list.len());
        for (at, value) in list.iter().enumerate() {
            match value.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.expected_element(entry, at, value, "text"),
            }
        }
        texts
    }

    /// A table.
    pub(crate) fn table<'i>(&mut self, entry: Entry<'i>) -> Option<&'i Members> {
        let table = entry.item.members();
        if table.is_none() {
            self.expected(entry, "a table");
        }
        table
    }

    /// An array of tables.
    pub(crate) fn tables<'i>(&mut self, entry: Entry<'i>) -> Vec<&'i Members> {
        let Some(list) = entry.item.list() else {
            self.expected(entry, "an array of tables");
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(list.len());
        for (at, value) in list.iter().enumerate() {
            match value.members() {
                Some(table) => tables.push(table),
                None => self.expected_element(entry, at, value, "a table"),
            }
        }
        tables
    }

    /// Says that an element of an array should be something else.
    fn expected_element(&mut self, entry: Entry<'_>, at: usize, value: &Tree, expected: &str) {
        self.wrong_type(&format!("{}[{at}]", entry.path), value.span, expected, value.name());
    }
}
