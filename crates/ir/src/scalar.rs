//! Values inside a test.

use std::cmp::Ordering;

use eqlc_diagnostics::Span;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Pred;
use crate::date::DateBound;
use crate::depth::deeper;

/// The names a field may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taxonomy {
    /// Elastic Common Schema, the hub of all mappings.
    Ecs,
    /// Sigma's taxonomy, per log source.
    ///
    /// Its fields have no type, and their values are texts to a rule (Sigma specification 2.1, "General"): a
    /// test of text looks at a number or a boolean as events write it, and a number or a boolean is equal to
    /// the text that writes it. Orders compare numbers, also those that texts write.
    Sigma,
    /// Names that a target gives to columns or expressions of its own.
    Target(String),
}

/// The type of a field's values, as far as operators tell types apart (`eql-semantics.md` §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// keyword, constant_keyword, wildcard.
    Keyword,
    /// Analysed text, usable through a keyword sub-field only.
    Text,
    /// Any integer type.
    Integer,
    /// Any floating type.
    Float,
    /// boolean.
    Boolean,
    /// date and date_nanos.
    Date,
    /// ip.
    Ip,
    /// version.
    Version,
    /// An object, nested or flattened field: only its sub-fields can be tested.
    Object,
    /// Not in any schema. Values keep the type they have in the event.
    Unknown,
}

impl FieldType {
    /// Whether values are texts compared as texts.
    #[must_use]
    pub fn is_string(self) -> bool {
        matches!(self, Self::Keyword | Self::Text)
    }

    /// Whether values are numbers.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Float)
    }

    /// The name users know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Ip => "ip",
            Self::Version => "version",
            Self::Object => "object",
            Self::Unknown => "unknown",
        }
    }
}

/// A field by name. Equality ignores the place.
///
/// A document provides the path as nested objects, as a dotted key, or mixed; arrays are flattened. The
/// field has **zero or more values**: `null`, `[]`, `[null]` and absence are all zero values
/// (`eql-semantics.md` §4.1–4.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FieldRef {
    /// The dotted path as written, without back-ticks.
    pub path: SmolStr,
    /// Whose name it is.
    pub taxonomy: Taxonomy,
    /// The type from the schema.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// Written with `?`: may be absent from the schema. In a filter the mark has no effect on the meaning
    /// here: an absent field is one without values. In a key it makes null a value that equals null.
    #[serde(default)]
    pub optional: bool,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

impl PartialEq for FieldRef {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
            && self.taxonomy == other.taxonomy
            && self.ty == other.ty
            && self.optional == other.optional
    }
}

impl Eq for FieldRef {}

/// A constant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// No value.
    Null,
    /// true or false.
    Bool(bool),
    /// A whole number: EQL's int, long and unsigned long.
    Int(i128),
    /// A number with a fraction or exponent.
    Float(f64),
    /// Text; for ip and version fields the text of such a value.
    Str(SmolStr),
    /// What a date is compared with; see [`crate::date`] for its meaning. It is the right side of
    /// [`crate::Op::Compare`], or an item of [`crate::Op::OneOf`], beside a field of type [`FieldType::Date`].
    Date(Box<DateBound>),
}

impl Literal {
    /// A total order that groups kinds; for canonical sorting, not a meaning of `<`.
    #[must_use]
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Str(a), Self::Str(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.text().cmp(b.text()),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 2,
            Self::Float(_) => 3,
            Self::Str(_) => 4,
            Self::Date(_) => 5,
        }
    }

    /// The name of its type for messages.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "integer",
            Self::Float(_) => "float",
            Self::Str(_) => "string",
            Self::Date(_) => "date",
        }
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            // The usual case, and the order of texts is more than their equality.
            (Self::Str(a), Self::Str(b)) => a == b,
            _ => self.canonical_cmp(other) == Ordering::Equal,
        }
    }
}

impl Eq for Literal {}

/// A function. Arguments are values of one choice; **any null argument gives null** unless the function
/// says otherwise. "Text positions" count code points from 0 (`eql-semantics.md` §7). Those marked ~ have a
/// variant that ignores letter case ([`Scalar::Call`]'s `case`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `a + b`. Two integers stay an integer; any float makes a float; overflow is null.
    Add,
    /// `a - b`.
    Subtract,
    /// `a * b`.
    Multiply,
    /// `a / b`; integers truncate toward zero; division by zero is null.
    Divide,
    /// `a % b` with the sign of `a`; by zero is null.
    Modulo,
    /// `-a`.
    Negate,
    /// ~ `(source, left, right[, greedy])`: the text after the first `left` up to the first (greedy: last)
    /// `right` at or after it. `source` itself when any of the three is null or empty; `""` when a
    /// delimiter is not found.
    Between,
    /// `(ip, cidr, …)`: some range contains the address; IPv4 equals IPv4-mapped IPv6.
    CidrMatch,
    /// `(any, …)`: the texts joined; numbers as Java prints them, booleans as true and false.
    Concat,
    /// ~ `(text, suffix)`; an empty suffix is true.
    EndsWith,
    /// ~ `(text, needle[, start])`: position of the first occurrence at or after `start`; null when there
    /// is none; a null start is 0, a negative one 0; an empty needle is found at `start`.
    IndexOf,
    /// `(text)`: number of code points.
    Length,
    /// `(text[, base])`: the number it writes; `0x…` is hexadecimal when base is absent or 16; null when it
    /// writes none.
    Number,
    /// ~ `(text, prefix)`; an empty prefix is true.
    StartsWith,
    /// `(any)`: its text.
    String,
    /// ~ `(text, needle)`; an empty text or needle is **false**.
    StringContains,
    /// `(text, start[, end])`: a slice as Python takes it; a null start gives `text`, a null end means to
    /// the end.
    Substring,
}

impl Function {
    /// Every function, in the order of their names.
    pub const ALL: &'static [Self] = &[
        Self::Add,
        Self::Between,
        Self::CidrMatch,
        Self::Concat,
        Self::Divide,
        Self::EndsWith,
        Self::IndexOf,
        Self::Length,
        Self::Modulo,
        Self::Multiply,
        Self::Negate,
        Self::Number,
        Self::StartsWith,
        Self::String,
        Self::StringContains,
        Self::Substring,
        Self::Subtract,
    ];

    /// EQL's name for it, `negate` aside, which EQL writes as a sign.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
            Self::Modulo => "modulo",
            Self::Negate => "negate",
            Self::Between => "between",
            Self::CidrMatch => "cidrMatch",
            Self::Concat => "concat",
            Self::EndsWith => "endsWith",
            Self::IndexOf => "indexOf",
            Self::Length => "length",
            Self::Number => "number",
            Self::StartsWith => "startsWith",
            Self::String => "string",
            Self::StringContains => "stringContains",
            Self::Substring => "substring",
        }
    }

    /// Whether it answers true or false, so that it can be a condition by itself.
    #[must_use]
    pub fn is_boolean(self) -> bool {
        matches!(self, Self::CidrMatch | Self::EndsWith | Self::StartsWith | Self::StringContains)
    }
}

/// What a value of [`Scalar::Of`] belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The element that an enclosing [`Element`](crate::Element) names so, without `$`. The path of the
    /// field starts below the element; an empty path is the element itself.
    Element(String),
    /// The event that fills the step of this [alias](crate::Step::alias) in the partial match at hand; the
    /// last of them if the step is repeated. The step is an earlier, positive one of the sequence.
    Step(String),
}

/// A value inside a test, for one choice of a value per field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    /// The chosen value of a field; null when it has none. One field twice in a test is the same choice.
    Field(FieldRef),
    /// The chosen value of a field of something else than the event at hand (`eql-semantics.md` §14). It
    /// has zero or more values and is chosen from like a field of the event.
    Of(Owner, Box<FieldRef>),
    /// A constant.
    Literal(Literal),
    /// A function of values.
    Call {
        /// Which.
        function: Function,
        /// Its arguments.
        #[serde(deserialize_with = "deeper")]
        args: Vec<Scalar>,
        /// [`Case::Insensitive`](crate::Case) for the `~` variant.
        case: crate::Case,
    },
    /// A condition used as a value (`(a > 1) == null`). Evaluated with Kleene's three values over the
    /// **same** choice: a test with a null operand is null, `not null` is null, `false and null` is false.
    /// [`Pred::Element`] and [`Pred::Descendant`] do not occur in it.
    Logic(#[serde(deserialize_with = "deeper")] Box<Pred>),
}

impl Scalar {
    /// The fields of the event in it, in order of writing, repeats included.
    #[must_use]
    pub fn fields(&self) -> Vec<&FieldRef> {
        let mut found = Vec::new();
        self.collect_fields(&mut found);
        found
    }

    pub(crate) fn collect_fields<'a>(&'a self, found: &mut Vec<&'a FieldRef>) {
        match self {
            Self::Field(field) => found.push(field),
            Self::Of(..) | Self::Literal(_) => {}
            Self::Call { args, .. } => args.iter().for_each(|arg| arg.collect_fields(found)),
            Self::Logic(pred) => pred.collect_fields(found),
        }
    }

    pub(crate) fn for_each_field(&mut self, change: &mut dyn FnMut(&mut FieldRef)) {
        match self {
            Self::Field(field) => change(field),
            Self::Of(..) | Self::Literal(_) => {}
            Self::Call { args, .. } => args.iter_mut().for_each(|arg| arg.for_each_field(change)),
            Self::Logic(pred) => pred.for_each_field(change),
        }
    }

    /// Every field that a choice is made for, with what it belongs to; none for the event at hand.
    #[must_use]
    pub fn inputs(&self) -> Vec<(Option<&Owner>, &FieldRef)> {
        let mut found = Vec::new();
        self.collect_inputs(&mut found);
        found
    }

    fn collect_inputs<'a>(&'a self, found: &mut Vec<(Option<&'a Owner>, &'a FieldRef)>) {
        match self {
            Self::Field(field) => found.push((None, field)),
            Self::Of(owner, field) => found.push((Some(owner), field)),
            Self::Literal(_) => {}
            Self::Call { args, .. } => args.iter().for_each(|arg| arg.collect_inputs(found)),
            Self::Logic(pred) => {
                for test in pred.tests() {
                    test.subject.collect_inputs(found);
                    if let crate::Op::Compare(_, right) = &test.op {
                        right.collect_inputs(found);
                    }
                }
            }
        }
    }

    /// Whether its value needs no event.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        match self {
            Self::Field(_) | Self::Of(..) => false,
            Self::Literal(_) => true,
            Self::Call { args, .. } => args.iter().all(Self::is_constant),
            Self::Logic(_) => self.inputs().is_empty(),
        }
    }

    /// The field, if it is a bare one, of whatever owner.
    #[must_use]
    pub fn as_input(&self) -> Option<&FieldRef> {
        match self {
            Self::Field(field) => Some(field),
            Self::Of(_, field) => Some(field),
            _ => None,
        }
    }

    /// The field, if it is a bare field of the event.
    #[must_use]
    pub fn as_field(&self) -> Option<&FieldRef> {
        match self {
            Self::Field(field) => Some(field),
            _ => None,
        }
    }

    /// The constant, if it is one.
    #[must_use]
    pub fn as_literal(&self) -> Option<&Literal> {
        match self {
            Self::Literal(literal) => Some(literal),
            _ => None,
        }
    }
}
