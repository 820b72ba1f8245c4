//! Witnesses of whole corpora: events made from a rule, read back and run as a user would run them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_driver::witness::{Change, Outcome, Search, Witness};
use eqlc_driver::{EventInput, Inputs, LoadOptions, LoadedRule, RunSettings, load, load_query, run_rules};
use eqlc_events::Event;
use eqlc_tests::generate::{self, Case};
use eqlc_tests::shared;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value as Json;

/// What became of the rules of a corpus.
#[derive(Default)]
struct Tally {
    found: usize,
    never: usize,
    /// Each rule without a witness and the reason.
    without: BTreeMap<String, String>,
    times: Vec<(Duration, String)>,
}

impl Tally {
    fn rules(&self) -> usize {
        self.times.len()
    }

    fn summary(&mut self) -> String {
        self.times.sort();
        let at = |per_mille: usize| {
            let place = (self.times.len() * per_mille / 1_000).min(self.times.len() - 1);
            self.times[place].0.as_secs_f64() * 1_000.0
        };
        let (slowest, name) = self.times.last().expect("a rule");
        format!(
            "{} rules: {} found, {} never, {} without; median {:.2} ms, p99 {:.2} ms, slowest {:.2} ms ({name})",
            self.times.len(),
            self.found,
            self.never,
            self.without.len(),
            at(500),
            at(990),
            slowest.as_secs_f64() * 1_000.0,
        )
    }
}

/// Whether the rule finds something in the events, written to a file and run as `eqlc run` does.
fn accepted(rule: &LoadedRule, witness: &Witness) -> bool {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    for event in &witness.events {
        writeln!(file, "{event}").expect("a line");
    }
    let (events, diagnostics) = EventInput::read(&[file.path().to_path_buf()]);
    assert_eq!(diagnostics, []);
    let settings = RunSettings { now: Some(Search::present()), ..RunSettings::default() };
    let mut out = Vec::new();
    let report = run_rules([&rule.rule], &events, &settings, &mut out).expect("output");
    report.matches > 0
}

fn tally(corpus: &str) -> Option<Tally> {
    let folder = shared(corpus)?;
    let units = load(&Inputs::rules(&[folder]).files, LoadOptions::default());
    let mut tally = Tally::default();
    for unit in &units {
        for rule in &unit.rules {
            let name = format!("{} {}", unit.input.relative.display(), rule.nth);
            let start = Instant::now();
            let outcome = Search::new().witness(&rule.rule);
            tally.times.push((start.elapsed(), name.clone()));
            match outcome {
                Outcome::Found(found) => {
                    assert!(found.iter().all(|witness| accepted(rule, witness)), "{name}");
                    tally.found += 1;
                }
                Outcome::Never(why) => {
                    tally.never += 1;
                    tally.without.insert(name, format!("never: {why:?}"));
                }
                Outcome::Unknown(reason) => {
                    tally.without.insert(name, reason.to_string());
                }
            }
        }
    }
    Some(tally)
}

/// Most of the rules of a corpus have a witness; those that do not are listed with the reason.
fn check(name: &str, corpus: &str, per_cent: usize) {
    let Some(mut tally) = tally(corpus) else { return };
    println!("{corpus}: {}", tally.summary());
    let mut list = String::new();
    for (name, reason) in &tally.without {
        writeln!(list, "{name}: {reason}").expect("a line");
    }
    let enough = (tally.found + tally.never) * 100 >= tally.rules() * per_cent;
    assert!(enough, "{} of {} rules have a witness\n{list}", tally.found, tally.rules());
    insta::assert_snapshot!(format!("without_{name}"), list);
}

#[test]
fn rules_of_elastic_have_witnesses() {
    check("elastic", "corpus/elastic-rules", 99);
}

#[test]
fn behaviour_rules_have_witnesses() {
    check("endpoint", "corpus/endpoint-rules", 95);
}

#[test]
fn rules_of_sigmahq_have_witnesses() {
    check("sigma", "corpus/sigma-rules", 99);
}

/// The rule of a random query.
fn random_rule(seed: u64) -> Option<LoadedRule> {
    let options = LoadOptions { schema: Some(generate::schema().into()), ..LoadOptions::default() };
    load_query(&Case::new(seed).query, options).rules.into_iter().next()
}

/// Whether a rule finds something in events.
fn matches(rule: &LoadedRule, events: &[Json]) -> bool {
    let events: Vec<Event> =
        events.iter().enumerate().filter_map(|(at, event)| Event::from_json(event.clone(), at)).collect();
    let options = RunOptions { now: Some(Search::present()), ..RunOptions::default() };
    reference::run(&rule.rule, &events, &options).is_ok_and(|found| !found.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// A witness is accepted, and what is proven never to match does not match events of the same values.
    #[test]
    fn random_rules_match_their_witness_or_nothing(seed: u64, others in vec(any::<u64>(), 12)) {
        let Some(rule) = random_rule(seed) else { return Ok(()) };
        match Search::new().witness(&rule.rule) {
            Outcome::Found(found) => {
                prop_assert!(found.iter().all(|witness| matches(&rule, &witness.events)), "{}", rule.ast);
            }
            Outcome::Never(why) => {
                for events in others.iter().chain([&seed]).map(|other| Case::new(*other).events) {
                    prop_assert!(!matches(&rule, &events), "{} {why:?}", rule.ast);
                }
            }
            Outcome::Unknown(_) => {}
        }
    }

    /// Near misses come with what the rule says of them, and tests that turn out otherwise make it not match.
    #[test]
    fn random_rules_say_of_near_misses_what_is_noted(seed: u64) {
        let Some(rule) = random_rule(seed) else { return Ok(()) };
        for probe in Search::new().steps(4_000).probes(&rule.rule) {
            prop_assert_eq!(matches(&rule, &probe.events), probe.matches, "{} {}", &rule.ast, &probe);
            prop_assert!(probe.change != Change::Flipped || !probe.matches);
        }
    }
}
