//! Running osquery SQL on rows made from the events of a stream, the way a schedule would.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use eqlc_backend::mapping::{SOURCE, split};
use eqlc_backend::{Settings, Target};
use eqlc_backend_osquery::{Osquery, RowsQuery, schema};
use eqlc_events::Event;
use eqlc_ir::{Body, LogSource, Rule};
use eqlc_witness::Search;
use serde_json::{Map, Value, json};

use crate::circumstance::Circumstance;
use crate::effort::Clock;
use crate::engine::{Evaluator, Streams, verdict};
use crate::headers::ruled;
use crate::made_rows::made;
use crate::output::Answer;
use crate::project::{COMPUTED, Faith, HostRows, Profile, Row, crowd, osquery_stream_of};
use crate::sqlite::{Database, ResultRow, SqlValue, Table};
use crate::verdict::Verdict;
use crate::world::Projected;

/// A query with what is needed to run it and to say what it should find.
pub(crate) struct SqlEngine<'a> {
    query: String,
    legal: Evaluator<'a>,
    profile: Profile,
    /// For each log source of the rule, a query of all its rows with their mapped fields.
    rows: Vec<(LogSource, RowsQuery)>,
    /// How many seconds lie between the runs of a query that looks back.
    interval: Option<i64>,
    /// With the tables that were needed so far; one for all streams, for opening it takes longer than a query.
    database: RefCell<Database>,
}

impl<'a> SqlEngine<'a> {
    /// An engine for a query that was emitted from `legal` with these settings.
    ///
    /// # Errors
    /// The rule is not in the terms of the profile; a bug of the backend.
    pub(crate) fn new(
        query: String,
        legal: &'a Rule,
        (settings, target): (&Settings, &Target),
        clock: Clock,
    ) -> Result<Self, String> {
        let backend = Osquery::new()?;
        let profile = match settings.option(target, "profile") {
            "native" => Profile::Native,
            _ => Profile::Sysmon,
        };
        let fields = fields_of(legal);
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let mut rows: Vec<(LogSource, RowsQuery)> = Vec::new();
        for (source, _) in legal.queries().into_iter().flat_map(split) {
            if rows.iter().all(|(known, _)| *known != source) {
                let text = backend
                    .rows_query(settings, &source, &fields)
                    .ok_or_else(|| format!("the profile has no source `{source}`"))?;
                rows.push((source, text));
            }
        }
        if rows.is_empty() {
            return Err("the rule names no log source".to_owned());
        }
        let database = RefCell::new(Database::new([]).map_err(|error| error.to_string())?);
        let interval = backend.interval_s(settings, legal);
        let interval = interval.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
        let engine =
            Self { query, legal: Evaluator::of(legal).timed(clock), profile, rows, interval, database };
        engine.declare_named()?;
        Ok(engine)
    }

    /// Runs the query on the rows that each stream leaves on each host, and asks the rule of the same rows. An error is
    /// why a stream leaves no rows that could be told apart from it; what SQLite refuses is what the output finds.
    pub(crate) fn answers(
        &self,
        streams: &[&[Value]],
        circumstance: &Circumstance,
        clock: Clock,
    ) -> Vec<Result<Answer, String>> {
        let mut asked = Asked { found: Vec::new(), meant: Streams::default(), owners: Vec::new() };
        let since = self.since(circumstance);
        for (at, stream) in streams.iter().enumerate() {
            let found = self.in_time_left(clock).and_then(|()| {
                self.one(stream, (circumstance, &since, Runs::Often), &mut |database| {
                    asked.owners.push(at);
                    asked.meant.push(self.rows_seen(database));
                })
            });
            asked.found.push(found);
        }
        asked.answers(&self.legal)
    }

    /// The same without what the rule says, asked when all has happened and between only where the query would forget:
    /// what it reports for a while alone, and how late it may run, is left out.
    pub(crate) fn found(
        &self,
        streams: &[&[Value]],
        circumstance: &Circumstance,
        clock: Clock,
    ) -> Vec<Result<Verdict, String>> {
        let since = self.since(circumstance);
        let one = |stream: &&[Value]| {
            self.in_time_left(clock)?;
            self.one(stream, (circumstance, &since, Runs::Seldom), &mut |_| {})
        };
        streams.iter().map(|stream| found_in(one(stream))).collect()
    }

    /// Rows that are made of the emitted rule.
    pub(crate) fn made(&self, search: &Search) -> Vec<HostRows> {
        let mut hosts = made(self.legal.rule(), (&self.rows, &self.query), search);
        ruled(&mut hosts, &self.query);
        hosts
    }

    /// What the query finds in the rows of each host, and the rule it was emitted from.
    pub(crate) fn of_rows(&self, hosts: &[HostRows], clock: Clock) -> Vec<Result<Answer, String>> {
        let mut asked = Asked { found: Vec::new(), meant: Streams::default(), owners: Vec::new() };
        for (at, host) in hosts.iter().enumerate() {
            let answering: Vec<&Row> = computed(host).collect();
            let found = self.in_time_left(clock).and_then(|()| {
                let meant = &mut |database: &Database| {
                    asked.owners.push(at);
                    asked.meant.push(self.rows_seen(database));
                };
                self.on_host((host, &answering), Runs::Often, meant).map_err(Fault::Failed)
            });
            asked.found.push(found);
        }
        asked.answers(&self.legal)
    }

    fn in_time_left(&self, clock: Clock) -> Result<(), Fault> {
        clock.spent().map_or(Ok(()), |budget| Err(Fault::Unasked(format!("{budget} is used up"))))
    }

    /// What the query finds in a stream; the database is shown when it holds all rows of a host.
    fn one(
        &self,
        events: &[Value],
        (circumstance, since, runs): (&Circumstance, &Result<Vec<HostRows>, String>, Runs),
        whole: &mut dyn FnMut(&Database),
    ) -> Result<Vec<Vec<usize>>, Fault> {
        let mut hosts = self.rows_of(events, circumstance).map_err(Fault::Unasked)?;
        if *circumstance == Circumstance::Crowded {
            hosts.iter_mut().for_each(|host| host.rows = crowd(&host.rows));
        }
        let since = since.as_ref().map_err(|reason| Fault::Unasked(reason.clone()))?;
        let mut found = Vec::new();
        for host in &hosts {
            let answering: Vec<&Row> = match circumstance {
                Circumstance::AsTold | Circumstance::AsRecorded | Circumstance::Crowded => {
                    computed(host).collect()
                }
                Circumstance::Gone => Vec::new(),
                Circumstance::Since { .. } => {
                    since.iter().filter(|other| other.host == host.host).flat_map(computed).collect()
                }
            };
            let here = self.on_host((host, &answering), runs, whole).map_err(Fault::Failed)?;
            found.extend(here);
        }
        Ok(found)
    }

    /// What events leave on each host.
    fn rows_of(&self, events: &[Value], circumstance: &Circumstance) -> Result<Vec<HostRows>, String> {
        let told = |(place, reason): (usize, String)| format!("event {place}: {reason}");
        let mut hosts =
            osquery_stream_of(events, (self.profile, self.system()), circumstance.faith()).map_err(told)?;
        ruled(&mut hosts, &self.query);
        Ok(hosts)
    }

    /// What has left the hosts as they answer now.
    fn since(&self, circumstance: &Circumstance) -> Result<Vec<HostRows>, String> {
        match circumstance {
            Circumstance::Since { events } => self.rows_of(events, circumstance),
            _ => Ok(Vec::new()),
        }
    }

    /// Whether the query asks what hosts compute when they are asked.
    pub(crate) fn asks_hosts(&self) -> bool {
        let words = || self.query.split(|c: char| !c.is_alphanumeric() && c != '_');
        words().any(|word| COMPUTED.contains(&word))
    }

    /// What the query finds on a host.
    fn on_host(
        &self,
        (host, answering): (&HostRows, &[&Row]),
        runs: Runs,
        whole: &mut dyn FnMut(&Database),
    ) -> Result<Vec<Vec<usize>>, String> {
        let mut database = self.database.borrow_mut();
        database.clear().map_err(|error| error.to_string())?;
        for table in answering.iter().copied().chain(&host.rows).map(|row| row.table) {
            self.declare(&mut database, table)?;
        }
        for row in answering {
            insert(&mut database, row)?;
        }
        let found = self.scheduled((host, runs), &mut database)?;
        whole(&database);
        Ok(found)
    }

    /// Whether every event leaves a row that is not of the host's present.
    pub(crate) fn records(&self, events: &[Value]) -> bool {
        let hosts = osquery_stream_of(events, (self.profile, self.system()), Faith::Part);
        let left = |at: usize, hosts: &[HostRows]| {
            let mut rows = hosts.iter().flat_map(|host| &host.rows);
            rows.any(|row| row.event == at && row.key.is_none())
        };
        hosts.is_ok_and(|hosts| (0..events.len()).all(|at| left(at, &hosts)))
    }

    /// The system of the hosts whose tables the query asks.
    fn system(&self) -> &str {
        self.rows.first().and_then(|(source, _)| source.product.as_deref()).unwrap_or("windows")
    }

    /// Declares the tables that the queries name.
    fn declare_named(&self) -> Result<(), String> {
        let texts = std::iter::once(&self.query).chain(self.rows.iter().map(|(_, rows)| &rows.text));
        let text: String = texts.flat_map(|text| [text.as_str(), "\n"]).collect();
        let mut database = self.database.borrow_mut();
        let named = schema::all().iter().filter(|(name, _)| text.contains(*name) || *name == "time");
        for (name, _) in named {
            self.declare(&mut database, name)?;
        }
        Ok(())
    }

    fn declare(&self, database: &mut Database, name: &str) -> Result<(), String> {
        if database.has(name) {
            return Ok(());
        }
        let table = schema::all().get(name).ok_or_else(|| format!("osquery has no table `{name}`"))?;
        database.declare(Table::of_osquery(name, table)).map_err(|error| error.to_string())
    }

    /// Runs the query each time an event has arrived, as a schedule with a short interval would, and puts the
    /// answers together: a sequence query looks back only so far. Then as the schedule of the query does: what it
    /// reports once too often stands there twice, and what it does not report then is not found.
    fn scheduled(
        &self,
        (host, runs): (&HostRows, Runs),
        database: &mut Database,
    ) -> Result<Vec<Vec<usize>>, String> {
        let mut arrivals: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in host.rows.iter().filter(|row| row.key.is_none()) {
            let time = row.get("time").and_then(SqlValue::as_int).unwrap_or(0);
            arrivals.entry(time).or_default().push(row);
        }
        if let Some(span) = self.settles_after() {
            let settled: Vec<i64> = arrivals.keys().map(|time| time.saturating_add(span)).collect();
            for time in settled {
                arrivals.entry(time).or_default();
            }
        }
        let mut found = BTreeSet::new();
        let often = runs == Runs::Often && self.takes_back();
        let most = if often { MOST_RUNS } else { 1 };
        let (count, step) = (arrivals.len(), arrivals.len().div_ceil(most).max(1));
        // What does not look back finds at the end all that it finds before.
        let forgets = self.interval.is_some();
        let mut last = arrivals.keys().next().copied().unwrap_or(0);
        let mut arrivals = arrivals.into_iter().enumerate().peekable();
        while let Some((at, (now, rows))) = arrivals.next() {
            for row in rows {
                insert(database, row)?;
            }
            // Of many events within a minute not each is worth a run of its own, but before a longer pause there is one.
            let next = arrivals.peek().map_or(now, |(_, (next, _))| *next);
            let in_between = (at + 1) % step == 0 || next.saturating_sub(last) > MAX_APART;
            let asked = at + 1 == count || forgets && in_between;
            if !asked {
                continue;
            }
            last = now;
            found.extend(self.at(now, database)?);
        }
        let mut found: Vec<Vec<usize>> = found.into_iter().collect();
        // What is not found at all is not found in time.
        if runs == Runs::Often && (often || !found.is_empty()) {
            self.in_time(host, database, &mut found)?;
        }
        Ok(found)
    }

    /// What the query finds at a moment.
    fn at(&self, now: i64, database: &mut Database) -> Result<BTreeSet<Vec<usize>>, String> {
        database.set_time(now).map_err(|error| error.to_string())?;
        let rows = database.query(&self.query).map_err(|error| error.to_string())?;
        Ok(rows.iter().map(places).collect())
    }

    /// A schedule runs as late as its interval after an event, and reports a match in one of its runs: what ends with the
    /// last event is asked for in the last second in which it must be reported, and in the first in which it must not.
    fn in_time(
        &self,
        host: &HostRows,
        database: &mut Database,
        found: &mut Vec<Vec<usize>>,
    ) -> Result<(), String> {
        let (Some(interval), None) = (self.interval, self.settles_after()) else { return Ok(()) };
        let events = host.rows.iter().filter(|row| row.key.is_none());
        let times: BTreeMap<usize, i64> =
            events.filter_map(|row| Some((row.event, row.get("time")?.as_int()?))).collect();
        let Some(last) = times.values().max().copied() else { return Ok(()) };
        let reported = self.at(last.saturating_add(interval).saturating_sub(1), database)?;
        let ends_last = |found: &Vec<usize>| {
            found.iter().filter_map(|place| times.get(place)).max().is_some_and(|time| *time == last)
        };
        found.retain(|found| reported.contains(found) || !ends_last(found));
        found.extend(self.at(last.saturating_add(interval), database)?);
        Ok(())
    }

    /// Whether an event can take back what was found before it. Where none can, a run at the end finds what the runs
    /// before it do.
    fn takes_back(&self) -> bool {
        let Body::Sequence(sequence) = &self.legal.rule().body else { return false };
        sequence.until.is_some() || sequence.steps.iter().any(|step| step.missing)
    }

    /// How many seconds after an event a match that begins with it is settled, where the last step asks for a
    /// missing event: its time span has to be over.
    fn settles_after(&self) -> Option<i64> {
        let Body::Sequence(sequence) = &self.legal.rule().body else { return None };
        sequence.steps.last().filter(|step| step.missing)?;
        let span = sequence.maxspan_ms.unwrap_or(0).div_ceil(1_000).saturating_add(1);
        i64::try_from(span).ok()
    }

    /// The rows with their mapped fields, as events. Of those of one time the tables tell the order, as the steps name
    /// them: numbers of rows of different tables have nothing to do with each other.
    fn rows_seen(&self, database: &Database) -> Result<Projected<'static>, String> {
        let mut events: Vec<((usize, usize), Value)> = Vec::new();
        for (source, query) in &self.rows {
            let rank = self.rows.iter().position(|(_, other)| other.table == query.table).unwrap_or(0);
            for row in database.query(&query.text).map_err(|error| error.to_string())? {
                let place = places(&row).first().copied().unwrap_or(usize::MAX);
                events.push(((rank, place), flat_event(source, query, &row)));
            }
        }
        events.sort_by_key(|(order, _)| *order);
        let mut seen = Projected { events: Vec::new(), places: Vec::new() };
        for (at, ((_, place), event)) in events.into_iter().enumerate() {
            if let Some(event) = Event::from_json(event, at) {
                seen.events.push(event);
                seen.places.push(place);
            }
        }
        Ok(seen)
    }
}

/// How often a query is run over one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runs {
    /// As a schedule would, where that says more.
    Often,
    /// When all has happened.
    Seldom,
}

/// How many runs over one stream are enough, where events stand close together.
const MOST_RUNS: usize = 24;

/// The most seconds between two runs: less than any interval by which a query looks back beyond its span.
const MAX_APART: i64 = 30;

/// Why a query finds nothing in a stream.
enum Fault {
    /// It could not be asked.
    Unasked(String),
    /// It failed, which no query that was emitted may.
    Failed(String),
}

/// What a query finds in a stream: its failure too. An error is why it could not be asked.
fn found_in(answer: Result<Vec<Vec<usize>>, Fault>) -> Result<Verdict, String> {
    match answer {
        Ok(found) => Ok(Verdict::of(found)),
        Err(Fault::Failed(why)) => Ok(Verdict::Failed(why)),
        Err(Fault::Unasked(why)) => Err(why),
    }
}

/// Answers in the making.
struct Asked {
    /// For each stream what the query finds.
    found: Vec<Result<Vec<Vec<usize>>, Fault>>,
    /// For each host of each stream the rows that the rule is asked of.
    meant: Streams<'static>,
    /// Whose stream each of them is.
    owners: Vec<usize>,
}

impl Asked {
    fn answers(self, legal: &Evaluator<'_>) -> Vec<Result<Answer, String>> {
        let mut meant: Vec<Result<Verdict, String>> =
            self.found.iter().map(|_| Ok(verdict(legal.rule(), Vec::new()))).collect();
        for (owner, of_host) in self.owners.into_iter().zip(self.meant.verdicts(legal)) {
            let Some(slot) = meant.get_mut(owner) else { continue };
            match (slot.as_mut(), of_host) {
                (Ok(known), Ok(more)) => known.add(more),
                (Ok(_), Err(error)) => *slot = Err(error),
                (Err(_), _) => {}
            }
        }
        let each = self.found.into_iter().zip(meant);
        each.map(|(found, meant)| Ok(Answer { found: found_in(found)?, meant: meant? })).collect()
    }
}

/// The rows that the host answers about the present.
fn computed(host: &HostRows) -> impl Iterator<Item = &Row> {
    host.rows.iter().filter(|row| row.key.is_some())
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

/// Every field that a rule names, keys included, but for the one that tells sources apart.
pub(crate) fn fields_of(rule: &Rule) -> BTreeSet<String> {
    let queries = rule.queries().into_iter().flat_map(|query| query.filter.fields());
    let mut found: BTreeSet<String> = queries.map(|field| field.path.to_string()).collect();
    if let Body::Sequence(sequence) = &rule.body {
        let own = sequence.steps.iter().flat_map(|step| &step.by);
        let until = sequence.until.iter().flat_map(|until| &until.by);
        let keys = sequence.by.iter().chain(own).chain(until);
        found.extend(keys.map(|key| key.field.path.to_string()));
    }
    found.remove(SOURCE);
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
    event.insert(SOURCE.to_owned(), json!(source.to_string()));
    event.insert(
        "logsource".to_owned(),
        json!({ "product": source.product, "category": source.category, "service": source.service }),
    );
    Value::Object(event)
}
