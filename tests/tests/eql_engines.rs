//! Rules of EQL on evaluators that were not written here: the Python package `eql`, where its language is that of
//! Elasticsearch, and `refeql.py`, which lies beside the checkout. They are asked about the events of the fixtures, and
//! about witnesses and near misses of whole corpora. They say what the reference evaluator says, or the difference is
//! known, with the clause that decides it (`tests/engines`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_driver::{Inputs, LoadOptions, MadeSettings, Timestamp, load, make_streams};
use eqlc_events::Event;
use eqlc_ir::{Body, Rule};
use eqlc_schema::Schema;
use eqlc_tests::divergence::{Divergence, flatten, known};
use eqlc_tests::{eql, oracle, python_eql, root, sample, sample_rules, sampled, shared};
use serde_json::{Map, Value as Json, json};

/// A query on a stream of events.
struct Question {
    name: String,
    query: String,
    rule: Rule,
    events: Vec<Json>,
}

/// Streams of each rule of a corpus; near misses of one rule are much alike.
const STREAMS: usize = 16;

impl Question {
    fn seen(&self) -> Vec<Event<'static>> {
        let events = self.events.iter().enumerate();
        events.filter_map(|(at, event)| Event::from_json(event.clone(), at)).collect()
    }

    fn options(&self) -> RunOptions {
        let times = self.seen().iter().filter_map(|event| event.timestamp("@timestamp")).max();
        RunOptions { now: times.or(Some(Timestamp::from_nanos(0))), ..RunOptions::of(&self.rule.meta) }
    }

    /// The matches, sorted, each as the places of its events; missing ones are left out.
    fn wanted(&self) -> Json {
        let found = reference::run(&self.rule, &self.seen(), &self.options()).expect("the rule runs");
        let places = found.into_iter().map(|found| found.events.into_iter().flatten().collect());
        let mut matches: Vec<Vec<usize>> = places.collect();
        matches.sort();
        json!(matches)
    }

    fn for_python(&self) -> Json {
        let category = self.options().category_field;
        json!({ "query": self.query, "category": category, "events": self.events })
    }
}

/// The text of the query of a rule document.
fn query_of(path: &std::path::Path) -> Option<String> {
    let document: toml::Table = std::fs::read_to_string(path).ok()?.parse().ok()?;
    Some(document.get("rule")?.get("query")?.as_str()?.to_owned())
}

/// The rules of the samples on their fixtures.
fn samples() -> Vec<Question> {
    let mut questions = Vec::new();
    for path in sample_rules("toml") {
        let query = query_of(&path).expect("a query");
        let (rule, streams) = sample(path);
        for stream in streams {
            let name = format!("{}, {}", rule.rule.meta.name, stream.name);
            let (query, rule) = (query.clone(), rule.lowered.clone());
            questions.push(Question { name, query, rule, events: stream.events });
        }
    }
    questions
}

/// One file of the corpus in so many is asked about, where not all are.
const STEP: usize = 24;

/// Rules of the corpus on what is made from them, once for all tests; none where it is absent.
fn corpus() -> Option<&'static [Question]> {
    static QUESTIONS: OnceLock<Option<Vec<Question>>> = OnceLock::new();
    QUESTIONS.get_or_init(made_of_corpus).as_deref()
}

fn made_of_corpus() -> Option<Vec<Question>> {
    let folder = shared("corpus/elastic-rules")?;
    let inputs = sampled(Inputs::rules(&[folder]).files, STEP);
    let units = load(&inputs, LoadOptions { unlinted: true, ..LoadOptions::default() });
    let settings = MadeSettings { near_misses: true, limit: Some(STREAMS), ..MadeSettings::default() };
    let made = make_streams(&units, &settings);
    let mut questions = Vec::new();
    for (unit, rules) in units.iter().zip(made) {
        let Some(query) = unit.input.path.as_deref().and_then(query_of) else { continue };
        for made in rules {
            for stream in made.streams {
                let name = format!("{}, {stream}", unit.input.relative.display());
                let (query, rule) = (query.clone(), made.rule.lowered.clone());
                questions.push(Question { name, query, rule, events: stream.events });
            }
        }
    }
    assert!(!questions.is_empty());
    Some(questions)
}

/// The cases of the reference that ask nothing of a request: a query, events and the matches.
fn conformance() -> Vec<Question> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("tests/conformance"))
        .expect("cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut questions = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("readable");
        let cases: Vec<Map<String, Json>> = serde_yaml::from_str(&text).expect("cases");
        for case in cases {
            let known = ["name", "section", "query", "events", "matches"];
            let (Some(query), Some(events)) = (case.get("query").and_then(Json::as_str), case.get("events"))
            else {
                continue;
            };
            if case.keys().any(|key| !known.contains(&key.as_str())) {
                continue;
            }
            let Ok(rule) = eql::rule(query, &Schema::of([])) else { continue };
            let mut events: Vec<Json> = events.as_array().expect("a list").clone();
            for (at, event) in events.iter_mut().enumerate() {
                let fields = event.as_object_mut().expect("an object");
                fields.entry("@timestamp").or_insert_with(|| json!(at * 1_000));
            }
            let name = format!("{} §{}", case["name"], case["section"]);
            questions.push(Question { name, query: query.to_owned(), rule, events });
        }
    }
    questions
}

/// What an engine said of many questions.
#[derive(Default)]
struct Tally {
    streams: usize,
    matching: usize,
    rules: BTreeSet<String>,
    known: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn print(&self, engine: &str, what: &str) {
        println!(
            "{engine}, {what}: {} queries, {} streams, {} of them with matches; {} unknown, known {:?}",
            self.rules.len(),
            self.streams,
            self.matching,
            self.wrong.len(),
            self.known
        );
    }
}

fn python(questions: &[Question], known: &[Divergence]) -> Option<Tally> {
    let cases: Vec<Json> = questions.iter().map(Question::for_python).collect();
    let mut tally = Tally::default();
    for (question, answer) in questions.iter().zip(python_eql::answers(&cases)?) {
        let (sensitive, insensitive) = (&answer["sensitive"], &answer["insensitive"]);
        let wanted = question.wanted();
        tally.streams += 1;
        tally.rules.insert(question.query.clone());
        tally.matching += usize::from(wanted != json!([]));
        if *sensitive == wanted && *insensitive == wanted {
            continue;
        }
        let by_case = sensitive != insensitive && [sensitive, insensitive].contains(&&wanted);
        let refused = sensitive.as_str();
        let events = question.seen();
        let explained = known.iter().find(|known| match refused {
            Some(message) => known.is_refusal(message, &question.query),
            None => known.explains_query(&question.query, &question.rule, &events, by_case),
        });
        match explained {
            Some(known) => *tally.known.entry(known.id.clone()).or_default() += 1,
            None => tally.wrong.push(format!(
                "{}: the reference says {wanted}, the engine {sensitive}, without letter case {insensitive}\n{}\n{}",
                question.name,
                question.query,
                Json::from(question.events.clone())
            )),
        }
    }
    Some(tally)
}

/// The first of what is wrong, and how much there is.
fn shown(wrong: &[String]) -> String {
    format!(
        "{} unknown divergences\n{}",
        wrong.len(),
        wrong.iter().take(10).cloned().collect::<Vec<_>>().join("\n\n")
    )
}

#[test]
fn the_python_engine_agrees_where_its_language_is_the_same() {
    let divergences = known("python-eql");
    let mut used = BTreeSet::new();
    let corpus = corpus();
    let whole = corpus.is_some();
    let (samples, conformance) = (samples(), conformance());
    for (what, questions) in
        [("fixtures", &*samples), ("conformance", &*conformance), ("corpus", corpus.unwrap_or_default())]
    {
        let Some(tally) = python(questions, &divergences) else { return };
        tally.print("python eql", what);
        used.extend(tally.known.into_keys());
        assert!(tally.wrong.is_empty(), "{}", shown(&tally.wrong));
    }
    let unused: Vec<&String> =
        divergences.iter().map(|known| &known.id).filter(|id| !used.contains(*id)).collect();
    assert!(!whole || unused.is_empty(), "nothing shows {unused:?}");
}

/// The fields of events at one level, as `refeql.py` has them.
fn flat(event: &Json) -> Json {
    let mut flat = Map::new();
    flatten(event, "", &mut flat);
    Json::Object(flat)
}

#[test]
fn witnesses_and_near_misses_agree_with_the_independent_evaluator() {
    let Some(questions) = corpus() else { return };
    let asked: Vec<&Question> = questions
        .iter()
        .filter(|question| {
            // The evaluator has no other fields for time and category.
            RunOptions { now: None, ..question.options() } == RunOptions::default()
        })
        .collect();
    let cases: Vec<Json> = asked.iter().map(|question| {
        let queries = question.rule.queries();
        let mut mapped: BTreeSet<String> =
            queries.iter().flat_map(|query| query.filter.fields()).map(|field| field.path.to_string()).collect();
        mapped.insert("event.category".to_owned());
        let events: Vec<Json> = question.events.iter().map(flat).collect();
        json!({
            "query": question.query, "events": events, "size": 1_000, "position": "tail", "mapped": mapped, "versions": [],
        })
    }).collect();
    let Some(answers) = oracle::answers(&cases) else { return };
    let mut tally = Tally::default();
    for (question, answer) in asked.iter().zip(answers) {
        let mut found: Vec<Vec<i64>> = match serde_json::from_value(answer.clone()) {
            Ok(found) => found,
            Err(_) => {
                tally.wrong.push(format!("{}: {answer}\n{}", question.name, question.query));
                continue;
            }
        };
        found.iter_mut().for_each(|found| found.retain(|place| *place >= 0));
        found.sort();
        let wanted = question.wanted();
        tally.streams += 1;
        tally.rules.insert(question.query.clone());
        tally.matching += usize::from(wanted != json!([]));
        if json!(found) != wanted {
            let events = Json::from(question.events.clone());
            tally.wrong.push(format!(
                "{}: {found:?}, the reference {wanted}\n{}\n{events}",
                question.name, question.query
            ));
        }
    }
    tally.print("refeql.py", "corpus");
    let sequences =
        questions.iter().filter(|question| matches!(question.rule.body, Body::Sequence(_))).count();
    println!("{sequences} streams of sequences");
    assert!(tally.wrong.is_empty(), "{}", shown(&tally.wrong));
}
