//! Numbers that look random and are the same on every run.

/// A stream of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// The stream of a seed and of what it is for.
    pub(crate) fn new(seed: u64, what: &[&str]) -> Self {
        // FNV-1a, with an end of each part.
        let bytes = what.iter().flat_map(|part| part.bytes().chain([0]));
        let mixed = bytes.fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { state: mixed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// One of several.
    pub(crate) fn one<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// Several in another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    /// So many of several, in their order.
    pub(crate) fn sample<T>(&mut self, mut list: Vec<T>, count: usize) -> Vec<T> {
        let mut places: Vec<usize> = (0..list.len()).collect();
        self.shuffle(&mut places);
        places.truncate(count);
        let mut at = 0;
        list.retain(|_| {
            at += 1;
            places.contains(&(at - 1))
        });
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_same_for_a_seed_and_keeps_the_order() {
        let sample = |seed| Random::new(seed, &["a"]).sample((0..100).collect::<Vec<_>>(), 10);
        let found = sample(1);
        assert_eq!(found, sample(1));
        assert_ne!(found, sample(2));
        assert!(found.len() == 10 && found.is_sorted());
    }
}
