//! Trees of tests as searches.

use eqlc_diagnostics::Node;
use eqlc_sigma::{FieldTest, Item, Search};

use super::{Out, item};
use crate::tree::{Group, Link};

/// What a tree became.
#[derive(Clone, Debug)]
pub(crate) enum Layout {
    /// Nothing is left.
    Nothing,
    /// One search.
    Whole(Search),
    /// Several, combined.
    Parts(Parts),
}

/// Searches and how they go together.
#[derive(Clone, Debug)]
pub(crate) enum Parts {
    One(Search),
    All(Vec<Parts>),
    Any(Vec<Parts>),
}

pub(crate) fn lay_out(group: &Group) -> Layout {
    match item::tests(group) {
        None => Layout::Nothing,
        Some(out) => match parts(out) {
            Parts::One(search) => Layout::Whole(search),
            several => Layout::Parts(several),
        },
    }
}

fn parts(out: Out) -> Parts {
    match out {
        Out::Test(test) => {
            Parts::One(if is_keyword(&test) { Search::List(keywords(test)) } else { Search::Map(vec![test]) })
        }
        Out::Group(Link::And, nodes) => {
            // The tests go to as few maps as hold each key once.
            let mut maps: Vec<Vec<FieldTest>> = Vec::new();
            let mut rest = Vec::new();
            for node in nodes {
                match node {
                    Out::Test(test) if !is_keyword(&test) => {
                        match maps.iter_mut().find(|map| !map.iter().any(|other| same_key(other, &test))) {
                            Some(map) => map.push(test),
                            None => maps.push(vec![test]),
                        }
                    }
                    other => rest.push(parts(other)),
                }
            }
            joined(maps.into_iter().map(|map| Parts::One(Search::Map(map))).chain(rest), Parts::All)
        }
        Out::Group(Link::Or, nodes) => {
            let mut list: Vec<Item> = Vec::new();
            let mut rest = Vec::new();
            for node in nodes {
                match items(node) {
                    Ok(items) => list.extend(items),
                    Err(other) => rest.push(parts(other)),
                }
            }
            let list = (!list.is_empty()).then_some(Parts::One(Search::List(list)));
            joined(list.into_iter().chain(rest), Parts::Any)
        }
    }
}

fn joined(parts: impl IntoIterator<Item = Parts>, join: fn(Vec<Parts>) -> Parts) -> Parts {
    let mut parts: Vec<Parts> = parts.into_iter().collect();
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// A node as items of a list search, or the node itself where it is none.
fn items(node: Out) -> Result<Vec<Item>, Out> {
    match node {
        Out::Test(test) if is_keyword(&test) => Ok(keywords(test)),
        Out::Test(test) => Ok(vec![Item::Map(vec![test])]),
        Out::Group(Link::And, nodes) => {
            let tests: Option<Vec<&FieldTest>> = nodes
                .iter()
                .map(|node| match node {
                    Out::Test(test) if !is_keyword(test) => Some(test),
                    _ => None,
                })
                .collect();
            let fits = tests.filter(|tests| {
                tests
                    .iter()
                    .enumerate()
                    .all(|(at, test)| !tests.iter().skip(at + 1).any(|other| same_key(other, test)))
            });
            match fits {
                Some(tests) => Ok(vec![Item::Map(tests.into_iter().cloned().collect())]),
                None => Err(Out::Group(Link::And, nodes)),
            }
        }
        other => Err(other),
    }
}

/// Values to find anywhere, of which one is enough: they stand in a list by themselves.
fn is_keyword(test: &FieldTest) -> bool {
    test.field.is_none() && test.modifiers.is_empty()
}

fn keywords(test: FieldTest) -> Vec<Item> {
    test.values.into_iter().map(Item::Keyword).collect()
}

fn same_key(one: &FieldTest, other: &FieldTest) -> bool {
    let key = |test: &FieldTest| {
        (test.field.clone(), test.modifiers.iter().map(|modifier| modifier.value).collect::<Vec<_>>())
    };
    key(one) == key(other)
}

impl Parts {
    /// Calls `name` with every search, left to right, for the condition that combines them.
    pub(super) fn condition(self, name: &mut dyn FnMut(Search) -> Node<String>) -> eqlc_sigma::Condition {
        use eqlc_sigma::Condition;
        match self {
            Self::One(search) => Condition::Ident(name(search)),
            Self::All(parts) => {
                Condition::and(parts.into_iter().map(|part| part.condition(name)).collect::<Vec<_>>())
            }
            Self::Any(parts) => {
                Condition::or(parts.into_iter().map(|part| part.condition(name)).collect::<Vec<_>>())
            }
        }
    }
}
