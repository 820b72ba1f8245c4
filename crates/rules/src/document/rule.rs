//! From the tables of a document to a rule.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Fragment, Span, did_you_mean, nearest};
use eqlc_ir::meta::{Metadata, Severity, before_now_ms, duration_ms};

use super::context::{Context, Entry};
use super::keys::{METADATA, METADATA_KEPT, RULE, RULE_KEPT, RULE_SPECIAL, Slot};
use super::{guide, importable, threat};
use crate::tree::{Member, Members};
use crate::{QueryLanguage, QueryText, RuleDocument};

/// The severities of Elastic's rules; Sigma's `informational` is not among them.
const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

/// What is read of a rule, and the places that findings about several keys point at.
struct Rule<'a> {
    context: Context,
    metadata: Metadata,
    /// `[rule]`, or the whole of a rule in JSON.
    header: Span,
    query: Option<Fragment>,
    /// Where the language and the type are said.
    language: Span,
    rule_type: Span,
    root: Root<'a>,
}

/// A document to read.
#[derive(Clone, Copy)]
pub(crate) struct Root<'a> {
    /// The tables of the root.
    pub(crate) members: &'a Members,
    /// The whole document.
    pub(crate) span: Span,
    /// The name of a rule without a name.
    pub(crate) stem: &'a str,
    /// How to name a rule's table to somebody who forgot it.
    pub(crate) lacks: &'a str,
    /// Keys of the rule's table that are known not to be for Kibana.
    pub(crate) aside: &'a [String],
}

/// Reads the root table of a document.
pub(crate) fn read(root: Root<'_>) -> (Vec<RuleDocument>, Diagnostics) {
    let mut context = Context::default();
    let Some(member) = root.members.get("rule") else {
        let start = Span { end: root.span.start, ..root.span };
        return (Vec::new(), vec![Diagnostic::error(files::NO_RULE, root.lacks).at(start, "")]);
    };
    let entry = Entry { key: "rule", path: "rule", item: &member.value };
    let Some(table) = context.table(entry) else { return (Vec::new(), context.diagnostics) };
    let header = member.value.span;
    let (metadata, query) = (Metadata::default(), None);
    let mut rule = Rule { context, metadata, header, query, language: header, rule_type: header, root };
    for (key, Member { value, .. }) in root.members {
        rule.section(Entry { key, path: key, item: value });
    }
    rule.slips(table, "rule", &rule_keys());
    if let Some(metadata) = root.members.get("metadata").and_then(|member| member.value.members()) {
        rule.slips(metadata, "metadata", &metadata_keys());
    }
    rule.finish(table)
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
        match (entry.key, entry.item.members()) {
            ("threat", _) => threat::read(&mut self.context, entry, &mut self.metadata),
            ("metadata", None) => {
                self.context.table(entry);
            }
            (section, Some(table)) => {
                for (key, Member { value, .. }) in table {
                    let path = format!("{section}.{key}");
                    let inner = Entry { key, path: &path, item: value };
                    match section {
                        _ if value.is_null() => {}
                        // The stable id is `rule_id`; beside it `id` is that of a saved object.
                        "rule" if key == "id" && table.contains_key("rule_id") => self.keep(inner),
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
        self.metadata.other.insert(entry.path.to_owned(), entry.item.toml());
    }

    /// A key that a table of [`super::keys`] describes, or one to keep.
    fn plain(&mut self, entry: Entry<'_>, table: &[(&str, Slot)]) {
        let Some((_, slot)) = table.iter().find(|(key, _)| *key == entry.key) else {
            return self.keep(entry);
        };
        match slot {
            Slot::Text(slot) => *slot(&mut self.metadata) = self.context.text(entry),
            Slot::Whole(slot) => *slot(&mut self.metadata) = self.context.whole(entry),
            Slot::TextOrTexts(slot) if entry.item.as_str().is_some() => {
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
            "version" if entry.item.as_str().is_some() => self.keep(entry),
            "version" => self.metadata.version = self.context.whole(entry),
            _ => self.plain(entry, RULE),
        }
        match entry.key {
            "language" => self.language = entry.item.span,
            "type" => self.rule_type = entry.item.span,
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
        if self.context.text(entry).is_some() {
            self.query = entry.item.fragment().cloned();
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
            let span = entry.item.span;
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
        let span = entry.item.span;
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
            let span = entry.item.span;
            self.context
                .diagnostics
                .push(Diagnostic::warning(files::BAD_TIME, message).at(span, "").help(help));
        }
    }

    /// Warns of unknown keys that are near a known one which the document does not have.
    fn slips(&mut self, table: &Members, section: &str, known: &[&str]) {
        let absent: Vec<&str> = known.iter().copied().filter(|key| !table.contains_key(*key)).collect();
        for (key, member) in table {
            if known.contains(&key.as_str()) || key.len() < 3 {
                continue;
            }
            let near = nearest(key, absent.iter().copied());
            let Some(help) = did_you_mean(&near) else { continue };
            let span = member.key_span;
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
    fn finish(mut self, table: &Members) -> (Vec<RuleDocument>, Diagnostics) {
        let language = self.query_language();
        if self.metadata.name.trim().is_empty() {
            // A name of the wrong type has been reported.
            if table.get("name").is_none_or(|member| member.value.as_str().is_some()) {
                self.missing("name");
            }
            self.metadata.name = self.root.stem.to_owned();
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
        if language == QueryLanguage::Eql
            && (self.metadata.language.is_some() || self.metadata.rule_type.is_some())
        {
            importable::check(&mut self.context, table, self.root.aside);
        }
        let nothing = Fragment::verbatim(self.root.span.source, self.header.end as usize, "");
        let document = RuleDocument {
            metadata: self.metadata,
            query: QueryText { language, fragment: self.query.unwrap_or(nothing) },
            span: self.root.span,
            guide: guide::read(self.root.members, table),
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
