//! The text of a JSON string, and where each of its bytes stands in the file.

use eqlc_diagnostics::Fragment;

/// Appends bytes `start..end` of a text that stands in `outer` to a fragment. What the outer text copies is
/// copied; what it writes with escapes becomes a piece of its own for each character.
pub(crate) fn push_range(into: &mut Fragment, outer: &Fragment, start: usize, end: usize) {
    let mut ranges = vec![(start, end)];
    while let Some((start, end)) = ranges.pop() {
        let Some(text) = outer.text().get(start..end).filter(|text| !text.is_empty()) else { continue };
        let span = outer.span(start, end).range();
        // An escape is longer than what it stands for, so equal lengths mean that nothing is escaped.
        if span.len() == text.len() {
            into.push_copied(span.start, text);
            continue;
        }
        let half = text.len() / 2;
        let middle =
            (1..=half).rev().chain(half..text.len()).find(|at| text.is_char_boundary(*at) && *at > 0);
        match middle {
            Some(middle) => ranges.extend([(start + middle, end), (start, start + middle)]),
            None => into.push_escape(span.start, span.end, text),
        }
    }
}

/// What follows a backslash: the character and the bytes it takes. `None` where it is no escape. Half of a
/// surrogate pair is U+FFFD, as a decoder of JavaScript strings to UTF-8 has it.
pub(super) fn escape(after: &str) -> Option<(char, usize)> {
    let c = match after.chars().next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        c @ ('"' | '\\' | '/') => c,
        'u' => return unicode(after.get(1..)?),
        _ => return None,
    };
    Some((c, 1))
}

fn unicode(digits: &str) -> Option<(char, usize)> {
    let first = unit(digits)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 5));
    }
    let low = digits.get(4..).and_then(|rest| rest.strip_prefix("\\u")).and_then(unit);
    match low {
        Some(low) if first < 0xdc00 && (0xdc00..0xe000).contains(&low) => {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            Some((char::from_u32(code)?, 11))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 5)),
    }
}

fn unit(digits: &str) -> Option<u32> {
    let digits = digits.get(..4)?;
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex { u32::from_str_radix(digits, 16).ok() } else { None }
}
