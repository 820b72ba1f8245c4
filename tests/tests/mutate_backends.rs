//! The verifier must notice a broken backend: outputs of two samples, broken in the text of each target. The whole of it
//! is `cargo xtask mutate-backends`.

use std::path::PathBuf;

use eqlc_backend::Settings as Options;
use eqlc_driver::{LoadOptions, Registry, compile, load_query, relower};
use eqlc_verify::{Effort, Evidence, Law, Subject, TargetReport, prove};
use xtask::mutate::{Report, Settings, as_json, as_text, mutate};

fn sample(targets: &[&str]) -> Report {
    let folder = eqlc_tests::root().join("rules/windows");
    let rules: Vec<PathBuf> =
        ["mpcmdrun_download.eql", "startup_folder_unsigned_process.eql"].map(|name| folder.join(name)).into();
    let targets = targets.iter().map(|target| (*target).to_owned()).collect();
    mutate(&Settings { rules, sample: None, mutants: 10, seed: 1, targets }).expect("the samples")
}

#[test]
fn a_broken_output_of_any_target_is_noticed() {
    let report = sample(&[]);
    assert_eq!(report.unsound, Vec::<String>::new());
    for (at, column) in report.columns.iter().enumerate() {
        let counts = report.total(at);
        assert!(counts.different() >= 6, "{column} {counts:?}");
        // Of a correlation only whether it alerts is known, so that events show less of it.
        let bar = if column == "sigma" { 7_500 } else { 9_950 };
        assert!(counts.events_share() >= bar, "{}", as_text(&report, true));
    }
    assert!(report.keeps(9_950, false), "{}", as_text(&report, true));
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let [one, other] = [0, 1].map(|_| sample(&["elasticsearch", "sigma"]));
    assert_eq!(as_json(&one), as_json(&other));
}

#[test]
fn targets_that_there_are_not_are_refused() {
    let settings = Settings { targets: vec!["splunk".to_owned()], ..Settings::default() };
    let refusal = mutate(&settings).expect_err("no such target");
    assert!(refusal.contains("`splunk`") && refusal.contains("osquery:native"), "{refusal}");
}

/// What verification says of the osquery output of a query, with a word of it replaced by another.
fn with_other(query: &str, word: &str, other: &str) -> TargetReport {
    let mut unit = load_query(query, LoadOptions::default());
    let rule = unit.rules.remove(0).rule;
    let registry = Registry::new().expect("the registry");
    let backend = registry.find("osquery").expect("the target");
    let settings = Options::default();
    let mut compiled = compile(&rule, backend, &settings).expect("it compiles");
    assert!(compiled.artifact.text.contains(word), "{}", compiled.artifact.text);
    compiled.artifact.text = compiled.artifact.text.replace(word, other);
    let effort = Effort::default();
    let clock = effort.start();
    let evidence = Evidence::of(&rule, &[], &effort, clock);
    let (legal, artifact) = (&compiled.legal, &compiled.artifact);
    let subject = Subject { rule: &rule, legal, artifact, backend, settings: &settings };
    prove(subject, &evidence, (&effort, clock), &relower)
}

#[test]
fn a_query_is_held_to_its_rule_also_where_nothing_tells_what_the_source_records() {
    let query = r#"file where host.os.type == "macos" and event.type == "change" and
        event.action == "modification" and file.path == "/private/etc/periodic.conf""#;
    let sound = with_other(query, "'write'", "'write'");
    assert!(sound.failures.is_empty(), "{:?}", sound.failures);
    for (word, other) in
        [("'write'", "'writf'"), ("'truncate'", "'rename'"), ("periodic.conf'", "periodic.cong'")]
    {
        let broken = with_other(query, word, other);
        let laws: Vec<Law> = broken.failures.iter().map(|failure| failure.law).collect();
        assert!(laws.contains(&Law::MeansWhatWasEmitted), "{word}: {laws:?}");
    }
}
