//! A form in which rules that differ only in order and grouping are equal.

use std::collections::BTreeMap;

use crate::fold::{Fold, walk_pred, walk_rule};
use crate::{Body, Comparison, Literal, Op, Owner, Pred, Rule, Scalar, Sequence, Test, text};

/// The rule with siblings sorted, tests of one subject joined and negations gathered. Same meaning; the
/// order of writing, the spelling of keys' optional marks in filters and names of steps that nothing refers
/// to are gone. Sequence steps, keys and pipes keep their order, which is meaning.
#[must_use]
pub fn canonical(rule: Rule) -> Rule {
    let mut rule = walk_rule(&mut Canonical, super::normalise(rule));
    rule.meta = std::sync::Arc::default();
    rule.id.clear();
    if let Body::Sequence(sequence) = &mut rule.body {
        forget_unused(sequence);
    }
    rule
}

fn forget_unused(sequence: &mut Sequence) {
    let mut used: Vec<String> = Vec::new();
    let until = sequence.until.iter().map(|until| &until.query);
    for query in sequence.steps.iter().map(|step| &step.query).chain(until) {
        used.extend(query.filter.owners().into_iter().filter_map(|owner| match owner {
            Owner::Step(name) => Some(name.clone()),
            Owner::Element(_) => None,
        }));
    }
    for step in &mut sequence.steps {
        step.alias = step.alias.take().filter(|alias| used.contains(alias));
    }
}

struct Canonical;

impl Fold for Canonical {
    fn pred(&mut self, pred: Pred) -> Pred {
        match walk_pred(self, pred) {
            Pred::All(list) => super::tree::simplify(Pred::All(sorted(gather(list, true)))),
            Pred::Any(list) => super::tree::simplify(Pred::Any(sorted(gather(merge(list), false)))),
            Pred::AtLeast(count, list) => Pred::AtLeast(count, sorted(list)),
            other => super::tree::simplify(other),
        }
    }

    fn test(&mut self, test: Test) -> Pred {
        let Test { subject, op, span } = test;
        let op = match op {
            Op::OneOf(mut items, case) => {
                items.sort_by(Literal::canonical_cmp);
                items.dedup();
                Op::OneOf(items, case)
            }
            Op::Text(mut patterns, case) => {
                patterns.sort();
                patterns.dedup();
                Op::Text(patterns, case)
            }
            Op::InNet(mut nets) => {
                nets.sort();
                nets.dedup();
                Op::InNet(nets)
            }
            Op::Compare(comparison, right) => {
                let (subject, right) = sides(comparison, unmarked(subject), unmarked(right));
                return Pred::test(subject, Op::Compare(comparison, right), span);
            }
            other => other,
        };
        Pred::test(unmarked(subject), op, span)
    }
}

/// Two fields of one kind are equal whichever stands first.
fn sides(comparison: Comparison, left: Scalar, right: Scalar) -> (Scalar, Scalar) {
    match (&left, &right) {
        (Scalar::Field(one), Scalar::Field(other))
            if comparison.is_equality()
                && one.ty == other.ty
                && one.taxonomy == other.taxonomy
                && other.path < one.path =>
        {
            (right, left)
        }
        _ => (left, right),
    }
}

/// `?` means nothing in a filter.
fn unmarked(subject: Scalar) -> Scalar {
    match subject {
        Scalar::Field(mut field) => {
            field.optional = false;
            Scalar::Field(field)
        }
        Scalar::Of(owner, mut field) => {
            field.optional = false;
            Scalar::Of(owner, field)
        }
        Scalar::Call { function, args, case } => {
            Scalar::Call { function, args: args.into_iter().map(unmarked).collect(), case }
        }
        other => other,
    }
}

/// `all(not a, not b, c)` is `all(not any(a, b), c)`, and the other way about.
fn gather(list: Vec<Pred>, conjunction: bool) -> Vec<Pred> {
    let (negated, mut rest): (Vec<Pred>, Vec<Pred>) =
        list.into_iter().partition(|pred| matches!(pred, Pred::Not(_)));
    if negated.len() < 2 {
        rest.extend(negated);
        return rest;
    }
    let inner: Vec<Pred> = negated
        .into_iter()
        .map(|pred| match pred {
            Pred::Not(inner) => *inner,
            other => other,
        })
        .collect();
    let joined = if conjunction {
        Pred::Any(sorted(merge(flatten(inner, false))))
    } else {
        Pred::All(sorted(flatten(inner, true)))
    };
    rest.push(super::tree::simplify(joined).not());
    rest
}

fn flatten(list: Vec<Pred>, conjunction: bool) -> Vec<Pred> {
    list.into_iter()
        .flat_map(|pred| match (pred, conjunction) {
            (Pred::All(inner), true) | (Pred::Any(inner), false) => inner,
            (other, _) => vec![other],
        })
        .collect()
}

/// `any(x == "a", x in ("b"))` is `x in ("a", "b")`: a test is existential, and "some" distributes over
/// "or".
fn merge(list: Vec<Pred>) -> Vec<Pred> {
    let mut merged: Vec<Pred> = Vec::with_capacity(list.len());
    // Where the tests of a subject stand, so that many different ones are not compared with each other.
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for pred in list {
        let Pred::Test(test) = pred else {
            merged.push(pred);
            continue;
        };
        let test = widened(test);
        let subject = Test { subject: test.subject.clone(), op: Op::IsTrue, span: test.span };
        let places = places.entry(text::test(&subject)).or_default();
        let joined = places.iter().any(|place| match merged.get_mut(*place) {
            Some(Pred::Test(seen)) => absorb(seen, &test),
            _ => false,
        });
        if !joined {
            places.push(merged.len());
            merged.push(Pred::Test(test));
        }
    }
    // What is no test is in this form already; doing it again at every level takes a time that doubles with each.
    let again = |pred| match pred {
        test @ Pred::Test(_) => Canonical.pred(super::normalise_pred(test)),
        other => other,
    };
    merged.into_iter().map(again).collect()
}

fn widened(test: Test) -> Test {
    match test.op {
        Op::Compare(Comparison::Equal, Scalar::Literal(item)) => {
            Test { op: Op::OneOf(vec![item], crate::Case::Sensitive), ..test }
        }
        _ => test,
    }
}

fn absorb(seen: &mut Test, other: &Test) -> bool {
    if seen.subject != other.subject {
        return false;
    }
    match (&mut seen.op, &other.op) {
        (Op::OneOf(seen, case), Op::OneOf(more, other)) if case == other => seen.extend(more.iter().cloned()),
        (Op::Text(seen, case), Op::Text(more, other)) if case == other => seen.extend(more.iter().cloned()),
        (Op::InNet(seen), Op::InNet(more)) => seen.extend(more.iter().copied()),
        _ => return false,
    }
    true
}

fn sorted(list: Vec<Pred>) -> Vec<Pred> {
    let mut keyed: Vec<(String, Pred)> = list.into_iter().map(|pred| (text::pred(&pred), pred)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.dedup_by(|a, b| a.0 == b.0);
    keyed.into_iter().map(|(_, pred)| pred).collect()
}
