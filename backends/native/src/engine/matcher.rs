//! Events against a plan, one at a time.

use std::sync::Arc;

use fearless_simd::{Level, Simd, dispatch};

use eqlc_events::Event;
use eqlc_ir::{Literal, Pred};

use super::atoms::{Atom, AtomId};
use super::bits::Bits;
use super::carefully;
use super::detection::{Malformed, RuleCost};
use super::gates::GateId;
use super::json::{Odd, Tape, Walker};
use super::memo::{Class, Memo, Print};
use super::outcomes::{Outcomes, Signs};
use super::paths::FieldId;
use super::plan::{QueryId, QueryPlan};
use super::program::{Answers, WholeId};
use super::sets::{Kind, Kinds};
use super::tester::Tester;
use super::values::{Found, Shape, literal, of_fields};
use super::wake::Wake;
use crate::reference::RunError;

/// Events after which witnesses are chosen anew: by what was seen, and four times as many each time.
const FIRST_CHOICE: u64 = 256;
const LAST_CHOICE: u64 = 1 << 20;

/// Matches events against the queries of a plan. Each thread has one of its own.
pub(crate) struct Matcher {
    plan: Arc<QueryPlan>,
    tape: Tape,
    walker: Walker,
    kinds: Kinds,
    memo: Memo,
    tester: Tester,
    outcomes: Outcomes,
    level: Level,
    wake: Wake,
    /// How often each atom held since witnesses were chosen.
    seen: Vec<u32>,
    /// What each query took, beside what outcomes that are remembered took again.
    costs: Vec<RuleCost>,
    events: u64,
    next_choice: u64,
    now: Now,
    /// Scratch space.
    folded: Vec<u8>,
    woken: Vec<QueryId>,
}

/// The event at hand.
#[derive(Default)]
struct Now {
    found: Vec<Found>,
    /// What the values are written as, where the event was read with care.
    text: Vec<u8>,
    careful: bool,
    event: Option<Event<'static>>,
    /// The values that are read, and what they are looked up by.
    prints: Vec<(Print, Found)>,
    places: Vec<u32>,
    /// What the values satisfy, and what else their queries hang on.
    classes: Vec<Class>,
    signs: Signs,
    /// Whether the signs tell all that was asked for.
    is_told: bool,
    held: Bits,
    atoms: Vec<AtomId>,
    looked_at: Bits,
    satisfied: Vec<QueryId>,
    whole: Vec<Option<bool>>,
    failed: Option<(QueryId, RunError)>,
}

impl Matcher {
    /// A matcher that has seen no event.
    pub(crate) fn new(plan: Arc<QueryPlan>) -> Self {
        let now = Now {
            held: Bits::new(plan.atoms().len()),
            looked_at: Bits::new(plan.queries().len()),
            whole: vec![None; plan.programs().wholes()],
            ..Now::default()
        };
        Self {
            tape: Tape::default(),
            walker: Walker::default(),
            kinds: Kinds::default(),
            memo: Memo::default(),
            tester: Tester::default(),
            outcomes: Outcomes::default(),
            level: Level::new(),
            wake: Wake::new(&plan, &[]),
            seen: vec![0; plan.atoms().len()],
            costs: vec![RuleCost::default(); plan.queries().len()],
            events: 0,
            next_choice: FIRST_CHOICE,
            now,
            folded: Vec::new(),
            woken: Vec::new(),
            plan,
        }
    }

    /// Looks at an event in the form of JSON.
    ///
    /// # Errors
    /// It is no object of JSON.
    pub(crate) fn json(&mut self, json: &[u8]) -> Result<(), Malformed> {
        self.start();
        if self.read(json).is_err() {
            let event = event_of(json)?;
            self.take(event);
        }
        self.look(json);
        Ok(())
    }

    /// The queries that the event satisfies, ascending.
    pub(crate) fn satisfied(&self) -> &[QueryId] {
        &self.now.satisfied
    }

    fn start(&mut self) {
        let now = &mut self.now;
        now.atoms.drain(..).for_each(|atom| now.held.take(atom.0));
        self.woken.drain(..).for_each(|query| now.looked_at.take(query.0));
        now.found.clear();
        now.satisfied.clear();
        now.event = None;
        now.careful = false;
        now.failed = None;
        now.whole.fill(None);
        self.events += 1;
        if self.events >= self.next_choice {
            self.wake = Wake::new(&self.plan, &self.seen);
            self.next_choice = self.events.saturating_add((self.events * 3).min(LAST_CHOICE));
        }
    }

    fn read(&mut self, json: &[u8]) -> Result<(), Odd> {
        self.tape.read(json)?;
        let texts = (json, self.tape.places());
        self.walker.walk(texts, self.plan.paths(), &mut self.now.found)?;
        // What is known by other names hangs on these: when they are no plain values, that is for others to say.
        let windows = self.plan.windows();
        let mut composite = self.now.found.iter().filter(|found| found.shape == Shape::Composite);
        if composite.any(|found| windows.tells(found.field)) { Err(Odd) } else { Ok(()) }
    }

    fn take(&mut self, event: Event<'static>) {
        let now = &mut self.now;
        now.found.clear();
        carefully::values(&event, self.plan.paths(), &mut now.text, &mut now.found);
        now.careful = true;
        now.event = Some(event);
    }

    fn look(&mut self, json: &[u8]) {
        let level = self.level;
        dispatch!(level, simd => self.look_in(simd, json));
    }

    /// What is done for each value is inlined, so that it is compiled for the processor at hand.
    #[inline(always)]
    fn look_in<S: Simd>(&mut self, _: S, json: &[u8]) {
        let (plan, now) = (&*self.plan, &mut self.now);
        let text = if now.careful { now.text.as_slice() } else { json };
        let (number, kind) = self.kinds.of(plan, &now.found, text, now.careful);
        rename(&mut now.found, &kind.renamed);
        now.classify(json, plan, (number, kind), (&mut self.memo, &mut self.tester));
        let searched = kind.keywords.as_ref().filter(|keywords| {
            now.careful || keywords.may_be_in(json, self.tape.hides_ascii(), &mut self.folded)
        });
        now.is_told = searched.is_none();
        if now.is_told
            && let Some(satisfied) = self.outcomes.get(&now.signs)
        {
            now.satisfied.extend(satisfied);
            return;
        }
        now.hold(&self.memo);
        if let Some(keywords) = searched {
            search(plan, keywords.atoms(), json, now);
        }
        now.wake(&kind.open, &self.wake, &mut self.seen, &mut self.woken);
        now.decide(json, plan, &self.woken, &mut self.costs);
        if now.is_told {
            self.outcomes.put(&now.signs, (&self.woken, &now.satisfied), &mut self.costs);
        }
    }

    /// The values of a field of the event, which is `json`; none for a field that the plan does not read.
    pub(super) fn values<'a>(&'a self, path: &str, json: &'a [u8]) -> impl Iterator<Item = Literal> + 'a {
        let field = self.plan.paths().get(path);
        let text = if self.now.careful { self.now.text.as_slice() } else { json };
        let of_field = self.now.found.iter().filter(move |found| Some(found.field) == field);
        of_field.filter_map(move |found| literal(found.shape, found.bytes(text)))
    }

    /// What kept a query from being answered for the event, if anything did.
    pub(crate) fn failed(&self) -> Option<&(QueryId, RunError)> {
        self.now.failed.as_ref()
    }

    /// What each query took.
    pub(super) fn costs(&self) -> Vec<RuleCost> {
        let mut costs = self.costs.clone();
        self.outcomes.count(&mut costs);
        costs
    }

    /// How often the values of fields were remembered, and how often not.
    pub(crate) fn remembered(&self) -> (u64, u64) {
        self.memo.counts()
    }

    /// How many events were decided as one before.
    pub(crate) fn decided_before(&self) -> u64 {
        self.outcomes.again()
    }
}

/// Adds the values of fields that have another name too under that.
fn rename(found: &mut Vec<Found>, renamed: &[(FieldId, FieldId)]) {
    for (from, to) in renamed {
        for at in 0..found.len() {
            let Some(value) = found.get(at).copied() else { break };
            if value.field == *from {
                found.push(Found { field: *to, ..value });
            }
        }
    }
}

impl Now {
    /// Tells what the values of the fields that are read satisfy.
    #[inline(always)]
    fn classify(
        &mut self,
        json: &[u8],
        plan: &QueryPlan,
        (number, kind): (u32, &Kind),
        (memo, tester): (&mut Memo, &mut Tester),
    ) {
        let text = if self.careful { self.text.as_slice() } else { json };
        memo.begin();
        self.signs.begin(number, memo.epoch());
        self.prints.clear();
        self.classes.clear();
        of_fields(&self.found, &kind.read, &mut self.places);
        for found in self.places.iter().filter_map(|at| self.found.get(*at as usize)) {
            if found.is_value() {
                self.prints.push((memo.print(found.key(text)), *found));
            }
            if let Some(there) = plan.field(found.field).and_then(|plan| plan.there)
                && self.held.put(there.0)
            {
                self.atoms.push(there);
                self.signs.atom(there);
            }
        }
        // One look-up hangs on nothing of the one before, so that the processor waits for several at a time.
        for (print, found) in &self.prints {
            let key = found.key(text);
            let class = memo.get(*print, key).unwrap_or_else(|| {
                let class = memo.class(tester.atoms_of(plan, found.field, found.shape, key.bytes));
                memo.put(*print, key, class);
                class
            });
            if !memo.atoms(class).is_empty() {
                self.classes.push(class);
                self.signs.class(class);
            }
        }
    }

    /// Answers the atoms that values satisfy.
    fn hold(&mut self, memo: &Memo) {
        for class in &self.classes {
            for atom in memo.atoms(*class) {
                if self.held.put(atom.0) {
                    self.atoms.push(*atom);
                }
            }
        }
    }

    /// The queries behind open gates that may hold.
    fn wake(&mut self, open: &Bits, wake: &Wake, seen: &mut [u32], woken: &mut Vec<QueryId>) {
        let mut add = |(gate, query): &(GateId, QueryId)| {
            if open.has(gate.0) && self.looked_at.put(query.0) {
                woken.push(*query);
            }
        };
        wake.always().iter().for_each(&mut add);
        for atom in &self.atoms {
            if let Some(seen) = seen.get_mut(atom.at()) {
                *seen = seen.saturating_add(1);
            }
            wake.woken(*atom).iter().for_each(&mut add);
        }
    }

    /// Asks the queries that may hold.
    fn decide(&mut self, json: &[u8], plan: &QueryPlan, woken: &[QueryId], costs: &mut [RuleCost]) {
        for query in woken {
            let Some(compiled) = plan.queries().get(query.0 as usize) else { continue };
            let holds =
                plan.programs().holds(compiled.root, &mut Asked { plan, json, now: self, query: *query });
            if holds {
                self.satisfied.push(*query);
            }
            if let Some(cost) = costs.get_mut(query.0 as usize) {
                cost.woken += 1;
                cost.held += u64::from(holds);
            }
        }
        self.satisfied.sort_unstable();
    }

    fn whole_event(&mut self, json: &[u8]) -> Option<&Event<'static>> {
        if self.event.is_none() {
            self.event = event_of(json).ok();
        }
        self.event.as_ref()
    }
}

fn event_of(json: &[u8]) -> Result<Event<'static>, Malformed> {
    eqlc_events::object(json).map(|fields| Event::new(fields, 0, 0)).map_err(Malformed)
}

fn search(plan: &QueryPlan, atoms: &[AtomId], json: &[u8], now: &mut Now) {
    let mut held = Vec::new();
    if let Some(event) = now.whole_event(json) {
        held.extend(atoms.iter().copied().filter(|atom| match plan.atoms().get(*atom) {
            Some(Atom::Anywhere(op)) => plan.answerer().anywhere(op, event),
            _ => false,
        }));
    }
    for atom in held {
        if now.held.put(atom.0) {
            now.atoms.push(atom);
        }
    }
}

/// The answers for one query.
struct Asked<'a> {
    plan: &'a QueryPlan,
    json: &'a [u8],
    now: &'a mut Now,
    query: QueryId,
}

impl Answers for Asked<'_> {
    #[inline]
    fn atom(&mut self, atom: AtomId) -> bool {
        self.now.held.has(atom.0)
    }

    fn whole(&mut self, at: WholeId) -> bool {
        self.now.is_told = false;
        if let Some(Some(known)) = self.now.whole.get(at.0 as usize) {
            return *known;
        }
        let Some(pred) = self.plan.programs().whole(at) else { return false };
        let answer = self.answer(pred);
        if let Some(kept) = self.now.whole.get_mut(at.0 as usize) {
            *kept = Some(answer);
        }
        answer
    }
}

impl Asked<'_> {
    fn answer(&mut self, pred: &Pred) -> bool {
        let (plan, query) = (self.plan, self.query);
        let Some(event) = self.now.whole_event(self.json) else { return false };
        match plan.answerer().holds(pred, event) {
            Ok(answer) => answer,
            Err(error) => {
                self.now.failed = Some((query, error));
                false
            }
        }
    }
}
