//! Which characters a class holds: the one place that says how classes and letter case meet.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::ClassItem;
use crate::Case;

/// The members of a class.
pub(super) fn class(negated: bool, items: &[ClassItem], case: Case) -> ClassUnicode {
    let mut set = ClassUnicode::empty();
    for item in items {
        set.union(&members(*item, case));
    }
    if negated {
        set.negate();
    }
    set
}

/// One character, with those that differ from it in letter case alone if case is ignored.
pub(super) fn character(c: char, case: Case) -> ClassUnicode {
    let mut set = ranges(&[(c, c)]);
    if case == Case::Insensitive {
        // Fails only where the tables of letter case are left out of the build.
        let _ = set.try_case_fold_simple();
    }
    set
}

/// Every character.
pub(super) fn any() -> ClassUnicode {
    ranges(&[(char::MIN, char::MAX)])
}

fn members(item: ClassItem, case: Case) -> ClassUnicode {
    let but = |mut set: ClassUnicode| {
        set.negate();
        set
    };
    match item {
        ClassItem::Char(c) => character(c, case),
        ClassItem::Range(low, high) if low > high => ClassUnicode::empty(),
        ClassItem::Range(low, high) => ranges(&[(low, high)]),
        ClassItem::Digit => ranges(DIGITS),
        ClassItem::NotDigit => but(ranges(DIGITS)),
        ClassItem::Space => ranges(SPACES),
        ClassItem::NotSpace => but(ranges(SPACES)),
        ClassItem::Word => ranges(WORDS),
        ClassItem::NotWord => but(ranges(WORDS)),
    }
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const SPACES: &[(char, char)] = &[('\t', '\n'), ('\r', '\r'), (' ', ' ')];
const WORDS: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

fn ranges(of: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(of.iter().map(|(low, high)| ClassUnicodeRange::new(*low, *high)))
}
