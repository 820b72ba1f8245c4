//! Rules for Kibana fit the table of what its import takes, field by field; what does not fit is said and kept.

use eqlc_ir::meta::Metadata;
use insta::assert_snapshot;
use serde_json::Value as Json;

use super::{document, findings, parse};
use crate::document::keys::{RULE, RULE_KEPT, RULE_SPECIAL};
use crate::shape;
use crate::write::{kibana, toml};

/// What the import would refuse of a line.
pub(super) fn refused(line: &str) -> Vec<String> {
    let Ok(Json::Object(rule)) = serde_json::from_str(line) else { return vec!["no table".to_owned()] };
    let mut refused = Vec::new();
    for field in shape::fields() {
        match rule.get(&field.key) {
            None if field.required => refused.push(format!("{}: absent", field.key)),
            None => {}
            Some(value) => {
                refused.extend(field.misfit(value).map(|misfit| format!("{}: {misfit:?}", field.key)));
                if let Some(other) = field.with.as_ref().filter(|other| !rule.contains_key(*other)) {
                    refused.push(format!("{} without {other}", field.key));
                }
            }
        }
    }
    refused
        .extend(rule.keys().filter(|key| shape::field(key).is_none()).map(|key| format!("{key}: unknown")));
    refused
}

#[test]
fn the_table_of_fields_reads_and_knows_what_documents_have() {
    let keys: Vec<&str> = shape::fields().iter().map(|field| field.key.as_str()).collect();
    let required: Vec<&str> =
        shape::fields().iter().filter(|field| field.required).map(|field| field.key.as_str()).collect();
    assert_eq!(
        required,
        ["rule_id", "name", "description", "type", "language", "query", "risk_score", "severity"]
    );
    let known = RULE.iter().map(|(key, _)| *key).chain(RULE_SPECIAL.iter().copied());
    // Of other types of rules, of Endpoint, or another name of a key.
    let foreign = [
        "anomaly_threshold",
        "machine_learning_job_id",
        "max_endpoint_version",
        "min_endpoint_version",
        "new_terms",
        "optional_actions",
        "os_list",
        "reference",
        "reputation",
        "saved_id",
        "threat_filters",
        "threat_index",
        "threat_indicator_path",
        "threat_language",
        "threat_mapping",
        "threat_query",
        "threshold",
    ];
    for key in known.chain(RULE_KEPT.iter().copied()) {
        assert_ne!(keys.contains(&key), foreign.contains(&key), "{key}");
    }
}

#[test]
fn the_import_refuses_what_lacks_a_field_or_has_another_type() {
    let good = r#"{"rule_id":"r","name":"n","description":"d","type":"eql","language":"eql","query":"any where true","risk_score":47,"severity":"medium"}"#;
    assert_eq!(refused(good), Vec::<String>::new());
    for (from, to) in [
        ("\"rule_id\":\"r\",", ""),
        ("\"name\":\"n\"", "\"name\":\"\""),
        ("47", "101"),
        ("47", "\"47\""),
        ("medium", "informational"),
        ("\"type\":\"eql\"", "\"type\":\"query\""),
        ("}", ",\"unheard\":1}"),
        ("}", ",\"enabled\":\"true\"}"),
        ("}", ",\"tags\":\"a\"}"),
        ("}", ",\"tags\":[\"a\",1]}"),
        ("}", ",\"timeline_id\":\"x\"}"),
        ("}", ",\"id\":\"x\"}"),
        ("}", ",\"from\":\"yesterday\"}"),
        ("}", ",\"threat\":[{\"framework\":\"f\"}]}"),
        ("}", ",\"created_at\":\"2024-05-31\"}"),
        ("}", ",\"alert_suppression\":{\"group_by\":[\"a\",\"b\",\"c\",\"d\"]}}"),
    ] {
        assert_eq!(refused(&good.replacen(from, to, 1)).len(), 1, "{to}");
    }
    for more in [
        "\"from\":\"now-1d-5m/d\"",
        "\"from\":\"2024-05-31T00:00:00Z||/d\"",
        "\"timeline_id\":\"x\",\"timeline_title\":\"y\"",
        "\"created_at\":\"2024-05-31T12:00:00.000Z\"",
    ] {
        assert_eq!(refused(&good.replace('}', &format!(",{more}}}"))), Vec::<String>::new());
    }
}

/// Everything a rule of the detection engine can have, each of the right type.
const RICH: &str = r#"
[metadata]
creation_date = "2024/05/31"
[rule]
rule_id = "4aa58ac6-4dc0-4d18-b713-f58bf8bd015c"
id = "0d0e1f5a-6a3e-4f0c-9d43-2d5b9a1d3c11"
name = "n"
description = "d"
type = "eql"
language = "eql"
risk_score = 73
severity = "high"
query = 'any where true'
enabled = true
immutable = false
version = 3
revision = 2
data_view_id = "logs"
namespace = "default"
output_index = ""
throttle = "1h"
timestamp_field = "event.ingested"
tiebreaker_field = "event.sequence"
timestamp_override = "event.ingested"
timestamp_override_fallback_disabled = true
timeline_id = "t"
timeline_title = "T"
building_block_type = "default"
rule_name_override = "message"
outcome = "exactMatch"
created_at = 2024-05-31T12:00:00Z
updated_by = "elastic"
meta = { from = "1m", kibana_siem_app_url = "https://example.org" }
rule_source = { type = "internal" }
investigation_fields = { field_names = ["host.name"] }
filters = [{ meta = { negate = true, disabled = false }, query = { wildcard = { "file.path" = { value = "C*" } } }, "$state" = { store = "appState" } }]
[rule.alert_suppression]
group_by = ["host.id", "user.id"]
missing_fields_strategy = "suppress"
duration = { value = 5, unit = "m" }
[[rule.related_integrations]]
package = "aws"
version = "~1.2.0"
integration = "cloudtrail"
[[rule.required_fields]]
name = "event.type"
type = "keyword"
ecs = true
[[rule.exceptions_list]]
id = "endpoint_list"
list_id = "endpoint_list"
type = "endpoint"
namespace_type = "agnostic"
[[rule.actions]]
action_type_id = ".slack"
group = "default"
id = "5ad22cd5"
params = { message = "found" }
frequency = { summary = true, notifyWhen = "onActiveAlert" }
[[rule.response_actions]]
action_type_id = ".osquery"
params = { query = "SELECT 1", ecs_mapping = { "process.pid" = { field = "pid" } } }
[[rule.risk_score_mapping]]
field = "event.risk_score"
operator = "equals"
value = ""
[[rule.severity_mapping]]
field = "event.severity"
operator = "equals"
severity = "low"
value = "3"
"#;

#[test]
fn everything_a_rule_can_have_goes_to_kibana_and_back() {
    assert_eq!(findings("r.toml", RICH), "");
    let (_, first) = document("r.toml", RICH);
    let line = kibana::text(&first.metadata, "any where true");
    assert_eq!(refused(&line), Vec::<String>::new());
    let rule: Json = serde_json::from_str(&line).unwrap();
    let written: toml_edit::DocumentMut = RICH.parse().unwrap();
    for (key, value) in written["rule"].as_table().unwrap() {
        assert!(rule.get(key).is_some(), "{key} has to stand at the top");
        if let Some(text) = value.as_str() {
            assert_eq!(rule[key], text, "{key}");
        }
    }
    assert_eq!(findings("r.ndjson", &line), "");
    let (_, second) = document("r.ndjson", &line);
    let (_, third) = document("r.toml", toml::text(&second.metadata, "any where true"));
    let mut complete = kibana::complete(&first.metadata);
    complete.other.insert("rule.created_at".to_owned(), "\"2024-05-31T12:00:00Z\"".to_owned());
    assert_eq!(third.metadata, complete, "JSON has no dates, they become text");
    assert_eq!(rule["actions"][0]["frequency"]["throttle"], Json::Null, "the import wants it said");
}

/// A document with one value that Kibana would refuse.
fn with(line: &str) -> String {
    format!("[rule]\nname = \"n\"\ntype = \"eql\"\nlanguage = \"eql\"\nquery = 'any where true'\n{line}\n")
}

#[test]
fn what_kibana_would_refuse_is_reported_at_its_place() {
    let all = [
        "exceptions_list = 'x'",
        "alert_suppression = { group_by = [] }",
        "alert_suppression = { group_by = [\"a\"], duration = { value = 5, unit = \"days\" } }",
        "building_block_type = \"yes\"",
        "timeline_id = \"t\"",
        "max_signals = 0",
        "related_integrations = [{ package = \"aws\", version = \"1\" }, { package = \"aws\" }]",
        "enabled = \"true\"",
        "actions = [{ id = \"x\", params = {}, action_type_id = 1 }]",
        "tags = \"x\"",
    ]
    .map(|line| format!("> {line}\n{}", findings("r.toml", with(line))));
    assert_snapshot!(all.join("\n"));
}

#[test]
fn what_kibana_would_refuse_is_kept_where_the_import_does_not_look() {
    for line in [
        "exceptions_list = 'x'",
        "alert_suppression = { group_by = [] }",
        "timeline_id = \"t\"",
        "max_signals = 0",
        "description = \"\"",
        "meta = 5",
        "id = \"abc\"\nrule_id = \"r\"",
        "version = \"1.0.29\"",
    ] {
        let (_, mut first) = parse("r.toml", with(line));
        let first = first.tree.documents.remove(0);
        let written = kibana::text(&first.metadata, "any where true");
        assert_eq!(refused(&written), Vec::<String>::new(), "{line}");
        let (_, parsed) = parse("r.ndjson", &written);
        assert_eq!(parsed.diagnostics, [], "{written}");
        let complete = kibana::complete(&first.metadata);
        assert_eq!(parsed.tree.documents[0].metadata, complete, "{line}");
    }
}

#[test]
fn rules_of_endpoint_and_of_other_languages_are_not_held_to_it() {
    for text in [
        "[rule]\nname = \"n\"\nos_list = [\"linux\"]\nversion = \"1.0.29\"\nactions = \"x\"\nquery = 'any where true'\n",
        "[rule]\nname = \"n\"\ntype = \"new_terms\"\nlanguage = \"kuery\"\nquery = 'a'\nalert_suppression = {}\n",
    ] {
        assert!(!findings("r.toml", text).contains("E3024"), "{text}");
    }
}

#[test]
fn a_rule_of_a_bare_name_is_taken() {
    let bare = Metadata { name: "any process".to_owned(), ..Metadata::default() };
    assert_eq!(refused(&kibana::text(&bare, "any where true")), Vec::<String>::new());
}
