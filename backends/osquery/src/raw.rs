//! Columns of osquery's own tables, by the names that they have there.

use crate::columns::{Column, Kind};
use crate::schema::{self, ColumnType};
use crate::sql;

/// The column of a table.
pub(crate) fn column(table: &str, name: &str) -> Option<Column> {
    let found = schema::table(table)?.columns.get(name).filter(|column| !column.hidden)?;
    let kind = match found.ty {
        ColumnType::Text => Kind::Text,
        ColumnType::Integer | ColumnType::Bigint | ColumnType::UnsignedBigint | ColumnType::Double => {
            Kind::Integer
        }
    };
    let expr = sql::expression(&format!("e.{name}")).ok()?;
    Some(Column { name: name.to_owned(), expr, kind, each: None })
}
