//! SQLite as osquery has it.

use eqlc_backend_osquery::schema;
use eqlc_verify::sqlite::{Column, ColumnType, Database, Table};

/// An engine with every table of osquery, all empty.
#[derive(Debug)]
pub struct Prepared(Database);

impl Prepared {
    /// An engine for queries of any platform.
    ///
    /// # Panics
    /// SQLite refuses a declaration; a bug of the data.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "making one is work")]
    pub fn new() -> Self {
        let tables = schema::all().iter().map(|(name, table)| declared(name, table));
        Self(Database::new(tables).expect("the tables"))
    }

    /// Whether a query prepares and runs.
    ///
    /// # Errors
    /// What SQLite says of it.
    pub fn prepare(&self, query: &str) -> Result<(), String> {
        self.0.query(query).map(drop).map_err(|error| error.to_string())
    }
}

fn declared(name: &str, table: &schema::Table) -> Table {
    let columns = table.columns.iter().map(|(name, column)| {
        let declared = Column::new(name, ColumnType::from_name(column.ty.sql()).unwrap_or(ColumnType::Text));
        match &column.collate {
            Some(collation) => declared.collated(collation),
            None => declared,
        }
    });
    Table { name: name.to_owned(), columns: columns.collect() }
}

/// An engine with some tables of osquery, and its clock.
///
/// # Errors
/// There is no such table, or SQLite refuses a declaration.
pub fn database(tables: &[&str]) -> Result<Database, String> {
    let declared = ["time"].iter().chain(tables).map(|name| {
        let table = schema::table(name).ok_or_else(|| format!("osquery has no table `{name}`"))?;
        Ok(declared(name, table))
    });
    let declared: Vec<Table> = declared.collect::<Result<_, String>>()?;
    Database::new(declared).map_err(|error| error.to_string())
}
