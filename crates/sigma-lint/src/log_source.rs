//! Log sources: whether anybody knows them, and whether the events that a rule asks for are their own.

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, did_you_mean, nearest};
use eqlc_sigma::{Detection, FieldTest, Item, LogSource, Search, Value};

use crate::sink::Sink;
use crate::taxonomy::Taxonomy;

const PRODUCT: usize = 0;
const CATEGORY: usize = 1;
const SERVICE: usize = 2;

pub(crate) fn check(source: &LogSource, sink: &mut Sink<'_>) {
    let parts = [
        (PRODUCT, "product", &source.product),
        (CATEGORY, "category", &source.category),
        (SERVICE, "service", &source.service),
    ];
    let taxonomy = Taxonomy::get();
    let mut known = true;
    for (part, what, name) in parts {
        let Some(name) = name else { continue };
        let fine = form(what, name, sink);
        if fine && taxonomy.products_with(part, &name.value).is_none() {
            known = false;
            unknown(part, what, name, sink);
        }
        known &= fine;
    }
    if known {
        together(source, sink);
    }
}

/// Lower case, without blanks.
fn form(what: &str, name: &Node<String>, sink: &mut Sink<'_>) -> bool {
    let text = name.value.as_str();
    if !text.contains(|c: char| c.is_uppercase() || c.is_whitespace()) {
        return true;
    }
    sink.push(codes::LOG_SOURCE_FORM, || {
        let lower = text.trim().to_lowercase().replace(char::is_whitespace, "_");
        let message = format!("the {what} `{text}` is not in lower case without blanks");
        Diagnostic::warning(codes::LOG_SOURCE_FORM, message).at(name.span, "compared as it is written").fix(
            Applicability::Unsafe,
            format!("write `{lower}`"),
            name.span,
            lower,
        )
    });
    false
}

fn unknown(part: usize, what: &str, name: &Node<String>, sink: &mut Sink<'_>) {
    let text = name.value.as_str();
    // Words of one or two letters are near to everything.
    let words = Taxonomy::get().words(part);
    let near = if text.chars().count() < 4 { Vec::new() } else { nearest(text, words) };
    let message = || format!("no log source has the {what} `{text}`");
    match (did_you_mean(&near), near.first()) {
        (Some(question), Some(best)) => sink.push(codes::LOG_SOURCE_SLIP, || {
            Diagnostic::warning(codes::LOG_SOURCE_SLIP, message())
                .at(name.span, "known to nobody")
                .help(question)
                .fix(Applicability::Unsafe, format!("replace it with `{best}`"), name.span, *best)
        }),
        _ => sink.push(codes::LOG_SOURCE_UNKNOWN, || {
            Diagnostic::warning(codes::LOG_SOURCE_UNKNOWN, message())
                .at(name.span, "not among those of SigmaHQ")
        }),
    }
}

/// Says of a category or service that it belongs to other products.
fn together(source: &LogSource, sink: &mut Sink<'_>) {
    let Some(product) = &source.product else { return };
    for (part, what, name) in
        [(CATEGORY, "category", &source.category), (SERVICE, "service", &source.service)]
    {
        let Some(name) = name else { continue };
        let Some(products) = Taxonomy::get().products_with(part, &name.value) else { continue };
        // One of no product goes with any.
        if products.contains("-") || products.contains(product.value.as_str()) {
            continue;
        }
        sink.push(codes::LOG_SOURCE_PARTS, || {
            let list: Vec<String> = products.iter().take(4).map(|product| format!("`{product}`")).collect();
            let message = format!("`{}` has no {what} `{}`", product.value, name.value);
            Diagnostic::warning(codes::LOG_SOURCE_PARTS, message)
                .at(name.span, format!("a {what} of {}", list.join(", ")))
                .and_at(product.span, "the product")
        });
    }
}

/// What a rule asks of the numbers of events.
pub(crate) fn check_events(source: &LogSource, detection: &Detection, sink: &mut Sink<'_>) {
    if source.product.as_ref().is_none_or(|product| product.value != "windows") {
        return;
    }
    let tests = event_ids(detection);
    match (&source.category, &source.service) {
        (None, Some(service)) if matches!(service.value.as_str(), "sysmon" | "security") => {
            for (_, value, number) in &tests {
                generic(service, value, *number, sink);
            }
            if service.value == "sysmon" && tests.is_empty() && !detection.searches.is_empty() {
                sink.push(codes::SYSMON_EVENT_ID, || {
                    Diagnostic::warning(codes::SYSMON_EVENT_ID, "the rule is for all that Sysmon writes")
                        .at(service.span, "and asks for no `EventID`")
                        .help("name the events by a `category`")
                });
            }
        }
        (Some(category), None) => {
            let own: BTreeSet<i128> = Taxonomy::get().numbers(&category.value).collect();
            for (test, value, number) in &tests {
                let said = own.contains(number) && test.values.len() == 1 && test.modifiers.is_empty();
                if said && own.iter().all(|id| id == number || is_of_another_service(*id, *number)) {
                    said_already(category, value, *number, sink);
                }
            }
        }
        _ => {}
    }
}

/// Whether two numbers of one category are of different services: Sysmon counts up to 255.
fn is_of_another_service(a: i128, b: i128) -> bool {
    (a > 255) != (b > 255)
}

fn generic(service: &Node<String>, value: &Node<Value>, number: i128, sink: &mut Sink<'_>) {
    let Some(category) = Taxonomy::get().category(&service.value, number) else { return };
    sink.push(codes::GENERIC_LOG_SOURCE, || {
        let message = format!("event {number} of `{}` has the category `{category}`", service.value);
        Diagnostic::warning(codes::GENERIC_LOG_SOURCE, message)
            .at(value.span, "for this source only")
            .and_at(service.span, "because of this service")
            .help(format!("write `category: {category}`"))
    });
}

fn said_already(category: &Node<String>, value: &Node<Value>, number: i128, sink: &mut Sink<'_>) {
    sink.push(codes::EVENT_ID_SAID, || {
        let message = format!("`{}` says already that the event is {number}", category.value);
        Diagnostic::warning(codes::EVENT_ID_SAID, message)
            .at(value.span, "for one source only")
            .and_at(category.span, "said here")
            .help("leave the test out")
    });
}

/// The tests of `EventID` and the numbers in them.
fn event_ids(detection: &Detection) -> Vec<(&FieldTest, &Node<Value>, i128)> {
    let tests = detection.searches.iter().flat_map(|search| match &search.search {
        Search::Map(tests) => tests.iter().collect::<Vec<_>>(),
        Search::List(items) => items
            .iter()
            .flat_map(|item| match item {
                Item::Map(tests) => tests.as_slice(),
                Item::Keyword(_) => &[],
            })
            .collect(),
    });
    let of_events = tests.filter(|test| test.field.as_ref().is_some_and(|field| field.value == "EventID"));
    of_events
        .flat_map(|test| test.values.iter().filter_map(move |value| Some((test, value, number(value)?))))
        .collect()
}

fn number(value: &Node<Value>) -> Option<i128> {
    match &value.value {
        Value::Int(number) => Some(*number),
        Value::Str(text) => text.as_literal()?.parse().ok(),
        _ => None,
    }
}
