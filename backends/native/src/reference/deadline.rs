//! When a run is given up.

use std::cell::Cell;
use std::time::Instant;

use super::RunError;

/// How often the clock is looked at: once in so many questions.
const QUESTIONS: u32 = 32;

/// A time that is looked at now and then.
#[derive(Debug, Default)]
pub(super) struct Deadline {
    until: Option<Instant>,
    /// Questions since the clock was looked at.
    asked: Cell<u32>,
}

impl Deadline {
    pub(super) fn new(until: Option<Instant>) -> Self {
        Self { until, asked: Cell::new(QUESTIONS) }
    }

    /// # Errors
    /// [`RunError::OutOfTime`] once the time has passed.
    pub(super) fn check(&self) -> Result<(), RunError> {
        let Some(until) = self.until else { return Ok(()) };
        let asked = self.asked.get().saturating_add(1);
        if asked < QUESTIONS {
            self.asked.set(asked);
            return Ok(());
        }
        self.asked.set(0);
        if Instant::now() < until { Ok(()) } else { Err(RunError::OutOfTime) }
    }
}
