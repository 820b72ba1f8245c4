//! SQLite with the tables and functions of osquery.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, Error, params};

use crate::{functions, schema};

/// An engine with all tables empty and the time set.
pub(super) fn engine(now_s: i64) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let tables: Vec<String> = schema::all().iter().map(|(name, table)| table.create_sql(name)).collect();
    connection.execute_batch(&tables.join(";")).unwrap();
    connection.execute("INSERT INTO time(unix_time) VALUES (?)", [now_s]).unwrap();
    register(&connection);
    connection
}

fn register(connection: &Connection) {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let text = |context: &rusqlite::functions::Context<'_>, at: usize| context.get::<Option<String>>(at);
    connection
        .create_scalar_function("inet_aton", 1, flags, move |context| {
            Ok(text(context, 0)?.and_then(|address| functions::inet_aton(&address)))
        })
        .unwrap();
    connection
        .create_scalar_function("in_cidr_block", 2, flags, move |context| {
            let (block, address) =
                (text(context, 0)?.unwrap_or_default(), text(context, 1)?.unwrap_or_default());
            functions::in_cidr_block(&block, &address).map_err(|why| Error::UserFunctionError(why.into()))
        })
        .unwrap();
    connection
        .create_scalar_function("regex_match", 3, flags, move |context| {
            let (Some(value), Some(pattern)) = (text(context, 0)?, text(context, 1)?) else {
                return Ok(None);
            };
            assert!(pattern.len() <= 256);
            let regex = regex::Regex::new(&pattern).map_err(|why| Error::UserFunctionError(why.into()))?;
            Ok(regex.find(&value).map(|found| found.as_str().to_owned()))
        })
        .unwrap();
}

/// A Sysmon event as a row of `windows_events`.
pub(super) fn add_sysmon(
    connection: &Connection,
    eid: i64,
    eventid: i64,
    time_ms: i64,
    data: &[(&str, &str)],
) {
    let mut fields = serde_json::Map::new();
    fields.insert("UtcTime".to_owned(), utc(time_ms).into());
    for (name, value) in data {
        fields.insert((*name).to_owned(), (*value).into());
    }
    let json = serde_json::json!({ "EventData": fields }).to_string();
    connection
        .execute(
            "INSERT INTO windows_events(eid, time, source, eventid, data) VALUES (?, ?, ?, ?, ?)",
            params![
                format!("{eid:010}"),
                time_ms / 1000,
                "Microsoft-Windows-Sysmon/Operational",
                eventid,
                json
            ],
        )
        .unwrap();
}

/// As Sysmon writes times; for the first day of 2026 and behind.
pub(super) fn utc(time_ms: i64) -> String {
    let (seconds, ms) = (time_ms.div_euclid(1000), time_ms.rem_euclid(1000));
    let (day, second) = ((seconds - START_S) / 86_400, (seconds - START_S) % 86_400);
    format!("2026-01-{:02} {:02}:{:02}:{:02}.{ms:03}", day + 1, second / 3600, second / 60 % 60, second % 60)
}

/// 2026-01-01 00:00:00 UTC.
pub(super) const START_S: i64 = 1_767_225_600;

/// The named columns of all rows of a query.
pub(super) fn rows(connection: &Connection, sql: &str, columns: &[String]) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let at: Vec<usize> = columns.iter().map(|name| statement.column_index(name).unwrap()).collect();
    let rows = statement.query_map([], |row| at.iter().map(|at| row.get(*at)).collect()).unwrap();
    rows.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

/// The `eid`s of a query over single events.
pub(super) fn eids(connection: &Connection, sql: &str) -> Vec<i64> {
    rows(connection, sql, &["eid".to_owned()])
        .into_iter()
        .map(|row| match row.as_slice() {
            [Value::Integer(eid)] => *eid,
            other => panic!("no number: {other:?}"),
        })
        .collect()
}
