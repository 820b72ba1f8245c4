//! Names of fields.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node};
use eqlc_sigma::{Correlation, CorrelationCondition};

use super::scope::Scope;
use super::work::{Body, Work};
use super::{Change, Stop, conditions, stop};
use crate::model::{Item, Targets, Transformation};
use crate::tree::{self, Group, Link, Tree};
use crate::value::{FieldReference, Placed, Val};

/// The longest name that a field may get.
const MAX_NAME: usize = 8 << 10;

/// Renames fields: those listed for analysts, those of a correlation, those of detections, in this order.
pub(super) fn rename(item: &Item, work: &mut Work, scope: &mut Scope) -> Result<(), Stop> {
    let listed = std::mem::take(&mut work.meta.fields);
    work.meta.fields = listed.iter().flat_map(|name| mapped(item, name, scope)).collect();
    if let Body::Correlation(correlation) = &mut work.body {
        let before = correlation.clone();
        correlated(item, correlation, scope)?;
        work.renamed |= before != *correlation;
    }
    let mut renamed = false;
    work.walk(item, scope, &mut |each, scope| {
        let (change, new) = detection_item(item, each, scope)?;
        renamed |= new;
        Ok(change)
    })?;
    work.renamed |= renamed;
    Ok(())
}

/// What the transformation makes of a name, whatever the conditions say; none where it has nothing to say.
fn targets(transformation: &Transformation, name: Option<&str>) -> Option<Targets> {
    match (transformation, name) {
        (Transformation::MapFields(mapping), name) => mapping.get(&name.map(str::to_owned)).cloned(),
        (Transformation::MapPrefixes(mapping), Some(name)) => mapping.iter().find_map(|(prefix, targets)| {
            let rest = name.strip_prefix(prefix.as_str())?;
            Some(match targets {
                Targets::One(target) => Targets::One(format!("{target}{rest}")),
                Targets::Many(list) => {
                    Targets::Many(list.iter().map(|target| format!("{target}{rest}")).collect())
                }
            })
        }),
        (Transformation::AddPrefix(prefix), Some(name)) => Some(Targets::One(format!("{prefix}{name}"))),
        (Transformation::AddSuffix(suffix), Some(name)) => Some(Targets::One(format!("{name}{suffix}"))),
        _ => None,
    }
}

/// The names that stand for a name outside of detection items; itself where nothing applies.
fn mapped(item: &Item, name: &Node<String>, scope: &mut Scope) -> Vec<Node<String>> {
    let targets = targets(&item.transformation, Some(&name.value))
        .filter(|_| conditions::field_holds(item, Some(&name.value), scope));
    let names = match targets {
        None => return vec![name.clone()],
        Some(Targets::One(target)) => vec![target],
        Some(Targets::Many(list)) => list,
    };
    scope.track(&name.value, &names, item.id.as_ref());
    names.into_iter().map(|target| Node::new(target, name.span)).collect()
}

/// One name for a name.
fn mapped_once(item: &Item, name: &Node<String>, scope: &mut Scope) -> Result<Node<String>, Stop> {
    match <[_; 1]>::try_from(mapped(item, name, scope)) {
        Ok([only]) => Ok(only),
        Err(several) => {
            let message =
                format!("the field `{}` becomes {} fields in a correlation", name.value, several.len());
            Err(stop(item, codes::PIPELINE_NO_RESULT, message, name.span, "one field is needed here"))
        }
    }
}

/// Names of a correlation. Names of aliases are not fields.
fn correlated(item: &Item, correlation: &mut Correlation, scope: &mut Scope) -> Result<(), Stop> {
    for alias in &mut correlation.aliases {
        for (_, field) in &mut alias.fields {
            *field = mapped_once(item, field, scope)?;
        }
    }
    let aliases: Vec<String> = correlation.aliases.iter().map(|alias| alias.name.value.clone()).collect();
    let group_by = std::mem::take(&mut correlation.group_by);
    for name in group_by {
        if aliases.contains(&name.value) {
            correlation.group_by.push(name);
        } else {
            correlation.group_by.extend(mapped(item, &name, scope));
        }
    }
    if let Some(CorrelationCondition::Aggregate(aggregate)) = &mut correlation.condition {
        for field in &mut aggregate.field {
            *field = mapped_once(item, field, scope)?;
        }
    }
    Ok(())
}

/// The field of a detection item, and the fields that its values name. The flag says whether a name is new.
fn detection_item(item: &Item, each: &mut tree::Item, scope: &mut Scope) -> Result<(Change, bool), Stop> {
    let (reached, referenced) = references(item, each, scope);
    let holds = conditions::field_holds(item, each.field_name(), scope);
    let Some(targets) = targets(&item.transformation, each.field_name()).filter(|_| holds) else {
        return Ok((if reached { Change::Changed } else { Change::None }, referenced));
    };
    let source = each.field_name().map(str::to_owned);
    let list = match &targets {
        Targets::One(target) => std::slice::from_ref(target),
        Targets::Many(list) => list.as_slice(),
    };
    if list.iter().any(|target| target.len() > MAX_NAME) {
        let message = "the transformations make the name of a field too long";
        return Err(stop(item, codes::PIPELINE_NO_RESULT, message, each.field_span(), "this field"));
    }
    scope.mapped.extend(source.clone());
    scope.mapped.extend(list.iter().cloned());
    if source.is_none() {
        keywords_opened(each);
    }
    let renamed = referenced || list.iter().any(|target| Some(target) != source.as_ref());
    let named = |target: &String| tree::Item {
        field: Some(Node::new(target.clone(), each.field_span())),
        ..each.clone()
    };
    let change = match list {
        [] => {
            let what =
                source.map_or("a search without a field".to_owned(), |name| format!("the field `{name}`"));
            let message = format!("{what} is mapped to no field");
            return Err(stop(
                item,
                codes::PIPELINE_NO_RESULT,
                message,
                each.field_span(),
                "nothing is left of this",
            ));
        }
        [target] => {
            *each = named(target);
            Change::Changed
        }
        several => Change::Replaced(Tree::Group(Group {
            link: Link::Or,
            nodes: several.iter().map(|target| Tree::Item(named(target))).collect(),
        })),
    };
    Ok((change, renamed))
}

/// Maps the fields that values refer to; whether there were any that the conditions let through, and whether one has
/// another name now.
fn references(item: &Item, each: &mut tree::Item, scope: &mut Scope) -> (bool, bool) {
    let mut reached = false;
    let mut renamed = false;
    let mut values = Vec::with_capacity(each.values.len());
    for placed in &each.values {
        match &placed.val {
            Val::FieldRef(reference) if conditions::field_holds(item, Some(&reference.field), scope) => {
                reached = true;
                let name = Node::new(reference.field.clone(), placed.span);
                for target in mapped(item, &name, scope) {
                    renamed |= target.value != reference.field;
                    let reference = FieldReference { field: target.value, ..reference.clone() };
                    values.push(Placed { val: Val::FieldRef(reference), span: placed.span });
                }
            }
            _ => values.push(placed.clone()),
        }
    }
    if renamed {
        each.set_values(values);
    }
    (reached, renamed)
}

/// A value to find anywhere in the event stands anywhere in a field.
fn keywords_opened(each: &mut tree::Item) {
    let values = each.values.iter().map(|placed| match &placed.val {
        Val::Str(text) => Placed { val: Val::Str(text.clone().opened(true, true)), span: placed.span },
        _ => placed.clone(),
    });
    let values = values.collect();
    each.set_values(values);
}

/// Every field of the detections must have been mapped.
pub(super) fn strict(item: &Item, work: &mut Work, scope: &Scope) -> Result<(), Stop> {
    let mut unmapped: Vec<Node<String>> = Vec::new();
    for group in work.groups() {
        collect(group, &mut |field| {
            if !scope.mapped.contains(&field.value) && !unmapped.contains(field) {
                unmapped.push(field.clone());
            }
        });
    }
    let Some(first) = unmapped.first() else { return Ok(()) };
    let names: Vec<String> = unmapped.iter().map(|name| format!("`{}`", name.value)).collect();
    let message = match names.as_slice() {
        [one] => format!("the pipelines do not map the field {one}"),
        several => format!("the pipelines do not map the fields {}", several.join(", ")),
    };
    let mut diagnostic: Diagnostic = *stop(item, codes::PIPELINE_UNMAPPED, message, first.span, "not mapped");
    for other in unmapped.iter().skip(1) {
        diagnostic = diagnostic.and_at(other.span, "not mapped");
    }
    Err(Box::new(diagnostic))
}

fn collect<'g>(group: &'g Group, found: &mut dyn FnMut(&'g Node<String>)) {
    for node in &group.nodes {
        match node {
            Tree::Group(inner) => collect(inner, found),
            Tree::Item(item) => item.field.iter().for_each(&mut *found),
        }
    }
}
