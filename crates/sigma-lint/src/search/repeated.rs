//! Values that stand twice in one list.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Node, Span};
use eqlc_sigma::{Part, Value};

use super::written;
use crate::edits;
use crate::raw::Source;
use crate::sink::Sink;

/// One finding for a list, at the first such value.
pub(super) fn check(values: &[&Node<Value>], ignore_case: bool, source: &Source<'_>, sink: &mut Sink<'_>) {
    if values.len() < 2 {
        return;
    }
    // Equal values have equal digests; the list is in the order of the text again before anything is said.
    let mut digests: Vec<(u64, usize)> =
        values.iter().enumerate().map(|(at, value)| (digest(&value.value, ignore_case), at)).collect();
    digests.sort_unstable();
    let mut again: Vec<(Span, Span)> = Vec::new();
    for run in digests.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut firsts: Vec<&Node<Value>> = Vec::new();
        for value in run.iter().filter_map(|(_, at)| values.get(*at)) {
            match firsts.iter().find(|first| is_same(&first.value, &value.value, ignore_case)) {
                Some(first) => again.push((value.span, first.span)),
                None => firsts.push(value),
            }
        }
    }
    again.sort_unstable();
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

/// A number that is equal for values that match the same (FNV-1a).
fn digest(value: &Value, ignore_case: bool) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let byte = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let text = |sum: u64, text: &str| {
        text.bytes().fold(sum, |sum, b| byte(sum, if ignore_case { b.to_ascii_lowercase() } else { b }))
    };
    match value {
        Value::Str(value) => value.parts().iter().fold(start, |sum, part| match part {
            Part::Lit(literal) => text(sum, literal),
            Part::AnyRun => byte(sum, 0xf8),
            Part::AnyOne => byte(sum, 0xf9),
        }),
        Value::Raw(value) => text(byte(start, 0xfa), value),
        Value::Int(number) => number.to_le_bytes().into_iter().fold(byte(start, 0xfb), byte),
        Value::Float(number) => number.to_le_bytes().into_iter().fold(byte(start, 0xfc), byte),
        Value::Bool(value) => byte(byte(start, 0xfd), u8::from(*value)),
        Value::Null => byte(start, 0xfe),
    }
}

fn is_same(one: &Value, other: &Value, ignore_case: bool) -> bool {
    match (written(one), written(other)) {
        (Some(one), Some(other)) if ignore_case => one.eq_ignore_ascii_case(&other),
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}
