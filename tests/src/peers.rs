//! The cases of `tests/peers`: what other tools get wrong, as data, with events on which the wrong answer shows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eqlc_verify::fixtures::Stream;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// What one tool does wrong, with the rules that show it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name: that of the file.
    pub id: String,
    /// Whose mistake it is.
    pub peer: String,
    /// The mistake; of a control, what is right.
    pub what: String,
    /// The rules.
    pub rules: Vec<CaseRule>,
}

/// A rule with what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRule {
    /// What tells it from the other rules of the case.
    #[serde(default)]
    pub name: String,
    /// The file of the reference that holds it.
    #[serde(default)]
    pub from: Option<String>,
    eql: Option<String>,
    sigma: Option<String>,
    /// What the peer makes of it, or rules that mean the same as that. Each is rejected or answers otherwise on
    /// some of the events.
    #[serde(default)]
    pub theirs: Vec<Theirs>,
    /// Codes of the errors with which it is refused, whatever the target.
    #[serde(default)]
    pub errors: Vec<String>,
    /// Whether no event can match it.
    #[serde(default)]
    pub never: bool,
    /// What comes of it for a target, where that is not `exact`: codes of losses, or `refused` and codes.
    #[serde(default)]
    pub targets: BTreeMap<String, String>,
    /// Targets that it is not compared on, and why.
    #[serde(default)]
    pub aside: BTreeMap<String, String>,
    /// Text that is all of the output for a target, or, of a refusal, stands in what is said.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// What every event has that does not say otherwise.
    #[serde(default)]
    pub base: Map<String, Json>,
    /// Events that it must match, one by one.
    #[serde(default, rename = "match")]
    pub matching: Vec<Map<String, Json>>,
    /// Events that it must not match.
    #[serde(default)]
    pub no_match: Vec<Map<String, Json>>,
    /// Streams of events.
    #[serde(default)]
    pub streams: Vec<CaseStream>,
}

/// A text that holds one rule.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// A query.
    Eql(&'a str),
    /// A file of Sigma.
    Sigma(&'a str),
}

impl<'a> Text<'a> {
    fn of(eql: Option<&'a String>, sigma: Option<&'a String>) -> Self {
        match (eql, sigma) {
            (Some(text), None) => Self::Eql(text),
            (None, Some(text)) => Self::Sigma(text),
            _ => panic!("a rule is written once, as `eql` or `sigma`"),
        }
    }

    /// The text, and the name of a file that holds such.
    #[must_use]
    pub fn file(self) -> (&'a str, &'static str) {
        match self {
            Self::Eql(text) => (text, "rule.eql"),
            Self::Sigma(text) => (text, "rule.yml"),
        }
    }

    /// Whether it is Sigma.
    #[must_use]
    pub fn is_sigma(self) -> bool {
        matches!(self, Self::Sigma(_))
    }
}

/// The answer of a peer: its output, or a rule of the same meaning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theirs {
    eql: Option<String>,
    sigma: Option<String>,
    /// The code with which it is rejected; none: it answers otherwise than the rule.
    #[serde(default)]
    pub rejected: Option<String>,
}

/// Events in order, and whether the rule must say something of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseStream {
    /// What it shows.
    pub name: String,
    /// Whether there is a match.
    pub alerts: bool,
    /// The events. `at` counts seconds from the first.
    pub events: Vec<Map<String, Json>>,
}

impl Theirs {
    /// The answer.
    #[must_use]
    pub fn text(&self) -> Text<'_> {
        Text::of(self.eql.as_ref(), self.sigma.as_ref())
    }
}

impl CaseRule {
    /// The rule.
    #[must_use]
    pub fn text(&self) -> Text<'_> {
        Text::of(self.eql.as_ref(), self.sigma.as_ref())
    }

    /// Every stream with whether the rule must match it. Events of Sigma rules are records of Windows' log.
    #[must_use]
    pub fn streams(&self) -> Vec<(bool, Stream)> {
        let single = |alerts: bool, events: &[Map<String, Json>]| -> Vec<(bool, Stream)> {
            let name = |at: usize| format!("{} {at}", if alerts { "match" } else { "no match" });
            let stream = |(at, event)| (alerts, self.stream(name(at), std::slice::from_ref(event)));
            events.iter().enumerate().map(stream).collect()
        };
        let several =
            self.streams.iter().map(|found| (found.alerts, self.stream(found.name.clone(), &found.events)));
        [single(true, &self.matching), single(false, &self.no_match), several.collect()].concat()
    }

    fn stream(&self, name: String, events: &[Map<String, Json>]) -> Stream {
        let events = events.iter().map(|event| {
            let mut whole = self.base.clone();
            whole.extend(event.clone());
            let at = whole.remove("at").and_then(|at| at.as_u64()).unwrap_or(0);
            let time = format!(
                "2026-01-{:02}T{:02}:{:02}:{:02}.000Z",
                5 + at / 86_400,
                at / 3_600 % 24,
                at / 60 % 60,
                at % 60
            );
            if self.text().is_sigma() {
                record(whole, &time)
            } else {
                whole.insert("@timestamp".to_owned(), json!(time));
                if let Some(line) = whole.get("process.command_line").and_then(Json::as_str) {
                    let words: Vec<&str> = line.split(' ').collect();
                    whole.insert("process.args".to_owned(), json!(words));
                }
                Json::Object(whole)
            }
        });
        Stream { name, matches: Vec::new(), events: events.collect() }
    }
}

/// The logs that records of cases are from: provider, channel and the number of the event.
const LOGS: &[(&str, &str, &str, i64)] = &[
    ("process_creation", SYSMON.0, SYSMON.1, 1),
    ("network_connection", SYSMON.0, SYSMON.1, 3),
    ("file_event", SYSMON.0, SYSMON.1, 11),
    ("security", "Microsoft-Windows-Security-Auditing", "Security", 4625),
];

const SYSMON: (&str, &str) = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational");

/// A record of Windows' log with these data. `log` names the log, `Computer` and `EventID` go where they belong.
fn record(mut data: Map<String, Json>, time: &str) -> Json {
    let log = data.remove("log").unwrap_or(json!("process_creation"));
    let (_, provider, channel, id) =
        LOGS.iter().find(|(name, ..)| log == **name).unwrap_or_else(|| panic!("no log is called {log}"));
    let computer = data.remove("Computer").unwrap_or(json!("host"));
    let id = data.remove("EventID").unwrap_or(json!(id));
    let attribute = |name: &str, value: &str| json!({"#attributes": {name: value}});
    json!({"Event": {
        "System": {
            "Provider": attribute("Name", provider),
            "EventID": id,
            "Channel": channel,
            "Computer": computer,
            "TimeCreated": attribute("SystemTime", time),
        },
        "EventData": data,
    }})
}

/// The folder of the cases.
#[must_use]
pub fn folder() -> PathBuf {
    crate::root().join("tests/peers")
}

/// Every case, by name.
#[must_use]
pub fn cases() -> Vec<Case> {
    let entries = std::fs::read_dir(folder()).expect("the cases");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    files.iter().map(|path| case(path)).collect()
}

fn case(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).expect("readable");
    let case: Case =
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(path.file_stem().and_then(|stem| stem.to_str()), Some(case.id.as_str()));
    case
}
