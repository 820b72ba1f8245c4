//! What `eqlc check` and `eqlc fmt` do to a query, over a corpus and over queries of growing size.
//!
//! ```sh
//! cargo bench -p eqlc-driver --bench check
//! ```
//!
//! The corpus is `../shared/corpus/elastic-rules` beside the checkout, or the folder in `EQLC_BENCH_RULES`; without
//! one only the generated queries are timed. Times are of one core. `python_eql.py` beside this file times the Python
//! parser over the same rules.
#![expect(clippy::unwrap_used, reason = "a benchmark stops where something is wrong")]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use eqlc_diagnostics::{Fragment, SourceId, SourceMap};
use eqlc_eql::Query;
use eqlc_lower::eql::{Context, lower, lower_unlinted};
use eqlc_rules::QueryLanguage;

/// That of the `eqlc` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn corpus_folder() -> PathBuf {
    std::env::var_os("EQLC_BENCH_RULES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/elastic-rules"),
        PathBuf::from,
    )
}

/// The EQL queries of every rule document below a folder.
fn queries(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "toml") {
            let mut sources = SourceMap::new();
            let bytes = std::fs::read(entry.path()).unwrap();
            let file = eqlc_rules::read(&entry.path().display().to_string(), &bytes, &mut sources).tree;
            let eql =
                file.documents.into_iter().filter(|document| document.query.language == QueryLanguage::Eql);
            found.extend(eql.map(|document| document.query.fragment.text().to_owned()));
        }
    }
    found
}

fn fragment(query: &str) -> Fragment {
    Fragment::verbatim(SourceId::default(), 0, query)
}

/// Parse, lower with every check of names and types, and print: what other parsers do, and more.
fn typed(query: &str) -> usize {
    let parsed = eqlc_eql::parse(&fragment(query));
    let (lowered, diagnostics) = lower_unlinted(&parsed.tree, &Context::default());
    let printed = eqlc_eql::print(&parsed.tree);
    black_box(&lowered);
    parsed.diagnostics.len() + diagnostics.len() + printed.len()
}

/// Parse, lower with every check and lint, and print.
fn check(query: &str) -> usize {
    let parsed = eqlc_eql::parse(&fragment(query));
    let (lowered, diagnostics) = lower(&parsed.tree, &Context::default());
    let printed = eqlc_eql::print(&parsed.tree);
    black_box(&lowered);
    parsed.diagnostics.len() + diagnostics.len() + printed.len()
}

fn over_the_corpus(criterion: &mut Criterion) {
    let queries = queries(&corpus_folder());
    if queries.is_empty() {
        eprintln!("skipped: there are no rules in {}", corpus_folder().display());
        return;
    }
    let bytes: usize = queries.iter().map(String::len).sum();
    let mut group = criterion.benchmark_group(format!("{} queries of rules", queries.len()));
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(20);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| {
            queries.iter().map(|query| eqlc_eql::parse(&fragment(query)).diagnostics.len()).sum::<usize>()
        });
    });
    let trees: Vec<Query> = queries.iter().map(|query| eqlc_eql::parse(&fragment(query)).tree).collect();
    group.bench_function("lower with type checks", |bencher| {
        bencher.iter(|| {
            trees.iter().map(|tree| lower_unlinted(tree, &Context::default()).1.len()).sum::<usize>()
        });
    });
    group.bench_function("lower with type checks and lints", |bencher| {
        bencher.iter(|| trees.iter().map(|tree| lower(tree, &Context::default()).1.len()).sum::<usize>());
    });
    group.bench_function("print", |bencher| {
        bencher.iter(|| trees.iter().map(|tree| eqlc_eql::print(tree).len()).sum::<usize>());
    });
    group.bench_function("parse, lower with type checks, print", |bencher| {
        bencher.iter(|| queries.iter().map(|query| typed(query)).sum::<usize>());
    });
    group.bench_function("parse, lower with type checks and lints, print", |bencher| {
        bencher.iter(|| queries.iter().map(|query| check(query)).sum::<usize>());
    });
    group.finish();
}

/// Time a byte should not grow with the size of a query.
fn over_the_size(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a query of n tests");
    group.sample_size(20);
    for tests in [10, 100, 1_000, 10_000] {
        let terms: Vec<String> = (0..tests).map(|at| format!("process.name : \"name{at}*\"")).collect();
        let query = format!("process where {}", terms.join(" or "));
        group.throughput(Throughput::Bytes(query.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(tests), &query, |bencher, query| {
            bencher.iter(|| check(query));
        });
    }
    group.finish();
}

criterion_group!(benches, over_the_corpus, over_the_size);
criterion_main!(benches);
