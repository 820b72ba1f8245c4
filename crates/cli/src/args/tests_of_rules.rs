//! What `eqlc test` is asked for.

use std::path::PathBuf;

use clap::Args;
use eqlc_driver::Timestamp;

use super::{ReadingArgs, TargetArgs, instant};

#[derive(Debug, Args)]
#[command(after_help = TEST_LAYOUTS)]
pub(crate) struct TestArgs {
    /// Rule files or folders of them
    #[arg(default_value = ".", value_name = "RULES")]
    pub(crate) rules: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// With a target, its outputs are tested instead of the rules, as `verify` runs them.
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// Folders of tests elsewhere than beside the rules and above them
    #[arg(long, value_name = "DIR")]
    pub(crate) tests: Vec<PathBuf>,
    /// Run only tests whose rule, file or name has this text in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Vec<String>,
    /// Tell which tests and alternatives of each rule no event exercises
    #[arg(long)]
    pub(crate) coverage: bool,
    /// End with 1 where a rule has no tests
    #[arg(long)]
    pub(crate) fail_on_missing: bool,
    /// Write what rules find into their `.tests.yml`, and nothing else
    #[arg(long, conflicts_with_all = ["watch", "target"])]
    pub(crate) bless: bool,
    /// Run again what changes, until interrupted
    #[arg(long)]
    pub(crate) watch: bool,
    /// What `now` of date math is [default: the time of the last event of each test]
    #[arg(long, value_name = "DATE", value_parser = instant)]
    pub(crate) now: Option<Timestamp>,
}

const TEST_LAYOUTS: &str = "\
Tests, where <rule> is the name of the rule's file without extension, or its id:
  <rule>.tests.yml beside the rule
      a list of streams: `name`, `events`, the `matches` that the rule must find (for each
      the places of its events, from 0) and, if wanted, their `join_keys`
  any .tests.yml in the folder of the rule or of `--tests` that names its rule
      a map: `rule`, the id, the name or the file of the rule without extension, and
      `streams`, the list above
  tests/data/<rule>/ in the folder of the rule or above
      positive.ndjson     every event must match; for a rule over several events,
                          something must be found
      negative.ndjson     nothing may match
      allowlisted.ndjson  nothing may match, and without the exclusions of the rule
                          (negated conditions, Sigma filters) every event must
      also .jsonl, .json and .evtx, with .gz or .zst behind; positive-2.ndjson and so on
  regression_data/**/info.yml above the rule
      SigmaHQ's regression tests, by the id of the rule: at least `match_count` matches
      in each file";
