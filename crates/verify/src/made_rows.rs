//! Rows that are made of an emitted rule: of what its own tests ask of the columns of its tables, without any event.
//!
//! Events that are made of the rule as written become rows only where it is told here what a source records of them. These
//! rows need no event: the emitted rule is taken for a rule on its own fields, near misses are made of it, and each value is
//! put where the field comes from. What the fields are then is read from the rows again, so that a value in a wrong place
//! says less but nothing wrong.

use std::collections::BTreeSet;

use eqlc_backend::mapping::{SOURCE, split};
use eqlc_backend_osquery::schema::{self, ColumnType};
use eqlc_backend_osquery::{Cell, RowsQuery};
use eqlc_ir::{Body, Category, EventQuery, LogSource, Rule};
use eqlc_witness::{Change, Probe, Search};
use serde_json::{Map, Value};

use crate::effort::pairs;
use crate::project::{HostRows, Row, SOME_CONTAINER, crowd, set_column};
use crate::sqlite::SqlValue;

/// The most rows that stand together: a query that looks up others for each row takes the longer the more there are.
const MAX_ROWS: usize = 64;
/// The most pairs of events, of all streams of a rule over several events.
const MAX_PAIRS: usize = 480;
/// When rows of a rule over single events arrive: 2025-01-15T10:00:00Z.
const START_MS: i64 = 1_736_935_200_000;

/// Rows for a rule in the terms of its tables: all that have to do with nothing else in one host, else each stream in a
/// host of its own.
pub(crate) fn made(rule: &Rule, sources: &[(LogSource, RowsQuery)], search: &Search) -> Vec<HostRows> {
    let alone = match &rule.body {
        Body::Event(query) if rule.pipes.is_empty() => Some(query),
        _ => None,
    };
    let mut hosts: Vec<Vec<Row>> = Vec::new();
    match alone {
        Some(query) => {
            let parts = split(query).into_iter().flat_map(|(source, filter)| {
                let category = Category::LogSource(source);
                let body = Body::Event(EventQuery { category, filter: filter.into_owned() });
                probes(&Rule { body, ..rule.clone() }, search)
            });
            let mut seen = BTreeSet::new();
            let events: Vec<Told> = parts.flat_map(told).filter(|told| seen.insert(told.key())).collect();
            for events in events.chunks(MAX_ROWS) {
                let timed = events.iter().enumerate().map(|(place, told)| (place, START_MS, told));
                hosts.push(timed.filter_map(|of| rows(of, sources)).flatten().collect());
            }
        }
        None => {
            let mut left = MAX_PAIRS;
            for probe in probes(rule, search) {
                let Some(rest) = left.checked_sub(pairs(&probe.events)) else { break };
                left = rest;
                let events = probe.events.into_iter().map(|event| Told { event, empty: None });
                let events: Vec<Told> = events.collect();
                let timed = events.iter().enumerate();
                let timed =
                    timed.map(|(place, told)| (place, time_of(&told.event).unwrap_or(START_MS), told));
                hosts.push(timed.filter_map(|of| rows(of, sources)).flatten().collect());
            }
        }
    }
    // Rows beside those of the source are alike in everything but in what tells them apart.
    let first = hosts.first().map(|rows| crowd(rows));
    let host = |rows| HostRows { host: String::new(), rows: apart(rows) };
    hosts.into_iter().chain(first).map(host).collect()
}

/// The most events that rows of a rule are made of in each of the two ways.
const MAX_PROBES: usize = 200;

fn probes(rule: &Rule, search: &Search) -> Vec<Probe> {
    let search = search.clone().limit(MAX_PROBES);
    let mut found = search.branches(rule);
    found.extend(search.near_misses(rule));
    found
}

/// An event in the terms of a table.
struct Told {
    event: Value,
    /// The field of which the row has the empty text, as tables have it for no value.
    empty: Option<String>,
}

impl Told {
    fn key(&self) -> String {
        format!("{} {:?}", self.event, self.empty)
    }
}

/// The events of a probe; where a field is left out, also as the empty text.
fn told(probe: Probe) -> Vec<Told> {
    let Probe { change, field, events, .. } = probe;
    let empty = field.filter(|_| change == Change::Lacking);
    let emptied = empty.map(|field| {
        let of = |event: &Value| Told { event: event.clone(), empty: Some(field.clone()) };
        events.iter().map(of).collect::<Vec<_>>()
    });
    let whole = events.iter().map(|event| Told { event: event.clone(), empty: None });
    whole.chain(emptied.unwrap_or_default()).collect()
}

fn time_of(event: &Value) -> Option<i64> {
    let time: jiff::Timestamp = event.get("@timestamp")?.as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}

/// Without second rows for one key of a table that hosts compute.
fn apart(rows: Vec<Row>) -> Vec<Row> {
    let mut found: Vec<Row> = Vec::new();
    for row in rows {
        let same = |known: &&mut Row| {
            row.key.is_some_and(|key| known.table == row.table && known.get(key) == row.get(key))
        };
        match found.iter_mut().find(same) {
            None => found.push(row),
            Some(known) => {
                for (name, value) in row.columns {
                    if known.get(&name).is_none() {
                        known.columns.push((name, value));
                    }
                }
            }
        }
    }
    found
}

/// The row of an event in the terms of a table, with those that it looks up.
fn rows((place, at_ms, told): (usize, i64, &Told), sources: &[(LogSource, RowsQuery)]) -> Option<Vec<Row>> {
    let event = &told.event;
    let of = |name: &str| event.get("logsource").and_then(|source| source.get(name)).and_then(Value::as_str);
    let named = event.get(SOURCE).and_then(Value::as_str);
    let is_own = |source: &LogSource| match named {
        Some(named) => source.to_string() == named,
        None => {
            let parts =
                [("product", &source.product), ("category", &source.category), ("service", &source.service)];
            parts.into_iter().all(|(name, part)| of(name) == part.as_deref())
        }
    };
    let (_, query) = sources.iter().find(|(source, _)| is_own(source))?;
    Filling::new(query, place)?.filled(told, at_ms)
}

/// A row that is being filled.
struct Filling<'q> {
    query: &'q RowsQuery,
    table: &'static str,
    place: usize,
    columns: Vec<(String, SqlValue)>,
    data: Map<String, Value>,
    others: Vec<Row>,
}

impl<'q> Filling<'q> {
    fn new(query: &'q RowsQuery, place: usize) -> Option<Self> {
        let (table, _) = schema::all().get_key_value(&query.table)?;
        Some(Self { query, table, place, columns: Vec::new(), data: Map::new(), others: Vec::new() })
    }

    fn filled(mut self, Told { event, empty }: &Told, at_ms: i64) -> Option<Vec<Row>> {
        for (cell, values) in &self.query.picks {
            let value = values.get(self.place.checked_rem(values.len())?)?;
            self.put(cell, &Value::from(value.as_str()));
        }
        for (name, cell) in &self.query.cells {
            let value = name.split('.').try_fold(event, |event, part| event.get(part));
            match value.or_else(|| event.get(name)) {
                Some(value) => self.put(cell, value),
                None if empty.as_ref() == Some(name) => self.put(cell, &Value::from("")),
                None => {}
            }
        }
        self.timed(at_ms);
        if has(self.table, "data") {
            let data = serde_json::json!({ "EventData": self.data });
            set_column(&mut self.columns, "data", SqlValue::Text(data.to_string()));
        }
        let own = Row { table: self.table, columns: self.columns, event: self.place, key: None };
        Some(std::iter::once(own).chain(self.others).collect())
    }

    /// When it arrived and as which, and when it happened.
    fn timed(&mut self, at_ms: i64) {
        let Ok(time) = jiff::Timestamp::from_millisecond(at_ms) else { return };
        let zoned = time.to_zoned(jiff::tz::TimeZone::UTC);
        let eid = SqlValue::Text(format!("{:010}", self.place.saturating_add(1)));
        let written = SqlValue::Text(zoned.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
        for (name, value) in [("time", SqlValue::Int(time.as_second())), ("eid", eid), ("datetime", written)]
        {
            if has(self.table, name) {
                set_column(&mut self.columns, name, value);
            }
        }
        if let Some(Cell::Datum(name)) = &self.query.time {
            let text = zoned.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string();
            self.data.insert(name.clone(), Value::from(text));
        }
    }

    fn put(&mut self, cell: &Cell, value: &Value) {
        let Some(value) = plain(value) else { return };
        match cell {
            Cell::Datum(name) => {
                let text = text_of(&value);
                // A path that is asked for its folders too has them.
                let whole = match self.data.get(name).and_then(Value::as_str) {
                    Some(folders) if !folders.is_empty() && !text.starts_with(folders) => {
                        text.rsplit_once('\\').map(|(_, last)| format!("HKLM\\{folders}\\{last}"))
                    }
                    _ => None,
                };
                self.data.insert(name.clone(), Value::from(whole.unwrap_or(text)));
            }
            Cell::Column(name) => {
                if let Some(value) = fitting(self.table, name, value) {
                    set_column(&mut self.columns, name, value);
                }
            }
            Cell::Elsewhere { table, column, key, by } => {
                let Some((table, _)) = schema::all().get_key_value(table) else { return };
                let Some(key) = schema::table(table).and_then(|of| of.columns.get_key_value(key)) else {
                    return;
                };
                let (Some(value), Some(of)) = (fitting(table, column, value), self.looked_up(by)) else {
                    return;
                };
                let columns = vec![(key.0.clone(), of), (column.clone(), value)];
                self.others.push(Row { table, columns, event: self.place, key: Some(key.0) });
            }
        }
    }

    /// What the row has in a place by which another is found; where nothing is asked of it, something of its own.
    fn looked_up(&mut self, by: &Cell) -> Option<SqlValue> {
        let known = match by {
            Cell::Column(name) => {
                self.columns.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            }
            Cell::Datum(name) => self.data.get(name).and_then(Value::as_str).map(SqlValue::from),
            Cell::Elsewhere { .. } => return None,
        };
        if known.is_some() {
            return known;
        }
        let number = i64::try_from(self.place).unwrap_or(0).saturating_add(50_000);
        let numbers = matches!(by, Cell::Column(name) if !is_text(self.table, name));
        let own = if numbers { Value::from(number) } else { Value::from(format!("C:\\{number}")) };
        self.put(by, &own);
        plain(&own)
    }
}

fn has(table: &str, column: &str) -> bool {
    schema::table(table).is_some_and(|table| table.columns.contains_key(column))
}

fn is_text(table: &str, column: &str) -> bool {
    schema::table(table)
        .and_then(|table| table.columns.get(column))
        .is_some_and(|column| column.ty == ColumnType::Text)
}

/// The value as a column of its type can hold it: tables have no text in columns of numbers.
fn fitting(table: &str, column: &str, value: SqlValue) -> Option<SqlValue> {
    if column == "cgroup_path" {
        return Some(SqlValue::Text(format!("/docker/{SOME_CONTAINER}")));
    }
    match (is_text(table, column), value) {
        _ if !has(table, column) => None,
        (true, value) => Some(SqlValue::Text(text_of(&value))),
        (false, SqlValue::Text(text)) => text.parse().ok().map(SqlValue::Int),
        (false, value) => Some(value),
    }
}

fn plain(value: &Value) -> Option<SqlValue> {
    match value {
        Value::String(text) => Some(SqlValue::from(text.as_str())),
        Value::Number(number) => number.as_i64().map(SqlValue::Int),
        Value::Bool(flag) => Some(SqlValue::Text(flag.to_string())),
        Value::Array(items) => items.last().and_then(plain),
        Value::Null | Value::Object(_) => None,
    }
}

fn text_of(value: &SqlValue) -> String {
    match value {
        SqlValue::Text(text) => text.clone(),
        SqlValue::Int(number) => number.to_string(),
        SqlValue::Real(number) => number.to_string(),
        SqlValue::Null => String::new(),
    }
}
