//! Plans as bytes: the same for the same rules, and nothing that bytes can do to who reads them.

use proptest::prelude::*;

use super::*;
use crate::engine::state::tests::generate;
use crate::reference::tests::random::Random;

/// Rules of all kinds, some over several events, and events for them.
fn some(seed: u64, count: usize) -> (Vec<(Rule, RunOptions)>, Vec<Event<'static>>) {
    let random = &mut Random::new(seed);
    let now = Some(eqlc_events::Timestamp::from_nanos(0));
    let mut rules = Vec::new();
    while rules.len() < count {
        let (rule, options) = generate::rule_and_options(random);
        let options = RunOptions { now, ..options };
        if reference::run(&rule, &[], &options).is_ok() {
            rules.push((rule, options));
        }
    }
    (rules, generate::events(random))
}

fn listed(rules: &[(Rule, RunOptions)]) -> Vec<(&Rule, &RunOptions)> {
    rules.iter().map(|(rule, options)| (rule, options)).collect()
}

fn bytes(rules: &[(Rule, RunOptions)]) -> Vec<u8> {
    let rules = listed(rules);
    Plan::new(&rules).0.to_bytes(&rules).unwrap()
}

/// Reads bytes that may be anything, and runs what they are.
fn survives(bytes: &[u8], rules: usize, events: &[Event<'static>]) {
    let Ok((plan, _)) = Plan::from_bytes(bytes, rules, None) else { return };
    let mut session = Session::new(Arc::new(plan), &StreamOptions::default(), 1);
    let texts: Vec<String> =
        events.iter().map(|event| serde_json::to_string(event.fields()).unwrap()).collect();
    let place = |at: usize| Place { ordinal: at as u64, input: 0, line: at as u64 };
    let batch: Vec<(Place, &[u8])> =
        texts.iter().enumerate().map(|(at, text)| (place(at), text.as_bytes())).collect();
    let mut out = Vec::new();
    session.batch(&batch, &mut out, &mut Vec::new());
    session.finish(&mut out);
    assert!(out.iter().all(|found| found.rule < rules));
    let _ = (session.stats(), session.explain());
}

#[test]
fn the_same_rules_give_the_same_bytes() {
    let (rules, _) = some(1, 40);
    let first = bytes(&rules);
    for _ in 0..3 {
        assert_eq!(bytes(&rules), first);
    }
    let (plan, _) = Plan::from_bytes(&first, rules.len(), rules[0].1.now).unwrap();
    assert_eq!(plan.to_bytes(&listed(&rules)).unwrap(), first, "what is read is written the same");
}

/// Whoever changes what is written down of a plan, or what is made of a rule, has to raise the version of the format:
/// a plan of the version before would be misread.
#[test]
fn the_layout_is_that_of_the_version() {
    let (rules, _) = some(7, 12);
    let bytes = bytes(&rules);
    insta::assert_snapshot!(
        format!("format {}: {} bytes, {:08x}", crate::file::VERSION, bytes.len(), crc32fast::hash(&bytes)),
        @"format 1: 3114 bytes, 57397640"
    );
}

#[test]
fn no_changed_byte_and_no_truncation_harms_the_reader() {
    let (rules, events) = some(3, 4);
    let whole = bytes(&rules);
    for at in 0..whole.len() {
        survives(&whole[..at], rules.len(), &[]);
        for change in [1, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            survives(&bytes, rules.len(), &events[..events.len().min(4)]);
        }
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    // Nothing but conditions inside conditions: each byte opens one.
    for byte in 0..=16 {
        survives(&vec![byte; 200_000], 1, &[]);
    }
}

#[test]
fn a_plan_of_more_rules_than_there_are_is_refused() {
    let (rules, _) = some(5, 4);
    let bytes = bytes(&rules);
    assert!(Plan::from_bytes(&bytes, rules.len(), None).is_ok());
    assert!(Plan::from_bytes(&bytes, 0, None).is_err());
    assert!(Plan::from_bytes(&[bytes.as_slice(), &[0]].concat(), rules.len(), None).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        survives(&bytes, 3, &[]);
    }

    #[test]
    fn bytes_changed_in_several_places_are_survived(
        seed in 0u64..20,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        moved in any::<bool>(),
    ) {
        let (rules, events) = some(seed, 5);
        let mut bytes = bytes(&rules);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if moved {
            let at = cut.index(bytes.len());
            bytes.rotate_left(at);
        }
        survives(&bytes, rules.len(), &events[..events.len().min(6)]);
    }
}
