//! The maps, on EQL that people write.

use eqlc_backend::map_rule;
use eqlc_lower::eql::Context;

use super::*;

fn lowered(source: &str) -> Rule {
    let parsed = eqlc_eql::parse(&Fragment::verbatim(SourceId::default(), 0, source));
    assert!(!has_errors(&parsed.diagnostics), "{:#?}", parsed.diagnostics);
    let (lowered, diagnostics) = eqlc_lower::eql::lower(&parsed.tree, &Context::default());
    let lowered = lowered.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    normalise(Rule { pipes: lowered.pipes, ..rule_of(lowered.body) })
}

/// Compiles EQL; the detection and log source, then the losses, or the refusals.
fn compiled(source: &str, taxonomy: &str) -> String {
    let backend = backend();
    let mut settings = Settings::default();
    settings.options.insert("taxonomy".to_owned(), taxonomy.to_owned());
    settings.check(backend.target()).expect("a known option");
    let rule = lowered(source);
    let map = backend.event_map(&settings, &rule).expect("a map");
    let result = map_rule(&rule, map, &settings)
        .and_then(|mapped| legalise(mapped.rule, mapped.losses, backend.target()));
    match result {
        Ok(legal) => {
            let text = holds(legal.rule().clone());
            let artifact = backend.emit(&legal, &settings).expect("a form");
            assert_eq!(artifact.text, text);
            let start = text.find("logsource:").expect("a log source");
            let mut out = text.get(start..).unwrap_or_default().to_owned();
            for loss in &artifact.losses {
                out.push_str(&format!("{} {} `{}`: {}\n", loss.code, loss.direction, loss.place, loss.why));
            }
            out
        }
        Err(refused) => refused.iter().map(|one| format!("{} {}\n", one.code, one.message)).collect(),
    }
}

#[test]
fn process_starts_have_their_log_source() {
    insta::assert_snapshot!(compiled(
        r#"process where host.os.type == "windows" and event.type == "start" and
           process.name : ("cmd.exe", "powershell.exe") and process.args : "/c*" and
           user.domain == "NT AUTHORITY" and process.parent.name == "winword.exe" and
           not process.code_signature.trusted == true and not process.parent.executable : "C:\\Windows\\*""#,
        "sigma",
    ));
    insta::assert_snapshot!(compiled(
        r#"process where host.os.type == "linux" and event.type == "start" and event.action : "exec" and
           process.name == "nc" and process.parent.name : ("bash", "sh*")"#,
        "sigma",
    ));
}

#[test]
fn directions_and_types_of_the_network_are_flags() {
    insta::assert_snapshot!(compiled(
        r#"network where host.os.type == "windows" and network.direction : ("outgoing", "egress") and
           network.type == "ipv4" and destination.port == 443 and network.protocol != "dns" and
           not cidrMatch(destination.ip, "10.0.0.0/8", "127.0.0.0/8")"#,
        "sigma",
    ));
}

#[test]
fn name_lookups_have_a_log_source_of_their_own() {
    insta::assert_snapshot!(compiled(
        r#"network where host.os.type == "windows" and dns.question.name : "*.example.com""#,
        "sigma",
    ));
}

#[test]
fn sources_that_deliver_less_are_told() {
    insta::assert_snapshot!(compiled(
        r#"file where host.os.type == "windows" and event.type != "deletion" and file.extension : "exe" and
           file.name : "a*""#,
        "sigma",
    ));
    insta::assert_snapshot!(compiled(r#"registry where registry.path : "*\\Run\\*""#, "sigma"));
}

#[test]
fn required_fields_without_counterpart_are_refused() {
    insta::assert_snapshot!(compiled(
        r#"process where host.os.type == "windows" and event.type == "start" and process.env_vars : "LD_PRELOAD*""#,
        "sigma",
    ));
    insta::assert_snapshot!(compiled(r#"any where user.name == "x""#, "sigma"));
}

#[test]
fn a_sequence_is_a_correlation() {
    insta::assert_snapshot!(compiled(
        r#"sequence by host.id with maxspan=1m
           [file where host.os.type == "windows" and event.type == "creation" and file.extension == "exe"] by file.path
           [process where host.os.type == "windows" and event.type == "start"
              and process.command_line : "*x*"] by process.executable"#,
        "sigma",
    ));
}

#[test]
fn runs_are_counted() {
    insta::assert_snapshot!(compiled(
        r#"sequence by host.id, process.entity_id with maxspan=1m
           [process where host.os.type == "linux" and event.type == "start" and process.name == "su"] with runs=3"#,
        "sigma",
    ));
    insta::assert_snapshot!(compiled(
        r#"sequence with maxspan=5s
           [authentication where event.outcome == "failure"] by user.name with runs=10
           [authentication where event.outcome == "success"] by user.target.name"#,
        "ecs",
    ));
}

#[test]
fn a_key_that_is_repeated_stands_once() {
    let text = compiled(
        r#"sequence by host.id, host.id with maxspan=1m [process where process.name == "a"] by process.pid
           [file where file.name == "b"] by process.pid"#,
        "ecs",
    );
    assert!(text.contains("    group-by:\n        - host.id\n        - process.pid\n    timespan"), "{text}");
}

#[test]
fn a_sample_is_a_temporal_correlation() {
    insta::assert_snapshot!(compiled(
        r#"sample by host.id [process where process.name == "a"] [file where file.name == "b"]"#,
        "ecs",
    ));
}

#[test]
fn logs_of_windows_are_told_by_their_codes() {
    insta::assert_snapshot!(compiled(
        r#"any where host.os.type == "windows" and event.code == "5137" and
           winlog.event_data.ObjectClass == "dnsNode" and not winlog.event_data.SubjectUserName : "*$""#,
        "sigma",
    ));
    insta::assert_snapshot!(compiled(
        r#"authentication where event.action == "logged-in" and event.outcome == "success" and
           winlog.logon.type in ("Network", "RemoteInteractive") and user.name : "a*" and source.ip != "127.0.0.1""#,
        "sigma",
    ));
    insta::assert_snapshot!(compiled(r#"any where event.code in ("4697", "7045")"#, "sigma"));
    insta::assert_snapshot!(compiled(
        r#"process where event.code == "10" and winlog.event_data.TargetImage : "*\\lsass.exe""#,
        "sigma",
    ));
}

#[test]
fn services_are_told_by_their_data_set() {
    insta::assert_snapshot!(compiled(
        r#"any where data_stream.dataset == "aws.cloudtrail" and event.provider == "iam.amazonaws.com" and
           event.outcome == "success" and stringContains(aws.cloudtrail.request_parameters, "Admin")"#,
        "sigma",
    ));
    insta::assert_snapshot!(compiled(
        r#"sequence by okta.actor.id with maxspan=10m
           [any where event.dataset == "okta.system" and okta.event_type == "a"] with runs=5
           [any where event.dataset == "okta.system" and okta.outcome.result == "SUCCESS"]"#,
        "sigma",
    ));
}

#[test]
fn any_event_of_certain_categories_is_of_a_source_of_one_of_them() {
    insta::assert_snapshot!(compiled(
        r#"any where host.os.type == "windows" and (event.category : ("library", "driver") or
           (event.category == "process" and event.action : "Image loaded*")) and ?dll.name : "a.dll""#,
        "sigma",
    ));
}

#[test]
fn changes_of_files_are_those_of_files_written_anew() {
    insta::assert_snapshot!(compiled(
        r#"file where host.os.type == "macos" and event.action == "modification" and file.path : "/etc/*""#,
        "sigma",
    ));
}

#[test]
fn arguments_are_counted_by_blanks() {
    for count in ["== 1", ">= 3", "< 3", "in (2, 4)", "> 0"] {
        let source = format!(
            r#"process where host.os.type == "linux" and event.type == "start" and process.name : "a" and
               process.args_count {count}"#
        );
        insta::assert_snapshot!(compiled(&source, "sigma"));
    }
}

#[test]
fn accounts_of_the_system_have_names() {
    for test in [r#"== "S-1-5-18""#, r#": "S-1-5-21-*""#, r#"!= "S-1-5-20""#, r#"== "S-1-5-21-1""#] {
        let source =
            format!(r#"process where host.os.type == "windows" and process.name : "a" and user.id {test}"#);
        insta::assert_snapshot!(compiled(&source, "sigma"));
    }
}

#[test]
fn an_exclusion_among_alternatives_is_left_out_as_a_whole() {
    insta::assert_snapshot!(compiled(
        r#"process where host.os.type == "macos" and event.type == "start" and process.name == "a" and
           (process.parent.name : "b" or process.parent.code_signature.trusted == false)"#,
        "sigma",
    ));
}

#[test]
fn a_step_of_any_event_asks_for_a_field_that_all_have() {
    insta::assert_snapshot!(compiled(
        r#"sequence by host.id with maxspan=5m
           [file where host.os.type == "windows" and event.type == "creation" and file.extension : "exe"]
             by file.path
           [process where host.os.type == "windows" and event.type == "start"] by process.executable"#,
        "sigma",
    ));
}

#[test]
fn nothing_is_lost_in_ecs() {
    insta::assert_snapshot!(compiled(
        r#"process where host.os.type == "windows" and event.type == "start" and
           process.code_signature.trusted != true and process.args_count >= 3 and
           process.name : "a*" and ?process.no.such.field == null"#,
        "ecs",
    ));
    insta::assert_snapshot!(compiled(r#"any where event.action == "x" and source.ip != null"#, "ecs"));
    insta::assert_snapshot!(compiled(r#"api where process.name == "x""#, "ecs"));
    insta::assert_snapshot!(compiled(r#"process where true"#, "ecs"));
}

#[test]
fn every_field_of_the_map_is_in_the_taxonomy_of_its_source() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(path.join("../../../shared/data/sigma_taxonomy.json")) else {
        eprintln!("skipped: no list of Sigma's fields beside the project");
        return;
    };
    let known: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let backend = backend();
    let map = backend.event_map(&Settings::default(), &lowered("process where true")).expect("a map");
    // Sysmon for Linux and the collectors of macOS name the machine as Sysmon does.
    // The audit daemon begins its records with `node` where it is told to.
    let anywhere = ["Computer", "Provider_Name", "EventID", "node"];
    for source in &map.sources {
        let LogSource { product, category, service } = &source.log_source;
        let product = product.as_deref().unwrap_or("empty");
        let lists = ["legit", "addon"].map(|list| match (category, service) {
            (Some(category), _) => known[list][product]["category"][category].as_array(),
            (None, Some(service)) => known[list][product]["service"][service].as_array(),
            (None, None) => None,
        });
        let lists: Vec<_> = lists.into_iter().flatten().collect();
        assert!(!lists.is_empty(), "{}: no log source of the taxonomy", source.log_source);
        // A log source without a list has the names of its vendor.
        if lists.iter().all(|list| list.is_empty()) {
            continue;
        }
        let entries = map.fields_of(source).filter_map(|path| map.entry(source, path)?.field.as_deref());
        for name in entries.chain(source.always.as_deref()) {
            let listed = lists.iter().any(|list| list.iter().any(|field| field == name));
            assert!(listed || anywhere.contains(&name), "{}: {name}", source.log_source);
        }
    }
}
