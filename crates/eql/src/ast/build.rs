//! Building trees from code. Places are left at their default.

use eqlc_diagnostics::{Node, Span};
use smol_str::SmolStr;

use super::{
    ArithOp, Body, Call, Category, Compare, CompareOp, EventFilter, Expr, ExprKind, FieldPath, In, Literal,
    Match, MatchOp, MaxSpan, Pipe, Query, Term,
};

fn node<T>(value: T) -> Node<T> {
    Node::new(value, Span::default())
}

impl From<ExprKind> for Expr {
    fn from(kind: ExprKind) -> Self {
        Self { kind, span: Span::default() }
    }
}

impl From<Literal> for Expr {
    fn from(literal: Literal) -> Self {
        ExprKind::Literal(literal).into()
    }
}

impl Literal {
    /// A string that is printed with escapes.
    pub fn string(value: impl Into<SmolStr>) -> Self {
        Self::Str { value: value.into(), raw: false }
    }

    /// A string that is printed `"""…"""` where the text allows it.
    pub fn raw_string(value: impl Into<SmolStr>) -> Self {
        let value = value.into();
        let raw = crate::lex::can_be_raw(&value);
        Self::Str { value, raw }
    }
}

impl Expr {
    /// An expression at a place.
    #[must_use]
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A place that could not be read.
    #[must_use]
    pub fn error(span: Span) -> Self {
        Self::new(ExprKind::Error, span)
    }

    /// A field by its path: `.` separates segments. A segment that is no plain name is printed in back-ticks.
    #[must_use]
    pub fn field(path: &str) -> Self {
        ExprKind::Field { path: FieldPath::dotted(path), optional: false }.into()
    }

    /// A field by its segments, which may hold dots.
    pub fn field_of<S: Into<SmolStr>>(segments: impl IntoIterator<Item = S>) -> Self {
        let path = FieldPath::of(segments.into_iter().map(|segment| node(segment.into())));
        ExprKind::Field { path, optional: false }.into()
    }

    /// A field marked with `?`.
    #[must_use]
    pub fn optional_field(path: &str) -> Self {
        ExprKind::Field { path: FieldPath::dotted(path), optional: true }.into()
    }

    /// A string constant.
    pub fn string(value: impl Into<SmolStr>) -> Self {
        Literal::string(value).into()
    }

    /// `null`
    #[must_use]
    pub fn null() -> Self {
        Literal::Null.into()
    }

    /// `true` or `false`
    #[must_use]
    pub fn bool(value: bool) -> Self {
        Literal::Bool(value).into()
    }

    /// An integer; a negative one becomes a unary minus, and one of more than 64 bits a decimal number.
    #[must_use]
    pub fn int(value: i128) -> Self {
        let size = value.unsigned_abs();
        #[expect(clippy::cast_precision_loss, reason = "what reading the number gives")]
        let positive: Self = u64::try_from(size).map_or(Literal::Float(size as f64), Literal::Int).into();
        if value < 0 { ExprKind::Neg(Box::new(positive)).into() } else { positive }
    }

    /// A finite decimal number; a negative one becomes a unary minus. None for infinities and NaN, which the
    /// language cannot write.
    #[must_use]
    pub fn float(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let positive: Self = Literal::Float(value.abs()).into();
        Some(if value.is_sign_negative() { ExprKind::Neg(Box::new(positive)).into() } else { positive })
    }

    /// `name(args)`
    pub fn call(name: impl Into<SmolStr>, args: Vec<Self>) -> Self {
        ExprKind::Call(Box::new(Call { name: node(name.into()), insensitive: false, args })).into()
    }

    /// `name~(args)`
    pub fn call_insensitive(name: impl Into<SmolStr>, args: Vec<Self>) -> Self {
        ExprKind::Call(Box::new(Call { name: node(name.into()), insensitive: true, args })).into()
    }

    /// `not self`
    #[must_use]
    pub fn negated(self) -> Self {
        ExprKind::Not(Box::new(self)).into()
    }

    /// Every operand holds. Operands that are `and` themselves are taken apart; none gives `true`, one is itself.
    #[must_use]
    pub fn all(operands: Vec<Self>) -> Self {
        let mut flat = flattened(operands, |kind| match kind {
            ExprKind::And(inner) => Some(inner),
            _ => None,
        });
        match flat.len() {
            0 => Self::bool(true),
            1 => flat.pop().unwrap_or_else(|| Self::bool(true)),
            _ => ExprKind::And(flat).into(),
        }
    }

    /// Some operand holds. Operands that are `or` themselves are taken apart; none gives `false`, one is itself.
    #[must_use]
    pub fn any(operands: Vec<Self>) -> Self {
        let mut flat = flattened(operands, |kind| match kind {
            ExprKind::Or(inner) => Some(inner),
            _ => None,
        });
        match flat.len() {
            0 => Self::bool(false),
            1 => flat.pop().unwrap_or_else(|| Self::bool(false)),
            _ => ExprKind::Or(flat).into(),
        }
    }

    /// `left op right`
    #[must_use]
    pub fn compare(left: Self, op: CompareOp, right: Self) -> Self {
        ExprKind::Compare(Box::new(Compare { op: node(op), left, right })).into()
    }

    /// `left op right`; a chain of the same precedence on the left is continued.
    #[must_use]
    pub fn arith(left: Self, op: ArithOp, right: Self) -> Self {
        if let ExprKind::Arith { first, mut rest } = left.kind {
            if rest.iter().all(|(known, _)| known.is_product() == op.is_product()) {
                rest.push((op, right));
                return ExprKind::Arith { first, rest }.into();
            }
            let left = ExprKind::Arith { first, rest }.into();
            return ExprKind::Arith { first: Box::new(left), rest: vec![(op, right)] }.into();
        }
        ExprKind::Arith { first: Box::new(left), rest: vec![(op, right)] }.into()
    }

    /// `subject in (items)`, or `in~` when insensitive; no item gives `false`.
    #[must_use]
    pub fn one_of(subject: Self, items: Vec<Self>, insensitive: bool) -> Self {
        if items.is_empty() {
            return Self::bool(false);
        }
        ExprKind::In(Box::new(In { subject, negated: false, insensitive, items })).into()
    }

    /// `subject op pattern` or `subject op (patterns)`; no pattern gives `false`.
    #[must_use]
    pub fn matches(subject: Self, op: MatchOp, patterns: Vec<Literal>) -> Self {
        if patterns.is_empty() {
            return Self::bool(false);
        }
        let list = patterns.len() > 1;
        let patterns = patterns.into_iter().map(node).collect();
        ExprKind::Match(Box::new(Match { subject, op: node(op), patterns, list })).into()
    }

    /// The path of a field with `.` between segments; none for another expression.
    #[must_use]
    pub fn field_path(&self) -> Option<String> {
        match &self.kind {
            ExprKind::Field { path, .. } => Some(path.text().into_owned()),
            _ => None,
        }
    }

    /// Whether this is an error node itself.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.kind == ExprKind::Error
    }
}

/// The operands, where each that is a chain itself stands for its own.
fn flattened(mut operands: Vec<Expr>, chain: fn(&mut ExprKind) -> Option<&mut Vec<Expr>>) -> Vec<Expr> {
    if operands.iter_mut().all(|operand| chain(&mut operand.kind).is_none()) {
        return operands;
    }
    let mut flat = Vec::with_capacity(operands.len());
    for mut operand in operands {
        match chain(&mut operand.kind) {
            Some(inner) => flat.append(inner),
            None => flat.push(operand),
        }
    }
    flat
}

impl EventFilter {
    /// `any where condition`
    #[must_use]
    pub fn any(condition: Expr) -> Self {
        Self { category: node(Category::Any), condition }
    }

    /// `name where condition`; the printer quotes the name where it must.
    pub fn named(name: impl Into<SmolStr>, condition: Expr) -> Self {
        Self { category: node(Category::Named { name: name.into(), quoted: false }), condition }
    }
}

impl Term {
    /// `[filter]`
    #[must_use]
    pub fn new(filter: EventFilter) -> Self {
        Self { filter, by: Vec::new(), missing: false, runs: None, alias: None, span: Span::default() }
    }

    /// The term with keys of its own.
    #[must_use]
    pub fn by(mut self, keys: Vec<Expr>) -> Self {
        self.by = keys;
        self
    }

    /// The term as `![…]`.
    #[must_use]
    pub fn missing(mut self) -> Self {
        self.missing = true;
        self
    }

    /// The term with `with runs=N`.
    #[must_use]
    pub fn runs(mut self, times: u32) -> Self {
        self.runs = Some(node(times));
        self
    }
}

impl MaxSpan {
    /// The time in the largest unit that gives a whole number.
    #[must_use]
    pub fn from_millis(millis: u64) -> Self {
        let units = super::TimeUnit::ALL.iter().rev().map(|(_, unit)| *unit);
        let whole = units.into_iter().find(|unit| millis.is_multiple_of(unit.millis()));
        let unit = whole.unwrap_or(super::TimeUnit::Milliseconds);
        Self { value: millis / unit.millis(), unit }
    }
}

impl Pipe {
    /// `| head count`
    #[must_use]
    pub fn head(count: u64) -> Self {
        Self::limit("head", count)
    }

    /// `| tail count`
    #[must_use]
    pub fn tail(count: u64) -> Self {
        Self::limit("tail", count)
    }

    fn limit(name: &str, count: u64) -> Self {
        Self { name: node(name.into()), args: vec![Expr::int(i128::from(count))], span: Span::default() }
    }

    /// The number given to `head` or `tail`.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self.args.first().map(|arg| &arg.kind) {
            Some(ExprKind::Literal(Literal::Int(count))) => Some(*count),
            _ => None,
        }
    }
}

impl Query {
    /// A query without pipes and comments.
    #[must_use]
    pub fn new(body: Body) -> Self {
        Self { body, pipes: Vec::new(), comments: Vec::new() }
    }
}
