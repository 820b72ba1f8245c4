//! The engine.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::guard::{Guard, MAX_STEPS};
use super::{ResultRow, SqlError, SqlValue, Table, functions, time};

const MAX_ROWS: usize = 100_000;
const TIME_TABLE: &str = "time";
/// Sorting a few rows must not open a file, which takes longer than all else of a small query; and nothing is rolled back.
const IN_MEMORY: &str = "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = OFF;";

/// A database in memory that answers as osquery would if its tables held the rows that were inserted.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    guard: Guard,
    tables: BTreeMap<String, Declared>,
    /// Those that may hold rows.
    filled: BTreeSet<String>,
}

/// A table with what is asked of it over and over.
#[derive(Debug)]
struct Declared {
    table: Table,
    insertion: String,
    deletion: String,
}

impl Declared {
    fn new(table: Table) -> Self {
        let deletion = format!("DELETE FROM \"{}\"", table.name.replace('"', "\"\""));
        Self { insertion: table.insertion(), deletion, table }
    }
}

impl Database {
    /// A database with these tables, all empty.
    ///
    /// # Errors
    /// A table or column is declared twice, or SQLite refuses a declaration.
    pub fn new(tables: impl IntoIterator<Item = Table>) -> Result<Self, SqlError> {
        let mut connection = Connection::open_in_memory()?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.execute_batch(IN_MEMORY)?;
        functions::register(&connection)?;
        let guard = Guard::default();
        guard.watch(&mut connection)?;
        let mut database = Self { connection, guard, tables: BTreeMap::new(), filled: BTreeSet::new() };
        for table in tables {
            database.declare(table)?;
        }
        Ok(database)
    }

    /// Whether a table is declared.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Declares another table, empty.
    ///
    /// # Errors
    /// It is declared already, or SQLite refuses the declaration.
    pub fn declare(&mut self, table: Table) -> Result<(), SqlError> {
        self.guard.rewind();
        self.connection.execute(&table.declaration(), [])?;
        self.tables.insert(table.name.clone(), Declared::new(table));
        Ok(())
    }

    /// Adds a row. A column that is not given is what osquery shows for it: empty for text, else NULL.
    ///
    /// # Errors
    /// No such table or column.
    pub fn insert(&mut self, table: &str, columns: &[(String, SqlValue)]) -> Result<(), SqlError> {
        let declared = self.tables.get(table).ok_or_else(|| SqlError::UnknownTable(table.to_owned()))?;
        let unknown = |name: &str| !declared.table.columns.iter().any(|column| column.name == name);
        if let Some((column, _)) = columns.iter().find(|(name, _)| unknown(name)) {
            return Err(SqlError::UnknownColumn { table: table.to_owned(), column: column.clone() });
        }
        let values: Vec<Value> = declared
            .table
            .columns
            .iter()
            .map(|column| {
                let given = columns.iter().find(|(name, _)| *name == column.name);
                let value = given.map_or(SqlValue::Null, |(_, value)| value.clone());
                column.kind.store(value).into_sqlite()
            })
            .collect();
        self.guard.rewind();
        self.connection.prepare_cached(&declared.insertion)?.execute(params_from_iter(values))?;
        if !self.filled.contains(table) {
            self.filled.insert(table.to_owned());
        }
        Ok(())
    }

    /// Sets the clock: the one row of the table `time`, in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// The table `time` was not declared.
    pub fn set_time(&mut self, unix_seconds: i64) -> Result<(), SqlError> {
        let declared =
            self.tables.get(TIME_TABLE).ok_or_else(|| SqlError::UnknownTable(TIME_TABLE.to_owned()))?;
        let mut row = time::row(unix_seconds);
        row.retain(|(name, _)| declared.table.columns.iter().any(|column| column.name == *name));
        self.guard.rewind();
        self.connection.prepare_cached("DELETE FROM \"time\"")?.execute([])?;
        self.insert(TIME_TABLE, &row)
    }

    /// Takes out all rows of all tables, the clock's included.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn clear(&mut self) -> Result<(), SqlError> {
        for name in std::mem::take(&mut self.filled) {
            let Some(declared) = self.tables.get(&name) else { continue };
            self.guard.rewind();
            self.connection.prepare_cached(&declared.deletion)?.execute([])?;
        }
        Ok(())
    }

    /// Runs one `SELECT`.
    ///
    /// # Errors
    /// The query fails as it would in osquery, does more than read, holds several statements, runs for too
    /// long or yields too much.
    pub fn query(&self, sql: &str) -> Result<Vec<ResultRow>, SqlError> {
        let result = self.guard.query(|| self.rows(sql));
        if result.is_err() && self.guard.ran_out() {
            return Err(SqlError::OutOfSteps(MAX_STEPS));
        }
        result
    }

    fn rows(&self, sql: &str) -> Result<Vec<ResultRow>, SqlError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut cursor = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(row) = cursor.next()? {
            if rows.len() == MAX_ROWS {
                return Err(SqlError::TooManyRows(MAX_ROWS));
            }
            let mut columns = Vec::with_capacity(names.len());
            for (place, name) in names.iter().enumerate() {
                columns.push((name.clone(), SqlValue::from_sqlite(row.get_ref(place)?)));
            }
            rows.push(ResultRow::new(columns));
        }
        Ok(rows)
    }
}
