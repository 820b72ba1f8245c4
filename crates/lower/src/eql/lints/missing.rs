//! Negations that hold for events without the field; off by default.

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::{Key, Op, Pred, Scalar, Test};

/// Each field that is tested by a negation (`eql-semantics.md` §5.3) and that nothing else in the same query demands.
pub(super) fn check(filter: &Pred, keys: &[&[Key]], found: &mut Diagnostics) {
    let keys = keys.iter().flat_map(|keys| keys.iter()).filter(|key| !key.field.optional);
    let demanded: BTreeSet<&str> = keys.map(|key| key.field.path.as_str()).collect();
    let mut search = Search { reported: BTreeSet::new(), found };
    search.walk(filter, &demanded);
}

struct Search<'p, 'f> {
    reported: BTreeSet<&'p str>,
    found: &'f mut Diagnostics,
}

impl<'p> Search<'p, '_> {
    fn walk(&mut self, pred: &'p Pred, demanded: &BTreeSet<&'p str>) {
        match pred {
            Pred::All(list) => {
                let mut here = demanded.clone();
                here.extend(list.iter().flat_map(demands));
                list.iter().for_each(|inner| self.walk(inner, &here));
            }
            Pred::Any(list) => list.iter().for_each(|inner| self.walk(inner, demanded)),
            Pred::Not(inner) => match &**inner {
                Pred::Test(test) => self.negated(test, demanded),
                Pred::Any(list) => list.iter().for_each(|inner| {
                    if let Pred::Test(test) = inner {
                        self.negated(test, demanded);
                    }
                }),
                Pred::Not(inner) => self.walk(inner, demanded),
                _ => {}
            },
            _ => {}
        }
    }

    fn negated(&mut self, test: &'p Test, demanded: &BTreeSet<&'p str>) {
        let Some(path) = tested(test).filter(|path| !demanded.contains(path)) else { return };
        if !self.reported.insert(path) {
            return;
        }
        self.found.push(
            Diagnostic::warning(
                lints::NEGATION_OF_MISSING,
                format!("the negation holds for events without `{path}`"),
            )
            .at(test.span, "negated, and no other condition asks for a value")
            .help(format!("`{path} != null and …` asks for one")),
        );
    }
}

/// The field of a test of its values.
fn tested(test: &Test) -> Option<&str> {
    match &test.subject {
        Scalar::Field(field) if test.op != Op::IsNull => Some(&field.path),
        _ => None,
    }
}

/// Fields that have a value wherever the condition holds.
pub(super) fn demands(pred: &Pred) -> BTreeSet<&str> {
    match pred {
        Pred::Test(test) => tested(test).into_iter().collect(),
        Pred::All(list) => list.iter().flat_map(demands).collect(),
        Pred::Any(list) => {
            list.iter().map(demands).reduce(|a, b| a.intersection(&b).copied().collect()).unwrap_or_default()
        }
        Pred::Not(inner) => match &**inner {
            Pred::Test(Test { subject: Scalar::Field(field), op: Op::IsNull, .. }) => {
                BTreeSet::from([field.path.as_str()])
            }
            _ => BTreeSet::new(),
        },
        _ => BTreeSet::new(),
    }
}
