//! Scalars as they stand in the file.

use std::ops::Range;

use eqlc_diagnostics::{Fragment, Node, Span};

/// The text of the file, by the spans of the tree.
pub(crate) struct Source<'a> {
    text: &'a str,
    base: u32,
    whole: Span,
    plain: bool,
}

impl<'a> Source<'a> {
    pub(crate) fn new(fragment: &'a Fragment) -> Self {
        let whole = fragment.whole();
        let plain = whole.range().len() == fragment.text().len();
        Self { text: fragment.text(), base: whole.start, whole, plain }
    }

    /// Whether the text stands in the file as it is, so that places in one are places in the other.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The bytes of a span in the text.
    pub(crate) fn range(&self, span: Span) -> Range<usize> {
        let from = |at: u32| at.saturating_sub(self.base) as usize;
        from(span.start)..from(span.end)
    }

    pub(crate) fn slice(&self, span: Span) -> &'a str {
        self.text.get(self.range(span)).unwrap_or("")
    }

    /// The span of bytes of the text.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        let base = self.base as usize;
        Span::new(self.whole.source, base + range.start..base + range.end)
    }

    /// The scalar at a span; none where it goes over several lines or is written with escapes.
    pub(crate) fn scalar(&self, span: Span) -> Option<Scalar<'a>> {
        let written = self.slice(span);
        if written.contains('\n') {
            return None;
        }
        let between = |quote: char| written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let (inner, style, skip) = match (between('\''), between('"')) {
            (Some(inner), _) => (inner, Style::Single, 1),
            (None, Some(inner)) if !inner.contains('\\') => (inner, Style::Double, 1),
            (None, None) if !written.starts_with(['\'', '"', '|', '>', '*', '&', '!']) => {
                (written, Style::Plain, 0)
            }
            _ => return None,
        };
        let start = self.range(span).start + skip;
        Some(Scalar { inner, style, start })
    }

    /// Where the text of a node begins, if it stands in the file as it is.
    pub(crate) fn verbatim(&self, node: &Node<String>) -> Option<usize> {
        self.scalar(node.span).filter(|scalar| scalar.inner == node.value).map(|scalar| scalar.start)
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Single,
    /// Between `"`, without escapes.
    Double,
}

/// A scalar on one line.
#[derive(Clone, Copy)]
pub(crate) struct Scalar<'a> {
    /// What stands between the quotes.
    pub(crate) inner: &'a str,
    pub(crate) style: Style,
    /// Where that begins in the text.
    start: usize,
}

/// A sign of Sigma's text as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// `*`.
    Run,
    /// `?`.
    One,
    /// A backslash and the wildcard or backslash that it makes a character.
    Escaped(char),
    Char(char),
}

impl Scalar<'_> {
    /// The bytes of the text at which bytes of the scalar stand.
    pub(crate) fn range(&self, inner: Range<usize>) -> Range<usize> {
        self.start + inner.start..self.start + inner.end
    }

    /// The signs with their bytes in the scalar.
    pub(crate) fn signs(&self) -> Vec<(Sign, Range<usize>)> {
        let mut signs = Vec::with_capacity(self.inner.len());
        let mut chars = self.inner.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let mut end = at + c.len_utf8();
            let sign = match c {
                '*' => Sign::Run,
                '?' => Sign::One,
                '\\' => match chars.next_if(|(_, next)| matches!(next, '*' | '?' | '\\')) {
                    Some((_, escaped)) => {
                        end += 1;
                        Sign::Escaped(escaped)
                    }
                    None => Sign::Char('\\'),
                },
                '\'' if self.style == Style::Single => {
                    // Written twice for one.
                    end += usize::from(chars.next_if(|(_, next)| *next == '\'').is_some());
                    Sign::Char('\'')
                }
                other => Sign::Char(other),
            };
            signs.push((sign, at..end));
        }
        signs
    }
}

/// Text between single quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
