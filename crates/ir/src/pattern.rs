//! Text patterns: wildcards as data.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

/// Whether letters are told apart by case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// `a` is not `A`.
    Sensitive,
    /// Letters are compared after simple case folding, one code point to one: `ß` is not `ss`
    /// (`eql-semantics.md` §6.6).
    Insensitive,
}

/// A piece of a [`TextPattern`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// These characters, taken literally.
    Lit(SmolStr),
    /// Zero or more characters of any kind, newline included.
    AnyRun,
    /// Exactly one character (code point) of any kind.
    AnyOne,
}

/// A pattern that the **whole** value must match. `contains`, `startswith` and `endswith` are shapes of it.
///
/// Canonical: no empty literal, no two literals side by side, no two [`Part::AnyRun`] side by side, and
/// within a run of wildcards every [`Part::AnyOne`] before the [`Part::AnyRun`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextPattern {
    /// Few patterns are more than a text between two wildcards.
    parts: SmallVec<[Part; 3]>,
}

impl TextPattern {
    /// A pattern of these parts, in canonical form.
    pub fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut canonical = Self::default();
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Lit(first) => {
                    let mut joined = String::new();
                    while let Some(Part::Lit(text)) = parts.next_if(|part| matches!(part, Part::Lit(_))) {
                        if joined.is_empty() {
                            joined.push_str(&first);
                        }
                        joined.push_str(&text);
                    }
                    canonical.push_text(if joined.is_empty() { first } else { joined.into() });
                }
                Part::AnyRun => canonical.push_run(),
                Part::AnyOne => canonical.push_one(),
            }
        }
        canonical
    }

    /// The value itself and nothing else.
    #[must_use]
    pub fn exact(text: &str) -> Self {
        Self::new([Part::Lit(text.into())])
    }

    /// `text` with `*` and `?` as wildcards and no escape, as EQL's `:` and `like` read it
    /// (`eql-semantics.md` §6.3).
    #[must_use]
    pub fn from_eql(text: &str) -> Self {
        Self::with_wildcards(text).unwrap_or_else(|| Self::exact(text))
    }

    /// As [`Self::from_eql`], of a text that is shared where it holds no wildcard.
    #[must_use]
    pub fn from_eql_text(text: &SmolStr) -> Self {
        Self::with_wildcards(text).unwrap_or_else(|| {
            let mut pattern = Self::default();
            pattern.push_text(text.clone());
            pattern
        })
    }

    fn with_wildcards(text: &str) -> Option<Self> {
        let (mut literal, mut rest) = text.split_at_checked(wildcard(text.as_bytes())?)?;
        let mut pattern = Self::default();
        loop {
            if !literal.is_empty() {
                pattern.push_text(literal.into());
            }
            let Some((sign, behind)) = rest.split_at_checked(1) else { return Some(pattern) };
            if sign == "*" {
                pattern.push_run()
            } else {
                pattern.push_one()
            }
            let end = wildcard(behind.as_bytes()).unwrap_or(behind.len());
            (literal, rest) = behind.split_at_checked(end)?;
        }
    }

    /// A literal behind a wildcard or at the start.
    fn push_text(&mut self, text: SmolStr) {
        if !text.is_empty() {
            self.parts.push(Part::Lit(text));
        }
    }

    fn push_run(&mut self) {
        if !matches!(self.parts.last(), Some(Part::AnyRun)) {
            self.parts.push(Part::AnyRun);
        }
    }

    fn push_one(&mut self) {
        match self.parts.last_mut() {
            Some(last @ Part::AnyRun) => {
                *last = Part::AnyOne;
                self.parts.push(Part::AnyRun);
            }
            _ => self.parts.push(Part::AnyOne),
        }
    }

    /// The parts.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The only text it matches, if there is just one (letter case aside).
    #[must_use]
    pub fn as_exact(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Lit(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it matches every value there is.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::AnyRun])
    }

    /// The literals, in order.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Lit(text) => Some(text.as_str()),
            Part::AnyRun | Part::AnyOne => None,
        })
    }

    /// Whether a literal has `*` or `?` as a character, which a language without an escape cannot say.
    #[must_use]
    pub fn has_literal_wildcard(&self) -> bool {
        self.literals().any(|text| wildcard(text.as_bytes()).is_some())
    }

    /// This pattern with others put before and behind it.
    #[must_use]
    pub fn surrounded(&self, before: &[Part], behind: &[Part]) -> Self {
        Self::new(before.iter().chain(&self.parts).chain(behind).cloned())
    }

    /// Whether the whole of `value` matches. Without memory of its own, `O(value × pattern)` in time at worst.
    #[must_use]
    pub fn matches(&self, value: &str, case: Case) -> bool {
        // What stands between runs: the first at the start, the last at the end, the others as early as they can, for
        // what leaves more behind it leaves all that another way does.
        let mut between = self.parts.split(|part| *part == Part::AnyRun);
        let Some(mut rest) = between.next().and_then(|first| behind(first, value, case)) else {
            return false;
        };
        let Some(last) = between.next_back() else { return rest.is_empty() };
        for segment in between {
            match behind_earliest(segment, rest, case) {
                Some(left) => rest = left,
                None => return false,
            }
        }
        if last.is_empty() {
            return true;
        }
        let length: usize = last.iter().map(length).sum();
        let Some(before) = rest.chars().count().checked_sub(length) else { return false };
        let start = rest.char_indices().nth(before).map_or(rest.len(), |(at, _)| at);
        rest.get(start..).and_then(|end| behind(last, end, case)).is_some()
    }
}

/// Where the first `*` or `?` stands. Most bytes of patterns are neither: eight are looked at together.
fn wildcard(text: &[u8]) -> Option<usize> {
    const EACH: u64 = u64::MAX / 0xff;
    // The highest bit of the first byte that is null, and perhaps of bytes behind it.
    let null = |block: u64| block.wrapping_sub(EACH) & !block & (EACH * 0x80);
    let (blocks, rest) = text.as_chunks();
    for (at, block) in blocks.iter().enumerate() {
        let block = u64::from_le_bytes(*block);
        let found = null(block ^ (EACH * u64::from(b'*'))) | null(block ^ (EACH * u64::from(b'?')));
        if found != 0 {
            return Some(8 * at + (found.trailing_zeros() / 8) as usize);
        }
    }
    let found = rest.iter().position(|byte| matches!(byte, b'*' | b'?'))?;
    Some(text.len() - rest.len() + found)
}

/// What of a text is behind a segment at its start.
fn behind<'t>(segment: &[Part], text: &'t str, case: Case) -> Option<&'t str> {
    segment.iter().try_fold(text, |rest, part| match part {
        // No segment has one.
        Part::AnyRun => Some(rest),
        Part::AnyOne => {
            let mut chars = rest.chars();
            chars.next().map(|_| chars.as_str())
        }
        Part::Lit(wanted) if case == Case::Sensitive => rest.strip_prefix(wanted.as_str()),
        Part::Lit(wanted) => {
            let mut chars = rest.chars();
            let same = |wanted: char| chars.next().is_some_and(|c| simple_fold(c) == simple_fold(wanted));
            wanted.chars().all(same).then_some(chars.as_str())
        }
    })
}

/// What of a text is behind a segment where it stands first.
fn behind_earliest<'t>(segment: &[Part], text: &'t str, case: Case) -> Option<&'t str> {
    let first = match segment.first() {
        Some(Part::Lit(literal)) => literal.chars().next().map(simple_fold),
        _ => None,
    };
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        let next = chars.next();
        if first.is_none_or(|first| next.is_some_and(|next| simple_fold(next) == first))
            && let Some(rest) = behind(segment, rest, case)
        {
            return Some(rest);
        }
        next?;
    }
}

/// How many characters a part of a segment stands for.
fn length(part: &Part) -> usize {
    match part {
        Part::AnyRun => 0,
        Part::AnyOne => 1,
        Part::Lit(text) => text.chars().count(),
    }
}

/// Simple case folding of one code point to one (`eql-semantics.md` §6.6): the lower case of the upper case, where each
/// is a single code point. Letters are the same under it if and only if they are under Unicode's simple folding, which
/// the engines for regular expressions use.
#[must_use]
#[inline]
pub fn simple_fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match c {
        // The capital of the dotless i is another letter's capital too; Unicode folds it to nothing else.
        'ı' => 'ı',
        // Two code points each for one letter, whose capital is no single code point.
        '\u{1fd3}' => '\u{390}',
        '\u{1fe3}' => '\u{3b0}',
        '\u{fb05}' => '\u{fb06}',
        _ => {
            let upper = single(c.to_uppercase()).unwrap_or(c);
            single(upper.to_lowercase()).unwrap_or(c)
        }
    }
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    chars.next().filter(|_| chars.next().is_none())
}

/// The text with every code point folded by [`simple_fold`].
#[must_use]
pub fn fold_text(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(simple_fold).collect() }
}

/// Whether two texts are the same once folded by [`simple_fold`].
#[must_use]
pub fn same_folded(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().map(simple_fold).eq(b.chars().map(simple_fold))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

    use super::*;

    #[test]
    fn letters_fold_as_unicodes_simple_folding_says() {
        let mut same: HashMap<char, Vec<char>> = HashMap::new();
        for c in char::MIN..=char::MAX {
            same.entry(simple_fold(c)).or_default().push(c);
        }
        let mut wrong = Vec::new();
        for c in char::MIN..=char::MAX {
            let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
            class.try_case_fold_simple().expect("tables of Unicode");
            let expected: Vec<char> =
                class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect();
            // Letters of a Unicode newer than those tables have pairs in the standard library alone.
            let known = expected.len() > 1 || matches!(c, 'ı' | 'İ');
            if known && same[&simple_fold(c)] != expected {
                wrong.push((c, same[&simple_fold(c)].clone(), expected));
            }
        }
        assert_eq!(wrong, []);
    }

    fn eql(text: &str) -> TextPattern {
        TextPattern::from_eql(text)
    }

    #[test]
    fn wildcards_match_the_whole_value() {
        for (pattern, value, wanted) in [
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*", "", true),
            ("?", "", false),
            ("?", "ä", true),
            ("a?c", "a\nc", true),
            ("*ab*", "xxabyy", true),
            ("C:\\Users\\*.dll", "c:\\users\\x\\y.DLL", true),
        ] {
            assert_eq!(eql(pattern).matches(value, Case::Insensitive), wanted, "{pattern} on {value}");
        }
        assert!(!eql("abc").matches("ABC", Case::Sensitive));
    }

    /// What a pattern means, said as plainly as can be.
    fn plainly(pattern: &[char], value: &[char]) -> bool {
        match (pattern.split_first(), value.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', behind)), _) => {
                (0..=value.len()).any(|skipped| plainly(behind, value.get(skipped..).unwrap_or_default()))
            }
            (Some((wanted, behind)), Some((c, rest))) => {
                (*wanted == '?' || wanted == c) && plainly(behind, rest)
            }
            (Some(_), None) => false,
        }
    }

    /// Every text of at most so many of these letters.
    fn texts(letters: &[char], most: usize) -> Vec<String> {
        let mut found = vec![String::new()];
        let mut from = 0;
        for _ in 0..most {
            let to = found.len();
            let longer: Vec<String> = found[from..to]
                .iter()
                .flat_map(|text| letters.iter().map(move |c| format!("{text}{c}")))
                .collect();
            found.extend(longer);
            from = to;
        }
        found
    }

    #[test]
    fn short_patterns_match_what_they_mean() {
        let values = texts(&['a', 'ä'], 5);
        for pattern in texts(&['a', 'ä', '?', '*'], 5) {
            let parts: Vec<char> = pattern.chars().collect();
            for value in &values {
                let chars: Vec<char> = value.chars().collect();
                let wanted = plainly(&parts, &chars);
                assert_eq!(eql(&pattern).matches(value, Case::Sensitive), wanted, "{pattern} on {value}");
                let upper = value.to_uppercase();
                assert_eq!(eql(&pattern).matches(&upper, Case::Insensitive), wanted, "{pattern} on {upper}");
            }
        }
    }

    #[test]
    fn folding_is_one_to_one() {
        assert!(TextPattern::exact("straße").matches("STRAßE", Case::Insensitive));
        assert!(!TextPattern::exact("straße").matches("STRASSE", Case::Insensitive));
    }

    #[test]
    fn texts_are_the_same_when_their_foldings_are() {
        for (a, b, wanted) in
            [("Straße", "sTRAße", true), ("K", "\u{212a}", true), ("ſ", "S", true), ("a", "ab", false)]
        {
            assert_eq!(same_folded(a, b), wanted, "{a} and {b}");
            assert_eq!(fold_text(a) == fold_text(b), wanted, "{a} and {b}");
        }
    }

    #[test]
    fn patterns_are_canonical() {
        assert_eq!(eql("**a*?b"), eql("*a?*b"));
        assert_eq!(eql("a**"), eql("a*"));
        assert_eq!(eql("abc").as_exact(), Some("abc"));
        assert_eq!(eql("?ä*").parts(), [Part::AnyOne, Part::Lit("ä".into()), Part::AnyRun]);
        assert_eq!(eql(""), TextPattern::default());
    }
}
