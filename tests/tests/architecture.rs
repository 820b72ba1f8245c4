//! The shape of the workspace: arrows between crates, size of files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Our crates from the bottom up. A crate may use only crates that stand before it; those in one list do not
/// use each other.
const LAYERS: &[&[&str]] = &[
    &["eqlc-diagnostics"],
    &["eqlc-report", "eqlc-eql", "eqlc-sigma", "eqlc-ir"],
    &["eqlc-schema", "eqlc-rules", "eqlc-events"],
    &["eqlc-guide", "eqlc-sigma-lint", "eqlc-pipelines", "eqlc-lower", "eqlc-backend"],
    &["eqlc-backend-elasticsearch", "eqlc-backend-sigma", "eqlc-backend-osquery", "eqlc-backend-native"],
    &["eqlc-witness"],
    &["eqlc-verify"],
    &["eqlc-driver"],
    &["eqlc", "xtask"],
    &["eqlc-tests"],
];

/// Pairs that are forbidden although the layers would allow them, with the reason.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("eqlc-ir", "eqlc-eql", "the IR knows no syntax tree"),
    ("eqlc-ir", "eqlc-sigma", "the IR knows no syntax tree"),
    ("eqlc-driver", "eqlc-report", "the driver does not render"),
];

/// Libraries that only some crates may use.
const ONLY: &[(&str, &[&str])] = &[
    ("ariadne", &["eqlc-report"]),
    ("sqlparser", &["eqlc-backend-osquery", "eqlc-guide", "xtask"]),
    ("rusqlite", &["eqlc-verify"]),
    ("walkdir", &["eqlc-driver"]),
    ("tempfile", &["eqlc-driver"]),
];

fn packages() -> Vec<Package> {
    let manifest = eqlc_tests::root().join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata");
    metadata.packages
}

fn uses(package: &Package) -> impl Iterator<Item = &str> {
    package.dependencies.iter().filter(|dep| dep.kind == DependencyKind::Normal).map(|dep| dep.name.as_str())
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[test]
fn arrows_point_down_the_layers() {
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(own) = layer(&package.name) else {
            wrong.push(format!("{} stands in no layer", package.name));
            continue;
        };
        for used in uses(&package) {
            if layer(used).is_some_and(|used| used >= own) {
                wrong.push(format!("{} uses {used}", package.name));
            }
            for (from, to, reason) in FORBIDDEN {
                if package.name.as_str() == *from && used == *to {
                    wrong.push(format!("{from} uses {to}: {reason}"));
                }
            }
        }
        let lowers = uses(&package).any(|used| used == "eqlc-lower");
        if package.name.starts_with("eqlc-backend") && lowers {
            wrong.push(format!("{} uses eqlc-lower: a backend knows the IR only", package.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn some_libraries_stay_in_their_crate() {
    let mut wrong = Vec::new();
    for package in packages() {
        for used in uses(&package) {
            for (library, allowed) in ONLY {
                if used == *library && !allowed.contains(&package.name.as_str()) {
                    wrong.push(format!("{} uses {library}", package.name));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Files are read and written by the driver, the command line and nobody else.
#[test]
fn the_core_touches_no_files() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let allowed = ["crates/driver/", "crates/cli/", "tests/", "xtask/src/bench/"];
        let name = path.to_string_lossy().replace('\\', "/");
        if allowed.iter().any(|folder| name.starts_with(folder)) || is_test(&name) {
            continue;
        }
        let code = without_tests(&text);
        if code.contains("std::fs") || code.contains("File::open") {
            wrong.push(name);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn files_are_at_most_500_lines_of_code() {
    let long: BTreeMap<PathBuf, usize> = sources()
        .into_iter()
        .filter(|(path, _)| !is_test(&path.to_string_lossy()))
        .map(|(path, text)| (path, without_tests(&text).lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .collect();
    assert_eq!(long, BTreeMap::new());
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("tests.rs") || name.ends_with("/testing.rs")
}

fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// Every Rust file of the workspace, by its path below the root.
fn sources() -> Vec<(PathBuf, String)> {
    let root = eqlc_tests::root();
    let mut found = Vec::new();
    for folder in ["crates", "backends", "tests", "xtask"] {
        collect(&root, &root.join(folder), &mut found);
    }
    assert!(found.len() > 50, "the walk found {} files", found.len());
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            found.push((path.strip_prefix(root).expect("below the root").to_path_buf(), text));
        }
    }
}
