//! Tokens.

use super::{DIALECTS, MOST_FINDINGS, fragment};

/// Tokens and comments follow one another in the text without overlapping; what lies between is blank, or a finding
/// says why it was left out.
pub fn lexer(text: &str) {
    for options in DIALECTS {
        let fragment = fragment(text);
        let places = eqlc_eql::places(&fragment, options);
        let found = eqlc_eql::parse_with(&fragment, options).diagnostics;
        let told = |at: usize| {
            let spans = found.iter().filter_map(|finding| finding.span());
            found.len() >= MOST_FINDINGS || spans.into_iter().any(|span| span.range().contains(&at))
        };
        let mut end = 0;
        for place in places.iter().map(|span| span.range()).chain(std::iter::once(text.len()..text.len())) {
            assert!(place.start >= end, "{place:?} overlaps what ends at {end} in {text:?}");
            assert!(!place.is_empty() || place.start == text.len(), "{place:?} is empty in {text:?}");
            assert!(text.get(place.clone()).is_some(), "{place:?} splits a character of {text:?}");
            let between = text.get(end..place.start).expect("borders of characters");
            let lost = between.char_indices().find(|(at, c)| !skipped(end + at, *c) && !told(end + at));
            if let Some((at, c)) = lost {
                assert!(text.len() > eqlc_eql::MAX_BYTES, "{c:?} at {} is lost in {text:?}", end + at);
            }
            end = place.end;
        }
    }
}

/// Blanks, and the byte order mark at the start.
fn skipped(at: usize, c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n') || (at == 0 && c == '\u{feff}')
}
