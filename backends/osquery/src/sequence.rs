//! Sequences: the state machine of [`Sequence`] as iterated `LAG`.
//!
//! `s1 … sm` hold the rows of each distinct step with the key, the time and the row number, `x` those of `until`.
//! `p<i>` holds the partial matches of the first `i` stages, each placed at its last row; `u<i>` mixes `p<i-1>`
//! (kind 1) with the rows of stage `i` (kind 0) and of `until` (kind 2), and in their order by key a row of kind 0
//! completes the partial that stands right before it. A newer partial, a row that consumed it or one that ends it
//! stands between, which is what "at most one pending partial, replaced by a newer one, removed when taken" says.
//! At one place in the order rows stand before partials: an event never continues a partial that ends with itself,
//! and stages are visited last to first. Rows of `until` stand behind them: they come after the steps of their
//! event (`eql-semantics.md` §10.5).
//!
//! A missing event is a row that does not exist between the times of the stages around it, or near enough before
//! the first or behind the last one (§10.7). What may still come decides later: a match that ends with a missing
//! event is reported once its time span is over.
//!
//! Every table of events is asked for an explicit window of time: without one a scheduled query sees only rows
//! that are new since its last run, by a cursor that all tables of the query share. The windows of two runs
//! overlap, so a run reports only matches that became complete since the run before: `a` is when the last of the
//! rows of a match arrived. What stands before the window changes nothing for matches inside of it, since a
//! partial never replaces one that began later.

mod statement;
mod window;

use std::borrow::Cow;

use eqlc_backend::{Direction, Loss};
use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};
use eqlc_ir::{Key, Sequence};
use sqlparser::ast::{Expr, Query};

use crate::asked::{Asked, asked};
use crate::columns::Column;
use crate::event::{broken, since};
use crate::predicate::Emitter;
use crate::profile::{Clock, Profile, Table};
use crate::schedule::KEPT;
use crate::{Emitted, sql, test};

use statement::{Absence, Plan};
use window::Window;

/// The most stages, repetitions counted (`eql-semantics.md` §10.6).
const MOST_STAGES: usize = 256;

/// The rows of a step or of `until`.
struct Rows<'a> {
    name: String,
    keys: Vec<&'a Key>,
    asked: Vec<Asked<'a>>,
}

/// The query of a sequence.
pub(crate) fn emit(sequence: &Sequence, interval: u64, profile: &Profile) -> Result<Emitted, Diagnostics> {
    let rows = rows_of(sequence, profile)?;
    let tables: Vec<&Table> = rows.iter().flat_map(|rows| &rows.asked).map(|asked| asked.table).collect();
    let plan = plan(sequence, &rows, &tables)?;
    same_host(&tables, sequence)?;
    let mut emitter = Emitter::default();
    let window = Window::of(sequence, interval);
    table_losses(&tables, sequence, window.seconds, &mut emitter);
    let mut conditions = Vec::with_capacity(rows.len());
    let mut ctes = Vec::with_capacity(rows.len());
    let mut ranks = ranks(&tables).into_iter();
    for rows in &rows {
        let mut parts = Vec::with_capacity(rows.asked.len());
        let mut of_parts = Vec::with_capacity(rows.asked.len());
        for asked in &rows.asked {
            let keys = keys_of(rows, asked.table, sequence)?;
            let mut all = vec![since(asked.table, window.seconds)?];
            let required = keys.iter().filter(|(_, optional)| !optional);
            let joined: Vec<Expr> = required.map(|(key, _)| test::has_value(key)).collect();
            all.extend(asked.conditions(&joined, &mut emitter));
            of_parts.push(sql::all(all));
            parts.push(select(asked.table, &keys, ranks.next().filter(|_| plan.mixed)));
        }
        conditions.push(of_parts);
        ctes.push(format!("{} AS ({})", rows.name, parts.join(" UNION ALL ")));
    }
    let losses = emitter.finish()?;
    let text = statement::text(&plan, &window, ctes);
    let mut query = sql::query(&text).map_err(broken)?;
    fill(&mut query, conditions);
    Ok(Emitted { query, losses })
}

fn rows_of<'a>(sequence: &'a Sequence, profile: &'a Profile) -> Result<Vec<Rows<'a>>, Diagnostics> {
    let mut all = Vec::with_capacity(sequence.steps.len() + 1);
    for (at, step) in sequence.steps.iter().enumerate() {
        let (name, keys) = (format!("s{}", at + 1), sequence.keys_of(&step.by));
        all.push(Rows { name, keys, asked: asked(&step.query, profile)? });
    }
    if let Some(until) = &sequence.until {
        let (name, keys) = ("x".to_owned(), sequence.keys_of(&until.by));
        all.push(Rows { name, keys, asked: asked(&until.query, profile)? });
    }
    Ok(all)
}

fn plan(sequence: &Sequence, rows: &[Rows<'_>], tables: &[&Table]) -> Result<Plan, Diagnostics> {
    let total = sequence.steps.iter().map(|step| step.runs as usize).fold(0_usize, usize::saturating_add);
    if total > MOST_STAGES {
        return Err(refused(sequence, format!("a sequence of {total} stages is longer than {MOST_STAGES}")));
    }
    let mut stages = Vec::with_capacity(total);
    let mut absences = Vec::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        match step.missing {
            true => absences.push(Absence { step: at + 1, after: stages.len() }),
            false => stages.extend(std::iter::repeat_n(at + 1, step.runs as usize)),
        }
    }
    if stages.is_empty() {
        return Err(refused(sequence, "every step of the sequence asks for a missing event".to_owned()));
    }
    let keys = rows.first().map_or(0, |rows| rows.keys.len());
    if rows.iter().any(|rows| rows.keys.len() != keys) {
        let message = "a join key holds for every event of one step and not of another".to_owned();
        return Err(refused(sequence, message));
    }
    let mixed = tables.iter().any(|one| tables.first().is_some_and(|first| one.table != first.table));
    let (maxspan_ms, until) = (sequence.maxspan_ms, sequence.until.is_some());
    if !absences.is_empty() && maxspan_ms.is_none() {
        return Err(refused(sequence, "a missing event needs a time span".to_owned()));
    }
    let optional = rows.iter().flat_map(|rows| &rows.keys).any(|key| key.field.optional);
    Ok(Plan { stages, absences, keys, optional, mixed, maxspan_ms, until })
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

/// The columns of the keys in a table, and whether each may be without value. A key that some step must have, all must
/// have.
fn keys_of<'a>(
    rows: &Rows<'_>,
    table: &'a Table,
    sequence: &Sequence,
) -> Result<Vec<(Cow<'a, Column>, bool)>, Diagnostics> {
    let steps = sequence.steps.iter().flat_map(|step| &step.by);
    let until = sequence.until.iter().flat_map(|until| &until.by);
    let all: Vec<&Key> = sequence.by.iter().chain(steps).chain(until).collect();
    rows.keys
        .iter()
        .map(|key| {
            let path = &key.field.path;
            let column = table.column(path).filter(|column| column.each.is_none());
            let column = column.ok_or_else(|| {
                let message = format!("the join key `{path}` is no column of the table");
                vec![Diagnostic::error(targets::CONTENT_REFUSED, message).at(key.field.span, "this key")]
            })?;
            Ok((column, all.iter().all(|other| other.field.path != *path || other.field.optional)))
        })
        .collect()
}

/// The rows of a table for a step.
fn select(table: &Table, keys: &[(Cow<'_, Column>, bool)], rank: Option<usize>) -> String {
    let key = |(at, (key, optional)): (usize, &(Cow<'_, Column>, bool))| match optional {
        true => format!("{} AS k{}", test::null_or_value(key), at + 1),
        false => format!("{} AS k{}", test::value_of(key), at + 1),
    };
    let mut columns: Vec<String> = keys.iter().enumerate().map(key).collect();
    columns.push(format!("{} AS t", table.time));
    if let Some(rank) = rank {
        columns.push(format!("{rank} AS src"));
    }
    columns.push(format!("{} AS eid", table.order));
    columns.push(format!("{} AS a", table.arrived));
    format!("SELECT {} FROM {} AS e WHERE TRUE", columns.join(", "), table.table)
}

/// The conditions of the steps, in the places that the skeleton keeps for them.
fn fill(query: &mut Query, conditions: Vec<Vec<Expr>>) {
    let ctes = query.with.iter_mut().flat_map(|with| &mut with.cte_tables);
    for (cte, condition) in ctes.zip(conditions) {
        sql::set_conditions(&mut cte.query, condition);
    }
}
