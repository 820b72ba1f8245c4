//! `cargo xtask`: the commands.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use xtask::{fidelity, mutate};

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
}

#[derive(Debug, Args)]
struct FidelityArgs {
    /// Folders of rules, each a collection of its own; without any those beside the checkout, else the samples
    folders: Vec<PathBuf>,
    /// The document to write
    #[arg(short, long, value_name = "FILE", default_value = "docs/fidelity.md")]
    output: PathBuf,
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

fn write_fidelity(args: &FidelityArgs) -> Result<(), String> {
    let folders = if args.folders.is_empty() { fidelity::usual_folders() } else { args.folders.clone() };
    let found = fidelity::fidelity(&folders, &fidelity::command(&args.folders))?;
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
