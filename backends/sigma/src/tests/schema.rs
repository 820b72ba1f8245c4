//! Outputs under the JSON schemas of the specification.

use std::path::Path;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

struct Schemas {
    rule: Validator,
    correlation: Validator,
}

fn schemas() -> Option<&'static Schemas> {
    static SCHEMAS: OnceLock<Option<Schemas>> = OnceLock::new();
    SCHEMAS
        .get_or_init(|| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigma-json-schema");
            let load = |name: &str| {
                let text = std::fs::read_to_string(folder.join(name)).ok()?;
                let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
                Some(jsonschema::validator_for(&schema).expect("the schema is a schema"))
            };
            let loaded = load("sigma-detection-rule-schema.json")
                .zip(load("sigma-correlation-rules-schema.json"))
                .map(|(rule, correlation)| Schemas { rule, correlation });
            if loaded.is_none() {
                eprintln!("skipped: no JSON schemas of Sigma beside the project");
            }
            loaded
        })
        .as_ref()
}

/// Every document of a text keeps to its schema; nothing is checked where there are no schemas.
pub(super) fn validates(text: &str) {
    let Some(schemas) = schemas() else { return };
    for document in text.split("---\n") {
        let value: Value = serde_yaml::from_str(document).expect("the output is YAML");
        let schema = if value.get("correlation").is_some() { &schemas.correlation } else { &schemas.rule };
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{document}\n{errors:#?}");
    }
}
