//! What a loss claims, and whether a stream shows just that.

use std::borrow::Cow;

use eqlc_backend::{Direction, Loss};
use eqlc_diagnostics::Span;
use eqlc_ir::fold::{Fold, walk_rule, walk_test};
use eqlc_ir::{Pred, Rule, Test, text};
use serde_json::Value;

use super::leaves::{Held, Leaves};
use crate::circumstance::Circumstance;
use crate::diff::{Judge, differ};
use crate::effort::Clock;
use crate::engine::{Evaluator, Streams};
use crate::output::Output;
use crate::report::{Separating, Side};
use crate::verdict::Verdict;

/// A place of the rule that events are looked for.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) span: Span,
    /// The test that stands there, if it is one.
    pub(super) test: Option<Test>,
}

/// A loss as a claim: in some stream one side finds what the other does not, because of one place of the rule.
pub(super) struct Claim {
    pub(super) place: Place,
    sides: Vec<Side>,
    /// The rule with its test at that place counted as always true, and as always false; empty where the place is no
    /// test.
    forced: Vec<Evaluator<'static>>,
    /// The places of the test among the conditions of the rule, where they are all there is of it.
    leaves: Vec<usize>,
    /// What shows it, one for each side.
    pub(super) found: Vec<Separating>,
}

/// What the rule with a test counted as true, and as false, finds in streams.
pub(super) type Forced = Vec<Vec<Result<Verdict, String>>>;

impl Claim {
    pub(super) fn of(loss: &Loss, rule: &Rule, (clock, leaves): (Clock, Option<&Leaves>)) -> Self {
        let sides = match loss.direction {
            Direction::Wider => vec![Side::Output],
            Direction::Narrower => vec![Side::Rule],
            Direction::Either | Direction::Reordered => vec![Side::Output, Side::Rule],
        };
        let mut test = None;
        let (mut forced, mut times) = (Vec::new(), 0);
        for holds in [true, false] {
            let mut force = Force { loss, holds, found: None, times: 0 };
            let changed = walk_rule(&mut force, rule.clone());
            if force.found.is_some() {
                (test, times) = (force.found, force.times);
                forced.push(Evaluator::new(Cow::Owned(changed)).timed(clock));
            }
        }
        let mut leaves = leaves.map_or_else(Vec::new, |leaves| leaves.about(loss));
        leaves.truncate(if leaves.len() == times { times } else { 0 });
        Self { place: Place { span: loss.span, test }, sides, forced, leaves, found: Vec::new() }
    }

    /// The sides that nothing shows yet. What shows one side of two is enough not to search on for the other, where
    /// the circumstance is not the plain one.
    pub(super) fn open(&self, circumstance: &Circumstance) -> Vec<Side> {
        if !self.found.is_empty() && *circumstance != Circumstance::AsTold {
            return Vec::new();
        }
        let open = |side: &&Side| self.found.iter().all(|found| found.only != **side);
        self.sides.iter().filter(open).copied().collect()
    }
}

impl Claim {
    /// What the rule finds in streams of its world with the test of the claim counted as true, and as false.
    pub(super) fn forced(&self, streams: &Streams) -> Forced {
        self.forced.iter().map(|forced| streams.verdicts(forced)).collect()
    }

    /// The same with the test counted in one of the ways, the first or the second.
    fn forced_once(&self, streams: &Streams, way: Option<usize>) -> Forced {
        way.and_then(|way| self.forced.get(way)).map(|forced| streams.verdicts(forced)).into_iter().collect()
    }

    /// The same from the answers to the conditions of the rule.
    pub(super) fn forced_by(&self, held: Option<&Held<'_>>, streams: &Streams) -> Forced {
        match held {
            Some(held) if !self.leaves.is_empty() => {
                [true, false].map(|holds| held.forced(streams, &self.leaves, holds)).to_vec()
            }
            _ => self.forced(streams),
        }
    }

    /// Whether it matters in some stream how the test of the claim is counted.
    pub(super) fn decides(&self, forced: &Forced) -> bool {
        match forced.as_slice() {
            [one, other] => one != other,
            _ => true,
        }
    }

    /// Whether the test of the claim can be the reason why one of the sides finds more in one of the streams, whatever
    /// the output says of it: what the output has beyond the rule, the rule with the test counted the other way must have
    /// too, and what the output lacks, that rule must lack.
    pub(super) fn may_explain(&self, sides: &[Side], rule: &Verdict, forced: &Forced, at: usize) -> bool {
        let decides = |verdicts: &Vec<Result<Verdict, String>>| match verdicts.get(at) {
            Some(Ok(verdict)) => sides.iter().any(|side| differ(rule, verdict, side.way())),
            _ => false,
        };
        self.forced.is_empty() || forced.iter().any(decides)
    }

    /// Whether the test of the claim is the reason why one side finds more in one of the streams: with the test counted
    /// the other way it would not.
    pub(super) fn explains(&self, side: Side, forced: &Forced, at: usize, output: &Verdict) -> bool {
        let agrees = |verdicts: &Vec<Result<Verdict, String>>| match verdicts.get(at) {
            Some(Ok(verdict)) => !differ(verdict, output, side.way()),
            _ => false,
        };
        self.forced.is_empty() || forced.iter().any(agrees)
    }
}

/// Counts the test of a loss as holding or not.
struct Force<'l> {
    loss: &'l Loss,
    holds: bool,
    found: Option<Test>,
    times: usize,
}

impl Fold for Force<'_> {
    fn test(&mut self, test: Test) -> Pred {
        if test.span == self.loss.span && text::test(&test) == self.loss.place {
            self.found = Some(test);
            self.times += 1;
            return Pred::Const(self.holds);
        }
        Pred::Test(walk_test(self, test))
    }
}

/// That one side finds more in a stream, and by the test of the claim.
pub(super) struct Attributed<'p, 'a> {
    pub(super) output: &'p Output<'a>,
    pub(super) claim: &'p Claim,
    pub(super) side: Side,
    pub(super) circumstance: &'p Circumstance,
    /// In which of the ways that the test can be counted it is the reason; none where the place is no test.
    way: Option<usize>,
}

impl<'p, 'a> Attributed<'p, 'a> {
    /// That of a stream, if it shows the claim.
    pub(super) fn of(
        (output, claim): (&'p Output<'a>, &'p Claim),
        (side, circumstance): (Side, &'p Circumstance),
        events: &[Value],
    ) -> Option<Self> {
        let ways = match claim.forced.len() {
            0 => vec![None],
            count => (0..count).map(Some).collect(),
        };
        let stream = [events.to_vec()];
        let mut all = ways.into_iter().map(|way| Self { output, claim, side, circumstance, way });
        all.find(|judge| judge.shows(&stream) == [true])
    }
}

impl Judge for Attributed<'_, '_> {
    fn shows(&self, streams: &[Vec<Value>]) -> Vec<bool> {
        let all: Vec<&[Value]> = streams.iter().map(Vec::as_slice).collect();
        let seen = self.output.told_to_rule(&all);
        let (rule, forced) = (self.output.of_rule(&seen), self.claim.forced_once(&seen, self.way));
        let mut shows = vec![false; all.len()];
        // The output is asked last, for it takes longest.
        let may = |at: &usize| {
            let rule = rule.get(*at).and_then(|rule| rule.as_ref().ok());
            rule.is_some_and(|rule| self.claim.may_explain(&[self.side], rule, &forced, *at))
        };
        let asked: Vec<usize> = (0..all.len()).filter(may).collect();
        let streams: Vec<&[Value]> = asked.iter().filter_map(|at| all.get(*at).copied()).collect();
        for (at, found) in asked.into_iter().zip(self.output.found(&streams, self.circumstance)) {
            if let (Some(Ok(rule)), Ok(found), Some(shows)) = (rule.get(at), found, shows.get_mut(at)) {
                *shows = differ(rule, &found, self.side.way())
                    && self.claim.explains(self.side, &forced, at, &found);
            }
        }
        shows
    }
}
