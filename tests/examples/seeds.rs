//! Writes the texts that the targets in `fuzz/` start from: `cargo run -p eqlc-tests --example seeds`.
//!
//! They come from the samples and tests of this repository, each in a file of its own below `fuzz/corpus`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eqlc_tests::generate::Case;
use eqlc_tests::root;

fn main() {
    let mut queries = texts("eql");
    for text in texts("yml").iter().filter(|text| text.contains("query:")) {
        let document = serde_yaml::from_str::<serde_yaml::Value>(text).unwrap_or_default();
        strings(&document, &mut queries);
    }
    queries.extend((0..200).map(|seed| Case::new(seed).query));
    for target in ["lexer", "parser", "formatter", "lower"] {
        write(target, &queries);
    }
    let mut sigma: BTreeSet<String> = texts("yml")
        .into_iter()
        .filter(|text| text.contains("logsource:") || text.contains("title:"))
        .collect();
    let parts: Vec<String> = sigma.iter().flat_map(|text| text.split("\n---\n")).map(str::to_owned).collect();
    sigma.extend(parts);
    write("sigma", &sigma);
    write("toml_rule", &texts("toml").into_iter().filter(|text| text.contains("[rule]")).collect());
}

/// The files of a kind in the folders that hold samples.
fn texts(extension: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["rules", "tests/broken", "tests/conformance", "crates", "fuzz/seeds", "examples"] {
        collect(&root().join(folder), extension, &mut found);
    }
    found
}

fn collect(folder: &Path, extension: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path: PathBuf = entry.path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.extend(std::fs::read_to_string(&path).ok().filter(|text| text.len() < 16_384));
        }
    }
}

/// Every text in a document.
fn strings(value: &serde_yaml::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_yaml::Value::String(text) => drop(found.insert(text.clone())),
        serde_yaml::Value::Sequence(list) => list.iter().for_each(|item| strings(item, found)),
        serde_yaml::Value::Mapping(map) => map.iter().for_each(|(_, item)| strings(item, found)),
        _ => {}
    }
}

fn write(target: &str, texts: &BTreeSet<String>) {
    let folder = root().join("fuzz/corpus").join(target);
    std::fs::create_dir_all(&folder).expect("a folder");
    for (at, text) in texts.iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{at:04}")), text).expect("a file");
    }
    println!("{target}: {} texts", texts.len());
}
