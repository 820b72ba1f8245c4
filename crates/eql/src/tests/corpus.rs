//! Rules that others wrote, read from beside the project where they are.

use std::path::{Path, PathBuf};

use super::{read, render, render_in};
use crate::{Dialect, Options, parse_with, print};
use eqlc_diagnostics::{Fragment, SourceMap};

pub(super) fn shared(path: &str) -> Option<PathBuf> {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: {path} is not beside the project");
    None
}

fn toml_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            toml_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            out.push(path);
        }
    }
}

pub(super) fn queries(folder: &Path, wanted: impl Fn(&toml::Table) -> bool) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    toml_files(folder, &mut files);
    let mut queries = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a text");
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        let Some(rule) = table.get("rule").and_then(|rule| rule.as_table()) else { continue };
        if let (true, Some(query)) = (wanted(rule), rule.get("query").and_then(|query| query.as_str())) {
            queries.push((path, query.to_owned()));
        }
    }
    queries
}

fn check_laws(path: &Path, text: &str, dialect: Dialect) {
    let mut map = SourceMap::new();
    let id = map.add("rule.eql", text);
    let options = Options { dialect };
    let parsed = parse_with(&Fragment::verbatim(id, 0, text), options);
    assert!(parsed.diagnostics.is_empty(), "{}\n{}", path.display(), render_in(text, dialect));
    let printed = print(&parsed.tree);
    let id = map.add("printed.eql", printed.clone());
    let again = parse_with(&Fragment::verbatim(id, 0, printed.clone()), options);
    assert!(again.diagnostics.is_empty(), "{}\n{}", path.display(), render_in(&printed, dialect));
    assert_eq!(again.tree, parsed.tree, "{}\n{printed}", path.display());
    assert_eq!(again.tree.comments.len(), parsed.tree.comments.len(), "{}\n{printed}", path.display());
    assert_eq!(print(&again.tree), printed, "{}\n{text}", path.display());
}

#[test]
fn every_elastic_rule_is_read_and_printed_back() {
    let Some(folder) = shared("corpus/elastic-rules") else { return };
    let rules = queries(&folder, |rule| rule.get("type").and_then(|kind| kind.as_str()) == Some("eql"));
    rules.iter().for_each(|(path, query)| check_laws(path, query, Dialect::Elasticsearch));
    println!("{} queries", rules.len());
    assert!(rules.len() > 100);
}

#[test]
fn every_endpoint_rule_is_read_and_printed_back() {
    let Some(folder) = shared("corpus/endpoint-rules") else { return };
    let rules = queries(&folder, |_| true);
    rules.iter().for_each(|(path, query)| check_laws(path, query, Dialect::Endpoint));
    println!("{} queries", rules.len());
    assert!(rules.len() > 100);
}

/// Splits a file at `;` outside strings and comments.
fn split(text: &str) -> Vec<String> {
    let (mut queries, mut query) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if let Some(body) = rest.strip_prefix("\"\"\"") {
            let close = body.find("\"\"\"").map_or(body.len(), |at| at + 3);
            3 + close + body.get(close..).unwrap_or("").bytes().take_while(|b| *b == b'"').count()
        } else if matches!(c, '"' | '\'' | '`') {
            quoted_length(rest, c)
        } else if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            rest = rest.split_at(end).1;
            continue;
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
            rest = rest.split_at(end).1;
            query.push(' ');
            continue;
        } else if c == ';' {
            queries.push(std::mem::take(&mut query));
            rest = rest.split_at(1).1;
            continue;
        } else {
            c.len_utf8()
        };
        let (front, back) = rest.split_at(length);
        query.push_str(front);
        rest = back;
    }
    queries.push(query);
    queries.retain(|query| !query.trim().is_empty());
    queries
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return at + 1;
        }
        if c == '\n' {
            return at;
        }
        if c == '\\' && quote != '`' {
            chars.next();
        }
    }
    rest.len()
}

/// The constructs that make a query of the supported file one that Elasticsearch refuses after all.
fn is_refused(query: &str) -> bool {
    query.trim_start().starts_with("join")
}

#[test]
fn the_supported_queries_of_elasticsearch_are_read() {
    let Some(file) = shared("conformance/elasticsearch-eql/queries-supported.eql") else { return };
    let text = std::fs::read_to_string(file).expect("a text");
    let mut all = split(&text);
    // What follows the last `;` are queries of a line each, which Elasticsearch itself never reads.
    let tail = all.pop().expect("a tail");
    let (mut read_well, mut joins) = (0, 0);
    for query in &all {
        if is_refused(query) {
            joins += 1;
            assert!(!read(query).diagnostics.is_empty(), "{query}");
            continue;
        }
        assert!(read(query).diagnostics.is_empty(), "{}", render(query));
        read_well += 1;
    }
    let lines: Vec<&str> = tail.lines().filter(|line| !line.trim().is_empty()).collect();
    let with = |codes: &[&str]| lines.iter().filter(|line| super::codes(line) == codes).count();
    // Uneven keys, and samples that use a key twice.
    let counts = (read_well, joins, with(&[]), with(&["E0052"]), with(&["E0062"]));
    println!("read, joins refused, lines read, with uneven keys, with a key twice: {counts:?}");
    assert_eq!(counts, (179, 14, 20, 4, 2));
    assert_eq!(lines.len(), 26);
}

#[test]
fn the_unsupported_queries_of_elasticsearch_are_refused() {
    let Some(file) = shared("conformance/elasticsearch-eql/queries-unsupported.eql") else { return };
    let text = std::fs::read_to_string(file).expect("a text");
    let all = split(&text);
    let accepted: Vec<&String> = all.iter().filter(|query| read(query).diagnostics.is_empty()).collect();
    println!("{} queries, {} accepted", all.len(), accepted.len());
    for query in &accepted {
        // Head and tail became part of the language; nothing else of the file did.
        let pipes: Vec<&str> = query.split('|').skip(1).map(str::trim).collect();
        let legal = pipes.iter().all(|pipe| pipe.starts_with("head") || pipe.starts_with("tail"));
        assert!(legal && !pipes.is_empty(), "{query}");
    }
    assert_eq!((all.len(), accepted.len()), (116, 14));
}

/// Rules with words left out, doubled or swapped: always a tree, and findings inside the text in its order.
#[test]
fn mutilated_rules_are_read_without_harm() {
    let Some(folder) = shared("corpus/elastic-rules") else { return };
    let rules = queries(&folder, |rule| rule.get("type").and_then(|kind| kind.as_str()) == Some("eql"));
    let mut seed = 7u64;
    let mut next = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % limit.max(1)
    };
    for (_, query) in rules.iter().step_by(5) {
        for _ in 0..6 {
            let mut pieces: Vec<&str> = query.split_inclusive(|c: char| !c.is_alphanumeric()).collect();
            for _ in 0..=next(3) {
                let (a, b) = (next(pieces.len()), next(pieces.len()));
                match next(3) {
                    0 => drop(pieces.remove(a)),
                    1 => pieces.insert(a, pieces[b]),
                    _ => pieces.swap(a, b),
                }
            }
            let text = pieces.concat();
            let parsed = read(&text);
            let starts: Vec<usize> =
                parsed.diagnostics.iter().map(|found| found.span().expect("a place").range().start).collect();
            assert!(starts.is_sorted() && starts.iter().all(|start| *start <= text.len()), "{text}");
            assert!(!print(&parsed.tree).is_empty());
            assert!(parsed.diagnostics.len() <= 50, "{}", render(&text));
        }
    }
}

#[test]
fn the_queries_with_known_results_are_read_and_printed_back() {
    let mut count = 0;
    for name in [
        "test_queries",
        "additional_test_queries",
        "test_queries_date",
        "test_extra.normalized",
        "test_missing_events",
        "test_sample",
        "test_sample_multi",
        "test_failing_shards",
        "test_queries_date_nanos",
    ] {
        let Some(file) = shared(&format!("conformance/elasticsearch-eql/{name}.toml")) else { return };
        let table: toml::Table = std::fs::read_to_string(&file).expect("a text").parse().expect("a table");
        for query in table.get("queries").and_then(|queries| queries.as_array()).into_iter().flatten() {
            let text = query.get("query").and_then(|query| query.as_str()).expect("a query");
            check_laws(&file, text, Dialect::Elasticsearch);
            count += 1;
        }
    }
    println!("{count} queries");
    assert_eq!(count, 320);
}
