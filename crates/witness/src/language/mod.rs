//! Sets of texts, closed under and, or and not.
//!
//! Everything that a rule asks of one text value - equal, wildcards, regular expressions, prefixes, lengths - is a
//! regular language. A [`Languages`] holds such sets as expressions and takes derivatives of them (Brzozowski): what
//! is left to read after one character. So membership, a shortest member and emptiness need no automaton built
//! beforehand, and a contradiction between tests is found as the empty set, with proof.

mod chars;
mod search;
#[cfg(test)]
mod tests;

use std::time::Instant;

use eqlc_ir::Test;
use foldhash::HashMap;

pub(crate) use chars::Chars;
pub(crate) use search::Example;

/// A set of texts, in its [`Languages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Set(u32);

/// How a set is made. Operands of `Or` and `And` are ascending and different, so that equal sets made in different
/// order are one node; that keeps the number of derivatives finite.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    /// No text.
    Nothing,
    /// The empty text.
    Empty,
    /// One character.
    One(Chars),
    Concat(Set, Set),
    Or(Vec<Set>),
    And(Vec<Set>),
    Not(Set),
    /// At least, at most; without bound where none.
    Repeat(Set, u32, Option<u32>),
}

/// Sets of texts and what is known of them. One for a rule: sets of different ones have nothing to do with each other.
pub(crate) struct Languages {
    nodes: Vec<Node>,
    /// Whether the empty text is a member, by node.
    nullable: Vec<bool>,
    /// How many characters a text of the node has at least, by node; a bound from below where `and` or `not` is in it.
    least: Vec<u32>,
    known: HashMap<Node, Set>,
    derived: HashMap<(Set, char), Set>,
    /// The sets of tests, by where the tests lie: another test at the same place is told by what it is.
    tests: HashMap<usize, (Test, Option<Set>)>,
    steps: u64,
    /// When all work ends, whatever is left of it; and the steps since that was looked at.
    until: Option<Instant>,
    since: u64,
    late: bool,
}

/// The most tests whose sets are kept at hand.
const MAX_TESTS: usize = 1_000;

/// Steps after which the clock is looked at: about a millisecond of work.
const LOOK: u64 = 1_000;

impl Languages {
    pub(crate) const NOTHING: Set = Set(0);
    pub(crate) const EMPTY: Set = Set(1);
    /// Any one character.
    pub(crate) const ANY: Set = Set(2);
    /// Every text.
    pub(crate) const ALL: Set = Set(3);

    /// No sets yet; `steps` is how much work may be done, see [`Self::take`].
    pub(crate) fn new(steps: u64) -> Self {
        let mut languages = Self {
            nodes: Vec::new(),
            nullable: Vec::new(),
            least: Vec::new(),
            known: HashMap::default(),
            derived: HashMap::default(),
            tests: HashMap::default(),
            steps,
            until: None,
            since: LOOK,
            late: false,
        };
        languages.intern(Node::Nothing);
        languages.intern(Node::Empty);
        languages.intern(Node::One(Chars::all()));
        languages.intern(Node::Repeat(Self::ANY, 0, None));
        languages
    }

    /// The same, with no work after a time.
    pub(crate) fn until(self, until: Option<Instant>) -> Self {
        Self { until, ..self }
    }

    /// Counts work: a step is about what one derivative of a small set takes. Whether there is any left; the same for
    /// the same rule on every machine.
    pub(crate) fn take(&mut self, steps: usize) -> bool {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        self.steps = self.steps.saturating_sub(steps);
        self.since = self.since.saturating_add(steps);
        if self.since >= LOOK {
            self.since = 0;
            self.late |= self.until.is_some_and(|until| until <= Instant::now());
        }
        !self.is_spent()
    }

    /// Whether the time for all work has passed.
    pub(crate) fn is_late(&self) -> bool {
        self.late
    }

    /// Whether all work that was allowed is done.
    pub(crate) fn is_spent(&self) -> bool {
        self.steps == 0 || self.late
    }

    /// The set of a test that is made by `make`, once.
    pub(crate) fn set_of(
        &mut self,
        test: &Test,
        make: impl FnOnce(&mut Self, &Test) -> Option<Set>,
    ) -> Option<Set> {
        let place = std::ptr::from_ref(test).addr();
        if let Some((known, set)) = self.tests.get(&place)
            && known == test
        {
            return *set;
        }
        let set = make(self, test);
        if self.tests.len() == MAX_TESTS {
            self.tests.clear();
        }
        self.tests.insert(place, (test.clone(), set));
        set
    }

    /// Allows that much work from now on.
    pub(crate) fn refill(&mut self, steps: u64) {
        self.steps = steps;
    }

    fn intern(&mut self, node: Node) -> Set {
        if let Some(set) = self.known.get(&node) {
            return *set;
        }
        let nullable = match &node {
            Node::Nothing | Node::One(_) => false,
            Node::Empty => true,
            Node::Concat(first, then) => self.nullable(*first) && self.nullable(*then),
            Node::Or(sets) => sets.iter().any(|set| self.nullable(*set)),
            Node::And(sets) => sets.iter().all(|set| self.nullable(*set)),
            Node::Not(set) => !self.nullable(*set),
            Node::Repeat(set, least, _) => *least == 0 || self.nullable(*set),
        };
        let least = match &node {
            _ if nullable => 0,
            Node::Nothing => u32::MAX,
            Node::Empty => 0,
            Node::One(_) | Node::Not(_) => 1,
            Node::Concat(first, then) => self.least(*first).saturating_add(self.least(*then)),
            Node::Or(sets) => sets.iter().map(|set| self.least(*set)).min().unwrap_or(u32::MAX),
            Node::And(sets) => sets.iter().map(|set| self.least(*set)).max().unwrap_or(0),
            Node::Repeat(set, least, _) => self.least(*set).saturating_mul(*least),
        };
        let set = Set(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node.clone());
        self.nullable.push(nullable);
        self.least.push(least);
        self.known.insert(node, set);
        set
    }

    fn node(&self, set: Set) -> &Node {
        self.nodes.get(index(set)).unwrap_or(&Node::Nothing)
    }

    fn nullable(&self, set: Set) -> bool {
        self.nullable.get(index(set)).copied().unwrap_or(false)
    }

    fn least(&self, set: Set) -> u32 {
        self.least.get(index(set)).copied().unwrap_or(0)
    }

    pub(crate) fn one(&mut self, chars: Chars) -> Set {
        if chars.is_empty() { Self::NOTHING } else { self.intern(Node::One(chars)) }
    }

    pub(crate) fn concat(&mut self, first: Set, then: Set) -> Set {
        match (self.node(first), self.node(then)) {
            (Node::Nothing, _) | (_, Node::Nothing) => Self::NOTHING,
            (Node::Empty, _) => then,
            (_, Node::Empty) => first,
            _ => self.intern(Node::Concat(first, then)),
        }
    }

    pub(crate) fn concat_all(&mut self, sets: impl DoubleEndedIterator<Item = Set>) -> Set {
        sets.rev().fold(Self::EMPTY, |behind, set| self.concat(set, behind))
    }

    /// The text itself, each character as `chars` has it.
    pub(crate) fn text(&mut self, text: &str, chars: impl Fn(char) -> Chars) -> Set {
        let sets: Vec<Set> = text.chars().map(|c| self.one(chars(c))).collect();
        self.concat_all(sets.into_iter())
    }

    pub(crate) fn or(&mut self, sets: impl IntoIterator<Item = Set>) -> Set {
        let mut operands = Vec::new();
        for set in sets {
            match self.node(set) {
                Node::Nothing => {}
                _ if set == Self::ALL => return set,
                Node::Or(inner) => operands.extend(inner.iter().copied()),
                _ => operands.push(set),
            }
        }
        operands.sort_unstable();
        operands.dedup();
        match operands.as_slice() {
            [] => Self::NOTHING,
            [only] => *only,
            _ => self.intern(Node::Or(operands)),
        }
    }

    pub(crate) fn and(&mut self, sets: impl IntoIterator<Item = Set>) -> Set {
        let mut operands = Vec::new();
        for set in sets {
            match self.node(set) {
                Node::Nothing => return Self::NOTHING,
                _ if set == Self::ALL => {}
                Node::And(inner) => operands.extend(inner.iter().copied()),
                _ => operands.push(set),
            }
        }
        operands.sort_unstable();
        operands.dedup();
        match operands.as_slice() {
            [] => Self::ALL,
            [only] => *only,
            _ => self.intern(Node::And(operands)),
        }
    }

    pub(crate) fn not(&mut self, set: Set) -> Set {
        match self.node(set) {
            Node::Not(inner) => *inner,
            Node::Nothing => Self::ALL,
            _ if set == Self::ALL => Self::NOTHING,
            _ => self.intern(Node::Not(set)),
        }
    }

    pub(crate) fn repeat(&mut self, set: Set, least: u32, most: Option<u32>) -> Set {
        match (self.node(set), least, most) {
            (_, _, Some(0)) | (Node::Empty, ..) => Self::EMPTY,
            (Node::Nothing, 0, _) => Self::EMPTY,
            (Node::Nothing, ..) => Self::NOTHING,
            (_, 1, Some(1)) => set,
            (_, _, Some(most)) if most < least => Self::NOTHING,
            _ => self.intern(Node::Repeat(set, least, most)),
        }
    }

    /// What may follow `c` in texts of the set.
    pub(crate) fn after(&mut self, set: Set, c: char) -> Set {
        if let Some(known) = self.derived.get(&(set, c)) {
            return *known;
        }
        let result = match self.node(set) {
            Node::Nothing | Node::Empty => return Self::NOTHING,
            Node::One(chars) => return if chars.has(c) { Self::EMPTY } else { Self::NOTHING },
            Node::Concat(..) => self.after_all(set, c),
            Node::Or(sets) => {
                let sets = sets.clone();
                self.take(sets.len());
                let after: Vec<Set> = sets.into_iter().map(|set| self.after(set, c)).collect();
                self.or(after)
            }
            Node::And(sets) => {
                let sets = sets.clone();
                self.take(sets.len());
                let after: Vec<Set> = sets.into_iter().map(|set| self.after(set, c)).collect();
                self.and(after)
            }
            Node::Not(inner) => {
                let inner = *inner;
                let after = self.after(inner, c);
                self.not(after)
            }
            Node::Repeat(inner, least, most) => {
                let (inner, least, most) = (*inner, *least, *most);
                let once = self.after(inner, c);
                let more = self.repeat(inner, least.saturating_sub(1), most.map(|most| most - 1));
                self.concat(once, more)
            }
        };
        self.take(1);
        self.derived.insert((set, c), result);
        result
    }

    /// The same for one after the other: `c` may stand in the first and, as long as they may be empty, in those
    /// behind it. Texts are long chains, which are walked and not descended into.
    fn after_all(&mut self, set: Set, c: char) -> Set {
        let mut found = Vec::new();
        let mut rest = set;
        while let Node::Concat(first, then) = self.node(rest) {
            let (first, then) = (*first, *then);
            let after = self.after(first, c);
            found.push(self.concat(after, then));
            rest = then;
            if !self.nullable(first) {
                return self.or(found);
            }
        }
        found.push(self.after(rest, c));
        self.or(found)
    }

    /// Whether a text is a member.
    #[cfg(test)]
    pub(crate) fn has(&mut self, set: Set, text: &str) -> bool {
        let rest = text.chars().fold(set, |set, c| self.after(set, c));
        self.nullable(rest)
    }
}

fn index(set: Set) -> usize {
    usize::try_from(set.0).unwrap_or(usize::MAX)
}
