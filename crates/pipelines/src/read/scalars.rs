//! Single values and lists of them.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node};
use eqlc_sigma::Data;
use eqlc_sigma::yaml::{Entry, Kind, Place, Plain, Scalar, Style, Yaml, resolve};

use super::Reader;
use super::keys::Keys;
use crate::model::Targets;
use crate::python::{Fault, Pattern};

/// A word and what it stands for.
pub(super) type Words<T> = [(&'static str, T)];

impl Reader<'_> {
    /// Says that `what` must be `wanted` and is not.
    pub(super) fn wrong_kind(&mut self, what: &str, wanted: &str, found: &Yaml) {
        if matches!(found.kind, Kind::Refused) {
            return;
        }
        let message = format!("{what} must be {wanted}, not {}", found.describe());
        let span = self.head(&found.at);
        self.error(codes::PIPELINE_VALUE, message, span, format!("this is {}", found.describe()));
    }

    pub(super) fn list<'y>(&mut self, what: &str, node: &'y Yaml) -> Option<&'y [Yaml]> {
        match &node.kind {
            Kind::Seq(items) => Some(items),
            _ if node.is_null() => Some(&[]),
            _ => {
                self.wrong_kind(what, "a list", node);
                None
            }
        }
    }

    /// Text; a number or the like must be quoted.
    pub(super) fn text(&mut self, what: &str, node: &Yaml) -> Option<Node<String>> {
        let Some(scalar) = node.as_scalar() else {
            self.wrong_kind(what, "text", node);
            return None;
        };
        match resolve(scalar) {
            Plain::Text => Some(Node::new(scalar.text.clone(), self.span(&node.at))),
            Plain::Null => {
                self.wrong_kind(what, "text", node);
                None
            }
            _ => {
                let span = self.span(&node.at);
                let message = format!("{what} must be text, not {}", node.describe());
                self.push(
                    Diagnostic::error(codes::PIPELINE_VALUE, message)
                        .at(span, format!("this is {}", node.describe()))
                        .fix(Applicability::Safe, "put it in quotes", span, format!("'{}'", scalar.text)),
                );
                None
            }
        }
    }

    pub(super) fn required_text(&mut self, keys: &mut Keys<'_>, name: &'static str) -> Option<Node<String>> {
        let entry = self.required(keys, name)?;
        self.text(&format!("`{name}`"), &entry.value)
    }

    pub(super) fn optional_text(&mut self, keys: &mut Keys<'_>, name: &'static str) -> Option<Node<String>> {
        let entry = keys.take_filled(name)?;
        self.text(&format!("`{name}`"), &entry.value)
    }

    /// A list of texts, or one text in place of a list.
    pub(super) fn texts_of(&mut self, what: &str, node: &Yaml) -> Vec<Node<String>> {
        let items = match &node.kind {
            Kind::Seq(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| self.text(what, item)).collect()
    }

    pub(super) fn optional_texts(
        &mut self,
        keys: &mut Keys<'_>,
        name: &'static str,
    ) -> Option<Vec<Node<String>>> {
        let entry = keys.take_filled(name)?;
        Some(self.texts_of(&format!("an item of `{name}`"), &entry.value))
    }

    pub(super) fn required_texts(&mut self, keys: &mut Keys<'_>, name: &'static str) -> Option<Vec<String>> {
        let entry = self.required(keys, name)?;
        let texts = self.texts_of(&format!("an item of `{name}`"), &entry.value);
        Some(texts.into_iter().map(|text| text.value).collect())
    }

    /// `true` or `false`; absent is false. Other versions of YAML have more words for them.
    pub(super) fn flag(&mut self, keys: &mut Keys<'_>, name: &'static str) -> bool {
        let Some(entry) = keys.take_filled(name) else { return false };
        let word = entry.value.as_scalar().filter(|scalar| scalar.style == Style::Plain);
        match word.map(|scalar| scalar.text.to_ascii_lowercase()).as_deref() {
            Some("true" | "yes" | "on") => true,
            Some("false" | "no" | "off") => false,
            _ => {
                self.wrong_kind(&format!("`{name}`"), "`true` or `false`", &entry.value);
                false
            }
        }
    }

    pub(super) fn integer(&mut self, keys: &mut Keys<'_>, name: &'static str) -> Option<i64> {
        let entry = keys.take_filled(name)?;
        let number = entry.value.as_scalar().and_then(|scalar| match resolve(scalar) {
            Plain::Int(number) => i64::try_from(number).ok(),
            _ => None,
        });
        if number.is_none() {
            self.wrong_kind(&format!("`{name}`"), "a whole number", &entry.value);
        }
        number
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, entry: &Entry, words: &Words<T>) -> Option<T> {
        let key = entry.key.as_scalar().map_or("", |key| key.text.as_str()).to_owned();
        let text = self.text(&format!("`{key}`"), &entry.value)?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{key}` cannot be `{}`", text.value);
            self.unknown(codes::PIPELINE_VALUE, message, &text.value, text.span, &known);
        }
        found
    }

    /// One of a few words, or what stands for an absent one.
    pub(super) fn word_or<T: Copy>(
        &mut self,
        keys: &mut Keys<'_>,
        name: &'static str,
        words: &Words<T>,
        absent: T,
    ) -> Option<T> {
        match keys.take_filled(name) {
            Some(entry) => self.word(entry, words),
            None => Some(absent),
        }
    }

    /// Any value.
    pub(super) fn data(node: &Yaml) -> Data {
        match &node.kind {
            Kind::Scalar(scalar) => match resolve(scalar) {
                Plain::Null => Data::Null,
                Plain::Bool(value) => Data::Bool(value),
                Plain::Int(value) => Data::Int(value),
                Plain::Float(value) => Data::Float(value),
                Plain::TooLarge | Plain::Text => Data::Text(scalar.text.clone()),
            },
            Kind::Seq(items) => Data::List(items.iter().map(Self::data).collect()),
            Kind::Map(entries) => Data::Map(
                entries
                    .iter()
                    .filter_map(|entry| Some((entry.key.as_scalar()?.text.clone(), Self::data(&entry.value))))
                    .collect(),
            ),
            Kind::Refused => Data::Null,
        }
    }

    /// A name, or a list of names, of fields.
    pub(super) fn targets(&mut self, what: &str, node: &Yaml) -> Option<Targets> {
        if matches!(node.kind, Kind::Seq(_)) {
            let names = self.texts_of(what, node).into_iter().map(|name| name.value);
            return Some(Targets::Many(names.collect()));
        }
        self.text(what, node).map(|name| Targets::One(name.value))
    }

    pub(super) fn pattern(&mut self, node: &Yaml) -> Option<Pattern> {
        self.with_python(node, Pattern::new)
    }

    /// Reads the text of a node with something that may find a fault in it.
    pub(super) fn with_python<T>(
        &mut self,
        node: &Yaml,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let text = self.text("an expression", node)?;
        match read(&text.value) {
            Ok(read) => Some(read),
            Err(fault) => {
                let span = match (fault.at, node.as_scalar()) {
                    (Some(at), Some(scalar)) => self.place(node, scalar).span(at),
                    _ => text.span,
                };
                let message = format!("the regular expression cannot be used: {}", fault.what);
                self.error(codes::PIPELINE_REGEX, message, span, fault.what);
                None
            }
        }
    }

    pub(super) fn place(&self, node: &Yaml, scalar: &Scalar) -> Place<'_> {
        Place::new(self.fragment, node, scalar)
    }
}
