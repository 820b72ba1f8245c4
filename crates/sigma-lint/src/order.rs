//! The order of keys.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Span};
use eqlc_sigma::{Document, LogSource};

use crate::edits;
use crate::raw::Source;
use crate::sink::Sink;

/// SigmaHQ's order of the keys that its rules have.
const ORDER: [&str; 15] = [
    "title",
    "id",
    "related",
    "status",
    "description",
    "references",
    "author",
    "date",
    "modified",
    "tags",
    "logsource",
    "detection",
    "fields",
    "falsepositives",
    "level",
];

pub(crate) fn check(document: &Document, source: &Source<'_>, sink: &mut Sink<'_>) {
    let places = places(document);
    let Some((before, after)) = first_fault(&places) else { return };
    sink.push(codes::KEY_ORDER, || {
        let message = format!("`{}` stands behind `{}`", before.0, after.0);
        let finding = Diagnostic::warning(codes::KEY_ORDER, message)
            .at(before.1, "SigmaHQ has it before")
            .and_at(after.1, "stands here");
        match in_order(document, source) {
            Some((span, text)) => finding.fix(Applicability::Safe, "put the keys in order", span, text),
            None => finding,
        }
    });
}

/// The places of the keys that the document has, in the order they should have.
fn places(document: &Document) -> Vec<(&'static str, Span)> {
    let meta = document.meta();
    let first = |list: &[eqlc_diagnostics::Node<String>]| list.first().map(|item| item.span);
    let logsource = match document {
        Document::Rule(rule) => place(&rule.logsource),
        Document::Filter(filter) => place(&filter.logsource),
        Document::Correlation(_) => None,
    };
    let detection = edits::detection(document).and_then(|detection| {
        let conditions = detection.conditions.iter().map(|condition| condition.span);
        conditions
            .chain(detection.searches.iter().map(|search| search.name.span))
            .min_by_key(|span| span.start)
    });
    let level = meta.level.as_ref().map(|level| level.span);
    let tags = first(&meta.tags);
    // The specification has the tags at the end.
    let tags = tags.filter(|tags| level.is_none_or(|level| tags.start < level.start));
    let spans = [
        Some(meta.title.span).filter(|span| !span.is_empty()),
        meta.id.as_ref().map(|id| id.span),
        meta.related
            .first()
            .map(|entry| Span { start: entry.id.span.start.min(entry.kind.span.start), ..entry.id.span }),
        meta.status.as_ref().map(|status| status.span),
        meta.description.as_ref().map(|text| Span { end: text.span.start + 1, ..text.span }),
        first(&meta.references),
        meta.author.as_ref().map(|author| author.span),
        meta.date.as_ref().map(|date| date.span),
        meta.modified.as_ref().map(|date| date.span),
        tags,
        logsource,
        detection,
        first(&meta.fields),
        first(&meta.falsepositives),
        level,
    ];
    ORDER.into_iter().zip(spans).filter_map(|(key, span)| Some((key, span?))).collect()
}

fn place(source: &LogSource) -> Option<Span> {
    let parts = [&source.category, &source.product, &source.service, &source.definition];
    parts.into_iter().flatten().map(|part| part.span).min_by_key(|span| span.start)
}

type Key = (&'static str, Span);

/// The first key that stands behind one that should follow it, and that one.
fn first_fault(places: &[Key]) -> Option<(Key, Key)> {
    let mut latest: Option<Key> = None;
    // From the end: what follows must stand behind.
    let mut fault = None;
    for place in places.iter().rev() {
        match latest {
            Some(next) if place.1.start > next.1.start => fault = Some((*place, next)),
            _ => latest = Some(*place),
        }
    }
    fault
}

/// The document with its keys in order, and the place of it. A comment above a key goes with it; keys that SigmaHQ does
/// not have stay behind the one before them.
fn in_order(document: &Document, source: &Source<'_>) -> Option<(Span, String)> {
    let range = source.range(document.span());
    let text = source.text();
    let rest = text.get(range.end..)?;
    let end = rest.find('\n').map_or(text.len(), |end| range.end + end + 1);
    let body = text.get(range.start..end)?;
    // A document on one line, or one that begins in the middle of one.
    let begins = range.start == 0 || text.get(..range.start)?.ends_with('\n');
    if !begins || body.starts_with('{') || body.contains("\n---") {
        return None;
    }
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut comments = String::new();
    for line in body.split_inclusive('\n') {
        if line.starts_with('#') {
            comments.push_str(line);
        } else if line.starts_with([' ', '\t', '-', '\n', '\r', ']', '}']) {
            let (_, block) = blocks.last_mut()?;
            block.push_str(&std::mem::take(&mut comments));
            block.push_str(line);
        } else {
            let key = line.split(':').next().unwrap_or("").trim_matches(['\'', '"', ' ']);
            let known = ORDER.iter().position(|known| *known == key);
            let rank = known.or(blocks.last().map(|(rank, _)| *rank)).unwrap_or(0);
            blocks.push((rank, std::mem::take(&mut comments) + line));
        }
    }
    if let Some((_, last)) = blocks.last_mut() {
        if !last.ends_with('\n') {
            last.push('\n');
        }
        last.push_str(&comments);
    }
    blocks.sort_by_key(|(rank, _)| *rank);
    let ordered: String = blocks.into_iter().map(|(_, block)| block).collect();
    let ordered = if body.ends_with('\n') { ordered } else { ordered.trim_end_matches('\n').to_owned() };
    Some((source.span(range.start..end), ordered))
}
