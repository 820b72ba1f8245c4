//! What a rule looks like after a fix.

use eqlc_diagnostics::{Edit, Fix, SourceMap};

use crate::place::Place;
use crate::text;

/// Characters of the line kept on each side of an edit.
const CONTEXT: usize = 60;
/// Characters kept of a replacement and of the text between two edits of a line.
const MIDDLE: usize = 400;
/// Lines shown of a fix.
const MAX_LINES: usize = 8;

/// The lines that a fix changes, as they are after it, each with its number; at most [`MAX_LINES`].
///
/// Empty for a fix without edits and for one whose edits overlap or stand in unknown files.
pub(crate) fn preview(sources: &SourceMap, fix: &Fix) -> Vec<String> {
    let Some(mut edits) = places(sources, &fix.edits) else { return Vec::new() };
    edits.sort_by_key(|(place, _)| (place.span.source, place.span.start));
    let overlap = |pair: &[(Place, &str)]| match pair {
        [(a, _), (b, _)] => a.span.source == b.span.source && a.span.end > b.span.start,
        _ => false,
    };
    if edits.windows(2).any(overlap) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for hunk in edits.chunk_by(|(a, _), (b, _)| a.span.source == b.span.source && b.start.line <= a.end.line)
    {
        show(sources, hunk, &mut lines);
    }
    if lines.len() > MAX_LINES {
        lines.truncate(MAX_LINES);
        lines.push("…".to_owned());
    }
    lines
}

fn places<'a>(sources: &SourceMap, edits: &'a [Edit]) -> Option<Vec<(Place, &'a str)>> {
    edits.iter().map(|edit| Some((Place::of(sources, edit.span)?, edit.replacement.as_str()))).collect()
}

/// Appends the lines of edits that share lines.
fn show(sources: &SourceMap, edits: &[(Place, &str)], lines: &mut Vec<String>) {
    let (Some((first, _)), Some((last, _))) = (edits.first(), edits.last()) else { return };
    let file = sources.text(first.span.source);
    let slice =
        |range: std::ops::Range<u32>| file.get(range.start as usize..range.end as usize).unwrap_or("");
    let mut after = String::new();

    let before = slice(0..first.span.start);
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line..).unwrap_or("");
    let from = text::back(line, CONTEXT);
    after.push_str(if from > 0 { "…" } else { "" });
    after.push_str(line.get(from..).unwrap_or(""));

    let mut at = first.span.start;
    for (place, replacement) in edits {
        after.push_str(&text::cut(slice(at..place.span.start), MIDDLE));
        after.push_str(&text::cut(replacement, MIDDLE));
        at = place.span.end;
    }

    let rest = file.get(last.span.end as usize..).unwrap_or("");
    let rest = rest.get(..rest.find('\n').unwrap_or(rest.len())).unwrap_or("").trim_end_matches('\r');
    after.push_str(&text::cut(rest, CONTEXT));

    let width = (first.start.line + after.lines().count()).to_string().len();
    for (offset, line) in after.lines().enumerate() {
        lines.push(format!("{:>width$} │ {}", first.start.line + offset, text::one_line(line)));
    }
}
