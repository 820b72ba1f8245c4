//! Tests on fields whose values follow from those of the target one by one.

use eqlc_ir::{Case, Comparison, Literal, Op, Part, Pred, Scalar, Test, TextPattern, normalise};
use indexmap::IndexMap;

use super::transform::Rewritten;
use crate::Direction;

/// Texts of digits on a field of numbers. None: a test of something else than whole numbers.
pub(super) fn number(test: &Test, subject: Scalar) -> Option<Rewritten> {
    let wanted = exact_texts(&test.op)?;
    let numbers = wanted.iter().map(|text| text.parse().ok()).collect::<Option<Vec<i128>>>()?;
    Some(exactly(one_of(subject, numbers, test)))
}

/// The target's numbers of every listed value that the test accepts. None where the test names others.
pub(super) fn numbers(
    test: &Test,
    subject: Scalar,
    listed: &IndexMap<String, Vec<i64>>,
) -> Option<Rewritten> {
    let (accepted, rejected) = split(test, listed)?;
    let wider = accepted.iter().any(|number| rejected.contains(number));
    let pred = one_of(subject, accepted.into_iter().copied().map(i128::from).collect(), test);
    Some(Rewritten { pred, bend: wider.then_some(Direction::Wider) })
}

/// The target's texts of every listed value that the test accepts. None where the test names others.
pub(super) fn known(
    test: &Test,
    subject: Scalar,
    listed: &IndexMap<String, Vec<String>>,
) -> Option<Rewritten> {
    if listed.contains_key(OTHERS) && others(test, listed) {
        let all = listed.values().flatten().map(|text| TextPattern::from_eql(text)).collect();
        let listed = Pred::test(subject.clone(), Op::Text(all, Case::Insensitive), test.span);
        let missing = Pred::test(subject, Op::IsNull, test.span);
        return Some(exactly(Pred::All(vec![missing.not(), listed.not()])));
    }
    let (accepted, rejected) = split(test, listed)?;
    let wider = accepted.iter().any(|text| rejected.contains(text));
    let patterns: Vec<TextPattern> =
        accepted.iter().map(|text| TextPattern::from_eql(text.as_str())).collect();
    let pred = if patterns.is_empty() {
        Pred::Const(false)
    } else {
        Pred::test(subject, Op::Text(patterns, Case::Insensitive), test.span)
    };
    Some(Rewritten { pred, bend: wider.then_some(Direction::Wider) })
}

/// Texts that are numbers as the registry's log writes numbers of 32 bits, other patterns as they are.
pub(super) fn dwords(test: &Test, subject: Scalar) -> Rewritten {
    let Some((patterns, case)) = test.op.as_patterns() else {
        return exactly(Pred::test(subject, test.op.clone(), test.span));
    };
    let mut written: Vec<TextPattern> = Vec::new();
    for pattern in patterns {
        let number = pattern.as_exact().and_then(|text| match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        });
        let pattern =
            number.map_or(pattern, |number: u32| TextPattern::exact(&format!("DWORD (0x{number:08x})")));
        if !written.contains(&pattern) {
            written.push(pattern);
        }
    }
    exactly(Pred::test(subject, Op::Text(written, case), test.span))
}

/// The key that stands for all values that are not listed.
const OTHERS: &str = "*";

/// Whether a test asks for values by patterns that none of the listed fits.
fn others(test: &Test, listed: &IndexMap<String, Vec<String>>) -> bool {
    let Op::Text(patterns, _) = &test.op else { return false };
    patterns.iter().all(|pattern| pattern.as_exact().is_none())
        && listed
            .keys()
            .filter(|value| *value != OTHERS)
            .all(|value| normalise::holds_of(&Literal::Str(value.as_str().into()), &test.op) == Some(false))
}

/// Whether the target's field has a value, which says which of two values it is.
pub(super) fn presence(test: &Test, subject: Scalar, present: &str, absent: &str) -> Option<Rewritten> {
    let holds = |value: &str| normalise::holds_of(&Literal::Str(value.into()), &test.op);
    let missing = || Pred::test(subject.clone(), Op::IsNull, test.span);
    Some(exactly(match (holds(present)?, holds(absent)?) {
        (true, true) => Pred::Const(true),
        (true, false) => missing().not(),
        (false, true) => missing(),
        (false, false) => Pred::Const(false),
    }))
}

/// The most words that are counted.
const MOST_WORDS: i128 = 16;

/// A number of words, by the blanks between them. A word may have blanks inside of quotes: there are as many words
/// as counted, or fewer.
pub(super) fn words(test: &Test, subject: &Scalar) -> Option<Rewritten> {
    let number = |literal: &Literal| match literal {
        Literal::Int(number) if (0..=MOST_WORDS).contains(number) => Some(*number),
        _ => None,
    };
    let at_least = |number: i128| {
        let blanks = usize::try_from(number - 1).ok().filter(|blanks| *blanks > 0);
        let Some(blanks) = blanks else { return Pred::test(subject.clone(), Op::IsNull, test.span).not() };
        let mut parts = vec![Part::AnyRun];
        for _ in 0..blanks {
            parts.extend([Part::Lit(" ".into()), Part::AnyRun]);
        }
        Pred::test(subject.clone(), Op::Text(vec![TextPattern::new(parts)], Case::Insensitive), test.span)
    };
    let equal = |number: i128| Pred::All(vec![at_least(number), at_least(number + 1).not()]);
    let (pred, bend) = match &test.op {
        Op::Compare(comparison, Scalar::Literal(literal)) => {
            let number = number(literal)?;
            match comparison {
                Comparison::GreaterOrEqual => (at_least(number), Direction::Wider),
                Comparison::Greater => (at_least(number + 1), Direction::Wider),
                Comparison::LessOrEqual => (at_least(number + 1).not(), Direction::Narrower),
                Comparison::Less => (at_least(number).not(), Direction::Narrower),
                Comparison::Equal | Comparison::EqualInsensitive => (equal(number), Direction::Either),
            }
        }
        Op::OneOf(items, _) => {
            let numbers = items.iter().map(number).collect::<Option<Vec<_>>>()?;
            (Pred::Any(numbers.into_iter().map(equal).collect()), Direction::Either)
        }
        _ => return None,
    };
    Some(Rewritten { pred, bend: Some(bend) })
}

fn exactly(pred: Pred) -> Rewritten {
    Rewritten { pred, bend: None }
}

fn one_of(subject: Scalar, mut numbers: Vec<i128>, test: &Test) -> Pred {
    let mut seen = std::collections::BTreeSet::new();
    numbers.retain(|number| seen.insert(*number));
    if numbers.is_empty() {
        return Pred::Const(false);
    }
    let items = numbers.into_iter().map(Literal::Int).collect();
    Pred::test(subject, Op::OneOf(items, Case::Sensitive), test.span)
}

/// The images of the values that a test accepts, and of those that it does not. None where it names a value that
/// is not listed, or cannot be decided.
fn split<'a, T>(test: &Test, listed: &'a IndexMap<String, Vec<T>>) -> Option<(Vec<&'a T>, Vec<&'a T>)> {
    let named = exact_texts(&test.op)?;
    if !named.iter().all(|text| listed.keys().any(|value| value.eq_ignore_ascii_case(text))) {
        return None;
    }
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for (value, images) in listed {
        if normalise::holds_of(&Literal::Str(value.as_str().into()), &test.op)? {
            accepted.extend(images);
        } else {
            rejected.extend(images);
        }
    }
    Some((accepted, rejected))
}

/// The texts that a test asks for, where it asks for whole texts only.
fn exact_texts(op: &Op) -> Option<Vec<String>> {
    let text = |literal: &Literal| match literal {
        Literal::Str(text) => Some(text.to_string()),
        Literal::Int(number) => Some(number.to_string()),
        _ => None,
    };
    match op {
        Op::Compare(Comparison::Equal, Scalar::Literal(literal)) => Some(vec![text(literal)?]),
        Op::OneOf(items, _) => items.iter().map(text).collect(),
        Op::Text(patterns, _) => {
            patterns.iter().map(|pattern| pattern.as_exact().map(str::to_owned)).collect()
        }
        _ => None,
    }
}
