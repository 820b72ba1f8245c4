//! What a run was made with.

use std::collections::BTreeMap;
use std::fmt;

use eqlc_driver::Effort;
use serde::Serialize;

use crate::args::VerifyArgs;
use crate::commands::select::Selected;

/// Everything that another run needs to find the same.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    tool: &'static str,
    version: &'static str,
    pub(crate) targets: Vec<RecordedTarget>,
    seed: u64,
    now: Option<String>,
    budgets: Budgets,
}

/// A target with its options.
#[derive(Debug, Serialize)]
pub(crate) struct RecordedTarget {
    pub(crate) target: String,
    options: BTreeMap<String, String>,
}

/// Bounds of the work.
#[derive(Debug, Serialize)]
struct Budgets {
    /// Streams made of a rule for one target.
    events: usize,
    /// Seconds for a rule.
    rule_seconds: f64,
    /// Seconds for the run.
    run_seconds: Option<f64>,
}

impl Record {
    pub(super) fn new(args: &VerifyArgs, selected: &[Selected<'_>], effort: &Effort) -> Self {
        let targets = selected.iter().map(|chosen| {
            let target = chosen.backend.target();
            let own = target
                .options
                .iter()
                .map(|option| (option.name.clone(), chosen.settings.option(target, &option.name).to_owned()));
            let format = ("format".to_owned(), chosen.settings.format(target).to_owned());
            RecordedTarget { target: target.id.clone(), options: own.chain([format]).collect() }
        });
        Self {
            tool: "eqlc",
            version: env!("CARGO_PKG_VERSION"),
            targets: targets.collect(),
            seed: effort.seed,
            now: args.effort.now.map(|now| now.to_string()),
            budgets: Budgets {
                events: args.effort.events,
                rule_seconds: args.effort.rule_timeout.as_secs_f64(),
                run_seconds: args.effort.timeout.map(|time| time.as_secs_f64()),
            },
        }
    }

    /// The record as names and texts.
    pub(super) fn properties(&self) -> Vec<(String, String)> {
        let mut found = vec![
            ("tool".to_owned(), format!("{} {}", self.tool, self.version)),
            ("seed".to_owned(), self.seed.to_string()),
            ("events".to_owned(), self.budgets.events.to_string()),
            ("rule-timeout".to_owned(), format!("{} s", self.budgets.rule_seconds)),
        ];
        found.extend(self.budgets.run_seconds.map(|time| ("timeout".to_owned(), format!("{time} s"))));
        found.extend(self.now.iter().map(|now| ("now".to_owned(), now.clone())));
        found.extend(
            self.targets.iter().map(|target| (format!("target.{}", target.target), target.to_string())),
        );
        found
    }
}

impl fmt::Display for RecordedTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.options.iter().map(|(name, value)| format!("{name}={value}"));
        f.write_str(&options.collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Budgets { events, rule_seconds, run_seconds } = &self.budgets;
        write!(f, "{} {}, seed {}", self.tool, self.version, self.seed)?;
        if let Some(now) = &self.now {
            write!(f, ", now {now}")?;
        }
        write!(f, "; budgets: {events} streams, {rule_seconds} s a rule")?;
        if let Some(time) = run_seconds {
            write!(f, ", {time} s")?;
        }
        Ok(())
    }
}
