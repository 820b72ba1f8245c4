//! EQL: tokens, parser with recovery, syntax tree, printer.
//!
//! [`parse`] reads the Elasticsearch flavour of EQL (8.6 and later); [`Options`] selects the Endpoint flavour.
//! It reports what can be known without types: spelling, brackets, strings, the shape of sequences, samples and
//! pipes (`eql-semantics.md` §1–§3). [`print()`] writes a tree in the one layout that the formatter uses.
//!
//! ```
//! use eqlc_diagnostics::{Fragment, SourceMap};
//!
//! let mut sources = SourceMap::new();
//! let text = "process where  process.name : \"cmd.exe\"  and user.id != null";
//! let id = sources.add("rule.eql", text);
//! let parsed = eqlc_eql::parse(&Fragment::verbatim(id, 0, text));
//! assert!(parsed.diagnostics.is_empty());
//! assert_eq!(
//!     eqlc_eql::print(&parsed.tree),
//!     "process where process.name : \"cmd.exe\" and user.id != null\n"
//! );
//! ```

pub mod ast;
mod brackets;
mod check;
mod format;
mod hidden;
mod lex;
mod limits;
mod parser;
mod print;
mod runs;
#[cfg(test)]
mod tests;
mod token;

use eqlc_diagnostics::{Fragment, Parsed};

pub use ast::Query;
pub use format::{format, places};
pub use hidden::{Hidden, Within, hidden_characters, is_hidden};
pub use limits::MAX_BYTES;
pub use print::{print, print_expr};

/// Which flavour of the language a text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The `_eql/search` language, `eql-semantics.md` §1–§3.
    #[default]
    Elasticsearch,
    /// The language of Elastic Endpoint behaviour rules: adds `descendant of`, `$name` and `as name`,
    /// `eql-semantics.md` §14.
    Endpoint,
}

/// What [`parse_with`] may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The flavour; Elasticsearch unless told.
    pub dialect: Dialect,
}

/// Reads a query of the Elasticsearch dialect.
///
/// There is always a tree. Where the text could not be read it holds [`ast::ExprKind::Error`] or
/// [`ast::Body::Error`], and the diagnostics say why, in the order of the text.
#[must_use]
pub fn parse(fragment: &Fragment) -> Parsed<Query> {
    parse_with(fragment, Options::default())
}

/// Reads a query of the dialect that the options name; otherwise as [`parse`].
#[must_use]
pub fn parse_with(fragment: &Fragment, options: Options) -> Parsed<Query> {
    parser::parse(fragment, options.dialect)
}
