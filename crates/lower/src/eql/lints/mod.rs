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
mod runs;

use eqlc_diagnostics::{Diagnostics, Span};
use eqlc_eql::ast;
use eqlc_eql::ast::{Expr, ExprKind};
use eqlc_ir as ir;

/// What the lints say of the syntax tree.
pub(super) fn of_tree(query: &ast::Query) -> Diagnostics {
    let mut found = Vec::new();
    missing_last::check(&query.body, &mut found);
    for term in terms(&query.body) {
        runs::check(term, &mut found);
    }
    for filter in filters(&query.body) {
        each(&filter.condition, &mut |expr| {
            constant::check(expr, &mut found);
            covered::check(expr, &query.comments, &mut found);
            duplicate::check(expr, &mut found);
            escaped::check(expr, &mut found);
        });
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

/// Visits an expression and all in it, outer ones first.
fn each(expr: &Expr, visit: &mut impl FnMut(&Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Call { args, .. } | ExprKind::And(args) | ExprKind::Or(args) => {
            args.iter().for_each(|arg| each(arg, visit));
        }
        ExprKind::Not(inner) | ExprKind::Neg(inner) | ExprKind::Pos(inner) => each(inner, visit),
        ExprKind::Compare { left, right, .. } => {
            each(left, visit);
            each(right, visit);
        }
        ExprKind::Arith { first, rest } => {
            each(first, visit);
            rest.iter().for_each(|(_, operand)| each(operand, visit));
        }
        ExprKind::In { subject, items, .. } => {
            each(subject, visit);
            items.iter().for_each(|item| each(item, visit));
        }
        ExprKind::Match { subject, .. } => each(subject, visit),
        ExprKind::Lineage { filter, .. } => each(&filter.condition, visit),
        ExprKind::Literal(_) | ExprKind::Field { .. } | ExprKind::Variable { .. } | ExprKind::Error => {}
    }
}

/// The place of a condition: from its first test to its last.
fn place(pred: &ir::Pred) -> Option<Span> {
    pred.tests().into_iter().map(|test| test.span).reduce(Span::to)
}
