//! Public rule documents, where a copy of them stands beside the workspace: every one reads, nothing of it is
//! lost, and every byte of its query is found again in the file.

use std::path::{Path, PathBuf};

use crate::{QueryLanguage, RuleDocument, read, write};
use ::toml::{Table, Value};
use eqlc_diagnostics::{SourceMap, has_errors};
use eqlc_ir::meta::Metadata;

/// The documents of a folder of the corpus; none, with a reason, where it is not there.
fn corpus(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    if !root.is_dir() {
        println!("skipped: there is no corpus `{folder}` beside the workspace");
        return Vec::new();
    }
    let files = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
    let files = files.map(|entry| entry.expect("a readable folder").into_path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
}

/// The document of a file without errors, and the same by another TOML parser.
fn both(path: &Path) -> (SourceMap, RuleDocument, Table) {
    let bytes = std::fs::read(path).expect("a readable file");
    let mut sources = SourceMap::new();
    let parsed = read(&path.display().to_string(), &bytes, &mut sources);
    for diagnostic in &parsed.diagnostics {
        assert_eq!(diagnostic.code.as_str(), "E3012", "{}: {diagnostic:#?}", path.display());
    }
    assert!(!has_errors(&parsed.diagnostics));
    let [document] = parsed.tree.documents.try_into().expect("one document");
    let table = String::from_utf8(bytes).expect("UTF-8").parse().expect("TOML");
    (sources, document, table)
}

/// The name the metadata gives a key of a document.
fn modelled_name(key: &str) -> &str {
    match key {
        "rule_id" => "id",
        "reference" => "references",
        other => other,
    }
}

/// Whether `metadata` holds `value` under `path`, modelled or kept.
fn holds(metadata: &Metadata, model: &Table, path: &str, value: &Value) -> bool {
    if let Some(kept) = metadata.other.get(path) {
        let table: Table = format!("kept = {kept}").parse().expect("kept values are TOML");
        return table.get("kept") == Some(value);
    }
    let key = path.rsplit('.').next().expect("a path has a last key");
    let modelled = model.get(modelled_name(key));
    let many = Value::Array(vec![value.clone()]);
    let absent_list = Value::Array(Vec::new());
    modelled == Some(value) || modelled == Some(&many) || (modelled.is_none() && *value == absent_list)
}

fn nothing_is_lost(path: &Path) -> RuleDocument {
    let (sources, document, table) = both(path);
    let metadata = &document.metadata;
    let model = Table::try_from(metadata).expect("metadata can be written as TOML");
    for (section, value) in &table {
        let inner: Vec<(String, &Value)> = match value {
            Value::Table(keys) => {
                keys.iter().map(|(key, value)| (format!("{section}.{key}"), value)).collect()
            }
            value => vec![(section.clone(), value)],
        };
        for (key, value) in inner.into_iter().filter(|(key, _)| key != "rule.query") {
            assert!(holds(metadata, &model, &key, value), "{}: `{key}` is lost", path.display());
        }
    }
    let query = table["rule"].get("query").map_or("", |query| query.as_str().expect("text"));
    assert_eq!(document.query.fragment.text(), query, "{}", path.display());
    for (at, c) in query.char_indices() {
        let typed = sources.slice(document.query.fragment.span(at, at + c.len_utf8()));
        let same = typed.chars().eq([c]) || typed.starts_with('\\');
        assert!(same, "{}: byte {at} `{c}` maps to `{typed}`", path.display());
    }
    document
}

#[test]
fn every_detection_rule_reads_whole() {
    let mut eql = 0;
    for path in corpus("elastic-rules") {
        let document = nothing_is_lost(&path);
        eql += usize::from(document.query.language == QueryLanguage::Eql);
        assert!(document.metadata.interval_ms().is_some(), "{}", path.display());
        assert!(document.metadata.lookback_ms().is_some(), "{}", path.display());
        assert!(document.metadata.severity.is_some() && document.metadata.risk_score.is_some());
    }
    println!("{eql} rules in EQL");
}

#[test]
fn every_endpoint_rule_reads_whole_and_is_eql() {
    for path in corpus("endpoint-rules") {
        let document = nothing_is_lost(&path);
        assert_eq!(document.query.language, QueryLanguage::Eql, "{}", path.display());
        assert!(!document.metadata.os_list.is_empty(), "{}", path.display());
    }
}

/// Field by field: what is written as TOML and as a rule of Kibana is the document that was read.
#[test]
fn every_document_comes_back_from_both_formats() {
    for folder in ["elastic-rules", "endpoint-rules"] {
        for path in corpus(folder) {
            let (_, document, table) = both(&path);
            if document.query.language != QueryLanguage::Eql {
                continue;
            }
            let (meta, query) = (&document.metadata, document.query.fragment.text());
            let name = path.display().to_string();
            let again = |name: &str, text: &str| {
                let parsed = read(name, text.as_bytes(), &mut SourceMap::new());
                assert_eq!(parsed.diagnostics, [], "{}: {text}", path.display());
                let [document] = parsed.tree.documents.try_into().expect("one document");
                document
            };
            let written = write::toml::text(meta, query);
            let toml = again("r.toml", &written);
            assert_eq!(toml.metadata, write::toml::complete(meta), "{name}");
            assert_eq!(toml.query.fragment.text(), query, "{name}");
            if folder == "elastic-rules" {
                assert_eq!(toml.metadata, *meta, "{name}: nothing had to be filled in");
                let mut written: Table = written.parse().expect("TOML");
                let mut table = table;
                [&mut written, &mut table].into_iter().for_each(without_empty_arrays);
                assert_eq!(written, table, "{name}");
            }
            let line = write::kibana::text(meta, query);
            assert_eq!(super::importable::refused(&line), Vec::<String>::new(), "{name}");
            let kibana = again("r.ndjson", &line);
            let back = again("r.toml", &write::toml::text(&kibana.metadata, query));
            assert_eq!(back.metadata, kibana.metadata, "{name}");
            assert_eq!(kibana.metadata, write::kibana::complete(meta), "{name}");
            assert_eq!(kibana.query.fragment.text(), query.trim_end(), "{name}");
        }
    }
}

/// An empty array says what an absent one says.
fn without_empty_arrays(table: &mut Table) {
    for section in ["rule", "metadata"] {
        if let Some(Value::Table(keys)) = table.get_mut(section) {
            keys.retain(|_, value| value.as_array().is_none_or(|array| !array.is_empty()));
        }
    }
}
