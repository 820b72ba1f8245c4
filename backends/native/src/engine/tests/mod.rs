//! The evaluator beside the reference.

mod generated;
mod shapes;
mod stored;
mod streams;

use std::sync::Arc;

use eqlc_events::Event;
use eqlc_ir::{Body, Category, EventQuery, Pred, Rule};
use serde_json::Value as Json;

use super::{Place, Plan, Session, StreamOptions};
use crate::reference::{self, RunOptions};

fn rule(category: Category, filter: Pred) -> Rule {
    let body = Body::Event(EventQuery { category, filter });
    Rule { id: String::new(), meta: Default::default(), body, pipes: Vec::new() }
}

/// For each rule the events that match, by both evaluators.
fn both(rules: &[Rule], events: &[String], options: &RunOptions) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let pairs: Vec<_> = rules.iter().map(|rule| (rule, options)).collect();
    let (plan, refused) = Plan::new(&pairs);
    assert!(refused.is_empty(), "{refused:?}");
    let mut session = Session::new(Arc::new(plan), &StreamOptions::default(), 1);
    let mut fast = vec![Vec::new(); rules.len()];
    let mut out = Vec::new();
    for (at, text) in events.iter().enumerate() {
        out.clear();
        let place = Place { ordinal: at as u64, input: 0, line: at as u64 };
        session.event(text.as_bytes(), place, &mut out).unwrap();
        out.iter().for_each(|found| fast[found.rule].push(at));
    }
    let read = |(at, text): (usize, &String)| {
        let json: Json = serde_json::from_str(text).unwrap();
        Event::from_json(json, at).unwrap()
    };
    let events: Vec<Event<'static>> = events.iter().enumerate().map(read).collect();
    let slow = rules.iter().map(|rule| {
        let found = reference::run(rule, &events, options).unwrap();
        let mut found: Vec<usize> = found.iter().filter_map(|found| found.events[0]).collect();
        found.sort_unstable();
        found
    });
    (fast, slow.collect())
}
