//! Changes of the registry.

use super::Data;
use crate::project::classify::RegistryChange;
use crate::project::{NotRecordable, inexpressible};

/// Sysmon's name for the change.
pub(super) fn event_type(change: RegistryChange) -> &'static str {
    match change {
        RegistryChange::SetValue => "SetValue",
        RegistryChange::CreateKey => "CreateKey",
        RegistryChange::DeleteKey => "DeleteKey",
        RegistryChange::DeleteValue => "DeleteValue",
        RegistryChange::Rename => "RenameKey",
    }
}

/// Events 12, 13 and 14.
pub(super) fn change(data: &mut Data<'_>, change: RegistryChange) -> Result<(), NotRecordable> {
    data.process()?;
    let target = target(data, change)?;
    data.put_if("TargetObject", target.as_deref());
    if change == RegistryChange::SetValue {
        let details = details(data)?;
        data.put_if("Details", details.as_deref());
    }
    Ok(())
}

/// The path with Sysmon's short names for the hives. The hive of a user is that of the SID.
fn target(data: &Data<'_>, change: RegistryChange) -> Result<Option<String>, NotRecordable> {
    let Some(path) = data.facts.one("registry.path")? else {
        return if data.facts.fields.knows("registry") {
            Err(inexpressible("`registry.path` is missing though other fields tell of it"))
        } else {
            Ok(None)
        };
    };
    match data.facts.one("registry.value")? {
        // Paths of keys have none.
        None if change == RegistryChange::SetValue => {
            return Err(inexpressible("`registry.value` is missing though `registry.path` tells it"));
        }
        None => {}
        Some(value) if !path.ends_with(&format!("\\{value}")) => {
            return Err(inexpressible("`registry.value` is not that of `registry.path`"));
        }
        Some(_) => {}
    }
    for (long, short) in [
        ("HKEY_LOCAL_MACHINE\\", "HKLM\\"),
        ("HKEY_USERS\\", "HKU\\"),
        ("HKEY_CLASSES_ROOT\\", "HKCR\\"),
        ("\\REGISTRY\\MACHINE\\", "HKLM\\"),
        ("\\REGISTRY\\USER\\", "HKU\\"),
    ] {
        if let Some(rest) = path.strip_prefix(long) {
            return Ok(Some(format!("{short}{rest}")));
        }
    }
    let own = path.strip_prefix("HKEY_CURRENT_USER\\").or_else(|| path.strip_prefix("HKCU\\"));
    match own {
        None => Ok(Some(path.to_owned())),
        Some(rest) => match data.facts.one("user.id")? {
            Some(sid) => Ok(Some(format!("HKU\\{sid}\\{rest}"))),
            None => Err(inexpressible("Sysmon names the hive of a user by `user.id`, which is missing")),
        },
    }
}

/// What was written, as Sysmon words it.
fn details(data: &Data<'_>) -> Result<Option<String>, NotRecordable> {
    let kind = data.facts.one("registry.data.type")?.unwrap_or("REG_SZ");
    match kind {
        "REG_BINARY" | "REG_MULTI_SZ" | "REG_NONE" => return Ok(Some("Binary Data".to_owned())),
        _ => {}
    }
    let Some(text) = data.facts.one("registry.data.strings")? else { return Ok(None) };
    let number = || number(text).ok_or_else(|| inexpressible("`registry.data.strings` is no number"));
    match kind {
        "REG_SZ" | "REG_EXPAND_SZ" => Ok(Some(text.to_owned())),
        "REG_DWORD" => Ok(Some(format!("DWORD (0x{:08x})", number()? & 0xffff_ffff))),
        "REG_QWORD" => {
            let number = number()?;
            Ok(Some(format!("QWORD (0x{:08x}-0x{:08x})", number >> 32, number & 0xffff_ffff)))
        }
        _ => Err(inexpressible("how Sysmon words this `registry.data.type` is not known")),
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
