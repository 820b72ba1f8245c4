//! Mutations of native plans, on the rule that a plan holds.

use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{
    Body, Case, Category, Comparison, Correlation, CorrelationCondition, CorrelationKind, EventQuery,
    Function, Key, Literal, Op, Pipe, Pred, Relation, Rule, Sample, Scalar, Sequence, Source, Test,
    TextPattern,
};
use ipnet::IpNet;

use super::operator::{Operator, Sites, Tree, Walk};
use super::text::{numbers, other_text, parts};

impl Tree for Rule {
    fn walk(&mut self, sites: &mut Sites) -> Walk {
        match &mut self.body {
            Body::Event(query) => event(query, sites)?,
            Body::Sequence(sequence) => self::sequence(sequence, sites)?,
            Body::Sample(sample) => self::sample(sample, sites)?,
            Body::Correlation(correlation) => self::correlation(correlation, sites)?,
        }
        sites.drop_any(Operator::Limit, &mut self.pipes)?;
        for pipe in &mut self.pipes {
            let (Pipe::Head(count) | Pipe::Tail(count)) = pipe;
            let one_more = count.saturating_add(1);
            sites.put(Operator::Limit, count, |_| one_more)?;
        }
        Walk::Continue(())
    }
}

fn event(query: &mut EventQuery, sites: &mut Sites) -> Walk {
    match &mut query.category {
        Category::Any => {}
        Category::OneOf(_) => sites.put(Operator::Source, &mut query.category, |_| Category::Any)?,
        Category::LogSource(source) => {
            for part in [&mut source.product, &mut source.category, &mut source.service] {
                if part.is_some() {
                    sites.put(Operator::Source, part, |_| None)?;
                }
            }
        }
    }
    condition(&mut query.filter, false, sites)
}

/// Takes a key of a place from every step: all have as many.
fn own_keys(mut lists: Vec<&mut Vec<Key>>, sites: &mut Sites) -> Walk {
    for at in 0..lists.iter().map(|keys| keys.len()).min().unwrap_or(0) {
        if sites.offer(Operator::DropKey) {
            lists.iter_mut().for_each(|keys| drop(keys.remove(at)));
            return Walk::Break(());
        }
    }
    Walk::Continue(())
}

fn sequence(sequence: &mut Sequence, sites: &mut Sites) -> Walk {
    sites.drop_any(Operator::DropKey, &mut sequence.by)?;
    let of_steps = sequence.steps.iter_mut().map(|step| &mut step.by);
    own_keys(of_steps.chain(sequence.until.iter_mut().map(|until| &mut until.by)).collect(), sites)?;
    if let Some(span) = sequence.maxspan_ms {
        for other in [None, Some(span.saturating_add(1)), Some(span.saturating_sub(1))] {
            sites.put(Operator::Span, &mut sequence.maxspan_ms, |_| other)?;
        }
    }
    if sequence.until.is_some() {
        sites.put(Operator::DropUntil, &mut sequence.until, |_| None)?;
    }
    for at in 1..sequence.steps.len() {
        if sites.offer(Operator::Steps) {
            sequence.steps.swap(at - 1, at);
            return Walk::Break(());
        }
    }
    if sequence.steps.len() > 2 {
        sites.drop_one(Operator::Steps, &mut sequence.steps)?;
    }
    for step in &mut sequence.steps {
        sites.put(Operator::Missing, &mut step.missing, |missing| !missing)?;
        for other in [step.runs + 1, step.runs.saturating_sub(1)].into_iter().filter(|runs| *runs > 0) {
            sites.put(Operator::Runs, &mut step.runs, |_| other)?;
        }
        event(&mut step.query, sites)?;
    }
    sequence.until.iter_mut().try_for_each(|until| event(&mut until.query, sites))
}

fn sample(sample: &mut Sample, sites: &mut Sites) -> Walk {
    sites.drop_any(Operator::DropKey, &mut sample.by)?;
    own_keys(sample.terms.iter_mut().map(|term| &mut term.by).collect(), sites)?;
    if sample.terms.len() > 2 {
        sites.drop_one(Operator::Steps, &mut sample.terms)?;
    }
    sample.terms.iter_mut().try_for_each(|term| event(&mut term.query, sites))
}

fn correlation(correlation: &mut Correlation, sites: &mut Sites) -> Walk {
    sites.drop_any(Operator::DropKey, &mut correlation.group_by)?;
    for span in [correlation.timespan_ms.saturating_add(1), correlation.timespan_ms.saturating_sub(1)] {
        sites.put(Operator::Span, &mut correlation.timespan_ms, |_| span)?;
    }
    if correlation.kind == CorrelationKind::TemporalOrdered {
        sites.put(Operator::Steps, &mut correlation.kind, |_| CorrelationKind::Temporal)?;
        for at in 1..correlation.rules.len() {
            if sites.offer(Operator::Steps) {
                correlation.rules.swap(at - 1, at);
                return Walk::Break(());
            }
        }
    }
    if let Some(CorrelationCondition::Number(number)) = &mut correlation.condition {
        for bound in &mut number.bounds {
            sites.put(Operator::Comparison, &mut bound.relation, |relation| other_relation(*relation))?;
            constant(&mut bound.value, sites)?;
        }
    }
    for rule in &mut correlation.rules {
        match &mut rule.source {
            Source::Events(query) => event(query, sites)?,
            Source::Correlation(inner) => self::correlation(inner, sites)?,
        }
    }
    Walk::Continue(())
}

fn other_relation(relation: Relation) -> Relation {
    match relation {
        Relation::Equal => Relation::NotEqual,
        Relation::NotEqual => Relation::Equal,
        Relation::Less => Relation::LessOrEqual,
        Relation::LessOrEqual => Relation::Less,
        Relation::Greater => Relation::GreaterOrEqual,
        Relation::GreaterOrEqual => Relation::Greater,
    }
}

/// A condition; `negated`: directly below a negation, which is what negating it would take away.
fn condition(pred: &mut Pred, negated: bool, sites: &mut Sites) -> Walk {
    if let Pred::Not(inner) = pred {
        let plain = (**inner).clone();
        condition(inner, true, sites)?;
        return sites.put(Operator::Negate, pred, |_| plain);
    }
    if !negated {
        sites.put(Operator::Negate, pred, |pred| pred.clone().not())?;
    }
    match pred {
        Pred::All(list) | Pred::Any(list) => {
            list.iter_mut().try_for_each(|operand| condition(operand, false, sites))?;
            sites.drop_one(Operator::DropOperand, list)?;
            sites.put(Operator::SwapAndOr, pred, |pred| match pred {
                Pred::All(list) => Pred::Any(list.clone()),
                Pred::Any(list) => Pred::All(list.clone()),
                other => other.clone(),
            })
        }
        Pred::AtLeast(count, list) => {
            list.iter_mut().try_for_each(|operand| condition(operand, false, sites))?;
            sites.put(Operator::Constant, count, |count| count + 1)?;
            sites.drop_one(Operator::DropOperand, list)
        }
        Pred::Test(test) => self::test(test, sites),
        Pred::Element(element) => condition(&mut element.pred, false, sites),
        Pred::Descendant(query) => event(query, sites),
        Pred::Anywhere(anywhere) => op(&mut anywhere.op, sites),
        Pred::Not(_) | Pred::Const(_) => Walk::Continue(()),
    }
}

fn test(test: &mut Test, sites: &mut Sites) -> Walk {
    op(&mut test.op, sites)?;
    scalar(&mut test.subject, sites)
}

fn op(op: &mut Op, sites: &mut Sites) -> Walk {
    match op {
        Op::Compare(comparison, right) => {
            for other in other_comparisons(*comparison) {
                sites.put(Operator::Comparison, comparison, |_| *other)?;
            }
            let text = match right {
                Scalar::Literal(Literal::Str(text)) if *comparison == Comparison::Equal => {
                    Some(TextPattern::exact(text))
                }
                _ => None,
            };
            scalar(right, sites)?;
            match text {
                Some(text) => {
                    sites.put(Operator::LetterCase, op, |_| Op::Text(vec![text], Case::Insensitive))
                }
                None => Walk::Continue(()),
            }
        }
        Op::OneOf(items, case) => {
            items.iter_mut().try_for_each(|item| constant(item, sites))?;
            sites.drop_one(Operator::DropItem, items)?;
            if items.iter().any(|item| matches!(item, Literal::Str(_))) {
                sites.put(Operator::LetterCase, case, |case| other_case(*case))?;
            }
            Walk::Continue(())
        }
        Op::Text(patterns, case) => {
            for pattern in patterns.iter_mut() {
                for (operator, new) in parts(pattern.parts()) {
                    sites.put(operator, pattern, |_| TextPattern::new(new))?;
                }
            }
            sites.drop_one(Operator::DropItem, patterns)?;
            sites.put(Operator::LetterCase, case, |case| other_case(*case))
        }
        Op::Regex(regex) => self::regex(regex, sites),
        Op::InNet(nets) => {
            for net in nets.iter_mut() {
                if let Some(wider) = net.supernet() {
                    sites.put(Operator::Widen, net, |_| wider)?;
                }
                if let Ok(narrower) = IpNet::new(net.addr(), net.prefix_len() + 1) {
                    sites.put(Operator::Narrow, net, |_| narrower)?;
                }
            }
            sites.drop_one(Operator::DropItem, nets)
        }
        Op::TimePart(_, comparison, number) => {
            for other in other_comparisons(*comparison) {
                sites.put(Operator::Comparison, comparison, |_| *other)?;
            }
            sites.put(Operator::Constant, number, |number| number.saturating_add(1))
        }
        _ => Walk::Continue(()),
    }
}

fn regex(regex: &mut Regex, sites: &mut Sites) -> Walk {
    let around = |before: bool| {
        move |node: &RegexNode| {
            let mut list = vec![node.clone()];
            list.insert(usize::from(!before), RegexNode::any_run());
            RegexNode::Concat(list)
        }
    };
    sites.put(Operator::Widen, &mut regex.root, around(true))?;
    sites.put(Operator::Widen, &mut regex.root, around(false))?;
    sites.put(Operator::LetterCase, &mut regex.case, |case| other_case(*case))?;
    node(&mut regex.root, sites)
}

fn node(node: &mut RegexNode, sites: &mut Sites) -> Walk {
    match node {
        RegexNode::Literal(text) => sites.put(Operator::Constant, text, |text| other_text(text)),
        RegexNode::Class { negated, .. } => sites.put(Operator::Constant, negated, |negated| !negated),
        RegexNode::Concat(list) => list.iter_mut().try_for_each(|inner| self::node(inner, sites)),
        RegexNode::Alternatives(list) => {
            list.iter_mut().try_for_each(|inner| self::node(inner, sites))?;
            sites.drop_one(Operator::DropItem, list)
        }
        RegexNode::Repeat { node, min, .. } => {
            if let Some(fewer) = min.checked_sub(1) {
                sites.put(Operator::Widen, min, |_| fewer)?;
            }
            self::node(node, sites)
        }
        _ => Walk::Continue(()),
    }
}

fn other_case(case: Case) -> Case {
    match case {
        Case::Sensitive => Case::Insensitive,
        Case::Insensitive => Case::Sensitive,
    }
}

fn other_comparisons(comparison: Comparison) -> &'static [Comparison] {
    match comparison {
        Comparison::Equal => &[Comparison::LessOrEqual, Comparison::GreaterOrEqual],
        Comparison::EqualInsensitive => &[Comparison::Equal],
        Comparison::Less => &[Comparison::LessOrEqual, Comparison::Greater],
        Comparison::LessOrEqual => &[Comparison::Less, Comparison::GreaterOrEqual],
        Comparison::Greater => &[Comparison::GreaterOrEqual, Comparison::Less],
        Comparison::GreaterOrEqual => &[Comparison::Greater, Comparison::LessOrEqual],
    }
}

fn scalar(value: &mut Scalar, sites: &mut Sites) -> Walk {
    match value {
        Scalar::Literal(literal) => constant(literal, sites),
        Scalar::Call { function, args, case } => {
            let relative = match function {
                Function::StartsWith => Some(Function::EndsWith),
                Function::EndsWith | Function::StringContains => Some(Function::StartsWith),
                Function::Add => Some(Function::Subtract),
                Function::Subtract => Some(Function::Add),
                Function::Multiply => Some(Function::Divide),
                Function::Divide | Function::Modulo => Some(Function::Multiply),
                _ => None,
            };
            if let Some(relative) = relative {
                sites.put(Operator::Function, function, |_| relative)?;
                sites.put(Operator::LetterCase, case, |case| other_case(*case))?;
            }
            args.iter_mut().try_for_each(|arg| scalar(arg, sites))
        }
        Scalar::Logic(pred) => condition(pred, false, sites),
        Scalar::Field(_) | Scalar::Of(..) => Walk::Continue(()),
    }
}

fn constant(literal: &mut Literal, sites: &mut Sites) -> Walk {
    let changes: Vec<(Operator, Literal)> = match literal {
        Literal::Null | Literal::Date(_) => Vec::new(),
        Literal::Bool(value) => vec![(Operator::Constant, Literal::Bool(!*value))],
        Literal::Int(number) => {
            numbers(*number).into_iter().map(|(operator, number)| (operator, Literal::Int(number))).collect()
        }
        Literal::Float(number) => vec![(Operator::Constant, Literal::Float(*number + 1.0))],
        Literal::Str(text) => vec![(Operator::Constant, Literal::Str(other_text(text).into()))],
    };
    sites.put_one(literal, changes)
}
