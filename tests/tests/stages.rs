//! Every sample rule, seen at every stage of the compiler.

use std::path::PathBuf;

use eqlc_driver::{Registry, Settings, compile, legal};
use eqlc_ir::text;
use eqlc_tests::sample;

fn settings(format: Option<&str>, option: Option<(&str, &str)>) -> Settings {
    Settings {
        format: format.map(str::to_owned),
        options: option.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect(),
        ..Settings::default()
    }
}

#[test]
fn the_front_stages() {
    for path in eqlc_tests::sample_rules("eql") {
        let name = path.file_stem().expect("a stem").to_string_lossy().into_owned();
        let rule = sample(path).0;
        let stages = format!("{}\n{}\n{}", rule.ast, text::rule(&rule.lowered), text::rule(&rule.rule));
        insta::assert_snapshot!(format!("{name}_front"), stages);
    }
}

#[test]
fn the_stages_of_each_target() {
    let registry = Registry::new().expect("the registry");
    for path in eqlc_tests::sample_rules("toml") {
        let name = path.file_stem().expect("a stem").to_string_lossy().into_owned();
        let rule = sample(path).0;
        for backend in registry.iter() {
            let target = backend.target();
            let mut chosen: Vec<(String, Settings)> = target
                .formats
                .iter()
                .map(|format| (format.id.clone(), settings(Some(&format.id), None)))
                .collect();
            for option in &target.options {
                for value in option.values.iter().filter(|value| **value != option.default) {
                    chosen.push((value.clone(), settings(None, Some((&option.name, value)))));
                }
            }
            for (variant, settings) in chosen {
                let shown = match legal(&rule.rule, backend, &settings) {
                    Ok(legal) => {
                        let losses: Vec<String> = legal
                            .losses()
                            .iter()
                            .map(|loss| {
                                format!(
                                    "loss {} {} at {}: {}\n",
                                    loss.code, loss.direction, loss.place, loss.why
                                )
                            })
                            .collect();
                        let artifact =
                            compile(&rule.rule, backend, &settings).expect("legal rules emit").artifact;
                        format!("{}\n{}\n{}", text::rule(legal.rule()), losses.concat(), artifact.text)
                    }
                    Err(refused) => {
                        refused.iter().map(|d| format!("refused {} {}\n", d.code, d.message)).collect()
                    }
                };
                insta::assert_snapshot!(format!("{name}_{}_{variant}", target.id), shown);
            }
        }
    }
}

/// The plain query and the document of a behaviour are the same rule.
#[test]
fn both_forms_of_a_sample_are_the_same_rule() {
    let plain = eqlc_tests::sample_rules("eql");
    let documents = eqlc_tests::sample_rules("toml");
    assert_eq!((plain.len(), documents.len()), (5, 5));
    for (plain, document) in plain.into_iter().zip(documents) {
        let canonical = |path: PathBuf| eqlc_ir::normalise::canonical(sample(path).0.rule);
        assert_eq!(canonical(plain), canonical(document));
    }
}
