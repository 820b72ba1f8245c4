//! A pipeline as read.

use std::collections::BTreeMap;
use std::sync::Arc;

use eqlc_sigma::{Data, Level, LogSource, Search, Status};
use regex::Regex;

use crate::origin::Origin;
use crate::python::{Pattern, Template};
use crate::value::{Number, Text, Val};

/// A processing pipeline. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Pipeline {
    pub(crate) file: Arc<str>,
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) name: Option<String>,
    pub(crate) priority: i64,
    pub(crate) vars: BTreeMap<String, Vec<String>>,
    pub(crate) items: Vec<Item>,
}

impl Pipeline {
    /// The name that the pipeline gives itself, else that of its file.
    #[must_use]
    pub fn name(&self) -> &str {
        self.inner.name.as_deref().unwrap_or(&self.file)
    }

    /// What pipelines are ordered by, lowest first.
    #[must_use]
    pub fn priority(&self) -> i64 {
        self.inner.priority
    }
}

/// A transformation with the conditions on which it is applied.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) rule: Conditions<RuleCondition>,
    pub(crate) detection_item: Conditions<ItemCondition>,
    pub(crate) field_name: Conditions<FieldCondition>,
    pub(crate) transformation: Transformation,
}

/// Conditions of one kind and what links them.
#[derive(Debug)]
pub(crate) struct Conditions<C> {
    pub(crate) list: Vec<C>,
    pub(crate) link: ConditionLink,
    pub(crate) negated: bool,
}

impl<C> Default for Conditions<C> {
    fn default() -> Self {
        Self { list: Vec::new(), link: ConditionLink::All, negated: false }
    }
}

#[derive(Debug)]
pub(crate) enum ConditionLink {
    All,
    Any,
    Expression(Expr),
}

/// An expression over conditions by their place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    Ref(usize),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
}

impl<C> Conditions<C> {
    /// What the link makes of what `holds` says of each condition, negation included.
    pub(crate) fn hold(&self, holds: &dyn Fn(&C) -> bool) -> bool {
        let linked = match &self.link {
            ConditionLink::All => self.list.iter().all(holds),
            ConditionLink::Any => self.list.iter().any(holds),
            ConditionLink::Expression(expr) => self.evaluate(expr, holds),
        };
        linked != self.negated
    }

    fn evaluate(&self, expr: &Expr, holds: &dyn Fn(&C) -> bool) -> bool {
        match expr {
            Expr::Ref(at) => self.list.get(*at).is_some_and(holds),
            Expr::Not(inner) => !self.evaluate(inner, holds),
            Expr::And(list) => list.iter().all(|each| self.evaluate(each, holds)),
            Expr::Or(list) => list.iter().any(|each| self.evaluate(each, holds)),
        }
    }
}

/// A comparison of `processing_state` and `rule_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Eq,
    Ne,
    Gte,
    Gt,
    Lte,
    Lt,
}

/// `processing_state`, for rules, detection items and field names alike.
#[derive(Debug)]
pub(crate) struct StateCondition {
    pub(crate) key: String,
    pub(crate) val: Data,
    pub(crate) op: Compare,
}

#[derive(Debug)]
pub(crate) enum RuleCondition {
    LogSource(LogSource),
    ContainsItem { field: String, value: Val },
    ContainsField(String),
    Applied(String),
    State(StateCondition),
    IsRule,
    IsCorrelation,
    Attribute(AttributeCondition),
    Tag(String),
}

/// `rule_attribute`.
#[derive(Debug)]
pub(crate) struct AttributeCondition {
    pub(crate) attribute: String,
    pub(crate) op: AttributeOp,
    pub(crate) value: AttributeValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeOp {
    Compare(Compare),
    In,
    NotIn,
}

/// What an attribute is compared with.
#[derive(Debug)]
pub(crate) enum AttributeValue {
    Level(Level),
    Status(Status),
    /// `YYYY-MM-DD`
    Date(String),
    Other(Data),
}

#[derive(Debug)]
pub(crate) enum ItemCondition {
    MatchString { quantity: Quantity, pattern: Pattern, negate: bool },
    MatchValue { quantity: Quantity, value: Data },
    ContainsWildcard(Quantity),
    IsNull(Quantity),
    Applied(String),
    State(StateCondition),
}

/// `cond` of conditions on values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    Any,
    All,
}

#[derive(Debug)]
pub(crate) enum FieldCondition {
    Include(Names),
    Exclude(Names),
    Applied(String),
    State(StateCondition),
}

/// Field names, or expressions that match the beginning of one.
#[derive(Debug)]
pub(crate) enum Names {
    Plain(Vec<String>),
    Patterns(Vec<Pattern>),
}

/// What a field name becomes.
#[derive(Clone, Debug)]
pub(crate) enum Targets {
    One(String),
    /// Any of these.
    Many(Vec<String>),
}

#[derive(Debug)]
pub(crate) enum Transformation {
    /// By the name; `None` is the name of searches without a field.
    MapFields(BTreeMap<Option<String>, Targets>),
    /// By the first prefix that fits.
    MapPrefixes(Vec<(String, Targets)>),
    AddPrefix(String),
    AddSuffix(String),
    Drop,
    Hashes(Hashes),
    Extract(Extract),
    Placeholders(Placeholders),
    AddCondition(AddCondition),
    ChangeLogSource(LogSource),
    AddFields(Vec<String>),
    RemoveFields(Vec<String>),
    SetFields(Vec<String>),
    ReplaceString(Replace),
    MapString(BTreeMap<String, Vec<String>>),
    SetState {
        key: String,
        val: Data,
    },
    Regex(RegexMethod),
    SetValue(Val),
    ConvertType(Kind),
    RuleFailure(String),
    ItemFailure(String),
    StrictMapping,
    SetAttribute {
        attribute: String,
        value: Data,
    },
    Nest(Vec<Item>),
    Case(Case),
}

/// `hashes_fields`.
#[derive(Debug)]
pub(crate) struct Hashes {
    pub(crate) algorithms: Vec<String>,
    pub(crate) prefix: String,
    pub(crate) drop_algorithm: bool,
    pub(crate) fields: Vec<String>,
}

/// `extract_fields`.
#[derive(Debug)]
pub(crate) struct Extract {
    pub(crate) pattern: Pattern,
    pub(crate) prefix: Option<String>,
    pub(crate) preserve: bool,
}

/// `value_placeholders`, `wildcard_placeholders` and `query_expression_placeholders`.
#[derive(Debug)]
pub(crate) struct Placeholders {
    pub(crate) kind: PlaceholderKind,
    pub(crate) chosen: Chosen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaceholderKind {
    Values,
    Wildcard,
    Query,
}

/// Which placeholders are handled.
#[derive(Debug)]
pub(crate) enum Chosen {
    All,
    Only(Vec<String>),
    AllBut(Vec<String>),
}

impl Chosen {
    pub(crate) fn takes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|each| each == name),
            Self::AllBut(names) => names.iter().all(|each| each != name),
        }
    }
}

/// `add_condition`.
#[derive(Debug)]
pub(crate) struct AddCondition {
    pub(crate) search: Search,
    pub(crate) name: Option<String>,
    pub(crate) template: bool,
    pub(crate) negated: bool,
}

/// `replace_string`.
#[derive(Debug)]
pub(crate) struct Replace {
    pub(crate) pattern: Regex,
    pub(crate) template: Template,
    pub(crate) skip_special: bool,
    pub(crate) interpret_special: bool,
}

/// `method` of `regex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegexMethod {
    Plain,
    Flag,
    Brackets,
}

/// `target_type` of `convert_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
}

/// `method` of `case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Snake,
}

/// A value of YAML as a value of a detection.
pub(crate) fn value_of(data: &Data) -> Option<Val> {
    Some(match data {
        Data::Text(text) => Val::Str(Text::parse(text)),
        Data::Int(number) => Val::Number(Number::Int(*number)),
        Data::Float(number) => Val::Number(Number::of(*number)),
        Data::Bool(value) => Val::Bool(*value),
        Data::Null => Val::Null,
        Data::List(_) | Data::Map(_) => return None,
    })
}
