//! Fields that a source derives from one and the same value.

use std::net::IpAddr;

use super::fields::Fields;
use super::{NotRecordable, command_line, inexpressible, paths};

/// What every source tells apart by a number or name of its own, whether it records this one or not.
const IDENTITIES: &[&str] =
    &["process.entity_id", "process.pid", "process.parent.entity_id", "process.parent.pid", "user.id"];

/// Whether fields that say the same in different ways agree, and neither is missing.
///
/// # Errors
/// [`NotRecordable::Inexpressible`] with the fields that do not agree.
pub(super) fn check(fields: &Fields) -> Result<(), NotRecordable> {
    identities(fields)?;
    follows(fields, "process.executable", "process.name", name_of)?;
    follows(fields, "process.parent.executable", "process.parent.name", name_of)?;
    follows(fields, "dll.path", "dll.name", name_of)?;
    follows(fields, "file.path", "file.name", name_of)?;
    follows(fields, "file.path", "file.extension", paths::extension)?;
    if fields.one("file.directory")?.is_some() {
        follows(fields, "file.path", "file.directory", paths::directory)?;
    }
    for path in ["process.executable", "process.parent.executable", "dll.path", "file.path"] {
        in_folder(fields, path)?;
    }
    arguments(fields, "process", true)?;
    arguments(fields, "process.parent", false)?;
    user(fields, "user")?;
    user(fields, "process.parent.user")?;
    family(fields)?;
    lower_case(fields, "network.transport")?;
    lower_case(fields, "network.protocol")
}

/// Whether what sources tell apart by a number or name of its own is one thing.
///
/// # Errors
/// [`NotRecordable::Inexpressible`] with the field that has several values.
pub(super) fn identities(fields: &Fields) -> Result<(), NotRecordable> {
    IDENTITIES.iter().try_for_each(|path| fields.one(path).map(drop))
}

fn name_of(path: &str) -> Option<&str> {
    Some(paths::file_name(path)).filter(|name| !name.is_empty())
}

fn follows(
    fields: &Fields,
    base: &str,
    derived: &str,
    derive: impl Fn(&str) -> Option<&str>,
) -> Result<(), NotRecordable> {
    let expected = fields.one(base)?.and_then(derive);
    let given = fields.one(derived)?;
    match (expected, given) {
        (Some(expected), Some(given)) if expected != given => {
            Err(inexpressible(format!("`{derived}` is not that of `{base}`")))
        }
        (Some(_), None) => Err(inexpressible(format!("`{derived}` is missing though `{base}` tells it"))),
        (None, Some(_)) if fields.one(base)?.is_none() => {
            Err(inexpressible(format!("`{base}` is missing though `{derived}` is known")))
        }
        (None, Some(_)) => Err(inexpressible(format!("`{derived}` is not that of `{base}`"))),
        _ => Ok(()),
    }
}

/// The list of arguments is that of the command line; for a parent it may be left out.
fn arguments(fields: &Fields, process: &str, both: bool) -> Result<(), NotRecordable> {
    let list = fields.all(&format!("{process}.args"));
    let line = fields.part(process, "command_line")?;
    match (line, list.is_empty()) {
        (None, true) => {}
        (None, false) => {
            return Err(inexpressible(format!(
                "`{process}.command_line` is missing though `{process}.args` is known"
            )));
        }
        (Some(_), true) if both => {
            return Err(inexpressible(format!(
                "`{process}.args` is missing though `{process}.command_line` tells it"
            )));
        }
        (Some(_), true) => {}
        (Some(line), false) => {
            if command_line::arguments(line).is_none_or(|words| words != list) {
                return Err(inexpressible(format!(
                    "`{process}.args` is not that of `{process}.command_line`"
                )));
            }
        }
    }
    match fields.part(process, "args_count")? {
        Some(count) if count != list.len().to_string() => {
            Err(inexpressible(format!("`{process}.args_count` is not the number of `{process}.args`")))
        }
        _ => Ok(()),
    }
}

/// Processes of Windows without a file.
const WITHOUT_FILE: &[&str] =
    &["System", "Registry", "MemCompression", "Memory Compression", "Secure System", "vmmem"];

/// Sources write whole paths.
fn in_folder(fields: &Fields, path: &str) -> Result<(), NotRecordable> {
    match fields.one(path)? {
        Some(text) if !text.contains(['\\', '/']) && !WITHOUT_FILE.contains(&text) => {
            Err(inexpressible(format!("`{path}` is no whole path")))
        }
        _ => Ok(()),
    }
}

/// Accounts that every Windows has, by their identifier, with their name and domain in English.
pub(crate) const ACCOUNTS: &[(&str, &str, &str)] = &[
    ("S-1-5-18", "SYSTEM", "NT AUTHORITY"),
    ("S-1-5-19", "LOCAL SERVICE", "NT AUTHORITY"),
    ("S-1-5-20", "NETWORK SERVICE", "NT AUTHORITY"),
];

fn user(fields: &Fields, user: &str) -> Result<(), NotRecordable> {
    let (name, domain) = (fields.part(user, "name")?, fields.part(user, "domain")?);
    let id = fields.part(user, "id")?;
    let known = ACCOUNTS.iter().find(|(known, ..)| id.is_some_and(|id| id.eq_ignore_ascii_case(known)));
    if let Some((known, own, of)) = known {
        if id != Some(*known) {
            return Err(inexpressible(format!("`{user}.id` is not written as systems do")));
        }
        let is = |given: Option<&str>, own: &str| given.is_some_and(|given| given.eq_ignore_ascii_case(own));
        if !is(name, own) || !is(domain, of) {
            return Err(inexpressible(format!(
                "`{user}.id` is that of `{of}\\{own}`, and `{user}.name` is not"
            )));
        }
    }
    match (name, domain) {
        (Some(_), None) => {
            Err(inexpressible(format!("`{user}.domain` is missing though `{user}.name` is known")))
        }
        (None, Some(_)) => {
            Err(inexpressible(format!("`{user}.name` is missing though `{user}.domain` is known")))
        }
        _ => Ok(()),
    }
}

/// Whether the addresses are those of IPv6; none if nothing tells.
///
/// # Errors
/// `network.type` and the addresses do not agree, or only they tell it.
pub(super) fn family(fields: &Fields) -> Result<Option<bool>, NotRecordable> {
    let stated = match fields.one("network.type")? {
        None => None,
        Some("ipv4") => Some(false),
        Some("ipv6") => Some(true),
        Some(other) => {
            return Err(inexpressible(format!("`{other}` is no value that ECS gives to `network.type`")));
        }
    };
    for path in ["source.ip", "destination.ip"] {
        let Some(address) = fields.one(path)? else { continue };
        let address: IpAddr =
            address.parse().map_err(|_| inexpressible(format!("`{path}` is no address")))?;
        match stated {
            None => return Err(inexpressible(format!("`network.type` is missing though `{path}` tells it"))),
            Some(is_v6) if is_v6 != address.is_ipv6() => {
                return Err(inexpressible(format!("`network.type` is not that of `{path}`")));
            }
            Some(_) => {}
        }
    }
    Ok(stated)
}

/// That the values of a field are in lower case, as agents write them.
pub(super) fn lower_case(fields: &Fields, path: &str) -> Result<(), NotRecordable> {
    match fields.all(path).iter().find(|value| value.chars().any(char::is_uppercase)) {
        Some(value) => Err(inexpressible(format!("`{value}` in `{path}` is not in lower case"))),
        None => Ok(()),
    }
}
