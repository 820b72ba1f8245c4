//! Reads one document, of whichever kind it is.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node};

use super::Reader;
use super::meta::KEYS;
use super::table::Table;
use crate::yaml::{Entry, Kind, Yaml};
use crate::{CorrelationRule, Document, Filter, LogSource, Rule, RuleSelection};

impl Reader<'_> {
    /// Reads a document. None if it is empty or of no known kind.
    pub(super) fn document(&mut self, tree: &Yaml) -> Option<Document> {
        if tree.is_null() {
            return None;
        }
        let entries = self.map("a Sigma document", tree)?;
        let mut table = Table::new(entries, tree.at.clone());
        if let Some(entry) = table.take("correlation") {
            return self.correlation_rule(table, entry).map(Document::Correlation);
        }
        if let Some(entry) = table.take("filter") {
            return self.filter(table, entry).map(Document::Filter);
        }
        self.rule(table).map(Document::Rule)
    }

    fn rule(&mut self, mut table: Table<'_>) -> Option<Rule> {
        let meta = self.meta(&mut table);
        let stray_condition = table.peek("condition").map(|entry| entry.key.at.clone());
        let logsource = self.logsource(&mut table, "the rule");
        let detection = match self.take_near(&mut table, "detection", KEYS) {
            Some(entry) => self.detection(entry, stray_condition, &[]),
            None => {
                let diagnostic = self.missing("detection", "the rule", &table.at);
                let diagnostic =
                    diagnostic.help("a Sigma document has `detection`, `correlation` or `filter`");
                self.sink.push(diagnostic);
                None
            }
        };
        let span = self.span(&table.at);
        let mut rule = Rule { meta, logsource, detection: detection.unwrap_or_default(), span };
        rule.meta.custom = self.custom(&mut table, KEYS);
        Some(rule)
    }

    fn correlation_rule(&mut self, mut table: Table<'_>, entry: &Entry) -> Option<CorrelationRule> {
        let mut meta = self.meta(&mut table);
        let generate = table.take("generate");
        let correlation = self.correlation(entry, generate);
        let span = self.span(&table.at);
        meta.custom = self.custom(&mut table, KEYS);
        Some(CorrelationRule { meta, correlation: correlation?, span })
    }

    fn filter(&mut self, mut table: Table<'_>, entry: &Entry) -> Option<Filter> {
        let mut meta = self.meta(&mut table);
        let logsource = self.logsource(&mut table, "the filter");
        let detection = self.detection(entry, None, &["rules"]).unwrap_or_default();
        let rules = match self.map("`filter`", &entry.value) {
            Some(entries) => self.filtered_rules(&mut Table::new(entries, entry.value.at.clone())),
            None => RuleSelection::default(),
        };
        let span = self.span(&table.at);
        meta.custom = self.custom(&mut table, KEYS);
        Some(Filter { meta, logsource, rules, detection, span })
    }

    fn filtered_rules(&mut self, table: &mut Table<'_>) -> RuleSelection {
        match table.peek("rules").map(|entry| &entry.value) {
            None => {
                let diagnostic = self.missing("rules", "the filter", &table.at);
                self.sink.push(diagnostic);
                RuleSelection::default()
            }
            Some(value) if value.as_scalar().is_some_and(|scalar| scalar.text == "any") => RuleSelection::Any,
            Some(_) => RuleSelection::Listed(self.texts(table, "rules", true)),
        }
    }

    fn logsource(&mut self, table: &mut Table<'_>, what: &str) -> LogSource {
        let Some(entry) = self.take_near(table, "logsource", KEYS) else {
            let diagnostic = self.missing("logsource", what, &table.at);
            self.sink.push(diagnostic);
            return LogSource::default();
        };
        let Some(entries) = self.map("`logsource`", &entry.value) else { return LogSource::default() };
        let mut inner = Table::new(entries, entry.value.at.clone());
        let mut source = LogSource {
            category: self.optional_text(&mut inner, "category"),
            product: self.optional_text(&mut inner, "product"),
            service: self.optional_text(&mut inner, "service"),
            definition: self.optional_text(&mut inner, "definition"),
            custom: Vec::new(),
        };
        source.custom = self.custom(&mut inner, &["category", "product", "service", "definition"]);
        if source.category.is_none() && source.product.is_none() && source.service.is_none() {
            let span = self.span(&entry.key.at);
            self.sink.push(
                Diagnostic::error(codes::MISSING_KEY, "the log source names nothing")
                    .at(span, "expected `category`, `product` or `service`"),
            );
        }
        source
    }

    /// The items of a node that may be a list or a single value.
    pub(super) fn items<'y>(&self, node: &'y Yaml) -> &'y [Yaml] {
        match &node.kind {
            Kind::Seq(items) => items,
            _ => std::slice::from_ref(node),
        }
    }

    /// The key of an entry as a node, for an entry that is known to have a scalar key.
    pub(super) fn key_node(&self, entry: &Entry) -> Node<String> {
        let text = entry.key.as_scalar().map_or(String::new(), |key| key.text.clone());
        Node::new(text, self.span(&entry.key.at))
    }
}
