//! Documents of ECS from hosts with Linux and macOS, as the fields from which [`super::unix`] makes rows.

use serde_json::{Map, Value, json};

use super::{Row, unix};
use crate::project::fields::Fields;
use crate::project::{Faith, NotRecordable, inexpressible, paths};

/// The system of the host; none where it is Windows or not told.
///
/// # Errors
/// There are several, or the event is no object.
pub(crate) fn system(event: &Value) -> Result<Option<&'static str>, NotRecordable> {
    let field = "host.os.type";
    Ok(match Fields::only(event, field)?.one(field)? {
        Some("linux") => Some("linux"),
        Some("macos") => Some("macos"),
        _ => None,
    })
}

/// What fields of ECS are called there.
const NAMES: &[(&str, &str)] = &[
    ("@timestamp", "@timestamp"),
    ("process.executable", "Image"),
    ("process.command_line", "CommandLine"),
    ("process.working_directory", "CurrentDirectory"),
    ("process.pid", "ProcessId"),
    ("process.parent.pid", "ParentProcessId"),
    ("process.parent.executable", "ParentImage"),
    ("process.parent.command_line", "ParentCommandLine"),
    ("process.hash.md5", "md5"),
    ("process.hash.sha1", "sha1"),
    ("process.hash.sha256", "sha256"),
    ("user.name", "User"),
    ("user.id", "euid"),
    ("user.Ext.real.id", "uid"),
    ("group.id", "egid"),
    ("group.Ext.real.id", "gid"),
    ("file.path", "TargetFilename"),
    ("destination.ip", "DestinationIp"),
    ("destination.port", "DestinationPort"),
    (CONTAINER, "ContainerId"),
];

const CONTAINER: &str = "container.id";
/// Variables of the environment, each as `name=value`.
const VARIABLES: &str = "process.env_vars";
pub(super) const ENVIRONMENT: &str = "Environment";

/// The same of processes, by which auditors tell them apart and osquery does not.
const ENTITIES: &[(&str, &str)] =
    &[("process.entity_id", "ProcessGuid"), ("process.parent.entity_id", "ParentProcessGuid")];

/// The rows of a document, and the host it is of.
pub(super) fn rows(
    event: &Value,
    system: &str,
    place: usize,
    faith: Faith,
) -> Result<(Vec<Row>, String), NotRecordable> {
    let Told { fields, category, host } = told(&Fields::read(event)?, faith)?;
    let rows = match system {
        "linux" => unix::linux(&fields, Some(category), place),
        _ => unix::macos(&fields, Some(category), place),
    };
    Ok((rows?, host))
}

/// The number of a container, where any will do.
pub(crate) const SOME_CONTAINER: &str = "9f0c3b7e5d12a8460b4e6c8d1f2a3957e8d7c6b5a4938271605f4e3d2c1b0a99";

/// Whether a text is the number of a container, as control groups are called after it.
pub(crate) fn is_container(id: &str) -> bool {
    id.len() == 64 && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

/// What a document tells, by Sigma's names.
struct Told {
    fields: Map<String, Value>,
    category: &'static str,
    host: String,
}

fn told(fields: &Fields, faith: Faith) -> Result<Told, NotRecordable> {
    let host = fields.one("host.id")?.ok_or_else(|| inexpressible("`host.id` is missing"))?.to_owned();
    if faith == Faith::Whole {
        check(fields)?;
    }
    let mut told = Map::new();
    for (path, name) in NAMES {
        if let Some(text) = fields.one(path)? {
            told.insert((*name).to_owned(), json!(text));
        }
    }
    let variables = fields.all(VARIABLES);
    if !variables.is_empty() {
        told.insert(ENVIRONMENT.to_owned(), json!(variables));
    }
    let category = category(fields, faith).map_err(|reason| faith.of_what_happened(reason))?;
    Ok(Told { fields: told, category, host })
}

/// A document of a host with Linux or macOS as an event of Sigma's log sources, with its `logsource`.
///
/// # Errors
/// There is no such event, or none that says the same.
pub(crate) fn unix_event(event: &Value, system: &str, faith: Faith) -> Result<Value, NotRecordable> {
    let whole = Fields::read(event)?;
    let Told { mut fields, category, host } = told(&whole, faith)?;
    for (path, name) in ENTITIES {
        if let Some(text) = whole.one(path)? {
            fields.insert((*name).to_owned(), json!(text));
        }
    }
    // No log source of Sigma tells of containers and of the environment.
    fields.shift_remove("ContainerId");
    fields.shift_remove(ENVIRONMENT);
    let computer = whole.one("host.name")?.unwrap_or(&host).to_owned();
    fields.insert("Computer".to_owned(), json!(computer));
    if category == "network_connection" {
        // What is projected is the attempt to connect.
        fields.insert("Initiated".to_owned(), json!("true"));
    }
    fields.insert("logsource".to_owned(), json!({ "product": system, "category": category }));
    Ok(Value::Object(fields))
}

/// What happened, by Sigma's name for it.
fn category(fields: &Fields, faith: Faith) -> Result<&'static str, NotRecordable> {
    let all = |path: &str| fields.all(path);
    let (categories, types, actions) = (all("event.category"), all("event.type"), all("event.action"));
    match (categories.as_slice(), types.as_slice(), actions.as_slice()) {
        (["process"], ["start"], ["exec"]) => Ok("process_creation"),
        // Not every agent says how.
        (["process"], ["start"], [] | ["start"]) if faith == Faith::Part => Ok("process_creation"),
        (["process"], ["end"], ["end"]) => Ok("process_termination"),
        (["network"], ["start"], ["connection_attempted"]) => Ok("network_connection"),
        (["file"], ["creation"], ["creation"]) => Ok("file_event"),
        (["file"], ["deletion"], ["deletion"]) => Ok("file_delete"),
        _ => Err(inexpressible("what happened is not projected for this system")),
    }
}

/// What follows from another field is as it follows, and is not left out.
fn check(fields: &Fields) -> Result<(), NotRecordable> {
    for (base, derived) in [
        ("process.executable", "process.name"),
        ("process.parent.executable", "process.parent.name"),
        ("file.path", "file.name"),
    ] {
        let name = fields.one(base)?.map(paths::file_name);
        if fields.one(derived)? != name {
            return Err(inexpressible(format!("`{derived}` is not that of `{base}`")));
        }
    }
    let extension = fields.one("file.path")?.and_then(paths::extension);
    if fields.one("file.extension")? != extension {
        return Err(inexpressible("`file.extension` is not that of `file.path`"));
    }
    for process in ["process", "process.parent"] {
        let line = fields.part(process, "command_line")?;
        let own = fields.all(&format!("{process}.args"));
        // Agents join the arguments of a call by blanks, whatever is in them.
        if line.map(str::to_owned) != (!own.is_empty()).then(|| own.join(" ")) {
            return Err(inexpressible(format!("`{process}.args` are not those of the command line")));
        }
        let count = fields.part(process, "args_count")?;
        if count.is_some_and(|count| count != own.len().to_string()) {
            return Err(inexpressible(format!(
                "`{process}.args_count` is not the number of `{process}.args`"
            )));
        }
    }
    for path in ["process.executable", "process.parent.executable", "file.path"] {
        if fields.one(path)?.is_some_and(|path| !path.starts_with('/')) {
            return Err(inexpressible(format!("`{path}` is no whole path")));
        }
    }
    if fields.one(CONTAINER)?.is_some_and(|id| !is_container(id)) {
        return Err(inexpressible(format!("`{CONTAINER}` is not as the names of control groups have it")));
    }
    if let (Some(id), Some(name)) = (fields.one("user.id")?, fields.one("user.name")?)
        && (id == "0") != (name == "root")
    {
        return Err(inexpressible("`user.id` and `user.name` are those of two accounts"));
    }
    match (fields.one("network.direction")?, fields.knows("destination")) {
        (Some("egress" | "outbound") | None, _) | (_, false) => Ok(()),
        (Some(_), true) => Err(inexpressible("an attempt to connect is outbound")),
    }
}
