//! Which tests the values of events satisfy, remembered: log values repeat.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::atoms::AtomId;
use super::paths::{FieldId, id};
use super::values::Shape;

/// The most values of a generation, and the most bytes of their texts.
const MAX_VALUES: usize = 1 << 16;
const MAX_BYTES: usize = 8 << 20;

/// Longer values are not remembered, in bytes.
const MAX_VALUE: usize = 16 << 10;

/// The most classes; more are a sign of values made to fill memory.
const MAX_CLASSES: usize = 1 << 18;

/// A set of atoms that values satisfy, by its place in [`Memo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(u32);

/// Values in two generations: what is asked for moves to the young one, and when that is full the old one is dropped.
#[derive(Debug, Default)]
pub(super) struct Memo {
    young: Generation,
    old: Generation,
    hasher: RandomState,
    classes: Vec<(u32, u32)>,
    members: Vec<AtomId>,
    by_members: HashTable<u32>,
    hits: u64,
    misses: u64,
}

#[derive(Debug, Default)]
struct Generation {
    table: HashTable<Entry>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    field: FieldId,
    shape: Shape,
    start: u32,
    len: u32,
    class: Class,
}

/// A value as it is looked up.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) field: FieldId,
    pub(super) shape: Shape,
    pub(super) bytes: &'a [u8],
}

impl Generation {
    fn text(&self, entry: &Entry) -> &[u8] {
        let start = entry.start as usize;
        self.bytes.get(start..start + entry.len as usize).unwrap_or_default()
    }

    #[inline]
    fn find(&self, hash: u64, key: Key<'_>) -> Option<Class> {
        let same = |entry: &Entry| {
            entry.field == key.field && entry.shape == key.shape && self.text(entry) == key.bytes
        };
        self.table.find(hash, same).map(|entry| entry.class)
    }

    fn is_full(&self) -> bool {
        self.table.len() >= MAX_VALUES || self.bytes.len() >= MAX_BYTES
    }

    fn put(&mut self, hash: u64, key: Key<'_>, class: Class, hasher: &RandomState) {
        let entry = Entry {
            field: key.field,
            shape: key.shape,
            start: id(self.bytes.len()),
            len: id(key.bytes.len()),
            class,
        };
        self.bytes.extend_from_slice(key.bytes);
        let bytes = &self.bytes;
        self.table.insert_unique(hash, entry, |entry| {
            let start = entry.start as usize;
            let text = bytes.get(start..start + entry.len as usize).unwrap_or_default();
            hash_of(hasher, Key { field: entry.field, shape: entry.shape, bytes: text })
        });
    }
}

#[inline]
fn hash_of(hasher: &RandomState, key: Key<'_>) -> u64 {
    let mut state = hasher.build_hasher();
    state.write(key.bytes);
    state.write_u64(u64::from(key.field.0) << 8 | key.shape as u64);
    state.finish()
}

impl Memo {
    /// The class of a value, if it is remembered.
    #[inline]
    pub(super) fn get(&mut self, key: Key<'_>) -> Option<Class> {
        let hash = hash_of(&self.hasher, key);
        if let Some(class) = self.young.find(hash, key) {
            self.hits += 1;
            return Some(class);
        }
        let Some(class) = self.old.find(hash, key) else {
            self.misses += 1;
            return None;
        };
        self.hits += 1;
        self.put(key, class);
        Some(class)
    }

    /// Remembers the class of a value.
    pub(super) fn put(&mut self, key: Key<'_>, class: Class) {
        if key.bytes.len() > MAX_VALUE {
            return;
        }
        if self.young.is_full() {
            // The old tables are used again, so that nothing is allocated once both are grown.
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.table.clear();
            self.young.bytes.clear();
        }
        let hash = hash_of(&self.hasher, key);
        self.young.put(hash, key, class, &self.hasher);
    }

    /// The class of these atoms, ascending and different.
    pub(super) fn class(&mut self, atoms: &[AtomId]) -> Class {
        let hash = hash_members(&self.hasher, atoms);
        let same = |class: &u32| self.atoms(Class(*class)) == atoms;
        if let Some(known) = self.by_members.find(hash, same) {
            return Class(*known);
        }
        if self.classes.len() >= MAX_CLASSES {
            self.forget();
        }
        let class = id(self.classes.len());
        let start = id(self.members.len());
        self.members.extend_from_slice(atoms);
        self.classes.push((start, id(self.members.len())));
        let (classes, members, hasher) = (&self.classes, &self.members, &self.hasher);
        self.by_members.insert_unique(hash, class, |class| {
            let range = classes.get(*class as usize).copied().unwrap_or_default();
            hash_members(hasher, members.get(range.0 as usize..range.1 as usize).unwrap_or_default())
        });
        Class(class)
    }

    /// Drops all classes, and with them all values.
    fn forget(&mut self) {
        let (hits, misses) = (self.hits, self.misses);
        *self = Self { hits, misses, ..Self::default() };
    }

    /// The atoms of a class.
    #[inline]
    pub(super) fn atoms(&self, class: Class) -> &[AtomId] {
        let (start, end) = self.classes.get(class.0 as usize).copied().unwrap_or_default();
        self.members.get(start as usize..end as usize).unwrap_or_default()
    }

    /// How often a value was remembered, and how often not.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.hits, self.misses)
    }
}

fn hash_members(hasher: &RandomState, atoms: &[AtomId]) -> u64 {
    let mut state = hasher.build_hasher();
    atoms.iter().for_each(|atom| state.write_u32(atom.0));
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(field: u32, text: &str) -> Key<'_> {
        Key { field: FieldId(field), shape: Shape::Raw, bytes: text.as_bytes() }
    }

    #[test]
    fn a_value_is_remembered_by_field_shape_and_text() {
        let mut memo = Memo::default();
        let (none, some) = (memo.class(&[]), memo.class(&[AtomId(3), AtomId(7)]));
        assert_eq!(memo.class(&[AtomId(3), AtomId(7)]), some);
        memo.put(key(1, "a"), some);
        memo.put(key(2, "a"), none);
        assert_eq!(memo.get(key(1, "a")), Some(some));
        assert_eq!(memo.get(key(2, "a")), Some(none));
        assert_eq!(memo.get(key(1, "b")), None);
        assert_eq!(memo.get(Key { shape: Shape::Scalar, ..key(1, "a") }), None);
        assert_eq!(memo.atoms(some), [AtomId(3), AtomId(7)]);
        assert_eq!(memo.counts(), (2, 2));
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut memo = Memo::default();
        let class = memo.class(&[AtomId(1)]);
        memo.put(key(0, "kept"), class);
        for at in 0..3 * MAX_VALUES {
            let text = at.to_string();
            memo.put(key(0, &text), class);
            if at % 1000 == 0 {
                assert_eq!(memo.get(key(0, "kept")), Some(class), "{at}");
            }
        }
        assert_eq!(memo.get(key(0, "0")), None);
        assert!(memo.young.table.len() <= MAX_VALUES && memo.old.table.len() <= MAX_VALUES);
    }
}
