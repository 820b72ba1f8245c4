//! How many of Elastic's rules in EQL compile for osquery, by operating system and profile, and that every output
//! prepares on SQLite with all tables and functions of osquery.

use std::collections::BTreeMap;

use eqlc_backend::{Backend, Settings};
use eqlc_diagnostics::{Diagnostic, Span};
use eqlc_driver::{Inputs, LoadOptions, LoadedRule, Registry, Unit, compile, load};
use eqlc_ir::{
    Body, Comparison, EventQuery, FieldRef, FieldType, Literal, Op, Pred, Rule, Scalar, Taxonomy, normalise,
};
use eqlc_tests::osquery::Prepared;

const SYSTEMS: [&str; 3] = ["windows", "linux", "macos"];

/// The share of rules that must compile: system, profile, percent.
const BARS: [(&str, &str, f64); 4] = [
    ("windows", "sysmon", 95.5),
    ("windows", "native", 68.5),
    ("linux", "sysmon", 79.5),
    ("macos", "sysmon", 76.0),
];

fn corpus() -> Option<Vec<Unit>> {
    let folder = eqlc_tests::shared("corpus/elastic-rules")?;
    let inputs = Inputs::rules(&[folder]);
    assert_eq!(inputs.diagnostics, []);
    Some(load(&inputs.files, LoadOptions::default()))
}

fn queries(rule: &mut Rule) -> Vec<&mut EventQuery> {
    match &mut rule.body {
        Body::Event(query) => vec![query],
        Body::Sequence(sequence) => sequence.steps.iter_mut().map(|step| &mut step.query).collect(),
        Body::Sample(sample) => sample.terms.iter_mut().map(|term| &mut term.query).collect(),
        Body::Correlation(_) => Vec::new(),
    }
}

/// The systems that a rule is for: those it names, else that of its folder.
fn systems(unit: &Unit, rule: &LoadedRule) -> Vec<&'static str> {
    let folder = unit.input.relative.to_string_lossy().replace('\\', "/");
    let named = |system: &&str| {
        let names = |op: &Op| match op {
            Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str(text))) => text == system,
            Op::OneOf(items, _) => items.iter().any(|item| *item == Literal::Str((*system).into())),
            Op::Text(patterns, case) => patterns.iter().any(|pattern| pattern.matches(system, *case)),
            _ => false,
        };
        let tests = rule.rule.queries().into_iter().flat_map(|query| query.filter.tests());
        let mut of_system =
            tests.filter(|test| test.subject.as_field().is_some_and(|field| field.path == "host.os.type"));
        of_system.any(|test| names(&test.op))
    };
    let found: Vec<&str> = SYSTEMS.into_iter().filter(named).collect();
    if !found.is_empty() {
        return found;
    }
    SYSTEMS
        .into_iter()
        .filter(|system| {
            folder.split('/').any(|part| part == *system)
                || folder.rsplit('/').next().is_some_and(|name| name.contains(&format!("_{system}_")))
        })
        .collect()
}

/// The rule for one of its systems.
fn only_on(rule: &Rule, system: &str) -> Rule {
    let mut rule = rule.clone();
    let field = FieldRef {
        path: "host.os.type".into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span: Span::default(),
    };
    let op = Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str(system.into())));
    for query in queries(&mut rule) {
        let own = std::mem::replace(&mut query.filter, Pred::Const(true));
        let test = Pred::test(Scalar::Field(field.clone()), op.clone(), Span::default());
        query.filter = Pred::All(vec![test, own]);
    }
    normalise(rule)
}

#[derive(Default)]
struct Tally {
    exact: usize,
    lossy: usize,
    refused: usize,
    refusals: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn share(&self) -> f64 {
        let compiled = self.exact + self.lossy;
        100.0 * compiled as f64 / (compiled + self.refused).max(1) as f64
    }

    fn count(&mut self, rule: &Rule, backend: &dyn Backend, settings: &Settings, prepared: &Prepared) {
        match compile(rule, backend, settings) {
            Ok(compiled) => {
                let artifact = compiled.artifact;
                if artifact.losses.is_empty() {
                    self.exact += 1
                } else {
                    self.lossy += 1
                }
                if let Err(error) = prepared.prepare(&artifact.text) {
                    self.wrong.push(format!("{}: {error}\n{}", rule.meta.name, artifact.text));
                }
            }
            Err(refused) => {
                self.refused += 1;
                assert!(!refused.is_empty(), "{}", rule.meta.name);
                let sole = refused.len() == 1;
                for diagnostic in &refused {
                    *self.refusals.entry(reason(diagnostic, sole)).or_default() += 1;
                }
            }
        }
    }
}

fn reason(diagnostic: &Diagnostic, sole: bool) -> String {
    let message: String = diagnostic.message.chars().take(100).collect();
    format!("{} {message}{}", diagnostic.code, if sole { " (alone)" } else { "" })
}

#[test]
fn elastic_rules_compile_by_system_and_profile() {
    let Some(units) = corpus() else { return };
    let registry = Registry::new().expect("the backends");
    let backend = registry.find("osquery").expect("the target");
    let prepared = Prepared::new();
    let mut tallies: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    let mut without = 0;
    for unit in &units {
        for rule in &unit.rules {
            let systems = systems(unit, rule);
            without += usize::from(systems.is_empty());
            for (system, profile, _) in BARS {
                if systems.contains(&system) {
                    let mut settings = Settings::default();
                    settings.options.insert("profile".to_owned(), profile.to_owned());
                    let tally = tallies.entry((system, profile)).or_default();
                    tally.count(&only_on(&rule.rule, system), backend, &settings, &prepared);
                }
            }
        }
    }
    println!(
        "{:<10} {:<8} {:>6} {:>6} {:>6} {:>8} {:>11}",
        "system", "profile", "rules", "exact", "lossy", "refused", "compiled"
    );
    for ((system, profile), tally) in &tallies {
        let Tally { exact, lossy, refused, .. } = tally;
        println!(
            "{system:<10} {profile:<8} {:>6} {exact:>6} {lossy:>6} {refused:>8} {:>9.1} %",
            exact + lossy + refused,
            tally.share()
        );
    }
    println!("{without} rules name no host system");
    for ((system, profile), tally) in &tallies {
        let mut refusals: Vec<_> = tally.refusals.iter().collect();
        refusals.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        println!("\n{system} {profile}");
        for (refusal, count) in refusals.into_iter().take(60) {
            println!("{count:>5}  {refusal}");
        }
    }
    for (system, profile, bar) in BARS {
        let tally = &tallies[&(system, profile)];
        assert_eq!(tally.wrong, Vec::<String>::new());
        assert!(tally.share() >= bar, "{system}, {profile}: {:.1} %", tally.share());
    }
}
