//! What goes to the user, and how.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use eqlc_diagnostics::{Diagnostic, Severity, SourceMap};
use eqlc_report::Summary;

use crate::args::{Color, Format, Global};

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Fine = 0,
    Findings = 1,
    BrokenRules = 2,
    Usage = 3,
    /// Stopped by a signal, as shells say it of Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Writes findings to standard error, answers to standard output.
pub(crate) struct Console {
    format: eqlc_report::Format,
    color: bool,
    chosen: Option<Format>,
    quiet: bool,
    /// Whether answers are coloured.
    colored_answers: bool,
    summary: Summary,
}

impl Console {
    pub(crate) fn new(global: &Global) -> Self {
        let terminal = io::stderr().is_terminal();
        let colored = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let (color, colored_answers) = (colored(terminal), colored(io::stdout().is_terminal()));
        let format = match global.format {
            Some(Format::Rich) => eqlc_report::Format::Rich,
            Some(Format::Short) => eqlc_report::Format::Short,
            Some(Format::Json) => eqlc_report::Format::Json,
            Some(Format::Junit | Format::Sarif | Format::Github) => eqlc_report::Format::Short,
            None if terminal => eqlc_report::Format::Rich,
            None => eqlc_report::Format::Short,
        };
        let (chosen, summary) = (global.format, Summary::of(std::iter::empty::<&Diagnostic>()));
        Self { format, color, chosen, quiet: global.quiet, colored_answers, summary }
    }

    /// Findings in the user's files.
    pub(crate) fn diagnostics(&mut self, sources: &SourceMap, diagnostics: &[Diagnostic]) -> io::Result<()> {
        let shown: Vec<Diagnostic> =
            diagnostics.iter().filter(|d| !self.quiet || d.severity == Severity::Error).cloned().collect();
        let counted = Summary::of(diagnostics);
        self.summary.errors += counted.errors;
        self.summary.warnings += counted.warnings;
        self.summary.notes += counted.notes;
        if shown.is_empty() {
            return Ok(());
        }
        eqlc_report::render(self.format, sources, &shown, self.color, &mut io::stderr().lock())
    }

    /// Findings that are the answer of a command.
    pub(crate) fn answer(
        &self,
        sources: &SourceMap,
        diagnostics: &[Diagnostic],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        eqlc_report::render(self.format, sources, diagnostics, self.colored_answers, out)
    }

    /// Findings without a file.
    pub(crate) fn plain(&mut self, diagnostics: &[Diagnostic]) -> io::Result<()> {
        self.diagnostics(&SourceMap::new(), diagnostics)
    }

    /// Wrong usage, in a line.
    pub(crate) fn usage(&mut self, message: &str) -> io::Result<Exit> {
        writeln!(io::stderr(), "error: {message}")?;
        Ok(Exit::Usage)
    }

    /// A closing line on what was done, with the count of findings.
    pub(crate) fn closing(&mut self, done: &str) -> io::Result<()> {
        if self.quiet || self.format == eqlc_report::Format::Json {
            return Ok(());
        }
        writeln!(io::stderr(), "{done}: {}", self.summary)
    }

    /// Whether only errors are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether answers should be JUnit's XML.
    pub(crate) fn is_junit(&self) -> bool {
        self.chosen == Some(Format::Junit)
    }

    /// The format that was asked for, if one was.
    pub(crate) fn chosen_format(&self) -> Option<Format> {
        self.chosen
    }

    /// Whether somebody sees at a terminal how far a run is.
    pub(crate) fn is_watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether answers should be JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == eqlc_report::Format::Json
    }
}
