//! What is done to a query as a whole, once its tests stand on documents.

use std::collections::BTreeSet;

use eqlc_diagnostics::Span;
use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{Case, FieldRef, Op, Part, Pred, Scalar, SmolStr, Test, TextPattern, normalise};

/// All of some conditions in normal form, which is again in normal form. `no_escape`: patterns cannot hold wildcards
/// as characters.
pub(super) fn finished(tests: Vec<Pred>, no_escape: bool) -> Pred {
    let mut whole = Pred::All(tests);
    let marked = mark_alike(&mut whole);
    let written = no_escape && write_escapes(&mut whole);
    match whole {
        // As nearly always: nothing in them has changed.
        Pred::All(tests) if !marked && !written => normalise::all_of(tests),
        whole => normalise::normalise_pred(whole),
    }
}

/// A field that is optional in one test is so in all: one mention without the mark asks every index for it. Gives
/// whether something was changed.
fn mark_alike(pred: &mut Pred) -> bool {
    let marked = |field: &&FieldRef| field.optional;
    let optional: BTreeSet<SmolStr> =
        pred.fields().into_iter().filter(marked).map(|field| field.path.clone()).collect();
    let mut changed = false;
    if !optional.is_empty() {
        pred.for_each_field(&mut |field| {
            let marks = !field.optional && optional.contains(&field.path);
            field.optional |= marks;
            changed |= marks;
        });
    }
    changed
}

/// Writes patterns that wildcards without an escape cannot say (`eql-semantics.md` §6.3) as regular expressions: those
/// with a literal `*` or `?` that are neither one text nor its beginning, end or inside. Gives whether there were any.
fn write_escapes(pred: &mut Pred) -> bool {
    // All of them are to be written, also behind one that was.
    let any =
        |list: &mut Vec<Pred>| list.iter_mut().fold(false, |written, pred| write_escapes(pred) | written);
    match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => any(list),
        Pred::Not(inner) => write_escapes(inner),
        Pred::Element(element) => write_escapes(&mut element.pred),
        Pred::Descendant(query) => write_escapes(&mut query.filter),
        Pred::Const(_) | Pred::Anywhere(_) => false,
        Pred::Test(test) => {
            let written = with_expression(test);
            let found = written.is_some();
            written.into_iter().for_each(|written| *pred = written);
            found
        }
    }
}

/// None where no pattern needs an expression.
fn with_expression(test: &mut Test) -> Option<Pred> {
    let Test { subject, op: Op::Text(patterns, case), span } = test else { return None };
    if !patterns.iter().any(needs_escape) {
        return None;
    }
    let (others, kept): (Vec<_>, Vec<_>) = std::mem::take(patterns).into_iter().partition(needs_escape);
    let mut any = vec![expression(subject, &others, *case, *span)];
    if !kept.is_empty() {
        any.insert(0, Pred::test(subject.clone(), Op::Text(kept, *case), *span));
    }
    Some(Pred::Any(any))
}

fn needs_escape(pattern: &TextPattern) -> bool {
    !matches!(
        pattern.parts(),
        [Part::Lit(_)]
            | [Part::Lit(_), Part::AnyRun]
            | [Part::AnyRun, Part::Lit(_)]
            | [Part::AnyRun, Part::Lit(_), Part::AnyRun]
    ) && pattern.has_literal_wildcard()
}

fn expression(subject: &Scalar, patterns: &[TextPattern], case: Case, span: Span) -> Pred {
    let nodes = patterns.iter().map(|pattern| RegexNode::of_pattern(pattern, &RegexNode::Any));
    let root = RegexNode::one_of(nodes.collect());
    Pred::test(subject.clone(), Op::Regex(Regex { root, case }), span)
}
