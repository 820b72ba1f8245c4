//! Machines find what the reference finds.
//!
//! `EQLC_MACHINE_CASES` and `EQLC_MACHINE_SEED` say how many cases and from which one on.

use super::generate;
use super::harness::{by_rule, in_order, of_rule, reference, sorted, stream};
use crate::engine::StreamOptions;
use crate::engine::state::Plan;
use crate::reference::tests::random::Random;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn random_rules_find_what_the_reference_finds() {
    let (cases, first) = (number("EQLC_MACHINE_CASES", 3_000), number("EQLC_MACHINE_SEED", 1));
    let (mut found, mut refused) = (0, 0);
    for seed in first..first + cases {
        match agrees(seed) {
            Some(count) => found += count,
            None => refused += 1,
        }
    }
    println!("{cases} cases from {first} on: {found} matches, {refused} rules refused by both");
    assert!(found as u64 > cases, "{found} matches are too few to tell");
    assert!(refused * 4 < cases, "{refused} rules were refused");
}

/// How many matches there were; none if the rule is refused.
fn agrees(seed: u64) -> Option<usize> {
    let random = &mut Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let (rule, options) = generate::rule_and_options(random);
    let events = generate::events(random);
    let max_samples_per_key = options.max_samples_per_key;
    let to_the_end = StreamOptions { max_samples_per_key, ..StreamOptions::default() };
    let wanted = reference(&rule, &options, &events);
    let machines = |events: &[_], stream_options: &StreamOptions, parts| {
        stream(&[(&rule, &options)], events, stream_options, parts)
    };
    let shown = || format!("seed {seed}\n{rule:#?}\n{options:?}\n{}", shown(&events));
    let (wanted, (given, _)) = match (wanted, machines(&events, &to_the_end, 1)) {
        (Ok(wanted), Ok(given)) => (wanted, given),
        (Err(wanted), Err(given)) => {
            assert_eq!(wanted, given, "{}", shown());
            return None;
        }
        (wanted, given) => panic!("{wanted:?} but {given:?}\n{}", shown()),
    };
    if !Plan::takes(&rule, &options) {
        // The matcher alone finds it, and says so at once.
        assert_eq!(sorted(of_rule(&given, 0)), sorted(wanted), "to the end: {}", shown());
        return Some(given.len());
    }
    assert_eq!(of_rule(&given, 0), wanted, "to the end: {}", shown());
    let (given, _) = machines(&events, &to_the_end, 3).unwrap();
    assert_eq!(of_rule(&given, 0), wanted, "in parts: {}", shown());
    // Waiting longer than any event is late finds the same, in another order.
    let waiting = StreamOptions { disorder_ms: Some(9), ..to_the_end.clone() };
    let (given, left) = machines(&events, &waiting, 1).unwrap();
    assert_eq!((sorted(of_rule(&given, 0)), left.late), (sorted(wanted.clone()), 0), "waiting: {}", shown());
    // In order nothing has to wait, in whatever parts.
    let ordered = in_order(&events, &options);
    let wanted = reference(&rule, &options, &ordered).unwrap();
    let at_once = StreamOptions { disorder_ms: Some(0), ..to_the_end };
    let (whole, left) = machines(&ordered, &at_once, 1).unwrap();
    assert_eq!((sorted(of_rule(&whole, 0)), left.late), (sorted(wanted.clone()), 0), "at once: {}", shown());
    let (parts, _) = machines(&ordered, &at_once, 2).unwrap();
    assert_eq!(by_rule(&parts), by_rule(&whole), "at once, in parts: {}", shown());
    Some(wanted.len())
}

fn shown(events: &[eqlc_events::Event]) -> String {
    let lines = events.iter().enumerate();
    lines.map(|(at, event)| format!("{at}: {}\n", serde_json::to_string(event.fields()).unwrap())).collect()
}

#[test]
fn many_rules_at_once_find_what_each_finds_alone() {
    for seed in 0..60 {
        let random = &mut Random::new(seed);
        let mut rules: Vec<_> = (0..12).map(|_| generate::rule_and_options(random)).collect();
        let events = generate::events(random);
        rules.retain(|(rule, options)| {
            Plan::takes(rule, options) && reference(rule, options, &events).is_ok()
        });
        rules.iter_mut().for_each(|(_, options)| options.max_samples_per_key = 2);
        let listed: Vec<_> = rules.iter().map(|(rule, options)| (rule, options)).collect();
        let options = StreamOptions { max_samples_per_key: 2, ..StreamOptions::default() };
        for parts in [1, 4] {
            let (found, _) = stream(&listed, &events, &options, parts).unwrap();
            for (at, (rule, options)) in rules.iter().enumerate() {
                assert_eq!(of_rule(&found, at), reference(rule, options, &events).unwrap(), "seed {seed}");
            }
        }
    }
}
