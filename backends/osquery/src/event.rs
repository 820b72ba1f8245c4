//! Queries over single events: one row for each event that matches, of one table or of several.

use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::EventQuery;
use indexmap::IndexSet;
use sqlparser::ast::Expr;

use crate::asked::{Asked, asked};
use crate::predicate::Emitter;
use crate::profile::{Profile, Table};
use crate::{Emitted, sql};

/// Name of the column with the time of an event in milliseconds.
pub(crate) const TIME: &str = "time_ms";

/// Name of the column that says where an event is from, in a query of several sources.
const FROM: &str = "log_source";

/// The query of a rule over single events. One that asks several tables looks back as far as its interval, in seconds:
/// what a schedule has seen of its tables, osquery keeps for all of them together, so that one would hide the rows of
/// the next.
pub(crate) fn emit(query: &EventQuery, interval: u64, profile: &Profile) -> Result<Emitted, Diagnostics> {
    let asked = asked(query, profile)?;
    let mut emitter = Emitter::default();
    let mut conditions = Vec::with_capacity(asked.len());
    for asked_of in &asked {
        let mut all = asked_of.conditions(&[], &mut emitter);
        if looks_back(&asked) {
            all.insert(0, since(asked_of.table, interval)?);
        }
        conditions.push(sql::all(all));
    }
    let losses = emitter.finish()?;
    let mut query = sql::query(&skeleton(&asked)).map_err(broken)?;
    sql::set_conditions(&mut query, conditions);
    Ok(Emitted { query, losses })
}

/// Whether a query over single events asks only for those of a time span.
pub(crate) fn looks_back(asked: &[Asked<'_>]) -> bool {
    asked.len() > 1
}

/// Rows that arrived in the last so many seconds.
pub(crate) fn since(table: &Table, seconds: u64) -> Result<Expr, Diagnostics> {
    sql::expression(&format!("{} > (SELECT unix_time FROM time) - {seconds}", table.arrived)).map_err(broken)
}

/// The query of all rows of the tables, in the order of time. The columns of several tables stand beside each other.
fn skeleton(asked: &[Asked<'_>]) -> String {
    let sources = || asked.iter().flat_map(Asked::parts).map(|(table, _)| table);
    let names: IndexSet<&str> =
        sources().flat_map(|table| &table.select).map(|column| column.name.as_str()).collect();
    let several = sources().count() > 1;
    let rows = |asked: &Asked<'_>| {
        let table = asked.table;
        let mut columns = vec![format!("{} AS {TIME}", table.time), format!("{} AS eid", table.order)];
        if several {
            columns.push(format!("{} AS {FROM}", asked.log_source()));
        }
        columns.extend(names.iter().map(|name| {
            let mut shown = asked.parts().flat_map(|(table, _)| &table.select);
            let column = shown.find(|column| column.name == **name);
            column.map_or_else(|| format!("NULL AS {name}"), |column| format!("{} AS {name}", column.expr))
        }));
        format!("SELECT {} FROM {} AS e WHERE TRUE", columns.join(", "), table.table)
    };
    let all: Vec<String> = asked.iter().map(rows).collect();
    format!("{} ORDER BY {TIME}, eid", all.join(" UNION ALL "))
}

/// A skeleton that does not parse: a bug.
pub(crate) fn broken(error: String) -> Diagnostics {
    vec![Diagnostic::error(targets::READ_BACK, format!("an emitted query does not parse: {error}"))]
}
