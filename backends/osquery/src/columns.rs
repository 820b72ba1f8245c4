//! Columns: mapped fields as SQL over a row `e`.

use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;
use sqlparser::ast::{BinaryOperator, Expr, Query};

use crate::{literal, sql};

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Text; the empty text is no value.
    #[default]
    Text,
    /// Text; the empty text is a value.
    Verbatim,
    /// A number of SQL.
    Integer,
    /// Text that writes a number in decimal digits; other text is no value.
    Digits,
    /// The path of a file whose first bytes, in hexadecimal digits, are the value.
    Header,
}

impl Kind {
    /// Whether it holds text.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Verbatim)
    }
}

/// A mapped field as SQL.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Binds tighter than any operator of a condition.
    pub(crate) expr: Expr,
    pub(crate) kind: Kind,
    /// For a field with several values, a `SELECT` with one row for each; `expr` is the value in it.
    pub(crate) each: Option<Box<Query>>,
}

/// The columns of a file.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    named: IndexMap<String, Written>,
    /// SQL for columns without one of their own, with `{name}` in it.
    template: String,
    /// What text without a kind of its own is.
    text: Kind,
}

/// A column as it is written, and as it was read when it was first asked for: a rule needs a few of hundreds.
#[derive(Debug)]
struct Written {
    data: ColumnData,
    read: OnceLock<Option<Column>>,
}

/// Where a table of Windows' event log has the data of an event, each under its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventData {
    /// In `EventData`.
    Event,
    /// In an element inside `UserData`.
    User,
    /// In one or the other.
    Either,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnData {
    #[serde(default)]
    sql: Option<String>,
    #[serde(default)]
    kind: Option<Kind>,
    /// `FROM … WHERE …` with one row for each value.
    #[serde(default)]
    each: Option<String>,
}

impl Columns {
    /// The columns of a file: SQL without one of its own is `template` with the name in it, and text without a
    /// kind of its own is `text`.
    pub(crate) fn new(data: IndexMap<String, ColumnData>, template: String, text: Kind) -> Self {
        let written = |data| Written { data, read: OnceLock::new() };
        let named = data.into_iter().map(|(name, data)| (name, written(data))).collect();
        Self { named, template, text }
    }

    /// The column of this name.
    ///
    /// The SQL is compiled in and a test reads all of it.
    pub(crate) fn get(&self, name: &str) -> Option<&Column> {
        let written = self.named.get(name)?;
        written.read.get_or_init(|| self.read(name, &written.data).ok()).as_ref()
    }

    fn read(&self, name: &str, data: &ColumnData) -> Result<Column, String> {
        let expr = match &data.sql {
            Some(own) => sql::expression(own)?,
            None => sql::expression(&self.template.replace("{name}", name))?,
        };
        let each = data.each.as_ref().map(|from| sql::query(&format!("SELECT 1 FROM {from}"))).transpose()?;
        let kind = data.kind.unwrap_or(self.text);
        Ok(Column { name: name.to_owned(), expr: sql::atom(expr), kind, each: each.map(Box::new) })
    }

    /// The datum of this name, where an event has it without a column of its own.
    pub(crate) fn datum(&self, data: EventData, name: &str) -> Option<Column> {
        data.column(name, self.text)
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Column> {
        self.named.iter().map(|(name, written)| {
            self.read(name, &written.data).unwrap_or_else(|error| panic!("{name}: {error}"));
            self.get(name).unwrap()
        })
    }
}

impl EventData {
    /// The datum of this name, which may be any text; none for a name that SQLite's paths cannot hold.
    fn column(self, name: &str, kind: Kind) -> Option<Column> {
        let expr = match self {
            Self::Event => of_event(name)?,
            Self::User => of_user(name)?,
            Self::Either => sql::call("coalesce", vec![of_event(name)?, of_user(name)?]),
        };
        Some(Column { name: name.to_owned(), expr, kind, each: None })
    }
}

/// osquery writes the data as JSON; a dot in a name starts another level there.
fn of_event(name: &str) -> Option<Expr> {
    let data = sql::expression("e.data").ok()?;
    let mut path = "$.EventData".to_owned();
    for part in name.split('.') {
        let plain = !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if part.contains(['"', '\\']) || part.chars().any(char::is_control) {
            return None;
        }
        path.push_str(&if plain { format!(".{part}") } else { format!(".\"{part}\"") });
    }
    Some(sql::call("json_extract", vec![data, literal::text(&path).ok()?]))
}

/// Inside `UserData` stands one element with a name of its own, and the data in it.
fn of_user(name: &str) -> Option<Expr> {
    let mut query =
        sql::query("SELECT d.atom FROM json_tree(e.data, '$.UserData') AS d WHERE TRUE LIMIT 1").ok()?;
    let key = sql::expression("d.key").ok()?;
    let condition = sql::binary(key, BinaryOperator::Eq, literal::text(name).ok()?);
    sql::set_conditions(&mut query, vec![condition]);
    Some(Expr::Subquery(Box::new(query)))
}
