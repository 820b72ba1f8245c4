//! Tests over whole pipelines.

mod hostile;
mod reading;
mod transformations;

use std::fmt::Write as _;

use eqlc_diagnostics::{Diagnostics, Fragment, SourceMap, has_errors};

use crate::{Pipeline, apply, parse};

/// The findings in a pipeline, one after the other, with line, column and the text each points at.
fn findings(text: &str) -> String {
    let mut map = SourceMap::new();
    let id = map.add("p.yml", text);
    report(&parse("p.yml", &Fragment::verbatim(id, 0, text)).diagnostics, &map)
}

fn report(diagnostics: &Diagnostics, map: &SourceMap) -> String {
    let mut out = String::new();
    for found in diagnostics {
        let severity = format!("{:?}", found.severity).to_lowercase();
        writeln!(out, "{severity}[{}]: {}", found.code, found.message).unwrap();
        for label in found.primary.iter().chain(&found.related) {
            let at = map.position(label.span);
            let slice = map.slice(label.span);
            writeln!(out, "  {}:{} `{slice}` {}", at.line, at.column, label.message).unwrap();
        }
        found.notes.iter().for_each(|note| writeln!(out, "  note: {note}").unwrap());
        found.help.iter().for_each(|help| writeln!(out, "  help: {help}").unwrap());
    }
    out
}

fn pipeline(text: &str) -> Pipeline {
    let mut map = SourceMap::new();
    let id = map.add("p.yml", text);
    let parsed = parse("p.yml", &Fragment::verbatim(id, 0, text));
    assert!(!has_errors(&parsed.diagnostics), "{}", report(&parsed.diagnostics, &map));
    parsed.tree
}

/// A file of rules after pipelines: the findings, then the rules as they are written.
fn after(rule: &str, pipelines: &[Pipeline]) -> String {
    let mut map = SourceMap::new();
    let id = map.add("rule.yml", rule);
    let mut parsed = eqlc_sigma::parse(&Fragment::verbatim(id, 0, rule));
    assert!(!has_errors(&parsed.diagnostics), "{}", report(&parsed.diagnostics, &map));
    let found = apply(&mut parsed.tree, pipelines);
    let mut out = report(&found, &map);
    if !has_errors(&found) {
        out.push_str(&eqlc_sigma::write(&parsed.tree));
    }
    out
}

/// What one item makes of a detection.
fn one(item: &str, detection: &str) -> String {
    let item: String = item.trim().lines().map(|line| format!("      {line}\n")).collect();
    let item = item.replacen("      ", "    - ", 1);
    let vars = "vars:\n    admins: [root, 'adm*']\n    site: x\n";
    let pipeline = pipeline(&format!("{vars}transformations:\n{item}"));
    let body: String = detection.trim().lines().map(|line| format!("    {line}\n")).collect();
    let rule = format!(
        "title: A\nlogsource:\n    product: windows\n    category: process_creation\ndetection:\n{body}"
    );
    after(&rule, &[pipeline])
}
