//! What a data source on the host would have recorded for the fact that an ECS event states.
//!
//! This is a second statement of how ECS and other shapes belong together, written from what Sysmon and
//! osquery document that they log and not from the field maps of the backends: a wrong map shows up as a
//! rule that finds other events here than there.
//!
//! # What an event is taken to say
//!
//! * A field without value is a fact that is not known: its counterpart is left out. The exceptions are
//!   fields that Sysmon fills with `-` for want of a version resource, a host name or a port name.
//! * A value that ECS has in a closed list, or demands in lower case, counts only as ECS writes it:
//!   `event.category`, `event.type`, `host.os.type`, `network.type`, `network.transport`,
//!   `network.protocol`. `network.direction` is an open list and is read in any letter case.
//! * Some fields follow from others (`process.name` from `process.executable`, `process.args` from
//!   `process.command_line`, `network.type` from an address, …). The source records one of the two, so an
//!   event that gives only one of them, or both in contradiction, can be told from its own record:
//!   [`NotRecordable::Inexpressible`].
//!
//! What is not checked: `process.parent.args`, `process.args_count`, `file.directory`, and of a signature
//! `exists`, `status` and `subject_name`, may be missing although the record would tell them; the first
//! three are checked where they are given. A rule that asks for one of these can find other events in the
//! records than in the stream, without a mistake of its own. Sysmon logs neither `network.protocol` nor
//! `user.id`.

mod classify;
pub(crate) mod command_line;
mod consistency;
mod elastic;
mod facts;
mod fields;
mod hosts;
mod kind;
mod osquery;
pub(crate) mod paths;
mod sigma;
mod sysmon;
mod winlog;

use std::fmt;

pub use osquery::{HostRows, Key, Profile, Row, osquery_rows, osquery_stream};
pub use sigma::{ecs_with_log_source, sigma_event};
pub use sysmon::{SysmonEvent, sysmon};

pub(crate) use consistency::ACCOUNTS;
pub(crate) use hosts::{NAMES as HOST_NAMES, are_told_apart};
pub(crate) use kind::{OF_KIND, completed};
pub(crate) use osquery::ecs_unix::{SOME_CONTAINER, is_container, system as unix_system, unix_event};
pub(crate) use osquery::{COMPUTED, CROWD, crowd, osquery_stream_of, set_column};
pub(crate) use sigma::of_other_sources;
pub(crate) use sysmon::sysmon_of;
pub use winlog::WindowsRecord;
pub(crate) use winlog::{ALWAYS, lacks, stored};

/// Why an event leaves no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRecordable {
    /// Such a thing happens and the source does not log it: there is no record. The reason.
    Absent(String),
    /// No single record of the source says what the event says, so the event proves nothing about a rule
    /// for the source. The reason.
    Inexpressible(String),
}

impl fmt::Display for NotRecordable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(reason) => write!(f, "not logged: {reason}"),
            Self::Inexpressible(reason) => write!(f, "no record says the same: {reason}"),
        }
    }
}

impl std::error::Error for NotRecordable {}

/// How much of what an event says its record must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Faith {
    /// All of it: what such a record shows of a rule, it shows of the event.
    Whole,
    /// What the source has a place for. Fields that follow from each other may contradict each other, for a rule may
    /// look at one and its output at the other; that is how a loss shows. Of what happens in an unknown way there is
    /// no record.
    Part,
}

impl Faith {
    /// What it is where the source does not tell what happened.
    fn of_what_happened(self, reason: NotRecordable) -> NotRecordable {
        match (self, reason) {
            (Self::Part, NotRecordable::Inexpressible(reason)) => NotRecordable::Absent(reason),
            (_, reason) => reason,
        }
    }
}

fn absent(reason: impl Into<String>) -> NotRecordable {
    NotRecordable::Absent(reason.into())
}

fn inexpressible(reason: impl Into<String>) -> NotRecordable {
    NotRecordable::Inexpressible(reason.into())
}

#[cfg(test)]
mod tests;
