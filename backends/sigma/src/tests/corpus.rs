//! The laws on rules that people wrote, where collections of them lie beside the project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eqlc_backend::{Backend, ReadBack, Settings, legalise, map_rule};
use eqlc_diagnostics::{Diagnostics, Fragment, SourceId, SourceMap, has_errors};
use eqlc_ir::normalise::canonical;
use eqlc_ir::{Rule, normalise, text};
use eqlc_lower::eql::Context;
use eqlc_schema::Schema;

use crate::Sigma;

fn collection(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(name);
    if !folder.is_dir() {
        eprintln!("skipped: no collection `{name}` beside the project");
        return None;
    }
    Some(folder)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = entries.into_iter().map(|entry| entry.expect("a readable folder").into_path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn sigma_rules(text: &str) -> (Vec<Rule>, Diagnostics) {
    let parsed = eqlc_sigma::parse(&Fragment::verbatim(SourceId::default(), 0, text));
    if has_errors(&parsed.diagnostics) {
        return (Vec::new(), parsed.diagnostics);
    }
    eqlc_lower::sigma::lower(&parsed.tree, Schema::ecs())
}

fn errors(diagnostics: &Diagnostics, counts: &mut BTreeMap<String, usize>) {
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.code.to_string()).or_default() += 1;
    }
}

/// Laws 1 to 3, or why the content has no form.
fn holds(
    sigma: &Sigma,
    legal: &eqlc_backend::Legal,
    settings: &Settings,
    name: &str,
) -> Result<(), Diagnostics> {
    let artifact = sigma.emit(legal, settings)?;
    let read = sigma.read_back(&artifact).unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
    let ReadBack::Source { text: source, reprinted, .. } = read else { panic!("{name}: no source") };
    assert_eq!(source, reprinted, "{name}");
    let (rules, diagnostics) = sigma_rules(&source);
    assert!(diagnostics.is_empty() && rules.len() == 1, "{name}: {diagnostics:#?}\n{source}");
    let again = rules.into_iter().next().map(canonical).expect("one rule");
    let wanted = canonical(legal.rule().clone());
    assert_eq!(text::rule(&again), text::rule(&wanted), "{name}\n{source}");
    assert_eq!(again, wanted, "{name}\n{source}");
    Ok(())
}

#[test]
fn sigma_rules_come_back_from_their_own_target() {
    let Some(folder) = collection("sigma-rules") else { return };
    let sigma = Sigma::new().expect("the data parses");
    let (mut held, mut refused) = (0, BTreeMap::new());
    for path in files(&folder, "yml") {
        let source = std::fs::read_to_string(&path).expect("readable");
        let (rules, diagnostics) = sigma_rules(&source);
        errors(&diagnostics, &mut refused);
        for rule in rules {
            let name = path.display().to_string();
            let result = legalise(rule, Vec::new(), sigma.target())
                .and_then(|legal| holds(&sigma, &legal, &Settings::default(), &name));
            match result {
                Ok(()) => held += 1,
                Err(diagnostics) => errors(&diagnostics, &mut refused),
            }
        }
    }
    eprintln!("{held} rules of Sigma come back; refused: {refused:?}");
    assert!(held > 2_300, "{held} {refused:?}");
}

#[test]
fn eql_rules_survive_in_both_taxonomies() {
    let Some(folder) = collection("elastic-rules") else { return };
    let sigma = Sigma::new().expect("the data parses");
    for (taxonomy, least) in [("ecs", 600), ("sigma", 350)] {
        let mut settings = Settings::default();
        settings.options.insert("taxonomy".to_owned(), taxonomy.to_owned());
        let every =
            eqlc_ir::EventQuery { category: eqlc_ir::Category::Any, filter: eqlc_ir::Pred::Const(true) };
        let map = sigma.event_map(&settings, &super::rule_of(eqlc_ir::Body::Event(every))).expect("a map");
        let (mut held, mut refused) = (0, BTreeMap::new());
        for path in files(&folder, "toml") {
            let mut sources = SourceMap::new();
            let bytes = std::fs::read(&path).expect("readable");
            let name = path.display().to_string();
            let read = eqlc_rules::read(&name, &bytes, &mut sources);
            for document in read.tree.documents {
                if document.query.language != eqlc_rules::QueryLanguage::Eql {
                    continue;
                }
                let parsed = eqlc_eql::parse(&document.query.fragment);
                let (Some(lowered), _) = eqlc_lower::eql::lower(&parsed.tree, &Context::default()) else {
                    continue;
                };
                let id = document.metadata.id.clone().unwrap_or_default();
                let rule =
                    Rule { id, meta: document.metadata.into(), body: lowered.body, pipes: lowered.pipes };
                let result = map_rule(&normalise(rule), map, &settings)
                    .and_then(|mapped| legalise(mapped.rule, mapped.losses, sigma.target()))
                    .and_then(|legal| holds(&sigma, &legal, &settings, &name));
                match result {
                    Ok(()) => held += 1,
                    Err(diagnostics) => errors(&diagnostics, &mut refused),
                }
            }
        }
        eprintln!("{taxonomy}: {held} rules of EQL have a Sigma form; refused: {refused:?}");
        assert!(held > least, "{held} {refused:?}");
    }
}
