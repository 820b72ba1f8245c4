//! Characters that a reader does not see.

use bumpalo::Bump;
use eqlc_diagnostics::{Fragment, Span};

use crate::Options;
use crate::lex::lex;
use crate::token::Kind;

/// A character that stands as itself in a query and cannot be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The character.
    pub character: char,
    /// Where it stands.
    pub span: Span,
    /// What it stands in.
    pub within: Within,
}

/// What a hidden character stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// A string with escapes.
    String,
    /// A string without escapes.
    RawString,
    /// A comment, a name in back-ticks, or nothing that the language has.
    Other,
}

/// The hidden characters of a query, in order. One that the outer file writes as an escape can be seen there.
#[must_use]
pub fn hidden_characters(fragment: &Fragment, options: Options) -> Vec<Hidden> {
    let text = fragment.text();
    let standing = text.char_indices().filter(|(_, c)| is_hidden(*c)).filter_map(|(at, c)| {
        let span = fragment.span(at, at + c.len_utf8());
        (span.range().len() == c.len_utf8()).then_some((at, c, span))
    });
    let standing: Vec<(usize, char, Span)> = standing.collect();
    if standing.is_empty() {
        return Vec::new();
    }
    let kept = Bump::new();
    let tokens = lex(fragment, options.dialect, &kept).tokens;
    let found = standing.into_iter().map(|(at, character, span)| {
        let holder = tokens.get(tokens.partition_point(|token| token.range().end <= at));
        let within = match holder.filter(|token| token.range().start <= at && token.kind == Kind::Str) {
            Some(token) if text.get(token.range().start..).is_some_and(|rest| rest.starts_with("\"\"\"")) => {
                Within::RawString
            }
            Some(_) => Within::String,
            _ => Within::Other,
        };
        Hidden { character, span, within }
    });
    found.collect()
}

/// Whether a character is not shown, or changes how the text around it is: control characters other than blanks,
/// marks that turn the direction of writing, and what has no width. A query with one reads otherwise than it runs.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_hidden;

    #[test]
    fn what_is_seen_is_not_hidden() {
        for c in ['a', ' ', '\t', '\n', 'é', '日', '\u{a0}', '\u{1f600}', '\u{5d0}'] {
            assert!(!is_hidden(c), "{c:?}");
        }
        for c in ['\0', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{e0041}'] {
            assert!(is_hidden(c), "{c:?}");
        }
    }
}
