//! The one way from a span of a diagnostic to a place that a renderer may show.

use codespan_reporting::files::Files;
use eqlc_diagnostics::{Position, SourceMap, Span};
use serde::Serialize;

use crate::text;

/// A place inside a known file: clamped to its text and to character boundaries.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The clamped span.
    pub(crate) span: Span,
    /// The name of the file, fit to print on a line.
    pub(crate) name: String,
    /// Where it starts.
    pub(crate) start: Point,
    /// One past its last byte.
    pub(crate) end: Point,
}

/// A position by bytes and as people count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Point {
    /// Bytes from the start of the file.
    pub(crate) byte: u32,
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
}

impl Point {
    fn new(byte: u32, Position { line, column }: Position) -> Self {
        Self { byte, line, column }
    }
}

impl Place {
    /// The place of a span; none when its source is not in the map.
    pub(crate) fn of(sources: &SourceMap, span: Span) -> Option<Self> {
        let name = sources.codespan_files().name(sources.codespan_id(span.source)).ok()?;
        let span = sources.clamp(span);
        Some(Self {
            span,
            name: text::one_line(name),
            start: Point::new(span.start, sources.position(span)),
            end: Point::new(span.end, sources.end_position(span)),
        })
    }
}
