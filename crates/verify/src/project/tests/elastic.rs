//! What Elastic stores of other systems than Windows.

use super::*;
use crate::project::stored;

fn document(source: Value, fields: Value) -> Result<Value, String> {
    let mut event = fields;
    event["logsource"] = source;
    stored(&event)
}

/// The fields of a document beside those that every document of the source has.
#[track_caller]
fn own(source: Value, fields: Value) -> Value {
    let document = document(source, fields).unwrap();
    let general = ["event.dataset", "event.kind", "event.category", "event.type", "cloud.provider"];
    let own = document.as_object().unwrap().iter().filter(|(name, _)| !general.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn refusal(source: Value, fields: Value) -> String {
    document(source, fields).unwrap_err()
}

#[test]
fn processes_of_linux_and_macos_are_those_of_elastic_defend() {
    let event = json!({
        "@timestamp": "2026-01-05T10:00:00Z", "Image": "/usr/bin/id", "CommandLine": "id -u", "ProcessId": "7",
        "CurrentDirectory": "/tmp/", "User": "root", "ParentImage": "", "md5": "AB",
    });
    let source = json!({"product": "linux", "category": "process_creation"});
    insta::assert_snapshot!(serde_json::to_string_pretty(&document(source.clone(), event).unwrap()).unwrap());
    assert_eq!(refusal(source.clone(), json!({"Image": ["/a", "/b"]})), "the log writes no such `Image`");
    assert_eq!(refusal(source.clone(), json!({"ProcessId": "x"})), "the log writes no such `ProcessId`");
    assert_eq!(refusal(source, json!({"LogonId": "1"})), "what becomes of `LogonId` is not told here");
    let macos =
        document(json!({"product": "macos", "category": "file_event"}), json!({"TargetFilename": "/a"}))
            .unwrap();
    assert_eq!((&macos["host.os.type"], &macos["file.path"]), (&json!("macos"), &json!("/a")));
    let connection = json!({"product": "linux", "category": "network_connection"});
    assert_eq!(
        own(connection.clone(), json!({"Initiated": "false", "Protocol": "TCP", "SourceHostname": "-"})),
        json!({"host.os.type": "linux", "network.direction": "ingress", "network.transport": "tcp"})
    );
    assert_eq!(
        refusal(connection, json!({"DestinationIp": "here"})),
        "the log writes no such `DestinationIp`"
    );
}

#[test]
fn renamed_files_of_windows_are_those_of_elastic_defend() {
    let source = || json!({"product": "windows", "category": "file_rename"});
    let event = json!({"SourceFilename": "C:\\a", "TargetFilename": "C:\\b", "User": "CONTOSO\\ana"});
    let wanted = json!({
        "host.os.type": "windows", "event.action": "rename", "file.path": "C:\\b", "file.Ext.original.path": "C:\\a",
        "user.domain": "CONTOSO", "user.name": "ana",
    });
    assert_eq!(own(source(), event), wanted);
    assert_eq!(refusal(source(), json!({"User": "ana"})), "the log writes no such `User`");
}

#[test]
fn audit_records_keep_their_kind_or_have_it_as_the_action() {
    let audit = || json!({"product": "linux", "service": "auditd"});
    assert_eq!(
        own(
            audit(),
            json!({"type": "EXECVE", "a1": "-x", "a0": "tar", "a10": "z", "a2": "?", "exe": "/bin/tar"})
        ),
        json!({"event.action": "execve", "process.args": ["tar", "-x", "z"], "process.executable": "tar"})
    );
    assert_eq!(
        own(audit(), json!({"type": "EXECVE", "a2": "x"})),
        json!({"event.action": "execve", "process.args": ["[... 2 truncated arguments ...]", "x"]})
    );
    assert_eq!(
        own(
            audit(),
            json!({"type": "SYSCALL", "SYSCALL": "connect", "a0": "3", "comm": "\"nc\"", "success": "yes"})
        ),
        json!({
            "auditd.log.record_type": "SYSCALL", "auditd.log.SYSCALL": "connect", "auditd.log.a0": "3",
            "process.name": "nc", "auditd.log.success": true,
        })
    );
    assert_eq!(
        own(audit(), json!({"type": "SYSCALL", "syscall": "59"})),
        json!({"event.action": "syscall", "auditd.log.syscall": "59"})
    );
    assert_eq!(
        own(audit(), json!({"type": "ADD_USER", "acct": "eve"})),
        json!({"auditd.log.record_type": "ADD_USER", "event.action": "added-user-account", "user.name": "eve"})
    );
    assert_eq!(
        own(audit(), json!({"type": "PATH", "name": "/etc/passwd"})),
        json!({"event.action": "path", "auditd.log.name": "/etc/passwd"})
    );
    assert_eq!(refusal(audit(), json!({"name": "a"})), "`type` is missing, and every record has one");
    assert_eq!(refusal(audit(), json!({"type": "path"})), "the log writes no such `type`");
    assert_eq!(refusal(audit(), json!({"type": "EXECVE", "a0": ["x"]})), "the log writes no such `a0`");
    assert_eq!(refusal(audit(), json!({"type": "AVC"})), "what becomes of `AVC` is not told here");
}

#[test]
fn parts_of_a_url_have_no_escapes() {
    let web = || json!({"category": "webserver"});
    assert_eq!(
        own(
            web(),
            json!({"cs-uri-query": "a=%2e%2E/%41", "cs-uri-stem": "/x", "sc-status": "404", "cs-referer": "-"})
        ),
        json!({
            "url.original": "/x?a=%2e%2E/%41", "url.query": "a=../A", "url.path": "/x", "http.response.status_code": 404,
        })
    );
    for broken in ["a=${x}", "%zz", "%2", "a b"] {
        let whole = format!("/?{broken}");
        assert_eq!(own(web(), json!({"cs-uri-query": broken})), json!({"url.original": whole}), "{broken}");
    }
    let of_another = json!({"c-uri": "http://a.example/b?c=d", "c-uri-stem": "/b", "c-uri-query": "c=e"});
    assert_eq!(refusal(web(), of_another), "the log writes no such `c-uri-query`");
    let with_a_query = json!({"cs-uri-stem": "/b?c=d"});
    assert_eq!(refusal(web(), with_a_query), "the log writes no such `cs-uri-stem`");
    // Of two names for the same place one is read.
    let proxy =
        own(json!({"category": "proxy"}), json!({"c-uri": "/a", "cs-uri": "/b%20", "dst_ip": "192.0.2.1"}));
    assert_eq!(proxy, json!({"url.original": "/b%20", "destination.ip": "192.0.2.1"}));
}

#[test]
fn what_a_pipeline_drops_is_in_no_document() {
    let zeek = own(
        json!({"product": "zeek", "service": "dns"}),
        json!({"Z": 0, "id": {"resp_h": "192.0.2.1"}, "answers": ["a", "b"], "rejected": true, "query": "x.y"}),
    );
    assert_eq!(
        zeek,
        json!({
            "network.protocol": "dns", "destination.address": "192.0.2.1", "destination.ip": "192.0.2.1",
            "zeek.dns.answers": ["a", "b"], "dns.answers.data": ["a", "b"], "zeek.dns.rejected": true,
            "zeek.dns.query": "x.y", "dns.question.name": "x.y",
        })
    );
    let aws = own(
        json!({"product": "aws", "service": "cloudtrail"}),
        json!({
            "eventName": "RunInstances", "sourceIPAddress": "AWS Internal", "tlsDetails": {"x": 1},
            "requestParameters": {"attribute": "userData", "set": [{"id": 1}, true], "n": null},
            "userIdentity": {"userName": "a", "sessionContext": {"sessionIssuer": {"userName": "b"}}},
        }),
    );
    assert_eq!(
        aws,
        json!({
            "event.action": "RunInstances", "source.address": "AWS Internal", "user.name": "a",
            "aws.cloudtrail.request_parameters": "{attribute=userData, set=[{id=1}, true]}",
        })
    );
    let gcp = |kind: &str| {
        let source = json!({"product": "gcp", "service": "gcp.audit"});
        own(source, json!({"data": {"protoPayload": {"resource": {"type": kind}}}}))
    };
    assert_eq!(gcp("k8s_cluster"), json!({"orchestrator.type": "kubernetes"}));
    assert_eq!(gcp("gce_instance"), json!({}));
}

#[test]
fn names_are_those_that_the_pipelines_of_a_service_give() {
    let azure = |service: &str, fields: Value| own(json!({"product": "azure", "service": service}), fields);
    let changed = |value: &str| json!({"ModifiedProperties": [{"NewValue": "0"}, {"NewValue": value}]});
    assert_eq!(
        azure(
            "auditlogs",
            json!({"OperationName": "A", "Other": "B", "TargetResources": [{}, changed("C")]})
        ),
        json!({
            "azure.auditlogs.operation_name": "A", "event.action": "A", "azure.auditlogs.Other": "B",
            "azure.auditlogs.properties.target_resources.1.modified_properties.0.new_value": "0",
            "azure.auditlogs.properties.target_resources.1.modified_properties.1.new_value": "C",
        })
    );
    assert_eq!(
        azure(
            "signinlogs",
            json!({"ResultType": 0, "DeviceDetail": {"isManaged": true}, "properties": {"userIPChain": 1}})
        ),
        json!({
            "azure.signinlogs.result_type": "0", "azure.signinlogs.properties.device_detail.is_managed": true,
            "azure.signinlogs.properties.user_ip_chain": 1,
        })
    );
    let m365 = |fields: Value| document(json!({"product": "m365", "service": "audit"}), fields);
    assert_eq!(m365(json!({"status": "success"})).unwrap()["o365.audit.ResultStatus"], "Succeeded");
    assert_eq!(m365(json!({"status": "?"})).unwrap_err(), "the log writes no such `status`");
    assert_eq!(m365(json!({"RecordType": 8})).unwrap_err(), "what becomes of `RecordType` is not told here");
    let okta = |proxy: Value| {
        own(json!({"product": "okta"}), json!({"securityContext": {"isProxy": proxy}, "x": 1}))
    };
    assert_eq!(okta(json!("true")), okta(json!(true)));
    assert_eq!(okta(json!(true)), json!({"okta.security_context.is_proxy": true}));
    let kubernetes = json!({"product": "kubernetes", "category": "application", "service": "audit"});
    assert_eq!(
        own(kubernetes, json!({"verb": ["get", "list"], "responseStatus": {"code": 403}})),
        json!({
            "kubernetes.audit.verb": ["get", "list"], "event.action": ["get", "list"],
            "kubernetes.audit.responseStatus.code": 403,
        })
    );
}

#[test]
fn what_no_integration_stores_is_not_told() {
    assert_eq!(
        refusal(json!({"product": "opencanary", "category": "application"}), json!({"logtype": 1})),
        "no integration of Elastic is known to store `opencanary application`"
    );
    assert!(refusal(json!({"product": "azure", "service": "pim"}), json!({})).contains("`azure pim`"));
}
