//! One event a line.

use serde::de::IgnoredAny;

use super::batch::Piece;
use super::window::Window;

/// The next line that is not blank. `scanned` bytes are known to hold no end of a line, which is noted for the next
/// call where the line is not there as a whole.
pub(super) fn next(window: &mut Window<'_>, scanned: &mut usize) -> Option<Piece> {
    loop {
        let rest = window.rest();
        let unseen = rest.get(*scanned..).unwrap_or_default();
        let (count, lines) = match memchr::memchr(b'\n', unseen) {
            Some(at) => (scanned.saturating_add(at).saturating_add(1), 1),
            None if window.ended && !rest.is_empty() => (rest.len(), 0),
            None => {
                *scanned = rest.len();
                return None;
            }
        };
        *scanned = 0;
        let blank = rest.iter().take(count).all(u8::is_ascii_whitespace);
        let piece = window.take(count, lines);
        if !blank {
            return Some(piece);
        }
    }
}

/// Whether objects run over several lines, by the first line, which starts with an object; none if more must be read
/// to tell. A line that ends inside an object at a brace, a bracket or a comma was broken on purpose unless an object
/// starts the next; one that ends anywhere else was cut off, which concerns that line only.
pub(super) fn is_broken(window: &Window<'_>, scanned: &mut usize) -> Option<bool> {
    let rest = window.rest();
    let Some(at) = memchr::memchr(b'\n', rest.get(*scanned..).unwrap_or_default()) else {
        *scanned = rest.len();
        return window.ended.then_some(false);
    };
    let end = scanned.saturating_add(at);
    let line = rest.get(..end).unwrap_or_default();
    let open = matches!(line.trim_ascii_end().last(), Some(b'{' | b'[' | b','))
        && serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof());
    match rest.get(end.saturating_add(1)) {
        _ if !open => Some(false),
        Some(next) => Some(*next != b'{'),
        None => window.ended.then_some(false),
    }
}
