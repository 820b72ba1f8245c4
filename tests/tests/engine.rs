//! The fast evaluator beside the reference: on the suites of Elasticsearch, on events made for the rules of whole
//! corpora, on the records of regression tests, and on events of real hosts.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;

use eqlc_backend_native::engine::{Detection, Place, Plan, Session, StreamOptions};
use eqlc_backend_native::reference::{self, ResultPosition, RunOptions};
use eqlc_driver::witness::{Outcome, Search};
use eqlc_driver::{Inputs, LoadOptions, load};
use eqlc_events::Event;
use eqlc_ir::{Literal, Rule};
use eqlc_tests::suite;
use eqlc_tests::{eql, regression, sampled, shared};
use serde_json::Value as Json;

/// A match: its events by their places, and what they share.
type Told = (Vec<Option<usize>>, Vec<Literal>);

fn told(found: &Detection) -> Told {
    let place = |seen: &eqlc_backend_native::engine::Seen| usize::try_from(seen.place.ordinal).unwrap();
    (found.events.iter().map(|seen| seen.as_ref().map(place)).collect(), found.join_keys.clone())
}

/// Rules in one plan, each with its options.
struct Planned {
    rules: Vec<(Rule, RunOptions)>,
    plan: Arc<Plan>,
    /// The same, written down and read again.
    reread: Arc<Plan>,
}

impl Planned {
    fn new(rules: Vec<(Rule, RunOptions)>) -> Self {
        let listed: Vec<(&Rule, &RunOptions)> = rules.iter().map(|(rule, options)| (rule, options)).collect();
        let (plan, refused) = Plan::new(&listed);
        assert!(refused.is_empty(), "{refused:?}");
        let bytes = plan.to_bytes(&listed).unwrap();
        let now = listed.first().and_then(|(_, options)| options.now);
        let (reread, refused) = Plan::from_bytes(&bytes, listed.len(), now).unwrap();
        assert!(refused.is_empty(), "{refused:?}");
        Self { rules, plan: Arc::new(plan), reread: Arc::new(reread) }
    }

    /// What each rule that finds anything finds, sorted.
    fn run(&self, events: &[String], max_samples_per_key: usize) -> BTreeMap<usize, Vec<Told>> {
        let found = Self::run_plan(&self.plan, events, max_samples_per_key);
        assert_eq!(found, Self::run_plan(&self.reread, events, max_samples_per_key));
        found
    }

    fn run_plan(
        plan: &Arc<Plan>,
        events: &[String],
        max_samples_per_key: usize,
    ) -> BTreeMap<usize, Vec<Told>> {
        let options = StreamOptions { max_samples_per_key, ..StreamOptions::default() };
        let mut session = Session::new(Arc::clone(plan), &options, 1);
        let place = |at: usize| Place { ordinal: at as u64, input: 0, line: at as u64 + 1 };
        let listed: Vec<(Place, &[u8])> =
            events.iter().enumerate().map(|(at, text)| (place(at), text.as_bytes())).collect();
        let (mut out, mut malformed) = (Vec::new(), Vec::new());
        session.batch(&listed, &mut out, &mut malformed);
        session.finish(&mut out);
        assert!(malformed.is_empty() && session.failures().is_empty());
        let mut found: BTreeMap<usize, Vec<Told>> = BTreeMap::new();
        out.iter().for_each(|detection| found.entry(detection.rule).or_default().push(told(detection)));
        found.values_mut().for_each(|list| list.sort_by_key(|told| format!("{told:?}")));
        found
    }

    /// The same of one rule, by the reference.
    fn wanted(&self, rule: usize, events: &[Event]) -> Vec<Told> {
        let (rule, options) = &self.rules[rule];
        let found = reference::run(rule, events, options).unwrap();
        let mut list: Vec<Told> = found.into_iter().map(|found| (found.events, found.join_keys)).collect();
        list.sort_by_key(|told| format!("{told:?}"));
        list
    }

    /// Both agree on what `own` finds, what is found by any rule, and on some rules that find nothing.
    fn agree(&self, own: &[usize], texts: &[String]) -> usize {
        let events: Vec<Event> = texts.iter().enumerate().map(|(at, text)| read(text, at)).collect();
        let found = self.run(texts, 1);
        let others = (0..self.rules.len()).skip(own.first().map_or(0, |own| own % 97)).step_by(97);
        let mut asked: Vec<usize> = own.iter().copied().chain(found.keys().copied()).chain(others).collect();
        asked.sort_unstable();
        asked.dedup();
        for rule in asked {
            let fast = found.get(&rule).cloned().unwrap_or_default();
            assert_eq!(
                fast,
                self.wanted(rule, &events),
                "{}\n{}",
                self.rules[rule].0.meta.name,
                texts.join("\n")
            );
        }
        found.values().map(Vec::len).sum()
    }
}

fn read(text: &str, at: usize) -> Event<'static> {
    Event::from_json(serde_json::from_str(text).unwrap(), at).unwrap()
}

/// The rules of a corpus that can be run.
fn rules(corpus: &str) -> Option<Vec<(Rule, RunOptions)>> {
    let units = load(&Inputs::rules(&[shared(corpus)?]).files, LoadOptions::default());
    let rules = units.into_iter().flat_map(|unit| unit.rules).map(|rule| rule.rule);
    let with_options = |rule: Rule| {
        let options = RunOptions { now: Some(Search::present()), ..RunOptions::of(&rule.meta) };
        (rule, options)
    };
    let all = rules.map(with_options).filter(|(rule, options)| reference::run(rule, &[], options).is_ok());
    Some(all.collect())
}

/// All rules in one plan find in the events made for one rule what the reference finds.
fn agree_on_witnesses(corpus: &str, step: usize) {
    let Some(rules) = rules(corpus) else { return };
    let planned = Planned::new(rules);
    let mut matches = 0;
    let numbers = sampled((0..planned.rules.len()).collect(), step);
    for at in &numbers {
        let rule = &planned.rules[*at].0;
        let mut streams: Vec<Vec<String>> = Vec::new();
        if let Outcome::Found(found) = Search::new().limit(2).witness(rule) {
            streams.extend(found.iter().map(|witness| witness.events.iter().map(Json::to_string).collect()));
        }
        let misses = Search::new().near_misses(rule);
        streams.extend(misses.iter().take(6).map(|probe| probe.events.iter().map(Json::to_string).collect()));
        for texts in &streams {
            matches += planned.agree(&[*at], texts);
        }
    }
    println!("{corpus}: {} of {} rules, {matches} matches", numbers.len(), planned.rules.len());
    assert!(matches >= numbers.len());
}

#[test]
fn rules_of_elastic_find_the_same() {
    agree_on_witnesses("corpus/elastic-rules", 12);
}

#[test]
fn behaviour_rules_find_the_same() {
    agree_on_witnesses("corpus/endpoint-rules", 16);
}

#[test]
fn rules_of_sigmahq_find_the_same() {
    agree_on_witnesses("corpus/sigma-rules", 40);
}

#[test]
fn records_of_regression_tests_are_found_by_the_same_rules() {
    let Some(records) = regression::regression() else { return };
    let Some(rules) = rules("corpus/sigma-rules") else { return };
    let planned = Planned::new(rules);
    let by_id: BTreeMap<&str, usize> =
        planned.rules.iter().enumerate().map(|(at, (rule, _))| (rule.id.as_str(), at)).collect();
    let mut matches = 0;
    for (id, events) in &records {
        let own: Vec<usize> = by_id.get(id.as_str()).copied().into_iter().collect();
        let texts: Vec<String> = events.iter().map(Json::to_string).collect();
        matches += planned.agree(&own, &texts);
    }
    println!("{} records, {matches} matches", records.len());
    assert!(matches > 100);
}

#[test]
fn queries_of_the_suites_find_the_same() {
    let Some(suites) = suite::suites() else { return };
    let mut compared = 0;
    for suite in &suites {
        for position in [ResultPosition::Head, ResultPosition::Tail] {
            for case in &suite.cases {
                let rule = eql::rule(&case.query, &suite::schema()).unwrap();
                let options = suite.options(case, position);
                let samples = options.max_samples_per_key;
                let planned = Planned::new(vec![(rule, options)]);
                let texts: Vec<String> =
                    suite.events.iter().map(|event| serde_json::to_string(event.fields()).unwrap()).collect();
                let found = planned.run(&texts, samples).remove(&0).unwrap_or_default();
                assert_eq!(found, planned.wanted(0, &suite.events), "{} {}", suite.name, case.query);
                compared += 1;
            }
        }
    }
    println!("{compared} runs");
    assert_eq!(compared, 298 * 2);
}

/// Every so many of the events of a file.
fn lines(path: &str, step: usize) -> Option<Vec<String>> {
    let file = std::fs::File::open(shared(path)?).unwrap();
    let mut text = String::new();
    eqlc_events::decode(std::io::BufReader::new(file)).unwrap().read_to_string(&mut text).unwrap();
    Some(text.lines().step_by(step).map(str::to_owned).collect())
}

#[test]
fn events_of_hosts_are_found_by_the_same_rules() {
    for (corpus, path) in [
        ("corpus/sigma-rules/rules/windows", "events/otrf-windows-flat.ndjson.gz"),
        ("corpus/elastic-rules", "events/otrf-windows-ecs.ndjson.gz"),
    ] {
        let (Some(rules), Some(texts)) = (rules(corpus), lines(path, 131)) else { return };
        let planned = Planned::new(sampled(rules, 3));
        let all: Vec<usize> = (0..planned.rules.len()).collect();
        let matches = planned.agree(&all, &texts);
        println!("{corpus}: {} rules, {} events, {matches} matches", all.len(), texts.len());
    }
}
