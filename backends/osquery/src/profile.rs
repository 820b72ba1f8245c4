//! Profiles: log sources as tables and mapped fields as SQL, from `maps/*.columns.yml`.

use std::borrow::Cow;
use std::sync::Arc;

use eqlc_ir::LogSource;
use indexmap::IndexMap;
use serde::Deserialize;
use sqlparser::ast::Expr;

use crate::columns::{Column, ColumnData, Columns, EventData, Kind};
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

/// A log source as rows of a table, under the alias `e`.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) log_source: LogSource,
    /// The platform of the table, as packs name it.
    pub(crate) platform: Arc<str>,
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
    pub(crate) select: Vec<Column>,
    columns: Arc<Columns>,
    data: Option<EventData>,
}

/// A profile.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    pub(crate) requires: Vec<Requirement>,
    tables: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    #[serde(default)]
    requires: Vec<Requirement>,
    platform: String,
    /// SQL of a column that has none of its own; `{name}` is its name.
    template: String,
    /// What columns without a kind are.
    #[serde(default)]
    text: Kind,
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
    /// Where the data of an event stand that have no column.
    #[serde(default)]
    data: Option<EventData>,
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
    #[serde(default)]
    data: Option<EventData>,
    select: Vec<String>,
}

impl Profile {
    /// A profile from the texts of columns files.
    pub(crate) fn parse<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, String> {
        let mut profile = Self::default();
        for text in texts {
            profile.add(text)?;
        }
        Ok(profile)
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        let data: Data = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let columns = Arc::new(Columns::parse(data.columns, &data.template, data.text)?);
        let platform: Arc<str> = data.platform.into();
        for table in data.tables {
            self.tables.push(table.build(&data.defaults, &columns, &platform)?);
        }
        self.requires.extend(data.requires);
        Ok(())
    }

    /// The table of a log source.
    pub(crate) fn table(&self, log_source: &LogSource) -> Option<&Table> {
        self.tables.iter().find(|table| table.log_source == *log_source)
    }

    #[cfg(test)]
    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }
}

impl Table {
    /// The column of a mapped field.
    pub(crate) fn column(&self, name: &str) -> Option<Cow<'_, Column>> {
        match self.columns.get(name) {
            Some(column) => Some(Cow::Borrowed(column)),
            None => self.data.and_then(|data| self.columns.datum(data, name)).map(Cow::Owned),
        }
    }

    #[cfg(test)]
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter()
    }
}

impl TableData {
    fn build(
        self,
        defaults: &Defaults,
        columns: &Arc<Columns>,
        platform: &Arc<str>,
    ) -> Result<Table, String> {
        let filters = [Some(defaults.filter.as_str()), self.filter.as_deref()];
        let filter = filters.into_iter().flatten().filter(|text| *text != "TRUE");
        let mut table = Table {
            log_source: self.log_source,
            platform: Arc::clone(platform),
            table: self.table.unwrap_or_else(|| defaults.table.clone()),
            filter: filter.map(sql::expression).collect::<Result<_, _>>()?,
            arrived: sql::expression(&defaults.arrived)?,
            time: sql::expression(&defaults.time)?,
            clock: defaults.clock,
            order: sql::expression(&defaults.order)?,
            select: Vec::with_capacity(self.select.len()),
            columns: Arc::clone(columns),
            data: self.data.or(defaults.data),
        };
        for name in self.select {
            let column = table.column(&name).ok_or_else(|| format!("no column `{name}`"))?.into_owned();
            table.select.push(column);
        }
        Ok(table)
    }
}
