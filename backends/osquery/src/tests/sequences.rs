//! Sequences against the state machine they stand for.

use std::collections::BTreeMap;

use eqlc_ir::{Body, EventQuery, Op, Pred, Sequence};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::engine::{START_S, add_sysmon, engine, rows};
use super::{Category, FieldType, column, direct, keys, reads_back, step, sysmon, test};

/// A linear congruential generator: the same streams on every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// An event of a stream: time, key, and the stages it can fill as bits.
#[derive(Clone, Copy, Debug)]
struct Event {
    time: i64,
    key: i64,
    stages: u64,
}

/// The state machine over events in the order of time, then of arrival.
fn reference(events: &[Event], stages: &[u32], maxspan: i64) -> Vec<Vec<i64>> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|at| (events[*at].time, *at));
    let mut pending: BTreeMap<(i64, usize), Vec<usize>> = BTreeMap::new();
    let mut found = Vec::new();
    for at in order {
        let event = events[at];
        for stage in (0..stages.len()).rev() {
            if event.stages >> stages[stage] & 1 == 0 {
                continue;
            }
            let mut partial = match stage {
                0 => Vec::new(),
                _ => match pending.remove(&(event.key, stage - 1)) {
                    Some(partial) if event.time - events[partial[0]].time <= maxspan => partial,
                    _ => continue,
                },
            };
            partial.push(at);
            if stage + 1 == stages.len() {
                found.push(partial.iter().map(|at| i64::try_from(*at).unwrap()).collect());
            } else {
                pending.insert((event.key, stage), partial);
            }
        }
    }
    found.sort();
    found
}

/// `process where` the command line names the step.
fn query(bit: u32) -> EventQuery {
    let pattern = eqlc_ir::TextPattern::from_eql(&format!("*<{bit}>*"));
    let filter =
        test(column("CommandLine", FieldType::Keyword), Op::Text(vec![pattern], eqlc_ir::Case::Sensitive));
    EventQuery { category: Category::LogSource(sysmon("process_creation")), filter }
}

fn body(by: &[&str], maxspan_ms: u64, runs: &[u32]) -> Body {
    let steps = (0_u32..).zip(runs).map(|(bit, runs)| eqlc_ir::Step { runs: *runs, ..step(query(bit)) });
    let mut by = keys(by);
    by.iter_mut().for_each(|key| key.field = column(&key.field.path, FieldType::Keyword));
    Body::Sequence(Sequence { by, maxspan_ms: Some(maxspan_ms), steps: steps.collect(), until: None })
}

fn load(events: &[Event]) -> Connection {
    let connection = engine(START_S + 60);
    for (eid, event) in events.iter().enumerate() {
        let marks: String =
            (0..8).filter(|bit| event.stages >> bit & 1 == 1).map(|bit| format!("<{bit}>")).collect();
        let key = event.key.to_string();
        let data = [("CommandLine", marks.as_str()), ("ProcessGuid", key.as_str())];
        add_sysmon(&connection, i64::try_from(eid).unwrap(), 1, START_S * 1000 + event.time, &data);
    }
    connection
}

fn matches(connection: &Connection, sql: &str, stages: usize) -> Vec<Vec<i64>> {
    let names: Vec<String> = (1..=stages).map(|at| format!("eid{at}")).collect();
    let mut found: Vec<Vec<i64>> = rows(connection, sql, &names)
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|value| match value {
                    Value::Integer(eid) => eid,
                    other => panic!("no number: {other:?}"),
                })
                .collect()
        })
        .collect();
    found.sort();
    found
}

fn stages_of(runs: &[u32]) -> Vec<u32> {
    (0_u32..).zip(runs).flat_map(|(bit, runs)| std::iter::repeat_n(bit, *runs as usize)).collect()
}

#[test]
fn random_streams_match_as_the_state_machine_says() {
    let mut total = 0;
    for seed in 0..300 {
        let mut random = Random(seed);
        let count = 2 + random.below(3);
        let maxspan = [5, 20, 100, 1_000][usize::try_from(random.below(4)).unwrap()];
        let length = 5 + random.below(200);
        let exclusive = random.below(2) == 0;
        let runs: Vec<u32> = (0..count).map(|_| if random.below(5) == 0 { 2 } else { 1 }).collect();
        let events: Vec<Event> = (0..length)
            .map(|_| Event {
                time: i64::try_from(random.below(length)).unwrap(),
                key: i64::try_from(1 + random.below(4)).unwrap(),
                stages: if exclusive { 1 << random.below(count) } else { random.below(1 << count) },
            })
            .collect();
        let artifact = direct(body(&["ProcessGuid"], maxspan, &runs)).unwrap();
        let stages = stages_of(&runs);
        let found = matches(&load(&events), &reads_back(&artifact), stages.len());
        let wanted = reference(&events, &stages, i64::try_from(maxspan).unwrap());
        assert_eq!(found, wanted, "seed {seed}: {events:?}");
        total += wanted.len();
    }
    assert!(total > 2_000, "{total} matches are too few to prove anything");
}

#[test]
fn without_keys_all_rows_are_of_one_key() {
    let events =
        [(0, 1, 1), (5, 2, 2), (6, 3, 1), (7, 3, 2)].map(|(time, key, stages)| Event { time, key, stages });
    let artifact = direct(body(&[], 10, &[1, 1])).unwrap();
    assert!(!artifact.text.contains("PARTITION"));
    assert_eq!(matches(&load(&events), &reads_back(&artifact), 2), [[0, 1], [2, 3]]);
}

#[test]
fn runs_slide_by_one_event() {
    let events: Vec<Event> = (0..12).map(|time| Event { time, key: 1, stages: 1 }).collect();
    let artifact = direct(body(&["ProcessGuid"], 100, &[10])).unwrap();
    let found = matches(&load(&events), &reads_back(&artifact), 10);
    assert_eq!(found, reference(&events, &[0; 10], 100));
    assert_eq!(found.len(), 3);
}

#[test]
fn maxspan_is_inclusive_to_the_millisecond() {
    let at = |time| vec![Event { time: 0, key: 1, stages: 1 }, Event { time, key: 1, stages: 2 }];
    let sql = reads_back(&direct(body(&["ProcessGuid"], 5_000, &[1, 1])).unwrap());
    assert_eq!(matches(&load(&at(5_000)), &sql, 2).len(), 1);
    assert_eq!(matches(&load(&at(5_001)), &sql, 2).len(), 0);
}

#[test]
fn rows_without_key_take_no_part() {
    let connection = engine(START_S);
    for (eid, key) in [("", 1), ("", 2)].into_iter().enumerate() {
        let mark = if key.1 == 1 { "<0>" } else { "<1>" };
        let eid = i64::try_from(eid).unwrap();
        add_sysmon(
            &connection,
            eid,
            1,
            START_S * 1000 + eid,
            &[("CommandLine", mark), ("ProcessGuid", key.0)],
        );
        add_sysmon(&connection, eid + 10, 1, START_S * 1000 + eid, &[("CommandLine", mark)]);
    }
    let sql = reads_back(&direct(body(&["ProcessGuid"], 5_000, &[1, 1])).unwrap());
    assert_eq!(matches(&connection, &sql, 2).len(), 0);
}

#[test]
fn rows_older_than_span_and_interval_are_not_read() {
    let events = [(0, 1, 1), (5, 1, 2)].map(|(time, key, stages)| Event { time, key, stages });
    let sql = reads_back(&direct(body(&["ProcessGuid"], 10_500, &[1, 1])).unwrap());
    assert!(sql.contains("unix_time FROM time) - 311"));
    let connection = load(&events);
    assert_eq!(matches(&connection, &sql, 2).len(), 1);
    connection.execute("UPDATE time SET unix_time = ?", [START_S + 311]).unwrap();
    assert_eq!(matches(&connection, &sql, 2).len(), 0);
}

#[test]
fn long_sequences_run() {
    let runs = [1; 8];
    let events: Vec<Event> = (0..8).map(|at| Event { time: at, key: 1, stages: 1 << at }).collect();
    let sql = reads_back(&direct(body(&["ProcessGuid"], 100, &runs)).unwrap());
    assert_eq!(matches(&load(&events), &sql, 8).len(), 1);
    let many = [60, 60];
    let events: Vec<Event> =
        (0..120).map(|at| Event { time: at, key: 1, stages: if at < 60 { 1 } else { 2 } }).collect();
    let sql = reads_back(&direct(body(&["ProcessGuid"], 1_000, &many)).unwrap());
    assert_eq!(matches(&load(&events), &sql, 120).len(), 1);
}

#[test]
fn a_sequence_beyond_the_limit_is_refused() {
    let refused = direct(body(&["ProcessGuid"], 100, &[200, 57])).unwrap_err();
    insta::assert_snapshot!(refused[0].message, @"a sequence of 257 stages is longer than 256");
}

#[test]
fn tables_are_told_apart_inside_a_second() {
    let process = EventQuery {
        category: super::category(&["process"]),
        filter: Pred::All(vec![super::is("event.type", "start"), super::like("process.name", &["a.exe"])]),
    };
    let lookup = EventQuery {
        category: super::category(&["dns"]),
        filter: super::like("dns.question.name", &["*.example"]),
    };
    let rule =
        super::rule("mixed", super::sequence(&["process.entity_id"], Some(5_000), vec![process, lookup]));
    let artifact = super::artifact(&rule, "native", "query");
    let connection = engine(START_S);
    connection
        .execute_batch(&format!(
            "INSERT INTO process_etw_events(eid, time, type, path, pid) VALUES (9, {START_S}, 'ProcessStart', 'C:\\a.exe', 4);
             INSERT INTO dns_lookup_events(eid, time, name, pid) VALUES (1, {START_S}, 'x.example', 4), (2, {START_S}, 'x.example', 5);"
        ))
        .unwrap();
    assert_eq!(matches(&connection, &reads_back(&artifact), 2), [[9, 1]]);
    assert!(super::lines(&artifact.losses).contains("whole seconds"));
}

#[test]
fn keys_that_only_some_steps_lose_are_refused() {
    let mut sequence = match body(&["ProcessGuid"], 100, &[1, 1]) {
        Body::Sequence(sequence) => sequence,
        other => panic!("{other:?}"),
    };
    let own = std::mem::take(&mut sequence.by);
    sequence.steps[0].by = own;
    let refused = direct(Body::Sequence(sequence)).unwrap_err();
    assert_eq!(refused[0].code.as_str(), "E4003");
}

#[test]
fn a_look_back_beyond_what_osquery_keeps_is_a_loss() {
    let artifact = direct(body(&["ProcessGuid"], 3_600_000, &[1, 1])).unwrap();
    insta::assert_snapshot!(super::lines(&artifact.losses), @"L1104 narrower: the query looks back 3900 s and osquery keeps events for 3600 s unless `--events_expiry` says more (sequence)");
    assert!(direct(body(&["ProcessGuid"], 3_300_000, &[1, 1])).unwrap().losses.is_empty());
}
