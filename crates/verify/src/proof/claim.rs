//! What a loss claims, and whether a stream shows just that.

use eqlc_backend::{Direction, Loss};
use eqlc_diagnostics::Span;
use eqlc_ir::fold::{Fold, walk_rule, walk_test};
use eqlc_ir::{Pred, Rule, Test, text};
use serde_json::Value;

use crate::circumstance::Circumstance;
use crate::diff::{Judge, differ};
use crate::output::{Output, asked};
use crate::report::{Separating, Side};

use super::Differing;

/// A loss as a claim: in some stream one side finds what the other does not, because of one place of the rule.
pub(super) struct Claim {
    pub(super) span: Span,
    sides: Vec<Side>,
    /// The rule with its test at that place counted as always true, and as always false; empty where the place is no
    /// test.
    forced: Vec<Rule>,
    /// The test itself.
    pub(super) test: Option<Test>,
    /// What shows it, one for each side.
    pub(super) found: Vec<Separating>,
}

impl Claim {
    pub(super) fn of(loss: &Loss, rule: &Rule) -> Self {
        let sides = match loss.direction {
            Direction::Wider => vec![Side::Output],
            Direction::Narrower => vec![Side::Rule],
            Direction::Either | Direction::Reordered => vec![Side::Output, Side::Rule],
        };
        let mut test = None;
        let mut forced = Vec::new();
        for holds in [true, false] {
            let mut force = Force { loss, holds, found: None };
            let changed = walk_rule(&mut force, rule.clone());
            if force.found.is_some() {
                test = force.found;
                forced.push(changed);
            }
        }
        Self { span: loss.span, sides, forced, test, found: Vec::new() }
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
    /// Those of the streams in which the test of the claim is the reason why one side finds more.
    pub(super) fn explains<'d, 's>(
        &self,
        side: Side,
        differing: &[&'d Differing<'s>],
    ) -> Vec<&'d Differing<'s>> {
        if self.forced.is_empty() || differing.is_empty() {
            return differing.to_vec();
        }
        let streams: Vec<&[Value]> = differing.iter().map(|stream| stream.shown.events).collect();
        let mut explained = vec![false; differing.len()];
        for forced in &self.forced {
            for ((explained, forced), stream) in
                explained.iter_mut().zip(asked(forced, &streams)).zip(differing)
            {
                *explained |= forced.is_ok_and(|forced| !differ(&forced, &stream.output, side.way()));
            }
        }
        differing
            .iter()
            .zip(explained)
            .filter(|(_, explained)| *explained)
            .map(|(stream, _)| *stream)
            .collect()
    }
}

/// Counts the test of a loss as holding or not.
struct Force<'l> {
    loss: &'l Loss,
    holds: bool,
    found: Option<Test>,
}

impl Fold for Force<'_> {
    fn test(&mut self, test: Test) -> Pred {
        if test.span == self.loss.span && text::test(&test) == self.loss.place {
            self.found = Some(test);
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
}

impl Attributed<'_, '_> {
    pub(super) fn shows_one(&self, events: &[Value]) -> bool {
        self.shows(&[events.to_vec()]).first() == Some(&true)
    }
}

impl Judge for Attributed<'_, '_> {
    fn shows(&self, streams: &[Vec<Value>]) -> Vec<bool> {
        let all: Vec<&[Value]> = streams.iter().map(Vec::as_slice).collect();
        let way = self.side.way();
        let answers = self.output.answers(&all, self.circumstance);
        let rule = asked(self.output.subject.rule, &all);
        let mut shows: Vec<bool> = rule
            .iter()
            .zip(&answers)
            .map(|both| match both {
                (Ok(rule), Ok(answer)) => differ(rule, &answer.found, way),
                _ => false,
            })
            .collect();
        if self.claim.forced.is_empty() || !shows.contains(&true) {
            return shows;
        }
        let mut explained = vec![false; streams.len()];
        for forced in &self.claim.forced {
            let forced = asked(forced, &all);
            for ((explained, forced), answer) in explained.iter_mut().zip(&forced).zip(&answers) {
                if let (Ok(forced), Ok(answer)) = (forced, answer) {
                    *explained |= !differ(forced, &answer.found, way);
                }
            }
        }
        shows.iter_mut().zip(explained).for_each(|(shows, explained)| *shows &= explained);
        shows
    }
}
