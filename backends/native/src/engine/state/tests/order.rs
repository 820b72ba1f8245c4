//! The order of arrival matters only among events of the same time and tie-breaker.

use std::sync::Arc;

use eqlc_events::Event;
use eqlc_ir::{Body, Pred};
use serde_json::json;

use super::generate;
use super::harness::{of_rule, reference, stream};
use crate::engine::StreamOptions;
use crate::engine::state::{Entry, Found, Machines, Plan};
use crate::reference::RunOptions;
use crate::reference::testing::{equal, events, field, query, rule};
use crate::reference::tests::random::Random;

fn shuffled(random: &mut Random, events: &[Event<'static>]) -> Vec<(usize, Event<'static>)> {
    let mut all: Vec<(usize, Event)> = events.iter().cloned().enumerate().collect();
    for at in (1..all.len()).rev() {
        all.swap(at, usize::try_from(random.below(at as u64 + 1)).unwrap());
    }
    all
}

/// Events with times that all differ.
fn apart(events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let apart = events.into_iter().enumerate().map(|(at, event)| {
        let mut fields = event.into_fields();
        let time = fields.get("@timestamp").and_then(serde_json::Value::as_f64);
        let time = time.unwrap_or(0.0) * 100.0 + f64::from(u32::try_from(at).unwrap());
        fields.insert("@timestamp".to_owned(), serde_json::json!(time));
        Event::new(fields, at, at + 1)
    });
    apart.collect()
}

#[test]
fn a_permuted_stream_gives_the_same_matches() {
    let mut total = 0;
    for seed in 0..400 {
        let random = &mut Random::new(seed);
        let (mut rule, options) = generate::rule_and_options(random);
        // A sample takes the events that arrive first, whenever they happened.
        if !Plan::takes(&rule, &options) || matches!(rule.body, Body::Sample(_)) {
            continue;
        }
        if let Body::Sequence(sequence) = &mut rule.body {
            sequence.maxspan_ms = sequence.maxspan_ms.map(|span| span * 100);
        }
        let events = apart(generate::events(random));
        let found = |events: &[Event<'static>], parts| {
            stream(&[(&rule, &options)], events, &StreamOptions::default(), parts).map(|(found, _)| found)
        };
        let Ok(wanted) = found(&events, 1) else { continue };
        total += wanted.len();
        let permuted = shuffled(random, &events);
        let (places, permuted): (Vec<usize>, Vec<Event>) = permuted.into_iter().unzip();
        for parts in 1..4 {
            let mut found = of_rule(&found(&permuted, parts).unwrap(), 0);
            for (events, _) in &mut found {
                events.iter_mut().flatten().for_each(|event| *event = places[*event]);
            }
            assert_eq!(found, of_rule(&wanted, 0), "seed {seed} in {parts} parts");
        }
    }
    assert!(total > 500, "{total} matches are too few to tell");
}

#[test]
fn events_without_time_come_last_in_the_order_of_their_tie_breakers() {
    let above = Pred::Descendant(Box::new(query(equal(field("is"), "a"))));
    let rule = rule(Body::Event(query(above)));
    let options = RunOptions { tiebreaker_field: Some("tie".to_owned()), ..RunOptions::default() };
    let events = events(json!([
        {"process.entity_id": "q", "process.parent.entity_id": "p"},
        {"process.entity_id": "r", "process.parent.entity_id": "p", "tie": 2},
        {"process.entity_id": "s", "process.parent.entity_id": "p", "tie": 1},
        {"process.entity_id": "p", "is": "a", "tie": 1},
        {"@timestamp": 1, "process.entity_id": "t", "process.parent.entity_id": "p"}
    ]));
    let (found, _) = stream(&[(&rule, &options)], &events, &StreamOptions::default(), 1).unwrap();
    let found = of_rule(&found, 0);
    assert_eq!(found.iter().map(|(events, _)| events[0].unwrap()).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(found, reference(&rule, &options, &events).unwrap());
}

#[test]
fn parts_can_be_followed_by_threads_of_their_own() {
    fn sent<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    sent::<Machines>();
    sent::<Vec<Found>>();
    shared::<Arc<Plan>>();
    shared::<Arc<Entry>>();
    // The compiler has said all there is to say; one part of many follows its own share only.
    let random = &mut Random::new(3);
    let (rule, options) = generate::rule_and_options(random);
    assert!(stream(&[(&rule, &options)], &[], &StreamOptions::default(), 3).unwrap().0.is_empty());
}
