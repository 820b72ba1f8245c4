//! Rules of Sigma, and what is written as Sigma here, on engines that were not written here: `sigma-rust` and
//! `rsigma-eval`. They say what the reference evaluator says, or the difference is known, with the clause of the
//! specification that decides it (`tests/engines`).

#[path = "sigma_engines/engine.rs"]
mod engine;
#[path = "sigma_engines/near.rs"]
mod near;

use std::collections::BTreeMap;
use std::path::PathBuf;

use engine::{ENGINES, Engine, alerts, is_from};
use eqlc_backend::Settings;
use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::has_errors;
use eqlc_driver::{Input, Inputs, LoadOptions, Registry, compile, load, load_bytes};
use eqlc_events::Event;
use eqlc_ir::{Body, Category, EventQuery, Metadata, Rule};
use eqlc_tests::divergence::{Divergence, known};
use eqlc_tests::peers::{Text, cases};
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
    events: Vec<Event>,
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
    Rule { id: String::new(), meta: Metadata::default(), body, pipes: Vec::new() }
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
        match known.iter().find(|known| known.explains(text, query, event)) {
            Some(known) => *answers.known.entry(known.id.clone()).or_default() += 1,
            None => answers.wrong.push(format!(
                "{name}: {engine} says {found}, the reference {wanted} of {}\n{text}",
                Json::Object(event.fields().clone())
            )),
        }
    }
    answers
}

/// Asks both engines; what is not known fails.
fn ask_both(name: &str, questions: &[Question]) {
    let mut told = String::new();
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
        if !all.wrong.is_empty() {
            told += &format!("{engine}: {} unknown divergences\n{}\n", all.wrong.len(), all.wrong.join("\n"));
        }
    }
    assert!(told.is_empty(), "{told}");
}

/// The events as the evaluator takes them.
fn events(values: &[Json]) -> Vec<Event> {
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
fn made_for(query: &EventQuery) -> Vec<Event> {
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
    text.split("\n---\n").map(str::to_owned).zip(queries).collect()
}

const TAXONOMIES: [(&str, World); 2] = [("sigma", World::Sysmon), ("ecs", World::EcsWithLogSource)];

#[test]
fn sample_rules_as_sigma_are_read_alike() {
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
    ask_both("samples", &questions);
}

/// Places among all of them.
fn renumbered(events: &[Event]) -> Vec<Event> {
    let value = |event: &Event| Json::Object(event.fields().clone());
    self::events(&events.iter().map(value).collect::<Vec<_>>())
}

#[test]
fn elastic_rules_as_sigma_are_read_alike() {
    let Some(folder) = shared("corpus/elastic-rules") else { return };
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
    ask_both("elastic rules", &questions.collect::<Vec<_>>());
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
    let Some(folder) = shared("corpus/sigma-rules") else { return };
    let files = sampled(sigma_files(folder), 20);
    let questions = files.into_par_iter().filter_map(|(name, text)| {
        let query = loaded(&text)?;
        let events = made_for(&query);
        Some(Question { name, text, query, events })
    });
    ask_both("sigma rules", &questions.collect::<Vec<_>>());
}

/// Every rule that has a test, on the events of all tests that are of its log source.
#[test]
fn regression_events_are_read_alike() {
    let (Some(data), Some(folder)) =
        (shared("corpus/sigma-regression/regression_data"), shared("corpus/sigma-rules"))
    else {
        return;
    };
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
    ask_both("regression", &questions.collect::<Vec<_>>());
}

/// The rules that peers got wrong, on the events that show it.
#[test]
fn what_peers_get_wrong_is_read_alike() {
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
    ask_both("peers' cases", &questions);
}

/// Correlations on streams; sigma-rust has none.
#[test]
fn correlations_alert_alike() {
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
            Ok(_) => known.iter().find(|known| known.explains_stream(text, correlation, events)),
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
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
