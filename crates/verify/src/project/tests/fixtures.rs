//! Every event of the sample rules: what leaves a record, and why the others leave none.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::*;

#[derive(serde::Deserialize)]
struct Stream {
    name: String,
    events: Vec<Value>,
}

fn rules() -> Vec<(String, Vec<Stream>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules/windows");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".tests.yml"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().replace(".tests.yml", "");
        (name, serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.into_iter().map(read).collect()
}

/// One line for each outcome with the number of its events, and the streams that prove nothing.
fn account<T>(project: impl Fn(&Value) -> Result<T, NotRecordable>) -> String {
    let mut lines = Vec::new();
    for (rule, streams) in rules() {
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        let mut useless = Vec::new();
        for stream in &streams {
            let results: Vec<_> = stream.events.iter().map(&project).collect();
            if results.iter().any(|result| matches!(result, Err(NotRecordable::Inexpressible(_)))) {
                useless.push(stream.name.as_str());
            }
            for result in results {
                let outcome = result.map_or_else(|reason| reason.to_string(), |_| "recorded".to_owned());
                *outcomes.entry(outcome).or_default() += 1;
            }
        }
        let usable = streams.len() - useless.len();
        lines.push(format!("{rule}: {usable} of {} streams are expressible", streams.len()));
        lines.extend(outcomes.iter().map(|(outcome, count)| format!("  {count:>3} {outcome}")));
        lines.extend(useless.iter().map(|name| format!("    - {name}")));
    }
    lines.join("\n")
}

#[test]
fn events_of_the_sample_rules_as_sysmon_logs_them() {
    insta::assert_snapshot!("sysmon", account(sysmon));
}

#[test]
fn events_of_the_sample_rules_as_osquery_has_them_from_sysmon() {
    insta::assert_snapshot!("osquery_sysmon", account(|event| osquery_rows(event, Profile::Sysmon, 0)));
}

#[test]
fn events_of_the_sample_rules_as_osquery_has_them_from_windows() {
    insta::assert_snapshot!("osquery_native", account(|event| osquery_rows(event, Profile::Native, 0)));
}

#[test]
fn no_stream_tells_differently_of_one_file_or_process() {
    let mut lines: Vec<String> = Vec::new();
    for profile in [Profile::Sysmon, Profile::Native] {
        for (rule, streams) in rules() {
            for stream in streams {
                let single = stream.events.iter().all(|event| {
                    !matches!(osquery_rows(event, profile, 0), Err(NotRecordable::Inexpressible(_)))
                });
                if let (true, Err((place, reason))) =
                    (single, osquery_stream(&stream.events, profile, "windows"))
                {
                    lines.push(format!("{profile:?} {rule}: {}: event {place}: {reason}", stream.name));
                }
            }
        }
    }
    assert_eq!(lines, Vec::<String>::new());
}

/// The schema of osquery, if it is there: our columns are written from its sources, not read from it.
fn osquery_schema() -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/osquery_schema.json");
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

#[test]
fn every_column_is_one_of_osquery() {
    let Some(schema) = osquery_schema() else {
        eprintln!("skipped: the schema of osquery is not there");
        return;
    };
    let mut unknown = Vec::new();
    for profile in [Profile::Sysmon, Profile::Native] {
        for event in rules().into_iter().flat_map(|(_, streams)| streams).flat_map(|stream| stream.events) {
            for row in osquery_rows(&event, profile, 0).unwrap_or_default() {
                let columns = &schema[row.table]["columns"];
                unknown.extend(
                    row.columns
                        .iter()
                        .filter(|(name, _)| columns.get(name.as_str()).is_none())
                        .map(|(name, _)| format!("{}.{name}", row.table)),
                );
            }
        }
    }
    assert_eq!(unknown, Vec::<String>::new());
}
