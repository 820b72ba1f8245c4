//! Under which circumstances an output is asked of a stream.

use serde::Serialize;
use serde_json::Value;

use crate::project::Faith;

/// What is taken to be so beside what the events of a stream say.
///
/// Agreement is asked [as told](Self::AsTold). A loss may show only under another circumstance: it is recorded because
/// the source keeps less than the event says, or because the host answers when the query runs, and not when the event
/// happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Circumstance {
    /// The source records all that the events say, and the host has not changed since.
    #[default]
    AsTold,
    /// The source records what it has a place for; fields that follow from each other may contradict each other.
    AsRecorded,
    /// The same, and others have left records in the same places that are alike in everything but in what they are.
    Crowded,
    /// Processes have ended and files are gone when the query runs.
    Gone,
    /// When the query runs the host answers as it did for these events.
    Since {
        /// The events.
        events: Vec<Value>,
    },
}

impl Circumstance {
    pub(crate) fn faith(&self) -> Faith {
        match self {
            Self::AsTold => Faith::Whole,
            Self::AsRecorded | Self::Crowded | Self::Gone | Self::Since { .. } => Faith::Part,
        }
    }

    /// In words, as a clause; none where nothing needs to be said.
    #[must_use]
    pub fn clause(&self) -> Option<&'static str> {
        match self {
            Self::AsTold => None,
            Self::AsRecorded => Some("as far as the source records the events"),
            Self::Crowded => Some("beside records of other sources"),
            Self::Gone => Some("where the processes and files are gone when the query runs"),
            Self::Since { .. } => Some("where the host has changed by the time the query runs"),
        }
    }
}
