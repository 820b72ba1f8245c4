//! Rows that are made of an emitted rule hold what its query asks: some of them match and some do not, wherever the rule's
//! fields come from.

use eqlc_backend::Settings;
use eqlc_driver::{Registry, compile};
use eqlc_ir::normalise;
use eqlc_schema::Schema;
use eqlc_tests::{eql, osquery};
use eqlc_verify::project::HostRows;
use eqlc_verify::sqlite::{Database, SqlValue};
use eqlc_verify::{Subject, rows_made};

/// A rule, and a profile for it.
const RULES: &[(&str, &str, &str)] = &[
    (
        "variables of a process, which stand in rows of their own",
        "sysmon",
        r#"process where host.os.type == "linux" and event.type == "start" and event.action == "exec" and
           process.env_vars : ("LD_PRELOAD=*", "LD_AUDIT=*")"#,
    ),
    (
        "variables in each event of a longer sequence",
        "sysmon",
        r#"sequence by host.id, process.parent.entity_id with maxspan=5s
             [process where host.os.type == "linux" and event.type == "start" and event.action == "exec" and
              process.env_vars : "GLIBC_TUNABLES=*"] with runs=5"#,
    ),
    (
        "what a file begins with, its size, and an account by the part behind its domain",
        "sysmon",
        r#"file where host.os.type == "windows" and event.type == "creation" and
           file.Ext.header_bytes : ("4d5a*", "72656766*") and file.size >= 30000 and user.id : "S-1-5-21-*""#,
    ),
    (
        "a digest behind its tag",
        "sysmon",
        r#"process where host.os.type == "windows" and event.type == "start" and
           process.hash.sha256 : "00ff*" and not process.hash.md5 : "11*""#,
    ),
    (
        "a signature by the path of another process",
        "sysmon",
        r#"process where host.os.type == "macos" and event.type == "start" and event.action == "exec" and
           process.name == "osascript" and process.parent.code_signature.exists == false"#,
    ),
    (
        "words of a line",
        "sysmon",
        r#"process where host.os.type == "linux" and event.type == "start" and event.action == "exec" and
           process.args_count >= 4 and process.args == "client""#,
    ),
    (
        "a variable by its name alone",
        "sysmon",
        r#"process where host.os.type == "linux" and event.type == "start" and event.action == "exec" and
           process.parent.name == "bash" and process.env_vars : "LD_PRELOAD*" and not process.env_vars : "LD_PRELOAD=/lib*""#,
    ),
    (
        "how long ago a file was made",
        "sysmon",
        r#"library where host.os.type == "windows" and dll.Ext.relative_file_creation_time < 500 and
           dll.code_signature.status != "trusted""#,
    ),
    (
        "accounts in places that the number of the event tells, and addresses that are keys",
        "sysmon",
        r#"sequence by user.name, source.port, source.ip with maxspan=15s
             [file where event.action == "network-share-object-access-checked" and source.ip != null and source.ip != "::1"]
             [file where event.action == "network-share-object-access-checked" and source.ip != null and source.ip != "::1"]"#,
    ),
    (
        "numbers in hexadecimal digits",
        "sysmon",
        r#"authentication where host.os.type == "windows" and event.action == "logged-in" and process.pid == 0"#,
    ),
    (
        "processes that events of files know by their number alone",
        "sysmon",
        r#"sequence by process.entity_id with maxspan=15s
             [process where host.os.type == "macos" and event.type == "start" and event.action == "exec" and
              process.parent.name == "bash" and process.args_count == 1]
             [file where host.os.type == "macos" and event.action == "modification" and file.path : "/tmp/*"]"#,
    ),
    (
        "a change that Sysmon alone logs",
        "sysmon",
        r#"file where host.os.type == "windows" and event.provider == "Microsoft-Windows-Sysmon" and event.code == "2" and
           file.extension : "exe""#,
    ),
    (
        "files without an extension in folders with dots",
        "sysmon",
        r#"file where host.os.type == "linux" and event.type == "creation" and file.path : "*.git/hooks/*" and
           file.extension == null"#,
    ),
    (
        "accounts that are numbers in one table and texts in another",
        "sysmon",
        r#"sequence by host.id, user.id with maxspan=1m
             [file where host.os.type == "linux" and event.action == "creation" and file.path : "/tmp/*"] by file.name
             [process where host.os.type == "linux" and event.type == "start" and event.action == "exec"] by process.name"#,
    ),
];

/// How many rows or sequences a query finds on a host, when the last of its events has come.
fn found(query: &str, host: &HostRows) -> usize {
    let mut tables: Vec<&str> = host.rows.iter().map(|row| row.table).collect();
    let named = eqlc_backend_osquery::schema::all().keys().filter(|name| query.contains(name.as_str()));
    tables.extend(named.map(String::as_str).filter(|name| *name != "time"));
    tables.sort_unstable();
    tables.dedup();
    let mut database: Database = osquery::database(&tables).expect("the tables");
    for row in &host.rows {
        database.insert(row.table, &row.columns).unwrap_or_else(|error| panic!("{row:?}: {error}"));
    }
    let times = host.rows.iter().filter_map(|row| row.get("time").and_then(SqlValue::as_int));
    database.set_time(times.max().expect("an event")).expect("a time");
    database.query(query).unwrap_or_else(|error| panic!("{error}\n{query}")).len()
}

#[test]
fn some_rows_match_and_some_do_not() {
    let registry = Registry::new().expect("the targets");
    let backend = registry.find("osquery").expect("the target");
    for (name, profile, source) in RULES {
        let rule = normalise(eql::rule(source, Schema::ecs()).expect("a rule"));
        let mut settings = Settings::default();
        settings.options.insert("profile".to_owned(), (*profile).to_owned());
        let compiled = compile(&rule, backend, &settings).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        let (legal, artifact) = (&compiled.legal, &compiled.artifact);
        let hosts = rows_made(Subject { rule: &rule, legal, artifact, backend, settings: &settings }, 0);
        let each: Vec<(usize, usize)> = hosts
            .iter()
            .map(|host| {
                (found(&artifact.text, host), host.rows.iter().filter(|row| row.key.is_none()).count())
            })
            .collect();
        assert!(each.iter().any(|(found, _)| *found > 0), "{name}: nothing matches\n{}", artifact.text);
        assert!(each.iter().any(|(found, events)| found < events), "{name}: everything matches");
    }
}

/// Without any one item of long lists the query finds less, or more.
#[test]
fn every_item_of_a_long_list_decides_about_a_row() {
    let names = [
        "amber", "birch", "cedar", "dogwood", "elder", "fir", "ginkgo", "hazel", "ironwood", "juniper",
        "kauri", "larch",
    ];
    let (wanted, kept_out) = (names.join("|"), names.map(|name| format!("\"*{name}-known*\"")).join(", "));
    let source = format!(
        r#"process where host.os.type == "windows" and event.type == "start" and
           process.executable regex~ """.*({wanted}).*""" and not process.command_line : ({kept_out})"#
    );
    let registry = Registry::new().expect("the targets");
    let backend = registry.find("osquery").expect("the target");
    let rule = normalise(eql::rule(&source, Schema::ecs()).expect("a rule"));
    let mut settings = Settings::default();
    settings.options.insert("profile".to_owned(), "sysmon".to_owned());
    let compiled = compile(&rule, backend, &settings).expect("an output");
    let (legal, artifact) = (&compiled.legal, &compiled.artifact);
    let hosts = rows_made(Subject { rule: &rule, legal, artifact, backend, settings: &settings }, 0);
    let all = |query: &str| -> usize { hosts.iter().map(|host| found(query, host)).sum() };
    let sound = all(&artifact.text);
    for name in names {
        for item in [format!("%{name}%"), format!("%{name}-known%")] {
            assert!(artifact.text.contains(&item), "{item}\n{}", artifact.text);
            let without = artifact.text.replace(&item, "nothing is called this");
            assert_ne!(all(&without), sound, "{item}");
        }
    }
}
