//! Verification of whole corpora on events made from their rules: no output disagrees, and recorded losses are shown.
//!
//! One rule in sixty; all of them where `EQLC_WHOLE_CORPUS` is set.

use std::collections::BTreeMap;

use eqlc_backend::Settings;
use eqlc_driver::{Chosen, Effort, Inputs, LoadOptions, Outcome, Proof, Registry, load, prove_rule};
use eqlc_tests::{sampled, shared};
use rayon::prelude::*;

/// Targets with the option that is not the usual one.
const COLUMNS: [(&str, Option<(&str, &str)>); 6] = [
    ("elasticsearch", None),
    ("sigma", None),
    ("sigma", Some(("taxonomy", "ecs"))),
    ("osquery", None),
    ("osquery", Some(("profile", "native"))),
    ("native", None),
];

#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<&'static str, usize>,
    shown: usize,
    doubtful: BTreeMap<String, usize>,
    disagree: Vec<String>,
}

impl Tally {
    fn share(&self) -> f64 {
        let doubtful: usize = self.doubtful.values().sum();
        100.0 * self.shown as f64 / (self.shown + doubtful).max(1) as f64
    }
}

fn verified(corpus: &str) -> Option<Tally> {
    let folder = shared(corpus)?;
    let units =
        load(&Inputs::rules(&[folder]).files, LoadOptions { unlinted: true, ..LoadOptions::default() });
    let rules: Vec<_> =
        units.iter().flat_map(|unit| unit.rules.iter().map(move |rule| (unit, rule))).collect();
    let registry = Registry::new().expect("the registry");
    let settings: Vec<Settings> = COLUMNS
        .iter()
        .map(|(_, option)| {
            let options = option.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Settings { options: options.collect(), ..Settings::default() }
        })
        .collect();
    let backends = COLUMNS.iter().map(|(target, _)| registry.find(target).expect("a target"));
    let chosen: Vec<Chosen<'_>> = backends.zip(&settings).collect();
    // Bounds that are the same on every machine.
    let effort = Effort { rule_time: None, streams: 600, ..Effort::default() };
    let rules = sampled(rules, 60);
    let reports: Vec<_> = rules
        .par_iter()
        .map(|(unit, rule)| prove_rule(&rule.rule, &chosen, &[], unit.schema.as_ref(), &effort))
        .collect();
    let mut tally = Tally::default();
    for ((unit, rule), report) in rules.iter().zip(reports) {
        for target in report.targets {
            *tally.outcomes.entry(target.outcome.name()).or_default() += 1;
            for judged in &target.losses {
                match judged.proof {
                    Proof::Shown { .. } => tally.shown += 1,
                    Proof::Doubtful { .. } => {
                        let what = format!("{} {} {}", target.target, judged.loss.code, judged.loss.why);
                        *tally.doubtful.entry(what).or_default() += 1;
                    }
                    Proof::NotNeeded | Proof::NotTried => {}
                }
            }
            if target.outcome == Outcome::Disagrees {
                let name = format!("{} {} {:?}", unit.input.relative.display(), rule.nth, target.options);
                tally.disagree.push(format!("{name} {}: {:#?}", target.target, target.failures));
            }
        }
    }
    Some(tally)
}

fn check(corpus: &str, shown: f64) {
    let Some(tally) = verified(corpus) else { return };
    println!("{corpus}: {:?}; {:.1} % of the losses shown", tally.outcomes, tally.share());
    for (what, count) in &tally.doubtful {
        println!("{count:>5}  {what}");
    }
    assert!(tally.disagree.is_empty(), "{}", tally.disagree.join("\n"));
    assert!(tally.share() >= shown, "{:.1} % of the losses shown", tally.share());
}

#[test]
fn outputs_of_elastics_rules_agree() {
    check("corpus/elastic-rules/rules", 80.0);
}

#[test]
fn outputs_of_behaviour_rules_agree() {
    check("corpus/endpoint-rules", 80.0);
}

#[test]
fn outputs_of_sigmahqs_rules_agree() {
    check("corpus/sigma-rules", 50.0);
}
