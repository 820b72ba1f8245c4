//! Whether recorded losses are losses: for each of them events that the output judges as the loss says.
//!
//! A loss names a place of the rule and a direction. Events prove it if rule and output differ in them that way, and
//! the place is the reason: with its test counted the other way the rule would say what the output says. (Of a match
//! that only the rule finds, each test that the match hangs on is such a reason.) Events come
//! from the evidence that everything is compared on; where those do not show it, from changes of them that the loss
//! suggests ([`candidates`]), and from hosts that have changed since ([`Circumstance`]).

mod agreeing;
mod candidates;
mod claim;
mod leaves;
mod values;

use std::ops::ControlFlow;

use serde_json::Value;

use crate::agree::smallest_of;
use crate::circumstance::Circumstance;
use crate::diff::differ;
use crate::effort::{Budget, Clock, Cut, Effort, Work};
use crate::engine::Streams;
use crate::evidence::{Evidence, Exhibit};
use crate::output::{Answer, Output};
use crate::report::{Law, Proof, Separating, Side, TargetReport};
use crate::verdict::Verdict;

pub(crate) use agreeing::in_line;
use candidates::Suggesting;
use claim::{Attributed, Claim, Forced};
use leaves::{Held, Leaves};

/// Streams that are given to an output at a time.
const CHUNK: usize = 64;
/// The most events in which the reason of a difference is looked for, for one claim and circumstance. The smallest streams
/// come first.
const MAX_LOOKED: usize = 2_000;
/// Streams in which the reason of a difference is looked for at a time.
const FEW: usize = 16;

/// Judges every loss of the report.
pub(crate) fn judge(
    output: &Output<'_>,
    evidence: &Evidence,
    answers: &[Option<Answer>],
    (effort, clock): (&Effort, Clock),
    report: &mut TargetReport,
) {
    let rule = output.subject.rule;
    let open = report.losses.iter().enumerate().filter(|(_, judged)| judged.proof == Proof::NotTried);
    let (places, losses): (Vec<usize>, Vec<_>) = open.map(|(place, judged)| (place, &judged.loss)).unzip();
    if places.is_empty() {
        return;
    }
    let leaves = Leaves::of(rule, clock);
    let claims = losses.into_iter().map(|loss| Claim::of(loss, rule, (clock, leaves.as_ref()))).collect();
    let left = effort.streams.saturating_sub(evidence.exhibits.len());
    let leaves = leaves.as_ref();
    let tried = vec![0; places.len()];
    let (known, cut, failed) = (None, None, None);
    let mut proving = Proving { output, evidence, clock, leaves, known, claims, left, tried, cut, failed };
    proving.by_evidence(answers);
    proving.by_circumstances(answers);
    proving.by_suggestions();
    let Proving { claims, tried, cut, failed, .. } = proving;
    if let Some((stream, why)) = failed {
        report.fail(Law::MeansWhatWasEmitted, Some(&stream), &why);
    }
    // What was given up for want of time was not looked at.
    let cut = cut.or_else(|| clock.spent());
    let mut unproven = 0;
    for ((place, claim), tried) in places.into_iter().zip(claims).zip(tried) {
        let Some(judged) = report.losses.get_mut(place) else { continue };
        let open = claim.found.is_empty();
        unproven += usize::from(open);
        judged.proof = match (open, cut) {
            (false, _) => Proof::Shown { by: claim.found },
            (true, Some(_)) => Proof::NotTried,
            (true, None) => Proof::Doubtful { tried, why: evidence.without.clone() },
        };
    }
    if let Some(budget) = cut.filter(|_| unproven > 0) {
        report.cuts.push(Cut { budget, work: Work::Proving, left: unproven });
    }
}

struct Proving<'p, 'a> {
    output: &'p Output<'a>,
    evidence: &'p Evidence,
    clock: Clock,
    leaves: Option<&'p Leaves>,
    /// What is known of the tests of the claims in all of the evidence, once that is asked.
    known: Option<Known<'p>>,
    claims: Vec<Claim>,
    /// Streams that may still be given to the output.
    left: usize,
    /// For each claim, streams that were tried.
    tried: Vec<usize>,
    cut: Option<Budget>,
    /// The first stream in which the output failed, and why: no query that was emitted may.
    failed: Option<(String, String)>,
}

/// The tests of claims in streams.
struct Known<'p> {
    streams: Streams<'p>,
    held: Held<'p>,
    /// For each claim, what the rule finds with its test counted as true and as false, once that is asked.
    forced: Vec<Option<Forced>>,
}

/// A stream with the name of where it is from.
pub(super) struct Candidate {
    pub(super) from: String,
    pub(super) events: Vec<Value>,
}

/// The most streams that are tried to be made smaller for one claim and chunk.
const MAX_SHRUNK: usize = 4;

/// A stream that may show something.
#[derive(Clone, Copy)]
pub(super) struct Shown<'s> {
    from: &'s str,
    pub(super) events: &'s [Value],
}

impl<'s> From<&'s Exhibit> for Shown<'s> {
    fn from(exhibit: &'s Exhibit) -> Self {
        Self { from: &exhibit.name, events: &exhibit.events }
    }
}

/// A stream that rule and output judge differently.
pub(super) struct Differing<'s> {
    pub(super) shown: Shown<'s>,
    rule: Verdict,
    pub(super) output: Verdict,
}

impl<'s> Differing<'s> {
    /// What fails shows nothing.
    fn of(shown: Shown<'s>, rule: &Verdict, output: &Verdict) -> Option<Self> {
        (rule != output && !matches!(output, Verdict::Failed(_))).then(|| Self {
            shown,
            rule: rule.clone(),
            output: output.clone(),
        })
    }

    fn shows(&self, side: Side) -> bool {
        differ(&self.rule, &self.output, side.way())
    }
}

impl<'p> Proving<'p, '_> {
    fn is_done(&self) -> bool {
        self.cut.is_some() || self.claims.iter().all(|claim| !claim.found.is_empty())
    }

    /// Looks at the streams that were compared.
    fn by_evidence(&mut self, answers: &[Option<Answer>]) {
        let mut differing = Vec::new();
        for (exhibit, answer) in self.evidence.exhibits.iter().zip(answers) {
            if let (Ok(rule), Some(answer)) = (&exhibit.verdict, answer) {
                differing.extend(Differing::of(exhibit.into(), rule, &answer.found));
            }
        }
        let asked = answers.iter().flatten().count();
        self.tried.iter_mut().for_each(|tried| *tried += asked);
        differing.sort_by_key(|stream| stream.shown.events.len());
        self.consider(&differing, &Circumstance::AsTold, 0..self.claims.len());
    }

    /// Looks at the same streams as far as the source records them, and where hosts have changed since.
    fn by_circumstances(&mut self, answers: &[Option<Answer>]) {
        let exhibits = &self.evidence.exhibits;
        // What is recorded as it was told is answered already.
        let all = || exhibits.iter().enumerate();
        let partly: Vec<usize> =
            all().zip(answers).filter(|it| it.1.is_none()).map(|((place, _), _)| place).collect();
        self.exhibits(&partly, &Circumstance::AsRecorded);
        if !self.output.asks_hosts() || self.is_done() {
            return;
        }
        let matched = |exhibit: &Exhibit| exhibit.verdict.as_ref().is_ok_and(Verdict::alerts);
        let places = |matching: bool| all().filter(move |it| matched(it.1) == matching).map(|it| it.0);
        let (matching, other): (Vec<usize>, Vec<usize>) = (places(true).collect(), places(false).collect());
        self.exhibits(&matching, &Circumstance::Gone);
        // What keeps events out is no longer there either.
        let kept_out = all().filter(|it| !matched(it.1) && self.is_about(it.1)).map(|it| it.0);
        let kept_out: Vec<usize> = kept_out.collect();
        self.exhibits(&kept_out, &Circumstance::Gone);
        if let Some(witness) = exhibits.iter().find(|exhibit| matched(exhibit) && exhibit.made) {
            let since = Circumstance::Since { events: witness.events.clone() };
            self.exhibits(&other, &since);
        }
    }

    fn exhibits(&mut self, places: &[usize], circumstance: &Circumstance) {
        let exhibits = &self.evidence.exhibits;
        for chunk in places.chunks(CHUNK) {
            if self.is_done() {
                return;
            }
            let looked_at = chunk.len();
            let chunk = match self.output.is_queried() {
                true => self.telling(chunk, circumstance),
                // To ask it takes no longer than to ask the rule.
                false => chunk.to_vec(),
            };
            if !self.take(chunk.len(), looked_at) {
                return;
            }
            let chunk: Vec<&Exhibit> = chunk.iter().filter_map(|place| exhibits.get(*place)).collect();
            let streams: Vec<&[Value]> = chunk.iter().map(|exhibit| exhibit.events.as_slice()).collect();
            let mut differing = Vec::new();
            for (exhibit, found) in chunk.iter().zip(self.output.found(&streams, circumstance)) {
                if let (Ok(rule), Ok(found)) = (&exhibit.verdict, found) {
                    differing.extend(Differing::of((*exhibit).into(), rule, &found));
                }
            }
            differing.sort_by_key(|stream| stream.shown.events.len());
            self.consider(&differing, circumstance, 0..self.claims.len());
        }
    }

    /// Those of some exhibits that can show a claim which nothing has shown yet: where none of their tests decides, what
    /// the output says proves nothing.
    fn telling(&mut self, places: &[usize], circumstance: &Circumstance) -> Vec<usize> {
        let open: Vec<Vec<Side>> = self.claims.iter().map(|claim| claim.open(circumstance)).collect();
        let of_none = |(claim, sides): (&Claim, &Vec<Side>)| claim.place.test.is_none() && !sides.is_empty();
        if self.claims.iter().zip(&open).any(of_none) {
            return places.to_vec();
        }
        if self.known.is_none() {
            self.known = self.ask_all();
        }
        let (Some(known), exhibits) = (&mut self.known, &self.evidence.exhibits) else {
            return places.to_vec();
        };
        let mut telling = vec![false; places.len()];
        for ((claim, sides), forced) in self.claims.iter().zip(&open).zip(&mut known.forced) {
            if sides.is_empty() {
                continue;
            }
            let forced = forced.get_or_insert_with(|| claim.forced_by(Some(&known.held), &known.streams));
            for (telling, place) in telling.iter_mut().zip(places) {
                let verdict = exhibits.get(*place).and_then(|exhibit| exhibit.verdict.as_ref().ok());
                let may = |rule: &Verdict| claim.may_explain(sides, rule, forced, *place);
                *telling = *telling || verdict.is_some_and(may);
            }
        }
        places.iter().zip(telling).filter(|(_, telling)| *telling).map(|(place, _)| *place).collect()
    }

    /// Asks the conditions of the rule of all of the evidence; none where they cannot be asked.
    fn ask_all(&self) -> Option<Known<'p>> {
        let leaves = self.leaves?;
        let exhibits = &self.evidence.exhibits;
        let streams: Vec<&[Value]> = exhibits.iter().map(|exhibit| exhibit.events.as_slice()).collect();
        let streams = self.output.told_to_rule(&streams);
        let held = leaves.held(&streams)?;
        Some(Known { held, forced: self.claims.iter().map(|_| None).collect(), streams })
    }

    /// Whether a stream was made for the place of a claim that nothing has shown yet.
    fn is_about(&self, exhibit: &Exhibit) -> bool {
        let mut open = self.claims.iter().filter(|claim| claim.found.is_empty());
        open.any(|claim| exhibit.span == Some(claim.place.span))
    }

    /// Looks at streams that are made for the losses that nothing has shown yet.
    fn by_suggestions(&mut self) {
        if self.is_done() {
            return;
        }
        let suggesting = Suggesting::of(self.output, self.evidence);
        for at in 0..self.claims.len() {
            let Some(claim) = self.claims.get(at).filter(|claim| claim.found.is_empty()) else { continue };
            let place = claim.place.clone();
            suggesting.suggest(&place, &mut |candidates| {
                self.try_candidates(at, candidates);
                match self.claims.get(at) {
                    Some(claim) if claim.found.is_empty() && self.cut.is_none() => ControlFlow::Continue(()),
                    _ => ControlFlow::Break(()),
                }
            });
        }
    }

    fn try_candidates(&mut self, at: usize, candidates: &[Candidate]) {
        let circumstance = Circumstance::AsRecorded;
        let streams: Vec<&[Value]> = candidates.iter().map(|candidate| candidate.events.as_slice()).collect();
        let Some(claim) = self.claims.get(at) else { return };
        let (sides, seen) = (claim.open(&circumstance), self.output.told_to_rule(&streams));
        let forced = claim.forced(&seen);
        // Where a test decides nothing in single events, the rule finds what it finds with the test counted either way.
        if self.leaves.is_some() && !claim.decides(&forced) {
            self.take(0, candidates.len());
            return;
        }
        let rule = self.output.of_rule(&seen).into_iter().enumerate();
        // The output is asked only where the test of the claim decides.
        let telling = rule.filter_map(|(at, rule)| {
            let rule = rule.ok().filter(|rule| claim.may_explain(&sides, rule, &forced, at))?;
            Some((candidates.get(at)?, rule))
        });
        let telling: Vec<(&Candidate, Verdict)> = telling.collect();
        if !self.take(telling.len(), candidates.len()) {
            return;
        }
        let streams: Vec<&[Value]> =
            telling.iter().map(|(candidate, _)| candidate.events.as_slice()).collect();
        let found = self.output.found(&streams, &circumstance);
        let mut differing = Vec::new();
        for ((candidate, rule), found) in telling.into_iter().zip(found) {
            if let Ok(found) = found {
                if let Verdict::Failed(why) = &found {
                    self.failed.get_or_insert_with(|| (candidate.from.clone(), why.clone()));
                }
                let shown = Shown { from: &candidate.from, events: &candidate.events };
                differing.extend(Differing::of(shown, &rule, &found));
            }
        }
        self.consider(&differing, &circumstance, at..at + 1);
    }

    /// Whether so many more streams may be given to the output, of those that are looked at.
    fn take(&mut self, streams: usize, looked_at: usize) -> bool {
        self.cut = match self.clock.spent() {
            None if self.left < streams => Some(Budget::Events),
            spent => spent,
        };
        self.left = self.left.saturating_sub(streams);
        for (tried, claim) in self.tried.iter_mut().zip(&self.claims) {
            *tried += if claim.found.is_empty() { looked_at } else { 0 };
        }
        self.cut.is_none()
    }

    /// Takes for each of the claims the first stream that proves it.
    fn consider(
        &mut self,
        differing: &[Differing<'_>],
        circumstance: &Circumstance,
        claims: std::ops::Range<usize>,
    ) {
        let mut looked = vec![0; self.claims.len()];
        for chunk in differing.chunks(FEW) {
            let own = self.claims.get(claims.clone()).unwrap_or_default();
            let open = own.iter().filter(|claim| !claim.open(circumstance).is_empty()).count();
            if open == 0 {
                return;
            }
            let streams: Vec<&[Value]> = chunk.iter().map(|stream| stream.shown.events).collect();
            let events: usize = streams.iter().map(|stream| stream.len()).sum();
            let seen = self.output.told_to_rule(&streams);
            // Of one claim alone the rule says as much in less time.
            let held = self.leaves.filter(|_| open > 1).and_then(|leaves| leaves.held(&seen));
            for (at, looked) in looked.iter_mut().enumerate().skip(claims.start).take(claims.len()) {
                if *looked > MAX_LOOKED {
                    continue;
                }
                *looked += events;
                let found = self.proofs(at, (chunk, &seen, held.as_ref()), circumstance);
                if let Some(claim) = self.claims.get_mut(at) {
                    claim.found.extend(found);
                    claim.found.sort_by_key(|found| std::cmp::Reverse(found.only));
                }
            }
        }
    }

    /// What proves a claim among streams, one proof for each side that nothing proves yet.
    fn proofs(
        &self,
        at: usize,
        (differing, seen, held): (&[Differing<'_>], &Streams, Option<&Held<'_>>),
        circumstance: &Circumstance,
    ) -> Vec<Separating> {
        let Some(claim) = self.claims.get(at) else { return Vec::new() };
        let mut open = claim.open(circumstance);
        open.retain(|side| differing.iter().any(|stream| stream.shows(*side)));
        if open.is_empty() {
            return Vec::new();
        }
        let forced = claim.forced_by(held, seen);
        let mut found = Vec::new();
        for side in open {
            let explained = differing.iter().enumerate().filter(|(place, stream)| {
                stream.shows(side) && claim.explains(side, &forced, *place, &stream.output)
            });
            let mut tried = explained.take(MAX_SHRUNK);
            found
                .extend(tried.find_map(|(_, stream)| self.proof_of(claim, side, stream.shown, circumstance)));
            if !found.is_empty() && *circumstance != Circumstance::AsTold {
                break;
            }
        }
        found
    }

    /// The smallest events that prove a claim, made from a stream that does.
    fn proof_of(
        &self,
        claim: &Claim,
        side: Side,
        stream: Shown<'_>,
        circumstance: &Circumstance,
    ) -> Option<Separating> {
        let rule = self.output.subject.rule;
        let told = Circumstance::AsTold;
        let under = |circumstance| Attributed::of((self.output, claim), (side, circumstance), stream.events);
        // The plainest circumstance under which it shows.
        let plain = if *circumstance == Circumstance::AsRecorded { under(&told) } else { None };
        let judge = plain.or_else(|| under(circumstance))?;
        let events = smallest_of(rule, &judge, stream.events);
        let (rule, output) = (
            self.output.asked(&[&events]).pop()?.ok()?,
            self.output.answers(&[&events], judge.circumstance).pop()?.ok()?.found,
        );
        let (from, circumstance) = (stream.from.to_owned(), judge.circumstance.clone());
        let shown = Separating { only: side, from, circumstance, events, rule, output };
        differ(&shown.rule, &shown.output, side.way()).then_some(shown)
    }
}
