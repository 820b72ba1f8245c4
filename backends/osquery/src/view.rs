//! The mapped fields of a source's rows, without any rule: what a verifier compares a rule's query with.

use eqlc_backend::Settings;
use eqlc_ir::LogSource;

use crate::cell::Cell;
use crate::event::TIME;
use crate::{Osquery, columns::Kind, header, layout};

/// A query for all rows of a log source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsQuery {
    /// Its text.
    pub text: String,
    /// The table it asks.
    pub table: String,
    /// The fields with several values; each is a list in JSON.
    pub lists: Vec<String>,
    /// The fields whose empty text is a value.
    pub verbatim: Vec<String>,
    /// Where rows have what the fields are made of, as far as it is one place: first what is a part of a place, then what is
    /// all of one, then what another table has.
    pub cells: Vec<(String, Cell)>,
    /// Where every row of the log source has one of some values.
    pub picks: Vec<(Cell, Vec<String>)>,
    /// Where rows have the time of their event.
    pub time: Option<Cell>,
}

impl Osquery {
    /// A query that gives these mapped fields of every row of a log source, each under its name, with `time_ms`
    /// (milliseconds since 1970) and `eid` (the row's number) in front, in the order of `eid`. None where the
    /// profile of the settings has no such source. A field that the source has not is left out. What a file begins
    /// with is read, in hexadecimal digits, where `yara_file` has what it found there.
    #[must_use]
    pub fn rows_query(
        &self,
        settings: &Settings,
        log_source: &LogSource,
        fields: &[&str],
    ) -> Option<RowsQuery> {
        let table = self.profile(settings)?.table(log_source)?;
        let filters = table.filter.iter().map(|filter| format!("({filter})"));
        let condition = std::iter::once("TRUE".to_owned()).chain(filters).collect::<Vec<_>>().join(" AND ");
        let mut columns = vec![format!("{} AS {TIME}", table.time), format!("{} AS eid", table.order)];
        let (mut lists, mut verbatim, mut cells) = (Vec::new(), Vec::new(), Vec::new());
        for name in fields {
            let Some(column) = table.column(name).filter(|column| table.fills(column)) else { continue };
            match &column.each {
                Some(each) => {
                    let pair = Cell::pair(&column.expr.to_string(), &each.to_string());
                    cells.extend(pair.map(|cell| (2, ((*name).to_owned(), cell))));
                    let values = format!("SELECT json_group_array({})", column.expr);
                    let rows = each.to_string().replacen("SELECT 1", &values, 1);
                    columns.push(format!("({rows}) AS \"{name}\""));
                    lists.push((*name).to_owned());
                }
                None => {
                    let expr = match column.kind {
                        Kind::Header => header::of_file(&column.expr),
                        _ => column.expr.to_string(),
                    };
                    let cell = Cell::of(&expr);
                    cells.extend(cell.map(|cell| (cell.rank(&expr), ((*name).to_owned(), cell))));
                    columns.push(format!("{expr} AS \"{name}\""));
                }
            }
            if column.kind == Kind::Verbatim {
                verbatim.push((*name).to_owned());
            }
        }
        let text =
            format!("SELECT {} FROM {} AS e WHERE {condition} ORDER BY eid", columns.join(", "), table.table);
        cells.sort_by_key(|(rank, _)| *rank);
        let cells = cells.into_iter().map(|(_, cell)| cell).collect();
        let picks =
            table.rows().picks.into_iter().filter_map(|(expr, values)| Some((Cell::of(&expr)?, values)));
        let (picks, time) = (picks.collect(), Cell::of(&table.time.to_string()));
        let (text, table) = (layout::pretty(&text), table.table.clone());
        Some(RowsQuery { text, table, lists, verbatim, cells, picks, time })
    }
}
