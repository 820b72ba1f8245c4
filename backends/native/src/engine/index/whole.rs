//! Values as a whole.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Candidate;

/// Candidates by the whole value.
#[derive(Debug, Default)]
pub(super) struct Whole {
    table: HashTable<Entry>,
    hasher: RandomState,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    text: Box<[u8]>,
    candidates: Vec<Candidate>,
}

impl Whole {
    pub(super) fn add(&mut self, text: &str, candidate: Candidate) {
        let hasher = &self.hasher;
        let hash = hasher.hash_one(text.as_bytes());
        let entry = self.table.entry(
            hash,
            |entry| *entry.text == *text.as_bytes(),
            |entry| hasher.hash_one(&*entry.text),
        );
        entry
            .or_insert_with(|| Entry { text: text.as_bytes().into(), candidates: Vec::new() })
            .get_mut()
            .candidates
            .push(candidate);
    }

    pub(super) fn look_up(&self, text: &[u8], found: &mut Vec<Candidate>) {
        if self.table.is_empty() {
            return;
        }
        if let Some(entry) = self.table.find(self.hasher.hash_one(text), |entry| *entry.text == *text) {
            found.extend_from_slice(&entry.candidates);
        }
    }
}

/// As a list in the order of the texts, so that the same table is written the same.
impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries: Vec<&Entry> = self.table.iter().collect();
        entries.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        entries.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Entry>::deserialize(deserializer)?;
        let hasher = RandomState::default();
        let hash = |entry: &Entry| hasher.hash_one(&*entry.text);
        let mut table = HashTable::with_capacity(entries.len());
        for entry in entries {
            table.insert_unique(hash(&entry), entry, hash);
        }
        Ok(Self { table, hasher })
    }
}
