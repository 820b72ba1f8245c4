//! One line a diagnostic, in the short style of codespan-reporting.

use std::io;
use std::ops::Range;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::{Ansi, NoColor, WriteColor};
use codespan_reporting::term::{self, Config, DisplayStyle, Styles, StylesWriter};
use eqlc_diagnostics::{Diagnostic, Severity, SourceFiles, SourceMap};

use crate::place::Place;
use crate::text;

/// The file database with names fit to print.
struct Printable<'a>(&'a SourceFiles);

impl<'a> Files<'a> for Printable<'a> {
    type FileId = usize;
    type Name = String;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<String, Error> {
        self.0.name(id).map(text::one_line)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Files::source(self.0, id)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        self.0.line_index(id, byte)
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        self.0.line_range(id, line)
    }
}

/// Renders; see [`crate::Format::Short`].
pub(crate) fn render(
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    color: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    if color {
        lines(sources, diagnostics, Ansi::new(&mut out))
    } else {
        lines(sources, diagnostics, NoColor::new(&mut out))
    }?;
    io::Write::flush(&mut out)
}

fn lines(sources: &SourceMap, diagnostics: &[Diagnostic], out: impl WriteColor) -> io::Result<()> {
    let config = Config { display_style: DisplayStyle::Short, ..Config::default() };
    let styles = Styles::default();
    let files = Printable(sources.codespan_files());
    let mut out = StylesWriter::new(out, &styles);
    for diagnostic in diagnostics {
        term::emit_to_write_style(&mut out, &config, &files, &translate(sources, diagnostic)).map_err(
            |error| match error {
                Error::Io(error) => error,
                other => io::Error::other(other),
            },
        )?;
    }
    Ok(())
}

fn translate(sources: &SourceMap, diagnostic: &Diagnostic) -> codespan::Diagnostic<usize> {
    let severity = match diagnostic.severity {
        Severity::Note => codespan::Severity::Note,
        Severity::Warning => codespan::Severity::Warning,
        Severity::Error => codespan::Severity::Error,
    };
    let place = diagnostic.span().and_then(|span| Place::of(sources, span));
    let labels = place
        .map(|place| codespan::Label::primary(sources.codespan_id(place.span.source), place.span.range()));
    codespan::Diagnostic::new(severity)
        .with_code(diagnostic.code.as_str())
        .with_message(text::one_line(&diagnostic.message))
        .with_labels(labels.into_iter().collect())
}
