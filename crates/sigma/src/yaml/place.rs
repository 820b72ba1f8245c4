//! From the characters of a scalar's value to where they stand in the file.

use std::ops::Range;

use eqlc_diagnostics::{Fragment, Span};

use super::{Scalar, Style, Yaml};

/// Maps bytes of a scalar's value to the file. Where the notation hides the way (an escape, a folded line)
/// the nearest place before is given.
pub struct Place<'a> {
    fragment: &'a Fragment,
    /// Value byte and fragment byte, at the start of every run that was copied unchanged.
    runs: Vec<(usize, usize)>,
    value_len: usize,
    end: usize,
}

impl<'a> Place<'a> {
    /// The map of a scalar node.
    #[must_use]
    pub fn new(fragment: &'a Fragment, node: &Yaml, scalar: &Scalar) -> Self {
        let source = fragment.text().get(node.at.clone()).unwrap_or("");
        let (inner, skip) = body(source, scalar.style);
        let start = node.at.start + skip;
        let runs = align(inner, &scalar.text, scalar.style, start);
        Self { fragment, runs, value_len: scalar.text.len(), end: start + inner.len() }
    }

    /// The place in the file of bytes `range` of the value.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.outer(range.start);
        let end = match range.end.checked_sub(1) {
            Some(last) if range.end > range.start => self.outer(last) + 1,
            _ => start,
        };
        self.fragment.span(start, end.max(start))
    }

    fn outer(&self, value_at: usize) -> usize {
        let run = self.runs.partition_point(|(value, _)| *value <= value_at);
        let Some((value, source)) = run.checked_sub(1).and_then(|at| self.runs.get(at)) else {
            return self.end.min(self.runs.first().map_or(self.end, |(_, source)| *source));
        };
        if value_at >= self.value_len {
            // Trailing line ends of a block scalar lie past its last character.
            return (source + (self.value_len - value)).min(self.end);
        }
        (source + (value_at - value)).min(self.end)
    }
}

/// The part of a scalar's source that holds its characters, and how many bytes stand before it.
fn body(source: &str, style: Style) -> (&str, usize) {
    match style {
        Style::Plain => (source, 0),
        Style::Single | Style::Double => {
            let quote = if style == Style::Single { '\'' } else { '"' };
            let inner = source.strip_prefix(quote).unwrap_or(source);
            (inner.strip_suffix(quote).unwrap_or(inner), source.len() - inner.len())
        }
        Style::Block => match source.split_once('\n') {
            Some((header, rest)) if header.starts_with(['|', '>']) => (rest, header.len() + 1),
            _ => (source, 0),
        },
    }
}

/// Walks source and value side by side. Every step advances in the source, so it ends.
fn align(source: &str, value: &str, style: Style, offset: usize) -> Vec<(usize, usize)> {
    if source == value && !value.is_empty() && !value.contains(['\'', '\\']) {
        return vec![(0, offset)];
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut source_chars = source.char_indices().peekable();
    let mut value_chars = value.char_indices().peekable();
    let mut in_run = false;
    while let (Some(&(s_at, s)), Some(&(v_at, v))) = (source_chars.peek(), value_chars.peek()) {
        source_chars.next();
        let escape = style == Style::Double && s == '\\';
        if s == v && !escape {
            value_chars.next();
            if !in_run {
                runs.push((v_at, offset + s_at));
                in_run = true;
            }
            if s == '\'' && style == Style::Single {
                // Written twice for one.
                source_chars.next_if(|(_, next)| *next == '\'');
                in_run = false;
            }
            continue;
        }
        in_run = false;
        if escape {
            value_chars.next();
            runs.push((v_at, offset + s_at));
            let digits = match source_chars.next().map(|(_, c)| c) {
                Some('x') => 2,
                Some('u') => 4,
                Some('U') => 8,
                _ => 0,
            };
            for _ in 0..digits {
                source_chars.next_if(|(_, c)| c.is_ascii_hexdigit());
            }
        } else if s == '\n' && v == ' ' {
            value_chars.next();
            runs.push((v_at, offset + s_at));
        }
    }
    runs
}
