//! Keys as they are written, and where they lead.

use std::ops::Range;

use super::super::paths::{NodeId, Paths, id};
use super::super::values::unescaped;
use super::scalar::{WORD, first_bytes};

/// The most keys that are remembered; events with keys of their own making must not fill memory.
const MAX_KEYS: usize = 1 << 15;

/// The longest key that is remembered, in bytes.
const MAX_KEY: usize = 256;

/// Places of the table for one key that is remembered, at least.
const ROOM: usize = 2;

const NONE: u32 = u32::MAX;

/// Keys seen so far, by their first and last sixteen bytes and their length: of most keys that is all there is.
#[derive(Debug, Default)]
pub(in super::super) struct Keys {
    /// Numbers of keys, by hash; a power of two.
    table: Vec<u32>,
    keys: Vec<Known>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    print: Print,
    node: NodeId,
    child: Option<NodeId>,
    start: u32,
}

/// What most keys are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Print {
    first: u128,
    /// None of a key that `first` holds all of.
    last: u128,
    len: usize,
}

impl Print {
    /// Of the key at a place of a text.
    #[inline(always)]
    fn of(text: &[u8], key: &Range<usize>) -> Self {
        let len = key.len();
        let all = first_bytes(text, key.clone());
        let last = if len > WORD { first_bytes(text, key.end - WORD..key.end) } else { 0 };
        Self { first: all, last, len }
    }

    /// Whether it is all of the key.
    fn is_whole(self) -> bool {
        self.len <= 2 * WORD
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "halves, and any bits of the hash will do")]
    fn hash(self, node: NodeId) -> usize {
        let halves = |word: u128| (word as u64, (word >> 64) as u64);
        let ((a, b), (c, d)) = (halves(self.first), halves(self.last));
        let other = u64::from(node.0) << 32 ^ self.len as u64;
        let product = u128::from(a ^ c.rotate_left(31) ^ 0x9e37_79b9_7f4a_7c15)
            * u128::from(b ^ d.rotate_left(17) ^ other.wrapping_mul(0xd6e8_feb8_6659_fd93));
        let (low, high) = halves(product);
        (low ^ high) as usize
    }
}

impl Keys {
    /// Where a key leads from a node: what stands in a text between quotes.
    #[inline(always)]
    pub(super) fn lead(
        &mut self,
        paths: &Paths,
        node: NodeId,
        (text, key): (&[u8], Range<usize>),
    ) -> Option<NodeId> {
        let print = Print::of(text, &key);
        let hash = print.hash(node);
        let mask = self.table.len().wrapping_sub(1);
        let mut place = hash & mask;
        while let Some(known) = self.table.get(place).and_then(|at| self.keys.get(*at as usize)) {
            let same = known.print == print && known.node == node;
            if same && (print.is_whole() || Some(self.text(*known)) == text.get(key.clone())) {
                return known.child;
            }
            place = (place + 1) & mask;
        }
        self.learn(paths, node, print, text.get(key).unwrap_or_default())
    }

    fn text(&self, known: Known) -> &[u8] {
        let start = known.start as usize;
        self.bytes.get(start..start + known.print.len).unwrap_or_default()
    }

    #[inline(never)]
    fn learn(&mut self, paths: &Paths, node: NodeId, print: Print, raw: &[u8]) -> Option<NodeId> {
        let child = led(paths, node, raw);
        if self.keys.len() >= MAX_KEYS || raw.len() > MAX_KEY {
            return child;
        }
        self.keys.push(Known { print, node, child, start: id(self.bytes.len()) });
        self.bytes.extend_from_slice(raw);
        if self.table.len() < self.keys.len() * ROOM {
            self.table = vec![NONE; (self.keys.len() * ROOM * 2).next_power_of_two()];
            (0..self.keys.len()).for_each(|at| self.place(at));
        } else {
            self.place(self.keys.len() - 1);
        }
        child
    }

    /// Enters a key into the table.
    fn place(&mut self, at: usize) {
        let Some(known) = self.keys.get(at) else { return };
        let mask = self.table.len().wrapping_sub(1);
        let mut place = known.print.hash(known.node) & mask;
        // There is always room: the table is at most half full.
        while let Some(entry) = self.table.get_mut(place) {
            if *entry == NONE {
                *entry = id(at);
                return;
            }
            place = (place + 1) & mask;
        }
    }
}

/// Where a key leads, from the paths themselves.
fn led(paths: &Paths, node: NodeId, raw: &[u8]) -> Option<NodeId> {
    paths.child(node, &unescaped(raw)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_where_paths_do_however_often_they_are_asked() {
        let mut paths = Paths::new();
        let long = "a_key_of_more_than_thirty_two_bytes";
        let other = "a_key_of_more_than_thirty_TWO_bytes";
        for path in ["a", "aa.b", long, "x\"y", "ab", "ba", "\0a"] {
            paths.add(path);
        }
        let mut keys = Keys::default();
        let asked: Vec<String> = (0..5000).map(|at| format!("key {at}")).collect();
        for _ in 0..2 {
            for raw in ["a", "aa", "aa.b", long, other, "x\\\"y", "ab", "ba", "", "b", "\\u0000a"] {
                let text: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
                let mut lead = |raw: &str, behind: &str| {
                    let text = format!("{{\"{raw}{behind}");
                    keys.lead(&paths, NodeId::ROOT, (text.as_bytes(), 2..2 + raw.len()))
                };
                for behind in ["\":1}", "\":\"what stands behind it does not matter\"}"] {
                    assert_eq!(lead(raw, behind), paths.child(NodeId::ROOT, &text), "{raw}");
                }
            }
            for raw in &asked {
                assert_eq!(keys.lead(&paths, NodeId::ROOT, (raw.as_bytes(), 0..raw.len())), None);
            }
        }
        assert_eq!(keys.keys.len(), 5011);
    }

    #[test]
    fn keys_without_end_do_not_fill_memory() {
        let paths = Paths::new();
        let mut keys = Keys::default();
        for at in 0..2 * MAX_KEYS {
            let key = at.to_string();
            keys.lead(&paths, NodeId::ROOT, (key.as_bytes(), 0..key.len()));
        }
        keys.lead(&paths, NodeId::ROOT, ("x".repeat(10_000).as_bytes(), 0..10_000));
        assert_eq!(keys.keys.len(), MAX_KEYS);
    }
}
