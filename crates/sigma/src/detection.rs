//! The detection of a rule: searches and the conditions over them.

use eqlc_diagnostics::{Node, Span};

use crate::{Condition, Modifier, Timespan, Value};

/// `detection:` of a rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection {
    /// The searches, in the order of the file.
    pub searches: Vec<NamedSearch>,
    /// The conditions; a rule matches if any does. A rule has one as a rule.
    pub conditions: Vec<Node<Condition>>,
    /// `timeframe`, of which only the aggregations of old rules made use.
    pub timeframe: Option<Node<Timespan>>,
}

/// A search and the identifier that conditions know it by.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedSearch {
    /// The identifier.
    pub name: Node<String>,
    /// What it looks for.
    pub search: Search,
}

/// What one search looks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Search {
    /// A map: every test holds.
    Map(Vec<FieldTest>),
    /// A list: some item holds.
    List(Vec<Item>),
}

/// One item of a list search.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A map: every test holds.
    Map(Vec<FieldTest>),
    /// A value to find anywhere in the event.
    Keyword(Keyword),
}

/// A value to find anywhere in the event.
pub type Keyword = Node<Value>;

/// A field, its modifiers, and the values of which one must match (all, under [`Modifier::All`]).
#[derive(Clone, Debug)]
pub struct FieldTest {
    /// The field; none for a keyword test such as `'|all':`.
    pub field: Option<Node<String>>,
    /// The modifiers, in the order written.
    pub modifiers: Vec<Node<Modifier>>,
    /// The values; never empty in a file read without errors.
    pub values: Vec<Node<Value>>,
    /// The whole entry; equality ignores it.
    pub span: Span,
}

impl PartialEq for FieldTest {
    fn eq(&self, other: &Self) -> bool {
        self.field == other.field && self.modifiers == other.modifiers && self.values == other.values
    }
}

impl FieldTest {
    /// A test made by code, with no place in a file.
    pub fn new(
        field: impl Into<String>,
        modifiers: impl IntoIterator<Item = Modifier>,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        Self {
            field: Some(bare(field.into())),
            modifiers: modifiers.into_iter().map(bare).collect(),
            values: values.into_iter().map(bare).collect(),
            span: Span::default(),
        }
    }

    /// Whether the test has a modifier.
    #[must_use]
    pub fn has(&self, modifier: Modifier) -> bool {
        self.modifiers.iter().any(|m| m.value == modifier)
    }

    /// Whether the values are [`Value::Raw`] instead of text with wildcards.
    #[must_use]
    pub fn takes_raw_text(&self) -> bool {
        self.modifiers.iter().any(|m| m.value.takes_raw_text())
    }
}

impl NamedSearch {
    /// A search made by code, with no place in a file.
    pub fn new(name: impl Into<String>, search: Search) -> Self {
        Self { name: bare(name.into()), search }
    }
}

impl Detection {
    /// A detection made by code, with no place in a file.
    pub fn new(searches: impl IntoIterator<Item = NamedSearch>, condition: Condition) -> Self {
        Self { searches: searches.into_iter().collect(), conditions: vec![bare(condition)], timeframe: None }
    }

    /// The search of a name.
    #[must_use]
    pub fn search(&self, name: &str) -> Option<&Search> {
        self.searches.iter().find(|search| search.name.value == name).map(|search| &search.search)
    }
}

/// A value with no place.
pub(crate) fn bare<T>(value: T) -> Node<T> {
    Node::new(value, Span::default())
}
