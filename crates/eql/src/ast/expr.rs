//! Expressions.

use eqlc_diagnostics::{Node, Span};

use super::EventFilter;

/// An expression and its place. The place of an expression written in parentheses covers them.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it was written.
    pub span: Span,
}

/// What an expression says. Parentheses are not kept; the printer puts them where precedence needs them.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// `?a.b.c`
    Field {
        /// The path, each segment without back-ticks; at least one.
        segments: Vec<Node<String>>,
        /// Marked with `?`.
        optional: bool,
    },
    /// `name(args)` or `name~(args)`
    Call {
        /// The name in the letter case written, without `~`.
        name: Node<String>,
        /// Marked with `~`.
        insensitive: bool,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// `not a`
    Not(Box<Expr>),
    /// `a and b and c`; two operands at least.
    And(Vec<Expr>),
    /// `a or b or c`; two operands at least.
    Or(Vec<Expr>),
    /// `a == b`
    Compare {
        /// The operator.
        op: Node<CompareOp>,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
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
    In {
        /// What is looked for.
        subject: Box<Expr>,
        /// `not in`
        negated: bool,
        /// `in~`
        insensitive: bool,
        /// The list; one item at least.
        items: Vec<Expr>,
    },
    /// `a : "x*"`, `a like ("x*", "y")`
    Match {
        /// What is matched.
        subject: Box<Expr>,
        /// The operator.
        op: Node<MatchOp>,
        /// The patterns; one at least.
        patterns: Vec<Node<Literal>>,
        /// Whether the patterns stand in parentheses; always when there are several.
        list: bool,
    },
    /// `descendant of [process where …]`; only in the Endpoint dialect, `eql-semantics.md` §14.
    Lineage {
        /// How the other process is related.
        relation: Node<Lineage>,
        /// Its events.
        filter: Box<EventFilter>,
    },
    /// `$entry.symbol_info`; only in the Endpoint dialect, `eql-semantics.md` §14.
    Variable {
        /// The name without `$`.
        name: Node<String>,
        /// The path below it.
        path: Vec<Node<String>>,
    },
    /// Could not be read; what was wrong has been reported.
    Error,
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
    Int(i128),
    /// A decimal number, finite.
    Float(f64),
    /// A string.
    Str {
        /// The text that it stands for.
        value: String,
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
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

impl ArithOp {
    /// How the operator is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
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
        match self {
            Self::Colon => ":",
            Self::Like => "like",
            Self::LikeInsensitive => "like~",
            Self::Regex => "regex",
            Self::RegexInsensitive => "regex~",
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
