//! Helpers shared by the tests over the whole of eqlc.

pub mod divergence;
pub mod eql;
pub mod generate;
pub mod laws;
pub mod mutants;
pub mod oracle;
pub mod osquery;
pub mod peers;
pub mod python_eql;
pub mod random;
pub mod reading;
pub mod regression;
pub mod sigma;
pub mod suite;

use std::path::PathBuf;

use eqlc_driver::{Input, LoadOptions, LoadedRule, fixture, load};
use eqlc_verify::fixtures::Stream;

/// The root of the workspace.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests stand in the workspace")
        .to_path_buf()
}

/// A path in the material that stands beside a checkout and is not part of it; none, with a printed reason,
/// where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = root().parent()?.join("shared").join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: ../shared/{path} is not there");
    None
}

/// Some of many, the same on every run: one in `step`; all of them where `EQLC_WHOLE_CORPUS` is set.
pub fn sampled<T>(all: Vec<T>, step: usize) -> Vec<T> {
    let step = if std::env::var_os("EQLC_WHOLE_CORPUS").is_some() { 1 } else { step };
    all.into_iter().step_by(step).collect()
}

/// The sample rules of a kind, sorted by name.
pub fn sample_rules(extension: &str) -> Vec<PathBuf> {
    let folder = root().join("rules/windows");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the sample rules")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

/// The rule and the fixture of a sample.
pub fn sample(path: PathBuf) -> (LoadedRule, Vec<Stream>) {
    let relative = PathBuf::from(path.file_name().expect("a file"));
    let input = Input { path: Some(path), relative };
    let streams = fixture(&input).expect("a readable fixture").expect("a fixture").streams;
    let units = load(&[input], LoadOptions::default());
    let [unit] = <[_; 1]>::try_from(units).expect("one input");
    assert_eq!(unit.diagnostics, []);
    let [rule] = <[_; 1]>::try_from(unit.rules).expect("one rule");
    (rule, streams)
}
