//! Rows that others leave in a table, alike in everything but in what they are.

use super::{Row, set_column};
use crate::sqlite::SqlValue;

/// Columns that tell what a row of an event table is about, with other things that such tables hold.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("windows_events", "source", &["Application", "System"]),
    ("process_etw_events", "type", &["ProcessStart", "ProcessStop"]),
    (
        "ntfs_journal_events",
        "action",
        &[
            "FileCreation",
            "FileDeletion",
            "FileOverwrite",
            "FileRename_NewName",
            "FileWrite",
            "TransactedChange",
        ],
    ),
    ("process_events", "syscall", &["clone", "execve", "fork", "kill"]),
    ("socket_events", "action", &["accept", "bind", "close", "connect"]),
    ("file_events", "action", &["ACCESSED", "CREATED", "DELETED", "MOVED_TO", "UPDATED"]),
    ("process_file_events", "operation", &["open", "read", "rename", "unlink", "write"]),
    ("es_process_events", "event_type", &["exec", "exit", "fork"]),
    ("es_process_file_events", "event_type", &["create", "open", "rename", "write"]),
];

/// Columns that do so with a number, with how far the others are away.
const NUMBERS: &[(&str, &str, &[i64])] =
    &[("windows_events", "eventid", &[-1, 1]), ("socket_events", "family", &[-1, 1])];

/// The place of the first row that comes behind all those of a stream.
pub(crate) const CROWD: usize = 1_000_000;
/// The place that the first event of a stream gets among others.
const AMONG: usize = 500_000;
/// The most rows that are put before others, and behind.
const MOST: usize = 48;

/// The rows of a host among others, which come before and behind them at the same time; numbered so.
pub(crate) fn crowd(rows: &[Row]) -> Vec<Row> {
    let others: Vec<Row> = rows.iter().filter(|row| row.key.is_none()).flat_map(of_row).take(MOST).collect();
    let own = rows.iter().map(|row| match row.key {
        Some(_) => row.clone(),
        None => numbered(row, AMONG + row.event),
    });
    let before = others.iter().enumerate().map(|(at, row)| numbered(row, at));
    let behind = others.iter().enumerate().map(|(at, row)| numbered(row, CROWD + at));
    before.chain(own).chain(behind).collect()
}

fn numbered(row: &Row, place: usize) -> Row {
    let mut row = row.clone();
    row.event = place;
    set_column(&mut row.columns, "eid", super::eid(place));
    row
}

fn of_row(row: &Row) -> Vec<Row> {
    let mut found = Vec::new();
    let mut add = |column: &str, value: SqlValue| {
        if row.get(column).is_some_and(|own| *own != value) {
            let mut other = row.clone();
            set_column(&mut other.columns, column, value);
            found.push(other);
        }
    };
    for (_, column, values) in KINDS.iter().filter(|(table, ..)| *table == row.table) {
        values.iter().for_each(|value| add(column, SqlValue::from(*value)));
    }
    for (_, column, away) in NUMBERS.iter().filter(|(table, ..)| *table == row.table) {
        let own = row.get(column).and_then(SqlValue::as_int);
        for away in own.iter().flat_map(|own| away.iter().map(move |away| own.saturating_add(*away))) {
            add(column, SqlValue::Int(away));
        }
    }
    found
}
