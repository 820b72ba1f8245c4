//! How long witnesses take: `cargo bench -p eqlc-driver --bench witness`.
//!
//! Every rule of a corpus in turn, on one thread: the time of an iteration is that of one rule of a median kind, and
//! that of all of them.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use eqlc_driver::witness::Search;
use eqlc_driver::{Inputs, LoadOptions, LoadedRule, load};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The sample rules, and corpora where they stand beside the checkout.
const FOLDERS: &[(&str, &str)] = &[
    ("samples", "rules"),
    ("elastic", "../shared/corpus/elastic-rules"),
    ("endpoint", "../shared/corpus/endpoint-rules"),
    ("sigma", "../shared/corpus/sigma-rules"),
];

fn rules(folder: &str) -> Vec<LoadedRule> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    if !folder.exists() {
        return Vec::new();
    }
    let units = load(&Inputs::rules(&[folder]).files, LoadOptions::default());
    units.into_iter().flat_map(|unit| unit.rules).collect()
}

/// The rule of the median time.
fn median(rules: &[LoadedRule]) -> Option<&LoadedRule> {
    let mut timed: Vec<(std::time::Duration, &LoadedRule)> = rules
        .iter()
        .map(|rule| {
            let start = Instant::now();
            black_box(Search::new().witness(&rule.rule));
            (start.elapsed(), rule)
        })
        .collect();
    timed.sort_by_key(|(time, _)| *time);
    timed.get(timed.len() / 2).map(|(_, rule)| *rule)
}

fn witnesses(criterion: &mut Criterion) {
    for (name, folder) in FOLDERS {
        let rules = rules(folder);
        let Some(median) = median(&rules) else { continue };
        criterion.bench_function(&format!("{name}: median rule"), |bencher| {
            bencher.iter(|| Search::new().witness(black_box(&median.rule)));
        });
        criterion.bench_function(&format!("{name}: median rule, near misses"), |bencher| {
            bencher.iter_batched(
                || &median.rule,
                |rule| Search::new().near_misses(black_box(rule)),
                BatchSize::SmallInput,
            );
        });
    }
}

criterion_group!(benches, witnesses);
criterion_main!(benches);
