//! Detections as trees: what transformations work on.

use std::collections::BTreeSet;

use eqlc_diagnostics::{Node, Span};
use eqlc_sigma::{FieldTest, Item as ListItem, Keyword, Modifier, Search, Value};

use crate::value::{Placed, modified};

/// What links the values of an item, or the nodes of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    And,
    Or,
}

impl Link {
    pub(crate) fn flipped(self) -> Self {
        match self {
            Self::And => Self::Or,
            Self::Or => Self::And,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Item(Item),
    Group(Group),
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) link: Link,
    pub(crate) nodes: Vec<Tree>,
}

/// A field and the values of which one matches, all under [`Link::And`].
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// None: values to find anywhere in the event.
    pub(crate) field: Option<Node<String>>,
    pub(crate) values: Vec<Placed>,
    pub(crate) link: Link,
    pub(crate) negated: bool,
    /// What stands in the rule, as long as no transformation has changed the values.
    pub(crate) written: Option<Written>,
    /// The items of pipelines that were applied to it, by their ids.
    pub(crate) applied: BTreeSet<String>,
    pub(crate) span: Span,
}

/// Modifiers and values as written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) modifiers: Vec<Node<Modifier>>,
    pub(crate) values: Vec<Node<Value>>,
}

impl Group {
    pub(crate) fn of(search: &Search) -> Self {
        match search {
            Search::Map(tests) => map(tests),
            Search::List(items) => {
                let keywords: Vec<&Keyword> = items.iter().filter_map(keyword).collect();
                if keywords.len() == items.len() {
                    return Self { link: Link::And, nodes: vec![Tree::Item(Item::keywords(&keywords))] };
                }
                let nodes = items.iter().map(|item| match item {
                    ListItem::Map(tests) => Tree::Group(map(tests)),
                    ListItem::Keyword(keyword) => Tree::Item(Item::keywords(&[keyword])),
                });
                Self { link: Link::Or, nodes: nodes.collect() }
            }
        }
    }

    /// Marks every item below as processed.
    pub(crate) fn mark(&mut self, id: &str) {
        for node in &mut self.nodes {
            node.mark(id);
        }
    }

    /// Whether some item below satisfies a condition.
    pub(crate) fn some(&self, wanted: &dyn Fn(&Item) -> bool) -> bool {
        self.nodes.iter().any(|node| match node {
            Tree::Item(item) => wanted(item),
            Tree::Group(group) => group.some(wanted),
        })
    }
}

impl Tree {
    pub(crate) fn mark(&mut self, id: &str) {
        match self {
            Self::Item(item) => {
                item.applied.insert(id.to_owned());
            }
            Self::Group(group) => group.mark(id),
        }
    }
}

impl Item {
    fn of(test: &FieldTest) -> Self {
        let place =
            |value: &Node<Value>| Placed { val: modified(&value.value, &test.modifiers), span: value.span };
        Self {
            field: test.field.clone(),
            values: test.values.iter().map(place).collect(),
            link: if test.has(Modifier::All) { Link::And } else { Link::Or },
            negated: test.has(Modifier::Neq),
            written: Some(Written { modifiers: test.modifiers.clone(), values: test.values.clone() }),
            applied: BTreeSet::new(),
            span: test.span,
        }
    }

    fn keywords(keywords: &[&Keyword]) -> Self {
        let values: Vec<Node<Value>> = keywords.iter().map(|keyword| (*keyword).clone()).collect();
        let span = match (values.first(), values.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        };
        Self::of(&FieldTest { field: None, modifiers: Vec::new(), values, span })
    }

    /// An item that a transformation made of this one.
    pub(crate) fn made(&self, field: Option<String>, values: Vec<Placed>) -> Self {
        let span = self.field.as_ref().map_or(self.span, |field| field.span);
        Self {
            field: field.map(|field| Node::new(field, span)),
            values,
            link: self.link,
            negated: self.negated,
            written: None,
            applied: BTreeSet::new(),
            span: self.span,
        }
    }

    pub(crate) fn field_name(&self) -> Option<&str> {
        self.field.as_ref().map(|field| field.value.as_str())
    }

    /// The field, or the whole item where it has none.
    pub(crate) fn field_span(&self) -> Span {
        self.field.as_ref().map_or(self.span, |field| field.span)
    }

    /// Replaces the values; from here on they are no longer those of the rule.
    pub(crate) fn set_values(&mut self, values: Vec<Placed>) {
        self.values = values;
        self.written = None;
    }
}

fn map(tests: &[FieldTest]) -> Group {
    Group { link: Link::And, nodes: tests.iter().map(|test| Tree::Item(Item::of(test))).collect() }
}

fn keyword(item: &ListItem) -> Option<&Keyword> {
    match item {
        ListItem::Keyword(keyword) => Some(keyword),
        ListItem::Map(_) => None,
    }
}
