//! Lints: legal queries that probably do not mean what their author wanted, one file each.
//!
//! Those that need no more than one operator and its operands stand where these are lowered; here are those that
//! look at several conditions together.

mod constant;
mod contradiction;
mod covered;
mod duplicate;
mod escaped;
mod missing;
mod missing_last;
mod outside;
mod runs;
mod walk;

use eqlc_diagnostics::{Diagnostics, Edit, Span};
use eqlc_eql::ast;
use eqlc_ir as ir;

pub use outside::outside_patterns;

use walk::Walk;

/// What the lints say of the syntax tree.
pub(super) fn of_tree(query: &ast::Query) -> Diagnostics {
    let mut found = Vec::new();
    missing_last::check(&query.body, &mut found);
    for term in terms(&query.body) {
        runs::check(term, &mut found);
    }
    let mut walk = Walk { comments: &query.comments, found: &mut found };
    for filter in filters(&query.body) {
        walk.expr(&filter.condition);
    }
    found
}

/// What the lints say of the meaning.
pub(super) fn of_body(body: &ir::Body) -> Diagnostics {
    let mut found = Vec::new();
    let mut query = |query: &ir::EventQuery, keys: &[&[ir::Key]]| {
        contradiction::check(&query.filter, &mut found);
        missing::check(&query.filter, keys, &mut found);
    };
    match body {
        ir::Body::Event(event) => query(event, &[]),
        ir::Body::Sequence(sequence) => {
            sequence.steps.iter().for_each(|step| query(&step.query, &[&sequence.by, &step.by]));
            sequence.until.iter().for_each(|until| query(&until.query, &[&sequence.by, &until.by]));
        }
        ir::Body::Sample(sample) => {
            sample.terms.iter().for_each(|term| query(&term.query, &[&sample.by, &term.by]));
        }
        ir::Body::Correlation(_) => {}
    }
    found
}

/// Takes out the fixes that would take a comment with them.
pub(super) fn keep_comments(diagnostics: &mut Diagnostics, comments: &[ast::Comment]) {
    if comments.is_empty() {
        return;
    }
    let first_behind = |place: u32| comments.partition_point(|note| note.span.end <= place);
    let keeps = |edit: &Edit| {
        comments.get(first_behind(edit.span.start)).is_none_or(|note| note.span.start >= edit.span.end)
    };
    for diagnostic in diagnostics {
        diagnostic.fixes.retain(|fix| fix.edits.iter().all(keeps));
    }
}

fn terms(body: &ast::Body) -> Vec<&ast::Term> {
    match body {
        ast::Body::Sequence(sequence) => sequence.terms.iter().chain(&sequence.until).collect(),
        ast::Body::Sample(sample) => sample.terms.iter().collect(),
        ast::Body::Event(_) | ast::Body::Error => Vec::new(),
    }
}

fn filters(body: &ast::Body) -> Vec<&ast::EventFilter> {
    match body {
        ast::Body::Event(filter) => vec![filter],
        other => terms(other).into_iter().map(|term| &term.filter).collect(),
    }
}

/// The place of a condition: from its first test to its last.
fn place(pred: &ir::Pred) -> Option<Span> {
    pred.tests().into_iter().map(|test| test.span).reduce(Span::to)
}
