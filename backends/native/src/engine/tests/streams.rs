//! Streams of events in batches, on several threads, beside the reference.

use eqlc_ir::Literal;

use super::*;
use crate::engine::state::tests::generate;
use crate::engine::{Before, Detection, Looked};
use crate::reference::tests::random::Random;

/// A match as both evaluators tell it.
type Told = (Vec<Option<u64>>, Vec<Literal>);

fn told(found: &Detection) -> Told {
    let events = found.events.iter().map(|seen| seen.as_ref().map(|seen| seen.place.ordinal));
    (events.collect(), found.join_keys.clone())
}

/// What a session finds, batch by batch.
fn found(
    rules: &[(&Rule, &RunOptions)],
    events: &[Event<'static>],
    options: &StreamOptions,
    division: (usize, usize),
) -> Vec<Detection> {
    let (plan, refused) = Plan::new(rules);
    assert!(refused.is_empty());
    found_by(plan, events, options, division)
}

/// The same plan, written down and read again.
fn reread(rules: &[(&Rule, &RunOptions)]) -> Plan {
    let bytes = Plan::new(rules).0.to_bytes(rules).unwrap();
    let now = rules.first().and_then(|(_, options)| options.now);
    let (plan, refused) = Plan::from_bytes(&bytes, rules.len(), now).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    plan
}

fn texts_of(events: &[Event<'static>]) -> Vec<String> {
    events.iter().map(|event| serde_json::to_string(event.fields()).unwrap()).collect()
}

/// Texts with their places, counted from the first.
fn listed(texts: &[String]) -> Vec<(Place, &[u8])> {
    let place = |at: usize| Place { ordinal: at as u64, input: 0, line: at as u64 };
    texts.iter().enumerate().map(|(at, text)| (place(at), text.as_bytes())).collect()
}

fn found_by(
    plan: Plan,
    events: &[Event<'static>],
    options: &StreamOptions,
    (threads, batch): (usize, usize),
) -> Vec<Detection> {
    let mut session = Session::new(Arc::new(plan), options, threads);
    let texts = texts_of(events);
    let listed = listed(&texts);
    let (mut out, mut malformed) = (Vec::new(), Vec::new());
    for events in listed.chunks(batch) {
        session.batch(events, &mut out, &mut malformed);
    }
    session.finish(&mut out);
    assert!(malformed.is_empty());
    out
}

/// As [`found_by`], where scouts look at batches without knowing what stands before them, and in another order than that
/// of the events.
fn found_by_scouts(
    plan: Plan,
    events: &[Event<'static>],
    options: &StreamOptions,
    batch: usize,
) -> Vec<Detection> {
    let mut session = Session::new(Arc::new(plan), options, 2);
    let mut scouts = session.take_scouts();
    let texts = texts_of(events);
    let mut batches: Vec<(Before, Looked)> = texts
        .chunks(batch)
        .enumerate()
        .rev()
        .map(|(at, texts)| {
            let mut looked = Looked::default();
            scouts[at % 2].look(&listed(texts), &mut looked);
            let before = (at * batch) as u64;
            (Before { events: before, lines: before }, looked)
        })
        .collect();
    let (mut out, mut malformed) = (Vec::new(), Vec::new());
    for (before, looked) in batches.iter_mut().rev() {
        session.follow(looked, *before, &mut out, &mut malformed);
    }
    session.finish(&mut out);
    assert!(malformed.is_empty());
    out
}

#[test]
fn streams_give_what_the_reference_gives() {
    let cases: u64 = std::env::var("EQLC_STREAM_CASES").map_or(600, |text| text.parse().unwrap());
    let first: u64 = std::env::var("EQLC_STREAM_SEED").map_or(1, |text| text.parse().unwrap());
    let mut matches = 0;
    for seed in first..first + cases {
        let random = &mut Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut rules: Vec<(Rule, RunOptions)> = Vec::new();
        for _ in 0..4 {
            let (rule, options) = generate::rule_and_options(random);
            let same = rules.first().is_none_or(|(_, first)| {
                (first.now, first.max_samples_per_key) == (options.now, options.max_samples_per_key)
            });
            if same && reference::run(&rule, &[], &options).is_ok() {
                rules.push((rule, options));
            }
        }
        let events = generate::events(random);
        let Some((_, options)) = rules.first() else { continue };
        let options =
            StreamOptions { max_samples_per_key: options.max_samples_per_key, ..StreamOptions::default() };
        let listed: Vec<(&Rule, &RunOptions)> = rules.iter().map(|(rule, options)| (rule, options)).collect();
        let whole = found(&listed, &events, &options, (1, 1));
        for (at, (rule, options)) in listed.iter().enumerate() {
            let Ok(wanted) = reference::run(rule, &events, options) else { continue };
            let mut wanted: Vec<Told> = wanted
                .into_iter()
                .map(|found| {
                    let events = found.events.iter().map(|index| index.map(|index| index as u64));
                    (events.collect(), found.join_keys)
                })
                .collect();
            let of_rule = whole.iter().filter(|found| found.rule == at);
            let mut given: Vec<Told> = of_rule.map(told).collect();
            let order = |told: &Told| format!("{told:?}");
            wanted.sort_by_key(order);
            given.sort_by_key(order);
            matches += given.len();
            assert_eq!(given, wanted, "seed {seed}, rule {at}\n{rule:#?}");
        }
        for division in [(1, 3), (2, 1000), (3, 7)] {
            assert_eq!(found(&listed, &events, &options, division), whole, "seed {seed}, {division:?}");
        }
        assert_eq!(found_by(reread(&listed), &events, &options, (1, 1)), whole, "seed {seed}, reread");
        let (plan, _) = Plan::new(&listed);
        assert_eq!(found_by_scouts(plan, &events, &options, 3), whole, "seed {seed}, by scouts");
    }
    assert!(matches as u64 > cases, "{matches} matches are too few to tell");
}

#[test]
fn threads_share_a_large_batch_and_keep_the_order() {
    let options = RunOptions::default();
    let rules: Vec<Rule> = (0..4)
        .map(|at| {
            rule(Category::Any, crate::reference::testing::equal(crate::reference::testing::field("a"), at))
        })
        .collect();
    let listed: Vec<(&Rule, &RunOptions)> = rules.iter().map(|rule| (rule, &options)).collect();
    let events: Vec<Event<'static>> = (0..1000)
        .map(|at| Event::from_json(serde_json::json!({"a": [at % 4, at % 3]}), at).unwrap())
        .collect();
    let stream = StreamOptions::default();
    let whole = found(&listed, &events, &stream, (1, 1));
    let order: Vec<(u64, usize)> =
        whole.iter().map(|found| (found.events[0].as_ref().unwrap().place.ordinal, found.rule)).collect();
    assert!(order.is_sorted() && order.len() > 1700);
    for division in [(2, 1000), (3, 1000), (4, 300)] {
        assert_eq!(found(&listed, &events, &stream, division), whole, "{division:?}");
    }
}
