//! How far the run is, for people who wait for it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;

/// A bar on the terminal; nothing where nobody looks.
pub(super) struct Progress {
    bar: ProgressBar,
    rules: std::sync::atomic::AtomicUsize,
}

impl Progress {
    /// A bar over so many inputs.
    pub(super) fn new(inputs: usize, console: &Console) -> Self {
        let bar = match console.is_watched() {
            true => ProgressBar::with_draw_target(u64::try_from(inputs).ok(), ProgressDrawTarget::stderr()),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} files, {msg}, {elapsed}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message("0 rules");
        Self { bar, rules: std::sync::atomic::AtomicUsize::new(0) }
    }

    /// A rule is verified.
    pub(super) fn rule(&self) {
        let done = self.rules.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        if !self.bar.is_hidden() {
            self.bar.set_message(super::count(done, "rule"));
        }
    }

    /// All rules of an input are reported.
    pub(super) fn input(&self) {
        self.bar.inc(1);
    }

    /// Writes something else to the terminal.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
