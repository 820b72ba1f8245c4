//! What a query asks, table by table.

use std::borrow::Cow;

use eqlc_backend::mapping::split;
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::{EventQuery, Pred};
use sqlparser::ast::Expr;

use crate::predicate::Emitter;
use crate::profile::{Profile, Table};
use crate::sql;

/// What a query asks of the rows of one table: of one log source, or of several that differ in their rows alone, and
/// have none in common.
pub(crate) struct Asked<'a> {
    /// The table, as its first log source has it.
    pub(crate) table: &'a Table,
    parts: Vec<(&'a Table, Cow<'a, Pred>)>,
}

/// The tables of a query, each with what is asked there. A query that mapping found to match none of their rows is
/// refused: an output that can never match helps nobody.
pub(crate) fn asked<'a>(query: &'a EventQuery, profile: &'a Profile) -> Result<Vec<Asked<'a>>, Diagnostics> {
    let mut found: Vec<Asked<'a>> = Vec::new();
    let mut empty: Vec<String> = Vec::new();
    for (source, filter) in split(query) {
        let Some(table) = profile.table(&source) else {
            return Err(refused(format!("the profile has no log source `{source}`")));
        };
        if *filter == Pred::Const(false) {
            empty.push(format!("`{source}`"));
            continue;
        }
        match found.iter_mut().find(|asked| asked.table.has_same_form(table)) {
            Some(asked) => asked.parts.push((table, filter)),
            None => found.push(Asked { table, parts: vec![(table, filter)] }),
        }
    }
    match (found.is_empty(), empty.as_slice()) {
        (false, _) => Ok(found),
        (true, []) => Err(refused("the query names no log source of the profile".to_owned())),
        (true, names) => {
            let names = names.join(", ");
            Err(refused(format!("no event of the source {names} can satisfy the query")))
        }
    }
}

fn refused(message: String) -> Diagnostics {
    vec![Diagnostic::error(targets::CONTENT_REFUSED, message)]
}

impl<'a> Asked<'a> {
    /// Its log sources, each with what is asked of its rows.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&'a Table, &Pred)> {
        self.parts.iter().map(|(table, filter)| (*table, &**filter))
    }

    /// The conditions that all hold of the rows that match, with others that do. What all log sources ask stands once.
    pub(crate) fn conditions(&self, others: &[Expr], emitter: &mut Emitter) -> Vec<Expr> {
        let own = |(table, filter): (&Table, &Pred)| {
            let conditions = emitter.conditions(filter, table);
            table.filter.iter().chain(others).cloned().chain(conditions).collect()
        };
        let each: Vec<Vec<Expr>> = self.parts().map(own).collect();
        let (mut common, rests) = factored(each);
        common.push(sql::any(rests.into_iter().map(sql::all).collect()));
        common
    }

    /// The log source of a row, as text.
    pub(crate) fn log_source(&self) -> String {
        let (_, rests) = factored(self.parts.iter().map(|(table, _)| table.filter.clone()).collect());
        if rests.len() < 2 {
            return format!("'{}'", self.table.log_source);
        }
        let branches = self.parts.iter().zip(rests);
        let branches: Vec<String> = branches
            .map(|((table, _), rest)| {
                let rest = sql::operand(sql::all(rest));
                format!("WHEN {rest} THEN '{}'", table.log_source)
            })
            .collect();
        format!("CASE {} END", branches.join(" "))
    }
}

/// The conditions that all lists have, and what each has beside them.
fn factored(mut lists: Vec<Vec<Expr>>) -> (Vec<Expr>, Vec<Vec<Expr>>) {
    let first = lists.first().cloned().unwrap_or_default();
    let common: Vec<Expr> =
        first.into_iter().filter(|expr| lists.iter().all(|list| list.contains(expr))).collect();
    lists.iter_mut().for_each(|list| list.retain(|expr| !common.contains(expr)));
    (common, lists)
}
