//! Correlations with the rules they name.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node, Span, did_you_mean, nearest};
use eqlc_ir::{
    Aggregate, Bound, Correlated, Correlation, CorrelationCondition, CorrelationKind, FieldRef, GroupKey,
    Literal, Relation, RuleCondition, Source,
};
use eqlc_sigma::{
    Condition, CorrelationRule, CorrelationType, Document, Meta, Quantifier, Relation as Written, Value,
};

use super::Lowering;
use super::condition::taxonomy;

/// Correlations that may stand inside each other.
const MAX_DEPTH: usize = 16;

/// Whether a document has this name or id.
pub(super) fn is_called(meta: &Meta, reference: &str) -> bool {
    [&meta.name, &meta.id].into_iter().flatten().any(|name| name.value == reference)
}

/// A rule of a correlation: how the correlation calls it, and the document.
type Member<'f> = (&'f Node<String>, &'f Document);

impl<'a> Lowering<'a> {
    /// A correlation with its rules, whichever documents they stand in.
    pub(super) fn correlation(&mut self, rule: &'a CorrelationRule) -> Option<Correlation> {
        self.within(rule, &mut Vec::new())
    }

    /// `around`: the correlations that this one stands in, outermost first.
    fn within(
        &mut self,
        rule: &'a CorrelationRule,
        around: &mut Vec<&'a CorrelationRule>,
    ) -> Option<Correlation> {
        let body = &rule.correlation;
        if around.len() >= MAX_DEPTH {
            let message = format!("correlations stand inside each other deeper than {MAX_DEPTH} levels");
            return self.refuse(body.kind.span, message, "one level too many");
        }
        let members: Vec<Option<Member<'a>>> = body.rules.iter().map(|name| self.member(name)).collect();
        let members: Vec<Member<'a>> = members.into_iter().collect::<Option<_>>()?;
        around.push(rule);
        let rules: Vec<Option<Correlated>> =
            members.iter().map(|member| self.correlated(*member, &rule.meta, around)).collect();
        around.pop();
        let groups: Vec<Option<GroupKey>> =
            body.group_by.iter().map(|name| self.group(name, rule, &members)).collect();
        let condition = self.condition(rule, &members);
        Some(Correlation {
            kind: kind_of(body.kind.value),
            rules: rules.into_iter().collect::<Option<_>>()?,
            group_by: groups.into_iter().collect::<Option<_>>()?,
            timespan_ms: body.timespan.value.seconds().saturating_mul(1_000),
            condition: condition?,
        })
    }

    fn refuse<T>(&mut self, span: Span, message: String, label: &str) -> Option<T> {
        self.report(Diagnostic::error(codes::CORRELATION_NO_FORM, message).at(span, label));
        None
    }

    fn member(&mut self, name: &'a Node<String>) -> Option<Member<'a>> {
        if let Some(document) = self.context.find(&name.value) {
            return Some((name, document));
        }
        let known = self.context.documents().filter_map(|document| document.meta().name.as_ref());
        let near = nearest(&name.value, known.map(|name| name.value.as_str()));
        let message = format!("no rule is called `{}`", name.value);
        let mut diagnostic = Diagnostic::error(codes::CORRELATION_RULE, message)
            .at(name.span, "neither in this file nor in those read with it");
        diagnostic = match did_you_mean(&near) {
            Some(question) => diagnostic.help(question),
            None => diagnostic.help("rules are found by `name` or `id`; give the folder that holds them all"),
        };
        self.report(diagnostic);
        None
    }

    /// A rule by its name inside the correlation: without the name of the correlation before it, by which names
    /// are kept apart between files.
    fn correlated(
        &mut self,
        (called, document): Member<'a>,
        correlation: &Meta,
        around: &mut Vec<&'a CorrelationRule>,
    ) -> Option<Correlated> {
        let name = document.meta().name.as_ref().unwrap_or(called).value.as_str();
        let prefix = correlation.name.as_ref().map(|name| format!("{}_", name.value));
        let short = prefix.and_then(|prefix| name.strip_prefix(&prefix)).filter(|short| !short.is_empty());
        let source = match document {
            Document::Rule(rule) => Source::Events(self.query(rule)?),
            Document::Correlation(inner) if around.iter().any(|outer| std::ptr::eq(*outer, inner)) => {
                let message = format!("the correlation `{}` is a rule of itself", called.value);
                return self.refuse(called.span, message, "leads back to the correlation that names it");
            }
            Document::Correlation(inner) => Source::Correlation(Box::new(self.within(inner, around)?)),
            Document::Filter(_) => {
                let message = format!("`{}` is a filter and not a rule", called.value);
                return self.refuse(called.span, message, "a correlation is of rules");
            }
        };
        Some(Correlated { name: short.unwrap_or(name).to_owned(), source })
    }

    /// A name of `group-by` or of a field in the condition: an alias, or a field of every rule.
    fn group(
        &mut self,
        name: &Node<String>,
        rule: &CorrelationRule,
        members: &[Member<'_>],
    ) -> Option<GroupKey> {
        let alias = rule.correlation.aliases.iter().find(|alias| alias.name.value == name.value);
        let mut fields: Vec<FieldRef> = Vec::with_capacity(members.len());
        for (called, member) in members {
            let field = match alias {
                None => name,
                Some(alias) => {
                    let own = alias.fields.iter().find(|(rule, _)| {
                        rule.value == called.value || is_called(member.meta(), &rule.value)
                    });
                    let Some((_, field)) = own else {
                        let message = format!(
                            "the alias `{}` gives no field for the rule `{}`",
                            name.value, called.value
                        );
                        self.report(
                            Diagnostic::error(codes::CORRELATION_RULE, message)
                                .at(alias.name.span, "lacks a rule of the correlation")
                                .and_at(called.span, "this rule"),
                        );
                        return None;
                    };
                    field
                }
            };
            fields.push(self.field_in(field, taxonomy(member.meta())));
        }
        Some(GroupKey { name: name.value.clone(), fields })
    }

    /// The condition. Outer none after an error; inner none: every rule, of a temporal type.
    fn condition(
        &mut self,
        rule: &CorrelationRule,
        members: &[Member<'_>],
    ) -> Option<Option<CorrelationCondition>> {
        let body = &rule.correlation;
        match &body.condition {
            None => Some(None),
            Some(eqlc_sigma::CorrelationCondition::Rules(condition)) => {
                match rules_wanted(&condition.value, members) {
                    Some(wanted) => Some(Some(CorrelationCondition::Rules(wanted))),
                    None => {
                        let message = "a number of rules is no part of an expression over rules".to_owned();
                        self.refuse(condition.span, message, "written `condition: {gte: 2}`")
                    }
                }
            }
            Some(eqlc_sigma::CorrelationCondition::Aggregate(wanted)) => {
                let fields: Vec<Option<GroupKey>> =
                    wanted.field.iter().map(|name| self.group(name, rule, members)).collect();
                let fields: Vec<GroupKey> = fields.into_iter().collect::<Option<_>>()?;
                let kind = body.kind;
                if fields.len() > 1 && kind.value != CorrelationType::ValueCount {
                    let message = format!("`{}` computes with one field", kind.value);
                    let span = wanted.field.get(1).map_or(kind.span, |field| field.span);
                    return self.refuse(span, message, "one too many");
                }
                let percentile = wanted.percentile.as_ref().and_then(|value| number(&value.value));
                if kind.value == CorrelationType::ValuePercentile && percentile.is_none() {
                    let message = "`value_percentile` does not say which percentile".to_owned();
                    return self.refuse(
                        kind.span,
                        message,
                        "the condition has no `percentile: 95` or the like",
                    );
                }
                let bound = |(relation, value): &(Node<Written>, Node<Value>)| {
                    Some(Bound { relation: relation_of(relation.value), value: number(&value.value)? })
                };
                let bounds = wanted.relations.iter().map(bound).collect::<Option<_>>()?;
                Some(Some(CorrelationCondition::Number(Aggregate { bounds, fields, percentile })))
            }
        }
    }
}

fn kind_of(kind: CorrelationType) -> CorrelationKind {
    match kind {
        CorrelationType::EventCount => CorrelationKind::EventCount,
        CorrelationType::ValueCount => CorrelationKind::ValueCount,
        CorrelationType::Temporal => CorrelationKind::Temporal,
        CorrelationType::TemporalOrdered => CorrelationKind::TemporalOrdered,
        CorrelationType::ValueSum => CorrelationKind::ValueSum,
        CorrelationType::ValueAvg => CorrelationKind::ValueAvg,
        CorrelationType::ValuePercentile => CorrelationKind::ValuePercentile,
        CorrelationType::ValueMedian => CorrelationKind::ValueMedian,
    }
}

fn relation_of(relation: Written) -> Relation {
    match relation {
        Written::Eq => Relation::Equal,
        Written::Neq => Relation::NotEqual,
        Written::Gt => Relation::Greater,
        Written::Gte => Relation::GreaterOrEqual,
        Written::Lt => Relation::Less,
        Written::Lte => Relation::LessOrEqual,
    }
}

fn number(value: &Value) -> Option<Literal> {
    match value {
        Value::Int(number) => Some(Literal::Int(*number)),
        Value::Float(number) => Some(Literal::Float(*number)),
        _ => None,
    }
}

/// None for `N of`, which says how many rules and not which.
fn rules_wanted(condition: &Condition, members: &[Member<'_>]) -> Option<RuleCondition> {
    let all =
        |list: &[Condition]| list.iter().map(|each| rules_wanted(each, members)).collect::<Option<Vec<_>>>();
    match condition {
        Condition::And(list) => all(list).map(RuleCondition::All),
        Condition::Or(list) => all(list).map(RuleCondition::Any),
        Condition::Not(inner) => Some(RuleCondition::Not(Box::new(rules_wanted(inner, members)?))),
        Condition::Ident(name) => {
            members.iter().position(|(called, _)| called.value == name.value).map(RuleCondition::Rule)
        }
        Condition::Quantified { quantifier, target } => {
            let selected =
                members.iter().enumerate().filter(|(_, (called, _))| target.value.selects(&called.value));
            let selected: Vec<RuleCondition> = selected.map(|(at, _)| RuleCondition::Rule(at)).collect();
            match quantifier.value {
                Quantifier::One => Some(RuleCondition::Any(selected)),
                Quantifier::All => Some(RuleCondition::All(selected)),
                // A number of rules is what `gte` says.
                Quantifier::AtLeast(_) => None,
            }
        }
    }
}
