//! The members of a correlation's group, one at a time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Correlation, CorrelationCondition, CorrelationKind};

use super::Seen;
use super::numbers::Numbers;
use super::order::Rank;
use super::store::Memory;
use crate::reference::correlation::temporal::{Chains, Latest};
use crate::reference::correlation::{self, measure, members};
use crate::reference::keys::{JoinKey, KeyPart};

/// An event of a member.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) seen: Seen,
    pub(super) at: Timestamp,
    pub(super) tie: Option<Arc<KeyPart>>,
    /// The event itself, where correlations of correlations read it.
    pub(super) event: Option<Arc<Event<'static>>>,
}

impl Held {
    pub(super) fn rank(&self) -> Rank {
        Rank::new(Some(self.at), self.tie.clone(), self.seen.place.ordinal)
    }
}

/// An event or an alert in one group.
pub(super) type Member = members::Member<Held>;

/// What a group found.
pub(super) struct Alert {
    /// The place of its last member in the order of events.
    pub(super) place: usize,
    pub(super) at: Timestamp,
    pub(super) events: Vec<Held>,
}

impl Alert {
    fn of<'m>(members: impl Iterator<Item = &'m Member>, last: (usize, Timestamp)) -> Self {
        let events = members.flat_map(|member| member.events.iter().cloned()).collect();
        Self { place: last.0, at: last.1, events }
    }
}

/// How a correlation looks at a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// At the latest member of each rule.
    Latest,
    /// At chains of members.
    Chains,
    /// At the window that ends with a member.
    Completed,
    /// At the windows that no longer one holds, when they are over.
    Longest,
}

impl Way {
    pub(super) fn of(written: &Correlation) -> Self {
        match (written.kind, &written.condition) {
            (CorrelationKind::Temporal, None) => Self::Latest,
            (CorrelationKind::TemporalOrdered, None) => Self::Chains,
            _ if correlation::more_can_only_help(written) => Self::Completed,
            _ => Self::Longest,
        }
    }
}

/// What a correlation remembers of a group.
#[derive(Default)]
pub(super) enum Group {
    #[default]
    Empty,
    Latest(Latest<Arc<Member>>),
    Chains(Chains<Arc<Member>>),
    Window(Box<Window>),
}

impl Group {
    /// The next member in order.
    pub(super) fn push(&mut self, written: &Correlation, way: Way, member: Member) -> Option<Alert> {
        let (rules, span) = (written.rules.len(), written.timespan_ms);
        if matches!(self, Self::Empty) {
            *self = match way {
                Way::Latest => Self::Latest(Latest::new(rules)),
                Way::Chains => Self::Chains(Chains::new(rules)),
                Way::Completed | Way::Longest => {
                    Self::Window(Box::new(Window::new(rules, Numbers::of(written))))
                }
            };
        }
        let last = (member.place, member.at);
        let witness = match self {
            Self::Empty => None,
            Self::Latest(latest) => latest.push::<Held>(Arc::new(member), span),
            Self::Chains(chains) => chains.extend::<Held>(Arc::new(member), span),
            Self::Window(window) => {
                window.push(member);
                return match way {
                    Way::Completed => window.completed(written, last),
                    _ => None,
                };
            }
        };
        witness.map(|witness| Alert::of(witness.iter().map(AsRef::as_ref), last))
    }

    /// What the windows that began before an age found, in order.
    pub(super) fn close(&mut self, written: &Correlation, age: i128) -> Vec<Alert> {
        match self {
            Self::Window(window) => window.close(written, age),
            _ => Vec::new(),
        }
    }
}

impl Memory for Group {
    fn weight(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Latest(latest) => latest.iter().flatten().count(),
            Self::Chains(chains) => chains.iter().map(Vec::len).sum(),
            Self::Window(window) => window.members.len(),
        }
    }

    fn oldest(&self) -> Option<i128> {
        let at = match self {
            Self::Empty => None,
            Self::Latest(latest) => latest.iter().flatten().map(|member| member.at).min(),
            Self::Chains(chains) => {
                chains.iter().filter_map(|chain| chain.first()).map(|member| member.at).min()
            }
            Self::Window(window) => window.members.front().map(|member| member.at),
        };
        at.map(Timestamp::nanos)
    }

    fn forget_before(&mut self, age: i128) {
        let old = |member: &Member| member.at.nanos() < age;
        match self {
            Self::Empty => {}
            Self::Latest(latest) => {
                for latest in latest.iter_mut() {
                    *latest = latest.take().filter(|member| !old(member));
                }
            }
            Self::Chains(chains) => {
                let begun_before =
                    |chain: &&mut Vec<Arc<Member>>| chain.first().is_some_and(|first| old(first));
                chains.iter_mut().filter(begun_before).for_each(Vec::clear);
            }
            Self::Window(window) => {
                while window.members.front().is_some_and(old) {
                    window.pop();
                }
            }
        }
    }

    fn forget_oldest(&mut self) {
        match (self.oldest(), self) {
            (_, Self::Window(window)) => window.pop(),
            (Some(oldest), group) => group.forget_before(oldest.saturating_add(1)),
            _ => {}
        }
    }
}

/// Members within the time span, and what can be told of them without looking at each.
pub(super) struct Window {
    members: VecDeque<Member>,
    /// For each rule how many members it has.
    rules: Vec<usize>,
    /// For each value how many members have it.
    values: BTreeMap<JoinKey, usize>,
    /// The numbers that they have, where the condition computes with them.
    numbers: Option<Numbers>,
    /// How many of the members stood in the last window that was looked at.
    seen: usize,
}

impl Window {
    fn new(rules: usize, numbers: Option<Numbers>) -> Self {
        let (members, values) = (VecDeque::new(), BTreeMap::new());
        Self { members, rules: vec![0; rules], values, numbers, seen: 0 }
    }

    fn push(&mut self, member: Member) {
        for rule in &member.rules {
            self.rules.get_mut(*rule).into_iter().for_each(|count| *count += 1);
        }
        for value in &member.values {
            match self.values.get_mut(value) {
                Some(count) => *count += 1,
                None => drop(self.values.insert(value.clone(), 1)),
            }
        }
        if let Some(numbers) = &mut self.numbers {
            member.numbers.iter().for_each(|number| numbers.add(number));
        }
        self.members.push_back(member);
    }

    fn pop(&mut self) {
        let Some(member) = self.members.pop_front() else { return };
        for rule in &member.rules {
            self.rules.get_mut(*rule).into_iter().for_each(|count| *count = count.saturating_sub(1));
        }
        for value in &member.values {
            let Some(count) = self.values.get_mut(value) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.values.remove(value);
            }
        }
        if let Some(numbers) = &mut self.numbers {
            member.numbers.iter().for_each(|number| numbers.remove(number));
        }
        self.seen = self.seen.saturating_sub(1);
    }

    /// The alert of the window that ends with the last member, if it is one. The group starts anew then.
    fn completed(&mut self, written: &Correlation, last: (usize, Timestamp)) -> Option<Alert> {
        let first = last.1.nanos().saturating_sub(i128::from(written.timespan_ms) * 1_000_000);
        while self.members.front().is_some_and(|member| member.at.nanos() < first) {
            self.pop();
        }
        self.holds(written).then(|| self.take(last))
    }

    fn take(&mut self, last: (usize, Timestamp)) -> Alert {
        let numbers = self.numbers.as_ref().map(Numbers::anew);
        let all = std::mem::replace(self, Self::new(self.rules.len(), numbers));
        Alert::of(all.members.iter(), last)
    }

    /// The alerts of the windows whose first members are older than an age: nothing is added to them any more.
    fn close(&mut self, written: &Correlation, age: i128) -> Vec<Alert> {
        let mut alerts = Vec::new();
        while self.members.front().is_some_and(|first| first.at.nanos() < age) {
            // Time passes before members come, so all of them stand in the window of the first.
            let longer = self.members.len() > self.seen;
            let last = self.members.back().map(|last| (last.place, last.at));
            match last.filter(|_| longer && self.holds(written)) {
                Some(last) => alerts.push(self.take(last)),
                None => {
                    self.seen = self.members.len();
                    self.pop();
                }
            }
        }
        alerts
    }

    /// Whether the condition holds of the members, as [`correlation::holds`] says.
    fn holds(&mut self, written: &Correlation) -> bool {
        let present = || self.rules.iter().enumerate().filter(|(_, count)| **count > 0).map(|(rule, _)| rule);
        let number = match (written.kind, &written.condition) {
            (CorrelationKind::Temporal, Some(CorrelationCondition::Rules(wanted))) => {
                return correlation::satisfied(wanted, &present().collect::<Vec<_>>());
            }
            (CorrelationKind::Temporal, _) => present().count(),
            (CorrelationKind::EventCount, _) => self.members.len(),
            (CorrelationKind::ValueCount, _) => self.values.len(),
            _ => return self.computed(written),
        };
        let Some(CorrelationCondition::Number(wanted)) = &written.condition else { return false };
        measure::count(number).is_some_and(|number| measure::keeps(wanted, &number))
    }

    /// The same of a condition on a number that is computed of the members' own.
    fn computed(&mut self, written: &Correlation) -> bool {
        let computed = self.numbers.as_ref().zip(written.condition.as_ref());
        match computed.and_then(|(numbers, condition)| numbers.holds(written.kind, condition)) {
            Some(holds) => holds,
            None => correlation::holds(written, self.members.make_contiguous()),
        }
    }
}
