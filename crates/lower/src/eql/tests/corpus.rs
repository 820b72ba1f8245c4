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

/// Endpoint rules use constructs that are refused here by name; whatever else is said of them would be a
/// false alarm.
#[test]
fn endpoint_rules_have_no_errors_but_those_of_their_dialect() {
    let Some(queries) = queries("endpoint-rules") else { return };
    assert!(queries.len() > 800, "{}", queries.len());
    let mut wrong = Vec::new();
    let mut lowered = 0;
    for (name, query) in &queries {
        let outcome = compile_endpoint(query);
        lowered += usize::from(outcome.lowered.is_some());
        for diagnostic in outcome.diagnostics.iter().filter(|d| d.severity == Severity::Error) {
            // There user and group numbers are numbers.
            let number =
                diagnostic.code.as_str() == "E1010" && diagnostic.message.contains(".id` holds text");
            if !number && !matches!(diagnostic.code.as_str(), "E1021" | "E1012") {
                wrong.push(format!("{name}\n{}", outcome.finding(diagnostic)));
            }
        }
    }
    println!("{lowered} of {} endpoint rules lowered", queries.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
