//! What an event says about a Windows host, checked.

use jiff::Timestamp;
use serde_json::Value;

use super::classify::{What, classify};
use super::consistency;
use super::fields::Fields;
use super::{Faith, NotRecordable, absent, inexpressible};

const NAMESPACES: &[&str] = &["process", "file", "dll", "driver", "registry", "dns", "source", "destination"];

/// A thing that happened on a host with Windows.
#[derive(Debug)]
pub(super) struct Facts {
    /// All fields.
    pub(super) fields: Fields,
    /// What happened.
    pub(super) what: What,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub(super) time_ms: i64,
    /// `host.id`.
    pub(super) host: String,
    /// The host's name, else its id.
    pub(super) computer: String,
}

impl Facts {
    /// Reads an event.
    ///
    /// # Errors
    /// The host runs no Windows or what happened is logged nowhere: [`NotRecordable::Absent`]. The event
    /// leaves out what every agent knows or contradicts itself: [`NotRecordable::Inexpressible`].
    pub(super) fn of(event: &Value, faith: Faith) -> Result<Self, NotRecordable> {
        Self::told(Fields::read(event)?, faith)
    }

    /// [`Facts::of`] of an event whose fields are read already.
    ///
    /// # Errors
    /// The same.
    pub(super) fn told(fields: Fields, faith: Faith) -> Result<Self, NotRecordable> {
        system(&fields)?;
        let host = host(&fields)?;
        let time_ms = time(&fields)?;
        let what = classify(&fields).map_err(|reason| faith.of_what_happened(reason))?;
        if !NAMESPACES.iter().any(|namespace| fields.knows(namespace)) {
            return Err(inexpressible("nothing is told of what happened"));
        }
        match faith {
            Faith::Whole => consistency::check(&fields)?,
            Faith::Part => consistency::identities(&fields)?,
        }
        let computer = fields.one("host.name")?.unwrap_or(&host).to_owned();
        Ok(Self { fields, what, time_ms, host, computer })
    }

    /// The value of a field that is held once.
    ///
    /// # Errors
    /// There are several.
    pub(super) fn one(&self, path: &str) -> Result<Option<&str>, NotRecordable> {
        self.fields.one(path)
    }

    /// The same of a part of a thing.
    ///
    /// # Errors
    /// There are several.
    pub(super) fn part(&self, thing: &str, part: &str) -> Result<Option<&str>, NotRecordable> {
        self.fields.part(thing, part)
    }

    /// The value of a field that holds a whole number.
    ///
    /// # Errors
    /// There are several, or it is none.
    pub(super) fn number(&self, path: &str) -> Result<Option<i64>, NotRecordable> {
        let text = self.fields.one(path)?;
        let number = text.map(str::parse).transpose();
        number.map_err(|_| inexpressible(format!("`{path}` is no whole number")))
    }

    /// An account as Windows writes it: `DOMAIN\name`.
    ///
    /// # Errors
    /// Name or domain has several values.
    pub(super) fn account(&self, user: &str) -> Result<Option<String>, NotRecordable> {
        let name = self.fields.part(user, "name")?;
        let domain = self.fields.part(user, "domain")?;
        Ok(domain.zip(name).map(|(domain, name)| format!("{domain}\\{name}")))
    }

    /// The instant of the event.
    pub(super) fn instant(&self) -> Timestamp {
        Timestamp::from_millisecond(self.time_ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Every agent knows the system and the identity of its host: without them an event is incomplete, not one
/// of another host.
fn system(fields: &Fields) -> Result<(), NotRecordable> {
    match fields.one("host.os.type")? {
        None => Err(inexpressible("`host.os.type` is missing")),
        Some("windows") => Ok(()),
        Some(other @ ("linux" | "macos" | "unix" | "ios" | "android")) => {
            Err(absent(format!("the host runs {other}, not windows")))
        }
        Some(other) => Err(inexpressible(format!("`{other}` is no value that ECS gives to `host.os.type`"))),
    }
}

pub(super) fn host(fields: &Fields) -> Result<String, NotRecordable> {
    fields.one("host.id")?.map(str::to_owned).ok_or_else(|| inexpressible("`host.id` is missing"))
}

fn time(fields: &Fields) -> Result<i64, NotRecordable> {
    let text = fields.one("@timestamp")?.ok_or_else(|| inexpressible("`@timestamp` is missing"))?;
    instant(text)
        .map(Timestamp::as_millisecond)
        .ok_or_else(|| inexpressible("`@timestamp` is neither a date nor milliseconds"))
}

/// A date with its offset from UTC, or milliseconds since 1970-01-01T00:00:00Z.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    match text.parse() {
        Ok(milliseconds) => Timestamp::from_millisecond(milliseconds).ok(),
        Err(_) => text.parse().ok(),
    }
}
