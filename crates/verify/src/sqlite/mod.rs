//! osquery's SQL, run on rows that are given: the engine that tells whether a query for osquery finds what
//! it should.
//!
//! It is SQLite in memory with osquery's functions and collations, and with osquery's way of filling
//! columns (`mapping.md §1.6–1.7`). It is not osquery:
//!
//! * tables are plain tables, so a query may leave out a required column (`authenticode.path`), and
//!   `SELECT *` shows hidden columns too;
//! * functions that SQLite added after osquery's 3.42 are denied, as is everything but reading;
//! * text in double quotes is a name and never a string, which is stricter than osquery.

mod database;
mod functions;
mod guard;
mod schema;
mod time;
mod value;

pub use database::Database;
pub use schema::{Column, ColumnType, Table};
pub use value::{ResultRow, SqlError, SqlValue};

#[cfg(test)]
mod tests;
