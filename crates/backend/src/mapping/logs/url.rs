//! Parts of URLs. Pipelines read the escapes of the parts that they cut out, and cut nothing out of a URL that has
//! characters which URLs cannot have; the whole stays as it was asked for. A query that looks for escapes or for such
//! characters asks the whole in all its tests, for the parts would be there in other words, or not at all.

use eqlc_diagnostics::Span;
use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use eqlc_ir::{FieldRef, Op, Pred, Scalar, TextPattern};

use super::super::data::{InUrl, UrlPart};
use super::asked::Asked;
use super::homes::Found;
use super::values;
use crate::Direction;

/// Why a test on a part of a URL bends.
pub(super) const WITHOUT_ESCAPES: &str = "documents have the parts of a URL without escapes, and none of one with characters that URLs cannot have";

/// Whether a value has other words in the parts of documents: it holds an escape, or a character that stands there as
/// an escape only.
fn differs(asked: &Asked) -> bool {
    let in_url = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "_-!.~'()*,;:$&+=?/[]@".contains(c);
    let differs = |pattern: &TextPattern| pattern.literals().any(|text| !text.chars().all(in_url));
    asked.patterns.iter().any(differs)
}

/// Values in a part of a URL.
pub(super) fn part(field: FieldRef, asked: &Asked, span: Span) -> Option<Found> {
    let bends = differs(asked);
    let pred = values::test(field, asked, span)?;
    Some(if bends { Found::bent(pred, Direction::Either, WITHOUT_ESCAPES) } else { Found::exact(pred) })
}

/// Values in a part of the whole URL.
pub(super) fn values_in_whole(whole: FieldRef, url: &InUrl, asked: &Asked, span: Span) -> Pred {
    let mut patterns = asked.texts();
    if url.part == UrlPart::Path {
        // A path ends before the first of them.
        patterns.retain(|pattern| !pattern.literals().any(|text| text.contains('?')));
    }
    if patterns.is_empty() {
        return Pred::Const(false);
    }
    let any = match url.part {
        UrlPart::Query => RegexNode::Any,
        UrlPart::Path => other_than_mark(),
    };
    let nodes = patterns.iter().map(|pattern| RegexNode::of_pattern(pattern, &any));
    let root = within(url.part, RegexNode::one_of(nodes.collect()));
    Pred::test(Scalar::Field(whole), Op::Regex(Regex { root, case: asked.case }), span)
}

/// An expression for the query of the whole URL. None: a path ends where the expression need not.
pub(super) fn expression_in_whole(whole: FieldRef, url: &InUrl, regex: &Regex, span: Span) -> Option<Pred> {
    if url.part == UrlPart::Path {
        return None;
    }
    let root = within(url.part, regex.root.clone());
    Some(Pred::test(Scalar::Field(whole), Op::Regex(Regex { root, case: regex.case }), span))
}

/// The whole URL whose part is that.
fn within(part: UrlPart, node: RegexNode) -> RegexNode {
    let mark = || RegexNode::Literal("?".to_owned());
    let (before, behind) = match part {
        UrlPart::Query => (vec![other_than_mark().repeated(), mark()], Vec::new()),
        UrlPart::Path => {
            let query = Box::new(RegexNode::Concat(vec![mark(), RegexNode::any_run()]));
            (Vec::new(), vec![RegexNode::Repeat { node: query, min: 0, max: Some(1) }])
        }
    };
    RegexNode::Concat([before, node.into_concat(), behind].concat())
}

fn other_than_mark() -> RegexNode {
    RegexNode::Class { negated: true, items: vec![ClassItem::Char('?')] }
}
