//! Kibana's rule exports: one rule a line, or JSON that is a rule or an array of rules.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, Severity, SourceId};

use super::{JsonError, parse};
use crate::RuleDocument;
use crate::document::{self, Root};
use crate::tree::{Kind, Member, Members, Tree};

/// Under `meta` of a rule in Kibana, what the rule's document says and Kibana has no key for: the sections of
/// the document by name.
pub(crate) const KEPT: &str = "eqlc";

/// Reads the rules of a file; `start` is the byte after a byte order mark.
pub(crate) fn read(
    source: SourceId,
    text: &str,
    start: usize,
    stem: &str,
) -> (Vec<RuleDocument>, Diagnostics) {
    let mut reader = Reader { stem, documents: Vec::new(), diagnostics: Vec::new() };
    let mut at = start;
    match values(source, text, start) {
        Ok(values) => values.iter().for_each(|value| reader.value(value)),
        // A bad line does not take the others with it.
        Err(error) if error.by_line => {
            for line in text.get(start..).unwrap_or("").split_inclusive('\n') {
                let fragment = Fragment::verbatim(source, at, line.trim_end());
                at += line.len();
                if line.trim().is_empty() {
                    continue;
                }
                match parse(&fragment) {
                    Ok(value) => reader.value(&value),
                    Err(error) => reader.diagnostics.push(syntax(&error)),
                }
            }
        }
        Err(error) => reader.diagnostics.push(syntax(&error.json)),
    }
    (reader.documents, reader.diagnostics)
}

/// Whether a text holds rules rather than other JSON, such as events. Broken text that names the keys of a rule
/// counts as rules, so that its errors are reported.
#[must_use]
pub fn holds_rules(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    if !text.contains("\"rule_id\"") && !text.contains("\"language\"") && !text.contains("\"type\"") {
        return false;
    }
    values(SourceId::default(), text, 0)
        .map_or_else(|_| text.contains("\"rule_id\""), |values| values.iter().any(is_rule))
}

struct Broken {
    json: JsonError,
    /// Whether each line is a value of its own.
    by_line: bool,
}

/// The values of a text: an array's elements, or values one after another.
fn values(source: SourceId, text: &str, start: usize) -> Result<Vec<Tree>, Broken> {
    let fragment = Fragment::verbatim(source, start, text.get(start..).unwrap_or(""));
    let inner = fragment.text();
    let mut found = Vec::new();
    let mut at = 0;
    while inner.get(at..).is_some_and(|rest| !rest.trim().is_empty()) {
        let (value, end) = super::parse_prefix(&fragment, at).map_err(|json| {
            let lines = inner.lines().filter(|line| line.starts_with('{')).take(2).count();
            Broken { json, by_line: lines == 2 || inner.trim_end().lines().count() == 1 }
        })?;
        found.push(value);
        at = end;
    }
    match <[Tree; 1]>::try_from(found) {
        Ok([Tree { kind: Kind::List(list), .. }]) => Ok(list),
        Ok([only]) => Ok(vec![only]),
        Err(several) => Ok(several),
    }
}

fn is_rule(value: &Tree) -> bool {
    let text = |key: &str| value.get(key).is_some_and(|value| value.fragment().is_some());
    text("rule_id") || (text("query") && (text("language") || text("type")))
}

/// The last line of an export counts what was exported.
fn is_summary(value: &Tree) -> bool {
    ["exported_count", "exported_rules_count"].iter().any(|key| value.get(key).is_some())
}

fn syntax(error: &JsonError) -> Diagnostic {
    Diagnostic::error(files::JSON_SYNTAX, format!("invalid JSON: {}", error.message))
        .at(error.span, format!("expected {}", error.expected))
}

struct Reader<'a> {
    stem: &'a str,
    documents: Vec<RuleDocument>,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    fn value(&mut self, value: &Tree) {
        if is_rule(value) {
            let (members, aside) = root(value);
            let lacks = "the value is no rule";
            let root = Root { members: &members, span: value.span, stem: self.stem, lacks, aside: &aside };
            let (documents, diagnostics) = document::read(root);
            self.documents.extend(documents);
            self.diagnostics.extend(diagnostics);
        } else if self.documents.is_empty() && self.diagnostics.is_empty() {
            let message = "the document holds no rule";
            let diagnostic = Diagnostic::error(files::NO_RULE, message)
                .at(value.span, "no `rule_id`, nor a `query` with its `language`")
                .help("events are given to `run` and `verify`");
            self.diagnostics.push(diagnostic);
        } else if !is_summary(value) && !self.documents.is_empty() {
            let message = "a value that is no rule is skipped";
            self.diagnostics
                .push(Diagnostic::new(Severity::Note, files::NOT_A_RULE, message).at(value.span, ""));
        }
    }
}

/// The document of a rule: its keys under `rule`, and beside them the sections that [`KEPT`] holds; and the keys
/// of `rule` that come from there.
fn root(value: &Tree) -> (Members, Vec<String>) {
    let mut rule = value.members().cloned().unwrap_or_default();
    let key_span = value.span;
    let mut root = Members::new();
    let mut aside = Vec::new();
    let sections = rule.get_mut("meta").and_then(|meta| match &mut meta.value.kind {
        Kind::Table(meta) => meta.shift_remove(KEPT),
        _ => None,
    });
    if rule.get("meta").and_then(|meta| meta.value.members()).is_some_and(|meta| meta.is_empty())
        && sections.is_some()
    {
        rule.shift_remove("meta");
    }
    let sections = sections.map(|member| member.value.kind);
    let mut sections = if let Some(Kind::Table(sections)) = sections { sections } else { Members::new() };
    if let Some(Member { value: Tree { kind: Kind::Table(more), .. }, .. }) = sections.shift_remove("rule") {
        aside.extend(more.keys().cloned());
        rule.extend(more);
    }
    root.insert(
        "rule".to_owned(),
        Member { key_span, value: Tree { kind: Kind::Table(rule), span: value.span } },
    );
    root.extend(sections);
    (root, aside)
}
