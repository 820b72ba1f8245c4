//! The text of a sequence's query: of text made here and of data files, with nothing of the rule.

use std::fmt::Write;

use super::Window;

/// What all stages have in common.
pub(super) struct Plan {
    /// Number of the step of each stage, from 1; a step with runs has several stages.
    pub(super) stages: Vec<usize>,
    pub(super) absences: Vec<Absence>,
    /// Number of keys.
    pub(super) keys: usize,
    /// Whether some of them may be null.
    pub(super) optional: bool,
    /// Whether rows of several tables are mixed.
    pub(super) mixed: bool,
    pub(super) maxspan_ms: Option<u64>,
    pub(super) until: bool,
}

/// A step that asks for a missing event.
pub(super) struct Absence {
    /// Its number, from 1.
    pub(super) step: usize,
    /// How many stages stand before it.
    pub(super) after: usize,
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

/// The whole statement.
pub(super) fn text(plan: &Plan, window: &Window, mut ctes: Vec<String>) -> String {
    let (keys, order) = (plan.keys(), plan.order());
    let first = plan.stages.first().copied().unwrap_or(1);
    ctes.push(format!("p1 AS (SELECT {keys}{order}, a, t AS t1, eid AS eid1 FROM s{first})"));
    for (at, step) in plan.stages.iter().enumerate().skip(1) {
        stage(plan, at + 1, *step, &mut ctes);
    }
    let last = plan.stages.len();
    let shown = Plan::before(last + 1, |at| format!("t{at}, eid{at}"));
    let conditions = reported(plan, window, last);
    format!(
        "WITH {} SELECT {keys}{shown} FROM p{last} AS p WHERE {conditions} ORDER BY {order}",
        ctes.join(", ")
    )
}

/// Stage `i`, two or more, filled by the rows of a step.
fn stage(plan: &Plan, i: usize, step: usize, ctes: &mut Vec<String>) {
    let (keys, order, last) = (plan.keys(), plan.order(), i - 1);
    let held = Plan::before(i, |at| format!("t{at}, eid{at}"));
    let nulls = Plan::before(i, |_| "NULL, NULL".to_owned());
    let lagged = Plan::before(i, |at| format!("lag(t{at}) OVER w AS t{at}, lag(eid{at}) OVER w AS eid{at}"));
    let rows =
        |name: &str, kind: usize| format!(" UNION ALL SELECT {keys}{order}, a, {kind}, {nulls} FROM {name}");
    let ends = if plan.until { rows("x", 2) } else { String::new() };
    let fills = rows(&format!("s{step}"), 0);
    ctes.push(format!("u{i} AS (SELECT {keys}{order}, a, 1 AS kind, {held} FROM p{last}{fills}{ends})"));
    let partition = match plan.keys {
        0 => String::new(),
        _ => format!("PARTITION BY {} ", keys.trim_end_matches([',', ' '])),
    };
    ctes.push(format!(
        "l{i} AS (SELECT {keys}{order}, kind, lag(kind) OVER w AS prev, max(a, lag(a) OVER w) AS a, {lagged} \
         FROM u{i} WINDOW w AS ({partition}ORDER BY {order}, kind))"
    ));
    let span = plan.maxspan_ms.map_or(String::new(), |ms| format!(" AND t - t1 <= {ms}"));
    ctes.push(format!(
        "p{i} AS (SELECT {keys}{order}, a, {held}, t AS t{i}, eid AS eid{i} FROM l{i} \
         WHERE kind = 0 AND prev = 1{span})"
    ));
}

/// Which matches of all stages a run reports: those that no event stands in the way of, and that became complete
/// since the run before.
fn reported(plan: &Plan, window: &Window, last: usize) -> String {
    let now = "(SELECT unix_time FROM time)";
    let span = plan.maxspan_ms.unwrap_or(0);
    let begins = |absence: &&Absence| absence.after == 0;
    let ends = |absence: &&Absence| absence.after == last;
    let leading: Vec<&Absence> = plan.absences.iter().filter(begins).collect();
    let trailing: Vec<&Absence> = plan.absences.iter().filter(ends).collect();
    let mut conditions = Vec::new();
    if trailing.is_empty() {
        conditions.push(format!("p.a > {now} - {}", window.interval));
    } else {
        let complete = format!("max(p.a, (p.t1 + {span}) / 1000 + 1)");
        conditions.push(format!("{complete} > {now} - {}", window.interval));
        conditions.push(format!("{complete} <= {now}"));
    }
    for absence in plan.absences.iter().filter(|absence| !begins(absence) && !ends(absence)) {
        let (before, behind) = (absence.after, absence.after + 1);
        let between = format!("m.t > p.t{before} AND m.t < p.t{behind}");
        conditions.push(none(&[(absence, "m")], plan, &between));
    }
    match (leading.is_empty(), trailing.is_empty()) {
        (false, true) => {
            let near = format!("m.t < p.t1 AND p.t{last} - m.t <= {span}");
            conditions.extend(leading.iter().map(|absence| none(&[(*absence, "m")], plan, &near)));
        }
        (true, false) => {
            let near = format!("m.t > p.t{last} AND m.t - p.t1 <= {span}");
            conditions.extend(trailing.iter().map(|absence| none(&[(*absence, "m")], plan, &near)));
        }
        (false, false) => {
            let near = format!("m.t < p.t1 AND n.t > p.t{last} AND n.t - m.t <= {span}");
            for one in &leading {
                let pairs = trailing.iter().map(|other| none(&[(*one, "m"), (*other, "n")], plan, &near));
                conditions.extend(pairs);
            }
        }
        (true, true) => {}
    }
    conditions.join(" AND ")
}

/// No rows of these steps, each under a name, with the key of the match satisfy a condition.
fn none(rows: &[(&Absence, &str)], plan: &Plan, condition: &str) -> String {
    let from: Vec<String> =
        rows.iter().map(|(absence, name)| format!("s{} AS {name}", absence.step)).collect();
    let mut all: Vec<String> = Vec::new();
    for (_, name) in rows {
        all.extend((1..=plan.keys).map(|at| match plan.optional {
            // Null is equal to null.
            true => format!("({name}.k{at} = p.k{at} OR ({name}.k{at} IS NULL AND p.k{at} IS NULL))"),
            false => format!("{name}.k{at} = p.k{at}"),
        }));
    }
    all.push(condition.to_owned());
    format!("NOT EXISTS (SELECT 1 FROM {} WHERE {})", from.join(", "), all.join(" AND "))
}
