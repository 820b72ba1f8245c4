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
mod field;
mod function;
mod gone;
mod keys;
mod lists;
mod lucene;
mod regexes;
mod types;
mod value;

use std::collections::BTreeSet;

use eqlc_diagnostics::{Diagnostic, Diagnostics, Severity};
use eqlc_eql::ast;
use eqlc_ir as ir;
use eqlc_schema::Schema;

/// What a query is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The fields there are.
    pub schema: &'a Schema,
    /// Whether a field that the schema lacks is an error, as in Elasticsearch, rather than a warning. A field
    /// marked with `?` is neither.
    pub strict_fields: bool,
}

impl Default for Context<'static> {
    fn default() -> Self {
        Self { schema: Schema::ecs(), strict_fields: false }
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

/// Lowers a query. Nothing is given back when an error is reported or the tree has error nodes; diagnostics
/// come in the order of the text. What the parser refused may be missing from the tree, so a result counts only
/// when parsing had no errors either.
#[must_use]
pub fn lower(query: &ast::Query, context: &Context<'_>) -> (Option<Lowered>, Diagnostics) {
    let mut lowering = Lowering { context, diagnostics: Vec::new(), unknown: BTreeSet::new() };
    let body = lowering.body(&query.body);
    let pipes = query.pipes.iter().filter_map(body::pipe).collect();
    let mut diagnostics = lowering.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    let lowered = body.map(|body| Lowered { body, pipes });
    (lowered.filter(|_| !eqlc_diagnostics::has_errors(&diagnostics)), diagnostics)
}

/// The state of the pass. Its methods give `None` for what has no meaning, after saying why.
struct Lowering<'a> {
    context: &'a Context<'a>,
    diagnostics: Diagnostics,
    /// Unknown fields that were reported: each is reported once.
    unknown: BTreeSet<String>,
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

#[cfg(test)]
mod tests;
