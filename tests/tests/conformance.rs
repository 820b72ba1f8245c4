//! Elasticsearch's own test queries, read from beside the checkout: every form of a rule gives the results that
//! the suite expects, and what the suite refuses is refused with a cause.

use eqlc_backend_native::reference::{Match, ResultPosition, run};
use eqlc_events::Event;
use eqlc_ir::normalise::{canonical, normalise};
use eqlc_ir::{Body, Literal, Op, Pred};
use eqlc_tests::suite::{self, Case, FoldTest, Suite};
use eqlc_tests::{eql, suite::statements};
use serde_json::{Value as Json, json};

/// The ids that a result shows, as the suite writes them.
fn ids(suite: &Suite, matches: &[Match]) -> Vec<Json> {
    let id = |event: &Option<usize>| {
        event.map_or(json!(-1), |at| suite.events[at].fields().get(suite.id).cloned().unwrap_or(Json::Null))
    };
    matches.iter().flat_map(|found| found.events.iter().map(id)).collect()
}

fn keys(matches: &[Match]) -> Vec<String> {
    let key = |key: &Literal| match key {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => value.to_string(),
        Literal::Str(text) => text.to_string(),
        Literal::Date(bound) => bound.text().to_owned(),
    };
    matches.iter().flat_map(|found| found.join_keys.iter().map(key)).collect()
}

/// What goes wrong with a case, in every form and from both ends; the number of runs.
fn breaches(suite: &Suite, case: &Case) -> (usize, Vec<String>) {
    let place = format!("{} {}", suite.name, case.name);
    let rule = match eql::rule(&case.query, &suite::schema()) {
        Ok(rule) => rule,
        Err(found) => return (0, vec![format!("{place}: refused, {}", found[0].message)]),
    };
    let forms = [
        ("as lowered", rule.clone()),
        ("normalised", normalise(rule.clone())),
        ("canonical", canonical(rule)),
    ];
    let (mut count, mut wrong) = (0, Vec::new());
    for (form, rule) in &forms {
        for position in [ResultPosition::Head, ResultPosition::Tail] {
            count += 1;
            let found = match run(rule, &suite.events, &suite.options(case, position)) {
                Ok(found) => found,
                Err(error) => {
                    wrong.push(format!("{place} {form} {position:?}: {error}"));
                    continue;
                }
            };
            let (ids, keys) = (ids(suite, &found), keys(&found));
            if !case.expected.contains(&ids) || case.join_keys.as_ref().is_some_and(|wanted| *wanted != keys)
            {
                wrong.push(format!("{place} {form} {position:?}: {} {keys:?}", Json::from(ids)));
            }
        }
    }
    (count, wrong)
}

#[test]
fn every_query_with_known_results_gives_them() {
    let Some(suites) = suite::suites() else { return };
    let (mut queries, mut runs, mut wrong) = (0, 0, Vec::new());
    for suite in &suites {
        for case in &suite.cases {
            let (count, found) = breaches(suite, case);
            queries += 1;
            runs += count;
            wrong.extend(found);
        }
    }
    println!("{queries} queries, {runs} runs, {} wrong", wrong.len());
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!((queries, runs), (298, 298 * 3 * 2));
}

#[test]
fn every_query_with_known_results_keeps_the_laws_of_the_printer() {
    let Some(suites) = suite::suites() else { return };
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    let breaches: Vec<String> = cases.filter_map(|case| eql::printer_breach(&case.query)).collect();
    assert_eq!(breaches, Vec::<String>::new());
}

/// The constant that an expression folds to, read off a comparison with a field that takes anything.
fn folded(body: &Body) -> Option<Literal> {
    let Body::Event(query) = body else { return None };
    let Pred::Test(test) = &query.filter else { return None };
    match &test.op {
        Op::IsNull => Some(Literal::Null),
        Op::Compare(_, right) => right.as_literal().cloned(),
        _ => None,
    }
}

fn literal(value: Option<&Json>) -> Literal {
    match value {
        None => Literal::Null,
        Some(Json::Bool(value)) => Literal::Bool(*value),
        Some(Json::String(text)) => Literal::Str(text.as_str().into()),
        Some(Json::Number(number)) if number.is_f64() => Literal::Float(number.as_f64().expect("a float")),
        Some(number) => Literal::Int(number.as_i64().expect("an integer").into()),
    }
}

fn fold_breach(test: &FoldTest) -> Option<String> {
    let FoldTest { expression, expected } = test;
    let query = format!("any where ?some.value == ({expression})");
    let rule = match eql::rule(&query, &suite::schema()) {
        Ok(rule) => rule,
        Err(found) => return Some(format!("{expression}: {}", found[0].message)),
    };
    let (value, wanted) = (folded(&rule.body), literal(expected.as_ref()));
    if value.as_ref() != Some(&wanted) {
        return Some(format!("{expression}: {value:?}, not {wanted:?}"));
    }
    // The event that has the value is found, the one that has another is not.
    let events = [json!({ "some": { "value": expected } }), json!({ "some": { "value": "something else" } })];
    let events = events.map(|event| Event::from_json(event, 0).expect("an object"));
    let found = run(&rule, &events, &Default::default()).expect("an equality");
    let found: Vec<_> = found.into_iter().flat_map(|found| found.events).collect();
    (found != [Some(0)]).then(|| format!("{expression}: found {found:?}"))
}

#[test]
fn every_fold_test_folds_to_its_value() {
    let Some(folder) = suite::folder() else { return };
    let tests = suite::fold_tests(&folder);
    let breaches: Vec<String> = tests.iter().filter_map(fold_breach).collect();
    assert_eq!(breaches, Vec::<String>::new());
    assert_eq!(tests.len(), 71);
}

#[test]
fn supported_queries_are_read_and_joins_are_refused() {
    let Some(folder) = suite::folder() else { return };
    let text = std::fs::read_to_string(folder.join("queries-supported.eql")).expect("a file");
    let mut all = statements(&text);
    // What follows the last `;` is a query a line, never read by Elasticsearch itself.
    all.pop();
    let (mut read, mut joins) = (0, Vec::new());
    for (at, query) in all.iter().enumerate() {
        let parsed = eqlc_eql::parse(&eqlc_diagnostics::Fragment::verbatim(Default::default(), 0, query));
        if query.trim_start().starts_with("join") {
            let codes: Vec<&str> = parsed.diagnostics.iter().map(|found| found.code.as_str()).collect();
            joins.push(codes.join(" "));
            continue;
        }
        assert_eq!(parsed.diagnostics, [], "statement {at}");
        assert_eq!(eql::printer_breach(query), None, "statement {at}");
        read += 1;
    }
    assert_eq!((read, joins.len()), (179, 14));
    assert!(joins.iter().all(|codes| codes == "E0040"), "{joins:?}");
}

/// A message with the user's text left out: it may not be copied.
fn own_words(message: &str) -> String {
    let own: Vec<&str> = message.split('`').step_by(2).collect();
    own.join("`…`")
}

#[test]
fn unsupported_queries_are_refused_with_a_cause() {
    let Some(folder) = suite::folder() else { return };
    let text = std::fs::read_to_string(folder.join("queries-unsupported.eql")).expect("a file");
    let all = statements(&text);
    assert_eq!(all.len(), 116);
    let (mut refused, mut out) = (0, String::new());
    for (at, query) in all.iter().enumerate() {
        let Err(found) = eql::rule(query, &suite::schema()) else {
            // These two pipes became part of the language after the file was written.
            let mut pipes = query.split('|').skip(1).map(str::trim).peekable();
            assert!(pipes.peek().is_some(), "statement {at}");
            assert!(pipes.all(|pipe| pipe.starts_with("head") || pipe.starts_with("tail")), "statement {at}");
            continue;
        };
        refused += 1;
        for diagnostic in found {
            out += &format!("{at:3} {} {}\n", diagnostic.code, own_words(&diagnostic.message));
        }
    }
    assert_eq!(refused, 102);
    insta::assert_snapshot!(out);
}
