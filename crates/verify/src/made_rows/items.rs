//! Events around every item of long lists: near misses made by solving look at a few items of a list only.

use eqlc_ir::regex::RegexNode;
use eqlc_ir::{Function, Literal, Op, Part, Pred, Scalar, Test, TextPattern};
use eqlc_witness::{Change, Probe};
use serde_json::Value;

use super::{Told, changed, edges, is_witness, other_case};

/// The longest text that is made for its length.
const MAX_LENGTH: usize = 4_096;
/// The most alternatives of a regular expression that are looked at.
const MAX_ALTERNATIVES: usize = 400;
/// The most events that are made of the lists of a rule.
const MAX_ITEMS: usize = 4_000;

/// Events of which each has a text in a field that one item of a list asks for, or one beside it, with all else as in an event
/// that the test of the list decides about.
pub(super) fn items(filter: &Pred, probes: &[Probe]) -> Vec<Told> {
    let mut found: Vec<(&Value, &str, String)> = Vec::new();
    for test in filter.tests() {
        if let Some((name, length)) = length(test) {
            for event in deciding(test, probes) {
                let own = event.get(name).and_then(Value::as_str).unwrap_or_default();
                found.extend(of_length(own, length).map(|text| (event, name, text)));
            }
            continue;
        }
        let (Scalar::Field(field), Some(patterns)) = (&test.subject, patterns(&test.op)) else { continue };
        for event in deciding(test, probes) {
            let own = event.get(field.path.as_str()).and_then(Value::as_str).unwrap_or_default();
            let texts = patterns.iter().flat_map(|pattern| texts(pattern, own));
            found.extend(texts.map(|text| (event, field.path.as_str(), text)));
        }
    }
    let step = found.len().div_ceil(MAX_ITEMS).max(1);
    let some = found.into_iter().step_by(step);
    some.map(|(event, name, text)| changed(event, name, Some(text))).collect()
}

/// Events in which a test decides: one that matches by it, or one that does not because of it with the match that is most
/// like it.
fn deciding<'p>(test: &Test, probes: &'p [Probe]) -> impl Iterator<Item = &'p Value> {
    let is_base = |probe: &&Probe| is_witness(probe) || probe.change == Change::Flipped;
    let event = |probe: &'p Probe| probe.events.first();
    let own = probes.iter().filter(is_base).find(|probe| probe.span == Some(test.span));
    let beside = match own {
        None => probes.first().and_then(event),
        Some(own) if is_witness(own) => None,
        Some(own) => {
            let matching = probes.iter().filter(|probe| is_witness(probe)).filter_map(event);
            matching.max_by_key(|other| event(own).map_or(0, |own| alike(own, other)))
        }
    };
    own.and_then(event).into_iter().chain(beside)
}

/// In how many fields two events say the same.
fn alike(one: &Value, other: &Value) -> usize {
    let members = one.as_object().into_iter().flatten();
    members.filter(|(name, value)| other.get(name.as_str()) == Some(*value)).count()
}

/// The field whose length a test compares with a number.
fn length(test: &Test) -> Option<(&str, usize)> {
    let Scalar::Call { function: Function::Length, args, .. } = &test.subject else { return None };
    let ([Scalar::Field(field)], Op::Compare(_, Scalar::Literal(Literal::Int(length)))) =
        (args.as_slice(), &test.op)
    else {
        return None;
    };
    let length = usize::try_from(*length).ok().filter(|length| *length <= MAX_LENGTH)?;
    Some((&field.path, length))
}

/// The text made as long, and a character shorter and longer: what it begins with, and more behind it.
fn of_length(own: &str, length: usize) -> impl Iterator<Item = String> {
    let lengths = [length.saturating_sub(1), length, length.saturating_add(1)];
    lengths.map(|length| own.chars().chain(std::iter::repeat('q')).take(length).collect()).into_iter()
}

/// Patterns of the texts that a test lists; none where it names one text alone.
fn patterns(op: &Op) -> Option<Vec<TextPattern>> {
    match op {
        Op::Regex(regex) => Some(alternatives(&regex.root).into_iter().map(TextPattern::new).collect()),
        Op::Compare(..) => None,
        listed => listed.as_patterns().map(|(patterns, _)| patterns),
    }
}

/// Patterns for some texts of each alternative of a regular expression.
fn alternatives(node: &RegexNode) -> Vec<Vec<Part>> {
    match node {
        RegexNode::Literal(text) => vec![vec![Part::Lit(text.as_str().into())]],
        RegexNode::Any | RegexNode::Class { .. } => vec![vec![Part::AnyOne]],
        RegexNode::Repeat { node, min, .. } if **node == RegexNode::Any => {
            let least = std::iter::repeat_n(Part::AnyOne, usize::from(*min > 0));
            vec![least.chain([Part::AnyRun]).collect()]
        }
        RegexNode::Repeat { node, min: 1.., .. } => alternatives(node),
        RegexNode::Alternatives(nodes) => {
            nodes.iter().flat_map(alternatives).take(MAX_ALTERNATIVES).collect()
        }
        RegexNode::Concat(nodes) => nodes.iter().fold(vec![Vec::new()], |found, node| {
            let next = alternatives(node);
            let both = found.iter().flat_map(|before: &Vec<Part>| {
                next.iter().map(move |behind| before.iter().chain(behind).cloned().collect())
            });
            both.take(MAX_ALTERNATIVES).collect()
        }),
        _ => vec![Vec::new()],
    }
}

/// Texts that a pattern matches, by itself and beside what the field has, and texts beside those.
fn texts(pattern: &TextPattern, own: &str) -> Vec<String> {
    let beside = filled(pattern, ("q", "q"));
    let mut found = vec![filled(pattern, ("", ""))];
    found.extend(edges(&beside));
    found.push(beside);
    if pattern.parts().contains(&Part::AnyRun) && !own.is_empty() {
        let together = filled(pattern, (own, ""));
        // What the field has stays as it is: other tests look at it.
        found.push(filled(&in_other_letters(pattern), (own, "")));
        found.push(format!("{together}q"));
        found.push(together);
    }
    found
}

fn in_other_letters(pattern: &TextPattern) -> TextPattern {
    let part = |part: &Part| match part {
        Part::Lit(text) => Part::Lit(other_case(text).into()),
        other => other.clone(),
    };
    TextPattern::new(pattern.parts().iter().map(part))
}

/// The text of a pattern with something in the place of its first run, and of the others.
fn filled(pattern: &TextPattern, (first, others): (&str, &str)) -> String {
    let mut run = first;
    let part = |part: &Part| match part {
        Part::Lit(text) => text.to_string(),
        Part::AnyOne => "C".to_owned(),
        Part::AnyRun => std::mem::replace(&mut run, others).to_owned(),
    };
    pattern.parts().iter().map(part).collect()
}
