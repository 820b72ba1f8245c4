//! The same rules through the same pipelines, here and in pySigma.
//!
//! Python is `python3`, or what the environment variable `EQLC_PYTHON` names; without pySigma the test is skipped and says
//! so.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot read its own files has nothing to test"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use eqlc_diagnostics::{Fragment, Severity, SourceMap, has_errors};
use eqlc_pipelines::{apply, parse};
use eqlc_sigma::{
    Condition, CorrelationCondition, CorrelationRule, Data, Document, FieldTest, File, Item, Modifier, Part,
    Quantifier, Rule, Search, SigmaString, Value,
};
use serde_json::{Value as Json, json};

const RULES: &str = include_str!("oracle/rules.yml");
const CORRELATION: &str = include_str!("oracle/correlation.yml");
const PIPELINES: &str = include_str!("oracle/pipelines.yml");
const DUMP: &str = include_str!("oracle/dump.py");

/// Whether there is a Python with pySigma.
fn python() -> Option<String> {
    let python = std::env::var("EQLC_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python)
        .args(["-c", "import sigma.processing.pipeline"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: {python} has no pySigma");
    }
    found.then_some(python)
}

fn oracle(python: &str, cases: &[Json]) -> Vec<Json> {
    let mut child =
        Command::new(python).args(["-c", DUMP]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let input = serde_json::to_string(cases).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the rules of a file become here, in the form of the oracle.
fn ours(rule: &str, pipelines: &[(&str, &str)]) -> Json {
    let mut map = SourceMap::new();
    let pipelines: Vec<_> = pipelines
        .iter()
        .map(|(name, text)| {
            let source = map.add(*name, *text);
            let parsed = parse(name, &Fragment::verbatim(source, 0, *text));
            assert_eq!(parsed.diagnostics, Vec::new(), "{text}");
            parsed.tree
        })
        .collect();
    let source = map.add("rule.yml", rule);
    let mut parsed = eqlc_sigma::parse(&Fragment::verbatim(source, 0, rule));
    assert!(!has_errors(&parsed.diagnostics), "{rule}");
    let found = apply(&mut parsed.tree, &pipelines);
    if let Some(error) = found.iter().find(|found| found.severity == Severity::Error) {
        return json!({ "error": format!("{}: {}", error.code, error.message) });
    }
    json!({ "rules": documents(&parsed.tree) })
}

fn documents(file: &File) -> Vec<Json> {
    let of = |document: &Document| match document {
        Document::Rule(rule) => detection(rule),
        Document::Correlation(rule) => correlation(rule),
        Document::Filter(_) => Json::Null,
    };
    file.documents.iter().map(of).collect()
}

fn detection(rule: &Rule) -> Json {
    let conditions: Vec<Json> =
        rule.detection.conditions.iter().map(|condition| normal(tree(&condition.value, rule))).collect();
    let part = |node: &Option<eqlc_diagnostics::Node<String>>| node.as_ref().map(|node| node.value.clone());
    let source = &rule.logsource;
    let custom: serde_json::Map<String, Json> =
        rule.meta.custom.iter().map(|(key, value)| (key.value.clone(), data(value))).collect();
    json!({
        "conditions": conditions,
        "fields": names(&rule.meta.fields),
        "logsource": [part(&source.category), part(&source.product), part(&source.service)],
        "custom": custom,
    })
}

fn correlation(rule: &CorrelationRule) -> Json {
    let aliases: serde_json::Map<String, Json> = rule
        .correlation
        .aliases
        .iter()
        .map(|alias| {
            let fields: serde_json::Map<String, Json> =
                alias.fields.iter().map(|(rule, field)| (rule.value.clone(), json!(field.value))).collect();
            (alias.name.value.clone(), Json::Object(fields))
        })
        .collect();
    let condition = match &rule.correlation.condition {
        Some(CorrelationCondition::Aggregate(aggregate)) => names(&aggregate.field),
        _ => Vec::new(),
    };
    json!({
        "fields": names(&rule.meta.fields),
        "group_by": names(&rule.correlation.group_by),
        "aliases": aliases,
        "condition": condition,
    })
}

fn names(nodes: &[eqlc_diagnostics::Node<String>]) -> Vec<&str> {
    nodes.iter().map(|node| node.value.as_str()).collect()
}

fn data(data: &Data) -> Json {
    match data {
        Data::Text(text) => json!(text),
        Data::Int(number) => json!(i64::try_from(*number).unwrap()),
        Data::Float(number) => json!(number),
        Data::Bool(value) => json!(value),
        Data::Null => Json::Null,
        Data::List(items) => items.iter().map(self::data).collect(),
        Data::Map(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.clone(), self::data(value))).collect())
        }
    }
}

fn joined(op: &str, parts: Vec<Json>) -> Json {
    Json::Array(std::iter::once(json!(op)).chain(parts).collect())
}

fn tree(condition: &Condition, rule: &Rule) -> Json {
    let all = |list: &[Condition]| list.iter().map(|each| tree(each, rule)).collect();
    match condition {
        Condition::And(list) => joined("and", all(list)),
        Condition::Or(list) => joined("or", all(list)),
        Condition::Not(inner) => joined("not", vec![tree(inner, rule)]),
        Condition::Ident(name) => search(rule.detection.search(&name.value).unwrap()),
        Condition::Quantified { quantifier, target } => {
            let chosen =
                rule.detection.searches.iter().filter(|named| target.value.selects(&named.name.value));
            let parts = chosen.map(|named| search(&named.search)).collect();
            joined(if quantifier.value == Quantifier::All { "and" } else { "or" }, parts)
        }
    }
}

fn search(search: &Search) -> Json {
    let map = |tests: &[FieldTest]| joined("and", tests.iter().map(test).collect());
    match search {
        Search::Map(tests) => map(tests),
        Search::List(items) => joined(
            "or",
            items
                .iter()
                .map(|item| match item {
                    Item::Map(tests) => map(tests),
                    Item::Keyword(value) => json!(["test", null, leaf(&value.value, &[])]),
                })
                .collect(),
        ),
    }
}

fn test(test: &FieldTest) -> Json {
    let modifiers: Vec<Modifier> = test.modifiers.iter().map(|modifier| modifier.value).collect();
    let field = test.field.as_ref().map(|field| field.value.as_str());
    let values = test.values.iter().map(|value| json!(["test", field, leaf(&value.value, &modifiers)]));
    let linked = joined(if test.has(Modifier::All) { "and" } else { "or" }, values.collect());
    if test.has(Modifier::Neq) { joined("not", vec![linked]) } else { linked }
}

fn leaf(value: &Value, modifiers: &[Modifier]) -> Json {
    let has = |modifier| modifiers.contains(&modifier);
    let number = |number: &Value| match number {
        Value::Int(number) => json!(i64::try_from(*number).unwrap()),
        Value::Float(number) => json!(number),
        _ => Json::Null,
    };
    match value {
        Value::Null => json!({ "null": true }),
        Value::Bool(value) if has(Modifier::Exists) => json!({ "exists": value }),
        Value::Bool(value) => json!({ "bool": value }),
        Value::Int(_) | Value::Float(_) => {
            let order =
                [Modifier::Gt, Modifier::Gte, Modifier::Lt, Modifier::Lte].into_iter().find(|m| has(*m));
            match order {
                Some(order) => json!({ "compare": order.name(), "num": number(value) }),
                None => json!({ "num": number(value) }),
            }
        }
        Value::Raw(text) if has(Modifier::Re) => {
            let flags = [
                (Modifier::ReDotAll, "DOTALL"),
                (Modifier::ReIgnoreCase, "IGNORECASE"),
                (Modifier::ReMultiLine, "MULTILINE"),
            ];
            let flags: Vec<&str> =
                flags.into_iter().filter(|(modifier, _)| has(*modifier)).map(|(_, name)| name).collect();
            json!({ "re": text, "flags": flags })
        }
        Value::Raw(text) if has(Modifier::FieldRef) => json!({
            "ref": text,
            "starts": has(Modifier::StartsWith) || has(Modifier::Contains),
            "ends": has(Modifier::EndsWith) || has(Modifier::Contains),
        }),
        Value::Raw(text) => json!({ "cidr": text }),
        Value::Str(text) => {
            let start = has(Modifier::Contains) || has(Modifier::EndsWith);
            let end = has(Modifier::Contains) || has(Modifier::StartsWith);
            json!({ if has(Modifier::Cased) { "cased" } else { "str" }: parts(text, start, end) })
        }
    }
}

fn parts(text: &SigmaString, start: bool, end: bool) -> Vec<Json> {
    let mut parts: Vec<Json> = text
        .parts()
        .iter()
        .map(|part| match part {
            Part::Lit(text) => json!({ "lit": text }),
            Part::AnyRun => json!("*"),
            Part::AnyOne => json!("?"),
        })
        .collect();
    if start && parts.first() != Some(&json!("*")) {
        parts.insert(0, json!("*"));
    }
    if end && parts.last() != Some(&json!("*")) {
        parts.push(json!("*"));
    }
    parts
}

/// A tree in one form for what means the same: flat, sorted, each part once, negations at the tests, and the expressions
/// that were made of texts without what binds them.
fn normal(tree: Json) -> Json {
    nnf(&tree, false)
}

fn nnf(tree: &Json, negated: bool) -> Json {
    let Some(parts) = tree.as_array() else { return tree.clone() };
    let op = parts.first().and_then(Json::as_str).unwrap();
    let rest = parts.get(1..).unwrap_or(&[]);
    match op {
        "not" => nnf(rest.first().unwrap(), !negated),
        "test" => {
            let mut test = tree.clone();
            if let Some(value) = test.get_mut(2) {
                unbound(value);
                for kind in ["str", "cased"] {
                    value[kind].as_array_mut().into_iter().for_each(|parts| {
                        parts.dedup_by(|one, other| one == other && *one == json!("*"));
                    });
                }
                value.as_object_mut().into_iter().for_each(|value| value.retain(|_, part| !part.is_null()));
            }
            // `exists` that is false is the negation.
            let absent = test[2]["exists"] == json!(false);
            if absent {
                test[2]["exists"] = json!(true);
            }
            if negated != absent { json!(["not", test]) } else { test }
        }
        _ => {
            let own = if (op == "and") != negated { "and" } else { "or" };
            let mut flat: Vec<Json> = Vec::new();
            for part in rest.iter().filter(|part| !part.is_null()) {
                let part = nnf(part, negated);
                match part.as_array() {
                    // What is left of something that was dropped.
                    None => {}
                    Some(inner) if inner.first() == Some(&json!(own)) => {
                        flat.extend(inner.iter().skip(1).cloned())
                    }
                    _ => flat.push(part),
                }
            }
            flat.sort_by_key(ToString::to_string);
            flat.dedup();
            match flat.len() {
                0 => Json::Null,
                1 => flat.pop().unwrap(),
                _ => joined(own, flat),
            }
        }
    }
}

/// pySigma does not bind the expressions of `regex`.
fn unbound(value: &mut Json) {
    let Some(text) = value["re"].as_str() else { return };
    let bare = text.strip_prefix('^').unwrap_or(text);
    let end =
        bare.strip_suffix('$').filter(|rest| rest.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 0);
    let bare = end.unwrap_or(bare).to_owned();
    value["re"] = json!(bare);
    if let Some(flags) = value["flags"].as_array_mut() {
        flags.retain(|flag| flag != "DOTALL");
    }
}

/// The oracle's answer in the same form.
fn theirs(answer: &Json) -> Json {
    let mut answer = answer.clone();
    if let Some(rules) = answer.get_mut("rules").and_then(Json::as_array_mut) {
        for rule in rules {
            if let Some(conditions) = rule.get_mut("conditions").and_then(Json::as_array_mut) {
                for condition in conditions {
                    *condition = normal(condition.take());
                }
            }
        }
    }
    answer
}

fn split(text: &'static str) -> Vec<&'static str> {
    text.split("\n---\n").collect()
}

fn compare(cases: &[(&str, Vec<(&str, &str)>)]) {
    let Some(python) = python() else { return };
    let asked: Vec<Json> = cases
        .iter()
        .map(|(rule, pipelines)| {
            let pipelines: Vec<Json> =
                pipelines.iter().map(|(name, text)| json!({ "name": name, "text": text })).collect();
            json!({ "rule": rule, "pipelines": pipelines })
        })
        .collect();
    let answers = oracle(&python, &asked);
    let mut differ = Vec::new();
    let mut refused = 0;
    for ((rule, pipelines), answer) in cases.iter().zip(&answers) {
        let (ours, theirs) = (ours(rule, pipelines), theirs(answer));
        let both_refuse = ours.get("error").is_some() && theirs.get("error").is_some();
        // Where nothing is left of a condition, pySigma has no tree, and we an error.
        let empty = theirs.pointer("/rules/0/conditions/0") == Some(&Json::Null)
            && ours["error"].as_str().is_some_and(|error| error.starts_with("E2224"));
        refused += usize::from(both_refuse);
        if ours != theirs && !both_refuse && !empty {
            differ.push(format!("{}\n{rule}\nours:   {ours}\ntheirs: {theirs}\n", pipelines[0].1));
        }
    }
    println!("{} cases, {refused} refused by both", cases.len());
    assert!(differ.is_empty(), "{} of {} differ:\n{}", differ.len(), cases.len(), differ.join("\n"));
}

#[test]
fn every_rule_becomes_what_pysigma_makes_of_it() {
    let mut cases = Vec::new();
    for pipeline in split(PIPELINES) {
        for rule in split(RULES).into_iter().chain([CORRELATION]) {
            cases.push((rule, vec![("pipeline.yml", pipeline)]));
        }
    }
    compare(&cases);
}

#[test]
fn several_pipelines_run_by_priority_then_by_name() {
    let late = "name: late\npriority: 20\ntransformations:\n- {type: field_name_suffix, suffix: .late}\n";
    let early =
        "priority: 5\nvars: {admins: [a]}\ntransformations:\n- {type: field_name_suffix, suffix: .early}\n";
    let same = "priority: 5\nvars: {admins: [b], site: c, number: 1, verb: d}\n\
                transformations:\n- {type: field_name_prefix, prefix: same.}\n- {type: value_placeholders}\n";
    let mut cases = Vec::new();
    for rule in split(RULES) {
        cases.push((rule, vec![("1.yml", late), ("3.yml", early), ("2.yml", same)]));
        cases.push((rule, vec![("1.yml", late), ("2.yml", early), ("3.yml", same)]));
    }
    compare(&cases);
}

/// The rules below a folder, in the order of their names.
fn rules_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            rules_below(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "yml") {
            found.push(entry);
        }
    }
}

const CORPUS_PIPELINE: &str = "\
transformations:
    - id: names
      type: field_name_mapping
      mapping:
          Image: process.executable
          CommandLine: process.command_line
          ParentImage: process.parent.executable
          TargetFilename: [file.path, file.target_path]
          EventID: [event.code]
          Hashes: [process.hash.all, file.hash.all]
          TargetObject: registry.path
          null: message
      rule_conditions:
          - {type: logsource, product: windows}
    - type: replace_string
      regex: '^\\*\\\\([^\\\\]*)$'
      replacement: '*/\\1'
      detection_item_conditions:
          - {type: match_string, cond: any, pattern: '^\\*'}
    - type: drop_detection_item
      field_name_conditions:
          - {type: include_fields, mode: re, fields: ['Parent.*', '.*Name$']}
    - type: case
      method: lower
      rule_conditions:
          - {type: logsource, category: process_creation}
    - type: field_name_prefix
      prefix: win.
      field_name_conditions:
          - {type: processing_item_applied, processing_item_id: names}
      field_name_cond_not: true
    - type: add_condition
      name: _added
      conditions: {event.kind: event}
";

#[test]
fn rules_of_the_corpus_become_what_pysigma_makes_of_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sigma-rules");
    if !folder.is_dir() {
        eprintln!("skipped: there is no corpus");
        return;
    }
    let mut paths = Vec::new();
    rules_below(&folder, &mut paths);
    // What is encoded is left to the lowering here, and expanded by pySigma.
    let encoded = ["|windash", "|base64", "|wide", "|utf16", "|cased"];
    let rules: Vec<String> = paths
        .iter()
        .step_by(4)
        .map(|path| std::fs::read_to_string(path).unwrap())
        .filter(|rule| !encoded.iter().any(|modifier| rule.contains(modifier)))
        .collect();
    let cases: Vec<_> = rules.iter().map(|rule| (rule.as_str(), vec![("p.yml", CORPUS_PIPELINE)])).collect();
    assert!(cases.len() > 100, "{}", cases.len());
    compare(&cases);
}
