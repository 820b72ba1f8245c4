//! Profiles: log sources as tables and mapped fields as SQL, from `maps/*.columns.yml`.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use eqlc_backend::mapping::Rows;
use eqlc_ir::LogSource;
use indexmap::IndexMap;
use serde::Deserialize;
use sqlparser::ast::{BinaryOperator, Expr};

use crate::columns::{Column, ColumnData, Columns, EventData, Kind};
use crate::{literal, raw, schema, sql};

/// A flag that an agent must be started with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flag {
    /// `--name=value`.
    pub(crate) flag: String,
    /// The tables that need it; none: all of the file.
    #[serde(default)]
    pub(crate) tables: Vec<String>,
    /// Whether rules that need it run nowhere without it.
    #[serde(default = "yes")]
    pub(crate) gate: bool,
    /// What it is good for; lower case, no full stop.
    pub(crate) why: String,
}

fn yes() -> bool {
    true
}

/// What has the channel of a row of Windows' event log.
const CHANNEL: &str = "e.source";

/// The flag that lists the channels of Windows' event log to read.
pub(crate) const CHANNELS: &str = "windows_event_channels";

impl Flag {
    /// The name without its dashes, and the value.
    pub(crate) fn parts(&self) -> (&str, &str) {
        self.flag.trim_start_matches('-').split_once('=').unwrap_or((&self.flag, "true"))
    }

    /// Whether one of these tables needs it.
    pub(crate) fn serves(&self, tables: &[String]) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|table| tables.contains(table))
    }
}

/// Which files a table is to be told of.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// The column with the path.
    pub(crate) column: String,
    /// What is watched where a rule does not say.
    pub(crate) folders: Arc<[String]>,
    /// What stands between the parts of a path.
    pub(crate) separator: char,
    /// Whether rows are of accesses, which are asked for by themselves.
    pub(crate) accesses: bool,
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
    /// What an agent must be started with for the tables of its file.
    pub(crate) flags: Arc<[Flag]>,
    /// For a table of files.
    pub(crate) watched: Option<Watched>,
    columns: Arc<Columns>,
    /// The columns of the same table for other services, which name them otherwise.
    beside: Vec<(Arc<str>, Arc<Columns>)>,
    data: Option<EventData>,
}

/// What stands between a service and the name of a column that it has for a table.
const SERVICE: char = ':';

/// A profile.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    /// What an agent must be started with, beside its platform.
    pub(crate) flags: Vec<(Arc<str>, Flag)>,
    tables: Vec<Written>,
}

/// A table as it is written, and as it was read when it was first asked for: a rule needs one of many.
#[derive(Debug)]
struct Written {
    data: TableData,
    common: Arc<Common>,
    /// The columns of the same table for other services, which name them otherwise.
    beside: Vec<(Arc<str>, Arc<Columns>)>,
    read: OnceLock<Option<Table>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    #[serde(default)]
    requires: Vec<Flag>,
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

#[derive(Debug, Deserialize)]
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
    /// What is watched for a rule on files that does not say where they are.
    #[serde(default)]
    folders: Vec<String>,
    /// What stands between the parts of a path.
    #[serde(default)]
    separator: Option<char>,
}

#[derive(Debug, Deserialize)]
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
    /// The column with the path, for a table that is told which files to watch.
    #[serde(default)]
    watches: Option<String>,
    /// Whether rows are of accesses to files.
    #[serde(default)]
    accesses: bool,
    select: Vec<String>,
}

/// What the tables of a file have in common.
#[derive(Debug)]
struct Common {
    defaults: Defaults,
    columns: Arc<Columns>,
    platform: Arc<str>,
    flags: Arc<[Flag]>,
    folders: Arc<[String]>,
}

impl Profile {
    /// A profile from the texts of columns files.
    pub(crate) fn parse<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, String> {
        let mut profile = Self::default();
        for text in texts {
            profile.add(text)?;
        }
        profile.join();
        Ok(profile)
    }

    /// Gives each table the columns that other services have for it.
    fn join(&mut self) {
        let mut known: Vec<(String, Arc<str>, Arc<Columns>)> = Vec::new();
        for table in &self.tables {
            let Some(service) = &table.data.log_source.service else { continue };
            if !known.iter().any(|(of, name, _)| *of == table.name() && **name == **service) {
                let columns = Arc::clone(&table.common.columns);
                known.push((table.name().to_owned(), service.as_str().into(), columns));
            }
        }
        for table in &mut self.tables {
            let (name, own) = (table.name(), &table.common.columns);
            let others = known.iter().filter(|(of, _, columns)| *of == name && !Arc::ptr_eq(columns, own));
            table.beside = others.map(|(_, name, columns)| (Arc::clone(name), Arc::clone(columns))).collect();
        }
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        let data: Data = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let columns = Arc::new(Columns::new(data.columns, data.template, data.text));
        let common = Arc::new(Common {
            columns,
            platform: data.platform.into(),
            flags: data.requires.into(),
            folders: data.defaults.folders.clone().into(),
            defaults: data.defaults,
        });
        for data in data.tables {
            let (common, beside, read) = (Arc::clone(&common), Vec::new(), OnceLock::new());
            self.tables.push(Written { data, common, beside, read });
        }
        self.flags.extend(common.flags.iter().map(|flag| (Arc::clone(&common.platform), flag.clone())));
        Ok(())
    }

    /// The table of a log source.
    ///
    /// The SQL is compiled in and a test reads all of it.
    pub(crate) fn table(&self, log_source: &LogSource) -> Option<&Table> {
        let written = self.tables.iter().find(|table| table.data.log_source == *log_source)?;
        written.read.get_or_init(|| written.table().ok()).as_ref()
    }

    #[cfg(test)]
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().map(|written| {
            let name = &written.data.log_source;
            written.table().unwrap_or_else(|error| panic!("{name}: {error}"));
            self.table(name).unwrap()
        })
    }
}

impl Table {
    /// The name of a column that another service has for the same table.
    pub(crate) fn name_in(service: &str, column: &str) -> String {
        format!("{service}{SERVICE}{column}")
    }

    /// The column of a mapped field.
    pub(crate) fn column(&self, name: &str) -> Option<Cow<'_, Column>> {
        let of_service = name.split_once(SERVICE).and_then(|(service, name)| {
            let (_, columns) = self.beside.iter().find(|(known, _)| **known == *service)?;
            Some((columns, name))
        });
        let (columns, name) = of_service.unwrap_or((&self.columns, name));
        match columns.get(name) {
            Some(column) => Some(Cow::Borrowed(column)),
            None => raw::column(&self.table, name)
                .or_else(|| self.data.and_then(|data| columns.datum(data, name)))
                .map(Cow::Owned),
        }
    }

    /// Whether the table has the columns that a mapped field is made of: the tables of a file share their fields.
    pub(crate) fn fills(&self, column: &Column) -> bool {
        let Some(table) = schema::table(&self.table) else { return false };
        let each = column.each.iter().map(ToString::to_string);
        let text = std::iter::once(column.expr.to_string()).chain(each).collect::<Vec<_>>().join(" ");
        let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
        words.all(|word| word.strip_prefix("e.").is_none_or(|name| table.columns.contains_key(name)))
    }

    /// The channels of Windows' event log that its rows come from; none where that is no part of its filter.
    pub(crate) fn channels(&self) -> Vec<String> {
        self.picks().swap_remove(CHANNEL).unwrap_or_default()
    }

    /// Whether the rows of another log source look the same: they are of one table, and each name is one expression
    /// there.
    pub(crate) fn has_same_form(&self, other: &Self) -> bool {
        self.table == other.table
            && Arc::ptr_eq(&self.columns, &other.columns)
            && self.time == other.time
            && self.order == other.order
            && self.arrived == other.arrived
    }

    /// Which rows it has of its table.
    pub(crate) fn rows(&self) -> Rows {
        let filter: Vec<String> = self.filter.iter().map(ToString::to_string).collect();
        Rows { table: self.table.clone(), filter: filter.join(" AND "), picks: self.picks() }
    }

    /// The values one of which each of its rows has, by the expression that has it.
    fn picks(&self) -> IndexMap<String, Vec<String>> {
        let mut found = IndexMap::new();
        let mut open: Vec<&Expr> = self.filter.iter().collect();
        while let Some(expr) = open.pop() {
            let (picked, values) = match expr {
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                    open.extend([&**right, &**left]);
                    continue;
                }
                Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                    (left, std::slice::from_ref(&**right))
                }
                Expr::InList { expr, list, negated: false } => (expr, list.as_slice()),
                _ => continue,
            };
            if let Some(values) = values.iter().map(literal::plain).collect::<Option<Vec<_>>>() {
                found.insert(picked.to_string(), values);
            }
        }
        found
    }

    #[cfg(test)]
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter()
    }
}

impl Written {
    /// The name of the table.
    fn name(&self) -> &str {
        self.data.table.as_ref().unwrap_or(&self.common.defaults.table)
    }

    fn table(&self) -> Result<Table, String> {
        let (data, common) = (&self.data, &self.common);
        let defaults = &common.defaults;
        let filters = [Some(defaults.filter.as_str()), data.filter.as_deref()];
        let filter = filters.into_iter().flatten().filter(|text| *text != "TRUE");
        let watched = data.watches.as_ref().map(|column| Watched {
            column: column.clone(),
            folders: Arc::clone(&common.folders),
            separator: defaults.separator.unwrap_or('/'),
            accesses: data.accesses,
        });
        let mut table = Table {
            log_source: data.log_source.clone(),
            platform: Arc::clone(&common.platform),
            table: self.name().to_owned(),
            filter: filter.map(sql::expression).collect::<Result<_, _>>()?,
            arrived: sql::expression(&defaults.arrived)?,
            time: sql::expression(&defaults.time)?,
            clock: defaults.clock,
            order: sql::expression(&defaults.order)?,
            select: Vec::with_capacity(data.select.len()),
            flags: Arc::clone(&common.flags),
            watched,
            columns: Arc::clone(&common.columns),
            beside: self.beside.clone(),
            data: data.data.or(defaults.data),
        };
        for name in &data.select {
            let column = table.column(name).ok_or_else(|| format!("no column `{name}`"))?.into_owned();
            table.select.push(column);
        }
        Ok(table)
    }
}
