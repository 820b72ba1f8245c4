//! The keys of a map, taken one by one.

use std::ops::Range;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_sigma::yaml::{Entry, Kind, Yaml};

use super::Reader;

/// The entries of a map; what is not taken is unknown.
pub(super) struct Keys<'y> {
    entries: Vec<Option<&'y Entry>>,
    /// Every key that was asked for.
    known: Vec<&'static str>,
    /// What the map is, for messages.
    pub(super) what: String,
    pub(super) at: Range<usize>,
}

impl<'y> Keys<'y> {
    pub(super) fn take(&mut self, name: &'static str) -> Option<&'y Entry> {
        self.known.push(name);
        let found = self.entries.iter_mut().find(|entry| {
            entry.is_some_and(|entry| entry.key.as_scalar().is_some_and(|key| key.text == name))
        });
        found.and_then(Option::take)
    }

    /// Takes an entry; one with nothing in it counts as absent.
    pub(super) fn take_filled(&mut self, name: &'static str) -> Option<&'y Entry> {
        self.take(name).filter(|entry| !entry.value.is_null())
    }
}

impl Reader<'_> {
    /// The keys of a node, which must be a map.
    pub(super) fn keys<'y>(&mut self, what: &str, node: &'y Yaml) -> Option<Keys<'y>> {
        match &node.kind {
            Kind::Map(entries) => Some(Keys {
                entries: entries.iter().map(Some).collect(),
                known: Vec::new(),
                what: what.to_owned(),
                at: node.at.clone(),
            }),
            _ => {
                self.wrong_kind(what, "a map", node);
                None
            }
        }
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(&mut self, keys: Keys<'_>) {
        for entry in keys.entries.iter().flatten() {
            let span = self.span(&entry.key.at);
            match entry.key.as_scalar() {
                Some(key) => {
                    let message = format!("{} has no key `{}`", keys.what, key.text);
                    self.unknown(codes::PIPELINE_KEY, message, &key.text, span, &keys.known);
                }
                None => self.wrong_kind("a key", "text", &entry.key),
            }
        }
    }

    /// Takes an entry that must be there and filled.
    pub(super) fn required<'y>(&mut self, keys: &mut Keys<'y>, name: &'static str) -> Option<&'y Entry> {
        let entry = keys.take(name);
        if entry.is_none() {
            let message = format!("{} has no `{name}`", keys.what);
            let span = self.head(&keys.at);
            self.error(codes::PIPELINE_VALUE, message, span, format!("`{name}` is missing here"));
        }
        entry
    }
}
