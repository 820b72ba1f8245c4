//! What is written satisfies the JSON schemas of the specification.

use serde_json::Value as Json;

use super::{read, shared, writing};
use crate::{Document, File, write};

fn schema(name: &str) -> Option<jsonschema::Validator> {
    let folder = shared("data/sigma-json-schema")?;
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    Some(jsonschema::validator_for(&serde_json::from_str::<Json>(&text).unwrap()).unwrap())
}

fn check(file: &File, what: &str) -> usize {
    let names = [
        "sigma-detection-rule-schema.json",
        "sigma-correlation-rules-schema.json",
        "sigma-filters-schema.json",
    ];
    let Some(schemas) = names.into_iter().map(schema).collect::<Option<Vec<_>>>() else { return 0 };
    let mut checked = 0;
    for document in &file.documents {
        let text = write(&File { documents: vec![document.clone()] });
        let json: Json = serde_yaml::from_str(&text).unwrap();
        let schema = match document {
            Document::Rule(_) => &schemas[0],
            Document::Correlation(_) => &schemas[1],
            Document::Filter(_) => &schemas[2],
        };
        let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{what}\n{errors:#?}\n{text}");
        checked += 1;
    }
    checked
}

#[test]
fn documents_made_by_code_satisfy_the_schemas() {
    if shared("data/sigma-json-schema").is_some() {
        assert_eq!(check(&writing::built(), "built"), 2);
    }
}

#[test]
fn a_filter_satisfies_the_schema() {
    let filter = "title: F\nlogsource: {category: c}\nfilter: {rules: [r], selection: {U: x}, condition: not selection}\n";
    if shared("data/sigma-json-schema").is_some() {
        assert_eq!(check(&read(filter).parsed.tree, filter), 1);
    }
}

#[test]
fn rules_of_the_corpus_satisfy_the_schemas_after_writing() {
    let Some(folder) = shared("corpus/sigma-rules/rules/windows/process_creation") else { return };
    if shared("data/sigma-json-schema").is_none() {
        return;
    }
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut checked = 0;
    for path in files.iter().step_by(20) {
        let text = std::fs::read_to_string(path).unwrap();
        checked += check(&read(&text).parsed.tree, &path.display().to_string());
    }
    assert!(checked > 10, "{checked}");
}
