//! The verifier must notice a broken backend: every test of every sample is negated, dropped or changed
//! between the legal rule and the output, steps are swapped, spans and keys changed, on every target.

use eqlc_backend::{Artifact, Backend, EventMap, Legal, ReadBack, Settings, Target, legalise};
use eqlc_diagnostics::Diagnostics;
use eqlc_driver::{Outcome, Registry, compile, relower};
use eqlc_ir::fold::{Fold, walk_rule};
use eqlc_ir::{Body, Case, Op, Pred, Rule, Taxonomy, Test};
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

    fn event_map(&self, settings: &Settings, from: &Taxonomy) -> Option<&EventMap> {
        self.sound.event_map(settings, from)
    }

    fn emit(&self, legal: &Legal, settings: &Settings) -> Result<Artifact, Diagnostics> {
        let broken = legalise(self.instead.clone(), legal.losses().to_vec(), self.target())?;
        self.sound.emit(&broken, settings)
    }

    fn read_back(&self, artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
        self.sound.read_back(artifact)
    }
}

/// Changes the test of one number, counted in order of writing.
struct Change {
    at: usize,
    seen: usize,
    how: Operator,
    done: bool,
}

impl Fold for Change {
    fn test(&mut self, test: Test) -> Pred {
        let here = self.seen == self.at;
        self.seen += 1;
        match (self.how)(test.clone()) {
            Some(changed) if here => {
                self.done = true;
                changed
            }
            _ => Pred::Test(test),
        }
    }
}

fn changed(rule: &Rule, at: usize, how: Operator) -> Option<Rule> {
    let mut change = Change { at, seen: 0, how, done: false };
    let changed = walk_rule(&mut change, rule.clone());
    change.done.then_some(changed)
}

fn other_case(test: Test) -> Option<Pred> {
    let op = match test.op {
        Op::Text(patterns, Case::Insensitive) => Op::Text(patterns, Case::Sensitive),
        Op::Text(patterns, Case::Sensitive) => Op::Text(patterns, Case::Insensitive),
        _ => return None,
    };
    Some(Pred::Test(Test { op, ..test }))
}

fn fewer_patterns(test: Test) -> Option<Pred> {
    let Op::Text(mut patterns, case) = test.op else { return None };
    (patterns.len() > 1).then(|| patterns.pop())?;
    Some(Pred::Test(Test { op: Op::Text(patterns, case), ..test }))
}

/// What becomes of a test; none where the change says nothing of it.
type Operator = fn(Test) -> Option<Pred>;

/// Every way to break a rule, named.
fn mutants(rule: &Rule) -> Vec<(String, Rule)> {
    let tests: usize = rule.queries().iter().map(|query| query.filter.tests().len()).sum();
    let operators: [(&str, Operator); 5] = [
        ("negate", |test| Some(Pred::Test(test).not())),
        ("drop", |_| Some(Pred::Const(true))),
        ("never", |_| Some(Pred::Const(false))),
        ("other letter case", other_case),
        ("fewer patterns", fewer_patterns),
    ];
    let mut found = Vec::new();
    for at in 0..tests {
        for (name, how) in operators {
            found.extend(changed(rule, at, how).map(|rule| (format!("{name} test {at}"), rule)));
        }
    }
    found.extend(body_mutants(rule));
    found
}

fn body_mutants(rule: &Rule) -> Vec<(String, Rule)> {
    let mut found = Vec::new();
    let mut add = |name: &str, change: &dyn Fn(&mut Body)| {
        let mut rule = rule.clone();
        change(&mut rule.body);
        found.push((name.to_owned(), rule));
    };
    match &rule.body {
        Body::Sequence(_) => {
            let with = |change: fn(&mut eqlc_ir::Sequence)| {
                move |body: &mut Body| {
                    if let Body::Sequence(sequence) = body {
                        change(sequence);
                    }
                }
            };
            add("swap the steps", &with(|sequence| sequence.steps.swap(0, 1)));
            add(
                "shorter span",
                &with(|sequence| {
                    sequence.maxspan_ms = Some(sequence.maxspan_ms.map_or(60_000, |ms| ms - 1000));
                }),
            );
            add(
                "drop the keys",
                &with(|sequence| {
                    sequence.by.clear();
                    sequence.steps.iter_mut().for_each(|step| step.by.clear());
                }),
            );
        }
        Body::Correlation(_) => {
            let with = |change: fn(&mut eqlc_ir::Correlation)| {
                move |body: &mut Body| {
                    if let Body::Correlation(correlation) = body {
                        change(correlation);
                    }
                }
            };
            add("swap the rules", &with(|correlation| correlation.rules.swap(0, 1)));
            add("longer span", &with(|correlation| correlation.timespan_ms += 1000));
            add(
                "drop a key",
                &with(|correlation| {
                    correlation.group_by.pop();
                }),
            );
        }
        _ => {}
    }
    found
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
