//! Events made from rules: witnesses and near misses of whole units, and their layouts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, SourceMap};
use eqlc_events::{Event, Timestamp};
use eqlc_ir::Rule;
use eqlc_witness::{Change, Outcome, Probe, Reason, Search};
use rayon::prelude::*;
use serde_json::{Value as Json, json};

use crate::lint::never;
use crate::load::{LoadedRule, Unit};

/// What is made of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MadeSettings {
    /// Beside a witness its near misses.
    pub near_misses: bool,
    /// A witness for every alternative.
    pub all_branches: bool,
    /// The most streams of a rule. Absent: one, or as many as are asked for otherwise.
    pub limit: Option<usize>,
    /// What free values are made from.
    pub seed: u64,
    /// What `now` of date math is. Absent: [`Search::present`].
    pub now: Option<Timestamp>,
}

impl MadeSettings {
    /// What `now` of date math is.
    #[must_use]
    pub fn present(&self) -> Timestamp {
        self.now.unwrap_or_else(Search::present)
    }

    fn search(&self) -> Search {
        let search = Search::new().seed(self.seed);
        let search = self.now.into_iter().fold(search, Search::now);
        self.limit.into_iter().fold(search, Search::limit)
    }
}

/// The streams made from a rule.
#[derive(Debug)]
pub struct MadeStreams<'a> {
    /// The rule.
    pub rule: &'a LoadedRule,
    /// The witness first; none where `finding` says why.
    pub streams: Vec<Probe>,
    /// Why there is no witness.
    pub finding: Option<Diagnostic>,
}

/// Makes streams for every rule of every unit, several units at a time; results in the order of the units.
#[must_use]
pub fn make_streams<'a>(units: &'a [Unit], settings: &MadeSettings) -> Vec<Vec<MadeStreams<'a>>> {
    units
        .par_iter()
        .map(|unit| unit.rules.iter().map(|rule| of_rule(rule, &unit.sources, settings)).collect())
        .collect()
}

fn of_rule<'a>(rule: &'a LoadedRule, sources: &SourceMap, settings: &MadeSettings) -> MadeStreams<'a> {
    let search = settings.search();
    let ways = match search.witness(&rule.rule) {
        Outcome::Found(found) => found,
        Outcome::Never(why) => {
            return MadeStreams { rule, streams: Vec::new(), finding: Some(never(&why, sources)) };
        }
        Outcome::Unknown(reason) => {
            let message =
                format!("no events were found that rule `{}` matches: {reason}", rule.rule.meta.name);
            let mut finding = Diagnostic::warning(codes::NO_WITNESS, message);
            if let Reason::NoValue { span, .. } = reason {
                finding = finding.at(span, "one of its tests");
            }
            return MadeStreams { rule, streams: Vec::new(), finding: Some(finding) };
        }
    };
    let mut streams: Vec<Probe> = ways
        .into_iter()
        .map(|witness| Probe {
            change: Change::Nothing,
            field: None,
            part: 0,
            span: None,
            events: witness.events,
            matches: true,
        })
        .collect();
    let add = |more: Vec<Probe>, streams: &mut Vec<Probe>| {
        for probe in more {
            if streams.iter().all(|known| known.events != probe.events) {
                streams.push(probe);
            }
        }
    };
    if settings.all_branches {
        add(search.branches(&rule.rule), &mut streams);
    }
    if settings.near_misses {
        add(search.near_misses(&rule.rule), &mut streams);
    }
    if let Some(limit) = settings.limit {
        streams.truncate(limit);
    }
    MadeStreams { rule, streams, finding: None }
}

/// The events, a line each; an empty line between streams.
#[must_use]
pub fn events_as_lines(made: &MadeStreams<'_>) -> String {
    let mut text = String::new();
    for (at, stream) in made.streams.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        for event in &stream.events {
            let _ = writeln!(text, "{event}");
        }
    }
    text
}

/// The rule with its streams, as JSON: what each is, what it is about, whether the rule matches.
#[must_use]
pub fn streams_as_json(made: &MadeStreams<'_>, unit: &Unit, settings: &MadeSettings) -> Json {
    let streams = made.streams.iter().map(|stream| {
        let place = stream.span.map(|span| unit.sources.position(span));
        json!({
            "change": stream.change.name(),
            "label": stream.to_string(),
            "field": stream.field,
            "event": stream.part,
            "line": place.map(|place| place.line),
            "column": place.map(|place| place.column),
            "matches": stream.matches,
            "events": stream.events,
        })
    });
    json!({
        "file": unit.input.name(),
        "rule": made.rule.rule.id,
        "name": made.rule.rule.meta.name,
        "seed": settings.seed,
        "streams": streams.collect::<Vec<Json>>(),
        "finding": made.finding,
    })
}

/// The streams as a fixture that [`crate::fixture`] reads, with the matches that the rule finds in each.
#[must_use]
pub fn streams_as_fixture(made: &MadeStreams<'_>, unit: &Unit, settings: &MadeSettings) -> String {
    let rule = &made.rule.rule;
    let mut text = format!(
        "# Streams for {}, made by `eqlc witness --seed {}`.\n",
        unit.input.relative.display(),
        settings.seed
    );
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for stream in &made.streams {
        let label = label_of(stream, rule.queries().len() > 1);
        let nth = names.entry(label.clone()).and_modify(|nth| *nth += 1).or_insert(1);
        let name = if *nth == 1 { label } else { format!("{label} ({nth})") };
        let matches = Json::from(matches_in(rule, &stream.events, settings.present()));
        let _ = writeln!(text, "- name: {}\n  matches: {matches}\n  events:", Json::from(name));
        for event in &stream.events {
            let _ = writeln!(text, "    - {event}");
        }
    }
    text
}

fn label_of(stream: &Probe, several: bool) -> String {
    let of_event = matches!(
        stream.change,
        Change::Branch
            | Change::Flipped
            | Change::Lacking
            | Change::OtherCase
            | Change::InList
            | Change::Near
    );
    if several && of_event { format!("event {}: {stream}", stream.part + 1) } else { stream.to_string() }
}

/// The places of the events of each match.
fn matches_in(rule: &Rule, events: &[Json], now: Timestamp) -> Vec<Vec<usize>> {
    let options = RunOptions { now: Some(now), ..RunOptions::of(&rule.meta) };
    let events: Vec<Event> =
        events.iter().enumerate().filter_map(|(at, event)| Event::borrowed(event, at)).collect();
    let matches = reference::run(rule, &events, &options).unwrap_or_default();
    matches.into_iter().map(|found| found.events.into_iter().flatten().collect()).collect()
}
