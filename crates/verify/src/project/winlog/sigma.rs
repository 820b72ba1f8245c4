//! A record as one flat event with its log source, as rules of SigmaHQ see it.

use serde_json::{Map, Value, json};

use super::WindowsRecord;

/// Sigma's services, by channel.
const SERVICES: &[(&str, &str)] = &[
    ("Security", "security"),
    ("System", "system"),
    ("Application", "application"),
    ("Microsoft-Windows-Sysmon/Operational", "sysmon"),
    ("Windows PowerShell", "powershell-classic"),
    ("Microsoft-Windows-PowerShell/Operational", "powershell"),
    ("PowerShellCore/Operational", "powershell"),
    ("Microsoft-Windows-TaskScheduler/Operational", "taskscheduler"),
    ("Microsoft-Windows-WMI-Activity/Operational", "wmi"),
    ("Microsoft-Windows-Windows Defender/Operational", "windefend"),
    ("Microsoft-Windows-CodeIntegrity/Operational", "codeintegrity-operational"),
    ("Microsoft-Windows-Bits-Client/Operational", "bits-client"),
    ("Microsoft-Windows-NTLM/Operational", "ntlm"),
    ("Microsoft-Windows-Shell-Core/Operational", "shell-core"),
    ("Microsoft-Windows-AppXDeploymentServer/Operational", "appxdeployment-server"),
    ("Microsoft-Windows-DNS Client Events/Operational", "dns-client"),
    ("OpenSSH/Operational", "openssh"),
];

impl WindowsRecord {
    /// `EventID`, `Channel`, `Computer`, `Provider_Name`, `Level`, `Keywords` and all data at one level, and
    /// `logsource` with SigmaHQ's categories and service.
    #[must_use]
    pub fn sigma(&self) -> Value {
        let mut flat = Map::new();
        flat.insert("EventID".to_owned(), json!(self.event_id));
        flat.insert("Channel".to_owned(), json!(self.channel));
        flat.insert("Computer".to_owned(), json!(self.computer));
        flat.insert("Provider_Name".to_owned(), json!(self.provider));
        if let Some(time) = &self.time {
            flat.insert("@timestamp".to_owned(), json!(time));
        }
        if let Some(level) = self.level {
            flat.insert("Level".to_owned(), json!(level));
        }
        if let Some(keywords) = &self.keywords {
            flat.insert("Keywords".to_owned(), json!(keywords));
        }
        flat.extend(self.data.iter().cloned());
        // The Sigma specification asks for names without their blanks.
        let named = |(name, value): &(String, Value)| (name.split_whitespace().collect(), value.clone());
        flat.extend(self.data.iter().map(named));
        let service = SERVICES.iter().find(|(channel, _)| *channel == self.channel).map(|(_, name)| *name);
        let source = json!({"product": "windows", "category": self.categories(), "service": service});
        flat.insert("logsource".to_owned(), source);
        Value::Object(flat)
    }

    fn categories(&self) -> Vec<&'static str> {
        match (self.channel.as_str(), self.event_id) {
            ("Microsoft-Windows-Sysmon/Operational", id) => self.of_sysmon(id),
            ("Security", 4688) => vec!["process_creation"],
            ("Microsoft-Windows-PowerShell/Operational" | "PowerShellCore/Operational", 4103) => {
                vec!["ps_module"]
            }
            ("Microsoft-Windows-PowerShell/Operational" | "PowerShellCore/Operational", 4104) => {
                vec!["ps_script"]
            }
            ("Windows PowerShell", 400) => vec!["ps_classic_start"],
            ("Windows PowerShell", 600) => vec!["ps_classic_provider_start"],
            ("Windows PowerShell", 800) => vec!["ps_classic_script"],
            _ => Vec::new(),
        }
    }

    fn of_sysmon(&self, id: i64) -> Vec<&'static str> {
        match id {
            1 => vec!["process_creation"],
            2 => vec!["file_change"],
            3 => vec!["network_connection"],
            4 | 16 => vec!["sysmon_status"],
            5 => vec!["process_termination"],
            6 => vec!["driver_load"],
            7 => vec!["image_load"],
            8 => vec!["create_remote_thread"],
            9 => vec!["raw_access_thread"],
            10 => vec!["process_access"],
            11 => vec!["file_event"],
            12 => {
                let created = self.text("EventType").as_deref() == Some("CreateKey");
                vec!["registry_event", if created { "registry_add" } else { "registry_delete" }]
            }
            13 => vec!["registry_event", "registry_set"],
            14 => vec!["registry_event", "registry_rename"],
            15 => vec!["create_stream_hash"],
            17 | 18 => vec!["pipe_created"],
            19..=21 => vec!["wmi_event"],
            22 => vec!["dns_query"],
            23 => vec!["file_delete"],
            24 => vec!["clipboard_capture"],
            25 => vec!["process_tampering"],
            26 => vec!["file_delete_detected"],
            27 => vec!["file_block_executable"],
            28 => vec!["file_block_shredding"],
            29 => vec!["file_executable_detected"],
            255 => vec!["sysmon_error"],
            _ => Vec::new(),
        }
    }
}
