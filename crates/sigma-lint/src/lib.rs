//! Lints of Sigma documents: what the specification advises and what the rules of SigmaHQ keep to, with repairs.
//!
//! [`lint`] walks the documents of a file once. It is asked about files that were read without errors: what a rule
//! must be stands in the reader and in the lowering. Repairs are edits of the YAML as it was written, which leave every
//! other byte alone, comments included; where the notation does not allow that (an alias, an escape, a value over
//! several lines) there is none.

mod condition;
mod correlation;
mod dates;
mod document;
mod edits;
mod file_name;
mod identity;
mod log_source;
mod metadata;
mod order;
mod raw;
mod references;
mod related;
mod search;
mod sink;
mod tags;
mod taxonomy;
mod title;

use eqlc_diagnostics::{Code, Diagnostics, Fragment};
use eqlc_sigma::{Document, File};

pub use identity::Identities;

use raw::Source;
use sink::Sink;

/// What a file is held against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The text that the file was read from.
    pub fragment: &'a Fragment,
    /// The path of the file, as diagnostics print it.
    pub path: &'a str,
    /// Documents of other files that correlations of this one name.
    pub others: &'a [Document],
    /// What the rules of the run are called; none: only those of the file are held against each other.
    pub identities: Option<&'a Identities>,
    /// Whether anybody wants to know of findings of a code.
    pub wanted: &'a dyn Fn(Code) -> bool,
}

/// What the lints say of the documents of a file, in the order of the text.
#[must_use]
pub fn lint(file: &File, context: &Context<'_>) -> Diagnostics {
    let source = Source::new(context.fragment);
    let mut sink = Sink::new(context.wanted);
    for document in &file.documents {
        document::check(document, &source, &mut sink);
        if let Document::Correlation(rule) = document {
            correlation::check(rule, &file.documents, context.others, &mut sink);
        }
    }
    identity::check(file, context, &mut sink);
    file_name::check(file, context.path, &source, &mut sink);
    let mut found = sink.finish();
    if !source.is_plain() || edits::is_shared(file) {
        found.iter_mut().for_each(|finding| finding.fixes.clear());
    }
    found
}

#[cfg(test)]
mod tests;
