//! Sequences (`eql-semantics.md` §10), one event at a time.

use std::sync::Arc;

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Sequence, Step};
use smallvec::SmallVec;

use super::Seen;
use super::above::Fit;
use super::entry::Entry;
use super::found::Output;
use super::key::Keys;
use super::missing::{Around, Beside, Times, Verdict, Waiting, Waits};
use super::plan::{Building, Role};
use super::store::{Memory, Store};
use super::turns::Turn;
use crate::reference::order::exceeds;
use crate::reference::scope::{Bound, Scope};
use crate::reference::{RunError, keys, sequence};

/// A sequence as it is run.
pub(super) struct SequencePlan {
    pub(super) span_ms: Option<u64>,
    /// The step of each stage: of the places that ask for an event.
    stages: Vec<usize>,
    /// For each place whether it asks for a missing event.
    places: Vec<bool>,
    /// For each step the name that others use for it.
    names: Vec<Option<String>>,
    /// For each step that asks for a missing event, how many stages stand before it.
    gaps: Vec<Option<u32>>,
    /// The role of `until`.
    until: Option<usize>,
    /// Whether the first place asks for a missing event.
    starts: bool,
    /// Whether the last place asks for a missing event.
    ends: bool,
}

impl SequencePlan {
    pub(super) fn new(written: &Sequence, building: &mut Building<'_>) -> Result<Self, RunError> {
        let places = sequence::expand(&written.steps)?;
        let mut own: Vec<&[_]> = written.steps.iter().map(|step| step.by.as_slice()).collect();
        own.extend(written.until.iter().map(|until| until.by.as_slice()));
        let fields = keys::of_steps(&written.by, &own);
        let mut keys = Vec::with_capacity(fields.len());
        for fields in &fields {
            keys.push(building.plan.key(fields));
        }
        let referred = |step: &Step| step.alias.as_ref().is_some_and(|alias| refers(written, alias));
        for (step, key) in written.steps.iter().zip(&keys) {
            building.role(&step.query, Some(*key), referred(step))?;
        }
        let mut until = None;
        if let (Some(end), Some(key)) = (&written.until, keys.last()) {
            until = Some(building.role(&end.query, Some(*key), false)?);
        }
        let stages: Vec<usize> =
            places.iter().filter(|place| !place.missing).map(|place| place.step).collect();
        let gap = |step: usize| {
            let at = places.iter().position(|place| place.missing && place.step == step)?;
            let before = places.iter().take(at).filter(|place| !place.missing).count();
            u32::try_from(before).ok()
        };
        let name = |step: &Step| step.alias.clone().filter(|_| referred(step));
        Ok(Self {
            span_ms: written.maxspan_ms,
            stages,
            names: written.steps.iter().map(name).collect(),
            gaps: (0..written.steps.len()).map(gap).collect(),
            until,
            starts: places.first().is_some_and(|place| place.missing),
            ends: places.last().is_some_and(|place| place.missing),
            places: places.iter().map(|place| place.missing).collect(),
        })
    }
}

/// Whether some query names a step.
fn refers(written: &Sequence, alias: &str) -> bool {
    let queries = written.steps.iter().map(|step| &step.query);
    queries.chain(written.until.iter().map(|until| &until.query)).any(|query| {
        query.filter.owners().iter().any(|owner| matches!(owner, eqlc_ir::Owner::Step(name) if name == alias))
    })
}

/// A sequence that has begun and is not complete.
pub(super) struct Partial {
    /// The stage of its last event.
    stage: u32,
    first: Timestamp,
    /// The time of the last event, in milliseconds.
    last_ms: i128,
    filled: SmallVec<[Seen; 1]>,
    more: Option<Box<More>>,
}

/// What few partial matches have.
#[derive(Default)]
struct More {
    /// The events of steps that others name.
    events: Vec<(usize, Arc<Event<'static>>)>,
    around: Around,
}

impl Partial {
    fn start((at, event): (Timestamp, Seen), leading: Option<i128>) -> Self {
        let around = leading.map(Around::after);
        let more = around.map(|around| Box::new(More { around, ..More::default() }));
        Self { stage: 0, first: at, last_ms: at.millis(), filled: SmallVec::from_iter([event]), more }
    }

    fn append(&mut self, stage: u32, (at, event): (Timestamp, Seen)) {
        let millis = at.millis();
        if let Some(more) = &mut self.more {
            more.around.close(millis);
        }
        (self.stage, self.last_ms) = (stage, millis);
        self.filled.push(event);
    }

    fn keep(&mut self, step: usize, event: &Arc<Event<'static>>) {
        self.more.get_or_insert_default().events.push((step, Arc::clone(event)));
    }
}

/// What a sequence remembers of a key.
#[derive(Default)]
pub(super) struct Pending {
    partials: SmallVec<[Partial; 1]>,
    beside: Option<Box<Beside>>,
}

impl Memory for Pending {
    fn weight(&self) -> usize {
        self.partials.len() + self.beside.as_ref().map_or(0, |beside| beside.weight())
    }

    fn oldest(&self) -> Option<i128> {
        let first = self.partials.iter().map(|partial| partial.first.nanos()).min();
        let beside = self.beside.as_ref().and_then(|beside| beside.oldest());
        first.into_iter().chain(beside).min()
    }

    fn forget_before(&mut self, age: i128) {
        self.partials.retain(|partial| partial.first.nanos() >= age);
        if let Some(beside) = &mut self.beside {
            beside.forget_before(age);
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.oldest();
        let at = self.partials.iter().position(|partial| Some(partial.first.nanos()) == oldest);
        match (at, &mut self.beside) {
            (Some(at), _) => drop(self.partials.remove(at)),
            (None, Some(beside)) => beside.forget_oldest(),
            (None, None) => {}
        }
    }
}

impl Pending {
    fn take(&mut self, stage: u32) -> Option<Partial> {
        let at = self.partials.iter().position(|partial| partial.stage == stage)?;
        Some(self.partials.swap_remove(at))
    }

    fn put(&mut self, partial: Partial) {
        match self.partials.iter_mut().find(|known| known.stage == partial.stage) {
            Some(known) => *known = partial,
            None => self.partials.push(partial),
        }
    }
}

/// A sequence at work.
pub(super) struct SequenceState {
    store: Store<Pending>,
    waits: Waits,
}

/// An event that fits a step, with its key.
#[derive(Clone, Copy)]
struct Filling<'a> {
    stage: u32,
    step: usize,
    role: &'a Role,
    fit: &'a Fit<'a>,
    key: &'a [u8],
}

impl SequenceState {
    pub(super) fn new(plan: &SequencePlan) -> Self {
        // A hundredth of the time span, a millisecond at least.
        let resolution = i128::from(plan.span_ms.unwrap_or(6_000_000)) * 10_000;
        Self { store: Store::new(resolution.max(1_000_000)), waits: Waits::default() }
    }

    pub(super) fn weight(&self) -> usize {
        self.store.weight()
    }

    pub(super) fn forget_oldest(&mut self, keys: &mut Keys) -> usize {
        self.store.forget_oldest(keys)
    }

    /// From when on time has to be passed on to it.
    pub(super) fn due(&self, plan: &SequencePlan) -> i128 {
        let span = plan.span_ms.map(|span| i128::from(span) * 1_000_000);
        let old = self.store.oldest().zip(span).map(|(oldest, span)| oldest.saturating_add(span));
        old.into_iter().chain(self.waits.due()).min().unwrap_or(i128::MAX)
    }

    /// No event before an instant is still to come; none: none at all.
    pub(super) fn advance(
        &mut self,
        plan: &SequencePlan,
        passed: Option<Timestamp>,
        keys: &mut Keys,
        output: &mut Output<'_>,
    ) {
        let millis = passed.map(Timestamp::millis);
        while let Some((slot, number)) = self.waits.next(millis) {
            let waiting = self.store.change_slot(slot, keys, |pending, bytes| {
                Some((pending.beside.as_mut()?.take(number)?, bytes))
            });
            if let Some(Some((waiting, bytes))) = waiting {
                output.found(waiting.rank, &bytes, plan.with_placeholders(waiting.filled));
            }
        }
        if let (Some(passed), Some(span)) = (passed, plan.span_ms) {
            let age = passed.nanos().saturating_sub(i128::from(span) * 1_000_000);
            self.store.forget_before(age, keys);
        }
    }

    /// The places that an event takes in the sequence.
    pub(super) fn event(
        &mut self,
        plan: &SequencePlan,
        (roles, fits): (&[Role], &[Fit<'_>]),
        turn: &mut Turn<'_>,
    ) {
        // From last to first, so that one event never fills two stages of one partial.
        for (stage, step) in plan.stages.iter().enumerate().rev() {
            let (Some(role), Ok(stage)) = (roles.get(*step), u32::try_from(stage)) else { continue };
            for fit in fits.iter().filter(|fit| fit.hit.role as usize == *step) {
                for key in turn.entry.keys_of(fit.hit) {
                    if turn.owns(key) {
                        self.fill(plan, Filling { stage, step: *step, role, fit, key }, turn);
                    }
                }
            }
        }
        for fit in fits {
            let at = fit.hit.role as usize;
            let Some(role) = roles.get(at) else { continue };
            let ends = plan.until == Some(at);
            let missing = plan.gaps.get(at).copied().flatten();
            for key in turn.entry.keys_of(fit.hit) {
                if !turn.owns(key) {
                    continue;
                }
                if ends {
                    self.end(plan, (role, fit), key, turn);
                } else if let Some(gap) = missing {
                    self.not_missing(plan, gap, key, turn);
                }
            }
        }
    }

    fn fill(&mut self, plan: &SequencePlan, filling: Filling<'_>, turn: &mut Turn<'_>) {
        let Filling { stage, role, fit, key, .. } = filling;
        let (now, last) = ((turn.at, turn.entry.seen()), stage as usize + 1 == plan.stages.len());
        let event = turn.entry.event.as_ref().filter(|_| role.keeps && !last);
        let mut complete = None;
        if let Some(before) = stage.checked_sub(1) {
            let mut unanswered = false;
            self.store.change(key, turn.keys, |pending| {
                let at_hand = pending.partials.iter().find(|partial| partial.stage == before);
                let Some(partial) = at_hand else { return };
                match plan.fits_beside(role, fit, partial, turn.entry) {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(_) => return unanswered = true,
                }
                let Some(mut partial) = pending.take(before) else { return };
                if plan.span_ms.is_some_and(|span| exceeds(partial.first, turn.at, span)) {
                    return;
                }
                partial.append(stage, now);
                event.into_iter().for_each(|event| partial.keep(filling.step, event));
                if last { complete = Some(partial) } else { pending.put(partial) }
            });
            if unanswered {
                turn.output.unanswered();
            }
        } else if last {
            let pending = self.store.peek(key, turn.keys);
            complete = Some(Partial::start(now, pending.and_then(|pending| pending.leading(turn.at))));
        } else {
            self.store.change_or_start(key, turn.keys, |pending| {
                let mut partial = Partial::start(now, pending.leading(turn.at));
                event.into_iter().for_each(|event| partial.keep(filling.step, event));
                pending.put(partial);
            });
        }
        if let Some(partial) = complete {
            self.complete(plan, partial, key, turn);
        }
    }

    /// All steps that ask for an event have one: what is left are missing events (§10.7).
    fn complete(&mut self, plan: &SequencePlan, partial: Partial, key: &[u8], turn: &mut Turn<'_>) {
        let around = partial.more.map(|more| more.around).unwrap_or_default();
        let times = Times { first: partial.first.millis(), last: partial.last_ms };
        match around.verdict((plan.starts, plan.ends), times, plan.span_ms) {
            Verdict::No => {}
            Verdict::Yes => {
                let rank = turn.rank();
                turn.output.found(rank, key, plan.with_placeholders(partial.filled));
            }
            Verdict::Until(deadline) => {
                let number = self.waits.number();
                let (first, rank) = (partial.first.nanos(), turn.rank());
                let filled = partial.filled.into_vec();
                let waiting = Waiting { number, first, last_ms: times.last, deadline, rank, filled };
                self.store.change_or_start(key, turn.keys, |pending| {
                    pending.beside.get_or_insert_default().wait(waiting);
                });
                if let Some(slot) = self.store.slot_of(key, turn.keys) {
                    self.waits.add(deadline, number, slot);
                }
                let store = &self.store;
                self.waits.tidy(|slot, number| {
                    let beside = store.peek_slot(slot).and_then(|pending| pending.beside.as_ref());
                    beside.is_some_and(|beside| beside.waits(number))
                });
            }
        }
    }

    /// After its own steps, an event that satisfies `until` removes every partial of its keys (§10.5).
    fn end(&mut self, plan: &SequencePlan, (role, fit): (&Role, &Fit<'_>), key: &[u8], turn: &mut Turn<'_>) {
        let mut unanswered = false;
        self.store.change(key, turn.keys, |pending| {
            pending.partials.retain(|partial| match plan.fits_beside(role, fit, partial, turn.entry) {
                Ok(fits) => !fits,
                Err(_) => {
                    unanswered = true;
                    true
                }
            });
        });
        if unanswered {
            turn.output.unanswered();
        }
    }

    /// An event fits a step that asks for its absence.
    fn not_missing(&mut self, plan: &SequencePlan, gap: u32, key: &[u8], turn: &mut Turn<'_>) {
        let millis = turn.at.millis();
        if gap == 0 {
            self.store.change_or_start(key, turn.keys, |pending| {
                pending.beside.get_or_insert_default().leads(turn.at);
            });
        } else if gap as usize == plan.stages.len() {
            self.store.change(key, turn.keys, |pending| {
                pending.beside.iter_mut().for_each(|beside| beside.trails(millis));
            });
        } else {
            self.store.change(key, turn.keys, |pending| {
                let before = pending.partials.iter_mut().filter(|partial| partial.stage + 1 == gap);
                for partial in before.filter(|partial| partial.last_ms < millis) {
                    partial.more.get_or_insert_default().around.comes_between(millis);
                }
            });
        }
    }
}

impl Pending {
    /// The latest event before an instant where none may lead, in milliseconds.
    fn leading(&self, at: Timestamp) -> Option<i128> {
        self.beside.as_ref()?.leading_before(at.millis())
    }
}

impl SequencePlan {
    /// Whether an event that fits a query by itself does so beside the events of a partial match (§14).
    fn fits_beside(
        &self,
        role: &Role,
        fit: &Fit<'_>,
        partial: &Partial,
        entry: &Entry,
    ) -> Result<bool, RunError> {
        let Some(rest) = role.rest.as_ref().filter(|rest| rest.beside) else { return Ok(true) };
        let Some(event) = &entry.event else { return Ok(false) };
        let kept = partial.more.as_ref().map_or(&[][..], |more| &more.events);
        let mut bound: Bound<'_> = Vec::with_capacity(kept.len());
        for (step, event) in kept {
            if let Some(Some(name)) = self.names.get(*step) {
                bound.push((name, event));
            }
        }
        rest.queries.matches(&rest.query, Scope::event(fit.above, event).beside(&bound))
    }

    /// The events of a match, with nothing where events are missing.
    fn with_placeholders(&self, filled: impl IntoIterator<Item = Seen>) -> Vec<Option<Seen>> {
        let mut filled = filled.into_iter();
        self.places.iter().map(|missing| if *missing { None } else { filled.next() }).collect()
    }
}
