//! Wildcards that a modifier says, or could say.

use std::ops::Range;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Node};
use eqlc_sigma::{FieldTest, Modifier, Part, SigmaString, Value};

use super::modifiers::is_shape;
use crate::raw::{Scalar, Sign, Source, Style};
use crate::sink::Sink;

pub(super) fn check(test: &FieldTest, source: &Source<'_>, sink: &mut Sink<'_>) {
    // What is encoded has no wildcards inside.
    if test.modifiers.iter().any(|modifier| encodes(modifier.value)) {
        return;
    }
    let shape = test.modifiers.iter().find(|modifier| is_shape(modifier.value));
    for value in &test.values {
        let Value::Str(text) = &value.value else { continue };
        if text.parts() == [Part::AnyRun] {
            alone(value, sink);
            continue;
        }
        if let Some(shape) = shape {
            beside(value, text, shape.value, source, sink);
        }
        doubled(value, text, source, sink);
    }
    if shape.is_none() {
        instead(test, source, sink);
    }
}

fn encodes(modifier: Modifier) -> bool {
    use Modifier::{Base64, Base64Offset, Utf16, Utf16Be, Utf16Le, Wide};
    matches!(modifier, Base64 | Base64Offset | Utf16 | Utf16Be | Utf16Le | Wide)
}

fn alone(value: &Node<Value>, sink: &mut Sink<'_>) {
    sink.push(codes::ONLY_WILDCARD, || {
        Diagnostic::warning(codes::ONLY_WILDCARD, "a wildcard by itself matches every value")
            .at(value.span, "asks only whether there is one")
            .help("write `exists: true`")
    });
}

/// Whether a text begins and ends with `*`.
fn ends(text: &SigmaString) -> (bool, bool) {
    let is_run = |part: Option<&Part>| part == Some(&Part::AnyRun);
    (is_run(text.parts().first()), is_run(text.parts().last()))
}

fn beside(
    value: &Node<Value>,
    text: &SigmaString,
    shape: Modifier,
    source: &Source<'_>,
    sink: &mut Sink<'_>,
) {
    let (first, last) = ends(text);
    let (open_first, open_last) = (shape != Modifier::StartsWith, shape != Modifier::EndsWith);
    let (lead, trail) = (first && open_first, last && open_last);
    if !lead && !trail {
        if first || last {
            undone(value, shape, sink);
        }
        return;
    }
    sink.push(codes::WILDCARD_BESIDE_MODIFIER, || {
        let mut finding = Diagnostic::warning(
            codes::WILDCARD_BESIDE_MODIFIER,
            format!("`{shape}` says already what `*` does"),
        )
        .at(value.span, "a wildcard at an end changes nothing");
        if let Some(edits) =
            source.scalar(value.span).and_then(|scalar| trimmed(&scalar, lead, trail, source))
        {
            let title = "remove the wildcard".to_owned();
            finding.fixes.push(Fix { title, edits, applicability: Applicability::Safe });
        }
        finding
    });
}

/// `startswith: '*x'` is `contains: 'x'`.
fn undone(value: &Node<Value>, shape: Modifier, sink: &mut Sink<'_>) {
    sink.push(codes::WILDCARD_BESIDE_MODIFIER, || {
        Diagnostic::warning(codes::WILDCARD_BESIDE_MODIFIER, format!("the wildcard undoes `{shape}`"))
            .at(value.span, "anything may stand at that end")
            .help("write `contains`")
    });
}

/// The edits that take the wildcards off the ends of a scalar; none where they are all there is, or where the rest would
/// need quotes.
fn trimmed(scalar: &Scalar<'_>, lead: bool, trail: bool, source: &Source<'_>) -> Option<Vec<Edit>> {
    let signs = scalar.signs();
    let is_run = |sign: &&(Sign, Range<usize>)| sign.0 == Sign::Run;
    let front = signs.iter().take_while(is_run).count();
    let back = signs.iter().rev().take_while(is_run).count();
    if front == signs.len() {
        return None;
    }
    let start = if lead { signs.get(front)?.1.start } else { 0 };
    let end = if trail {
        signs.get(signs.len().checked_sub(back)?.checked_sub(1)?)?.1.end
    } else {
        scalar.inner.len()
    };
    let rest = scalar.inner.get(start..end)?;
    let plain = rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '\\' | '/'));
    if scalar.style == Style::Plain
        && !(plain && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '\\'))
    {
        return None;
    }
    let cut =
        |range: Range<usize>| Edit { span: source.span(scalar.range(range)), replacement: String::new() };
    Some([0..start, end..scalar.inner.len()].into_iter().filter(|range| !range.is_empty()).map(cut).collect())
}

fn doubled(value: &Node<Value>, text: &SigmaString, source: &Source<'_>, sink: &mut Sink<'_>) {
    let twice = |pair: &[Part]| pair == [Part::AnyRun, Part::AnyRun];
    if !text.parts().windows(2).any(twice) {
        return;
    }
    sink.push(codes::WILDCARD_TWICE, || {
        let mut finding = Diagnostic::warning(codes::WILDCARD_TWICE, "two wildcards side by side")
            .at(value.span, "match what one does");
        let Some(scalar) = source.scalar(value.span) else { return finding };
        let signs = scalar.signs();
        let again = signs.windows(2).filter_map(|pair| match pair {
            [(Sign::Run, _), (Sign::Run, range)] => Some(range.clone()),
            _ => None,
        });
        let mut edits: Vec<Edit> = Vec::new();
        for range in again {
            let span = source.span(scalar.range(range));
            match edits.last_mut() {
                Some(last) if last.span.end == span.start => last.span.end = span.end,
                _ => edits.push(Edit { span, replacement: String::new() }),
            }
        }
        let title = "write one".to_owned();
        finding.fixes.push(Fix { title, edits, applicability: Applicability::Safe });
        finding
    });
}

/// Where all values of a list have their wildcards at the same ends, a modifier says it.
fn instead(test: &FieldTest, source: &Source<'_>, sink: &mut Sink<'_>) {
    let Some(field) = &test.field else { return };
    let plain = [Modifier::All, Modifier::Neq, Modifier::Cased];
    if test.values.is_empty() || !test.modifiers.iter().all(|modifier| plain.contains(&modifier.value)) {
        return;
    }
    let mut shape = None;
    for value in &test.values {
        let Some(own) = shape_of(&value.value).filter(|own| shape.is_none_or(|shape| shape == *own)) else {
            return;
        };
        shape = Some(own);
    }
    let Some(shape) = shape else { return };
    sink.push(codes::WILDCARD_FOR_MODIFIER, || {
        let first = test.values.first().map_or(field.span, |value| value.span);
        let mut finding = Diagnostic::warning(
            codes::WILDCARD_FOR_MODIFIER,
            format!("`{shape}` says what the wildcards do"),
        )
        .at(first, "wildcards at the end of the text");
        let (lead, trail) = (shape != Modifier::StartsWith, shape != Modifier::EndsWith);
        let cut = |value: &Node<Value>| trimmed(&source.scalar(value.span)?, lead, trail, source);
        if let Some(cuts) = test.values.iter().map(cut).collect::<Option<Vec<_>>>() {
            let mut edits = vec![Edit { span: field.span.at_end(), replacement: format!("|{shape}") }];
            edits.extend(cuts.into_iter().flatten());
            let title = format!("write `{}|{shape}`", field.value);
            finding.fixes.push(Fix { title, edits, applicability: Applicability::Safe });
        }
        finding
    });
}

/// The modifier for text with wildcards at its ends and nowhere else.
fn shape_of(value: &Value) -> Option<Modifier> {
    let Value::Str(text) = value else { return None };
    match text.parts() {
        [Part::AnyRun, Part::Lit(_), Part::AnyRun] => Some(Modifier::Contains),
        [Part::Lit(_), Part::AnyRun] => Some(Modifier::StartsWith),
        [Part::AnyRun, Part::Lit(_)] => Some(Modifier::EndsWith),
        _ => None,
    }
}
