//! Digests: numbers that equal things share, so that a search for repetitions compares next to nothing.

use eqlc_ir::fold_text;
use smallvec::SmallVec;

/// Different things of one digest that are compared at most: bounds the work on lists made to collide.
const MAX_COLLISIONS: usize = 32;

/// A number made of everything added, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest(u64);

impl Digest {
    /// The digest of a number.
    pub(super) fn of(number: u64) -> Self {
        Self(0).number(number)
    }

    /// With a number added.
    pub(super) fn number(self, number: u64) -> Self {
        // 2⁶⁴ divided by the golden ratio, which spreads numbers well.
        Self((self.0.rotate_left(23) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// With a number of any size added.
    pub(super) fn integer(self, number: i128) -> Self {
        let (low, high) = (number.to_le_bytes(), (number >> 64).to_le_bytes());
        [low, high]
            .iter()
            .filter_map(|bytes| bytes.first_chunk())
            .fold(self, |sum, half| sum.number(u64::from_le_bytes(*half)))
    }

    /// With another digest added.
    pub(super) fn digest(self, other: Self) -> Self {
        self.number(other.0)
    }

    /// With a text added.
    pub(super) fn text(self, text: &str) -> Self {
        self.blocks(text, |block| block)
    }

    /// With a text added, after folding: texts that are equal without regard to letter case have one digest.
    pub(super) fn folded(self, text: &str) -> Self {
        if text.is_ascii() { self.blocks(text, lower) } else { self.text(&fold_text(text)) }
    }

    fn blocks(mut self, text: &str, read: impl Fn(u64) -> u64) -> Self {
        let mut rest = text.as_bytes();
        while let Some((block, behind)) = rest.split_first_chunk() {
            self = self.number(read(u64::from_le_bytes(*block)));
            rest = behind;
        }
        // The last block of a long text may hold bytes of the one before.
        let last = match text.as_bytes().last_chunk() {
            Some(block) => u64::from_le_bytes(*block),
            None => rest.iter().rev().fold(0, |block: u64, byte| block << 8 | u64::from(*byte)),
        };
        self.number(read(last)).number(text.len() as u64)
    }
}

/// Eight characters of ASCII in lower case, all at once.
fn lower(block: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // The high bit of a byte, which no character has, tells that it is past a letter.
    let not_before_a = block.wrapping_add(EACH * u64::from(0x80 - b'A'));
    let behind_z = block.wrapping_add(EACH * u64::from(0x7f - b'Z'));
    let upper = not_before_a & !behind_z & (EACH * 0x80);
    block | upper >> 2
}

/// So many are compared each with each, which is less work than to sort them.
const FEW: usize = 12;

fn all_differ(digests: &[(Digest, usize)]) -> bool {
    let rest = |at: usize| digests.get(at + 1..).unwrap_or_default();
    digests.iter().all(|(digest, at)| rest(*at).iter().all(|(other, _)| digest != other))
}

/// The positions of items that an earlier one equals, each with that of the first, in order. `same` tells whether two
/// of one digest are equal.
pub(super) fn repeats(
    digests: impl Iterator<Item = Digest>,
    same: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut order: SmallVec<[(Digest, usize); FEW]> = digests.zip(0..).collect();
    if order.len() <= FEW && all_differ(&order) {
        return Vec::new();
    }
    order.sort_unstable();
    let mut found = Vec::new();
    for run in order.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut different: Vec<usize> = Vec::new();
        for (_, at) in run {
            match different.iter().find(|first| same(**first, *at)) {
                Some(first) => found.push((*at, *first)),
                None if different.len() < MAX_COLLISIONS => different.push(*at),
                None => {}
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_fold_to_one_have_one_digest() {
        let folded = |text: &str| Digest::of(0).folded(text);
        assert_eq!(folded("PowerShell.EXE"), folded("powershell.exe"));
        assert_eq!(folded("\u{212a}elvin and \u{e9}tudes"), folded("kelvin and \u{c9}tudes"));
        assert_ne!(folded("powershell.exe"), folded("powershell.ex"));
        let ascii: String = (0..0x80).map(char::from).collect();
        assert_eq!(folded(&ascii), Digest::of(0).text(&ascii.to_ascii_lowercase()));
        assert_ne!(Digest::of(0).text("a\0"), Digest::of(0).text("a"));
        assert_ne!(Digest::of(0).text("A"), Digest::of(0).text("a"));
    }

    #[test]
    fn repeated_items_are_found_with_their_first() {
        let of = |items: &[&str]| {
            repeats(items.iter().map(|item| Digest::of(0).text(item)), |a, b| items.get(a) == items.get(b))
        };
        assert_eq!(of(&["b", "a", "b", "c", "a", "b"]), [(2, 0), (4, 1), (5, 0)]);
        assert!(of(&["b", "a"]).is_empty());
    }

    #[test]
    fn items_that_collide_are_told_apart() {
        let items = [1, 2, 1, 2];
        let found = repeats(items.iter().map(|_| Digest::of(0)), |a, b| items.get(a) == items.get(b));
        assert_eq!(found, [(2, 0), (3, 1)]);
    }
}
