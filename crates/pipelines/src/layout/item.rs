//! Items as tests.

use eqlc_diagnostics::{Node, Span};
use eqlc_sigma::{FieldTest, Modifier, Value};

use super::Out;
use crate::tree::{Group, Item, Link, Tree};
use crate::value::{Placed, Text, Val};

/// The tests of a tree; none where nothing is left of it.
pub(super) fn tests(group: &Group) -> Option<Out> {
    Out::group(
        group.link,
        group.nodes.iter().filter_map(|node| match node {
            Tree::Group(inner) => tests(inner),
            Tree::Item(item) => Some(item_tests(item)),
        }),
    )
}

fn item_tests(item: &Item) -> Out {
    if let Some(written) = &item.written {
        return Out::Test(FieldTest {
            field: item.field.clone(),
            modifiers: written.modifiers.clone(),
            values: written.values.clone(),
            span: item.span,
        });
    }
    let absent = [Placed { val: Val::Null, span: item.span }];
    // An item whose values were all taken away asks for the field to have none, as in pySigma.
    let values = if item.values.is_empty() { &absent } else { item.values.as_slice() };
    let mut kinds: Vec<(Vec<Modifier>, Vec<Node<Value>>)> = Vec::new();
    for placed in values {
        let Some((modifiers, value)) = written(&placed.val) else { continue };
        let value = Node::new(value, placed.span);
        match kinds.iter_mut().find(|(known, _)| *known == modifiers) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => kinds.push((modifiers, vec![value])),
        }
    }
    let tests = kinds.into_iter().map(|(modifiers, values)| Out::Test(test(item, modifiers, values)));
    let link = if item.negated { item.link.flipped() } else { item.link };
    let first = Out::Test(test(item, Vec::new(), Vec::new()));
    Out::group(link, tests).unwrap_or(first)
}

/// The modifiers that a value needs, and the value under them.
fn written(val: &Val) -> Option<(Vec<Modifier>, Value)> {
    Some(match val {
        Val::Str(text) => {
            let mut modifiers = Vec::new();
            modifiers.extend(text.cased.then_some(Modifier::Cased));
            modifiers.extend(text.placeholders().next().map(|_| Modifier::Expand));
            (modifiers, Value::Str(text.to_sigma()))
        }
        Val::Regex(regex) => {
            let mut modifiers = vec![Modifier::Re];
            modifiers.extend(regex.flags.iter().copied());
            modifiers.extend(regex.text.placeholders().next().map(|_| Modifier::Expand));
            (modifiers, Value::Raw(regex.text.raw()))
        }
        Val::Number(number) => (Vec::new(), number.value()),
        Val::Bool(value) => (Vec::new(), Value::Bool(*value)),
        Val::Null => (Vec::new(), Value::Null),
        Val::Exists(value) => (vec![Modifier::Exists], Value::Bool(*value)),
        Val::Cidr(network) => (vec![Modifier::Cidr], Value::Raw(network.clone())),
        Val::Compare(order, number) => (vec![*order], number.value()),
        Val::FieldRef(other) => {
            let mut modifiers = vec![Modifier::FieldRef];
            modifiers.extend(shape(other.starts, other.ends, other.starts && other.ends));
            (modifiers, Value::Raw(other.field.clone()))
        }
        // Items with opaque values keep what is written.
        Val::Opaque => return None,
    })
}

/// The modifier for what is open: of a reference both ends make it `contains`, `starts` is `startswith`.
fn shape(starts: bool, ends: bool, both: bool) -> Option<Modifier> {
    match (both, starts, ends) {
        (true, ..) => Some(Modifier::Contains),
        (_, true, _) => Some(Modifier::StartsWith),
        (_, _, true) => Some(Modifier::EndsWith),
        _ => None,
    }
}

fn test(item: &Item, modifiers: Vec<Modifier>, values: Vec<Node<Value>>) -> FieldTest {
    let (shape, mut values) = shaped(item, values);
    let mut all: Vec<Modifier> = modifiers;
    all.extend(shape);
    if item.link == Link::And && values.len() > 1 {
        all.push(Modifier::All);
    }
    if item.negated {
        match values.as_mut_slice() {
            // `exists` goes with no other modifier, and its value says the same.
            [Node { value: Value::Bool(value), .. }] if all == [Modifier::Exists] => *value = !*value,
            _ => all.push(Modifier::Neq),
        }
    }
    let place = |modifier| Node::new(modifier, Span::default());
    FieldTest {
        field: item.field.clone(),
        modifiers: all.into_iter().map(place).collect(),
        values,
        span: item.span,
    }
}

/// `contains` and the like in place of the wildcards that every value has at its ends. Keywords stand anywhere as they
/// are.
fn shaped(item: &Item, values: Vec<Node<Value>>) -> (Option<Modifier>, Vec<Node<Value>>) {
    if item.field.is_none() {
        return (None, values);
    }
    let texts: Option<Vec<Text>> = values
        .iter()
        .map(|value| match &value.value {
            Value::Str(text) => Some(Text::of(text)),
            _ => None,
        })
        .collect();
    let Some(texts) = texts.filter(|texts| !texts.is_empty()) else { return (None, values) };
    let starts = texts.iter().all(|text| text.ends_open() && text.pieces.len() > 1);
    let ends = texts.iter().all(|text| text.starts_open() && text.pieces.len() > 1);
    let both = starts && ends && texts.iter().all(|text| text.pieces.len() > 2);
    // `*a*` alone is `contains`; where some value has one open end only, wildcards stay as they are.
    let mixed = texts.iter().any(|text| text.starts_open() != ends || text.ends_open() != starts);
    if mixed || (starts && ends && !both) {
        return (None, values);
    }
    let Some(shape) = shape(starts, ends, both) else { return (None, values) };
    let cut = |text: Text| {
        let from = usize::from(ends);
        let to = text.pieces.len() - usize::from(starts);
        let pieces = text.pieces.get(from..to).unwrap_or(&[]).to_vec();
        Value::Str(Text { pieces, ..text }.to_sigma())
    };
    let cut = values.iter().zip(texts).map(|(value, text)| Node::new(cut(text), value.span));
    (Some(shape), cut.collect())
}
