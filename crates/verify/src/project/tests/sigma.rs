use super::*;
use crate::project::{ecs_with_log_source, sigma_event};

fn flat(event: &Value) -> String {
    serde_json::to_string_pretty(&sigma_event(&sysmon(event).unwrap())).unwrap()
}

fn categories(event: &Value) -> String {
    sigma_event(&sysmon(event).unwrap())["logsource"]["category"].to_string()
}

#[test]
fn a_record_becomes_a_flat_event_with_its_log_source() {
    insta::assert_snapshot!(flat(&connection(&[])), @r#"
    {
      "@timestamp": "2026-01-05T10:00:00.250Z",
      "EventID": 3,
      "Channel": "Microsoft-Windows-Sysmon/Operational",
      "Computer": "ws-0001",
      "Provider_Name": "Microsoft-Windows-Sysmon",
      "RuleName": "-",
      "UtcTime": "2026-01-05 10:00:00.250",
      "ProcessGuid": "guid-1",
      "ProcessId": 4711,
      "Image": "C:\\Windows\\System32\\cmd.exe",
      "User": "CONTOSO\\ana",
      "Protocol": "tcp",
      "Initiated": "true",
      "SourceIsIpv6": "false",
      "SourceIp": "10.0.0.5",
      "SourceHostname": "-",
      "SourcePort": 50000,
      "SourcePortName": "-",
      "DestinationIsIpv6": "false",
      "DestinationIp": "203.0.113.24",
      "DestinationHostname": "-",
      "DestinationPort": 443,
      "DestinationPortName": "https",
      "logsource": {
        "product": "windows",
        "category": [
          "network_connection"
        ],
        "service": "sysmon"
      }
    }
    "#);
}

#[test]
fn each_event_has_the_category_of_sigmahq() {
    insta::assert_snapshot!([
        categories(&start(&[])),
        categories(&other("process", "end", &[])),
        categories(&file("creation", &[])),
        categories(&file("deletion", &[])),
        categories(&other("library", "start", &[])),
        categories(&other("driver", "start", &[])),
        categories(&other("registry", "change", &[])),
        categories(&other("registry", "creation", &[])),
        categories(&other("registry", "deletion", &[])),
        categories(&other("dns", "start", &[])),
    ].join("\n"), @r#"
    ["process_creation"]
    ["process_termination"]
    ["file_event"]
    ["file_delete"]
    ["image_load"]
    ["driver_load"]
    ["registry_event","registry_set"]
    ["registry_event","registry_add"]
    ["registry_event","registry_delete"]
    ["dns_query"]
    "#);
}

#[test]
fn an_ecs_event_keeps_everything_and_gets_a_log_source() {
    let event = json!({"host": {"os.type": "linux"}, "event.category": ["file", "process"], "event.type": "start", "x": 1});
    insta::assert_snapshot!(ecs_with_log_source(&event), @r#"{"host":{"os.type":"linux"},"event.category":["file","process"],"event.type":"start","x":1,"logsource":{"product":"ecs","category":["file","process"]}}"#);
    let without = ecs_with_log_source(&json!({"x": 1}));
    assert_eq!(without, json!({"x": 1, "logsource": {"product": "ecs", "category": []}}));
    assert_eq!(ecs_with_log_source(&json!([1])), json!([1]));
}
