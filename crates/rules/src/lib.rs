//! Rule documents: what is in a file, before any query is parsed.
//!
//! [`read`] takes bytes, because file access belongs to the driver, and gives the metadata and the query text
//! of every rule. A query is a [`Fragment`]: it knows where each of its bytes stands in the outer file, so that
//! a parser's spans point at what was typed even inside a TOML string with escapes.

mod bytes;
mod document;
mod format;
pub mod json;
mod rewrite;
mod shape;
mod toml;
pub mod tree;
pub mod write;

use eqlc_diagnostics::{Fragment, Parsed, SourceId, SourceMap, Span};
use eqlc_ir::meta::Metadata;

pub use bytes::MAX_BYTES;
pub use document::{GuideSource, GuideTable};
pub use format::Format;
pub use json::kibana::holds_rules;
pub use rewrite::{is_rewritable, with_query};

/// What a file holds.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// The text in the source map. There is one even for a file that could not be read.
    pub source: SourceId,
    /// The rules in the order of the file; none when the file could not be read.
    pub documents: Vec<RuleDocument>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RuleDocument {
    /// Everything but the query. For Sigma only the name (that of the file): the Sigma reader knows the rest.
    pub metadata: Metadata,
    /// The query.
    pub query: QueryText,
    /// The whole document.
    pub span: Span,
    /// The investigation guide.
    pub guide: GuideSource,
}

/// A query that is not parsed yet.
#[derive(Clone, Debug)]
pub struct QueryText {
    /// What it is written in.
    pub language: QueryLanguage,
    /// Its text and where it stands. Empty for rules without a query.
    pub fragment: Fragment,
}

/// The language of a query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum QueryLanguage {
    /// EQL.
    Eql,
    /// Sigma; the fragment is the whole YAML text, possibly of several documents.
    Sigma,
    /// Another, by its name in the document (`kuery`, `esql`), or the type of a rule without a query language
    /// (`machine_learning`). The reader has already said that the rule is skipped.
    Other(String),
}

/// Reads the rules of a file. `name` is its path, or anything else for standard input (`<stdin>`): it gives the
/// format, where its extension is known, the name of a rule that has none of its own, and the name in `sources`.
///
/// The text is added to `sources` whatever happens; a byte order mark stays in it and outside every fragment.
/// Errors leave documents that could be made out in the tree; they must not be compiled when
/// [`eqlc_diagnostics::has_errors`] says so.
#[must_use]
pub fn read(name: &str, bytes: &[u8], sources: &mut SourceMap) -> Parsed<RuleFile> {
    let (source, start) = match bytes::add(name, bytes, sources) {
        Ok(text) => text,
        Err(refused) => {
            let tree = RuleFile { source: refused.source, documents: Vec::new() };
            return Parsed { tree, diagnostics: vec![*refused.diagnostic] };
        }
    };
    let text = sources.text(source);
    let stem = format::stem(name);
    let (documents, diagnostics) = match Format::of(name, text) {
        Ok(Format::Toml) => toml::read(source, text, stem),
        Ok(Format::Kibana) => json::kibana::read(source, text, start, stem),
        Ok(Format::Eql) => (vec![whole(QueryLanguage::Eql, source, text, start, stem)], Vec::new()),
        Ok(Format::Sigma) => (vec![whole(QueryLanguage::Sigma, source, text, start, stem)], Vec::new()),
        Err(unknown) => (Vec::new(), vec![unknown.diagnostic(source)]),
    };
    Parsed { tree: RuleFile { source, documents }, diagnostics }
}

/// A document that is a query and nothing else.
fn whole(language: QueryLanguage, source: SourceId, text: &str, start: usize, name: &str) -> RuleDocument {
    let fragment = Fragment::verbatim(source, start, text.get(start..).unwrap_or(""));
    RuleDocument {
        metadata: Metadata { name: name.to_owned(), ..Metadata::default() },
        query: QueryText { language, fragment },
        span: Span::new(source, 0..text.len()),
        guide: GuideSource::default(),
    }
}

#[cfg(test)]
mod tests;
