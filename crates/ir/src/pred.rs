//! Conditions: the two-valued tree and its tests.

use std::fmt;

use eqlc_diagnostics::Span;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::depth::deeper;
use crate::regex::Regex;
use crate::{Case, EventQuery, FieldRef, Literal, Owner, Scalar, TextPattern};

/// A condition over one event. Two-valued (`eql-semantics.md` §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pred {
    /// Every one holds; the empty list holds.
    All(#[serde(deserialize_with = "deeper")] Vec<Pred>),
    /// Some one holds; the empty list does not.
    Any(#[serde(deserialize_with = "deeper")] Vec<Pred>),
    /// It does not hold. A test with no value to test does not hold, so its negation does: for a missing
    /// `x`, `x != "a"` is true (§5.3).
    Not(#[serde(deserialize_with = "deeper")] Box<Pred>),
    /// At least this many of them hold (Sigma's `2 of selection_*`).
    AtLeast(usize, #[serde(deserialize_with = "deeper")] Vec<Pred>),
    /// Holds always or never.
    Const(bool),
    /// One test of values.
    Test(Test),
    /// Some element of an array of objects satisfies a condition of its own (`eql-semantics.md` §14).
    Element(Element),
    /// Some process above that of the event had an event that satisfies the query
    /// (`eql-semantics.md` §14).
    ///
    /// Above a process stand its parent, the parent of that, and so on, at any depth; never the process
    /// itself. A process is told by `process.entity_id`; its parents are the values of
    /// `process.parent.entity_id` of any of its events, and the values of `process.Ext.ancestry` of its
    /// events stand above it too. Only events up to the one at hand in the order of events count, for the
    /// tree as for the query. The query looks at one event of the other process: neither the event at hand
    /// nor variables nor earlier steps can be named in it.
    Descendant(#[serde(deserialize_with = "deeper")] Box<EventQuery>),
    /// Some value of the event satisfies a test of text, in whatever field it stands.
    Anywhere(Anywhere),
}

/// A search in every field of an event: Sigma's keywords (Sigma specification 2.1, "Keywords search").
///
/// Holds when **some** value of the event satisfies `op`: of any field, at any depth, elements of arrays one
/// by one. Values that are no text are taken as their text: numbers as JSON writes them, `true` and `false`;
/// null has none. Names of fields are not searched, and a match does not reach from one value into another.
/// Two-valued like a test: an event without values does not satisfy it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Anywhere {
    /// What the value must satisfy: [`Op::Text`] or [`Op::Regex`]; any other never holds.
    pub op: Op,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

impl PartialEq for Anywhere {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op
    }
}

impl Eq for Anywhere {}

/// `_arraysearch(array, $variable, condition)`: holds when some element of the array satisfies the
/// condition (`eql-semantics.md` §14).
///
/// Elements are those of the arrays that stand at the path, arrays inside arrays opened; a single object or
/// value counts as an array of one, null as none. In the condition [`Owner::Element`] names what stands
/// below the element, so that tests joined by `and` are about **one** element; fields of the event keep
/// their meaning. The result is two-valued, and no condition may be moved into it or out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Where the array stands in the event.
    pub array: FieldRef,
    /// The name of the element in the condition, without `$`. An inner one hides an outer one of the same
    /// name.
    pub variable: String,
    /// What the element must satisfy.
    #[serde(deserialize_with = "deeper")]
    pub pred: Box<Pred>,
}

/// One test: holds when **some** choice of one value for each field in it makes `op` true of the subject
/// (§5.4). A null result counts as false.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Test {
    /// What is tested.
    pub subject: Scalar,
    /// How.
    pub op: Op,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        // Tests that stand beside each other are mostly of one field, and ask for different values.
        self.op == other.op && self.subject == other.subject
    }
}

impl Eq for Test {}

/// What a test asks of its subject. Every operator but [`Op::IsNull`] and [`Op::Exists`] gives null for a null
/// subject.
///
/// There is no `!=`: it is `not ==`, and `x not in (…)` is `not (x in (…))` (§5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// The subject is null for the choice. For a bare field: the field has no value. Never null itself
    /// (§5.6).
    IsNull,
    /// The subject, a condition ([`Function::is_boolean`](crate::Function::is_boolean) or
    /// [`Scalar::Logic`]), is true.
    IsTrue,
    /// An ordinary comparison, typed by the field in it (§6.1): strings exact and case sensitive, ordered
    /// by UTF-8 bytes; numbers numerically across integer and float; dates by instant; ip by address, and
    /// with a `/n` text on the right of `==` by containment; version by semantic version; boolean also
    /// against the texts "true" and "false". Values of different kinds are not equal and not ordered.
    Compare(Comparison, Scalar),
    /// Equal to one of the constants, each as `==` ([`Case::Sensitive`]) or, for texts, without regard to
    /// letter case ([`Case::Insensitive`]; `in~`). A null constant never matches (§6.4).
    OneOf(Vec<Literal>, Case),
    /// The subject is text and one of the patterns matches the whole of it (§6.2, §6.3).
    Text(Vec<TextPattern>, Case),
    /// The subject is text and the expression matches the whole of it.
    Regex(Regex),
    /// The subject is an address inside one of the networks; IPv4 equals IPv4-mapped IPv6.
    InNet(Vec<IpNet>),
    /// The field is there, whatever it holds: null, an empty list and an object too. Of a bare field only;
    /// never null itself. What Sigma's `exists` asks (Sigma specification 2.1, "Modifiers"), where
    /// [`Op::IsNull`] asks for a value.
    Exists,
    /// A part of the time that the subject names compares so with a number (Sigma specification 2.1, "Time
    /// Modifiers"). The part is that of the clock that the value shows: a text with an offset from UTC is not
    /// converted, and a number is milliseconds since 1970 in UTC. False of a value that names no time, or
    /// not that part of one.
    TimePart(TimePart, Comparison, i64),
}

impl Op {
    /// What the test asks of a text value, as patterns of which one must match; none where it asks something else.
    #[must_use]
    pub fn as_patterns(&self) -> Option<(Vec<TextPattern>, Case)> {
        let exact = |literal: &Literal| match literal {
            Literal::Str(text) => Some(TextPattern::exact(text)),
            _ => None,
        };
        match self {
            Self::Text(patterns, case) => Some((patterns.clone(), *case)),
            Self::Compare(Comparison::Equal, Scalar::Literal(literal)) => {
                Some((vec![exact(literal)?], Case::Sensitive))
            }
            Self::OneOf(items, case) => Some((items.iter().map(exact).collect::<Option<_>>()?, *case)),
            _ => None,
        }
    }
}

/// A part of a time, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Of the month, 1 to 31.
    Day,
    /// Of the year by ISO 8601, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// Of the calendar.
    Year,
}

impl TimePart {
    /// The word for it, as Sigma has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// How [`Op::Compare`] compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `==`
    Equal,
    /// `==~`: of two texts, whether they differ in letter case at most, by Unicode's simple folding
    /// ([`simple_fold`](crate::simple_fold)); of anything else, and of fields whose type is not text, `==`. What
    /// Sigma's `fieldref` asks without `cased` (Sigma specification 2.1, "General": texts are compared without
    /// regard to letter case unless a modifier says otherwise). EQL has no operator for it. Beside a constant
    /// it is [`Op::OneOf`] with [`Case::Insensitive`], which normalising makes of it.
    EqualInsensitive,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator as EQL writes it, or would write it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::EqualInsensitive => "==~",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The operator that holds when the operands change places (§3.2).
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::EqualInsensitive => Self::EqualInsensitive,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }

    /// Whether it asks if two values are equal, not which comes first.
    #[must_use]
    pub fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::EqualInsensitive)
    }

    /// Whether it holds of two values in this order; where letter case does not count, in that of their folded
    /// texts.
    #[must_use]
    pub fn accepts(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal | Self::EqualInsensitive => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl Pred {
    /// The negation.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a constructor of the node, not the operator")]
    pub fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// A test.
    #[must_use]
    pub fn test(subject: Scalar, op: Op, span: Span) -> Self {
        Self::Test(Test { subject, op, span })
    }

    /// Every test in it, in order of writing, those inside [`Scalar::Logic`] aside; those of elements and of
    /// processes above too.
    #[must_use]
    pub fn tests(&self) -> Vec<&Test> {
        let mut found = Vec::new();
        self.collect_tests(&mut found);
        found
    }

    fn collect_tests<'a>(&'a self, found: &mut Vec<&'a Test>) {
        match self {
            Self::All(list) | Self::Any(list) | Self::AtLeast(_, list) => {
                list.iter().for_each(|pred| pred.collect_tests(found));
            }
            Self::Not(inner) => inner.collect_tests(found),
            Self::Const(_) | Self::Anywhere(_) => {}
            Self::Test(test) => found.push(test),
            Self::Element(element) => element.pred.collect_tests(found),
            Self::Descendant(query) => query.filter.collect_tests(found),
        }
    }

    /// The first of [`Self::tests`].
    #[must_use]
    pub fn first_test(&self) -> Option<&Test> {
        match self {
            Self::All(list) | Self::Any(list) | Self::AtLeast(_, list) => {
                list.iter().find_map(Self::first_test)
            }
            Self::Not(inner) => inner.first_test(),
            Self::Const(_) | Self::Anywhere(_) => None,
            Self::Test(test) => Some(test),
            Self::Element(element) => element.pred.first_test(),
            Self::Descendant(query) => query.filter.first_test(),
        }
    }

    /// Every field of the event in it, in order of writing, repeats included. What belongs to elements,
    /// earlier steps ([`Scalar::Of`]) and processes above is not of the event.
    #[must_use]
    pub fn fields(&self) -> Vec<&FieldRef> {
        let mut found = Vec::new();
        self.collect_fields(&mut found);
        found
    }

    pub(crate) fn collect_fields<'a>(&'a self, found: &mut Vec<&'a FieldRef>) {
        match self {
            Self::All(list) | Self::Any(list) | Self::AtLeast(_, list) => {
                list.iter().for_each(|pred| pred.collect_fields(found));
            }
            Self::Not(inner) => inner.collect_fields(found),
            Self::Const(_) | Self::Descendant(_) | Self::Anywhere(_) => {}
            Self::Element(element) => {
                found.push(&element.array);
                element.pred.collect_fields(found);
            }
            Self::Test(test) => {
                test.subject.collect_fields(found);
                if let Op::Compare(_, right) = &test.op {
                    right.collect_fields(found);
                }
            }
        }
    }

    /// Changes every field of the event that a test in it looks at, in order of writing, repeats included.
    pub fn for_each_field(&mut self, change: &mut dyn FnMut(&mut FieldRef)) {
        match self {
            Self::All(list) | Self::Any(list) | Self::AtLeast(_, list) => {
                list.iter_mut().for_each(|pred| pred.for_each_field(change));
            }
            Self::Not(inner) => inner.for_each_field(change),
            Self::Const(_) | Self::Descendant(_) | Self::Anywhere(_) => {}
            Self::Element(element) => element.pred.for_each_field(change),
            Self::Test(test) => {
                test.subject.for_each_field(change);
                if let Op::Compare(_, right) = &mut test.op {
                    right.for_each_field(change);
                }
            }
        }
    }

    /// What else than the event at hand its tests look at, in order of writing, repeats included.
    #[must_use]
    pub fn owners(&self) -> Vec<&Owner> {
        let mut found = Vec::new();
        for test in self.tests() {
            let right = match &test.op {
                Op::Compare(_, right) => Some(right),
                _ => None,
            };
            for side in std::iter::once(&test.subject).chain(right) {
                found.extend(side.inputs().into_iter().filter_map(|(owner, _)| owner));
            }
        }
        found
    }

    /// The questions about processes above ([`Pred::Descendant`]) that it asks itself, each once, in order of writing;
    /// not those inside them.
    #[must_use]
    pub fn questions_above(&self) -> Vec<&EventQuery> {
        let mut found: Vec<&EventQuery> = Vec::new();
        let mut todo = vec![self];
        while let Some(pred) = todo.pop() {
            match pred {
                Self::All(list) | Self::Any(list) | Self::AtLeast(_, list) => todo.extend(list.iter().rev()),
                Self::Not(inner) => todo.push(inner),
                Self::Element(element) => todo.push(&element.pred),
                Self::Descendant(query) if !found.contains(&query.as_ref()) => found.push(query),
                Self::Descendant(_) | Self::Const(_) | Self::Test(_) | Self::Anywhere(_) => {}
            }
        }
        found
    }

    /// Whether it is a negation or the test of a flag for false: the shape of an exclusion.
    #[must_use]
    pub fn is_exclusion(&self) -> bool {
        match self {
            Self::Not(_) => true,
            Self::Test(test) => {
                matches!(&test.op, Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Bool(false))))
            }
            _ => false,
        }
    }
}
