//! Rules to events, and proofs that there are none.

use eqlc_ir::{Body, Rule};
use serde_json::{Value as Json, json};

use crate::testing::{at, eql, events, proofs, query, sigma};
use crate::{Outcome, Reason, Search, witness};

/// The value that the witness of a query has in a field.
#[track_caller]
fn value(text: &str, path: &str) -> Json {
    at(&events(&eql(text))[0], path).clone()
}

#[track_caller]
fn text_of(text: &str, path: &str) -> String {
    value(text, path).as_str().unwrap_or_else(|| panic!("a text: {:?}", value(text, path))).to_owned()
}

/// What is proven of a query.
#[track_caller]
fn proven(text: &str) -> Vec<String> {
    proofs(&eql(text), text)
}

#[track_caller]
fn found(rule: &Rule) -> bool {
    matches!(Search::new().witness(rule), Outcome::Found(_))
}

#[test]
fn constants_wildcards_and_parts_make_texts_that_a_reader_expects() {
    for (condition, wanted) in [
        (r#"process.name == "cmd.exe""#, "cmd.exe"),
        (r#"process.name in ("a.exe", "b.exe")"#, "a.exe"),
        (r#"process.name : "power*.exe""#, "power.exe"),
        (r#"process.name in ("a.exe", "b.exe") and process.name != "a.exe""#, "b.exe"),
        (r#"process.name : ("a*", "b*") and not process.name : "a*""#, "b"),
        (r#"startsWith(process.name, "a") and endsWith(process.name, "z")"#, "az"),
    ] {
        assert_eq!(text_of(&format!("process where {condition}"), "process.name"), wanted, "{condition}");
    }
    let path = |pattern: &str| text_of(&format!("file where file.path : {pattern}"), "file.path");
    assert_eq!(path(r#""?:\\Windows\\*.dll""#), r"C:\Windows\example.dll");
    assert_eq!(path(r#""*\\x.exe""#), r"C:\Windows\System32\x.exe");
    assert_eq!(path(r#""/tmp/*""#), "/tmp/example");
}

#[test]
fn parts_of_a_command_line_are_put_together_in_one_text() {
    let text = r#"process where process.command_line : "*delete*" and process.command_line : "*shadows*""#;
    assert_eq!(text_of(text, "process.command_line"), "delete shadows");
}

#[test]
fn expressions_functions_and_lengths_are_searched() {
    for condition in [
        r#"process.name regex """[a-c]{3}\.exe""" and not process.name : "aaa*""#,
        "length(process.name) == 17",
        r#"substring(process.name, 2, 4) == "xy""#,
        r#"substring(process.name, 1, -2) == "xy""#,
        r#"indexOf(process.name, "q") == 3"#,
        r#"stringContains(process.command_line, process.name)"#,
        r#"startsWith~(process.executable, concat(user.name, "-"))"#,
        r#"concat(process.name, "x") == "abx" and process.name == "ab""#,
        "process.pid + 3 == 10",
        "process.pid > process.parent.pid",
        "number(process.name) == 5",
        r#"between(process.command_line, "a", "b") == "c" and process.command_line == "acb""#,
        "(process.pid > 3) == true",
    ] {
        assert!(found(&eql(&format!("any where {condition}"))), "{condition}");
    }
}

#[test]
fn equal_fields_get_one_value_that_satisfies_both() {
    let text = r#"any where process.name == user.name and process.name : "a*" and user.name : "*z""#;
    assert_eq!(text_of(text, "process.name"), text_of(text, "user.name"));
}

#[test]
fn a_field_that_must_hold_two_values_holds_a_list() {
    let text = r#"process where process.args == "-a" and process.args == "-b""#;
    assert_eq!(value(text, "process.args"), json!(["-a", "-b"]));
    // The category of the event is such a field too.
    assert_eq!(
        value(r#"file where event.category == "malware""#, "event.category"),
        json!(["file", "malware"])
    );
}

#[test]
fn null_is_an_absent_field_and_not_null_a_value() {
    assert_eq!(value("process where process.name == null", "process.name"), Json::Null);
    assert!(
        value("process where process.working_directory != null", "process.working_directory").is_string()
    );
}

#[test]
fn sigma_tells_null_from_a_missing_field() {
    let rule = |condition: &str| {
        sigma(&format!(
            "title: a\nlogsource: {{category: process_creation}}\ndetection:\n  s:\n{condition}\n  condition: s\n"
        ))
    };
    let there = events(&rule("    Foo|exists: true\n    Foo: null"));
    assert_eq!(at(&there[0], "Foo"), &json!([]));
    let gone = events(&rule("    Foo|exists: false"));
    assert_eq!(at(&gone[0], "Foo"), &Json::Null);
}

#[test]
fn numbers_dates_and_addresses_are_found_between_bounds() {
    let number = |condition: &str| value(&format!("any where {condition}"), "process.pid").as_i64().unwrap();
    assert!((8..=9).contains(&number("process.pid > 7 and process.pid < 10 and process.pid != 8.5")));
    let date =
        text_of(r#"any where event.created >= "2024-05" and event.created < "2024-05-02""#, "event.created");
    assert!(date.starts_with("2024-05-01T"), "{date}");
    let recent = text_of(r#"any where event.created > "now-1h" and event.created < "now""#, "event.created");
    assert!(recent.starts_with("2025-01-15T11:"), "{recent}");
    let ip = r#"network where cidrMatch(source.ip, "10.0.0.0/8") and not cidrMatch(source.ip, "10.0.0.0/9", "10.128.0.0/10")"#;
    let ip: std::net::Ipv4Addr = text_of(ip, "source.ip").parse().unwrap();
    assert!(ip.octets()[0] == 10 && ip.octets()[1] >= 192, "{ip}");
}

#[test]
fn the_time_of_an_event_is_what_its_rule_says() {
    let stamp = text_of(r#"process where @timestamp == "2020-02""#, "@timestamp");
    assert!(stamp.starts_with("2020-02-"), "{stamp}");
}

#[test]
fn sigma_asks_for_parts_of_a_time() {
    let rule = sigma(
        "title: a\nlogsource: {category: process_creation}\ndetection:\n  s:\n    Time|hour: 3\n    Time|minute|gte: 50\n  condition: s\n",
    );
    let event = &events(&rule)[0];
    let time = at(event, "Time").as_str().unwrap();
    assert!(time.contains("T03:5"), "{time}");
}

#[test]
fn keywords_stand_in_some_field() {
    let rule = sigma(
        "title: a\nlogsource: {product: linux}\ndetection:\n  k:\n    - 'out of *memory'\n    - other\n  condition: k\n",
    );
    assert_eq!(at(&events(&rule)[0], "message"), &json!("out of memory"));
}

#[test]
fn elements_and_processes_above_are_made_too() {
    let rule = eql(
        r#"process where _arraysearch(process.args_list, $e, $e.name == "a" and $e.rank > 3) and descendant of [process where process.name == "winword.exe"]"#,
    );
    let stream = events(&rule);
    assert_eq!(stream.len(), 2);
    assert_eq!(at(&stream[0], "process.name"), "winword.exe");
    assert_eq!(at(&stream[0], "process.entity_id"), at(&stream[1], "process.parent.entity_id"));
}

#[test]
fn a_limit_gives_other_ways() {
    let rule = eql(r#"any where user.name == "a" or user.name == "b" or process.name == "c""#);
    let Outcome::Found(all) = witness(&rule, 10) else { panic!("found") };
    assert!(all.len() >= 2, "{}", all.len());
    assert_eq!(witness(&rule, 1), Search::new().witness(&rule));
}

#[test]
fn contradictions_name_the_test_and_what_excludes_it() {
    for (condition, wanted) in [
        (
            r#"process.name : "power*" and not process.name : "p*""#,
            r#"process.name: process.name : "power*" | process.name : "p*""#,
        ),
        ("process.pid > 5 and not process.pid > 3", "process.pid: process.pid > 5 | process.pid > 3"),
        (
            r#"event.created > "2024-05" and not event.created > "2023""#,
            r#"event.created: event.created > "2024-05" | event.created > "2023""#,
        ),
        (
            r#"cidrMatch(source.ip, "10.1.0.0/16") and not cidrMatch(source.ip, "10.0.0.0/9", "10.128.0.0/9")"#,
            r#"source.ip: cidrMatch(source.ip, "10.1.0.0/16") | cidrMatch(source.ip, "10.0.0.0/9", "10.128.0.0/9")"#,
        ),
        (
            r#"length(process.name) > 3 and not length(process.name) > 2"#,
            "process.name: length(process.name) > 3 | length(process.name) > 2",
        ),
        (
            r#"startsWith(user.name, "a") and user.name == null"#,
            r#"user.name: startsWith(user.name, "a") | user.name == null"#,
        ),
    ] {
        assert_eq!(proven(&format!("any where {condition}")), [wanted], "{condition}");
    }
}

#[test]
fn several_exclusions_together_are_a_contradiction() {
    let text = r#"any where user.name in ("a", "b") and not user.name == "a" and not user.name : "b*""#;
    let found = proven(text);
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with(r#"user.name == "a" | user.name : "b*""#), "{found:?}");
}

#[test]
fn every_alternative_must_be_contradictory() {
    let text = r#"any where (user.name : "a*" or user.name : "b*") and not user.name : "?*""#;
    assert_eq!(proven(text).len(), 2);
    assert!(found(&eql(r#"any where (user.name : "a*" or user.id == "b") and not user.name : "a*""#)));
}

#[test]
fn many_alternatives_are_proven_contradictory_without_all_their_combinations() {
    let group = |field: &str| {
        let list: Vec<String> = (0..12).map(|at| format!("{field} : \"{at}*\"")).collect();
        format!("({})", list.join(" or "))
    };
    let groups: Vec<String> = ["user.id", "user.domain", "host.id"].map(group).to_vec();
    let text =
        format!(r#"any where {} and user.name : "a*" and not user.name : "*a*""#, groups.join(" and "));
    assert_eq!(proven(&text).len(), 1);
}

#[test]
fn different_values_are_no_contradiction_for_a_field_can_hold_several() {
    assert!(found(&eql(r#"any where user.name == "a" and user.name == "b""#)));
    assert!(found(&eql("any where process.pid > 5 and process.pid < 3")));
}

#[test]
fn a_key_that_must_not_be_there_and_a_step_without_events_are_proofs() {
    let text = "sequence by user.name [process where user.name == null] [file where true]";
    assert_eq!(proven(text), ["user.name: user.name | user.name == null"]);
    let text = r#"sequence [process where true] [file where user.name : "a" and not user.name : ("a", "b")]"#;
    assert_eq!(proven(text).len(), 1);
}

#[test]
fn other_elements_of_an_array_are_not_forgotten_by_proofs() {
    let text = r#"any where _arraysearch(x, $e, $e.a == "1" and not $e.a == "2") and _arraysearch(x, $e, $e.a == "2" and not $e.a == "1")"#;
    assert!(!matches!(Search::new().witness(&eql(text)), Outcome::Never(_)));
}

#[test]
fn fields_that_hold_more_than_texts_are_not_proven_by_texts() {
    // `string` makes a text of the number 5, which the pattern does not look at.
    let text = r#"any where string(?foo.bar) == "5" and not ?foo.bar == "5""#;
    assert!(!matches!(Search::new().witness(&eql(text)), Outcome::Never(_)));
}

#[test]
fn the_bound_is_a_number_of_steps() {
    let rule =
        eql(r#"any where process.name regex "(a|b)*(c|d)*" and not process.name : ("a*", "b*", "c*", "") "#);
    assert_eq!(Search::new().steps(1).witness(&rule), Outcome::Unknown(Reason::OutOfSteps));
    assert!(found(&rule));
}

#[test]
fn seeds_vary_what_is_free_and_nothing_else() {
    let rule = eql(r#"process where process.name == "a.exe""#);
    let of = |seed: u64| match Search::new().seed(seed).witness(&rule) {
        Outcome::Found(found) => found[0].events[0].clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
    for path in ["@timestamp", "host.name", "user.name", "process.pid", "process.entity_id"] {
        assert_ne!(at(&of(3), path), at(&of(4), path), "{path}");
    }
    assert_eq!(at(&of(3), "process.name"), at(&of(4), "process.name"));
}

#[test]
fn what_events_hold_twice_agrees() {
    let text = r#"process where process.executable : "C:\\Tools\\*" and process.name : "*.exe""#;
    let event = &events(&eql(text))[0];
    let (path, name) =
        (at(event, "process.executable").as_str().unwrap(), at(event, "process.name").as_str().unwrap());
    assert!(path.ends_with(&format!("\\{name}")), "{path} {name}");
    let event = &events(&eql(r#"process where process.name == "tool.exe""#))[0];
    assert_eq!(at(event, "process.executable"), r"C:\Program Files\Example\tool.exe");
    assert_eq!(at(event, "event.type"), "start");
    assert_eq!(at(event, "host.os.type"), "windows");
    let event = &events(&eql(r#"process where process.executable == "/usr/bin/curl""#))[0];
    assert_eq!(at(event, "process.name"), "curl");
    assert_eq!(at(event, "host.os.type"), "linux");
}

#[test]
fn parts_of_paths_are_those_of_the_paths() {
    let registry = r#"registry where host.os.type == "windows" and registry.value : "AppInit_Dlls""#;
    assert_eq!(text_of(registry, "registry.path"), "HKEY_LOCAL_MACHINE\\Software\\Example\\AppInit_Dlls");
    let both = r#"registry where registry.path : "HKLM\\SYSTEM\\*" and registry.value == "Start""#;
    assert_eq!(text_of(both, "registry.path"), "HKLM\\SYSTEM\\Start");
    assert_eq!(
        (text_of(both, "registry.hive"), text_of(both, "registry.key")),
        ("HKLM".to_owned(), "SYSTEM".to_owned())
    );
    let without = r#"file where host.os.type == "linux" and file.extension == null"#;
    assert_eq!(text_of(without, "file.name"), "report");
    let with = r#"file where host.os.type == "windows" and file.extension == "exe" and file.path : "?:\\Windows\\*""#;
    assert!(text_of(with, "file.path").ends_with(".exe"), "{}", text_of(with, "file.path"));
    let machine = r#"file where endsWith(user.name, "$") and
        startsWith~(concat(host.name, "."), concat(substring(user.name, 0, -1), "."))"#;
    assert!(text_of(machine, "user.name").ends_with('$'), "one name, and not two");
}

#[test]
fn sigma_events_look_like_records_of_their_log_source() {
    let rule = sigma(
        "title: a\nlogsource: {category: process_creation, product: windows}\ndetection:\n  s:\n    Image|endswith: '\\tool.exe'\n  condition: s\n",
    );
    let event = &events(&rule)[0];
    assert_eq!(at(event, "Image"), r"C:\Windows\System32\tool.exe");
    for path in ["EventID", "CommandLine", "ParentImage", "ProcessGuid", "User", "UtcTime", "Hashes"] {
        assert!(!at(event, path).is_null(), "{path}");
    }
    assert_eq!(at(event, "OriginalFileName"), "tool.exe");
}

#[test]
fn texts_of_windows_have_the_shape_that_its_log_gives_to_them() {
    let value = |product: &str, test: &str, path: &str| {
        let rule = sigma(&format!(
            "title: a\nlogsource: {{category: process_creation, product: {product}}}\ndetection:\n  s:\n    {test}\n  condition: s\n",
        ));
        at(&events(&rule)[0], path).as_str().unwrap().to_owned()
    };
    assert_eq!(value("windows", "User|contains: AUTHORI", "User"), r"EXAMPLE\AUTHORI");
    assert_eq!(value("windows", "User|startswith: 'NT AUTH'", "User"), r"NT AUTH\alice");
    assert_eq!(value("windows", r"User|endswith: '\SYSTEM'", "User"), r"EXAMPLE\SYSTEM");
    assert_eq!(value("windows", "User: AUTHORI", "User"), "AUTHORI");
    assert_eq!(value("linux", "User|contains: root", "User"), "root");
    // What looks like a path of another system does not make it one.
    assert_eq!(value("windows", "CommandLine: '/set'", "User"), r"EXAMPLE\alice");
    assert_eq!(
        value("windows", r"CurrentDirectory|contains: '\Temp'", "CurrentDirectory"),
        r"C:\Windows\System32\Temp\"
    );
    let digest = "00112233445566778899aabbccddeeff";
    assert_eq!(value("windows", &format!("Hashes|contains: {digest}"), "Hashes"), format!("MD5={digest}"));
}

#[test]
fn a_rule_that_cannot_be_evaluated_says_why() {
    let mut rule = eql("sequence [any where true] [any where true]");
    if let Body::Sequence(sequence) = &mut rule.body {
        sequence.steps.iter_mut().for_each(|step| step.runs = 200);
    }
    let Outcome::Unknown(Reason::NotEvaluable(why)) = Search::new().witness(&rule) else { panic!("not run") };
    assert!(why.contains("400 steps"), "{why}");
}

#[test]
fn hostile_sizes_end_within_bounds() {
    let many: Vec<String> = (0..400).map(|at| format!(r#"user.name : "*{at}*x*""#)).collect();
    let text = format!("any where {} and not user.name : \"*7*\"", many.join(" and "));
    assert!(!matches!(Search::new().witness(&eql(&text)), Outcome::Never(_)));
    let rule = eql(&format!("any where {}", many.join(" or ")));
    assert_eq!(query(&rule).filter.tests().len(), 400.min(query(&rule).filter.tests().len()));
    assert!(found(&rule));
}

#[test]
fn a_search_is_given_up_when_its_time_has_passed() {
    let rule = eql(r#"process where process.name regex """[a-c]{3}\.exe""" and length(process.name) == 7"#);
    let late = Search::new().until(Some(std::time::Instant::now()));
    assert!(matches!(late.witness(&rule), Outcome::Unknown(_)));
    assert_eq!(late.near_misses(&rule), []);
    assert!(found(&rule));
}
