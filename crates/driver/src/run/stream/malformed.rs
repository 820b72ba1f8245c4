//! What is said of events that are none.

use std::io;

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::files as codes;
use eqlc_events::ReadError;

use super::Listener;

/// Malformed events of one input that are reported one by one; more are counted.
const MAX_REPORTED: u64 = 100;

/// The malformed events of the input at hand.
#[derive(Debug, Default)]
pub(super) struct Malformed {
    name: String,
    count: u64,
    /// Events of the run before the input.
    before: u64,
}

impl Malformed {
    /// Those of an input with this name, before which so many events were read.
    pub(super) fn of(name: &str, before: u64) -> Self {
        Self { name: name.to_owned(), count: 0, before }
    }

    /// One more. The first of an input are reported one by one.
    pub(super) fn add(&mut self, line: usize, message: &str, listener: &mut dyn Listener) -> io::Result<()> {
        self.count = self.count.saturating_add(1);
        if self.count > MAX_REPORTED {
            return Ok(());
        }
        let message = format!("{}:line {line}: {message}", self.name);
        listener.found(&Diagnostic::warning(codes::BAD_EVENT, message))
    }

    /// The input has ended: how many more there were.
    pub(super) fn end(&self, listener: &mut dyn Listener) -> io::Result<()> {
        match self.count.checked_sub(MAX_REPORTED) {
            None | Some(0) => Ok(()),
            Some(more) => {
                let message = format!("{}: {more} more events are malformed", self.name);
                listener.found(&Diagnostic::warning(codes::BAD_EVENT, message))
            }
        }
    }

    /// The input failed, when so many events of the run had been read.
    pub(super) fn broken_off(
        &self,
        error: &ReadError,
        events: u64,
        listener: &mut dyn Listener,
    ) -> io::Result<()> {
        let note = match events.saturating_sub(self.before) {
            0 => "no event was read before".to_owned(),
            1 => "the one event before is evaluated".to_owned(),
            read => format!("the {read} events before are evaluated"),
        };
        let message = format!("{}:{error}", self.name);
        listener.found(&Diagnostic::error(codes::UNREADABLE, message).note(note))
    }
}
