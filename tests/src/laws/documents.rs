//! Rule documents.

use std::path::PathBuf;

use eqlc_diagnostics::Diagnostic;
use eqlc_driver::{Input, LoadOptions, fix, load_bytes};

/// The bytes of a rule file are read, checked, compiled and repaired; findings lie in its text.
pub fn documents(name: &str, bytes: &[u8]) {
    let input = Input { path: Some(PathBuf::from(name)), relative: PathBuf::from(name) };
    let unit = load_bytes(input, bytes, LoadOptions::default());
    let text = unit.sources.ids().next().map_or("", |source| unit.sources.text(source)).to_owned();
    super::places_are_in(&text, &unit.diagnostics);
    for rule in &unit.rules {
        super::lower::outputs(rule.lowered.clone());
    }
    let before = unit.diagnostics.iter().filter(|found| is_error(found)).count();
    let fixed = fix(unit, true, &LoadOptions::default());
    let after = fixed.unit.diagnostics.iter().filter(|found| is_error(found)).count();
    assert!(after <= before, "{text:?} is worse after repairs: {:?}", fixed.text);
}

fn is_error(found: &Diagnostic) -> bool {
    eqlc_diagnostics::has_errors(std::slice::from_ref(found))
}
