//! The fields that rules read, as a tree of path segments.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A field that some rule reads, by its place in [`Paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct FieldId(pub(super) u32);

/// A place in an event that a path leads to or through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub(super) u32);

impl FieldId {
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

impl NodeId {
    /// The event itself.
    pub(super) const ROOT: Self = Self(0);

    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

/// The paths of all fields that are read.
///
/// A path is split at its dots. Since an event may hold a path as nested objects, as a dotted key, or mixed
/// (`eql-semantics.md` §4.1), a key leads as many segments down as it has.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<SmolStr>")]
pub(super) struct Paths {
    nodes: Vec<Node>,
    fields: Vec<SmolStr>,
    by_path: HashMap<SmolStr, FieldId>,
}

#[derive(Debug, Default)]
struct Node {
    field: Option<FieldId>,
    children: HashMap<SmolStr, NodeId>,
}

impl Paths {
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::default()], fields: Vec::new(), by_path: HashMap::new() }
    }

    /// The field of a path, which from now on is read.
    pub(super) fn add(&mut self, path: &str) -> FieldId {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        let field = FieldId(id(self.fields.len()));
        self.fields.push(path.into());
        self.by_path.insert(path.into(), field);
        let mut at = NodeId::ROOT;
        for segment in path.split('.') {
            at = self.add_child(at, segment);
        }
        if let Some(node) = self.nodes.get_mut(at.at()) {
            node.field = Some(field);
        }
        field
    }

    fn add_child(&mut self, at: NodeId, segment: &str) -> NodeId {
        let next = NodeId(id(self.nodes.len()));
        let Some(node) = self.nodes.get_mut(at.at()) else { return at };
        if let Some(child) = node.children.get(segment) {
            return *child;
        }
        node.children.insert(segment.into(), next);
        self.nodes.push(Node::default());
        next
    }

    /// Where a key of the object at a node leads; none if no path goes there.
    pub(super) fn child(&self, at: NodeId, key: &str) -> Option<NodeId> {
        key.split('.').try_fold(at, |at, segment| self.nodes.get(at.at())?.children.get(segment).copied())
    }

    /// The field whose path ends at a node.
    #[inline]
    pub(super) fn field_at(&self, node: NodeId) -> Option<FieldId> {
        self.nodes.get(node.at())?.field
    }

    /// Whether paths lead further down from a node.
    #[inline]
    pub(super) fn goes_on(&self, node: NodeId) -> bool {
        self.nodes.get(node.at()).is_some_and(|node| !node.children.is_empty())
    }

    /// How many nodes there are.
    pub(super) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// The field of a path, if it is read.
    pub(super) fn get(&self, path: &str) -> Option<FieldId> {
        self.by_path.get(path).copied()
    }

    /// Every field with its path.
    pub(super) fn fields(&self) -> impl Iterator<Item = (FieldId, &str)> {
        self.fields.iter().enumerate().map(|(at, path)| (FieldId(id(at)), path.as_str()))
    }

    /// How many fields are read.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }
}

impl Serialize for Paths {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields.serialize(serializer)
    }
}

impl TryFrom<Vec<SmolStr>> for Paths {
    type Error = &'static str;

    /// Fields have the numbers that they had where they were written down.
    fn try_from(fields: Vec<SmolStr>) -> Result<Self, Self::Error> {
        let mut paths = Self::new();
        for (at, path) in fields.iter().enumerate() {
            if paths.add(path).at() != at {
                return Err("a field is there twice");
            }
        }
        Ok(paths)
    }
}

/// The number of a thing of which there are fewer than four thousand million: rules are read whole before.
pub(super) fn id(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_as_many_segments_down_as_it_has() {
        let mut paths = Paths::new();
        let (ab, abc, odd) = (paths.add("a.b"), paths.add("a.b.c"), paths.add("x..y"));
        let child = |at, key| paths.child(at, key);
        let a = child(NodeId::ROOT, "a").unwrap();
        let b = child(a, "b").unwrap();
        assert_eq!(child(NodeId::ROOT, "a.b"), Some(b));
        assert_eq!((paths.field_at(a), paths.field_at(b)), (None, Some(ab)));
        assert_eq!(child(a, "b.c"), child(NodeId::ROOT, "a.b.c"));
        assert_eq!(paths.field_at(child(b, "c").unwrap()), Some(abc));
        assert_eq!(paths.field_at(child(NodeId::ROOT, "x..y").unwrap()), Some(odd));
        assert_eq!(paths.field_at(child(child(NodeId::ROOT, "x").unwrap(), ".y").unwrap()), Some(odd));
        assert_eq!(child(NodeId::ROOT, "b"), None);
        assert!(paths.goes_on(b) && !paths.goes_on(child(b, "c").unwrap()));
    }
}
