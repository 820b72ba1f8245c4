//! Filling a row of a table with what an event says in the terms of the table, and rows of the tables that it looks up.

use eqlc_backend::mapping::SOURCE;
use eqlc_backend_osquery::schema::{self, ColumnType};
use eqlc_backend_osquery::{Cell, RowsQuery};
use eqlc_ir::LogSource;
use serde_json::{Map, Value};

use super::Told;
use crate::headers::YARA;
use crate::project::{Key, Row, SOME_CONTAINER, set_column};
use crate::sqlite::SqlValue;

/// The most words that are made to be counted.
const MAX_WORDS: usize = 64;
/// What rows of tables that hosts compute are told apart by.
const KEYS: &[Key] = &[&["path"], &["pid"], &["pid", "key"], &["uid"], &["gid"], &["username"]];

/// The row of an event in the terms of a table, with those that it looks up.
pub(super) fn rows(
    (place, at_ms, told): (usize, i64, &Told),
    sources: &[(LogSource, RowsQuery)],
) -> Option<Vec<Row>> {
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
    Filling::new(query, (place, at_ms))?.filled(told)
}

/// A row that is being filled.
struct Filling<'q> {
    query: &'q RowsQuery,
    table: &'static str,
    place: usize,
    /// When the row arrives.
    at_ms: i64,
    columns: Vec<(String, SqlValue)>,
    data: Map<String, Value>,
    others: Vec<Row>,
}

impl<'q> Filling<'q> {
    fn new(query: &'q RowsQuery, (place, at_ms): (usize, i64)) -> Option<Self> {
        let (table, _) = schema::all().get_key_value(&query.table)?;
        let (columns, data, others) = (Vec::new(), Map::new(), Vec::new());
        Some(Self { query, table, place, at_ms, columns, data, others })
    }

    fn filled(mut self, Told { event, empty }: &Told) -> Option<Vec<Row>> {
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
        self.timed();
        if has(self.table, "data") {
            let data = serde_json::json!({ "EventData": self.data });
            set_column(&mut self.columns, "data", SqlValue::Text(data.to_string()));
        }
        let own = Row { table: self.table, columns: self.columns, event: self.place, key: None };
        Some(std::iter::once(own).chain(self.others).collect())
    }

    /// When it arrived and as which, and when it happened.
    fn timed(&mut self) {
        let Ok(time) = jiff::Timestamp::from_millisecond(self.at_ms) else { return };
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
        if let (Cell::Pair { .. }, Value::Array(values)) = (cell, value) {
            values.iter().for_each(|value| self.put(cell, value));
            return;
        }
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
            Cell::Elsewhere { table, column, key, by, behind } => {
                let (Some(value), Some(of)) = (fitting(table, column, value), self.looked_up(by)) else {
                    return;
                };
                let part = of.as_text().zip(*behind).and_then(|(text, mark)| text.split_once(mark));
                let of = part.map_or_else(|| of.clone(), |(_, part)| SqlValue::from(part));
                self.beside(table, &[key], vec![(key.clone(), of), (column.clone(), value)]);
            }
            Cell::Chosen { .. } => {
                if let Some(place) = self.told(cell) {
                    self.put(place, &Value::from(text_of(&value)));
                }
            }
            Cell::Age(of) => {
                if let Some(age) = value.as_int() {
                    let then = self.at_ms.div_euclid(1_000).saturating_sub(age);
                    self.put(of, &Value::from(then));
                }
            }
            Cell::Hexadecimal(of) => {
                if let Some(number) = value.as_int() {
                    self.put(of, &Value::from(format!("0x{number:x}")));
                }
            }
            Cell::Words(of) => self.lengthen(of, &value),
            Cell::Tagged { tag, of } => {
                let known = self.text_in(of).filter(|text| text.contains('=')).map(|text| text + ",");
                let tagged = format!("{}{tag}{}", known.unwrap_or_default(), text_of(&value));
                self.put(of, &Value::from(tagged));
            }
            Cell::Pair { table, name, value: holder, key, by } => {
                let text = text_of(&value);
                let Some(of) = self.looked_up(by) else { return };
                let (own, value) = text.split_once('=').unwrap_or((&text, ""));
                let columns = [(key, of), (name, SqlValue::from(own)), (holder, SqlValue::from(value))];
                let columns = columns.map(|(column, value)| (column.clone(), value));
                self.beside(table, &[key, name], columns.to_vec());
            }
        }
    }

    /// Adds words to a place until it has as many as it is to have.
    fn lengthen(&mut self, cell: &Cell, words: &SqlValue) {
        let mut text = self.text_in(cell).unwrap_or_else(|| "x".to_owned());
        let wanted = words.as_int().and_then(|words| usize::try_from(words).ok()).unwrap_or(0).min(MAX_WORDS);
        let missing = wanted.saturating_sub(text.split(' ').count());
        text.extend(std::iter::repeat_n(" x", missing));
        self.put(cell, &Value::from(text));
    }

    /// Which of several places it is in this row.
    fn told<'c>(&self, cell: &'c Cell) -> Option<&'c Cell> {
        let Cell::Chosen { by, places, otherwise } = cell else { return Some(cell) };
        let value = self.text_in(&Cell::Column(by.clone()))?;
        let place = places.iter().find(|(values, _)| values.contains(&value));
        place.map(|(_, place)| place).or(otherwise.as_deref())
    }

    /// What the row has in a place of its own.
    fn own(&self, cell: &Cell) -> Option<SqlValue> {
        match cell {
            Cell::Column(name) => {
                self.columns.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            }
            Cell::Datum(name) => self.data.get(name).and_then(Value::as_str).map(SqlValue::from),
            Cell::Chosen { .. } => self.own(self.told(cell)?),
            _ => None,
        }
    }

    fn text_in(&self, cell: &Cell) -> Option<String> {
        self.own(cell).as_ref().map(text_of)
    }

    /// Adds a row of another table, which a host computes when it is asked.
    fn beside(&mut self, table: &str, key: &[&String], columns: Vec<(String, SqlValue)>) {
        let is_key = |known: &&Key| known.iter().eq(key.iter().copied());
        let (Some((table, _)), Some(key)) = (schema::all().get_key_value(table), KEYS.iter().find(is_key))
        else {
            return;
        };
        self.others.push(Row { table, columns, event: self.place, key: Some(key) });
    }

    /// What the row has in a place by which another is found; where nothing is asked of it, something of its own.
    fn looked_up(&mut self, by: &Cell) -> Option<SqlValue> {
        let known = match by {
            Cell::Column(_) | Cell::Datum(_) | Cell::Chosen { .. } => self.own(by),
            Cell::Elsewhere { table, column, key, by, .. } => {
                let of = self.looked_up(by)?;
                let is_it = |row: &&Row| row.table == table && row.get(key) == Some(&of);
                self.others.iter().filter(is_it).find_map(|row| row.get(column).cloned())
            }
            Cell::Pair { .. }
            | Cell::Words(_)
            | Cell::Tagged { .. }
            | Cell::Age(_)
            | Cell::Hexadecimal(_) => {
                return None;
            }
        };
        if known.is_some() {
            return known;
        }
        let (numbers, from) = match by {
            // A process is none of its parents.
            Cell::Column(name) if name.contains("parent") => (!is_text(self.table, name), 40_000),
            Cell::Column(name) => (!is_text(self.table, name), 50_000),
            Cell::Elsewhere { table, column, .. } => (!is_text(table, column), 60_000),
            _ => (false, 50_000),
        };
        let number = i64::try_from(self.place).unwrap_or(0).saturating_add(from);
        let own = if numbers { Value::from(number) } else { Value::from(format!("C:\\{number}")) };
        self.put(by, &own);
        plain(&own)
    }
}

pub(super) fn has(table: &str, column: &str) -> bool {
    schema::table(table).is_some_and(|table| table.columns.contains_key(column))
}

pub(super) fn is_text(table: &str, column: &str) -> bool {
    schema::table(table)
        .and_then(|table| table.columns.get(column))
        .is_some_and(|column| column.ty == ColumnType::Text)
}

/// The value as a column of its type can hold it: tables have no text in columns of numbers.
fn fitting(table: &str, column: &str, value: SqlValue) -> Option<SqlValue> {
    if column == "cgroup_path" {
        return Some(SqlValue::Text(format!("/docker/{SOME_CONTAINER}")));
    }
    if (table, column) == (YARA, "strings") {
        // What files begin with is told in lower case.
        return Some(SqlValue::Text(text_of(&value).to_lowercase()));
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
        Value::String(text) => Some(match text.parse::<std::net::Ipv6Addr>() {
            // An address has many texts, of which systems write one.
            Ok(address) => SqlValue::Text(address.to_string()),
            Err(_) => SqlValue::from(text.as_str()),
        }),
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
