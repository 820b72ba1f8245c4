//! Real rules lower without a false error.

use std::collections::BTreeMap;
use std::path::Path;

use eqlc_diagnostics::Severity;

use super::{compile, compile_endpoint};

/// The EQL queries of a folder of Elastic rule documents, with their file names.
fn queries(folder: &str) -> Option<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    if !root.is_dir() {
        println!("skipped: {} is not there", root.display());
        return None;
    }
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name().into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let document: toml::Table = std::fs::read_to_string(entry.path()).unwrap().parse().unwrap();
        let rule = document.get("rule").and_then(toml::Value::as_table);
        let text = |key: &str| rule.and_then(|rule| rule.get(key)).and_then(toml::Value::as_str);
        // Endpoint documents name no type: all of their queries are EQL.
        if let (Some("eql") | None, Some(query)) = (text("type"), text("query")) {
            found.push((entry.file_name().to_string_lossy().into_owned(), query.to_owned()));
        }
    }
    Some(found)
}

#[test]
fn elastic_rules_have_no_errors() {
    let Some(queries) = queries("elastic-rules") else { return };
    assert!(queries.len() > 500, "{}", queries.len());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, query) in &queries {
        let outcome = compile(query);
        for diagnostic in &outcome.diagnostics {
            *counts.entry(diagnostic.code.as_str()).or_default() += 1;
            let error = diagnostic.severity == Severity::Error;
            if error || std::env::var("EQLC_SHOW").is_ok_and(|code| code == diagnostic.code.as_str()) {
                let text = format!("{name}\n{}", outcome.finding(diagnostic));
                if error { errors.push(text) } else { println!("{text}") }
            }
        }
        assert!(!errors.is_empty() || outcome.lowered.is_some(), "{name}: neither output nor error");
    }
    println!("{} rules: {counts:?}", queries.len());
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn endpoint_rules_lower_without_an_error() {
    let Some(queries) = queries("endpoint-rules") else { return };
    assert!(queries.len() > 800, "{}", queries.len());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, query) in &queries {
        let outcome = compile_endpoint(query);
        for diagnostic in &outcome.diagnostics {
            *counts.entry(diagnostic.code.as_str()).or_default() += 1;
            if diagnostic.severity == Severity::Error {
                wrong.push(format!("{name}\n{}", outcome.finding(diagnostic)));
            }
        }
        assert!(!wrong.is_empty() || outcome.lowered.is_some(), "{name}: neither output nor error");
    }
    println!("{} endpoint rules: {counts:?}", queries.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for code in ["W0001", "W0009", "W0010"] {
        assert!(!counts.contains_key(code), "{counts:?}");
    }
}
