//! The syntax tree.
//!
//! Equality looks at what is said, not where: spans and comments do not count.
//!
//! A tree is in *normal form* when no `and` stands directly in an `and` (nor `or` in `or`), both hold two operands
//! at least, no arithmetic chain starts with a chain of the same precedence, numbers are not negative, and a string
//! is marked raw only if it can be written raw. The parser and the constructors of [`Expr`] make only such trees;
//! for them `parse(print(tree)) == tree`.

mod build;
mod expr;
mod path;

use eqlc_diagnostics::{Node, Span};
use smol_str::SmolStr;

pub use expr::{
    ArithOp, Call, Compare, CompareOp, Expr, ExprKind, In, Lineage, Literal, Match, MatchOp, Variable,
};
pub use path::{FieldPath, Segments};

/// A query with its pipes.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is searched.
    pub body: Body,
    /// `| head 5`, in the order written. Pipes that were refused are not in the list.
    pub pipes: Vec<Pipe>,
    /// Every comment, in the order written.
    pub comments: Vec<Comment>,
}

/// What a query searches.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Single events.
    Event(EventFilter),
    /// Events one after the other.
    Sequence(Sequence),
    /// Events in any order that share keys.
    Sample(Sample),
    /// Could not be read.
    Error,
}

/// `category where condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// Which events.
    pub category: Node<Category>,
    /// What must hold for them.
    pub condition: Expr,
}

/// An event category.
#[derive(Clone, Debug)]
pub enum Category {
    /// `any`: every event, also one without category.
    Any,
    /// Events of one category.
    Named {
        /// The category, compared exactly.
        name: SmolStr,
        /// Whether it was written as a string. Not part of equality where the name needs no quotes.
        quoted: bool,
    },
}

/// `sequence by … with maxspan=… [..] [..] until [..]`, `eql-semantics.md` §2 and §10.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Keys of every term: fields, or error nodes.
    pub by: Vec<Expr>,
    /// The longest time from the first to the last event.
    pub maxspan: Option<Node<MaxSpan>>,
    /// The terms in order, at least two after repetition unless errors were reported.
    pub terms: Vec<Term>,
    /// What ends a pending sequence.
    pub until: Option<Term>,
}

/// `sample by … [..] [..]`, `eql-semantics.md` §11.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Keys of every term: fields, or error nodes.
    pub by: Vec<Expr>,
    /// Two to five terms unless errors were reported; none is missing or repeated.
    pub terms: Vec<Term>,
}

/// A bracketed step of a sequence or sample.
#[derive(Clone, Debug)]
pub struct Term {
    /// Which events.
    pub filter: EventFilter,
    /// Keys of this term beside those of the whole: fields, or error nodes.
    pub by: Vec<Expr>,
    /// `![…]`: no such event.
    pub missing: bool,
    /// `with runs=N`, 1 to 100.
    pub runs: Option<Node<u32>>,
    /// `as name` of the Endpoint dialect; always none in the Elasticsearch dialect.
    pub alias: Option<Node<SmolStr>>,
    /// The term with what follows its bracket.
    pub span: Span,
}

/// A time as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxSpan {
    /// How many units, more than zero.
    pub value: u64,
    /// The unit.
    pub unit: TimeUnit,
}

/// A unit of [`MaxSpan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// `ms`
    Milliseconds,
    /// `s`
    Seconds,
    /// `m`
    Minutes,
    /// `h`
    Hours,
    /// `d`
    Days,
}

/// `| name arguments`.
#[derive(Clone, Debug)]
pub struct Pipe {
    /// `head` or `tail`.
    pub name: Node<SmolStr>,
    /// One positive integer.
    pub args: Vec<Expr>,
    /// From the `|` to the last argument.
    pub span: Span,
}

/// A comment, with its markers, without the line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// `// text` or `/* text */`.
    pub text: String,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
    /// The place.
    pub span: Span,
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body && self.pipes == other.pipes
    }
}

impl PartialEq for Category {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Named { name: a, .. }, Self::Named { name: b, .. }) => a == b,
            _ => false,
        }
    }
}

impl Eq for Category {}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.filter == other.filter
            && self.by == other.by
            && self.missing == other.missing
            && self.runs == other.runs
            && self.alias == other.alias
    }
}

impl PartialEq for Pipe {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.args == other.args
    }
}

impl EventFilter {
    /// The place, from the category to the end of the condition.
    #[must_use]
    pub fn span(&self) -> Span {
        self.category.span.to(self.condition.span)
    }
}

impl MaxSpan {
    /// The time in milliseconds; times past the range of `u64` are held at its limit.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.value.saturating_mul(self.unit.millis())
    }
}

impl TimeUnit {
    /// Every unit with its name, shortest first.
    pub const ALL: [(&'static str, Self); 5] = [
        ("ms", Self::Milliseconds),
        ("s", Self::Seconds),
        ("m", Self::Minutes),
        ("h", Self::Hours),
        ("d", Self::Days),
    ];

    /// How the unit is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Minutes => "m",
            Self::Hours => "h",
            Self::Days => "d",
        }
    }

    /// Milliseconds in one unit.
    #[must_use]
    pub fn millis(self) -> u64 {
        match self {
            Self::Milliseconds => 1,
            Self::Seconds => 1_000,
            Self::Minutes => 60_000,
            Self::Hours => 3_600_000,
            Self::Days => 86_400_000,
        }
    }
}
