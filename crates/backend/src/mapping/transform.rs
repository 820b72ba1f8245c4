//! Tests on an ECS field rewritten as tests on the field it follows from.

use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use eqlc_ir::{
    Case, Comparison, FieldRef, FieldType, Literal, Op, Part, Pred, Scalar, Test, TextPattern, normalise,
};

use super::data::Transform;
use super::listed;
use crate::Direction;

/// A rewritten test, and which way it bends (none: exact).
pub(super) struct Rewritten {
    pub(super) pred: Pred,
    pub(super) bend: Option<Direction>,
}

/// `test`, whose subject is a bare field, on `field` instead. None where the transform has no form for the
/// operator.
pub(super) fn rewrite(test: &Test, field: FieldRef, transform: &Transform) -> Option<Rewritten> {
    let addresses =
        test.subject.as_field().is_some_and(|from| from.ty == FieldType::Ip) && field.ty != FieldType::Ip;
    let subject = Scalar::Field(field);
    if matches!(transform, Transform::Same) {
        if addresses && let Some(pred) = addresses_as_text(test, &subject) {
            return Some(Rewritten { pred, bend: None });
        }
        return Some(Rewritten { pred: Pred::test(subject, test.op.clone(), test.span), bend: None });
    }
    if let Transform::Presence { present, absent } = transform {
        return listed::presence(test, subject, present, absent);
    }
    if matches!(test.op, Op::IsNull) {
        let pred = match transform {
            Transform::AfterLast(EXTENSION) => without_extension(subject, test),
            _ => Pred::test(subject, Op::IsNull, test.span),
        };
        return Some(Rewritten { pred, bend: None });
    }
    match transform {
        Transform::Values(values) => return by_value(test, subject, values),
        Transform::Number => return listed::number(test, subject),
        Transform::Numbers(values) => return listed::numbers(test, subject, values),
        Transform::Known(values) => return listed::known(test, subject, values),
        Transform::Dwords => return Some(listed::dwords(test, subject)),
        Transform::Words => return listed::words(test, &subject),
        _ => {}
    }
    if let Op::Regex(regex) = &test.op {
        return by_regex(regex, test, subject, transform);
    }
    let (patterns, case) = test.op.as_patterns()?;
    let rewritten: Vec<(TextPattern, bool)> =
        patterns.iter().filter_map(|pattern| pattern_for(pattern, transform)).collect();
    let exact = rewritten.iter().all(|(_, exact)| *exact);
    let patterns: Vec<TextPattern> = rewritten.into_iter().map(|(pattern, _)| pattern).collect();
    let pred = if patterns.is_empty() {
        Pred::Const(false)
    } else {
        Pred::test(subject, Op::Text(patterns, case), test.span)
    };
    Some(Rewritten { pred, bend: (!exact).then_some(Direction::Wider) })
}

/// What stands before an extension.
const EXTENSION: char = '.';

/// That a path has no extension: nothing, or no dot with something behind it in its last part.
fn without_extension(subject: Scalar, test: &Test) -> Pred {
    let name = RegexNode::Class { negated: true, items: vec![ClassItem::Char('/'), ClassItem::Char('\\')] };
    let extension = RegexNode::Repeat { node: Box::new(name), min: 1, max: None };
    let root = RegexNode::Concat(vec![RegexNode::any_run(), RegexNode::Literal(EXTENSION.into()), extension]);
    let op = Op::Regex(Regex { root, case: Case::Sensitive });
    let missing = Pred::test(subject.clone(), Op::IsNull, test.span);
    Pred::Any(vec![missing, Pred::test(subject, op, test.span).not()])
}

/// Equality of addresses where the target holds them as text. IPv4 is written in one way; IPv6 in many, so
/// there the address is compared as one. None: no test of addresses for equality.
fn addresses_as_text(test: &Test, subject: &Scalar) -> Option<Pred> {
    let items = match &test.op {
        Op::Compare(Comparison::Equal, Scalar::Literal(item)) => std::slice::from_ref(item),
        Op::OneOf(items, Case::Sensitive) => items.as_slice(),
        _ => return None,
    };
    let mut texts = Vec::new();
    let mut networks = Vec::new();
    for item in items {
        let Literal::Str(text) = item else { return None };
        match text.parse::<std::net::Ipv4Addr>() {
            Ok(address) => texts.push(TextPattern::exact(&address.to_string())),
            Err(_) => networks.push(normalise::parse_network(text)?),
        }
    }
    let mut any = Vec::new();
    if !texts.is_empty() {
        any.push(Pred::test(subject.clone(), Op::Text(texts, Case::Insensitive), test.span));
    }
    if !networks.is_empty() {
        any.push(Pred::test(subject.clone(), Op::InNet(networks), test.span));
    }
    Some(Pred::Any(any))
}

/// A regular expression that a part of the target's value matches.
fn by_regex(regex: &Regex, test: &Test, subject: Scalar, transform: &Transform) -> Option<Rewritten> {
    let any = RegexNode::any_run;
    let own = || regex.root.clone().into_concat();
    let before = |node| [vec![any(), node], own()].concat();
    let nodes = match transform {
        Transform::AfterLast(separator) => before(RegexNode::Literal(separator.to_string())),
        Transform::BeforeFirst(separator) => {
            [own(), vec![RegexNode::Literal(separator.to_string()), any()]].concat()
        }
        Transform::WordOf => [vec![any()], own(), vec![any()]].concat(),
        _ => return None,
    };
    let op = Op::Regex(Regex { root: RegexNode::Concat(nodes), case: regex.case });
    // What the expression matches may have a separator in it.
    Some(Rewritten { pred: Pred::test(subject, op, test.span), bend: Some(Direction::Wider) })
}

/// The pattern over the target's value, and whether it accepts no more than it should. None: the part can
/// never look like that.
fn pattern_for(pattern: &TextPattern, transform: &Transform) -> Option<(TextPattern, bool)> {
    let lit = |c: &char| Part::Lit((*c).into());
    match transform {
        Transform::AfterLast(separator) => {
            if pattern.literals().any(|text| text.contains(*separator)) {
                return None;
            }
            let exact_end = match pattern.parts() {
                // `*x`: the value ends in it either way.
                [Part::AnyRun, rest @ ..] => {
                    let exact = rest.iter().all(|part| matches!(part, Part::Lit(_)));
                    return Some((pattern.clone(), exact));
                }
                parts => parts.iter().all(|part| matches!(part, Part::Lit(_))),
            };
            Some((pattern.surrounded(&[Part::AnyRun, lit(separator)], &[]), exact_end))
        }
        Transform::BeforeFirst(separator) => {
            if pattern.literals().any(|text| text.contains(*separator)) {
                return None;
            }
            match pattern.parts() {
                [rest @ .., Part::AnyRun] => {
                    Some((pattern.clone(), rest.iter().all(|part| matches!(part, Part::Lit(_)))))
                }
                parts => {
                    let exact = parts.iter().all(|part| matches!(part, Part::Lit(_)));
                    Some((pattern.surrounded(&[], &[lit(separator), Part::AnyRun]), exact))
                }
            }
        }
        Transform::WordOf => Some((pattern.surrounded(&[Part::AnyRun], &[Part::AnyRun]), false)),
        // Decided before, or the other way round only: from log sources.
        Transform::Same
        | Transform::Values(_)
        | Transform::Number
        | Transform::Numbers(_)
        | Transform::Known(_)
        | Transform::Presence { .. }
        | Transform::Dwords
        | Transform::Words
        | Transform::Account(_)
        | Transform::Hashes(_)
        | Transform::Folder
        | Transform::PartOfUrl
        | Transform::InUrl(_)
        | Transform::Hive
        | Transform::Details(_) => None,
    }
}

/// The target's values of all ECS values that the test accepts. Wider where one of them also stands for an
/// ECS value that the test does not accept.
fn by_value(
    test: &Test,
    subject: Scalar,
    values: &indexmap::IndexMap<String, Vec<String>>,
) -> Option<Rewritten> {
    let mut accepted: Vec<&String> = Vec::new();
    let mut rejected: Vec<&String> = Vec::new();
    for (value, images) in values {
        let holds = normalise::holds_of(&literal_like(&test.op, value), &test.op)?;
        if holds { accepted.extend(images) } else { rejected.extend(images) }
    }
    let wider = accepted.iter().any(|image| rejected.contains(image));
    let mut patterns: Vec<TextPattern> = Vec::new();
    for image in accepted {
        let pattern = TextPattern::exact(image);
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    // The target writes each of its values in one way; without regard to letter case is the plainest test.
    let pred = if patterns.is_empty() {
        Pred::Const(false)
    } else {
        Pred::test(subject, Op::Text(patterns, Case::Insensitive), test.span)
    };
    Some(Rewritten { pred, bend: wider.then_some(Direction::Wider) })
}

/// A value of a map as a constant of the kind that the test compares with.
fn literal_like(op: &Op, text: &str) -> Literal {
    let kind = match op {
        Op::Compare(_, Scalar::Literal(literal)) => Some(literal),
        Op::OneOf(items, _) => items.first(),
        _ => None,
    };
    match (kind, text) {
        (Some(Literal::Bool(_)), "true") => Literal::Bool(true),
        (Some(Literal::Bool(_)), "false") => Literal::Bool(false),
        (Some(Literal::Int(_)), digits) => {
            digits.parse().map_or_else(|_| Literal::Str(text.into()), Literal::Int)
        }
        _ => Literal::Str(text.into()),
    }
}
