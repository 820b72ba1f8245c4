//! Values at the edges of a test whose field other tests look at too: what only one item of its list asks for, what it would
//! ask for if it were a little wider, and what it would not if it were a little narrower, such that the others hold.

use eqlc_ir::{Case, Op, Part, Pred, Scalar, Test, TextPattern};

use super::Probes;
use super::leaf::Leaf;
use crate::event::{Draft, Given};
use crate::prepare::Prepared;
use crate::scene::PARTS;
use crate::split::fields_of;
use crate::stream::Made;

/// The most edges of a test.
const MAX_EDGES: usize = 48;
/// About how many edges an item of a list has.
const EDGES_OF_ITEM: usize = 4;

/// Tests of which the first must hold and the second must not.
type Edge = (Pred, Pred);

impl Probes<'_, '_, '_> {
    /// Events at the edges of a test, with all else as in `draft`; none where nothing else looks at its field, for then its
    /// constants alone tell what they are.
    pub(super) fn edges(
        &mut self,
        made: &Made,
        prepared: &Prepared,
        leaf: &Leaf<'_>,
        draft: &Draft,
    ) -> Vec<Draft> {
        let Scalar::Field(field) = &leaf.test.subject else { return Vec::new() };
        let same = same_thing(&field.path);
        let looks = |test: &&Test| fields_of(test).iter().any(|field| same.contains(&field.path.as_str()));
        let mut beside = prepared.filter.tests().into_iter().filter(|test| !std::ptr::eq(*test, leaf.test));
        let shared = beside.any(|test| looks(&test));
        let mut all = if shared { edges_of(leaf.test) } else { Vec::new() };
        let kept = draft.fields.iter().filter(|(path, _)| !same.contains(&path.as_str()));
        let given = Given {
            fixed: kept.map(|(path, value)| (path.clone(), value.clone())).collect(),
            needed: Vec::new(),
        };
        if !leaf.wanted && shared {
            // Without a value the test does not hold either, but for another reason.
            let subject = leaf.test.subject.clone();
            let missing = Pred::Test(Test { subject, op: Op::IsNull, span: leaf.test.span });
            all.insert(0, (missing, leaf.pred.clone()));
        }
        let step = all.len().div_ceil(MAX_EDGES).max(1);
        let mut found = Vec::new();
        // All together cost no more than any other near miss.
        if !self.next() {
            return found;
        }
        for (holds, fails) in all.iter().step_by(step) {
            if self.maker.tools.languages.is_spent() {
                break;
            }
            let mut demands = vec![(holds, true), (fails, false)];
            demands.extend(&leaf.others);
            let solved = self.maker.tools.solve(&made.query, prepared, &demands, &given, 1);
            found.extend(solved.unwrap_or_default());
        }
        found
    }
}

/// A field with those that say the same or a part of it.
fn same_thing(path: &str) -> Vec<&str> {
    let related = PARTS.iter().filter_map(|(whole, part)| match path {
        path if path == *whole => Some(*part),
        path if path == *part => Some(*whole),
        _ => None,
    });
    std::iter::once(path).chain(related).collect()
}

/// The edges of a test of texts, those of one item after those of the other.
fn edges_of(test: &Test) -> Vec<Edge> {
    let Some((patterns, case)) = test.op.as_patterns() else { return Vec::new() };
    let of = |patterns: Vec<TextPattern>, case: Case| {
        Pred::Test(Test { subject: test.subject.clone(), op: Op::Text(patterns, case), span: test.span })
    };
    let mut found = Vec::new();
    // Each edge holds the whole list: of a long one a few items are looked at.
    let step = patterns.len().saturating_mul(EDGES_OF_ITEM).div_ceil(MAX_EDGES).max(1);
    for (at, pattern) in patterns.iter().enumerate().step_by(step) {
        let mut rest = patterns.clone();
        rest.remove(at);
        let own = || of(vec![pattern.clone()], case);
        if !rest.is_empty() {
            found.push((own(), of(rest.clone(), case)));
        }
        for wider in wider(pattern) {
            found.push((of(vec![wider], case), of(patterns.clone(), case)));
        }
        for narrower in narrower(pattern) {
            let others = rest.iter().cloned().chain([narrower]).collect();
            found.push((own(), of(others, case)));
        }
        let letters = of(vec![pattern.clone()], Case::Insensitive);
        found.push((letters, of(patterns.clone(), Case::Sensitive)));
    }
    found
}

/// The pattern with something more before it or behind.
fn wider(pattern: &TextPattern) -> Vec<TextPattern> {
    let parts = pattern.parts();
    let mut found = Vec::new();
    if parts.first() != Some(&Part::AnyRun) {
        found.push(pattern.surrounded(&[Part::AnyRun], &[]));
    }
    if parts.last() != Some(&Part::AnyRun) {
        found.push(pattern.surrounded(&[], &[Part::AnyRun]));
    }
    found
}

/// The pattern without what may stand before it or behind.
fn narrower(pattern: &TextPattern) -> Vec<TextPattern> {
    let parts = pattern.parts();
    let front = parts.split_first().filter(|(first, _)| **first == Part::AnyRun).map(|(_, rest)| rest);
    let back = parts.split_last().filter(|(last, _)| **last == Part::AnyRun).map(|(_, rest)| rest);
    let shorter = [front, back].into_iter().flatten().filter(|rest| !rest.is_empty());
    shorter.map(|rest| TextPattern::new(rest.iter().cloned())).collect()
}
