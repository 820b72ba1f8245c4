//! Characters in classes: those that no part of an expression tells apart are one letter of its alphabet.

use std::collections::BTreeMap;

use regex_syntax::hir::ClassUnicode;

use super::super::{Regex, RegexNode, interval, sets};
use super::{Budget, TooLarge};
use crate::Case;

/// The first of the code points that are no characters, and the first behind them.
const GAP: u32 = 0xd800;
const AFTER_GAP: u32 = 0xe000;

/// First and last code points.
type Ranges = Vec<(u32, u32)>;

/// The letters of an expression.
#[derive(Clone, Debug)]
pub(super) struct Alphabet {
    /// Where each run of code points starts, ascending; the first at 0.
    starts: Vec<u32>,
    /// The letter of each run.
    letters: Vec<u32>,
    count: u32,
    /// The letters of each set of characters that the expression names.
    sets: BTreeMap<Ranges, Vec<u32>>,
}

impl Alphabet {
    pub(super) fn of(regex: &Regex, budget: &mut Budget) -> Result<Self, TooLarge> {
        let mut collector = Collector { case: regex.case, sets: BTreeMap::new(), budget };
        collector.node(&regex.root)?;
        let Collector { mut sets, budget, .. } = collector;
        let ends = sets.keys().flatten().flat_map(|(low, high)| [*low, high.saturating_add(1)]);
        let mut starts: Vec<u32> = std::iter::once(0).chain(ends).collect();
        starts.sort_unstable();
        starts.dedup();
        // A run without characters would be a letter that no text has: those behind the last character, and
        // the gap of the surrogates where both of its ends are bounds.
        starts.retain(|start| *start <= u32::from(char::MAX));
        if starts.binary_search(&AFTER_GAP).is_ok() {
            starts.retain(|start| *start != GAP);
        }
        budget.spend(starts.len())?;
        let mut named: Vec<Vec<u32>> = vec![Vec::new(); starts.len()];
        for (set, number) in sets.keys().zip(0..) {
            for run in runs(&starts, set) {
                budget.spend(1)?;
                if let Some(names) = named.get_mut(run) {
                    names.push(number);
                }
            }
        }
        let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let letters: Vec<u32> = named
            .into_iter()
            .map(|names| {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                *known.entry(names).or_insert(next)
            })
            .collect();
        for (set, of_set) in &mut sets {
            let found = runs(&starts, set).filter_map(|run| letters.get(run).copied());
            of_set.extend(found);
            of_set.sort_unstable();
            of_set.dedup();
        }
        let count = u32::try_from(known.len()).unwrap_or(u32::MAX);
        Ok(Self { starts, letters, count, sets })
    }

    /// How many letters there are; at least one.
    pub(super) fn len(&self) -> u32 {
        self.count
    }

    /// The letter of a character.
    pub(super) fn class(&self, c: char) -> u32 {
        let run = self.starts.partition_point(|start| *start <= u32::from(c)).saturating_sub(1);
        self.letters.get(run).copied().unwrap_or(0)
    }

    /// The letters of a set of characters that the expression names.
    pub(super) fn letters(&self, set: &ClassUnicode) -> &[u32] {
        self.sets.get(&ranges(set)).map_or(&[], Vec::as_slice)
    }
}

/// The runs that lie in a set.
fn runs<'a>(starts: &'a [u32], set: &'a Ranges) -> impl Iterator<Item = usize> + 'a {
    set.iter().flat_map(|(low, high)| {
        let first = starts.partition_point(|start| start < low);
        let behind = starts.partition_point(|start| start <= high);
        first..behind
    })
}

fn ranges(set: &ClassUnicode) -> Ranges {
    set.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
}

struct Collector<'a> {
    case: Case,
    sets: BTreeMap<Ranges, Vec<u32>>,
    budget: &'a mut Budget,
}

impl Collector<'_> {
    fn node(&mut self, node: &RegexNode) -> Result<(), TooLarge> {
        match node {
            RegexNode::Empty | RegexNode::Nothing => Ok(()),
            RegexNode::Any => self.set(&sets::any()),
            RegexNode::Literal(text) => {
                text.chars().try_for_each(|c| self.set(&sets::character(c, self.case)))
            }
            RegexNode::Class { negated, items } => {
                self.budget.spend(items.len())?;
                self.set(&sets::class(*negated, items, self.case))
            }
            RegexNode::Concat(list) | RegexNode::Alternatives(list) | RegexNode::Intersection(list) => {
                list.iter().try_for_each(|node| self.node(node))
            }
            RegexNode::Repeat { node, .. } | RegexNode::Complement(node) => self.node(node),
            RegexNode::Interval { low, high, width } => self.node(&interval::node(*low, *high, *width)),
        }
    }

    fn set(&mut self, set: &ClassUnicode) -> Result<(), TooLarge> {
        let ranges = ranges(set);
        self.budget.spend(1 + ranges.len())?;
        self.sets.entry(ranges).or_default();
        Ok(())
    }
}
