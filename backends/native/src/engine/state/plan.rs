//! All rules over several events, as they are run: what is asked of single events, and what becomes of the answers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use eqlc_events::Event;
use eqlc_ir::{Body, EventQuery, FieldRef, FieldType, Op, Pipe, Pred, Rule, Scalar, Taxonomy};

use super::asked::{self, Asked};
use super::correlation::CorrelationPlan;
use super::sequence::SequencePlan;
use super::{QueryId, Question};
use crate::reference::keys::KeyFields;
use crate::reference::lineage::{ABOVE, Lineage, PROCESS};
use crate::reference::order::Stream;
use crate::reference::query::Queries;
use crate::reference::{Prepared, ResultPosition, RunError, RunOptions, check, names, sample};

/// What the answer to a question is for.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// A place in a rule; which way of asking it is.
    Role { machine: usize, role: usize, way: u8 },
    /// A question about processes above; which way of asking it is.
    Above { question: usize, way: u8 },
    /// The event is of a process, for the tree of a clock.
    Process { clock: usize },
}

/// All rules.
#[derive(Default)]
pub(crate) struct Plan {
    pub(super) questions: Vec<Question>,
    pub(super) targets: Vec<Target>,
    pub(super) clocks: Vec<ClockPlan>,
    pub(super) fields: Vec<FieldRef>,
    pub(super) keys: Vec<KeyPlan>,
    pub(super) machines: Vec<MachinePlan>,
    pub(super) above: Vec<AbovePlan>,
    /// The limits of the rules that have any.
    pub(super) limits: BTreeMap<usize, LimitPlan>,
}

/// What orders events for some rules.
pub(super) struct ClockPlan {
    pub(super) timestamp_field: String,
    pub(super) tiebreaker: Option<FieldRef>,
    /// The questions about processes above that are asked in it, the innermost first.
    pub(super) above: Vec<usize>,
}

/// The fields of a key, by their places among all fields, and whether they may be null.
#[derive(PartialEq, Eq)]
pub(super) struct KeyPlan {
    pub(super) fields: Vec<(usize, bool)>,
}

/// A question about processes above.
pub(super) struct AbovePlan {
    pub(super) clock: usize,
    options: RunOptions,
    /// The query about the other process, as it was written.
    query: EventQuery,
    /// The questions about processes above in it.
    pub(super) above: Vec<usize>,
}

/// A rule.
pub(super) struct MachinePlan {
    pub(super) rule: usize,
    pub(super) clock: usize,
    /// Whether the order of time does not matter to it.
    pub(super) unordered: bool,
    pub(super) roles: Vec<Role>,
    pub(super) body: BodyPlan,
}

/// What a rule does with events.
pub(super) enum BodyPlan {
    Event,
    Sequence(SequencePlan),
    /// How many terms there are.
    Sample(usize),
    Correlation(CorrelationPlan),
}

/// Limits on the matches of a rule.
pub(super) struct LimitPlan {
    pub(super) pipes: Vec<Pipe>,
    pub(super) options: RunOptions,
}

/// A query of a rule.
pub(super) struct Role {
    /// The questions about processes above, by their places among all; their answers choose the way of asking.
    pub(super) above: Vec<usize>,
    /// What is left to ask when all else is known.
    pub(super) rest: Option<RestPlan>,
    /// The key that is read of the event.
    pub(super) key: Option<usize>,
    /// What a correlation counts or computes with.
    pub(super) counts: Option<Counts>,
    /// Whether the event itself has to be kept.
    pub(super) keeps: bool,
}

/// What a correlation counts or computes with: the key of all the fields, and the first of them.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) values: Option<usize>,
    pub(super) first: Option<usize>,
}

/// What is left to ask. The index of the scope spells the answers about processes above.
pub(super) struct RestPlan {
    pub(super) query: EventQuery,
    /// The questions about processes above in it, by their places among all.
    pub(super) above: Vec<usize>,
    pub(super) beside: bool,
    pub(super) queries: Queries,
}

impl Plan {
    pub(super) fn new(rules: &[(usize, &Rule, &RunOptions)]) -> Result<Self, (usize, RunError)> {
        let mut plan = Self::default();
        for (rule, written, options) in rules {
            plan.add(*rule, written, options).map_err(|error| (*rule, error))?;
        }
        Ok(plan)
    }

    fn add(&mut self, rule: usize, written: &Rule, options: &RunOptions) -> Result<(), RunError> {
        check::depth(written)?;
        names::check(written)?;
        let clock = self.clock(options);
        let mut building = Building { plan: self, rule, written, options, clock, roles: Vec::new() };
        let body = match &written.body {
            Body::Event(query) => {
                building.role(query, None, false)?;
                BodyPlan::Event
            }
            Body::Sequence(sequence) => BodyPlan::Sequence(SequencePlan::new(sequence, &mut building)?),
            Body::Sample(sample) => building.sample(sample)?,
            Body::Correlation(correlation) => {
                BodyPlan::Correlation(CorrelationPlan::new(correlation, &mut building)?)
            }
        };
        let roles = std::mem::take(&mut building.roles);
        let hangs = |role: &Role| !role.above.is_empty() || role.rest.is_some();
        let timeless = matches!(body, BodyPlan::Event | BodyPlan::Sample(_));
        let unordered = timeless && !roles.iter().any(hangs);
        self.limits.extend(limits(written, options).map(|limits| (rule, limits)));
        self.machines.push(MachinePlan { rule, clock, unordered, roles, body });
        Ok(())
    }

    fn clock(&mut self, options: &RunOptions) -> usize {
        let tiebreaker = options.tiebreaker_field.as_deref();
        let same = |clock: &ClockPlan| {
            clock.timestamp_field == options.timestamp_field
                && clock.tiebreaker.as_ref().map(|field| field.path.as_str()) == tiebreaker
        };
        self.clocks.iter().position(same).unwrap_or_else(|| {
            let tiebreaker = tiebreaker.map(plain_field);
            let timestamp_field = options.timestamp_field.clone();
            self.clocks.push(ClockPlan { timestamp_field, tiebreaker, above: Vec::new() });
            self.clocks.len() - 1
        })
    }

    fn ask(&mut self, rule: usize, query: EventQuery, target: Target) {
        let id = QueryId::try_from(self.questions.len()).unwrap_or(QueryId::MAX);
        self.questions.push(Question { id, rule, query });
        self.targets.push(target);
    }

    /// The place of a field among those that keys are made of.
    pub(super) fn field(&mut self, field: &FieldRef) -> usize {
        let same = |known: &FieldRef| known.path == field.path && known.ty == field.ty;
        self.fields.iter().position(same).unwrap_or_else(|| {
            self.fields.push(field.clone());
            self.fields.len() - 1
        })
    }

    /// The place of a key among all.
    pub(super) fn key(&mut self, fields: &KeyFields<'_>) -> usize {
        let fields = fields.parts().iter().map(|(field, optional)| (self.field(field), *optional)).collect();
        let key = KeyPlan { fields };
        self.keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        })
    }

    /// The places of questions about processes above among all; those inside them stand before them.
    fn above(
        &mut self,
        asked: &[EventQuery],
        of: (usize, &RunOptions),
        clock: usize,
    ) -> Result<Vec<usize>, RunError> {
        asked.iter().map(|query| self.one_above(query, of, clock)).collect()
    }

    fn one_above(
        &mut self,
        query: &EventQuery,
        of: (usize, &RunOptions),
        clock: usize,
    ) -> Result<usize, RunError> {
        let (rule, options) = of;
        let same = |known: &AbovePlan| known.options == *options && known.query == *query;
        if let Some(at) = self.above.iter().position(same) {
            return Ok(at);
        }
        // Nothing in it names steps, so nothing but processes above can be left to ask.
        let inside = asked::questions_above(&query.filter);
        if inside.len() > asked::MOST_WAYS {
            return Err(RunError::TooDeep);
        }
        let above = self.above(&inside, of, clock)?;
        if self.clocks.get(clock).is_some_and(|clock| clock.above.is_empty()) {
            self.ask(rule, of_a_process(), Target::Process { clock });
        }
        let question = self.above.len();
        for (way, query) in (0..).zip(asked::all_ways(query, &inside)) {
            self.ask(rule, query, Target::Above { question, way });
        }
        self.above.push(AbovePlan { clock, options: options.clone(), query: query.clone(), above });
        self.clocks.get_mut(clock).into_iter().for_each(|clock| clock.above.push(question));
        Ok(question)
    }

    /// The rules that ask about processes above in the order of a clock.
    pub(super) fn asking_above(&self, clock: usize) -> Vec<usize> {
        let asks = |machine: &&MachinePlan| {
            let above = |role: &Role| {
                !role.above.is_empty() || role.rest.as_ref().is_some_and(|rest| !rest.above.is_empty())
            };
            machine.clock == clock && machine.roles.iter().any(above)
        };
        self.machines.iter().filter(asks).map(|machine| machine.rule).collect()
    }
}

fn limits(rule: &Rule, options: &RunOptions) -> Option<LimitPlan> {
    if rule.pipes.is_empty() && options.size.is_none() {
        return None;
    }
    let mut options = options.clone();
    // Samples have no order in time: their size counts from the start (§11).
    if matches!(rule.body, Body::Sample(_)) {
        options.result_position = ResultPosition::Head;
    }
    Some(LimitPlan { pipes: rule.pipes.clone(), options })
}

/// A field whose values are taken as they are.
pub(super) fn plain_field(path: &str) -> FieldRef {
    let (taxonomy, ty) = (Taxonomy::Ecs, FieldType::Unknown);
    FieldRef { path: path.into(), taxonomy, ty, optional: true, span: Default::default() }
}

fn of_a_process() -> EventQuery {
    let there =
        |path: &&str| Pred::test(Scalar::Field(plain_field(path)), Op::IsNull, Default::default()).not();
    let filter = Pred::Any([PROCESS].iter().chain(&ABOVE).map(there).collect());
    EventQuery { category: eqlc_ir::Category::Any, filter }
}

/// A rule on its way into the plan.
pub(super) struct Building<'a> {
    pub(super) plan: &'a mut Plan,
    rule: usize,
    written: &'a Rule,
    options: &'a RunOptions,
    clock: usize,
    pub(super) roles: Vec<Role>,
}

impl Building<'_> {
    /// Adds a query of the rule; gives its place among those of the rule.
    pub(super) fn role(
        &mut self,
        query: &EventQuery,
        key: Option<usize>,
        keeps: bool,
    ) -> Result<usize, RunError> {
        let Asked { ways, above, rest } = asked::take_apart(query);
        let (machine, role) = (self.plan.machines.len(), self.roles.len());
        let of = (self.rule, self.options);
        let above = self.plan.above(&above, of, self.clock)?;
        for (way, query) in (0..).zip(ways) {
            self.plan.ask(self.rule, query, Target::Role { machine, role, way });
        }
        let rest = match rest {
            None => None,
            Some(rest) => {
                let places = self.plan.above(&rest.above, of, self.clock)?;
                let mut queries = self.queries()?;
                if rest.above.len() > usize::BITS as usize {
                    return Err(RunError::TooDeep);
                }
                queries.lineage = Lineage::spelled(&rest.above);
                Some(RestPlan { query: rest.query, above: places, beside: rest.beside, queries })
            }
        };
        let keeps = keeps || rest.is_some();
        self.roles.push(Role { above, rest, key, counts: None, keeps });
        Ok(role)
    }

    /// Says what a correlation counts or computes with in the events of a role.
    pub(super) fn counts(&mut self, role: usize, counts: Option<Counts>) {
        self.roles.get_mut(role).into_iter().for_each(|role| role.counts = counts);
    }

    /// What the reference needs to answer queries of the rule.
    fn queries(&self) -> Result<Queries, RunError> {
        let prepared = Prepared::new(Cow::Borrowed(self.written))?;
        let nothing: &[Event] = &[];
        Queries::new(&prepared, self.options, &Stream::new(nothing, self.options))
    }

    fn sample(&mut self, written: &eqlc_ir::Sample) -> Result<BodyPlan, RunError> {
        if written.terms.len() > sample::MAX_TERMS {
            return Err(RunError::TooManyTerms(written.terms.len()));
        }
        let own: Vec<&[_]> = written.terms.iter().map(|term| term.by.as_slice()).collect();
        let fields = crate::reference::keys::of_steps(&written.by, &own);
        for (term, fields) in written.terms.iter().zip(&fields) {
            let key = self.plan.key(fields);
            self.role(&term.query, Some(key), false)?;
        }
        Ok(BodyPlan::Sample(written.terms.len()))
    }
}
