//! One document: what it says about itself, its log source, its detection.

use eqlc_sigma::{Document, LogSource};

use crate::raw::Source;
use crate::sink::Sink;
use crate::taxonomy::{Events, Taxonomy};
use crate::{condition, dates, log_source, metadata, order, references, related, search, tags, title};

pub(crate) fn check(document: &Document, source: &Source<'_>, sink: &mut Sink<'_>) {
    let meta = document.meta();
    metadata::check(document, source, sink);
    title::check(&meta.title, source, sink);
    dates::check(meta, source, sink);
    references::check(meta, source, sink);
    tags::check(&meta.tags, source, sink);
    related::check(meta, sink);
    order::check(document, source, sink);
    let (logsource, detection) = match document {
        Document::Rule(rule) => (&rule.logsource, &rule.detection),
        Document::Filter(filter) => (&filter.logsource, &filter.detection),
        Document::Correlation(_) => return,
    };
    log_source::check(logsource, sink);
    let events = events(document, logsource);
    log_source::check_events(logsource, detection, sink);
    search::check(detection, events, source, sink);
    condition::check(detection, source, sink);
}

/// The fields of the events of a document, where SigmaHQ's taxonomy fixes them.
pub(crate) fn events(document: &Document, logsource: &LogSource) -> Option<&'static Events> {
    let own = document.meta().taxonomy.as_ref().is_none_or(|taxonomy| taxonomy.value == "sigma");
    own.then(|| Taxonomy::get().events(logsource)).flatten().filter(|events| !events.fields.is_empty())
}
