//! A match of a stream as it is printed.

use eqlc_backend_native::engine::{Detection, Place, Seen};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::super::output::{self, MatchedEvent, RuleMatch};
use super::Named;
use super::source::Source;

/// An event as it is printed.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Text<'a> {
    /// As it stands in its input.
    AsRead(&'a RawValue),
    /// On a line, where it stands on several.
    OnALine(Map<String, Value>),
}

/// A match. Events at hand are known by their text even if it was not kept.
pub(super) fn rule_match<'a>(
    rule: &'a Named,
    found: &'a Detection,
    (events, source): (&[(Place, &'a [u8])], &'a Source),
    shows_events: bool,
) -> RuleMatch<'a, Text<'a>> {
    let shown = |seen: &'a Option<Seen>| match seen {
        None => MatchedEvent::Missing { missing: true },
        Some(seen) => MatchedEvent::Found {
            file: source.name(usize::try_from(seen.place.input).unwrap_or(usize::MAX)),
            line: usize::try_from(seen.place.line).unwrap_or(usize::MAX),
            event: bytes(seen, events).filter(|_| shows_events).and_then(text),
        },
    };
    RuleMatch {
        rule: &rule.id,
        name: &rule.name,
        timestamp: timestamp(rule, found, events),
        join_keys: found.join_keys.iter().map(output::json).collect(),
        events: found.events.iter().map(shown).collect(),
    }
}

/// The time of the last event.
fn timestamp(rule: &Named, found: &Detection, events: &[(Place, &[u8])]) -> Option<Value> {
    let last = bytes(found.events.iter().rev().flatten().next()?, events)?;
    let event = eqlc_events::event_of_field(last, &rule.timestamp_field).ok()?;
    output::timestamp(&event, &rule.timestamp_field)
}

fn text(bytes: &[u8]) -> Option<Text<'_>> {
    if memchr::memchr2(b'\n', b'\r', bytes).is_some() {
        return eqlc_events::object(bytes).ok().map(Text::OnALine);
    }
    serde_json::from_slice(bytes).ok().map(Text::AsRead)
}

fn bytes<'a>(seen: &'a Seen, events: &[(Place, &'a [u8])]) -> Option<&'a [u8]> {
    let at_hand = || {
        let at = events.binary_search_by_key(&seen.place.ordinal, |(place, _)| place.ordinal).ok()?;
        events.get(at).map(|(_, text)| *text)
    };
    seen.text.as_deref().or_else(at_hand)
}
