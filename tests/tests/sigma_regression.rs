//! SigmaHQ's regression data: every test of a rule reaches its number of matches, in JSON and in EVTX, and rules
//! match the events of other rules no more often than they are known to.
//!
//! The rules and events stand beside the checkout; the numbers that they give are facts of ours, kept by id in
//! `sigma_regression.yml`. What is not in there (the data grows) must still reach the number that it says itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_driver::{CaseOutcome, Inputs, LoadOptions, TestData, TestSettings, test_units};
use eqlc_events::Event;
use eqlc_ir::{Body, Category, LogSource, Rule};
use eqlc_tests::{root, shared};
use serde_yaml::Value as Yaml;

/// A rule with the events that it is tested with.
struct Case {
    id: String,
    rule: Rule,
    /// The fewest matches that the data asks for.
    wanted: usize,
    json: Vec<Event<'static>>,
    evtx: Vec<Event<'static>>,
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

fn below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(folder, extension, &mut found);
    found
}

/// The rules of the corpus by id: their files.
fn rules_by_id(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for path in below(folder, "yml") {
        let text = std::fs::read_to_string(&path).unwrap();
        let ids = text.lines().filter_map(|line| line.strip_prefix("id:"));
        for id in ids {
            found.insert(id.trim().to_owned(), path.clone());
        }
    }
    found
}

fn lowered(path: &Path, id: &str) -> Rule {
    let relative = PathBuf::from(path.file_name().unwrap());
    let input = eqlc_driver::Input { path: Some(path.to_path_buf()), relative };
    let units = eqlc_driver::load(&[input], eqlc_driver::LoadOptions::default());
    let unit = &units[0];
    assert!(!eqlc_diagnostics::has_errors(&unit.diagnostics), "{}: {:?}", path.display(), unit.diagnostics);
    unit.rules.iter().find(|rule| rule.rule.id == id).expect("the rule").rule.clone()
}

fn events(path: &Path) -> Vec<Event<'static>> {
    let bytes = std::fs::read(path).unwrap();
    let read: Result<Vec<Event>, _> = eqlc_events::read(bytes.as_slice()).collect();
    read.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text<'y>(value: &'y Yaml, key: &str) -> Option<&'y str> {
    value.get(key).and_then(Yaml::as_str)
}

/// The tests whose rule is there too.
fn cases() -> Option<Vec<Case>> {
    let data = shared("corpus/sigma-regression/regression_data")?;
    let rules = rules_by_id(&shared("corpus/sigma-rules")?);
    let mut cases = Vec::new();
    for info in below(&data, "yml").iter().filter(|path| path.ends_with("info.yml")) {
        let yaml: Yaml = serde_yaml::from_str(&std::fs::read_to_string(info).unwrap()).unwrap();
        let metadata = yaml.get("rule_metadata").and_then(Yaml::as_sequence).unwrap();
        let id = text(&metadata[0], "id").unwrap().to_owned();
        let tests = yaml.get("regression_tests_info").and_then(Yaml::as_sequence);
        let (Some(path), Some(tests)) = (rules.get(&id), tests) else { continue };
        let folder = info.parent().unwrap();
        let of = |extension: &str| below(folder, extension).iter().flat_map(|path| events(path)).collect();
        let wanted =
            tests.iter().filter_map(|test| test.get("match_count").and_then(Yaml::as_u64)).sum::<u64>();
        let wanted = usize::try_from(wanted).unwrap().max(1);
        cases.push(Case { rule: lowered(path, &id), wanted, json: of("json"), evtx: of("evtx"), id });
    }
    assert!(!cases.is_empty());
    Some(cases)
}

fn matches(rule: &Rule, events: &[Event]) -> usize {
    reference::run(rule, events, &RunOptions::default()).unwrap().len()
}

fn source(rule: &Rule) -> Option<&LogSource> {
    match &rule.body {
        Body::Event(query) => match &query.category {
            Category::LogSource(source) => Some(source),
            _ => None,
        },
        _ => None,
    }
}

/// What is known of the data.
struct Facts {
    exact: BTreeMap<String, usize>,
    pairs: usize,
    cross: BTreeSet<(String, String)>,
}

fn facts() -> Facts {
    let path = root().join("tests/sigma_regression.yml");
    let yaml: Yaml = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let number = |value: &Yaml| usize::try_from(value.as_u64().unwrap()).unwrap();
    let id = |value: &Yaml| value.as_str().unwrap().to_owned();
    let exact = yaml.get("exact").and_then(Yaml::as_mapping).unwrap();
    let cross = yaml.get("cross").and_then(Yaml::as_sequence).unwrap();
    Facts {
        exact: exact.iter().map(|(key, value)| (id(key), number(value))).collect(),
        pairs: number(yaml.get("pairs").unwrap()),
        cross: cross.iter().map(|pair| (id(&pair[0]), id(&pair[1]))).collect(),
    }
}

#[test]
fn every_rule_finds_its_own_events() {
    let Some(cases) = cases() else { return };
    let facts = facts();
    let mut wrong = Vec::new();
    let (mut exactly, mut events) = (0, 0);
    for case in &cases {
        let (json, evtx) = (matches(&case.rule, &case.json), matches(&case.rule, &case.evtx));
        events += case.json.len() + case.evtx.len();
        exactly += usize::from(json == case.wanted);
        let known = facts.exact.get(&case.id);
        if json != evtx || json < case.wanted || known.is_some_and(|known| *known != json) {
            wrong.push(format!("{}: {json} in JSON, {evtx} in EVTX, {} wanted", case.id, case.wanted));
        }
        println!("{}: {json}", case.id);
    }
    println!("{} tests, {exactly} with exactly the number wanted, {events} events", cases.len());
    assert_eq!(wrong, Vec::<String>::new());
}

/// `eqlc test` finds the same tests, and the same numbers of matches in JSON as in EVTX.
#[test]
fn rule_tests_reach_every_number_of_matches() {
    let (Some(cases), Some(rules), Some(data)) =
        (cases(), shared("corpus/sigma-rules"), shared("corpus/sigma-regression"))
    else {
        return;
    };
    let known: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let options = LoadOptions { unlinted: true, ..LoadOptions::default() };
    let units = eqlc_driver::load(&Inputs::rules(&[rules]).files, options);
    let tests = test_units(&units, &mut TestData::read(&[data]), &TestSettings::default(), &[]);
    let (mut tested, mut wrong) = (BTreeSet::new(), Vec::new());
    for rule in tests.iter().flat_map(|tests| &tests.rules).filter(|rule| rule.tested) {
        tested.insert(rule.id.as_str());
        let [one, other] = rule.cases.as_slice() else {
            wrong.push(format!("{}: {} cases", rule.id, rule.cases.len()));
            continue;
        };
        let passed = [one, other].iter().all(|case| matches!(case.outcome, CaseOutcome::Passed));
        let case = known.get(rule.id.as_str());
        let wanted = case.map(|case| matches(&case.rule, &case.json));
        if !passed || wanted != Some(one.found.len()) || wanted != Some(other.found.len()) {
            let found = (&one.outcome, one.found.len(), &other.outcome, other.found.len());
            wrong.push(format!("{}: {wanted:?} wanted, {found:?}", rule.id));
        }
    }
    println!("{} rules, {} tests", tested.len(), tested.len() * 2);
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(tested, known.into_keys().collect());
}

/// Every rule over the events of every other rule of its log source.
#[test]
fn rules_match_the_events_of_other_rules_as_known() {
    let Some(cases) = cases() else { return };
    let facts = facts();
    let known: Vec<&Case> = cases.iter().filter(|case| facts.exact.contains_key(&case.id)).collect();
    let (mut pairs, mut found) = (0, BTreeSet::new());
    for case in &known {
        for other in
            known.iter().filter(|other| other.id != case.id && source(&other.rule) == source(&case.rule))
        {
            pairs += 1;
            if matches(&case.rule, &other.json) > 0 {
                found.insert((case.id.clone(), other.id.clone()));
            }
        }
    }
    for (rule, events) in &found {
        println!("[{rule}, {events}]");
    }
    println!("{pairs} pairs, {} with a match", found.len());
    if known.len() == facts.exact.len() {
        assert_eq!(pairs, facts.pairs);
        assert_eq!(found, facts.cross);
    } else {
        assert!(found.is_subset(&facts.cross));
    }
}

/// Rules of other log sources are not even asked.
#[test]
fn rules_do_not_match_events_of_other_log_sources() {
    let Some(cases) = cases() else { return };
    let mut found = Vec::new();
    for case in cases.iter().step_by(5) {
        let category = |rule: &Rule| source(rule).and_then(|source| source.category.clone());
        for other in cases.iter().filter(|other| category(&other.rule) != category(&case.rule)) {
            if matches(&case.rule, &other.json) > 0 {
                found.push(format!("{} matches events of {}", case.id, other.id));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Bytes of an event log changed at random places: every file is read to an end, and what can still be read is.
#[test]
fn damaged_event_logs_are_read_as_far_as_they_can_be() {
    let Some(data) = shared("corpus/sigma-regression/regression_data") else { return };
    let mut logs = below(&data, "evtx");
    logs.sort_by_key(|path| std::fs::metadata(path).unwrap().len());
    let bytes = std::fs::read(&logs[0]).unwrap();
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let (mut events, mut errors) = (0, 0);
    for round in 0..300 {
        let mut damaged = bytes.clone();
        for _ in 0..=round % 8 {
            // The records of the first chunk stand at the front.
            let at = next(damaged.len().min(8_192));
            damaged[at] = u8::try_from(next(256)).unwrap();
        }
        if round % 10 == 0 {
            damaged.truncate(next(damaged.len()));
        }
        for item in eqlc_events::read(damaged.as_slice()).take(10_000) {
            match item {
                Ok(_) => events += 1,
                Err(_) => errors += 1,
            }
        }
    }
    println!("{events} events, {errors} errors");
    assert!(events > 0 && errors > 0);
}
