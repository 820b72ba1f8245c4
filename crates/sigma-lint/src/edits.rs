//! Edits of YAML that leave everything else as it is.

use eqlc_diagnostics::{Edit, Span};
use eqlc_sigma::{Detection, Document, FieldTest, File, Item, Search};

use crate::raw::Source;

/// The edit that takes an item out of its list: its lines where it has them for itself, else the item and the comma
/// before it. None where a comment would go too.
pub(crate) fn removal(source: &Source<'_>, item: Span) -> Option<Edit> {
    let text = source.text();
    let range = source.range(item);
    let line = text.get(..range.start)?.rfind('\n').map_or(0, |end| end + 1);
    let before = text.get(line..range.start)?;
    let rest = text.get(range.end..)?;
    let end = rest.find('\n').map_or(text.len(), |end| range.end + end + 1);
    let alone = text.get(range.end..end)?.trim().is_empty();
    let (start, end) = if before.trim() == "-" && alone {
        (line, end)
    } else {
        let kept = text.get(..range.start)?.trim_end();
        (kept.strip_suffix(',')?.len(), range.end)
    };
    Some(Edit { span: source.span(start..end), replacement: String::new() })
}

/// The edits that take several items out of a list, joined where they touch.
pub(crate) fn removals(source: &Source<'_>, items: &[Span]) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    for item in items {
        let edit = removal(source, *item)?;
        match edits.last_mut() {
            Some(last) if last.span.end == edit.span.start => last.span.end = edit.span.end,
            _ => edits.push(edit),
        }
    }
    Some(edits)
}

/// The edit that takes the line of a key and its value out, where they have it for themselves.
pub(crate) fn line_removal(source: &Source<'_>, key: &str, value: Span) -> Option<Edit> {
    let text = source.text();
    let range = source.range(value);
    let line = text.get(..range.start)?.rfind('\n').map_or(0, |end| end + 1);
    let before = text.get(line..range.start)?.trim();
    let rest = text.get(range.end..)?;
    let end = rest.find('\n').map_or(text.len(), |end| range.end + end + 1);
    let alone = text.get(range.end..end)?.trim().is_empty();
    let is_key = before.strip_suffix(':').is_some_and(|before| before.trim_end() == key);
    (alone && is_key).then(|| Edit { span: source.span(line..end), replacement: String::new() })
}

/// Whether some text stands for several parts of the documents (aliases, merged maps, rule collections): the tests
/// are then not in the order of the text. Such text is not changed, because what is right in one place need not be so
/// in another.
pub(crate) fn is_shared(file: &File) -> bool {
    let mut last = 0;
    let mut shared = false;
    for document in &file.documents {
        let Some(detection) = detection(document) else { continue };
        for_each_test(detection, &mut |test| {
            let values = test.values.first().map_or(test.span.start, |value| value.span.start);
            shared |= test.span.start < last || values < test.span.start || test.span.end < values;
            last = test.span.start + 1;
        });
    }
    shared
}

/// The detection of a document that has one.
pub(crate) fn detection(document: &Document) -> Option<&Detection> {
    match document {
        Document::Rule(rule) => Some(&rule.detection),
        Document::Filter(filter) => Some(&filter.detection),
        Document::Correlation(_) => None,
    }
}

fn for_each_test<'d>(detection: &'d Detection, visit: &mut dyn FnMut(&'d FieldTest)) {
    for search in &detection.searches {
        match &search.search {
            Search::Map(tests) => tests.iter().for_each(&mut *visit),
            Search::List(items) => {
                for item in items {
                    if let Item::Map(tests) = item {
                        tests.iter().for_each(&mut *visit);
                    }
                }
            }
        }
    }
}
