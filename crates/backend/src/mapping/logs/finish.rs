//! What is done to a query as a whole, once its tests stand on documents.

use std::collections::BTreeSet;

use eqlc_diagnostics::Span;
use eqlc_ir::fold::{Fold, walk_scalar, walk_test};
use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{Case, FieldRef, Op, Part, Pred, Scalar, SmolStr, Test, TextPattern};

/// A field that is optional in one test is so in all: one mention without the mark asks every index for it.
pub(super) fn marked_alike(pred: Pred) -> Pred {
    let optional =
        pred.fields().into_iter().filter(|field| field.optional).map(|field| field.path.clone()).collect();
    Mark { optional }.pred(pred)
}

struct Mark {
    optional: BTreeSet<SmolStr>,
}

impl Fold for Mark {
    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        match scalar {
            Scalar::Field(field) => {
                let optional = field.optional || self.optional.contains(&field.path);
                Scalar::Field(FieldRef { optional, ..field })
            }
            other => walk_scalar(self, other),
        }
    }
}

/// Patterns that wildcards without an escape cannot say (`eql-semantics.md` §6.3), as regular expressions: those with
/// a literal `*` or `?` that are neither one text nor its beginning, end or inside.
pub(super) fn without_escapes(pred: Pred) -> Pred {
    Unescaped.pred(pred)
}

struct Unescaped;

impl Fold for Unescaped {
    fn test(&mut self, test: Test) -> Pred {
        match test.op {
            Op::Text(patterns, case) => {
                let (others, kept): (Vec<_>, Vec<_>) = patterns.into_iter().partition(needs_escape);
                if others.is_empty() {
                    return Pred::Test(Test { op: Op::Text(kept, case), ..test });
                }
                let mut any = vec![expression(&test.subject, &others, case, test.span)];
                if !kept.is_empty() {
                    any.insert(0, Pred::test(test.subject, Op::Text(kept, case), test.span));
                }
                Pred::Any(any)
            }
            op => Pred::Test(walk_test(self, Test { op, ..test })),
        }
    }
}

fn needs_escape(pattern: &TextPattern) -> bool {
    let literal = pattern.literals().any(|text| text.contains(['*', '?']));
    literal
        && !matches!(
            pattern.parts(),
            [Part::Lit(_)]
                | [Part::Lit(_), Part::AnyRun]
                | [Part::AnyRun, Part::Lit(_)]
                | [Part::AnyRun, Part::Lit(_), Part::AnyRun]
        )
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
