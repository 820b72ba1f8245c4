//! Outputs on engines that were not written here: `sigma-rust` for Sigma, a Python evaluator for EQL.

use std::io::Write;
use std::process::{Command, Stdio};

use eqlc_driver::{Compiled, Registry, Settings, compile};
use eqlc_events::Event;
use eqlc_ir::{Body, Category, EventQuery, LogSource, Metadata, Rule};
use eqlc_tests::sample;
use eqlc_verify::world::World;
use serde_json::{Map, Value, json};

fn compiled(rule: &Rule, target: &str, options: &[(&str, &str)]) -> Compiled {
    let registry = Registry::new().expect("the registry");
    let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let settings = Settings { options, ..Settings::default() };
    let backend = registry.find(target).expect("a target");
    compile(rule, backend, &settings).expect("the samples compile")
}

/// The queries over single events that a Sigma file holds, in the order of its documents.
fn queries(rule: &Rule) -> Vec<EventQuery> {
    match &rule.body {
        Body::Event(query) => vec![query.clone()],
        Body::Correlation(correlation) => correlation.queries().into_iter().cloned().collect(),
        _ => panic!("Sigma holds events and correlations"),
    }
}

fn matches(query: &EventQuery, event: &Event) -> bool {
    let body = Body::Event(query.clone());
    let rule = Rule { id: String::new(), meta: Metadata::default(), body, pipes: Vec::new() };
    let options = eqlc_backend_native::reference::RunOptions::default();
    let found = eqlc_backend_native::reference::run(&rule, std::slice::from_ref(event), &options);
    !found.expect("the samples evaluate").is_empty()
}

/// sigma-rust looks at the detection only; which log an event is from is the caller's part.
fn is_from(event: &Event, source: &LogSource) -> bool {
    let has = |path: &str, wanted: &Option<String>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| event.values(path).iter().any(|value| value.to_string() == *wanted))
    };
    has("logsource.product", &source.product)
        && has("logsource.category", &source.category)
        && has("logsource.service", &source.service)
}

/// The event with dotted names and without lists of one value, which say the same; none where a field that
/// the query reads has several values: sigma-rust compares the list itself, where Sigma matches any of them.
fn plain(event: &Event, query: &EventQuery) -> Option<Value> {
    let mut flat = Map::new();
    flatten(&Value::Object(event.fields().clone()), "", &mut flat);
    for (path, value) in &mut flat {
        if let Value::Array(values) = value {
            match values.as_slice() {
                [only] => *value = only.clone(),
                _ if query.filter.fields().iter().any(|field| field.path == *path) => return None,
                _ => {}
            }
        }
    }
    Some(Value::Object(flat))
}

#[test]
fn sigma_rules_agree_with_sigma_rust() {
    let mut tally = std::collections::BTreeMap::new();
    for (taxonomy, world) in [("sigma", World::Sysmon), ("ecs", World::EcsWithLogSource)] {
        let (mut compared, mut positive, mut lists) = (0, 0, 0);
        for path in eqlc_tests::sample_rules("toml") {
            let (rule, streams) = sample(path);
            let compiled = compiled(&rule.rule, "sigma", &[("taxonomy", taxonomy)]);
            let documents: Vec<&str> = compiled.artifact.text.split("\n---\n").collect();
            for (query, document) in queries(compiled.legal.rule()).iter().zip(&documents) {
                let theirs = sigma_rust::rule_from_yaml(document).expect("sigma-rust reads our Sigma");
                let Category::LogSource(source) = &query.category else { panic!("Sigma has a log source") };
                for stream in &streams {
                    let Ok(projected) = world.project(&stream.events) else { continue };
                    for event in &projected.events {
                        let Some(value) = plain(event, query) else {
                            lists += 1;
                            continue;
                        };
                        let read = sigma_rust::event_from_json(&value.to_string()).expect("an event");
                        let wanted = matches(query, event);
                        let found = is_from(event, source) && theirs.is_match(&read);
                        assert_eq!(
                            found, wanted,
                            "{} on `{}`\n{document}\n{value}",
                            rule.rule.meta.name, stream.name
                        );
                        compared += 1;
                        positive += usize::from(wanted);
                    }
                }
            }
        }
        tally.insert(taxonomy, (compared, positive, lists));
    }
    for (taxonomy, (compared, positive, lists)) in &tally {
        println!(
            "{taxonomy}: {compared} compared, {positive} matching; {lists} skipped for a list of values"
        );
    }
    assert!(tally["sigma"].0 > 300 && tally["sigma"].1 > 50, "{tally:?}");
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
    rule.queries().iter().flat_map(|query| query.filter.fields()).map(|field| field.path.clone()).collect()
}

#[test]
fn emitted_eql_agrees_with_an_independent_evaluator() {
    let Some(oracle) = eqlc_tests::shared("oracle") else { return };
    let mut cases = Vec::new();
    let mut wanted = Vec::new();
    for path in eqlc_tests::sample_rules("toml") {
        let (rule, streams) = sample(path);
        let query = compiled(&rule.rule, "elasticsearch", &[]).artifact.text;
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
