//! What is done to a query as a whole, once its tests stand on documents.

use std::collections::BTreeSet;

use eqlc_diagnostics::Span;
use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{Case, FieldRef, Op, Part, Pred, Scalar, SmolStr, Test, TextPattern};

/// A field that is optional in one test is so in all: one mention without the mark asks every index for it.
pub(super) fn mark_alike(pred: &mut Pred) {
    let marked = |field: &&FieldRef| field.optional;
    let optional: BTreeSet<SmolStr> =
        pred.fields().into_iter().filter(marked).map(|field| field.path.clone()).collect();
    if !optional.is_empty() {
        pred.for_each_field(&mut |field| field.optional |= optional.contains(&field.path));
    }
}

/// Writes patterns that wildcards without an escape cannot say (`eql-semantics.md` §6.3) as regular expressions: those
/// with a literal `*` or `?` that are neither one text nor its beginning, end or inside.
pub(super) fn write_escapes(pred: &mut Pred) {
    match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => list.iter_mut().for_each(write_escapes),
        Pred::Not(inner) => write_escapes(inner),
        Pred::Element(element) => write_escapes(&mut element.pred),
        Pred::Descendant(query) => write_escapes(&mut query.filter),
        Pred::Const(_) | Pred::Anywhere(_) => {}
        Pred::Test(test) => {
            if let Some(written) = with_expression(test) {
                *pred = written;
            }
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
    ) && pattern.literals().any(|text| text.contains(['*', '?']))
}

fn expression(subject: &Scalar, patterns: &[TextPattern], case: Case, span: Span) -> Pred {
    let mut nodes: Vec<RegexNode> = patterns.iter().map(node).collect();
    let root = if nodes.len() == 1 { nodes.remove(0) } else { RegexNode::Alternatives(nodes) };
    Pred::test(subject.clone(), Op::Regex(Regex { root, case }), span)
}

fn node(pattern: &TextPattern) -> RegexNode {
    let parts = pattern.parts().iter().map(|part| match part {
        Part::Lit(text) => RegexNode::Literal(text.to_string()),
        Part::AnyRun => RegexNode::any_run(),
        Part::AnyOne => RegexNode::Any,
    });
    RegexNode::Concat(parts.collect())
}
