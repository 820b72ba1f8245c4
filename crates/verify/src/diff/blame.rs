//! The tests of a rule that decide what it says of an event.

use eqlc_diagnostics::Span;
use eqlc_events::Event;
use eqlc_ir::{Body, Category, EventQuery, Metadata, Pred, Rule, text};
use serde_json::Value as Json;

use crate::engine;

/// A part of a rule that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decider {
    /// Where it was written.
    pub span: Span,
    /// What it says, in the IR's text form.
    pub text: String,
    /// Whether it holds of the event.
    pub holds: bool,
}

/// The most deciders of one rule.
const MAX_DECIDERS: usize = 8;
/// The most parts of a rule that are looked at.
const MAX_PARTS: usize = 2_000;

/// What decides in either rule, with regard to an event that one matches and the other does not: tests that the other
/// has too only where nothing else decides. Of rules over streams the tests that the other has not.
pub(super) fn deciders(left: &Rule, right: &Rule, events: &[Json]) -> [Vec<Decider>; 2] {
    let (found, single) = match (&left.body, &right.body, events) {
        (Body::Event(a), Body::Event(b), [event]) => {
            ([of_event(left, a, event), of_event(right, b, event)], true)
        }
        _ => ([of_stream(left), of_stream(right)], false),
    };
    let [a, b] = &found;
    let parts = |rule: &Rule| -> Vec<String> {
        let tests = rule.queries().into_iter().flat_map(|query| query.filter.tests());
        tests.map(text::test).collect()
    };
    [own(a, &parts(right), single), own(b, &parts(left), single)]
}

fn own(found: &[Decider], others: &[String], single: bool) -> Vec<Decider> {
    let mut kept: Vec<Decider> = found.iter().filter(|it| !others.contains(&it.text)).cloned().collect();
    if kept.is_empty() && single {
        kept = found.to_vec();
    }
    kept.truncate(MAX_DECIDERS);
    kept
}

fn of_stream(rule: &Rule) -> Vec<Decider> {
    let tests = rule.queries().into_iter().flat_map(|query| query.filter.tests());
    tests.map(|test| Decider { span: test.span, text: text::test(test), holds: true }).collect()
}

fn of_event(rule: &Rule, query: &EventQuery, event: &Json) -> Vec<Decider> {
    let mut asking = Asking { rule, event, left: MAX_PARTS };
    let category = EventQuery { category: query.category.clone(), filter: Pred::Const(true) };
    if !asking.matches(category) {
        let (span, text) = match &query.category {
            Category::OneOf(names) => (
                names.first().map_or_else(Span::default, |name| name.span),
                names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(", "),
            ),
            Category::LogSource(source) => (Span::default(), source.to_string()),
            Category::Any => (Span::default(), "any".to_owned()),
        };
        return vec![Decider { span, text, holds: false }];
    }
    let mut found = Vec::new();
    asking.walk(&query.filter, &mut found);
    found
}

struct Asking<'a> {
    rule: &'a Rule,
    event: &'a Json,
    left: usize,
}

impl Asking<'_> {
    fn matches(&mut self, query: EventQuery) -> bool {
        self.left = self.left.saturating_sub(1);
        let meta = Metadata {
            timestamp_field: self.rule.meta.timestamp_field.clone(),
            event_category_override: self.rule.meta.event_category_override.clone(),
            ..Metadata::default()
        };
        let rule = Rule { id: String::new(), meta: meta.into(), body: Body::Event(query), pipes: Vec::new() };
        let events: Vec<Event> = Event::borrowed(self.event, 0).into_iter().collect();
        engine::Evaluator::of(&rule).run(&events).is_ok_and(|found| !found.is_empty())
    }

    fn holds(&mut self, pred: &Pred) -> bool {
        self.left > 0 && self.matches(EventQuery { category: Category::Any, filter: pred.clone() })
    }

    /// The tests because of which a condition holds, or does not.
    fn walk(&mut self, pred: &Pred, found: &mut Vec<Decider>) {
        let holds = self.holds(pred);
        match pred {
            Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
                for inner in list {
                    if self.holds(inner) == holds {
                        self.walk(inner, found);
                    }
                }
            }
            Pred::Not(inner) => self.walk(inner, found),
            Pred::Test(test) => {
                found.push(Decider { span: test.span, text: text::test(test), holds });
            }
            Pred::Anywhere(anywhere) => {
                found.push(Decider { span: anywhere.span, text: text::pred(pred).trim().to_owned(), holds });
            }
            Pred::Element(element) => {
                let tests = element.pred.tests();
                let span = tests.first().map_or(element.array.span, |test| test.span);
                found.push(Decider { span, text: text::pred(pred).trim().to_owned(), holds });
            }
            Pred::Const(_) | Pred::Descendant(_) => {}
        }
    }
}
