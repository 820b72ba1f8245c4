//! One form for tests that mean the same.

use ipnet::IpNet;

use crate::{Case, Comparison, FieldType, Function, Literal, Op, Part, Pred, Scalar, Test, TextPattern};

/// Whether [`simplify`] would give a test back as it is.
pub(super) fn is_simple(test: &Test) -> bool {
    let rewritten = match &test.op {
        Op::IsTrue => matches!(test.subject, Scalar::Call { .. }),
        Op::OneOf(_, Case::Insensitive) | Op::Compare(Comparison::EqualInsensitive, _) => true,
        Op::OneOf(items, Case::Sensitive) => {
            items.len() < 2 || items.contains(&Literal::Null) || repeats(items.iter().take(COMPARED))
        }
        Op::Text(patterns, case) => {
            patterns.is_empty() || may_repeat(patterns) || are_exact(&test.subject, patterns, *case)
        }
        _ => false,
    };
    !rewritten && test.subject.as_literal().is_none()
}

/// A test, or the constant it always gives.
pub(super) fn simplify(test: Test) -> Pred {
    let Test { subject, op, span } = test;
    match op {
        Op::IsTrue => condition(subject, span),
        Op::OneOf(items, case) => one_of(subject, items, case, span),
        Op::Text(patterns, case) => text(subject, patterns, case, span),
        Op::Compare(Comparison::EqualInsensitive, right) => alike(subject, right, span),
        op => constant(&subject, &op).map_or_else(|| Pred::test(subject, op, span), Pred::Const),
    }
}

type Place = eqlc_diagnostics::Span;

/// Letter case is nothing to fields whose type is not text, and beside a constant it has a form of its own.
fn alike(subject: Scalar, right: Scalar, span: Place) -> Pred {
    match (subject, right) {
        (subject, Scalar::Literal(item)) => one_of(subject, vec![item], Case::Insensitive, span),
        (Scalar::Literal(item), subject) => one_of(subject, vec![item], Case::Insensitive, span),
        (subject, right) => {
            // The type that decides is that of the first field with a known one.
            let types =
                [&subject, &right].map(|side| side.as_input().map_or(FieldType::Unknown, |field| field.ty));
            let comparison = match types.into_iter().find(|ty| *ty != FieldType::Unknown) {
                Some(ty) if !ty.is_string() => Comparison::Equal,
                _ => Comparison::EqualInsensitive,
            };
            Pred::test(subject, Op::Compare(comparison, right), span)
        }
    }
}

/// Boolean functions of a field and constants are text patterns or networks.
fn condition(subject: Scalar, span: Place) -> Pred {
    let Scalar::Call { function, args, case } = subject else {
        return Pred::test(subject, Op::IsTrue, span);
    };
    let rewritten = match args.as_slice() {
        [field @ (Scalar::Field(_) | Scalar::Of(..)), Scalar::Literal(Literal::Str(needle))] => {
            pattern_of(function, needle).map(|pattern| {
                pattern.map_or(Pred::Const(false), |p| text(field.clone(), vec![p], case, span))
            })
        }
        _ => None,
    };
    if let Some(pred) = rewritten {
        return pred;
    }
    if function == Function::CidrMatch
        && let Some((field @ (Scalar::Field(_) | Scalar::Of(..)), ranges)) = args.split_first()
        && let Some(nets) = networks(ranges)
    {
        return Pred::test(field.clone(), Op::InNet(nets), span);
    }
    Pred::test(Scalar::Call { function, args, case }, Op::IsTrue, span)
}

/// The pattern of `function(x, needle)`: outer none, no pattern function; inner none, never true.
fn pattern_of(function: Function, needle: &str) -> Option<Option<TextPattern>> {
    let lit = TextPattern::exact(needle);
    match function {
        Function::StartsWith => Some(Some(lit.surrounded(&[], &[Part::AnyRun]))),
        Function::EndsWith => Some(Some(lit.surrounded(&[Part::AnyRun], &[]))),
        Function::StringContains if needle.is_empty() => Some(None),
        Function::StringContains => Some(Some(lit.surrounded(&[Part::AnyRun], &[Part::AnyRun]))),
        _ => None,
    }
}

fn networks(ranges: &[Scalar]) -> Option<Vec<IpNet>> {
    ranges
        .iter()
        .map(|range| match range {
            Scalar::Literal(Literal::Str(text)) => parse_network(text),
            _ => None,
        })
        .collect()
}

/// `10.0.0.0/8`, host bits allowed, or a bare address for itself alone (`eql-semantics.md` §7, cidrMatch).
#[must_use]
pub fn parse_network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>()
        .map(|net| net.trunc())
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

fn is_textual(subject: &Scalar) -> bool {
    match subject.as_input() {
        Some(field) => field.ty.is_string() || field.ty == FieldType::Unknown,
        None => matches!(subject, Scalar::Call { .. }),
    }
}

fn one_of(subject: Scalar, items: Vec<Literal>, case: Case, span: Place) -> Pred {
    let mut kept: Vec<Literal> = Vec::with_capacity(items.len());
    for item in items {
        if item != Literal::Null && !(kept.len() < COMPARED && kept.contains(&item)) {
            kept.push(item);
        }
    }
    if kept.is_empty() {
        return Pred::Const(false);
    }
    if case == Case::Insensitive
        && is_textual(&subject)
        && let Some(patterns) = kept.iter().map(exact).collect()
    {
        return text(subject, patterns, case, span);
    }
    if case == Case::Sensitive && kept.len() == 1 {
        let right = Scalar::Literal(kept.remove(0));
        return simplify(Test { subject, op: Op::Compare(Comparison::Equal, right), span });
    }
    let op = Op::OneOf(kept, case);
    constant(&subject, &op).map_or_else(|| Pred::test(subject, op, span), Pred::Const)
}

fn exact(item: &Literal) -> Option<TextPattern> {
    match item {
        Literal::Str(text) => Some(TextPattern::exact(text)),
        _ => None,
    }
}

fn text(subject: Scalar, patterns: Vec<TextPattern>, case: Case, span: Place) -> Pred {
    let kept = if may_repeat(&patterns) { without_repeats(patterns) } else { patterns };
    if kept.is_empty() {
        return Pred::Const(false);
    }
    if are_exact(&subject, &kept, case) {
        let items = kept.iter().filter_map(TextPattern::as_exact).map(|text| Literal::Str(text.into()));
        return one_of(subject, items.collect(), case, span);
    }
    let op = Op::Text(kept, case);
    constant(&subject, &op).map_or_else(|| Pred::test(subject, op, span), Pred::Const)
}

/// Whether the patterns say no more than a list of texts would.
fn are_exact(subject: &Scalar, patterns: &[TextPattern], case: Case) -> bool {
    case == Case::Sensitive
        && patterns.iter().all(|pattern| pattern.as_exact().is_some())
        && is_textual(subject)
}

/// How many items of a list are compared with those behind them: each with each, and long lists hold few repeats.
const COMPARED: usize = 64;

fn without_repeats(patterns: Vec<TextPattern>) -> Vec<TextPattern> {
    let mut kept: Vec<TextPattern> = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        if !(kept.len() < COMPARED && kept.contains(&pattern)) {
            kept.push(pattern);
        }
    }
    kept
}

/// Whether two of the patterns may be equal: of many, a mark of each tells nearly all apart, without comparing each with
/// each.
fn may_repeat(patterns: &[TextPattern]) -> bool {
    if patterns.len() < 8 {
        return repeats(patterns.iter());
    }
    let mut marks: Vec<u64> = patterns.iter().map(mark).collect();
    marks.sort_unstable();
    repeats_in_order(&marks)
}

/// Equal patterns have the same mark, and few others do: lists are of texts that differ in length, at the start or at
/// the end.
fn mark(pattern: &TextPattern) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    pattern.parts().iter().fold(0, |mark: u64, part| {
        let of_part = match part {
            Part::AnyRun => 1,
            Part::AnyOne => 2,
            Part::Lit(text) => {
                let text = text.as_bytes();
                let ends = text.first_chunk().zip(text.last_chunk()).map(|(first, last)| {
                    u64::from_le_bytes(*first).wrapping_mul(SPREAD) ^ u64::from_le_bytes(*last)
                });
                let short = || text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
                ends.unwrap_or_else(short).wrapping_add(text.len() as u64)
            }
        };
        (mark.rotate_left(5) ^ of_part).wrapping_mul(SPREAD)
    })
}

fn repeats<'l, T: PartialEq + 'l>(items: impl Iterator<Item = &'l T> + Clone) -> bool {
    items.clone().enumerate().any(|(at, item)| items.clone().take(at).any(|before| before == item))
}

fn repeats_in_order(marks: &[u64]) -> bool {
    marks.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

/// The answer of a test of a constant, where it is plain.
fn constant(subject: &Scalar, op: &Op) -> Option<bool> {
    holds_of(subject.as_literal()?, op)
}

/// Whether `op` holds of one value; none where that takes more than comparing constants of one kind.
#[must_use]
pub fn holds_of(value: &Literal, op: &Op) -> Option<bool> {
    match (value, op) {
        (value, Op::IsNull) => Some(*value == Literal::Null),
        (Literal::Null, _) => Some(false),
        (Literal::Bool(value), Op::IsTrue) => Some(*value),
        (value, Op::Compare(Comparison::EqualInsensitive, Scalar::Literal(right))) => {
            equal(value, right, Case::Insensitive)
        }
        (value, Op::Compare(comparison, Scalar::Literal(right))) => compare(value, *comparison, right),
        (value, Op::OneOf(items, case)) => {
            let any = |mut results: Vec<Option<bool>>| {
                results.dedup();
                if results.contains(&Some(true)) {
                    Some(true)
                } else {
                    results.iter().try_fold(false, |_, r| *r)
                }
            };
            any(items.iter().map(|item| equal(value, item, *case)).collect())
        }
        (Literal::Str(value), Op::Text(patterns, case)) => {
            Some(patterns.iter().any(|pattern| pattern.matches(value, *case)))
        }
        _ => None,
    }
}

fn equal(left: &Literal, right: &Literal, case: Case) -> Option<bool> {
    match (left, right, case) {
        (Literal::Str(left), Literal::Str(right), Case::Insensitive) => {
            Some(TextPattern::exact(right).matches(left, case))
        }
        _ => compare(left, Comparison::Equal, right),
    }
}

fn compare(left: &Literal, comparison: Comparison, right: &Literal) -> Option<bool> {
    match (left, right) {
        (_, Literal::Null) => Some(false),
        (Literal::Str(_), Literal::Str(_)) | (Literal::Int(_), Literal::Int(_)) => {
            Some(comparison.accepts(left.canonical_cmp(right)))
        }
        (Literal::Bool(_), Literal::Bool(_)) if comparison == Comparison::Equal => Some(left == right),
        _ => None,
    }
}
