//! Mutations of texts, patterns and numbers.

use eqlc_ir::Part;

use super::operator::Operator;

/// The wildcards of a language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wildcards {
    /// Any number of characters.
    pub(crate) run: char,
    /// One character.
    pub(crate) one: char,
}

/// Those of EQL and of `GLOB`.
pub(crate) const STARS: Wildcards = Wildcards { run: '*', one: '?' };
/// Those of `LIKE`.
pub(crate) const LIKE: Wildcards = Wildcards { run: '%', one: '_' };
/// Stand-ins for the parts of a pattern that is data, from the private use area.
const PARTS: Wildcards = Wildcards { run: '\u{E000}', one: '\u{E001}' };

/// A text with one of its characters changed: the last letter or digit, else one more at its end.
pub(crate) fn other_text(text: &str) -> String {
    let Some((at, old)) = text.char_indices().rev().find(|(_, c)| c.is_ascii_alphanumeric()) else {
        return format!("{text}x");
    };
    let new = match old {
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        other => char::from_u32(u32::from(other) + 1).unwrap_or('x'),
    };
    let behind = at + old.len_utf8();
    let mut out = text.to_owned();
    out.replace_range(at..behind, new.encode_utf8(&mut [0; 4]));
    out
}

/// Every change of a pattern: wider, narrower, and other text.
pub(crate) fn patterns(text: &str, Wildcards { run, one }: Wildcards) -> Vec<(Operator, String)> {
    let mut found = Vec::new();
    let mut add = |operator, new: String| {
        if new != text && !new.is_empty() {
            found.push((operator, new));
        }
    };
    if !text.ends_with(run) {
        add(Operator::Widen, format!("{text}{run}"));
    }
    if !text.starts_with(run) {
        add(Operator::Widen, format!("{run}{text}"));
    }
    add(Operator::Widen, text.replacen(one, &run.to_string(), 1));
    add(Operator::Narrow, text.strip_prefix(run).unwrap_or(text).to_owned());
    add(Operator::Narrow, text.strip_suffix(run).unwrap_or(text).to_owned());
    let inner = text.trim_matches(run);
    if inner.contains(run) {
        add(Operator::Narrow, text.replacen(inner, &inner.replacen(run, "", 1), 1));
    }
    add(Operator::Constant, other_text(text));
    found
}

/// The same of a pattern that is data.
pub(crate) fn parts(pattern: &[Part]) -> Vec<(Operator, Vec<Part>)> {
    let text: String = pattern
        .iter()
        .map(|part| match part {
            Part::Lit(text) => text.to_string(),
            Part::AnyRun => PARTS.run.to_string(),
            Part::AnyOne => PARTS.one.to_string(),
        })
        .collect();
    patterns(&text, PARTS).into_iter().map(|(operator, text)| (operator, in_parts(&text))).collect()
}

fn in_parts(text: &str) -> Vec<Part> {
    let mut found = Vec::new();
    for piece in text.split_inclusive([PARTS.run, PARTS.one]) {
        let literal = piece.trim_end_matches([PARTS.run, PARTS.one]);
        if !literal.is_empty() {
            found.push(Part::Lit(literal.into()));
        }
        match piece.chars().next_back() {
            Some(last) if last == PARTS.run => found.push(Part::AnyRun),
            Some(last) if last == PARTS.one => found.push(Part::AnyOne),
            _ => {}
        }
    }
    found
}

/// Every change of a regular expression as text.
pub(crate) fn regexes(text: &str) -> Vec<(Operator, String)> {
    let mut found = Vec::new();
    for (operator, end) in [(Operator::Widen, true), (Operator::Widen, false)] {
        let has = if end { text.ends_with(".*") } else { text.starts_with(".*") };
        let new = match (end, has) {
            (true, false) => format!("({text}).*"),
            (false, false) => format!(".*({text})"),
            _ => continue,
        };
        found.push((operator, new));
    }
    for new in [text.strip_suffix(".*"), text.strip_prefix(".*")].into_iter().flatten() {
        // `\.*` is a repeated dot.
        if !new.is_empty() && !new.ends_with('\\') {
            found.push((Operator::Narrow, new.to_owned()));
        }
    }
    if let Some(new) = other_letter(text) {
        found.push((Operator::Constant, new));
    }
    found
}

/// A regular expression with its last plain letter changed: none that is escaped, or of a repetition or a class.
fn other_letter(text: &str) -> Option<String> {
    let mut plain: Option<usize> = None;
    let (mut escaped, mut closing) = (false, None);
    for (at, c) in text.char_indices() {
        match (escaped, closing, c) {
            (true, ..) => escaped = false,
            (_, _, '\\') => escaped = true,
            (_, Some(end), c) if c == end => closing = None,
            (_, Some(_), _) => {}
            (_, None, '[') => closing = Some(']'),
            (_, None, '{') => closing = Some('}'),
            (_, None, '<') => closing = Some('>'),
            (_, None, c) if c.is_ascii_alphabetic() => plain = Some(at),
            _ => {}
        }
    }
    let at = plain?;
    let (before, behind) = text.split_at_checked(at + 1)?;
    Some(format!("{}{behind}", other_text(before)))
}

/// The neighbours of a number.
pub(crate) fn numbers(number: i128) -> Vec<(Operator, i128)> {
    [number.checked_add(1), number.checked_sub(1)]
        .into_iter()
        .flatten()
        .map(|new| (Operator::Constant, new))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[(Operator, String)]) -> Vec<&str> {
        list.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn patterns_become_wider_narrower_and_other() {
        let found = patterns("*\\a?b*c.exe", STARS);
        assert_eq!(
            texts(&found),
            ["*\\a?b*c.exe*", "*\\a*b*c.exe", "\\a?b*c.exe", "*\\a?bc.exe", "*\\a?b*c.exf"]
        );
    }

    #[test]
    fn parts_of_a_pattern_change_as_its_text_does() {
        let pattern = [Part::AnyRun, Part::Lit("a*".into())];
        let found: Vec<Vec<Part>> = parts(&pattern).into_iter().map(|(_, parts)| parts).collect();
        assert!(found.contains(&vec![Part::Lit("a*".into())]));
        assert!(found.contains(&vec![Part::AnyRun, Part::Lit("b*".into())]));
    }

    #[test]
    fn escapes_and_classes_of_regular_expressions_are_left_alone() {
        assert_eq!(other_letter(r"a[b-c]{1,2}\d").as_deref(), Some(r"b[b-c]{1,2}\d"));
        assert_eq!(other_letter(r"[b-c]\d"), None);
        assert_eq!(texts(&regexes(r".*x")), ["(.*x).*", "x", ".*y"]);
    }
}
