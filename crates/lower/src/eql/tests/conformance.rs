//! The queries of Elasticsearch's own test suite lower; their fields are of no schema known here.

use std::path::Path;

use eqlc_eql::Dialect;
use eqlc_schema::Schema;

use super::{Context, compile_in};

const SUITES: &[&str] = &[
    "test_queries.toml",
    "additional_test_queries.toml",
    "test_queries_date.toml",
    "test_extra.normalized.toml",
    "test_missing_events.toml",
    "test_sample.toml",
    "test_sample_multi.toml",
];

#[test]
fn queries_of_the_suite_have_no_errors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/elasticsearch-eql");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let schema = Schema::of([]);
    let (mut count, mut wrong) = (0, Vec::new());
    for suite in SUITES {
        let table: toml::Table = std::fs::read_to_string(folder.join(suite)).unwrap().parse().unwrap();
        let queries = table.get("queries").and_then(toml::Value::as_array).unwrap();
        for query in queries.iter().filter_map(|query| query.get("query")).filter_map(toml::Value::as_str) {
            let outcome = compile_in(
                query,
                &Context { schema: &schema, strict_fields: false, dialect: Dialect::default() },
            );
            count += 1;
            if outcome.lowered.is_none() {
                let errors = outcome.diagnostics.iter().filter(|found| found.code.as_str().starts_with('E'));
                let errors: Vec<String> = errors.map(|found| outcome.finding(found)).collect();
                wrong.push(format!("{suite}: {query}\n{}", errors.concat()));
            }
        }
    }
    assert_eq!(count, 298);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The statements of a file, each ended by `;`.
fn statements(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.trim_start().starts_with("//"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let parts = text.split(";\n").map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

#[test]
fn unsupported_queries_of_the_suite_are_refused_unless_they_only_limit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/elasticsearch-eql");
    let Ok(text) = std::fs::read_to_string(folder.join("queries-unsupported.eql")) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let schema = Schema::of([]);
    let statements = statements(&text);
    assert_eq!(statements.len(), 116);
    let context = Context { schema: &schema, strict_fields: false, dialect: Dialect::default() };
    let accepted: Vec<&String> =
        statements.iter().filter(|query| compile_in(query, &context).lowered.is_some()).collect();
    // `head` and `tail` became legal after the file was written.
    assert!(
        accepted.iter().all(|query| query.contains("| head") || query.contains("| tail")),
        "{accepted:#?}"
    );
    assert_eq!(accepted.len(), 14);
}
