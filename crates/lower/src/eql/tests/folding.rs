//! Constants are worked out as Elasticsearch does.

use std::path::Path;

use eqlc_ir::{Literal, Pred};

use super::{compile, conditions};

#[test]
fn functions_of_constants_are_worked_out() {
    insta::assert_snapshot!(conditions(&[
        "process.name == concat(\"a\", 1, true, 1.5)",
        "process.name in (concat(\"a\", \"b\"), substring(\"hello\", -3, -1))",
        "process.pid == length(\"äb\")",
        "process.pid == number(\"0x1F\") or process.pid == number(\"ff\", 16)",
        "process.name == between(\"<a><b>\", \"<\", \">\", true)",
        "process.name == null and number(\"x\") == null",
        "startsWith~(\"ABC\", \"ab\")",
        "stringContains(\"abc\", \"\")",
        "startsWith(null, \"a\")",
        "cidrMatch(\"10.1.2.3\", \"10.0.0.0/8\", \"::/0\")",
        "indexOf(\"banana\", \"an\", 2) == 3",
        "number(process.name, null) == 17",
        "string(1e9) == process.name",
    ]));
}

/// The fold tests of Elasticsearch, those aside that it does not run itself.
#[test]
fn fold_tests_of_elasticsearch_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/elasticsearch-eql");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok()?.parse::<toml::Table>().ok();
    let (Some(suite), Some(black)) = (read("test_string_functions.toml"), read("test_unsupported.toml"))
    else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let black: Vec<String> = tests(&black).into_iter().map(|(expression, _)| expression).collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (expression, expected) in tests(&suite) {
        if black.contains(&expression) {
            continue;
        }
        count += 1;
        let wanted = match &expected {
            None => "null".to_owned(),
            Some(toml::Value::String(text)) => format!("{text:?}"),
            Some(other) => other.to_string(),
        };
        let got = folded(&expression);
        if got != wanted {
            wrong.push(format!("{expression}: {got}, not {wanted}"));
        }
    }
    assert_eq!(count, 71);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn tests(suite: &toml::Table) -> Vec<(String, Option<toml::Value>)> {
    let mut found = Vec::new();
    for group in suite.values().filter_map(toml::Value::as_table) {
        let fold = group.get("fold").and_then(|fold| fold.get("tests"));
        for test in
            [fold, group.get("tests")].into_iter().flatten().filter_map(toml::Value::as_array).flatten()
        {
            let expression =
                test.get("expression").and_then(toml::Value::as_str).unwrap().replace('\'', "\"");
            found.push((expression, test.get("expected").cloned()));
        }
    }
    found
}

/// The value of a constant expression, read off a comparison with a field that takes anything.
fn folded(expression: &str) -> String {
    let query = format!("any where ?some.value == ({expression})");
    let outcome = compile(&query);
    let Some(eqlc_ir::Body::Event(event)) = outcome.lowered.as_ref().map(|lowered| &lowered.body) else {
        return outcome.findings();
    };
    let literal = match &event.filter {
        Pred::Test(test) => match &test.op {
            eqlc_ir::Op::IsNull => Literal::Null,
            eqlc_ir::Op::Compare(_, right) => right.as_literal().cloned().unwrap(),
            other => panic!("{other:?}"),
        },
        // A condition is no constant of the comparison, it is the comparison.
        other => panic!("{expression}: {other:?}"),
    };
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => toml::Value::from(value).to_string(),
        Literal::Str(text) => format!("{text:?}"),
        Literal::Date(bound) => bound.to_string(),
    }
}
