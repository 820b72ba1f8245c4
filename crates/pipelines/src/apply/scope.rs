//! What a list of items remembers while it runs over a rule.

use std::collections::{BTreeMap, BTreeSet};

use eqlc_sigma::Data;

#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The items that were applied, by their ids.
    pub(super) applied: BTreeSet<String>,
    /// What `set_state` has set.
    pub(super) state: BTreeMap<String, Data>,
    /// Every name that a mapping has taken or given.
    pub(super) mapped: BTreeSet<String>,
    /// The items that made a name, for names outside of detection items.
    names: BTreeMap<String, BTreeSet<String>>,
}

impl Scope {
    /// Notes that an item made names of a name.
    pub(super) fn track(&mut self, source: &str, targets: &[String], id: Option<&String>) {
        if targets == [source] {
            return;
        }
        let mut ids = self.names.remove(source).unwrap_or_default();
        ids.extend(id.cloned());
        for target in targets {
            self.names.insert(target.clone(), ids.clone());
        }
    }

    pub(super) fn was_made_by(&self, name: &str, id: &str) -> bool {
        self.names.get(name).is_some_and(|ids| ids.contains(id))
    }

    /// What nested items leave to those around them.
    pub(super) fn take_over(&mut self, inner: Self) {
        self.applied.extend(inner.applied);
        self.state.extend(inner.state);
        self.mapped.extend(inner.mapped);
        self.names.extend(inner.names);
    }
}
