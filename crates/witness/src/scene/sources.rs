//! Which fields the events of a source have.

use eqlc_backend_native::reference::RunOptions;
use eqlc_ir::{Category, LogSource};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::values::{self, Kind, Value};

/// A field with how its value is made.
pub(super) type Field = (&'static str, Value);

/// The fields of events of a category, in an order in which each is made from those before it.
pub(super) fn of(category: &Category, known: &IndexMap<String, Json>, options: &RunOptions) -> Vec<Field> {
    match category {
        Category::LogSource(source) => of_log_source(source),
        Category::OneOf(names) => {
            let name = names.first().map_or("", |name| name.value.as_str());
            of_ecs(name)
        }
        Category::Any => {
            let name = known.get(&options.category_field).and_then(Json::as_str);
            of_ecs(name.unwrap_or_default())
        }
    }
}

const HOST: &[&str] = &["host.os.type", "host.id", "host.name", "agent.id", "agent.type"];
const USER: &[&str] = &["user.id", "user.name", "user.domain"];
const PROCESS: &[&str] = &["process.executable", "process.name", "process.entity_id", "process.pid"];
const STARTED: &[&str] = &[
    "process.command_line",
    "process.args",
    "process.args_count",
    "process.parent.executable",
    "process.parent.name",
    "process.parent.entity_id",
    "process.parent.pid",
];

/// The fields of Elastic's endpoint, by category; the type of the event first.
const ECS: &[(&str, &str, &[&[&str]])] = &[
    ("process", "start", &[HOST, USER, PROCESS, STARTED]),
    ("file", "creation", &[HOST, USER, PROCESS, &["file.path", "file.name", "file.extension"]]),
    ("library", "start", &[HOST, USER, PROCESS, &["dll.path", "dll.name"]]),
    ("driver", "start", &[HOST, USER, PROCESS, &["dll.path", "dll.name"]]),
    (
        "registry",
        "change",
        &[HOST, USER, PROCESS, &["registry.path", "registry.hive", "registry.key", "registry.value"]],
    ),
    (
        "network",
        "start",
        &[
            HOST,
            USER,
            PROCESS,
            &[
                "source.ip",
                "source.port",
                "destination.ip",
                "destination.port",
                "network.transport",
                "network.type",
            ],
        ],
    ),
    ("dns", "info", &[HOST, USER, PROCESS, &["dns.question.name", "dns.question.type"]]),
    ("authentication", "start", &[HOST, USER, &["source.ip"]]),
    ("iam", "user", &[HOST, USER]),
    ("api", "info", &[HOST, USER, PROCESS]),
];

fn of_ecs(category: &str) -> Vec<Field> {
    let known = ECS.iter().find(|(name, ..)| *name == category);
    let (kind, lists) =
        known.map_or(("info", &[HOST, USER] as &[&[&str]]), |(_, kind, lists)| (*kind, *lists));
    let mut fields: Vec<Field> = vec![("event.kind", Value::Text("event"))];
    if !category.is_empty() {
        fields.push(("event.type", Value::Text(kind)));
    }
    fields.extend(named(lists));
    fields
}

/// What happens in events of a category.
const ACTIONS: &[(&str, &str)] = &[
    ("process", "start"),
    ("file", "creation"),
    ("library", "load"),
    ("driver", "load"),
    ("registry", "modification"),
    ("network", "connection_attempted"),
    ("dns", "lookup_requested"),
    ("authentication", "log_on"),
];

/// What the type and the action of events of a category are.
pub(super) fn of_category(category: &str, path: &str) -> Option<&'static str> {
    match path {
        "event.type" => ECS.iter().find(|(name, ..)| *name == category).map(|(_, kind, _)| *kind),
        "event.action" => ACTIONS.iter().find(|(name, _)| *name == category).map(|(_, action)| *action),
        _ => None,
    }
}

fn named(lists: &[&[&'static str]]) -> Vec<Field> {
    let paths = lists.iter().flat_map(|list| list.iter());
    paths.filter_map(|path| Some((*path, values::find(path)?.clone()))).collect()
}

const OWN_PROCESS: &[&str] = &["UtcTime", "Image", "ProcessGuid", "ProcessId", "User"];
const CREATION: &[&str] = &[
    "OriginalFileName",
    "CommandLine",
    "CurrentDirectory",
    "LogonGuid",
    "LogonId",
    "TerminalSessionId",
    "IntegrityLevel",
    "Hashes",
    "ParentImage",
    "ParentProcessGuid",
    "ParentProcessId",
    "ParentCommandLine",
];
const CONNECTION: &[&str] = &[
    "Protocol",
    "Initiated",
    "SourceIp",
    "SourcePort",
    "DestinationIp",
    "DestinationHostname",
    "DestinationPort",
];
const BETWEEN: &[&str] = &[
    "UtcTime",
    "SourceImage",
    "SourceProcessGUID",
    "SourceProcessId",
    "TargetImage",
    "TargetProcessGUID",
    "TargetProcessId",
];
const SIGNED: &[&str] = &["Signed", "Signature", "SignatureStatus"];

/// Records of Sysmon, by Sigma's category: the number of the event and its fields.
const SYSMON: &[(&str, i64, &[&[&str]])] = &[
    ("process_creation", 1, &[OWN_PROCESS, CREATION]),
    ("file_change", 2, &[OWN_PROCESS, &["TargetFilename"]]),
    ("network_connection", 3, &[OWN_PROCESS, CONNECTION]),
    ("process_termination", 5, &[OWN_PROCESS]),
    ("driver_load", 6, &[&["UtcTime", "Hashes"], SIGNED]),
    ("image_load", 7, &[OWN_PROCESS, &["ImageLoaded", "Hashes"], SIGNED]),
    ("create_remote_thread", 8, &[BETWEEN, &["StartAddress"]]),
    ("raw_access_thread", 9, &[OWN_PROCESS]),
    ("process_access", 10, &[BETWEEN, &["GrantedAccess", "CallTrace"]]),
    ("file_event", 11, &[OWN_PROCESS, &["TargetFilename"]]),
    ("registry_add", 12, &[OWN_PROCESS, &["TargetObject"]]),
    ("registry_delete", 12, &[OWN_PROCESS, &["TargetObject"]]),
    ("registry_set", 13, &[OWN_PROCESS, &["TargetObject", "Details"]]),
    ("registry_event", 13, &[OWN_PROCESS, &["TargetObject", "Details"]]),
    ("registry_rename", 14, &[OWN_PROCESS, &["TargetObject"]]),
    ("create_stream_hash", 15, &[OWN_PROCESS, &["TargetFilename", "Hashes"]]),
    ("pipe_created", 17, &[OWN_PROCESS, &["PipeName"]]),
    ("wmi_event", 19, &[&["UtcTime", "User"]]),
    ("dns_query", 22, &[OWN_PROCESS, &["QueryName", "QueryStatus", "QueryResults"]]),
    ("file_delete", 23, &[OWN_PROCESS, &["TargetFilename", "Hashes"]]),
    ("process_tampering", 25, &[OWN_PROCESS]),
    ("file_executable_detected", 29, &[OWN_PROCESS, &["TargetFilename", "Hashes"]]),
];

/// Logs of Windows by Sigma's service: channel and provider.
const CHANNELS: &[(&str, &str, &str)] = &[
    ("security", "Security", "Microsoft-Windows-Security-Auditing"),
    ("system", "System", "Service Control Manager"),
    ("application", "Application", "Application"),
    ("sysmon", "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"),
    ("powershell", "Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell"),
    ("powershell-classic", "Windows PowerShell", "PowerShell"),
    ("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational", "Microsoft-Windows-TaskScheduler"),
    ("windefend", "Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender"),
    ("dns-server", "DNS Server", "Microsoft-Windows-DNS-Server-Service"),
    ("ntlm", "Microsoft-Windows-NTLM/Operational", "Microsoft-Windows-NTLM"),
];

/// Records of PowerShell by Sigma's category.
const POWERSHELL: &[(&str, i64, &[&str])] = &[
    ("ps_script", 4_104, &["ScriptBlockText"]),
    ("ps_module", 4_103, &[]),
    ("ps_classic_start", 400, &[]),
    ("ps_classic_provider_start", 600, &[]),
];

/// Other sources by Sigma's category.
const OTHERS: &[(&str, &[&[&str]])] = &[
    (
        "process_creation",
        &[&[
            "Image",
            "CommandLine",
            "ProcessId",
            "User",
            "ParentImage",
            "ParentProcessId",
            "ParentCommandLine",
        ]],
    ),
    ("file_event", &[&["Image", "User", "TargetFilename"]]),
    ("network_connection", &[&["Image", "User"], CONNECTION]),
    ("proxy", &[&["c-ip", "cs-method", "cs-host", "c-uri", "c-useragent", "sc-status"]]),
    ("webserver", &[&["c-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "cs-user-agent", "sc-status"]]),
    ("firewall", &[&["src_ip", "src_port", "dst_ip", "dst_port"]]),
    ("dns", &[&["src_ip"]]),
];

fn of_log_source(source: &LogSource) -> Vec<Field> {
    let mut fields = Vec::new();
    let parts = [
        ("logsource.product", &source.product),
        ("logsource.category", &source.category),
        ("logsource.service", &source.service),
    ];
    for (path, part) in parts {
        fields.extend(part.as_ref().map(|part| (path, Value::Given(part.clone()))));
    }
    let category = source.category.as_deref().unwrap_or_default();
    if source.product.as_deref() == Some("windows") {
        fields.push(("Computer", Value::HostName));
        fields.extend(of_windows(category, source.service.as_deref()));
    } else if let Some((_, lists)) = OTHERS.iter().find(|(name, _)| *name == category) {
        fields.extend(named(lists));
    }
    fields
}

fn of_windows(category: &str, service: Option<&str>) -> Vec<Field> {
    let head = |service: &str| {
        let channel = CHANNELS.iter().find(|(name, ..)| *name == service);
        let fields = channel.map(|(_, channel, provider)| {
            [("Channel", Value::Text(channel)), ("Provider_Name", Value::Text(provider))]
        });
        fields.into_iter().flatten().collect::<Vec<Field>>()
    };
    if let Some((_, id, lists)) = SYSMON.iter().find(|(name, ..)| *name == category) {
        let mut fields = head("sysmon");
        fields.push(("EventID", Value::Number(*id)));
        fields.extend(named(lists));
        if category == "driver_load" {
            fields.push(("ImageLoaded", Value::File("", Kind::Driver)));
        }
        return fields;
    }
    if let Some((_, id, list)) = POWERSHELL.iter().find(|(name, ..)| *name == category) {
        let classic = category.starts_with("ps_classic");
        let mut fields = head(if classic { "powershell-classic" } else { "powershell" });
        fields.push(("EventID", Value::Number(*id)));
        fields.extend(named(&[list]));
        return fields;
    }
    service.map(head).unwrap_or_default()
}
