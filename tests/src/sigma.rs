//! Rules of Sigma and records of Windows' log, for the tests of outputs made from them.

use eqlc_driver::{Inputs, LoadOptions, Outcome, Unit, load};
use eqlc_ir::{Category, Rule};
use eqlc_lower::sigma::Placeholders;
use serde_json::{Value, json};

/// How many rules went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub all: usize,
    /// Those whose output means the same.
    pub exact: usize,
    /// Those with losses.
    pub lossy: usize,
    /// Those without an output, or with one that nothing was compared with.
    pub refused: usize,
}

impl Tally {
    /// Counts a rule.
    pub fn count(&mut self, outcome: Outcome) {
        self.all += 1;
        match outcome {
            Outcome::Exact => self.exact += 1,
            Outcome::Wider | Outcome::Narrower | Outcome::Either => self.lossy += 1,
            Outcome::Uncompared | Outcome::Refused | Outcome::Disagrees => self.refused += 1,
        }
    }

    /// Adds the rules of another.
    pub fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.exact += other.exact;
        self.lossy += other.lossy;
        self.refused += other.refused;
    }

    /// The percentage of rules whose output means the same.
    pub fn exact_share(&self) -> f64 {
        100.0 * self.exact as f64 / self.all.max(1) as f64
    }

    /// The percentage of rules with an output.
    pub fn compiled_share(&self) -> f64 {
        100.0 * (self.exact + self.lossy) as f64 / self.all.max(1) as f64
    }

    /// The line of a table that [`Tally::heading`] stands above; `share` is one of its percentages.
    pub fn line(&self, name: &str, share: f64) -> String {
        let Self { all, exact, lossy, refused } = self;
        format!("{name:<56} {all:>5} {exact:>6} {lossy:>6} {refused:>8} {share:>9.1} %")
    }

    /// The heading of a table of lines.
    pub fn heading(share: &str) -> String {
        format!(
            "{:<56} {:>5} {:>6} {:>6} {:>8} {share:>11}",
            "log source", "rules", "exact", "lossy", "refused"
        )
    }
}

/// All files of a folder beside the checkout; none where it is absent.
///
/// # Panics
/// The folder cannot be read.
pub fn corpus(folder: &str) -> Option<Vec<Unit>> {
    let folder = crate::shared(folder)?;
    let inputs = Inputs::rules(&[folder]);
    assert_eq!(inputs.diagnostics, []);
    Some(load(&inputs.files, LoadOptions::default()))
}

/// The same, with a list of these values for each placeholder: what a user of such rules gives.
///
/// # Panics
/// The folder cannot be read.
pub fn corpus_with_lists(folder: &str, values: &[&str]) -> Option<Vec<Unit>> {
    let without = corpus(folder)?;
    let quoted = |message: &str| message.split('%').nth(1).map(str::to_owned);
    let names = without
        .iter()
        .flat_map(|unit| &unit.diagnostics)
        .filter(|found| found.code.to_string() == "E2056")
        .filter_map(|found| quoted(&found.message));
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    let lists = names.map(|name| (name, values.clone()));
    let placeholders = Placeholders::new(lists);
    let options = LoadOptions { placeholders: placeholders.into(), ..LoadOptions::default() };
    let inputs: Vec<_> = without.into_iter().map(|unit| unit.input).collect();
    Some(load(&inputs, options))
}

/// The log source that the first query of a rule asks.
pub fn log_source(rule: &Rule) -> String {
    match rule.queries().first().map(|query| &query.category) {
        Some(Category::LogSource(source)) => source.to_string(),
        _ => "none".to_owned(),
    }
}

/// A record of a process that a user has started on a host, so many seconds after the first.
pub fn started_at(host: &str, user: &str, image: &str, seconds: u32) -> Value {
    let time = format!("2026-01-05T10:{:02}:{:02}Z", seconds / 60, seconds % 60);
    json!({"Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
            "EventID": 1,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": host,
            "TimeCreated": {"#attributes": {"SystemTime": time}},
        },
        "EventData": {"Image": image, "User": user},
    }})
}
