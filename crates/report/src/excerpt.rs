//! The part of a file that the rich renderer shows, in the form ariadne takes.
//!
//! ariadne wants the whole text and draws whole lines, breaks lines where editors do not, and prints control
//! characters as they are. An excerpt has the same line numbers, but text only on lines that a label touches;
//! long lines are cut around the labels.

use std::collections::BTreeMap;
use std::ops::Range;

use codespan_reporting::files::Files;
use eqlc_diagnostics::{SourceId, SourceMap, Span};

use crate::text;

/// Lines up to this many characters are shown whole.
const WHOLE_LINE: usize = 160;
/// Characters kept on each side of the ends of a label on a longer line.
const CONTEXT: usize = 60;
/// Labels past this line are not drawn: an excerpt holds every line before the last it shows.
const LAST_LINE: usize = 100_000;

/// Text with the line numbers of its file, and where its labels stand in it.
pub(crate) struct Excerpt {
    /// The lines.
    pub(crate) text: String,
    /// The labels in the order given: characters of [`Excerpt::text`], never empty.
    pub(crate) labels: Vec<Drawn>,
}

/// A label in an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// Characters of the excerpt.
    pub(crate) chars: Range<usize>,
    /// First and last line, from 0.
    pub(crate) lines: (usize, usize),
}

/// A shown line: its bytes in the file and the bytes that label ends stand at.
struct Line {
    bytes: Range<usize>,
    points: Vec<usize>,
}

/// Bytes of a line that are kept, and the character of the excerpt they start at.
struct Kept {
    bytes: Range<usize>,
    at: usize,
}

/// Text and its length in characters.
#[derive(Default)]
struct Writer {
    text: String,
    chars: usize,
}

impl Writer {
    fn put(&mut self, c: char) {
        self.text.push(c);
        self.chars += 1;
    }
}

impl Excerpt {
    /// The excerpt of `source` for clamped spans of it; none when a span stands past [`LAST_LINE`].
    pub(crate) fn new(sources: &SourceMap, source: SourceId, spans: &[Span]) -> Option<Self> {
        let file = sources.text(source);
        let mut shown: BTreeMap<usize, Line> = BTreeMap::new();
        let mut ends = Vec::with_capacity(spans.len());
        for span in spans {
            let range = span.range();
            let first = point(sources, source, range.start, range.start, &mut shown)?;
            // A span that ends with a line break ends on the line it breaks.
            let last =
                point(sources, source, range.end.saturating_sub(1).max(range.start), range.end, &mut shown)?;
            ends.push((first, last));
        }
        let mut out = Writer::default();
        let mut kept: BTreeMap<usize, Vec<Kept>> = BTreeMap::new();
        for number in 0..shown.last_key_value().map_or(0, |(last, _)| last + 1) {
            if let Some(line) = shown.get(&number) {
                kept.insert(number, copy(file, line, &mut out));
            }
            out.put('\n');
        }
        let find = |(line, byte): (usize, usize)| {
            let pieces = kept.get(&line)?;
            let piece = pieces.iter().rfind(|piece| piece.bytes.start <= byte)?;
            Some(piece.at + file.get(piece.bytes.start..byte.min(piece.bytes.end))?.chars().count())
        };
        let labels = ends
            .into_iter()
            .map(|(first, last)| {
                let start = find(first)?;
                let end = find(last)?.max(start + 1);
                Some(Drawn { chars: start..end, lines: (first.0, last.0) })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self { text: out.text, labels })
    }
}

/// Notes that the line of byte `on` is shown and that a label ends at `at`; the line and `at` held to it.
fn point(
    sources: &SourceMap,
    source: SourceId,
    on: usize,
    at: usize,
    shown: &mut BTreeMap<usize, Line>,
) -> Option<(usize, usize)> {
    let (files, id) = (sources.codespan_files(), sources.codespan_id(source));
    let number = files.line_index(id, on).ok().filter(|line| *line < LAST_LINE)?;
    let mut bytes = files.line_range(id, number).ok()?;
    let line = sources.text(source).get(bytes.clone())?;
    let content = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
    bytes.end = bytes.start + content.len();
    let at = at.clamp(bytes.start, bytes.end);
    shown.entry(number).or_insert(Line { bytes, points: Vec::new() }).points.push(at);
    Some((number, at))
}

/// Copies what is kept of a line.
fn copy(file: &str, line: &Line, out: &mut Writer) -> Vec<Kept> {
    let mut kept = Vec::new();
    let mut before = line.bytes.start;
    for bytes in windows(file, line) {
        if bytes.start > before {
            out.put('…');
        }
        before = bytes.end;
        kept.push(Kept { bytes: bytes.clone(), at: out.chars });
        file.get(bytes).unwrap_or("").chars().for_each(|c| out.put(text::visible(c)));
    }
    if before < line.bytes.end {
        out.put('…');
    }
    // Room for labels at the end of the line.
    out.put(' ');
    kept
}

/// The bytes of a line that are shown: all, or [`CONTEXT`] around every end of a label.
fn windows(file: &str, line: &Line) -> Vec<Range<usize>> {
    let whole = file.get(line.bytes.clone()).unwrap_or("");
    if text::forward(whole, WHOLE_LINE) == whole.len() {
        return vec![line.bytes.clone()];
    }
    let mut points = line.points.clone();
    points.sort_unstable();
    points.dedup();
    let mut windows: Vec<Range<usize>> = Vec::new();
    for point in points {
        let before = file.get(line.bytes.start..point).unwrap_or("");
        let after = file.get(point..line.bytes.end).unwrap_or("");
        let start = line.bytes.start + text::back(before, CONTEXT);
        let end = point + text::forward(after, CONTEXT);
        match windows.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => windows.push(start..end),
        }
    }
    windows
}
