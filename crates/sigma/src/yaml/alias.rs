//! Anchors, aliases and merge keys, as PyYAML reads them, within bounds: a few lines can stand for more text than there
//! is memory ("billion laughs").

use std::collections::BTreeMap;

use super::{Entry, Kind, Style, Yaml};

/// Nodes that aliases may add to a file; what the reference tools allow.
const MAX_NODES: usize = 10_000;

/// Lists and maps that may stand inside each other once aliases are written out.
const MAX_DEPTH: usize = 64;

/// The nodes with an anchor, by the number of the anchor.
#[derive(Default)]
pub(super) struct Anchors {
    nodes: BTreeMap<usize, Option<Kept>>,
    kept: usize,
    expanded: usize,
}

struct Kept {
    node: Yaml,
    size: usize,
    depth: usize,
}

/// Why an alias stands for nothing.
pub(super) enum Unexpanded {
    /// Its anchor is not finished where it stands.
    Open,
    /// It would be too much.
    TooMuch,
}

impl Anchors {
    /// Keeps a node under its anchor; 0 is none. One that is too large is known, and not kept.
    pub(super) fn keep(&mut self, anchor: usize, node: &Yaml) {
        if anchor == 0 {
            return;
        }
        let (size, depth) = measure(node);
        self.kept = self.kept.saturating_add(size);
        let kept = (self.kept <= MAX_NODES).then(|| Kept { node: node.clone(), size, depth });
        self.nodes.insert(anchor, kept);
    }

    /// The node of an anchor, for a place inside so many lists and maps.
    pub(super) fn expand(&mut self, anchor: usize, around: usize) -> Result<Yaml, Unexpanded> {
        let kept = self.nodes.get(&anchor).ok_or(Unexpanded::Open)?.as_ref().ok_or(Unexpanded::TooMuch)?;
        self.expanded = self.expanded.saturating_add(kept.size);
        if self.expanded > MAX_NODES || around.saturating_add(kept.depth) > MAX_DEPTH {
            return Err(Unexpanded::TooMuch);
        }
        Ok(kept.node.clone())
    }
}

/// How many nodes there are, and how deep they stand. No tree is deeper than [`MAX_DEPTH`].
pub(crate) fn measure(node: &Yaml) -> (usize, usize) {
    let inner: Vec<(usize, usize)> = match &node.kind {
        Kind::Seq(items) => items.iter().map(measure).collect(),
        Kind::Map(entries) => {
            entries.iter().flat_map(|entry| [measure(&entry.key), measure(&entry.value)]).collect()
        }
        Kind::Scalar(_) | Kind::Refused => return (1, 0),
    };
    let size = inner.iter().fold(1_usize, |sum, (size, _)| sum.saturating_add(*size));
    let depth = inner.iter().map(|(_, depth)| *depth).max().unwrap_or(0);
    (size, depth.saturating_add(1))
}

/// A map with what `<<` merges into it: the keys of other maps that it does not have itself, those of earlier maps
/// before those of later ones.
pub(super) fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let is_merge = |entry: &Entry| {
        entry.key.as_scalar().is_some_and(|key| key.style == Style::Plain && key.text == "<<")
            && has_maps(&entry.value)
    };
    if !entries.iter().any(is_merge) {
        return entries;
    }
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(is_merge);
    for entry in merges {
        let maps = match entry.value.kind {
            Kind::Seq(items) => items,
            _ => vec![entry.value],
        };
        for map in maps {
            let Kind::Map(more) = map.kind else { continue };
            for entry in more {
                let name = |entry: &Entry| entry.key.as_scalar().map(|key| key.text.clone());
                if !own.iter().any(|known| name(known) == name(&entry)) {
                    own.push(entry);
                }
            }
        }
    }
    own
}

fn has_maps(value: &Yaml) -> bool {
    match &value.kind {
        Kind::Map(_) => true,
        Kind::Seq(items) => items.iter().all(|item| matches!(item.kind, Kind::Map(_))),
        Kind::Scalar(_) | Kind::Refused => false,
    }
}
