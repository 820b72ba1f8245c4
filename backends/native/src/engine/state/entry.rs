//! One event as the machines see it: which queries it satisfies, when it happened, and its keys.

use std::sync::Arc;

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{FieldRef, Literal};
use smallvec::SmallVec;

use super::key;
use super::plan::{Counts, KeyPlan, Plan, Target, plain_field};
use super::{Before, Place, QueryId, Seen};

use crate::reference::MAX_CHOICES;
use crate::reference::keys::{JoinKey, KeyPart};
use crate::reference::lineage::{ABOVE, PROCESS};

/// What a machine may ask of the event at hand.
pub(crate) trait AtHand {
    /// Where it stands.
    fn place(&self) -> Place;

    /// The values of a field, as [`Event::values`] gives them.
    fn values(&self, field: &FieldRef) -> Vec<Literal>;

    /// Its instant, as [`Event::timestamp`] gives it.
    fn time(&self, timestamp_field: &str) -> Option<Timestamp>;

    /// The event itself. Asked for by few rules: those that name earlier steps, and correlations of correlations.
    fn event(&self) -> Arc<Event<'static>>;

    /// The event as it was read, where matches are to show it.
    fn text(&self) -> Option<Arc<[u8]>>;
}

/// One event as the machines see it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(super) place: Place,
    /// For each clock when it happened.
    pub(super) times: SmallVec<[Option<Timestamp>; 1]>,
    /// For each clock what tells it from events of the same time.
    pub(super) ties: SmallVec<[Option<Arc<KeyPart>>; 1]>,
    /// The places in rules that it takes, ascending by rule.
    pub(super) hits: Vec<Hit>,
    /// The clocks that have to put it in order.
    pub(super) ordered: u64,
    /// For questions about processes above, the ways of asking in which it satisfies the query.
    pub(super) above: Vec<(usize, u64)>,
    /// The process of the event, and what stands above it.
    pub(super) process: Option<Box<Process>>,
    pub(super) event: Option<Arc<Event<'static>>>,
    text: Option<Arc<[u8]>>,
    keys: Vec<u8>,
    /// Where each key ends.
    ends: Vec<u32>,
    /// Where the keys stand that were read so far, by their place in the plan.
    read: SmallVec<[(usize, (u32, u32)); 4]>,
    counted: Vec<Counted>,
    /// The rules that could not be asked.
    pub(super) unanswered: Vec<usize>,
}

/// A place in a rule that an event takes.
#[derive(Clone)]
pub(super) struct Hit {
    pub(super) machine: u32,
    pub(super) role: u32,
    /// The ways of asking in which it satisfies the query.
    pub(super) ways: u64,
    /// Its keys, the first and the one behind the last.
    keys: (u32, u32),
    counted: Option<u32>,
}

/// What a correlation counts or computes with.
#[derive(Clone, Default)]
pub(super) struct Counted {
    pub(super) values: Vec<JoinKey>,
    pub(super) numbers: Vec<Literal>,
}

/// The process of an event.
#[derive(Clone, Default)]
pub(super) struct Process {
    pub(super) own: Vec<Literal>,
    pub(super) over: Vec<Literal>,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            place: Place { ordinal: 0, input: 0, line: 0 },
            times: SmallVec::new(),
            ties: SmallVec::new(),
            hits: Vec::new(),
            ordered: 0,
            above: Vec::new(),
            process: None,
            event: None,
            text: None,
            keys: Vec::new(),
            ends: Vec::new(),
            read: SmallVec::new(),
            counted: Vec::new(),
            unanswered: Vec::new(),
        }
    }
}

impl Entry {
    /// Says where the event stands, of which was only known where it stands in its batch.
    pub(crate) fn stand_behind(&mut self, before: Before) {
        self.place = self.place.behind(before);
    }

    /// The event as matches show it.
    pub(super) fn seen(&self) -> Seen {
        Seen { place: self.place, text: self.text.clone() }
    }

    /// The keys of a hit.
    pub(super) fn keys_of(&self, hit: &Hit) -> impl Iterator<Item = &[u8]> + '_ {
        let (from, to) = hit.keys;
        (from..to).filter_map(|at| {
            let start =
                at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before as usize).copied())?;
            let end = *self.ends.get(at as usize)?;
            self.keys.get(start as usize..end as usize)
        })
    }

    /// What a correlation counts or computes with of a hit.
    pub(super) fn counted_of(&self, hit: &Hit) -> Option<&Counted> {
        self.counted.get(hit.counted? as usize)
    }

    fn clear(&mut self, place: Place) {
        self.place = place;
        self.times.clear();
        self.ties.clear();
        self.hits.clear();
        self.ordered = 0;
        self.above.clear();
        self.process = None;
        self.event = None;
        self.text = None;
        self.keys.clear();
        self.ends.clear();
        self.read.clear();
        self.counted.clear();
        self.unanswered.clear();
    }
}

impl Plan {
    /// Takes down an event that satisfies these queries, ascending.
    pub(crate) fn read(&self, satisfied: &[QueryId], seen: &dyn AtHand, entry: &mut Entry) {
        entry.clear(seen.place());
        for clock in &self.clocks {
            entry.times.push(seen.time(&clock.timestamp_field));
            let tie = clock.tiebreaker.as_ref().and_then(|field| {
                let first = seen.values(field).into_iter().next()?;
                Some(Arc::new(KeyPart::new(first, field.ty)))
            });
            entry.ties.push(tie);
        }
        for query in satisfied {
            match self.targets.get(*query as usize) {
                Some(Target::Role { machine, role, way }) => {
                    self.read_role((*machine, *role, *way), seen, entry);
                }
                Some(Target::Above { question, way }) => {
                    match entry.above.iter_mut().find(|(known, _)| known == question) {
                        Some((_, ways)) => *ways |= 1 << way,
                        None => entry.above.push((*question, 1 << way)),
                    }
                    let clock = self.above.get(*question).map_or(0, |above| above.clock);
                    entry.ordered |= 1 << clock.min(63);
                }
                Some(Target::Process { clock }) => {
                    entry.ordered |= 1 << (*clock).min(63);
                    entry.process.get_or_insert_with(|| Box::new(Process::of(seen)));
                }
                None => {}
            }
        }
    }

    fn read_role(&self, (machine, role, way): (usize, usize, u8), seen: &dyn AtHand, entry: &mut Entry) {
        let Some(plan) = self.machines.get(machine) else { return };
        let Some(written) = plan.roles.get(role) else { return };
        let place = (u32::try_from(machine).unwrap_or(u32::MAX), u32::try_from(role).unwrap_or(u32::MAX));
        if let Some(last) = entry.hits.last_mut().filter(|last| (last.machine, last.role) == place) {
            last.ways |= 1 << way;
            return;
        }
        let keys = match written.key {
            None => (0, 0),
            Some(key) => match self.read_key(key, seen, entry) {
                Ok((from, to)) if from == to => return,
                Ok(keys) => keys,
                Err(TooMany) => return entry.unanswered.push(plan.rule),
            },
        };
        let counted = match written.counts {
            None => None,
            Some(counts) => match self.read_counted(counts, seen) {
                Ok(counted) => {
                    entry.counted.push(counted);
                    u32::try_from(entry.counted.len() - 1).ok()
                }
                Err(TooMany) => return entry.unanswered.push(plan.rule),
            },
        };
        if !plan.unordered {
            entry.ordered |= 1 << plan.clock.min(63);
        }
        if written.keeps && entry.event.is_none() {
            entry.event = Some(seen.event());
        }
        if entry.hits.is_empty() {
            entry.text = seen.text();
        }
        entry.hits.push(Hit { machine: place.0, role: place.1, ways: 1 << way, keys, counted });
    }

    /// Where the keys of the event stand, one for each choice of distinct values.
    fn read_key(&self, key: usize, seen: &dyn AtHand, entry: &mut Entry) -> Result<(u32, u32), TooMany> {
        if let Some((_, known)) = entry.read.iter().find(|(known, _)| *known == key) {
            return Ok(*known);
        }
        let from = u32::try_from(entry.ends.len()).map_err(|_| TooMany)?;
        let parts = self.parts_of(key, seen)?;
        if let [parts] = parts.as_slice()
            && let [part] = parts.as_slice()
        {
            entry.put_key(part)?;
        } else {
            for key in product(&parts) {
                entry.put_key(&key)?;
            }
        }
        let to = u32::try_from(entry.ends.len()).map_err(|_| TooMany)?;
        entry.read.push((key, (from, to)));
        Ok((from, to))
    }

    /// For each field of a key its distinct values.
    fn parts_of(&self, key: usize, seen: &dyn AtHand) -> Result<Vec<SmallVec<[Vec<u8>; 1]>>, TooMany> {
        let nothing = KeyPlan { fields: Vec::new() };
        let plan = self.keys.get(key).unwrap_or(&nothing);
        let mut count = 1_usize;
        let mut all = Vec::with_capacity(plan.fields.len());
        for (field, optional) in &plan.fields {
            let Some(field) = self.fields.get(*field) else { continue };
            let values = seen.values(field);
            let mut parts: SmallVec<[Vec<u8>; 1]> = SmallVec::new();
            for value in values {
                let mut bytes = Vec::with_capacity(48);
                key::encode(value, field.ty, &mut bytes);
                if parts.len() > MAX_CHOICES {
                    return Err(TooMany);
                }
                parts.push(bytes);
            }
            if parts.len() > 1 {
                parts.sort_unstable();
                parts.dedup();
            }
            if parts.is_empty() && *optional {
                let mut bytes = Vec::new();
                key::encode_part(&KeyPart::Null, &mut bytes);
                parts.push(bytes);
            }
            count = count.saturating_mul(parts.len());
            if count > MAX_CHOICES {
                return Err(TooMany);
            }
            all.push(parts);
        }
        Ok(all)
    }

    fn read_counted(&self, counts: Counts, seen: &dyn AtHand) -> Result<Counted, TooMany> {
        let values = match counts.values {
            Some(key) => product(&self.parts_of(key, seen)?).iter().map(|key| key::decode(key)).collect(),
            None => Vec::new(),
        };
        let first = counts.first.and_then(|first| self.fields.get(first));
        let numbers = first.map_or_else(Vec::new, |field| seen.values(field));
        Ok(Counted { values, numbers })
    }
}

/// More keys than [`MAX_CHOICES`].
struct TooMany;

impl Entry {
    fn put_key(&mut self, key: &[u8]) -> Result<(), TooMany> {
        self.keys.extend(key);
        self.ends.push(u32::try_from(self.keys.len()).map_err(|_| TooMany)?);
        Ok(())
    }
}

/// Every choice of one part of each.
fn product(parts: &[SmallVec<[Vec<u8>; 1]>]) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = vec![Vec::new()];
    for parts in parts {
        let one =
            |key: &Vec<u8>| parts.iter().map(|part| [key.as_slice(), part].concat()).collect::<Vec<_>>();
        keys = keys.iter().flat_map(one).collect();
    }
    keys
}

impl Process {
    fn of(seen: &dyn AtHand) -> Self {
        let texts = |path: &str| {
            let values = seen.values(&plain_field(path)).into_iter();
            values.filter(|value| matches!(value, Literal::Str(_))).collect::<Vec<_>>()
        };
        Self { own: texts(PROCESS), over: ABOVE.iter().flat_map(|path| texts(path)).collect() }
    }
}
