//! Rules of Elastic Endpoint through the whole of eqlc (`eql-semantics.md` §14).

use std::collections::BTreeMap;

use eqlc_backend::{Artifact, Backend, Construct, ReadBack, constructs_of};
use eqlc_diagnostics::Fragment;
use eqlc_driver::{
    Compiled, Dialect, Inputs, LoadOptions, LoadedRule, Registry, Settings, compile, load, relower,
};
use eqlc_eql::Options;
use eqlc_ir::{normalise, normalise::canonical};
use eqlc_tests::shared;

/// What Elasticsearch lacks.
const EXTENSIONS: [Construct; 4] =
    [Construct::ArraySearch, Construct::Descendant, Construct::BackReference, Construct::FieldToField];

/// The rules of the corpus, each told by its document to be of the dialect.
fn corpus() -> Option<Vec<LoadedRule>> {
    let folder = shared("corpus/endpoint-rules")?;
    let units = load(&Inputs::rules(&[folder]).files, LoadOptions::default());
    let mut rules = Vec::new();
    for unit in units {
        let errors: Vec<_> = unit
            .diagnostics
            .iter()
            .filter(|found| eqlc_diagnostics::has_errors(std::slice::from_ref(*found)))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", unit.input.name());
        rules.extend(unit.rules);
    }
    assert!(rules.len() > 800, "{}", rules.len());
    Some(rules)
}

fn backend<'a>(registry: &'a Registry, id: &str) -> &'a dyn Backend {
    registry.find(id).expect("a target")
}

fn compiled(rule: &LoadedRule, backend: &dyn Backend) -> Result<Compiled, Vec<&'static str>> {
    let refused = |found: Vec<eqlc_diagnostics::Diagnostic>| {
        let placed =
            |one: &eqlc_diagnostics::Diagnostic| one.span().is_some_and(|span| span.start < span.end);
        assert!(found.iter().all(placed), "{found:?}");
        found.iter().map(|one| one.code.as_str()).collect()
    };
    compile(&rule.rule, backend, &Settings::default()).map_err(refused)
}

#[test]
fn every_rule_prints_as_it_parses_and_has_one_normal_form() {
    let Some(rules) = corpus() else { return };
    for rule in &rules {
        let fragment = Fragment::verbatim(Default::default(), 0, rule.ast.to_string());
        let parsed = eqlc_eql::parse_with(&fragment, Options { dialect: Dialect::Endpoint });
        assert_eq!(parsed.diagnostics, [], "{}", rule.ast);
        assert_eq!(eqlc_eql::print(&parsed.tree), rule.ast.to_string());
        assert_eq!(normalise(rule.rule.clone()), rule.rule, "{}", rule.ast);
        let once = canonical(rule.rule.clone());
        assert_eq!(canonical(once.clone()), once, "{}", rule.ast);
    }
}

#[test]
fn every_rule_goes_through_the_native_plan() {
    let Some(rules) = corpus() else { return };
    let registry = Registry::new().expect("the registry");
    let native = backend(&registry, "native");
    for rule in &rules {
        let Compiled { legal, artifact } = compiled(rule, native).expect("the target holds everything");
        assert!(artifact.losses.is_empty(), "{:?}", artifact.losses);
        let ReadBack::Rule(back) = native.read_back(&artifact).expect("a plan") else { panic!("a rule") };
        assert_eq!(*back, *legal.rule(), "{}", rule.ast);
    }
}

#[test]
fn what_needs_no_extension_goes_to_elasticsearch_and_back() {
    let Some(rules) = corpus() else { return };
    let registry = Registry::new().expect("the registry");
    let elasticsearch = backend(&registry, "elasticsearch");
    let (mut written, mut refused) = (0, 0);
    let mut uses: BTreeMap<Construct, usize> = BTreeMap::new();
    for rule in &rules {
        let found = constructs_of(&rule.rule);
        let own: Vec<Construct> =
            EXTENSIONS.into_iter().filter(|one| found.iter().any(|used| used.construct == *one)).collect();
        own.iter().for_each(|one| *uses.entry(*one).or_default() += 1);
        match compiled(rule, elasticsearch) {
            Ok(Compiled { legal, artifact }) => {
                assert_eq!(own, [], "{}", artifact.text);
                let back = back(elasticsearch, &artifact);
                assert_eq!(canonical(back), canonical(legal.rule().clone()), "{}", artifact.text);
                written += 1;
            }
            Err(codes) => {
                assert_eq!(codes, vec!["E4001"; own.len()], "{}", rule.ast);
                assert!(!own.is_empty(), "{}", rule.ast);
                refused += 1;
            }
        }
    }
    println!(
        "{} rules: {written} for Elasticsearch, {refused} refused; extensions used: {uses:?}",
        rules.len()
    );
    assert!(written > 600 && refused > 150, "{written} and {refused}");
}

fn back(backend: &dyn Backend, artifact: &Artifact) -> eqlc_ir::Rule {
    match backend.read_back(artifact).expect("an output that reads") {
        ReadBack::Source { language, text, .. } => {
            relower(language, &text).unwrap_or_else(|found| panic!("{text}{found:?}"))
        }
        _ => panic!("a source"),
    }
}

#[test]
fn targets_without_the_constructs_refuse_by_name() {
    let Some(rules) = corpus() else { return };
    let registry = Registry::new().expect("the registry");
    let mut refusals = 0;
    for id in ["sigma", "osquery"] {
        let target = backend(&registry, id);
        for rule in &rules {
            let found = constructs_of(&rule.rule);
            let Some(missing) = found.iter().find(|used| EXTENSIONS[..3].contains(&used.construct)) else {
                continue;
            };
            assert!(!target.target().has(missing.construct));
            match compiled(rule, target) {
                Err(codes) => {
                    assert!(codes.iter().all(|code| code.starts_with("E4")), "{codes:?} {}", rule.ast);
                    assert!(codes.contains(&"E4001"), "the cause is named: {codes:?} {}", rule.ast);
                    refusals += 1;
                }
                // The events of the target decide the condition without it: `trusted != true or …`.
                Ok(Compiled { legal, .. }) => {
                    let left = constructs_of(legal.rule());
                    assert!(
                        !left.iter().any(|used| EXTENSIONS[..3].contains(&used.construct)),
                        "{}",
                        rule.ast
                    );
                    assert!(!legal.losses().is_empty());
                }
            }
        }
    }
    assert!(refusals > 300, "{refusals}");
}
