//! What a rule says about itself.

use std::fmt;

use eqlc_diagnostics::Node;

use crate::detection::bare;

macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal;)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// Every value there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word that rules use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// By its exact word.
            #[must_use]
            pub fn find(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How bad a match is.
    Level {
        /// Context for other rules; no alert.
        Informational = "informational";
        /// Notable, rarely an incident.
        Low = "low";
        /// Worth a look.
        Medium = "medium";
        /// Worth a prompt look.
        High = "high";
        /// Almost certainly an incident.
        Critical = "critical";
    }
}

words! {
    /// How far a rule has been tried.
    Status {
        /// Used in many places for long without false alarms.
        Stable = "stable";
        /// Tried on a few systems.
        Test = "test";
        /// Not tried outside a laboratory.
        Experimental = "experimental";
        /// Replaced by another rule.
        Deprecated = "deprecated";
        /// Not usable as it stands.
        Unsupported = "unsupported";
    }
}

/// An entry of `related`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The other rule.
    pub id: Node<String>,
    /// `derived`, `obsolete`, `merged`, `renamed` or `similar`; kept as written.
    pub kind: Node<String>,
}

/// YAML of a key that Sigma does not define.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i128),
    /// A number with a fraction; always finite.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A list.
    List(Vec<Data>),
    /// A map, in the order written.
    Map(Vec<(String, Data)>),
}

/// What every kind of Sigma document says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// `title`; empty only in a file with errors.
    pub title: Node<String>,
    /// `id`, a UUID as a rule.
    pub id: Option<Node<String>>,
    /// `name`, by which correlation rules refer to the rule.
    pub name: Option<Node<String>>,
    /// `related`.
    pub related: Vec<Related>,
    /// `taxonomy`: whose field names the rule uses; absent means Sigma's own.
    pub taxonomy: Option<Node<String>>,
    /// `status`.
    pub status: Option<Node<Status>>,
    /// `description`.
    pub description: Option<Node<String>>,
    /// `license`, an SPDX expression.
    pub license: Option<Node<String>>,
    /// `references`.
    pub references: Vec<Node<String>>,
    /// `author`.
    pub author: Option<Node<String>>,
    /// `date`, as written; `YYYY-MM-DD` as a rule.
    pub date: Option<Node<String>>,
    /// `modified`, as written; `YYYY-MM-DD` as a rule.
    pub modified: Option<Node<String>>,
    /// `tags`.
    pub tags: Vec<Node<String>>,
    /// `scope`.
    pub scope: Vec<Node<String>>,
    /// `fields` worth showing to an analyst.
    pub fields: Vec<Node<String>>,
    /// `falsepositives`.
    pub falsepositives: Vec<Node<String>>,
    /// `level`.
    pub level: Option<Node<Level>>,
    /// Keys that Sigma does not define, in the order written.
    pub custom: Vec<(Node<String>, Data)>,
}

impl Meta {
    /// The metadata of a document made by code: a title and nothing else.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: bare(title.into()),
            id: None,
            name: None,
            related: Vec::new(),
            taxonomy: None,
            status: None,
            description: None,
            license: None,
            references: Vec::new(),
            author: None,
            date: None,
            modified: None,
            tags: Vec::new(),
            scope: Vec::new(),
            fields: Vec::new(),
            falsepositives: Vec::new(),
            level: None,
            custom: Vec::new(),
        }
    }
}

impl Default for Meta {
    fn default() -> Self {
        Self::new("")
    }
}
