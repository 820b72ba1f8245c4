//! Correlations with the rules they name.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node, Span, did_you_mean, nearest};
use eqlc_ir::{Correlated, Correlation, CorrelationKind, FieldRef, GroupKey, Source, Taxonomy};
use eqlc_sigma::{CorrelationCondition, CorrelationRule, CorrelationType, Document, File, Meta, Rule};

use super::Lowering;
use super::condition::taxonomy;

/// The document that a correlation means by a name or an id.
pub(super) fn find<'f>(file: &'f File, reference: &str) -> Option<(usize, &'f Document)> {
    file.documents.iter().enumerate().find(|(_, document)| is_called(document.meta(), reference))
}

fn is_called(meta: &Meta, reference: &str) -> bool {
    [&meta.name, &meta.id].into_iter().flatten().any(|name| name.value == reference)
}

/// A rule of a correlation: how the correlation calls it, and the rule.
type Member<'f> = (&'f Node<String>, &'f Rule);

impl Lowering<'_> {
    /// A temporal correlation over rules of the same file.
    pub(super) fn correlation(&mut self, rule: &CorrelationRule, file: &File) -> Option<Correlation> {
        let body = &rule.correlation;
        let kind = match body.kind.value {
            CorrelationType::TemporalOrdered => Some(CorrelationKind::TemporalOrdered),
            CorrelationType::Temporal => Some(CorrelationKind::Temporal),
            other => {
                let message = format!("a correlation of type `{other}` cannot be compiled");
                self.refuse(body.kind.span, message, "counts or computes")
            }
        };
        if let Some(condition) = &body.condition {
            let span = match condition {
                CorrelationCondition::Rules(condition) => condition.span,
                CorrelationCondition::Aggregate(aggregate) => {
                    aggregate.relations.first().map_or(body.kind.span, |(relation, _)| relation.span)
                }
            };
            if kind.is_some() {
                let message = "a temporal correlation with a condition cannot be compiled".to_owned();
                let _: Option<()> = self.refuse(span, message, "every rule must match, in the standard");
                return None;
            }
        }
        let kind = kind?;
        let members: Vec<Option<Member<'_>>> =
            body.rules.iter().map(|name| self.member(name, file)).collect();
        let members: Vec<Member<'_>> = members.into_iter().collect::<Option<_>>()?;
        let rules: Vec<Option<Correlated>> =
            members.iter().map(|member| self.correlated(*member, &rule.meta)).collect();
        let groups: Vec<Option<GroupKey>> =
            body.group_by.iter().map(|name| self.group(name, rule, &members)).collect();
        Some(Correlation {
            kind,
            rules: rules.into_iter().collect::<Option<_>>()?,
            group_by: groups.into_iter().collect::<Option<_>>()?,
            timespan_ms: body.timespan.value.seconds().saturating_mul(1_000),
            condition: None,
        })
    }

    fn refuse<T>(&mut self, span: Span, message: String, label: &str) -> Option<T> {
        self.report(Diagnostic::error(codes::CORRELATION_NO_FORM, message).at(span, label));
        None
    }

    fn member<'f>(&mut self, name: &'f Node<String>, file: &'f File) -> Option<Member<'f>> {
        match find(file, &name.value) {
            Some((_, Document::Rule(rule))) => Some((name, rule)),
            Some(_) => {
                let message = format!("`{}` is no rule over events", name.value);
                self.refuse(name.span, message, "a correlation of correlations cannot be compiled")
            }
            None => {
                let known = file.documents.iter().filter_map(|document| document.meta().name.as_ref());
                let near = nearest(&name.value, known.map(|name| name.value.as_str()));
                let message = format!("no rule of the file is called `{}`", name.value);
                let mut diagnostic =
                    Diagnostic::error(codes::CORRELATION_RULE, message).at(name.span, "not in this file");
                if let Some(question) = did_you_mean(&near) {
                    diagnostic = diagnostic.help(question);
                }
                self.report(diagnostic);
                None
            }
        }
    }

    /// A rule by its name inside the correlation: without the name of the correlation before it, by which names
    /// are kept apart between files.
    fn correlated(&mut self, (called, rule): Member<'_>, correlation: &Meta) -> Option<Correlated> {
        let name = rule.meta.name.as_ref().unwrap_or(called).value.as_str();
        let prefix = correlation.name.as_ref().map(|name| format!("{}_", name.value));
        let short = prefix.and_then(|prefix| name.strip_prefix(&prefix)).filter(|short| !short.is_empty());
        let query = self.query(rule)?;
        Some(Correlated { name: short.unwrap_or(name).to_owned(), source: Source::Events(query) })
    }

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
                    let own = alias
                        .fields
                        .iter()
                        .find(|(rule, _)| rule.value == called.value || is_called(&member.meta, &rule.value));
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
            let taxonomy: Taxonomy = taxonomy(&member.meta);
            fields.push(self.field_in(field, taxonomy));
        }
        Some(GroupKey { name: name.value.clone(), fields })
    }
}
