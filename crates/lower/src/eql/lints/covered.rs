//! Patterns that another pattern of the list covers.

use std::cell::OnceCell;

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Edit, Fix, Node, Span};
use eqlc_eql::ast::{Comment, Literal, MatchOp};
use eqlc_ir::sign::{Sign, covers};
use eqlc_ir::simple_fold;

/// Pairs that are compared at most; a list with more is left alone.
const MAX_PAIRS: usize = 100_000;

/// One finding for a list, at the first such pattern.
pub(super) fn check(op: MatchOp, patterns: &[Node<Literal>], comments: &[Comment], found: &mut Diagnostics) {
    let insensitive = match op {
        MatchOp::Colon | MatchOp::LikeInsensitive => true,
        MatchOp::Like => false,
        MatchOp::Regex | MatchOp::RegexInsensitive => return,
    };
    if patterns.len() < 2 {
        return;
    }
    let Some(by) = coverers(patterns, insensitive) else { return };
    report(patterns, &by, comments, found);
}

/// For each pattern one that covers it; none for a list without wildcards and for one that is left alone.
fn coverers(patterns: &[Node<Literal>], insensitive: bool) -> Option<Vec<Option<usize>>> {
    if !patterns.iter().any(|pattern| text(pattern).bytes().any(is_wildcard)) {
        return None;
    }
    let glances: Vec<Glance> =
        patterns.iter().map(|pattern| Glance::at(text(pattern), insensitive)).collect();
    let wide: Vec<(usize, &Glance)> = glances.iter().enumerate().filter(|(_, one)| one.wide).collect();
    if wide.len().saturating_mul(patterns.len()) > MAX_PAIRS {
        return None;
    }
    let seen: Vec<OnceCell<Vec<Sign>>> = vec![OnceCell::new(); patterns.len()];
    let signs_at = |at: usize| -> Option<&Vec<Sign>> {
        Some(seen.get(at)?.get_or_init(|| signs(patterns.get(at).map_or("", text), insensitive)))
    };
    let coverer = |(at, narrow): (usize, &Glance)| {
        let found = wide.iter().find(|(other, glance)| {
            glance.may_cover(narrow)
                && *other != at
                && signs_at(*other)
                    .zip(signs_at(at))
                    .is_some_and(|(wide, narrow)| wide != narrow && covers(wide, narrow))
        });
        found.map(|(other, _)| *other)
    };
    Some(glances.iter().enumerate().map(coverer).collect())
}

fn report(patterns: &[Node<Literal>], by: &[Option<usize>], comments: &[Comment], found: &mut Diagnostics) {
    let narrow = by.iter().enumerate().find_map(|(at, by)| Some((patterns.get(at)?, patterns.get((*by)?)?)));
    let Some((narrow, wide)) = narrow else { return };
    let message = format!("`{}` matches all that `{}` does", text(wide), text(narrow));
    let mut finding = Diagnostic::warning(lints::COVERED_ALTERNATIVE, message)
        .at(narrow.span, "changes nothing")
        .and_at(wide.span, "the wider pattern");
    let number = by.iter().flatten().count();
    if number > 1 {
        finding = finding.note(format!("{} more in this list", number - 1));
    }
    let edits = removals(patterns, by);
    let keeps_comments = |edit: &Edit| {
        !comments.iter().any(|note| note.span.start < edit.span.end && edit.span.start < note.span.end)
    };
    if edits.iter().all(keeps_comments) {
        let title = if number > 1 { "remove such patterns" } else { "remove the pattern" }.to_owned();
        finding.fixes.push(Fix { title, edits, applicability: Applicability::Unsafe });
    }
    found.push(finding);
}

/// One of 64 bits for a character; the same for both cases of a letter.
fn bit(c: char) -> u64 {
    1 << ((u32::from(c) | 0x20) % 64)
}

fn is_wildcard(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

/// The text of a pattern; nothing for what is no text.
fn text(pattern: &Node<Literal>) -> &str {
    match &pattern.value {
        Literal::Str { value, .. } => value,
        _ => "",
    }
}

/// The signs of a pattern; of wildcards side by side those for one character come first, as in [`TextPattern`].
///
/// [`TextPattern`]: eqlc_ir::TextPattern
fn signs(text: &str, insensitive: bool) -> Vec<Sign> {
    let mut signs = Vec::with_capacity(text.len());
    for c in text.chars() {
        match (c, signs.last()) {
            ('*', Some(Sign::Run)) => {}
            ('*', _) => signs.push(Sign::Run),
            ('?', Some(Sign::Run)) => signs.insert(signs.len() - 1, Sign::One),
            ('?', _) => signs.push(Sign::One),
            (c, _) => signs.push(Sign::Char(if insensitive { simple_fold(c) } else { c })),
        }
    }
    signs
}

/// What is seen of a pattern at a glance: enough to tell most pairs apart.
struct Glance {
    /// Whether it has wildcards.
    wide: bool,
    /// A [`bit`] for each character in it.
    letters: u64,
    /// How many signs stand for one character.
    fixed: usize,
    /// The first and the last sign, where they are characters.
    ends: [Option<char>; 2],
}

impl Glance {
    fn at(text: &str, insensitive: bool) -> Self {
        let end = |c: char| match c {
            '*' | '?' => None,
            c => Some(if insensitive { simple_fold(c) } else { c }),
        };
        let (mut letters, mut fixed, mut wide) = (0, 0, false);
        for c in text.chars() {
            match c {
                '*' => wide = true,
                '?' => (wide, fixed) = (true, fixed + 1),
                c => (letters, fixed) = (letters | bit(simple_fold(c)), fixed + 1),
            }
        }
        let ends = [text.chars().next().and_then(end), text.chars().next_back().and_then(end)];
        Self { wide, letters, fixed, ends }
    }

    /// False where [`covers`] is.
    fn may_cover(&self, narrow: &Self) -> bool {
        let [first, last] = self.ends;
        let [narrow_first, narrow_last] = narrow.ends;
        self.letters & !narrow.letters == 0
            && self.fixed <= narrow.fixed
            && (first.is_none() || first == narrow_first)
            && (last.is_none() || last == narrow_last)
    }
}

/// Edits that take items out of a list, each with the comma before it, the first ones with the comma behind.
fn removals(patterns: &[Node<Literal>], by: &[Option<usize>]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut first_kept = None;
    let mut before: Option<Span> = None;
    for (pattern, by) in patterns.iter().zip(by) {
        if by.is_none() && first_kept.is_none() {
            first_kept = Some(pattern.span);
        }
        if let (Some(_), Some(before)) = (by, before.filter(|_| first_kept.is_some())) {
            let span = Span { start: before.end, ..pattern.span };
            edits.push(Edit { span, replacement: String::new() });
        }
        before = Some(pattern.span);
    }
    let start = patterns.first().map(|pattern| pattern.span);
    if let (Some(start), Some(kept)) = (start, first_kept)
        && start.start < kept.start
    {
        edits.insert(0, Edit { span: Span { end: kept.start, ..start }, replacement: String::new() });
    }
    edits
}
