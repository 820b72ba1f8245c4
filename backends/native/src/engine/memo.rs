//! Which tests the values of events satisfy, remembered: log values repeat.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::atoms::AtomId;
use super::paths::{FieldId, id};
use super::values::Shape;

/// The fewest and the most places of a generation, powers of two; half of them are filled at most.
const LEAST_PLACES: usize = 1 << 12;
const MAX_PLACES: usize = 1 << 17;

/// The most bytes of the texts of a generation.
const MAX_BYTES: usize = 8 << 20;

/// Bytes of texts from which on there is room for all that there may be.
const GROWN_BYTES: usize = 1 << 19;

/// How many places a value may stand at; one that has none left takes the place of another.
const NEAR: usize = 4;

/// Longer values are not remembered, in bytes.
const MAX_VALUE: usize = 16 << 10;

/// The most classes; more are a sign of values made to fill memory.
const MAX_CLASSES: usize = 1 << 18;

/// A set of atoms that values satisfy, by its place in [`Memo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(u32);

impl Class {
    /// Its number, below 2³¹.
    #[inline(always)]
    pub(super) fn number(self) -> u32 {
        self.0
    }
}

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
    /// How often all was forgotten.
    epoch: u32,
}

/// A table without order, a power of two of places.
#[derive(Debug, Default)]
struct Generation {
    places: Vec<Entry>,
    filled: usize,
    /// Of the values that a print does not hold.
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    told: Told,
    start: u32,
    class: Class,
}

/// A place where nothing stands: no field has this number.
const FREE: Entry =
    Entry { told: Told { first: 0, last: 0, field: FieldId(u32::MAX), len: 0 }, start: 0, class: Class(0) };

/// A value as it is looked up.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) field: FieldId,
    pub(super) shape: Shape,
    pub(super) bytes: &'a [u8],
}

/// What a value is looked up by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Print {
    hash: u64,
    told: Told,
}

/// What most values are told apart by: their first and last eight bytes, which of short ones is all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    first: u64,
    last: u64,
    field: FieldId,
    /// With the shape in the lowest bits; longer values than these can tell are not remembered.
    len: u32,
}

impl Told {
    #[inline(always)]
    fn of(key: Key<'_>) -> Self {
        let bytes = key.bytes;
        let (first, last) = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => (bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)), 0),
        };
        Self { first, last, field: key.field, len: id(bytes.len()) << 3 | key.shape as u32 }
    }
}

/// Whether a print holds all of a value.
fn is_short(key: Key<'_>) -> bool {
    key.bytes.len() <= 16
}

impl Generation {
    #[inline(always)]
    fn find(&self, print: Print, key: Key<'_>) -> Option<Class> {
        near(print, self.places.len()).find_map(|at| {
            let entry = self.places.get(at)?;
            (entry.told == print.told && (is_short(key) || self.has(entry, key))).then_some(entry.class)
        })
    }

    fn has(&self, entry: &Entry, key: Key<'_>) -> bool {
        let text = self.bytes.get(entry.start as usize..);
        text.and_then(|text| text.get(..key.bytes.len())) == Some(key.bytes)
    }

    fn is_full(&self) -> bool {
        self.filled * 2 >= self.places.len() || self.bytes.len() >= MAX_BYTES
    }

    /// Drops all values. There is more room than before, where it was too little.
    fn clear(&mut self, places: usize) {
        self.places.clear();
        self.places.resize(places, FREE);
        self.bytes.clear();
        self.filled = 0;
    }

    fn keep(&mut self, bytes: &[u8]) {
        let enough = self.bytes.len().saturating_add(bytes.len()) <= self.bytes.capacity();
        if !enough && self.bytes.len() >= GROWN_BYTES {
            // What grows on will be full: room that is not used costs nothing, moving to ever larger rooms does.
            self.bytes.reserve_exact((MAX_BYTES + MAX_VALUE).saturating_sub(self.bytes.len()));
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn put(&mut self, print: Print, key: Key<'_>, class: Class) {
        let entry = Entry { told: print.told, start: id(self.bytes.len()), class };
        if !is_short(key) {
            self.keep(key.bytes);
        }
        let mut places = near(print, self.places.len());
        let first = places.clone().next();
        let free = places.find(|at| self.places.get(*at).is_some_and(|entry| entry.told == FREE.told));
        if let Some(place) = free.or(first).and_then(|at| self.places.get_mut(at)) {
            *place = entry;
        }
        self.filled += usize::from(free.is_some());
    }
}

/// The places that a value may stand at.
#[inline(always)]
fn near(print: Print, places: usize) -> impl Iterator<Item = usize> + Clone {
    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    let hash = print.hash as usize;
    (0..NEAR).map(move |step| hash.wrapping_add(step) & places.wrapping_sub(1))
}

impl Memo {
    /// What a value is looked up by.
    #[inline(always)]
    pub(super) fn print(&self, key: Key<'_>) -> Print {
        let told = Told::of(key);
        let mut state = self.hasher.build_hasher();
        state.write_u64(told.first);
        state.write_u64(told.last);
        state.write_u64(u64::from(told.field.0) << 32 | u64::from(told.len));
        if !is_short(key) {
            state.write(key.bytes);
        }
        Print { hash: state.finish(), told }
    }

    /// The class of a value, if it is remembered.
    #[inline(always)]
    pub(super) fn get(&mut self, print: Print, key: Key<'_>) -> Option<Class> {
        if let Some(class) = self.young.find(print, key) {
            self.hits += 1;
            return Some(class);
        }
        let Some(class) = self.old.find(print, key) else {
            self.misses += 1;
            return None;
        };
        self.hits += 1;
        self.put(print, key, class);
        Some(class)
    }

    /// Remembers the class of a value.
    pub(super) fn put(&mut self, print: Print, key: Key<'_>, class: Class) {
        if key.bytes.len() > MAX_VALUE {
            return;
        }
        if self.young.is_full() {
            // The old tables are used again, so that nothing is allocated once both are grown.
            let places = self.young.places.len();
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear((places * 8).clamp(LEAST_PLACES, MAX_PLACES));
        }
        self.young.put(print, key, class);
    }

    /// The class of these atoms, ascending and different.
    pub(super) fn class(&mut self, atoms: &[AtomId]) -> Class {
        let hash = hash_members(&self.hasher, atoms);
        let same = |class: &u32| self.atoms(Class(*class)) == atoms;
        if let Some(known) = self.by_members.find(hash, same) {
            return Class(*known);
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

    /// Before the values of an event are looked up: drops all classes where there are too many, and with them all
    /// values. What classes stand for does not change until this is called again.
    pub(super) fn begin(&mut self) {
        if self.classes.len() < MAX_CLASSES {
            return;
        }
        let (hits, misses, epoch) = (self.hits, self.misses, self.epoch.wrapping_add(1));
        *self = Self { hits, misses, epoch, ..Self::default() };
    }

    /// Classes of one epoch are told apart by their numbers.
    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The atoms of a class.
    #[inline(always)]
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

    fn put(memo: &mut Memo, key: Key<'_>, class: Class) {
        memo.put(memo.print(key), key, class);
    }

    fn get(memo: &mut Memo, key: Key<'_>) -> Option<Class> {
        memo.get(memo.print(key), key)
    }

    #[test]
    fn a_value_is_remembered_by_field_shape_and_text() {
        let mut memo = Memo::default();
        let (none, some) = (memo.class(&[]), memo.class(&[AtomId(3), AtomId(7)]));
        assert_eq!(memo.class(&[AtomId(3), AtomId(7)]), some);
        put(&mut memo, key(1, "a"), some);
        put(&mut memo, key(2, "a"), none);
        assert_eq!(get(&mut memo, key(1, "a")), Some(some));
        assert_eq!(get(&mut memo, key(2, "a")), Some(none));
        assert_eq!(get(&mut memo, key(1, "b")), None);
        assert_eq!(get(&mut memo, Key { shape: Shape::Scalar, ..key(1, "a") }), None);
        assert_eq!(memo.atoms(some), [AtomId(3), AtomId(7)]);
        assert_eq!(memo.counts(), (2, 2));
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut memo = Memo::default();
        let class = memo.class(&[AtomId(1)]);
        put(&mut memo, key(0, "kept"), class);
        for at in 0..3 * MAX_PLACES {
            let text = at.to_string();
            put(&mut memo, key(0, &text), class);
            if at % 1000 == 0 {
                assert_eq!(get(&mut memo, key(0, "kept")), Some(class), "{at}");
            }
        }
        assert_eq!(get(&mut memo, key(0, "0")), None);
        assert!(memo.young.places.len() == MAX_PLACES && memo.old.places.len() == MAX_PLACES);
    }

    #[test]
    fn long_values_are_told_apart_by_every_byte() {
        let mut memo = Memo::default();
        let texts: Vec<String> =
            (0..40).map(|at| format!("{}{}{}", "a".repeat(at), 'b', "a".repeat(40 - at))).collect();
        for (at, text) in texts.iter().enumerate() {
            let class = memo.class(&[AtomId(id(at))]);
            put(&mut memo, key(0, text), class);
        }
        for (at, text) in texts.iter().enumerate() {
            let class = get(&mut memo, key(0, text)).unwrap();
            assert_eq!(memo.atoms(class), [AtomId(id(at))], "{text}");
        }
        assert_eq!(get(&mut memo, key(0, &"a".repeat(41))), None);
    }
}
