//! Packs: what osquery asks of them, which files they watch, where they run.

use eqlc_ir::{Body, EventQuery, Pred};
use serde_json::Value;

use super::engine::engine;
use super::{artifact, category, is, like, rule, sequence, windows};

fn on(system: &str, name: &str, mut list: Vec<Pred>) -> EventQuery {
    list.insert(0, is("host.os.type", system));
    EventQuery { category: category(&[name]), filter: Pred::All(list) }
}

fn pack(name: &str, body: Body, profile: &str) -> (Value, String) {
    let artifact = artifact(&rule(name, body), profile, "pack");
    let pack: Value = serde_json::from_str(&artifact.text).unwrap();
    valid(&pack);
    (pack, super::lines(&artifact.losses))
}

/// The rules that osquery has for packs (its documentation of configurations; `mapping.md` §1.8).
fn valid(pack: &Value) {
    let known = ["platform", "discovery", "queries", "file_paths", "file_accesses"];
    let pack = pack.as_object().unwrap();
    assert!(pack.keys().all(|key| known.contains(&key.as_str())), "{pack:?}");
    let engine = engine(0);
    let platforms = ["darwin", "linux", "posix", "windows", "any", "all"];
    assert!(platforms.contains(&pack["platform"].as_str().unwrap()));
    for query in pack["discovery"].as_array().unwrap() {
        engine.prepare(query.as_str().unwrap()).unwrap();
    }
    for (name, query) in pack["queries"].as_object().unwrap() {
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        assert!((1..=604_800).contains(&query["interval"].as_u64().unwrap()));
        assert_eq!(query["removed"], false);
        assert_eq!(query["platform"], pack["platform"]);
        let text = query["query"].as_str().unwrap();
        assert!(!text.contains('\n'));
        engine.prepare(text).unwrap();
    }
    let categories = pack.get("file_paths").and_then(Value::as_object);
    for (category, paths) in categories.into_iter().flatten() {
        assert!(pack["queries"].get(category).is_some());
        let paths: Vec<&str> = paths.as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
        assert!(!paths.is_empty() && !paths.iter().any(|path| path.contains('*')), "{paths:?}");
        // `%%` is allowed at the end alone.
        assert!(paths.iter().all(|path| path.find("%%").is_none_or(|at| at + 2 == path.len())), "{paths:?}");
    }
}

fn watched(pack: &Value) -> Vec<&str> {
    let (_, paths) = pack["file_paths"].as_object().unwrap().iter().next().unwrap();
    paths.as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect()
}

#[test]
fn a_rule_on_files_watches_the_folders_that_it_names() {
    let paths =
        like("file.path", &["/etc/cron.d/*", "/etc/cron.d/x", "/var/spool/cron/tab*", "/etc/crontab"]);
    let query = on("linux", "file", vec![is("event.type", "creation"), paths]);
    let (pack, losses) = pack("Cron", Body::Event(query), "sysmon");
    assert_eq!(watched(&pack), ["/etc/cron.d/%%", "/etc/crontab", "/var/spool/cron/%%"]);
    assert!(!losses.contains("drive"), "{losses}");
    insta::assert_snapshot!(format!("{:#}", pack["discovery"]), @r#"
    [
      "SELECT 1 FROM osquery_flags WHERE name = 'enable_file_events' AND value = 'true'"
    ]
    "#);
}

#[test]
fn a_rule_that_names_no_folder_watches_those_of_the_system() {
    for unbound in
        [like("file.name", &["x"]), like("file.path", &["/home/*", "*/x"]), like("file.path", &["/*"])]
    {
        let query = on("linux", "file", vec![is("event.type", "creation"), unbound]);
        let (pack, _) = pack("Anywhere", Body::Event(query), "sysmon");
        let watched = watched(&pack);
        assert!(watched.contains(&"/home/%%") && watched.contains(&"/etc/%%"), "{watched:?}");
        assert!(!watched.contains(&"/%%") && !watched.iter().any(|path| path.starts_with("/proc")));
    }
}

#[test]
fn drives_of_windows_are_one() {
    let paths = like("file.path", &["?:\\Windows\\Tasks\\*", "C:\\Temp\\x.exe"]);
    let query = windows("file", vec![is("event.type", "creation"), paths]);
    let (pack, losses) = pack("Tasks", Body::Event(query), "native");
    assert_eq!(watched(&pack), ["C:\\Temp\\x.exe", "C:\\Windows\\Tasks\\%%"]);
    assert!(
        losses.contains("L1104 narrower: files are watched on the drive `C:` and on no other"),
        "{losses}"
    );
}

#[test]
fn rules_on_processes_watch_nothing() {
    let query = windows("process", vec![is("event.type", "start"), like("process.name", &["a.exe"])]);
    let (pack, _) = pack("Process", Body::Event(query), "sysmon");
    assert!(pack.get("file_paths").is_none());
    insta::assert_snapshot!(format!("{:#}", pack["discovery"]), @r#"
    [
      "SELECT 1 FROM osquery_flags WHERE name = 'enable_windows_events_publisher' AND value = 'true'",
      "SELECT 1 FROM osquery_flags WHERE name = 'enable_windows_events_subscriber' AND value = 'true'",
      "SELECT 1 FROM osquery_flags WHERE name = 'windows_event_channels' AND instr(',' || replace(value, ', ', ',') || ',', ',Microsoft-Windows-Sysmon/Operational,') > 0"
    ]
    "#);
}

/// Names of channels stand in each other: `Security` in that of the mitigations.
#[test]
fn a_channel_is_found_in_the_list_as_a_whole() {
    let event = vec![is("event.action", "logged-in"), is("event.code", "4624")];
    let query = windows("authentication", event);
    let (pack, _) = pack("Logon", Body::Event(query), "sysmon");
    let discovery: Vec<&str> =
        pack["discovery"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let channel = discovery.iter().find(|query| query.contains("windows_event_channels")).unwrap();
    for (value, runs) in [
        ("System,Application,Setup,Security", true),
        ("Security", true),
        ("System, Security, Setup", true),
        ("Microsoft-Windows-Security-Mitigations/KernelMode", false),
        ("", false),
    ] {
        let engine = engine(0);
        let row = "INSERT INTO osquery_flags(name, value) VALUES ('windows_event_channels', ?)";
        engine.execute(row, [value]).unwrap();
        let found = engine.prepare(channel).unwrap().exists([]).unwrap();
        assert_eq!(found, runs, "{value}");
    }
}

#[test]
fn accesses_are_asked_for() {
    let paths = like("file.path", &["/etc/shadow"]);
    let query = on("linux", "file", vec![is("event.action", "opened-file"), paths]);
    let (pack, _) = pack("Shadow", Body::Event(query), "sysmon");
    assert_eq!(pack["file_accesses"], serde_json::json!(["shadow"]));
    assert_eq!(watched(&pack), ["/etc/shadow"]);
}

#[test]
fn a_long_span_makes_the_interval_short() {
    let step = || windows("process", vec![is("event.type", "start"), like("process.name", &["a.exe"])]);
    let of = |span: u64, wanted: &str| {
        let body = sequence(&["process.entity_id"], Some(span * 1_000), vec![step(), step()]);
        let mut rule = rule("Span", body);
        std::sync::Arc::make_mut(&mut rule.meta).interval = Some(wanted.to_owned());
        let artifact = artifact(&rule, "sysmon", "pack");
        let pack: Value = serde_json::from_str(&artifact.text).unwrap();
        let interval = pack["queries"]["span"]["interval"].as_u64().unwrap();
        let window = format!("unix_time FROM time) - {}", span + interval);
        assert!(artifact.text.contains(&window), "{}", artifact.text);
        (interval, artifact.losses.len())
    };
    assert_eq!(of(60, "5m"), (300, 0));
    assert_eq!(of(3_400, "5m"), (200, 0));
    // Nothing makes it fit.
    assert_eq!(of(3_600, "5m"), (300, 1));
}

#[test]
fn a_pack_that_osquery_would_not_read_is_refused() {
    // Each backslash is two in JSON, and the query alone is no longer than SQLite takes.
    let name = "\\a".repeat(30);
    let names: Vec<String> = (0..13_000).map(|at| format!("{name}{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let any = is_one_of("process.executable", &names);
    let query = windows("process", vec![is("event.type", "start"), any]);
    let legal = super::legal(&rule("Long", Body::Event(query)), "sysmon");
    use eqlc_backend::Backend;
    assert!(super::backend().emit(&legal, &super::settings("sysmon", "query")).is_ok());
    let refused = super::backend().emit(&legal, &super::settings("sysmon", "pack")).unwrap_err();
    assert_eq!(refused[0].code.as_str(), "E4003");
    assert!(refused[0].message.contains("larger than osquery reads"), "{}", refused[0].message);
}

/// `field in ("a", …)`
fn is_one_of(field: &str, values: &[&str]) -> Pred {
    let values = values.iter().map(|value| eqlc_ir::Literal::Str((*value).into())).collect();
    super::test(super::keyword(field), eqlc_ir::Op::OneOf(values, eqlc_ir::Case::Sensitive))
}
