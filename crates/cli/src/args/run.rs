//! What `eqlc run` is asked for.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::effort::duration;
use super::{OrderArgs, ReadingArgs};

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Rule files or folders of them, or a plan of rules
    #[arg(short, long, value_name = "RULES|PLAN")]
    pub(crate) rules: Vec<PathBuf>,
    /// An EQL query
    #[arg(long, value_name = "QUERY")]
    pub(crate) query: Option<String>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Form of the answer [default: `response` for `--query` with `--format json`, else `matches`]
    #[arg(short = 'f', long = "output-format", alias = "output", value_enum, value_name = "FORM")]
    pub(crate) output: Option<Answer>,
    /// Files of events (NDJSON, a JSON array or EVTX; also as gzip or zstd), folders of them, or - for standard input.
    /// Without --rules and --query the first is a plan, as `eqlc compile -t native -o plan.bin` makes it
    #[arg(required = true, value_name = "[PLAN] EVENTS")]
    pub(crate) events: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) search: SearchArgs,
    #[command(flatten)]
    pub(crate) follow: FollowArgs,
}

/// The parameters of Elasticsearch's EQL search. Those that name fields go before what a rule document says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Search")]
pub(crate) struct SearchArgs {
    /// EQL condition or event query; events that do not satisfy it are left out before anything else
    #[arg(long, value_name = "QUERY")]
    pub(crate) filter: Option<String>,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    /// Most matches of each rule, before its pipes [default: 10 with `-f response`, else no limit]
    #[arg(long, value_name = "N")]
    pub(crate) size: Option<usize>,
    /// Which matches `--size` keeps where the rule has no pipe: the earliest or the latest
    #[arg(long, value_enum, default_value_t = Position::Tail, value_name = "END")]
    pub(crate) result_position: Position,
    /// Most matches of a sample for one key
    #[arg(long, default_value = "1", value_name = "N")]
    pub(crate) max_samples_per_key: NonZeroUsize,
}

/// How events are followed while they come, and what is told of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Stream")]
pub(crate) struct FollowArgs {
    /// Whose names events have: `auto` looks at the first of each input, `rules` takes the names that rules are written
    /// in, `ecs` and `sigma` read rules with these names too
    #[arg(long, value_enum, value_delimiter = ',', default_value = "auto", value_name = "NAMES")]
    pub(crate) taxonomy: Vec<TaxonomyName>,
    /// Fields of events with the product, the category and the service that Sigma rules ask for
    /// [default: logsource.product,logsource.category,logsource.service, which events of Windows need not have]
    #[arg(long, value_delimiter = ',', num_args = 1, value_name = "FIELD,FIELD,FIELD")]
    pub(crate) log_source_fields: Vec<String>,
    /// How long rules over several events wait for events that come late, in the time of the events, as 90s, 500ms or 2m
    /// [default: to the end of files; standard input is taken as it comes]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) disorder: Option<Duration>,
    /// How far events may be dated after the clock of the machine, where rules over several events do not wait to the end
    /// of files: one dated later is left out of them and counted, for it would end all waiting
    #[arg(long, default_value = "24h", value_name = "TIME", value_parser = duration)]
    pub(crate) max_ahead: Duration,
    /// Most partial matches of one rule that are kept, and four times as many of all rules; what is dropped is counted
    #[arg(long, default_value = "1000000", value_name = "N")]
    pub(crate) max_partials: NonZeroUsize,
    /// Leave the events out of the matches, and hold no text of them
    #[arg(long)]
    pub(crate) no_events: bool,
    /// Cores that are used [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// File for malformed events as they were, one after the other; it is written while the run goes on
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Figures of the run, on standard error or as JSON to a file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub(crate) stats: Option<PathBuf>,
    /// Print how the rules are asked, and end
    #[arg(long)]
    pub(crate) explain_plan: bool,
    /// What evaluates the rules: the answer is the same
    #[arg(long, value_enum, default_value_t = EngineName::Fast, hide = true, value_name = "NAME")]
    pub(crate) engine: EngineName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TaxonomyName {
    /// Those that the first events of each input have
    Auto,
    /// Those that rules are written in
    Rules,
    /// Those of the Elastic Common Schema
    Ecs,
    /// Those of Sigma
    Sigma,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// All rules in one plan
    Fast,
    /// Each rule by itself
    Reference,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Position {
    /// The earliest
    Head,
    /// The latest
    Tail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Answer {
    /// A JSON line for each match
    Matches,
    /// The response of Elasticsearch's `_eql/search`, a JSON line for each rule
    Response,
}
