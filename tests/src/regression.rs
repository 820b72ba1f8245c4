//! The records of SigmaHQ's regression tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The events of a file of concatenated objects.
fn events(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::Deserializer::from_str(&text).into_iter().map(|event| event.expect("JSON")).collect()
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

/// The regression tests: the id of the rule and its events; none, with a printed reason, where they are absent.
#[must_use]
pub fn regression() -> Option<BTreeMap<String, Vec<Value>>> {
    let folder = crate::shared("corpus/sigma-regression/regression_data")?;
    let mut files = Vec::new();
    json_files(&folder, &mut files);
    let id = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    Some(files.iter().map(|path| (id(path), events(path))).collect())
}
