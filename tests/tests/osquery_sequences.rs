//! Random sequences on random events: what the query for osquery reports over the runs of its schedule is what the
//! reference evaluator finds in the whole stream, each match in one run.
//!
//! `EQLC_SEQUENCE_CASES` says how many cases.

use std::fmt::Write as _;

use eqlc_backend::Settings;
use eqlc_backend_native::reference::{RunOptions, run};
use eqlc_driver::{Registry, compile};
use eqlc_events::Event;
use eqlc_ir::{Rule, normalise};
use eqlc_schema::Schema;
use eqlc_tests::random::Random;
use eqlc_tests::{eql, osquery};
use eqlc_verify::sqlite::{Database, SqlValue};
use serde_json::{Value as Json, json};

const CASES: u64 = 600;

/// 2026-01-01 00:00:00 UTC, in seconds.
const START_S: i64 = 1_767_225_600;

/// Between two runs, in seconds: what a rule has that says nothing.
const INTERVAL_S: i64 = 300;

/// An event: when, which steps it can fill as bits, and its keys.
struct Told {
    at_ms: i64,
    marks: u64,
    process: Option<u64>,
    parent: Option<u64>,
}

struct Case {
    query: String,
    stream: Vec<Told>,
    /// The longest time between the first and the last event of a match, in seconds.
    span_s: i64,
}

/// What steps are joined by.
#[derive(Clone, Copy)]
enum Keys {
    None,
    Shared,
    /// Of one step the process, of the next the parent.
    Own,
    /// They may be null.
    Optional,
}

fn step(bit: u64) -> String {
    format!(
        "process where host.os.type == \"windows\" and event.type == \"start\" and process.command_line : \"*<{bit}>*\""
    )
}

fn case(random: &mut Random) -> Case {
    let spans = [1, 7, 60, 400, 900];
    let span_s = spans[usize::try_from(random.below(5)).unwrap_or(0)];
    let keys = match random.below(4) {
        0 => Keys::None,
        1 => Keys::Shared,
        2 => Keys::Own,
        _ => Keys::Optional,
    };
    let positives = 2 + random.below(3);
    let mut query = "sequence".to_owned();
    match keys {
        Keys::Shared => query.push_str(" by process.entity_id"),
        Keys::Optional => query.push_str(" by ?process.entity_id"),
        Keys::None | Keys::Own => {}
    }
    let _ = write!(query, " with maxspan={span_s}s");
    let own = |bit: u64| match keys {
        Keys::Own if bit.is_multiple_of(2) => " by process.entity_id",
        Keys::Own => " by process.parent.entity_id",
        _ => "",
    };
    let absent = |random: &mut Random, query: &mut String| {
        if random.one_in(4) {
            let bit = 4 + random.below(2);
            let _ = write!(query, "\n  ![{}]{}", step(bit), own(bit));
        }
    };
    for bit in 0..positives {
        absent(random, &mut query);
        let runs = if random.one_in(5) { " with runs=2" } else { "" };
        let _ = write!(query, "\n  [{}]{}{runs}", step(bit), own(bit));
    }
    absent(random, &mut query);
    if random.one_in(3) {
        let _ = write!(query, "\nuntil [{}]{}", step(6), own(6));
    }
    Case { query, stream: stream(random, span_s), span_s }
}

/// Events in the order in which they arrive, with ties and now and then out of order in time.
fn stream(random: &mut Random, span_s: i64) -> Vec<Told> {
    let count = 5 + random.below(60);
    let step = u64::try_from(span_s).unwrap_or(1) * 1_000;
    let several = random.one_in(2);
    let lacking = random.one_in(2);
    let mut at_ms = START_S * 1_000;
    let mut told = Vec::new();
    for _ in 0..count {
        let wait = match random.below(4) {
            0 => 0,
            1 => random.below(1_000),
            _ => random.below(step),
        };
        at_ms += i64::try_from(wait).unwrap_or(0);
        let positive = if several { random.below(1 << 4) } else { 1 << random.below(4) };
        let rare = if random.one_in(6) { 1 << (4 + random.below(3)) } else { 0 };
        let marks = positive | rare;
        let mut key = || (!(lacking && random.one_in(5))).then(|| random.below(3));
        let (process, parent) = (key(), key());
        told.push(Told { at_ms, marks, process, parent });
    }
    told
}

fn line(told: &Told) -> String {
    (0..7).filter(|bit| told.marks >> bit & 1 == 1).map(|bit| format!("<{bit}>")).collect()
}

fn document(at: usize, told: &Told) -> Event<'static> {
    let mut event = json!({
        "@timestamp": told.at_ms,
        "event": { "category": ["process"], "type": ["start"] },
        "host": { "os": { "type": "windows" } },
        "process": { "command_line": line(told) },
    });
    let guid = |key: u64| Json::String(format!("{{{key}}}"));
    if let Some(key) = told.process {
        event["process"]["entity_id"] = guid(key);
    }
    if let Some(key) = told.parent {
        event["process"]["parent"] = json!({ "entity_id": guid(key) });
    }
    Event::from_json(event, at).expect("an object")
}

/// The time as Sysmon writes it; within the first days of 2026.
fn utc(at_ms: i64) -> String {
    let since = at_ms - START_S * 1_000;
    let (seconds, ms) = (since / 1_000, since % 1_000);
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    format!("2026-01-{:02} {:02}:{:02}:{:02}.{ms:03}", day + 1, second / 3600, second / 60 % 60, second % 60)
}

fn insert(database: &mut Database, at: usize, told: &Told) {
    let mut data = json!({ "UtcTime": utc(told.at_ms), "CommandLine": line(told) });
    for (name, key) in [("ProcessGuid", told.process), ("ParentProcessGuid", told.parent)] {
        if let Some(key) = key {
            data[name] = Json::String(format!("{{{key}}}"));
        }
    }
    let text = |text: &str| SqlValue::Text(text.to_owned());
    let row = [
        ("time", SqlValue::Int(told.at_ms / 1_000)),
        ("source", text("Microsoft-Windows-Sysmon/Operational")),
        ("eventid", SqlValue::Int(1)),
        ("data", SqlValue::Text(json!({ "EventData": data }).to_string())),
        ("eid", SqlValue::Text(format!("{:010}", at + 1))),
    ];
    let row = row.map(|(name, value)| (name.to_owned(), value));
    database.insert("windows_events", &row).expect("a row");
}

/// What the runs of a schedule report, one after another.
fn scheduled(query: &str, case: &Case, offset: i64, database: &mut Database) -> Vec<Vec<i64>> {
    database.clear().expect("an empty database");
    let last = case.stream.last().map_or(START_S, |told| told.at_ms / 1_000);
    let end = last + 2 * case.span_s + 2 * INTERVAL_S;
    let (mut found, mut arrived, mut now) = (Vec::new(), 0, START_S + offset);
    while now < end {
        while let Some(told) = case.stream.get(arrived).filter(|told| told.at_ms / 1_000 <= now) {
            insert(database, arrived, told);
            arrived += 1;
        }
        database.set_time(now).expect("the clock");
        for row in database.query(query).unwrap_or_else(|error| panic!("{error}\n{query}")) {
            let eids = row.columns().filter(|(name, _)| name.starts_with("eid"));
            found.push(eids.filter_map(|(_, value)| value.as_int()).collect());
        }
        now += INTERVAL_S;
    }
    found.sort();
    found
}

fn wanted(rule: &Rule, case: &Case) -> Vec<Vec<i64>> {
    let events: Vec<Event> = case.stream.iter().enumerate().map(|(at, told)| document(at, told)).collect();
    let options = RunOptions { size: None, ..RunOptions::default() };
    let found = run(rule, &events, &options).expect("a rule that runs");
    let eid = |at: usize| i64::try_from(at + 1).expect("a number");
    let mut found: Vec<Vec<i64>> =
        found.into_iter().map(|found| found.events.into_iter().flatten().map(eid).collect()).collect();
    found.sort();
    found
}

#[test]
fn a_schedule_reports_every_match_of_the_reference_once() {
    let cases = std::env::var("EQLC_SEQUENCE_CASES").map_or(CASES, |text| text.parse().expect("a number"));
    let registry = Registry::new().expect("the backends");
    let backend = registry.find("osquery").expect("the target");
    let schema = Schema::ecs();
    let mut database = osquery::database(&["windows_events"]).expect("the tables");
    let (mut total, mut until, mut missing, mut optional) = (0, 0, 0, 0);
    for seed in 0..cases {
        let mut random = Random::new(seed);
        let case = case(&mut random);
        let rule = eql::rule(&case.query, schema)
            .unwrap_or_else(|found| panic!("seed {seed}: {}: {:?}", case.query, found[0].message));
        let wanted = wanted(&rule, &case);
        let compiled = compile(&normalise(rule), backend, &Settings::default())
            .unwrap_or_else(|found| panic!("seed {seed}: {}: {:?}", case.query, found[0].message));
        let offset = i64::try_from(random.below(300)).expect("a number");
        let found = scheduled(&compiled.artifact.text, &case, offset, &mut database);
        assert_eq!(found, wanted, "seed {seed}: {}\n{}", case.query, compiled.artifact.text);
        total += wanted.len();
        until += usize::from(case.query.contains("until") && !wanted.is_empty());
        missing += usize::from(case.query.contains("![") && !wanted.is_empty());
        optional += usize::from(case.query.contains('?') && !wanted.is_empty());
    }
    println!(
        "{cases} cases, {total} matches; with matches: {until} with until, {missing} with missing events, {optional} with optional keys"
    );
    assert!(total as u64 > cases && until > 10 && missing > 10 && optional > 10);
}
