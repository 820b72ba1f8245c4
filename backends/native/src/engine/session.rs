//! Rules over a stream of events.

use std::sync::Arc;

use rayon::prelude::*;

use super::hand::Hand;
use super::matcher::Matcher;
use super::rules::{Part, Plan};
use super::state::{Entry, Found, Machines, put_in_order};
use super::{Before, Detection, Given, Malformed, Place, Stats, StreamOptions};
use crate::reference::RunError;

/// The fewest events that are worth a thread.
const LEAST_SHARE: usize = 64;

/// A stream of events against a plan.
///
/// With several threads each matches a share of a batch by itself; what happens over several events is divided by
/// rule and key. Matches and their order are the same for any number of threads and any division into batches.
pub struct Session {
    plan: Arc<Plan>,
    scouts: Vec<(Scout, Looked)>,
    /// One for each thread; none where no rule needs them.
    machines: Vec<Machines>,
    given: Given,
    failures: Vec<(usize, RunError)>,
}

/// Looks at events one by one, each by itself: what all rules need, and all that most need. Several can look at
/// different events at the same time.
pub struct Scout {
    plan: Arc<Plan>,
    keep_events: bool,
    matcher: Matcher,
    satisfied: Vec<u32>,
}

/// What a [`Scout`] saw in a batch of events. Its memory is used again by the next batch.
#[derive(Default)]
pub struct Looked {
    detections: Vec<(usize, Detection)>,
    /// Entries, kept for the next batch behind those of this one.
    entries: Vec<Entry>,
    /// The events that the entries of this batch are of, by their index in it.
    entered: Vec<usize>,
    malformed: Vec<(usize, Malformed)>,
    failures: Vec<(usize, RunError)>,
}

impl std::fmt::Debug for Looked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Looked").field("detections", &self.detections.len()).finish_non_exhaustive()
    }
}

impl Looked {
    fn stand_behind(&mut self, before: Before) {
        if before == Before::default() {
            return;
        }
        let seen = self.detections.iter_mut().flat_map(|(_, found)| found.events.iter_mut().flatten());
        seen.for_each(|seen| seen.place = seen.place.behind(before));
        let entries = self.entries.iter_mut().take(self.entered.len());
        entries.for_each(|entry| entry.stand_behind(before));
    }
}

impl Session {
    /// A stream that has not begun, for so many threads, one at least.
    #[must_use]
    pub fn new(plan: Arc<Plan>, options: &StreamOptions, threads: usize) -> Self {
        let threads = threads.max(1);
        let scout = || (Scout::new(&plan, options.keep_events), Looked::default());
        let machine = |part| Machines::part(Arc::clone(plan.state()), options, (part, threads));
        let count = if plan.state().questions().is_empty() { 0 } else { threads };
        Self {
            scouts: std::iter::repeat_with(scout).take(threads).collect(),
            machines: (0..count).map(machine).collect(),
            given: Given::default(),
            failures: Vec::new(),
            plan,
        }
    }

    /// Takes an event; `out` gets the matches that it completes.
    ///
    /// # Errors
    /// It is no JSON object. It counts for nothing then.
    pub fn event(&mut self, json: &[u8], place: Place, out: &mut Vec<Detection>) -> Result<(), Malformed> {
        let mut malformed = Vec::new();
        self.batch(&[(place, json)], out, &mut malformed);
        malformed.pop().map_or(Ok(()), |(_, malformed)| Err(malformed))
    }

    /// Takes events in the order of arrival; `out` gets the matches that they complete, in the order of the events that
    /// do, then of the rules. `malformed` gets those that are no JSON objects, by their index.
    pub fn batch(
        &mut self,
        events: &[(Place, &[u8])],
        out: &mut Vec<Detection>,
        malformed: &mut Vec<(usize, Malformed)>,
    ) {
        let mut scouts = std::mem::take(&mut self.scouts);
        let used = scouts.len().min(events.len().div_ceil(LEAST_SHARE)).max(1);
        let share = events.len().div_ceil(used).max(1);
        let shares = events.chunks(share).zip(&mut scouts);
        if used == 1 {
            shares.for_each(|(events, (scout, looked))| scout.look(events, looked));
        } else {
            let shares: Vec<_> = shares.collect();
            shares.into_par_iter().for_each(|(events, (scout, looked))| scout.look(events, looked));
        }
        let starts = (0..events.len()).step_by(share);
        for ((_, looked), start) in scouts.iter_mut().zip(starts) {
            let before = malformed.len();
            self.follow(looked, Before::default(), out, malformed);
            malformed.iter_mut().skip(before).for_each(|(at, _)| *at += start);
        }
        self.scouts = scouts;
    }

    /// Scouts for as many threads as the stream is for. What they see is to be followed in the order of the events.
    pub fn take_scouts(&mut self) -> Vec<Scout> {
        std::mem::take(&mut self.scouts).into_iter().map(|(scout, _)| scout).collect()
    }

    /// Takes scouts back, with what they learnt. They look at the next batch that the session itself is given.
    pub fn return_scouts(&mut self, scouts: Vec<Scout>) {
        self.scouts.extend(scouts.into_iter().map(|scout| (scout, Looked::default())));
    }

    /// Follows rules over several events through a batch that a scout looked at; see [`Self::batch`]. Behind so much its
    /// events stand: scouts need not know what is before them.
    pub fn follow(
        &mut self,
        looked: &mut Looked,
        before: Before,
        out: &mut Vec<Detection>,
        malformed: &mut Vec<(usize, Malformed)>,
    ) {
        looked.stand_behind(before);
        let mut found = self.follow_machines(looked);
        let mut found = found.iter_mut().peekable();
        malformed.append(&mut looked.malformed);
        self.failures.append(&mut looked.failures);
        for (at, detection) in looked.detections.drain(..) {
            while let Some((_, before)) = found.next_if(|(event, _)| *event < at) {
                put_in_order(before, out);
            }
            out.push(detection);
        }
        looked.entered.clear();
        found.for_each(|(_, rest)| put_in_order(rest, out));
    }

    /// Follows the rules over several events through those of a batch: what was found, by the index of the event at
    /// which it was.
    fn follow_machines(&mut self, looked: &Looked) -> Vec<(usize, Vec<Found>)> {
        let follow = |machines: &mut Machines| {
            let mut all: Vec<(usize, Vec<Found>)> = Vec::new();
            let mut found = Vec::new();
            for (entry, at) in looked.entries.iter().zip(&looked.entered) {
                machines.take(entry, &mut found);
                if !found.is_empty() {
                    all.push((*at, std::mem::take(&mut found)));
                }
            }
            all
        };
        let parts: Vec<Vec<(usize, Vec<Found>)>> = if self.machines.len() > 1 {
            self.machines.par_iter_mut().map(follow).collect()
        } else {
            self.machines.iter_mut().map(follow).collect()
        };
        let mut all: Vec<(usize, Vec<Found>)> = Vec::new();
        let mut found: Vec<(usize, Vec<Found>)> = parts.into_iter().flatten().collect();
        found.sort_by_key(|(at, _)| *at);
        for (at, mut list) in found {
            match all.last_mut() {
                Some((known, before)) if *known == at => before.append(&mut list),
                _ => all.push((at, list)),
            }
        }
        all
    }

    /// The stream has ended; `out` gets what was waited for. Events that come after it begin a new stream.
    pub fn finish(&mut self, out: &mut Vec<Detection>) {
        let machines = std::mem::take(&mut self.machines);
        if !machines.is_empty() {
            self.given = Machines::finish_all(machines, Vec::new(), out);
        }
    }

    /// What was given up so far.
    #[must_use]
    pub fn given(&self) -> Given {
        let mut given = self.given.clone();
        self.machines.iter().for_each(|machines| given.join(machines.given()));
        given
    }

    /// Rules that failed on some event since this was last asked, by their index, and why.
    pub fn failures(&mut self) -> Vec<(usize, RunError)> {
        std::mem::take(&mut self.failures)
    }

    /// What the run cost so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = Stats { rules: vec![Default::default(); self.plan.rules()], ..Stats::default() };
        for (scout, _) in &self.scouts {
            let (hits, misses) = scout.matcher.remembered();
            stats.cache_hits += hits;
            stats.cache_misses += misses;
            stats.decided_before += scout.matcher.decided_before();
            for (query, cost) in scout.matcher.costs().into_iter().enumerate() {
                if let Some(rule) = self.plan.rule_of(query)
                    && let Some(sum) = stats.rules.get_mut(rule)
                {
                    sum.woken += cost.woken;
                    sum.held += cost.held;
                }
            }
        }
        stats.remembered = self.machines.iter().map(Machines::remembered).sum();
        stats
    }

    /// How the rules are asked, for people.
    #[must_use]
    pub fn explain(&self) -> String {
        self.plan.explain()
    }
}

impl Scout {
    fn new(plan: &Arc<Plan>, keep_events: bool) -> Self {
        let matcher = Matcher::new(Arc::clone(plan.queries()));
        Self { matcher, plan: Arc::clone(plan), keep_events, satisfied: Vec::new() }
    }

    /// Looks at events in the order of arrival. What was looked at before is to be followed by then.
    pub fn look(&mut self, events: &[(Place, &[u8])], looked: &mut Looked) {
        for (at, (place, json)) in events.iter().enumerate() {
            if let Err(error) = self.matcher.json(json) {
                looked.malformed.push((at, error));
                continue;
            }
            self.satisfied.clear();
            for query in self.matcher.satisfied() {
                match self.plan.part(*query) {
                    Some(Part::Whole(rule)) => {
                        let events = vec![Some((*place).into())];
                        let detection = Detection { rule, events, join_keys: Vec::new() };
                        looked.detections.push((at, detection));
                    }
                    Some(Part::Question(question)) => self.satisfied.push(question),
                    None => {}
                }
            }
            if let Some((query, error)) = self.matcher.failed()
                && let Some(rule) = self.plan.rule_of(query.0 as usize)
            {
                looked.failures.push((rule, error.clone()));
            }
            if !self.plan.state().questions().is_empty() {
                self.enter((at, *place), json, looked);
            }
        }
    }

    /// Takes an event down for the rules over several.
    fn enter(&self, (at, place): (usize, Place), json: &[u8], looked: &mut Looked) {
        let hand = Hand::new(&self.matcher, json, place, self.keep_events);
        if looked.entries.len() == looked.entered.len() {
            looked.entries.push(Entry::default());
        }
        if let Some(entry) = looked.entries.get_mut(looked.entered.len()) {
            self.plan.state().read(&self.satisfied, &hand, entry);
            looked.entered.push(at);
        }
    }
}
