//! When a run is given up.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::RunError;

/// How often the clock is looked at: once in so many questions.
const QUESTIONS: u32 = 32;

/// A time that is looked at now and then.
#[derive(Debug, Default)]
pub(super) struct Deadline {
    until: Option<Instant>,
    /// Questions since the clock was looked at.
    asked: AtomicU32,
}

impl Deadline {
    pub(super) fn new(until: Option<Instant>) -> Self {
        Self { until, asked: AtomicU32::new(QUESTIONS) }
    }

    /// # Errors
    /// [`RunError::OutOfTime`] once the time has passed.
    pub(super) fn check(&self) -> Result<(), RunError> {
        let Some(until) = self.until else { return Ok(()) };
        // Threads may count past each other: then the clock is looked at a little later.
        let asked = self.asked.load(Ordering::Relaxed).saturating_add(1);
        if asked < QUESTIONS {
            self.asked.store(asked, Ordering::Relaxed);
            return Ok(());
        }
        self.asked.store(0, Ordering::Relaxed);
        if Instant::now() < until { Ok(()) } else { Err(RunError::OutOfTime) }
    }
}
