//! What tests ask of a text value, as sets of texts.

use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use eqlc_ir::{
    Case, Comparison, FieldType, Function, Literal, Op, Part, Scalar, Taxonomy, Test, TextPattern,
    same_folded,
};

use crate::language::{Chars, Languages, Set};

/// The most values or nodes that a set is made from; a test with more is left to trial.
const MAX_PARTS: usize = 4_000;

/// The texts of a field for which a test holds that names no other field. None where values that are no text matter, or
/// where the texts are no set of this kind.
///
/// Proofs rest on it: no value of the field satisfies the test but these texts and what is written as one of them.
pub(crate) fn set_of(languages: &mut Languages, test: &Test) -> Option<Set> {
    languages.set_of(test, made_of)
}

fn made_of(languages: &mut Languages, test: &Test) -> Option<Set> {
    if !is_textual(test) {
        return None;
    }
    if let Scalar::Call { function: Function::Length, args, .. } = &test.subject {
        let lengths = lengths(languages, &test.op)?;
        return sources(languages, args.first()?, lengths);
    }
    if let Scalar::Call { function: Function::IndexOf, args, case } = &test.subject {
        let [source, Scalar::Literal(Literal::Str(needle))] = args.as_slice() else { return None };
        let found = first_at(languages, needle, *case, &test.op)?;
        return sources(languages, source, found);
    }
    if let (Scalar::Call { function: Function::StartsWith, args, case }, Op::IsTrue) =
        (&test.subject, &test.op)
        && let Some((text, value)) = starts(args)
    {
        return beginnings(languages, &text, value, *case);
    }
    let results = match (&test.subject, &test.op) {
        (Scalar::Call { function, args, case }, Op::IsTrue) => {
            let [source, Scalar::Literal(Literal::Str(text))] = args.as_slice() else { return None };
            let set = affix(languages, *function, text, *case)?;
            return sources(languages, source, set);
        }
        (_, op) => results(languages, op)?,
    };
    sources(languages, &test.subject, results)
}

/// A text and the value that it must start with.
fn starts(args: &[Scalar]) -> Option<(String, &Scalar)> {
    let [text, value] = args else { return None };
    Some((constant(text)?, value)).filter(|_| constant(value).is_none())
}

/// The text that literals make.
fn constant(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Literal(Literal::Str(text)) => Some(text.to_string()),
        Scalar::Call { function: Function::Concat, args, .. } => args.iter().map(constant).collect(),
        _ => None,
    }
}

/// The texts from which a value makes something that a text starts with.
fn beginnings(languages: &mut Languages, text: &str, value: &Scalar, case: Case) -> Option<Set> {
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let mut found: Vec<&str> = ends.filter_map(|end| text.get(..end)).collect();
    let mut value = value;
    while let Scalar::Call { function: Function::Concat, args, .. } = value {
        let [inner, behind] = args.as_slice() else { return None };
        let behind = constant(behind)?;
        // Letters of one fold may be written in several lengths.
        if case == Case::Insensitive && !(text.is_ascii() && behind.is_ascii()) {
            return None;
        }
        found = found.into_iter().filter_map(|text| without(text, &behind, case)).collect();
        value = inner;
    }
    let sets: Vec<Set> = found.into_iter().map(|text| languages.text(text, folding(case))).collect();
    let results = languages.or(sets);
    sources(languages, value, results)
}

/// The text before an end.
fn without<'t>(text: &'t str, end: &str, case: Case) -> Option<&'t str> {
    let (stem, own) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    let same = if case == Case::Sensitive { own == end } else { same_folded(own, end) };
    same.then_some(stem)
}

/// The same for the alternatives of a test by themselves, the first so many.
pub(crate) fn alternatives(languages: &mut Languages, test: &Test, most: usize) -> Vec<Set> {
    let of = |op: Op| Test { subject: test.subject.clone(), op, span: test.span };
    let ops: Vec<Op> = match &test.op {
        Op::OneOf(items, case) => {
            items.iter().take(most).map(|item| Op::OneOf(vec![item.clone()], *case)).collect()
        }
        Op::Text(patterns, case) => {
            patterns.iter().take(most).map(|one| Op::Text(vec![one.clone()], *case)).collect()
        }
        // What is searched for inside a text makes a text by itself, and of fewer sets.
        Op::Regex(Regex { root: RegexNode::Concat(list), case })
            if list.first() == Some(&RegexNode::any_run()) =>
        {
            let inner = list.iter().filter(|node| **node != RegexNode::any_run()).cloned().collect();
            let inner = Regex { root: RegexNode::Concat(inner), case: *case };
            vec![Op::Regex(inner), test.op.clone()]
        }
        _ => return set_of(languages, test).into_iter().collect(),
    };
    ops.into_iter().filter_map(|op| set_of(languages, &of(op))).collect()
}

/// Whether a test looks at values of its field as texts and nothing else.
fn is_textual(test: &Test) -> bool {
    let bare = matches!(test.subject, Scalar::Field(_));
    let as_written = matches!(test.op, Op::Text(..) | Op::Regex(_));
    let fields = test.subject.fields();
    fields.iter().all(|field| match field.ty {
        FieldType::Keyword | FieldType::Text => true,
        // A number in such a field is no text to a function, but `string` and `concat` take it.
        FieldType::Unknown if field.taxonomy == Taxonomy::Sigma => bare,
        FieldType::Unknown => bare || !joins(&test.subject),
        FieldType::Ip | FieldType::Version | FieldType::Date => bare && as_written,
        FieldType::Integer | FieldType::Float | FieldType::Boolean | FieldType::Object => false,
    })
}

/// Whether values of any type are made into a text.
fn joins(value: &Scalar) -> bool {
    match value {
        Scalar::Call { function: Function::String | Function::Concat, .. } => true,
        Scalar::Call { args, .. } => args.iter().any(joins),
        _ => false,
    }
}

/// The texts that satisfy an operator.
pub(crate) fn results(languages: &mut Languages, op: &Op) -> Option<Set> {
    match op {
        Op::OneOf(items, case) if items.len() <= MAX_PARTS => {
            let mut sets = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    Literal::Str(text) => sets.push(languages.text(text, folding(*case))),
                    Literal::Null => {}
                    _ => return None,
                }
            }
            Some(languages.or(sets))
        }
        Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str(text))) => {
            Some(languages.text(text, Chars::one))
        }
        Op::Text(patterns, case) if patterns.len() <= MAX_PARTS => {
            let sets: Vec<Set> = patterns.iter().map(|one| pattern(languages, one, *case)).collect();
            Some(languages.or(sets))
        }
        Op::Regex(regex) => expression(languages, regex),
        _ => None,
    }
}

/// The texts from which a value makes a text of `results`.
fn sources(languages: &mut Languages, value: &Scalar, results: Set) -> Option<Set> {
    match value {
        Scalar::Field(_) => Some(results),
        Scalar::Call { function: Function::String, args, .. } => sources(languages, args.first()?, results),
        Scalar::Call { function: Function::Substring, args, .. } => {
            let cut = cut_from(languages, args.get(1..)?, results)?;
            sources(languages, args.first()?, cut)
        }
        Scalar::Call { function: Function::Concat, args, .. } => {
            let (first, rest) = args.split_first()?;
            match (first, rest) {
                (Scalar::Literal(Literal::Str(text)), [value]) => {
                    let rest = text.chars().fold(results, |set, c| languages.after(set, c));
                    sources(languages, value, rest)
                }
                (value, []) => sources(languages, value, results),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The texts of which `substring` cuts a text of `results`.
fn cut_from(languages: &mut Languages, bounds: &[Scalar], results: Set) -> Option<Set> {
    let number = |scalar: &Scalar| match scalar {
        Scalar::Literal(Literal::Int(number)) if number.unsigned_abs() <= 1_000 => {
            i64::try_from(*number).ok()
        }
        _ => None,
    };
    let start = number(bounds.first()?)?;
    let end = bounds.get(1).map(|end| number(end).ok_or(())).transpose().ok()?;
    let anything = Languages::ALL;
    let any = Languages::ANY;
    let empty = languages.and([results, Languages::EMPTY]);
    match (u32::try_from(start), end) {
        (Ok(start), None) => {
            let before = languages.repeat(any, start, Some(start));
            let full = languages.concat(before, results);
            let short = languages.repeat(any, 0, Some(start));
            let none = languages.concat(short, empty);
            Some(languages.or([full, none]))
        }
        // All but the last characters, and as many at the start.
        (Ok(start), Some(end)) if end < 0 => {
            let left_out = u32::try_from(end.unsigned_abs()).ok()?;
            let before = languages.repeat(any, start, Some(start));
            let behind = languages.repeat(any, left_out, Some(left_out));
            let whole = languages.concat(results, behind);
            let full = languages.concat(before, whole);
            let short = languages.repeat(any, 0, Some(start.checked_add(left_out)?));
            let none = languages.concat(short, empty);
            Some(languages.or([full, none]))
        }
        (Ok(start), Some(end)) => {
            let length = u32::try_from(end).ok()?.checked_sub(start)?;
            let before = languages.repeat(any, start, Some(start));
            let exact = languages.repeat(any, length, Some(length));
            let whole = languages.and([results, exact]);
            let whole = languages.concat(whole, anything);
            let less = languages.repeat(any, 0, Some(length));
            let ends = languages.and([results, less]);
            let tail = languages.or([whole, ends]);
            let full = languages.concat(before, tail);
            let short = languages.repeat(any, 0, Some(start));
            let none = languages.concat(short, empty);
            Some(languages.or([full, none]))
        }
        // The last characters.
        (Err(_), None) => {
            let length = u32::try_from(start.unsigned_abs()).ok()?;
            let exact = languages.repeat(any, length, Some(length));
            let exact = languages.and([results, exact]);
            let full = languages.concat(anything, exact);
            let less = languages.repeat(any, 0, Some(length));
            let short = languages.and([results, less]);
            Some(languages.or([full, short]))
        }
        (Err(_), Some(_)) => None,
    }
}

/// The texts in which a part stands first at a position that compares so.
fn first_at(languages: &mut Languages, needle: &str, case: Case, op: &Op) -> Option<Set> {
    let Op::Compare(comparison, Scalar::Literal(Literal::Int(number))) = op else { return None };
    let number = u32::try_from(*number).ok().filter(|number| *number <= 200)?;
    let inner = languages.text(needle, folding(case));
    let behind = languages.concat(inner, Languages::ALL);
    let mut up_to = |least: u32, most: Option<u32>| {
        let before = languages.repeat(Languages::ANY, least, most);
        languages.concat(before, behind)
    };
    // At a position or before it; before it; anywhere.
    let (here, earlier, all) = (up_to(0, Some(number)), up_to(0, number.checked_sub(1)), up_to(0, None));
    let earlier = if number == 0 { Languages::NOTHING } else { earlier };
    let (not_here, not_earlier) = (languages.not(here), languages.not(earlier));
    Some(match comparison {
        Comparison::Equal | Comparison::EqualInsensitive => languages.and([here, not_earlier]),
        Comparison::Less => earlier,
        Comparison::LessOrEqual => here,
        Comparison::Greater => languages.and([all, not_here]),
        Comparison::GreaterOrEqual => languages.and([all, not_earlier]),
    })
}

fn lengths(languages: &mut Languages, op: &Op) -> Option<Set> {
    let any = Languages::ANY;
    let Op::Compare(comparison, Scalar::Literal(Literal::Int(number))) = op else { return None };
    if *number < 0 {
        let always = matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
        return Some(if always { Languages::ALL } else { Languages::NOTHING });
    }
    let number = u32::try_from(*number).ok().filter(|number| *number <= 100_000)?;
    Some(match comparison {
        Comparison::Equal | Comparison::EqualInsensitive => languages.repeat(any, number, Some(number)),
        Comparison::Less if number == 0 => Languages::NOTHING,
        Comparison::Less => languages.repeat(any, 0, Some(number - 1)),
        Comparison::LessOrEqual => languages.repeat(any, 0, Some(number)),
        Comparison::Greater => languages.repeat(any, number + 1, None),
        Comparison::GreaterOrEqual => languages.repeat(any, number, None),
    })
}

/// The texts with a prefix, suffix or part.
fn affix(languages: &mut Languages, function: Function, text: &str, case: Case) -> Option<Set> {
    let anything = Languages::ALL;
    let inner = languages.text(text, folding(case));
    let sets = match function {
        Function::StartsWith => vec![inner, anything],
        Function::EndsWith => vec![anything, inner],
        Function::StringContains if text.is_empty() => return Some(Languages::NOTHING),
        Function::StringContains => vec![anything, inner, anything],
        _ => return None,
    };
    Some(languages.concat_all(sets.into_iter()))
}

fn folding(case: Case) -> fn(char) -> Chars {
    match case {
        Case::Sensitive => Chars::one,
        Case::Insensitive => Chars::folded,
    }
}

fn pattern(languages: &mut Languages, pattern: &TextPattern, case: Case) -> Set {
    let parts: Vec<Set> = pattern
        .parts()
        .iter()
        .map(|part| match part {
            Part::Lit(text) => languages.text(text, folding(case)),
            Part::AnyOne => Languages::ANY,
            Part::AnyRun => Languages::ALL,
        })
        .collect();
    languages.concat_all(parts.into_iter())
}

fn expression(languages: &mut Languages, regex: &Regex) -> Option<Set> {
    let mut left = MAX_PARTS;
    node(languages, &regex.root.clone().without_intervals(), regex.case, &mut left)
}

/// The texts of a node; none once more than the parts `left` were needed.
fn node(languages: &mut Languages, root: &RegexNode, case: Case, left: &mut usize) -> Option<Set> {
    *left = left.checked_sub(1)?;
    Some(match root {
        RegexNode::Empty => Languages::EMPTY,
        RegexNode::Nothing => Languages::NOTHING,
        RegexNode::Any => Languages::ANY,
        RegexNode::Literal(text) => {
            *left = left.checked_sub(text.len())?;
            languages.text(text, folding(case))
        }
        RegexNode::Class { negated, items } => {
            let members = items.iter().fold(Chars::default(), |set, item| set.or(&class(*item, case)));
            languages.one(if *negated { members.not() } else { members })
        }
        RegexNode::Concat(list) => {
            let sets = nodes(languages, list, case, left)?;
            languages.concat_all(sets.into_iter())
        }
        RegexNode::Alternatives(list) => {
            let sets = nodes(languages, list, case, left)?;
            languages.or(sets)
        }
        RegexNode::Intersection(list) => {
            let sets = nodes(languages, list, case, left)?;
            languages.and(sets)
        }
        RegexNode::Complement(inner) => {
            let inner = node(languages, inner, case, left)?;
            languages.not(inner)
        }
        RegexNode::Repeat { node: inner, min, max } => {
            let inner = node(languages, inner, case, left)?;
            languages.repeat(inner, *min, *max)
        }
        // Written out beforehand.
        RegexNode::Interval { .. } => return None,
    })
}

fn nodes(languages: &mut Languages, list: &[RegexNode], case: Case, left: &mut usize) -> Option<Vec<Set>> {
    list.iter().map(|inner| node(languages, inner, case, left)).collect()
}

fn class(item: ClassItem, case: Case) -> Chars {
    let digit = || Chars::range('0', '9');
    let space = || ['\n', '\r', ' '].into_iter().fold(Chars::one('\t'), |set, c| set.or(&Chars::one(c)));
    let letters = || Chars::range('a', 'z').or(&Chars::range('A', 'Z'));
    let word = || letters().or(&digit()).or(&Chars::one('_'));
    match item {
        ClassItem::Char(c) => folding(case)(c),
        ClassItem::Range(low, high) => Chars::range(low, high),
        ClassItem::Digit => digit(),
        ClassItem::NotDigit => digit().not(),
        ClassItem::Space => space(),
        ClassItem::NotSpace => space().not(),
        ClassItem::Word => word(),
        ClassItem::NotWord => word().not(),
    }
}
