//! Access to the keys of a map, and conversions of single values.

use std::fmt::Display;
use std::ops::Range;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};

use super::suggest::near;
use super::{Reader, suggest};
use crate::Data;
use crate::yaml::{Entry, Kind, Place, Plain, Scalar, Yaml, ambiguity, resolve};

/// The entries of a map, from which known keys are taken one by one.
pub(super) struct Table<'y> {
    entries: Vec<Option<&'y Entry>>,
    pub(super) at: Range<usize>,
}

impl<'y> Table<'y> {
    pub(super) fn new(entries: &'y [Entry], at: Range<usize>) -> Self {
        Self { entries: entries.iter().map(Some).collect(), at }
    }

    /// Takes the entry of a key.
    pub(super) fn take(&mut self, name: &str) -> Option<&'y Entry> {
        let found = self.entries.iter_mut().find(|entry| {
            entry.is_some_and(|entry| entry.key.as_scalar().is_some_and(|key| key.text == name))
        });
        found.and_then(Option::take)
    }

    /// The entry of a key, left where it is.
    pub(super) fn peek(&self, name: &str) -> Option<&'y Entry> {
        let has_name = |entry: &&&Entry| entry.key.as_scalar().is_some_and(|key| key.text == name);
        self.entries.iter().flatten().find(has_name).copied()
    }

    /// What was not taken, in the order of the file.
    pub(super) fn rest(&mut self) -> Vec<&'y Entry> {
        self.entries.iter_mut().filter_map(Option::take).collect()
    }
}

impl<'a> Reader<'a> {
    pub(super) fn span(&self, at: &Range<usize>) -> Span {
        self.fragment.span(at.start, at.end)
    }

    pub(super) fn place(&self, node: &Yaml, scalar: &Scalar) -> Place<'a> {
        Place::new(self.fragment, node, scalar)
    }

    /// The text of a key; an error for a list or map as key.
    pub(super) fn key(&mut self, key: &Yaml) -> Option<Node<String>> {
        match key.as_scalar() {
            Some(scalar) => Some(Node::new(scalar.text.clone(), self.span(&key.at))),
            None => {
                self.wrong_kind("a key", "text", key);
                None
            }
        }
    }

    /// Says that `what` must be `wanted` and is not.
    pub(super) fn wrong_kind(&mut self, what: impl Display, wanted: &str, found: &Yaml) {
        if matches!(found.kind, Kind::Refused) {
            return;
        }
        let message = format!("{what} must be {wanted}, not {}", found.describe());
        let label = format!("this is {}", found.describe());
        self.sink.push(Diagnostic::error(codes::WRONG_KIND, message).at(self.span(&found.at), label));
    }

    /// The entries of a map, or an error.
    pub(super) fn map<'y>(&mut self, what: impl Display, node: &'y Yaml) -> Option<&'y [Entry]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            _ => {
                self.wrong_kind(what, "a map", node);
                None
            }
        }
    }

    /// Text that must be there; numbers and the like must be quoted.
    pub(super) fn text(&mut self, what: impl Display, node: &Yaml) -> Option<Node<String>> {
        let Some(scalar) = node.as_scalar() else {
            self.wrong_kind(what, "text", node);
            return None;
        };
        match resolve(scalar) {
            Plain::Text => {
                self.warn_ambiguous(node, scalar);
                Some(Node::new(scalar.text.clone(), self.span(&node.at)))
            }
            Plain::Null => {
                self.wrong_kind(what, "text", node);
                None
            }
            _ => {
                let message = format!("{what} must be text, not {}", node.describe());
                let span = self.span(&node.at);
                let diagnostic = Diagnostic::error(codes::WRONG_KIND, message)
                    .at(span, format!("this is {}", node.describe()))
                    .fix(Applicability::Safe, "put it in quotes", span, format!("'{}'", scalar.text));
                self.sink.push(diagnostic);
                None
            }
        }
    }

    /// The text of a key's value; an entry with no value counts as absent.
    pub(super) fn optional_text(&mut self, table: &mut Table<'_>, key: &str) -> Option<Node<String>> {
        let entry = table.take(key)?;
        if entry.value.is_null() {
            return None;
        }
        self.text(format_args!("`{key}`"), &entry.value)
    }

    /// A date is text to Sigma whether or not it is quoted.
    pub(super) fn optional_date(&mut self, table: &mut Table<'_>, key: &str) -> Option<Node<String>> {
        let entry = table.take(key)?;
        let Some(scalar) = entry.value.as_scalar() else {
            self.wrong_kind(format_args!("`{key}`"), "a date", &entry.value);
            return None;
        };
        if entry.value.is_null() {
            return None;
        }
        let date = Node::new(scalar.text.clone(), self.span(&entry.value.at));
        if !is_iso_date(&scalar.text) {
            let mut diagnostic =
                Diagnostic::warning(codes::BAD_DATE, format!("`{key}` is not a date of the form YYYY-MM-DD"))
                    .at(date.span, "not an ISO 8601 date");
            let dashed = scalar.text.replace('/', "-");
            if is_iso_date(&dashed) {
                diagnostic =
                    diagnostic.fix(Applicability::Safe, format!("write `{dashed}`"), date.span, dashed);
            }
            self.sink.push(diagnostic);
        }
        Some(date)
    }

    /// A list of texts; an entry with no value is an empty list. `single` allows one text in place of a list.
    pub(super) fn texts(&mut self, table: &mut Table<'_>, key: &str, single: bool) -> Vec<Node<String>> {
        let Some(entry) = table.take(key) else { return Vec::new() };
        let what = format_args!("an item of `{key}`");
        match &entry.value.kind {
            Kind::Seq(items) => items.iter().filter_map(|item| self.text(what, item)).collect(),
            Kind::Scalar(_) if entry.value.is_null() => Vec::new(),
            Kind::Scalar(_) if single => self.text(what, &entry.value).into_iter().collect(),
            _ => {
                self.wrong_kind(format_args!("`{key}`"), "a list", &entry.value);
                Vec::new()
            }
        }
    }

    /// One of a set of words.
    pub(super) fn word<T: Copy>(
        &mut self,
        entry: &Entry,
        code: eqlc_diagnostics::Code,
        find: fn(&str) -> Option<T>,
        names: &[&str],
    ) -> Option<Node<T>> {
        let key = entry.key.as_scalar().map_or("", |key| key.text.as_str());
        let text = self.text(format_args!("`{key}`"), &entry.value)?;
        if let Some(value) = find(&text.value) {
            return Some(Node::new(value, text.span));
        }
        let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let diagnostic = Diagnostic::error(code, format!("unknown {key} `{}`", text.value))
            .at(text.span, "not defined by Sigma")
            .note(format!("allowed are {list}"));
        let (diagnostic, _) = suggest(diagnostic, &text.value, text.span, names.iter().copied());
        self.sink.push(diagnostic);
        None
    }

    /// Warns of a scalar whose meaning depends on the version of YAML.
    pub(super) fn warn_ambiguous(&mut self, node: &Yaml, scalar: &Scalar) {
        let Some(otherwise) = ambiguity(scalar) else { return };
        let span = self.span(&node.at);
        let here = node.describe();
        let message = format!("readers of YAML do not agree on `{}`", scalar.text);
        let mut diagnostic = Diagnostic::warning(codes::YAML_AMBIGUOUS, message)
            .at(span, format!("read as {here} here, and as {otherwise} by others"))
            .note("versions 1.1 and 1.2 of YAML differ in this");
        // What every reader takes for the same.
        let plain = match resolve(scalar) {
            Plain::Text => {
                let quoted = format!("'{}'", scalar.text.replace('\'', "''"));
                Some(("put it in quotes".to_owned(), quoted))
            }
            Plain::Bool(value) => Some((format!("write `{value}`"), value.to_string())),
            Plain::Int(value) => Some((format!("write `{value}`"), value.to_string())),
            _ => None,
        };
        if let Some((title, text)) = plain {
            diagnostic = diagnostic.fix(Applicability::Safe, title, span, text);
        }
        self.sink.push(diagnostic);
    }

    /// YAML as it is, for keys that Sigma does not define.
    pub(super) fn data(&mut self, node: &Yaml) -> Data {
        match &node.kind {
            Kind::Scalar(scalar) => match resolve(scalar) {
                Plain::Null => Data::Null,
                Plain::Bool(value) => Data::Bool(value),
                Plain::Int(value) => Data::Int(value),
                Plain::Float(value) => Data::Float(value),
                Plain::TooLarge | Plain::Text => Data::Text(scalar.text.clone()),
            },
            Kind::Seq(items) => Data::List(items.iter().map(|item| self.data(item)).collect()),
            Kind::Map(entries) => Data::Map(
                entries
                    .iter()
                    .filter_map(|entry| Some((self.key(&entry.key)?.value, self.data(&entry.value))))
                    .collect(),
            ),
            Kind::Refused => Data::Null,
        }
    }

    /// What is left of a table, in order; warns of keys that look like a slip for one of `known`.
    pub(super) fn custom(&mut self, table: &mut Table<'_>, known: &[&str]) -> Vec<(Node<String>, Data)> {
        let mut custom = Vec::new();
        for entry in table.rest() {
            let Some(key) = self.key(&entry.key) else { continue };
            let message = format!("Sigma does not define the key `{}`", key.value);
            let diagnostic =
                Diagnostic::warning(codes::UNKNOWN_KEY, message).at(key.span, "kept, and without meaning");
            let (diagnostic, near) = suggest(diagnostic, &key.value, key.span, known.iter().copied());
            if near {
                self.sink.push(diagnostic);
            }
            custom.push((key, self.data(&entry.value)));
        }
        custom
    }

    /// Takes the entry of a required key. Where only a key that looks like a slip for it is there, that one
    /// is reported and taken. Keys in `known` are no slips.
    pub(super) fn take_near<'y>(
        &mut self,
        table: &mut Table<'y>,
        name: &str,
        known: &[&str],
    ) -> Option<&'y Entry> {
        if let Some(entry) = table.take(name) {
            return Some(entry);
        }
        let keys = table.entries.iter().flatten().filter_map(|entry| entry.key.as_scalar());
        let slip = keys.map(|key| key.text.as_str()).filter(|key| !known.contains(key));
        let slip = near(name, slip).first().map(|slip| (*slip).to_owned())?;
        let entry = table.take(&slip)?;
        let span = self.span(&entry.key.at);
        let message = format!("`{slip}` stands where `{name}` is needed");
        self.sink.push(
            Diagnostic::error(codes::MISSING_KEY, message).at(span, format!("read as `{name}`")).fix(
                Applicability::Unsafe,
                format!("replace `{slip}` with `{name}`"),
                span,
                name,
            ),
        );
        Some(entry)
    }

    /// Says that a key is missing from a map.
    pub(super) fn missing(&mut self, key: &str, what: &str, at: &Range<usize>) -> Diagnostic {
        // The whole map would underline the document; its first line says enough.
        let line = self.fragment.text().get(at.clone()).and_then(|text| text.lines().next());
        let end = at.start + line.map_or(0, |line| line.trim_end().len());
        Diagnostic::error(codes::MISSING_KEY, format!("{what} has no `{key}`"))
            .at(self.fragment.span(at.start, end), format!("`{key}` is missing here"))
    }
}

fn is_iso_date(text: &str) -> bool {
    let &[a, b, c, d, b'-', m, month, b'-', t, day] = text.as_bytes() else { return false };
    let two = |tens: u8, ones: u8| 10 * (tens - b'0') + (ones - b'0');
    [a, b, c, d, m, month, t, day].iter().all(u8::is_ascii_digit)
        && (1..=12).contains(&two(m, month))
        && (1..=31).contains(&two(t, day))
}
