//! The rules at work: each event in its turn to each rule that it fits.

use std::collections::BTreeMap;
use std::sync::Arc;

use eqlc_events::Timestamp;
use smallvec::SmallVec;

use super::above::{Above, Fit};
use super::correlation::CorrelationState;
use super::entry::{Entry, Hit};
use super::found::{Found, Output};
use super::group::Held;
use super::key::Keys;
use super::limits;
use super::lineage::Tree;
use super::order::{self, Buffer, Rank};
use super::plan::{BodyPlan, MachinePlan, Plan};
use super::sample::SampleState;
use super::sequence::SequenceState;
use super::{Given, StreamOptions};
use crate::engine::PartialLimits;

/// An event in its turn, for one rule.
pub(super) struct Turn<'a> {
    pub(super) entry: &'a Entry,
    pub(super) at: Timestamp,
    /// The place of the event among those that had their turn.
    pub(super) number: usize,
    pub(super) keys: &'a mut Keys,
    pub(super) output: Output<'a>,
    clock: usize,
    part: (usize, usize),
}

impl Turn<'_> {
    /// Whether a key belongs to the part at hand.
    pub(super) fn owns(&self, key: &[u8]) -> bool {
        owns(self.part, self.output.rule, key)
    }

    pub(super) fn rank(&self) -> Rank {
        Rank::of(self.entry, self.clock)
    }

    /// The event as a member of a correlation keeps it.
    pub(super) fn held(&self) -> Held {
        let tie = self.entry.ties.get(self.clock).cloned().flatten();
        Held { seen: self.entry.seen(), at: self.at, tie, event: self.entry.event.clone() }
    }
}

/// Whether a key of a rule belongs to a part; the same on every machine.
fn owns((part, of): (usize, usize), rule: usize, key: &[u8]) -> bool {
    if of <= 1 {
        return true;
    }
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = key.iter().chain(&rule.to_le_bytes()).fold(start, step);
    let share = (hash ^ hash >> 32) % u64::try_from(of).unwrap_or(1);
    usize::try_from(share).is_ok_and(|share| share == part)
}

/// A rule at work.
enum Machine {
    Event,
    Sequence(SequenceState),
    Sample(SampleState),
    Correlation(CorrelationState),
}

impl Machine {
    fn new(plan: &MachinePlan, options: &StreamOptions) -> Self {
        match &plan.body {
            BodyPlan::Event => Self::Event,
            BodyPlan::Sequence(plan) => Self::Sequence(SequenceState::new(plan)),
            BodyPlan::Sample(terms) => Self::Sample(SampleState::new(*terms, options.max_samples_per_key)),
            BodyPlan::Correlation(plan) => Self::Correlation(CorrelationState::new(plan)),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Event => 0,
            Self::Sequence(state) => state.weight(),
            Self::Sample(state) => state.weight(),
            Self::Correlation(state) => state.weight(),
        }
    }

    fn forget_oldest(&mut self, keys: &mut Keys) -> usize {
        match self {
            Self::Event => 0,
            Self::Sequence(state) => state.forget_oldest(keys),
            Self::Sample(state) => state.forget_oldest(keys),
            Self::Correlation(state) => state.forget_oldest(keys),
        }
    }

    fn due(&self, plan: &MachinePlan) -> i128 {
        match (self, &plan.body) {
            (Self::Sequence(state), BodyPlan::Sequence(plan)) => state.due(plan),
            (Self::Correlation(state), BodyPlan::Correlation(plan)) => state.due(plan),
            _ => i128::MAX,
        }
    }

    fn advance(
        &mut self,
        plan: &MachinePlan,
        passed: Option<Timestamp>,
        keys: &mut Keys,
        output: &mut Output<'_>,
    ) {
        match (self, &plan.body) {
            (Self::Sequence(state), BodyPlan::Sequence(plan)) => state.advance(plan, passed, keys, output),
            (Self::Correlation(state), BodyPlan::Correlation(plan)) => {
                state.advance(plan, passed, keys, output)
            }
            (Self::Sample(state), _) if passed.is_none() => state.finish(keys, output),
            _ => {}
        }
    }
}

/// What orders events for some rules, at work.
struct Clock {
    buffer: Buffer,
    tree: Tree,
    /// From when on time has to be passed on to some rule.
    due: i128,
    /// How many events had their turn.
    turns: usize,
}

/// All rules of a part at work.
pub(super) struct Core {
    plan: Arc<Plan>,
    part: (usize, usize),
    limits: PartialLimits,
    clocks: Vec<Clock>,
    machines: Vec<Machine>,
    /// For each rule, from when on time has to be passed on to it.
    dues: Vec<i128>,
    keys: Keys,
    held: BTreeMap<usize, limits::HeldBack>,
    given: Given,
    /// How many partial matches there are.
    weight: usize,
    number: u64,
    fresh: Vec<Found>,
}

impl Core {
    pub(super) fn new(plan: Arc<Plan>, options: &StreamOptions, part: (usize, usize)) -> Self {
        let share = |count: usize| count.div_ceil(part.1.max(1));
        let limits = PartialLimits {
            per_rule: share(options.partials.per_rule),
            total: share(options.partials.total),
        };
        let clock = |_| Clock {
            buffer: Buffer::new(options, limits.total),
            tree: Tree::new(limits.per_rule),
            due: i128::MAX,
            turns: 0,
        };
        Self {
            clocks: plan.clocks.iter().map(clock).collect(),
            machines: plan.machines.iter().map(|machine| Machine::new(machine, options)).collect(),
            dues: vec![i128::MAX; plan.machines.len()],
            plan,
            part,
            limits,
            keys: Keys::default(),
            held: BTreeMap::new(),
            given: Given::default(),
            weight: 0,
            number: 0,
            fresh: Vec::new(),
        }
    }

    pub(super) fn given(&self) -> &Given {
        &self.given
    }

    pub(super) fn remembered(&self) -> usize {
        self.weight
    }

    /// The next event in the order of arrival.
    pub(super) fn take(&mut self, entry: &Entry, found: &mut Vec<Found>) {
        for rule in entry.unanswered.iter().filter(|_| self.part.0 == 0) {
            *self.given.unanswered_of.entry(*rule).or_default() += 1;
        }
        let plan = Arc::clone(&self.plan);
        let unordered =
            |hit: &Hit| plan.machines.get(hit.machine as usize).is_some_and(|plan| plan.unordered);
        if entry.hits.iter().any(unordered) {
            for clock in 0..plan.clocks.len() {
                let at = entry.times.get(clock).copied().flatten();
                self.dispatch(entry, (clock, at), &Above::default(), unordered);
            }
        }
        let (mut late, mut ahead) = (false, false);
        for clock in 0..plan.clocks.len() {
            let wanted = entry.ordered >> clock.min(63) & 1 == 1;
            let Some(state) = self.clocks.get_mut(clock) else { continue };
            match state.buffer.note(entry, clock, wanted) {
                order::Turn::Now => self.turn(entry, clock, entry.times.get(clock).copied().flatten()),
                order::Turn::TooLate => late |= wanted,
                order::Turn::Ahead => ahead |= wanted,
                order::Turn::Later => {}
            }
            while let Some((at, waiting)) = self.clocks.get_mut(clock).and_then(|clock| clock.buffer.next()) {
                self.turn(&waiting, clock, Some(at));
            }
            if let Some(passed) = self.clocks.get(clock).and_then(|clock| clock.buffer.passed()) {
                self.advance(clock, Some(passed));
            }
        }
        self.given.late += u64::from(late);
        self.given.ahead += u64::from(ahead);
        self.given.hurried = self.clocks.iter().map(|clock| clock.buffer.hurries).sum();
        self.give(found);
    }

    /// Gives the matches found, but for those that limits hold back.
    fn give(&mut self, found: &mut Vec<Found>) {
        for match_found in self.fresh.drain(..) {
            match self.plan.limits.get(&match_found.rule) {
                Some(plan) => self.held.entry(match_found.rule).or_default().hold(match_found, plan),
                None => found.push(match_found),
            }
        }
    }

    /// The end of the stream, for the parts of one plan.
    pub(super) fn finish_all(mut parts: Vec<Self>, found: &mut Vec<Found>) -> Given {
        for part in &mut parts {
            part.finish(found);
        }
        let mut given = Given::default();
        let Some(plan) = parts.first().map(|first| Arc::clone(&first.plan)) else { return given };
        for (rule, limits) in &plan.limits {
            let held = parts.iter_mut().filter_map(|part| part.held.remove(rule));
            found.extend(limits::HeldBack::finish(held, limits));
        }
        for part in &parts {
            // Every part is told of every event.
            given.late = part.given.late;
            given.ahead = part.given.ahead;
            given.hurried = part.given.hurried;
            given.evicted += part.given.evicted;
            for (rule, count) in &part.given.evicted_of {
                *given.evicted_of.entry(*rule).or_default() += count;
            }
            for (rule, count) in &part.given.unanswered_of {
                *given.unanswered_of.entry(*rule).or_default() += count;
            }
        }
        given
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        for clock in 0..self.clocks.len() {
            while let Some((at, waiting)) =
                self.clocks.get_mut(clock).and_then(|clock| clock.buffer.next_of_all())
            {
                self.turn(&waiting, clock, Some(at));
            }
            let untimed = self.clocks.get_mut(clock).map(|state| state.buffer.untimed(clock));
            for entry in untimed.into_iter().flatten() {
                self.turn(&entry, clock, None);
            }
            self.advance(clock, None);
        }
        self.give(found);
    }

    /// The turn of an event.
    fn turn(&mut self, entry: &Entry, clock: usize, at: Option<Timestamp>) {
        if at.is_some() {
            self.advance(clock, at);
        }
        if entry.ordered >> clock.min(63) & 1 == 0 {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let ordered = |hit: &Hit| {
            plan.machines.get(hit.machine as usize).is_some_and(|plan| plan.clock == clock && !plan.unordered)
        };
        let mut above = Above::default();
        if let (Some(state), Some(of_clock)) = (self.clocks.get_mut(clock), plan.clocks.get(clock)) {
            state.turns += 1;
            if !of_clock.above.is_empty() {
                above.grow(entry, (&plan, &of_clock.above), &mut state.tree);
                self.count_forgotten(clock);
            }
        }
        self.dispatch(entry, (clock, at), &above, ordered);
    }

    /// Gives an event to the rules that it fits, among those wanted.
    fn dispatch(
        &mut self,
        entry: &Entry,
        (clock, at): (usize, Option<Timestamp>),
        above: &Above,
        wanted: impl Fn(&Hit) -> bool,
    ) {
        let plan = Arc::clone(&self.plan);
        let mut rest = entry.hits.as_slice();
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|hit| hit.machine == first.machine).count();
            let (hits, behind) = rest.split_at(count);
            rest = behind;
            let machine = first.machine as usize;
            let of_machine = plan.machines.get(machine).filter(|of| of.clock == clock && wanted(first));
            let Some(of_machine) = of_machine else { continue };
            let tree = self.clocks.get(clock).map(|clock| &clock.tree);
            let mut fits: SmallVec<[Fit<'_>; 4]> = SmallVec::new();
            for hit in hits {
                let Some(role) = of_machine.roles.get(hit.role as usize) else { continue };
                match above.fit((hit, role), entry, tree) {
                    Ok(fit) => fits.extend(fit),
                    Err(_) if self.part.0 > 0 => {}
                    Err(_) => *self.given.unanswered_of.entry(of_machine.rule).or_default() += 1,
                }
            }
            if !fits.is_empty() {
                self.follow((machine, of_machine), &fits, entry, (clock, at));
            }
        }
    }

    /// Follows a rule.
    fn follow(
        &mut self,
        (index, plan): (usize, &MachinePlan),
        fits: &[Fit<'_>],
        entry: &Entry,
        (clock, at): (usize, Option<Timestamp>),
    ) {
        let Some(machine) = self.machines.get_mut(index) else { return };
        let before = machine.weight();
        let (found, given) = (&mut self.fresh, &mut self.given);
        let output = Output { rule: plan.rule, number: &mut self.number, found, given };
        let number = self.clocks.get(clock).map_or(0, |clock| clock.turns);
        let timed = at.is_some();
        let at = at.unwrap_or(Timestamp::from_nanos(0));
        let mut turn = Turn { entry, at, number, keys: &mut self.keys, output, clock, part: self.part };
        match (machine, &plan.body) {
            (Machine::Event, _) => {
                if turn.owns(&[]) {
                    let rank = turn.rank();
                    turn.output.found(rank, &[], vec![Some(entry.seen())]);
                }
                return;
            }
            (Machine::Sample(state), _) => state.event(fits, &mut turn),
            (Machine::Sequence(state), BodyPlan::Sequence(of)) if timed => {
                state.event(of, (&plan.roles, fits), &mut turn);
            }
            (Machine::Correlation(state), BodyPlan::Correlation(of))
                if timed && (!of.nested || turn.owns(&[])) =>
            {
                state.event(of, fits, &mut turn);
            }
            _ => {}
        }
        self.settle((index, plan), before);
    }

    /// Brings the counts in line with what a rule remembers now, and drops what is too much.
    fn settle(&mut self, (index, plan): (usize, &MachinePlan), before: usize) {
        let Some(machine) = self.machines.get_mut(index) else { return };
        let mut weight = machine.weight();
        while weight > self.limits.per_rule {
            let count = machine.forget_oldest(&mut self.keys);
            weight = machine.weight();
            self.given.note_evicted(plan.rule, count);
            if count == 0 {
                break;
            }
        }
        let due = machine.due(plan);
        if let (Some(clock), Some(own)) = (self.clocks.get_mut(plan.clock), self.dues.get_mut(index)) {
            *own = due;
            clock.due = clock.due.min(due);
        }
        self.weight = (self.weight + weight).saturating_sub(before);
        while self.weight > self.limits.total {
            let largest = (0..).zip(&mut self.machines).max_by_key(|(_, machine)| machine.weight());
            let Some((index, machine)) = largest else { break };
            let before = machine.weight();
            let count = machine.forget_oldest(&mut self.keys);
            self.weight = (self.weight + machine.weight()).saturating_sub(before);
            let rule = self.plan.machines.get::<usize>(index).map_or(0, |plan| plan.rule);
            self.given.note_evicted(rule, count);
            if count == 0 {
                break;
            }
        }
    }

    /// No event before an instant is still to come; none: none at all.
    fn advance(&mut self, clock: usize, passed: Option<Timestamp>) {
        let due = self.clocks.get(clock).map_or(i128::MAX, |state| state.due);
        if passed.is_some_and(|passed| passed.nanos() <= due) {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let own = || plan.machines.iter().enumerate().filter(|(_, of)| of.clock == clock);
        for (index, of) in own() {
            let due = self.dues.get(index).copied().unwrap_or(i128::MAX);
            if passed.is_some_and(|passed| passed.nanos() <= due) {
                continue;
            }
            let Some(machine) = self.machines.get_mut(index) else { continue };
            let before = machine.weight();
            let (found, given) = (&mut self.fresh, &mut self.given);
            let mut output = Output { rule: of.rule, number: &mut self.number, found, given };
            machine.advance(of, passed, &mut self.keys, &mut output);
            self.settle((index, of), before);
        }
        if let Some(state) = self.clocks.get_mut(clock) {
            state.due =
                own().filter_map(|(index, _)| self.dues.get(index)).copied().min().unwrap_or(i128::MAX);
        }
    }

    /// Counts the processes that were forgotten.
    fn count_forgotten(&mut self, clock: usize) {
        let Some(state) = self.clocks.get_mut(clock) else { return };
        let count = state.tree.forgotten();
        if count > 0 {
            self.given.evicted += count;
            for rule in self.plan.asking_above(clock) {
                *self.given.evicted_of.entry(rule).or_default() += count;
            }
        }
    }
}
