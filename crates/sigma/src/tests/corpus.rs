//! Real rules: all are read, and what is written of them reads the same.

use std::path::Path;

use walkdir::WalkDir;

use super::{read, shared};
use crate::write;

/// Reads every rule below a folder; the number read and what was said of those with errors.
fn check_all(folder: &Path) -> (usize, Vec<String>) {
    let mut count = 0;
    let mut failures = Vec::new();
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    for entry in files.filter(|entry| entry.path().extension().is_some_and(|ext| ext == "yml")) {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let first = read(&text);
        count += 1;
        if !first.fine() {
            failures.push(format!("{}\n{}", entry.path().display(), first.report()));
            continue;
        }
        let written = write(&first.parsed.tree);
        let second = read(&written);
        assert!(second.fine(), "{}\n{}\n{written}", entry.path().display(), second.report());
        assert_eq!(second.parsed.tree, first.parsed.tree, "{}\n{written}", entry.path().display());
        assert_eq!(write(&second.parsed.tree), written, "{}", entry.path().display());
    }
    (count, failures)
}

#[test]
fn every_rule_of_the_corpus_is_read_and_survives_writing() {
    let Some(folder) = shared("corpus/sigma-rules") else { return };
    let (count, failures) = check_all(&folder);
    assert!(count > 1000, "only {count} rules");
    assert!(failures.is_empty(), "{} of {count}\n{}", failures.len(), failures.join("\n"));
}
