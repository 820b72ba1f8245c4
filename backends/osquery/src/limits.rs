//! What SQLite takes at most: a query that is larger in any way would fail on every host.

use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use sqlparser::ast::Query;

use crate::layout::{self, Extent};

/// The longest text of a query, in bytes (`SQLITE_MAX_SQL_LENGTH`); no configuration holds a longer one either.
const LONGEST: usize = 1_000_000;

/// How many parentheses may stand inside each other. The parser of SQLite up to 3.45 has a stack of 100
/// entries and a parenthesis takes three or four of them.
const NESTING: usize = 20;

/// The deepest tree of an expression (`SQLITE_MAX_EXPR_DEPTH`).
const DEEPEST: usize = 1_000;

/// The most arguments of a call (`SQLITE_MAX_FUNCTION_ARG` of SQLite 3.42).
const ARGUMENTS: usize = 127;

/// Refuses what SQLite would not take. Columns and the parts of a `UNION` are bounded by the stages of a sequence and
/// the sources of a profile, far below what it takes of them (2,000 and 500).
pub(crate) fn check(query: &Query) -> Result<(), Diagnostics> {
    let text = query.to_string();
    if text.len() > LONGEST {
        let message = format!("a query of {} bytes is longer than SQLite takes", text.len());
        return Err(refused(message, format!("queries have up to {LONGEST} bytes")));
    }
    let Extent { nesting, depth, arguments } = layout::extent(&text);
    if nesting > NESTING {
        let message = "the conditions of the rule stand too deep inside each other for the parser of SQLite";
        let note = format!("no more than {NESTING} parentheses can stand inside each other");
        return Err(refused(message.to_owned(), note));
    }
    if depth > DEEPEST {
        let message = "an expression of the rule is too deep for SQLite";
        return Err(refused(message.to_owned(), format!("expressions are trees of up to {DEEPEST} levels")));
    }
    if arguments > ARGUMENTS {
        let message = format!("a call of a function with {arguments} arguments is too large for SQLite");
        return Err(refused(message, format!("functions have up to {ARGUMENTS} arguments")));
    }
    Ok(())
}

fn refused(message: String, note: String) -> Diagnostics {
    vec![Diagnostic::error(targets::CONTENT_REFUSED, message).note(note)]
}
