//! Functions of constants, worked out while compiling (`eql-semantics.md` §7).

use eqlc_ir::normalise::parse_network;
use eqlc_ir::{Case, Function, Literal, SmolStr, simple_fold};

/// The result; `None` where it is left to the engine: a number whose text depends on it, or arguments of a
/// wrong type, which have been reported.
pub(super) fn evaluate(function: Function, args: &[&Literal], case: Case) -> Option<Literal> {
    match (function, args) {
        (Function::Between, [source, left, right, rest @ ..]) => {
            let greedy = matches!(rest, [Literal::Bool(true)]);
            between(source, left, right, greedy, case)
        }
        (Function::IndexOf, [source, needle, rest @ ..]) => {
            index_of(source, needle, rest.first().copied(), case)
        }
        (Function::Substring, [source, start, rest @ ..]) => substring(source, start, rest.first().copied()),
        (_, args) if args.iter().any(|arg| matches!(arg, Literal::Null)) => Some(Literal::Null),
        (Function::Concat, args) => {
            let texts: Option<Vec<String>> = args.iter().map(|arg| text_of(arg)).collect();
            Some(Literal::Str(texts?.concat().into()))
        }
        (Function::String, [value]) => text_of(value).map(|text| Literal::Str(text.into())),
        (Function::Length, [Literal::Str(text)]) => count(text.chars().count()),
        (Function::Number, [Literal::Str(text), rest @ ..]) => number(text, rest.first().copied()),
        (Function::CidrMatch, [Literal::Str(address), networks @ ..]) => cidr_match(address, networks),
        (_, [Literal::Str(source), Literal::Str(needle)]) => {
            contains(function, &chars(source, case), &chars(needle, case)).map(Literal::Bool)
        }
        _ => None,
    }
}

fn chars(text: &str, case: Case) -> Vec<char> {
    match case {
        Case::Sensitive => text.chars().collect(),
        Case::Insensitive => text.chars().map(simple_fold).collect(),
    }
}

fn count(number: usize) -> Option<Literal> {
    i128::try_from(number).ok().map(Literal::Int)
}

fn contains(function: Function, source: &[char], needle: &[char]) -> Option<bool> {
    match function {
        Function::StartsWith => Some(source.starts_with(needle)),
        Function::EndsWith => Some(source.ends_with(needle)),
        // The empty text contains nothing and is contained in nothing.
        Function::StringContains => Some(!needle.is_empty() && find(source, needle, 0).is_some()),
        _ => None,
    }
}

/// Where `needle` first stands at or after `start`.
fn find(source: &[char], needle: &[char], start: usize) -> Option<usize> {
    (start..=source.len()).find(|at| source.get(*at..).is_some_and(|rest| rest.starts_with(needle)))
}

fn find_last(source: &[char], needle: &[char], start: usize) -> Option<usize> {
    (start..=source.len()).rev().find(|at| source.get(*at..).is_some_and(|rest| rest.starts_with(needle)))
}

/// The source itself when an argument is null or empty; the empty text when a delimiter is not found.
fn between(source: &Literal, left: &Literal, right: &Literal, greedy: bool, case: Case) -> Option<Literal> {
    let text = |literal: &Literal| match literal {
        Literal::Null => Some(SmolStr::default()),
        Literal::Str(text) => Some(text.clone()),
        _ => None,
    };
    let (whole, left, right) = (text(source)?, text(left)?, text(right)?);
    if whole.is_empty() || left.is_empty() || right.is_empty() {
        return Some(source.clone());
    }
    let (folded, left, right) = (chars(&whole, case), chars(&left, case), chars(&right, case));
    let bounds = find(&folded, &left, 0).and_then(|at| {
        let start = at + left.len();
        let search = if greedy { find_last } else { find };
        Some((start, search(&folded, &right, start)?))
    });
    let (start, end) = bounds.unwrap_or((0, 0));
    Some(Literal::Str(whole.chars().take(end).skip(start).collect()))
}

fn index_of(source: &Literal, needle: &Literal, start: Option<&Literal>, case: Case) -> Option<Literal> {
    let (Literal::Str(source), Literal::Str(needle)) = (source, needle) else { return Some(Literal::Null) };
    let start = match start {
        None | Some(Literal::Null) => 0,
        Some(Literal::Int(start)) => usize::try_from((*start).max(0)).unwrap_or(usize::MAX),
        Some(_) => return None,
    };
    match find(&chars(source, case), &chars(needle, case), start) {
        Some(at) => count(at),
        None => Some(Literal::Null),
    }
}

/// A slice as Python takes it.
fn substring(source: &Literal, start: &Literal, end: Option<&Literal>) -> Option<Literal> {
    let Literal::Str(text) = source else { return Some(Literal::Null) };
    let length = text.chars().count();
    let position = |literal: &Literal| match literal {
        Literal::Int(at) if *at < 0 => {
            let back = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
            Some(length.saturating_sub(back))
        }
        Literal::Int(at) => Some(usize::try_from(*at).unwrap_or(usize::MAX).min(length)),
        _ => None,
    };
    if *start == Literal::Null {
        return Some(source.clone());
    }
    let from = position(start)?;
    let to = match end {
        None | Some(Literal::Null) => length,
        Some(end) => position(end)?,
    };
    Some(Literal::Str(text.chars().take(to).skip(from).collect()))
}

/// Null for a text that writes no number.
fn number(text: &str, base: Option<&Literal>) -> Option<Literal> {
    let base = match base {
        None => None,
        Some(Literal::Int(base)) => u32::try_from(*base).ok(),
        Some(_) => return None,
    };
    let hexadecimal = text.strip_prefix("0x").filter(|_| matches!(base, None | Some(16)));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None => (text, base.unwrap_or(10)),
    };
    if let Ok(value) = i64::from_str_radix(digits, radix) {
        return Some(Literal::Int(value.into()));
    }
    let decimal = matches!(base, None | Some(10))
        && hexadecimal.is_none()
        && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let value = text.parse::<f64>().ok().filter(|value| decimal && value.is_finite());
    Some(value.map_or(Literal::Null, Literal::Float))
}

fn cidr_match(address: &str, networks: &[&Literal]) -> Option<Literal> {
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return Some(Literal::Null) };
    let mut found = false;
    for network in networks {
        let Literal::Str(text) = network else { return None };
        // An IPv4 network never holds a mapped address as written: both are brought to one form first.
        found |= parse_network(text)?.contains(&address.to_canonical());
    }
    Some(Literal::Bool(found))
}

/// The text of a value as Java prints it. Java writes very large and very small numbers with an exponent of
/// its own form; those are left alone.
fn text_of(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Int(value) => Some(value.to_string()),
        Literal::Float(value) if *value == 0.0 || (1e-3..1e7).contains(&value.abs()) => {
            Some(format!("{value:?}"))
        }
        Literal::Float(_) => None,
        Literal::Str(text) => Some(text.to_string()),
        Literal::Date(bound) => Some(bound.text().to_owned()),
    }
}
