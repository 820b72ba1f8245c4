//! What the evaluator of all rules costs: `cargo bench -p eqlc-driver --bench engine`.
//!
//! For the sample rules, and for corpora where they stand beside the checkout: compiling all rules to one plan, reading
//! that plan from the bytes of a file, and asking it about events, which are the witnesses of the rules and events that
//! just miss them, on one core.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use eqlc_backend_native::engine::{Place, Plan, Session, StreamOptions};
use eqlc_backend_native::reference::RunOptions;
use eqlc_driver::witness::{Outcome, Search};
use eqlc_driver::{Inputs, LoadOptions, load};
use eqlc_ir::Rule;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Collections of rules, and every how manyeth of them makes events.
const FOLDERS: &[(&str, &str, usize)] = &[
    ("samples", "rules", 1),
    ("elastic", "../shared/corpus/elastic-rules", 10),
    ("sigma windows", "../shared/corpus/sigma-rules/rules/windows", 10),
];

fn rules(folder: &str) -> Vec<Rule> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    if !folder.exists() {
        return Vec::new();
    }
    let units = load(&Inputs::rules(&[folder]).files, LoadOptions::default());
    units.into_iter().flat_map(|unit| unit.rules).map(|rule| rule.rule).collect()
}

fn events(rules: &[Rule], step: usize) -> Vec<String> {
    let mut events = Vec::new();
    for rule in rules.iter().step_by(step) {
        if let Outcome::Found(found) = Search::new().witness(rule) {
            events.extend(found.iter().flat_map(|witness| &witness.events).map(ToString::to_string));
        }
        let misses = Search::new().near_misses(rule);
        events.extend(misses.iter().take(4).flat_map(|probe| &probe.events).map(ToString::to_string));
    }
    events
}

fn engine(criterion: &mut Criterion) {
    for (name, folder, step) in FOLDERS {
        let rules = rules(folder);
        if rules.is_empty() {
            continue;
        }
        let now = Some(Search::present());
        let options: Vec<RunOptions> =
            rules.iter().map(|rule| RunOptions { now, ..RunOptions::of(&rule.meta) }).collect();
        let listed: Vec<(&Rule, &RunOptions)> = rules.iter().zip(&options).collect();
        let mut group = criterion.benchmark_group(*name);
        group.sample_size(20);
        group.bench_function(format!("compile {} rules", rules.len()), |bencher| {
            bencher.iter(|| Plan::new(black_box(&listed)));
        });
        let (plan, _) = Plan::new(&listed);
        if let Ok(bytes) = plan.to_bytes(&listed) {
            group.bench_function(format!("read a plan of {} bytes", bytes.len()), |bencher| {
                bencher.iter(|| Plan::from_bytes(black_box(&bytes), listed.len(), now));
            });
        }
        let events = events(&rules, *step);
        let place = |at: usize| Place { ordinal: at as u64, input: 0, line: at as u64 };
        let batch: Vec<(Place, &[u8])> =
            events.iter().enumerate().map(|(at, text)| (place(at), text.as_bytes())).collect();
        let stream = StreamOptions { disorder_ms: Some(0), keep_events: false, ..StreamOptions::default() };
        let mut session = Session::new(Arc::new(plan), &stream, 1);
        let (mut out, mut bad) = (Vec::new(), Vec::new());
        group.throughput(Throughput::Elements(events.len() as u64));
        group.bench_function("events, all values known", |bencher| {
            bencher.iter(|| {
                out.clear();
                session.batch(black_box(&batch), &mut out, &mut bad);
            });
        });
        group.finish();
    }
}

criterion_group!(benches, engine);
criterion_main!(benches);
