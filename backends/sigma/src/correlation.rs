//! A correlation as documents: those of its rules, then its own.

use std::collections::BTreeSet;

use eqlc_diagnostics::{Diagnostics, Node, Span};
use eqlc_ir::{
    Aggregate, Correlation, CorrelationCondition, CorrelationKind, GroupKey, Literal, Relation,
    RuleCondition, Source,
};
use eqlc_sigma::{Alias, Condition, CorrelationRule, CorrelationType, Document, Meta, Value};

use crate::meta::Describer;
use crate::{document, refuse, time};

/// The documents of a rule that is a correlation, the correlation last.
pub(crate) fn documents(
    correlation: &Correlation,
    describer: &Describer<'_>,
) -> Result<Vec<Document>, Diagnostics> {
    let name = describer.slug();
    let mut writer = Writer { describer, taken: BTreeSet::from([name.clone()]), documents: Vec::new() };
    let mut meta = describer.main();
    meta.name = Some(bare(name.clone()));
    writer.correlation(correlation, &name, "", meta)?;
    Ok(writer.documents)
}

struct Writer<'a> {
    describer: &'a Describer<'a>,
    /// Names of documents so far.
    taken: BTreeSet<String>,
    documents: Vec<Document>,
}

impl Writer<'_> {
    /// `name` is that of the correlation, `place` says where in the whole it stands.
    fn correlation(
        &mut self,
        correlation: &Correlation,
        name: &str,
        place: &str,
        meta: Meta,
    ) -> Result<(), Diagnostics> {
        let mut names = Vec::with_capacity(correlation.rules.len());
        for (at, part) in correlation.rules.iter().enumerate() {
            // A reader takes the name of the correlation off again.
            let own = self.free(format!("{name}_{}", part.name));
            let own_place = within(place, correlation.kind, at + 1);
            let meta = self.describer.part(&own_place, &own);
            match &part.source {
                Source::Events(query) => {
                    self.documents.push(Document::Rule(document::rule_of(query, meta)?));
                }
                Source::Correlation(inner) => self.correlation(inner, &own, &own_place, meta)?,
            }
            names.push(own);
        }
        let timespan = time::timespan(correlation.timespan_ms)?;
        let mut body = eqlc_sigma::Correlation::new(kind(correlation.kind)?, names.clone(), timespan);
        body.group_by = correlation.group_by.iter().map(|key| bare(key.name.clone())).collect();
        let counted: &[GroupKey] = match &correlation.condition {
            Some(CorrelationCondition::Number(wanted)) => &wanted.fields,
            _ => &[],
        };
        for key in correlation.group_by.iter().chain(counted) {
            if let Some(alias) = alias(key, &names)
                && !body.aliases.contains(&alias)
            {
                body.aliases.push(alias);
            }
        }
        body.condition =
            correlation.condition.as_ref().map(|wanted| condition(wanted, &names)).transpose()?;
        let rule = CorrelationRule { meta, correlation: body, span: Span::default() };
        self.documents.push(Document::Correlation(rule));
        Ok(())
    }

    /// The name, or the first of it with a number that no document has.
    fn free(&mut self, base: String) -> String {
        let mut name = base.clone();
        let mut count = 1_usize;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{base}_{count}");
        }
        name
    }
}

/// Where a rule stands, for its title.
fn within(place: &str, kind: CorrelationKind, number: usize) -> String {
    let word = if kind == CorrelationKind::TemporalOrdered { "Step" } else { "Rule" };
    if place.is_empty() { format!("{word} {number}") } else { format!("{place}, {word} {number}") }
}

fn kind(kind: CorrelationKind) -> Result<CorrelationType, Diagnostics> {
    Ok(match kind {
        CorrelationKind::TemporalOrdered => CorrelationType::TemporalOrdered,
        CorrelationKind::Temporal => CorrelationType::Temporal,
        CorrelationKind::EventCount => CorrelationType::EventCount,
        CorrelationKind::ValueCount => CorrelationType::ValueCount,
        CorrelationKind::ValueSum => CorrelationType::ValueSum,
        CorrelationKind::ValueAvg => CorrelationType::ValueAvg,
        CorrelationKind::ValuePercentile => CorrelationType::ValuePercentile,
        CorrelationKind::ValueMedian => CorrelationType::ValueMedian,
        _ => return Err(refuse::content(Span::default(), "this kind of correlation has no form here")),
    })
}

/// A name for fields that are not of that name in every rule.
fn alias(key: &GroupKey, rules: &[String]) -> Option<Alias> {
    if key.fields.iter().all(|field| field.path == key.name) {
        return None;
    }
    let fields = rules.iter().zip(&key.fields);
    let fields = fields.map(|(rule, field)| (bare(rule.clone()), bare(field.path.to_string()))).collect();
    Some(Alias { name: bare(key.name.clone()), fields })
}

fn condition(
    condition: &CorrelationCondition,
    rules: &[String],
) -> Result<eqlc_sigma::CorrelationCondition, Diagnostics> {
    Ok(match condition {
        CorrelationCondition::Number(wanted) => {
            eqlc_sigma::CorrelationCondition::Aggregate(aggregate(wanted)?)
        }
        CorrelationCondition::Rules(wanted) => {
            eqlc_sigma::CorrelationCondition::Rules(bare(expression(wanted, rules)))
        }
    })
}

fn aggregate(wanted: &Aggregate) -> Result<eqlc_sigma::Aggregate, Diagnostics> {
    let bounds = wanted.bounds.iter();
    let relations = bounds.map(|bound| Ok((bare(relation(bound.relation)), bare(number(&bound.value)?))));
    let percentile = wanted.percentile.as_ref().map(|value| number(value).map(bare));
    Ok(eqlc_sigma::Aggregate {
        relations: relations.collect::<Result<_, Diagnostics>>()?,
        field: wanted.fields.iter().map(|key| bare(key.name.clone())).collect(),
        percentile: percentile.transpose()?,
    })
}

fn relation(relation: Relation) -> eqlc_sigma::Relation {
    match relation {
        Relation::Equal => eqlc_sigma::Relation::Eq,
        Relation::NotEqual => eqlc_sigma::Relation::Neq,
        Relation::Less => eqlc_sigma::Relation::Lt,
        Relation::LessOrEqual => eqlc_sigma::Relation::Lte,
        Relation::Greater => eqlc_sigma::Relation::Gt,
        Relation::GreaterOrEqual => eqlc_sigma::Relation::Gte,
    }
}

fn number(value: &Literal) -> Result<Value, Diagnostics> {
    match value {
        Literal::Int(value) => Ok(Value::Int(*value)),
        Literal::Float(value) if value.is_finite() => Ok(Value::Float(*value)),
        _ => Err(refuse::content(Span::default(), "a correlation compares with numbers only")),
    }
}

fn expression(wanted: &RuleCondition, rules: &[String]) -> Condition {
    let all = |list: &[RuleCondition]| list.iter().map(|each| expression(each, rules)).collect::<Vec<_>>();
    match wanted {
        RuleCondition::Rule(at) => Condition::ident(rules.get(*at).cloned().unwrap_or_default()),
        RuleCondition::All(list) => Condition::and(all(list)),
        RuleCondition::Any(list) => Condition::or(all(list)),
        RuleCondition::Not(inner) => expression(inner, rules).negate(),
    }
}

fn bare<T>(value: T) -> Node<T> {
    Node::new(value, Span::default())
}
