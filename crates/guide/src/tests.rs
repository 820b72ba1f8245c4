//! Blocks, keys, SQL: what is said, where, and what the repair makes of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use eqlc_backend_osquery::schema;
use eqlc_diagnostics::{Diagnostics, Severity, SourceMap};
use insta::assert_snapshot;

use crate::{Context, Tables, check, queries};

struct Osquery;

impl Tables for Osquery {
    fn columns(&self, table: &str) -> Option<Vec<&str>> {
        Some(schema::table(table)?.column_names().collect())
    }

    fn names(&self) -> Vec<&str> {
        schema::all().keys().map(String::as_str).collect()
    }

    fn systems(&self, table: &str) -> Vec<&str> {
        schema::table(table).map_or_else(Vec::new, |table| texts(&table.platforms))
    }

    fn systems_of(&self, table: &str, column: &str) -> Vec<&str> {
        let column = schema::table(table).and_then(|table| table.column(column));
        column.map_or_else(Vec::new, |column| texts(&column.platforms))
    }

    fn required(&self, table: &str) -> Vec<&str> {
        let columns = schema::table(table).into_iter().flat_map(|table| &table.columns);
        columns.filter(|(_, column)| column.required).map(|(name, _)| name.as_str()).collect()
    }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn context<'a>(systems: &'a [&'a str]) -> Context<'a> {
    Context { tables: &Osquery, systems }
}

fn checked(name: &str, text: &str) -> (SourceMap, Diagnostics) {
    let mut sources = SourceMap::new();
    let read = eqlc_rules::read(name, text.as_bytes(), &mut sources);
    assert!(!eqlc_diagnostics::has_errors(&read.diagnostics), "{:?}", read.diagnostics);
    let found =
        read.tree.documents.iter().flat_map(|document| check(&document.guide, context(&[]))).collect();
    (sources, found)
}

/// A text with the edits of every first fix made.
fn repaired(text: &str, found: &Diagnostics) -> String {
    let mut edits: Vec<_> =
        found.iter().filter_map(|found| found.fixes.first()).flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.span.range(), &edit.replacement);
    }
    text
}

fn findings(name: &str, text: &str) -> String {
    let (sources, found) = checked(name, text);
    let mut out = String::new();
    for diagnostic in &found {
        assert_eq!(diagnostic.severity, Severity::Warning, "a guide never blocks its rule");
        let label = diagnostic.primary.as_ref().unwrap();
        let (at, slice) = (sources.position(label.span), sources.slice(label.span));
        writeln!(out, "{}:{} {} {}", at.line, at.column, diagnostic.code, diagnostic.message).unwrap();
        writeln!(out, "{}", format!("    {slice:?} {}", label.message).trim_end()).unwrap();
        for label in &diagnostic.related {
            writeln!(out, "    {:?} {}", sources.slice(label.span), label.message).unwrap();
        }
        diagnostic.help.iter().for_each(|help| writeln!(out, "    help: {help}").unwrap());
        diagnostic.fixes.iter().for_each(|fix| writeln!(out, "    fix: {}", fix.title).unwrap());
    }
    out
}

fn note(note: &str) -> String {
    format!("[rule]\nname = 'n'\nquery = 'any where true'\nnote = '''{note}'''\n")
}

fn table(sql: &str) -> String {
    format!(
        "[[transform.osquery]]\nlabel = 'l'\nquery = \"\"\"{sql}\"\"\"\n[rule]\nname = 'n'\nquery = 'any where true'\n"
    )
}

/// What is left of the findings on a query when its fixes have been made, with the query.
fn fixed(sql: &str) -> (String, String) {
    let text = table(sql);
    let text = repaired(&text, &checked("r.toml", &text).1);
    let query = text.split("\"\"\"").nth(1).unwrap().to_owned();
    (query, findings("r.toml", &text))
}

#[test]
fn sound_guides_are_silent() {
    for sql in [
        "SELECT * FROM dns_cache",
        "SELECT p.name, count(*) AS n FROM processes p JOIN users AS u ON u.uid = p.uid GROUP BY p.name ORDER BY n",
        "SELECT name FROM services WHERE path LIKE 'C:\\\\%' OR NOT (user_account LIKE '%LocalSystem' OR pid IN (1, 2))",
        "SELECT * FROM users WHERE username = {{user.name}} AND uid = '{{user.id}}'",
        "WITH x AS (SELECT pid AS q FROM processes) SELECT q FROM x WHERE q > 5 % 2",
        "SELECT path FROM file JOIN hash USING (path) WHERE file.path LIKE '/usr/%%' AND hash.path = file.path",
        "SELECT name FROM processes WHERE name == path AND pid != parent",
        "SELECT concat('https://example.org/', sha1) AS link FROM hash WHERE path = '/bin/sh'",
    ] {
        assert_eq!(findings("r.toml", &table(sql)), "", "{sql}");
    }
    let blocks = r#"a !{osquery{"label":"l","query":"SELECT * FROM dns_cache"}} !{investigate{"label":"l","providers":[[{"excluded":false,"field":"event.kind","queryType":"phrase","value":"signal","valueType":"string"},{"field":"x","queryType":"exists"}]],"relativeFrom":"now-48h/h"}} ![image](x) !{x}"#;
    assert_eq!(findings("r.toml", &note(blocks)), "");
}

#[test]
fn lost_quotes_are_found_inside_every_layer_and_put_back() {
    let block = r#"- !{osquery{"label":"l","query":"SELECT name FROM services WHERE\nNOT (user_account LIKE %LocalSystem OR user_account LIKE %NetworkService OR\nuser_account == null)\n"}}"#;
    let text = note(block);
    assert_snapshot!(findings("r.toml", &text));
    let again = repaired(&text, &checked("r.toml", &text).1);
    assert!(again.contains(r"user_account LIKE '%LocalSystem' OR user_account LIKE '%NetworkService' OR\nuser_account IS NULL)"), "{again}");
    assert_eq!(findings("r.toml", &again), "");
}

#[test]
fn every_kind_of_lost_text_is_put_back() {
    for (broken, whole) in [
        (
            "SELECT name FROM services WHERE status != RUNNING",
            "SELECT name FROM services WHERE status != 'RUNNING'",
        ),
        (
            "SELECT concat(https://example.org/file/, sha1) AS link FROM hash JOIN authenticode ON hash.path = authenticode.path WHERE authenticode.result != trusted\n",
            "SELECT concat('https://example.org/file/', sha1) AS link FROM hash JOIN authenticode ON hash.path = authenticode.path WHERE authenticode.result != 'trusted'\n",
        ),
        (
            "SELECT pid FROM processes WHERE name = cmd.exe AND pid > 4",
            "SELECT pid FROM processes WHERE name = 'cmd.exe' AND pid > 4",
        ),
        (
            "SELECT pid FROM processes WHERE name IN (sh, bash, zsh)",
            "SELECT pid FROM processes WHERE name IN ('sh', 'bash', 'zsh')",
        ),
        (
            "SELECT path FROM file WHERE path LIKE /etc/cron.d/% LIMIT 5",
            "SELECT path FROM file WHERE path LIKE '/etc/cron.d/%' LIMIT 5",
        ),
        (
            "SELECT path FROM file WHERE (path = C:\\\\Program Files (x86)\\\\a.exe)",
            "SELECT path FROM file WHERE (path = 'C:\\\\Program Files (x86)\\\\a.exe')",
        ),
        (
            "SELECT * FROM authenticode WHERE subject_name = Microsoft Corporation OR path = '/x'",
            "SELECT * FROM authenticode WHERE subject_name = 'Microsoft Corporation' OR path = '/x'",
        ),
        ("SELECT pid FROM processes WHERE name!=null", "SELECT pid FROM processes WHERE name IS NOT NULL"),
    ] {
        assert_eq!(fixed(broken), (whole.to_owned(), String::new()));
    }
}

#[test]
fn names_that_osquery_lacks_are_reported() {
    assert_snapshot!(findings("r.toml", &table("SELECT p.nme, q.pid FROM proceses p JOIN users")));
    assert_snapshot!(findings(
        "r.toml",
        &table("SELECT p.nme, usernme FROM processes p JOIN users USING (uid)")
    ));
}

/// osquery keeps the names that tables and columns had before.
#[test]
fn older_names_are_known() {
    assert_eq!(said("SELECT name FROM programs_and_features", &["windows"]), "");
    assert_eq!(said("SELECT environment, access_time FROM process_events", &["linux"]), "");
    assert!(said("SELECT name FROM programs_and_features", &["linux"]).contains("programs_and_features"));
}

#[test]
fn sql_that_is_none_is_reported_where_it_breaks() {
    for sql in [
        "SELECT name FROM FROM processes",
        "SELECT 'é' FROM users\nWHERE (uid = 1",
        "",
        "SELECT 'x FROM users",
    ] {
        assert_snapshot!(findings("r.toml", &table(sql)));
    }
}

#[test]
fn broken_blocks_are_reported_where_they_break() {
    assert_snapshot!(findings(
        "r.toml",
        &note(
            r#"
!{osquery{"label":"l","query":"SELECT 1"}
!{osqery{"label":"l"}}
!{osquery{"label":"l","query":"SELECT "x""}}
!{investigate{"providers":[[{"field":1,"value":{}}], 2]}}
!{osquery{"query":5}}
"#
        )
    ));
}

#[test]
fn references_to_absent_tables_are_reported() {
    let text = format!("{}note = 'a $osquery_0 $osquery_1 $investigate_0 $osquery_x'\n", table("SELECT 1"));
    assert_snapshot!(findings("r.toml", &text));
}

#[test]
fn findings_reach_through_the_json_of_an_export() {
    let export = r#"{"rule_id":"r","name":"n","type":"eql","language":"eql","query":"any where true","note":"a !{osquery{\"label\":\"l\",\"query\":\"SELECT a\\u0062c FROM dns_cache\"}}"}"#;
    assert_snapshot!(findings("r.ndjson", export));
}

#[test]
fn hostile_guides_end_in_a_result() {
    for text in [
        note(&"!{osquery{".repeat(10_000)),
        note(&format!("!{{osquery{{\"label\":\"l\",\"query\":\"{}\"}}}}", "(".repeat(100_000))),
        note(&format!("!{{osquery{{\"label\":\"l\",\"query\":\"SELECT {}\"}}}}", "{{".repeat(50_000))),
        note(&format!("!{{osquery{{\"label\":\"l\",\"query\":\"SELECT é{}\"}}}}", ",é%".repeat(1_000))),
        table(&format!("SELECT {}", "1 = x AND (".repeat(2_000))),
    ] {
        assert!(!checked("r.toml", &text).1.is_empty());
    }
}

/// Public guides where a copy stands beside the workspace: what is found in them is counted, and every kind
/// has been looked at.
#[test]
fn public_guides_have_only_findings_that_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/elastic-rules");
    if !root.is_dir() {
        println!("skipped: there is no corpus beside the workspace");
        return;
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let (sources, found) = checked(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
        for diagnostic in found {
            *counts.entry(diagnostic.code.to_string()).or_default() += 1;
            let slice = sources.slice(diagnostic.span().unwrap());
            println!("{} {} {slice:?} {}", diagnostic.code, diagnostic.message, path.display());
        }
    }
    println!("{counts:?}");
    // Comparisons with null, and a reference one past the last table.
    counts.retain(|code, _| code != "E3038" && code != "E3033");
    assert_eq!(counts, BTreeMap::new());
}

/// Printed guides whose queries lost their quotes on the way, where they lie beside the workspace: the place is
/// said, and the repair makes queries that pass.
#[test]
fn printed_guides_are_repaired() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds");
    if !root.is_dir() {
        println!("skipped: there are no printed guides beside the workspace");
        return;
    }
    let guide = |text: &str| {
        let mut sources = SourceMap::new();
        let source = sources.add("guide", text);
        let note = Some(eqlc_diagnostics::Fragment::verbatim(source, 0, text));
        check(&eqlc_rules::GuideSource { note, tables: Vec::new() }, context(&[]))
    };
    let mut lost = 0;
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let found = guide(&text);
        lost += found.iter().filter(|found| found.code.as_str() == "E3035").count();
        for found in &found {
            assert!(["E3035", "E3038"].contains(&found.code.as_str()), "{found:?}");
        }
        let again = repaired(&text, &found);
        assert_eq!(guide(&again), [], "{again}");
        assert_eq!(text.contains("LIKE %"), again.contains("LIKE '%"));
        assert!(!again.contains("!= trusted") && !again.contains("concat(https"));
    }
    println!("{lost} queries have lost their quotes");
    assert!(lost > 0);
}

/// What is said of a query in the guide of a rule for these systems.
fn said(sql: &str, systems: &[&str]) -> String {
    let mut sources = SourceMap::new();
    let read = eqlc_rules::read("r.toml", table(sql).as_bytes(), &mut sources);
    let document = &read.tree.documents[0];
    let found = check(&document.guide, context(systems));
    let line = |found: &eqlc_diagnostics::Diagnostic| {
        format!("{} {} {:?}\n", found.code, found.message, sources.slice(found.span().unwrap()))
    };
    found.iter().map(line).collect()
}

#[test]
fn tables_of_other_systems_fail() {
    assert_snapshot!(said("SELECT name FROM services", &["linux"]), @r#"E3039 `services` is a table of Windows and the rule is for Linux "services""#);
    assert_snapshot!(said("SELECT name FROM services", &["linux", "windows"]), @"");
    assert_snapshot!(said("SELECT name FROM services", &[]), @"");
    assert_snapshot!(said("SELECT s.name FROM services s JOIN systemd_units u ON u.id = s.name", &[]), @r#"E3039 no operating system has both `services` and `systemd_units` "systemd_units""#);
    assert_snapshot!(said("SELECT cmdline, elevated_token FROM processes", &["darwin", "linux"]), @r#"E3039 `elevated_token` has values on Windows only and the rule is for macOS and Linux "elevated_token""#);
}

#[test]
fn tables_that_are_computed_need_a_condition() {
    assert_snapshot!(said("SELECT sha256 FROM hash", &[]), @r#"E3040 `hash` answers only with a condition on `directory` or `path` "hash""#);
    assert_snapshot!(said("SELECT * FROM file WHERE filename = 'a'", &[]), @r#"E3040 `file` answers only with a condition on `directory` or `path` "file""#);
    for met in [
        "SELECT * FROM file WHERE directory LIKE '/tmp/%'",
        "SELECT sha256 FROM processes p JOIN hash h ON h.path = p.path",
        "SELECT sha256 FROM processes JOIN hash USING (path)",
        "SELECT (SELECT sha256 FROM hash h WHERE h.path = p.path) FROM processes p",
    ] {
        assert_eq!(said(met, &[]), "", "{met}");
    }
}

#[test]
fn queries_that_run_by_themselves_make_a_pack() {
    let tables = [
        ("Services", "SELECT name FROM services;"),
        ("User", "SELECT * FROM users WHERE username = {{user.name}}"),
        ("Broken", "SELECT nothing_here FROM users"),
        ("Hosts", "SELECT * FROM etc_hosts"),
        ("Two", "SELECT 1; SELECT 2"),
    ];
    let mut text = String::new();
    for (label, sql) in tables {
        writeln!(text, "[[transform.osquery]]\nlabel = '{label}'\nquery = \"\"\"{sql}\"\"\"").unwrap();
    }
    text.push_str("[rule]\nname = 'n'\nquery = 'any where true'\n");
    let mut sources = SourceMap::new();
    let read = eqlc_rules::read("r.toml", text.as_bytes(), &mut sources);
    let (found, left_out) = queries(&read.tree.documents[0].guide, context(&["windows", "linux"]));
    let found: Vec<String> =
        found.iter().map(|query| format!("{}: {} on {:?}", query.label, query.text, query.systems)).collect();
    assert_snapshot!(found.join("\n"), @r#"
    Services: SELECT name FROM services on ["windows"]
    Hosts: SELECT * FROM etc_hosts on ["linux", "windows"]
    "#);
    let left_out: Vec<String> =
        left_out.iter().map(|found| format!("{} {}", found.code, found.message)).collect();
    assert_snapshot!(left_out.join("\n"), @"
    E3041 the query `User` is left out of the pack: it takes `{{user.name}}` of an alert
    E3041 the query `Broken` is left out of the pack: no table of the query has a column `nothing_here`
    E3041 the query `Two` is left out of the pack: it is not one query
    ");
}
