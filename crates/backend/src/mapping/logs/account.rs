//! `DOMAIN\name`, whose parts stand in two fields.

use eqlc_diagnostics::Span;
use eqlc_ir::{Case, FieldRef, Op, Part, Pred, Scalar, TextPattern};

use super::asked::Asked;
use super::homes::Found;
use super::place_in;
use crate::Direction;

const SEPARATOR: char = '\\';

/// Neither part holds the separator, and a document has both or none.
pub(super) fn test(name: FieldRef, domain: &str, asked: &Asked, span: Span) -> Option<Found> {
    let domain = place_in(&name.taxonomy, name.ty, domain, name.optional, name.span);
    let mut wider = false;
    let mut any = Vec::new();
    for pattern in asked.texts() {
        let splits = splits(pattern.parts());
        if splits.is_empty() && pattern.as_exact().is_some_and(|text| !text.contains(SEPARATOR)) {
            // A name alone: the log has no such value, its author means the account in any domain.
            wider = true;
            any.push(part(&name, pattern, asked.case, span));
            continue;
        }
        for (left, right) in splits {
            if left.matches_everything() && right.matches_everything() {
                any.push(Pred::test(Scalar::Field(name.clone()), Op::IsNull, span).not());
                continue;
            }
            any.push(Pred::All(vec![
                part(&domain, left, asked.case, span),
                part(&name, right, asked.case, span),
            ]));
        }
    }
    let pred = Pred::Any(any);
    Some(if wider {
        Found::bent(pred, Direction::Wider, "the log has the domain before the name, the rule has not")
    } else {
        Found::exact(pred)
    })
}

fn part(field: &FieldRef, pattern: TextPattern, case: Case, span: Span) -> Pred {
    if pattern.matches_everything() {
        // Both parts are there or none is, and the other one is tested.
        return Pred::Const(true);
    }
    Pred::test(Scalar::Field(field.clone()), Op::Text(vec![pattern], case), span)
}

/// Every way in which the one separator of a value can stand in the pattern: in a literal, or in what a wildcard
/// stands for.
fn splits(parts: &[Part]) -> Vec<(TextPattern, TextPattern)> {
    let literal = |part: &Part| match part {
        Part::Lit(text) => text.matches(SEPARATOR).count(),
        Part::AnyRun | Part::AnyOne => 0,
    };
    let written: usize = parts.iter().map(literal).sum();
    let mut found = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let (before, after) = (parts.get(..at).unwrap_or(&[]), parts.get(at + 1..).unwrap_or(&[]));
        let (left, right) = match (part, written) {
            (Part::Lit(text), 1) => match text.split_once(SEPARATOR) {
                Some((left, right)) => (Part::Lit(left.into()), Part::Lit(right.into())),
                None => continue,
            },
            (Part::AnyRun, 0) => (Part::AnyRun, Part::AnyRun),
            (Part::AnyOne, 0) => (Part::Lit(String::new().into()), Part::Lit(String::new().into())),
            _ => continue,
        };
        let left = TextPattern::new(before.iter().cloned().chain(std::iter::once(left)));
        let right = TextPattern::new(std::iter::once(right).chain(after.iter().cloned()));
        found.push((left, right));
    }
    found
}
