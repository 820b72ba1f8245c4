//! The events of a stream as a target's event source would have recorded them.

use eqlc_backend::EventMap;
use eqlc_backend::mapping::taxonomy_of;
use eqlc_events::Event;
use eqlc_ir::{Rule, Taxonomy};
use serde_json::Value;

use crate::project::{self, NotRecordable, WindowsRecord};

/// In whose shape a target sees events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// ECS, as they are.
    Ecs,
    /// ECS with the log source told.
    EcsWithLogSource,
    /// As Sysmon would have logged them.
    Sysmon,
    /// Records of a log, as rules of Sigma see them. Events that are no records of Windows' log are taken as they
    /// are.
    Logs,
    /// Records of Windows' log, as the documents that Elastic stores.
    Documents,
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
    /// The world of a target, by the names its event map gives to a rule.
    pub fn of(rule: &Rule, map: Option<&EventMap>) -> Self {
        let map = map.filter(|map| map.is_needed_for(rule) && !map.keeps_names());
        let map = map.map(|map| (&map.from, &map.taxonomy));
        match (Self::of_rule(rule), map) {
            (own, None) => own,
            (Self::Logs, Some((_, Taxonomy::Ecs))) => Self::Documents,
            (Self::Logs, Some(_)) => Self::Logs,
            (_, Some((_, Taxonomy::Ecs))) => Self::EcsWithLogSource,
            (_, Some(_)) => Self::Sysmon,
        }
    }

    /// The world that a rule speaks of.
    pub fn of_rule(rule: &Rule) -> Self {
        match taxonomy_of(rule) {
            Taxonomy::Ecs => Self::Ecs,
            Taxonomy::Sigma | Taxonomy::Target(_) => Self::Logs,
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
                Self::Logs => Some(WindowsRecord::read(event).map_or_else(|| event.clone(), |it| it.sigma())),
                Self::Documents => {
                    let record = WindowsRecord::read(event);
                    let record = record.ok_or_else(|| format!("event {place}: no record of Windows' log"))?;
                    Some(record.document())
                }
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
