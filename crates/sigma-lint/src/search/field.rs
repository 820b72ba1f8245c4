//! Names of fields.

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, did_you_mean, nearest};
use eqlc_sigma::{FieldTest, Modifier, Value};

use crate::raw::Source;
use crate::sink::Sink;
use crate::taxonomy::Events;

pub(super) fn check(
    test: &FieldTest,
    events: Option<&'static Events>,
    source: &Source<'_>,
    sink: &mut Sink<'_>,
) {
    let Some(field) = &test.field else { return };
    if field.value.contains(' ') {
        blank(field, sink);
    } else if let Some(events) = events.filter(|events| !events.fields.contains(field.value.as_str())) {
        sink.push(codes::FIELD_UNKNOWN, || unknown(field, &events.fields));
    }
    if matches!(field.value.as_str(), "Hashes" | "Hash") && !test.takes_raw_text() {
        test.values.iter().for_each(|value| hashes(value, sink));
    }
    translated(test, field, source, sink);
}

/// A field that is none of the log source's.
pub(crate) fn unknown(field: &Node<String>, fields: &BTreeSet<&'static str>) -> Diagnostic {
    let message = format!("events of the log source have no field `{}`", field.value);
    let finding =
        Diagnostic::warning(codes::FIELD_UNKNOWN, message).at(field.span, "not in the taxonomy of SigmaHQ");
    let near = nearest(&field.value, fields.iter().copied());
    match (did_you_mean(&near), near.first()) {
        (Some(question), Some(best)) => {
            let title = format!("replace it with `{best}`");
            finding.help(question).fix(Applicability::Unsafe, title, field.span, *best)
        }
        _ => finding,
    }
}

fn blank(field: &Node<String>, sink: &mut Sink<'_>) {
    sink.push(codes::FIELD_BLANK, || {
        let joined = field.value.replace(' ', "");
        let message = format!("the name of the field `{}` has a blank", field.value);
        Diagnostic::warning(codes::FIELD_BLANK, message)
            .at(field.span, "names of fields are written without")
            .fix(Applicability::Unsafe, format!("write `{joined}`"), field.span, joined)
    });
}

/// How many digits the hashes of Sysmon have.
const HASHES: [(&str, usize); 4] = [("MD5=", 32), ("SHA1=", 40), ("SHA256=", 64), ("IMPHASH=", 32)];

/// Each hash in a value must be whole, where no wildcard stands for the rest of it.
fn hashes(value: &Node<Value>, sink: &mut Sink<'_>) {
    let Value::Str(text) = &value.value else { return };
    let Some(text) = text.as_literal() else { return };
    for entry in text.split(',').filter(|entry| !entry.is_empty()) {
        let known = HASHES.iter().find_map(|(name, digits)| {
            let (start, hash) = entry.split_at_checked(name.len())?;
            start.eq_ignore_ascii_case(name).then_some((*name, hash, *digits))
        });
        let Some((name, hash, digits)) = known else { continue };
        if hash.is_empty() || (hash.len() == digits && hash.bytes().all(|b| b.is_ascii_hexdigit())) {
            continue;
        }
        sink.push(codes::HASH_FORM, || {
            let message = format!("`{hash}` is no hash of `{}`", name.trim_end_matches('='));
            Diagnostic::warning(codes::HASH_FORM, message).at(
                value.span,
                format!("expected {digits} hexadecimal digits, found {}", hash.chars().count()),
            )
        });
    }
}

/// `AUTHORITY` is written otherwise in other languages.
fn translated(test: &FieldTest, field: &Node<String>, source: &Source<'_>, sink: &mut Sink<'_>) {
    let [value] = test.values.as_slice() else { return };
    let of_users = field.value.as_bytes().windows(4).any(|part| part.eq_ignore_ascii_case(b"user"));
    if !of_users || test.has(Modifier::Re) || !matches!(value.value, Value::Str(_)) {
        return;
    }
    let text = source.slice(value.span).to_ascii_uppercase();
    if text.contains("AUTHORI") || text.contains("AUTORI") {
        sink.push(codes::TRANSLATED_NAME, || {
            Diagnostic::warning(codes::TRANSLATED_NAME, "Windows translates this name")
                .at(value.span, "of one language only")
                .help("look for `AUTHORI` and `AUTORI` with `contains`")
        });
    }
}
