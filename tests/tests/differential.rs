//! Random queries on random events: every form of the rule, and the rule read back from its output for
//! Elasticsearch, finds what an evaluator finds that was not written here.
//!
//! `EQLC_DIFFERENTIAL_CASES` and `EQLC_DIFFERENTIAL_SEED` say how many cases and from which one on.

use std::collections::BTreeMap;

use eqlc_backend_native::reference::{ResultPosition, RunOptions, run};
use eqlc_driver::{Registry, Settings, compile};
use eqlc_events::Event;
use eqlc_ir::Rule;
use eqlc_ir::normalise::{canonical, normalise};
use eqlc_schema::Schema;
use eqlc_tests::generate::{self, Case};
use eqlc_tests::{eql, oracle};
use serde_json::{Value as Json, json};

const CASES: u64 = 2_000;
const SEED: u64 = 1;
/// How many cases one process of the oracle is given.
const SLICE: u64 = 20_000;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

/// The rule in every form, with the name of the form.
fn forms(case: &Case, schema: &Schema, registry: &Registry) -> Result<Vec<(&'static str, Rule)>, String> {
    if let Some(breach) = eql::printer_breach(&case.query) {
        return Err(breach);
    }
    let refused = |what: &str, found: Vec<eqlc_diagnostics::Diagnostic>| {
        format!("{what}: {}", found.first().map_or("", |found| &found.message))
    };
    let rule = eql::rule(&case.query, schema).map_err(|found| refused("refused", found))?;
    let backend = registry.find("elasticsearch").expect("a target");
    let normal = normalise(rule.clone());
    let written =
        compile(&normal, backend, &Settings::default()).map_err(|found| refused("not written", found))?;
    let text = written.artifact.text;
    let read = eql::rule(&text, schema).map_err(|found| refused(&format!("`{text}` is refused"), found))?;
    let form = canonical(rule.clone());
    if canonical(read.clone()) != form {
        return Err(format!("written as `{text}` it is another rule"));
    }
    Ok(vec![("as lowered", rule), ("normalised", normal), ("canonical", form), ("read back", read)])
}

fn found(rule: &Rule, case: &Case) -> Json {
    let events = case.events.iter().enumerate();
    let events: Vec<Event> =
        events.map(|(at, event)| Event::from_json(event.clone(), at).expect("an object")).collect();
    let options = RunOptions {
        size: Some(case.size),
        result_position: if case.tail { ResultPosition::Tail } else { ResultPosition::Head },
        ..RunOptions::default()
    };
    let place = |event: Option<usize>| event.map_or(json!(-1), |at| json!(at));
    match run(rule, &events, &options) {
        Ok(found) => {
            found.into_iter().map(|found| found.events.into_iter().map(place).collect::<Json>()).collect()
        }
        Err(error) => json!(error.to_string()),
    }
}

/// What a case shows that should not be.
fn breach(case: &Case, answer: &Json, schema: &Schema, registry: &Registry) -> Option<String> {
    let forms = match forms(case, schema, registry) {
        Ok(forms) => forms,
        Err(breach) => return Some(breach),
    };
    let differs = |(form, rule): &(&str, Rule)| {
        let found = found(rule, case);
        (found != *answer).then(|| format!("{form}: {found}, the oracle {answer}"))
    };
    forms.iter().find_map(differs)
}

#[test]
fn random_queries_agree_with_an_independent_evaluator() {
    let (first, count) = (number("EQLC_DIFFERENTIAL_SEED", SEED), number("EQLC_DIFFERENTIAL_CASES", CASES));
    println!("seeds {first} to {}", first + count - 1);
    let (schema, registry) = (generate::schema(), Registry::new().expect("the registry"));
    let (mut breaches, mut matching) = (Vec::new(), BTreeMap::<String, [u64; 2]>::new());
    for start in (first..first + count).step_by(SLICE as usize) {
        let cases: Vec<Case> = (start..(start + SLICE).min(first + count)).map(Case::new).collect();
        let input: Vec<Json> = cases.iter().map(Case::for_oracle).collect();
        let Some(answers) = oracle::answers(&input) else { return };
        for (case, answer) in cases.iter().zip(&answers) {
            if let Some(breach) = breach(case, answer, &schema, &registry) {
                let events = Json::from(case.events.clone());
                breaches.push(format!(
                    "seed {}: {breach}\n  {}\n  {events}\n  size {} tail {}",
                    case.seed, case.query, case.size, case.tail
                ));
            }
            let kind = case.query.split(' ').next().filter(|kind| ["sequence", "sample"].contains(kind));
            let tally = matching.entry(kind.unwrap_or("event").to_owned()).or_default();
            tally[usize::from(answer.as_array().is_some_and(|rows| !rows.is_empty()))] += 1;
        }
    }
    println!("without and with matches: {matching:?}; {} disagree", breaches.len());
    breaches.truncate(20);
    assert!(breaches.is_empty(), "{}", breaches.join("\n\n"));
    assert!(matching.values().all(|[none, some]| some * 10 > *none), "{matching:?} tells little");
}
