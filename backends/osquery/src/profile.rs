//! Profiles: log sources as tables and mapped fields as SQL, from `maps/*.columns.yml`.

use eqlc_ir::LogSource;
use indexmap::IndexMap;
use serde::Deserialize;
use sqlparser::ast::Expr;

use crate::sql;

/// What an agent of osquery must be started with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The flag with its value.
    pub flag: String,
    /// What it is good for; lower case, no full stop.
    pub why: String,
}

/// How fine the time of events is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Clock {
    /// Milliseconds.
    Millisecond,
    /// Whole seconds.
    Second,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Text; the empty text is no value.
    #[default]
    Text,
    /// A number of SQL.
    Integer,
    /// Text that writes a number in decimal digits; other text is no value.
    Digits,
}

/// A mapped field as SQL.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Binds tighter than any operator of a condition.
    pub(crate) expr: Expr,
    pub(crate) kind: Kind,
}

/// A log source as rows of a table, under the alias `e`.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) log_source: LogSource,
    pub(crate) table: String,
    /// Which rows of the table belong to the source.
    pub(crate) filter: Vec<Expr>,
    /// When the row arrived, in whole seconds since 1970; osquery finds rows by it.
    pub(crate) arrived: Expr,
    /// When the event happened, in milliseconds since 1970.
    pub(crate) time: Expr,
    pub(crate) clock: Clock,
    /// Number of the row inside its table, in the order of arrival.
    pub(crate) order: Expr,
    /// Columns that a match shows.
    pub(crate) select: Vec<String>,
}

/// A profile.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) requires: Vec<Requirement>,
    /// The platform of its tables, as packs name it.
    pub(crate) platform: String,
    tables: Vec<Table>,
    columns: IndexMap<String, Column>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    requires: Vec<Requirement>,
    platform: String,
    /// SQL of a column that has none of its own; `{name}` is its name.
    template: String,
    defaults: Defaults,
    columns: IndexMap<String, ColumnData>,
    tables: Vec<TableData>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    table: String,
    filter: String,
    arrived: String,
    time: String,
    clock: Clock,
    order: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnData {
    #[serde(default)]
    sql: Option<String>,
    #[serde(default)]
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableData {
    log_source: LogSource,
    #[serde(default)]
    table: Option<String>,
    /// Beside that of the defaults.
    #[serde(default)]
    filter: Option<String>,
    select: Vec<String>,
}

impl Profile {
    /// A profile from the text of its columns file.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let data: Data = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let mut columns = IndexMap::new();
        for (name, column) in data.columns {
            let text = column.sql.unwrap_or_else(|| data.template.replace("{name}", &name));
            let expr = sql::atom(sql::expression(&text)?);
            columns.insert(name.clone(), Column { name, expr, kind: column.kind });
        }
        let mut tables = Vec::with_capacity(data.tables.len());
        for table in data.tables {
            tables.push(table.build(&data.defaults, &columns)?);
        }
        Ok(Self { requires: data.requires, platform: data.platform, tables, columns })
    }

    /// The table of a log source.
    pub(crate) fn table(&self, log_source: &LogSource) -> Option<&Table> {
        self.tables.iter().find(|table| table.log_source == *log_source)
    }

    /// The column of a mapped field.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    #[cfg(test)]
    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    #[cfg(test)]
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.values()
    }
}

impl TableData {
    fn build(self, defaults: &Defaults, columns: &IndexMap<String, Column>) -> Result<Table, String> {
        if let Some(name) = self.select.iter().find(|name| !columns.contains_key(*name)) {
            return Err(format!("no column `{name}`"));
        }
        let filters = [Some(defaults.filter.as_str()), self.filter.as_deref()];
        let filter = filters.into_iter().flatten().filter(|text| *text != "TRUE");
        Ok(Table {
            log_source: self.log_source,
            table: self.table.unwrap_or_else(|| defaults.table.clone()),
            filter: filter.map(sql::expression).collect::<Result<_, _>>()?,
            arrived: sql::expression(&defaults.arrived)?,
            time: sql::expression(&defaults.time)?,
            clock: defaults.clock,
            order: sql::expression(&defaults.order)?,
            select: self.select,
        })
    }
}
