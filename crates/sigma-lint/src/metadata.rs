//! What a document says about itself: whether it does, the description, false positives.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Node, Span};
use eqlc_sigma::{Document, Meta};

use crate::edits;
use crate::raw::Source;
use crate::references::is_link;
use crate::sink::Sink;
use crate::title::capital;

/// Shorter descriptions say next to nothing.
const SHORT: usize = 16;

pub(crate) fn check(document: &Document, source: &Source<'_>, sink: &mut Sink<'_>) {
    let meta = document.meta();
    missing(document, sink);
    if let Some(description) = &meta.description {
        describe(description, meta, sink);
    }
    for entry in &meta.falsepositives {
        false_positive(entry, source, sink);
    }
    if let Document::Filter(_) = document {
        filter(meta, source, sink);
    }
}

fn missing(document: &Document, sink: &mut Sink<'_>) {
    let meta = document.meta();
    let correlation = [
        ("id", meta.id.is_none()),
        ("status", meta.status.is_none()),
        ("description", meta.description.is_none()),
        ("author", meta.author.is_none()),
        ("date", meta.date.is_none()),
        ("level", meta.level.is_none()),
    ];
    let rule = [
        ("references", meta.references.is_empty()),
        ("tags", meta.tags.is_empty()),
        ("falsepositives", meta.falsepositives.is_empty()),
    ];
    let asked: Vec<&(&str, bool)> = match document {
        Document::Rule(_) => correlation.iter().chain(&rule).collect(),
        Document::Correlation(_) => correlation.iter().collect(),
        Document::Filter(_) => {
            correlation.iter().filter(|(key, _)| matches!(*key, "id" | "description" | "date")).collect()
        }
    };
    let gone: Vec<String> =
        asked.into_iter().filter(|(_, gone)| *gone).map(|(key, _)| format!("`{key}`")).collect();
    let Some((last, rest)) = gone.split_last() else { return };
    sink.push(codes::METADATA_MISSING, || {
        let list =
            if rest.is_empty() { last.clone() } else { format!("{} and no {last}", rest.join(", no ")) };
        let what = match document {
            Document::Rule(_) => "rule",
            Document::Correlation(_) => "correlation",
            Document::Filter(_) => "filter",
        };
        Diagnostic::warning(codes::METADATA_MISSING, format!("the {what} has no {list}"))
            .at(place(document), "this one")
    });
}

/// The title, else where the document begins.
fn place(document: &Document) -> Span {
    let title = document.meta().title.span;
    if title.is_empty() { Span { end: document.span().start, ..document.span() } } else { title }
}

fn describe(description: &Node<String>, meta: &Meta, sink: &mut Sink<'_>) {
    let text = description.value.trim();
    if text.chars().count() < SHORT {
        sink.push(codes::DESCRIPTION_SHORT, || {
            Diagnostic::warning(codes::DESCRIPTION_SHORT, "the description says next to nothing")
                .at(description.span, format!("fewer than {SHORT} characters"))
                .help("say what is found and why it matters")
        });
    }
    if !text.starts_with("Detect") {
        sink.push(codes::DESCRIPTION_START, || {
            let message = "the description does not begin with `Detects`";
            Diagnostic::warning(codes::DESCRIPTION_START, message)
                .at(first_line(description), "begins otherwise")
        });
    }
    if !text.contains("://") {
        return;
    }
    let links = text.split_whitespace().map(|word| word.trim_matches(|c: char| "()<>[]'\",.;".contains(c)));
    let stray = links
        .filter(|word| is_link(word))
        .find(|link| !meta.references.iter().any(|reference| reference.value.contains(*link)));
    if let Some(link) = stray {
        sink.push(codes::DESCRIPTION_LINK, || {
            Diagnostic::warning(
                codes::DESCRIPTION_LINK,
                format!("the link `{link}` stands in the description"),
            )
            .at(first_line(description), "links belong under `references`")
        });
    }
}

/// A description may go over many lines; the finding is about its start.
fn first_line(description: &Node<String>) -> Span {
    let line = description.value.lines().next().map_or(0, str::len);
    let end =
        description.span.end.min(description.span.start.saturating_add(u32::try_from(line).unwrap_or(0)));
    Span { end, ..description.span }
}

/// Words by which an entry says nothing, with what is meant by them.
const EMPTY: [(&str, &str); 4] =
    [("none", "Unlikely"), ("no", "Unlikely"), ("n/a", "Unknown"), ("not known", "Unknown")];

/// Activities that a rule should find.
const POSITIVES: [&str; 6] =
    ["pentest", "pentests", "penetration test", "penetration tests", "penetration testing", "red team"];

fn false_positive(entry: &Node<String>, source: &Source<'_>, sink: &mut Sink<'_>) {
    let text = entry.value.trim();
    let plain = text.trim_end_matches('.').to_lowercase();
    let start = source.verbatim(entry);
    let replace = |finding: Diagnostic, safe: Applicability, word: &str| match start {
        Some(start) => {
            let span = source.span(start..start + entry.value.len());
            finding.fix(safe, format!("write `{word}`"), span, word)
        }
        None => finding,
    };
    if let Some((_, word)) = EMPTY.iter().find(|(empty, _)| *empty == plain) {
        sink.push(codes::FALSE_POSITIVE_WORD, || {
            let finding = Diagnostic::warning(codes::FALSE_POSITIVE_WORD, format!("`{text}` says nothing"))
                .at(entry.span, "as a false positive")
                .help("`Unknown` is for none that is known, `Unlikely` for none that is expected");
            replace(finding, Applicability::Unsafe, word)
        });
    } else if POSITIVES.contains(&plain.as_str()) {
        sink.push(codes::FALSE_POSITIVE_WORD, || {
            Diagnostic::warning(codes::FALSE_POSITIVE_WORD, format!("`{text}` is no false positive"))
                .at(entry.span, "the rule should find it")
        });
    } else if let Some(word) =
        ["Unknown", "Unlikely"].into_iter().find(|word| *text != **word && word.to_lowercase() == plain)
    {
        sink.push(codes::FALSE_POSITIVE_FORM, || {
            let message = format!("`{text}` is not written as `{word}`");
            let finding = Diagnostic::warning(codes::FALSE_POSITIVE_FORM, message)
                .at(entry.span, "tools look for the word");
            replace(finding, Applicability::Safe, word)
        });
    } else if text.chars().count() < 2 {
        sink.push(codes::FALSE_POSITIVE_FORM, || {
            Diagnostic::warning(codes::FALSE_POSITIVE_FORM, "the false positive is too short")
                .at(entry.span, "Sigma asks for two characters")
        });
    } else if begins_lower(text) {
        sink.push(codes::FALSE_POSITIVE_FORM, || {
            let finding =
                Diagnostic::warning(codes::FALSE_POSITIVE_FORM, "the false positive begins in lower case")
                    .at(entry.span, "begin it with a capital");
            replace(finding, Applicability::Safe, &capital(&entry.value))
        });
    }
}

/// Whether a sentence begins with a word in lower case, not with the name of a file or a command.
fn begins_lower(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or("");
    first.chars().all(char::is_lowercase) && !first.is_empty()
}

/// A filter gives no alert.
fn filter(meta: &Meta, source: &Source<'_>, sink: &mut Sink<'_>) {
    let keys = [
        ("status", meta.status.as_ref().map(|status| status.span)),
        ("level", meta.level.as_ref().map(|level| level.span)),
    ];
    for (key, span) in keys {
        let Some(span) = span else { continue };
        sink.push(codes::FILTER_METADATA, || {
            let message = format!("a filter has no use for `{key}`");
            let mut finding =
                Diagnostic::warning(codes::FILTER_METADATA, message).at(span, "means nothing here");
            if let Some(edit) = edits::line_removal(source, key, span) {
                let title = format!("remove `{key}`");
                finding.fixes.push(Fix { title, edits: vec![edit], applicability: Applicability::Safe });
            }
            finding
        });
    }
}
