//! All rules of a run, compiled together.

use std::fmt::Write;
use std::sync::Arc;

use eqlc_ir::{Body, Rule};
use serde::{Deserialize, Serialize};

use super::plan::{Builder, QueryId, QueryPlan};
use super::state;
use crate::reference::{Learner, RunError, RunOptions, check, names};

/// All rules of a run, compiled together.
pub struct Plan {
    pub(super) queries: Arc<QueryPlan>,
    pub(super) state: Arc<state::Plan>,
    /// For each query what it is part of.
    pub(super) parts: Vec<Part>,
    /// For each query its rule.
    pub(super) rule_of: Vec<usize>,
    pub(super) rules: usize,
}

/// What a query is part of.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Part {
    /// All of the rule of this index.
    Whole(usize),
    /// A rule over several events.
    Question(state::QueryId),
}

/// A rule that is left out of a plan, by its index, and why.
pub type Refused = (usize, RunError);

impl Plan {
    /// Compiles rules, each with the options that it is run with. `now` is that of the first.
    #[must_use]
    pub fn new(rules: &[(&Rule, &RunOptions)]) -> (Self, Vec<Refused>) {
        let mut refused = Vec::new();
        let now = rules.first().and_then(|(_, options)| options.now);
        let mut building = Building {
            builder: Builder::new(),
            learner: Learner::new(now),
            parts: Vec::new(),
            rule_of: Vec::new(),
        };
        let mut stateful = Vec::new();
        for (at, (rule, options)) in rules.iter().enumerate() {
            if let Err(error) = checked(rule, &mut building.learner) {
                refused.push((at, error));
            } else if state::Plan::takes(rule, options) {
                stateful.push((at, *rule, *options));
            } else if let Body::Event(query) = &rule.body {
                building.add(Part::Whole(at), at, query, options);
            }
        }
        let state = planned(stateful, &mut refused);
        for question in state.questions() {
            let Some((_, options)) = rules.get(question.rule) else { continue };
            // Part of a condition that was learnt.
            if let Err(error) = building.learner.learn(&question.query.filter) {
                refused.push((question.rule, error));
            }
            building.add(Part::Question(question.id), question.rule, &question.query, options);
        }
        state.reads().for_each(|path| {
            building.builder.read(path);
        });
        refused.sort_by_key(|(at, _)| *at);
        let queries = Arc::new(building.builder.build(building.learner.finish()));
        let Building { parts, rule_of, .. } = building;
        (Self { queries, state: Arc::new(state), parts, rule_of, rules: rules.len() }, refused)
    }

    pub(super) fn queries(&self) -> &Arc<QueryPlan> {
        &self.queries
    }

    pub(super) fn state(&self) -> &Arc<state::Plan> {
        &self.state
    }

    /// What a query is part of.
    pub(super) fn part(&self, query: QueryId) -> Option<Part> {
        self.parts.get(query.0 as usize).copied()
    }

    /// The rule of a query.
    pub(super) fn rule_of(&self, query: usize) -> Option<usize> {
        self.rule_of.get(query).copied()
    }

    /// How many rules were given.
    pub(super) fn rules(&self) -> usize {
        self.rules
    }

    /// How the rules are asked, for people.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "{} rules, {} queries of single events, {} of them for rules over several",
            self.rules,
            self.parts.len(),
            self.state.questions().len()
        );
        self.queries.explain(&mut text);
        text
    }
}

struct Building {
    builder: Builder,
    learner: Learner,
    parts: Vec<Part>,
    rule_of: Vec<usize>,
}

impl Building {
    fn add(&mut self, part: Part, rule: usize, query: &eqlc_ir::EventQuery, options: &RunOptions) {
        self.builder.add(query, options);
        self.parts.push(part);
        self.rule_of.push(rule);
    }
}

fn checked(rule: &Rule, learner: &mut Learner) -> Result<(), RunError> {
    check::depth(rule)?;
    names::check(rule)?;
    rule.queries().into_iter().try_for_each(|query| learner.learn(&query.filter))
}

/// The rules over several events, without those that cannot be run.
fn planned(mut rules: Vec<(usize, &Rule, &RunOptions)>, refused: &mut Vec<Refused>) -> state::Plan {
    loop {
        match state::Plan::of(&rules) {
            Ok(plan) => return plan,
            Err((bad, error)) => {
                refused.push((bad, error));
                let before = rules.len();
                rules.retain(|(at, _, _)| *at != bad);
                if rules.len() == before {
                    return state::Plan::default();
                }
            }
        }
    }
}
