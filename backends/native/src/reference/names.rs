//! Names of elements and of steps: each must be known where it is used (`eql-semantics.md` §14).

use eqlc_diagnostics::Span;
use eqlc_ir::{Body, Op, Owner, Pred, Rule, Scalar, Test};

use super::RunError;

/// What can be named at a place.
#[derive(Clone, Default)]
struct Known<'a> {
    elements: Vec<&'a str>,
    steps: Vec<&'a str>,
    /// Inside a condition used as a value.
    value: bool,
}

/// Refuses a rule that names what is not there, or asks about elements and processes inside a value.
pub(crate) fn check(rule: &Rule) -> Result<(), RunError> {
    let Body::Sequence(sequence) = &rule.body else {
        let nothing = Known::default();
        return rule.queries().iter().try_for_each(|query| nothing.pred(&query.filter));
    };
    let mut known = Known::default();
    for step in &sequence.steps {
        if step.missing {
            // An event that is not there is not compared with one that is.
            Known::default().pred(&step.query.filter)?;
            continue;
        }
        known.pred(&step.query.filter)?;
        known.steps.extend(step.alias.as_deref());
    }
    sequence.until.iter().try_for_each(|until| known.pred(&until.query.filter))
}

impl<'a> Known<'a> {
    fn pred(&self, pred: &'a Pred) -> Result<(), RunError> {
        match pred {
            Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
                list.iter().try_for_each(|pred| self.pred(pred))
            }
            Pred::Not(inner) => self.pred(inner),
            Pred::Test(test) => self.test(test),
            Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) if self.value => {
                Err(RunError::InsideValue)
            }
            Pred::Const(_) | Pred::Anywhere(_) => Ok(()),
            Pred::Element(element) => {
                let mut inside = self.clone();
                inside.elements.push(&element.variable);
                inside.pred(&element.pred)
            }
            Pred::Descendant(query) => Known::default().pred(&query.filter),
        }
    }

    fn test(&self, test: &'a Test) -> Result<(), RunError> {
        self.scalar(&test.subject, test.span)?;
        match &test.op {
            Op::Compare(_, right) => self.scalar(right, test.span),
            _ => Ok(()),
        }
    }

    fn scalar(&self, scalar: &'a Scalar, span: Span) -> Result<(), RunError> {
        match scalar {
            Scalar::Field(_) | Scalar::Literal(_) => Ok(()),
            Scalar::Of(Owner::Element(name), _) if self.elements.contains(&name.as_str()) => Ok(()),
            Scalar::Of(Owner::Step(name), _) if self.steps.contains(&name.as_str()) => Ok(()),
            Scalar::Of(Owner::Element(name), _) => {
                Err(RunError::UnknownName { name: format!("${name}"), span })
            }
            Scalar::Of(Owner::Step(name), _) => Err(RunError::UnknownName { name: name.clone(), span }),
            Scalar::Call { args, .. } => args.iter().try_for_each(|arg| self.scalar(arg, span)),
            Scalar::Logic(inner) => Known { value: true, ..self.clone() }.pred(inner),
        }
    }
}
