//! Tests that contradict each other by what they list, whatever the type of their field.

use eqlc_ir::{Case, Comparison, FieldType, Literal, Op, Scalar, Test, normalise};

/// Whether tests of one field contradict each other: every value that one of the wanted lists is listed by a refused
/// one, no whole number satisfies one of the wanted and none of the refused, or the field must have a value and must not
/// be there.
pub(super) fn contradict(wanted: &[&Test], refused: &[&Test]) -> bool {
    wanted.iter().any(|test| is_covered(test, refused))
        || no_number(wanted, refused)
        || is_absent(wanted, refused)
}

fn is_absent(wanted: &[&Test], refused: &[&Test]) -> bool {
    let bare = |test: &Test| matches!(test.subject, Scalar::Field(_));
    let of_value = |test: &Test| !matches!(test.op, Op::IsNull | Op::Exists);
    let has_value = wanted.iter().any(|test| bare(test) && of_value(test))
        || refused.iter().any(|test| bare(test) && test.op == Op::IsNull);
    let absent = refused.iter().any(|test| test.op == Op::Exists)
        || wanted.iter().any(|test| bare(test) && test.op == Op::IsNull);
    has_value && absent
}

/// A list is a disjunction over its items, each asked in the same way by every list of the kind.
fn is_covered(wanted: &Test, refused: &[&Test]) -> bool {
    let others = || refused.iter().filter(|other| other.subject == wanted.subject);
    match &wanted.op {
        Op::Text(patterns, case) => patterns.iter().all(|pattern| {
            others().any(
                |other| matches!(&other.op, Op::Text(more, same) if same == case && more.contains(pattern)),
            )
        }),
        Op::InNet(nets) => nets.iter().all(|net| {
            others().any(
                |other| matches!(&other.op, Op::InNet(more) if more.iter().any(|wider| wider.contains(net))),
            )
        }),
        op => match listed(op) {
            Some((items, case)) => {
                let has = |op: &Op, item| {
                    listed(op).is_some_and(|(more, same)| same == case && more.contains(item))
                };
                items.iter().all(|item| others().any(|other| has(&other.op, item)))
            }
            None => others().any(|other| other.op == *op),
        },
    }
}

fn listed(op: &Op) -> Option<(&[Literal], Case)> {
    match op {
        Op::Compare(Comparison::Equal, Scalar::Literal(item)) => {
            Some((std::slice::from_ref(item), Case::Sensitive))
        }
        Op::OneOf(items, case) => Some((items, *case)),
        _ => None,
    }
}

/// The most constants that numbers are tried around.
const MAX_CONSTANTS: usize = 400;

/// Tests of a whole number against constants change their answer at a constant only: the constants and their
/// neighbours stand for all numbers. A test is existential over values, so each wanted one is asked by itself.
fn no_number(wanted: &[&Test], refused: &[&Test]) -> bool {
    let mut constants = Vec::new();
    for test in wanted.iter().chain(refused) {
        let whole = matches!(&test.subject, Scalar::Field(field) if field.ty == FieldType::Integer);
        let Some(numbers) = numbers(&test.op).filter(|_| whole) else { return false };
        constants.extend(numbers);
    }
    if constants.len() > MAX_CONSTANTS {
        return false;
    }
    let mut tried: Vec<i128> = constants
        .iter()
        .flat_map(|number| [number.saturating_sub(1), *number, number.saturating_add(1)])
        .collect();
    tried.sort_unstable();
    tried.dedup();
    let holds = |test: &Test, number: i128| normalise::holds_of(&Literal::Int(number), &test.op);
    let allowed: Vec<i128> = tried
        .into_iter()
        .filter(|number| refused.iter().all(|test| holds(test, *number) == Some(false)))
        .collect();
    wanted.iter().any(|test| allowed.iter().all(|number| holds(test, *number) == Some(false)))
}

fn numbers(op: &Op) -> Option<Vec<i128>> {
    let whole = |literal: &Literal| match literal {
        Literal::Int(number) => Some(*number),
        _ => None,
    };
    match op {
        Op::Compare(_, Scalar::Literal(literal)) => Some(vec![whole(literal)?]),
        Op::OneOf(items, Case::Sensitive) => items.iter().map(whole).collect(),
        _ => None,
    }
}
