//! Witnesses of whole corpora: events made from a rule, read back and run as a user would run them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use eqlc_driver::witness::{Outcome, Search, Witness};
use eqlc_driver::{EventInput, Inputs, LoadOptions, LoadedRule, RunSettings, load, run_rules};
use eqlc_tests::shared;

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

/// Most of the rules of a corpus have a witness; those that do not are listed.
fn check(corpus: &str, per_cent: usize) {
    let Some(mut tally) = tally(corpus) else { return };
    println!("{corpus}: {}", tally.summary());
    let mut list = String::new();
    for (name, reason) in &tally.without {
        writeln!(list, "{name}: {reason}").expect("a line");
    }
    println!("{list}");
    let enough = tally.found * 100 >= tally.rules() * per_cent;
    assert!(enough, "{} of {} rules have a witness", tally.found, tally.rules());
}

#[test]
fn rules_of_elastic_have_witnesses() {
    check("corpus/elastic-rules", 99);
}

#[test]
fn behaviour_rules_have_witnesses() {
    check("corpus/endpoint-rules", 95);
}

#[test]
fn rules_of_sigmahq_have_witnesses() {
    check("corpus/sigma-rules", 99);
}
