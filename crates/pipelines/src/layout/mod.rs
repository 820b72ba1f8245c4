//! From trees back to the searches and conditions of a Sigma document.
//!
//! A search of a document is a map of tests or a list of maps; a tree that is neither is laid out as several searches,
//! and the conditions that name it say how they go together.

mod conditions;
mod item;
mod searches;

pub(crate) use conditions::{Split, rewrite};
pub(crate) use searches::{Layout, lay_out};

use eqlc_sigma::FieldTest;

use crate::tree::Link;

/// A tree of finished tests.
#[derive(Clone, Debug)]
pub(crate) enum Out {
    Test(FieldTest),
    Group(Link, Vec<Out>),
}

impl Out {
    /// A group without groups of the same link inside of it; none where nothing is left.
    fn group(link: Link, nodes: impl IntoIterator<Item = Out>) -> Option<Out> {
        let mut flat = Vec::new();
        for node in nodes {
            match node {
                Out::Group(inner, nodes) if inner == link => flat.extend(nodes),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => None,
            1 => flat.pop(),
            _ => Some(Out::Group(link, flat)),
        }
    }
}
