//! Sets of characters.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use eqlc_ir::simple_fold;

/// A set of characters: inclusive ranges, ascending, with gaps between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Chars(Vec<(u32, u32)>);

const LAST: u32 = 0x0010_FFFF;
/// No characters stand here.
const SURROGATES: (u32, u32) = (0xD800, 0xDFFF);

impl Chars {
    pub(crate) fn all() -> Self {
        Self(vec![(0, SURROGATES.0 - 1), (SURROGATES.1 + 1, LAST)])
    }

    pub(crate) fn one(c: char) -> Self {
        Self(vec![(u32::from(c), u32::from(c))])
    }

    pub(crate) fn range(low: char, high: char) -> Self {
        Self::of(vec![(u32::from(low), u32::from(high))])
    }

    /// A character and those that are it but for letter case.
    pub(crate) fn folded(c: char) -> Self {
        let folded = simple_fold(c);
        let mut ranges = vec![(u32::from(c), u32::from(c)), (u32::from(folded), u32::from(folded))];
        if let Some(others) = FOLDED.get(&folded) {
            ranges.extend(others.iter().map(|other| (u32::from(*other), u32::from(*other))));
        }
        Self::of(ranges)
    }

    fn of(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.retain(|(low, high)| low <= high);
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied().collect())
    }

    pub(crate) fn not(&self) -> Self {
        let mut ranges = Vec::new();
        let mut next = 0;
        for (low, high) in self.0.iter().copied().chain([(LAST + 1, LAST + 1)]) {
            if next < low {
                ranges.push((next, low - 1));
            }
            next = high + 1;
        }
        let bounds = Self::all();
        let inside = ranges.into_iter().flat_map(|(low, high)| {
            bounds.0.iter().map(move |(from, to)| (low.max(*from), high.min(*to))).collect::<Vec<_>>()
        });
        Self::of(inside.collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, c: char) -> bool {
        let c = u32::from(c);
        let after = self.0.partition_point(|(low, _)| *low <= c);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, high)| c <= *high)
    }

    /// Where the answer of [`Chars::has`] changes: the first character of each range and the one behind it.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(low, high)| [*low, high + 1])
    }
}

/// Where letters have case. To ask all characters there are would take longer than most of what is done with the answer:
/// nearly all of the others are signs of Chinese, Korean syllables, and free for private use or for all.
const CASED: [(u32, u32); 5] =
    [(0, 0x33FF), (0xA000, 0xABFF), (0xD7B0, 0xD7FF), (0xF900, 0xFFFF), (0x0001_0000, 0x0001_FFFF)];

/// Characters by what they fold to, those alone left out.
static FOLDED: LazyLock<BTreeMap<char, Vec<char>>> =
    LazyLock::new(|| by_fold(CASED.into_iter().flat_map(|(low, high)| low..=high)));

fn by_fold(codes: impl Iterator<Item = u32>) -> BTreeMap<char, Vec<char>> {
    let mut by_fold: BTreeMap<char, Vec<char>> = BTreeMap::new();
    for c in codes.filter_map(char::from_u32) {
        let folded = simple_fold(c);
        if folded != c {
            by_fold.entry(folded).or_default().push(c);
        }
    }
    by_fold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_case_nowhere_else() {
        assert_eq!(*FOLDED, by_fold(0..=LAST));
        assert!(FOLDED.len() > 1000);
    }
}
