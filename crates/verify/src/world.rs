//! The events of a stream as a target's event source would have recorded them.

use std::borrow::Cow;

use eqlc_backend::EventMap;
use eqlc_backend::mapping::taxonomy_of;
use eqlc_events::Event;
use eqlc_ir::{Category, LogSource, Rule, Taxonomy};
use serde_json::Value;

use crate::circumstance::Circumstance;
use crate::project::{self, Faith, NotRecordable, WindowsRecord};

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
    /// Records of Windows' log, as the documents that Elastic stores. An event as Sigma sees it becomes the record of
    /// its log source before.
    Documents,
}

/// The events of a stream in one shape.
#[derive(Clone, Debug, Default)]
pub struct Projected<'e> {
    /// The events that the source records, in the order of the stream.
    pub events: Vec<Event<'e>>,
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
    pub fn project(self, events: &[Value]) -> Result<Projected<'_>, String> {
        self.project_of(events, Faith::Whole)
    }

    /// [`World::project`], true to the whole of each event or to a part of it.
    pub(crate) fn project_of(self, events: &[Value], faith: Faith) -> Result<Projected<'_>, String> {
        let mut projected = Projected::default();
        for (place, event) in events.iter().enumerate() {
            let seen = self.seen(event, faith).map_err(|reason| format!("event {place}: {reason}"))?;
            projected.push(seen, place);
        }
        Ok(projected)
    }

    /// [`World::project`] under a circumstance.
    pub(crate) fn project_in<'e>(
        self,
        events: &'e [Value],
        circumstance: &Circumstance,
    ) -> Result<Projected<'e>, String> {
        let mut projected = self.project_of(events, circumstance.faith())?;
        if *circumstance == Circumstance::Crowded {
            let seen = events.iter().filter_map(|event| self.seen(event, circumstance.faith()).ok()?);
            for (at, other) in seen.flat_map(|event| project::of_other_sources(&event)).enumerate() {
                projected.push(Some(Cow::Owned(other)), project::CROWD + at);
            }
        }
        Ok(projected)
    }

    /// Whether events have a log source here, so that there can be others.
    pub(crate) fn has_sources(self) -> bool {
        matches!(self, Self::EcsWithLogSource | Self::Sysmon | Self::Logs)
    }

    /// An event as it is seen here; none where nothing records it.
    fn seen(self, event: &Value, faith: Faith) -> Result<Option<Cow<'_, Value>>, String> {
        Ok(match self {
            Self::Ecs => Some(Cow::Borrowed(event)),
            Self::Logs => {
                let record = WindowsRecord::read(event);
                Some(record.map_or(Cow::Borrowed(event), |record| Cow::Owned(record.sigma())))
            }
            Self::Documents => Some(Cow::Owned(project::stored(event)?)),
            Self::EcsWithLogSource => Some(Cow::Owned(project::ecs_with_log_source(event))),
            Self::Sysmon => match logged(event, faith) {
                Ok(logged) => Some(Cow::Owned(logged)),
                Err(NotRecordable::Absent(_)) => None,
                Err(NotRecordable::Inexpressible(reason)) => return Err(reason),
            },
        })
    }
}

/// An event as one of Sigma's log sources, of the system that its host runs.
fn logged(event: &Value, faith: Faith) -> Result<Value, NotRecordable> {
    match project::unix_system(event)? {
        Some(system) => project::unix_event(event, system, faith),
        None => project::sysmon_of(event, faith).map(|logged| project::sigma_event(&logged)),
    }
}

/// The log sources whose records are told from events of ECS, by product: those of Sysmon, and of what osquery and
/// auditors see on other systems.
const RECORDED: &[(&str, &[&str])] = &[
    (
        "windows",
        &[
            "process_creation",
            "process_termination",
            "network_connection",
            "image_load",
            "driver_load",
            "file_event",
            "file_delete",
            "registry_event",
            "registry_add",
            "registry_set",
            "registry_delete",
            "registry_rename",
            "dns_query",
        ],
    ),
    ("linux", UNIX),
    ("macos", UNIX),
];

const UNIX: &[&str] =
    &["process_creation", "process_termination", "network_connection", "file_event", "file_delete"];

/// The first log source of a rule whose records nobody tells from events of ECS.
pub(crate) fn unrecorded(rule: &Rule) -> Option<LogSource> {
    let known = |source: &LogSource| {
        let of_product = |(product, _): &&(&str, &[&str])| source.product.as_deref() == Some(*product);
        let categories = RECORDED.iter().find(of_product).map(|(_, categories)| *categories);
        let own = source.category.as_deref().unwrap_or_default();
        categories.is_some_and(|categories| categories.contains(&own))
    };
    let sources = rule.queries().into_iter().filter_map(|query| match &query.category {
        Category::LogSource(source) => Some(source),
        Category::Any | Category::OneOf(_) => None,
    });
    sources.into_iter().find(|source| !known(source)).cloned()
}

impl<'e> Projected<'e> {
    fn push(&mut self, event: Option<Cow<'e, Value>>, place: usize) {
        let ordinal = self.events.len();
        let event = match event {
            Some(Cow::Borrowed(event)) => Event::borrowed(event, ordinal),
            Some(Cow::Owned(event)) => Event::from_json(event, ordinal),
            None => None,
        };
        if let Some(event) = event {
            self.events.push(event);
            self.places.push(place);
        }
    }
}
