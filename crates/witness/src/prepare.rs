//! Conditions about more than the event itself, put in words of the event.

use eqlc_diagnostics::Span;
use eqlc_ir::{
    Comparison, EventQuery, FieldRef, FieldType, Literal, Op, Owner, Pred, Scalar, Taxonomy, Test,
};

/// A condition, and the events that must stand above the process.
pub(crate) struct Prepared {
    pub(crate) filter: Pred,
    pub(crate) above: Vec<EventQuery>,
}

/// The entity id of the process that is made to stand above.
pub(crate) const ABOVE: &str = "process-above";

/// Rewrites what must hold of elements of arrays into tests below the array, which stands for its only element, and
/// what must stand above the process into a test of its parent. A way to satisfy the result satisfies the condition;
/// not the other way round.
pub(crate) fn prepare(filter: &Pred) -> Prepared {
    let mut above = Vec::new();
    let filter = rewrite(filter, true, &mut above);
    Prepared { filter, above }
}

fn rewrite(pred: &Pred, wanted: bool, above: &mut Vec<EventQuery>) -> Pred {
    let mut each = |list: &[Pred]| list.iter().map(|pred| rewrite(pred, wanted, above)).collect();
    match pred {
        Pred::All(list) => Pred::All(each(list)),
        Pred::Any(list) => Pred::Any(each(list)),
        Pred::AtLeast(count, list) => Pred::AtLeast(*count, each(list)),
        Pred::Not(inner) => rewrite(inner, !wanted, above).not(),
        Pred::Element(element) if wanted => {
            let inner = rewrite(&element.pred, wanted, above);
            renamed(&inner, &element.variable, &element.array.path)
        }
        Pred::Descendant(query) if wanted => {
            above.push((**query).clone());
            Pred::Test(parent_is_above())
        }
        // Nothing stands above the process of an event by itself.
        Pred::Descendant(_) => Pred::Const(false),
        other => other.clone(),
    }
}

fn parent_is_above() -> Test {
    let field = FieldRef {
        path: "process.parent.entity_id".to_owned(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span: Span::default(),
    };
    let value = Scalar::Literal(Literal::Str(ABOVE.to_owned()));
    let op = Op::Compare(Comparison::Equal, value);
    Test { subject: Scalar::Field(field), op, span: Span::default() }
}

/// The condition with the fields of a variable named by their place in the event.
fn renamed(pred: &Pred, variable: &str, array: &str) -> Pred {
    let each = |list: &[Pred]| list.iter().map(|pred| renamed(pred, variable, array)).collect();
    match pred {
        Pred::All(list) => Pred::All(each(list)),
        Pred::Any(list) => Pred::Any(each(list)),
        Pred::AtLeast(count, list) => Pred::AtLeast(*count, each(list)),
        Pred::Not(inner) => renamed(inner, variable, array).not(),
        Pred::Test(test) => Pred::Test(renamed_test(test, variable, array)),
        other => other.clone(),
    }
}

fn renamed_test(test: &Test, variable: &str, array: &str) -> Test {
    let subject = renamed_scalar(&test.subject, variable, array);
    let op = match &test.op {
        Op::Compare(comparison, right) => Op::Compare(*comparison, renamed_scalar(right, variable, array)),
        other => other.clone(),
    };
    Test { subject, op, span: test.span }
}

fn renamed_scalar(scalar: &Scalar, variable: &str, array: &str) -> Scalar {
    match scalar {
        Scalar::Of(Owner::Element(name), field) if name == variable => {
            let mut field = (**field).clone();
            field.path =
                if field.path.is_empty() { array.to_owned() } else { format!("{array}.{}", field.path) };
            Scalar::Field(field)
        }
        Scalar::Call { function, args, case } => Scalar::Call {
            function: *function,
            args: args.iter().map(|arg| renamed_scalar(arg, variable, array)).collect(),
            case: *case,
        },
        Scalar::Logic(pred) => Scalar::Logic(Box::new(renamed(pred, variable, array))),
        other => other.clone(),
    }
}

/// The condition with the fields of earlier events as the values that they have there.
pub(crate) fn bound(pred: &Pred, value_of: &dyn Fn(&str, &FieldRef) -> Option<Literal>) -> Pred {
    let each = |list: &[Pred]| list.iter().map(|pred| bound(pred, value_of)).collect();
    match pred {
        Pred::All(list) => Pred::All(each(list)),
        Pred::Any(list) => Pred::Any(each(list)),
        Pred::AtLeast(count, list) => Pred::AtLeast(*count, each(list)),
        Pred::Not(inner) => bound(inner, value_of).not(),
        Pred::Test(test) => {
            let subject = bound_scalar(&test.subject, value_of);
            let op = match &test.op {
                Op::Compare(comparison, right) => Op::Compare(*comparison, bound_scalar(right, value_of)),
                other => other.clone(),
            };
            Pred::Test(mirrored(Test { subject, op, span: test.span }))
        }
        other => other.clone(),
    }
}

/// A constant stands on the right.
fn mirrored(test: Test) -> Test {
    match (&test.subject, &test.op) {
        (Scalar::Literal(_), Op::Compare(comparison, right)) if !matches!(right, Scalar::Literal(_)) => {
            let op = Op::Compare(comparison.mirrored(), test.subject.clone());
            Test { subject: right.clone(), op, span: test.span }
        }
        _ => test,
    }
}

fn bound_scalar(scalar: &Scalar, value_of: &dyn Fn(&str, &FieldRef) -> Option<Literal>) -> Scalar {
    match scalar {
        Scalar::Of(Owner::Step(alias), field) => {
            Scalar::Literal(value_of(alias, field).unwrap_or(Literal::Null))
        }
        Scalar::Call { function, args, case } => Scalar::Call {
            function: *function,
            args: args.iter().map(|arg| bound_scalar(arg, value_of)).collect(),
            case: *case,
        },
        Scalar::Logic(pred) => Scalar::Logic(Box::new(bound(pred, value_of))),
        other => other.clone(),
    }
}
