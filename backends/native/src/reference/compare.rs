//! Comparisons (`eql-semantics.md` §6.1).

use eqlc_events::{Clock, Timestamp, Value};
use eqlc_ir::normalise::parse_network;
use eqlc_ir::{Case, Comparison, FieldType, Literal, Scalar, TimePart, fold_text};

use super::{dates::Dates, net, numbers, values, version::Version};

/// How two values are compared.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// The type of the field in the comparison.
    pub(super) ty: FieldType,
    /// Whether the right side is a constant: there a date with missing parts is a span, and `/n` a network.
    pub(super) constant: bool,
    /// What constants beside dates stand for.
    pub(super) dates: Dates,
}

/// The type of the field in a comparison: that of the left side before that of the right, a known type before
/// an unknown one. Results of functions have none: their values are compared by what they are.
pub(super) fn type_of(left: &Scalar, right: Option<&Scalar>) -> FieldType {
    [Some(left), right]
        .into_iter()
        .flatten()
        .filter_map(Scalar::as_input)
        .map(|field| field.ty)
        .find(|ty| *ty != FieldType::Unknown)
        .unwrap_or(FieldType::Unknown)
}

/// Whether `left comparison right` holds; null if either is null. Values of different kinds are not equal and
/// not ordered.
pub(super) fn compare(left: &Literal, comparison: Comparison, right: &Literal, kind: Kind) -> Option<bool> {
    if *left == Literal::Null || *right == Literal::Null {
        return None;
    }
    if comparison == Comparison::EqualInsensitive {
        let textual = kind.ty.is_string() || kind.ty == FieldType::Unknown;
        let case = if textual { Case::Insensitive } else { Case::Sensitive };
        return equals(left, right, case, kind);
    }
    let holds = match kind.ty {
        FieldType::Date => kind.dates.compare(left, comparison, right, kind.constant),
        FieldType::Ip => addresses(left, comparison, right, kind.constant),
        FieldType::Version => versions(left, comparison, right),
        ty => {
            let left = values::typed(left.clone(), ty);
            // Where the field says nothing, the constant does: a text is true beside the constant true.
            let by_constant = kind.constant && matches!(right, Literal::Bool(_)) && ty == FieldType::Unknown;
            let left = if by_constant { values::typed(left, FieldType::Boolean) } else { left };
            plain(&left, comparison, &values::typed(right.clone(), ty))
        }
    };
    Some(holds.unwrap_or(false))
}

/// Whether `left` equals `right`, as texts without regard to letter case if asked; null if `left` is null. A
/// null constant equals nothing (§6.4).
pub(super) fn equals(left: &Literal, right: &Literal, case: Case, kind: Kind) -> Option<bool> {
    if *left == Literal::Null {
        return None;
    }
    let as_text = !matches!(kind.ty, FieldType::Date | FieldType::Ip | FieldType::Version);
    if case == Case::Insensitive && as_text {
        let left = values::typed(left.clone(), kind.ty);
        let right = values::typed(right.clone(), kind.ty);
        if let (Literal::Str(left), Literal::Str(right)) = (left, right) {
            return Some(fold_text(&left) == fold_text(&right));
        }
    }
    Some(compare(left, Comparison::Equal, right, kind).unwrap_or(false))
}

/// A comparison of values that are texts to the rule: of different kinds they compare as numbers where both
/// write one, and are equal where their texts are.
pub(super) fn loosely(left: &Literal, comparison: Comparison, right: &Literal, kind: Kind) -> Option<bool> {
    let strict = compare(left, comparison, right, kind)?;
    let textual = |value: &Literal| matches!(value, Literal::Str(_));
    if strict || textual(left) == textual(right) {
        return Some(strict);
    }
    match comparison {
        Comparison::Equal => return Some(same_text(left, right, Case::Sensitive)),
        Comparison::EqualInsensitive => return Some(same_text(left, right, Case::Insensitive)),
        _ => {}
    }
    let number = |value: &Literal| values::typed(value.clone(), FieldType::Float);
    Some(plain(&number(left), comparison, &number(right)).unwrap_or(false))
}

/// Whether two values are written the same.
pub(super) fn same_text(left: &Literal, right: &Literal, case: Case) -> bool {
    match (numbers::text(left), numbers::text(right), case) {
        (Some(left), Some(right), Case::Sensitive) => left == right,
        (Some(left), Some(right), Case::Insensitive) => fold_text(&left) == fold_text(&right),
        _ => false,
    }
}

fn plain(left: &Literal, comparison: Comparison, right: &Literal) -> Option<bool> {
    let order = match (left, right) {
        (Literal::Str(left), Literal::Str(right)) => left.as_bytes().cmp(right.as_bytes()),
        (Literal::Bool(left), Literal::Bool(right)) => left.cmp(right),
        _ => numbers::order(left, right)?,
    };
    Some(comparison.accepts(order))
}

/// The instant of a value of a date field.
pub(crate) fn instant(value: &Literal) -> Option<Timestamp> {
    match value {
        Literal::Int(value) => Timestamp::of(&Value::Int(*value)),
        Literal::Float(value) => Timestamp::of(&Value::Float(*value)),
        Literal::Str(text) => Timestamp::of(&Value::Str(text)),
        Literal::Null | Literal::Bool(_) | Literal::Date(_) => None,
    }
}

/// A part of the time that a value shows on its clock.
pub(super) fn part_of(value: &Literal, part: TimePart) -> Option<i64> {
    let clock = match value {
        Literal::Int(value) => Clock::of(&Value::Int(*value)),
        Literal::Float(value) => Clock::of(&Value::Float(*value)),
        Literal::Str(text) => Clock::of(&Value::Str(text)),
        Literal::Null | Literal::Bool(_) | Literal::Date(_) => None,
    }?;
    match part {
        TimePart::Minute => clock.minute,
        TimePart::Hour => clock.hour,
        TimePart::Day => clock.day,
        TimePart::Week => clock.week,
        TimePart::Month => clock.month,
        TimePart::Year => Some(clock.year),
    }
}

fn addresses(left: &Literal, comparison: Comparison, right: &Literal, constant: bool) -> Option<bool> {
    let (Literal::Str(left), Literal::Str(right)) = (left, right) else { return None };
    let left = net::address(left)?;
    if constant && comparison == Comparison::Equal && right.contains('/') {
        return Some(net::contains(&parse_network(right)?, left));
    }
    Some(comparison.accepts(left.cmp(&net::address(right)?)))
}

fn versions(left: &Literal, comparison: Comparison, right: &Literal) -> Option<bool> {
    let left = Version::parse(&numbers::text(left)?);
    Some(comparison.accepts(left.cmp(&Version::parse(&numbers::text(right)?))))
}
