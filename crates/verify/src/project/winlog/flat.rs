//! A record from one flat event with its log source, as rules of SigmaHQ see it.

use serde_json::{Map, Value, json};

use super::WindowsRecord;
use crate::project::{NotRecordable, inexpressible};

const SYSMON: (&str, &str) = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational");
const POWERSHELL: (&str, &str) = ("Microsoft-Windows-PowerShell", "Microsoft-Windows-PowerShell/Operational");
const CLASSIC: (&str, &str) = ("PowerShell", "Windows PowerShell");

/// The numbers of the events of Sigma's categories, by Sysmon's and PowerShell's documentation.
const CATEGORIES: &[(&str, (&str, &str), &[i64])] = &[
    ("process_creation", SYSMON, &[1]),
    ("file_change", SYSMON, &[2]),
    ("network_connection", SYSMON, &[3]),
    ("sysmon_status", SYSMON, &[4, 16]),
    ("process_termination", SYSMON, &[5]),
    ("driver_load", SYSMON, &[6]),
    ("image_load", SYSMON, &[7]),
    ("create_remote_thread", SYSMON, &[8]),
    ("raw_access_thread", SYSMON, &[9]),
    ("raw_access_read", SYSMON, &[9]),
    ("process_access", SYSMON, &[10]),
    ("file_event", SYSMON, &[11]),
    ("registry_add", SYSMON, &[12]),
    ("registry_delete", SYSMON, &[12]),
    ("registry_set", SYSMON, &[13]),
    ("registry_event", SYSMON, &[13, 12, 14]),
    ("registry_rename", SYSMON, &[14]),
    ("create_stream_hash", SYSMON, &[15]),
    ("pipe_created", SYSMON, &[17, 18]),
    ("wmi_event", SYSMON, &[19, 20, 21]),
    ("dns_query", SYSMON, &[22]),
    ("file_delete", SYSMON, &[23]),
    ("clipboard_capture", SYSMON, &[24]),
    ("process_tampering", SYSMON, &[25]),
    ("file_delete_detected", SYSMON, &[26]),
    ("file_block_executable", SYSMON, &[27]),
    ("file_block", SYSMON, &[27, 28]),
    ("file_block_shredding", SYSMON, &[28]),
    ("file_executable_detected", SYSMON, &[29]),
    ("sysmon_error", SYSMON, &[255]),
    ("ps_module", POWERSHELL, &[4103]),
    ("ps_script", POWERSHELL, &[4104]),
    ("ps_classic_start", CLASSIC, &[400]),
    ("ps_classic_provider_start", CLASSIC, &[600]),
    ("ps_classic_script", CLASSIC, &[800]),
];

/// The channels of Sigma's services.
const SERVICES: &[(&str, &str)] = &[
    ("security", "Security"),
    ("system", "System"),
    ("application", "Application"),
    ("sysmon", "Microsoft-Windows-Sysmon/Operational"),
    ("powershell", "Microsoft-Windows-PowerShell/Operational"),
    ("powershell-classic", "Windows PowerShell"),
    ("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational"),
    ("wmi", "Microsoft-Windows-WMI-Activity/Operational"),
    ("windefend", DEFENDER),
    ("codeintegrity-operational", "Microsoft-Windows-CodeIntegrity/Operational"),
    ("bits-client", "Microsoft-Windows-Bits-Client/Operational"),
    ("ntlm", "Microsoft-Windows-NTLM/Operational"),
    ("shell-core", "Microsoft-Windows-Shell-Core/Operational"),
    ("appxdeployment-server", "Microsoft-Windows-AppXDeploymentServer/Operational"),
    ("appxpackaging-om", "Microsoft-Windows-AppxPackaging/Operational"),
    ("appmodel-runtime", "Microsoft-Windows-AppModel-Runtime/Admin"),
    ("dns-client", "Microsoft-Windows-DNS Client Events/Operational"),
    ("dns-server", "DNS Server"),
    ("dns-server-analytic", "Microsoft-Windows-DNS-Server/Analytical"),
    ("openssh", "OpenSSH/Operational"),
    ("firewall-as", "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"),
    ("msexchange-management", "MSExchange Management"),
    ("iis-configuration", "Microsoft-IIS-Configuration/Operational"),
    ("microsoft-servicebus-client", "Microsoft-ServiceBus-Client"),
    (
        "terminalservices-localsessionmanager",
        "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
    ),
    (
        "certificateservicesclient-lifecycle-system",
        "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
    ),
    ("driver-framework", "Microsoft-Windows-DriverFrameworks-UserMode/Operational"),
    ("security-mitigations", "Microsoft-Windows-Security-Mitigations/Kernel Mode"),
    ("smbclient-security", "Microsoft-Windows-SmbClient/Security"),
    ("smbclient-connectivity", "Microsoft-Windows-SmbClient/Connectivity"),
    ("diagnosis-scripted", "Microsoft-Windows-Diagnosis-Scripted/Operational"),
    ("lsa-server", "Microsoft-Windows-LSA/Operational"),
    ("applocker", "Microsoft-Windows-AppLocker/EXE and DLL"),
    ("printservice-admin", "Microsoft-Windows-PrintService/Admin"),
    ("printservice-operational", "Microsoft-Windows-PrintService/Operational"),
    ("capi2", "Microsoft-Windows-CAPI2/Operational"),
    ("ldap", "Microsoft-Windows-LDAP-Client/Debug"),
    ("ldap_debug", "Microsoft-Windows-LDAP-Client/Debug"),
    ("bitlocker", "Microsoft-Windows-BitLocker/BitLocker Management"),
    ("vhdmp", "Microsoft-Windows-VHDMP/Operational"),
];

/// Channels whose events have their data in `UserData`.
const OF_USER: &[&str] = &[
    "wmi",
    "applocker",
    "printservice-admin",
    "printservice-operational",
    "terminalservices-localsessionmanager",
];

const DEFENDER: &str = "Microsoft-Windows-Windows Defender/Operational";

/// Whether the header of a record can have such a value in one of its parts, each of which it has once.
fn is_in_header(name: &str, value: &Value) -> bool {
    match name {
        "Channel" | "Computer" | "ComputerName" | "Provider_Name" | "Keywords" => value.is_string(),
        "Level" => value.is_i64(),
        _ => true,
    }
}

impl WindowsRecord {
    /// The record of a flat event of one of Sigma's log sources for Windows.
    ///
    /// # Errors
    /// The log source is not known to be of a channel, or no record of it has these fields.
    pub(in crate::project) fn of_source(
        fields: &Map<String, Value>,
        source: &Value,
    ) -> Result<Self, NotRecordable> {
        if let Some((name, _)) = fields.iter().find(|(name, value)| !is_in_header(name, value)) {
            return Err(inexpressible(format!("no record has such a `{name}`")));
        }
        let own = match fields.get("EventID") {
            None => None,
            Some(id) => Some(number(id).ok_or_else(|| inexpressible("`EventID` is no number"))?),
        };
        let category = one_of(source, "category");
        let service = one_of(source, "service");
        let known = CATEGORIES.iter().find(|(name, ..)| Some(*name) == category);
        let (provider, channel, id) = match (known, service) {
            (Some((name, (provider, channel), ids)), _) => {
                (*provider, *channel, of_category(name, ids, own, fields)?)
            }
            (None, Some(service)) => {
                let channel = SERVICES.iter().find(|(name, _)| *name == service).map(|(_, channel)| *channel);
                let channel = channel
                    .ok_or_else(|| inexpressible(format!("the channel of `{service}` is not known")))?;
                ("Provider", channel, own.unwrap_or(1))
            }
            (None, None) => return Err(inexpressible("the log source names no events")),
        };
        if let Some(named) = fields.get("Channel").filter(|named| named.as_str() != Some(channel)) {
            return Err(inexpressible(format!("{named} is not the channel of the log source")));
        }
        let mut record = of_fields(fields, (provider, channel, id));
        if let Some((_, value)) = record.data.iter().find(|(_, value)| value.is_object()) {
            return Err(inexpressible(format!("{value} is no text")));
        }
        if channel == DEFENDER {
            record.data.iter_mut().for_each(|(name, _)| *name = spaced(name));
        }
        if category == Some("registry_add") || category == Some("registry_delete") {
            let kind = if category == Some("registry_add") { "CreateKey" } else { "DeleteKey" };
            if record.text("EventType").is_none() {
                record.data.push(("EventType".to_owned(), Value::from(kind)));
            }
        }
        record.of_user = service.is_some_and(|service| OF_USER.contains(&service));
        Ok(record)
    }
}

/// A record from the fields of an event: those of `System` by Sigma's names, all others as its data.
fn of_fields(fields: &Map<String, Value>, (provider, channel, id): (&str, &str, i64)) -> WindowsRecord {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let outside = [
        "EventID",
        "Channel",
        "Computer",
        "ComputerName",
        "Provider_Name",
        "Level",
        "Keywords",
        "@timestamp",
        "logsource",
    ];
    let data = fields.iter().filter(|(name, _)| !outside.contains(&name.as_str()));
    WindowsRecord {
        provider: text("Provider_Name").unwrap_or_else(|| provider.to_owned()),
        channel: channel.to_owned(),
        event_id: id,
        computer: text("Computer").or_else(|| text("ComputerName")).unwrap_or_else(|| "host".to_owned()),
        level: fields.get("Level").and_then(Value::as_i64),
        keywords: text("Keywords"),
        process_id: None,
        time: fields
            .get("@timestamp")
            .map(|time| time.as_str().map_or_else(|| json!(time).to_string(), str::to_owned)),
        data: data.map(|(name, value)| (name.clone(), value.clone())).collect(),
        of_user: false,
    }
}

/// A part of the log source; the first of several.
pub(in crate::project) fn one_of<'a>(source: &'a Value, part: &str) -> Option<&'a str> {
    match source.get(part)? {
        Value::Array(items) => items.first()?.as_str(),
        single => single.as_str(),
    }
}

/// The number of an event of a category.
fn of_category(
    category: &str,
    ids: &[i64],
    own: Option<i64>,
    fields: &Map<String, Value>,
) -> Result<i64, NotRecordable> {
    let kind = fields.get("EventType").and_then(Value::as_str);
    let made = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("CreateKey"));
    let deleted = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("delete"));
    match category {
        "registry_add" if kind.is_some() && kind != Some("CreateKey") => {
            return Err(inexpressible("no key is made"));
        }
        "registry_delete" if kind.is_some() && !matches!(kind, Some("DeleteKey" | "DeleteValue")) => {
            return Err(inexpressible("nothing is deleted"));
        }
        "registry_event" if own.is_none() && (made || deleted) => return Ok(12),
        _ => {}
    }
    match own {
        Some(id) if !ids.contains(&id) => Err(inexpressible(format!("{id} is no event of `{category}`"))),
        Some(id) => Ok(id),
        None => ids.first().copied().ok_or_else(|| inexpressible("the category has no events")),
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Defender's names have blanks: `ThreatName` is `Threat Name`.
fn spaced(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}
