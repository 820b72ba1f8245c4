//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Compiler for detection rules: EQL and Sigma in; Elasticsearch EQL, Sigma, osquery SQL and a native plan out,
/// each proven on events to agree with the rule.
#[derive(Debug, Parser)]
#[command(name = "eqlc", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine; 1 findings (an output disagrees); 2 some rule has errors or is refused \
                          by a target; 3 wrong usage, or input or output failed.";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// How findings are written; `rich` on a terminal, else `short`
    #[arg(long, value_enum, global = true, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// When to colour; `NO_COLOR` in the environment turns `auto` off
    #[arg(long, value_enum, global = true, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Only errors; no warnings, notes and summaries
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Source, underlines and help
    Rich,
    /// One line each
    Short,
    /// One JSON object a line
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Parse and check rules
    Check(CheckArgs),
    /// Compile rules for targets
    #[command(alias = "convert")]
    Compile(CompileArgs),
    /// Prove on events that the outputs of rules agree with them
    Verify(VerifyArgs),
    /// Evaluate rules over events, one JSON line a match
    Run(RunArgs),
    /// Explain a code such as E1003
    Explain(ExplainArgs),
    /// List targets and what they can hold
    Targets(TargetsArgs),
    /// Write a completion script for a shell
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// Rule files, folders of them, or - for standard input
    #[arg(required = true, value_name = "RULES")]
    pub(crate) rules: Vec<PathBuf>,
    /// Fields that no schema knows are errors, not warnings
    #[arg(long)]
    pub(crate) strict_fields: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

/// What users choose of targets.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Targets, separated by commas or given several times
    #[arg(short, long, value_delimiter = ',', value_name = "TARGET")]
    pub(crate) target: Vec<String>,
    /// osquery: where events come from, `sysmon` or `native`
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// sigma: whose field names, `sigma` or `ecs`
    #[arg(long, value_name = "NAME")]
    pub(crate) taxonomy: Option<String>,
    /// Another option of a target, as NAME=VALUE
    #[arg(short = 'O', long = "option", value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,
    /// Leave out alternatives that name fields the target lacks, instead of refusing the rule
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) allow: Vec<Allow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Allow {
    /// Losses by which an output misses matches of the rule
    Narrower,
}

#[derive(Debug, Args)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// Form of the output, as `request` (elasticsearch) or `pack` (osquery); see `eqlc targets`
    #[arg(short = 'f', long, value_name = "NAME")]
    pub(crate) output_format: Option<String>,
    /// Folder for the outputs; standard output without it
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Print a stage of the compiler instead of the output
    #[arg(long, value_enum, value_name = "STAGE")]
    pub(crate) emit: Option<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// The syntax tree, in the layout of its language
    Ast,
    /// The IR as lowered
    Ir,
    /// The IR in normal form
    IrNormalised,
    /// The IR within what a target has, in its taxonomy
    Legal,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Rule files or folders of them
    #[arg(short, long, required = true, value_name = "RULES")]
    pub(crate) rules: Vec<PathBuf>,
    /// Fields that no schema knows are errors, not warnings
    #[arg(long)]
    pub(crate) strict_fields: bool,
    /// Files of events (NDJSON or a JSON array), or - for standard input
    #[arg(required = true, value_name = "EVENTS")]
    pub(crate) events: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The code; without it, a list of all
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TargetsArgs {
    /// One target, in full
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
