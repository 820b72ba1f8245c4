//! The documents of a Sigma file.

use eqlc_diagnostics::{Node, Span};

use crate::detection::bare;
use crate::{Correlation, Data, Detection, Meta};

/// The documents of one file, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The documents. One that is not valid YAML is left out, with an error.
    pub documents: Vec<Document>,
}

/// One YAML document.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// A detection rule.
    Rule(Rule),
    /// A correlation of rules.
    Correlation(CorrelationRule),
    /// A filter that is added to rules.
    Filter(Filter),
}

impl Document {
    /// What the document says about itself.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Rule(rule) => &rule.meta,
            Self::Correlation(rule) => &rule.meta,
            Self::Filter(filter) => &filter.meta,
        }
    }

    /// The place of the document; empty for one made by code.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Rule(rule) => rule.span,
            Self::Correlation(rule) => rule.span,
            Self::Filter(filter) => filter.span,
        }
    }
}

/// A detection rule.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// What it says about itself.
    pub meta: Meta,
    /// Which events it is about.
    pub logsource: LogSource,
    /// What it looks for in them.
    pub detection: Detection,
    /// The whole document; equality ignores it.
    pub span: Span,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.meta == other.meta && self.logsource == other.logsource && self.detection == other.detection
    }
}

/// A correlation rule.
#[derive(Clone, Debug)]
pub struct CorrelationRule {
    /// What it says about itself.
    pub meta: Meta,
    /// What it counts or orders.
    pub correlation: Correlation,
    /// The whole document; equality ignores it.
    pub span: Span,
}

impl PartialEq for CorrelationRule {
    fn eq(&self, other: &Self) -> bool {
        self.meta == other.meta && self.correlation == other.correlation
    }
}

/// A filter: a condition added to other rules.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What it says about itself.
    pub meta: Meta,
    /// Which events it is about.
    pub logsource: LogSource,
    /// The rules that it is added to.
    pub rules: RuleSelection,
    /// What is added.
    pub detection: Detection,
    /// The whole document; equality ignores it.
    pub span: Span,
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.meta == other.meta
            && self.logsource == other.logsource
            && self.rules == other.rules
            && self.detection == other.detection
    }
}

/// The rules that a filter is added to.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleSelection {
    /// `any`: every rule of the log source.
    Any,
    /// Rules by their `id` or `name`.
    Listed(Vec<Node<String>>),
}

impl Default for RuleSelection {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// Which events a rule is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogSource {
    /// A group of products, such as `process_creation`.
    pub category: Option<Node<String>>,
    /// A product, such as `windows`.
    pub product: Option<Node<String>>,
    /// A part of the product's logs, such as `security`.
    pub service: Option<Node<String>>,
    /// How logging must be set up; for people.
    pub definition: Option<Node<String>>,
    /// Keys that Sigma does not define, in the order written.
    pub custom: Vec<(Node<String>, Data)>,
}

impl LogSource {
    /// A log source made by code; an empty part is left out.
    #[must_use]
    pub fn new(category: &str, product: &str, service: &str) -> Self {
        let part = |text: &str| (!text.is_empty()).then(|| bare(text.to_owned()));
        Self {
            category: part(category),
            product: part(product),
            service: part(service),
            definition: None,
            custom: Vec::new(),
        }
    }
}
