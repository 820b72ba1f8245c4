//! Events like those of a collector of Windows logs, for machines that have none: their kinds as unevenly spread, about
//! as large, and with values that repeat as those of logs do. What is in them is made up.

use serde_json::{Map, Value, json};

use super::Lane;
use crate::random::Random;

/// Distinct events.
const COUNT: usize = 20_000;

/// A kind of event, and how many of ten thousand are of it.
struct Kind {
    share: usize,
    channel: &'static str,
    id: u64,
    category: Option<&'static str>,
    service: Option<&'static str>,
    fields: &'static [&'static str],
}

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

const KINDS: [Kind; 9] = [
    Kind {
        share: 3500,
        channel: SYSMON,
        id: 10,
        category: Some("process_access"),
        service: Some("sysmon"),
        fields: &["SourceImage", "TargetImage", "GrantedAccess", "CallTrace"],
    },
    Kind {
        share: 1700,
        channel: SYSMON,
        id: 12,
        category: Some("registry_event"),
        service: Some("sysmon"),
        fields: &["Image", "TargetObject", "EventType"],
    },
    Kind {
        share: 1460,
        channel: "Security",
        id: 5158,
        category: None,
        service: Some("security"),
        fields: &["Application", "SourceAddress", "SourcePort", "Protocol"],
    },
    Kind {
        share: 900,
        channel: SYSMON,
        id: 7,
        category: Some("image_load"),
        service: Some("sysmon"),
        fields: &["Image", "ImageLoaded", "Hashes", "Signed", "Company"],
    },
    Kind {
        share: 700,
        channel: SYSMON,
        id: 13,
        category: Some("registry_set"),
        service: Some("sysmon"),
        fields: &["Image", "TargetObject", "Details"],
    },
    Kind {
        share: 700,
        channel: "Windows PowerShell",
        id: 800,
        category: Some("ps_classic_script"),
        service: Some("powershell-classic"),
        fields: &["ContextInfo", "Payload"],
    },
    Kind {
        share: 600,
        channel: "Microsoft-Windows-PowerShell/Operational",
        id: 4103,
        category: Some("ps_module"),
        service: Some("powershell"),
        fields: &["ContextInfo", "Payload"],
    },
    Kind {
        share: 400,
        channel: SYSMON,
        id: 3,
        category: Some("network_connection"),
        service: Some("sysmon"),
        fields: &["Image", "DestinationIp", "DestinationPort", "SourceIp", "Initiated"],
    },
    Kind {
        share: 40,
        channel: SYSMON,
        id: 1,
        category: Some("process_creation"),
        service: Some("sysmon"),
        fields: &[
            "Image",
            "CommandLine",
            "ParentImage",
            "ParentCommandLine",
            "User",
            "Hashes",
            "OriginalFileName",
        ],
    },
];

const PROGRAMS: [&str; 12] = [
    "svchost.exe",
    "lsass.exe",
    "explorer.exe",
    "powershell.exe",
    "cmd.exe",
    "rundll32.exe",
    "wmiprvse.exe",
    "services.exe",
    "msiexec.exe",
    "chrome.exe",
    "taskhostw.exe",
    "conhost.exe",
];

const WORDS: [&str; 16] = [
    "Software",
    "Microsoft",
    "Windows",
    "CurrentVersion",
    "Policies",
    "System",
    "Services",
    "Control",
    "Session",
    "Manager",
    "Module",
    "Get-Item",
    "Value",
    "Provider",
    "Context",
    "Script",
];

/// A line each.
pub(super) fn lines(lane: Lane, seed: u64) -> Vec<String> {
    let mut random = Random::new(seed, &["events"]);
    let process: Vec<&Kind> = KINDS.iter().filter(|kind| kind.id == 1).collect();
    (0..COUNT)
        .map(|at| {
            let kind = match lane {
                Lane::Process => process.first().copied(),
                _ => drawn(&mut random),
            };
            let event = kind.map(|kind| event(kind, at, &mut random)).unwrap_or_default();
            let event = if lane == Lane::Ecs { ecs(&event) } else { Value::Object(event) };
            event.to_string()
        })
        .collect()
}

fn drawn(random: &mut Random) -> Option<&'static Kind> {
    let mut at = random.below(KINDS.iter().map(|kind| kind.share).sum());
    KINDS.iter().find(|kind| {
        let here = at < kind.share;
        at = at.saturating_sub(kind.share);
        here
    })
}

fn event(kind: &Kind, at: usize, random: &mut Random) -> Map<String, Value> {
    let mut event = Map::new();
    let time = format!(
        "2025-01-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        1 + at / 20_000,
        at / 900 % 24,
        at / 15 % 60,
        at % 60,
        at % 1000
    );
    let mut message = format!("{} was seen:", kind.category.unwrap_or("an event"));
    for field in kind.fields {
        let value = value(field, random);
        message.push_str(&format!("\r\n{field}: {value}"));
        event.insert((*field).to_owned(), Value::from(value));
    }
    let host = format!("HOST{:02}.example.test", random.below(20));
    for (name, value) in [
        ("Channel", json!(kind.channel)),
        ("EventID", json!(kind.id)),
        ("@timestamp", json!(time)),
        ("Hostname", json!(host)),
        ("Severity", json!("INFO")),
        ("SourceModuleType", json!("im_msvistalog")),
        ("ProviderGuid", json!("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}")),
        ("Keywords", json!(-9_223_372_036_854_775_808_i64)),
        ("RecordNumber", json!(at)),
        ("ProcessId", json!(random.below(9000).to_string())),
        ("Message", json!(message)),
        ("product", json!("windows")),
    ] {
        event.insert(name.to_owned(), value);
    }
    for (name, part) in [("category", kind.category), ("service", kind.service)] {
        if let Some(part) = part {
            event.insert(name.to_owned(), Value::from(part));
        }
    }
    event
}

/// Values repeat: most are one of a few hundred, some are long, few are new.
fn value(field: &str, random: &mut Random) -> String {
    let program = |random: &mut Random| random.one(&PROGRAMS).copied().unwrap_or_default().to_owned();
    let words = |random: &mut Random, count: usize, between: &str| {
        let words: Vec<&str> = (0..count).filter_map(|_| random.one(&WORDS).copied()).collect();
        words.join(between)
    };
    match field {
        "CommandLine" | "ParentCommandLine" => {
            format!(
                "\"C:\\Windows\\System32\\{}\" -{} {}",
                program(random),
                random.below(40),
                words(random, 6, " ")
            )
        }
        "CallTrace" => (0..8)
            .map(|_| format!("C:\\Windows\\System32\\{}+{:x}", program(random), random.below(4096)))
            .collect::<Vec<_>>()
            .join("|"),
        "ContextInfo" | "Payload" => format!("{}\r\n{}", words(random, 40, " "), words(random, 40, "\r\n\t")),
        "TargetObject" => format!("HKLM\\{}", words(random, 5, "\\")),
        "Hashes" => format!("SHA1={:040x},MD5={:032x}", random.below(500), random.below(500)),
        "SourceAddress" | "SourceIp" | "DestinationIp" => {
            format!("10.0.{}.{}", random.below(4), random.below(250))
        }
        "SourcePort" | "DestinationPort" | "Protocol" => random.below(60_000).to_string(),
        "GrantedAccess" => format!("0x{:x}", 0x1000 << random.below(6)),
        "User" => format!("EXAMPLE\\user{}", random.below(30)),
        "Signed" | "Initiated" => "true".to_owned(),
        "Company" | "Details" | "EventType" => words(random, 2, " "),
        _ => format!("C:\\Windows\\System32\\{}", program(random)),
    }
}

/// The same in the names of ECS, as far as rules ask for them.
fn ecs(event: &Map<String, Value>) -> Value {
    let get = |name: &str| event.get(name).cloned().unwrap_or_default();
    let category = match event.get("EventID").and_then(Value::as_u64) {
        Some(12 | 13) => "registry",
        Some(7) => "library",
        Some(3 | 5158) => "network",
        _ => "process",
    };
    let name = event.get("Image").and_then(Value::as_str).and_then(|path| path.rsplit('\\').next());
    json!({
        "@timestamp": get("@timestamp"),
        "event": {"category": [category], "type": ["start"], "code": get("EventID").to_string()},
        "host": {"id": get("Hostname"), "name": get("Hostname"), "os": {"type": "windows"}},
        "agent": {"id": get("Hostname")},
        "process": {
            "name": name, "executable": get("Image"), "command_line": get("CommandLine"),
            "entity_id": get("ProcessId"), "parent": {"executable": get("ParentImage")},
        },
        "registry": {"path": get("TargetObject")},
        "destination": {"ip": get("DestinationIp")},
        "winlog": {"channel": get("Channel"), "event_data": Value::Object(event.clone())},
        "message": get("Message"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_events_are_the_same_for_a_seed_and_as_large_and_uneven_as_real_ones() {
        let lines = super::lines(Lane::Mixed, 1);
        assert_eq!(lines, super::lines(Lane::Mixed, 1));
        let mean = lines.iter().map(String::len).sum::<usize>() / lines.len();
        assert!((900..4000).contains(&mean), "{mean}");
        let accesses = lines.iter().filter(|line| line.contains("\"EventID\":10,")).count();
        assert!((6_500..7_500).contains(&accesses), "{accesses}");
    }

    #[test]
    fn the_lanes_are_of_their_kind() {
        assert!(super::lines(Lane::Process, 1).iter().all(|line| line.contains("\"EventID\":1,")));
        assert!(super::lines(Lane::Ecs, 1).iter().all(|line| line.contains("\"category\":[")));
    }
}
