//! Keys as they are written, and where they lead.

use super::super::paths::{NodeId, Paths, id};
use super::super::values::unescaped;

/// The most keys that are remembered; events with keys of their own making must not fill memory.
const MAX_KEYS: usize = 1 << 15;

/// The longest key that is remembered, in bytes.
const MAX_KEY: usize = 256;

/// Places of the table for one key that is remembered, at least.
const ROOM: usize = 2;

const NONE: u32 = u32::MAX;

/// Keys seen so far, by their first and last eight bytes and their length: of most keys that is all there is.
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
    first: u64,
    last: u64,
    len: usize,
}

impl Print {
    #[inline]
    fn of(raw: &[u8]) -> Self {
        let len = raw.len();
        match (raw.first_chunk(), raw.last_chunk()) {
            (Some(first), Some(last)) => {
                Self { first: u64::from_le_bytes(*first), last: u64::from_le_bytes(*last), len }
            }
            _ => {
                let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
                Self { first: raw.iter().fold(0, fold), last: 0, len }
            }
        }
    }

    /// Whether it is all of the key.
    fn is_whole(self) -> bool {
        self.len <= 16
    }

    #[inline]
    fn hash(self, node: NodeId) -> usize {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = (self.first ^ u64::from(node.0).rotate_left(40)).wrapping_mul(MIX)
            ^ (self.last.rotate_left(23) ^ self.len as u64).wrapping_mul(MIX);
        #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
        let hash = (mixed ^ mixed >> 29) as usize;
        hash
    }
}

impl Keys {
    /// Where a key leads from a node. `raw` is what stands between the quotes.
    #[inline]
    pub(super) fn lead(&mut self, paths: &Paths, node: NodeId, raw: &[u8]) -> Option<NodeId> {
        let print = Print::of(raw);
        let hash = print.hash(node);
        let mask = self.table.len().wrapping_sub(1);
        let mut place = hash & mask;
        while let Some(known) = self.table.get(place).and_then(|at| self.keys.get(*at as usize)) {
            if known.print == print && known.node == node && (print.is_whole() || self.text(*known) == raw) {
                return known.child;
            }
            place = (place + 1) & mask;
        }
        self.learn(paths, node, raw)
    }

    fn text(&self, known: Known) -> &[u8] {
        let start = known.start as usize;
        self.bytes.get(start..start + known.print.len).unwrap_or_default()
    }

    #[inline(never)]
    fn learn(&mut self, paths: &Paths, node: NodeId, raw: &[u8]) -> Option<NodeId> {
        let child = led(paths, node, raw);
        if self.keys.len() >= MAX_KEYS || raw.len() > MAX_KEY {
            return child;
        }
        self.keys.push(Known { print: Print::of(raw), node, child, start: id(self.bytes.len()) });
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
        let long = "a_key_of_more_than_sixteen_bytes";
        let other = "a_key_of_more_THAN_sixteen_bytes";
        for path in ["a", "aa.b", long, "x\"y", "ab", "ba", "\0a"] {
            paths.add(path);
        }
        let mut keys = Keys::default();
        let asked: Vec<String> = (0..5000).map(|at| format!("key {at}")).collect();
        for _ in 0..2 {
            for raw in ["a", "aa", "aa.b", long, other, "x\\\"y", "ab", "ba", "", "b", "\\u0000a"] {
                let text: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
                assert_eq!(
                    keys.lead(&paths, NodeId::ROOT, raw.as_bytes()),
                    paths.child(NodeId::ROOT, &text),
                    "{raw}"
                );
            }
            for raw in &asked {
                assert_eq!(keys.lead(&paths, NodeId::ROOT, raw.as_bytes()), None);
            }
        }
        assert_eq!(keys.keys.len(), 5011);
    }

    #[test]
    fn keys_without_end_do_not_fill_memory() {
        let paths = Paths::new();
        let mut keys = Keys::default();
        for at in 0..2 * MAX_KEYS {
            keys.lead(&paths, NodeId::ROOT, at.to_string().as_bytes());
        }
        keys.lead(&paths, NodeId::ROOT, "x".repeat(10_000).as_bytes());
        assert_eq!(keys.keys.len(), MAX_KEYS);
    }
}
