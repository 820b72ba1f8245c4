//! What the sequences of Elastic's rules cost when a million keys are live: `cargo test --release -- --ignored`.
//!
//! Events satisfy queries and have keys without anything being read or matched, so only the machines are measured.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use eqlc_diagnostics::{Fragment, SourceId, has_errors};
use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Body, FieldRef, Literal, Rule};
use eqlc_lower::eql::{Context, lower};

use super::harness::Driven;
use crate::engine::state::{AtHand, QueryId};
use crate::engine::{Given, PartialLimits, Place, StreamOptions};
use crate::reference::RunOptions;

/// An event whose key fields all hold texts of their own.
struct Keyed {
    ordinal: u64,
    key: u64,
    nanos: i128,
}

impl AtHand for Keyed {
    fn place(&self) -> Place {
        Place { ordinal: self.ordinal, input: 0, line: self.ordinal }
    }

    fn values(&self, field: &FieldRef) -> Vec<Literal> {
        let mut text = String::with_capacity(48);
        write!(text, "{}-{:024x}", field.path.len(), self.key).unwrap();
        vec![Literal::Str(text.into())]
    }

    fn time(&self, _: &str) -> Option<Timestamp> {
        Some(Timestamp::from_nanos(self.nanos))
    }

    fn event(&self) -> Arc<Event> {
        panic!("no rule here names earlier steps")
    }

    fn text(&self) -> Option<Arc<[u8]>> {
        None
    }
}

/// The sequences among the rules below a folder.
fn sequences(folder: &Path, found: &mut Vec<Rule>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sequences(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let Some((_, query)) = text.split_once("\nquery = '''") else { continue };
        let Some((query, _)) = query.split_once("'''") else { continue };
        if !text.contains("type = \"eql\"") || !query.trim_start().starts_with("sequence") {
            continue;
        }
        let parsed = eqlc_eql::parse(&Fragment::verbatim(SourceId::default(), 0, query));
        let (lowered, diagnostics) = lower(&parsed.tree, &Context::default());
        if let Some(lowered) =
            lowered.filter(|_| !has_errors(&parsed.diagnostics) && !has_errors(&diagnostics))
        {
            let (id, meta) = (path.display().to_string(), Arc::default());
            found.push(Rule { id, meta, body: lowered.body, pipes: lowered.pipes });
        }
    }
}

/// Megabytes of memory that the process has, and the most that it had.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    (of("VmRSS:").unwrap_or(0) / 1024, of("VmHWM:").unwrap_or(0) / 1024)
}

#[test]
#[ignore = "a measurement"]
fn a_million_keys_under_the_sequences_of_elastic() {
    const KEYS: u64 = 1_000_000;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/elastic-rules");
    let mut rules = Vec::new();
    sequences(&folder, &mut rules);
    if rules.is_empty() {
        println!("skipped: the corpus is not there");
        return;
    }
    let options = RunOptions::default();
    let listed: Vec<_> = rules.iter().enumerate().map(|(at, rule)| (at, rule, &options)).collect();
    let partials = PartialLimits { per_rule: 4_000_000, total: 8_000_000 };
    let stream_options = StreamOptions { disorder_ms: Some(0), partials, ..StreamOptions::default() };
    let (empty, _) = memory();
    let mut machines = Driven::new(&listed, &stream_options).unwrap();
    // The first and the second step of each rule that two steps make.
    let steps: Vec<[QueryId; 2]> = (0..rules.len())
        .filter_map(|at| {
            let own = machines.plan().questions().iter().filter(|question| question.rule == at);
            let own: Vec<QueryId> = own.map(|question| question.id).collect();
            let Body::Sequence(sequence) = &rules[at].body else { return None };
            let plain = sequence.steps.iter().all(|step| !step.missing && step.runs == 1);
            (plain && sequence.steps.len() > 1).then(|| [own[0], own[1]])
        })
        .collect();
    println!("{} sequences, {} of plain steps", rules.len(), steps.len());
    let (mut out, mut ordinal) = (Vec::new(), 0_u64);
    let mut run =
        |machines: &mut Driven, what: &str, events: &mut dyn Iterator<Item = (u64, usize, usize)>| {
            let (start, before) = (Instant::now(), ordinal);
            for (key, rule, step) in events {
                ordinal += 1;
                // A million events in a second of their own time, so that no time span ends.
                let seen = Keyed { ordinal, key, nanos: i128::from(ordinal) * 500 };
                machines.event(&[steps[rule % steps.len()][step]], &seen, &mut out);
            }
            let (seconds, count) = (start.elapsed().as_secs_f64(), ordinal - before);
            let ((now, most), found) = (memory(), out.len());
            println!(
                "{what}: {:.0} events/s, {} remembered, {} MiB (most {most}), {found} matches so far",
                count as f64 / seconds,
                machines.remembered(),
                now - empty,
            );
        };
    let rule_of = |key: u64| usize::try_from(key % 97).unwrap();
    run(&mut machines, "a key each", &mut (0..KEYS).map(|key| (key, rule_of(key), 0)));
    assert!(machines.remembered() > 900_000);
    let mixed = (0..KEYS).map(|at| {
        let key = at.wrapping_mul(7_919) % KEYS;
        (key, rule_of(key), usize::from(at % 4 == 0))
    });
    run(&mut machines, "among them", &mut { mixed });
    let many = (0..KEYS).map(|at| (at % 1_000, usize::try_from(at / 1_000).unwrap(), 0));
    run(&mut machines, "few keys of many rules", &mut { many });
    assert_eq!(*machines.given(), Given::default());
    let start = Instant::now();
    machines.finish(&mut out);
    println!("finish: {:.2} s", start.elapsed().as_secs_f64());
}
