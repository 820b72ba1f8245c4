//! What concerns a rule as a whole.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Node, Span};
use eqlc_sigma::{Condition, FieldTest, Item as ListItem, LogSource, Part, Search, SigmaString, Value};

use super::work::Work;
use super::{Stop, stop};
use crate::model::{AddCondition, Item, Transformation};
use crate::tree::Group;

/// Adds a search, and asks it of every condition.
pub(super) fn add_condition(item: &Item, added: &AddCondition, work: &mut Work) -> Result<(), Stop> {
    let place = work.place;
    let source = work.sources.last().cloned().unwrap_or_default();
    let Some(rule) = work.rule() else { return Ok(()) };
    let name = match &added.name {
        Some(name) if rule.searches.iter().any(|(known, _)| known.value == *name) => {
            let message = format!("the pipeline adds a search `{name}`, which the rule has");
            return Err(stop(item, codes::PIPELINE_NO_RESULT, message, place, "this rule"));
        }
        Some(name) => name.clone(),
        None => {
            // A name that begins with `_` is selected by no pattern of the rule.
            let mut number = 1;
            loop {
                let name = format!("_cond_{number}");
                if !rule.searches.iter().any(|(known, _)| known.value == name) {
                    break name;
                }
                number += 1;
            }
        }
    };
    let mut search = added.search.clone();
    for test in tests(&mut search) {
        prepare(test, place, added.template.then_some(&source)).map_err(|missing| {
            let message = format!("the rule has no `{missing}` in its log source, which a template names");
            stop(item, codes::PIPELINE_NO_RESULT, message, place, "this rule")
        })?;
    }
    let mut group = Group::of(&search);
    if let Some(id) = &item.id {
        group.mark(id);
    }
    let name = Node::new(name, place);
    rule.searches.push((name.clone(), group));
    for condition in &mut rule.conditions {
        let own = Condition::Ident(name.clone());
        let own = if added.negated { own.negate() } else { own };
        condition.value = Condition::and([own, condition.value.clone()]);
    }
    Ok(())
}

fn tests(search: &mut Search) -> Vec<&mut FieldTest> {
    match search {
        Search::Map(tests) => tests.iter_mut().collect(),
        Search::List(items) => items
            .iter_mut()
            .flat_map(|item| match item {
                ListItem::Map(tests) => tests.iter_mut().collect(),
                ListItem::Keyword(_) => Vec::new(),
            })
            .collect(),
    }
}

/// Moves a test of a pipeline into the rule, whose sources do not hold the pipeline, and fills its templates.
fn prepare(test: &mut FieldTest, place: Span, source: Option<&LogSource>) -> Result<(), &'static str> {
    test.span = place;
    test.field.iter_mut().for_each(|field| field.span = place);
    test.modifiers.iter_mut().for_each(|modifier| modifier.span = place);
    for value in &mut test.values {
        value.span = place;
        let Some(source) = source else { continue };
        match &mut value.value {
            Value::Str(text) => {
                let parts = text.parts().iter().map(|part| match part {
                    Part::Lit(literal) => filled(literal, source).map(Part::Lit),
                    other => Ok(other.clone()),
                });
                *text = SigmaString::from_parts(parts.collect::<Result<Vec<_>, _>>()?);
            }
            Value::Raw(text) => *text = filled(text, source)?,
            _ => {}
        }
    }
    Ok(())
}

/// `$category`, `${product}` and the like; `$$` is a dollar, and other names stay as they are. The error is the part
/// that the log source lacks.
fn filled(text: &str, source: &LogSource) -> Result<String, &'static str> {
    let parts = [("category", &source.category), ("product", &source.product), ("service", &source.service)];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(behind) = after.strip_prefix('$') {
            out.push('$');
            rest = behind;
            continue;
        }
        let (name, behind) = match after.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
            Some(braced) => braced,
            None => {
                let end =
                    after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
                after.split_at_checked(end).unwrap_or((after, ""))
            }
        };
        match parts.iter().find(|(known, _)| *known == name) {
            Some((_, Some(value))) => {
                out.push_str(&value.value);
                rest = behind;
            }
            Some((known, None)) => return Err(known),
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// What a rule says about itself.
pub(super) fn change(transformation: &Transformation, work: &mut Work) {
    let place = work.place;
    let placed = |names: &[String]| -> Vec<Node<String>> {
        names.iter().map(|name| Node::new(name.clone(), place)).collect()
    };
    match transformation {
        Transformation::ChangeLogSource(source) => work.change_logsource(source),
        Transformation::AddFields(names) => work.meta.fields.extend(placed(names)),
        // The first of each name.
        Transformation::RemoveFields(names) => {
            for name in names {
                if let Some(at) = work.meta.fields.iter().position(|field| field.value == *name) {
                    work.meta.fields.remove(at);
                }
            }
        }
        Transformation::SetFields(names) => work.meta.fields = placed(names),
        Transformation::SetAttribute { attribute, value } => {
            match work.meta.custom.iter_mut().find(|(key, _)| key.value == *attribute) {
                Some((_, data)) => *data = value.clone(),
                None => work.meta.custom.push((Node::new(attribute.clone(), place), value.clone())),
            }
        }
        _ => {}
    }
}
