//! `SHA256=…,MD5=…`, whose hashes stand in a field each.

use eqlc_diagnostics::Span;
use eqlc_ir::{Case, FieldType, Op, Part, Pred, Scalar, SmolStr, Taxonomy, TextPattern};
use indexmap::IndexMap;

use super::asked::Asked;
use super::homes::Found;
use super::place_in;
use crate::Direction;

/// The number of hexadecimal digits of a hash.
const LENGTHS: &[(&str, usize)] = &[("MD5", 32), ("SHA1", 40), ("SHA256", 64), ("IMPHASH", 32)];

/// Patterns that name whole hashes. None: it asks for other than that.
pub(super) fn test(
    fields: &IndexMap<String, String>,
    taxonomy: &Taxonomy,
    asked: &Asked,
    span: Span,
) -> Option<Found> {
    let equals = |path: &str, patterns| equals(taxonomy, path, patterns, span);
    let any_of = |paths: Vec<(&str, TextPattern)>| {
        Pred::Any(paths.into_iter().map(|(path, pattern)| equals(path, vec![pattern])).collect())
    };
    let mut wider = false;
    // The fields are few.
    let mut by_field: Vec<(&str, Vec<TextPattern>)> = Vec::new();
    let mut several = Vec::new();
    for pattern in asked.patterns.iter() {
        let (text, whole) = match pattern.parts() {
            [Part::AnyRun, Part::Lit(text), Part::AnyRun] => (text, false),
            [Part::Lit(text)] => (text, true),
            [Part::Lit(text), Part::AnyRun] | [Part::AnyRun, Part::Lit(text)] => (text, true),
            _ => return None,
        };
        // The place of a hash among the others is not kept.
        wider |= whole;
        let mut hashes = text.split(',').filter(|hash| !hash.is_empty());
        match (hashes.clone().next(), hashes.clone().nth(1)) {
            (Some(only), None) => {
                for (path, pattern) in places(fields, only)? {
                    match by_field.iter_mut().find(|(known, _)| *known == path) {
                        Some((_, patterns)) => patterns.push(pattern),
                        None => by_field.push((path, vec![pattern])),
                    }
                }
            }
            _ => {
                let wanted = hashes.try_fold(Vec::new(), |mut wanted, hash| {
                    wanted.push(any_of(places(fields, hash)?));
                    Some(wanted)
                });
                several.push(Pred::All(wanted?));
            }
        }
    }
    let mut any: Vec<Pred> = by_field.into_iter().map(|(path, patterns)| equals(path, patterns)).collect();
    any.extend(several);
    let pred = Pred::Any(any);
    Some(if wider {
        Found::bent(pred, Direction::Wider, "which hashes stand beside it is not kept")
    } else {
        Found::exact(pred)
    })
}

/// Documents write hashes in lower case, rules in either.
fn equals(taxonomy: &Taxonomy, path: &str, patterns: Vec<TextPattern>, span: Span) -> Pred {
    let field = place_in(taxonomy, FieldType::Keyword, path, false, span);
    Pred::test(Scalar::Field(field), Op::Text(patterns, Case::Insensitive), span)
}

/// `MD5=…` or the digits alone: the fields that can hold it.
fn places<'m>(fields: &'m IndexMap<String, String>, hash: &str) -> Option<Vec<(&'m str, TextPattern)>> {
    let (algorithm, digits) = match hash.split_once('=') {
        Some((algorithm, digits)) => (Some(algorithm), digits),
        None => (None, hash),
    };
    let named = |name: &str| algorithm.is_none_or(|algorithm| algorithm.eq_ignore_ascii_case(name));
    let fits = |(name, length): &&(&str, usize)| *length == digits.len() && named(name);
    let lower = SmolStr::from(digits.to_ascii_lowercase());
    let mut found = Vec::with_capacity(1);
    for (name, _) in LENGTHS.iter().filter(fits) {
        let path = fields.get(*name);
        found.extend(path.map(|path| (path.as_str(), TextPattern::new([Part::Lit(lower.clone())]))));
    }
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    (hexadecimal && !found.is_empty()).then_some(found)
}
