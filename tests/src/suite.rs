//! The conformance material of Elasticsearch that stands beside a checkout: queries, data, and how the two go
//! together.

use std::path::{Path, PathBuf};

use eqlc_backend_native::reference::{ResultPosition, RunOptions};
use eqlc_events::Event;
use eqlc_schema::Schema;
use serde_json::{Value as Json, json};

const FOLDER: &str = "conformance/elasticsearch-eql";

/// A file of queries with the events they run on.
pub struct Suite {
    /// The file.
    pub name: &'static str,
    /// What it runs on.
    pub events: Vec<Event<'static>>,
    /// The field that tells an event in the expected results.
    pub id: &'static str,
    tiebreaker: Option<&'static str>,
    /// The queries.
    pub cases: Vec<Case>,
}

/// A query with its expected results.
pub struct Case {
    /// Its name in the file.
    pub name: String,
    /// The query.
    pub query: String,
    /// Lists of ids, any of which will do; −1 stands for a missing event.
    pub expected: Vec<Vec<Json>>,
    /// The keys of all results, one after the other; none where the file does not tell.
    pub join_keys: Option<Vec<String>>,
    size: usize,
    max_samples_per_key: usize,
}

impl Suite {
    /// How a query of the suite is run.
    pub fn options(&self, case: &Case, result_position: ResultPosition) -> RunOptions {
        RunOptions {
            tiebreaker_field: self.tiebreaker.map(str::to_owned),
            category_field: "event_type".to_owned(),
            size: Some(case.size),
            result_position,
            max_samples_per_key: case.max_samples_per_key,
            ..RunOptions::default()
        }
    }
}

/// The mapping of the suites, as far as it decides how values compare.
pub fn schema() -> Schema {
    Schema::of([
        ("@timestamp", "date"),
        ("date_tags", "date"),
        ("version", "version"),
        ("serial_event_id", "long"),
        ("pid", "long"),
        ("ppid", "long"),
        ("opcode", "long"),
    ])
}

/// The folder, or none with a printed reason.
pub fn folder() -> Option<PathBuf> {
    crate::shared(FOLDER)
}

/// All suites with expected results; none, with a printed reason, where the material is absent.
pub fn suites() -> Option<Vec<Suite>> {
    let folder = folder()?;
    let read = |name: &str| data(&folder, name);
    let endgame = || events(read("endgame-140").into_iter().map(with_unix_time));
    let samples = ["sample1", "sample2", "sample3"].map(read).concat();
    let suite = |name, events, tiebreaker: Option<&'static str>, id| Suite {
        name,
        events,
        id,
        tiebreaker,
        cases: cases(&folder.join(name)),
    };
    let serial = "serial_event_id";
    Some(vec![
        suite("test_queries.toml", endgame(), Some(serial), serial),
        suite("additional_test_queries.toml", endgame(), Some(serial), serial),
        suite("test_queries_date.toml", endgame(), Some(serial), serial),
        suite(
            "test_extra.normalized.toml",
            events(read("extra").into_iter().map(with_null_value)),
            Some("sequence"),
            "sequence",
        ),
        suite(
            "test_missing_events.toml",
            events(read("missing-events").into_iter().map(with_null_value)),
            Some("sequence"),
            "sequence",
        ),
        suite("test_sample.toml", events(samples.into_iter().map(with_pretty_time)), None, "id"),
        suite("test_sample_multi.toml", events(read("sample-multi").into_iter()), None, "id"),
    ])
}

fn data(folder: &Path, name: &str) -> Vec<Json> {
    let text =
        std::fs::read_to_string(folder.join("data").join(format!("{name}.json"))).expect("a data file");
    serde_json::from_str(&text).expect("a list of events")
}

fn events(values: impl Iterator<Item = Json>) -> Vec<Event<'static>> {
    values.enumerate().map(|(at, value)| Event::from_json(value, at).expect("an object")).collect()
}

/// The time of the data counts 100 ns from 1601.
fn with_unix_time(mut event: Json) -> Json {
    let time = event["timestamp"].as_i64().expect("a time") / 10_000 - 11_644_473_600_000;
    event["@timestamp"] = json!(time);
    event
}

/// The `null_value` of the mapping: it replaces a null that is written, not an absent field.
fn with_null_value(mut event: Json) -> Json {
    if let Some(value) = event.get_mut("optional_field_default_null").filter(|value| value.is_null()) {
        *value = json!("NULL");
    }
    event
}

/// The mapping reads dates of two forms; as keys they are epoch milliseconds.
fn with_pretty_time(mut event: Json) -> Json {
    if let Some(value) = event.get_mut("@timestamp_pretty") {
        let parts: Vec<i64> =
            value.as_str().expect("a date").split('-').map(|part| part.parse().expect("a number")).collect();
        let (year, day) = if parts[0] < 1000 { (parts[2], parts[0]) } else { (parts[0], parts[2]) };
        *value = json!((days(year, parts[1], day) * 86_400_000).to_string());
    }
    event
}

/// Days since 1970 of a date, after H. Hinnant's `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A TOML file.
pub fn table(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).expect("a file").parse().expect("a TOML table")
}

fn cases(path: &Path) -> Vec<Case> {
    let table = table(path);
    let queries = table.get("queries").and_then(toml::Value::as_array).expect("queries");
    queries.iter().map(|query| case(&serde_json::to_value(query).expect("JSON"))).collect()
}

fn case(query: &Json) -> Case {
    let text = |name: &str| query[name].as_str().unwrap_or("").to_owned();
    let number = |name: &str, default| query[name].as_u64().map_or(default, |value| value as usize);
    let ids = query["expected_event_ids"].as_array().expect("ids");
    let alternatives = ids.first().is_some_and(Json::is_array);
    let expected = if alternatives {
        ids.iter().map(|list| list.as_array().expect("a list").clone()).collect()
    } else {
        vec![ids.clone()]
    };
    let keys = query["join_keys"].as_array();
    Case {
        name: text("name"),
        query: text("query"),
        expected,
        join_keys: keys.map(|keys| keys.iter().map(|key| key.as_str().expect("a text").to_owned()).collect()),
        size: number("size", 50),
        max_samples_per_key: number("max_samples_per_key", 1),
    }
}

/// A constant expression with its value; none: null.
pub struct FoldTest {
    /// The expression.
    pub expression: String,
    /// Its value.
    pub expected: Option<Json>,
}

/// The tests of constant folding, those left out that Elasticsearch does not run either.
pub fn fold_tests(folder: &Path) -> Vec<FoldTest> {
    let black: Vec<String> = folds(&table(&folder.join("test_unsupported.toml")))
        .into_iter()
        .map(|test| test.expression)
        .collect();
    let all = folds(&table(&folder.join("test_string_functions.toml")));
    all.into_iter().filter(|test| !black.contains(&test.expression)).collect()
}

fn folds(table: &toml::Table) -> Vec<FoldTest> {
    let groups = table.values().filter_map(toml::Value::as_table);
    let lists =
        groups.flat_map(|group| [group.get("fold").and_then(|fold| fold.get("tests")), group.get("tests")]);
    let tests = lists.flatten().filter_map(toml::Value::as_array).flatten();
    tests
        .map(|test| FoldTest {
            // Some are written with the quotes of old.
            expression: test["expression"].as_str().expect("a text").replace('\'', "\""),
            expected: test.get("expected").map(|value| serde_json::to_value(value).expect("JSON")),
        })
        .collect()
}

/// The statements of a file, split at `;` outside strings and comments; what follows the last `;` is the last.
pub fn statements(text: &str) -> Vec<String> {
    let (mut statements, mut statement) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kept) = piece(rest, first);
        let (front, back) = rest.split_at(length);
        rest = back;
        if front == ";" {
            statements.push(std::mem::take(&mut statement));
        } else {
            statement.push_str(if kept { front } else { " " });
        }
    }
    statements.push(statement);
    statements.retain(|statement| !statement.trim().is_empty());
    statements
}

/// The length of the string, comment or character that the text begins with, and whether it belongs to the
/// query.
fn piece(rest: &str, first: char) -> (usize, bool) {
    if let Some(body) = rest.strip_prefix("\"\"\"") {
        let close = body.find("\"\"\"").map_or(body.len(), |at| at + 3);
        let more = body.get(close..).unwrap_or("").bytes().take_while(|byte| *byte == b'"').count();
        (3 + close + more, true)
    } else if matches!(first, '"' | '\'' | '`') {
        (quoted_length(rest, first), true)
    } else if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (rest.find("*/").map_or(rest.len(), |at| at + 2), false)
    } else {
        (first.len_utf8(), true)
    }
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, found)) = chars.next() {
        if found == quote {
            return at + 1;
        }
        if found == '\n' {
            return at;
        }
        if found == '\\' && quote != '`' {
            chars.next();
        }
    }
    rest.len()
}
