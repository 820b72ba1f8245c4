//! The event that a matcher looked at, for rules over several events.

use std::sync::Arc;

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{FieldRef, Literal};
use serde_json::Map;

use super::Place;
use super::matcher::Matcher;
use super::state::AtHand;
use crate::reference::compare::instant;
use crate::reference::values::literal;

/// The event that a matcher looked at last.
pub(super) struct Hand<'a> {
    matcher: &'a Matcher,
    json: &'a [u8],
    place: Place,
    keeps_text: bool,
}

impl<'a> Hand<'a> {
    /// `json` is the event itself.
    pub(super) fn new(matcher: &'a Matcher, json: &'a [u8], place: Place, keeps_text: bool) -> Self {
        Self { matcher, json, place, keeps_text }
    }

    fn of_path(&self, path: &str) -> Vec<Literal> {
        let mut values: Vec<Literal> = self.matcher.values(path, self.json).collect();
        // A path that stands in the event in several spellings has its values in an order of its own.
        if values.len() > 1 && path.contains('.') {
            values = self.event().values(path).iter().map(literal).collect();
        }
        values
    }
}

impl AtHand for Hand<'_> {
    fn place(&self) -> Place {
        self.place
    }

    fn values(&self, field: &FieldRef) -> Vec<Literal> {
        self.of_path(&field.path)
    }

    fn time(&self, timestamp_field: &str) -> Option<Timestamp> {
        self.of_path(timestamp_field).iter().find_map(instant)
    }

    fn event(&self) -> Arc<Event<'static>> {
        let line = usize::try_from(self.place.line).unwrap_or(usize::MAX);
        let ordinal = usize::try_from(self.place.ordinal).unwrap_or(usize::MAX);
        // What the matcher took is an object.
        let fields = eqlc_events::object(self.json).unwrap_or_else(|_| Map::new());
        Arc::new(Event::new(fields, ordinal, line))
    }

    fn text(&self) -> Option<Arc<[u8]>> {
        self.keeps_text.then(|| self.json.into())
    }
}
