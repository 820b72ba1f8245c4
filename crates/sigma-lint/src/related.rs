//! Other rules that a rule names under `related`.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, did_you_mean, nearest};
use eqlc_sigma::{Meta, Related, Status};

use crate::identity::is_uuid;
use crate::sink::Sink;

const KINDS: [&str; 5] = ["derived", "obsolete", "merged", "renamed", "similar"];

pub(crate) fn check(meta: &Meta, sink: &mut Sink<'_>) {
    for entry in &meta.related {
        kind(entry, sink);
        id(entry, meta, sink);
    }
    if let Some(status) = meta.status.as_ref().filter(|status| status.value == Status::Deprecated)
        && meta.related.is_empty()
    {
        sink.push(codes::DEPRECATED_ALONE, || {
            Diagnostic::warning(codes::DEPRECATED_ALONE, "the rule is deprecated, and no other one is named")
                .at(status.span, "in favour of which")
                .help("name the rule that replaces it under `related`")
        });
    }
}

fn kind(entry: &Related, sink: &mut Sink<'_>) {
    let word = entry.kind.value.as_str();
    if KINDS.contains(&word) {
        return;
    }
    sink.push(codes::RELATED, || {
        let near = nearest(word, KINDS);
        let finding = Diagnostic::warning(codes::RELATED, format!("rules are not related as `{word}`"))
            .at(entry.kind.span, "not defined by Sigma")
            .note("allowed are `derived`, `obsolete`, `merged`, `renamed` and `similar`");
        match (did_you_mean(&near), near.first()) {
            (Some(question), Some(best)) => {
                let title = format!("replace it with `{best}`");
                finding.help(question).fix(Applicability::Unsafe, title, entry.kind.span, *best)
            }
            _ => finding,
        }
    });
}

fn id(entry: &Related, meta: &Meta, sink: &mut Sink<'_>) {
    let text = entry.id.value.as_str();
    if meta.id.as_ref().is_some_and(|own| own.value == text) {
        sink.push(codes::RELATED, || {
            Diagnostic::warning(codes::RELATED, "the rule is related to itself")
                .at(entry.id.span, "the identifier of the rule")
        });
    } else if !is_uuid(text) {
        sink.push(codes::RELATED, || {
            Diagnostic::warning(codes::RELATED, format!("`{text}` is not a UUID"))
                .at(entry.id.span, "the identifier of a rule is a UUID")
        });
    }
}
