//! What is seen of a run while it goes on.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use eqlc_diagnostics::{Diagnostic, Severity};
use eqlc_driver::{Listener, StreamCounts};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;

/// How often the bar moves.
const EVERY: Duration = Duration::from_millis(100);

/// Tells findings, keeps what is malformed, and moves a bar where somebody looks.
pub(super) struct Watch<'a> {
    console: &'a mut Console,
    rejects: Option<BufWriter<File>>,
    bar: ProgressBar,
    start: Instant,
    moved: Instant,
    failed: bool,
}

impl<'a> Watch<'a> {
    /// Over inputs of so many bytes, if that is known. Fails with a message where rejects cannot be kept, before
    /// anything is read.
    pub(super) fn new(
        rejects: Option<&Path>,
        size: Option<u64>,
        console: &'a mut Console,
    ) -> Result<Self, String> {
        let create = |path: &Path| {
            File::create(path)
                .map(BufWriter::new)
                .map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
        };
        let rejects = rejects.map(create).transpose()?;
        // Matches on the same terminal would run through the bar.
        let bar = match console.is_watched() && !io::stdout().is_terminal() {
            true => ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr()),
            false => ProgressBar::hidden(),
        };
        let template = match size {
            Some(_) => "{bar:32} {bytes}/{total_bytes}, {msg}, {elapsed}, {eta} to go",
            None => "{spinner} {bytes}, {msg}, {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let start = Instant::now();
        Ok(Self { console, rejects, bar, start, moved: start, failed: false })
    }

    /// Takes the bar away and writes what is left; whether an input failed.
    pub(super) fn end(mut self) -> io::Result<bool> {
        self.bar.finish_and_clear();
        self.flush()?;
        Ok(self.failed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.rejects.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Listener for Watch<'_> {
    fn found(&mut self, finding: &Diagnostic) -> io::Result<()> {
        self.failed |= finding.severity == Severity::Error;
        let Self { console, bar, .. } = self;
        bar.suspend(|| console.plain(std::slice::from_ref(finding)))
    }

    fn rejected(&mut self, event: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.rejects else { return Ok(()) };
        file.write_all(event)?;
        file.write_all(b"\n")
    }

    fn progress(&mut self, counts: StreamCounts) {
        if self.bar.is_hidden() || self.moved.elapsed() < EVERY {
            return;
        }
        self.moved = Instant::now();
        self.bar.set_position(counts.taken);
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = counts.events.saturating_mul(1_000) / millis;
        self.bar.set_message(format!("{} events, {rate}/s, {} matches", counts.events, counts.matches));
    }

    fn idle(&mut self) -> io::Result<()> {
        self.flush()
    }
}
