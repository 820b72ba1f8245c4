//! Sequences: the state machine of [`Sequence`] as iterated `LAG`.
//!
//! `s1 … sm` hold the rows of each distinct step with the key, the time and the row number. `p<i>` holds the
//! partial matches of the first `i` stages, each placed at its last row; `u<i>` mixes `p<i-1>` (kind 1) with
//! the rows of stage `i` (kind 0), and in their order by key a row of kind 0 completes the partial that stands
//! right before it. A newer partial or a row that consumed it stands between, which is what "at most one pending
//! partial, replaced by a newer one, removed when taken" says. At one place in the order rows stand before
//! partials: an event never continues a partial that ends with itself, and stages are visited last to first.
//!
//! Every table of events is asked for an explicit window of time: without one a scheduled query sees only rows
//! that are new since its last run, by a cursor that all tables of the query share.

use std::borrow::Cow;
use std::fmt::Write;

use eqlc_backend::{Direction, Loss};
use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};
use eqlc_ir::{Metadata, Sequence, Step};
use sqlparser::ast::Query;

use crate::columns::Column;
use crate::event::{broken, table_of};
use crate::predicate::Emitter;
use crate::profile::{Clock, Profile, Table};
use crate::{Emitted, sql, test};

/// The most stages, repetitions counted (`eql-semantics.md` §10.6).
const MOST_STAGES: usize = 256;

/// The interval between runs where a rule has none that can be read, in seconds.
const DEFAULT_INTERVAL: u64 = Metadata::DEFAULT_INTERVAL_MS / 1_000;

/// How long osquery keeps events by default (`--events_expiry`), in seconds.
const KEPT: u64 = 3_600;

/// What all stages have in common.
struct Plan {
    /// Number of the step of each stage, from 1; a step with runs has several stages.
    stages: Vec<usize>,
    /// Number of keys.
    keys: usize,
    /// Whether rows of several tables are mixed.
    mixed: bool,
    maxspan_ms: Option<u64>,
}

/// The query of a sequence.
pub(crate) fn emit(sequence: &Sequence, meta: &Metadata, profile: &Profile) -> Result<Emitted, Diagnostics> {
    let tables: Vec<&Table> =
        sequence.steps.iter().map(|step| table_of(&step.query, profile)).collect::<Result<_, _>>()?;
    let plan = plan(sequence, &tables)?;
    same_host(&tables, sequence)?;
    let mut emitter = Emitter::default();
    let window = window_seconds(sequence, meta);
    table_losses(&tables, sequence, window, &mut emitter);
    let mut conditions = Vec::with_capacity(tables.len());
    let mut ctes = Vec::with_capacity(tables.len());
    let ranks = ranks(&tables);
    for (((at, step), table), rank) in sequence.steps.iter().enumerate().zip(&tables).zip(ranks) {
        let keys = keys_of(sequence, step, table)?;
        let mut all = table.filter.clone();
        let since = format!("{} > (SELECT unix_time FROM time) - {window}", table.arrived);
        all.insert(0, sql::expression(&since).map_err(broken)?);
        all.extend(keys.iter().map(|key| test::has_value(key)));
        all.extend(emitter.conditions(&step.query.filter, table));
        conditions.push(sql::all(all));
        ctes.push(step_cte(at + 1, table, &keys, plan.mixed.then_some(rank)));
    }
    let losses = emitter.finish()?;
    let text = statement(&plan, ctes);
    let mut query = sql::query(&text).map_err(broken)?;
    fill(&mut query, conditions);
    Ok(Emitted { query, losses })
}

fn plan(sequence: &Sequence, tables: &[&Table]) -> Result<Plan, Diagnostics> {
    let runs = sequence.steps.iter().map(|step| step.runs as usize);
    let total = runs.clone().fold(0_usize, usize::saturating_add);
    if total > MOST_STAGES {
        return Err(refused(sequence, format!("a sequence of {total} stages is longer than {MOST_STAGES}")));
    }
    let stages = runs.enumerate().flat_map(|(at, runs)| std::iter::repeat_n(at + 1, runs)).collect();
    let mut widths = sequence.steps.iter().map(|step| sequence.by.len() + step.by.len());
    let keys = widths.next().unwrap_or(0);
    if widths.any(|width| width != keys) {
        let message = "a join key holds for every event of one step and not of another".to_owned();
        return Err(refused(sequence, message));
    }
    let mixed = tables.iter().any(|table| Some(&table.table) != tables.first().map(|first| &first.table));
    Ok(Plan { stages, keys, mixed, maxspan_ms: sequence.maxspan_ms })
}

/// One query runs on one platform.
fn same_host(tables: &[&Table], sequence: &Sequence) -> Result<(), Diagnostics> {
    let mut platforms = tables.iter().map(|table| &table.platform);
    let first = platforms.next();
    if platforms.all(|platform| Some(platform) == first) {
        return Ok(());
    }
    Err(refused(sequence, "the events of the steps are of different operating systems".to_owned()))
}

fn refused(sequence: &Sequence, message: String) -> Diagnostics {
    vec![Diagnostic::error(targets::CONTENT_REFUSED, message).at(span_of(sequence), "this sequence")]
}

fn span_of(sequence: &Sequence) -> Span {
    let mut spans = sequence.steps.iter().map(|step| step.span.0);
    let first = spans.next().unwrap_or_default();
    spans.fold(first, Span::to)
}

/// What the buffer and the clock of the tables bend.
fn table_losses(tables: &[&Table], sequence: &Sequence, window: u64, emitter: &mut Emitter) {
    let mut lose = |code, direction, why: String| {
        emitter.lose(Loss { code, direction, span: span_of(sequence), place: "sequence".to_owned(), why });
    };
    if tables.iter().any(|table| table.clock == Clock::Second) {
        let why = "event times are whole seconds: the order of tables inside a second is that of the steps, and \
                   a span can be a second off";
        lose(losses::APPROXIMATE_FIELD, Direction::Either, why.to_owned());
    }
    if window > KEPT {
        let why = format!(
            "the query looks back {window} s and osquery keeps events for {KEPT} s unless `--events_expiry` says more"
        );
        lose(losses::SOURCE_COVERS_LESS, Direction::Narrower, why);
    }
}

/// How far back the tables are read, in seconds: a span that ends in the last interval.
fn window_seconds(sequence: &Sequence, meta: &Metadata) -> u64 {
    let interval = meta.interval_ms().map_or(DEFAULT_INTERVAL, |ms| ms.div_ceil(1_000));
    sequence.maxspan_ms.unwrap_or(0).div_ceil(1_000).saturating_add(interval)
}

/// The place of each step's table among the tables in the order of the steps.
fn ranks(tables: &[&Table]) -> Vec<usize> {
    let mut seen: Vec<&str> = Vec::new();
    tables
        .iter()
        .map(|table| {
            seen.iter().position(|name| *name == table.table).unwrap_or_else(|| {
                seen.push(&table.table);
                seen.len() - 1
            })
        })
        .collect()
}

fn keys_of<'a>(
    sequence: &Sequence,
    step: &Step,
    table: &'a Table,
) -> Result<Vec<Cow<'a, Column>>, Diagnostics> {
    sequence
        .keys_of(&step.by)
        .into_iter()
        .map(|key| {
            let column = table.column(&key.field.path).filter(|column| column.each.is_none());
            column.ok_or_else(|| {
                let message = format!("the join key `{}` is no column of the table", key.field.path);
                vec![Diagnostic::error(targets::CONTENT_REFUSED, message).at(key.field.span, "this key")]
            })
        })
        .collect()
}

fn step_cte(number: usize, table: &Table, keys: &[Cow<'_, Column>], rank: Option<usize>) -> String {
    let mut columns: Vec<String> =
        keys.iter().enumerate().map(|(at, key)| format!("{} AS k{}", test::value_of(key), at + 1)).collect();
    columns.push(format!("{} AS t", table.time));
    if let Some(rank) = rank {
        columns.push(format!("{rank} AS src"));
    }
    columns.push(format!("{} AS eid", table.order));
    format!("s{number} AS (SELECT {} FROM {} AS e WHERE TRUE)", columns.join(", "), table.table)
}

/// The conditions of the steps, in the places that the skeleton keeps for them.
fn fill(query: &mut Query, conditions: Vec<sqlparser::ast::Expr>) {
    let ctes = query.with.iter_mut().flat_map(|with| &mut with.cte_tables);
    for (cte, condition) in ctes.zip(conditions) {
        sql::set_condition(&mut cte.query, condition);
    }
}

impl Plan {
    /// Columns by which rows are ordered: time, then table, then number in the table.
    fn order(&self) -> &'static str {
        if self.mixed { "t, src, eid" } else { "t, eid" }
    }

    fn keys(&self) -> String {
        (1..=self.keys).fold(String::new(), |mut out, at| {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "k{at}, ");
            out
        })
    }

    /// Columns of the stages before `stage`, each by a form of its number.
    fn before(stage: usize, form: impl Fn(usize) -> String) -> String {
        (1..stage).map(form).collect::<Vec<_>>().join(", ")
    }
}

/// The whole statement; of text made here and of data files, with nothing of the rule.
fn statement(plan: &Plan, mut ctes: Vec<String>) -> String {
    let (keys, order) = (plan.keys(), plan.order());
    let first = plan.stages.first().copied().unwrap_or(1);
    ctes.push(format!("p1 AS (SELECT {keys}{order}, t AS t1, eid AS eid1 FROM s{first})"));
    for (at, step) in plan.stages.iter().enumerate().skip(1) {
        stage(plan, at + 1, *step, &mut ctes);
    }
    let last = plan.stages.len();
    let shown = Plan::before(last + 1, |at| format!("t{at}, eid{at}"));
    format!("WITH {} SELECT {keys}{shown} FROM p{last} ORDER BY {order}", ctes.join(", "))
}

/// Stage `i`, two or more, filled by the rows of a step.
fn stage(plan: &Plan, i: usize, step: usize, ctes: &mut Vec<String>) {
    let (keys, order, last) = (plan.keys(), plan.order(), i - 1);
    let held = Plan::before(i, |at| format!("t{at}, eid{at}"));
    let nulls = Plan::before(i, |_| "NULL, NULL".to_owned());
    let lagged = Plan::before(i, |at| format!("lag(t{at}) OVER w AS t{at}, lag(eid{at}) OVER w AS eid{at}"));
    ctes.push(format!(
        "u{i} AS (SELECT {keys}{order}, 1 AS kind, {held} FROM p{last} \
         UNION ALL SELECT {keys}{order}, 0, {nulls} FROM s{step})"
    ));
    let partition = match plan.keys {
        0 => String::new(),
        _ => format!("PARTITION BY {} ", keys.trim_end_matches([',', ' '])),
    };
    ctes.push(format!(
        "l{i} AS (SELECT {keys}{order}, kind, lag(kind) OVER w AS prev, {lagged} FROM u{i} \
         WINDOW w AS ({partition}ORDER BY {order}, kind))"
    ));
    let span = plan.maxspan_ms.map_or(String::new(), |ms| format!(" AND t - t1 <= {ms}"));
    ctes.push(format!(
        "p{i} AS (SELECT {keys}{order}, {held}, t AS t{i}, eid AS eid{i} FROM l{i} \
         WHERE kind = 0 AND prev = 1{span})"
    ));
}
