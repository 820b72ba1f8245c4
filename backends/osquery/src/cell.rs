//! Where a row has what a mapped field is made of: what has to be put where so that the field has a value.

/// A place that a row fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A column of the row.
    Column(String),
    /// A member of `EventData` in the column `data`.
    Datum(String),
    /// A column of a row of another table, which is found by a place of this one.
    Elsewhere {
        /// The table.
        table: String,
        /// The column there.
        column: String,
        /// The column there that tells which row.
        key: String,
        /// What it is equal to here.
        by: Box<Cell>,
    },
}

impl Cell {
    /// The place that an expression over a row `e` reads; none where it reads several, or none that can be filled.
    pub(crate) fn of(expr: &str) -> Option<Self> {
        Self::elsewhere(expr).or_else(|| Self::here(expr))
    }

    /// In which order places are filled, by the expression that reads one: what reads a part of a place before what reads
    /// all of it, and other tables last, which are found by what stands here.
    pub(crate) fn rank(&self, expr: &str) -> u8 {
        let all = match self {
            Self::Column(name) => expr.strip_prefix("e.") == Some(name),
            Self::Datum(name) => expr == format!("json_extract(e.data, '$.EventData.{name}')"),
            Self::Elsewhere { .. } => return 2,
        };
        u8::from(all)
    }

    fn here(expr: &str) -> Option<Self> {
        match expr.split_once("'$.EventData.") {
            Some((_, path)) => name_at(path).map(Self::Datum),
            None => {
                let column = expr.split("e.").skip(1).find_map(name_at);
                column.filter(|column| column != "data").map(Self::Column)
            }
        }
    }

    /// `SELECT r.path FROM processes AS r WHERE r.pid = e.pid`, the last of several.
    fn elsewhere(expr: &str) -> Option<Self> {
        let (_, last) = expr.rsplit_once("SELECT ")?;
        let (shown, rest) = last.split_once(" FROM ")?;
        let (table, rest) = rest.split_once(" AS ")?;
        let (alias, condition) = rest.split_once(" WHERE ")?;
        let own = |text: &str| {
            let (_, name) = text.split_once(&format!("{alias}."))?;
            name_at(name)
        };
        let (key, by) = condition.split_once(" = ")?;
        let is_name = |text: &str| name_at(text).is_some_and(|name| name == text);
        if !is_name(table) || !is_name(alias) || key.contains(' ') {
            return None;
        }
        let by = Box::new(Self::here(by)?);
        Some(Self::Elsewhere { table: table.to_owned(), column: own(shown)?, key: own(key)?, by })
    }
}

/// The name that a text begins with.
fn name_at(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::Cell;

    fn column(name: &str) -> Cell {
        Cell::Column(name.to_owned())
    }

    #[test]
    fn columns_and_data_are_found_inside_of_functions() {
        assert_eq!(Cell::of("e.path"), Some(column("path")));
        assert_eq!(Cell::of("CAST(e.euid AS BIGINT)"), Some(column("euid")));
        let datum = Cell::Datum("Image".to_owned());
        assert_eq!(Cell::of("nullif(json_extract(e.data, '$.EventData.Image'), '-')"), Some(datum.clone()));
        assert_eq!(datum.rank("json_extract(e.data, '$.EventData.Image')"), 1);
        assert_eq!(column("euid").rank("CAST(e.euid AS BIGINT)"), 0);
        assert_eq!(Cell::of("e.data"), None);
        assert_eq!(Cell::of("'x'"), None);
    }

    #[test]
    fn rows_of_other_tables_are_found_by_a_place_of_the_row() {
        let text = "coalesce((SELECT p.path FROM process_events AS p WHERE p.pid = e.parent AND p.time <= e.time LIMIT 1), \
                    (SELECT r.path FROM processes AS r WHERE r.pid = e.parent))";
        let (table, path, key) = ("processes".to_owned(), "path".to_owned(), "pid".to_owned());
        let by = Box::new(column("parent"));
        assert_eq!(Cell::of(text), Some(Cell::Elsewhere { table, column: path, key, by }));
        let joined = "(SELECT a.result FROM processes AS p JOIN authenticode AS a ON a.path = p.path WHERE p.pid = e.ppid)";
        assert!(!matches!(Cell::of(joined), Some(Cell::Elsewhere { .. })));
    }
}
