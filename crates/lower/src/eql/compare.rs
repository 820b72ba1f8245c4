//! Comparisons (`eql-semantics.md` §3.1–§3.5, §5.2, §5.6, §5.7, §6.1).

use eqlc_diagnostics::codes::{lints, types};
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};
use eqlc_eql::ast::{ArithOp, Compare, CompareOp, Expr, ExprKind, Literal as AstLiteral};
use eqlc_ir::normalise::parse_network;
use eqlc_ir::{Comparison, FieldType, Literal, Op, Pred, Scalar};

use super::condition::is_condition;
use super::lists::{as_pattern, has_wildcard};
use super::types::{Typed, literal_noun, noun, shown};
use super::{Lowering, arithmetic};

impl Lowering<'_> {
    pub(super) fn compare(&mut self, test: &Compare, span: Span) -> Option<Pred> {
        let Compare { op, left, right } = test;
        // A condition is given back where the caller wants it: conditions are large.
        match split(op.value) {
            (Comparison::Equal, false) => self.equal(op, left, right, span),
            (Comparison::Equal, true) => Some(self.equal(op, left, right, span)?.not()),
            _ => self.compare_values(op, left, right, span),
        }
    }

    /// `==`, or `!=` before its negation: tests of null and of conditions apart.
    fn equal(&mut self, op: &Node<CompareOp>, left: &Expr, right: &Expr, span: Span) -> Option<Pred> {
        match (constant(left), constant(right)) {
            (_, Some(AstLiteral::Null)) => self.null_test(left, span),
            (Some(AstLiteral::Null), _) => self.null_test(right, span),
            (_, Some(AstLiteral::Bool(value))) if is_condition(left) => self.holds(left, *value),
            (Some(AstLiteral::Bool(value)), _) if is_condition(right) => self.holds(right, *value),
            _ => self.compare_values(op, left, right, span),
        }
    }

    /// `condition == true` is the condition, `condition == false` its negation (§5.7).
    fn holds(&mut self, condition: &Expr, value: bool) -> Option<Pred> {
        let pred = self.condition(condition)?;
        Some(if value { pred } else { pred.not() })
    }

    /// `x == null` (§5.6). A text field can be asked for presence.
    fn null_test(&mut self, expr: &Expr, span: Span) -> Option<Pred> {
        let subject = match &expr.kind {
            ExprKind::Field { path, optional } => match self.back_reference(path) {
                Some(found) => found?,
                None => Scalar::Field(self.resolve(path, *optional)?),
            },
            _ => self.value(expr)?.scalar,
        };
        if let Some(literal) = subject.as_literal() {
            let holds = *literal == Literal::Null;
            self.note_constant(span, holds);
            return Some(Pred::Const(holds));
        }
        Some(Pred::test(subject, Op::IsNull, span))
    }

    fn compare_values(
        &mut self,
        op: &Node<CompareOp>,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Option<Pred> {
        let values = (self.value(left), self.value(right));
        self.compare_typed(op, (left, right), (values.0?, values.1?), span)
    }

    /// Apart from [`Self::compare_values`], which nests as deep as the text does and needs a small frame.
    fn compare_typed(
        &mut self,
        op: &Node<CompareOp>,
        exprs: (&Expr, &Expr),
        (left, right): (Typed, Typed),
        span: Span,
    ) -> Option<Pred> {
        let (comparison, _) = split(op.value);
        if !left.is_constant() && !right.is_constant() {
            if self.is_endpoint() {
                return Some(Pred::test(left.scalar, Op::Compare(comparison, right.scalar), span));
            }
            if comparison == Comparison::Equal && self.is_unmapped(&left) && self.is_unmapped(&right) {
                return Some(self.both_missing(left, right, span));
            }
            let error = field_against_field(op, &left, &right);
            let numbers = left.ty.is_number() && right.ty.is_number();
            return self.refuse(if numbers { with_difference(error, op, exprs, span) } else { error });
        }
        let swap = left.is_constant() && !right.is_constant();
        let (subject, other, comparison) =
            if swap { (right, left, comparison.mirrored()) } else { (left, right, comparison) };
        let literal = match other.scalar {
            Scalar::Literal(literal) => literal,
            // A function of constants: known before any event, and left to the engine.
            function => return Some(Pred::test(subject.scalar, Op::Compare(comparison, function), span)),
        };
        if let Some(known) = subject.scalar.as_literal() {
            return self.fold(known, comparison, &literal, other.span, span);
        }
        if literal == Literal::Null {
            if comparison == Comparison::Equal {
                return Some(Pred::test(subject.scalar, Op::IsNull, span));
            }
            self.note_constant(span, false);
        }
        let ordered = comparison != Comparison::Equal;
        let subject = if ordered { self.as_number(subject, &literal) } else { subject };
        let literal = self.check_constant(&subject, literal, other.span, Some(op).filter(|_| ordered))?;
        if self.linted && !ordered && has_wildcard(&literal) {
            let fix = (!swap).then(|| as_pattern(op, exprs.0.span)).flatten();
            self.note_wildcard(&subject, &literal, other.span, fix);
        }
        Some(Pred::test(subject.scalar, Op::Compare(comparison, Scalar::Literal(literal)), span))
    }

    /// Whether it is a field marked with `?` that no schema has.
    fn is_unmapped(&self, value: &Typed) -> bool {
        let field = value.scalar.as_field().filter(|field| field.optional);
        field.is_some_and(|field| self.context.schema.field(&field.path).is_none())
    }

    /// `?x == ?y` of fields that no schema has: each stands for null, so they are equal when both have no
    /// value (§4.4). Where an index has them, Elasticsearch refuses the comparison.
    fn both_missing(&mut self, left: Typed, right: Typed, span: Span) -> Pred {
        let message = format!("{} and {} are equal only when both are missing", left.name(), right.name());
        self.report(
            Diagnostic::warning(lints::OPTIONAL_FIELDS_COMPARED, message)
                .at(span, "values of fields are not compared with each other")
                .help("fields of different events are compared by the keys of a sequence: `sequence by …`"),
        );
        let missing = |value: Typed| Pred::test(value.scalar, Op::IsNull, value.span);
        Pred::All(vec![missing(left), missing(right)])
    }

    /// Two constants.
    fn fold(
        &mut self,
        left: &Literal,
        comparison: Comparison,
        right: &Literal,
        place: Span,
        span: Span,
    ) -> Option<Pred> {
        let holds = match (left, right, comparison) {
            (Literal::Null, Literal::Null, Comparison::Equal) => true,
            (Literal::Null, ..) | (_, Literal::Null, _) => {
                self.note_constant(span, false);
                // Inside a value null propagates: the test stays, and is false as a condition.
                let op = Op::Compare(comparison, Scalar::Literal(right.clone()));
                return Some(Pred::test(Scalar::Literal(left.clone()), op, span));
            }
            _ => match arithmetic::order(left, right) {
                Some(order) => comparison.accepts(order),
                None => {
                    let what = (literal_noun(left), literal_noun(right));
                    let message = format!("{} cannot be compared with {}", what.0, what.1);
                    return self.refuse(Diagnostic::error(types::TYPE_MISMATCH, message).at(place, what.1));
                }
            },
        };
        self.note_constant(span, holds);
        Some(Pred::Const(holds))
    }

    fn note_constant(&mut self, span: Span, holds: bool) {
        let always = if holds { "always" } else { "never" };
        self.report(
            Diagnostic::warning(lints::CONSTANT_CONDITION, format!("this comparison {always} holds"))
                .at(span, "does not depend on the event"),
        );
    }

    /// The constant as the type of the subject reads it; an error where no value of that type goes with it.
    /// `ordered` is the operator, if it asks for an order.
    pub(super) fn check_constant(
        &mut self,
        subject: &Typed,
        literal: Literal,
        place: Span,
        ordered: Option<&Node<CompareOp>>,
    ) -> Option<Literal> {
        if ordered.is_none() && subject.ty == FieldType::Integer && !is_whole(&literal) {
            self.report(never_equal(subject, &literal, place));
        }
        match (subject.ty, &literal) {
            (_, Literal::Null) | (FieldType::Unknown, _) => Some(literal),
            (FieldType::Boolean, Literal::Bool(_)) => match ordered {
                None => Some(literal),
                Some(op) => self.refuse(no_order(op, subject)),
            },
            (FieldType::Boolean, Literal::Str(text)) if ordered.is_none() => match text.parse::<bool>() {
                Ok(value) => Some(Literal::Bool(value)),
                Err(_) => self.refuse(mismatch(subject, &literal, place)),
            },
            (FieldType::Keyword | FieldType::Text | FieldType::Version, Literal::Str(_))
            | (FieldType::Integer | FieldType::Float, Literal::Int(_) | Literal::Float(_))
            | (FieldType::Date, Literal::Int(_)) => Some(literal),
            (FieldType::Keyword, Literal::Int(number))
                if ordered.is_none() && subject.scalar.as_input().is_some() =>
            {
                if !self.is_endpoint() {
                    self.report(number_for_text(subject, *number, place));
                }
                Some(Literal::Str(number.to_string().into()))
            }
            (FieldType::Date, Literal::Str(text)) => self.date(subject, text, place),
            (FieldType::Ip, Literal::Str(text)) => {
                let network = text.contains('/');
                if parse_network(text).is_some() && (ordered.is_none() || !network) {
                    Some(literal)
                } else {
                    self.refuse(bad_address(subject, text, place))
                }
            }
            _ => self.refuse(mismatch(subject, &literal, place)),
        }
    }
}

/// Whether a number is one that a field of whole numbers can hold; of other constants nothing is said.
fn is_whole(literal: &Literal) -> bool {
    match literal {
        Literal::Int(number) => (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(number),
        Literal::Float(number) => number.fract() == 0.0 && number.abs() < 1.9e19,
        _ => true,
    }
}

fn never_equal(subject: &Typed, literal: &Literal, place: Span) -> Diagnostic {
    let message = format!("{} is never equal to {}", subject.name(), shown(literal));
    let verb = if subject.scalar.as_input().is_some() { "holds" } else { "gives" };
    Diagnostic::warning(lints::CONSTANT_CONDITION, message)
        .at(place, "no whole number of 64 bits")
        .and_at(subject.span, format!("{verb} whole numbers"))
}

/// The operator without its negation (§5.2).
fn split(op: CompareOp) -> (Comparison, bool) {
    match op {
        CompareOp::Eq => (Comparison::Equal, false),
        CompareOp::Ne => (Comparison::Equal, true),
        CompareOp::Lt => (Comparison::Less, false),
        CompareOp::Le => (Comparison::LessOrEqual, false),
        CompareOp::Gt => (Comparison::Greater, false),
        CompareOp::Ge => (Comparison::GreaterOrEqual, false),
    }
}

fn constant(expr: &Expr) -> Option<&AstLiteral> {
    match &expr.kind {
        ExprKind::Literal(literal) => Some(literal),
        _ => None,
    }
}

/// §3.1.
fn field_against_field(op: &Node<CompareOp>, left: &Typed, right: &Typed) -> Diagnostic {
    let names = |value: &Typed| -> String {
        let names: Vec<String> =
            value.scalar.fields().iter().map(|field| format!("`{}`", field.path)).collect();
        names.join(", ")
    };
    let sign = op.value.as_str();
    let message = format!("`{sign}` compares fields with each other: {} and {}", names(left), names(right));
    Diagnostic::error(types::FIELD_AGAINST_FIELD, message)
        .at(op.span, "one side must be a constant")
        .and_at(left.span, "depends on the event")
        .and_at(right.span, "depends on the event")
        .help("fields of different events are compared by the keys of a sequence: `sequence by …`")
        .help("rules of Elastic Endpoint may compare fields: `--dialect endpoint`")
}

/// Numbers can be compared through their difference, a function of fields against a constant.
fn with_difference(
    error: Diagnostic,
    op: &Node<CompareOp>,
    (left, right): (&Expr, &Expr),
    span: Span,
) -> Diagnostic {
    let difference = Expr::arith(left.clone(), ArithOp::Sub, right.clone());
    let text = eqlc_eql::print_expr(&Expr::compare(difference, op.value, Expr::int(0)));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    error.fix(Applicability::Safe, "compare the difference with 0", span, text)
}

fn no_order(op: &Node<CompareOp>, subject: &Typed) -> Diagnostic {
    let message = format!("{} holds true or false, which have no order", subject.name());
    Diagnostic::error(types::NO_ORDER, message)
        .at(op.span, "needs values with an order")
        .help("true and false can be compared with `==` and `!=`")
}

fn number_for_text(subject: &Typed, number: i128, place: Span) -> Diagnostic {
    let message = format!("{} holds text and is compared with a number", subject.name());
    Diagnostic::warning(lints::NUMBER_FOR_TEXT, message)
        .at(place, "taken as the text that is written here")
        .fix(Applicability::Safe, "put it in quotes", place, format!("\"{number}\""))
}

fn mismatch(subject: &Typed, literal: &Literal, place: Span) -> Diagnostic {
    let (holds, is) = (noun(subject.ty), literal_noun(literal));
    let verb = if subject.scalar.as_input().is_some() { "holds" } else { "gives" };
    let message = format!("{} {verb} {holds} and is compared with {is}", subject.name());
    let error = Diagnostic::error(types::TYPE_MISMATCH, message)
        .at(place, format!("this is {is}"))
        .and_at(subject.span, format!("{verb} {holds}"));
    match (subject.ty, literal) {
        (FieldType::Integer | FieldType::Float, Literal::Str(text)) if text.parse::<f64>().is_ok() => {
            error.fix(Applicability::Safe, "remove the quotes", place, text.trim())
        }
        (FieldType::Keyword, Literal::Int(_) | Literal::Float(_)) => error.help(format!(
            "text is compared with text: `\"{}\"`; `length(x)` counts its characters and `number(x)` reads a number from it",
            shown(literal)
        )),
        (FieldType::Boolean, _) => error.help("compare with `true` or `false`"),
        _ => error,
    }
}

fn bad_address(subject: &Typed, text: &str, place: Span) -> Diagnostic {
    Diagnostic::error(types::BAD_CONSTANT, format!("`{text}` is no IP address"))
        .at(place, "cannot be read as an address")
        .and_at(subject.span, "holds addresses")
        .help("`cidrMatch(field, \"10.0.0.0/8\")` tests for a range of addresses")
}
