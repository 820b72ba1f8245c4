//! One evaluator over one file of events, timed. `cargo xtask bench-peers` starts this; see `README.md` beside it.
//!
//! ```sh
//! run-peers EVALUATOR RULES EVENTS [MAX_EVENTS]
//! ```
//!
//! The answer is a line of JSON: how long loading and running took of this thread's CPU time, how many events and bytes
//! there were, and how often each rule matched.

mod clock;
mod lines;
mod rsigma;
mod sigma_rust;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

/// What eqlc's command has too: the comparison is not to be one of allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each rule matched.
pub(crate) type Matches = BTreeMap<String, u64>;

type Failure = Box<dyn std::error::Error>;

/// Asks rules about one event; what matched is counted.
pub(crate) type Evaluate = Box<dyn FnMut(&[u8], &mut Matches) -> Result<(), Failure>>;

fn evaluator(name: &str, rules: &Path) -> Result<(usize, Evaluate), Failure> {
    match name {
        "rsigma" => rsigma::evaluator(rules, rsigma::Routing::None),
        "rsigma-routing" => rsigma::evaluator(rules, rsigma::Routing::Conflicts),
        "rsigma-exact" => rsigma::evaluator(rules, rsigma::Routing::Exact),
        "sigma-rust" => sigma_rust::evaluator(rules),
        "sonic-rs" => Ok((
            0,
            Box::new(|text, _| {
                let value: sonic_rs::Value = sonic_rs::from_slice(text)?;
                std::hint::black_box(&value);
                Ok(())
            }),
        )),
        "serde_json" => Ok((
            0,
            Box::new(|text, _| {
                let value: serde_json::Value = serde_json::from_slice(text)?;
                std::hint::black_box(&value);
                Ok(())
            }),
        )),
        _ => {
            Err("rsigma, rsigma-routing, rsigma-exact, sigma-rust, sonic-rs and serde_json are known".into())
        }
    }
}

fn run(name: &str, rules: &Path, events: &Path, most: u64) -> Result<(), Failure> {
    let start = clock::cpu_seconds();
    let (count, mut evaluate) = evaluator(name, rules)?;
    let loaded = clock::cpu_seconds();
    let mut lines = lines::Lines::new(File::open(events)?);
    let mut matches = Matches::new();
    let (mut events, mut bytes) = (0u64, 0u64);
    while events < most
        && let Some(line) = lines.next_line()?
    {
        bytes += line.len() as u64;
        events += 1;
        evaluate(line.trim_ascii_end(), &mut matches)?;
    }
    let done = clock::cpu_seconds();
    let answer = serde_json::json!({
        "rules": count,
        "load_seconds": loaded - start,
        "run_seconds": done - loaded,
        "events": events,
        "bytes": bytes,
        "peak_kib": clock::peak_kib(),
        "matches": matches,
    });
    println!("{answer}");
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rules, events, most) = match arguments.as_slice() {
        [name, rules, events] => (name, rules, events, u64::MAX),
        [name, rules, events, most] => match most.parse() {
            Ok(most) => (name, rules, events, most),
            Err(_) => return usage(),
        },
        _ => return usage(),
    };
    match run(name, Path::new(rules), Path::new(events), most) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: run-peers EVALUATOR RULES EVENTS [MAX_EVENTS]");
    ExitCode::from(3)
}
