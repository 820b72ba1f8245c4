//! Sigma rules for clouds, services, networks, Linux and macOS on Elasticsearch: where the integrations of Elastic have
//! their fields, and that the outputs find in stored documents what the rules find in the events of the logs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use eqlc_backend::Settings;
use eqlc_diagnostics::Severity;
use eqlc_driver::{
    Effort, Input, LoadOptions, LoadedRule, Outcome, Registry, compile, load_bytes, load_query, prove_rule,
};
use eqlc_ir::Category;
use eqlc_tests::sigma::{corpus, log_source};
use rayon::prelude::*;

/// A rule of a log source with some tests, compiled.
fn compiled(log_source: &str, tests: &str) -> String {
    let text = format!(
        "title: T\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {{ {log_source} }}\ndetection:\n  s:\n    {}\n  condition: s\n",
        tests.replace('\n', "\n    ")
    );
    let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
    let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
    let registry = Registry::new().expect("the registry");
    let backend = registry.find("elasticsearch").expect("the target");
    let rules = unit.rules.iter().map(|rule| match compile(&rule.rule, backend, &Settings::default()) {
        Ok(compiled) => {
            let strict = LoadOptions { strict_fields: true, ..LoadOptions::default() };
            let read = load_query(&compiled.artifact.text, strict);
            let wrong = read.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            assert_eq!(wrong.count(), 0, "{}", compiled.artifact.text);
            let losses = compiled.artifact.losses.iter();
            let losses: Vec<String> =
                losses.map(|loss| format!("# {}: {}\n", loss.direction, loss.why)).collect();
            format!("{}{}", losses.concat(), compiled.artifact.text)
        }
        Err(refused) => refused.iter().map(|found| format!("{} {}\n", found.code, found.message)).collect(),
    });
    rules.collect()
}

#[test]
fn audit_records_are_asked_where_the_pipeline_puts_them() {
    let audit = |tests: &str| compiled("product: linux, service: auditd", tests);
    insta::assert_snapshot!(
        [
            audit("type: EXECVE\na0: tar\na1|contains: '-x'"),
            audit("type: SYSCALL\nSYSCALL: connect\na0: 10"),
            audit("type: ADD_USER\nsuccess: 'yes'\nunit: a"),
        ]
        .join("\n")
    );
}

#[test]
fn urls_are_asked_whole_where_escapes_stand() {
    let web = |tests: &str| compiled("category: webserver", tests);
    insta::assert_snapshot!(
        [
            web("cs-uri-query|contains: '/etc/passwd'"),
            web("cs-uri-query|contains: ['%2e%2e', '${']"),
            web("cs-uri-stem|endswith: '.jsp'\nsc-status: 200"),
            web("cs-uri-query|re: 'a+'"),
            web("cs-uri|contains: '%2e'"),
            web("cs-uri-stem|startswith: '/cgi-bin/.%2e'\ncs-uri-query|contains: 'id='"),
            web("cs-uri-stem|contains: ['/a|b', '?']\ncs-uri-query: null"),
            compiled("category: proxy", "c-uri-query|startswith: 'x=%2e'\nc-uri-stem: '/%2e'"),
        ]
        .join("\n")
    );
}

#[test]
fn services_have_the_names_and_types_of_their_integrations() {
    let azure = |service: &str, tests: &str| compiled(&format!("product: azure, service: {service}"), tests);
    insta::assert_snapshot!(
        [
            azure("auditlogs", "OperationName: Update user\nLoggedByService: Core Directory\nOther: x"),
            azure("auditlogs", "properties.initiatedBy.user.id: x"),
            azure("auditlogs", "TargetResources.ModifiedProperties.NewValue|contains: x"),
            azure(
                "signinlogs",
                "ResultType: 50053\nDeviceDetail.isManaged: 'false'\nproperties.riskDetail: x"
            ),
            azure("riskdetection", "riskEventType: unfamiliarFeatures"),
            compiled("product: okta, service: okta", "securityContext.isProxy: 'true'"),
            compiled("product: m365, service: audit", "status: success\nParameters|contains: x"),
            compiled("product: gcp, service: gcp.audit", "data.protoPayload.resource.type: k8s_cluster"),
            compiled("product: gcp, service: google_workspace.admin", "eventService: admin.googleapis.com"),
            compiled("product: bitbucket, service: audit", "auditType.action: x\nauthor.name: y"),
            compiled("product: zeek, service: dns", "query: x\nZ: 0"),
            compiled(
                "product: rpc_firewall, category: application",
                "EventLog: RPCFW\nEventID: 3\nInterfaceUuid: 0a74ef1c-41a4-4e06-83ae-dc74fb1cdd53\nOpNum: [1, 3]",
            ),
        ]
        .join("\n")
    );
}

/// Whether a rule is of another log source than those of Windows.
fn is_elsewhere(rule: &LoadedRule) -> bool {
    let queries = rule.rule.queries();
    let products = queries.iter().filter_map(|query| match &query.category {
        Category::LogSource(source) => Some(source.product.as_deref()),
        Category::Any | Category::OneOf(_) => None,
    });
    let products: Vec<_> = products.collect();
    !products.is_empty() && !products.contains(&Some("windows"))
}

/// Some events of every rule.
#[test]
fn outputs_find_in_documents_what_rules_find_in_logs() {
    let Some(units) = corpus("corpus/sigma-rules") else { return };
    let registry = Registry::new().expect("the registry");
    let backend = registry.find("elasticsearch").expect("the target");
    let settings = Settings::default();
    let effort = Effort { rule_time: None, streams: 60, ..Effort::default() };
    let rules: Vec<&LoadedRule> =
        units.iter().flat_map(|unit| &unit.rules).filter(|rule| is_elsewhere(rule)).collect();
    let reports: Vec<_> = rules
        .par_iter()
        .map(|rule| prove_rule(&rule.rule, &[(backend, &settings)], &[], None, &effort))
        .collect();
    let (mut counted, mut untold, mut wrong) = (BTreeMap::<Outcome, usize>::new(), Vec::new(), Vec::new());
    for (rule, report) in rules.iter().zip(reports) {
        for target in report.targets {
            *counted.entry(target.outcome).or_default() += 1;
            match target.outcome {
                Outcome::Disagrees => wrong.push(format!("{}: {:#?}", rule.rule.meta.name, target.failures)),
                Outcome::Uncompared => untold.push(log_source(&rule.rule)),
                _ => {}
            }
        }
    }
    untold.sort();
    println!("{counted:?}; not compared: {untold:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(untold.len() < 36, "{} of {} rules are not compared", untold.len(), rules.len());
}
