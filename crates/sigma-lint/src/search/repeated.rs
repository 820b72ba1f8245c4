//! Values that stand twice in one list.

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Node, Span};
use eqlc_sigma::Value;

use super::written;
use crate::edits;
use crate::raw::Source;
use crate::sink::Sink;

/// One finding for a list, at the first such value.
pub(super) fn check(values: &[&Node<Value>], ignore_case: bool, source: &Source<'_>, sink: &mut Sink<'_>) {
    if values.len() < 2 {
        return;
    }
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut again: Vec<(Span, Span)> = Vec::new();
    for value in values {
        let key = key(&value.value, ignore_case);
        match seen.get(&key) {
            Some(first) => again.push((value.span, *first)),
            None => {
                seen.insert(key, value.span);
            }
        }
    }
    let Some((value, first)) = again.first().copied() else { return };
    sink.push(codes::REPEATED_VALUE, || {
        let same = source.slice(value) == source.slice(first);
        let message = if same {
            "the value is given twice"
        } else {
            "the value is given twice, but for its letter case"
        };
        let mut finding = Diagnostic::warning(codes::REPEATED_VALUE, message)
            .at(value, "changes nothing")
            .and_at(first, "given here already");
        if again.len() > 1 {
            finding = finding.note(format!("{} more in this list", again.len() - 1));
        }
        let items: Vec<Span> = again.iter().map(|(value, _)| *value).collect();
        if let Some(edits) = edits::removals(source, &items) {
            let title = if items.len() > 1 { "remove such values" } else { "remove the value" }.to_owned();
            finding.fixes.push(Fix { title, edits, applicability: Applicability::Safe });
        }
        finding
    });
}

/// Equal for values that match the same; kinds are told apart.
fn key(value: &Value, ignore_case: bool) -> String {
    match (written(value), value) {
        (Some(text), _) if ignore_case => format!("t{}", text.to_ascii_lowercase()),
        (Some(text), _) => format!("t{text}"),
        (None, Value::Int(number)) => format!("i{number}"),
        (None, other) => format!("{other:?}"),
    }
}
