//! Text of users made fit for a terminal.

/// The character to show for `c`: control characters become their pictures and invisible characters that
/// reorder text become U+FFFD, because a rule from a stranger must not steer the terminal or show itself in
/// another order than it is read. One character for one, so that columns stay.
pub(crate) fn visible(c: char) -> char {
    match c {
        '\t' => '\t',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        other => other,
    }
}

/// `text` on one line: line breaks become spaces, other characters as in [`visible`].
pub(crate) fn one_line(text: &str) -> String {
    text.trim_end_matches(['\n', '\r', ' '])
        .chars()
        .map(|c| if matches!(c, '\n' | '\r') { ' ' } else { visible(c) })
        .collect()
}

/// The lines of `text`, each fit to print.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().map(one_line)
}

/// The byte at most `chars` characters before the end of `text`.
pub(crate) fn back(text: &str, chars: usize) -> usize {
    match chars.checked_sub(1) {
        None => text.len(),
        Some(skip) => text.char_indices().rev().nth(skip).map_or(0, |(at, _)| at),
    }
}

/// The byte at most `chars` characters after the start of `text`.
pub(crate) fn forward(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

/// `text` cut to `chars` characters, with `…` where something is missing.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    let end = forward(text, chars);
    let mut kept = text.get(..end).unwrap_or(text).to_owned();
    if end < text.len() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_printed() {
        assert_eq!(one_line("a\x1b[31mb\r\nc\u{202e}d\u{85}"), "a␛[31mb  c\u{fffd}d\u{fffd}");
    }

    #[test]
    fn cuts_count_characters() {
        assert_eq!(cut("näive", 2), "nä…");
        assert_eq!(cut("nä", 2), "nä");
        assert_eq!(back("näive", 4), 1);
        assert_eq!(back("ab", 9), 0);
        assert_eq!(back("ab", 0), 2);
        assert_eq!(forward("näive", 2), 3);
    }
}
