//! The verifier must notice a broken backend: every test of every sample is negated, dropped or changed
//! between the legal rule and the output, steps are swapped, spans and keys changed, on every target.

use eqlc_backend::{Artifact, Backend, EventMap, Legal, ReadBack, Settings, Target, legalise};
use eqlc_diagnostics::Diagnostics;
use eqlc_driver::{Outcome, Registry, compile, relower};
use eqlc_ir::Rule;
use eqlc_tests::mutants::mutants;
use eqlc_tests::sample;
use eqlc_verify::{Subject, agree};

/// A backend that emits another rule than it was given.
struct Broken<'a> {
    sound: &'a dyn Backend,
    instead: Rule,
}

impl Backend for Broken<'_> {
    fn target(&self) -> &Target {
        self.sound.target()
    }

    fn event_map(&self, settings: &Settings, rule: &Rule) -> Option<&EventMap> {
        self.sound.event_map(settings, rule)
    }

    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics> {
        let broken = legalise(self.instead.clone(), legal.losses().to_vec(), self.target())?;
        self.sound.emit(&broken, settings)
    }

    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
        self.sound.read_back(artifact)
    }
}

/// Fields whose values a source always writes in one letter case, so that a test with regard to it and one
/// without are the same test there. Where the output lowers again (Sigma) the change shows all the same.
const ONE_CASE: [&str; 4] = ["Initiated", "DestinationIsIpv6", "DestinationPortName", "ImageSignature"];

fn is_equivalent(name: &str, rule: &Rule) -> bool {
    let Some(at) = name.strip_prefix("other letter case test ").and_then(|at| at.parse::<usize>().ok())
    else {
        return false;
    };
    let queries = rule.queries();
    let test = queries.iter().flat_map(|query| query.filter.tests()).nth(at);
    test.and_then(|test| test.subject.as_field()).is_some_and(|field| ONE_CASE.contains(&field.path.as_str()))
}

#[test]
fn every_broken_output_is_noticed() {
    let registry = Registry::new().expect("the registry");
    let settings = Settings::default();
    let mut survived = Vec::new();
    let mut tally = std::collections::BTreeMap::<String, (usize, usize)>::new();
    for path in eqlc_tests::sample_rules("toml") {
        let (rule, streams) = sample(path);
        for sound in registry.iter() {
            let legal = compile(&rule.rule, sound, &settings).expect("the samples compile").legal;
            let count = tally.entry(sound.target().id.clone()).or_default();
            for (name, instead) in mutants(legal.rule()) {
                let broken = Broken { sound, instead };
                // A mutant that the target cannot hold is no output.
                let Ok(artifact) = broken.emit(&legal, &settings) else { continue };
                let subject = Subject {
                    rule: &rule.rule,
                    legal: &legal,
                    artifact: &artifact,
                    backend: &broken,
                    settings: &settings,
                };
                let report = agree(subject, &streams, &relower);
                count.0 += 1;
                if report.outcome == Outcome::Disagrees {
                    count.1 += 1;
                } else if !is_equivalent(&name, legal.rule()) {
                    survived.push(format!("{} {}: {name}", rule.rule.meta.name, sound.target().id));
                }
            }
        }
    }
    println!("mutants and those noticed: {tally:?}");
    assert_eq!(survived, Vec::<String>::new());
    assert!(tally.values().all(|(made, _)| *made > 50), "{tally:?}");
}
