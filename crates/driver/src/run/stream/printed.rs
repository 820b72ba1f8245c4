//! A match of a stream as it is printed.

use eqlc_backend_native::engine::{Detection, Place, Seen};
use eqlc_events::Event;
use serde_json::{Map, Value};

use super::super::output::{self, MatchedEvent, RuleMatch};
use super::Named;
use super::source::Source;

/// A match. Events at hand are known by their text even if it was not kept.
pub(super) fn rule_match(
    rule: &Named,
    found: &Detection,
    (events, source): (&[(Place, &[u8])], &Source),
    shows_events: bool,
) -> RuleMatch {
    let mut timestamp = None;
    let mut shown = Vec::with_capacity(found.events.len());
    for seen in found.events.iter().rev() {
        let Some(seen) = seen else {
            shown.push(MatchedEvent::Missing { missing: true });
            continue;
        };
        let line = usize::try_from(seen.place.line).unwrap_or(usize::MAX);
        let event = fields(seen, events).map(|fields| Event::new(fields, 0, line));
        if timestamp.is_none() {
            timestamp =
                Some(event.as_ref().and_then(|event| output::timestamp(event, &rule.timestamp_field)));
        }
        shown.push(MatchedEvent::Found {
            file: source.name(usize::try_from(seen.place.input).unwrap_or(usize::MAX)).to_owned(),
            line,
            event: event.filter(|_| shows_events).map(|event| Value::Object(event.into_fields())),
        });
    }
    shown.reverse();
    RuleMatch {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        timestamp: timestamp.flatten(),
        join_keys: found.join_keys.iter().map(output::json).collect(),
        events: shown,
    }
}

fn fields(seen: &Seen, events: &[(Place, &[u8])]) -> Option<Map<String, Value>> {
    let at_hand = || {
        let at = events.binary_search_by_key(&seen.place.ordinal, |(place, _)| place.ordinal).ok()?;
        events.get(at).map(|(_, text)| *text)
    };
    eqlc_events::object(seen.text.as_deref().or_else(at_hand)?).ok()
}
