//! What events look like where a rule leaves freedom: one host, one user, processes with ids of their own.
//!
//! Everything is derived from a seed, and values that belong together from each other: a process has the name of its
//! executable, the same executable the same id on every event and the same id the same executable, and a file the
//! extension of its name.

mod again;
mod clocks;
mod os;
mod shapes;
mod sources;
mod values;

use eqlc_backend_native::reference::RunOptions;
use eqlc_events::Timestamp;
use eqlc_ir::{Category, Rule};
use indexmap::IndexMap;
use serde_json::Value as Json;

pub(crate) use clocks::clocks;
pub(crate) use os::Os;

use crate::document;

/// 2025-01-15T10:00:00Z in milliseconds since 1970.
const START_MS: i64 = 1_736_935_200_000;
const HOUR_MS: i64 = 3_600_000;

/// Fields of which the second is the last part of the first.
pub(crate) const PARTS: &[(&str, &str)] = &[
    ("process.executable", "process.name"),
    ("process.parent.executable", "process.parent.name"),
    ("file.path", "file.name"),
    ("dll.path", "dll.name"),
    ("registry.path", "registry.value"),
];

/// What stands behind the last dot of a file's name.
const EXTENSION: &str = "file.extension";

/// The free values of the events of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    seed: u64,
    start_ms: i64,
    os: Os,
    /// The category of the event at hand, where it is known.
    category: Option<String>,
    /// What of the event at hand is decided.
    decided: IndexMap<String, Json>,
}

impl Scene {
    /// The values of a seed. The first event stands an hour before `now`, if a run has one.
    pub(crate) fn of(rule: &Rule, seed: u64, now: Option<Timestamp>) -> Self {
        let free = i64::try_from(seed % 10_000).unwrap_or(0).saturating_mul(11 * 60_000);
        let before =
            now.and_then(|now| i64::try_from(now.millis()).ok()).map(|now| now.saturating_sub(HOUR_MS));
        Self {
            seed,
            start_ms: before.unwrap_or(START_MS + free),
            os: Os::of(rule),
            category: None,
            decided: IndexMap::new(),
        }
    }

    /// When the first event happens, in milliseconds since 1970.
    pub(crate) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// The same in nanoseconds.
    pub(crate) fn start_nanos(&self) -> i128 {
        i128::from(self.start_ms) * 1_000_000
    }

    /// Notes of which category the event is whose values are asked for.
    pub(crate) fn enter(&mut self, category: &Category) {
        self.category = match category {
            Category::OneOf(names) => names.first().map(|name| name.value.clone()),
            Category::Any | Category::LogSource(_) => None,
        };
    }

    /// Starts an event of which this is decided.
    pub(crate) fn begin(&mut self, decided: &IndexMap<String, Json>) {
        self.decided.clone_from(decided);
    }

    /// Notes what was decided of the event at hand.
    pub(crate) fn decide(&mut self, path: &str, value: &Json) {
        self.decided.insert(path.to_owned(), value.clone());
    }

    /// The value that a field has by itself, where events usually have one: one that fits what is decided.
    pub(crate) fn value(&self, path: &str) -> Option<Json> {
        if let Some(found) =
            self.category.as_deref().and_then(|category| sources::of_category(category, path))
        {
            return Some(Json::from(found));
        }
        values::find(path).map(|value| self.make(value, &self.decided, self.os))
    }

    /// What an event of a category has beside the fields that are decided, after earlier events. Fields for which `taken`
    /// holds are left alone: the rule asks something of them.
    pub(crate) fn rest(
        &self,
        (decided, earlier): (&IndexMap<String, Json>, &[IndexMap<String, Json>]),
        category: &Category,
        options: &RunOptions,
        taken: &dyn Fn(&str) -> bool,
    ) -> Vec<(String, Json)> {
        let mut known = decided.clone();
        // A file that is to have no extension has a name without one.
        if taken(EXTENSION) && !known.contains_key(EXTENSION) {
            known.insert(EXTENSION.to_owned(), Json::Null);
        }
        let mut told = again::told(decided, earlier);
        let os = Os::of_source(category).or_else(|| Os::of_values(&known)).unwrap_or(self.os);
        let mut rest = Vec::new();
        for (path, value) in sources::of(category, &known, options) {
            if taken(path) || known.keys().any(|other| document::touches(other, path)) {
                continue;
            }
            let made = told.swap_remove(path).unwrap_or_else(|| self.make(&value, &known, os));
            if made.as_str() == Some("") {
                continue;
            }
            known.insert(path.to_owned(), made.clone());
            rest.push((path.to_owned(), made));
        }
        rest
    }

    /// A number that hangs on the seed and a text.
    fn mix(&self, text: &str) -> u64 {
        let start = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xCBF2_9CE4_8422_2325;
        let hashed =
            text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3));
        (hashed ^ (hashed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ (hashed >> 32)
    }

    /// The name of the user.
    fn user(&self) -> &'static str {
        const NAMES: [&str; 8] = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
        let at = usize::try_from(self.seed % 8).unwrap_or(0);
        NAMES.get(at).copied().unwrap_or("alice")
    }
}
