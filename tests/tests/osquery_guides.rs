//! The queries of investigation guides, as packs: what is written runs on SQLite with all tables of osquery.

use eqlc_driver::{Inputs, guide_packs};
use eqlc_tests::osquery::Prepared;
use serde_json::Value;

#[test]
fn queries_of_guides_run() {
    let Some(folder) = eqlc_tests::shared("corpus/elastic-rules") else { return };
    let inputs = Inputs::rules(&[folder]);
    let prepared = Prepared::new();
    let (mut rules, mut queries, mut left_out) = (0, 0, 0);
    let mut wrong = Vec::new();
    for input in &inputs.files {
        let found = guide_packs(input);
        left_out += found.diagnostics.iter().filter(|found| found.code.as_str() == "E3041").count();
        for (_, pack) in found.packs {
            rules += 1;
            let pack: Value = serde_json::from_str(&pack).expect("JSON");
            for (name, query) in pack["queries"].as_object().expect("queries") {
                queries += 1;
                let text = query["query"].as_str().expect("text");
                // osquery takes text in double quotes that is no name for a text; the engine here does not.
                let lenient = |error: &String| error.contains("should this be a string literal");
                if let Some(error) = prepared.prepare(text).err().filter(|error| !lenient(error)) {
                    wrong.push(format!("{}: {name}: {error}\n{text}", input.name()));
                }
            }
        }
    }
    println!("{queries} queries of {rules} guides are in packs, {left_out} are left out");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(queries > 100);
}
