//! The command line.

mod effort;
mod run;
mod tests_of_rules;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use eqlc_driver::{DateSpan, Timestamp};

pub(crate) use effort::EffortArgs;
pub(crate) use run::{Answer, EngineName, FollowArgs, Position, RunArgs, TaxonomyName};
pub(crate) use tests_of_rules::TestArgs;

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

const EXIT_CODES: &str = "Exit codes: 0 fine; 1 findings (an output disagrees, a test fails); 2 some rule has errors or is refused \
                          by a target; 3 wrong usage, or input or output failed; 130 stopped by Ctrl-C.";

#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
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
    /// JUnit's XML, of commands that run cases
    Junit,
    /// SARIF 2.1.0, of `verify`
    Sarif,
    /// Workflow commands of GitHub Actions, of `verify`
    Github,
}

/// That a format was asked of a command that has no answer in it, as a line.
pub(crate) fn misplaced_format(cli: &Cli) -> Option<&'static str> {
    match (cli.global.format?, &cli.command) {
        (_, Command::Verify(_)) | (Format::Junit, Command::Test(_)) => None,
        (Format::Junit, _) => Some("`--format junit` is for `eqlc test` and `eqlc verify`"),
        (Format::Sarif, _) => Some("`--format sarif` is for `eqlc verify`"),
        (Format::Github, _) => Some("`--format github` is for `eqlc verify`"),
        (Format::Rich | Format::Short | Format::Json, _) => None,
    }
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
    /// Parse and check rules; `lint --fix` repairs them
    Check(CheckArgs),
    /// Check rules, and repair them with --fix
    Lint(LintArgs),
    /// Lay out EQL queries in one way, also inside TOML documents
    #[command(alias = "format")]
    Fmt(FmtArgs),
    /// Compile rules for targets
    #[command(alias = "convert")]
    Compile(CompileArgs),
    /// Prove on events that the outputs of rules agree with them
    Verify(VerifyArgs),
    /// Make events that rules match, and events that they just do not
    Witness(WitnessArgs),
    /// Run the tests of rules: events beside them, with what they must find there
    Test(TestArgs),
    /// Evaluate rules or a query over events
    Run(RunArgs),
    /// Tell whether two rules mean the same, with an event that separates them where they do not
    Diff(DiffArgs),
    /// List the fields that rules use, and what becomes of them on targets
    Fields(FieldsArgs),
    /// Explain a code such as E1003, or why a rule matches events or does not
    #[command(alias = "rule")]
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
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// How queries are read and checked.
#[derive(Debug, Args)]
pub(crate) struct ReadingArgs {
    /// Fields that no schema knows are errors, not warnings
    #[arg(long)]
    pub(crate) strict_fields: bool,
    /// Flavour of EQL [default: that of the document: behaviour rules of Elastic Endpoint tell themselves]
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) dialect: Option<Dialect>,
    /// Fields beside those of ECS: a mapping of Elasticsearch in JSON, or `field.path: type` in YAML
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Vec<PathBuf>,
    /// Processing pipelines of pySigma for Sigma rules, instead of the mapping of a target: files, folders of
    /// them, or `none` for field names as they are
    #[arg(short, long, value_name = "FILE")]
    pub(crate) pipeline: Vec<PathBuf>,
    /// Lists for placeholders under `expand` in Sigma rules: `name: [value, …]` in YAML
    #[arg(long, value_name = "FILE")]
    pub(crate) placeholders: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    /// The language of `_eql/search`
    Elasticsearch,
    /// The language of Elastic Endpoint's behaviour rules
    Endpoint,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) lints: LintChoice,
}

/// Which warnings are shown, and what they count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Lints")]
pub(crate) struct LintChoice {
    /// Show these lints only, by codes or the first letters of them; `default` stands for the usual ones
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    pub(crate) select: Vec<String>,
    /// Do not show these findings; as CODE:GLOB not in files of such a name or path, as `W0003:rules/*.ndjson`
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    pub(crate) ignore: Vec<String>,
    /// End with 1 where there are warnings
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings
    Warnings,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Rule files, folders of them, or - to format standard input to standard output
    #[arg(required = true, value_name = "RULES")]
    pub(crate) rules: Vec<PathBuf>,
    /// Write nothing; list the files that formatting would change, and exit with 1 if there are any
    #[arg(long)]
    pub(crate) check: bool,
    /// Write nothing; print what formatting would change, and exit with 1 if there is anything
    #[arg(long)]
    pub(crate) diff: bool,
    /// Flavour of EQL [default: that of the document: behaviour rules of Elastic Endpoint tell themselves]
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) dialect: Option<Dialect>,
}

#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) lints: LintChoice,
    /// Repair what can be repaired without changing what a rule means, in `.eql`, `.toml`, `.json`,
    /// `.ndjson` and `.yml` files
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: take guesses too, such as the nearest name of a field
    #[arg(long, requires = "fix")]
    pub(crate) unsafe_fixes: bool,
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
    /// Folder for the outputs, a file for each rule; standard output without it. With `-t native` alone and a FILE named
    /// `.bin` or `.plan`: one plan of all rules, which `eqlc run FILE EVENTS` runs without reading or compiling rules
    #[arg(short, long, value_name = "DIR|FILE")]
    pub(crate) output: Option<PathBuf>,
    /// For osquery: write the queries of investigation guides as packs, instead of the rules
    #[arg(long, conflicts_with_all = ["emit", "output_format"])]
    pub(crate) guide: bool,
    /// Print a stage of the compiler instead of the output
    #[arg(long, value_enum, value_name = "STAGE")]
    pub(crate) emit: Option<Stage>,
    #[command(flatten)]
    pub(crate) fixed: FixedArgs,
}

/// What is fixed in a plan of several rules.
#[derive(Debug, Args)]
#[command(next_help_heading = "Plan (`-t native -o FILE.bin`)")]
pub(crate) struct FixedArgs {
    #[command(flatten)]
    pub(crate) fields: FieldArgs,
    /// Fields of events with the product, the category and the service that Sigma rules ask for
    /// [default: logsource.product,logsource.category,logsource.service, which events of Windows need not have]
    #[arg(long, value_delimiter = ',', num_args = 1, value_name = "FIELD,FIELD,FIELD")]
    pub(crate) log_source_fields: Vec<String>,
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
    /// Form of the outputs to prove, where a target has several; see `eqlc targets`
    #[arg(short = 'f', long, value_name = "NAME")]
    pub(crate) output_format: Option<String>,
    /// Write the report to a file, whole or not at all, and not to standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) effort: EffortArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WitnessArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// Beside each witness streams that differ from it in one thing: for every test of the rule one that it fails
    #[arg(long)]
    pub(crate) near_misses: bool,
    /// A witness for every alternative of a rule, at most 256 of them
    #[arg(long)]
    pub(crate) all_branches: bool,
    /// Most streams of a rule [default: 1, or as many as are asked for otherwise]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroUsize>,
    /// Vary what rules leave free: hosts, users, ids and times
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// What `now` of date math is; events happen in the hour before it [default: 2025-01-15T12:00:00Z]
    #[arg(long, value_name = "DATE", value_parser = instant)]
    pub(crate) now: Option<Timestamp>,
    /// Form of the answer [default: `json` with `--format json`, else `ndjson`]
    #[arg(short = 'f', long, value_enum, value_name = "FORM")]
    pub(crate) output_format: Option<MadeForm>,
    /// Folder for the answers, a file for each rule; standard output without it
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MadeForm {
    /// A line for each event; empty lines between streams
    Ndjson,
    /// A JSON line for each rule: its streams, what each is and whether the rule matches
    Json,
    /// A fixture as `eqlc verify` reads it beside the rule
    Fixture,
}

/// The fields by which events are put in order and told apart. What stands here goes before what a rule document says.
#[derive(Debug, Args)]
pub(crate) struct FieldArgs {
    /// Field that orders events [default: that of the rule, else @timestamp]
    #[arg(long, value_name = "FIELD")]
    pub(crate) timestamp_field: Option<String>,
    /// Field that orders events of the same time [default: that of the rule, else the order of arrival]
    #[arg(long, value_name = "FIELD")]
    pub(crate) tiebreaker_field: Option<String>,
    /// Field with the category of an event [default: that of the rule, else event.category]
    #[arg(long, value_name = "FIELD")]
    pub(crate) event_category_field: Option<String>,
}

impl FieldArgs {
    /// Whether something is said.
    pub(crate) fn is_given(&self) -> bool {
        [&self.timestamp_field, &self.tiebreaker_field, &self.event_category_field]
            .into_iter()
            .any(Option::is_some)
    }
}

/// How events are put in order and told apart.
#[derive(Debug, Args)]
#[command(next_help_heading = "Search")]
pub(crate) struct OrderArgs {
    #[command(flatten)]
    pub(crate) fields: FieldArgs,
    /// What `now` of date math is, as a date such as 2024-05-31T12:00:00Z [default: when the run starts]
    #[arg(long, value_name = "DATE", value_parser = instant)]
    pub(crate) now: Option<Timestamp>,
}

/// The first instant of a date.
fn instant(text: &str) -> Result<Timestamp, String> {
    let span = DateSpan::parse(text);
    span.map(|span| span.first).ok_or_else(|| "dates are written as in 2024-05-31T12:00:00Z".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Two rule files, each as PATH or PATH:ID where it holds several, or two folders whose rules are paired
    #[arg(value_name = "RULES", num_args = 0..=2)]
    pub(crate) rules: Vec<PathBuf>,
    /// An EQL query in the place of a file
    #[arg(long, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FieldsArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// Only fields that have no counterpart, or that pipelines leave as they are
    #[arg(long)]
    pub(crate) unmapped: bool,
    /// Form of the list [default: `json` with `--format json`, else `table`]
    #[arg(short = 'f', long = "output-format", value_enum, value_name = "FORM")]
    pub(crate) output: Option<FieldsForm>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FieldsForm {
    /// Columns for people
    Table,
    /// Comma-separated values
    Csv,
    /// Tab-separated values
    Tsv,
    /// A JSON line for each field
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code; with --event a file of rules, or a folder of them. Without anything, a list of all codes
    #[arg(value_name = "CODE|RULE")]
    pub(crate) what: Option<String>,
    /// Say why the rule matches these events or does not: a file, a folder, - for standard input, or an event as JSON
    #[arg(short, long, value_name = "EVENTS")]
    pub(crate) event: Vec<String>,
    /// An EQL query in place of a rule
    #[arg(long, value_name = "QUERY", requires = "event", conflicts_with = "what")]
    pub(crate) query: Option<String>,
    /// Events that are explained for each query of the rule, the nearest to it first
    #[arg(long, default_value = "3", value_name = "N", requires = "event")]
    pub(crate) limit: NonZeroUsize,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TargetsArgs {
    /// One target, in full
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// What the systems that run its outputs must be started with, by platform
    #[arg(long, requires = "target")]
    pub(crate) requires: bool,
    /// With --requires: for the outputs of these rules alone, instead of all that the target could write
    #[arg(value_name = "RULES", requires = "requires")]
    pub(crate) rules: Vec<PathBuf>,
    /// With --requires: for this profile, as `native` (osquery) [default: that of the target]
    #[arg(long, requires = "requires", value_name = "NAME")]
    pub(crate) profile: Option<String>,
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

    #[test]
    fn every_argument_of_every_command_is_explained() {
        let root = super::Cli::command();
        for command in root.get_subcommands().chain([&root]) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
