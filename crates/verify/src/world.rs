//! The events of a stream as a target's event source would have recorded them.

use eqlc_backend::EventMap;
use eqlc_events::Event;
use eqlc_ir::Taxonomy;
use serde_json::Value;

use crate::project::{self, NotRecordable};

/// In whose shape a target sees events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// ECS, as they are.
    Ecs,
    /// ECS with the log source told.
    EcsWithLogSource,
    /// As Sysmon would have logged them.
    Sysmon,
}

/// The events of a stream in one shape.
#[derive(Clone, Debug)]
pub struct Projected {
    /// The events that the source records, in the order of the stream.
    pub events: Vec<Event>,
    /// For each of them, its place in the stream.
    pub places: Vec<usize>,
}

impl World {
    /// The world of a target, by the names its event map gives.
    pub fn of(map: Option<&EventMap>) -> Self {
        match map.map(|map| &map.taxonomy) {
            None => Self::Ecs,
            Some(Taxonomy::Ecs) => Self::EcsWithLogSource,
            Some(Taxonomy::Sigma | Taxonomy::Target(_)) => Self::Sysmon,
        }
    }

    /// The stream in this world.
    ///
    /// # Errors
    /// Some event has no counterpart that could be told apart from it: the stream proves nothing there. The
    /// reason, as one line.
    pub fn project(self, events: &[Value]) -> Result<Projected, String> {
        let mut projected = Projected { events: Vec::new(), places: Vec::new() };
        for (place, event) in events.iter().enumerate() {
            let seen = match self {
                Self::Ecs => Some(event.clone()),
                Self::EcsWithLogSource => Some(project::ecs_with_log_source(event)),
                Self::Sysmon => match project::sysmon(event) {
                    Ok(logged) => Some(project::sigma_event(&logged)),
                    Err(NotRecordable::Absent(_)) => None,
                    Err(NotRecordable::Inexpressible(reason)) => {
                        return Err(format!("event {place}: {reason}"));
                    }
                },
            };
            if let Some(event) = seen.and_then(|event| Event::from_json(event, projected.events.len())) {
                projected.events.push(event);
                projected.places.push(place);
            }
        }
        Ok(projected)
    }
}

impl Projected {
    /// Places in the stream of places among the projected events.
    pub fn back(&self, matches: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let place = |at: usize| self.places.get(at).copied().unwrap_or(usize::MAX);
        matches.into_iter().map(|found| found.into_iter().map(place).collect()).collect()
    }
}
