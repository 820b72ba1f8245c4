//! Running osquery SQL on rows made from the events of a stream, the way a schedule would.

use std::collections::{BTreeMap, BTreeSet};

use eqlc_backend::{Settings, Target};
use eqlc_backend_osquery::{Osquery, RowsQuery, schema};
use eqlc_events::Event;
use eqlc_ir::{Body, Category, LogSource, Rule};
use serde_json::{Map, Value, json};

use crate::engine::{reference, verdict};
use crate::project::{HostRows, Profile, Row, osquery_stream};
use crate::sqlite::{Column, ColumnType, Database, ResultRow, SqlValue, Table};
use crate::verdict::Verdict;

/// A query with what is needed to run it and to say what it should find.
pub(crate) struct SqlEngine {
    query: String,
    legal: Rule,
    profile: Profile,
    /// For each log source of the rule, a query of all its rows with their mapped fields.
    rows: Vec<(LogSource, RowsQuery)>,
}

/// What was found in a stream.
pub(crate) struct Answer {
    /// By the query.
    pub(crate) found: Verdict,
    /// By the reference evaluator, from the legal rule and the mapped fields of the same rows.
    pub(crate) meant: Verdict,
}

impl SqlEngine {
    /// An engine for a query that was emitted from `legal` with these settings.
    ///
    /// # Errors
    /// The rule is not in the terms of the profile; a bug of the backend.
    pub(crate) fn new(
        query: String,
        legal: &Rule,
        settings: &Settings,
        target: &Target,
    ) -> Result<Self, String> {
        let backend = Osquery::new()?;
        let profile = match settings.option(target, "profile") {
            "native" => Profile::Native,
            _ => Profile::Sysmon,
        };
        let fields = fields_of(legal);
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let mut rows: Vec<(LogSource, RowsQuery)> = Vec::new();
        for query in legal.queries() {
            let Category::LogSource(source) = &query.category else {
                return Err("the rule names no log source".to_owned());
            };
            if rows.iter().all(|(known, _)| known != source) {
                let text = backend
                    .rows_query(settings, source, &fields)
                    .ok_or_else(|| format!("the profile has no source `{source}`"))?;
                rows.push((source.clone(), text));
            }
        }
        Ok(Self { query, legal: legal.clone(), profile, rows })
    }

    /// Runs the query on the rows that the stream leaves on each host.
    ///
    /// # Errors
    /// Why the stream leaves no rows that could be told apart from it, or SQLite's refusal.
    pub(crate) fn run(&self, events: &[Value]) -> Result<Answer, String> {
        let hosts = osquery_stream(events, self.profile, self.system())
            .map_err(|(place, reason)| format!("event {place}: {reason}"))?;
        let mut found = BTreeSet::new();
        let mut meant = Vec::new();
        for host in &hosts {
            let mut database = self.database(host)?;
            found.extend(self.scheduled(host, &mut database)?);
            meant.extend(self.meaning(&database)?);
        }
        let found = Verdict::of(found.into_iter().collect());
        Ok(Answer { found, meant: verdict(&self.legal, meant) })
    }

    /// The system of the hosts whose tables the query asks.
    fn system(&self) -> &str {
        self.rows.first().and_then(|(source, _)| source.product.as_deref()).unwrap_or("windows")
    }

    /// A database with the tables of the platform and the rows that answer about the present; those of event
    /// tables come as time goes by.
    fn database(&self, host: &HostRows) -> Result<Database, String> {
        let mut database = Database::new(self.tables(host)).map_err(|error| error.to_string())?;
        for row in host.rows.iter().filter(|row| row.key.is_some()) {
            insert(&mut database, row)?;
        }
        Ok(database)
    }

    /// The tables that the query and the rows need.
    fn tables(&self, host: &HostRows) -> Vec<Table> {
        let texts = std::iter::once(&self.query).chain(self.rows.iter().map(|(_, rows)| &rows.text));
        let text: String = texts.flat_map(|text| [text.as_str(), "\n"]).collect();
        let named = |name: &str| text.contains(name) || host.rows.iter().any(|row| row.table == name);
        let tables = schema::all().iter().filter(|(name, _)| named(name));
        tables.map(|(name, table)| declare(name, table)).collect()
    }

    /// Runs the query each time an event has arrived, as a schedule with a short interval would, and puts the
    /// answers together: a sequence query looks back only so far.
    fn scheduled(&self, host: &HostRows, database: &mut Database) -> Result<BTreeSet<Vec<usize>>, String> {
        let mut arrivals: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in host.rows.iter().filter(|row| row.key.is_none()) {
            let time = row.get("time").and_then(SqlValue::as_int).unwrap_or(0);
            arrivals.entry(time).or_default().push(row);
        }
        let mut found = BTreeSet::new();
        for (now, rows) in arrivals {
            for row in rows {
                insert(database, row)?;
            }
            database.set_time(now).map_err(|error| error.to_string())?;
            for row in database.query(&self.query).map_err(|error| error.to_string())? {
                found.insert(places(&row));
            }
        }
        Ok(found)
    }

    fn meaning(&self, database: &Database) -> Result<Vec<Vec<usize>>, String> {
        let mut events: Vec<(usize, Value)> = Vec::new();
        for (source, query) in &self.rows {
            for row in database.query(&query.text).map_err(|error| error.to_string())? {
                let place = places(&row).first().copied().unwrap_or(usize::MAX);
                events.push((place, flat_event(source, query, &row)));
            }
        }
        events.sort_by_key(|(place, _)| *place);
        let places: Vec<usize> = events.iter().map(|(place, _)| *place).collect();
        let events: Vec<Event> = events
            .into_iter()
            .enumerate()
            .filter_map(|(at, (_, event))| Event::from_json(event, at))
            .collect();
        let back = |at: usize| places.get(at).copied().unwrap_or(usize::MAX);
        let found = reference(&self.legal, &events)?;
        Ok(found.into_iter().map(|found| found.into_iter().map(back).collect()).collect())
    }
}

fn declare(name: &str, table: &schema::Table) -> Table {
    let columns = table.columns.iter().map(|(name, column)| {
        let kind = ColumnType::from_name(column.ty.sql()).unwrap_or(ColumnType::Text);
        let declared = Column::new(name, kind);
        match &column.collate {
            Some(collation) => declared.collated(collation),
            None => declared,
        }
    });
    Table { name: name.to_owned(), columns: columns.collect() }
}

fn insert(database: &mut Database, row: &Row) -> Result<(), String> {
    database.insert(row.table, &row.columns).map_err(|error| error.to_string())
}

/// The events of a result row, in the order of its steps: `eid`, or `eid1`, `eid2` and so on. Rows are
/// numbered from 1.
fn places(row: &ResultRow) -> Vec<usize> {
    row.columns()
        .filter(|(name, _)| {
            name.strip_prefix("eid").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
        })
        .filter_map(|(_, value)| value.as_int())
        .map(|eid| usize::try_from(eid).unwrap_or(0).saturating_sub(1))
        .collect()
}

/// Every field that a rule names, keys included.
fn fields_of(rule: &Rule) -> BTreeSet<String> {
    let queries = rule.queries().into_iter().flat_map(|query| query.filter.fields());
    let mut found: BTreeSet<String> = queries.map(|field| field.path.to_string()).collect();
    if let Body::Sequence(sequence) = &rule.body {
        let own = sequence.steps.iter().flat_map(|step| &step.by);
        let until = sequence.until.iter().flat_map(|until| &until.by);
        let keys = sequence.by.iter().chain(own).chain(until);
        found.extend(keys.map(|key| key.field.path.to_string()));
    }
    found
}

/// A row as an event in the terms of the mapped rule. Where the backend says so, empty text is no value, and text is
/// a list.
fn flat_event(source: &LogSource, query: &RowsQuery, row: &ResultRow) -> Value {
    let mut event = Map::new();
    for (name, value) in row.columns() {
        let value = match value {
            SqlValue::Null => continue,
            SqlValue::Int(number) => json!(number),
            SqlValue::Real(number) => json!(number),
            SqlValue::Text(text) if query.lists.iter().any(|list| list == name) => {
                serde_json::from_str(text).unwrap_or(Value::Null)
            }
            SqlValue::Text(text) if text.is_empty() && !query.verbatim.iter().any(|kept| kept == name) => {
                continue;
            }
            SqlValue::Text(text) => json!(text),
        };
        event.insert(name.to_owned(), value);
    }
    if let Some(time) = event.get("time_ms").cloned() {
        event.insert("@timestamp".to_owned(), time);
    }
    event.insert(
        "logsource".to_owned(),
        json!({ "product": source.product, "category": source.category, "service": source.service }),
    );
    Value::Object(event)
}
