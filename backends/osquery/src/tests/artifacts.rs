//! What artifacts look like.

use eqlc_backend::Backend;
use eqlc_ir::{Body, Case, FieldType, Literal, Op, Pred, Rule, TextPattern};

use super::{artifact, backend, category, ecs, equal, is, like, lines, rule, sequence, test, windows};

fn desktopimgdownldr() -> Rule {
    let query = windows(
        "process",
        vec![
            is("event.type", "start"),
            Pred::Any(vec![
                like("process.name", &["desktopimgdownldr.exe"]),
                is("process.pe.original_file_name", "desktopimgdownldr.exe"),
            ]),
            like("process.args", &["/lockscreenurl:http://*", "/lockscreenurl:https://*"]),
        ],
    );
    rule("Picture Fetched by the Lock Screen Tool", Body::Event(query))
}

fn startup_folder() -> Rule {
    let first = windows(
        "process",
        vec![
            is("event.type", "start"),
            equal(ecs("process.code_signature.trusted", FieldType::Boolean), Literal::Bool(false)),
            like(
                "process.executable",
                &["?:\\Users\\*.exe", "?:\\ProgramData\\*.exe", "?:\\$Recycle.Bin\\*.exe"],
            ),
        ],
    );
    let second = windows(
        "file",
        vec![
            is("event.type", "deletion").not(),
            is("user.domain", "NT AUTHORITY").not(),
            like("file.path", &["?:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\*"]),
            like("file.path", &["*\\desktop.ini"]).not(),
        ],
    );
    rule(
        "Startup Folder Written",
        sequence(&["host.id", "process.entity_id"], Some(10_000), vec![first, second]),
    )
}

fn script_download() -> Rule {
    let first = windows(
        "network",
        vec![
            like("process.name", &["cscript.exe", "wscript.exe"]),
            like("network.direction", &["egress", "outgoing"]),
            is("network.type", "ipv4"),
            is("network.protocol", "dns").not(),
            equal(ecs("destination.ip", FieldType::Ip), Literal::Str("127.0.0.1".into())).not(),
        ],
    );
    let extensions = ["exe", "dll", "js"];
    let second = windows("file", vec![is("event.type", "creation"), like("file.extension", &extensions)]);
    rule("Download by a Script", sequence(&["host.id", "process.entity_id"], None, vec![first, second]))
}

#[test]
fn a_process_rule_becomes_one_select() {
    let artifact = artifact(&desktopimgdownldr(), "sysmon", "query");
    insta::assert_snapshot!(artifact.text);
    insta::assert_snapshot!(lines(&artifact.losses));
}

#[test]
fn a_process_rule_becomes_one_select_over_etw() {
    let artifact = artifact(&desktopimgdownldr(), "native", "query");
    insta::assert_snapshot!(artifact.text);
    insta::assert_snapshot!(lines(&artifact.losses));
}

#[test]
fn a_sequence_becomes_stages() {
    let artifact = artifact(&startup_folder(), "sysmon", "query");
    insta::assert_snapshot!(artifact.text);
    insta::assert_snapshot!(lines(&artifact.losses));
}

#[test]
fn a_sequence_without_maxspan_is_bounded_by_the_look_back() {
    let artifact = artifact(&script_download(), "sysmon", "query");
    insta::assert_snapshot!(artifact.text);
    insta::assert_snapshot!(lines(&artifact.losses));
}

#[test]
fn a_pack_holds_the_query_on_one_line() {
    let mut rule = desktopimgdownldr();
    std::sync::Arc::make_mut(&mut rule.meta).description =
        Some("Fetches \"pictures\".\nOften not pictures.\n".to_owned());
    std::sync::Arc::make_mut(&mut rule.meta).interval = Some("90s".to_owned());
    let artifact = artifact(&rule, "sysmon", "pack");
    assert_eq!(artifact.extension, "json");
    insta::assert_snapshot!(artifact.text);
    let parsed: serde_json::Value = serde_json::from_str(&artifact.text).unwrap();
    let query = &parsed["queries"]["picture_fetched_by_the_lock_screen_tool"];
    assert_eq!(query["interval"], 90);
    assert!(!query["query"].as_str().unwrap().contains('\n'));
}

#[test]
fn a_rule_without_name_is_named_by_its_id() {
    let mut rule = desktopimgdownldr();
    std::sync::Arc::make_mut(&mut rule.meta).name.clear();
    rule.id = "--Ünïcode id 7!".to_owned();
    assert!(artifact(&rule, "sysmon", "pack").text.contains("\"n_code_id_7\": {"));
    rule.id = "…".to_owned();
    assert!(artifact(&rule, "sysmon", "pack").text.contains("\"rule\": {"));
}

#[test]
fn each_query_goes_to_the_source_that_can_deliver_it() {
    let pattern = || {
        test(
            super::keyword("process.executable"),
            Op::Text(vec![TextPattern::from_eql("*a*")], Case::Sensitive),
        )
    };
    for (name, extra, wanted) in [
        ("process", is("event.type", "end"), "e.eventid = 5"),
        ("file", is("event.type", "deletion"), "e.eventid IN (23, 26)"),
        ("network", like("dns.question.name", &["*.example"]), "e.eventid = 22"),
        ("dns", like("dns.question.name", &["*.example"]), "e.eventid = 22"),
        ("library", like("dll.name", &["a.dll"]), "e.eventid = 7"),
        ("registry", like("registry.path", &["*\\Run\\*"]), "e.eventid = 13"),
        ("registry", is("event.type", "deletion"), "'DeleteValue'"),
    ] {
        let query = windows(name, vec![extra, pattern()]);
        let text = artifact(&rule("r", Body::Event(query)), "sysmon", "query").text;
        assert!(text.contains(wanted), "{name}: {text}");
    }
}

#[test]
fn an_agent_is_told_what_it_needs() {
    let flags = |profile: &str| {
        let needs = backend().requirements(&super::settings(profile, "pack"));
        needs
            .iter()
            .map(|need| format!("{} {} ({})\n", need.platform, need.flag, need.why))
            .collect::<String>()
    };
    insta::assert_snapshot!(flags("sysmon"));
    assert!(flags("native").contains("windows --enable_process_etw_events=true"));
    assert_eq!(flags("none"), "");
}

/// A query runs on one system: of a rule for several the first, unless another is asked for.
#[test]
fn the_platform_can_be_chosen() {
    let backend = backend();
    let query = eqlc_ir::EventQuery {
        category: category(&["process"]),
        filter: Pred::All(vec![is("event.type", "start"), like("process.name", &["curl*"])]),
    };
    let rule = rule("Curl", Body::Event(query));
    for (platform, table) in [
        ("any", "windows_events"),
        ("windows", "windows_events"),
        ("linux", "process_events"),
        ("darwin", "es_process_events"),
    ] {
        let mut settings = super::settings("sysmon", "pack");
        settings.options.insert("platform".to_owned(), platform.to_owned());
        let map = backend.event_map(&settings, &rule).unwrap();
        let mapped = eqlc_backend::map_rule(&rule, map, &settings).unwrap();
        let legal = eqlc_backend::legalise(mapped.rule, mapped.losses, backend.target()).unwrap();
        let text = backend.emit(&legal, &settings).unwrap().text;
        assert!(text.contains(&format!("FROM {table} AS e")), "{platform}: {text}");
        let wanted = if platform == "any" { "windows" } else { platform };
        assert!(text.contains(&format!("\"platform\": \"{wanted}\"")), "{platform}: {text}");
        let needs = backend.requirements(&settings);
        assert!(platform == "any" || needs.iter().all(|need| need.platform == platform), "{needs:?}");
    }
}

#[test]
fn categories_of_other_systems_have_no_source() {
    let query =
        eqlc_ir::EventQuery { category: category(&["process"]), filter: is("host.os.type", "android") };
    let backend = backend();
    let settings = super::settings("sysmon", "query");
    let rule = rule("r", Body::Event(query));
    let map = backend.event_map(&settings, &rule).unwrap();
    let refused = eqlc_backend::map_rule(&rule, map, &settings).unwrap_err();
    assert_eq!(refused[0].code.as_str(), "E4103");
}
