//! Random tests of functions over columns: the query for osquery holds of the rows of which the reference evaluator says
//! that the rule does, or the function is refused by name.
//!
//! `EQLC_FUNCTION_CASES` says how many cases.

use std::collections::BTreeMap;

use eqlc_backend::{Backend, Settings};
use eqlc_backend_native::reference::{RunOptions, run};
use eqlc_driver::{Registry, compile, relower};
use eqlc_events::Event;
use eqlc_ir::normalise;
use eqlc_schema::Schema;
use eqlc_tests::random::Random;
use eqlc_tests::{eql, osquery};
use eqlc_verify::sqlite::{Database, SqlValue};
use eqlc_verify::{Effort, Evidence, Failure, Outcome, Subject, prove};
use serde_json::{Map, Value as Json, json};

const CASES: u64 = 3_000;

const START_S: i64 = 1_767_225_600;

/// Texts of columns and constants. Letters with case are ASCII: SQL knows no others, which is a loss.
const TEXTS: &[&str] =
    &["a", "A", "ab", "aB", "aba", "bab", "BABAB", "a.b", "-3", "12", "007", "日a", "x日a.", "$"];

/// A text field of a rule, with the datum of Sysmon that it is.
const TEXT_FIELDS: [(&str, &str); 3] = [
    ("process.command_line", "CommandLine"),
    ("process.parent.command_line", "ParentCommandLine"),
    ("process.entity_id", "ProcessGuid"),
];

/// The same of numbers.
const NUMBER_FIELDS: [(&str, &str); 2] =
    [("process.pid", "ProcessId"), ("process.parent.pid", "ParentProcessId")];

/// Values of a row by the names of fields.
type Row = BTreeMap<&'static str, Json>;

fn rows() -> Vec<Row> {
    let mut random = Random::new(7);
    let row = |_| {
        let mut row = Row::new();
        for (field, _) in TEXT_FIELDS {
            if !random.one_in(5) {
                row.insert(field, json!(random.pick(TEXTS)));
            }
        }
        for (field, _) in NUMBER_FIELDS {
            if !random.one_in(5) {
                row.insert(field, json!(random.below(6)));
            }
        }
        row
    };
    (0..40).map(row).collect()
}

fn constant(random: &mut Random) -> String {
    if random.one_in(10) { "\"\"".to_owned() } else { format!("\"{}\"", random.pick(TEXTS)) }
}

fn tilde(random: &mut Random) -> &'static str {
    if random.one_in(3) { "~" } else { "" }
}

fn text(random: &mut Random, depth: u64) -> String {
    let field =
        |random: &mut Random| TEXT_FIELDS[usize::try_from(random.below(3)).expect("small")].0.to_owned();
    if depth == 0 {
        return if random.one_in(4) { constant(random) } else { field(random) };
    }
    let inner = depth - 1;
    match random.below(7) {
        0 | 1 => format!("substring({}, {})", text(random, inner), number(random, inner)),
        2 => format!(
            "substring({}, {}, {})",
            text(random, inner),
            number(random, inner),
            number(random, inner)
        ),
        3 => format!("concat({}, {})", text(random, inner), value(random, inner)),
        4 => {
            let tilde = tilde(random);
            format!("between{tilde}({}, {}, {})", text(random, inner), constant(random), constant(random))
        }
        5 => format!("string({})", value(random, inner)),
        _ => field(random),
    }
}

fn value(random: &mut Random, depth: u64) -> String {
    if random.one_in(3) { number(random, depth) } else { text(random, depth) }
}

fn number(random: &mut Random, depth: u64) -> String {
    let field =
        |random: &mut Random| NUMBER_FIELDS[usize::try_from(random.below(2)).expect("small")].0.to_owned();
    if depth == 0 || random.one_in(3) {
        return match random.one_in(3) {
            true => field(random),
            false => (i64::try_from(random.below(11)).expect("small") - 5).to_string(),
        };
    }
    let inner = depth - 1;
    match random.below(8) {
        0 | 1 => format!("length({})", text(random, inner)),
        2 => {
            let tilde = tilde(random);
            format!("indexOf{tilde}({}, {})", text(random, inner), text(random, inner))
        }
        3 => format!("indexOf({}, {}, {})", text(random, inner), text(random, inner), number(random, inner)),
        4 => format!("number({})", text(random, inner)),
        5 => {
            let name = random.pick(&["add", "subtract", "multiply", "divide", "modulo"]).to_owned();
            format!("{name}({}, {})", number(random, inner), number(random, inner))
        }
        6 => format!("-length({})", text(random, inner)),
        _ => field(random),
    }
}

fn test(random: &mut Random) -> String {
    let order = |random: &mut Random| random.pick(&["==", "!=", "<", "<=", ">", ">="]).to_owned();
    match random.below(9) {
        0 | 1 => {
            let name = random.pick(&["startsWith", "endsWith", "stringContains"]).to_owned();
            let tilde = tilde(random);
            format!("{name}{tilde}({}, {})", text(random, 2), text(random, 1))
        }
        2 => format!("{} {} {}", text(random, 2), order(random), text(random, 1)),
        3 => format!("{} {} {}", number(random, 2), order(random), number(random, 2)),
        4 => format!("{} {} null", text(random, 2), random.pick(&["==", "!="])),
        5 => format!("{} {} null", number(random, 2), random.pick(&["==", "!="])),
        6 => format!("{} : (\"*a*\", \"?\", \"b*\")", text(random, 2)),
        7 => format!("{} in ({}, {})", text(random, 2), constant(random), constant(random)),
        _ => format!("{} in (0, 2, 3)", number(random, 2)),
    }
}

fn documents(rows: &[Row]) -> Vec<Event<'static>> {
    let document = |(at, row): (usize, &Row)| {
        let mut event = Map::new();
        event.insert("@timestamp".to_owned(), json!(START_S * 1_000));
        event.insert("event".to_owned(), json!({ "category": "process", "type": "start" }));
        event.insert("host".to_owned(), json!({ "os": { "type": "windows" } }));
        event.extend(row.iter().map(|(field, value)| ((*field).to_owned(), value.clone())));
        Event::from_json(Json::Object(event), at).expect("an object")
    };
    rows.iter().enumerate().map(document).collect()
}

fn database(rows: &[Row]) -> Database {
    let mut database = osquery::database(&["windows_events", "interface_addresses"]).expect("the tables");
    for (at, row) in rows.iter().enumerate() {
        let mut data = Map::new();
        data.insert("UtcTime".to_owned(), json!("2026-01-01 00:00:00.000"));
        for (field, datum) in TEXT_FIELDS.into_iter().chain(NUMBER_FIELDS) {
            // What is missing is left out, or empty.
            match row.get(field) {
                Some(Json::String(text)) => data.insert(datum.to_owned(), json!(text)),
                Some(number) => data.insert(datum.to_owned(), json!(number.to_string())),
                None if at % 2 == 0 => data.insert(datum.to_owned(), json!("")),
                None => None,
            };
        }
        let data = json!({ "EventData": data }).to_string();
        insert(&mut database, at, ("Microsoft-Windows-Sysmon/Operational", 1), data);
    }
    database
}

fn insert(database: &mut Database, at: usize, (channel, id): (&str, i64), data: String) {
    let text = |text: &str| SqlValue::Text(text.to_owned());
    let row = [
        ("time", SqlValue::Int(START_S)),
        ("datetime", text("2026-01-01T00:00:00.000Z")),
        ("source", text(channel)),
        ("eventid", SqlValue::Int(id)),
        ("data", SqlValue::Text(data)),
        ("eid", SqlValue::Text(format!("{:010}", at + 1))),
    ];
    let row = row.map(|(name, value)| (name.to_owned(), value));
    database.insert("windows_events", &row).expect("a row");
}

fn found(database: &Database, query: &str) -> Vec<usize> {
    let rows = database.query(query).unwrap_or_else(|error| panic!("{error}\n{query}"));
    let eid = |row: &eqlc_verify::sqlite::ResultRow| {
        let eid = row.columns().find(|(name, _)| *name == "eid").and_then(|(_, value)| value.as_int());
        usize::try_from(eid.expect("a number")).expect("a number") - 1
    };
    rows.iter().map(eid).collect()
}

#[test]
fn functions_over_columns_mean_what_the_reference_says() {
    let cases = std::env::var("EQLC_FUNCTION_CASES").map_or(CASES, |text| text.parse().expect("a number"));
    let registry = Registry::new().expect("the backends");
    let backend = registry.find("osquery").expect("the target");
    let schema = Schema::ecs();
    let rows = rows();
    let (events, database) = (documents(&rows), database(&rows));
    let (mut asked, mut refused, mut matches) = (0_usize, BTreeMap::<String, usize>::new(), 0);
    for seed in 0..cases {
        let mut random = Random::new(seed);
        let test = test(&mut random);
        let query =
            format!("process where host.os.type == \"windows\" and event.type == \"start\" and {test}");
        // A test of kinds that EQL does not compare is none. One that never holds asks no source.
        let Ok(rule) = eql::rule(&query, schema) else { continue };
        let rule = normalise(rule);
        let compiled = match compile(&rule, backend, &Settings::default()) {
            Ok(compiled) => compiled,
            Err(found) => {
                for one in found {
                    assert!(["E4003", "E4103", "E4104"].contains(&one.code.as_str()), "{query}: {one:?}");
                    *refused.entry(format!("{} {}", one.code, one.message)).or_default() += 1;
                }
                continue;
            }
        };
        let wanted = run(&rule, &events, &RunOptions { size: None, ..RunOptions::default() })
            .expect("a rule that runs");
        let wanted: Vec<usize> = wanted.into_iter().flat_map(|found| found.events).flatten().collect();
        let sql = &compiled.artifact.text;
        let found = found(&database, sql);
        let first = |one: &[usize], other: &[usize]| {
            one.iter().find(|at| !other.contains(at)).map(|at| rows[*at].clone())
        };
        assert_eq!(
            found,
            wanted,
            "seed {seed}: {test}\n{sql}\n{:?} {:?}",
            first(&found, &wanted),
            first(&wanted, &found)
        );
        asked += 1;
        matches += wanted.len();
    }
    println!("{cases} cases, {asked} asked, {matches} matches; refused:");
    refused.iter().for_each(|(why, count)| println!("{count:>5}  {why}"));
    assert!(asked as u64 > cases / 2 && matches > asked, "{asked} asked, {matches} matches");
}

/// A field with several values is chosen from, and one without any is null (`eql-semantics.md` §5.4).
#[test]
fn addresses_of_the_host_are_chosen_from() {
    let registry = Registry::new().expect("the backends");
    let backend = registry.find("osquery").expect("the target");
    for (test, of_host, without) in [
        ("endsWith(string(source.ip), string(host.ip))", vec![0], vec![]),
        ("not endsWith(string(source.ip), string(host.ip))", vec![1, 2], vec![0, 1, 2]),
        ("indexOf(string(host.ip), string(source.ip)) == null", vec![0, 1, 2], vec![0, 1, 2]),
        ("indexOf(string(host.ip), string(source.ip)) != null", vec![], vec![]),
        ("concat(string(source.ip), \"/32\") : \"*.1/32\"", vec![0], vec![0]),
    ] {
        let query =
            format!("authentication where host.os.type == \"windows\" and event.code == \"4624\" and {test}");
        let rule = normalise(eql::rule(&query, Schema::ecs()).expect("a rule"));
        let compiled = compile(&rule, backend, &Settings::default()).expect("an output");
        let mut database = osquery::database(&["windows_events", "interface_addresses"]).expect("the tables");
        let addresses = [Some("10.0.0.1"), Some("10.0.0.2"), None];
        for (at, address) in addresses.iter().enumerate() {
            let data = json!({ "EventData": { "IpAddress": address.unwrap_or("-") } }).to_string();
            insert(&mut database, at, ("Security", 4624), data);
        }
        assert_eq!(found(&database, &compiled.artifact.text), without, "{test}, no addresses");
        for address in ["10.0.0.1", "192.168.0.9"] {
            let row = [("address".to_owned(), SqlValue::Text(address.to_owned()))];
            database.insert("interface_addresses", &row).expect("a row");
        }
        assert_eq!(found(&database, &compiled.artifact.text), of_host, "{test}");
    }
}

fn refusal(backend: &dyn Backend, test: &str) -> Vec<String> {
    let query = format!("process where host.os.type == \"windows\" and event.type == \"start\" and {test}");
    let rule = normalise(eql::rule(&query, Schema::ecs()).expect("a rule"));
    let refused = compile(&rule, backend, &Settings::default()).expect_err("a refusal");
    refused.iter().map(|one| format!("{} {}", one.code, one.message)).collect()
}

#[test]
fn what_sql_cannot_say_is_refused_with_the_reason() {
    let registry = Registry::new().expect("the backends");
    let backend = registry.find("osquery").expect("the target");
    for (test, wanted) in [
        ("between(process.command_line, \"a\", \"b\", true) == \"x\"", "the last place of a text in another"),
        ("between(process.command_line, process.entity_id, \"b\") == \"x\"", "constant delimiters only"),
        ("number(process.command_line, 16) == 3", "in base 10 only"),
        ("concat(process.command_line, 1.5) == \"x\"", "only whole numbers of 64 bits"),
        ("startsWith(concat(host.id, \".\"), process.command_line)", "`host.id` has no counterpart"),
    ] {
        let refused = refusal(backend, test);
        assert!(refused.iter().any(|one| one.contains(wanted)), "{test}: {refused:?}");
    }
}

/// An emitted query that raises an error on rows is a mistake, be it on one stream of many.
#[test]
fn a_query_that_fails_on_rows_is_no_output_that_was_left_out() {
    let source =
        r#"process where host.os.type == "windows" and event.type == "start" and process.name : "a.exe""#;
    let rule = normalise(eql::rule(source, Schema::ecs()).expect("a rule"));
    let registry = Registry::new().expect("the targets");
    let (backend, settings) = (registry.find("osquery").expect("the target"), Settings::default());
    let mut compiled = compile(&rule, backend, &settings).expect("an output");
    let fails = "\n  AND in_cidr_block('10.0.0.0/8', json_extract(e.data, '$.EventData.Image'))\nORDER BY";
    compiled.artifact.text = compiled.artifact.text.replace("\nORDER BY", fails);
    let (legal, artifact) = (&compiled.legal, &compiled.artifact);
    let subject = Subject { rule: &rule, legal, artifact, backend, settings: &settings };
    let effort = Effort { rule_time: None, streams: 50, ..Effort::default() };
    let evidence = Evidence::of(&rule, &[], &effort, effort.start());
    let report = prove(subject, &evidence, (&effort, effort.start()), &relower);
    assert_eq!(report.outcome, Outcome::Disagrees);
    let told = |failure: &Failure| failure.found.contains("IP address cannot be parsed");
    assert!(report.failures.iter().any(told), "{:?}", report.failures);
    assert!(!report.skipped.iter().any(|skip| skip.reason.contains("IP address")));
}
