//! Every rule of SigmaHQ compiles, or is refused with a code for a reason that the specification gives.

use std::collections::BTreeMap;
use std::path::PathBuf;

use eqlc_driver::{Inputs, LoadOptions, Unit, load};
use eqlc_tests::shared;
use eqlc_tests::sigma::corpus_with_lists;

/// The codes that rules of the corpus may be refused with, and the words of the specification.
const REFUSED: &[(&str, &str)] = &[
    // "Other metacharacters are unsupported and can not be used": `\b` is none of those listed.
    ("E2052", "Sigma Modifiers 2.1, Regular Expression"),
    // "If the tool isn't able to handle placeholders, it must reject the rule."
    ("E2056", "Sigma Rules Specification 2.1, Placeholders"),
];

/// What else may be said of them, as warnings.
const WARNED: &[&str] = &["E2007"];

fn units(options: LoadOptions) -> Option<Vec<Unit>> {
    let folder = shared("corpus/sigma-rules")?;
    let inputs = Inputs::rules(&[PathBuf::from(&folder)]);
    assert!(inputs.diagnostics.is_empty() && inputs.files.len() > 2_000);
    Some(load(&inputs.files, options))
}

/// How often each code is reported, with its severity.
fn table(units: &[Unit]) -> BTreeMap<(String, String), usize> {
    let mut table = BTreeMap::new();
    for diagnostic in units.iter().flat_map(|unit| &unit.diagnostics) {
        let severity = format!("{:?}", diagnostic.severity).to_lowercase();
        *table.entry((diagnostic.code.to_string(), severity)).or_default() += 1;
    }
    table
}

#[test]
fn every_rule_of_the_corpus_compiles_or_is_refused_for_a_reason_of_the_specification() {
    let Some(units) = units(LoadOptions::default()) else { return };
    let table = table(&units);
    println!("code   severity  count  reason");
    for ((code, severity), count) in &table {
        let reason = REFUSED.iter().find(|(known, _)| known == code).map_or("", |(_, reason)| reason);
        println!("{code}  {severity:<8}  {count:>5}  {reason}");
    }
    let of = |wanted: &str| -> Vec<&str> {
        table.keys().filter(|(_, severity)| severity == wanted).map(|(code, _)| code.as_str()).collect()
    };
    let refused: Vec<&str> = REFUSED.iter().map(|(code, _)| *code).collect();
    assert_eq!(of("error"), refused);
    assert_eq!(of("warning"), WARNED);
    let lowered: usize = units.iter().map(|unit| unit.rules.len()).sum();
    let broken: usize = units.iter().map(|unit| unit.broken).sum();
    println!("{} files, {lowered} rules, {broken} refused", units.len());
    assert!(broken * 100 < units.len(), "{broken} of {} files are refused", units.len());
    assert!(units.iter().all(|unit| unit.rules.len() + unit.broken > 0));
}

#[test]
fn with_lists_for_their_placeholders_only_regular_expressions_remain_refused() {
    let Some(units) = corpus_with_lists("corpus/sigma-rules", &["10.0.0.0/8", "value*"]) else { return };
    let table = table(&units);
    let errors: Vec<&str> =
        table.keys().filter(|(_, severity)| severity == "error").map(|(code, _)| code.as_str()).collect();
    assert_eq!(errors, ["E2052"]);
}
