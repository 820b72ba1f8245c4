//! Where a row has what a mapped field is made of: what has to be put where so that the field has a value.

/// A place that a row fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A column of the row.
    Column(String),
    /// A member of `EventData` in the column `data`.
    Datum(String),
    /// One of several places, which a column of the row tells.
    Chosen {
        /// The column.
        by: String,
        /// The values of the column that tell each place.
        places: Vec<(Vec<String>, Cell)>,
        /// The place that other values tell.
        otherwise: Option<Box<Cell>>,
    },
    /// The number of words in a place.
    Words(Box<Cell>),
    /// How many seconds before the row arrived the time in a place is.
    Age(Box<Cell>),
    /// The number that stands in hexadecimal digits in a place, `0x1a4`.
    Hexadecimal(Box<Cell>),
    /// What stands behind a tag in a place, `SHA256=` in a list of digests.
    Tagged {
        /// The tag.
        tag: String,
        /// The place.
        of: Box<Cell>,
    },
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
        /// The character behind which it stands here, where that is a part of the place.
        behind: Option<char>,
    },
    /// A row of another table that says `name=value`, one for each value of the field.
    Pair {
        /// The table.
        table: String,
        /// The column there with the name.
        name: String,
        /// The column there with the value.
        value: String,
        /// The column there that tells whose row it is.
        key: String,
        /// What it is equal to here.
        by: Box<Cell>,
    },
}

impl Cell {
    /// The place that an expression over a row `e` reads; none where it reads several, or none that can be filled.
    pub(crate) fn of(expr: &str) -> Option<Self> {
        let counts = expr.contains("length(") && expr.contains("replace(");
        if let Some(then) = expr.trim_start_matches('(').strip_prefix("e.time - ") {
            return Self::of(then).map(|then| Self::Age(Box::new(then)));
        }
        if expr.contains("instr('0123456789abcdef', ") {
            return Self::here(expr).map(|digits| Self::Hexadecimal(Box::new(digits)));
        }
        if expr.contains("SELECT ") {
            return Self::elsewhere(expr).filter(|_| !counts);
        }
        if let Some(chosen) = Self::chosen(expr) {
            return Some(chosen);
        }
        let here = Self::here(expr)?;
        Some(match tag(expr) {
            Some(tag) => Self::Tagged { tag, of: Box::new(here) },
            None if counts => Self::Words(Box::new(here)),
            None => here,
        })
    }

    /// In which order places are filled, by the expression that reads one: what reads a part of a place before what reads
    /// all of it, then other tables, which are found by what stands here, and words, which are added to what stands there.
    pub(crate) fn rank(&self, expr: &str) -> u8 {
        let all = match self {
            Self::Column(name) => expr.strip_prefix("e.") == Some(name),
            Self::Datum(name) => expr == format!("json_extract(e.data, '$.EventData.{name}')"),
            Self::Elsewhere { .. } | Self::Pair { .. } | Self::Age(_) => return 2,
            Self::Words(_) | Self::Tagged { .. } => return 3,
            Self::Hexadecimal(_) => return 0,
            // By then the column that tells is filled.
            Self::Chosen { .. } => return 1,
        };
        u8::from(all)
    }

    /// The place that a field with several values reads, `d.key || '=' || d.value` of
    /// `SELECT 1 FROM process_envs AS d WHERE d.pid = e.pid`.
    pub(crate) fn pair(expr: &str, each: &str) -> Option<Self> {
        let (name, value) = expr.split_once(" || '=' || ")?;
        match Self::elsewhere(&each.replacen("SELECT 1", &format!("SELECT {name}"), 1))? {
            Self::Elsewhere { table, column: name, key, by, .. } => {
                let (_, value) = value.split_once('.')?;
                Some(Self::Pair { table, name, value: name_at(value)?, key, by })
            }
            _ => None,
        }
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

    /// `CASE WHEN e.eventid IN (4624, 4625) THEN … WHEN e.eventid IN (4778) THEN … ELSE … END`.
    fn chosen(expr: &str) -> Option<Self> {
        let cases = expr.strip_prefix("CASE WHEN ")?.strip_suffix(" END")?;
        let (cases, otherwise) =
            cases.split_once(" ELSE ").map_or((cases, None), |(cases, other)| (cases, Some(other)));
        let by = cases.strip_prefix("e.").and_then(name_at)?;
        let place = |case: &str| {
            let (asked, shown) = case.split_once(" THEN ")?;
            let values = asked.strip_prefix(&format!("e.{by} IN ("))?.strip_suffix(')')?;
            let values = values.split(", ").map(|value| value.trim_matches('\'').to_owned()).collect();
            Some((values, Self::here(shown)?))
        };
        let places = cases.split(" WHEN ").map(place).collect::<Option<_>>()?;
        Some(Self::Chosen { by, places, otherwise: otherwise.and_then(Self::here).map(Box::new) })
    }

    /// `SELECT r.path FROM processes AS r WHERE r.pid = e.pid`, the last of several.
    fn elsewhere(expr: &str) -> Option<Self> {
        let (_, last) = expr.rsplit_once("SELECT ")?;
        let (shown, rest) = last.split_once(" FROM ")?;
        if let Some((first, joined)) = rest.split_once(" JOIN ") {
            return Self::joined(shown, first, joined);
        }
        let (table, rest) = rest.split_once(" AS ")?;
        let (alias, condition) = rest.split_once(" WHERE ")?;
        let own = |text: &str| column_of(alias, text);
        let (key, by) = condition.split_once(" = ")?;
        let is_name = |text: &str| name_at(text).is_some_and(|name| name == text);
        if !is_name(table) || !is_name(alias) || key.contains(' ') {
            return None;
        }
        let behind = by.rsplit_once("instr(").and_then(|(_, searched)| searched.rsplit_once(", '"));
        let behind = behind
            .and_then(|(_, mark)| mark.chars().next())
            .filter(|_| by.to_ascii_lowercase().contains("substr("));
        let by = Box::new(Self::here(by)?);
        Some(Self::Elsewhere { table: table.to_owned(), column: own(shown)?, key: own(key)?, by, behind })
    }

    /// `SELECT s.signed FROM processes AS r JOIN signature AS s ON s.path = r.path WHERE r.pid = e.parent`: a row that is
    /// found by what another has.
    fn joined(shown: &str, first: &str, joined: &str) -> Option<Self> {
        let (table, rest) = joined.split_once(" AS ")?;
        let (alias, rest) = rest.split_once(" ON ")?;
        let (on, condition) = rest.split_once(" WHERE ")?;
        let (key, by) = on.split_once(" = ")?;
        let by = Self::elsewhere(&format!("SELECT {by} FROM {first} WHERE {condition}"))?;
        let (column, key) = (column_of(alias, shown)?, column_of(alias, key)?);
        Some(Self::Elsewhere { table: table.to_owned(), column, key, by: Box::new(by), behind: None })
    }
}

/// The first column of an alias in a text.
fn column_of(alias: &str, text: &str) -> Option<String> {
    let (_, name) = text.split_once(&format!("{alias}."))?;
    name_at(name)
}

/// The tag behind which an expression looks, `instr(…, 'SHA256=') > 0`.
fn tag(expr: &str) -> Option<String> {
    let (before, _) = expr.split_once("=') > 0")?;
    let (_, tag) = before.rsplit_once('\'')?;
    Some(format!("{tag}="))
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
        let words = Cell::Words(Box::new(column("cmdline")));
        assert_eq!(Cell::of("length(e.cmdline) - length(replace(e.cmdline, ' ', '')) + 1"), Some(words));
        assert_eq!(
            Cell::of(
                "(SELECT length(r.cmdline) - length(replace(r.cmdline, ' ', '')) + 1 FROM processes AS r WHERE r.pid = e.parent)"
            ),
            None
        );
        assert_eq!(Cell::of("e.data"), None);
        assert_eq!(Cell::of("'x'"), None);
    }

    #[test]
    fn rows_of_other_tables_are_found_by_a_place_of_the_row() {
        let text = "coalesce((SELECT p.path FROM process_events AS p WHERE p.pid = e.parent AND p.time <= e.time LIMIT 1), \
                    (SELECT r.path FROM processes AS r WHERE r.pid = e.parent))";
        let (table, path, key) = ("processes".to_owned(), "path".to_owned(), "pid".to_owned());
        let by = Box::new(column("parent"));
        assert_eq!(Cell::of(text), Some(Cell::Elsewhere { table, column: path, key, by, behind: None }));
        let account = "(SELECT u.uuid FROM users AS u WHERE u.username = \
                       substr(json_extract(e.data, '$.EventData.User'), instr(json_extract(e.data, '$.EventData.User'), '\\') + 1)) \
                       COLLATE BINARY";
        let (table, id, key) = ("users".to_owned(), "uuid".to_owned(), "username".to_owned());
        let by = Box::new(Cell::Datum("User".to_owned()));
        let behind = Some('\\');
        assert_eq!(Cell::of(account), Some(Cell::Elsewhere { table, column: id, key, by, behind }));
        let variable =
            Cell::pair("d.key || '=' || d.value", "SELECT 1 FROM process_envs AS d WHERE d.pid = e.pid");
        assert_eq!(
            variable,
            Some(Cell::Pair {
                table: "process_envs".to_owned(),
                name: "key".to_owned(),
                value: "value".to_owned(),
                key: "pid".to_owned(),
                by: Box::new(column("pid")),
            })
        );
        assert_eq!(
            Cell::pair("d.atom", "SELECT 1 FROM json_each(e.tag) AS d WHERE d.atom IS NOT NULL"),
            None
        );
        let joined = "(SELECT a.result FROM processes AS p JOIN authenticode AS a ON a.path = p.path WHERE p.pid = e.ppid)";
        let by = Box::new(Cell::of("(SELECT p.path FROM processes AS p WHERE p.pid = e.ppid)").unwrap());
        let (table, column, key) = ("authenticode".to_owned(), "result".to_owned(), "path".to_owned());
        assert_eq!(Cell::of(joined), Some(Cell::Elsewhere { table, column, key, by, behind: None }));
        assert_eq!(Cell::of("(SELECT count(*) FROM processes AS p WHERE p.pid > e.ppid)"), None);
    }

    #[test]
    fn a_column_tells_which_of_several_places_it_is() {
        let datum = |name: &str| Cell::Datum(name.to_owned());
        let text = "CASE WHEN e.eventid IN (4624, 4625) THEN json_extract(e.data, '$.EventData.TargetUserName') \
                    WHEN e.eventid IN (4778) THEN json_extract(e.data, '$.EventData.AccountName') \
                    ELSE json_extract(e.data, '$.EventData.SubjectUserName') END";
        let places = vec![
            (vec!["4624".to_owned(), "4625".to_owned()], datum("TargetUserName")),
            (vec!["4778".to_owned()], datum("AccountName")),
        ];
        let otherwise = Some(Box::new(datum("SubjectUserName")));
        let by = "eventid".to_owned();
        assert_eq!(Cell::of(text), Some(Cell::Chosen { by: by.clone(), places, otherwise }));
        let one = "CASE WHEN e.eventid IN (4727) THEN json_extract(e.data, '$.EventData.TargetSid') END";
        let places = vec![(vec!["4727".to_owned()], datum("TargetSid"))];
        assert_eq!(Cell::of(one), Some(Cell::Chosen { by, places, otherwise: None }));
        let other = "CASE WHEN e.signing_id <> '' THEN 'true' ELSE 'false' END";
        assert_eq!(Cell::of(other), Some(column("signing_id")));
    }

    #[test]
    fn ages_and_hexadecimal_digits_say_what_stands_in_a_place() {
        let text = "e.time - (SELECT nullif(f.btime, 0) FROM file AS f WHERE f.path = e.path)";
        let (table, column_of, key) = ("file".to_owned(), "btime".to_owned(), "path".to_owned());
        let by = Box::new(column("path"));
        let then = Cell::Elsewhere { table, column: column_of, key, by, behind: None };
        assert_eq!(Cell::of(text), Some(Cell::Age(Box::new(then))));
        let text = "(SELECT sum((instr('0123456789abcdef', lower(substr(json_extract(e.data, '$.EventData.ProcessId'), \
                    0 - d.key - 1, 1))) - 1) * d.value) FROM json_each('[1,16,256]') AS d)";
        let digits = Cell::Datum("ProcessId".to_owned());
        assert_eq!(Cell::of(text), Some(Cell::Hexadecimal(Box::new(digits))));
    }

    #[test]
    fn what_stands_behind_a_tag_is_told_with_it() {
        let list = "json_extract(e.data, '$.EventData.Hashes')";
        let text = format!(
            "CASE WHEN instr({list}, 'MD5=') > 0 THEN lower(substr({list}, instr({list}, 'MD5=') + 4, 32)) END"
        );
        let of = Box::new(Cell::Datum("Hashes".to_owned()));
        assert_eq!(Cell::of(&text), Some(Cell::Tagged { tag: "MD5=".to_owned(), of }));
    }
}
