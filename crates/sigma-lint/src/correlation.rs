//! Correlations.

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, did_you_mean, nearest};
use eqlc_sigma::{
    Aggregate, Correlation, CorrelationCondition, CorrelationRule, CorrelationType, Document, Relation, Value,
};

use crate::document::events;
use crate::sink::Sink;
use crate::taxonomy::Events;

pub(crate) fn check(rule: &CorrelationRule, own: &[Document], others: &[Document], sink: &mut Sink<'_>) {
    let correlation = &rule.correlation;
    rules(correlation, sink);
    groups(correlation, sink);
    aliases(correlation, sink);
    fields(correlation, own, others, sink);
    if correlation.timespan.value.count == 0 {
        sink.push(codes::NO_TIME, || {
            Diagnostic::warning(codes::NO_TIME, "the correlation is over no time at all")
                .at(correlation.timespan.span, "only events of the same moment")
        });
    }
    if let Some(CorrelationCondition::Aggregate(aggregate)) = &correlation.condition
        && correlation.kind.value == CorrelationType::EventCount
    {
        count(aggregate, sink);
    }
}

fn rules(correlation: &Correlation, sink: &mut Sink<'_>) {
    let mut seen: BTreeMap<&str, &Node<String>> = BTreeMap::new();
    for rule in &correlation.rules {
        if let Some(first) = seen.get(rule.value.as_str()) {
            sink.push(codes::RULE_TWICE, || {
                Diagnostic::warning(codes::RULE_TWICE, format!("the rule `{}` is named twice", rule.value))
                    .at(rule.span, "changes nothing")
                    .and_at(first.span, "named here already")
            });
        } else {
            seen.insert(&rule.value, rule);
        }
    }
    if correlation.kind.value.is_temporal() && seen.len() == 1 {
        sink.push(codes::TEMPORAL_OF_ONE, || {
            let message = format!("a correlation of type `{}` over one rule", correlation.kind.value);
            Diagnostic::warning(codes::TEMPORAL_OF_ONE, message)
                .at(correlation.kind.span, "asks that several rules match")
                .help("`event_count` counts the matches of a rule")
        });
    }
}

fn groups(correlation: &Correlation, sink: &mut Sink<'_>) {
    if correlation.group_by.is_empty() {
        sink.push(codes::NO_GROUP, || {
            Diagnostic::warning(codes::NO_GROUP, "the correlation has no `group-by`")
                .at(correlation.kind.span, "events of all machines and users are taken together")
        });
    }
}

fn aliases(correlation: &Correlation, sink: &mut Sink<'_>) {
    for alias in &correlation.aliases {
        let name = &alias.name;
        let used = correlation.group_by.iter().chain(condition_fields(correlation));
        if !used.into_iter().any(|field| field.value == name.value) {
            sink.push(codes::ALIAS_ASIDE, || {
                Diagnostic::warning(
                    codes::ALIAS_ASIDE,
                    format!("nothing makes use of the alias `{}`", name.value),
                )
                .at(name.span, "neither `group-by` nor the condition")
            });
        }
    }
}

fn condition_fields(correlation: &Correlation) -> &[Node<String>] {
    match &correlation.condition {
        Some(CorrelationCondition::Aggregate(aggregate)) => &aggregate.field,
        _ => &[],
    }
}

/// Fields that are looked for in events which do not have them.
fn fields(correlation: &Correlation, own: &[Document], others: &[Document], sink: &mut Sink<'_>) {
    let find = |name: &str| -> Option<&'static Events> {
        let is_called = |document: &&Document| {
            let meta = document.meta();
            [&meta.name, &meta.id].into_iter().flatten().any(|known| known.value == name)
        };
        match own.iter().chain(others).find(is_called)? {
            document @ Document::Rule(rule) => events(document, &rule.logsource),
            _ => None,
        }
    };
    for alias in &correlation.aliases {
        for (rule, field) in &alias.fields {
            one(field, rule, find(&rule.value), sink);
        }
    }
    let is_alias =
        |field: &&Node<String>| correlation.aliases.iter().any(|alias| alias.name.value == field.value);
    for field in
        correlation.group_by.iter().chain(condition_fields(correlation)).filter(|field| !is_alias(field))
    {
        // One finding for a field, at the first rule that does not have it.
        let lacks = |rule: &&Node<String>| find(&rule.value).is_some_and(|events| !has(events, field));
        if let Some(rule) = correlation.rules.iter().find(lacks) {
            one(field, rule, find(&rule.value), sink);
        }
    }
}

fn has(events: &Events, field: &Node<String>) -> bool {
    events.fields.contains(field.value.as_str())
}

fn one(field: &Node<String>, rule: &Node<String>, events: Option<&'static Events>, sink: &mut Sink<'_>) {
    let Some(events) = events.filter(|events| !has(events, field)) else { return };
    sink.push(codes::GROUP_FIELD, || {
        let message = format!("events of the rule `{}` have no field `{}`", rule.value, field.value);
        let finding = Diagnostic::warning(codes::GROUP_FIELD, message)
            .at(field.span, "not in the taxonomy of SigmaHQ")
            .and_at(rule.span, "the rule");
        let near = nearest(&field.value, events.fields.iter().copied());
        match (did_you_mean(&near), near.first()) {
            (Some(question), Some(best)) => {
                let title = format!("replace it with `{best}`");
                finding.help(question).fix(Applicability::Unsafe, title, field.span, *best)
            }
            _ => finding,
        }
    });
}

/// A group has one event at least.
fn count(aggregate: &Aggregate, sink: &mut Sink<'_>) {
    for (relation, value) in &aggregate.relations {
        let Value::Int(number) = value.value else { continue };
        let answer = match relation.value {
            Relation::Gte if number <= 1 => "every",
            Relation::Gt | Relation::Neq if number <= 0 => "every",
            Relation::Lt if number <= 1 => "no",
            Relation::Lte | Relation::Eq if number <= 0 => "no",
            _ => continue,
        };
        sink.push(codes::COUNT_ALWAYS, || {
            let message = format!("`{}: {number}` holds of {answer} match", relation.value);
            Diagnostic::warning(codes::COUNT_ALWAYS, message).at(value.span, "a group has one event at least")
        });
    }
}
