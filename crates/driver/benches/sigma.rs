//! What `eqlc compile` does to Sigma rules, stage by stage and from bytes to text.
//!
//! ```sh
//! cargo bench -p eqlc-driver --bench sigma
//! ```
//!
//! The rules are those of `../shared/corpus/sigma-rules` beside the checkout, or of the folder in
//! `EQLC_BENCH_SIGMA_RULES`; without one, generated ones. Times are of one core. `benches/peers` times whole runs
//! beside other converters.
#![expect(clippy::unwrap_used, reason = "a benchmark stops where something is wrong")]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use eqlc_diagnostics::{Fragment, SourceId};
use eqlc_driver::{Input, LoadOptions, LoadedRule, Registry, Settings, compile, load_bytes};
use eqlc_ir::normalise;
use eqlc_lower::sigma::lower;
use eqlc_schema::Schema;

/// That of the `eqlc` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TARGETS: [&str; 3] = ["elasticsearch", "sigma", "native"];

fn corpus_folder() -> PathBuf {
    std::env::var_os("EQLC_BENCH_SIGMA_RULES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sigma-rules"),
        PathBuf::from,
    )
}

/// The texts of the rules below a folder.
fn rules(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "yml"));
    files.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect()
}

/// Rules of the usual size and shape.
fn generated() -> Vec<String> {
    let rule = |at: usize| {
        format!(
            "title: Program {at} Started by a Document\n\
             id: 00000000-0000-4000-8000-{at:012}\n\
             status: test\n\
             description: |\n    Finds program {at} where a word processor starts it,\n    which is rare.\n\
             references:\n    - https://example.org/rules/{at}\n\
             author: Somebody\n\
             date: 2024-01-02\n\
             tags:\n    - attack.execution\n    - attack.t1204.002\n\
             logsource:\n    category: process_creation\n    product: windows\n\
             detection:\n\
             \x20   selection_parent:\n        ParentImage|endswith:\n            - '\\winword.exe'\n            - '\\excel.exe'\n\
             \x20   selection_image:\n        - Image|endswith: '\\program{at}.exe'\n        - OriginalFileName: 'Program{at}.exe'\n\
             \x20   selection_line:\n        CommandLine|contains|all:\n            - ' -enc '\n            - 'http'\n\
             \x20   filter_main_known:\n        CommandLine|startswith: 'C:\\Program Files\\Known {at}\\'\n\
             \x20   condition: all of selection_* and not 1 of filter_main_*\n\
             falsepositives:\n    - Unknown\n\
             level: high\n"
        )
    };
    (0..2_000).map(rule).collect()
}

fn fragment(rule: &str) -> Fragment {
    Fragment::verbatim(SourceId::default(), 0, rule)
}

fn load(rule: &str) -> Vec<LoadedRule> {
    let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
    load_bytes(input, rule.as_bytes(), LoadOptions::default()).rules
}

/// The length of every output.
fn converted(rules: &[LoadedRule], registry: &Registry, target: &str) -> usize {
    let (backend, settings) = (registry.find(target).unwrap(), Settings::default());
    let outputs = rules.iter().filter_map(|rule| compile(&rule.rule, backend, &settings).ok());
    outputs.map(|output| output.artifact.text.len()).sum()
}

fn stages(criterion: &mut Criterion) {
    let mut texts = rules(&corpus_folder());
    if texts.is_empty() {
        eprintln!("there are no rules in {}: generated ones are timed", corpus_folder().display());
        texts = generated();
    }
    let registry = Registry::of(&TARGETS).unwrap();
    let mut group = criterion.benchmark_group(format!("{} Sigma rules", texts.len()));
    group.throughput(Throughput::Elements(texts.len() as u64)).sample_size(10);
    group.bench_function("read YAML", |bencher| {
        bencher.iter(|| {
            texts
                .iter()
                .map(|text| eqlc_sigma::yaml::parse(&fragment(text), "a rule").tree.len())
                .sum::<usize>()
        });
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| texts.iter().for_each(|text| drop(black_box(eqlc_sigma::parse(&fragment(text))))));
    });
    let trees: Vec<eqlc_sigma::File> =
        texts.iter().map(|text| eqlc_sigma::parse(&fragment(text)).tree).collect();
    group.bench_function("lower, normalise", |bencher| {
        bencher.iter(|| {
            let lowered = trees.iter().flat_map(|tree| lower(tree, Schema::ecs()).0);
            lowered.map(normalise).for_each(|rule| drop(black_box(rule)));
        });
    });
    let loaded: Vec<LoadedRule> = texts.iter().flat_map(|text| load(text)).collect();
    for target in TARGETS {
        group.bench_function(format!("convert to {target}"), |bencher| {
            bencher.iter(|| converted(&loaded, &registry, target));
        });
    }
    for target in TARGETS {
        group.bench_function(format!("load and convert to {target}"), |bencher| {
            bencher
                .iter(|| texts.iter().map(|text| converted(&load(text), &registry, target)).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
