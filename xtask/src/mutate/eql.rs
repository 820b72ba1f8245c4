//! Mutations of EQL, on its syntax tree.

use eqlc_diagnostics::{Fragment, Node, SourceId, Span, has_errors};
use eqlc_eql::ast::{
    ArithOp, Body, Category, CompareOp, EventFilter, Expr, ExprKind, Literal, Match, MatchOp, MaxSpan, Pipe,
    Query, Sample, Sequence, Term,
};

use super::operator::{Operator, Sites, Tree, Walk};
use super::text::{STARS, numbers, other_text, patterns, regexes};

/// The tree of a query; none where the text has errors.
pub(crate) fn read(text: &str) -> Option<Query> {
    let parsed = eqlc_eql::parse(&Fragment::verbatim(SourceId::default(), 0, text.to_owned()));
    (!has_errors(&parsed.diagnostics)).then_some(parsed.tree)
}

impl Tree for Query {
    fn walk(&mut self, sites: &mut Sites) -> Walk {
        match &mut self.body {
            Body::Event(filter) => event(filter, sites)?,
            Body::Sequence(sequence) => self::sequence(sequence, sites)?,
            Body::Sample(sample) => self::sample(sample, sites)?,
            Body::Error => {}
        }
        sites.drop_any(Operator::Limit, &mut self.pipes)?;
        for pipe in &mut self.pipes {
            for (_, count) in pipe.count().map_or_else(Vec::new, |count| numbers(i128::from(count))) {
                let Ok(count) = u64::try_from(count) else { continue };
                let other = if pipe.name.value == "tail" { Pipe::tail(count) } else { Pipe::head(count) };
                sites.put(Operator::Limit, pipe, |_| other)?;
            }
        }
        Walk::Continue(())
    }
}

fn event(filter: &mut EventFilter, sites: &mut Sites) -> Walk {
    if matches!(filter.category.value, Category::Named { .. }) {
        sites.put(Operator::Source, &mut filter.category.value, |_| Category::Any)?;
    }
    condition(&mut filter.condition, false, sites)
}

fn sequence(sequence: &mut Sequence, sites: &mut Sites) -> Walk {
    sites.drop_any(Operator::DropKey, &mut sequence.by)?;
    let (terms, until) = (&mut sequence.terms, &mut sequence.until);
    own_keys(terms.iter_mut().chain(until.iter_mut()).collect(), sites)?;
    if let Some(span) = sequence.maxspan.as_ref().map(|span| span.value) {
        let place = &mut sequence.maxspan;
        sites.put(Operator::Span, place, |_| None)?;
        for millis in [span.millis().saturating_add(1), span.millis().saturating_sub(1)] {
            let new = Node::new(MaxSpan::from_millis(millis.max(1)), Span::default());
            sites.put(Operator::Span, place, |_| Some(new))?;
        }
    }
    if sequence.until.is_some() {
        sites.put(Operator::DropUntil, &mut sequence.until, |_| None)?;
    }
    for at in 1..sequence.terms.len() {
        if sites.offer(Operator::Steps) {
            sequence.terms.swap(at - 1, at);
            return Walk::Break(());
        }
    }
    if sequence.terms.len() > 2 {
        sites.drop_one(Operator::Steps, &mut sequence.terms)?;
    }
    for term in &mut sequence.terms {
        sites.put(Operator::Missing, &mut term.missing, |missing| !missing)?;
        let runs = term.runs.as_ref().map_or(1, |runs| runs.value);
        for other in [runs + 1, runs.saturating_sub(1)].into_iter().filter(|runs| *runs > 0) {
            sites.put(Operator::Runs, &mut term.runs, |_| Some(Node::new(other, Span::default())))?;
        }
        event(&mut term.filter, sites)?;
    }
    match &mut sequence.until {
        Some(until) => event(&mut until.filter, sites),
        None => Walk::Continue(()),
    }
}

fn sample(sample: &mut Sample, sites: &mut Sites) -> Walk {
    sites.drop_any(Operator::DropKey, &mut sample.by)?;
    own_keys(sample.terms.iter_mut().collect(), sites)?;
    if sample.terms.len() > 2 {
        sites.drop_one(Operator::Steps, &mut sample.terms)?;
    }
    sample.terms.iter_mut().try_for_each(|term| event(&mut term.filter, sites))
}

/// Takes the key of a place from every term: all have as many.
fn own_keys(mut terms: Vec<&mut Term>, sites: &mut Sites) -> Walk {
    let keys = terms.iter().map(|term| term.by.len()).min().unwrap_or(0);
    for at in 0..keys {
        if sites.offer(Operator::DropKey) {
            terms.iter_mut().for_each(|term| drop(term.by.remove(at)));
            return Walk::Break(());
        }
    }
    Walk::Continue(())
}

/// A condition; `negated`: directly below a `not`, which is what negating it would take away.
fn condition(expr: &mut Expr, negated: bool, sites: &mut Sites) -> Walk {
    if let ExprKind::Not(inner) = &mut expr.kind {
        let plain = (**inner).clone();
        condition(inner, true, sites)?;
        return sites.put(Operator::Negate, expr, |_| plain);
    }
    if !negated {
        sites.put(Operator::Negate, expr, |expr| expr.clone().negated())?;
    }
    match &mut expr.kind {
        ExprKind::And(list) | ExprKind::Or(list) => {
            list.iter_mut().try_for_each(|operand| condition(operand, false, sites))?;
            sites.drop_one(Operator::DropOperand, list)?;
        }
        _ => return test(expr, sites),
    }
    sites.put(Operator::SwapAndOr, &mut expr.kind, |kind| match kind {
        ExprKind::And(list) => ExprKind::Or(list.clone()),
        ExprKind::Or(list) => ExprKind::And(list.clone()),
        other => other.clone(),
    })
}

fn test(expr: &mut Expr, sites: &mut Sites) -> Walk {
    match &mut expr.kind {
        ExprKind::Compare(compare) => {
            for op in other_comparisons(compare.op.value) {
                sites.put(Operator::Comparison, &mut compare.op.value, |_| *op)?;
            }
            value(&mut compare.left, sites)?;
            value(&mut compare.right, sites)?;
            let ExprKind::Compare(compare) = &expr.kind else { return Walk::Continue(()) };
            let plain = |text: &str| !text.contains(['*', '?']);
            match (&compare.op.value, &compare.right.kind) {
                (CompareOp::Eq, ExprKind::Literal(literal @ Literal::Str { value, .. })) if plain(value) => {
                    let matched = Expr::matches(compare.left.clone(), MatchOp::Colon, vec![literal.clone()]);
                    sites.put(Operator::LetterCase, expr, |_| matched)
                }
                _ => Walk::Continue(()),
            }
        }
        ExprKind::In(list) => {
            list.items.iter_mut().try_for_each(|item| value(item, sites))?;
            sites.drop_one(Operator::DropItem, &mut list.items)?;
            let text = |item: &Expr| matches!(item.kind, ExprKind::Literal(Literal::Str { .. }));
            if list.items.iter().any(text) {
                sites.put(Operator::LetterCase, &mut list.insensitive, |insensitive| !insensitive)?;
            }
            value(&mut list.subject, sites)
        }
        ExprKind::Match(matched) => matches_of(matched, sites),
        _ => value(expr, sites),
    }
}

/// `!=` is the negation, which is offered apart.
fn other_comparisons(op: CompareOp) -> &'static [CompareOp] {
    match op {
        CompareOp::Eq | CompareOp::Ne => &[CompareOp::Le, CompareOp::Ge],
        CompareOp::Lt => &[CompareOp::Le, CompareOp::Gt],
        CompareOp::Le => &[CompareOp::Lt, CompareOp::Ge],
        CompareOp::Gt => &[CompareOp::Ge, CompareOp::Lt],
        CompareOp::Ge => &[CompareOp::Gt, CompareOp::Le],
    }
}

fn matches_of(matched: &mut Match, sites: &mut Sites) -> Walk {
    let other = match matched.op.value {
        MatchOp::Colon | MatchOp::LikeInsensitive => MatchOp::Like,
        MatchOp::Like => MatchOp::LikeInsensitive,
        MatchOp::Regex => MatchOp::RegexInsensitive,
        MatchOp::RegexInsensitive => MatchOp::Regex,
    };
    sites.put(Operator::LetterCase, &mut matched.op.value, |_| other)?;
    let regex = matches!(matched.op.value, MatchOp::Regex | MatchOp::RegexInsensitive);
    for pattern in &mut matched.patterns {
        let Literal::Str { value: text, .. } = &pattern.value else { continue };
        let changes = if regex { regexes(text) } else { patterns(text, STARS) };
        for (operator, new) in changes {
            sites.put(operator, &mut pattern.value, |_| Literal::raw_string(new))?;
        }
    }
    sites.drop_one(Operator::DropItem, &mut matched.patterns)?;
    value(&mut matched.subject, sites)
}

/// Constants and functions inside a test.
fn value(expr: &mut Expr, sites: &mut Sites) -> Walk {
    match &mut expr.kind {
        ExprKind::Literal(literal) => constant(literal, sites),
        ExprKind::Call(call) => {
            let relative = match call.name.value.as_str() {
                "startsWith" => Some("endsWith"),
                "endsWith" | "stringContains" => Some("startsWith"),
                _ => None,
            };
            if let Some(relative) = relative {
                sites.put(Operator::Function, &mut call.name.value, |_| relative.into())?;
            }
            if call.insensitive || relative.is_some() {
                sites.put(Operator::LetterCase, &mut call.insensitive, |insensitive| !insensitive)?;
            }
            if call.name.value == "cidrMatch" {
                let mut ranges = call.args.split_off(1.min(call.args.len()));
                let walked = sites.drop_one(Operator::DropItem, &mut ranges);
                call.args.append(&mut ranges);
                walked?;
            }
            call.args.iter_mut().try_for_each(|arg| value(arg, sites))
        }
        ExprKind::Arith { first, rest } => {
            value(first, sites)?;
            for (op, operand) in rest {
                let other = match op {
                    ArithOp::Add => ArithOp::Sub,
                    ArithOp::Sub => ArithOp::Add,
                    ArithOp::Mul => ArithOp::Div,
                    ArithOp::Div | ArithOp::Mod => ArithOp::Mul,
                };
                sites.put(Operator::Function, op, |_| other)?;
                value(operand, sites)?;
            }
            Walk::Continue(())
        }
        ExprKind::Neg(inner) | ExprKind::Pos(inner) => value(inner, sites),
        ExprKind::Not(_) | ExprKind::And(_) | ExprKind::Or(_) => condition(expr, false, sites),
        ExprKind::Compare(_) | ExprKind::In(_) | ExprKind::Match(_) => test(expr, sites),
        ExprKind::Field { .. } | ExprKind::Lineage { .. } | ExprKind::Variable(_) | ExprKind::Error => {
            Walk::Continue(())
        }
    }
}

fn constant(literal: &mut Literal, sites: &mut Sites) -> Walk {
    let changes: Vec<(Operator, Literal)> = match literal {
        Literal::Null => Vec::new(),
        Literal::Bool(value) => vec![(Operator::Constant, Literal::Bool(!*value))],
        Literal::Int(number) => numbers(i128::from(*number))
            .into_iter()
            .filter_map(|(operator, number)| Some((operator, Literal::Int(u64::try_from(number).ok()?))))
            .collect(),
        Literal::Float(number) => vec![(Operator::Constant, Literal::Float(*number + 1.0))],
        Literal::Str { value, .. } => vec![(Operator::Constant, Literal::raw_string(other_text(value)))],
    };
    sites.put_one(literal, changes)
}
