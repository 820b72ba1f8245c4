//! Conditions as formulas over atoms: tests that are looked at as wholes.

use std::collections::BTreeMap;

use eqlc_ir::{Pred, text};

/// An atom by its number, and whether it must hold.
pub(super) type Literal = (usize, bool);

/// What is decided of each atom.
pub(super) type Values = [Option<bool>];

/// The atoms of formulas, each once.
#[derive(Default)]
pub(super) struct Atoms {
    list: Vec<Pred>,
    places: BTreeMap<String, usize>,
}

impl Atoms {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, atom: usize) -> Option<&Pred> {
        self.list.get(atom)
    }

    fn number(&mut self, pred: &Pred) -> usize {
        let (list, next) = (&mut self.list, self.places.len());
        *self.places.entry(text::pred(pred)).or_insert_with(|| {
            list.push(pred.clone());
            next
        })
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

/// A list of which so many must be as wanted.
struct Counted<'n> {
    list: &'n [Node],
    wanted: bool,
    count: usize,
}

impl Node {
    pub(super) fn of(pred: &Pred, atoms: &mut Atoms) -> Self {
        let mut each = |list: &[Pred]| list.iter().map(|pred| Self::of(pred, atoms)).collect();
        match pred {
            Pred::All(list) => Self::All(each(list)),
            Pred::Any(list) => Self::Any(each(list)),
            Pred::AtLeast(count, list) => Self::AtLeast(*count, each(list)),
            Pred::Not(inner) => Self::Not(Box::new(Self::of(inner, atoms))),
            Pred::Const(value) => Self::Const(*value),
            Pred::Test(_) | Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) => {
                Self::Atom(atoms.number(pred))
            }
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

    /// Literals that make the node as wanted, which it is.
    pub(super) fn reason(&self, wanted: bool, values: &Values, found: &mut Vec<Literal>) {
        if let Self::Atom(atom) = self {
            if !found.contains(&(*atom, wanted)) {
                found.push((*atom, wanted));
            }
        } else if let Some(Counted { list, wanted, count }) = self.asked(wanted) {
            let as_wanted = list.iter().filter(|node| node.value(values) == Some(wanted));
            as_wanted.take(count).for_each(|node| node.reason(wanted, values, found));
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
