//! `version_compare` and the collations for versions.

use std::cmp::Ordering;

use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::Value;

use super::arguments::{failure, only_text};

/// Whose rules versions are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Nobody's in particular.
    Plain,
    /// Arch Linux.
    Arch,
    /// Debian.
    Dpkg,
    /// Red Hat.
    Rhel,
}

impl Flavour {
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Arch, Self::Dpkg, Self::Rhel];

    pub(super) fn collation(self) -> &'static str {
        match self {
            Self::Plain => "version",
            Self::Arch => "version_arch",
            Self::Dpkg => "version_dpkg",
            Self::Rhel => "version_rhel",
        }
    }

    fn epoch(self) -> bool {
        self != Self::Plain
    }

    fn delimiters_have_rank(self) -> bool {
        matches!(self, Self::Dpkg | Self::Rhel)
    }

    fn compares_remainder(self) -> bool {
        matches!(self, Self::Arch | Self::Rhel)
    }
}

/// `version_compare(left, right[, flavour])`: -1, 0 or 1.
pub(super) fn version_compare(context: &Context<'_>) -> Result<Value> {
    let (Some(left), Some(right)) = (only_text(context, 0), only_text(context, 1)) else {
        return Err(failure("Must provide two version strings to compare."));
    };
    let flavour = if context.len() > 2 {
        let name = only_text(context, 2)
            .ok_or_else(|| failure("The optional third parameter is not a string."))?
            .to_ascii_uppercase();
        match name.as_str() {
            "ARCH" => Flavour::Arch,
            "DPKG" => Flavour::Dpkg,
            "RHEL" => Flavour::Rhel,
            _ => {
                let message = "The optional third parameter does not match one of: (ARCH, DPKG, RHEL).";
                return Err(failure(message));
            }
        }
    } else {
        Flavour::Plain
    };
    Ok(Value::Integer(compare(&left, &right, flavour) as i64))
}

/// The order of two versions: segments between delimiters by their first differing byte, a delimiter
/// before anything else, then the longer one last.
pub(super) fn compare(left: &str, right: &str, flavour: Flavour) -> Ordering {
    if left == right || left.is_empty() || right.is_empty() {
        return left.len().cmp(&right.len());
    }
    if flavour.epoch() {
        let epochs = epoch(left).cmp(&epoch(right));
        if epochs != Ordering::Equal {
            return epochs;
        }
    }
    let mut segment = Ordering::Equal;
    for (l, r) in left.bytes().zip(right.bytes()) {
        match (rank(l), rank(r)) {
            (0, 0) => segment = segment.then(l.cast_signed().cmp(&r.cast_signed())),
            (0, _) => return Ordering::Greater,
            (_, 0) => return Ordering::Less,
            (l, r) => {
                let delimiter = if flavour.delimiters_have_rank() { l.cmp(&r) } else { Ordering::Equal };
                let decided = segment.then(delimiter);
                if decided != Ordering::Equal {
                    return decided;
                }
            }
        }
    }
    if left.len() == right.len() { segment } else { remainder(left, right, segment, flavour) }
}

/// Where the epoch ends; an epoch is later than none.
fn epoch(version: &str) -> Option<usize> {
    version.find(':')
}

fn rank(byte: u8) -> u8 {
    match byte {
        b'~' => 1,
        b'-' => 2,
        b'^' => 3,
        b'.' => 4,
        b':' => 5,
        _ => 0,
    }
}

fn remainder(left: &str, right: &str, segment: Ordering, flavour: Flavour) -> Ordering {
    let by_length = left.len().cmp(&right.len());
    if !flavour.compares_remainder() {
        return by_length;
    }
    let common = left.len().min(right.len());
    let (shorter, longer) = if by_length == Ordering::Less { (left, right) } else { (right, left) };
    let last_is_digit = shorter.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
    match longer.as_bytes().get(common) {
        Some(b'~') => by_length.reverse(),
        Some(b'-') => Ordering::Equal,
        Some(b'^') => by_length,
        _ if segment != Ordering::Equal && !(flavour == Flavour::Arch && last_is_digit) => segment,
        _ => by_length,
    }
}
