//! Laws of comparing rules, on the samples and on real rules.
//!
//! `EQLC_DIFF_STEP=1 cargo test -p eqlc-tests --test diff -- --nocapture` takes every rule of the corpora instead of one
//! of some, and prints how the pairs were decided.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eqlc_backend::{Loss, Settings};
use eqlc_driver::{
    Basis, Input, Inputs, LoadOptions, Only, Registry, Relation, RulesCompared, Unit, compile, diff_rules,
    load, load_bytes,
};
use eqlc_ir::Rule;
use eqlc_tests::mutants::mutants;
use eqlc_tests::{sample, sample_rules, shared};

/// One rule of so many is taken.
fn step(usual: usize) -> usize {
    std::env::var("EQLC_DIFF_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(usual)
}

fn units(folder: &Path) -> Vec<Unit> {
    load(&Inputs::rules(&[folder.to_path_buf()]).files, LoadOptions::default())
}

/// Rules of a corpus, one of so many.
fn rules(folder: &str, usual: usize) -> Option<Vec<Rule>> {
    let units = units(&shared(folder)?);
    let all = units.into_iter().flat_map(|unit| unit.rules).map(|loaded| loaded.rule);
    Some(all.step_by(step(usual)).collect())
}

fn registry() -> Registry {
    Registry::new().expect("the registry")
}

fn compared(left: &Rule, right: &Rule, registry: &Registry) -> RulesCompared {
    diff_rules(left, right, registry, false).expect("rules of one taxonomy")
}

/// How pairs were decided.
#[derive(Debug, Default)]
struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn add(&mut self, found: &RulesCompared) -> &'static str {
        let how = match (found.diff.relation(), found.diff.basis) {
            (Relation::Same, Basis::Structure) => "same by structure",
            (Relation::Same, _) => "same by proof",
            (Relation::Undecided, _) => "undecided",
            (_, Basis::Streams) => "separated by a stream that was tried",
            _ => "separated by an event that was looked for",
        };
        *self.0.entry(how.to_owned()).or_default() += 1;
        how
    }
}

#[test]
fn every_rule_means_the_same_as_itself() {
    let registry = registry();
    for folder in ["corpus/elastic-rules", "corpus/endpoint-rules", "corpus/sigma-rules"] {
        let Some(rules) = rules(folder, 1) else { return };
        assert!(rules.len() > 500);
        for rule in &rules {
            let found = compared(rule, rule, &registry);
            assert_eq!(
                (found.diff.relation(), found.diff.basis),
                (Relation::Same, Basis::Structure),
                "{}",
                rule.id
            );
        }
    }
}

/// What a mutant that nothing separates from its rule must be: proven to be the same.
fn notice_mutants(rules: &[Rule], registry: &Registry) -> Tally {
    let mut tally = Tally::default();
    for rule in rules {
        for (name, mutant) in mutants(rule) {
            let mutant = eqlc_ir::normalise(mutant);
            let found = compared(rule, &mutant, registry);
            let how = tally.add(&found);
            if how == "undecided" {
                println!("undecided: {} {name}", rule.meta.name);
            }
            mirrored(rule, &mutant, &found, registry);
        }
    }
    tally
}

/// What is found the other way round is the same.
fn mirrored(left: &Rule, right: &Rule, found: &RulesCompared, registry: &Registry) {
    let back = compared(right, left, registry).diff;
    let known = |only: &Only| std::mem::discriminant(only);
    assert_eq!(known(&found.diff.left_only), known(&back.right_only), "{}", left.id);
    assert_eq!(known(&found.diff.right_only), known(&back.left_only), "{}", left.id);
}

#[test]
fn a_changed_rule_is_told_from_the_rule() {
    let registry = registry();
    let samples: Vec<Rule> = sample_rules("toml").into_iter().map(|path| sample(path).0.rule).collect();
    let tally = notice_mutants(&samples, &registry);
    println!("samples: {tally:?}");
    // One sequence has a pattern for which the search makes no stream.
    assert!(tally.0.get("undecided").is_none_or(|undecided| *undecided <= 1), "{tally:?}");
    assert!(tally.0.values().sum::<usize>() > 100);
    for (folder, usual) in
        [("corpus/elastic-rules", 400), ("corpus/sigma-rules", 400), ("corpus/endpoint-rules", 700)]
    {
        let Some(rules) = rules(folder, usual) else { return };
        let tally = notice_mutants(&rules, &registry);
        println!("{folder}: {tally:?}");
        let undecided = tally.0.get("undecided").copied().unwrap_or(0);
        assert!(undecided * 20 <= tally.0.values().sum::<usize>(), "{folder}: {tally:?}");
    }
}

/// A difference without a loss of its direction is a bug of a compiler or of the comparison.
fn covered(found: &RulesCompared, losses: &[Loss]) -> bool {
    let [left, right] = &found.losses;
    let mapped =
        left.iter().map(|loss| loss.direction.negated()).chain(right.iter().map(|loss| loss.direction));
    let all: Vec<_> = mapped.chain(losses.iter().map(|loss| loss.direction)).collect();
    let extra = !matches!(found.diff.right_only, Only::Found(_)) || all.iter().any(|it| it.allows_extra());
    let missing = !matches!(found.diff.left_only, Only::Found(_)) || all.iter().any(|it| it.allows_missing());
    extra && missing
}

fn there_and_back(folder: &str, target: &str, settings: &Settings, usual: usize) -> Option<Tally> {
    let (registry, mut tally) = (registry(), Tally::default());
    let backend = registry.find(target).expect("a target");
    let mut uncovered = Vec::new();
    for rule in rules(folder, usual)? {
        let Ok(compiled) = compile(&rule, backend, settings) else { continue };
        let name = PathBuf::from(format!("output.{}", compiled.artifact.extension));
        let input = Input { path: Some(name.clone()), relative: name };
        let unit = load_bytes(input, compiled.artifact.text.as_bytes(), LoadOptions::default());
        let [output] = unit.rules.as_slice() else { panic!("{}: {:?}", rule.meta.name, unit.diagnostics) };
        let Ok(found) = diff_rules(&rule, &output.rule, &registry, false) else {
            *tally.0.entry("not comparable".to_owned()).or_default() += 1;
            continue;
        };
        let how = tally.add(&found);
        if how == "undecided" {
            println!("undecided: {target} {}", rule.meta.name);
        }
        if !covered(&found, &compiled.artifact.losses) {
            uncovered.push(format!("{} {:?}", rule.meta.name, found.diff.relation()));
        }
    }
    println!("{folder} to {target} and back: {tally:?}");
    assert_eq!(uncovered, Vec::<String>::new(), "{folder} to {target}");
    Some(tally)
}

#[test]
fn an_output_means_the_same_as_its_rule_or_has_losses() {
    let ecs = Settings { options: [("taxonomy".to_owned(), "ecs".to_owned())].into(), ..Settings::default() };
    for (folder, target, settings) in [
        ("corpus/elastic-rules", "elasticsearch", &Settings::default()),
        ("corpus/elastic-rules", "sigma", &ecs),
        ("corpus/elastic-rules", "sigma", &Settings::default()),
        ("corpus/sigma-rules", "elasticsearch", &Settings::default()),
        ("corpus/sigma-rules", "sigma", &Settings::default()),
    ] {
        let Some(tally) = there_and_back(folder, target, settings, 20) else { return };
        let undecided = tally.0.get("undecided").copied().unwrap_or(0);
        assert!(undecided * 20 <= tally.0.values().sum::<usize>(), "{folder} to {target}: {tally:?}");
    }
}
