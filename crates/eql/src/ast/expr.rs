//! Expressions.

use eqlc_diagnostics::{Node, Span};
use smol_str::SmolStr;

use super::{EventFilter, FieldPath};

/// An expression and its place. The place of an expression written in parentheses covers them.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it was written.
    pub span: Span,
}

/// What an expression says. Parentheses are not kept; the printer puts them where precedence needs them.
///
/// Trees are moved while they are read: what is large stands in a box.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// `?a.b.c`
    Field {
        /// The path.
        path: FieldPath,
        /// Marked with `?`.
        optional: bool,
    },
    /// `name(args)` or `name~(args)`
    Call(Box<Call>),
    /// `not a`
    Not(Box<Expr>),
    /// `a and b and c`; two operands at least.
    And(Vec<Expr>),
    /// `a or b or c`; two operands at least.
    Or(Vec<Expr>),
    /// `a == b`
    Compare(Box<Compare>),
    /// `a + b - c`: operators of one precedence, applied from left to right.
    Arith {
        /// The leftmost operand.
        first: Box<Expr>,
        /// The others with the operator before each; one at least.
        rest: Vec<(ArithOp, Expr)>,
    },
    /// `-a`
    Neg(Box<Expr>),
    /// `+a`
    Pos(Box<Expr>),
    /// `a in (1, 2)`
    In(Box<In>),
    /// `a : "x*"`, `a like ("x*", "y")`
    Match(Box<Match>),
    /// `descendant of [process where …]`; only in the Endpoint dialect, `eql-semantics.md` §14.
    Lineage {
        /// How the other process is related.
        relation: Node<Lineage>,
        /// Its events.
        filter: Box<EventFilter>,
    },
    /// `$entry.symbol_info`; only in the Endpoint dialect, `eql-semantics.md` §14.
    Variable(Box<Variable>),
    /// Could not be read; what was wrong has been reported.
    Error,
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name in the letter case written, without `~`.
    pub name: Node<SmolStr>,
    /// Marked with `~`.
    pub insensitive: bool,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// A comparison of two values.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The operator.
    pub op: Node<CompareOp>,
    /// The left side.
    pub left: Expr,
    /// The right side.
    pub right: Expr,
}

/// A search in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct In {
    /// What is looked for.
    pub subject: Expr,
    /// `not in`
    pub negated: bool,
    /// `in~`
    pub insensitive: bool,
    /// The list; one item at least.
    pub items: Vec<Expr>,
}

/// A match of text with patterns.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// What is matched.
    pub subject: Expr,
    /// The operator.
    pub op: Node<MatchOp>,
    /// The patterns; one at least.
    pub patterns: Vec<Node<Literal>>,
    /// Whether the patterns stand in parentheses; always when there are several.
    pub list: bool,
}

/// A variable of the Endpoint dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The name without `$`.
    pub name: Node<SmolStr>,
    /// The path below it.
    pub path: Option<FieldPath>,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer of at most 64 bits without sign; larger ones are read as [`Literal::Float`],
    /// `eql-semantics.md` §1.7.
    Int(u64),
    /// A decimal number, finite.
    Float(f64),
    /// A string.
    Str {
        /// The text that it stands for.
        value: SmolStr,
        /// Whether it is written `"""…"""`.
        raw: bool,
    },
}

/// Operators between two values, `eql-semantics.md` §6.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// Arithmetic operators, `eql-semantics.md` §6.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
}

/// Operators that match text with patterns, `eql-semantics.md` §6.2–§6.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOp {
    /// `:`
    Colon,
    /// `like`
    Like,
    /// `like~`
    LikeInsensitive,
    /// `regex`
    Regex,
    /// `regex~`
    RegexInsensitive,
}

/// Relations between processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lineage {
    /// `child of`
    Child,
    /// `descendant of`
    Descendant,
    /// `event of`
    Event,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl CompareOp {
    /// How the operator is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.between().trim_ascii()
    }

    /// The operator as it stands between its operands.
    pub(crate) fn between(self) -> &'static str {
        match self {
            Self::Eq => " == ",
            Self::Ne => " != ",
            Self::Lt => " < ",
            Self::Le => " <= ",
            Self::Gt => " > ",
            Self::Ge => " >= ",
        }
    }
}

impl ArithOp {
    /// How the operator is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.between().trim_ascii()
    }

    /// The operator as it stands between its operands.
    pub(crate) fn between(self) -> &'static str {
        match self {
            Self::Add => " + ",
            Self::Sub => " - ",
            Self::Mul => " * ",
            Self::Div => " / ",
            Self::Mod => " % ",
        }
    }

    /// Whether it binds tighter than `+` and `-`.
    #[must_use]
    pub fn is_product(self) -> bool {
        matches!(self, Self::Mul | Self::Div | Self::Mod)
    }
}

impl MatchOp {
    /// How the operator is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.between().trim_ascii()
    }

    /// The operator as it stands between its operands.
    pub(crate) fn between(self) -> &'static str {
        match self {
            Self::Colon => " : ",
            Self::Like => " like ",
            Self::LikeInsensitive => " like~ ",
            Self::Regex => " regex ",
            Self::RegexInsensitive => " regex~ ",
        }
    }
}

impl Lineage {
    /// The word before `of`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Descendant => "descendant",
            Self::Event => "event",
        }
    }

    /// The relation that a word names.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        [Self::Child, Self::Descendant, Self::Event].into_iter().find(|relation| relation.as_str() == word)
    }
}
