//! Both engines against the definition of each node as a set of texts, over every short text.

use std::collections::BTreeSet;

use super::*;

/// The longest texts that are looked at.
const LONGEST: usize = 5;
const LETTERS: [char; 3] = ['a', 'B', '1'];

type Texts = BTreeSet<String>;

/// Every text of up to [`LONGEST`] letters.
fn universe() -> Texts {
    let mut all = Texts::from([String::new()]);
    let mut last: Vec<String> = vec![String::new()];
    for _ in 0..LONGEST {
        last = last.iter().flat_map(|text| LETTERS.map(|c| format!("{text}{c}"))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// What a node matches of the universe, straight from the docs of [`RegexNode`]. Whether a text is in the set
/// hangs on its own parts alone, so that leaving out longer texts changes nothing.
fn texts(node: &RegexNode, case: Case, universe: &Texts) -> Texts {
    let of = |node: &RegexNode| texts(node, case, universe);
    match node {
        RegexNode::Empty => Texts::from([String::new()]),
        RegexNode::Nothing => Texts::new(),
        RegexNode::Any => LETTERS.iter().map(char::to_string).collect(),
        RegexNode::Literal(wanted) => {
            let same = |text: &&String| match case {
                Case::Sensitive => *text == wanted,
                Case::Insensitive => text.eq_ignore_ascii_case(wanted),
            };
            universe.iter().filter(same).cloned().collect()
        }
        RegexNode::Class { negated, items } => {
            let held = |c: &char| items.iter().any(|item| in_class(*item, *c, case)) != *negated;
            LETTERS.iter().filter(|c| held(c)).map(char::to_string).collect()
        }
        RegexNode::Concat(list) => {
            list.iter().fold(Texts::from([String::new()]), |before, node| joined(&before, &of(node)))
        }
        RegexNode::Alternatives(list) => list.iter().flat_map(of).collect(),
        RegexNode::Repeat { node, min, max } => repeated(&of(node), *min, *max),
        RegexNode::Complement(node) => universe.difference(&of(node)).cloned().collect(),
        RegexNode::Intersection(list) => {
            list.iter().fold(universe.clone(), |all, node| all.intersection(&of(node)).cloned().collect())
        }
        RegexNode::Interval { low, high, width } => {
            let held = |text: &&String| {
                let fits = *width == 0 || text.len() == *width as usize;
                fits && text.parse::<u64>().is_ok_and(|value| (*low..=*high).contains(&value))
            };
            universe.iter().filter(held).cloned().collect()
        }
    }
}

fn in_class(item: ClassItem, c: char, case: Case) -> bool {
    match item {
        ClassItem::Char(one) if case == Case::Insensitive => one.eq_ignore_ascii_case(&c),
        ClassItem::Char(one) => one == c,
        ClassItem::Range(low, high) => (low..=high).contains(&c),
        ClassItem::Digit => c.is_ascii_digit(),
        ClassItem::NotDigit => !c.is_ascii_digit(),
        ClassItem::Space => c == ' ',
        ClassItem::NotSpace => c != ' ',
        ClassItem::Word => c.is_ascii_alphanumeric(),
        ClassItem::NotWord => !c.is_ascii_alphanumeric(),
    }
}

fn joined(left: &Texts, right: &Texts) -> Texts {
    let pairs = left.iter().flat_map(|a| right.iter().map(move |b| format!("{a}{b}")));
    pairs.filter(|text| text.len() <= LONGEST).collect()
}

fn repeated(once: &Texts, min: u32, max: Option<u32>) -> Texts {
    let mut times = Texts::from([String::new()]);
    for _ in 0..min {
        times = joined(&times, once);
    }
    let mut all = times.clone();
    // More rounds than letters add nothing.
    for _ in 0..max.map_or(LONGEST as u32 + 1, |max| max.saturating_sub(min)) {
        times = joined(&times, once);
        all.extend(times.iter().cloned());
    }
    all
}

/// Numbers from a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    fn node(&mut self, depth: u32) -> RegexNode {
        let kinds = if depth == 0 { 6 } else { 12 };
        match self.below(kinds) {
            0 => self.pick(&[RegexNode::Empty, RegexNode::Nothing, RegexNode::Any].each_ref()).clone(),
            1 | 2 => RegexNode::Literal(self.pick(&["a", "A", "b", "aB", "11", "1aB", ""]).to_owned()),
            3 => RegexNode::Class { negated: self.below(2) == 0, items: self.items() },
            4 => RegexNode::any_run(),
            5 => {
                let (low, high) = (self.below(120), self.below(120));
                RegexNode::Interval { low, high, width: self.pick(&[0, 0, 1, 2, 3, 4]) }
            }
            6 | 7 => RegexNode::Concat(self.nodes(depth)),
            8 => RegexNode::Alternatives(self.nodes(depth)),
            9 => {
                let (min, max) = self.pick(&[
                    (0, None),
                    (1, None),
                    (0, Some(1)),
                    (2, None),
                    (1, Some(3)),
                    (2, Some(2)),
                    (0, Some(0)),
                ]);
                RegexNode::Repeat { node: Box::new(self.node(depth - 1)), min, max }
            }
            10 => RegexNode::Complement(Box::new(self.node(depth - 1))),
            _ => RegexNode::Intersection(self.nodes(depth)),
        }
    }

    fn nodes(&mut self, depth: u32) -> Vec<RegexNode> {
        (0..1 + self.below(3)).map(|_| self.node(depth - 1)).collect()
    }

    fn items(&mut self) -> Vec<ClassItem> {
        let known = [
            ClassItem::Char('a'),
            ClassItem::Char('b'),
            ClassItem::Char('1'),
            ClassItem::Range('a', 'z'),
            ClassItem::Range('A', 'Z'),
            ClassItem::Range('0', '9'),
            ClassItem::Digit,
            ClassItem::NotDigit,
            ClassItem::Word,
            ClassItem::NotSpace,
        ];
        (0..1 + self.below(2)).map(|_| self.pick(&known)).collect()
    }
}

#[test]
fn engines_match_what_the_tree_says() {
    let universe = universe();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut with_algebra, mut matching) = (0, 0);
    for round in 0..1_500 {
        let root = random.node(4);
        let case = if round % 2 == 0 { Case::Sensitive } else { Case::Insensitive };
        let wanted = texts(&root, case, &universe);
        let regex = Regex { root, case };
        let automaton = Automaton::new(&regex).unwrap();
        let found: Texts = universe.iter().filter(|text| automaton.is_match(text)).cloned().collect();
        assert_eq!(found, wanted, "{regex:?}");
        if let Ok(rust) = regex.to_rust() {
            let rust = ::regex::Regex::new(&rust).unwrap();
            let found: Texts = universe.iter().filter(|text| rust.is_match(text)).cloned().collect();
            assert_eq!(found, wanted, "{regex:?}");
        }
        with_algebra += usize::from(regex.root.has_algebra());
        matching += usize::from(!wanted.is_empty());
        let plain = Regex { root: regex.root.clone().without_intervals(), case };
        let same = Automaton::new(&plain).unwrap();
        assert!(universe.iter().all(|text| same.is_match(text) == automaton.is_match(text)), "{regex:?}");
    }
    assert!(with_algebra > 400 && matching > 800, "{with_algebra} {matching}");
}
