//! SARIF 2.1.0: findings with places, in the form that code scanning takes.

use std::collections::BTreeMap;

use eqlc_diagnostics::{Code, Diagnostic, Severity, SourceMap, Span};
use serde_json::{Value, json};

use crate::place::Place;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/eqlc/eqlc";

/// A log in the making: one run with its results in the order in which they are added.
#[derive(Debug, Default)]
pub struct SarifLog {
    results: Vec<Value>,
    /// The codes of results, with their place among the rules of the tool.
    codes: BTreeMap<&'static str, (usize, Code)>,
}

impl SarifLog {
    /// Adds findings. One without a place is about `file`, if there is one.
    pub fn add(&mut self, sources: &SourceMap, file: Option<&str>, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let next = self.codes.len();
            let (rule, _) = *self.codes.entry(diagnostic.code.as_str()).or_insert((next, diagnostic.code));
            self.results.push(result(sources, file, diagnostic, rule));
        }
    }

    /// The whole log of a run of eqlc in a version; `properties` are those of the run.
    #[must_use]
    pub fn finish(self, version: &str, properties: Value) -> Value {
        let mut rules: Vec<(usize, Value)> =
            self.codes.into_values().map(|(place, code)| (place, rule(code))).collect();
        rules.sort_by_key(|(place, _)| *place);
        let rules: Vec<Value> = rules.into_iter().map(|(_, rule)| rule).collect();
        json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "eqlc",
                    "version": version,
                    "informationUri": HOME,
                    "rules": rules,
                }},
                "columnKind": "unicodeCodePoints",
                "results": self.results,
                "properties": properties,
            }],
        })
    }
}

/// A code as a rule of the tool.
fn rule(code: Code) -> Value {
    let info = code.info();
    let title = info.map_or(code.as_str(), |info| info.title.as_str());
    let explanation = info.map_or("", |info| info.explanation.as_str()).trim();
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": title },
        "fullDescription": { "text": if explanation.is_empty() { title } else { explanation } },
        "help": { "text": format!("`eqlc explain {code}` tells more") },
    })
}

fn result(sources: &SourceMap, file: Option<&str>, diagnostic: &Diagnostic, rule: usize) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let lines = std::iter::once(&diagnostic.message).chain(&diagnostic.notes).chain(&diagnostic.help);
    let text = lines.map(String::as_str).collect::<Vec<_>>().join("\n");
    let own = diagnostic.span().and_then(|span| location(sources, span));
    let whole = || Some(json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file?) } } }));
    let locations: Vec<Value> = own.or_else(whole).into_iter().collect();
    let related: Vec<Value> = diagnostic
        .related
        .iter()
        .filter_map(|label| {
            let mut location = location(sources, label.span)?;
            location.as_object_mut()?.insert("message".to_owned(), json!({ "text": label.message }));
            Some(location)
        })
        .collect();
    let mut result = json!({
        "ruleId": diagnostic.code.as_str(),
        "ruleIndex": rule,
        "level": level,
        "message": { "text": text },
        "locations": locations,
    });
    if let Some(members) = result.as_object_mut().filter(|_| !related.is_empty()) {
        members.insert("relatedLocations".to_owned(), json!(related));
    }
    result
}

fn location(sources: &SourceMap, span: Span) -> Option<Value> {
    let place = Place::of(sources, span)?;
    Some(json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(sources.name(place.span.source)) },
            "region": {
                "startLine": place.start.line,
                "startColumn": place.start.column,
                "endLine": place.end.line,
                "endColumn": place.end.column,
            },
        },
    }))
}

/// A path as a relative or `file:` reference: `/` between segments, and percent escapes for what a reference cannot
/// hold.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut out = String::with_capacity(path.len());
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            other if other.is_ascii_alphanumeric() => out.push(char::from(other)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use eqlc_diagnostics::codes::verify::{DISAGREES, NO_WITNESS};
    use eqlc_diagnostics::{Diagnostic, SourceMap, Span};
    use serde_json::json;

    use super::{SarifLog, uri};

    #[test]
    fn a_result_names_its_rule_and_its_place() {
        let mut sources = SourceMap::new();
        let id = sources.add("rules/a b.eql", "any where true\n");
        let mut log = SarifLog::default();
        let placed = Diagnostic::error(DISAGREES, "differs")
            .at(Span::new(id, 4..9), "x")
            .and_at(Span::new(id, 10..14), "and this")
            .note("more");
        log.add(&sources, None, &[Diagnostic::warning(NO_WITNESS, "none"), placed]);
        log.add(&sources, Some("c.eql"), &[Diagnostic::warning(NO_WITNESS, "none")]);
        insta::assert_json_snapshot!(log.finish("1.2.3", json!({ "seed": 0 })));
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("rules/a b.eql"), "rules/a%20b.eql");
        assert_eq!(uri("/tmp/é%.eql"), "file:///tmp/%C3%A9%25.eql");
    }
}
