//! What a query may do and how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Steps of SQLite's machine after which a query is stopped. Counting steps, not seconds, lets the same
/// query stop at the same place on every machine.
pub(super) const MAX_STEPS: u64 = 50_000_000;

const STEPS_AT_ONCE: i32 = 1_000;

/// Functions of SQLite that are newer than the 3.42 of osquery, and one that osquery does not enable.
const FUNCTIONS_OSQUERY_LACKS: &[&str] = &[
    "if",
    "json_array_insert",
    "jsonb",
    "jsonb_array",
    "jsonb_array_insert",
    "jsonb_each",
    "jsonb_extract",
    "jsonb_group_array",
    "jsonb_group_object",
    "jsonb_insert",
    "jsonb_object",
    "jsonb_patch",
    "jsonb_remove",
    "jsonb_replace",
    "jsonb_set",
    "jsonb_tree",
    "load_extension",
    "median",
    "octet_length",
    "percentile",
    "percentile_cont",
    "percentile_disc",
    "string_agg",
    "timediff",
    "unistr",
    "unistr_quote",
];

/// Watches a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    locked: Arc<AtomicBool>,
    steps: Arc<AtomicU64>,
}

impl Guard {
    /// From now on only queries, and `what` alone may do more.
    pub(super) fn watch(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let locked = Arc::clone(&self.locked);
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            if !locked.load(Ordering::Relaxed) || allowed(&context.action) {
                Authorization::Allow
            } else {
                Authorization::Deny
            }
        }))?;
        let steps = Arc::clone(&self.steps);
        let one_call = u64::from(STEPS_AT_ONCE.unsigned_abs());
        connection.progress_handler(
            STEPS_AT_ONCE,
            Some(move || steps.fetch_add(one_call, Ordering::Relaxed) >= MAX_STEPS),
        )
    }

    /// Runs a query of the user: reading only, with all its steps ahead.
    pub(super) fn query<T>(&self, run: impl FnOnce() -> T) -> T {
        self.steps.store(0, Ordering::Relaxed);
        self.locked.store(true, Ordering::Relaxed);
        let result = run();
        self.locked.store(false, Ordering::Relaxed);
        result
    }

    /// Whether the last query used up its steps.
    pub(super) fn ran_out(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > MAX_STEPS
    }

    /// Gives a statement of our own all its steps.
    pub(super) fn rewind(&self) {
        self.steps.store(0, Ordering::Relaxed);
    }
}

fn allowed(action: &AuthAction<'_>) -> bool {
    match action {
        AuthAction::Read { .. } | AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => {
            let name = function_name.to_ascii_lowercase();
            FUNCTIONS_OSQUERY_LACKS.binary_search(&name.as_str()).is_err()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS_OSQUERY_LACKS;

    #[test]
    fn functions_are_sorted_for_binary_search() {
        assert!(FUNCTIONS_OSQUERY_LACKS.is_sorted());
    }
}
