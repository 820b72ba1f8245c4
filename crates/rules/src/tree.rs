//! The values of a document with their places: one form for what TOML and JSON write.

use eqlc_diagnostics::{Fragment, Span};
use indexmap::IndexMap;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The value.
    pub kind: Kind,
    /// Its place in the file; for a TOML table that of its header.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// JSON's `null`. TOML has none.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, with the place of each of its bytes.
    Text(Fragment),
    /// A TOML date or time, as written.
    Date(String),
    /// Several values.
    List(Vec<Tree>),
    /// Values by key, in the order of the document.
    Table(Members),
    /// A value nested deeper than any rule document nests, as TOML and not looked into.
    Deep(String),
}

/// The keys of a table.
pub type Members = IndexMap<String, Member>;

/// The value of a key.
#[derive(Clone, Debug)]
pub struct Member {
    /// The place of the key.
    pub key_span: Span,
    /// The value.
    pub value: Tree,
}

impl Tree {
    /// The keys of a table; `None` for anything else.
    #[must_use]
    pub fn members(&self) -> Option<&Members> {
        match &self.kind {
            Kind::Table(members) => Some(members),
            _ => None,
        }
    }

    /// The value of a key of a table.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members()?.get(key).map(|member| &member.value)
    }

    /// The text of a text.
    #[must_use]
    pub fn fragment(&self) -> Option<&Fragment> {
        match &self.kind {
            Kind::Text(fragment) => Some(fragment),
            _ => None,
        }
    }

    /// The elements of a list.
    #[must_use]
    pub fn list(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(list) => Some(list),
            _ => None,
        }
    }

    /// What messages call it, with its article.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a truth value",
            Kind::Int(number) if *number < 0 => "a negative number",
            Kind::Int(_) => "a whole number",
            Kind::Float(_) => "a decimal number",
            Kind::Text(_) => "text",
            Kind::Date(_) => "a date",
            Kind::List(list) if list.first().is_some_and(|item| item.members().is_some()) => {
                "an array of tables"
            }
            Kind::List(_) => "an array",
            Kind::Table(_) | Kind::Deep(_) => "a table",
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        self.fragment().map(Fragment::text)
    }

    pub(crate) fn as_integer(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(number) => Some(number),
            _ => None,
        }
    }

    /// The value in TOML, on one line but for line breaks inside text. JSON's nulls are left out, as TOML has
    /// no word for them and a key without a value says the same.
    ///
    /// The recursion is bounded: readers nest no deeper than [`MAX_DEPTH`].
    pub(crate) fn toml(&self) -> String {
        match &self.kind {
            Kind::Null => String::new(),
            Kind::Bool(value) => value.to_string(),
            Kind::Int(number) => number.to_string(),
            Kind::Float(number) => toml_edit::Value::from(*number).to_string(),
            Kind::Text(fragment) => toml_edit::Value::from(fragment.text()).to_string(),
            Kind::Date(text) | Kind::Deep(text) => text.clone(),
            Kind::List(list) => {
                let items: Vec<String> = list.iter().filter(|item| !item.is_null()).map(Self::toml).collect();
                format!("[{}]", items.join(", "))
            }
            Kind::Table(members) => {
                let pairs: Vec<String> = members
                    .iter()
                    .filter(|(_, member)| !member.value.is_null())
                    .map(|(key, member)| {
                        format!("{} = {}", toml_edit::Key::new(key).display_repr(), member.value.toml())
                    })
                    .collect();
                if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
            }
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }
}

/// How deep values nest at most.
pub(crate) const MAX_DEPTH: usize = 64;
