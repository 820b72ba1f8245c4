//! Rows that are made of an emitted rule: of what its own tests ask of the columns of its tables, without any event.
//!
//! Events that are made of the rule as written become rows only where it is told here what a source records of them. These
//! rows need no event: the emitted rule is taken for a rule on its own fields, near misses are made of it, and each value is
//! put where the field comes from. What the fields are then is read from the rows again, so that a value in a wrong place
//! says less but nothing wrong.

mod filling;
mod items;
mod shaped;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use eqlc_backend::mapping::{SOURCE, split};
use eqlc_backend_osquery::{Cell, RowsQuery};
use eqlc_ir::{Body, Category, EventQuery, LogSource, Rule};
use eqlc_witness::{Change, Probe, Search};
use serde_json::{Map, Value};

use crate::effort::pairs;
use crate::project::{HostRows, Row, crowd};

use filling::{has, is_text, rows};
use items::items;
use shaped::{Timed, as_told, shaped};

/// The most rows that stand together: a query that looks up others for each row takes the longer the more there are.
const MAX_ROWS: usize = 64;
/// Rows that stand together however long a query is.
const MIN_ROWS: usize = 8;
/// The most where each is looked at by itself, and the length of the query times their number.
const MAX_ROWS_ALONE: usize = 512;
const MAX_READ: usize = 3_000_000;
/// The most hosts on which events of a rule happen, and how many of them are looked at for a place for one more.
const MAX_HOSTS: usize = 300;
const MAX_OPEN: usize = 24;
/// The most events that are made by each of the witness generator's two ways where each is judged by itself.
const MAX_SINGLE: usize = 2_000;
/// The most streams of several events that are.
const MAX_PROBES: usize = 400;
/// The most matches of several events that are put in other orders and at other times.
const MAX_SHAPED: usize = 3;
/// The most events of them: a query joins as many times.
const MAX_SHAPED_EVENTS: usize = 6;
/// The most pairs of events, of all streams of a rule over several events.
const MAX_PAIRS: usize = 1_600;
/// Streams of rows that are made however long they are.
const MIN_STREAMS: usize = 24;
/// The first number in place of a text.
const FIRST_NUMBER: usize = 70_001;
/// What tells where an event is from, and when.
const FIXED: &[&str] = &["@timestamp", "logsource", SOURCE];
/// When rows of a rule over single events arrive: 2025-01-15T10:00:00Z.
const START_MS: i64 = 1_736_935_200_000;

/// Rows for a rule in the terms of its tables: all that have to do with nothing else in one host, else each stream in a
/// host of its own.
pub(crate) fn made(
    rule: &Rule,
    (sources, query): (&[(LogSource, RowsQuery)], &str),
    search: &Search,
) -> Vec<HostRows> {
    let alone = match &rule.body {
        Body::Event(asked) if rule.pipes.is_empty() => Some(asked),
        _ => None,
    };
    let hosts = match alone {
        Some(asked) => {
            let events = split(asked).into_iter().flat_map(|(source, filter)| {
                let category = Category::LogSource(source);
                let body = Body::Event(EventQuery { category, filter: filter.clone().into_owned() });
                let probes = probes(&Rule { body, ..rule.clone() }, search, MAX_SINGLE);
                let (around, items) = (around(&probes), items(&filter, &probes));
                probes.into_iter().flat_map(told).chain(around).chain(items).collect::<Vec<_>>()
            });
            let mut seen = HashSet::new();
            let events: Vec<Told> = events.filter(|told| seen.insert(told.key())).collect();
            let timed = events.iter().enumerate().map(|(place, told)| (place, START_MS, told));
            let rows = timed.filter_map(|of| rows(of, sources));
            side_by_side(rows, together(query))
        }
        None => streams(rule, sources, search),
    };
    // Rows beside those of the source are alike in everything but in what tells them apart.
    let first = hosts.first().map(|rows| crowd(rows));
    let host = |rows| HostRows { host: String::new(), rows: apart(rows) };
    hosts.into_iter().chain(first).map(host).collect()
}

/// How many events a query is asked about at once.
fn together(query: &str) -> usize {
    // Besides the query itself.
    let looks_up = query.matches("SELECT ").count() > 1;
    let most = MAX_READ.checked_div(query.len()).unwrap_or(MAX_ROWS_ALONE);
    // Where each looks at all others, twice as many take four times as long.
    if looks_up { (most / 2).clamp(MIN_ROWS, MAX_ROWS) } else { most.clamp(MAX_ROWS, MAX_ROWS_ALONE) }
}

/// A host on which events happen.
#[derive(Default)]
struct Happening {
    events: usize,
    rows: Vec<Row>,
    /// What rows of tables that it computes are told apart by, and what each says, as hashes.
    told: HashMap<u64, u64>,
}

/// The rows of events, each with those that it looks up, so many events to a host and, while there are hosts, none to one
/// that tells another of the same thing. What no host has room for is left out.
fn side_by_side(events: impl Iterator<Item = Vec<Row>>, most: usize) -> Vec<Vec<Row>> {
    let mut hosts: Vec<Happening> = Vec::new();
    for rows in events {
        let told: Vec<(u64, u64)> = rows.iter().filter_map(told_by).collect();
        let fits = |host: &Happening| {
            let agrees = |(key, says): &(u64, u64)| host.told.get(key).is_none_or(|known| known == says);
            host.events < most && told.iter().all(agrees)
        };
        let open = hosts.len().saturating_sub(MAX_OPEN);
        let at = hosts.iter().skip(open).position(fits).map(|at| open.saturating_add(at));
        let at = match at {
            None if hosts.len() < MAX_HOSTS => {
                hosts.push(Happening::default());
                hosts.len().checked_sub(1)
            }
            None => hosts.iter().position(|host| host.events < most),
            at => at,
        };
        if let Some(host) = at.and_then(|at| hosts.get_mut(at)) {
            host.events += 1;
            host.rows.extend(rows);
            host.told.extend(told);
        }
    }
    hosts.into_iter().map(|host| host.rows).collect()
}

/// What a row of a table that hosts compute is told apart by, and what it says.
fn told_by(row: &Row) -> Option<(u64, u64)> {
    let key = row.key?;
    let values: Vec<_> = key.iter().map(|column| row.get(column)).collect();
    Some((hashed(&format!("{:?}", (row.table, values))), hashed(&format!("{:?}", row.columns))))
}

fn hashed(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Rows of streams of several events.
fn streams(rule: &Rule, sources: &[(LogSource, RowsQuery)], search: &Search) -> Vec<Vec<Row>> {
    let names = number_fields(sources);
    let of = |stream: Vec<Timed>| of_stream(stream, &names, sources);
    let probes = probes(rule, search, MAX_PROBES);
    let maxspan_ms = match &rule.body {
        Body::Sequence(sequence) => sequence.maxspan_ms,
        _ => None,
    };
    let is_short = |probe: &&Probe| probe.matches && probe.events.len() <= MAX_SHAPED_EVENTS;
    let matches = probes.iter().filter(is_short).take(MAX_SHAPED);
    let shaped: Vec<Vec<Row>> = matches.flat_map(|probe| shaped(&probe.events, maxspan_ms)).map(of).collect();
    let mut left = MAX_PAIRS;
    let mut found = Vec::new();
    for probe in probes {
        let rest = left.checked_sub(pairs(&probe.events));
        if rest.is_none() && found.len() >= MIN_STREAMS {
            break;
        }
        left = rest.unwrap_or(0);
        found.push(of(probe.events.into_iter().map(as_told).collect()));
    }
    found.extend(shaped);
    found
}

fn of_stream(stream: Vec<Timed>, names: &BTreeSet<&str>, sources: &[(LogSource, RowsQuery)]) -> Vec<Row> {
    let (times, mut events): (Vec<i64>, Vec<Value>) = stream.into_iter().unzip();
    numbered(&mut events, names);
    let told = events.into_iter().map(|event| Told { event, empty: None });
    let told = times.into_iter().zip(told).enumerate();
    told.filter_map(|(place, (at_ms, told))| rows((place, at_ms, &told), sources)).flatten().collect()
}

/// The fields that stand in some column of numbers.
fn number_fields(sources: &[(LogSource, RowsQuery)]) -> BTreeSet<&str> {
    let is_number = |query: &&RowsQuery, cell: &Cell| match cell {
        // What is picked for the log source stays.
        _ if query.picks.iter().any(|(picked, _)| picked == cell) => false,
        Cell::Column(column) => has(&query.table, column) && !is_text(&query.table, column),
        _ => false,
    };
    let queries = || sources.iter().map(|(_, query)| query);
    let cells = queries().flat_map(|query| query.cells.iter().map(move |(name, cell)| (query, name, cell)));
    cells.filter(|(query, _, cell)| is_number(query, cell)).map(|(_, name, _)| name.as_str()).collect()
}

/// Numbers in place of texts that columns of numbers are to hold, the same for the same text in all of the events: keys of
/// steps may stand in columns of both kinds.
fn numbered(events: &mut [Value], names: &BTreeSet<&str>) {
    let of_names = |event: &Value| -> Vec<String> {
        let texts = names.iter().filter_map(|name| event.get(*name)?.as_str());
        texts.filter(|text| text.parse::<i64>().is_err()).map(str::to_owned).collect()
    };
    let texts: BTreeSet<String> = events.iter().flat_map(of_names).collect();
    for value in events.iter_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(at) = value.as_str().and_then(|text| texts.iter().position(|known| known == text)) {
            *value = Value::from((FIRST_NUMBER + at).to_string());
        }
    }
}

fn probes(rule: &Rule, search: &Search, most: usize) -> Vec<Probe> {
    let search = search.clone().limit(most);
    let mut found = search.branches(rule);
    found.extend(search.near_misses(rule));
    found
}

/// An event in the terms of a table.
struct Told {
    event: Value,
    /// The field of which the row has the empty text, as tables have it for no value.
    empty: Option<String>,
}

impl Told {
    /// What tells it from others.
    fn key(&self) -> u64 {
        hashed(&(self.event.to_string(), &self.empty))
    }
}

/// The events of a probe; where a field is left out, also as the empty text.
fn told(probe: Probe) -> Vec<Told> {
    let Probe { change, field, events, .. } = probe;
    let empty = field.filter(|_| change == Change::Lacking);
    let emptied = empty.map(|field| {
        let of = |event: &Value| Told { event: event.clone(), empty: Some(field.clone()) };
        events.iter().map(of).collect::<Vec<_>>()
    });
    let whole = events.into_iter().map(|event| Told { event, empty: None });
    whole.chain(emptied.unwrap_or_default()).collect()
}

/// Whether a probe is a witness, of whichever alternative.
fn is_witness(probe: &Probe) -> bool {
    matches!(probe.change, Change::Nothing | Change::Branch)
}

/// What stands around matches and what just fails to match, where they are not as the first: without a field, for a condition
/// that is not to hold may ask it beside others; and in matches with texts in another letter case, longer and shorter.
fn around(probes: &[Probe]) -> Vec<Told> {
    let Some(first) = probes.first().and_then(|probe| probe.events.first()) else { return Vec::new() };
    let mut found = Vec::new();
    for probe in probes {
        let is_match = is_witness(probe);
        if !is_match && probe.change != Change::Flipped {
            continue;
        }
        for event in &probe.events {
            let members = event.as_object().into_iter().flatten();
            let own = members.filter(|(name, value)| {
                let is_other = std::ptr::eq(event, first) || first.get(name.as_str()) != Some(*value);
                (is_other || !is_match) && !FIXED.contains(&name.as_str())
            });
            for (name, value) in own {
                found.push(changed(event, name, None));
                let texts = value.as_str().filter(|_| is_match).map(edges).into_iter().flatten();
                found.extend(texts.map(|text| changed(event, name, Some(text))));
            }
        }
    }
    found
}

/// The event with another text in a field, or without it.
fn changed(event: &Value, name: &str, text: Option<String>) -> Told {
    let mut event = event.clone();
    if let Some(members) = event.as_object_mut() {
        match text {
            Some(text) => drop(members.insert(name.to_owned(), Value::from(text))),
            None => drop(members.shift_remove(name)),
        }
    }
    Told { event, empty: None }
}

/// A text in the other letter case, with a letter more behind and before it, and without its last.
fn edges(text: &str) -> [String; 4] {
    let mut shorter = text.to_owned();
    shorter.pop();
    [other_case(text), format!("{text}q"), format!("q{text}"), shorter]
}

fn other_case(text: &str) -> String {
    let flipped = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(flipped).collect()
}

fn time_of(event: &Value) -> Option<i64> {
    let time: jiff::Timestamp = event.get("@timestamp")?.as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}

/// Without second rows for one key of a table that hosts compute.
fn apart(rows: Vec<Row>) -> Vec<Row> {
    let mut found: Vec<Row> = Vec::new();
    for row in rows {
        match found.iter_mut().find(|known| row.is_one_with(known)) {
            None => found.push(row),
            Some(known) => {
                for (name, value) in row.columns {
                    if known.get(&name).is_none() {
                        known.columns.push((name, value));
                    }
                }
            }
        }
    }
    found
}
