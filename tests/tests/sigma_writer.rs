//! Rules of Elastic in Sigma: how many compile in each taxonomy, how exactly, and why others do not. Every output keeps
//! to the JSON schemas of the specification.

use std::collections::BTreeMap;

use eqlc_backend::{Backend, Settings};
use eqlc_diagnostics::codes::losses;
use eqlc_diagnostics::{Diagnostics, Severity};
use eqlc_driver::{Inputs, LoadOptions, LoadedRule, Registry, compile, load};
use jsonschema::Validator;
use serde_json::Value;

/// How many rules went which way.
#[derive(Clone, Copy, Default)]
struct Tally {
    all: usize,
    exact: usize,
    /// With losses, none of them a test that is left out.
    approximate: usize,
    /// Without an exclusion that the taxonomy has no field for.
    dropped: usize,
    refused: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.exact += other.exact;
        self.approximate += other.approximate;
        self.dropped += other.dropped;
        self.refused += other.refused;
    }

    /// Percent of rules that compile with every test in some form.
    fn whole(&self) -> f64 {
        percent(self.exact + self.approximate, self.all)
    }

    /// Percent of rules that compile.
    fn compiled(&self) -> f64 {
        percent(self.exact + self.approximate + self.dropped, self.all)
    }

    fn line(&self, taxonomy: &str, os: &str) -> String {
        let Self { all, exact, approximate, dropped, refused } = self;
        format!(
            "{taxonomy:<8} {os:<8} {all:>6} {exact:>6} {approximate:>12} {dropped:>8} {refused:>8} {:>7.1} % {:>9.1} %",
            self.whole(),
            self.compiled()
        )
    }
}

fn percent(part: usize, all: usize) -> f64 {
    100.0 * part as f64 / all.max(1) as f64
}

/// The operating system of a rule, from its tags.
fn os(rule: &LoadedRule) -> &'static str {
    let tags = &rule.rule.meta.tags;
    let named: Vec<&str> = [("OS: Windows", "windows"), ("OS: Linux", "linux"), ("OS: macOS", "macos")]
        .into_iter()
        .filter(|(tag, _)| tags.iter().any(|own| own == tag))
        .map(|(_, os)| os)
        .collect();
    match named.as_slice() {
        [] => "none",
        [only] => only,
        _ => "several",
    }
}

/// The rules of the collection that are in EQL.
fn corpus() -> Option<Vec<LoadedRule>> {
    let folder = eqlc_tests::shared("corpus/elastic-rules")?;
    let inputs = Inputs::rules(&[folder]);
    assert_eq!(inputs.diagnostics, []);
    let units = load(&inputs.files, LoadOptions::default());
    for unit in &units {
        let errors = unit.diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
        assert_eq!(errors, 0, "{:?}", unit.diagnostics);
    }
    Some(units.into_iter().flat_map(|unit| unit.rules).collect())
}

/// The schemas of the specification.
struct Schemas {
    rule: Validator,
    correlation: Validator,
}

impl Schemas {
    fn load() -> Option<Self> {
        let folder = eqlc_tests::shared("data/sigma-json-schema")?;
        let schema = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).expect("a schema");
            let schema: Value = serde_json::from_str(&text).expect("JSON");
            jsonschema::validator_for(&schema).expect("a schema")
        };
        Some(Self {
            rule: schema("sigma-detection-rule-schema.json"),
            correlation: schema("sigma-correlation-rules-schema.json"),
        })
    }

    /// What the schemas say of a file.
    fn errors(&self, text: &str) -> Vec<String> {
        let documents = text.split("\n---\n").map(|document| {
            let value: Value = serde_yaml::from_str(document).expect("YAML");
            let schema = if value.get("correlation").is_some() { &self.correlation } else { &self.rule };
            schema.iter_errors(&value).map(|error| error.to_string()).collect::<Vec<_>>()
        });
        documents.flatten().collect()
    }
}

/// The rules in one taxonomy.
#[derive(Default)]
struct Run {
    by_os: BTreeMap<&'static str, Tally>,
    /// How many rules are refused with each code, and how many of them with no other.
    codes: BTreeMap<String, (usize, usize)>,
    /// What the schemas say of the outputs.
    invalid: Vec<String>,
}

impl Run {
    fn of(rules: &[LoadedRule], backend: &dyn Backend, taxonomy: &str, schemas: Option<&Schemas>) -> Self {
        let mut settings = Settings::default();
        settings.options.insert("taxonomy".to_owned(), taxonomy.to_owned());
        let mut run = Self::default();
        for rule in rules {
            let tally = run.by_os.entry(os(rule)).or_default();
            tally.all += 1;
            match compile(&rule.rule, backend, &settings) {
                Ok(compiled) => {
                    let losses = &compiled.artifact.losses;
                    if losses.is_empty() {
                        tally.exact += 1;
                    } else if losses.iter().any(|loss| loss.code == losses::EXCLUSION_DROPPED) {
                        tally.dropped += 1;
                    } else {
                        tally.approximate += 1;
                    }
                    let errors =
                        schemas.map_or_else(Vec::new, |schemas| schemas.errors(&compiled.artifact.text));
                    let name = &rule.rule.meta.name;
                    run.invalid.extend(errors.into_iter().map(|error| format!("{name}: {error}")));
                }
                Err(diagnostics) => {
                    tally.refused += 1;
                    run.refusal(&diagnostics);
                }
            }
        }
        run
    }

    fn refusal(&mut self, diagnostics: &Diagnostics) {
        let mut codes: Vec<String> = diagnostics.iter().map(|one| one.code.to_string()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert!(!codes.is_empty(), "a refusal without a code");
        for code in &codes {
            assert!(code.starts_with("E4"), "{code} is no code of refusals by targets");
            let (all, alone) = self.codes.entry(code.clone()).or_default();
            *all += 1;
            *alone += usize::from(codes.len() == 1);
        }
    }

    fn whole(&self) -> Tally {
        let mut whole = Tally::default();
        self.by_os.values().for_each(|tally| whole.add(*tally));
        whole
    }

    fn table(&self, taxonomy: &str) -> String {
        let mut lines: Vec<String> = self.by_os.iter().map(|(os, tally)| tally.line(taxonomy, os)).collect();
        lines.push(self.whole().line(taxonomy, "all"));
        lines.join("\n")
    }

    fn codes(&self) -> String {
        let line = |(code, (all, alone)): (&String, &(usize, usize))| format!("{code} {all} ({alone} alone)");
        self.codes.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn most_rules_have_a_form_in_each_taxonomy() {
    let Some(rules) = corpus() else { return };
    let registry = Registry::new().expect("the backends");
    let backend = registry.find("sigma").expect("the backend");
    let schemas = Schemas::load();
    let ecs = Run::of(&rules, backend, "ecs", schemas.as_ref());
    let sigma = Run::of(&rules, backend, "sigma", schemas.as_ref());
    let table = format!(
        "taxonomy os        rules  exact  approximate  dropped  refused     whole   compiled\n{}\n{}",
        ecs.table("ecs"),
        sigma.table("sigma")
    );
    eprintln!("{table}");
    assert_eq!(ecs.invalid, Vec::<String>::new());
    assert_eq!(sigma.invalid, Vec::<String>::new());
    insta::assert_snapshot!(format!(
        "{table}\n\nrefused in ecs:\n{}\n\nrefused in sigma:\n{}",
        ecs.codes(),
        sigma.codes()
    ));
    assert!(ecs.whole().compiled() >= 97.0, "{table}");
    assert!(sigma.whole().whole() >= 66.0, "{table}");
    assert!(sigma.whole().compiled() >= 73.0, "{table}");
}
