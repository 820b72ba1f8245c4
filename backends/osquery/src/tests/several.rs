//! Queries that several log sources answer.

use eqlc_ir::{Body, EventQuery, Pred};
use rusqlite::Connection;

use super::engine::{START_S, add_sysmon, eids, engine, rows};
use super::{artifact, category, is, like, lines, reads_back, rule, sequence, windows};

const START_MS: i64 = START_S * 1_000;

fn any(list: Vec<Pred>) -> EventQuery {
    EventQuery { category: eqlc_ir::Category::Any, filter: Pred::All(list) }
}

fn of(category: &str, list: Vec<Pred>) -> Pred {
    Pred::All(std::iter::once(is("event.category", category)).chain(list).collect())
}

fn query(query: EventQuery) -> (String, String) {
    let artifact = artifact(&rule("r", Body::Event(query)), "sysmon", "query");
    (reads_back(&artifact), lines(&artifact.losses))
}

fn add_row(engine: &Connection, table: &str, columns: &[(&str, &str)]) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = columns.iter().map(|(_, value)| format!("'{value}'")).collect();
    let insertion = format!("INSERT INTO {table}({}) VALUES ({})", names.join(", "), values.join(", "));
    engine.execute(&insertion, []).unwrap();
}

/// A rule on registry values asks for what is written, made and removed; Sysmon keeps them in rows of three kinds.
#[test]
fn a_category_without_a_kind_of_event_is_asked_of_all_its_sources() {
    let (sql, losses) = query(windows("registry", vec![like("registry.path", &["*\\Run\\*"])]));
    insta::assert_snapshot!(sql);
    insta::assert_snapshot!(losses, @r#"
    L1101 wider or narrower: Sysmon writes `HKLM\` and `HKU\` where other sources write the full name of the hive (registry.path:keyword text~ (*"\\Run\\"*))
    L1104 narrower: events with `event.type` access match the rule and are not in the sources `windows/registry_set/sysmon`, `windows/registry_add/sysmon`, `windows/registry_delete/sysmon` (event.type)
    "#);
    let engine = engine(START_S);
    let key = ("TargetObject", "HKLM\\Software\\Run\\x");
    for (eid, id, kind) in
        [(1, 13, "SetValue"), (2, 12, "CreateKey"), (3, 12, "DeleteValue"), (4, 14, "RenameKey")]
    {
        add_sysmon(&engine, eid, id, START_MS, &[key, ("EventType", kind)]);
    }
    add_sysmon(&engine, 5, 13, START_MS, &[("TargetObject", "HKLM\\Software\\x")]);
    assert_eq!(eids(&engine, &sql), [1, 2, 3]);
    let names = rows(&engine, &sql, &["log_source".to_owned()]);
    let names: Vec<String> = names.iter().map(|row| format!("{:?}", row[0])).collect();
    let wanted = ["registry_set", "registry_add", "registry_delete"];
    assert!(names.iter().zip(wanted).all(|(name, wanted)| name.contains(wanted)), "{names:?}");
}

/// Each alternative has its own source and its own conditions.
#[test]
fn alternatives_of_several_categories_are_asked_each_in_its_place() {
    let (sql, _) = query(any(vec![
        is("host.os.type", "windows"),
        Pred::Any(vec![
            of("process", vec![is("event.type", "start"), like("process.name", &["a.exe"])]),
            of("file", vec![is("event.type", "creation"), like("file.extension", &["dll"])]),
            of("network", vec![is("event.type", "start"), is("destination.ip", "10.0.0.1")]),
        ]),
    ]));
    let engine = engine(START_S);
    let image = |name| ("Image", name);
    add_sysmon(&engine, 1, 1, START_MS, &[image("C:\\a.exe")]);
    add_sysmon(&engine, 2, 1, START_MS, &[image("C:\\b.exe"), ("TargetFilename", "C:\\x.dll")]);
    add_sysmon(&engine, 3, 11, START_MS, &[image("C:\\b.exe"), ("TargetFilename", "C:\\x.dll")]);
    add_sysmon(&engine, 4, 11, START_MS, &[image("C:\\a.exe"), ("TargetFilename", "C:\\x.txt")]);
    add_sysmon(&engine, 5, 3, START_MS, &[image("C:\\b.exe"), ("DestinationIp", "10.0.0.1")]);
    add_sysmon(&engine, 6, 5, START_MS, &[image("C:\\a.exe")]);
    assert_eq!(eids(&engine, &sql), [1, 3, 5]);
    assert_eq!(sql.matches("FROM windows_events").count(), 1, "one look at the table: {sql}");
}

/// Sources that have the same rows, or some of them, report an event once.
#[test]
fn an_event_is_reported_once() {
    let created_or_changed = Pred::Any(vec![is("event.type", "creation"), is("event.type", "change")]);
    let (sql, _) = query(windows("file", vec![created_or_changed, like("file.name", &["x.dll"])]));
    let engine = engine(START_S);
    add_sysmon(&engine, 1, 11, START_MS, &[("TargetFilename", "C:\\x.dll")]);
    assert_eq!(eids(&engine, &sql), [1]);
}

/// osquery remembers for a query, not for a table, which rows it has seen, unless the query says itself which it wants.
#[test]
fn several_tables_are_asked_for_the_rows_since_the_run_before() {
    let paths = Pred::Any(vec![
        of("process", vec![is("event.type", "start"), like("process.name", &["curl"])]),
        of("file", vec![is("event.type", "creation"), like("file.path", &["/etc/cron.d/*"])]),
    ]);
    let (sql, losses) = query(any(vec![is("host.os.type", "linux"), paths]));
    insta::assert_snapshot!(sql);
    assert!(!losses.contains("event.category"), "{losses}");
    let engine = engine(START_S);
    let (now, old) = ((START_S - 1).to_string(), (START_S - 301).to_string());
    for (eid, time) in [("1", &now), ("2", &old)] {
        add_row(
            &engine,
            "process_events",
            &[("eid", eid), ("time", time), ("path", "/usr/bin/curl"), ("syscall", "execve")],
        );
        add_row(
            &engine,
            "file_events",
            &[("eid", eid), ("time", time), ("target_path", "/etc/cron.d/x"), ("action", "CREATED")],
        );
    }
    assert_eq!(eids(&engine, &sql), [1, 1]);
}

#[test]
fn a_step_of_a_sequence_is_asked_of_several_sources() {
    let second = any(vec![
        is("host.os.type", "windows"),
        Pred::Any(vec![
            of("file", vec![is("event.type", "creation"), like("file.extension", &["exe"])]),
            of("registry", vec![is("event.type", "change"), like("registry.path", &["*\\Run\\*"])]),
        ]),
    ]);
    let first = windows("process", vec![is("event.type", "start"), like("process.name", &["a.exe"])]);
    let body = sequence(&["process.entity_id"], Some(60_000), vec![first, second]);
    let sql = reads_back(&artifact(&rule("r", body), "sysmon", "query"));
    let engine = engine(START_S + 10);
    let start = |eid, guid| {
        add_sysmon(&engine, eid, 1, START_MS, &[("Image", "C:\\a.exe"), ("ProcessGuid", guid)]);
    };
    start(1, "{1}");
    start(2, "{2}");
    let key = ("TargetObject", "HKLM\\Software\\Run\\x");
    add_sysmon(&engine, 3, 13, START_MS + 1, &[key, ("ProcessGuid", "{1}")]);
    add_sysmon(&engine, 4, 11, START_MS + 1, &[("TargetFilename", "C:\\x.exe"), ("ProcessGuid", "{2}")]);
    add_sysmon(&engine, 5, 11, START_MS + 2, &[("TargetFilename", "C:\\x.exe"), ("ProcessGuid", "{2}")]);
    let found = rows(&engine, &sql, &["eid1".to_owned(), "eid2".to_owned()]);
    assert_eq!(found, [[1.into(), 3.into()], [2.into(), 4.into()]]);
}

/// Without a common key the sequence stays with the source that has it, and says so.
#[test]
fn a_source_without_the_key_is_left_out_with_a_loss() {
    let files = EventQuery { category: category(&["file"]), filter: is("host.os.type", "linux") };
    let list = vec![is("host.os.type", "linux"), is("event.type", "start")];
    let first = EventQuery { category: category(&["process"]), filter: Pred::All(list) };
    let body = sequence(&["process.entity_id"], Some(60_000), vec![first, files]);
    let artifact = artifact(&rule("r", body), "sysmon", "query");
    assert!(lines(&artifact.losses).contains("L1104"), "{}", lines(&artifact.losses));
}

/// What a query of several sources shows tells which of them a row is from; that of one does not.
#[test]
fn a_query_of_one_source_has_no_column_for_it() {
    let (sql, _) = query(windows("process", vec![is("event.type", "start"), like("process.name", &["a"])]));
    assert!(!sql.contains("log_source"), "{sql}");
}
