//! Queries over single events: one row for each event that matches.

use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::{Category, EventQuery, Pred};

use crate::predicate::Emitter;
use crate::profile::{Profile, Table};
use crate::{Emitted, sql};

/// Name of the column with the time of an event in milliseconds.
pub(crate) const TIME: &str = "time_ms";

/// The table of a query. A query that mapping found to match none of its rows is refused: an output that can
/// never match helps nobody.
pub(crate) fn table_of<'a>(query: &EventQuery, profile: &'a Profile) -> Result<&'a Table, Diagnostics> {
    if let (Category::LogSource(source), Pred::Const(false)) = (&query.category, &query.filter) {
        let message = format!("no event of the source `{source}` can satisfy the query");
        return Err(vec![Diagnostic::error(targets::CONTENT_REFUSED, message)]);
    }
    let table = match &query.category {
        Category::LogSource(source) => profile.table(source),
        Category::Any | Category::OneOf(_) => None,
    };
    table.ok_or_else(|| {
        let message = "the query names no log source of the profile";
        vec![Diagnostic::error(targets::CONTENT_REFUSED, message)]
    })
}

/// The query of a rule over single events.
pub(crate) fn emit(query: &EventQuery, profile: &Profile) -> Result<Emitted, Diagnostics> {
    let table = table_of(query, profile)?;
    let mut emitter = Emitter::default();
    let own = emitter.conditions(&query.filter, table);
    let losses = emitter.finish()?;
    let mut columns = vec![format!("{} AS {TIME}", table.time), format!("{} AS eid", table.order)];
    columns.extend(table.select.iter().map(|column| format!("{} AS {}", column.expr, column.name)));
    let skeleton =
        format!("SELECT {} FROM {} AS e WHERE TRUE ORDER BY {TIME}, eid", columns.join(", "), table.table);
    let mut query = sql::query(&skeleton).map_err(broken)?;
    let mut conditions = table.filter.clone();
    conditions.extend(own);
    sql::set_condition(&mut query, sql::all(conditions));
    Ok(Emitted { query, losses })
}

/// A skeleton that does not parse: a bug.
pub(crate) fn broken(error: String) -> Diagnostics {
    vec![Diagnostic::error(targets::READ_BACK, format!("an emitted query does not parse: {error}"))]
}
