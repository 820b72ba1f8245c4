//! Mutations of Sigma, on the tree of its YAML.

use eqlc_diagnostics::{Fragment, Node, SourceId, Span, has_errors};
use eqlc_ir::Part as IrPart;
use eqlc_sigma::{
    Condition, Correlation, CorrelationCondition, CorrelationType, Detection, Document, FieldTest, File,
    Item, Modifier, Part, Quantifier, Relation, Search, SigmaString, Value,
};

use super::operator::{Operator, Sites, Tree, Walk};
use super::text::{numbers, other_text, parts, regexes};

/// The documents of a file; none where the text has errors.
pub(crate) fn read(text: &str) -> Option<File> {
    let parsed = eqlc_sigma::parse(&Fragment::verbatim(SourceId::default(), 0, text.to_owned()));
    (!has_errors(&parsed.diagnostics)).then_some(parsed.tree)
}

impl Tree for File {
    fn walk(&mut self, sites: &mut Sites) -> Walk {
        for document in &mut self.documents {
            match document {
                Document::Rule(rule) => {
                    let source = &mut rule.logsource;
                    for part in [&mut source.category, &mut source.product, &mut source.service] {
                        if part.is_some() {
                            sites.put(Operator::Source, part, |_| None)?;
                        }
                    }
                    detection(&mut rule.detection, sites)?;
                }
                Document::Correlation(rule) => correlation(&mut rule.correlation, sites)?,
                Document::Filter(filter) => detection(&mut filter.detection, sites)?,
            }
        }
        Walk::Continue(())
    }
}

fn detection(detection: &mut Detection, sites: &mut Sites) -> Walk {
    for search in &mut detection.searches {
        match &mut search.search {
            Search::Map(tests) => map(tests, sites)?,
            Search::List(items) => {
                for item in items.iter_mut() {
                    match item {
                        Item::Map(tests) => map(tests, sites)?,
                        Item::Keyword(word) => value(&mut word.value, true, sites)?,
                    }
                }
                sites.drop_one(Operator::DropOperand, items)?;
            }
        }
    }
    detection.conditions.iter_mut().try_for_each(|written| condition(&mut written.value, false, sites))
}

fn map(tests: &mut Vec<FieldTest>, sites: &mut Sites) -> Walk {
    tests.iter_mut().try_for_each(|test| self::test(test, sites))?;
    sites.drop_one(Operator::DropOperand, tests)
}

fn test(test: &mut FieldTest, sites: &mut Sites) -> Walk {
    modifiers(test, sites)?;
    let exact = !test.modifiers.iter().any(|modifier| {
        matches!(modifier.value, Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith)
    });
    let (regex, network) = (test.has(Modifier::Re), test.has(Modifier::Cidr));
    for written in &mut test.values {
        match &written.value {
            Value::Raw(text) if regex => {
                for (operator, new) in regexes(text) {
                    sites.put(operator, &mut written.value, |_| Value::Raw(new))?;
                }
            }
            Value::Raw(text) if network => {
                if let Some(wider) = wider_network(text) {
                    sites.put(Operator::Widen, &mut written.value, |_| Value::Raw(wider))?;
                }
            }
            Value::Raw(_) => {}
            _ => value(&mut written.value, exact, sites)?,
        }
    }
    sites.drop_one(Operator::DropItem, &mut test.values)
}

/// The network of twice the size.
fn wider_network(text: &str) -> Option<String> {
    let (address, length) = text.split_once('/')?;
    Some(format!("{address}/{}", length.parse::<u8>().ok()?.checked_sub(1)?))
}

fn modifiers(test: &mut FieldTest, sites: &mut Sites) -> Walk {
    for written in &mut test.modifiers {
        for (operator, other) in other_modifiers(written.value) {
            sites.put(*operator, &mut written.value, |_| *other)?;
        }
    }
    for at in 0..test.modifiers.len() {
        let operator = match test.modifiers.get(at).map(|written| written.value) {
            Some(Modifier::Cased | Modifier::ReIgnoreCase) => Operator::LetterCase,
            Some(Modifier::All) => Operator::SwapAndOr,
            Some(Modifier::Neq) => Operator::Negate,
            _ => continue,
        };
        if sites.offer(operator) {
            test.modifiers.remove(at);
            return Walk::Break(());
        }
    }
    let texts = test.values.iter().all(|written| matches!(written.value, Value::Str(_)));
    let shaped = test.modifiers.iter().any(|written| {
        !matches!(written.value, Modifier::All | Modifier::Cased | Modifier::Neq | Modifier::ReIgnoreCase)
    });
    let mut more = Vec::new();
    if texts && !test.has(Modifier::Cased) {
        more.push((Operator::LetterCase, Modifier::Cased));
    }
    if texts && !shaped && test.field.is_some() {
        more.push((Operator::Widen, Modifier::Contains));
    }
    if test.has(Modifier::Re) && !test.has(Modifier::ReIgnoreCase) {
        more.push((Operator::LetterCase, Modifier::ReIgnoreCase));
    }
    if test.values.len() > 1 && !test.has(Modifier::All) {
        more.push((Operator::SwapAndOr, Modifier::All));
    }
    for (operator, modifier) in more {
        if sites.offer(operator) {
            test.modifiers.push(Node::new(modifier, Span::default()));
            return Walk::Break(());
        }
    }
    Walk::Continue(())
}

fn other_modifiers(modifier: Modifier) -> &'static [(Operator, Modifier)] {
    match modifier {
        Modifier::Contains => {
            &[(Operator::Narrow, Modifier::StartsWith), (Operator::Narrow, Modifier::EndsWith)]
        }
        Modifier::StartsWith => {
            &[(Operator::Widen, Modifier::Contains), (Operator::Function, Modifier::EndsWith)]
        }
        Modifier::EndsWith => {
            &[(Operator::Widen, Modifier::Contains), (Operator::Function, Modifier::StartsWith)]
        }
        Modifier::Gt => &[(Operator::Comparison, Modifier::Gte), (Operator::Comparison, Modifier::Lt)],
        Modifier::Gte => &[(Operator::Comparison, Modifier::Gt), (Operator::Comparison, Modifier::Lte)],
        Modifier::Lt => &[(Operator::Comparison, Modifier::Lte), (Operator::Comparison, Modifier::Gt)],
        Modifier::Lte => &[(Operator::Comparison, Modifier::Lt), (Operator::Comparison, Modifier::Gte)],
        _ => &[],
    }
}

/// A value; `exact`: no modifier puts wildcards around it.
fn value(value: &mut Value, exact: bool, sites: &mut Sites) -> Walk {
    let changes: Vec<(Operator, Value)> = match value {
        Value::Str(text) if exact => {
            let changed = parts(&ir_parts(text)).into_iter();
            changed.map(|(operator, parts)| (operator, Value::Str(sigma_string(parts)))).collect()
        }
        Value::Str(text) => match text.as_literal() {
            Some(text) => vec![(Operator::Constant, Value::literal(other_text(text)))],
            None => Vec::new(),
        },
        Value::Int(number) => {
            numbers(*number).into_iter().map(|(operator, number)| (operator, Value::Int(number))).collect()
        }
        Value::Float(number) => vec![(Operator::Constant, Value::Float(*number + 1.0))],
        Value::Bool(flag) => vec![(Operator::Constant, Value::Bool(!*flag))],
        Value::Raw(_) | Value::Null => Vec::new(),
    };
    sites.put_one(value, changes)
}

fn ir_parts(text: &SigmaString) -> Vec<IrPart> {
    let part = |part: &Part| match part {
        Part::Lit(text) => IrPart::Lit(text.as_str().into()),
        Part::AnyRun => IrPart::AnyRun,
        Part::AnyOne => IrPart::AnyOne,
    };
    text.parts().iter().map(part).collect()
}

fn sigma_string(parts: Vec<IrPart>) -> SigmaString {
    SigmaString::from_parts(parts.into_iter().map(|part| match part {
        IrPart::Lit(text) => Part::Lit(text.to_string()),
        IrPart::AnyRun => Part::AnyRun,
        IrPart::AnyOne => Part::AnyOne,
    }))
}

/// A condition; `negated`: directly below a `not`, which is what negating it would take away.
fn condition(written: &mut Condition, negated: bool, sites: &mut Sites) -> Walk {
    if let Condition::Not(inner) = written {
        let plain = (**inner).clone();
        condition(inner, true, sites)?;
        return sites.put(Operator::Negate, written, |_| plain);
    }
    if !negated {
        sites.put(Operator::Negate, written, |written| written.clone().negate())?;
    }
    match written {
        Condition::And(list) | Condition::Or(list) => {
            list.iter_mut().try_for_each(|operand| condition(operand, false, sites))?;
            sites.drop_one(Operator::DropOperand, list)?;
            sites.put(Operator::SwapAndOr, written, |written| match written {
                Condition::And(list) => Condition::Or(list.clone()),
                Condition::Or(list) => Condition::And(list.clone()),
                other => other.clone(),
            })
        }
        Condition::Quantified { quantifier, .. } => {
            let other = match quantifier.value {
                Quantifier::One => Quantifier::All,
                Quantifier::All => Quantifier::One,
                Quantifier::AtLeast(count) => Quantifier::AtLeast(count.saturating_add(1)),
            };
            sites.put(Operator::SwapAndOr, &mut quantifier.value, |_| other)
        }
        Condition::Not(_) | Condition::Ident(_) => Walk::Continue(()),
    }
}

fn correlation(correlation: &mut Correlation, sites: &mut Sites) -> Walk {
    sites.drop_any(Operator::DropKey, &mut correlation.group_by)?;
    let span = correlation.timespan.value.count;
    for other in [span.saturating_add(1), span.saturating_sub(1)] {
        sites.put(Operator::Span, &mut correlation.timespan.value.count, |_| other)?;
    }
    let unordered = match correlation.kind.value {
        CorrelationType::TemporalOrdered => Some(CorrelationType::Temporal),
        _ => None,
    };
    if let Some(unordered) = unordered {
        sites.put(Operator::Steps, &mut correlation.kind.value, |_| unordered)?;
        for at in 1..correlation.rules.len() {
            if sites.offer(Operator::Steps) {
                correlation.rules.swap(at - 1, at);
                return Walk::Break(());
            }
        }
    }
    if correlation.kind.value.is_temporal() && correlation.rules.len() > 2 {
        sites.drop_one(Operator::Steps, &mut correlation.rules)?;
    }
    match &mut correlation.condition {
        Some(CorrelationCondition::Aggregate(number)) => {
            for (relation, bound) in &mut number.relations {
                sites.put(Operator::Comparison, &mut relation.value, |relation| other_relation(*relation))?;
                value(&mut bound.value, true, sites)?;
            }
            Walk::Continue(())
        }
        Some(CorrelationCondition::Rules(written)) => condition(&mut written.value, false, sites),
        None => Walk::Continue(()),
    }
}

fn other_relation(relation: Relation) -> Relation {
    match relation {
        Relation::Eq => Relation::Neq,
        Relation::Neq => Relation::Eq,
        Relation::Gt => Relation::Gte,
        Relation::Gte => Relation::Gt,
        Relation::Lt => Relation::Lte,
        Relation::Lte => Relation::Lt,
    }
}
