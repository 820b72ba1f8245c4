//! The file database and places in it.

use std::ops::Range;

use codespan_reporting::files::Files;
use serde::{Deserialize, Serialize};

use crate::files::SourceFiles;

/// A file of the [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceId(u32);

/// A half-open range of bytes in one source. `start <= end`; both lie on character boundaries after
/// [`SourceMap::clamp`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `range` of `source`. Offsets past 4 GiB are held at the limit; readers refuse such files.
    #[must_use]
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        let start = u32::try_from(range.start).unwrap_or(u32::MAX);
        let end = u32::try_from(range.end).unwrap_or(u32::MAX).max(start);
        Self { source, start, end }
    }

    /// The range as `usize`, for indexing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that covers both. Spans of different sources: `self`.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span at the end of this one.
    #[must_use]
    pub fn at_end(self) -> Self {
        Self { start: self.end, ..self }
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Line and column as people count them, both from 1; the column counts characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Position {
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters.
    pub column: usize,
}

/// All text that diagnostics can point into, by [`SourceId`].
#[derive(Clone, Debug)]
pub struct SourceMap {
    files: SourceFiles,
    ids: Vec<SourceId>,
}

impl Default for SourceMap {
    fn default() -> Self {
        Self::new()
    }
}

impl SourceMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self { files: SourceFiles::default(), ids: Vec::new() }
    }

    /// Adds a file; `name` is what diagnostics print (a path, or `<stdin>`).
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let index = self.files.add(name.into(), text.into());
        let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
        self.ids.push(id);
        id
    }

    /// The name given to [`SourceMap::add`]; empty for a foreign id.
    #[must_use]
    pub fn name(&self, id: SourceId) -> &str {
        self.files.find(id.0 as usize).map_or("", |file| file.name.as_str())
    }

    /// The whole text; empty for a foreign id.
    #[must_use]
    pub fn text(&self, id: SourceId) -> &str {
        self.files.find(id.0 as usize).map_or("", |file| file.text.as_str())
    }

    /// The text under a span, after clamping.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.source).get(self.clamp(span).range()).unwrap_or("")
    }

    /// Every source, in the order it was added.
    pub fn ids(&self) -> impl Iterator<Item = SourceId> + '_ {
        self.ids.iter().copied()
    }

    /// The whole of a source as a span.
    #[must_use]
    pub fn whole(&self, id: SourceId) -> Span {
        Span::new(id, 0..self.text(id).len())
    }

    /// The nearest span inside the text whose ends lie on character boundaries. Renderers see only clamped
    /// spans: ariadne panics on an inverted span and inside a character.
    #[must_use]
    pub fn clamp(&self, span: Span) -> Span {
        let text = self.text(span.source);
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(span.start as usize);
        let mut end = (span.end as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Span::new(span.source, start..end.max(start))
    }

    /// Line and column of the first byte of a span.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        self.position_at(span.source, self.clamp(span).start as usize)
    }

    /// Line and column of one past the last byte of a span.
    #[must_use]
    pub fn end_position(&self, span: Span) -> Position {
        self.position_at(span.source, self.clamp(span).end as usize)
    }

    fn position_at(&self, id: SourceId, byte: usize) -> Position {
        self.files.location(id.0 as usize, byte).map_or(Position { line: 1, column: 1 }, |at| Position {
            line: at.line_number,
            column: at.column_number,
        })
    }

    /// The database in the form codespan-reporting takes.
    #[must_use]
    pub fn codespan_files(&self) -> &SourceFiles {
        &self.files
    }

    /// The file number codespan-reporting knows a source by.
    #[must_use]
    pub fn codespan_id(&self, id: SourceId) -> usize {
        id.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamps_into_characters() {
        let mut map = SourceMap::new();
        let id = map.add("a.eql", "näive");
        let span = map.clamp(Span { source: id, start: 2, end: 90 });
        assert_eq!(map.slice(span), "äive");
        assert_eq!(map.position(span), Position { line: 1, column: 2 });
    }

    #[test]
    fn inverted_spans_become_empty() {
        let mut map = SourceMap::new();
        let id = map.add("a.eql", "abc");
        assert!(map.clamp(Span { source: id, start: 3, end: 1 }).is_empty());
    }
}
