//! Values and rows that go in and come out, and what may go wrong.

use std::fmt;

use rusqlite::types::{Value, ValueRef};

/// One value of SQLite. osquery has no others: times are numbers or text, truth is 0 or 1.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum SqlValue {
    /// No value.
    Null,
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text. Bytes that are no UTF-8 come out with replacement characters.
    Text(String),
}

impl SqlValue {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn from_sqlite(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Int(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                Self::Text(String::from_utf8_lossy(bytes).into_owned())
            }
        }
    }

    pub(super) fn into_sqlite(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Integer(number),
            Self::Real(number) => Value::Real(number),
            Self::Text(text) => Value::Text(text),
        }
    }
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for SqlValue {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl fmt::Display for SqlValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number:?}"),
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
        }
    }
}

/// One row of a result: its columns in the order of the query.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultRow {
    columns: Vec<(String, SqlValue)>,
}

impl ResultRow {
    pub(super) fn new(columns: Vec<(String, SqlValue)>) -> Self {
        Self { columns }
    }

    /// The value of a column; of the first one where several have the name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SqlValue> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, value)| value)
    }

    /// Names and values, left to right.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &SqlValue)> {
        self.columns.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// Why a query or an insertion did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlError {
    /// SQLite or one of osquery's functions refused, with its message. In osquery the whole query fails.
    Failed(String),
    /// The statement does something else than read, or calls a function that osquery's SQLite lacks.
    Denied(String),
    /// The query was stopped after so many steps of SQLite's machine.
    OutOfSteps(u64),
    /// The query yields more rows than this.
    TooManyRows(usize),
    /// No such table was declared.
    UnknownTable(String),
    /// The table was declared without this column.
    UnknownColumn {
        /// The table.
        table: String,
        /// The column that it lacks.
        column: String,
    },
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(message) => write!(f, "the query failed: {message}"),
            Self::Denied(message) => write!(f, "the query does what osquery denies: {message}"),
            Self::OutOfSteps(steps) => write!(f, "the query was stopped after {steps} steps"),
            Self::TooManyRows(rows) => write!(f, "the query yields more than {rows} rows"),
            Self::UnknownTable(table) => write!(f, "there is no table `{table}`"),
            Self::UnknownColumn { table, column } => write!(f, "table `{table}` has no column `{column}`"),
        }
    }
}

impl std::error::Error for SqlError {}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        let message = match error {
            rusqlite::Error::SqliteFailure(_, Some(message)) => message,
            rusqlite::Error::SqlInputError { msg, .. } => msg,
            other => other.to_string(),
        };
        // A denied function has no code of its own, but all denials begin alike, or end so for a column.
        if message.starts_with(NOT_AUTHORIZED) || message.ends_with("is prohibited") {
            Self::Denied(message)
        } else {
            Self::Failed(message)
        }
    }
}

const NOT_AUTHORIZED: &str = "not authorized";
