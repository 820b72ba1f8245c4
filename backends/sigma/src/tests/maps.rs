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
    let map = backend.event_map(&settings, &eqlc_ir::Taxonomy::Ecs).expect("a map");
    let result = map_rule(&lowered(source), map, &settings)
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
        r#"process where host.os.type == "windows" and event.type == "start" and process.args_count > 3"#,
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
fn a_sample_is_a_temporal_correlation() {
    insta::assert_snapshot!(compiled(
        r#"sample by host.id [process where process.name == "a"] [file where file.name == "b"]"#,
        "ecs",
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
    let map = backend.event_map(&Settings::default(), &eqlc_ir::Taxonomy::Ecs).expect("a map");
    // Sysmon for Linux and the collectors of macOS name the machine as Sysmon does.
    let anywhere = ["Computer", "Provider_Name"];
    for source in &map.sources {
        let product = source.log_source.product.as_deref().expect("a product");
        let category = source.log_source.category.as_deref().expect("a category");
        for path in map.fields_of(source) {
            let Some(name) = map.entry(source, path).and_then(|entry| entry.field.as_deref()) else {
                continue;
            };
            let listed = ["legit", "addon"].iter().any(|list| {
                known[list][product]["category"][category]
                    .as_array()
                    .is_some_and(|fields| fields.iter().any(|field| field == name))
            });
            assert!(listed || anywhere.contains(&name), "{}: {path} -> {name}", source.log_source);
        }
    }
}
