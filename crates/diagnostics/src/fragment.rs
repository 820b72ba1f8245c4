//! Text in a language that stands inside another file: a query in a TOML string, a condition in YAML.

use crate::{SourceId, Span};

/// Text to parse and how its bytes map into the file that the user wrote.
///
/// The map is piecewise: bytes copied verbatim from the outer file map one to one; an escape of the outer
/// language (`\\` in a TOML basic string) is a piece of its own, so that every span of a parser points at
/// what the user typed.
#[derive(Clone, Debug)]
pub struct Fragment {
    text: String,
    source: SourceId,
    pieces: Vec<Piece>,
    outer_end: usize,
    /// Where the text starts in the file, if it stands there as it is.
    verbatim: Option<u32>,
}

/// From `inner` on, bytes of the text stand at `outer` on in the file. `copied` pieces advance byte by byte,
/// others (escapes) stand still until the next piece.
#[derive(Clone, Copy, Debug)]
struct Piece {
    inner: usize,
    outer: usize,
    copied: bool,
}

impl Fragment {
    /// A fragment that is a run of the outer file, unchanged.
    pub fn verbatim(source: SourceId, outer_start: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        let outer_end = outer_start + text.len();
        let pieces = vec![Piece { inner: 0, outer: outer_start, copied: true }];
        let verbatim = verbatim(&pieces, outer_end);
        Self { text, source, pieces, outer_end, verbatim }
    }

    /// An empty fragment that starts at `outer_start`; fill it with [`Fragment::push_copied`] and
    /// [`Fragment::push_escape`].
    #[must_use]
    pub fn builder(source: SourceId, outer_start: usize) -> Self {
        Self { text: String::new(), source, pieces: Vec::new(), outer_end: outer_start, verbatim: None }
    }

    /// Appends text that stands unchanged at `outer_start`.
    pub fn push_copied(&mut self, outer_start: usize, text: &str) {
        self.pieces.push(Piece { inner: self.text.len(), outer: outer_start, copied: true });
        self.text.push_str(text);
        self.outer_end = outer_start + text.len();
        self.verbatim = verbatim(&self.pieces, self.outer_end);
    }

    /// Appends text that the outer language writes as an escape at `outer_start..outer_end`.
    pub fn push_escape(&mut self, outer_start: usize, outer_end: usize, text: &str) {
        self.pieces.push(Piece { inner: self.text.len(), outer: outer_start, copied: false });
        self.text.push_str(text);
        self.outer_end = outer_end;
        self.verbatim = None;
    }

    /// The text to parse.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file it stands in.
    #[must_use]
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Where the text starts in the file, if it stands there as it is: the place of every byte is as far behind.
    #[must_use]
    pub fn verbatim_start(&self) -> Option<u32> {
        self.verbatim
    }

    /// The place in the outer file of bytes `start..end` of the text.
    #[must_use]
    #[inline]
    pub fn span(&self, start: usize, end: usize) -> Span {
        // Lexers ask for every token, and most texts stand in their files as they are.
        match (self.verbatim, u32::try_from(start), u32::try_from(end)) {
            (Some(outer), Ok(first), Ok(last)) if start < end && end <= self.text.len() => {
                Span { source: self.source, start: outer + first, end: outer + last }
            }
            _ => {
                let (start, end) = self.range_in_pieces(start, end);
                Span::new(self.source, start..end)
            }
        }
    }

    #[cold]
    fn range_in_pieces(&self, start: usize, end: usize) -> (usize, usize) {
        (self.outer(start), self.outer_after(end))
    }

    /// The whole fragment in the outer file.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.span(0, self.text.len())
    }

    fn piece(&self, inner: usize) -> Option<usize> {
        self.pieces.partition_point(|piece| piece.inner <= inner).checked_sub(1)
    }

    fn outer(&self, inner: usize) -> usize {
        if inner >= self.text.len() {
            return self.outer_end;
        }
        self.piece(inner).and_then(|at| self.pieces.get(at)).map_or(self.outer_end, |piece| {
            if piece.copied { piece.outer + (inner - piece.inner) } else { piece.outer }
        })
    }

    /// The end of a range: one past the outer bytes of the last inner byte, so that the range of an escape
    /// covers the whole escape.
    fn outer_after(&self, inner: usize) -> usize {
        let Some(last) = inner.checked_sub(1) else { return self.outer(0) };
        let Some(at) = self.piece(last) else { return self.outer_end };
        match self.pieces.get(at) {
            Some(piece) if piece.copied => piece.outer + (last - piece.inner) + 1,
            Some(_) => self.pieces.get(at + 1).map_or(self.outer_end, |next| next.outer),
            None => self.outer_end,
        }
    }
}

/// Where the text of the pieces starts, if it is one run that ends no later than places go.
fn verbatim(pieces: &[Piece], outer_end: usize) -> Option<u32> {
    match pieces {
        [Piece { outer, copied: true, .. }] if u32::try_from(outer_end).is_ok() => u32::try_from(*outer).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceMap;

    #[test]
    fn escapes_map_to_what_was_typed() {
        let mut map = SourceMap::new();
        // The outer file writes `a\\b` for the inner `a\b`.
        let id = map.add("r.toml", r#"q = "a\\b""#);
        let mut fragment = Fragment::builder(id, 5);
        fragment.push_copied(5, "a");
        fragment.push_escape(6, 8, "\\");
        fragment.push_copied(8, "b");
        assert_eq!(fragment.text(), "a\\b");
        assert_eq!(map.slice(fragment.span(1, 2)), r"\\");
        assert_eq!(map.slice(fragment.span(2, 3)), "b");
        assert_eq!(map.slice(fragment.whole()), r"a\\b");
        assert_eq!(fragment.span(3, 3).start, 9);
    }

    #[test]
    fn verbatim_shifts() {
        let mut map = SourceMap::new();
        let id = map.add("r.toml", "xx process where true");
        let fragment = Fragment::verbatim(id, 3, "process where true");
        assert_eq!(map.slice(fragment.span(8, 13)), "where");
    }
}
