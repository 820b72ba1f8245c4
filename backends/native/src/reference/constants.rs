//! The constants of a rule that need not have a meaning here: regular expressions, and what is compared with a field.

use eqlc_diagnostics::Span;
use eqlc_ir::regex::Regex;
use eqlc_ir::{FieldType, Literal, Op, Pred, Rule, Scalar, Test};

use super::RunError;
use super::compare::type_of;

/// One of them, or several of one test.
pub(super) enum Constant<'r> {
    /// A regular expression.
    Regex(&'r Regex, Span),
    /// What values of a type are compared with.
    Compared(FieldType, Vec<&'r Literal>, Span),
}

/// What is done with each.
pub(super) type Visit<'v, 'r> = &'v mut dyn FnMut(Constant<'r>) -> Result<(), RunError>;

/// Goes over those of all conditions of a rule, in the order of writing.
pub(super) fn each<'r>(rule: &'r Rule, visit: Visit<'_, 'r>) -> Result<(), RunError> {
    rule.queries().into_iter().try_for_each(|query| of_pred(&query.filter, visit))
}

/// Goes over those of a condition.
pub(super) fn of_pred<'r>(pred: &'r Pred, visit: Visit<'_, 'r>) -> Result<(), RunError> {
    match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
            list.iter().try_for_each(|pred| of_pred(pred, visit))
        }
        Pred::Not(inner) => of_pred(inner, visit),
        Pred::Const(_) => Ok(()),
        Pred::Test(test) => of_test(test, visit),
        Pred::Element(element) => of_pred(&element.pred, visit),
        Pred::Descendant(query) => of_pred(&query.filter, visit),
        Pred::Anywhere(wanted) => of_search(&wanted.op, wanted.span, visit),
    }
}

/// Goes over those of a search in every field.
pub(super) fn of_search<'r>(op: &'r Op, span: Span, visit: Visit<'_, 'r>) -> Result<(), RunError> {
    match op {
        Op::Regex(regex) => visit(Constant::Regex(regex, span)),
        _ => Ok(()),
    }
}

/// Goes over those of a test.
pub(super) fn of_test<'r>(test: &'r Test, visit: Visit<'_, 'r>) -> Result<(), RunError> {
    of_scalar(&test.subject, visit)?;
    match &test.op {
        Op::Compare(_, right) => {
            of_scalar(right, visit)?;
            let literals = [&test.subject, right].into_iter().filter_map(Scalar::as_literal).collect();
            visit(Constant::Compared(type_of(&test.subject, Some(right)), literals, test.span))
        }
        Op::OneOf(items, _) => {
            visit(Constant::Compared(type_of(&test.subject, None), items.iter().collect(), test.span))
        }
        Op::Regex(regex) => visit(Constant::Regex(regex, test.span)),
        _ => Ok(()),
    }
}

fn of_scalar<'r>(scalar: &'r Scalar, visit: Visit<'_, 'r>) -> Result<(), RunError> {
    match scalar {
        Scalar::Field(_) | Scalar::Of(..) | Scalar::Literal(_) => Ok(()),
        Scalar::Call { args, .. } => args.iter().try_for_each(|arg| of_scalar(arg, visit)),
        Scalar::Logic(pred) => of_pred(pred, visit),
    }
}
