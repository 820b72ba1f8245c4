//! Which rows a run reads, and which matches it reports.

use eqlc_ir::Sequence;

/// The windows of a run.
pub(super) struct Window {
    /// How far back the tables are read, in seconds: far enough for every match that the run reports.
    pub(super) seconds: u64,
    /// The time between two runs, in seconds.
    pub(super) interval: u64,
}

impl Window {
    /// The windows of a sequence that runs in an interval, in seconds.
    pub(super) fn of(sequence: &Sequence, interval: u64) -> Self {
        let span = sequence.maxspan_ms.unwrap_or(0).div_ceil(1_000);
        let absent = |at: Option<&eqlc_ir::Step>| at.is_some_and(|step| step.missing);
        let (first, last) = (absent(sequence.steps.first()), absent(sequence.steps.last()));
        // A match that ends with a missing event is reported in the second after its span; an event before one
        // that begins with a missing event may lie a whole span before its last event.
        let spans = if first && last { span.saturating_mul(2) } else { span };
        let seconds = spans.saturating_add(interval).saturating_add(u64::from(last));
        Self { seconds, interval }
    }
}
