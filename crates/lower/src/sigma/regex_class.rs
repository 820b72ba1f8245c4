//! Character classes, with letter case worked out.
//!
//! In the IR an expression that ignores case folds single characters and keeps ranges as they are; in Sigma's
//! flavour the flag folds both. Ranges get their other case written out, and where the flag is switched off
//! inside an expression that ignores case, a single letter becomes a range of one.

use eqlc_ir::Case;
use eqlc_ir::regex::ClassItem;

/// Ranges longer than this are not looked through for letters: they hold both cases of nearly all of them.
const LONGEST_RANGE: u32 = 1_024;

/// The members of a class. `whole` is the case of the expression, `here` that of the class.
pub(super) fn folded(items: Vec<ClassItem>, whole: Case, here: Case) -> Vec<ClassItem> {
    match (whole, here) {
        (Case::Sensitive, Case::Sensitive) => items,
        (Case::Insensitive, Case::Insensitive) => with_other_ranges(items),
        (Case::Sensitive, Case::Insensitive) => with_other_chars(with_other_ranges(items)),
        (Case::Insensitive, Case::Sensitive) => pinned(&items),
    }
}

/// A single character as an item that has the case it has here.
pub(super) fn letter(c: char, whole: Case, here: Case) -> Option<Vec<ClassItem>> {
    (whole != here && other_cases(c).next().is_some()).then(|| folded(vec![ClassItem::Char(c)], whole, here))
}

fn with_other_ranges(mut items: Vec<ClassItem>) -> Vec<ClassItem> {
    let mut others: Vec<char> = Vec::new();
    for item in &items {
        if let ClassItem::Range(low, high) = item
            && u32::from(*high).saturating_sub(u32::from(*low)) <= LONGEST_RANGE
        {
            others.extend((*low..=*high).flat_map(other_cases).filter(|c| !covered(&items, *c)));
        }
    }
    others.sort_unstable();
    others.dedup();
    items.extend(runs(&others));
    items
}

fn with_other_chars(mut items: Vec<ClassItem>) -> Vec<ClassItem> {
    let others: Vec<char> = items
        .iter()
        .filter_map(|item| match item {
            ClassItem::Char(c) => Some(*c),
            _ => None,
        })
        .flat_map(other_cases)
        .collect();
    for other in others {
        if !items.contains(&ClassItem::Char(other)) {
            items.push(ClassItem::Char(other));
        }
    }
    items
}

fn pinned(items: &[ClassItem]) -> Vec<ClassItem> {
    let mut out: Vec<ClassItem> = Vec::with_capacity(items.len());
    for item in items {
        let pinned = match item {
            ClassItem::Char(c) if other_cases(*c).all(|other| items.contains(&ClassItem::Char(other))) => {
                // Both cases are members, which one folding character says.
                if other_cases(*c).any(|other| out.contains(&ClassItem::Char(other))) {
                    continue;
                }
                ClassItem::Char(*c)
            }
            ClassItem::Char(c) => ClassItem::Range(*c, *c),
            other => *other,
        };
        out.push(pinned);
    }
    out
}

fn covered(items: &[ClassItem], c: char) -> bool {
    items.iter().any(|item| match item {
        ClassItem::Char(member) => *member == c,
        ClassItem::Range(low, high) => (*low..=*high).contains(&c),
        _ => false,
    })
}

/// Ascending characters as ranges.
fn runs(chars: &[char]) -> Vec<ClassItem> {
    let mut runs: Vec<(char, char)> = Vec::new();
    for c in chars {
        match runs.last_mut() {
            Some((_, last)) if u32::from(*last) + 1 == u32::from(*c) => *last = *c,
            _ => runs.push((*c, *c)),
        }
    }
    runs.into_iter().map(|(low, high)| ClassItem::Range(low, high)).collect()
}

/// The character in the other letter case, where that is one character.
fn other_cases(c: char) -> impl Iterator<Item = char> {
    let single = |mut chars: Box<dyn Iterator<Item = char>>| chars.next().filter(|_| chars.next().is_none());
    let lower = single(Box::new(c.to_lowercase()));
    let upper = single(Box::new(c.to_uppercase()));
    lower.into_iter().chain(upper).filter(move |other| *other != c)
}
