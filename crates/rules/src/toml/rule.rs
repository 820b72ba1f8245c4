//! From a TOML document to a rule.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{
    Applicability, Diagnostic, Diagnostics, Fragment, SourceId, Span, did_you_mean, nearest,
};
use eqlc_ir::meta::{Metadata, Severity, before_now_ms, duration_ms};
use toml_edit::{Table, TableLike};

use super::context::{Context, Entry};
use super::keys::{METADATA, METADATA_KEPT, RULE, RULE_KEPT, RULE_SPECIAL, Slot};
use super::{other, string, threat};
use crate::{QueryLanguage, QueryText, RuleDocument};

/// The severities of Elastic's rules; Sigma's `informational` is not among them.
const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

/// What is read of a rule, and the places that findings about several keys point at.
struct Rule<'a> {
    context: Context<'a>,
    metadata: Metadata,
    /// `[rule]`.
    header: Span,
    query: Option<Fragment>,
    /// Where the language and the type are said.
    language: Span,
    rule_type: Span,
}

/// Reads the root table of a document.
pub(crate) fn read(
    source: SourceId,
    text: &str,
    stem: &str,
    root: &Table,
) -> (Vec<RuleDocument>, Diagnostics) {
    let start = Span::new(source, 0..0);
    let mut context = Context { source, text, diagnostics: Vec::new() };
    let Some(item) = root.get("rule") else {
        let message = "the document has no table `[rule]`";
        return (Vec::new(), vec![Diagnostic::error(files::NO_RULE, message).at(start, "")]);
    };
    let entry = Entry { key: "rule", path: "rule", key_span: context.key_span(root, "rule", start), item };
    let Some(table) = context.table(entry) else { return (Vec::new(), context.diagnostics) };
    let header = context.span(entry);
    let (metadata, query) = (Metadata::default(), None);
    let mut rule = Rule { context, metadata, header, query, language: header, rule_type: header };
    for (key, item) in root.iter() {
        let key_span = rule.context.key_span(root, key, header);
        rule.section(Entry { key, path: key, key_span, item });
    }
    rule.slips(table, "rule", &rule_keys());
    if let Some(metadata) = root.get("metadata").and_then(toml_edit::Item::as_table_like) {
        rule.slips(metadata, "metadata", &metadata_keys());
    }
    rule.finish(table, stem)
}

fn rule_keys() -> Vec<&'static str> {
    RULE.iter()
        .map(|(key, _)| *key)
        .chain(RULE_SPECIAL.iter().copied())
        .chain(RULE_KEPT.iter().copied())
        .collect()
}

fn metadata_keys() -> Vec<&'static str> {
    METADATA.iter().map(|(key, _)| *key).chain(METADATA_KEPT.iter().copied()).collect()
}

impl Rule<'_> {
    /// One key of the root.
    fn section(&mut self, entry: Entry<'_>) {
        match (entry.key, entry.item.as_table_like()) {
            ("threat", _) => threat::read(&mut self.context, entry, &mut self.metadata),
            ("metadata", None) => {
                self.context.table(entry);
            }
            (section, Some(table)) => {
                for (key, item) in table.iter() {
                    let path = format!("{section}.{key}");
                    let key_span = self.context.key_span(table, key, entry.key_span);
                    let inner = Entry { key, path: &path, key_span, item };
                    match section {
                        "rule" => self.rule_key(inner),
                        "metadata" => self.plain(inner, METADATA),
                        _ => self.keep(inner),
                    }
                }
            }
            (_, None) => self.keep(entry),
        }
    }

    fn keep(&mut self, entry: Entry<'_>) {
        self.metadata.other.insert(entry.path.to_owned(), other::text(self.context.text, entry.item));
    }

    /// A key that a table of [`super::keys`] describes, or one to keep.
    fn plain(&mut self, entry: Entry<'_>, table: &[(&str, Slot)]) {
        let Some((_, slot)) = table.iter().find(|(key, _)| *key == entry.key) else {
            return self.keep(entry);
        };
        match slot {
            Slot::Text(slot) => *slot(&mut self.metadata) = self.context.text(entry),
            Slot::Whole(slot) => *slot(&mut self.metadata) = self.context.whole(entry),
            Slot::TextOrTexts(slot) if entry.item.is_str() => {
                slot(&mut self.metadata).extend(self.context.text(entry));
            }
            Slot::Texts(slot) | Slot::TextOrTexts(slot) => {
                slot(&mut self.metadata).extend(self.context.texts(entry));
            }
        }
    }

    fn rule_key(&mut self, entry: Entry<'_>) {
        match entry.key {
            "name" => self.metadata.name = self.context.text(entry).unwrap_or_default(),
            "query" => self.query(entry),
            "risk_score" => self.risk_score(entry),
            "severity" => self.severity(entry),
            "threat" => threat::read(&mut self.context, entry, &mut self.metadata),
            // Endpoint rules have versions such as `1.0.29`.
            "version" if entry.item.is_str() => self.keep(entry),
            "version" => self.metadata.version = self.context.whole(entry),
            _ => self.plain(entry, RULE),
        }
        match entry.key {
            "language" => self.language = self.context.span(entry),
            "type" => self.rule_type = self.context.span(entry),
            "interval" => {
                self.time(entry, duration_ms, "a duration", "write a number and a unit, such as `5m`")
            }
            "from" => {
                self.time(entry, before_now_ms, "a time before now", "write date math, such as `now-9m`")
            }
            _ => {}
        }
    }

    fn query(&mut self, entry: Entry<'_>) {
        if let Some(value) = self.context.text(entry) {
            let span = self.context.span(entry);
            self.query = Some(string::fragment(self.context.source, self.context.text, span.range(), &value));
        }
    }

    fn risk_score(&mut self, entry: Entry<'_>) {
        let number = entry.item.as_integer();
        let Some(number) = number else {
            self.context.whole(entry);
            return;
        };
        self.metadata.risk_score = u32::try_from(number).ok().filter(|score| *score <= 100);
        if self.metadata.risk_score.is_none() {
            let message = format!("the risk score `{number}` is not between 0 and 100");
            let span = self.context.span(entry);
            self.context.diagnostics.push(Diagnostic::error(files::BAD_RISK_SCORE, message).at(span, ""));
        }
    }

    fn severity(&mut self, entry: Entry<'_>) {
        let Some(name) = self.context.text(entry) else { return };
        self.metadata.severity = Severity::find(&name).filter(|severity| SEVERITIES.contains(severity));
        if self.metadata.severity.is_some() {
            return;
        }
        let names = SEVERITIES.map(Severity::as_str);
        let near = nearest(&name, names);
        let span = self.context.span(entry);
        let mut diagnostic = Diagnostic::error(files::UNKNOWN_SEVERITY, format!("unknown severity `{name}`"))
            .at(span, "")
            .help(did_you_mean(&near).unwrap_or_else(|| format!("severities are {}", quoted(&names))));
        if let [only] = near.as_slice() {
            let safe =
                if name.eq_ignore_ascii_case(only) { Applicability::Safe } else { Applicability::Unsafe };
            diagnostic = diagnostic.fix(safe, format!("write `{only}`"), span, format!("\"{only}\""));
        }
        self.context.diagnostics.push(diagnostic);
    }

    /// Checks the text of a time that has been read.
    fn time(&mut self, entry: Entry<'_>, parse: fn(&str) -> Option<u64>, expected: &str, help: &str) {
        if let Some(text) = entry.item.as_str().filter(|text| parse(text).is_none()) {
            let message = format!("`{}` is `{text}`, which is not {expected}", entry.path);
            let span = self.context.span(entry);
            self.context
                .diagnostics
                .push(Diagnostic::warning(files::BAD_TIME, message).at(span, "").help(help));
        }
    }

    /// Warns of unknown keys that are near a known one which the document does not have.
    fn slips(&mut self, table: &dyn TableLike, section: &str, known: &[&str]) {
        let absent: Vec<&str> = known.iter().copied().filter(|key| !table.contains_key(key)).collect();
        for (key, _) in table.iter() {
            if known.contains(&key) || key.len() < 3 {
                continue;
            }
            let near = nearest(key, absent.iter().copied());
            let Some(help) = did_you_mean(&near) else { continue };
            let span = self.context.key_span(table, key, self.header);
            let message = format!("unknown key `{section}.{key}`");
            let mut diagnostic = Diagnostic::warning(files::UNKNOWN_KEY, message)
                .at(span, "kept and not understood")
                .help(help);
            if let [only] = near.as_slice() {
                diagnostic = diagnostic.fix(Applicability::Unsafe, format!("write `{only}`"), span, *only);
            }
            self.context.diagnostics.push(diagnostic);
        }
    }

    /// What can only be said of the rule as a whole.
    fn finish(mut self, table: &dyn TableLike, stem: &str) -> (Vec<RuleDocument>, Diagnostics) {
        let language = self.query_language();
        if self.metadata.name.trim().is_empty() {
            // A name of the wrong type has been reported.
            if table.get("name").is_none_or(toml_edit::Item::is_str) {
                self.missing("name");
            }
            self.metadata.name = stem.to_owned();
        }
        match (&language, &self.query) {
            (QueryLanguage::Other(name), _) => {
                let said = self.metadata.language.is_some();
                let kind = if said { "in" } else { "of type" };
                let message = format!("a rule {kind} `{name}` is not an EQL rule, skipped");
                let span = if said { self.language } else { self.rule_type };
                let note = Diagnostic::new(eqlc_diagnostics::Severity::Note, files::NOT_EQL, message);
                self.context.diagnostics.push(note.at(span, ""));
            }
            (_, Some(query)) if query.text().trim().is_empty() => {
                let diagnostic =
                    Diagnostic::error(files::EMPTY_QUERY, "the query is empty").at(query.whole(), "");
                self.context.diagnostics.push(diagnostic);
            }
            (_, None) if !table.contains_key("query") => self.missing("query"),
            _ => {}
        }
        let source = self.context.source;
        let nothing = Fragment::verbatim(source, self.header.end as usize, "");
        let document = RuleDocument {
            metadata: self.metadata,
            query: QueryText { language, fragment: self.query.unwrap_or(nothing) },
            span: Span::new(source, 0..self.context.text.len()),
        };
        let mut diagnostics = self.context.diagnostics;
        diagnostics.sort_by_key(|diagnostic| diagnostic.span().map_or(0, |span| span.start));
        (vec![document], diagnostics)
    }

    /// The language decides; a rule without one is EQL unless its type says otherwise. Endpoint rules have
    /// neither and are always EQL.
    fn query_language(&mut self) -> QueryLanguage {
        let (language, rule_type) = (self.metadata.language.as_deref(), self.metadata.rule_type.as_deref());
        if let (Some(language), Some(rule_type)) = (language, rule_type)
            && (language == "eql") != (rule_type == "eql")
        {
            let message = format!("a rule of type `{rule_type}` cannot be in the language `{language}`");
            let diagnostic = Diagnostic::warning(files::TYPE_AND_LANGUAGE, message)
                .at(self.language, "the language that counts")
                .and_at(self.rule_type, "the type");
            self.context.diagnostics.push(diagnostic);
        }
        match language.or(rule_type) {
            None | Some("eql") => QueryLanguage::Eql,
            Some(other) => QueryLanguage::Other(other.to_owned()),
        }
    }

    fn missing(&mut self, key: &str) {
        let diagnostic = Diagnostic::error(files::MISSING_KEY, format!("the rule has no `{key}`"))
            .at(self.header, format!("lacks `{key}`"));
        self.context.diagnostics.push(diagnostic);
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
