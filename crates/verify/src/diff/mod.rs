//! Whether two rules mean the same, and a stream of events that separates them where they do not.
//!
//! [`compare`] decides in three ways, the surest first:
//!
//! 1. **structure**: the rules have one canonical form;
//! 2. **proof**: no event is matched by one query and not by the other ([`solve`]), for every query of rules that are
//!    alike in all else;
//! 3. **streams**: those that one rule matches, those on which single queries differ, and variants of both are given
//!    to both rules. A difference is proof of itself; none is no proof, and is said to be none.
//!
//! What is compared is what the reference evaluator finds. Streams that separate are made as small as they can be
//! ([`separate()`]), which any two [`Matcher`]s can be asked for.

mod blame;
mod candidates;
mod combine;
mod matcher;
mod separate;
mod solve;

use eqlc_backend_native::reference::RunOptions;
use eqlc_ir::{Body, EventQuery, Pred, Rule};
use serde_json::Value as Json;

pub use blame::Decider;
pub use matcher::{Matcher, RuleMatcher};
pub use separate::{Separation, Way, separate};

pub(crate) use candidates::{Shape, put};
pub(crate) use combine::with_queries;
pub(crate) use separate::{Judge, differ, key_of, leaves, read_at, remove, smallest, value_at};

use candidates::{MAX_STREAMS, altered, near, witnesses};
use combine::{form, only};
use separate::separate_ways;
use solve::{Solved, every_event, solve};

/// What is known of the streams that one rule matches and the other does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Only {
    /// There are none.
    Never,
    /// One of them.
    Found(Box<Separation>),
    /// Nothing: none was found, and that there are none is not proven.
    Unknown,
}

impl Only {
    /// The stream.
    #[must_use]
    pub fn separation(&self) -> Option<&Separation> {
        match self {
            Self::Found(separation) => Some(separation),
            Self::Never | Self::Unknown => None,
        }
    }
}

/// How what was found out was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Both rules have one canonical form.
    Structure,
    /// By a proof or by an event, each way.
    Proof,
    /// By streams that were tried.
    Streams,
}

/// How two rules relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They match the same.
    Same,
    /// The left rule matches all that the right one does, and more.
    Wider,
    /// The right rule matches all that the left one does, and more.
    Narrower,
    /// Each matches something that the other does not.
    Crossing,
    /// The left rule matches something that the right one does not; whether the opposite happens is not known.
    More,
    /// The right rule matches something that the left one does not; whether the opposite happens is not known.
    Less,
    /// No difference was found, and that there is none is not proven.
    Undecided,
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDiff {
    /// How it was decided.
    pub basis: Basis,
    /// What the left rule alone matches.
    pub left_only: Only,
    /// What the right rule alone matches.
    pub right_only: Only,
    /// How many streams were tried beside those that a search made for the purpose.
    pub tried: usize,
}

impl RuleDiff {
    /// How the rules relate.
    #[must_use]
    pub fn relation(&self) -> Relation {
        match (&self.left_only, &self.right_only) {
            (Only::Never, Only::Never) => Relation::Same,
            (Only::Found(_), Only::Never) => Relation::Wider,
            (Only::Never, Only::Found(_)) => Relation::Narrower,
            (Only::Found(_), Only::Found(_)) => Relation::Crossing,
            (Only::Found(_), Only::Unknown) => Relation::More,
            (Only::Unknown, Only::Found(_)) => Relation::Less,
            _ => Relation::Undecided,
        }
    }

    /// Streams that separate the rules: one that the left alone matches, one that the right alone does.
    pub fn separations(&self) -> impl Iterator<Item = (Way, &Separation)> {
        let left = self.left_only.separation().map(|found| (Way::LeftOnly, found));
        let right = self.right_only.separation().map(|found| (Way::RightOnly, found));
        left.into_iter().chain(right)
    }

    fn of(basis: Basis, [left_only, right_only]: [Only; 2]) -> Self {
        Self { basis, left_only, right_only, tried: 0 }
    }
}

/// What decides in the left rule and in the right one that they judge these events differently.
#[must_use]
pub fn deciders(left: &Rule, right: &Rule, events: &[Json]) -> [Vec<Decider>; 2] {
    blame::deciders(left, right, events)
}

/// Compares two normalised rules of one taxonomy.
#[must_use]
pub fn compare(left: &Rule, right: &Rule) -> RuleDiff {
    let comparing = Comparing::new(left, right);
    if comparing.same_options() && comparing.forms[0] == comparing.forms[1] {
        return RuleDiff::of(Basis::Structure, [Only::Never, Only::Never]);
    }
    let mut diff = match comparing.queries() {
        Some((left_query, right_query)) => {
            let ways = [
                comparing.single(left_query, right_query, Way::LeftOnly),
                comparing.single(right_query, left_query, Way::RightOnly),
            ];
            RuleDiff::of(Basis::Proof, ways)
        }
        None if comparing.alike_but_for_queries() && comparing.stages_are_equal() => {
            return RuleDiff::of(Basis::Proof, [Only::Never, Only::Never]);
        }
        None => RuleDiff::of(Basis::Streams, [Only::Unknown, Only::Unknown]),
    };
    comparing.try_streams(&mut diff);
    diff
}

struct Comparing<'r> {
    left: &'r Rule,
    right: &'r Rule,
    forms: [Rule; 2],
    options: [RunOptions; 2],
}

impl<'r> Comparing<'r> {
    fn new(left: &'r Rule, right: &'r Rule) -> Self {
        let options = [RunOptions::of(&left.meta), RunOptions::of(&right.meta)];
        Self { left, right, forms: [form(left), form(right)], options }
    }

    /// Whether what rule documents say of the fields of time and category is the same, as far as it matters.
    fn same_options(&self) -> bool {
        let [left, right] = &self.options;
        let ordered = |rule: &Rule| !matches!(rule.body, Body::Event(_)) || !rule.pipes.is_empty();
        let ordered = ordered(self.left) || ordered(self.right);
        let same_order =
            left.timestamp_field == right.timestamp_field && left.tiebreaker_field == right.tiebreaker_field;
        left.category_field == right.category_field && (same_order || !ordered)
    }

    /// The queries of two rules over single events that are alike in all else.
    fn queries(&self) -> Option<(&EventQuery, &EventQuery)> {
        match &self.forms {
            [
                Rule { body: Body::Event(left), pipes, .. },
                Rule { body: Body::Event(right), pipes: more, .. },
            ] if pipes == more => Some((left, right)),
            _ => None,
        }
    }

    fn kept(&self) -> [&str; 2] {
        [&self.options[0].timestamp_field, &self.options[1].timestamp_field]
    }

    fn separate(&self, way: Way, candidates: &[Vec<Json>]) -> Option<Separation> {
        let (left, right) = (RuleMatcher::new(self.left), RuleMatcher::new(self.right));
        separate((&left, &right), way, candidates, &self.kept())
    }

    /// The events that satisfy one query and not the other.
    fn single(&self, wanted: &EventQuery, other: &EventQuery, way: Way) -> Only {
        let [left, right] = &self.options;
        let options = if way == Way::LeftOnly { (left, right) } else { (right, left) };
        match solve(&only(wanted, other, options), options.0) {
            Solved::Never => Only::Never,
            Solved::Event(events) => {
                let found = self.separate(way, &[events]);
                found.map_or(Only::Unknown, |found| Only::Found(Box::new(found)))
            }
            Solved::Unknown => Only::Unknown,
        }
    }

    fn alike_but_for_queries(&self) -> bool {
        let [left, right] = &self.forms;
        let bare = |rule: &Rule| with_queries(rule, &mut |_, _| every_event());
        self.same_options() && bare(left) == bare(right)
    }

    /// Whether each query of the left rule is satisfied by the same events as that of the right one.
    fn stages_are_equal(&self) -> bool {
        let [left, right] = &self.forms;
        let (left, right) = (left.queries(), right.queries());
        let options = (&self.options[0], &self.options[1]);
        left.len() == right.len()
            && left.into_iter().zip(right).all(|(a, b)| {
                a == b
                    || (solve(&only(a, b, options), options.0) == Solved::Never
                        && solve(&only(b, a, options), options.0) == Solved::Never)
            })
    }

    /// Gives streams to both rules: where nothing is decided, and to make sure of what is.
    fn try_streams(&self, diff: &mut RuleDiff) {
        let decided = |only: &Only| matches!(only, Only::Found(_));
        if decided(&diff.left_only) && decided(&diff.right_only) {
            return;
        }
        let streams = self
            .streams(matches!((&diff.left_only, &diff.right_only), (Only::Unknown, _) | (_, Only::Unknown)));
        diff.tried = streams.len();
        let (left, right) = (RuleMatcher::new(self.left), RuleMatcher::new(self.right));
        let wanted = [!decided(&diff.left_only), !decided(&diff.right_only)];
        let found = separate_ways((&left, &right), wanted, &streams, &self.kept());
        for (only, found) in [&mut diff.left_only, &mut diff.right_only].into_iter().zip(found) {
            if let Some(found) = found {
                if *only == Only::Unknown {
                    diff.basis = Basis::Streams;
                }
                *only = Only::Found(Box::new(found));
            }
        }
    }

    /// Streams that either rule matches; `many`: those on which single queries differ and variants of all too.
    fn streams(&self, many: bool) -> Vec<Vec<Json>> {
        let mut base = witnesses(self.left);
        base.extend(witnesses(self.right));
        if !many {
            return base;
        }
        let near_misses: Vec<Vec<Json>> = [self.left, self.right].into_iter().flat_map(near).collect();
        let single = |rule: &Rule| matches!(rule.body, Body::Event(_)) && rule.pipes.is_empty();
        if single(self.left) && single(self.right) {
            let more: Vec<Vec<Json>> = base.iter().flat_map(|stream| altered(stream, &self.kept())).collect();
            base.extend(near_misses);
            base.extend(more);
            base.truncate(MAX_STREAMS);
            return base;
        }
        let mut found = self.differing_stages();
        found.extend(base);
        let shape = Shape::of([self.left, self.right]);
        let variants: Vec<Vec<Json>> = found.iter().flat_map(|stream| shape.variants(stream)).collect();
        found.extend(near_misses);
        found.extend(variants);
        found.truncate(MAX_STREAMS);
        found
    }

    /// Streams of either rule in which one step is filled by what the other rule does not let stand there.
    fn differing_stages(&self) -> Vec<Vec<Json>> {
        let mut found = Vec::new();
        for (rule, other) in [(self.left, self.right), (self.right, self.left)] {
            let others: Vec<EventQuery> = other.queries().into_iter().cloned().collect();
            let own = rule.queries().len();
            if others.len() != own {
                continue;
            }
            let options = (&self.options[0], &self.options[1]);
            for at in 0..own {
                let restricted = with_queries(rule, &mut |place, query| match others.get(place) {
                    Some(other) if place == at && *other != query => only(&query, other, options),
                    Some(_) if place == at => EventQuery { filter: Pred::Const(false), ..query },
                    _ => query,
                });
                found.extend(witnesses(&eqlc_ir::normalise(restricted)));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
