//! What is checked of a rule before anything walks it.

use eqlc_ir::{Op, Pred, Rule, Scalar};

use super::RunError;

/// Levels of nested conditions and values. Every walk of the evaluator uses the call stack; this keeps it
/// within the two megabytes of a thread, unoptimised.
const MAX_DEPTH: usize = 400;

/// Refuses a rule that is nested too deeply.
pub(crate) fn depth(rule: &Rule) -> Result<(), RunError> {
    let fits = rule.queries().iter().all(|query| pred(&query.filter, MAX_DEPTH));
    if fits { Ok(()) } else { Err(RunError::TooDeep) }
}

/// Whether a condition has at most so many levels.
fn pred(node: &Pred, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return false };
    match node {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
            list.iter().all(|item| pred(item, below))
        }
        Pred::Not(inner) => pred(inner, below),
        Pred::Const(_) | Pred::Anywhere(_) => true,
        Pred::Element(element) => pred(&element.pred, below),
        Pred::Descendant(query) => pred(&query.filter, below),
        Pred::Test(test) => {
            let right = match &test.op {
                Op::Compare(_, right) => scalar(right, below),
                _ => true,
            };
            right && scalar(&test.subject, below)
        }
    }
}

fn scalar(node: &Scalar, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return false };
    match node {
        Scalar::Field(_) | Scalar::Of(..) | Scalar::Literal(_) => true,
        Scalar::Call { args, .. } => args.iter().all(|arg| scalar(arg, below)),
        Scalar::Logic(inner) => pred(inner, below),
    }
}
