//! Sigma's correlations (the docs of [`Correlation`]), one event at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eqlc_events::Timestamp;
use eqlc_ir::{Correlation, GroupKey, Literal, Source};

use super::Place;
use super::above::Fit;
use super::found::Output;
use super::group::{Alert, Group, Held, Member, Way};
use super::key::{self, Keys};
use super::order::Rank;
use super::plan::{Building, Counts};
use super::store::Store;
use super::turns::Turn;
use crate::reference::RunError;
use crate::reference::correlation::{self, members};
use crate::reference::keys::JoinKey;
use crate::reference::values::literal;

/// A correlation as it is run.
pub(super) struct CorrelationPlan {
    written: Correlation,
    way: Way,
    sources: Vec<SourcePlan>,
    /// Whether some rule in it is a correlation itself.
    pub(super) nested: bool,
    /// How long after an event its sources may still speak of it, in nanoseconds.
    patience: i128,
    span: i128,
}

/// What satisfies a rule of a correlation.
enum SourcePlan {
    /// The events of a role.
    Role(usize),
    /// The alerts of another correlation.
    Inner(CorrelationPlan),
}

impl CorrelationPlan {
    pub(super) fn new(written: &Correlation, building: &mut Building<'_>) -> Result<Self, RunError> {
        let nested = written.rules.iter().any(|rule| rule.source.as_events().is_none());
        Self::level(written, building, nested)
    }

    fn level(written: &Correlation, building: &mut Building<'_>, nested: bool) -> Result<Self, RunError> {
        correlation::check(written)?;
        let mut sources = Vec::with_capacity(written.rules.len());
        for (rule, part) in written.rules.iter().enumerate() {
            sources.push(match &part.source {
                Source::Correlation(inner) => SourcePlan::Inner(Self::level(inner, building, true)?),
                // Correlations of correlations read what they need of the events themselves.
                Source::Events(query) if nested => SourcePlan::Role(building.role(query, None, true)?),
                Source::Events(query) => {
                    let key = members::fields_of(&written.group_by, rule);
                    let key = key.map(|fields| building.plan.key(&fields));
                    let role = building.role(query, key, false)?;
                    let counts = counts(written, rule, building);
                    building.counts(role, counts);
                    SourcePlan::Role(role)
                }
            });
        }
        let span = i128::from(written.timespan_ms) * 1_000_000;
        let patience = |source: &SourcePlan| match source {
            SourcePlan::Role(_) => 0,
            SourcePlan::Inner(inner) => {
                inner.patience + if inner.way == Way::Longest { inner.span } else { 0 }
            }
        };
        let patience = sources.iter().map(patience).max().unwrap_or(0);
        Ok(Self { written: written.clone(), way: Way::of(written), sources, nested, patience, span })
    }
}

/// What the condition counts or computes with in the events of a rule.
fn counts(written: &Correlation, rule: usize, building: &mut Building<'_>) -> Option<Counts> {
    let counted = members::counted(written);
    let first = counted.first()?.fields.get(rule);
    let values = members::fields_of(counted, rule).map(|fields| building.plan.key(&fields));
    Some(Counts { values, first: first.map(|field| building.plan.field(field)) })
}

/// A correlation at work.
pub(super) struct CorrelationState {
    groups: Store<Group>,
    inner: Vec<Option<CorrelationState>>,
    /// What satisfies rules and is not grouped yet, by place and events; in correlations of correlations.
    waiting: BTreeMap<(usize, Vec<Place>), Waiting>,
}

/// What satisfies rules.
struct Waiting {
    at: Timestamp,
    events: Vec<Held>,
    rules: Vec<usize>,
}

/// What is known of a member before it is one.
#[derive(Default)]
struct Draft {
    rules: Vec<usize>,
    values: BTreeSet<JoinKey>,
    numbers: Vec<Literal>,
}

/// An alert with its group.
type Found = (Alert, Arc<[u8]>);

impl CorrelationState {
    pub(super) fn new(plan: &CorrelationPlan) -> Self {
        let inner = |source: &SourcePlan| match source {
            SourcePlan::Role(_) => None,
            SourcePlan::Inner(inner) => Some(Self::new(inner)),
        };
        // Where windows that are over alert, each instant matters.
        let resolution = if plan.way == Way::Longest { 1 } else { (plan.span / 100).max(1_000_000) };
        let inner = plan.sources.iter().map(inner).collect();
        Self { groups: Store::new(resolution), inner, waiting: BTreeMap::new() }
    }

    pub(super) fn weight(&self) -> usize {
        let inner: usize = self.inner.iter().flatten().map(Self::weight).sum();
        self.groups.weight() + self.waiting.len() + inner
    }

    pub(super) fn forget_oldest(&mut self, keys: &mut Keys) -> usize {
        let own = self.groups.weight() + self.waiting.len();
        let largest = self.inner.iter_mut().flatten().max_by_key(|inner| inner.weight());
        if let Some(inner) = largest.filter(|inner| inner.weight() > own) {
            return inner.forget_oldest(keys);
        }
        match self.groups.forget_oldest(keys) {
            0 => usize::from(self.waiting.pop_first().is_some()),
            count => count,
        }
    }

    /// From when on time has to be passed on to it.
    pub(super) fn due(&self, plan: &CorrelationPlan) -> i128 {
        let groups = self.groups.oldest().map(|oldest| oldest.saturating_add(plan.span + plan.patience));
        let waiting = self.waiting.first_key_value();
        let waiting = waiting.map(|(_, waiting)| waiting.at.nanos().saturating_add(plan.patience));
        let inner =
            self.inner.iter().zip(&plan.sources).filter_map(|(state, source)| match (state, source) {
                (Some(state), SourcePlan::Inner(plan)) => Some(state.due(plan)),
                _ => None,
            });
        inner.chain(groups).chain(waiting).min().unwrap_or(i128::MAX)
    }

    /// No event before an instant is still to come; none: none at all.
    pub(super) fn advance(
        &mut self,
        plan: &CorrelationPlan,
        passed: Option<Timestamp>,
        keys: &mut Keys,
        output: &mut Output<'_>,
    ) {
        let mut found = Vec::new();
        let passed = passed.map_or(i128::MAX, Timestamp::nanos);
        self.pass(plan, Some(passed), keys, (&mut found, output));
        report(found, output);
    }

    /// The rules that an event satisfies.
    pub(super) fn event(&mut self, plan: &CorrelationPlan, fits: &[Fit<'_>], turn: &mut Turn<'_>) {
        let mut found = Vec::new();
        if plan.nested {
            self.take_in(plan, fits, turn);
            self.pass(plan, None, turn.keys, (&mut found, &mut turn.output));
        } else {
            self.event_in_groups(plan, fits, turn, &mut found);
        }
        report(found, &mut turn.output);
    }

    fn event_in_groups(
        &mut self,
        plan: &CorrelationPlan,
        fits: &[Fit<'_>],
        turn: &mut Turn<'_>,
        found: &mut Vec<Found>,
    ) {
        let mut drafts: BTreeMap<&[u8], Draft> = BTreeMap::new();
        for fit in fits {
            for key in turn.entry.keys_of(fit.hit) {
                if !turn.owns(key) {
                    continue;
                }
                let draft = drafts.entry(key).or_default();
                draft.rules.push(fit.hit.role as usize);
                if let Some(counted) = turn.entry.counted_of(fit.hit) {
                    draft.values.extend(counted.values.iter().cloned());
                    if draft.numbers.is_empty() {
                        draft.numbers.clone_from(&counted.numbers);
                    }
                }
            }
        }
        for (key, draft) in drafts {
            let events = vec![turn.held()];
            let member = member(turn.number, turn.at, events, draft);
            self.push(plan, key, member, turn.keys, found);
        }
    }

    fn push(
        &mut self,
        plan: &CorrelationPlan,
        group: &[u8],
        member: Member,
        keys: &mut Keys,
        found: &mut Vec<Found>,
    ) {
        let push = |group: &mut Group| group.push(&plan.written, plan.way, member);
        if let Some(Some(alert)) = self.groups.change_or_start(group, keys, push) {
            found.push((alert, group.into()));
        }
    }

    /// Takes down which rules an event satisfies, in correlations of correlations.
    fn take_in(&mut self, plan: &CorrelationPlan, fits: &[Fit<'_>], turn: &Turn<'_>) {
        for (rule, source) in plan.sources.iter().enumerate() {
            match source {
                SourcePlan::Role(role) if fits.iter().any(|fit| fit.hit.role as usize == *role) => {
                    self.wait(rule, (turn.number, turn.at), vec![turn.held()]);
                }
                SourcePlan::Role(_) => {}
                SourcePlan::Inner(plan) => {
                    let inner = self.inner.get_mut(rule).and_then(Option::as_mut);
                    inner.into_iter().for_each(|inner| inner.take_in(plan, fits, turn));
                }
            }
        }
    }

    fn wait(&mut self, rule: usize, (place, at): (usize, Timestamp), events: Vec<Held>) {
        let own = events.iter().map(|event| event.seen.place).collect();
        let new = || Waiting { at, events, rules: Vec::new() };
        let waiting = self.waiting.entry((place, own)).or_insert_with(new);
        if !waiting.rules.contains(&rule) {
            waiting.rules.push(rule);
            waiting.rules.sort_unstable();
        }
    }

    /// Time passes; none: up to the event at hand.
    fn pass(
        &mut self,
        plan: &CorrelationPlan,
        passed: Option<i128>,
        keys: &mut Keys,
        (found, output): (&mut Vec<Found>, &mut Output<'_>),
    ) {
        for (rule, source) in plan.sources.iter().enumerate() {
            let (SourcePlan::Inner(plan), Some(Some(inner))) = (source, self.inner.get_mut(rule)) else {
                continue;
            };
            let mut alerts = Vec::new();
            inner.pass(plan, passed, keys, (&mut alerts, output));
            for (alert, _) in alerts {
                self.wait(rule, (alert.place, alert.at), alert.events);
            }
        }
        let known = passed.map(|passed| if passed == i128::MAX { passed } else { passed - plan.patience });
        while let Some(first) = self.waiting.first_entry() {
            let known = match known {
                None => plan.patience == 0,
                Some(known) => plan.patience == 0 || first.get().at.nanos() < known,
            };
            if !known {
                break;
            }
            let ((place, _), waiting) = first.remove_entry();
            self.close(plan, waiting.at.nanos(), keys, found);
            for (group, draft) in drafts(plan, &waiting, output) {
                let member = member(place, waiting.at, waiting.events.clone(), draft);
                let mut bytes = Vec::new();
                group.iter().for_each(|part| key::encode_part(part, &mut bytes));
                self.push(plan, &bytes, member, keys, found);
            }
        }
        if let Some(known) = known {
            self.close(plan, known, keys, found);
        }
    }

    /// No member before an instant is still to come.
    fn close(&mut self, plan: &CorrelationPlan, known: i128, keys: &mut Keys, found: &mut Vec<Found>) {
        let age = if known == i128::MAX { known } else { known.saturating_sub(plan.span) };
        if plan.way != Way::Longest {
            return self.groups.forget_before(age, keys);
        }
        while let Some(slot) = self.groups.next_before(age) {
            let close = |group: &mut Group, bytes| (group.close(&plan.written, age), bytes);
            let Some((alerts, bytes)) = self.groups.change_slot(slot, keys, close) else { continue };
            found.extend(alerts.into_iter().map(|alert| (alert, Arc::clone(&bytes))));
        }
    }
}

/// For each group that something is in, the rules that it satisfies there and what it counts as.
fn drafts(plan: &CorrelationPlan, waiting: &Waiting, output: &mut Output<'_>) -> BTreeMap<JoinKey, Draft> {
    let mut found: BTreeMap<JoinKey, Draft> = BTreeMap::new();
    let counted: &[GroupKey] = members::counted(&plan.written);
    for rule in &waiting.rules {
        let Some(group_fields) = members::fields_of(&plan.written.group_by, *rule) else { continue };
        let value_fields = members::fields_of(counted, *rule);
        let (mut groups, mut values, mut numbers) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for event in waiting.events.iter().filter_map(|held| held.event.as_ref()) {
            let of_event = group_fields.of(event).and_then(|groups| {
                let values = value_fields.as_ref().map_or(Ok(Vec::new()), |fields| fields.of(event))?;
                Ok((groups, values))
            });
            let Ok((own, own_values)) = of_event else {
                output.unanswered();
                continue;
            };
            groups.extend(own);
            values.extend(own_values);
            if let Some(field) = counted.first().and_then(|key| key.fields.get(*rule)) {
                numbers.extend(event.values(&field.path).iter().map(literal));
            }
        }
        for group in groups {
            let draft = found.entry(group).or_default();
            draft.rules.push(*rule);
            draft.values.extend(values.iter().cloned());
            if draft.numbers.is_empty() {
                draft.numbers.clone_from(&numbers);
            }
        }
    }
    found
}

fn member(place: usize, at: Timestamp, events: Vec<Held>, draft: Draft) -> Member {
    let Draft { rules, values, numbers } = draft;
    Member { place, at, events, rules, values, numbers }
}

fn report(found: Vec<Found>, output: &mut Output<'_>) {
    for (alert, group) in found {
        let rank = alert.events.iter().map(Held::rank).max().unwrap_or_else(Rank::none);
        output.found(rank, &group, alert.events.into_iter().map(|held| Some(held.seen)).collect());
    }
}
