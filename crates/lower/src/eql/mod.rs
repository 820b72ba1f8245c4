//! Pass 3 for EQL: syntax tree to IR, with every check that needs types (`eql-semantics.md` §3–§7).
//!
//! What can be known without types — the shape of sequences, samples and pipes — is the parser's. Error nodes
//! of a tree that could not be read in full are passed over in silence, so that what else is wrong is still
//! found.

mod arithmetic;
mod body;
mod compare;
mod condition;
mod constants;
mod dates;
mod digest;
mod endpoint;
mod field;
mod function;
mod gone;
mod hyphen;
mod keys;
mod lints;
mod listed;
mod lists;
mod lucene;
mod regexes;
mod types;
mod value;

use std::collections::BTreeSet;

use eqlc_diagnostics::{Diagnostic, Diagnostics, Severity};
use eqlc_eql::{Dialect, ast};
use eqlc_ir as ir;
use eqlc_schema::Schema;

use endpoint::Names;

pub use lints::outside_patterns;

/// What a query is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The fields there are.
    pub schema: &'a Schema,
    /// Whether a field that the schema lacks is an error, as in Elasticsearch, rather than a warning. A field
    /// marked with `?` is neither.
    pub strict_fields: bool,
    /// The language of the query. That of Endpoint adds what `eql-semantics.md` §14 lists; there a field that
    /// the schema lacks is simply one of unknown type, and fields are compared with each other.
    pub dialect: Dialect,
}

impl Default for Context<'static> {
    fn default() -> Self {
        Self { schema: Schema::ecs(), strict_fields: false, dialect: Dialect::default() }
    }
}

/// A query in the IR.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    /// What it matches.
    pub body: ir::Body,
    /// Limits on the matches.
    pub pipes: Vec<ir::Pipe>,
}

/// Lowers a query and looks for lints. Nothing is given back when an error is reported or the tree has error nodes;
/// diagnostics come in the order of the text. What the parser refused may be missing from the tree, so a result
/// counts only when parsing had no errors either.
#[must_use]
pub fn lower(query: &ast::Query, context: &Context<'_>) -> (Option<Lowered>, Diagnostics) {
    let (lowered, mut diagnostics) = lowered(query, context, true);
    diagnostics.extend(lints::of_tree(query));
    diagnostics.extend(lowered.iter().flat_map(|lowered| lints::of_body(&lowered.body)));
    lints::keep_comments(&mut diagnostics, &query.comments);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    (lowered.filter(|_| !eqlc_diagnostics::has_errors(&diagnostics)), diagnostics)
}

/// Lowers a query: names, types and functions are checked, and nothing more. What is found on the way stands in no
/// order. For texts that nobody wrote, such as the outputs of eqlc.
#[must_use]
pub fn lower_unlinted(query: &ast::Query, context: &Context<'_>) -> (Option<Lowered>, Diagnostics) {
    lowered(query, context, false)
}

fn lowered(query: &ast::Query, context: &Context<'_>, linted: bool) -> (Option<Lowered>, Diagnostics) {
    let (unknown, names) = (BTreeSet::new(), Names::default());
    let mut lowering = Lowering { context, linted, diagnostics: Vec::new(), unknown, names };
    let body = lowering.body(&query.body);
    let pipes = query.pipes.iter().filter_map(body::pipe).collect();
    (body.map(|body| Lowered { body, pipes }), lowering.diagnostics)
}

/// The state of the pass. Its methods give `None` for what has no meaning, after saying why.
struct Lowering<'a> {
    context: &'a Context<'a>,
    /// Whether lists are searched for what is legal and probably not meant.
    linted: bool,
    diagnostics: Diagnostics,
    /// Unknown fields that were reported: each is reported once.
    unknown: BTreeSet<String>,
    /// What can be named at the place that is looked at.
    names: Names,
}

impl Lowering<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports an error, and is the `None` that stands for what it is about.
    fn refuse<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        debug_assert_eq!(diagnostic.severity, Severity::Error);
        self.report(diagnostic);
        None
    }
}

/// What the items give, all of them looked at; none where one gives nothing.
fn every<T>(items: impl ExactSizeIterator<Item = Option<T>>) -> Option<Vec<T>> {
    let mut found = Vec::with_capacity(items.len());
    let mut whole = true;
    for item in items {
        match item {
            Some(item) => found.push(item),
            None => whole = false,
        }
    }
    whole.then_some(found)
}

#[cfg(test)]
mod tests;
