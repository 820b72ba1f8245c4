//! Modifiers that do not do what they seem to.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic};
use eqlc_sigma::{FieldTest, Modifier, Value};

use crate::raw::{Source, Style};
use crate::sink::Sink;

pub(super) fn check(test: &FieldTest, source: &Source<'_>, sink: &mut Sink<'_>) {
    all_equal(test, sink);
    base64(test, sink);
    dashes(test, source, sink);
    for value in &test.values {
        let Value::Str(text) = &value.value else { continue };
        let shaped = test.modifiers.iter().any(|modifier| is_shape(modifier.value));
        if shaped && text.is_empty() {
            sink.push(codes::EMPTY_TEXT, || {
                Diagnostic::warning(codes::EMPTY_TEXT, "empty text stands in every value")
                    .at(value.span, "matches whatever there is")
            });
        }
        quoted_number(test, value, text.as_literal(), source, sink);
    }
}

pub(super) fn is_shape(modifier: Modifier) -> bool {
    matches!(modifier, Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith)
}

fn all_equal(test: &FieldTest, sink: &mut Sink<'_>) {
    let Some(all) = test.modifiers.iter().find(|modifier| modifier.value == Modifier::All) else { return };
    let others =
        test.modifiers.iter().all(|modifier| matches!(modifier.value, Modifier::All | Modifier::Cased));
    let exact = |value: &Value| match value {
        Value::Str(text) => text.as_literal().is_some(),
        _ => true,
    };
    let Some(field) = test.field.as_ref().filter(|_| others && test.values.len() > 1) else { return };
    if test.values.iter().all(|value| exact(&value.value)) {
        sink.push(codes::ALL_EQUAL, || {
            let message = format!("`{}` would have to equal {} values", field.value, test.values.len());
            Diagnostic::warning(codes::ALL_EQUAL, message).at(all.span, "because of this modifier").fix(
                Applicability::Unsafe,
                "write `contains|all`",
                all.span,
                "contains|all",
            )
        });
    }
}

fn base64(test: &FieldTest, sink: &mut Sink<'_>) {
    let offset = test.modifiers.iter().find(|modifier| modifier.value == Modifier::Base64Offset);
    let Some(offset) = offset.filter(|_| !test.modifiers.iter().any(|modifier| is_shape(modifier.value)))
    else {
        return;
    };
    sink.push(codes::BASE64_WITHOUT_CONTAINS, || {
        let end = offset.span.at_end();
        Diagnostic::warning(codes::BASE64_WITHOUT_CONTAINS, "`base64offset` finds nothing without `contains`")
            .at(offset.span, "for text in the middle of what was encoded")
            .fix(Applicability::Unsafe, "add `|contains`", end, "|contains")
    });
}

/// Options in command lines of Windows.
fn dashes(test: &FieldTest, source: &Source<'_>, sink: &mut Sink<'_>) {
    let of_commands = test.field.as_ref().is_some_and(|field| field.value.ends_with("CommandLine"));
    let shaped = test.modifiers.iter().any(|modifier| is_shape(modifier.value));
    if !of_commands || !shaped || test.has(Modifier::WinDash) || test.values.len() > 32 {
        return;
    }
    let option = test.values.iter().find(|value| {
        let Value::Str(text) = &value.value else { return false };
        let text = text.as_literal().unwrap_or("");
        let name = text.strip_prefix(" -").or_else(|| text.strip_prefix(" /"));
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
    });
    let Some(option) = option else { return };
    sink.push(codes::DASH_KINDS, || {
        let written = source.slice(option.span);
        Diagnostic::warning(
            codes::DASH_KINDS,
            format!("the option {} has one kind of dash", written.replace('\'', "`")),
        )
        .at(option.span, "many programs take others too")
        .help("add `|windash` to the field")
    });
}

/// Digits in quotes, where the field is compared with them as a whole.
fn quoted_number(
    test: &FieldTest,
    value: &eqlc_diagnostics::Node<Value>,
    text: Option<&str>,
    source: &Source<'_>,
    sink: &mut Sink<'_>,
) {
    if !test.modifiers.iter().all(|modifier| modifier.value == Modifier::Neq) {
        return;
    }
    let Some(text) = text else { return };
    let digits = text.strip_prefix('-').unwrap_or(text);
    // Leading zeros are text to YAML, or octal.
    let number = digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<i64>().is_ok();
    let plain = digits == "0" || !digits.starts_with('0');
    let quoted = || source.scalar(value.span).is_some_and(|scalar| scalar.style != Style::Plain);
    if number && plain && quoted() {
        sink.push(codes::QUOTED_NUMBER, || {
            Diagnostic::warning(codes::QUOTED_NUMBER, format!("the number `{text}` is written as text"))
                .at(value.span, "in quotes")
                .fix(Applicability::Unsafe, "remove the quotes", value.span, text)
        });
    }
}
