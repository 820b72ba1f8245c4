//! Tables as osquery declares them, and how osquery fills their columns.

use super::SqlValue;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text; osquery's dates too.
    Text,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    BigInt,
    /// A number that osquery calls unsigned and keeps in 64 bits with a sign.
    UnsignedBigInt,
    /// A floating-point number.
    Double,
}

impl ColumnType {
    /// The type of a name as table specifications write it, in any letter case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "text" | "date" | "datetime" | "blob" => Some(Self::Text),
            "integer" => Some(Self::Integer),
            "bigint" => Some(Self::BigInt),
            "unsigned_bigint" | "unsigned bigint" => Some(Self::UnsignedBigInt),
            "double" => Some(Self::Double),
            _ => None,
        }
    }

    fn declaration(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Integer => "INTEGER",
            Self::BigInt => "BIGINT",
            Self::UnsignedBigInt => "UNSIGNED BIGINT",
            Self::Double => "DOUBLE",
        }
    }

    /// What osquery makes of a value when it fills a row: everything is text at first, text that is no
    /// number becomes NULL in a column of numbers, and a text that is missing is empty (`mapping.md §1.6`).
    pub(super) fn store(self, value: SqlValue) -> SqlValue {
        match (self, value) {
            (Self::Text, SqlValue::Null) => SqlValue::Text(String::new()),
            (Self::Text, SqlValue::Int(number)) => SqlValue::Text(number.to_string()),
            (Self::Text, SqlValue::Real(number)) => SqlValue::Text(format!("{number:?}")),
            (Self::Text, text @ SqlValue::Text(_)) => text,
            (Self::Integer, value) => whole(value).map_or(SqlValue::Null, |number| {
                // osquery hands the number to `sqlite3_result_int`, which takes the low 32 bits.
                SqlValue::Int(i64::from(number as i32))
            }),
            (Self::BigInt | Self::UnsignedBigInt, value) => {
                whole(value).map_or(SqlValue::Null, SqlValue::Int)
            }
            (Self::Double, SqlValue::Int(number)) => SqlValue::Real(number as f64),
            (Self::Double, SqlValue::Text(text)) => text.parse().map_or(SqlValue::Null, SqlValue::Real),
            (Self::Double, value) => value,
        }
    }
}

fn whole(value: SqlValue) -> Option<i64> {
    match value {
        SqlValue::Int(number) => Some(number),
        SqlValue::Text(text) => match text.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        },
        SqlValue::Real(_) | SqlValue::Null => None,
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnType,
    /// Its collation, if not SQLite's own: `nocase`, `version`, `version_arch`, `version_dpkg`,
    /// `version_rhel`.
    pub collate: Option<String>,
}

impl Column {
    /// A column with SQLite's own collation.
    #[must_use]
    pub fn new(name: &str, kind: ColumnType) -> Self {
        Self { name: name.to_owned(), kind, collate: None }
    }

    /// The same column with a collation.
    #[must_use]
    pub fn collated(mut self, collation: &str) -> Self {
        self.collate = Some(collation.to_owned());
        self
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, hidden ones included.
    pub columns: Vec<Column>,
}

impl Table {
    /// A table of osquery, with the types and collations of its columns.
    #[must_use]
    pub fn of_osquery(name: &str, table: &eqlc_backend_osquery::schema::Table) -> Self {
        let columns = table.columns.iter().map(|(name, column)| {
            let kind = ColumnType::from_name(column.ty.sql()).unwrap_or(ColumnType::Text);
            let declared = Column::new(name, kind);
            match &column.collate {
                Some(collation) => declared.collated(collation),
                None => declared,
            }
        });
        Self { name: name.to_owned(), columns: columns.collect() }
    }

    pub(super) fn declaration(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(column_declaration).collect();
        format!("CREATE TABLE {} ({})", quoted(&self.name), columns.join(", "))
    }

    pub(super) fn insertion(&self) -> String {
        let places: Vec<&str> = self.columns.iter().map(|_| "?").collect();
        format!("INSERT INTO {} VALUES ({})", quoted(&self.name), places.join(", "))
    }
}

fn column_declaration(column: &Column) -> String {
    let collate = column.collate.as_deref().map(|name| format!(" COLLATE {}", quoted(name)));
    format!("{} {}{}", quoted(&column.name), column.kind.declaration(), collate.unwrap_or_default())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
