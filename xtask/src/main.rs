//! `cargo xtask`: the commands.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use eqlc_driver::Engine;
use xtask::{bench, fidelity, mutate};

/// What eqlc's command has too, for what is timed here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Work on eqlc itself.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Breaks outputs in one place each and counts what the verifier notices
    MutateBackends(MutateArgs),
    /// Compiles and verifies whole collections of rules and writes what becomes of them, as counts
    Fidelity(FidelityArgs),
    /// Times eqlc beside other evaluators of rules, on the same events, in turn
    BenchPeers(BenchArgs),
    /// Times eqlc alone, for `bench-peers`
    #[command(hide = true)]
    BenchAlone(AloneArgs),
}

#[derive(Debug, Args)]
struct BenchArgs {
    /// Which events: `mixed`, `process`, `ecs`; all without
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LANE")]
    lanes: Vec<bench::Lane>,
    /// Which rules: `one`, `ten`, `hundred`, `thousand`, `windows`, `elastic`, `both`; those for the events without
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SET")]
    sets: Vec<bench::RuleSet>,
    /// Who takes part, as `eqlc,rsigma-exact`; everybody without
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    contenders: Vec<String>,
    /// A file of flat events, plain or gzip, instead of the lanes
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// A folder of rules instead of the sets
    #[arg(long, value_name = "FOLDER")]
    rules: Option<PathBuf>,
    /// Events are repeated until there are so many
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    count: u64,
    /// So many events for those who take too long otherwise
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    slow: u64,
    /// How often each runs
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// What rules and made events are drawn from
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Where files are made
    #[arg(long, value_name = "FOLDER", default_value = "target/bench-peers")]
    folder: PathBuf,
    /// Take the release builds of eqlc and the peers as they are
    #[arg(long)]
    built: bool,
    /// All rounds as JSON, to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct AloneArgs {
    /// Files of rules, or folders of them
    #[arg(required = true)]
    rules: Vec<PathBuf>,
    /// A file with an event a line
    #[arg(long)]
    events: PathBuf,
    /// The most events that are looked at
    #[arg(long, default_value_t = u64::MAX)]
    most: u64,
    /// Events say in `product`, `category` and `service` which log source they are from
    #[arg(long)]
    tagged: bool,
    /// With the reference evaluator
    #[arg(long)]
    reference: bool,
}

#[derive(Debug, Args)]
struct FidelityArgs {
    /// Folders of rules, each a collection of its own; without any those beside the checkout, else the samples
    folders: Vec<PathBuf>,
    /// The document to write
    #[arg(short, long, value_name = "FILE", default_value = "docs/fidelity.md")]
    output: PathBuf,
    /// Only these targets; `osquery` is all of its profiles, `osquery:native` one
    #[arg(long, value_name = "TARGET", value_delimiter = ',')]
    targets: Vec<String>,
    /// The most streams of events that are given to one output
    #[arg(long, value_name = "N", default_value_t = fidelity::Settings::default().events)]
    events: usize,
    /// What free values of events are made from
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

#[derive(Debug, Args)]
struct MutateArgs {
    /// Rule files, or folders of them
    #[arg(long, value_name = "FOLDER", default_value = "rules")]
    rules: Vec<PathBuf>,
    /// Take so many of the rules, drawn from the seed
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Make so many mutants of an output, drawn from the seed
    #[arg(long, value_name = "N", default_value_t = 40)]
    mutants: usize,
    /// What rules, mutants and rows are drawn from
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Only these targets; `osquery` is all of its profiles, `osquery:native` one
    #[arg(long, value_name = "TARGET", value_delimiter = ',')]
    targets: Vec<String>,
    /// The share of mutants that must be caught of each target, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 99.5)]
    bar: f64,
    /// Hold what events alone show to the bar too, and tell what only the text of an output gave away
    #[arg(long)]
    events: bool,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::MutateBackends(args) => mutate_backends(&args),
        Command::Fidelity(args) => write_fidelity(&args).map(|()| true),
        Command::BenchPeers(args) => bench_peers(args).map(|()| true),
        Command::BenchAlone(args) => bench_alone(args).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            // Nobody is left to tell where standard error is closed.
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(3)
        }
    }
}

fn bench_peers(args: BenchArgs) -> Result<(), String> {
    let known = |name: &String| {
        let found = bench::Contender::ALL.into_iter().find(|contender| contender.name() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = bench::Contender::ALL.iter().map(|contender| contender.name()).collect();
            format!("`{name}` does not take part; who does: {}", names.join(", "))
        })
    };
    let settings = bench::Settings {
        lanes: args.lanes,
        sets: args.sets,
        contenders: args.contenders.iter().map(known).collect::<Result<_, _>>()?,
        events: args.events,
        rules: args.rules,
        count: args.count,
        slow: args.slow,
        rounds: args.rounds,
        seed: args.seed,
        folder: args.folder,
        built: args.built,
        tell: |what| {
            // Nobody is left to tell where standard error is closed.
            let _ = writeln!(io::stderr(), "{what}");
        },
    };
    let races = bench::bench(&settings)?;
    io::stdout().write_all(bench::as_text(&races).as_bytes()).map_err(|error| error.to_string())?;
    match args.json {
        Some(path) => eqlc_driver::write_whole(&path, format!("{:#}\n", bench::as_json(&races)))
            .map_err(|refused| refused.message),
        None => Ok(()),
    }
}

fn bench_alone(args: AloneArgs) -> Result<(), String> {
    let engine = if args.reference { Engine::Reference } else { Engine::Fast };
    let AloneArgs { rules, events, most, tagged, .. } = args;
    let answer = bench::alone(&bench::Alone { rules, events, most, tagged, engine })?;
    let text = serde_json::to_string(&answer).map_err(|error| error.to_string())?;
    writeln!(io::stdout(), "{text}").map_err(|error| error.to_string())
}

fn write_fidelity(args: &FidelityArgs) -> Result<(), String> {
    let folders = if args.folders.is_empty() { fidelity::usual_folders() } else { args.folders.clone() };
    let tell = |what: &str| {
        // Nobody is left to tell where standard error is closed.
        let _ = writeln!(io::stderr(), "{what}");
    };
    let FidelityArgs { targets, events, seed, .. } = args;
    let settings = fidelity::Settings { targets, events: *events, seed: *seed, tell: &tell };
    let found = fidelity::fidelity(&folders, &settings)?;
    let document = fidelity::as_markdown(&found);
    eqlc_driver::write_whole(&args.output, &document).map_err(|refused| refused.message)
}

/// Whether the bar is kept.
fn mutate_backends(args: &MutateArgs) -> Result<bool, String> {
    let settings = mutate::Settings {
        rules: args.rules.clone(),
        sample: args.sample,
        mutants: args.mutants,
        seed: args.seed,
        targets: args.targets.clone(),
    };
    let report = mutate::mutate(&settings)?;
    let text = match args.format {
        Format::Text => mutate::as_text(&report, args.events),
        Format::Json => format!("{:#}\n", mutate::as_json(&report)),
    };
    io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    let hundredths = (0..=10_000).find(|share| f64::from(*share) >= args.bar * 100.0 - 1e-6);
    let bar = hundredths.and_then(|share| usize::try_from(share).ok()).unwrap_or(10_001);
    Ok(report.keeps(bar, args.events))
}
