//! Functions (`eql-semantics.md` §7; the docs of [`Function`]).
//!
//! An argument of another kind than the function takes gives null, as a null argument does.

use eqlc_ir::normalise::parse_network;
use eqlc_ir::{Case, Function, Literal, simple_fold};

use super::{net, numbers};

/// The result of a function for arguments of one choice.
pub(super) fn call(function: Function, args: &[Literal], case: Case) -> Literal {
    use Function as F;
    match (function, args) {
        // These say themselves what null does.
        (F::Between, [source, left, right, rest @ ..]) => between(source, [left, right], rest.first(), case),
        (F::IndexOf, [text, needle, rest @ ..]) => index_of(text, needle, rest.first(), case),
        (F::Substring, [text, start, rest @ ..]) => substring(text, start, rest.first()),
        (_, args) if args.contains(&Literal::Null) => Literal::Null,
        (F::Add | F::Subtract | F::Multiply | F::Divide | F::Modulo, [left, right]) => {
            numbers::arithmetic(function, left, right)
        }
        (F::Negate, [Literal::Float(value)]) => Literal::Float(-value),
        (F::Negate, [value]) => numbers::arithmetic(F::Subtract, &Literal::Int(0), value),
        (F::CidrMatch, [Literal::Str(address), nets @ ..]) => Literal::Bool(in_some_net(address, nets)),
        (F::Concat, parts) => Literal::Str(parts.iter().filter_map(numbers::text).collect()),
        (F::EndsWith, [Literal::Str(text), Literal::Str(end)]) => {
            Literal::Bool(chars(text, case).ends_with(&chars(end, case)))
        }
        (F::StartsWith, [Literal::Str(text), Literal::Str(start)]) => {
            Literal::Bool(chars(text, case).starts_with(&chars(start, case)))
        }
        (F::StringContains, [Literal::Str(text), Literal::Str(needle)]) => {
            let found = find(&chars(text, case), &chars(needle, case), 0);
            Literal::Bool(!needle.is_empty() && found.is_some())
        }
        (F::Length, [Literal::Str(text)]) => position(text.chars().count()),
        (F::Number, [Literal::Str(text)]) => numbers::parse(text, None),
        (F::Number, [Literal::Str(text), Literal::Int(base)]) => numbers::parse(text, Some(*base)),
        (F::String, [value]) => numbers::text(value).map_or(Literal::Null, |text| Literal::Str(text.into())),
        _ => Literal::Null,
    }
}

/// The code points of a text, each folded when letter case does not matter. Folding keeps their number, so
/// positions are those of the text itself.
fn chars(text: &str, case: Case) -> Vec<char> {
    match case {
        Case::Sensitive => text.chars().collect(),
        Case::Insensitive => text.chars().map(simple_fold).collect(),
    }
}

/// The first position at or after `from` where `needle` stands.
fn find(text: &[char], needle: &[char], from: usize) -> Option<usize> {
    let tail = text.get(from..)?;
    (0..=tail.len())
        .find(|at| tail.get(*at..).is_some_and(|rest| rest.starts_with(needle)))
        .map(|at| from + at)
}

fn find_last(text: &[char], needle: &[char], from: usize) -> Option<usize> {
    (from..=text.len()).rev().find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(needle)))
}

fn position(at: usize) -> Literal {
    i128::try_from(at).map_or(Literal::Null, Literal::Int)
}

fn between(source: &Literal, delimiters: [&Literal; 2], greedy: Option<&Literal>, case: Case) -> Literal {
    let greedy = match greedy {
        None => false,
        Some(Literal::Bool(greedy)) => *greedy,
        Some(_) => return Literal::Null,
    };
    let empty =
        |value: &Literal| matches!(value, Literal::Null) || matches!(value, Literal::Str(t) if t.is_empty());
    if empty(source) || delimiters.into_iter().any(empty) {
        return source.clone();
    }
    let (Literal::Str(source), [Literal::Str(left), Literal::Str(right)]) = (source, delimiters) else {
        return Literal::Null;
    };
    let (folded, left, right) = (chars(source, case), chars(left, case), chars(right, case));
    let inner = || {
        let from = find(&folded, &left, 0)? + left.len();
        let to = if greedy { find_last(&folded, &right, from) } else { find(&folded, &right, from) }?;
        Some(source.chars().take(to).skip(from).collect())
    };
    Literal::Str(inner().unwrap_or_default())
}

fn index_of(text: &Literal, needle: &Literal, start: Option<&Literal>, case: Case) -> Literal {
    let (Literal::Str(text), Literal::Str(needle)) = (text, needle) else { return Literal::Null };
    let text = chars(text, case);
    let start = match start {
        None | Some(Literal::Null) => 0,
        Some(Literal::Int(start)) => clamp(*start, text.len()),
        Some(_) => return Literal::Null,
    };
    find(&text, &chars(needle, case), start).map_or(Literal::Null, position)
}

fn substring(text: &Literal, start: &Literal, end: Option<&Literal>) -> Literal {
    let Literal::Str(source) = text else { return Literal::Null };
    let length = source.chars().count();
    let from = match start {
        Literal::Null => return text.clone(),
        Literal::Int(start) => from_either_end(*start, length),
        _ => return Literal::Null,
    };
    let to = match end {
        None | Some(Literal::Null) => length,
        Some(Literal::Int(end)) => from_either_end(*end, length),
        Some(_) => return Literal::Null,
    };
    Literal::Str(source.chars().take(to).skip(from).collect())
}

/// A position of a slice as Python takes it: a negative one counts from the end.
fn from_either_end(at: i128, length: usize) -> usize {
    let from_end = i128::try_from(length).unwrap_or(i128::MAX);
    clamp(if at < 0 { at.saturating_add(from_end) } else { at }, length)
}

fn clamp(at: i128, length: usize) -> usize {
    usize::try_from(at.max(0)).unwrap_or(usize::MAX).min(length)
}

/// A text that is no address is in no net, and a text that is no net holds no address.
fn in_some_net(address: &str, nets: &[Literal]) -> bool {
    let Some(address) = net::address(address) else { return false };
    nets.iter().any(|net| match net {
        Literal::Str(text) => parse_network(text).is_some_and(|net| net::contains(&net, address)),
        _ => false,
    })
}
