//! Negations that hold for events without the field; off by default.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::{Key, Op, Pred, Scalar, Test};

/// Each field that is tested by a negation (`eql-semantics.md` §5.3) and that nothing else in the same query demands.
pub(super) fn check(filter: &Pred, keys: &[&[Key]], found: &mut Diagnostics) {
    let mut search = Search { keys, reported: BTreeSet::new(), found };
    search.walk(filter, None);
}

struct Search<'p, 'f> {
    keys: &'p [&'p [Key]],
    reported: BTreeSet<&'p str>,
    found: &'f mut Diagnostics,
}

/// A conjunction around the condition that is looked at, and the one around that.
struct Around<'a, 'p> {
    list: &'p [Pred],
    outer: Option<&'a Around<'a, 'p>>,
    /// What the conjunction demands, once a negation asks.
    demanded: OnceCell<BTreeSet<&'p str>>,
}

impl Around<'_, '_> {
    fn demands(&self, path: &str) -> bool {
        let demanded = self.demanded.get_or_init(|| {
            let mut all = BTreeSet::new();
            self.list.iter().for_each(|pred| demand(pred, &mut all));
            all
        });
        demanded.contains(path)
    }
}

impl<'p> Search<'p, '_> {
    fn walk(&mut self, pred: &'p Pred, around: Option<&Around<'_, 'p>>) {
        match pred {
            Pred::All(list) => {
                let here = Around { list, outer: around, demanded: OnceCell::new() };
                list.iter().for_each(|inner| self.walk(inner, Some(&here)));
            }
            Pred::Any(list) => list.iter().for_each(|inner| self.walk(inner, around)),
            Pred::Not(inner) => match &**inner {
                Pred::Test(test) => self.negated(test, around),
                Pred::Any(list) => list.iter().for_each(|inner| {
                    if let Pred::Test(test) = inner {
                        self.negated(test, around);
                    }
                }),
                Pred::Not(inner) => self.walk(inner, around),
                _ => {}
            },
            _ => {}
        }
    }

    fn negated(&mut self, test: &'p Test, around: Option<&Around<'_, 'p>>) {
        let Some(path) = tested(test).filter(|path| !self.reported.contains(path)) else { return };
        let mut keys = self.keys.iter().flat_map(|keys| keys.iter());
        let mut conjunctions = std::iter::successors(around, |around| around.outer);
        if keys.any(|key| !key.field.optional && key.field.path == path)
            || conjunctions.any(|around| around.demands(path))
        {
            return;
        }
        self.reported.insert(path);
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
    let mut found = BTreeSet::new();
    demand(pred, &mut found);
    found
}

fn demand<'p>(pred: &'p Pred, found: &mut BTreeSet<&'p str>) {
    match pred {
        Pred::Test(test) => found.extend(tested(test)),
        Pred::All(list) => list.iter().for_each(|inner| demand(inner, found)),
        Pred::Any(list) => found.extend(common(list)),
        Pred::Not(inner) => {
            if let Pred::Test(Test { subject: Scalar::Field(field), op: Op::IsNull, .. }) = &**inner {
                found.insert(&field.path);
            }
        }
        _ => {}
    }
}

/// What every one of the conditions demands.
fn common(list: &[Pred]) -> BTreeSet<&str> {
    let Some((first, rest)) = list.split_first() else { return BTreeSet::new() };
    let mut common = demands(first);
    for other in rest {
        if common.is_empty() {
            break;
        }
        match other {
            Pred::Test(test) => common.retain(|path| tested(test) == Some(path)),
            other => {
                let other = demands(other);
                common.retain(|path| other.contains(path));
            }
        }
    }
    common
}
