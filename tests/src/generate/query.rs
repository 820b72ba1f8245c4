//! Queries: single events, sequences, samples, pipes.

use super::condition;
use crate::random::Random;

/// A query of any kind.
pub(super) fn any(random: &mut Random) -> String {
    match random.below(8) {
        0..=2 => {
            let depth = random.below(4);
            format!("{}{}", filter(random, depth), pipes(random))
        }
        3..=6 => format!("{}{}", sequence(random), pipes(random)),
        // A sample has no pipes (§3).
        _ => sample(random),
    }
}

fn filter(random: &mut Random, depth: u64) -> String {
    let category = random.pick(&["any", "any", "process", "file", "\"network\"", "process"]);
    format!("{category} where {}", condition::any(random, depth))
}

fn pipes(random: &mut Random) -> String {
    let count = [0, 0, 0, 1, 1, 2][random.below(6) as usize];
    let pipe = |random: &mut Random| format!(" | {} {}", random.pick(&["head", "tail"]), 1 + random.below(4));
    (0..count).map(|_| pipe(random)).collect()
}

/// Filters of terms are broad, so that sequences come about.
fn term(random: &mut Random) -> String {
    let broad = random.pick(&[
        "true",
        "true",
        "n > -2",
        "n < 3",
        "s != null",
        "b == true",
        "not c",
        "s : (\"a*\", \"b*\")",
        "m != 1",
    ]);
    let category = random.pick(&["any", "process", "file", "network", "process"]);
    if random.one_in(4) {
        let depth = random.below(2);
        return filter(random, depth);
    }
    let category = if random.one_in(2) { "any" } else { category };
    format!("{category} where {broad}")
}

/// The keys of a query: for each kind the fields that may stand for one another, with the mark they all have. A
/// field that is optional in one place and not in another is so in none (§10.3), which the oracle does not know.
struct Keys {
    global: Vec<(usize, &'static str)>,
    local: Vec<usize>,
    optional: bool,
}

const KINDS: [&[&str]; 3] = [&["k", "l"], &["i", "j"], &["b", "c"]];

impl Keys {
    fn new(random: &mut Random, least: u64) -> Self {
        let total = least + random.below(3 - least);
        let (mut global, mut local) = (Vec::new(), Vec::new());
        for _ in 0..total {
            let kind = random.below(3) as usize;
            if global.iter().any(|(other, _)| *other == kind) || local.contains(&kind) {
                continue;
            }
            if random.one_in(2) {
                global.push((kind, random.pick(KINDS[kind])));
            } else {
                local.push(kind);
            }
        }
        Self { global, local, optional: random.one_in(3) }
    }

    fn marked(&self, field: &str) -> String {
        if self.optional { format!("?{field}") } else { field.to_owned() }
    }

    fn by(&self, fields: Vec<String>) -> String {
        if fields.is_empty() { String::new() } else { format!(" by {}", fields.join(", ")) }
    }

    fn of_all(&self) -> String {
        self.by(self.global.iter().map(|(_, field)| self.marked(field)).collect())
    }

    fn of_one(&self, random: &mut Random) -> String {
        self.by(self.local.iter().map(|kind| self.marked(random.pick(KINDS[*kind]))).collect())
    }
}

fn sequence(random: &mut Random) -> String {
    let keys = Keys::new(random, 0);
    let missing = random.one_in(3);
    let mut text = format!("sequence{}", keys.of_all());
    if missing || random.one_in(2) {
        let span = random.pick(&["1s", "2s", "3000ms", "5s", "1m", "1h", "1d"]);
        text += &format!(" with maxspan={span}");
    }
    let count = 2 + random.below(3);
    let positive = random.below(count);
    for at in 0..count {
        let absent = missing && at != positive && random.one_in(2);
        let runs =
            if random.one_in(6) { format!(" with runs={}", 1 + random.below(3)) } else { String::new() };
        let (mark, term, by) = (if absent { "!" } else { "" }, term(random), keys.of_one(random));
        text += &format!(" {mark}[{term}]{by}{runs}");
    }
    if random.one_in(4) {
        text += &format!(" until [{}]{}", term(random), keys.of_one(random));
    }
    text
}

fn sample(random: &mut Random) -> String {
    let keys = loop {
        let keys = Keys::new(random, 1);
        // The oracle asks for a key that is there at all.
        if !keys.global.is_empty() || !keys.local.is_empty() {
            break keys;
        }
    };
    let count = 2 + random.below(2);
    let terms: String = (0..count).map(|_| format!(" [{}]{}", term(random), keys.of_one(random))).collect();
    format!("sample{}{terms}", keys.of_all())
}
