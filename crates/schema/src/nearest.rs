//! Which known field a wrong name was meant to be.

use std::collections::BTreeMap;

use crate::Origin;

/// Known paths cut into segments, each different segment held once: a search compares every segment of the
/// wrong name with every different segment once, and paths by looking the results up.
#[derive(Debug)]
pub(crate) struct Index {
    segments: Vec<String>,
    paths: Vec<Path>,
}

#[derive(Debug)]
struct Path {
    path: String,
    origin: Origin,
    segments: Vec<usize>,
}

/// The costs of differences; only their order matters.
const CASE: u32 = 1;
const SEPARATOR: u32 = 2;
const EDIT: u32 = 3;
const ABBREVIATION: u32 = 7;
const SEGMENT: u32 = 7;
/// The most that still looks like a slip.
const LIMIT: u32 = 12;
/// How much worse than the best a suggestion may be.
const SPREAD: u32 = 3;
/// Longer names are no slips of known ones; bounds the work.
const MAX_SEGMENTS: usize = 12;
const MAX_BYTES: usize = 200;

impl Index {
    pub(crate) fn new<'p>(paths: impl Iterator<Item = (&'p str, Origin)>) -> Self {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut segments = Vec::new();
        let paths = paths
            .map(|(path, origin)| {
                let numbered = path.split('.').map(|segment| {
                    *numbers.entry(segment).or_insert_with(|| {
                        segments.push(segment.to_owned());
                        segments.len() - 1
                    })
                });
                Path { path: path.to_owned(), origin, segments: numbered.collect() }
            })
            .collect();
        Self { segments, paths }
    }

    pub(crate) fn nearest<'s>(&'s self, wanted: &str) -> Vec<&'s str> {
        let parts: Vec<&str> = wanted.split('.').collect();
        if wanted.len() > MAX_BYTES || parts.len() > MAX_SEGMENTS {
            return Vec::new();
        }
        let tables: Vec<Vec<Option<u32>>> = parts
            .iter()
            .map(|part| self.segments.iter().map(|known| segment_cost(part, known)).collect())
            .collect();
        let flat = squashed(wanted);
        let mut found: Vec<(u32, Origin, usize, &'s str)> = self
            .paths
            .iter()
            .filter_map(|path| {
                let aligned = align(&tables, &path.segments);
                let regrouped = (squashed_eq(&path.path, &flat)).then_some(SEPARATOR);
                let cost = aligned.into_iter().chain(regrouped).min()?;
                (cost <= LIMIT).then_some((cost, path.origin, path.segments.len(), path.path.as_str()))
            })
            .collect();
        found.sort_unstable();
        let best = found.first().map_or(0, |(cost, ..)| *cost);
        found
            .into_iter()
            .take_while(|(cost, ..)| *cost < best + SPREAD)
            .take(3)
            .map(|(.., path)| path)
            .collect()
    }
}

/// The least cost of turning the wrong segments into the known ones: matched in order, at most one of them
/// left out or put in. `None` where more would be needed.
fn align(tables: &[Vec<Option<u32>>], known: &[usize]) -> Option<u32> {
    let (wanted, given) = (known.len(), tables.len());
    let at = |row: usize, column: usize| {
        let segment = known.get(column)?;
        tables.get(row)?.get(*segment).copied().flatten()
    };
    // The sums over the first segments, and over the last ones, matched one to one.
    let straight = |rows: std::ops::Range<usize>, shift: isize| {
        rows.into_iter().try_fold(0, |sum, row| Some(sum + at(row, row.checked_add_signed(shift)?)?))
    };
    match given.cmp(&wanted) {
        std::cmp::Ordering::Equal => straight(0..given, 0),
        std::cmp::Ordering::Less if given + 1 == wanted => (0..wanted)
            .filter_map(|gap| Some(straight(0..gap, 0)? + straight(gap..given, 1)? + SEGMENT))
            .min(),
        std::cmp::Ordering::Greater if wanted + 1 == given => (0..given)
            .filter_map(|extra| Some(straight(0..extra, 0)? + straight(extra + 1..given, -1)? + SEGMENT))
            .min(),
        _ => None,
    }
}

fn segment_cost(given: &str, known: &str) -> Option<u32> {
    if given == known {
        return Some(0);
    }
    let (low, known_low) = (given.to_lowercase(), known.to_lowercase());
    if low == known_low {
        return Some(CASE);
    }
    let (length, known_length) = (low.chars().count(), known_low.chars().count());
    let abbreviated =
        (length >= 3 && length < known_length && is_abbreviation(&low, &known_low)).then_some(ABBREVIATION);
    // A third of the letters may be wrong, one at least, but not all of a short word.
    let allowed = (length.min(known_length) / 3).max(1).min(length.saturating_sub(1));
    let edited = if length.abs_diff(known_length) > allowed {
        None
    } else {
        let distance = strsim::damerau_levenshtein(&low, &known_low);
        (distance <= allowed).then(|| u32::try_from(distance).unwrap_or(u32::MAX).saturating_mul(EDIT))
    };
    edited.into_iter().chain(abbreviated).min()
}

/// `cmdline` of `command_line`: the same first letter, and all letters in order.
fn is_abbreviation(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().next() == long.chars().next() && short.chars().all(|c| rest.any(|other| other == c))
}

/// Letters and digits only, lower case: `process.parent_name` and `process.parent.name` are one.
fn squashed(path: &str) -> String {
    path.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn squashed_eq(path: &str, flat: &str) -> bool {
    path.len() >= flat.len()
        && path.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).eq(flat.chars())
}

#[cfg(test)]
mod tests {
    use crate::Schema;

    #[test]
    fn slips_find_the_field_that_was_meant() {
        for (given, wanted) in [
            ("procss.nme", "process.name"),
            ("process.nme", "process.name"),
            ("Process.Name", "process.name"),
            ("process.comand_line", "process.command_line"),
            ("process.cmdline", "process.command_line"),
            ("process.parent_name", "process.parent.name"),
            ("process.commandLine", "process.command_line"),
            ("proces.parent.exectuable", "process.parent.executable"),
            ("parent.executable", "process.parent.executable"),
            ("process.sha256", "process.hash.sha256"),
            ("src.ip", "source.ip"),
            ("dst.port", "destination.port"),
            ("host.os.typ", "host.os.type"),
            ("event.cateogry", "event.category"),
            ("user_name", "user.name"),
            ("regsitry.path", "registry.path"),
            ("file.extention", "file.extension"),
            ("dns.question.nam", "dns.question.name"),
            ("process.ext.token.integrity_level_name", "process.Ext.token.integrity_level_name"),
        ] {
            assert_eq!(Schema::ecs().nearest(given).first().copied(), Some(wanted), "{given}");
        }
    }

    #[test]
    fn far_names_and_hostile_ones_find_nothing() {
        let schema = Schema::ecs();
        assert!(schema.nearest("endgame.metadata.key").is_empty());
        assert!(schema.nearest("").is_empty());
        assert!(schema.nearest(&"a.".repeat(10_000)).is_empty());
        assert!(schema.nearest(&"x".repeat(100_000)).is_empty());
    }

    #[test]
    fn at_most_three_are_named() {
        assert!(schema_nearest("process.hash.sha") <= 3);
    }

    fn schema_nearest(path: &str) -> usize {
        Schema::ecs().nearest(path).len()
    }
}
