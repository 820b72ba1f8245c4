//! The events of a run and where each came from.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use eqlc_diagnostics::codes::files as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_events::{Event, ReadError};
use serde_json::{Map, Value};

use super::files::event_files;
use crate::input::STDIN;

/// Malformed events of one input that are reported one by one; more are counted.
const MAX_REPORTED: usize = 100;

/// All events of a run, in the order of the inputs.
#[derive(Debug, Default)]
pub struct EventInput {
    events: Vec<Event<'static>>,
    origins: Vec<Origin>,
    names: Vec<String>,
    partial: bool,
}

/// Where an event came from.
#[derive(Debug)]
struct Origin {
    /// The index of its input's name.
    file: usize,
    /// How many events start on its line before it.
    before_on_line: usize,
    /// What a hit of a search says.
    hit: Option<Box<Hit>>,
}

/// The event was stored as a hit of a search: `{"_index": …, "_id": …, "_source": {event}}`.
#[derive(Debug)]
struct Hit {
    index: Option<String>,
    id: String,
}

impl EventInput {
    /// Reads events from files, folders of them and standard input, also compressed ones. A malformed line is
    /// left out and reported with its number; an input that ends in an error gives the events before it.
    #[must_use]
    pub fn read(paths: &[PathBuf]) -> (Self, Diagnostics) {
        let mut input = Self::default();
        let mut diagnostics = Vec::new();
        for path in event_files(paths, &mut diagnostics) {
            let is_stdin = path.as_os_str() == STDIN;
            let name = if is_stdin { "<stdin>".to_owned() } else { path.display().to_string() };
            input.names.push(name.clone());
            let opened: io::Result<Box<dyn BufRead>> = if is_stdin {
                Ok(Box::new(io::stdin().lock()))
            } else {
                File::open(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead>)
            };
            match opened.and_then(eqlc_events::decode) {
                Ok(reader) => input.append(reader, &name, &mut diagnostics),
                Err(error) => {
                    let message = format!("`{name}` cannot be read: {error}");
                    diagnostics.push(Diagnostic::error(codes::UNREADABLE, message));
                }
            }
        }
        input.partial = eqlc_diagnostics::has_errors(&diagnostics);
        (input, diagnostics)
    }

    /// Adds the events of a text, under a name for messages.
    #[must_use]
    pub fn add_text(&mut self, name: &str, text: &str) -> Diagnostics {
        let mut diagnostics = Vec::new();
        self.names.push(name.to_owned());
        self.append(text.as_bytes(), name, &mut diagnostics);
        diagnostics
    }

    fn append(&mut self, reader: impl BufRead, name: &str, diagnostics: &mut Diagnostics) {
        let (file, first) = (self.names.len().saturating_sub(1), self.events.len());
        let mut malformed = 0usize;
        for event in eqlc_events::read(reader) {
            match event {
                Ok(event) => self.push(event, file),
                Err(error) if error.last => {
                    let read = self.events.len().saturating_sub(first);
                    diagnostics.push(broken_off(name, &error, read));
                }
                Err(error) => {
                    malformed = malformed.saturating_add(1);
                    if malformed <= MAX_REPORTED {
                        let message = format!("{name}:{error}");
                        diagnostics.push(Diagnostic::warning(codes::BAD_EVENT, message));
                    }
                }
            }
        }
        if malformed > MAX_REPORTED {
            let message = format!("{name}: {} more events are malformed", malformed - MAX_REPORTED);
            diagnostics.push(Diagnostic::warning(codes::BAD_EVENT, message));
        }
    }

    fn push(&mut self, event: Event, file: usize) {
        let line = event.line();
        let before_on_line = match (self.origins.last(), self.events.last()) {
            (Some(origin), Some(last)) if origin.file == file && last.line() == line => {
                origin.before_on_line + 1
            }
            _ => 0,
        };
        let (fields, hit) = unwrap_hit(event.into_fields());
        self.events.push(Event::new(fields, self.events.len(), line));
        self.origins.push(Origin { file, before_on_line, hit });
    }

    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Whether some input could not be read to its end.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// The events.
    pub(crate) fn events(&self) -> &[Event<'static>] {
        &self.events
    }

    /// Keeps the events whose place is in an ascending list.
    pub(super) fn keep(&mut self, places: &[usize]) {
        let wanted = |kept: &mut std::iter::Peekable<std::slice::Iter<'_, usize>>, at: &mut usize| {
            let here = *at;
            *at = at.saturating_add(1);
            kept.next_if(|place| **place == here).is_some()
        };
        let (mut kept, mut at) = (places.iter().peekable(), 0);
        self.events.retain(|_| wanted(&mut kept, &mut at));
        let (mut kept, mut at) = (places.iter().peekable(), 0);
        self.origins.retain(|_| wanted(&mut kept, &mut at));
    }

    /// An event with its place among those that are left.
    pub(crate) fn found(&self, index: usize) -> Option<Found<'_>> {
        let (event, origin) = (self.events.get(index)?, self.origins.get(index)?);
        let file = self.names.get(origin.file).map_or("", String::as_str);
        Some(Found { event, file, origin })
    }
}

/// An event and where it came from.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) file: &'a str,
    origin: &'a Origin,
}

impl<'a> Found<'a> {
    /// The index that a hit names, else the input.
    pub(crate) fn index(self) -> &'a str {
        self.origin.hit.as_ref().and_then(|hit| hit.index.as_deref()).unwrap_or(self.file)
    }

    /// The id that a hit names, else the line; `7:2` is the second event of line 7.
    pub(crate) fn id(self) -> String {
        match (&self.origin.hit, self.origin.before_on_line) {
            (Some(hit), _) => hit.id.clone(),
            (None, 0) => self.event.line().to_string(),
            (None, before) => format!("{}:{}", self.event.line(), before + 1),
        }
    }
}

/// The event inside a hit. Exports of an index are lines of hits, whose first key starts with an underscore.
fn unwrap_hit(mut fields: Map<String, Value>) -> (Map<String, Value>, Option<Box<Hit>>) {
    if !fields.keys().next().is_some_and(|key| key.starts_with('_')) {
        return (fields, None);
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let (index, id) = (text("_index"), text("_id"));
    match (id, fields.get_mut("_source")) {
        (Some(id), Some(Value::Object(source))) => {
            let source = std::mem::take(source);
            (source, Some(Box::new(Hit { index, id })))
        }
        _ => (fields, None),
    }
}

fn broken_off(name: &str, error: &ReadError, read: usize) -> Diagnostic {
    let note = match read {
        0 => "no event was read before".to_owned(),
        1 => "the one event before is evaluated".to_owned(),
        _ => format!("the {read} events before are evaluated"),
    };
    Diagnostic::error(codes::UNREADABLE, format!("{name}:{error}")).note(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> EventInput {
        let mut input = EventInput { names: vec!["x".to_owned()], ..EventInput::default() };
        let mut diagnostics = Vec::new();
        input.append(text.as_bytes(), "x", &mut diagnostics);
        assert_eq!(diagnostics, []);
        input
    }

    fn ids(input: &EventInput) -> Vec<String> {
        let found = (0..input.len()).filter_map(|at| input.found(at));
        found.map(|found| format!("{} {} {}", found.index(), found.id(), found.event.ordinal())).collect()
    }

    #[test]
    fn events_of_one_line_have_ids_of_their_own() {
        assert_eq!(ids(&read("[{},{}\n,{},{}]")), ["x 1 0", "x 1:2 1", "x 2 2", "x 2:2 3"]);
    }

    #[test]
    fn a_hit_is_its_source() {
        let input = read(
            "{\"_index\":\"i\",\"_id\":\"a\",\"_source\":{\"n\":1}}\n{\"_id\":\"b\",\"_source\":{}}\n{\"_source\":{}}\n",
        );
        assert_eq!(ids(&input), ["i a 0", "x b 1", "x 3 2"]);
        assert_eq!(input.events()[0].values("n").len(), 1);
        assert!(input.events()[2].fields().contains_key("_source"));
    }

    #[test]
    fn what_is_kept_keeps_its_origin() {
        let mut input = read("{}\n{}\n{}\n{}\n");
        input.keep(&[1, 3]);
        assert_eq!(ids(&input), ["x 2 1", "x 4 3"]);
        input.keep(&[]);
        assert!(input.is_empty());
    }

    #[test]
    fn a_flood_of_malformed_events_is_counted() {
        let mut input = EventInput { names: vec!["x".to_owned()], ..EventInput::default() };
        let mut diagnostics = Vec::new();
        input.append("no\n".repeat(103).as_bytes(), "x", &mut diagnostics);
        assert_eq!(diagnostics.len(), 101);
        assert_eq!(diagnostics.last().map(|d| d.message.as_str()), Some("x: 3 more events are malformed"));
    }
}
