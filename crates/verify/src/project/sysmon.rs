//! Sysmon's records.
//!
//! Names and formats are those of Sysmon's own documentation and manifest (schema 4.90): the events 1, 3, 5,
//! 6, 7, 11, 12, 13, 14, 22 and 23. How Sysmon spells an IPv6 address is not restated: it stands as the
//! event has it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::classify::{RegistryChange, What};
use super::facts::{self, Facts};
use super::{Faith, NotRecordable, absent, consistency, inexpressible};

mod network;
mod registry;

/// The channel that Sysmon writes to.
pub(super) const CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";
/// The name under which it does.
pub(super) const PROVIDER: &str = "Microsoft-Windows-Sysmon";

/// What Sysmon writes when it does not know.
const UNKNOWN: &str = "-";

/// One record of Sysmon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SysmonEvent {
    /// The number of the event, which is also its task.
    pub event_id: u32,
    /// Always `Microsoft-Windows-Sysmon/Operational`.
    pub channel: String,
    /// The host's name (its id where the name is not known).
    pub computer: String,
    /// `host.id` of the event: records of different hosts never stand in one log.
    pub host: String,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub time_ms: i64,
    /// `EventData`: names and texts, in the order of the manifest.
    pub data: Vec<(String, String)>,
}

impl SysmonEvent {
    /// A text of `EventData`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.data.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What Sysmon would have logged for the fact that an ECS event states. All its events are taken to be
/// enabled, without filters.
///
/// # Errors
/// There is no such record, or none that says the same.
pub fn sysmon(event: &Value) -> Result<SysmonEvent, NotRecordable> {
    sysmon_of(event, Faith::Whole)
}

/// [`sysmon`], true to the whole of the event or to a part of it.
pub(crate) fn sysmon_of(event: &Value, faith: Faith) -> Result<SysmonEvent, NotRecordable> {
    record(&Facts::of(event, faith)?)
}

/// [`sysmon`] for facts that are read already.
pub(super) fn record(facts: &Facts) -> Result<SysmonEvent, NotRecordable> {
    let event_id = event_id(facts.what)?;
    of_sysmon(facts, event_id)?;
    let mut data = Data { facts, list: Vec::new() };
    data.put("RuleName", UNKNOWN);
    if let What::Registry(change) = facts.what {
        data.put("EventType", registry::event_type(change));
    }
    data.put("UtcTime", &utc(facts.instant()));
    match facts.what {
        What::ProcessStart => data.process_start()?,
        What::ProcessEnd => data.process()?,
        What::Connection => network::connection(&mut data)?,
        What::NameQuery => network::name_query(&mut data)?,
        What::ImageLoad => data.image_load()?,
        What::DriverLoad => data.module("driver.path", "driver")?,
        What::FileCreate | What::FileOverwrite => data.file_create(facts.what)?,
        What::FileDelete => data.file_delete()?,
        What::Registry(change) => registry::change(&mut data, change)?,
        What::FileChange | What::FileRename => {}
    }
    data.as_sent()?;
    Ok(SysmonEvent {
        event_id,
        channel: CHANNEL.to_owned(),
        computer: facts.computer.clone(),
        host: facts.host.clone(),
        time_ms: facts.time_ms,
        data: data.list,
    })
}

fn event_id(what: What) -> Result<u32, NotRecordable> {
    Ok(match what {
        What::ProcessStart => 1,
        What::Connection => 3,
        What::ProcessEnd => 5,
        What::DriverLoad => 6,
        What::ImageLoad => 7,
        // "File create operations are logged when a file is created or overwritten."
        What::FileCreate | What::FileOverwrite => 11,
        What::Registry(
            RegistryChange::CreateKey | RegistryChange::DeleteKey | RegistryChange::DeleteValue,
        ) => 12,
        What::Registry(RegistryChange::SetValue) => 13,
        What::Registry(RegistryChange::Rename) => 14,
        What::NameQuery => 22,
        What::FileDelete => 23,
        What::FileChange => return Err(absent("Sysmon does not log that a file is changed")),
        What::FileRename => return Err(absent("Sysmon does not log that a file gets another name")),
    })
}

/// An event that names its log names that of the record.
fn of_sysmon(facts: &Facts, event_id: u32) -> Result<(), NotRecordable> {
    if facts.one("event.code")?.is_some_and(|code| code != event_id.to_string()) {
        return Err(inexpressible("`event.code` is that of another event than Sysmon's"));
    }
    if facts.one("event.provider")?.is_some_and(|provider| provider != PROVIDER) {
        return Err(inexpressible("`event.provider` is not Sysmon"));
    }
    Ok(())
}

fn utc(instant: Timestamp) -> String {
    instant.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// `EventData` in the making.
struct Data<'a> {
    facts: &'a Facts,
    list: Vec<(String, String)>,
}

impl Data<'_> {
    fn put(&mut self, name: &str, value: &str) {
        self.list.push((name.to_owned(), value.to_owned()));
    }

    fn put_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn field(&mut self, name: &str, path: &str) -> Result<(), NotRecordable> {
        let value = self.facts.one(path)?;
        self.put_if(name, value);
        Ok(())
    }

    fn part_or_unknown(&mut self, name: &str, thing: &str, part: &str) -> Result<(), NotRecordable> {
        let value = self.facts.part(thing, part)?.unwrap_or(UNKNOWN);
        self.put(name, value);
        Ok(())
    }

    fn number(&mut self, name: &str, path: &str) -> Result<(), NotRecordable> {
        if let Some(number) = self.facts.number(path)? {
            self.put(name, &number.to_string());
        }
        Ok(())
    }

    /// The process of nearly every event.
    fn process(&mut self) -> Result<(), NotRecordable> {
        self.field("ProcessGuid", "process.entity_id")?;
        self.number("ProcessId", "process.pid")?;
        self.field("Image", "process.executable")?;
        let user = self.facts.account("user")?;
        self.put_if("User", user.as_deref());
        Ok(())
    }

    fn process_start(&mut self) -> Result<(), NotRecordable> {
        self.process()?;
        self.version_resource("process.pe")?;
        self.field("CommandLine", "process.command_line")?;
        self.folder()?;
        let level = self.facts.one("process.Ext.token.integrity_level_name")?;
        if let Some(level) = level.filter(|level| level.chars().any(char::is_uppercase)) {
            return Err(inexpressible(format!("the integrity level `{level}` is not in lower case")));
        }
        self.put_if("IntegrityLevel", level.map(capitalised).as_deref());
        self.hashes("process.hash", "process.pe")?;
        self.field("ParentProcessGuid", "process.parent.entity_id")?;
        self.number("ParentProcessId", "process.parent.pid")?;
        self.field("ParentImage", "process.parent.executable")?;
        self.field("ParentCommandLine", "process.parent.command_line")?;
        let user = self.facts.account("process.parent.user")?;
        self.put_if("ParentUser", user.as_deref());
        Ok(())
    }

    /// The folder that the process started in, which stands in its parameters with a separator at the end: agents and
    /// Sysmon take it from there.
    fn folder(&mut self) -> Result<(), NotRecordable> {
        match self.facts.one("process.working_directory")? {
            Some(path) if !path.ends_with('\\') => {
                Err(inexpressible("`process.working_directory` does not end with a separator"))
            }
            path => {
                self.put_if("CurrentDirectory", path);
                Ok(())
            }
        }
    }

    fn version_resource(&mut self, pe: &str) -> Result<(), NotRecordable> {
        for (name, field) in [
            ("FileVersion", "file_version"),
            ("Description", "description"),
            ("Product", "product"),
            ("Company", "company"),
            ("OriginalFileName", "original_file_name"),
        ] {
            self.part_or_unknown(name, pe, field)?;
        }
        Ok(())
    }

    /// `SHA1=…,MD5=…,SHA256=…,IMPHASH=…` in capital letters, those that are known.
    fn hashes(&mut self, hash: &str, pe: &str) -> Result<(), NotRecordable> {
        let mut hashes = Vec::new();
        for (name, of, part) in [
            ("SHA1", hash, "sha1"),
            ("MD5", hash, "md5"),
            ("SHA256", hash, "sha256"),
            ("IMPHASH", pe, "imphash"),
        ] {
            if let Some(value) = self.facts.part(of, part)? {
                hashes.push(format!("{name}={}", value.to_ascii_uppercase()));
            }
        }
        if !hashes.is_empty() {
            self.put("Hashes", &hashes.join(","));
        }
        Ok(())
    }

    fn image_load(&mut self) -> Result<(), NotRecordable> {
        self.process()?;
        self.version_resource("dll.pe")?;
        self.module("dll.path", "dll")
    }

    /// What was loaded and who signed it. Some shippers give the path of a library as that of a file.
    fn module(&mut self, path: &str, module: &str) -> Result<(), NotRecordable> {
        let path = self.facts.one(path)?.or(self.facts.one("file.path")?);
        self.put_if("ImageLoaded", path);
        self.hashes(&format!("{module}.hash"), &format!("{module}.pe"))?;
        let fields = &self.facts.fields;
        let signature = format!("{module}.code_signature");
        let (exists, trusted) =
            (fields.truth(&format!("{signature}.exists"))?, fields.truth(&format!("{signature}.trusted"))?);
        let subject = fields.one(&format!("{signature}.subject_name"))?;
        match (exists, trusted) {
            (None, None) => {}
            (None | Some(true), Some(true)) => {
                self.put("Signed", "true");
                self.put("Signature", subject.unwrap_or(UNKNOWN));
                self.put("SignatureStatus", "Valid");
            }
            (Some(false), None | Some(false)) => {
                self.put("Signed", "false");
                self.put("Signature", UNKNOWN);
                self.put("SignatureStatus", "Unavailable");
            }
            _ => return Err(inexpressible(format!("how Sysmon words this `{signature}` is not known"))),
        }
        Ok(())
    }

    fn file_create(&mut self, what: What) -> Result<(), NotRecordable> {
        self.process()?;
        self.field("TargetFilename", "file.path")?;
        let created = match self.facts.one("file.created")? {
            Some(text) => {
                let instant =
                    facts::instant(text).ok_or_else(|| inexpressible("`file.created` is no date"))?;
                Some(utc(instant))
            }
            // A file that is new was created now; one that is overwritten keeps its date.
            None => (what == What::FileCreate).then(|| utc(self.facts.instant())),
        };
        self.put_if("CreationUtcTime", created.as_deref());
        Ok(())
    }

    fn file_delete(&mut self) -> Result<(), NotRecordable> {
        self.process()?;
        self.field("TargetFilename", "file.path")?;
        self.hashes("file.hash", "file.pe")
    }

    /// What the event quotes of the record stays, unless it contradicts the rest.
    fn as_sent(&mut self) -> Result<(), NotRecordable> {
        let facts = self.facts;
        for (name, _) in facts.fields.below("winlog.event_data") {
            let path = format!("winlog.event_data.{name}");
            let Some(value) = facts.one(&path)? else { continue };
            match self.list.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) if known == UNKNOWN => value.clone_into(known),
                Some((_, known)) if known != value => {
                    return Err(inexpressible(format!("`{path}` contradicts the rest of the event")));
                }
                Some(_) => {}
                None => self.put(name, value),
            }
        }
        Ok(())
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether addresses are those of IPv6, as Sysmon writes it.
fn is_ipv6(facts: &Facts) -> Result<Option<&'static str>, NotRecordable> {
    Ok(consistency::family(&facts.fields)?.map(|is_v6| if is_v6 { "true" } else { "false" }))
}
