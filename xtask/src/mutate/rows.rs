//! Rows to tell two queries apart: the second opinion on mutants of SQL that no stream of the verifier noticed.
//!
//! The rows are those of the streams of the rule, with columns that the query asks about changed at random: to texts
//! that its constants describe, in other letters, longer, shorter, empty, missing, to numbers beside its numbers. They
//! are changed as rows and not as events, so that they also hold what the streams of the verifier cannot say. A query
//! over single rows is asked about [`SINGLES`] of them at once; a sequence about [`STREAMS`] streams of a few, with few
//! keys and times around the spans, at several moments of each.

use eqlc_backend_osquery::schema;
use eqlc_ir::{Category, Rule};
use eqlc_verify::project::{HostRows, Profile, Row, osquery_stream};
use eqlc_verify::sqlite::{Database, SqlValue, Table};
use serde_json::Value as Json;

use super::sql::{Asked, Sql};
use crate::random::Random;

/// How many rows a query over single rows is asked about.
const SINGLES: usize = 2_500;
/// How many of them at once, where the query looks up others for every row.
const FEW: usize = 100;
/// How many streams a query over sequences is asked about.
const STREAMS: usize = 80;
/// Rows of a stream.
const LONGEST: usize = 14;
/// Rows that are kept of the streams of the rule.
const KEPT: usize = 600;
/// The most rows of which a host gives one.
const ALTERNATIVES: usize = 40;
/// 2025-01-15T10:00:00Z.
const START_MS: i64 = 1_736_935_200_000;

/// A place in a row that a query reads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cell {
    /// A column.
    Column(String),
    /// A member of the event data in the column `data`.
    Data(String),
}

/// What a query asks of a cell.
#[derive(Clone, Debug)]
struct Question {
    cell: Cell,
    constants: Vec<String>,
}

/// Rows for one output and its mutants.
pub(crate) struct Rows {
    random: Random,
    /// Rows of event tables.
    events: Vec<Row>,
    /// Rows that a host computes; of those that it would give as one, each is one that it may give.
    computed: Vec<Vec<Row>>,
    /// Rows that were made of the emitted rule, as they are.
    own: Vec<HostRows>,
    questions: Vec<Question>,
    keys: Vec<Cell>,
    spans: Vec<i64>,
    sequence: bool,
    /// Whether other rows are looked up for every row.
    looks_up: bool,
    tables: Vec<Table>,
    /// What was made, once it is needed.
    made: Option<Vec<Made>>,
}

/// A database with the moments at which it is asked.
struct Made {
    database: Database,
    moments: Vec<i64>,
    /// What the sound query finds at each, once it was asked.
    sound: Vec<Answer>,
}

/// The events of each row that a query finds, sorted.
type Answer = Vec<Vec<Option<i64>>>;

impl Rows {
    /// Rows about a query, from the streams of its rule; none where they leave no rows.
    pub(crate) fn of(
        sql: &Sql,
        legal: &Rule,
        (streams, own): (&[Vec<Json>], Vec<HostRows>),
        (profile, random): (Profile, Random),
    ) -> Option<Self> {
        let sources = legal.queries().into_iter().filter_map(|query| match &query.category {
            Category::LogSource(source) => source.product.as_deref(),
            Category::Any | Category::OneOf(_) => None,
        });
        let system = sources.into_iter().next().unwrap_or("windows");
        let (mut events, mut computed): (Vec<Row>, Vec<Vec<Row>>) = (Vec::new(), Vec::new());
        let projected = streams.iter().filter_map(|stream| osquery_stream(stream, profile, system).ok());
        let own: Vec<HostRows> = own.into_iter().take(STREAMS).collect();
        for hosts in std::iter::once(few(own.clone())).chain(projected) {
            for row in hosts.into_iter().flat_map(|host| host.rows) {
                match row.key {
                    None if events.len() < KEPT => events.push(row),
                    None => {}
                    Some(_) => add(&mut computed, row),
                }
            }
        }
        let text = sql.print();
        let named = |name: &str| {
            text.contains(name) || events.iter().chain(computed.iter().flatten()).any(|row| row.table == name)
        };
        let tables: Vec<Table> = schema::all()
            .iter()
            .filter(|(name, _)| named(name))
            .map(|(name, table)| Table::of_osquery(name, table))
            .collect();
        let sequence = text.starts_with("WITH ");
        // Besides the query itself, and the time that it asks.
        let selects = text.matches("SELECT ").count();
        let looks_up = selects > text.matches("unix_time").count() + 1;
        let questions: Vec<Question> = sql.asked().into_iter().filter_map(question).collect();
        let keys = keys(&text);
        let spans = numbers_behind(&text, "<= ");
        let found = Self {
            random,
            events,
            computed,
            own,
            questions,
            keys,
            spans,
            sequence,
            looks_up,
            tables,
            made: None,
        };
        (!found.events.is_empty()).then_some(found)
    }

    /// Whether two queries find the same in all of the rows; none where the sound one cannot be asked, or finds nothing
    /// anywhere, so that it says nothing.
    pub(crate) fn same(&mut self, sound: &str, mutant: &str) -> Option<bool> {
        if self.made.is_none() {
            self.made = Some(self.make()?);
        }
        let mut found_some = false;
        for made in self.made.as_mut()? {
            if made.sound.is_empty() {
                // A query that looks up others for every row may take too long for all of them.
                let Some(sound) = made.answers(sound) else { continue };
                made.sound = sound;
            }
            found_some |= made.sound.iter().any(|found| !found.is_empty());
            if made.answers(mutant).as_ref() != Some(&made.sound) {
                return Some(false);
            }
        }
        found_some.then_some(true)
    }

    fn make(&mut self) -> Option<Vec<Made>> {
        let (databases, rows) = match (self.sequence, self.looks_up) {
            (true, _) => (STREAMS, LONGEST),
            (false, true) => (SINGLES / FEW, FEW),
            (false, false) => (1, SINGLES),
        };
        let made: Option<Vec<Made>> = (0..databases).map(|_| self.one(rows)).collect();
        let own = self.own.iter().filter_map(|host| self.as_made(host));
        made.map(|made| own.chain(made).collect())
    }

    /// Rows that were made of the emitted rule, as they are.
    fn as_made(&self, host: &HostRows) -> Option<Made> {
        let mut database = Database::new(self.tables.clone()).ok()?;
        host.rows.iter().try_for_each(|row| database.insert(row.table, &row.columns)).ok()?;
        let times = host.rows.iter().filter_map(|row| row.get("time")?.as_int());
        let last = times.max()?;
        let moments = [0, 60, 330, 359, 360, 599].into_iter().map(|late| last + late).collect();
        Some(Made { database, moments, sound: Vec::new() })
    }

    fn one(&mut self, count: usize) -> Option<Made> {
        let mut database = Database::new(self.tables.clone()).ok()?;
        for row in self.computed.iter().filter_map(|rows| self.random.one(rows)) {
            database.insert(row.table, &row.columns).ok()?;
        }
        let mut at_ms = START_MS;
        let mut moments = Vec::new();
        let values: Vec<String> =
            (0..2).map(|at| format!("{{0000000{at}-0000-0000-0000-000000000000}}")).collect();
        for place in 0..count {
            let mut row = self.random.one(&self.events)?.clone();
            for _ in 0..self.random.below(4) {
                self.change(&mut row);
            }
            self.as_logged(&mut row);
            if self.sequence {
                at_ms += self.pause();
                for key in self.keys.clone() {
                    if self.random.below(12) > 0 {
                        let value = self.random.one(&values).cloned().unwrap_or_default();
                        set(&mut row, &key, Some(value));
                    }
                }
            } else {
                at_ms += 1_000;
            }
            stamp(&mut row, at_ms, place);
            database.insert(row.table, &row.columns).ok()?;
            if self.sequence {
                moments.push(at_ms.div_euclid(1_000));
            }
        }
        let last = at_ms.div_euclid(1_000);
        moments.retain(|_| self.random.below(4) == 0);
        moments.extend([last, last + 60, last + 599]);
        moments.dedup();
        Some(Made { database, moments, sound: Vec::new() })
    }

    /// The time to the next row: mostly short, now and then around a span.
    fn pause(&mut self) -> i64 {
        let span = self.random.one(&self.spans).copied().unwrap_or(1_000);
        let pauses = [0, 1, 1_000, 2_000, span / 3, span / 2, span - 1, span, span + 1];
        self.random.one(&pauses).copied().unwrap_or(1_000).max(0)
    }

    /// Sysmon's events of the registry say what was done in their number and in a text.
    fn as_logged(&mut self, row: &mut Row) {
        let cell = Cell::Data("EventType".to_owned());
        let Some(done) = get(row, &cell) else { return };
        let kinds: &[&str] = match row.get("eventid").and_then(SqlValue::as_int) {
            Some(12) => &["CreateKey", "DeleteKey", "DeleteValue"],
            Some(13) => &["SetValue"],
            Some(14) => &["RenameKey"],
            _ => &[],
        };
        if !kinds.contains(&done.as_str()) {
            let kind = self.random.one(kinds).map(|kind| (*kind).to_owned());
            set(row, &cell, kind);
        }
    }

    fn change(&mut self, row: &mut Row) {
        let Some(question) = self.random.one(&self.questions).cloned() else { return };
        if let Some(kinds) = kinds(row.table, &question.cell) {
            let kind = self.random.one(kinds).map(|kind| (*kind).to_owned());
            return set(row, &question.cell, kind);
        }
        let constant = self.random.one(&question.constants).cloned().unwrap_or_default();
        let mut value = self.described(&constant);
        let kept = get(row, &question.cell).unwrap_or_default();
        value = match self.random.below(12) {
            0 => flipped(&value),
            1 => format!("{value}x"),
            2 => format!("x{value}"),
            3 => value.chars().skip(1).collect(),
            4 => String::new(),
            5 => format!("{kept}{value}"),
            6 => format!("{value}{kept}"),
            7 => flipped(&kept),
            8 => value.parse::<i64>().map_or(value, |number| (number + 1).to_string()),
            // Numbers of tables are counts and identities: none is below zero.
            9 => value.parse::<i64>().map_or(value, |number| (number - 1).max(0).to_string()),
            _ => value,
        };
        let missing = self.random.below(16) == 0;
        set(row, &question.cell, (!missing).then_some(value));
    }

    /// A text that a pattern of `LIKE` matches.
    fn described(&mut self, pattern: &str) -> String {
        let runs = ["", "", "q", "q\\w", "C:\\q\\"];
        let mut text = String::new();
        for c in pattern.chars() {
            match c {
                '%' => text.push_str(self.random.one(&runs).copied().unwrap_or_default()),
                '_' if self.random.below(2) == 0 => text.push('C'),
                other => text.push(other),
            }
        }
        text
    }
}

/// What a column can hold that tells what a row is about: no other text ever stands there.
fn kinds(table: &str, cell: &Cell) -> Option<&'static [&'static str]> {
    let column = match cell {
        Cell::Column(column) => column,
        Cell::Data(name) if matches!(name.as_str(), "Initiated" | "DestinationIsIpv6") => {
            return Some(&["false", "true"]);
        }
        Cell::Data(_) => return None,
    };
    Some(match (table, column.as_str()) {
        ("windows_events", "source") => &[
            "Application",
            "Microsoft-Windows-PowerShell/Operational",
            "Microsoft-Windows-Sysmon/Operational",
            "Security",
            "System",
            "Windows PowerShell",
        ],
        ("process_etw_events", "type") => &["ProcessStart", "ProcessStop"],
        ("process_etw_events", "mandatory_label") => &[
            "S-1-16-0",
            "S-1-16-4096",
            "S-1-16-8192",
            "S-1-16-8448",
            "S-1-16-12288",
            "S-1-16-16384",
            "S-1-16-20480",
        ],
        ("ntfs_journal_events", "action") => {
            &["FileCreation", "FileDeletion", "FileOverwrite", "FileRename_NewName", "FileWrite"]
        }
        ("process_events", "syscall") => &["clone", "execve", "execveat", "fork", "kill", "vfork"],
        ("socket_events", "action") => &["accept", "bind", "close", "connect"],
        ("file_events", "action") => &["ACCESSED", "CREATED", "DELETED", "MOVED_TO", "OPENED", "UPDATED"],
        ("process_file_events", "operation") => {
            &["link", "open", "open+truncate", "read", "rename", "symlink", "unlink", "write"]
        }
        ("es_process_events", "event_type") => &["exec", "exit", "fork"],
        ("es_process_file_events", "event_type") => &["create", "open", "rename", "truncate", "write"],
        _ => return None,
    })
}

/// Some rows of many, with all that hosts compute: the others are from the streams of the rule.
fn few(mut hosts: Vec<HostRows>) -> Vec<HostRows> {
    for host in &mut hosts {
        let step = host.rows.len().div_ceil(KEPT / 3).max(1);
        let mut nth = 0;
        host.rows.retain(|row| {
            nth += usize::from(row.key.is_none());
            row.key.is_some() || nth % step == 0
        });
    }
    hosts
}

/// Adds a row to those that a host would give as one with it.
fn add(computed: &mut Vec<Vec<Row>>, row: Row) {
    match computed.iter_mut().find(|rows| rows.first().is_some_and(|known| row.is_one_with(known))) {
        None => computed.push(vec![row]),
        Some(rows) if rows.len() < ALTERNATIVES && !rows.contains(&row) => rows.push(row),
        Some(_) => {}
    }
}

impl Made {
    /// What a query finds at each of the moments.
    fn answers(&mut self, query: &str) -> Option<Vec<Answer>> {
        let database = &mut self.database;
        let at = |moment: &i64| {
            database.set_time(*moment).ok()?;
            answer(database, query)
        };
        self.moments.iter().map(at).collect()
    }
}

fn answer(database: &Database, query: &str) -> Option<Answer> {
    let rows = database.query(query).ok()?;
    let of = |row: &eqlc_verify::sqlite::ResultRow| {
        let events = row.columns().filter(|(name, _)| name.starts_with("eid"));
        events.map(|(_, value)| value.as_int()).collect()
    };
    let mut found: Answer = rows.iter().map(of).collect();
    found.sort_unstable();
    Some(found)
}

fn question(Asked { column, constants }: Asked) -> Option<Question> {
    // What a subquery answers stands in another row.
    if column.contains("SELECT") {
        return None;
    }
    Some(Question { cell: cell(&column)?, constants })
}

/// The cell that an expression reads.
fn cell(expr: &str) -> Option<Cell> {
    if let Some((_, path)) = expr.split_once("'$.EventData.") {
        return path.split_once('\'').map(|(name, _)| Cell::Data(name.to_owned()));
    }
    let (_, column) = expr.split_once("e.")?;
    let end = column.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(column.len());
    column.get(..end).map(|column| Cell::Column(column.to_owned()))
}

/// The cells that are keys of a sequence.
fn keys(text: &str) -> Vec<Cell> {
    let mut found: Vec<Cell> = Vec::new();
    for number in 1..10 {
        let mark = format!(" AS k{number}");
        for (before, _) in text.match_indices(&mark).filter_map(|(at, _)| text.split_at_checked(at)) {
            let start = before.rfind("SELECT ").map_or(0, |at| at + 7);
            let own = before.get(start..).and_then(|list| list.rsplit(" AS k").next()).and_then(cell);
            found.extend(own.filter(|cell| !found.contains(cell)));
        }
    }
    found
}

fn numbers_behind(text: &str, mark: &str) -> Vec<i64> {
    let behind = text.split(mark).skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    behind.filter(|number| *number > 999).collect()
}

fn flipped(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect()
}

fn data(row: &Row) -> Option<Json> {
    serde_json::from_str(row.get("data")?.as_text()?).ok()
}

fn get(row: &Row, cell: &Cell) -> Option<String> {
    match cell {
        Cell::Column(name) => match row.get(name)? {
            SqlValue::Text(text) => Some(text.clone()),
            SqlValue::Int(number) => Some(number.to_string()),
            SqlValue::Real(_) | SqlValue::Null => None,
        },
        Cell::Data(name) => Some(data(row)?.get("EventData")?.get(name)?.as_str()?.to_owned()),
    }
}

/// Gives a row a value where its table has the column: a query over several tables asks others too.
fn put(row: &mut Row, name: &str, value: Option<SqlValue>) {
    if !schema::table(row.table).is_some_and(|table| table.columns.contains_key(name)) {
        return;
    }
    row.columns.retain(|(known, _)| known != name);
    row.columns.extend(value.map(|value| (name.to_owned(), value)));
}

fn set(row: &mut Row, cell: &Cell, value: Option<String>) {
    match cell {
        Cell::Column(name) => put(row, name, value.map(SqlValue::Text)),
        Cell::Data(name) => {
            let Some(mut data) = data(row) else { return };
            if let Some(members) = data.get_mut("EventData").and_then(Json::as_object_mut) {
                match value {
                    Some(value) => drop(members.insert(name.clone(), Json::from(value))),
                    None => drop(members.shift_remove(name)),
                }
            }
            put(row, "data", Some(SqlValue::Text(data.to_string())));
        }
    }
}

/// Gives a row its time and number.
fn stamp(row: &mut Row, at_ms: i64, place: usize) {
    put(row, "time", Some(SqlValue::Int(at_ms.div_euclid(1_000))));
    put(row, "eid", Some(SqlValue::Text(format!("{:010}", place + 1))));
    let utc = Cell::Data("UtcTime".to_owned());
    if get(row, &utc).is_some() {
        set(row, &utc, Some(utc_time(at_ms)));
    }
}

/// `2025-01-15 10:00:00.000`, for times of that day and the days behind it in its month.
fn utc_time(at_ms: i64) -> String {
    let since = at_ms - (START_MS - 36_000_000);
    let (days, of_day) = (since.div_euclid(86_400_000), since.rem_euclid(86_400_000));
    let (hours, minutes) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (seconds, millis) = (of_day / 1_000 % 60, of_day % 1_000);
    let (month, day) = if days < 17 { (1, 15 + days) } else { (2, (days - 16).min(28)) };
    format!("2025-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
}
