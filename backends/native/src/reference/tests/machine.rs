//! The state machine against another formulation, and against the published series.

use std::collections::BTreeMap;
use std::path::Path;

use eqlc_ir::Body;

use super::random::Random;
use crate::reference::testing::*;
use crate::reference::{RunOptions, run};

/// An event of a random stream: time, key, and the stages it fits as bits.
type Plain = (u64, u64, u64);

/// Sequences without a pending table, stage by stage: an event at stage `i` extends the latest partial of
/// stage `i − 1` that ended before it, unless another event of stage `i` came between the two.
fn by_stages(events: &[Plain], stages: u32, span: u64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|at| (events[*at].0, *at));
    let fits = |rank: usize, stage: u32| events[order[rank]].2 >> stage & 1 == 1;
    let key = |rank: usize| events[order[rank]].1;
    let time = |rank: usize| events[order[rank]].0;
    // Partials of a stage: the ranks of their events.
    let mut partials: Vec<Vec<usize>> =
        (0..order.len()).filter(|rank| fits(*rank, 0)).map(|rank| vec![rank]).collect();
    for stage in 1..stages {
        let mut extended = Vec::new();
        for rank in (0..order.len()).filter(|rank| fits(*rank, stage)) {
            let ended =
                |partial: &&Vec<usize>| *partial.last().unwrap() < rank && key(partial[0]) == key(rank);
            let Some(latest) = partials.iter().filter(ended).max_by_key(|partial| partial.last()) else {
                continue;
            };
            let since = *latest.last().unwrap() + 1;
            let taken = (since..rank).any(|between| fits(between, stage) && key(between) == key(rank));
            if !taken && time(rank) - time(latest[0]) <= span {
                extended.push([latest.as_slice(), &[rank]].concat());
            }
        }
        partials = extended;
    }
    partials.into_iter().map(|ranks| ranks.into_iter().map(|rank| order[rank]).collect()).collect()
}

#[test]
fn the_state_machine_agrees_with_a_formulation_by_stages() {
    let mut random = Random::new(7);
    let mut total = 0;
    for _ in 0..300 {
        let stages = 2 + u32::try_from(random.below(3)).unwrap();
        let span = *random.pick(&[5, 20, 100, 1000]);
        let count = 5 + random.below(60);
        let exclusive = random.below(2) == 0;
        let events: Vec<Plain> = (0..count)
            .map(|_| {
                let bits =
                    if exclusive { 1 << random.below(u64::from(stages)) } else { random.below(1 << stages) };
                (random.below(count * 2), random.below(3), bits)
            })
            .collect();
        let text: Vec<String> = events
            .iter()
            .map(|(time, key, bits)| {
                let is: String = (0..stages).filter(|stage| bits >> stage & 1 == 1).map(name).collect();
                format!("{time}:{is}/{key}")
            })
            .collect();
        let steps: Vec<String> = (0..stages).map(|stage| name(stage).to_string()).collect();
        let rule = rule(Body::Sequence(sequence(&steps.join(" "), None, Some(span))));
        let found = run(&rule, &stream(&text.join(" ")), &RunOptions::default()).unwrap();
        let found: Vec<Vec<usize>> =
            found.into_iter().map(|found| found.events.into_iter().flatten().collect()).collect();
        assert_eq!(found, by_stages(&events, stages, span), "{} within {span}", text.join(" "));
        total += found.len();
    }
    assert!(total > 500, "{total} matches are too few to tell");
}

fn name(stage: u32) -> char {
    char::from(b'a' + u8::try_from(stage).unwrap())
}

/// A series of Elasticsearch's test of the bare state machine: lines of `[key|]Name123`, a line a stage.
fn run_series(stages: &[Vec<String>]) -> Vec<String> {
    let mut events = BTreeMap::new();
    for (stage, words) in (0..).zip(stages) {
        for word in words {
            let (key, id) = word.split_once('|').unwrap_or(("", word));
            let time: u64 = id.trim_start_matches(char::is_alphabetic).parse().unwrap();
            events.insert(time, (format!("{time}:{}/{key}", name(stage)), id.to_owned()));
        }
    }
    let (text, ids): (Vec<String>, Vec<String>) = events.into_values().unzip();
    let steps: Vec<String> = (0..).zip(stages).map(|(stage, _)| name(stage).to_string()).collect();
    let rule = rule(Body::Sequence(sequence(&steps.join(" "), None, None)));
    let matches = run(&rule, &stream(&text.join(" ")), &RunOptions::default()).unwrap();
    let line = |found: crate::reference::Match| {
        found.events.iter().flatten().map(|at| ids[*at].clone()).collect::<Vec<_>>().join(" ")
    };
    matches.into_iter().map(line).collect()
}

#[test]
fn the_published_series_are_matched() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/elasticsearch-eql/sequences.series-spec");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the conformance data is not there");
        return;
    };
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).collect();
    let blocks: Vec<&[&str]> = lines.split(|line| *line == ";").filter(|block| !block.is_empty()).collect();
    let words = |line: &&str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut count = 0;
    for pair in blocks.chunks(2) {
        let [[name, stages @ ..], results] = pair else { panic!("{pair:?}") };
        let stages: Vec<Vec<String>> = stages.iter().map(words).collect();
        let wanted: Vec<String> = results
            .iter()
            .map(|line| {
                words(line).iter().map(|id| id.rsplit('|').next().unwrap().to_owned()).collect::<Vec<_>>()
            })
            .map(|ids| ids.join(" "))
            .collect();
        assert_eq!(run_series(&stages), wanted, "{name}");
        count += 1;
    }
    assert!(count > 20, "only {count} series were found");
}
