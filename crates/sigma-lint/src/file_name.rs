//! The name of the file.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Diagnostic, Span};
use eqlc_sigma::{Document, File};

use crate::raw::Source;
use crate::sink::Sink;
use crate::taxonomy::Taxonomy;

pub(crate) fn check(file: &File, path: &str, source: &Source<'_>, sink: &mut Sink<'_>) {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let Some(first) = file.documents.first() else { return };
    // A text from standard input has no name of its own.
    if !name.contains('.') {
        return;
    }
    let place = source.span(0..0);
    form(name, place, sink);
    prefix(name, file, first, place, sink);
}

fn form(name: &str, place: Span, sink: &mut Sink<'_>) {
    let fault = match name.strip_suffix(".yml") {
        None => "does not end with `.yml`",
        Some(stem) if !stem.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')) => {
            "has characters other than lower-case letters, digits and `_`"
        }
        Some(stem) if !(10..=90).contains(&stem.chars().count()) => "has not between 10 and 90 characters",
        Some(stem) if !stem.contains('_') => "is a single word",
        Some(_) => return,
    };
    sink.push(codes::FILE_NAME, || {
        Diagnostic::warning(codes::FILE_NAME, format!("the name of the file {fault}"))
            .at(place, format!("in `{name}`"))
    });
}

fn prefix(name: &str, file: &File, first: &Document, place: Span, sink: &mut Sink<'_>) {
    let correlates = file.documents.iter().any(|document| matches!(document, Document::Correlation(_)));
    let prefix = match first {
        _ if correlates => Some("correlation_"),
        Document::Rule(rule) => Taxonomy::get().prefix(&rule.logsource),
        Document::Correlation(_) | Document::Filter(_) => None,
    };
    let Some(prefix) = prefix.filter(|prefix| !name.starts_with(prefix)) else { return };
    sink.push(codes::FILE_PREFIX, || {
        let message = format!("the name of the file does not begin with `{prefix}`");
        Diagnostic::warning(codes::FILE_PREFIX, message).at(place, format!("in `{name}`"))
    });
}
