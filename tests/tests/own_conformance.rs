//! The cases of `tests/conformance`: at least one for each paragraph of the EQL reference (§1 to §13).

use std::collections::{BTreeMap, BTreeSet};

use eqlc_backend_native::reference::{ResultPosition, RunOptions, run};
use eqlc_diagnostics::Diagnostics;
use eqlc_events::{DateSpan, Event};
use eqlc_ir::Rule;
use eqlc_ir::normalise::{canonical, normalise};
use eqlc_lower::eql::Context;
use eqlc_schema::Schema;
use eqlc_tests::{eql, root};
use serde_json::{Value as Json, json};

/// The paragraphs that say how a query behaves; each has a case.
const SECTIONS: &[(&str, u32)] =
    &[("1", 10), ("2", 11), ("3", 5), ("4", 4), ("5", 8), ("6", 7), ("7", 2), ("8", 5), ("9", 3), ("10", 7)];
const WITHOUT_PARAGRAPHS: &[&str] = &["3", "7", "11", "12", "13"];

/// A case; what it does not say is as in a request that does not say it.
struct Case {
    name: String,
    section: String,
    query: String,
    json: Json,
}

impl Case {
    fn text(&self, name: &str) -> Option<String> {
        self.json[name].as_str().map(str::to_owned)
    }

    fn types(&self) -> Vec<(&str, &str)> {
        let types = self.json["types"].as_object().into_iter().flatten();
        types.map(|(field, ty)| (field.as_str(), ty.as_str().expect("a type"))).collect()
    }

    /// The events; unless told otherwise the time of an event without one is its place in seconds.
    fn events(&self) -> Vec<Event<'static>> {
        let timed = self.json["timed"] != json!(false) && self.json["timestamp"].is_null();
        let events = self.json["events"].as_array().cloned().unwrap_or_default();
        let event = |(at, mut event): (usize, Json)| {
            let fields = event.as_object_mut().expect("an object");
            if timed && !fields.contains_key("@timestamp") {
                fields.insert("@timestamp".to_owned(), json!(at * 1_000));
            }
            Event::from_json(event, at).expect("an object")
        };
        events.into_iter().enumerate().map(event).collect()
    }

    fn options(&self) -> RunOptions {
        let default = RunOptions::default();
        let number = |name: &str| self.json[name].as_u64().map(|value| value as usize);
        let head = self.json["position"] == json!("head");
        RunOptions {
            timestamp_field: self.text("timestamp").unwrap_or(default.timestamp_field),
            tiebreaker_field: self.text("tiebreaker"),
            category_field: self.text("category").unwrap_or(default.category_field),
            size: number("size"),
            result_position: if head { ResultPosition::Head } else { ResultPosition::Tail },
            max_samples_per_key: number("samples").unwrap_or(1),
            now: self.text("now").and_then(|text| Some(DateSpan::parse(&text)?.first)),
            ..RunOptions::default()
        }
    }

    /// The rule, or what is wrong with it. A field that the case gives no type has none that is known.
    fn rule(&self) -> Result<Rule, Diagnostics> {
        let given = Schema::of(self.types());
        let schema = if self.json["ecs"] == json!(true) { Schema::ecs() } else { &given };
        let context = Context { schema, ..Context::default() };
        eql::rule_in(&self.query, &Context { strict_fields: self.json["strict"] == json!(true), ..context })
    }

    fn found(&self, rule: &Rule) -> Json {
        let place = |event: Option<usize>| event.map_or(json!(-1), |at| json!(at));
        let found = run(rule, &self.events(), &self.options()).expect("a rule that can be run");
        found.into_iter().map(|found| found.events.into_iter().map(place).collect::<Json>()).collect()
    }

    /// What is not as the case says.
    fn breach(&self) -> Option<String> {
        let (error, matches) = (self.text("error"), &self.json["matches"]);
        assert!(error.is_some() != matches.is_array(), "{}: either an error or matches", self.name);
        match (self.rule(), error) {
            (Err(found), Some(code)) => {
                let first = found.first()?;
                (first.code.as_str() != code).then(|| format!("{} {}, not {code}", first.code, first.message))
            }
            (Err(found), None) => Some(format!("refused: {}", found.first()?.message)),
            (Ok(_), Some(code)) => Some(format!("not refused with {code}")),
            (Ok(rule), None) => {
                if let Some(breach) = eql::printer_breach(&self.query) {
                    return Some(breach);
                }
                let forms = [rule.clone(), normalise(rule.clone()), canonical(rule)];
                let found = forms.iter().map(|rule| self.found(rule)).find(|found| found != matches)?;
                Some(format!("{found}, not {matches}"))
            }
        }
    }
}

fn cases() -> Vec<Case> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("tests/conformance"))
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    let read = |path| -> Vec<Json> {
        serde_yaml::from_str(&std::fs::read_to_string(&path).expect("a file"))
            .unwrap_or_else(|error| panic!("{path:?}: {error}"))
    };
    let text = |json: &Json, name: &str| json[name].as_str().expect("a text").to_owned();
    files
        .into_iter()
        .flat_map(read)
        .map(|json| Case {
            name: text(&json, "name"),
            section: text(&json, "section"),
            query: text(&json, "query"),
            json,
        })
        .collect()
}

#[test]
fn every_case_behaves_as_its_paragraph_says() {
    let cases = cases();
    let breaches: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let breach = case.breach()?;
            Some(format!("§{} {}\n  {}\n  {breach}", case.section, case.name, case.query))
        })
        .collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    assert!(cases.len() >= 150, "{} cases", cases.len());
}

#[test]
fn every_paragraph_has_a_case() {
    let paragraphs =
        SECTIONS.iter().flat_map(|(section, count)| (1..=*count).map(move |at| format!("{section}.{at}")));
    let all: BTreeSet<String> =
        paragraphs.chain(WITHOUT_PARAGRAPHS.iter().map(|section| (*section).to_owned())).collect();
    let covered: BTreeSet<String> = cases().into_iter().map(|case| case.section).collect();
    assert_eq!(all.difference(&covered).collect::<Vec<_>>(), Vec::<&String>::new(), "without a case");
    assert_eq!(covered.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "no such paragraph");
}

#[test]
fn every_case_has_a_name_of_its_own_and_says_nothing_that_is_not_read() {
    const KNOWN: &[&str] = &[
        "name",
        "section",
        "query",
        "ecs",
        "types",
        "strict",
        "events",
        "matches",
        "error",
        "size",
        "position",
        "tiebreaker",
        "samples",
        "timed",
        "timestamp",
        "category",
        "now",
    ];
    let mut names = BTreeMap::<String, usize>::new();
    for case in cases() {
        *names.entry(case.name.clone()).or_default() += 1;
        let keys = case.json.as_object().expect("an object").keys();
        let unread: Vec<&String> = keys.filter(|key| !KNOWN.contains(&key.as_str())).collect();
        assert!(unread.is_empty(), "{}: {unread:?}", case.name);
    }
    names.retain(|_, count| *count > 1);
    assert!(names.is_empty(), "{names:?}");
}
