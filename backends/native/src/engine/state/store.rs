//! What is remembered of each key of a rule, and for how long.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::key::{KeyId, Keys};

/// What is remembered of one key.
pub(super) trait Memory: Default {
    /// How many partial matches it counts as; nothing is remembered of a key that counts as none.
    fn weight(&self) -> usize;

    /// The age of the oldest of it, ascending with time.
    fn oldest(&self) -> Option<i128>;

    /// Forgets what is older than an age, so that nothing older is left.
    fn forget_before(&mut self, age: i128);

    /// Forgets the oldest of it.
    fn forget_oldest(&mut self);
}

/// The memory of a rule, by key.
pub(super) struct Store<T> {
    index: HashMap<KeyId, u32, RandomState>,
    slots: Slots<T>,
    ages: Ages,
    weight: usize,
}

struct Slot<T> {
    key: KeyId,
    /// The place among the ages where it stands.
    armed: Option<i128>,
    /// What it counts as in the weight of all.
    weight: usize,
    memory: T,
}

impl<T: Memory> Store<T> {
    /// Ages are told apart when they differ by so much at least.
    pub(super) fn new(resolution: i128) -> Self {
        let ages = Ages { width: resolution.max(1), of: BTreeMap::new(), standing: 0 };
        Self { index: HashMap::default(), slots: Slots::default(), ages, weight: 0 }
    }

    /// How many partial matches all of it counts as.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// Changes what is remembered of a key, if anything is.
    pub(super) fn change<R>(
        &mut self,
        bytes: &[u8],
        keys: &mut Keys,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let slot = *self.index.get(&keys.find(bytes)?)?;
        let result = change(&mut self.slots.get_mut(slot)?.memory);
        self.settle(slot, keys);
        Some(result)
    }

    /// Changes what is remembered of a key, which may be nothing so far.
    pub(super) fn change_or_start<R>(
        &mut self,
        bytes: &[u8],
        keys: &mut Keys,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let known = keys.find(bytes).and_then(|key| self.index.get(&key).copied());
        let slot = known.unwrap_or_else(|| {
            let key = keys.remember(bytes);
            let slot = self.slots.insert(Slot { key, armed: None, weight: 0, memory: T::default() });
            self.index.insert(key, slot);
            slot
        });
        let result = change(&mut self.slots.get_mut(slot)?.memory);
        self.settle(slot, keys);
        Some(result)
    }

    /// Changes what is remembered in a slot.
    pub(super) fn change_slot<R>(
        &mut self,
        slot: u32,
        keys: &mut Keys,
        change: impl FnOnce(&mut T, Arc<[u8]>) -> R,
    ) -> Option<R> {
        let found = self.slots.get_mut(slot)?;
        let result = change(&mut found.memory, keys.bytes(found.key));
        self.settle(slot, keys);
        Some(result)
    }

    /// What is remembered of a key.
    pub(super) fn peek(&self, bytes: &[u8], keys: &Keys) -> Option<&T> {
        self.peek_slot(self.slot_of(bytes, keys)?)
    }

    /// What is remembered in a slot.
    pub(super) fn peek_slot(&self, slot: u32) -> Option<&T> {
        Some(&self.slots.get(slot)?.memory)
    }

    /// Where a key stands.
    pub(super) fn slot_of(&self, bytes: &[u8], keys: &Keys) -> Option<u32> {
        self.index.get(&keys.find(bytes)?).copied()
    }

    /// Brings the counts in line with what a slot holds now.
    fn settle(&mut self, at: u32, keys: &mut Keys) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        let weight = slot.memory.weight();
        self.weight = (self.weight + weight).saturating_sub(slot.weight);
        slot.weight = weight;
        if weight == 0 {
            let key = slot.key;
            self.index.remove(&key);
            self.slots.remove(at);
            keys.forget(key);
        } else if let Some(oldest) = slot.memory.oldest() {
            let place = self.ages.place(oldest);
            if slot.armed.is_none_or(|armed| place < armed) {
                slot.armed = Some(place);
                self.ages.stand(place, at);
            }
        }
        self.tidy();
    }

    /// Ages hold places of what is gone until their time has passed, which may be never.
    fn tidy(&mut self) {
        if self.ages.standing <= 1_024 + self.slots.count.saturating_mul(4) {
            return;
        }
        let mut ages = Ages { width: self.ages.width, of: BTreeMap::new(), standing: 0 };
        for (place, all) in &self.ages.of {
            for at in all {
                let Some(slot) = self.slots.get_mut(*at).filter(|slot| slot.armed == Some(*place)) else {
                    continue;
                };
                let now = slot.memory.oldest().map_or(*place, |oldest| ages.place(oldest));
                slot.armed = Some(now);
                ages.stand(now, *at);
            }
        }
        self.ages = ages;
    }

    /// The least age from which on something may have to be forgotten.
    pub(super) fn oldest(&self) -> Option<i128> {
        self.ages.of.first_key_value().map(|(place, _)| self.ages.last_of(*place))
    }

    /// The next slot whose oldest memory is before an age; it stands nowhere until it is changed.
    pub(super) fn next_before(&mut self, age: i128) -> Option<u32> {
        loop {
            let mut first = self.ages.of.first_entry()?;
            let place = *first.key();
            if place.saturating_mul(self.ages.width).saturating_add(self.ages.width - 1) >= age {
                return None;
            }
            let Some(at) = first.get_mut().pop_front() else {
                first.remove();
                continue;
            };
            self.ages.standing = self.ages.standing.saturating_sub(1);
            let Some(slot) = self.slots.get_mut(at).filter(|slot| slot.armed == Some(place)) else {
                continue;
            };
            let now = slot.memory.oldest().map_or(place, |oldest| self.ages.place(oldest));
            if now <= place {
                slot.armed = None;
                return Some(at);
            }
            // What was the oldest is gone since.
            slot.armed = Some(now);
            self.ages.stand(now, at);
        }
    }

    /// Forgets what is older than an age.
    pub(super) fn forget_before(&mut self, age: i128, keys: &mut Keys) {
        while let Some(slot) = self.next_before(age) {
            self.change_slot(slot, keys, |memory, _| memory.forget_before(age));
        }
    }

    /// Forgets the oldest of everything; gives how many partial matches that counted as.
    pub(super) fn forget_oldest(&mut self, keys: &mut Keys) -> usize {
        let before = self.weight;
        if let Some(slot) = self.next_before(i128::MAX) {
            self.change_slot(slot, keys, |memory, _| memory.forget_oldest());
        }
        before.saturating_sub(self.weight)
    }

    /// Everything that is remembered, keys in no order that means anything.
    pub(super) fn drain(&mut self, keys: &mut Keys) -> Vec<(Arc<[u8]>, T)> {
        let slots = std::mem::take(&mut self.slots);
        self.index.clear();
        self.ages.of.clear();
        self.weight = 0;
        let own = slots.chunks.into_iter().flatten().flatten();
        own.map(|slot| {
            let bytes = keys.bytes(slot.key);
            keys.forget(slot.key);
            (bytes, slot.memory)
        })
        .collect()
    }
}

/// Slots by their age, coarsely, and those of about the same age in the order in which they were put there.
struct Ages {
    width: i128,
    of: BTreeMap<i128, VecDeque<u32>>,
    standing: usize,
}

impl Ages {
    fn place(&self, age: i128) -> i128 {
        age.div_euclid(self.width)
    }

    fn last_of(&self, place: i128) -> i128 {
        place.saturating_mul(self.width).saturating_add(self.width - 1)
    }

    fn stand(&mut self, place: i128, slot: u32) {
        self.of.entry(place).or_default().push_back(slot);
        self.standing += 1;
    }
}

/// Slots in pieces, so that growing moves nothing.
struct Slots<T> {
    chunks: Vec<Vec<Option<Slot<T>>>>,
    free: Vec<u32>,
    count: usize,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: Vec::new(), count: 0 }
    }
}

const CHUNK: u32 = 1_024;

impl<T> Slots<T> {
    fn at(&mut self, slot: u32) -> Option<&mut Option<Slot<T>>> {
        self.chunks.get_mut((slot / CHUNK) as usize)?.get_mut((slot % CHUNK) as usize)
    }

    fn get(&self, slot: u32) -> Option<&Slot<T>> {
        self.chunks.get((slot / CHUNK) as usize)?.get((slot % CHUNK) as usize)?.as_ref()
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut Slot<T>> {
        self.at(slot)?.as_mut()
    }

    fn insert(&mut self, slot: Slot<T>) -> u32 {
        self.count += 1;
        if let Some(free) = self.free.pop()
            && let Some(place) = self.at(free)
        {
            *place = Some(slot);
            return free;
        }
        let full = self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK as usize);
        if full {
            // The first piece of a rule that remembers little is not as large as the others.
            let room = if self.chunks.is_empty() { 0 } else { CHUNK as usize };
            self.chunks.push(Vec::with_capacity(room));
        }
        let pieces = u32::try_from(self.chunks.len().saturating_sub(1)).unwrap_or(u32::MAX / CHUNK);
        let Some(chunk) = self.chunks.last_mut() else { return 0 };
        let at = pieces.saturating_mul(CHUNK).saturating_add(u32::try_from(chunk.len()).unwrap_or(0));
        chunk.push(Some(slot));
        at
    }

    fn remove(&mut self, slot: u32) {
        if self.at(slot).and_then(Option::take).is_some() {
            self.count = self.count.saturating_sub(1);
            self.free.push(slot);
        }
    }
}
