//! Reads `correlation`.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node};

use super::Reader;
use super::table::Table;
use crate::condition::Names;
use crate::yaml::{Entry, Kind, Plain, Yaml, resolve};
use crate::{Aggregate, Alias, Correlation, CorrelationCondition, CorrelationType, Relation, Value};

const KEYS: &[&str] = &["type", "rules", "aliases", "group-by", "timespan", "condition", "generate"];

impl Reader<'_> {
    /// Reads `correlation`; `generate` may also stand at the top of the document.
    pub(super) fn correlation(&mut self, entry: &Entry, generate: Option<&Entry>) -> Option<Correlation> {
        let entries = self.map("`correlation`", &entry.value)?;
        let mut table = Table::new(entries, entry.value.at.clone());
        let kind = self.required(&mut table, "type").and_then(|entry| {
            let names: Vec<&str> = CorrelationType::ALL.iter().map(|kind| kind.name()).collect();
            self.word(entry, codes::CORRELATION_TYPE, CorrelationType::find, &names)
        });
        let listed = self.required(&mut table, "rules").map(|entry| {
            let mut one = Table::new(std::slice::from_ref(entry), entry.value.at.clone());
            (self.texts(&mut one, "rules", true), entry)
        });
        let (rules, rules_at) = listed.map_or((Vec::new(), None), |(rules, entry)| (rules, Some(entry)));
        if let Some(at) = rules_at.filter(|_| rules.is_empty()) {
            let span = self.span(&at.key.at);
            self.sink.push(
                Diagnostic::error(codes::NO_VALUES, "the correlation has no rules")
                    .at(span, "expected the `name` or `id` of rules"),
            );
        }
        let aliases = table.take("aliases").map_or(Vec::new(), |entry| self.aliases(&entry.value));
        let group_by = self.texts(&mut table, "group-by", true);
        let timespan =
            self.required(&mut table, "timespan").and_then(|entry| self.timespan("`timespan`", &entry.value));
        let condition = table.take("condition");
        let condition = match kind {
            Some(kind) => self.correlation_condition(kind, condition, &rules, entry),
            None => None,
        };
        let generate = table.take("generate").or(generate).and_then(|entry| self.boolean(entry));
        self.custom(&mut table, KEYS);
        Some(Correlation { kind: kind?, rules, aliases, group_by, timespan: timespan?, condition, generate })
    }

    fn required<'y>(&mut self, table: &mut Table<'y>, key: &str) -> Option<&'y Entry> {
        let entry = self.take_near(table, key, KEYS);
        if entry.is_none() {
            let diagnostic = self.missing(key, "the correlation", &table.at);
            self.sink.push(diagnostic);
        }
        entry
    }

    fn boolean(&mut self, entry: &Entry) -> Option<Node<bool>> {
        match entry.value.as_scalar().map(resolve) {
            Some(Plain::Bool(value)) => Some(Node::new(value, self.span(&entry.value.at))),
            _ => {
                let what = format!("`{}`", self.key_node(entry).value);
                self.wrong_kind(&what, "`true` or `false`", &entry.value);
                None
            }
        }
    }

    fn aliases(&mut self, node: &Yaml) -> Vec<Alias> {
        let mut aliases = Vec::new();
        for entry in self.map("`aliases`", node).unwrap_or_default() {
            let Some(name) = self.key(&entry.key) else { continue };
            let what = format!("the alias `{}`", name.value);
            let mut fields = Vec::new();
            for pair in self.map(&what, &entry.value).unwrap_or_default() {
                let rule = self.key(&pair.key);
                let field = self.text("the field of an alias", &pair.value);
                fields.extend(rule.zip(field));
            }
            aliases.push(Alias { name, fields });
        }
        aliases
    }

    fn correlation_condition(
        &mut self,
        kind: Node<CorrelationType>,
        condition: Option<&Entry>,
        rules: &[Node<String>],
        correlation: &Entry,
    ) -> Option<CorrelationCondition> {
        let Some(entry) = condition else {
            if !kind.value.is_temporal() {
                let message = format!("a correlation of type `{}` needs a `condition`", kind.value);
                let span = self.span(&correlation.key.at);
                self.sink.push(
                    Diagnostic::error(codes::MISSING_KEY, message)
                        .at(kind.span, "because of this type")
                        .and_at(span, "`condition` is missing here"),
                );
            }
            return None;
        };
        match &entry.value.kind {
            Kind::Map(entries) => {
                let table = Table::new(entries, entry.value.at.clone());
                Some(CorrelationCondition::Aggregate(self.aggregate(kind, table, entry)))
            }
            Kind::Scalar(_) if kind.value.is_temporal() => {
                let mut names = Names::new(rules, "rule of the correlation");
                self.condition_text(&entry.value, &mut names).0.map(CorrelationCondition::Rules)
            }
            _ => {
                self.wrong_kind("the condition of a correlation", "a map such as `gte: 10`", &entry.value);
                None
            }
        }
    }

    fn aggregate(&mut self, kind: Node<CorrelationType>, mut table: Table<'_>, entry: &Entry) -> Aggregate {
        let mut aggregate = Aggregate {
            field: self.texts(&mut table, "field", true),
            percentile: table.take("percentile").and_then(|entry| self.number(entry)),
            ..Aggregate::default()
        };
        let pairs = table.rest();
        let compares_nothing = pairs.is_empty();
        for pair in pairs {
            let Some(key) = self.key(&pair.key) else { continue };
            let Some(relation) = Relation::find(&key.value) else {
                let names: Vec<String> = Relation::ALL.iter().map(|name| format!("`{name}`")).collect();
                let list = names.join(", ");
                self.sink.push(
                    Diagnostic::error(
                        codes::CORRELATION_CONDITION,
                        format!("`{}` compares nothing", key.value),
                    )
                    .at(key.span, "unknown")
                    .note(format!("allowed are {list}, `field` and `percentile`")),
                );
                continue;
            };
            let number = self.number(pair);
            aggregate.relations.extend(number.map(|number| (Node::new(relation, key.span), number)));
        }
        let span = self.span(&entry.key.at);
        if compares_nothing {
            self.sink.push(
                Diagnostic::error(codes::CORRELATION_CONDITION, "the condition compares nothing")
                    .at(span, "expected `gte: 10` or the like"),
            );
        }
        if kind.value.needs_field() && aggregate.field.is_empty() {
            let message = format!("a correlation of type `{}` needs a `field`", kind.value);
            self.sink.push(
                Diagnostic::error(codes::CORRELATION_CONDITION, message)
                    .at(span, "`field` is missing here")
                    .and_at(kind.span, "because of this type"),
            );
        }
        aggregate
    }

    fn number(&mut self, entry: &Entry) -> Option<Node<Value>> {
        let span = self.span(&entry.value.at);
        match entry.value.as_scalar().map(resolve) {
            Some(Plain::Int(value)) => Some(Node::new(Value::Int(value), span)),
            Some(Plain::Float(value)) => Some(Node::new(Value::Float(value), span)),
            _ => {
                let what = format!("`{}`", self.key_node(entry).value);
                self.wrong_kind(&what, "a number", &entry.value);
                None
            }
        }
    }
}
