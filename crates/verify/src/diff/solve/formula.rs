//! Conditions as formulas over atoms: tests that are looked at as wholes, and conditions that are made of others.
//!
//! A condition that occurs twice is one atom. Two rules to be compared share most of what they say, and what they share
//! is decided once: that all of it holds in one of them and not in the other is a contradiction at sight.

use std::collections::{BTreeMap, BTreeSet};

use eqlc_ir::{Pred, text};

/// An atom by its number, and whether it must hold.
pub(super) type Literal = (usize, bool);

/// What is decided of each atom.
pub(super) type Values = [Option<bool>];

/// The atoms of a formula, each once; those that another is made of stand before it.
#[derive(Default)]
pub(super) struct Atoms {
    list: Vec<Atom>,
    places: BTreeMap<String, usize>,
}

enum Atom {
    Test(Pred),
    Made(Node),
}

impl Atoms {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The test, if the atom is one.
    pub(super) fn test(&self, atom: usize) -> Option<&Pred> {
        match self.list.get(atom)? {
            Atom::Test(pred) => Some(pred),
            Atom::Made(_) => None,
        }
    }

    /// What the atom is made of, if it is made of others.
    pub(super) fn made(&self, atom: usize) -> Option<&Node> {
        match self.list.get(atom)? {
            Atom::Test(_) => None,
            Atom::Made(node) => Some(node),
        }
    }

    /// The atoms that are made of others.
    pub(super) fn all_made(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.list.iter().enumerate().filter_map(|(atom, it)| match it {
            Atom::Test(_) => None,
            Atom::Made(node) => Some((atom, node)),
        })
    }

    /// How many nodes there are.
    pub(super) fn size(&self) -> usize {
        self.all_made().map(|(_, node)| node.size()).sum::<usize>() + self.len()
    }

    fn number(&mut self, pred: &Pred) -> usize {
        let key = text::pred(pred);
        if let Some(atom) = self.places.get(&key) {
            return *atom;
        }
        let mut each = |list: &[Pred]| list.iter().map(|pred| Node::of(pred, self)).collect();
        let atom = match pred {
            Pred::All(list) => Atom::Made(Node::All(each(list))),
            Pred::Any(list) => Atom::Made(Node::Any(each(list))),
            Pred::AtLeast(count, list) => Atom::Made(Node::AtLeast(*count, each(list))),
            other => Atom::Test(other.clone()),
        };
        let next = self.list.len();
        self.list.push(atom);
        self.places.insert(key, next);
        next
    }
}

/// A node of a formula.
#[derive(Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    AtLeast(usize, Vec<Node>),
    Not(Box<Node>),
    Const(bool),
    Atom(usize),
}

/// Literals, as they are found.
#[derive(Default)]
pub(super) struct Reason {
    pub(super) literals: Vec<Literal>,
    seen: BTreeSet<Literal>,
}

/// A list of which so many must be as wanted.
struct Counted<'n> {
    list: &'n [Node],
    wanted: bool,
    count: usize,
}

impl Node {
    pub(super) fn of(pred: &Pred, atoms: &mut Atoms) -> Self {
        match pred {
            Pred::Not(inner) => Self::Not(Box::new(Self::of(inner, atoms))),
            Pred::Const(value) => Self::Const(*value),
            other => Self::Atom(atoms.number(other)),
        }
    }

    /// How many nodes it has.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::All(list) | Self::Any(list) | Self::AtLeast(_, list) => {
                1 + list.iter().map(Self::size).sum::<usize>()
            }
            Self::Not(inner) => 1 + inner.size(),
            Self::Const(_) | Self::Atom(_) => 1,
        }
    }

    /// Whether it holds, if what is decided says so.
    pub(super) fn value(&self, values: &Values) -> Option<bool> {
        match self {
            Self::Const(value) => Some(*value),
            Self::Atom(atom) => values.get(*atom).copied().flatten(),
            Self::Not(inner) => inner.value(values).map(|value| !value),
            Self::All(list) => counted(list, list.len(), values),
            Self::Any(list) => counted(list, 1, values),
            Self::AtLeast(count, list) => counted(list, *count, values),
        }
    }

    /// The children that must be as wanted so that this node is; none of an atom and a constant.
    fn asked(&self, wanted: bool) -> Option<Counted<'_>> {
        let (list, count) = match self {
            Self::All(list) => (list, list.len()),
            Self::Any(list) => (list, 1),
            Self::AtLeast(count, list) => (list, *count),
            Self::Not(inner) => {
                return Some(Counted { list: std::slice::from_ref(&**inner), wanted: !wanted, count: 1 });
            }
            Self::Const(_) | Self::Atom(_) => return None,
        };
        let count = if wanted { count } else { (list.len() + 1).saturating_sub(count) };
        Some(Counted { list, wanted, count })
    }

    /// Collects what must hold so that the node is as wanted; whether that is still possible.
    pub(super) fn force(&self, wanted: bool, values: &Values, found: &mut Vec<Literal>) -> bool {
        let Some(Counted { list, wanted, count }) = self.asked(wanted) else {
            return match self {
                Self::Atom(atom) => match values.get(*atom).copied().flatten() {
                    Some(value) => value == wanted,
                    None => {
                        found.push((*atom, wanted));
                        true
                    }
                },
                _ => self.value(values) == Some(wanted),
            };
        };
        if count == list.len() {
            // All: each is forced without looking at the others.
            return list.iter().all(|node| node.force(wanted, values, found));
        }
        let (mut held, mut open) = (0, Vec::new());
        for node in list {
            match node.value(values) {
                Some(value) => held += usize::from(value == wanted),
                None => open.push(node),
            }
        }
        match count.saturating_sub(held) {
            0 => true,
            missing if missing > open.len() => false,
            missing if missing == open.len() => open.iter().all(|node| node.force(wanted, values, found)),
            _ => true,
        }
    }

    /// Literals of tests that make the node as wanted, which it is.
    pub(super) fn reason(&self, wanted: bool, values: &Values, atoms: &Atoms, found: &mut Reason) {
        if let Self::Atom(atom) = self {
            if !found.seen.insert((*atom, wanted)) {
                return;
            }
            match atoms.made(*atom) {
                Some(made) => made.reason(wanted, values, atoms, found),
                None => found.literals.push((*atom, wanted)),
            }
        } else if let Some(Counted { list, wanted, count }) = self.asked(wanted) {
            let as_wanted = list.iter().filter(|node| node.value(values) == Some(wanted));
            as_wanted.take(count).for_each(|node| node.reason(wanted, values, atoms, found));
        }
    }

    /// What to decide next so that the node, which is open, becomes as wanted.
    pub(super) fn open(&self, wanted: bool, values: &Values) -> Option<Literal> {
        if let Self::Atom(atom) = self {
            return Some((*atom, wanted));
        }
        let Counted { list, wanted, .. } = self.asked(wanted)?;
        list.iter().find(|node| node.value(values).is_none())?.open(wanted, values)
    }
}

fn counted(list: &[Node], count: usize, values: &Values) -> Option<bool> {
    let (mut held, mut possible) = (0, list.len());
    for node in list {
        match node.value(values) {
            Some(true) => held += 1,
            Some(false) => possible -= 1,
            None => {}
        }
        if held >= count {
            return Some(true);
        }
        if possible < count {
            return Some(false);
        }
    }
    // Nothing is asked of an empty list, or something that it cannot give.
    if list.is_empty() { Some(count == 0) } else { None }
}
