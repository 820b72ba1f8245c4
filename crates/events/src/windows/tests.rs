use serde_json::json;

use crate::Event;

fn values(event: &Event, paths: &[&str]) -> Vec<String> {
    let one = |path: &&str| {
        let values: Vec<String> = event.values(path).iter().map(ToString::to_string).collect();
        values.join(",")
    };
    paths.iter().map(one).collect()
}

fn event(json: serde_json::Value) -> Event<'static> {
    Event::from_json(json, 0).unwrap()
}

#[test]
fn fields_of_the_event_log_have_the_names_of_sigma() {
    let event = event(json!({"Event": {
        "#attributes": {"xmlns": "http://example.com"},
        "System": {
            "Provider": {"#attributes": {"Name": "Service Control Manager", "Guid": "G"}},
            "EventID": {"#attributes": {"Qualifiers": 16384}, "#text": 7045},
            "TimeCreated": {"#attributes": {"SystemTime": "2024-01-02T03:04:05.6Z"}},
            "Execution": {"#attributes": {"ProcessID": 788, "ThreadID": 792}},
            "Correlation": null,
            "Channel": "System",
            "Computer": "pc"
        },
        "EventData": {"ServiceName": "x", "Threat Name": "y", "Empty": null}
    }}));
    let names =
        ["Provider_Name", "EventID", "EventID_Qualifiers", "Execution_ProcessID", "Channel", "Computer"];
    assert_eq!(values(&event, &names), ["Service Control Manager", "7045", "16384", "788", "System", "pc"]);
    assert_eq!(values(&event, &["ServiceName", "ThreatName", "Empty"]), ["x", "y", ""]);
    assert_eq!(values(&event, &["@timestamp"]), ["2024-01-02T03:04:05.6Z"]);
    assert!(event.has("Empty") && !event.has("Absent"));
    // What was read stays as it was.
    assert_eq!(values(&event, &["Event.EventData.ServiceName"]), ["x"]);
    assert_eq!(event.fields().len(), 1);
}

#[test]
fn user_data_and_unnamed_data_are_found() {
    let system = json!({"EventID": 5861, "Channel": "Microsoft-Windows-WMI-Activity/Operational"});
    let user = event(json!({"Event": {"System": system, "UserData": {"Operation": {
        "#attributes": {"xmlns": "u"}, "Namespace": "n", "Inner": {"Deep": [1, 2]}
    }}}}));
    assert_eq!(values(&user, &["Namespace", "Deep", "logsource.service"]), ["n", "1,2", "wmi"]);
    let data = json!({"Data": {"#text": ["a", "b"]}, "Binary": ""});
    let classic = json!({"EventID": 400, "Channel": "Windows PowerShell"});
    let classic = event(json!({"Event": {"System": classic, "EventData": data}}));
    assert_eq!(values(&classic, &["Data", "logsource.category"]), ["a,b", "ps_classic_start"]);
    let attributes = json!({"Data": [{"#attributes": {"Name": "x"}, "#text": "a"}, {"#text": "b"}]});
    let listed =
        event(json!({"Event": {"System": {"EventID": 1, "Channel": "System"}, "EventData": attributes}}));
    assert_eq!(values(&listed, &["Data", "Data_Name"]), ["a,b", "x"]);
}

#[test]
fn the_log_source_is_told_from_channel_and_number() {
    let source = |channel: &str, id: u64| {
        let event = event(json!({"Channel": channel, "EventID": id, "NewProcessName": "a.exe"}));
        let found =
            values(&event, &["logsource.product", "logsource.category", "logsource.service", "Image"]);
        found.join(" ")
    };
    assert_eq!(source("Microsoft-Windows-Sysmon/Operational", 1), "windows process_creation sysmon ");
    assert_eq!(
        source("microsoft-windows-sysmon/operational", 13),
        "windows registry_set,registry_event sysmon "
    );
    assert_eq!(source("Security", 4688), "windows process_creation security a.exe");
    assert_eq!(source("Security", 4624), "windows  security ");
    assert_eq!(source("Microsoft-Windows-PowerShell/Operational", 4104), "windows ps_script powershell ");
    assert_eq!(source("Elsewhere", 1), "windows   ");
}

#[test]
fn what_is_no_event_of_windows_is_left_alone() {
    for json in [
        json!({"Event": "x", "Channel": 5}),
        json!({"Event": {"System": 1}}),
        json!({"Event": {"EventData": {"a": 1}}}),
        json!({"EventID": 1}),
        json!({"Channel": "Security"}),
    ] {
        let event = event(json.clone());
        assert_eq!(values(&event, &["logsource.product", "a"]), ["", ""], "{json}");
    }
    // An event that says its log source itself is believed.
    let said = event(json!({"Channel": "Security", "EventID": 1, "logsource": {"product": "x"}}));
    assert_eq!(values(&said, &["logsource.product"]), ["x"]);
}
