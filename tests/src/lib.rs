//! Helpers shared by the tests over the whole of eqlc.

use std::path::PathBuf;

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
