//! What happened, by `event.category`, `event.type` and `event.action`.

use super::fields::Fields;
use super::{NotRecordable, absent, inexpressible};

/// What a host saw happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A process started.
    ProcessStart,
    /// A process ended.
    ProcessEnd,
    /// A connection was opened or accepted.
    Connection,
    /// A name was looked up.
    NameQuery,
    /// A process loaded a library.
    ImageLoad,
    /// The system loaded a driver.
    DriverLoad,
    /// A file came into being.
    FileCreate,
    /// A file was written anew in the place of an older one.
    FileOverwrite,
    /// Something else of a file changed.
    FileChange,
    /// A file got another name.
    FileRename,
    /// A file was deleted.
    FileDelete,
    /// Something in the registry changed.
    Registry(RegistryChange),
}

/// What happened in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegistryChange {
    /// A value was created or changed.
    SetValue,
    /// A key was created.
    CreateKey,
    /// A key was deleted.
    DeleteKey,
    /// A value was deleted.
    DeleteValue,
    /// A key or value got another name.
    Rename,
}

/// ECS's `event.category`, and `dns`, which rules for Elastic's sensors use too.
const CATEGORIES: &[&str] = &[
    "api",
    "authentication",
    "configuration",
    "database",
    "dns",
    "driver",
    "email",
    "file",
    "host",
    "iam",
    "intrusion_detection",
    "library",
    "malware",
    "network",
    "package",
    "process",
    "registry",
    "session",
    "threat",
    "vulnerability",
    "web",
];

/// The categories of what the audit log of a system records, beside what another category says of the same event.
const AUDITED: &[&str] = &["authentication", "configuration", "iam", "session"];

/// ECS's `event.type`.
const TYPES: &[&str] = &[
    "access",
    "admin",
    "allowed",
    "change",
    "connection",
    "creation",
    "deletion",
    "denied",
    "device",
    "end",
    "error",
    "group",
    "indicator",
    "info",
    "installation",
    "protocol",
    "start",
    "user",
];

/// What happened on the host.
///
/// # Errors
/// The event does not tell, tells of several things, or of one that no source here logs.
pub(super) fn classify(fields: &Fields) -> Result<What, NotRecordable> {
    let categories = listed(fields, "event.category", CATEGORIES)?;
    let types = Types(listed(fields, "event.type", TYPES)?);
    let mut found = None;
    let mut reason = None;
    let audited = |category: &&&str| AUDITED.contains(*category);
    if categories.iter().any(|category| audited(&category)) {
        reason = Some(inexpressible("what the audit log of the system records is not projected"));
    }
    for category in categories.iter().filter(|category| !audited(category)) {
        let this = match *category {
            "process" => types.process(),
            "network" | "dns" => types.network(fields, *category == "dns"),
            "library" => types.only_start(What::ImageLoad, "library"),
            "driver" => types.only_start(What::DriverLoad, "driver"),
            "file" => types.file(fields),
            "registry" => types.registry(fields),
            other => Err(absent(format!("there is no event for the category `{other}`"))),
        };
        match (this, found) {
            (Ok(this), Some(earlier)) if this != earlier => {
                return Err(inexpressible("its categories are those of several records"));
            }
            (Ok(this), _) => found = Some(this),
            (Err(contradiction @ NotRecordable::Inexpressible(_)), _) => return Err(contradiction),
            (Err(not_logged), _) => reason = reason.or(Some(not_logged)),
        }
    }
    found.ok_or_else(|| reason.unwrap_or_else(|| inexpressible("`event.category` is missing")))
}

fn listed<'a>(fields: &'a Fields, path: &str, known: &[&str]) -> Result<Vec<&'a str>, NotRecordable> {
    let values = fields.all(path);
    if values.is_empty() {
        return Err(inexpressible(format!("`{path}` is missing")));
    }
    match values.iter().find(|value| !known.contains(value)) {
        Some(value) => Err(inexpressible(format!("`{value}` is no value that ECS gives to `{path}`"))),
        None => Ok(values),
    }
}

struct Types<'a>(Vec<&'a str>);

impl Types<'_> {
    fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    fn process(&self) -> Result<What, NotRecordable> {
        match (self.has("start"), self.has("end")) {
            (true, true) => Err(inexpressible("a process cannot start and end in one record")),
            _ if self.has("denied") => Err(inexpressible("whether a refused start is logged is not known")),
            (true, false) => Ok(What::ProcessStart),
            (false, true) => Ok(What::ProcessEnd),
            _ if self.has("access") => Err(inexpressible("access to a process is not projected")),
            _ => Err(absent("of a process only its start and its end are logged")),
        }
    }

    fn network(&self, fields: &Fields, only_names: bool) -> Result<What, NotRecordable> {
        let has_name = fields.knows("dns.question");
        match (has_name || only_names, fields.knows("destination")) {
            (true, true) => Err(inexpressible("a name lookup and a connection are two records")),
            (true, false) => Ok(What::NameQuery),
            _ if self.has("denied") => {
                Err(inexpressible("whether a refused connection is logged is not known"))
            }
            _ if self.has("end") => Err(absent("the end of a connection is not logged")),
            _ if self.has("start") || self.has("connection") => Ok(What::Connection),
            _ => Err(inexpressible("`event.type` tells no connection")),
        }
    }

    fn only_start(&self, what: What, category: &str) -> Result<What, NotRecordable> {
        if self.has("start") {
            Ok(what)
        } else {
            Err(absent(format!("of a {category} only the load is logged")))
        }
    }

    fn file(&self, fields: &Fields) -> Result<What, NotRecordable> {
        let action = fields.one("event.action")?.unwrap_or_default();
        match (self.has("creation"), self.has("deletion")) {
            (true, true) => Err(inexpressible("a file cannot come and go in one record")),
            (true, false) => Ok(What::FileCreate),
            (false, true) => Ok(What::FileDelete),
            _ if !self.has("change") => Err(absent("reading a file is not logged")),
            _ if action == "overwrite" => Ok(What::FileOverwrite),
            _ if action == "rename" => Ok(What::FileRename),
            _ => Ok(What::FileChange),
        }
    }

    fn registry(&self, fields: &Fields) -> Result<What, NotRecordable> {
        let action = fields.one("event.action")?.unwrap_or_default();
        let has_value = fields.one("registry.value")?.is_some();
        let change = match (self.has("creation"), self.has("deletion"), self.has("change")) {
            (true, true, _) => return Err(inexpressible("a key cannot come and go in one record")),
            (_, true, _) if has_value => RegistryChange::DeleteValue,
            (_, true, _) => RegistryChange::DeleteKey,
            (true, ..) if !has_value => RegistryChange::CreateKey,
            (_, _, true) if action == "rename" => RegistryChange::Rename,
            (true, ..) | (_, _, true) => RegistryChange::SetValue,
            _ => return Err(absent("reading the registry is not logged")),
        };
        Ok(What::Registry(change))
    }
}
