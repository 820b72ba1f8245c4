//! Law 3 for this backend: what is emitted lowers to the rule it was emitted from.

use std::path::{Path, PathBuf};

use eqlc_backend::{Backend, ReadBack, Settings, legalise};
use eqlc_diagnostics::{Fragment, SourceId, has_errors};
use eqlc_ir::{Metadata, Rule, normalise};
use eqlc_lower::eql::{Context, lower};

use super::Elasticsearch;

fn rule(query: &str) -> Rule {
    let parsed = eqlc_eql::parse(&Fragment::verbatim(SourceId::default(), 0, query));
    assert!(!has_errors(&parsed.diagnostics), "{query}\n{:?}", parsed.diagnostics);
    let (lowered, diagnostics) = lower(&parsed.tree, &Context::default());
    let lowered = lowered.unwrap_or_else(|| panic!("{query}\n{diagnostics:?}"));
    let meta = Metadata::default();
    normalise(Rule { id: "r".to_owned(), meta, body: lowered.body, pipes: lowered.pipes })
}

/// Emits, reads back, lowers again; the emitted text.
fn holds_law(query: &str, format: Option<&str>) -> String {
    let backend = Elasticsearch::new().unwrap();
    let settings = Settings { format: format.map(str::to_owned), ..Settings::default() };
    let wanted = rule(query);
    let legal = legalise(wanted.clone(), Vec::new(), backend.target()).unwrap();
    assert_eq!(legal.losses(), []);
    let artifact = backend.emit(&legal, &settings).unwrap_or_else(|refused| panic!("{query}\n{refused:?}"));
    let ReadBack::Source { text, reprinted, .. } = backend.read_back(&artifact).unwrap() else {
        panic!("EQL reads back as source");
    };
    assert_eq!(text, reprinted, "printing is not stable");
    assert_eq!(normalise::canonical(rule(&text)), normalise::canonical(wanted), "{query}\n{text}");
    artifact.text
}

#[test]
fn every_operator_comes_back() {
    let conditions = [
        r#"process.name == "a" and process.name != "b""#,
        r#"process.name : ("a", "b*", "?c") and not process.name like~ "d*""#,
        r#"process.name like ("A*", "B?") or process.name in ("x", "y") and process.name not in~ ("z")"#,
        r#"process.pid > 4 and process.pid <= 9 and not process.pid == 7"#,
        r#"process.exit_code == null and process.name != null and ?user.id == null"#,
        r#"process.name regex ("a.*", "b[0-9]+", "\\d{2}(x|y)?") and process.name regex~ "q\\.exe""#,
        r#"cidrMatch(source.ip, "10.0.0.0/8", "::1") and not cidrMatch(destination.ip, "127.0.0.1/32")"#,
        r#"startsWith(process.name, "a*") and endsWith~(process.name, "?b") and stringContains(process.name, "*")"#,
        r#"length(process.name) > 3 and substring(process.name, 0, -1) == "x" and process.pid % 2 == 1"#,
        r#"indexOf(process.name, "x") == null and concat(process.name, "-", process.pid) == "a-1""#,
        r#"(process.pid > 1) == null or -process.pid + 2 * 3 < 5"#,
        r#"dll.code_signature.trusted == false and process.code_signature.exists"#,
        r#"`odd-name`.`select` : "x" and true"#,
    ];
    let texts: Vec<String> =
        conditions.iter().map(|condition| holds_law(&format!("process where {condition}"), None)).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn sequences_samples_and_pipes_come_back() {
    let queries = [
        r#"sequence by host.id with maxspan=90s [process where true] by user.id [file where file.name : "a*"] by user.name | head 3"#,
        r#"sequence by ?user.id with maxspan=1h [process where true] ![network where true] [any where true] with runs=3 until [process where event.type == "end"]"#,
        r#"sample by host.id [process where process.pid == 1] [file where true]"#,
        r#"sequence [process where true] [process where process.pid == 2] | tail 2"#,
    ];
    let texts: Vec<String> = queries.iter().map(|query| holds_law(query, None)).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_request_holds_the_query_and_the_schedule() {
    let backend = Elasticsearch::new().unwrap();
    let mut rule = rule(r#"process where process.name == "a\"b""#);
    rule.meta.from = Some("now-9m".to_owned());
    rule.meta.max_signals = Some(100);
    let legal = legalise(rule, Vec::new(), backend.target()).unwrap();
    let settings = Settings { format: Some("request".to_owned()), ..Settings::default() };
    insta::assert_snapshot!(backend.emit(&legal, &settings).unwrap().text);
    holds_law(r#"process where process.name == "a\"b""#, Some("request"));
}

#[test]
fn rule_documents_hold_the_query_and_the_metadata() {
    let query =
        r#"sequence by host.id with maxspan=5m [process where process.name : "a\\\"*"] [file where true]"#;
    for format in ["kibana", "toml"] {
        insta::assert_snapshot!(format!("rule_documents_{format}"), holds_law(query, Some(format)));
    }
}

/// The rules beside a checkout; none where they are absent.
fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/elastic-rules");
    if !folder.is_dir() {
        eprintln!("skipped: ../shared/corpus/elastic-rules is not there");
        return None;
    }
    Some(folder)
}

fn queries(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            queries(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
            let rule = table.get("rule").and_then(toml::Value::as_table);
            let text = |key: &str| rule.and_then(|rule| rule.get(key)).and_then(toml::Value::as_str);
            if text("type") == Some("eql") {
                found.extend(text("query").map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_rule_of_the_corpus_comes_back() {
    let Some(folder) = corpus() else { return };
    let mut found = Vec::new();
    queries(&folder, &mut found);
    assert!(found.len() > 500, "{} rules", found.len());
    for query in &found {
        holds_law(query, None);
    }
    eprintln!("{} rules lower to themselves after emission", found.len());
}
