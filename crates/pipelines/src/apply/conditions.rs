//! Whether the conditions of an item hold.

use std::cmp::Ordering;

use eqlc_diagnostics::Node;
use eqlc_sigma::{Data, Level, LogSource, Status};

use super::scope::Scope;
use super::work::{Body, Work};
use crate::model::{
    AttributeCondition, AttributeOp, AttributeValue, Compare, Conditions, FieldCondition, Item,
    ItemCondition, Names, Quantity, RuleCondition, StateCondition,
};
use crate::tree;
use crate::value::{Number, Placed, Text, Val};

pub(super) fn rule_holds(conditions: &Conditions<RuleCondition>, work: &Work, scope: &Scope) -> bool {
    conditions.hold(&|condition| match condition {
        RuleCondition::LogSource(wanted) => work.sources.iter().any(|source| contains(wanted, source)),
        RuleCondition::ContainsField(name) => {
            work.groups().any(|group| group.some(&|item| item.field_name() == Some(name)))
        }
        RuleCondition::ContainsItem { field, value } => work.groups().any(|group| {
            group.some(&|item| {
                item.field_name() == Some(field)
                    && item.values.iter().any(|placed| same_value(value, &placed.val))
            })
        }),
        RuleCondition::Applied(id) => work.applied.contains(id),
        RuleCondition::State(state) => state_holds(state, scope),
        RuleCondition::IsRule => matches!(work.body, Body::Rule(_)),
        RuleCondition::IsCorrelation => matches!(work.body, Body::Correlation(_)),
        RuleCondition::Attribute(attribute) => attribute_holds(attribute, work),
        RuleCondition::Tag(tag) => work.meta.tags.iter().any(|known| known.value == *tag),
    })
}

/// Whether the conditions on detection items and on field names let an item through.
pub(super) fn item_holds(item: &Item, each: &tree::Item, scope: &Scope) -> bool {
    item.detection_item.hold(&|condition| match condition {
        ItemCondition::MatchString { quantity, pattern, negate } => quantified(*quantity, each, &|val| {
            let matches = matches!(val, Val::Str(text) if pattern.matches(&text.plain()));
            matches != *negate
        }),
        ItemCondition::MatchValue { quantity, value } => {
            quantified(*quantity, each, &|val| equals(val, value))
        }
        ItemCondition::ContainsWildcard(quantity) => {
            quantified(*quantity, each, &|val| matches!(val, Val::Str(text) if text.has_wildcard()))
        }
        ItemCondition::IsNull(quantity) => quantified(*quantity, each, &|val| *val == Val::Null),
        ItemCondition::Applied(id) => each.applied.contains(id),
        ItemCondition::State(state) => state_holds(state, scope),
    }) && item.field_name.hold(&|condition| match condition {
        FieldCondition::Applied(id) => each.applied.contains(id),
        other => {
            name_holds(other, each.field_name(), scope)
                || each.values.iter().any(|placed| match &placed.val {
                    Val::FieldRef(reference) => name_holds(other, Some(&reference.field), scope),
                    _ => false,
                })
        }
    })
}

/// Whether the conditions on field names let a name through; none is that of a search without a field.
pub(super) fn field_holds(item: &Item, name: Option<&str>, scope: &Scope) -> bool {
    item.field_name.hold(&|condition| name_holds(condition, name, scope))
}

fn name_holds(condition: &FieldCondition, name: Option<&str>, scope: &Scope) -> bool {
    match condition {
        FieldCondition::Include(names) => includes(names, name),
        FieldCondition::Exclude(names) => !includes(names, name),
        FieldCondition::Applied(id) => name.is_some_and(|name| scope.was_made_by(name, id)),
        FieldCondition::State(state) => state_holds(state, scope),
    }
}

fn includes(names: &Names, name: Option<&str>) -> bool {
    let Some(name) = name else { return false };
    match names {
        Names::Plain(names) => names.iter().any(|known| known == name),
        Names::Patterns(patterns) => patterns.iter().any(|pattern| pattern.matches(name)),
    }
}

fn quantified(quantity: Quantity, item: &tree::Item, holds: &dyn Fn(&Val) -> bool) -> bool {
    let holds = |placed: &Placed| holds(&placed.val);
    match quantity {
        Quantity::Any => item.values.iter().any(holds),
        Quantity::All => item.values.iter().all(holds),
    }
}

/// Whether every part that `wanted` names is the same.
fn contains(wanted: &LogSource, source: &LogSource) -> bool {
    let part = |wanted: &Option<Node<String>>, own: &Option<Node<String>>| wanted.is_none() || wanted == own;
    part(&wanted.category, &source.category)
        && part(&wanted.product, &source.product)
        && part(&wanted.service, &source.service)
}

/// `contains_detection_item`: equal and of one kind.
fn same_value(wanted: &Val, val: &Val) -> bool {
    match (wanted, val) {
        (Val::Str(wanted), Val::Str(text)) => !text.cased && wanted.pieces == text.pieces,
        (Val::Number(wanted), Val::Number(number)) => {
            compare_numbers(*wanted, *number) == Some(Ordering::Equal)
        }
        (Val::Bool(_) | Val::Null, _) => wanted == val,
        _ => false,
    }
}

/// `match_value`: a boolean is a number, too.
fn equals(val: &Val, data: &Data) -> bool {
    match (val, data) {
        (Val::Str(text), Data::Text(wanted)) => text.pieces == Text::parse(wanted).pieces,
        (Val::Number(number), _) => {
            number_of(data).is_some_and(|wanted| compare_numbers(*number, wanted) == Some(Ordering::Equal))
        }
        (Val::Bool(value), Data::Bool(wanted)) => value == wanted,
        _ => false,
    }
}

fn state_holds(condition: &StateCondition, scope: &Scope) -> bool {
    scope.state.get(&condition.key).is_some_and(|value| compare(value, condition.op, &condition.val))
}

/// A comparison of values as Python makes it; what cannot be ordered does not hold.
fn compare(one: &Data, op: Compare, other: &Data) -> bool {
    let order = match (one, other) {
        (Data::Text(one), Data::Text(other)) => Some(one.cmp(other)),
        _ => match (number_of(one), number_of(other)) {
            (Some(one), Some(other)) => compare_numbers(one, other),
            _ => None,
        },
    };
    match op {
        Compare::Eq => order.map_or_else(|| one == other, Ordering::is_eq),
        Compare::Ne => order.map_or_else(|| one != other, Ordering::is_ne),
        _ => order.is_some_and(|order| ordered(order, op)),
    }
}

fn ordered(order: Ordering, op: Compare) -> bool {
    match op {
        Compare::Eq => order.is_eq(),
        Compare::Ne => order.is_ne(),
        Compare::Gte => order.is_ge(),
        Compare::Gt => order.is_gt(),
        Compare::Lte => order.is_le(),
        Compare::Lt => order.is_lt(),
    }
}

fn number_of(data: &Data) -> Option<Number> {
    match data {
        Data::Int(number) => Some(Number::Int(*number)),
        Data::Float(number) => Some(Number::of(*number)),
        Data::Bool(value) => Some(Number::Int(i128::from(*value))),
        _ => None,
    }
}

fn compare_numbers(one: Number, other: Number) -> Option<Ordering> {
    #[expect(clippy::cast_precision_loss, reason = "a number beside one with a fraction is compared as such")]
    let float = |number| match number {
        Number::Int(number) => number as f64,
        Number::Float(number) => number,
    };
    match (one, other) {
        (Number::Int(one), Number::Int(other)) => Some(one.cmp(&other)),
        (one, other) => float(one).partial_cmp(&float(other)),
    }
}

/// An attribute of a rule.
enum Attribute {
    Level(Level),
    Status(Status),
    Date(String),
    List(Vec<String>),
    Other(Data),
}

fn attribute_holds(condition: &AttributeCondition, work: &Work) -> bool {
    let Some(attribute) = attribute(&condition.attribute, work) else { return false };
    let op = match (&attribute, condition.op) {
        (Attribute::List(list), op) => {
            let AttributeValue::Other(Data::Text(wanted)) = &condition.value else {
                return op == AttributeOp::NotIn;
            };
            let is_in = list.contains(wanted);
            return match op {
                AttributeOp::In => is_in,
                AttributeOp::NotIn => !is_in,
                // A list is never equal to one value.
                AttributeOp::Compare(op) => op == Compare::Ne,
            };
        }
        (_, AttributeOp::Compare(op)) => op,
        _ => return false,
    };
    match (attribute, &condition.value) {
        (Attribute::Level(own), AttributeValue::Level(wanted)) => ordered(own.cmp(wanted), op),
        // Declared from the most to the least trusted.
        (Attribute::Status(own), AttributeValue::Status(wanted)) => ordered(wanted.cmp(&own), op),
        (Attribute::Date(own), AttributeValue::Date(wanted)) => ordered(own.cmp(wanted), op),
        (Attribute::Other(own @ Data::Text(_)), AttributeValue::Other(wanted)) => {
            matches!(op, Compare::Eq | Compare::Ne) && compare(&own, op, wanted)
        }
        (Attribute::Other(own), AttributeValue::Other(wanted)) => compare(&own, op, &as_number(wanted)),
        _ => false,
    }
}

/// A number in quotes is one, beside a number.
fn as_number(data: &Data) -> Data {
    match data {
        Data::Text(text) => text.trim().parse().map_or_else(|_| data.clone(), Data::Float),
        other => other.clone(),
    }
}

fn attribute(name: &str, work: &Work) -> Option<Attribute> {
    let meta = &work.meta;
    let text = |node: &Option<Node<String>>| {
        node.as_ref().map(|node| Attribute::Other(Data::Text(node.value.clone())))
    };
    let list =
        |nodes: &[Node<String>]| Some(Attribute::List(nodes.iter().map(|node| node.value.clone()).collect()));
    let date =
        |node: &Option<Node<String>>| node.as_ref().map(|node| Attribute::Date(node.value.replace('/', "-")));
    match name {
        "title" => Some(Attribute::Other(Data::Text(meta.title.value.clone()))),
        "id" => text(&meta.id),
        "name" => text(&meta.name),
        "taxonomy" => text(&meta.taxonomy).or_else(|| Some(Attribute::Other(Data::Text("sigma".to_owned())))),
        "description" => text(&meta.description),
        "license" => text(&meta.license),
        "author" => text(&meta.author),
        "date" => date(&meta.date),
        "modified" => date(&meta.modified),
        "level" => meta.level.map(|level| Attribute::Level(level.value)),
        "status" => meta.status.map(|status| Attribute::Status(status.value)),
        "references" => list(&meta.references),
        "tags" => list(&meta.tags),
        "scope" => list(&meta.scope),
        "fields" => list(&meta.fields),
        "falsepositives" => list(&meta.falsepositives),
        custom => meta.custom.iter().find(|(key, _)| key.value == custom).map(|(_, data)| match data {
            Data::List(items) => Attribute::List(
                items
                    .iter()
                    .filter_map(|item| match item {
                        Data::Text(text) => Some(text.clone()),
                        _ => None,
                    })
                    .collect(),
            ),
            other => Attribute::Other(other.clone()),
        }),
    }
}
