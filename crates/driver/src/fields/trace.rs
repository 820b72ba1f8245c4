//! What becomes of each test of a rule on a target, read off the mapping itself.
//!
//! A mapping keeps the place of every test: the tests of the result, the losses and the refusals at a place tell what
//! became of the test that was written there. Each query is mapped by itself, with its keys, so that a source that is
//! missing for one says nothing of the others.

use std::collections::BTreeSet;

use eqlc_backend::{Backend, EventMap, Loss, Settings, map_rule, without_presence};
use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Code, Span};
use eqlc_ir::fold::{Fold, walk_rule};
use eqlc_ir::{
    Body, Category, Correlated, Correlation, EventQuery, FieldRef, GroupKey, Key, Op, Pred, Rule, Sequence,
    Source, Step, Taxonomy, Test, text,
};

use super::{Fate, Outcome};

/// A field where a rule uses it.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) field: FieldRef,
    /// The place of the test, or of the key.
    pub(super) span: Span,
}

/// A query of a rule with the keys of its events.
pub(super) struct Part {
    pub(super) source: String,
    rule: Rule,
}

/// The queries of a rule, each as a rule.
pub(super) fn parts(rule: &Rule) -> Vec<Part> {
    let mut found = Vec::new();
    match &rule.body {
        Body::Event(query) => found.push(part(rule, query, &[])),
        Body::Sequence(sequence) => {
            let until = sequence.until.iter().map(|until| (&until.query, &until.by));
            let steps = sequence.steps.iter().map(|step| (&step.query, &step.by));
            for (query, by) in steps.chain(until) {
                found.push(part(rule, query, &[sequence.by.as_slice(), by].concat()));
            }
        }
        Body::Sample(sample) => {
            for term in &sample.terms {
                found.push(part(rule, &term.query, &[sample.by.as_slice(), &term.by].concat()));
            }
        }
        Body::Correlation(correlation) => correlated(correlation, &mut found),
    }
    found
}

fn correlated(correlation: &Correlation, found: &mut Vec<Part>) {
    for (at, inner) in correlation.rules.iter().enumerate() {
        let query = match &inner.source {
            Source::Correlation(inner) => {
                correlated(inner, found);
                continue;
            }
            Source::Events(query) => query,
        };
        let only = |key: &GroupKey| {
            let fields = key.fields.get(at).cloned().into_iter().collect();
            GroupKey { name: key.name.clone(), fields }
        };
        let body = Body::Correlation(Correlation {
            rules: vec![Correlated { name: inner.name.clone(), source: Source::Events(query.clone()) }],
            group_by: correlation.group_by.iter().map(only).collect(),
            condition: None,
            ..correlation.clone()
        });
        found.push(Part { source: source_of(query), rule: bare(body) });
    }
}

fn part(rule: &Rule, query: &EventQuery, keys: &[Key]) -> Part {
    let body = if keys.is_empty() {
        Body::Event(query.clone())
    } else {
        let step = Step {
            query: query.clone(),
            by: Vec::new(),
            missing: false,
            runs: 1,
            alias: None,
            span: eqlc_ir::IgnoredSpan::default(),
        };
        let maxspan_ms = rule.meta.lookback_ms();
        Body::Sequence(Sequence { by: keys.to_vec(), maxspan_ms, steps: vec![step], until: None })
    };
    Part { source: source_of(query), rule: bare(body) }
}

fn bare(body: Body) -> Rule {
    Rule { id: String::new(), meta: std::sync::Arc::default(), body, pipes: Vec::new() }
}

/// The log source or the categories of a query, as users know them.
fn source_of(query: &EventQuery) -> String {
    match &query.category {
        Category::Any => "any".to_owned(),
        Category::OneOf(names) => {
            let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
            names.join(", ")
        }
        Category::LogSource(source) => source.to_string(),
    }
}

impl Part {
    /// The fields that it uses.
    pub(super) fn uses(&self) -> Vec<Use> {
        let mut found = Vec::new();
        for query in self.rule.queries() {
            let mut seen = BTreeSet::new();
            for test in query.filter.tests() {
                for field in fields_of(test) {
                    seen.insert(field.span);
                    found.push(Use { field: field.clone(), span: test.span });
                }
            }
            // Arrays whose elements are asked.
            let others = query.filter.fields().into_iter().filter(|field| !seen.contains(&field.span));
            found.extend(others.map(|field| Use { field: field.clone(), span: field.span }));
        }
        found.extend(self.keys().into_iter().map(|field| Use { field: field.clone(), span: field.span }));
        found
    }

    fn keys(&self) -> Vec<&FieldRef> {
        match &self.rule.body {
            Body::Sequence(sequence) => sequence.by.iter().map(|key| &key.field).collect(),
            Body::Correlation(correlation) => {
                correlation.group_by.iter().flat_map(|key| &key.fields).collect()
            }
            Body::Event(_) | Body::Sample(_) => Vec::new(),
        }
    }

    /// What becomes of the uses, in their order.
    pub(super) fn fates(&self, uses: &[Use], backend: &dyn Backend, settings: &Settings) -> Vec<Fate> {
        let (rule, presence) = without_presence(&self.rule, backend.target());
        let map = backend.event_map(settings, &rule).filter(|map| map.is_needed_for(&rule));
        let Some(map) = map else {
            let kept = |used: &Use| {
                Fate::of(Outcome::Exact, vec![used.field.path.to_string()], &presence, used.span)
            };
            return uses.iter().map(kept).collect();
        };
        let mut traced = Traced { losses: presence, ..Traced::default() };
        traced.map(rule.into_owned(), map, settings);
        let fate = |used: &Use| traced.fate(used, settings.no_mapping);
        uses.iter().map(fate).collect()
    }
}

fn fields_of(test: &Test) -> Vec<&FieldRef> {
    let mut fields = test.subject.fields();
    if let Op::Compare(_, right) = &test.op {
        fields.extend(right.fields());
    }
    fields
}

/// What a mapping left at each place.
#[derive(Default)]
struct Traced {
    /// The names that stand at places of the result.
    names: Vec<(Span, String)>,
    losses: Vec<Loss>,
    /// What was refused where.
    refused: Vec<(Span, Code)>,
    no_source: bool,
}

/// Times that what is refused is taken out and the rest mapped again.
const MAX_ROUNDS: usize = 3;

impl Traced {
    fn map(&mut self, mut rule: Rule, map: &EventMap, settings: &Settings) {
        let marks = marks(&rule, map, settings);
        for _ in 0..MAX_ROUNDS {
            match map_rule(&rule, map, settings) {
                Ok(mapped) => {
                    self.losses.extend(mapped.losses);
                    self.read(&mapped.rule, &marks);
                    return;
                }
                Err(refused) => {
                    let places = refused.iter().filter_map(|found| Some((found.span()?, found.code)));
                    let asked = |code| matches!(code, targets::UNMAPPED_FIELD | targets::UNMAPPED_KEY);
                    let (new, other): (Vec<_>, Vec<_>) = places.partition(|(_, code)| asked(*code));
                    self.no_source |= other.iter().any(|(_, code)| *code == targets::NO_SOURCE);
                    if new.is_empty() {
                        return;
                    }
                    rule = without(rule, &new.iter().map(|(span, _)| *span).collect());
                    self.refused.extend(new);
                }
            }
        }
    }

    fn read(&mut self, rule: &Rule, marks: &BTreeSet<String>) {
        for query in rule.queries() {
            for test in query.filter.tests().into_iter().filter(|test| !marks.contains(&text::test(test))) {
                let names = fields_of(test).into_iter().map(|field| (test.span, field.path.to_string()));
                self.names.extend(names);
            }
        }
        let keys = match &rule.body {
            Body::Sequence(sequence) => {
                let own = sequence.steps.iter().flat_map(|step| &step.by);
                sequence.by.iter().chain(own).map(|key| &key.field).collect()
            }
            Body::Correlation(correlation) => {
                correlation.group_by.iter().flat_map(|key| &key.fields).collect::<Vec<_>>()
            }
            Body::Event(_) | Body::Sample(_) => Vec::new(),
        };
        self.names.extend(keys.into_iter().map(|field| (field.span, field.path.to_string())));
    }

    fn fate(&self, used: &Use, as_it_is: bool) -> Fate {
        if self.no_source {
            return Fate { outcome: Outcome::NoSource, becomes: Vec::new(), codes: vec![targets::NO_SOURCE] };
        }
        if let Some((_, code)) = self.refused.iter().find(|(span, _)| *span == used.span) {
            return Fate { outcome: Outcome::Unmapped, becomes: Vec::new(), codes: vec![*code] };
        }
        let at = self.names.iter().filter(|(span, _)| *span == used.span);
        let mut becomes: Vec<String> = at.map(|(_, name)| name.clone()).collect();
        if (as_it_is || used.field.taxonomy == Taxonomy::Ecs)
            && becomes.iter().any(|name| *name == used.field.path)
        {
            // Of a test of several fields each keeps its own name.
            becomes.retain(|name| *name == used.field.path);
        }
        Fate::of(Outcome::Exact, becomes, &self.losses, used.span)
    }
}

impl Fate {
    /// The fate that losses at a place make worse.
    fn of(outcome: Outcome, mut becomes: Vec<String>, losses: &[Loss], span: Span) -> Self {
        becomes.sort();
        becomes.dedup();
        let at = losses.iter().filter(|loss| loss.span == span && !is_of_source(loss.code));
        let codes: BTreeSet<Code> = at.map(|loss| loss.code).collect();
        let dropped = |code: &Code| matches!(*code, losses::EXCLUSION_DROPPED | losses::ALTERNATIVE_DROPPED);
        let outcome = if codes.iter().any(dropped) {
            Outcome::LeftOut
        } else if codes.is_empty() {
            outcome
        } else {
            Outcome::Approximate
        };
        Self { outcome, becomes, codes: codes.into_iter().collect() }
    }
}

/// Whether a loss is of a source as a whole, at whatever test it stands.
fn is_of_source(code: Code) -> bool {
    matches!(code, losses::APPROXIMATE_SOURCE | losses::SOURCE_COVERS_LESS | losses::SOURCE_COVERS_MORE)
}

/// The tests that a mapping adds to pick out the events of a source: those of a query that asks nothing.
fn marks(rule: &Rule, map: &EventMap, settings: &Settings) -> BTreeSet<String> {
    let asks_nothing = walk_rule(&mut Open, rule.clone());
    let Ok(mapped) = map_rule(&asks_nothing, map, settings) else { return BTreeSet::new() };
    let tests = mapped.rule.queries().into_iter().flat_map(|query| query.filter.tests()).map(text::test);
    tests.collect()
}

struct Open;

impl Fold for Open {
    fn query(&mut self, query: EventQuery) -> EventQuery {
        EventQuery { filter: Pred::Const(true), ..query }
    }
}

/// The rule without the tests and keys at these places.
fn without(rule: Rule, places: &BTreeSet<Span>) -> Rule {
    let mut rule = walk_rule(&mut Without { places }, rule);
    match &mut rule.body {
        Body::Sequence(sequence) => sequence.by.retain(|key| !places.contains(&key.field.span)),
        Body::Correlation(correlation) => {
            correlation.group_by.retain(|key| !key.fields.iter().any(|field| places.contains(&field.span)));
        }
        Body::Event(_) | Body::Sample(_) => {}
    }
    rule
}

struct Without<'a> {
    places: &'a BTreeSet<Span>,
}

impl Fold for Without<'_> {
    fn query(&mut self, query: EventQuery) -> EventQuery {
        let filter = self.rest(query.filter).unwrap_or(Pred::Const(true));
        EventQuery { filter, category: query.category }
    }
}

impl Without<'_> {
    /// What is left of a condition, whatever stands beside it; none if nothing is.
    fn rest(&self, pred: Pred) -> Option<Pred> {
        let each = |list: Vec<Pred>| {
            let rest: Vec<Pred> = list.into_iter().filter_map(|pred| self.rest(pred)).collect();
            (!rest.is_empty()).then_some(rest)
        };
        match pred {
            Pred::All(list) => each(list).map(Pred::All),
            Pred::Any(list) => each(list).map(Pred::Any),
            Pred::AtLeast(count, list) => each(list).map(|rest| Pred::AtLeast(count.min(rest.len()), rest)),
            Pred::Not(inner) => self.rest(*inner).map(Pred::not),
            Pred::Test(test) => (!self.places.contains(&test.span)).then_some(Pred::Test(test)),
            other => Some(other),
        }
    }
}
