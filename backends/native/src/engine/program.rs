//! Conditions as small programs over the answers to atoms.

use eqlc_ir::{Op, Pred, Scalar, Test};
use serde::{Deserialize, Serialize};

use super::atoms::{Atom, AtomId, Atoms};
use super::paths::{FieldId, Paths, id};

/// A node of a program, by its place in [`Programs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NodeAt(u32);

/// A condition that looks at more than one field or at parts of arrays, by its place in [`Programs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WholeId(pub(super) u32);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Node {
    All(Children),
    Any(Children),
    AtLeast(usize, Children),
    Not(NodeAt),
    Const(bool),
    Atom(AtomId),
    /// Asked of the event as a whole, by the reference.
    Whole(WholeId),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Children {
    start: u32,
    end: u32,
}

/// The programs of all rules.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Programs {
    nodes: Vec<Node>,
    children: Vec<NodeAt>,
    whole: Vec<Pred>,
}

/// What a program asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asks {
    Atom(AtomId),
    Whole(WholeId),
}

/// The deepest program that is run; rules are nested less.
const MAX_DEPTH: u32 = 1_000;

/// What a program asks.
pub(super) trait Answers {
    /// Whether an atom holds of the event at hand.
    fn atom(&mut self, atom: AtomId) -> bool;
    /// Whether a condition holds of it that is no atom.
    fn whole(&mut self, id: WholeId) -> bool;
}

impl Programs {
    /// Compiles a condition.
    pub(super) fn add(&mut self, pred: &Pred, atoms: &mut Atoms, paths: &mut Paths) -> NodeAt {
        let node = match pred {
            Pred::All(list) => Node::All(self.list(list, atoms, paths)),
            Pred::Any(list) => Node::Any(self.list(list, atoms, paths)),
            Pred::AtLeast(count, list) => Node::AtLeast(*count, self.list(list, atoms, paths)),
            Pred::Not(inner) => Node::Not(self.add(inner, atoms, paths)),
            Pred::Const(value) => Node::Const(*value),
            Pred::Test(test) => return self.test(test, atoms, paths),
            Pred::Anywhere(wanted) => Node::Atom(atoms.add(Atom::Anywhere(wanted.op.clone()))),
            Pred::Element(_) | Pred::Descendant(_) => self.leave(pred),
        };
        self.push(node)
    }

    fn test(&mut self, test: &Test, atoms: &mut Atoms, paths: &mut Paths) -> NodeAt {
        let field = match &test.subject {
            Scalar::Field(field) => field,
            _ if test.op == Op::Exists => return self.push(Node::Const(false)),
            _ => {
                let node = self.leave(&Pred::Test(test.clone()));
                return self.push(node);
            }
        };
        let id = |paths: &mut Paths| -> FieldId { paths.add(&field.path) };
        match &test.op {
            Op::IsNull => {
                let valued = Node::Atom(atoms.add(Atom::Valued(id(paths))));
                let valued = self.push(valued);
                self.push(Node::Not(valued))
            }
            Op::Exists => {
                let there = atoms.add(Atom::There(id(paths)));
                self.push(Node::Atom(there))
            }
            Op::Compare(_, right) if !right.is_constant() => {
                let node = self.leave(&Pred::Test(test.clone()));
                self.push(node)
            }
            _ => {
                let atom = atoms.add(Atom::Value(id(paths), test.clone()));
                self.push(Node::Atom(atom))
            }
        }
    }

    fn leave(&mut self, pred: &Pred) -> Node {
        let at = self.whole.iter().position(|known| known == pred);
        let at = at.unwrap_or_else(|| {
            self.whole.push(pred.clone());
            self.whole.len() - 1
        });
        Node::Whole(WholeId(id(at)))
    }

    /// The children of a list, those first that are told by a bit.
    fn list(&mut self, list: &[Pred], atoms: &mut Atoms, paths: &mut Paths) -> Children {
        let mut nodes: Vec<NodeAt> = list.iter().map(|pred| self.add(pred, atoms, paths)).collect();
        nodes.sort_by_key(|node| self.effort(*node));
        let start = id(self.children.len());
        self.children.extend(nodes);
        Children { start, end: id(self.children.len()) }
    }

    fn effort(&self, node: NodeAt) -> u8 {
        match self.node(node) {
            Node::Const(_) | Node::Atom(_) => 0,
            Node::Not(inner) => self.effort(inner).max(1),
            Node::All(list) | Node::Any(list) | Node::AtLeast(_, list) => {
                self.children(list).iter().map(|node| self.effort(*node)).max().unwrap_or(0).max(2)
            }
            Node::Whole(_) => 3,
        }
    }

    fn push(&mut self, node: Node) -> NodeAt {
        self.nodes.push(node);
        NodeAt(id(self.nodes.len() - 1))
    }

    #[inline]
    fn node(&self, at: NodeAt) -> Node {
        self.nodes.get(at.0 as usize).copied().unwrap_or(Node::Const(false))
    }

    #[inline]
    fn children(&self, list: Children) -> &[NodeAt] {
        self.children.get(list.start as usize..list.end as usize).unwrap_or_default()
    }

    /// Conditions that are asked of the event as a whole.
    pub(super) fn whole(&self, id: WholeId) -> Option<&Pred> {
        self.whole.get(id.0 as usize)
    }

    /// How many conditions are asked of the event as a whole.
    pub(super) fn wholes(&self) -> usize {
        self.whole.len()
    }

    /// Whether a program holds of an event.
    pub(super) fn holds(&self, at: NodeAt, answers: &mut impl Answers) -> bool {
        match self.node(at) {
            Node::All(list) => self.children(list).iter().all(|node| self.holds(*node, answers)),
            Node::Any(list) => self.children(list).iter().any(|node| self.holds(*node, answers)),
            Node::AtLeast(count, list) => {
                let holding = self.children(list).iter().filter(|node| self.holds(**node, answers));
                count == 0 || holding.take(count).count() == count
            }
            Node::Not(inner) => !self.holds(inner, answers),
            Node::Const(value) => value,
            Node::Atom(atom) => answers.atom(atom),
            Node::Whole(whole) => answers.whole(whole),
        }
    }

    /// Atoms one of which holds whenever the program does, and how often some one is expected to; none if it may hold
    /// without any. `cost` is how often an atom holds.
    pub(super) fn witness(&self, at: NodeAt, cost: &impl Fn(AtomId) -> u64) -> Option<(u64, Vec<AtomId>)> {
        match self.node(at) {
            Node::Atom(atom) => Some((cost(atom), vec![atom])),
            Node::Const(false) => Some((0, Vec::new())),
            Node::Const(true) | Node::Not(_) | Node::Whole(_) => None,
            Node::All(list) => {
                let found = self.children(list).iter().filter_map(|node| self.witness(*node, cost));
                found.min_by_key(|(cost, atoms)| (*cost, atoms.len()))
            }
            Node::Any(list) => self.one_of(list, 1, cost),
            Node::AtLeast(count, list) => self.one_of(list, count, cost),
        }
    }

    /// Of any so many children that hold one is among the others than the `count - 1` dearest.
    fn one_of(
        &self,
        list: Children,
        count: usize,
        cost: &impl Fn(AtomId) -> u64,
    ) -> Option<(u64, Vec<AtomId>)> {
        let children = self.children(list);
        let mut found: Vec<_> = children.iter().map(|node| self.witness(*node, cost)).collect();
        found.sort_by_key(|found| found.as_ref().map_or(u64::MAX, |(cost, _)| *cost));
        let needed = (children.len() + 1).saturating_sub(count.max(1));
        if count == 0 {
            return None;
        }
        let mut all = (0u64, Vec::new());
        for found in found.into_iter().take(needed) {
            let (cost, atoms) = found?;
            all.0 = all.0.saturating_add(cost);
            all.1.extend(atoms);
        }
        Some(all)
    }

    /// All that a program asks for.
    pub(super) fn asks(&self, at: NodeAt, each: &mut impl FnMut(Asks)) {
        match self.node(at) {
            Node::All(list) | Node::Any(list) | Node::AtLeast(_, list) => {
                self.children(list).iter().for_each(|node| self.asks(*node, each));
            }
            Node::Not(inner) => self.asks(inner, each),
            Node::Atom(atom) => each(Asks::Atom(atom)),
            Node::Whole(whole) => each(Asks::Whole(whole)),
            Node::Const(_) => {}
        }
    }

    /// A program that never holds.
    pub(super) fn never(&mut self) -> NodeAt {
        self.push(Node::Const(false))
    }

    /// Whether the nodes are as they are made: each has its children before it, belongs to one other at most, and is
    /// not deep. Whoever runs them relies on it, and they may come from anywhere.
    pub(super) fn are_trees(&self, roots: impl IntoIterator<Item = NodeAt>) -> bool {
        let mut depths = Vec::with_capacity(self.nodes.len());
        let mut taken = vec![false; self.nodes.len()];
        let mut take = |node: NodeAt, below: usize| {
            let at = node.0 as usize;
            let free = at < below && taken.get(at) == Some(&false);
            taken.get_mut(at).into_iter().for_each(|taken| *taken = true);
            free
        };
        for (at, node) in self.nodes.iter().enumerate() {
            let children = match node {
                Node::All(list) | Node::Any(list) | Node::AtLeast(_, list) => self.children(*list),
                Node::Not(inner) => std::slice::from_ref(inner),
                Node::Const(_) | Node::Atom(_) | Node::Whole(_) => &[],
            };
            if !children.iter().all(|child| take(*child, at)) {
                return false;
            }
            let below = children.iter().filter_map(|child| depths.get(child.0 as usize)).max();
            let depth = below.map_or(0u32, |below| *below + 1);
            if depth > MAX_DEPTH {
                return false;
            }
            depths.push(depth);
        }
        roots.into_iter().all(|root| take(root, self.nodes.len()))
    }
}
