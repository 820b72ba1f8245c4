//! What Sigma documents of one file need of the others: rules that a correlation names, and filters.

use std::sync::Arc;

use eqlc_diagnostics::{Fragment, SourceId, SourceMap, has_errors};
use eqlc_lower::sigma::filter_applies;
use eqlc_sigma::{Document, File};
use memchr::memmem;
use rayon::prelude::*;

use crate::batch::Bytes;
use crate::input::Input;

/// The Sigma files of a run, where some of their documents may refer to other files.
#[derive(Debug, Default)]
pub struct SigmaFiles {
    files: Vec<SigmaFile>,
}

#[derive(Debug)]
struct SigmaFile {
    name: String,
    text: String,
    tree: File,
}

/// Documents of other files, as a file needs them.
#[derive(Default)]
pub(crate) struct Others {
    /// The rules that its correlations name, those that these name, and the filters for its rules; their places
    /// are in the sources of the file.
    pub(crate) documents: Vec<Document>,
    /// Whether every filter of the file is for some rule of another.
    pub(crate) filters_elsewhere: bool,
}

impl SigmaFiles {
    /// The Sigma files among inputs; none where no document can refer to another file.
    pub(crate) fn of(inputs: &[(&Input, Bytes)]) -> Option<Arc<Self>> {
        let yaml = || inputs.iter().filter(|(input, _)| is_yaml(input));
        let refer = yaml().any(|(_, bytes)| bytes.as_ref().is_ok_and(|bytes| refers(bytes)));
        if !refer || yaml().count() < 2 {
            return None;
        }
        let files = inputs.par_iter().filter(|(input, _)| is_yaml(input)).filter_map(|(input, bytes)| {
            let text = text_of(bytes)?;
            let parsed = eqlc_sigma::parse(&Fragment::verbatim(SourceId::default(), 0, text));
            let fine = !has_errors(&parsed.diagnostics);
            fine.then(|| SigmaFile { name: input.name(), text: text.to_owned(), tree: parsed.tree })
        });
        Some(Arc::new(Self { files: files.collect() }))
    }

    /// What the documents of the file of this name need of other files, whose text is added to its sources.
    pub(crate) fn others(&self, name: &str, own: &File, sources: &mut SourceMap) -> Others {
        let mut needed: Vec<(usize, usize)> = Vec::new();
        let mut todo: Vec<&str> = names(&own.documents).collect();
        while let Some(reference) = todo.pop() {
            if own.documents.iter().any(|document| is_called(document, reference)) {
                continue;
            }
            if let Some(place) = self.find(name, reference)
                && !needed.contains(&place)
            {
                needed.push(place);
                todo.extend(
                    self.document(place).into_iter().flat_map(|found| names(std::slice::from_ref(found))),
                );
            }
        }
        let rules: Vec<&Document> =
            own.documents.iter().chain(needed.iter().filter_map(|place| self.document(*place))).collect();
        let filters = self.places(name).filter(|place| match self.document(*place) {
            Some(Document::Filter(filter)) => rules.iter().any(|rule| is_for(filter, rule)),
            _ => false,
        });
        let filters: Vec<(usize, usize)> = filters.collect();
        needed.extend(filters);
        let elsewhere = |filter: &eqlc_sigma::Filter| {
            self.places(name).filter_map(|place| self.document(place)).any(|rule| is_for(filter, rule))
        };
        let filters_elsewhere = own.documents.iter().all(|document| match document {
            Document::Filter(filter) => elsewhere(filter),
            _ => true,
        });
        let documents = needed.into_iter().filter_map(|place| self.placed(place, sources)).collect();
        Others { documents, filters_elsewhere }
    }

    /// Every document of other files, by the numbers of file and document.
    fn places<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let files = self.files.iter().enumerate().filter(move |(_, file)| file.name != name);
        files.flat_map(|(at, file)| (0..file.tree.documents.len()).map(move |document| (at, document)))
    }

    fn find(&self, name: &str, reference: &str) -> Option<(usize, usize)> {
        self.places(name).find(|place| self.document(*place).is_some_and(|found| is_called(found, reference)))
    }

    fn document(&self, (file, document): (usize, usize)) -> Option<&Document> {
        self.files.get(file)?.tree.documents.get(document)
    }

    /// A document with its places in the sources of another file.
    fn placed(&self, (file, document): (usize, usize), sources: &mut SourceMap) -> Option<Document> {
        let file = self.files.get(file)?;
        let source = sources.add(file.name.as_str(), file.text.as_str());
        let parsed = eqlc_sigma::parse(&Fragment::verbatim(source, 0, &file.text));
        parsed.tree.documents.into_iter().nth(document)
    }
}

/// Whether a file is YAML by its name.
pub(crate) fn is_yaml(input: &Input) -> bool {
    let extension = input.path.as_ref().and_then(|path| path.extension());
    extension.is_some_and(|extension| extension == "yml" || extension == "yaml")
}

/// Whether a text may hold a correlation or a filter.
fn refers(text: &[u8]) -> bool {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // Every rule of a run is searched: by vectors.
    let begins =
        |line: &[u8]| text.starts_with(line.trim_ascii_start()) || memmem::find(text, line).is_some();
    begins(b"\ncorrelation:") || begins(b"\nfilter:")
}

/// As UTF-8 has it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The text of a file that was read, if it is one.
pub(crate) fn text_of(bytes: &Bytes) -> Option<&str> {
    std::str::from_utf8(bytes.as_ref().ok()?).ok().map(|text| text.trim_start_matches('\u{feff}'))
}

/// What the correlations among documents name.
fn names(documents: &[Document]) -> impl Iterator<Item = &str> {
    documents.iter().flat_map(|document| match document {
        Document::Correlation(rule) => {
            rule.correlation.rules.iter().map(|name| name.value.as_str()).collect()
        }
        _ => Vec::new(),
    })
}

fn is_called(document: &Document, reference: &str) -> bool {
    let meta = document.meta();
    [&meta.name, &meta.id].into_iter().flatten().any(|name| name.value == reference)
}

fn is_for(filter: &eqlc_sigma::Filter, document: &Document) -> bool {
    match document {
        Document::Rule(rule) => filter_applies(filter, &rule.meta, &rule.logsource),
        _ => false,
    }
}
