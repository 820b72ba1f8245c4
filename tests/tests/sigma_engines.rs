//! Rules of Sigma, and what is written as Sigma here, on engines that were not written here: `sigma-rust` and
//! `rsigma-eval`. They say what the reference evaluator says, or the difference is known, with the clause of the
//! specification that decides it (`tests/engines`).

#[path = "sigma_engines/engine.rs"]
mod engine;
#[path = "sigma_engines/near.rs"]
mod near;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use engine::{ENGINES, Engine, alerts, is_from};
use eqlc_backend::Settings;
use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::has_errors;
use eqlc_driver::{Input, Inputs, LoadOptions, Registry, compile, load, load_bytes};
use eqlc_events::Event;
use eqlc_ir::{Body, Category, EventQuery, Rule};
use eqlc_tests::divergence::{Divergence, known};
use eqlc_tests::peers::{Text, cases};
use eqlc_tests::reading::Reading;
use eqlc_tests::{sample, sample_rules, sampled, shared};
use eqlc_verify::world::World;
use eqlc_witness::{Outcome, witness};
use rayon::prelude::*;
use serde_json::Value as Json;

/// A rule of Sigma without correlations, with the events that the engines are asked about.
struct Question {
    name: String,
    text: String,
    query: EventQuery,
    events: Vec<Event<'static>>,
}

/// What an engine said.
#[derive(Default)]
struct Answers {
    compared: usize,
    matching: usize,
    /// How often each divergence was seen.
    known: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Answers {
    fn add(&mut self, other: Self) {
        self.compared += other.compared;
        self.matching += other.matching;
        for (id, times) in other.known {
            *self.known.entry(id).or_default() += times;
        }
        self.wrong.extend(other.wrong);
    }
}

fn event_rule(query: &EventQuery) -> Rule {
    let body = Body::Event(query.clone());
    Rule { id: String::new(), meta: std::sync::Arc::default(), body, pipes: Vec::new() }
}

/// Which of the events the query matches, by the reference evaluator.
fn ours(query: &EventQuery, events: &[Event]) -> Vec<bool> {
    let rule = event_rule(query);
    let found = reference::run(&rule, events, &RunOptions::default()).expect("the rule runs");
    let mut matching = vec![false; events.len()];
    for place in found.into_iter().flat_map(|found| found.events).flatten() {
        matching[place] = true;
    }
    matching
}

fn ask(engine: &str, question: &Question, known: &[Divergence]) -> Answers {
    let mut answers = Answers::default();
    let Question { name, text, query, events } = question;
    let theirs = match Engine::with(engine, text) {
        Ok(theirs) => theirs,
        Err(message) => {
            match known.iter().find(|known| known.is_refusal(&message, text)) {
                Some(known) => *answers.known.entry(known.id.clone()).or_default() += 1,
                None => answers.wrong.push(format!("{name}: not read: {message}\n{text}")),
            }
            return answers;
        }
    };
    // The engines look at the detection only; which log an event is from is the caller's part.
    let Category::LogSource(source) = &query.category else { panic!("Sigma has a log source") };
    for (event, wanted) in events.iter().zip(ours(query, events)) {
        let found = is_from(event, source) && theirs.matches(event);
        answers.compared += 1;
        answers.matching += usize::from(wanted);
        if found == wanted {
            continue;
        }
        match explanation(known, question, event, found) {
            Some(known) => *answers.known.entry(known.id.clone()).or_default() += 1,
            None => answers.wrong.push(format!(
                "{name}: {engine} says {found}, the reference {wanted} of {}\n{text}",
                Json::Object(event.fields().clone())
            )),
        }
    }
    answers
}

/// What is known of an engine that says this of an event: of what it may be, the first after which the reference says
/// the same, or else all of it together.
fn explanation<'k>(
    known: &'k [Divergence],
    question: &Question,
    event: &Event,
    says: bool,
) -> Option<&'k Divergence> {
    let Question { text, query, .. } = question;
    let may_be: Vec<&Divergence> = known.iter().filter(|known| known.explains(text, query, event)).collect();
    let reads = |readings: &[Reading]| {
        let query = readings.iter().fold(query.clone(), |query, reading| reading.query(&query));
        let event = readings
            .iter()
            .fold(Json::Object(event.fields().clone()), |event, reading| reading.event(&event));
        ours(&query, &events(&[event])) == [says]
    };
    let alone = |known: &&Divergence| known.reads.is_none_or(|reading| reads(&[reading]));
    let together: Vec<Reading> = may_be.iter().filter_map(|known| known.reads).collect();
    let first = may_be.first().copied().filter(|_| together.len() > 1 && reads(&together));
    may_be.iter().find(|known| alone(known)).copied().or(first)
}

/// What was told of the engines: what is known and was seen, by engine, and what is not known.
#[derive(Default)]
struct Told {
    seen: BTreeSet<(&'static str, String)>,
    wrong: String,
}

impl Told {
    fn check(told: Option<&Self>) {
        if let Some(told) = told {
            assert!(told.wrong.is_empty(), "{}", told.wrong);
        }
    }
}

/// Asks both engines.
fn ask_both(name: &str, questions: &[Question]) -> Told {
    let mut told = Told::default();
    for engine in ENGINES {
        let known = known(engine);
        let parts: Vec<Answers> =
            questions.par_iter().map(|question| ask(engine, question, &known)).collect();
        let mut all = Answers::default();
        parts.into_iter().for_each(|part| all.add(part));
        println!(
            "{name}, {engine}: {} rules, {} verdicts, {} of them matches; known divergences {:?}",
            questions.len(),
            all.compared,
            all.matching,
            all.known
        );
        told.seen.extend(all.known.into_keys().map(|id| (engine, id)));
        if !all.wrong.is_empty() {
            let list = all.wrong.join("\n");
            told.wrong += &format!("{engine}: {} unknown divergences\n{list}\n", all.wrong.len());
        }
    }
    told
}

/// The events as the evaluator takes them.
fn events(values: &[Json]) -> Vec<Event<'static>> {
    values.iter().enumerate().filter_map(|(at, value)| Event::from_json(value.clone(), at)).collect()
}

/// The one rule of a file of Sigma; none where it has errors or other than one rule of single events.
fn loaded(text: &str) -> Option<EventQuery> {
    let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
    let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
    match (has_errors(&unit.diagnostics), unit.rules.as_slice()) {
        (false, [rule]) => match &rule.rule.body {
            Body::Event(query) => Some(query.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Events that a rule matches, and others close to them.
fn made_for(query: &EventQuery) -> Vec<Event<'static>> {
    let Outcome::Found(found) = witness(&event_rule(query), 1) else { return Vec::new() };
    let near = found.iter().flat_map(|found| &found.events).flat_map(|event| near::misses(event, query));
    events(&near.collect::<Vec<_>>())
}

fn compiled(rule: &Rule, taxonomy: &str) -> Option<(String, Rule)> {
    let registry = Registry::new().expect("the targets");
    let settings =
        Settings { options: [("taxonomy".to_owned(), taxonomy.to_owned())].into(), ..Settings::default() };
    let compiled = compile(rule, registry.find("sigma").expect("the target"), &settings).ok()?;
    Some((compiled.artifact.text, compiled.legal.rule().clone()))
}

/// The queries over single events that a file holds, with their documents.
fn parts(text: &str, legal: &Rule) -> Vec<(String, EventQuery)> {
    let queries: Vec<EventQuery> = legal.queries().into_iter().cloned().collect();
    // Correlations stand between the rules that they are about.
    let rules = text.split("\n---\n").filter(|document| document.contains("\nlogsource:"));
    rules.map(str::to_owned).zip(queries).collect()
}

const TAXONOMIES: [(&str, World); 2] = [("sigma", World::Sysmon), ("ecs", World::EcsWithLogSource)];

#[test]
fn sample_rules_as_sigma_are_read_alike() {
    Told::check(SAMPLES.as_ref());
}

fn samples() -> Option<Told> {
    let mut questions = Vec::new();
    for path in sample_rules("toml") {
        let (rule, streams) = sample(path);
        for (taxonomy, world) in TAXONOMIES {
            let (text, legal) = compiled(&rule.rule, taxonomy).expect("the samples compile");
            let projected = streams.iter().filter_map(|stream| world.project(&stream.events).ok());
            let all: Vec<Event> = projected.flat_map(|projected| projected.events).collect();
            for (text, query) in parts(&text, &legal) {
                let name = format!("{} ({taxonomy})", rule.rule.meta.name);
                questions.push(Question { name, text, query, events: renumbered(&all) });
            }
        }
    }
    Some(ask_both("samples", &questions))
}

/// Places among all of them.
fn renumbered(events: &[Event]) -> Vec<Event<'static>> {
    let value = |event: &Event| Json::Object(event.fields().clone());
    self::events(&events.iter().map(value).collect::<Vec<_>>())
}

#[test]
fn elastic_rules_as_sigma_are_read_alike() {
    Told::check(ELASTIC_RULES.as_ref());
}

fn elastic_rules() -> Option<Told> {
    let folder = shared("corpus/elastic-rules")?;
    let inputs = Inputs::rules(&[folder]);
    let units = load(&inputs.files, LoadOptions::default());
    let rules: Vec<&Rule> = units.iter().flat_map(|unit| &unit.rules).map(|rule| &rule.rule).collect();
    let rules = sampled(rules, 20);
    let questions = rules.par_iter().flat_map_iter(|rule| {
        TAXONOMIES.into_iter().flat_map(move |(taxonomy, _)| {
            let outputs = compiled(rule, taxonomy).map(|(text, legal)| parts(&text, &legal));
            outputs.into_iter().flatten().map(move |(text, query)| {
                let name = format!("{} ({taxonomy})", rule.meta.name);
                let events = made_for(&query);
                Question { name, text, query, events }
            })
        })
    });
    Some(ask_both("elastic rules", &questions.collect::<Vec<_>>()))
}

/// The files of single rules below a folder.
fn sigma_files(folder: PathBuf) -> Vec<(String, String)> {
    let inputs = Inputs::rules(&[folder]);
    let text = |input: &Input| {
        let text = std::fs::read_to_string(input.path.as_ref().expect("a file")).expect("readable");
        (input.relative.display().to_string(), text)
    };
    inputs.files.iter().map(text).collect()
}

#[test]
fn sigma_rules_are_read_alike() {
    Told::check(SIGMA_RULES.as_ref());
}

fn sigma_rules() -> Option<Told> {
    let folder = shared("corpus/sigma-rules")?;
    let files = sampled(sigma_files(folder), 20);
    let questions = files.into_par_iter().filter_map(|(name, text)| {
        let query = loaded(&text)?;
        let events = made_for(&query);
        Some(Question { name, text, query, events })
    });
    Some(ask_both("sigma rules", &questions.collect::<Vec<_>>()))
}

/// Every rule that has a test, on the events of all tests that are of its log source.
#[test]
fn regression_events_are_read_alike() {
    Told::check(REGRESSION.as_ref());
}

fn regression() -> Option<Told> {
    let data = shared("corpus/sigma-regression/regression_data")?;
    let folder = shared("corpus/sigma-rules")?;
    let mut records = Vec::new();
    let mut ids = Vec::new();
    let mut folders = vec![data];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                ids.push(path.file_stem().expect("a name").to_string_lossy().into_owned());
                let text = std::fs::read_to_string(&path).expect("readable");
                records.extend(
                    serde_json::Deserializer::from_str(&text).into_iter::<Json>().map(|it| it.expect("JSON")),
                );
            }
        }
    }
    let all = World::Logs.project(&records).expect("records").events;
    let questions = sigma_files(folder).into_par_iter().filter_map(|(name, text)| {
        let id = text.lines().find_map(|line| line.strip_prefix("id:"))?.trim();
        if !ids.iter().any(|known| known == id) {
            return None;
        }
        let query = loaded(&text)?;
        let Category::LogSource(source) = &query.category else { return None };
        let own: Vec<Event> = all.iter().filter(|event| is_from(event, source)).cloned().collect();
        let events = renumbered(&own);
        Some(Question { name, text, query, events })
    });
    Some(ask_both("regression", &questions.collect::<Vec<_>>()))
}

/// The rules that peers got wrong, on the events that show it.
#[test]
fn what_peers_get_wrong_is_read_alike() {
    Told::check(PEERS.as_ref());
}

fn peers() -> Option<Told> {
    let mut questions = Vec::new();
    for case in cases() {
        for rule in &case.rules {
            let Text::Sigma(text) = rule.text() else { continue };
            let Some(query) = loaded(text) else { continue };
            let streams = rule.streams();
            let projected = streams.iter().filter_map(|(_, stream)| World::Logs.project(&stream.events).ok());
            let all: Vec<Event> = projected.flat_map(|projected| projected.events).collect();
            let name = format!("{} {}", case.id, rule.name);
            questions.push(Question { name, text: text.to_owned(), query, events: renumbered(&all) });
        }
    }
    Some(ask_both("peers' cases", &questions))
}

/// Correlations on streams; sigma-rust has none.
#[test]
fn correlations_alert_alike() {
    Told::check(CORRELATIONS.as_ref());
}

fn correlations() -> Option<Told> {
    let known = known("rsigma-eval");
    let (mut compared, mut alerting, mut seen, mut wrong) =
        (0, 0, BTreeMap::<String, usize>::new(), Vec::new());
    let mut compare = |name: &str, text: &str, rule: &Rule, events: &[Event]| {
        let wanted =
            !reference::run(rule, events, &RunOptions::of(&rule.meta)).expect("the rule runs").is_empty();
        let Body::Correlation(correlation) = &rule.body else { panic!("a correlation") };
        compared += 1;
        alerting += usize::from(wanted);
        let found = alerts(text, events);
        if found == Ok(wanted) {
            return;
        }
        let explained = match &found {
            Err(message) => known.iter().find(|known| known.is_refusal(message, text)),
            Ok(says) => known.iter().find(|known| {
                known.explains_stream(text, correlation, events)
                    && known
                        .reads
                        .is_none_or(|reading| alerts_when_read(reading, rule, events).contains(says))
            }),
        };
        match explained {
            Some(known) => *seen.entry(known.id.clone()).or_default() += 1,
            None => wrong.push(format!("{name}: rsigma says {found:?}, the reference {wanted}\n{text}")),
        }
    };
    for path in sample_rules("toml") {
        let (rule, streams) = sample(path);
        for (taxonomy, world) in TAXONOMIES {
            let (text, legal) = compiled(&rule.rule, taxonomy).expect("the samples compile");
            if !matches!(legal.body, Body::Correlation(_)) {
                continue;
            }
            for stream in &streams {
                let Ok(projected) = world.project(&stream.events) else { continue };
                let name = format!("{} ({taxonomy}), {}", rule.rule.meta.name, stream.name);
                compare(&name, &text, &legal, &projected.events);
            }
        }
    }
    for case in cases() {
        for case_rule in &case.rules {
            let Text::Sigma(text) = case_rule.text() else { continue };
            let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
            let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
            let correlation =
                unit.rules.iter().rev().find(|rule| matches!(rule.rule.body, Body::Correlation(_)));
            let Some(rule) = correlation else { continue };
            for (_, stream) in case_rule.streams() {
                let projected = World::Logs.project(&stream.events).expect("records");
                let name = format!("{} {}, {}", case.id, case_rule.name, stream.name);
                compare(&name, text, &rule.rule, &projected.events);
            }
        }
    }
    println!("correlations, rsigma-eval: {compared} verdicts, {alerting} alerts; known divergences {seen:?}");
    let seen = seen.into_keys().map(|id| ("rsigma-eval", id)).collect();
    let count = wrong.len();
    Some(Told {
        seen,
        wrong: if count == 0 { String::new() } else { format!("{count}\n{}", wrong.join("\n")) },
    })
}

/// What the reference says of a correlation on the streams that are read of one.
fn alerts_when_read(reading: Reading, rule: &Rule, events: &[Event]) -> Vec<bool> {
    let Body::Correlation(correlation) = &rule.body else { return Vec::new() };
    if reading == Reading::Nothing {
        return vec![false];
    }
    let rule = Rule { body: Body::Correlation(reading.correlation(correlation)), ..rule.clone() };
    let says = |values: Vec<Json>| {
        let found = reference::run(&rule, &self::events(&values), &RunOptions::of(&rule.meta));
        !found.expect("the rule runs").is_empty()
    };
    reading.streams(events).into_iter().map(says).collect()
}

/// Rules on which engines differ that no rule of the samples shows, each with an event.
const ODD: &[(&str, &str)] = &[
    ("a|contains|windash: ' /f'", r#"{"a": "x -f"}"#),
    ("a|base64offset|contains: 'Add '", r#"{"a": "x QWRkI"}"#),
    ("a: true", r#"{"a": "TRUE"}"#),
    ("a|fieldref|contains: b", r#"{"a": "x", "b": ""}"#),
    ("a|fieldref|contains: b", r#"{"a": "xy", "b": ["x", "q"]}"#),
    ("a|fieldref: b", r#"{"a": "X", "b": "x"}"#),
    ("a|fieldref: b", r#"{"a": 1, "b": "1"}"#),
    ("a|fieldref: b", r#"{"a": 2.0, "b": 2}"#),
    ("a: 1", r#"{"a": 1.0}"#),
    ("a: null", "{}"),
];

/// What only the whole of the corpora shows.
const RARE: [&str; 1] = ["three-backslashes"];

static SAMPLES: LazyLock<Option<Told>> = LazyLock::new(samples);
static ELASTIC_RULES: LazyLock<Option<Told>> = LazyLock::new(elastic_rules);
static SIGMA_RULES: LazyLock<Option<Told>> = LazyLock::new(sigma_rules);
static REGRESSION: LazyLock<Option<Told>> = LazyLock::new(regression);
static PEERS: LazyLock<Option<Told>> = LazyLock::new(peers);
static CORRELATIONS: LazyLock<Option<Told>> = LazyLock::new(correlations);
static ODD_RULES: LazyLock<Option<Told>> = LazyLock::new(odd_rules);

#[test]
fn odd_rules_are_read_alike() {
    Told::check(ODD_RULES.as_ref());
}

fn odd_rules() -> Option<Told> {
    let question = |(test, event): &(&str, &str)| {
        let text = format!(
            "title: Odd\nid: 00000000-0000-4000-8000-000000000001\nstatus: test\nlogsource:\n    product: p\ndetection:\n    s:\n        {test}\n    condition: s\n"
        );
        let mut event: Json = serde_json::from_str(event).expect("JSON");
        event["logsource"] = serde_json::json!({"product": "p"});
        let query = loaded(&text).expect("a rule");
        Question { name: (*test).to_owned(), text, query, events: events(&[event]) }
    };
    Some(ask_both("odd rules", &ODD.iter().map(question).collect::<Vec<_>>()))
}

/// What is said to be known of an engine shows somewhere. Without the corpora it may be nowhere, and is only told.
#[test]
fn every_known_divergence_is_seen() {
    let all = [&SAMPLES, &ELASTIC_RULES, &SIGMA_RULES, &REGRESSION, &PEERS, &CORRELATIONS, &ODD_RULES];
    let told: Vec<Option<&Told>> = all.into_iter().map(|told| told.as_ref()).collect();
    let seen: BTreeSet<&(&str, String)> = told.iter().flatten().flat_map(|told| &told.seen).collect();
    let entries =
        ENGINES.into_iter().flat_map(|engine| known(engine).into_iter().map(move |it| (engine, it.id)));
    let whole = std::env::var_os("EQLC_WHOLE_CORPUS").is_some();
    let asked = entries.filter(|(_, id)| whole || !RARE.contains(&id.as_str()));
    let unseen: Vec<(&str, String)> = asked.filter(|entry| !seen.contains(entry)).collect();
    if told.iter().all(Option::is_some) {
        assert!(unseen.is_empty(), "no engine shows these any more: {unseen:?}");
    } else {
        println!("not seen without the corpora: {unseen:?}");
    }
}
