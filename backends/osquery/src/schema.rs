//! The tables of osquery: facts from the table specifications of osquery 5.23.

use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;

/// A table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Operating systems that have it: `darwin`, `linux`, `windows`.
    pub platforms: Vec<String>,
    /// Whether its rows are events.
    #[serde(default)]
    pub evented: bool,
    /// Other names that queries may call it by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Columns by name.
    pub columns: IndexMap<String, Column>,
}

/// A column.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Type of its values.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Whether `SELECT *` leaves it out.
    #[serde(default)]
    pub hidden: bool,
    /// Whether a query fails without a condition on it (or on another required column).
    #[serde(default)]
    pub required: bool,
    /// Whether the table looks rows up by it.
    #[serde(default)]
    pub index: bool,
    /// Whether a condition on it changes how the table makes rows.
    #[serde(default)]
    pub additional: bool,
    /// Whether all values that a condition asks for reach the table at once.
    #[serde(default)]
    pub optimized: bool,
    /// Other names that queries may call it by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Collation, if it is not `BINARY`.
    #[serde(default)]
    pub collate: Option<String>,
    /// Operating systems where it has values; none named: all of the table.
    #[serde(default)]
    pub platforms: Vec<String>,
}

/// Type of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text.
    Text,
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    Bigint,
    /// 64 bits, unsigned.
    UnsignedBigint,
    /// A number with a fraction.
    Double,
}

impl ColumnType {
    /// The type in SQL.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Integer => "INTEGER",
            Self::Bigint => "BIGINT",
            Self::UnsignedBigint => "UNSIGNED BIGINT",
            Self::Double => "DOUBLE",
        }
    }
}

static SCHEMA: OnceLock<IndexMap<String, Table>> = OnceLock::new();

/// Every table by name, in the order of names.
///
/// The data is compiled in and a test parses it.
pub fn all() -> &'static IndexMap<String, Table> {
    SCHEMA
        .get_or_init(|| serde_json::from_str(include_str!("../data/osquery_schema.json")).unwrap_or_default())
}

/// The tables of a platform (`windows`, `linux`, `darwin`), in the order of names.
pub fn tables(platform: &str) -> impl Iterator<Item = (&'static str, &'static Table)> {
    all()
        .iter()
        .filter(move |(_, table)| table.platforms.iter().any(|name| name == platform))
        .map(|(name, table)| (name.as_str(), table))
}

/// The table of this name, which may be an alias.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    let aliased = || all().values().find(|table| table.aliases.iter().any(|alias| alias == name));
    all().get(name).or_else(aliased)
}

impl Table {
    /// The column of this name, which may be an alias.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        let aliased =
            || self.columns.values().find(|column| column.aliases.iter().any(|alias| alias == name));
        self.columns.get(name).or_else(aliased)
    }

    /// Every name that a query may call a column by.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        let own = self.columns.iter();
        own.flat_map(|(name, column)| std::iter::once(name).chain(&column.aliases)).map(String::as_str)
    }

    /// A `CREATE TABLE` statement for an engine that stands in for osquery. Collations of osquery's own (of
    /// versions) are left out, since SQLite does not know them.
    #[must_use]
    pub fn create_sql(&self, name: &str) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(column, about)| {
                let nocase = about.collate.as_deref() == Some("nocase");
                format!("\"{column}\" {}{}", about.ty.sql(), if nocase { " COLLATE NOCASE" } else { "" })
            })
            .collect();
        format!("CREATE TABLE \"{name}\" ({})", columns.join(", "))
    }
}
