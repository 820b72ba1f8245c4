//! Rules over a stream of events.

use eqlc_events::Event;
use eqlc_ir::{Body, Pred, Rule};

use super::matcher::Matcher;
use super::plan::{Builder, QueryId, QueryPlan};
use super::{Detection, Malformed, Place};
use crate::reference::{self, Answerer, RunError, RunOptions};

/// All rules of a run, compiled together.
pub struct Plan {
    queries: QueryPlan,
    /// For each query the rule that it is all of.
    rule_of: Vec<usize>,
}

/// A rule that is left out of a plan, by its index, and why.
pub type Refused = (usize, RunError);

impl Plan {
    /// Compiles rules. `now` is one for all of them: that of the first.
    #[must_use]
    pub fn new(rules: &[(&Rule, &RunOptions)]) -> (Self, Vec<Refused>) {
        let mut refused = Vec::new();
        let mut builder = Builder::new();
        let mut rule_of = Vec::new();
        let mut conditions: Vec<&Pred> = Vec::new();
        for (at, (rule, options)) in rules.iter().enumerate() {
            if let Err(error) = reference::check(rule) {
                refused.push((at, error));
                continue;
            }
            if let Body::Event(query) = &rule.body {
                builder.add(query, options);
                rule_of.push(at);
                conditions.push(&query.filter);
            }
        }
        let now = rules.first().and_then(|(_, options)| options.now);
        let answerer = Answerer::new(conditions, now);
        let answerer = answerer.or_else(|_| Answerer::new([], now)).unwrap_or_else(|_| Answerer::empty());
        (Self { queries: builder.build(answerer), rule_of }, refused)
    }
}

/// A stream of events against a plan.
pub struct Session<'p> {
    plan: &'p Plan,
    matcher: Matcher<'p>,
}

impl<'p> Session<'p> {
    /// A stream that has not begun.
    #[must_use]
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan, matcher: Matcher::new(&plan.queries) }
    }

    /// Takes the next event; `out` gets what it completes.
    ///
    /// # Errors
    /// It is no object of JSON.
    pub fn json(&mut self, json: &[u8], place: Place, out: &mut Vec<Detection>) -> Result<(), Malformed> {
        self.matcher.json(json)?;
        self.detect(place, out);
        Ok(())
    }

    /// Takes the next event, read before.
    pub fn event(&mut self, event: &Event, place: Place, out: &mut Vec<Detection>) {
        self.matcher.event(event);
        self.detect(place, out);
    }

    fn detect(&self, place: Place, out: &mut Vec<Detection>) {
        let rule = |query: &QueryId| self.plan.rule_of.get(query.0 as usize);
        out.extend(self.matcher.satisfied().iter().filter_map(rule).map(|rule| Detection {
            rule: *rule,
            events: vec![Some(place.into())],
            join_keys: Vec::new(),
        }));
    }

    /// How often the values of fields were remembered, and how often not.
    #[must_use]
    pub fn remembered(&self) -> (u64, u64) {
        self.matcher.remembered()
    }
}
