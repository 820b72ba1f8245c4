//! Rules over events.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_events::Event;
use eqlc_ir::{Literal, Rule};
use serde::Serialize;
use serde_json::Value;

use crate::input::STDIN;

/// All events of a run, in the order of the inputs.
#[derive(Debug, Default)]
pub struct EventInput {
    events: Vec<Event>,
    /// Where each event came from: the index of its input's name.
    origins: Vec<usize>,
    names: Vec<String>,
}

/// One match of one rule, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleMatch {
    /// The rule's id.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// The time of the last event, as the event gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Value>,
    /// What the events of a sequence share.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub join_keys: Vec<Value>,
    /// The events, in the order of the rule's steps.
    pub events: Vec<MatchedEvent>,
}

/// An event of a match.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum MatchedEvent {
    /// An event that was found.
    Found {
        /// The input it came from.
        file: String,
        /// The line it starts on, from 1.
        line: usize,
        /// The event.
        event: Value,
    },
    /// A missing event: none was to be found.
    Missing {
        /// Always true.
        missing: bool,
    },
}

/// How a run went.
#[derive(Debug, Default)]
pub struct RunReport {
    /// Matches written.
    pub matches: usize,
    /// Rules that could not be evaluated.
    pub diagnostics: Diagnostics,
}

impl EventInput {
    /// Reads events from files and standard input. A malformed line is left out and reported with its number.
    #[must_use]
    pub fn read(paths: &[PathBuf]) -> (Self, Diagnostics) {
        let mut input = Self::default();
        let mut diagnostics = Vec::new();
        for path in paths {
            let name =
                if path.as_os_str() == STDIN { "<stdin>".to_owned() } else { path.display().to_string() };
            input.names.push(name.clone());
            let opened: io::Result<Box<dyn io::BufRead>> = if path.as_os_str() == STDIN {
                Ok(Box::new(io::stdin().lock()))
            } else {
                File::open(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn io::BufRead>)
            };
            match opened {
                Ok(reader) => input.append(reader, &name, &mut diagnostics),
                Err(error) => {
                    let message = format!("`{name}` cannot be read: {error}");
                    diagnostics.push(Diagnostic::error(files::UNREADABLE, message));
                }
            }
        }
        (input, diagnostics)
    }

    fn append(&mut self, reader: Box<dyn io::BufRead>, name: &str, diagnostics: &mut Diagnostics) {
        let origin = self.names.len().saturating_sub(1);
        for event in eqlc_events::read(reader) {
            match event {
                Ok(event) => {
                    self.events.push(event);
                    self.origins.push(origin);
                }
                Err(error) => {
                    let message = format!("{name}:{error}");
                    diagnostics.push(Diagnostic::warning(files::BAD_EVENT, message));
                }
            }
        }
    }

    /// How many events were read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether no event was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn matched(&self, index: Option<usize>) -> MatchedEvent {
        match index.and_then(|index| Some((self.events.get(index)?, self.origins.get(index)?))) {
            Some((event, origin)) => MatchedEvent::Found {
                file: self.names.get(*origin).cloned().unwrap_or_default(),
                line: event.line(),
                event: Value::Object(event.fields().clone()),
            },
            None => MatchedEvent::Missing { missing: true },
        }
    }
}

/// Evaluates rules over all events and writes one JSON line a match, rules in order.
///
/// # Errors
/// `out` cannot be written.
pub fn run_rules<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    input: &EventInput,
    out: &mut dyn Write,
) -> io::Result<RunReport> {
    let mut report = RunReport::default();
    for rule in rules {
        let options = RunOptions::of(&rule.meta);
        match reference::run(rule, &input.events, &options) {
            Ok(matches) => {
                for found in &matches {
                    serde_json::to_writer(&mut *out, &rule_match(rule, found, input, &options))?;
                    writeln!(out)?;
                }
                report.matches += matches.len();
            }
            Err(error) => {
                let message = format!("rule `{}` cannot be evaluated: {error}", rule.meta.name);
                let mut diagnostic = Diagnostic::error(files::NOT_EVALUABLE, message);
                if let Some(span) = error.span() {
                    diagnostic = diagnostic.at(span, "because of this");
                }
                report.diagnostics.push(diagnostic);
            }
        }
    }
    Ok(report)
}

fn rule_match(rule: &Rule, found: &reference::Match, input: &EventInput, options: &RunOptions) -> RuleMatch {
    let last = found.events.iter().rev().flatten().next().and_then(|index| input.events.get(*index));
    let timestamp = last.and_then(|event| {
        event.values(&options.timestamp_field).first().map(|value| match value {
            eqlc_events::Value::Str(text) => Value::from(text.to_string()),
            eqlc_events::Value::Float(number) => Value::from(*number),
            other => Value::from(other.to_string()),
        })
    });
    RuleMatch {
        rule: rule.id.clone(),
        name: rule.meta.name.clone(),
        timestamp,
        join_keys: found.join_keys.iter().map(json).collect(),
        events: found.events.iter().map(|index| input.matched(*index)).collect(),
    }
}

fn json(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::from(*value),
        Literal::Int(value) => {
            i64::try_from(*value).map(Value::from).unwrap_or_else(|_| Value::from(value.to_string()))
        }
        Literal::Float(value) => Value::from(*value),
        Literal::Str(text) => Value::from(text.as_str()),
    }
}
