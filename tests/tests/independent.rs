//! EQL outputs on an evaluator that was not written here, in Python. Sigma has `sigma_engines.rs`.

use std::io::Write;
use std::process::{Command, Stdio};

use eqlc_driver::{Registry, Settings, compile};
use eqlc_ir::Rule;
use eqlc_tests::sample;
use serde_json::{Map, Value, json};

fn query_of(rule: &Rule) -> String {
    let registry = Registry::new().expect("the registry");
    let backend = registry.find("elasticsearch").expect("the target");
    compile(rule, backend, &Settings::default()).expect("the samples compile").artifact.text
}

/// Prints, for each case of standard input, the matches as places in its events.
const ORACLE: &str = r#"
import json, sys
sys.path.insert(0, sys.argv[1])
import refeql as R
def run(case):
    events = [dict(event, **{'#': at}) for at, event in enumerate(case['events'])]
    schema = dict(time=lambda e: R.ts(e['@timestamp']), ordinal=lambda e: (R.ts(e['@timestamp']), e['#']),
                  mapped=set(case['fields']), dates=('@timestamp',))
    rows = R.run(case['query'], events, schema, size=1000)
    return [[event['#'] for event in row] for row, key in rows]
print(json.dumps([run(case) for case in json.load(sys.stdin)]))
"#;

fn flatten(value: &Value, path: &str, flat: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(value, &path, flat);
            }
        }
        leaf => {
            flat.insert(path.to_owned(), leaf.clone());
        }
    }
}

/// Every field the rule names, so that none counts as unmapped.
fn fields(rule: &Rule) -> Vec<String> {
    rule.queries()
        .iter()
        .flat_map(|query| query.filter.fields())
        .map(|field| field.path.to_string())
        .collect()
}

#[test]
fn emitted_eql_agrees_with_an_independent_evaluator() {
    let Some(oracle) = eqlc_tests::shared("oracle") else { return };
    let mut cases = Vec::new();
    let mut wanted = Vec::new();
    for path in eqlc_tests::sample_rules("toml") {
        let (rule, streams) = sample(path);
        let query = query_of(&rule.rule);
        for stream in streams {
            let events: Vec<Value> = stream
                .events
                .iter()
                .map(|event| {
                    let mut flat = Map::new();
                    flatten(event, "", &mut flat);
                    Value::Object(flat)
                })
                .collect();
            cases.push(json!({ "query": query, "fields": fields(&rule.rule), "events": events }));
            wanted.push((stream.name, stream.matches));
        }
    }
    let Ok(mut child) = Command::new("python3")
        .args(["-c", ORACLE])
        .arg(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let input = Value::Array(cases).to_string();
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the evaluator ends");
    writer.join().expect("no panic").expect("the evaluator reads its input");
    assert!(output.status.success());
    let found: Vec<Vec<Vec<usize>>> = serde_json::from_slice(&output.stdout).expect("a list of matches");
    assert_eq!(found.len(), wanted.len());
    for (found, (name, wanted)) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted, "{name}");
    }
    println!("{} streams agree", found.len());
}
