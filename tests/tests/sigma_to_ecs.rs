//! Sigma rules for Elasticsearch: how many of SigmaHQ's compile exactly, that none of the outputs is rejected, and
//! that they find in stored documents what the rules find in the records of the log.

#[path = "sigma_to_ecs/records.rs"]
mod records;

use std::collections::BTreeMap;
use std::path::PathBuf;

use eqlc_backend::{Backend, Loss, Settings};
use eqlc_diagnostics::{Diagnostic, Severity};
use eqlc_driver::{
    Input, LoadOptions, LoadedRule, Outcome, Registry, compile, load_bytes, load_query, verify_rule,
};
use eqlc_ir::{Body, LogSource};
use eqlc_tests::regression::regression;
use eqlc_tests::sigma::{Tally, corpus, corpus_with_lists, log_source, started_at};
use eqlc_verify::fixtures::Stream;
use eqlc_verify::project::WindowsRecord;
use serde_json::Value;

fn registry() -> Registry {
    Registry::new().expect("the backends")
}

/// The rules of SigmaHQ.
const SIGMAHQ: &str = "corpus/sigma-rules";

/// The log source of a file that did not load.
fn log_source_of_file(input: &Input) -> String {
    let text = std::fs::read_to_string(input.path.as_ref().expect("a file")).expect("readable");
    let part = |name: &str| {
        let block = text.split_once("\nlogsource:").map_or("", |(_, rest)| rest);
        let block = block.split_once("\ndetection:").map_or(block, |(block, _)| block);
        block.lines().find_map(|line| {
            line.trim().strip_prefix(name)?.strip_prefix(':').map(|value| value.trim().to_owned())
        })
    };
    LogSource { product: part("product"), category: part("category"), service: part("service") }.to_string()
}

/// How a rule goes by its losses, and what is wrong with its output: the laws that need no events, and the strict check.
fn outcome(rule: &LoadedRule, backend: &dyn Backend) -> (Outcome, Vec<String>) {
    let settings = Settings::default();
    let report = verify_rule(&rule.rule, &[(backend, &settings)], &[], None);
    let [target] = report.targets.as_slice() else { panic!("one target") };
    let broken = target.failures.iter().map(|failure| format!("{}: {}", failure.law.title(), failure.found));
    let artifact = compile(&rule.rule, backend, &settings).map(|compiled| compiled.artifact);
    let changes = |loss: &Loss| loss.direction.allows_extra() || loss.direction.allows_missing();
    let outcome = match &artifact {
        Ok(artifact) if !artifact.losses.iter().any(changes) => Outcome::Exact,
        Ok(_) => Outcome::Either,
        Err(_) => Outcome::Refused,
    };
    let rejected = artifact.map_or_else(|_| Vec::new(), |artifact| rejected(&artifact.text));
    (outcome, broken.chain(rejected).collect())
}

fn tell(diagnostic: &Diagnostic) -> String {
    format!("{} {}", diagnostic.code, diagnostic.message)
}

/// What the strict check says of a query.
fn rejected(text: &str) -> Vec<String> {
    let options = LoadOptions { strict_fields: true, ..LoadOptions::default() };
    let unit = load_query(text, options);
    unit.diagnostics.iter().filter(|found| found.severity == Severity::Error).map(tell).collect()
}

#[test]
fn sigmahq_compiles_exactly_and_no_output_is_rejected() {
    // Most of the lists are of hosts.
    let Some(units) = corpus_with_lists(SIGMAHQ, &["10.0.0.1"]) else { return };
    let registry = registry();
    let backend = registry.find("elasticsearch").expect("the target");
    let mut table: BTreeMap<String, Tally> = BTreeMap::new();
    let mut wrong = Vec::new();
    for unit in &units {
        for rule in &unit.rules {
            let (outcome, found) = outcome(rule, backend);
            table.entry(log_source(&rule.rule)).or_default().count(outcome);
            wrong.extend(found.iter().map(|found| format!("{}: {found}", unit.input.relative.display())));
        }
        for _ in 0..unit.broken {
            table.entry(log_source_of_file(&unit.input)).or_default().count(Outcome::Refused);
        }
    }
    let (mut all, mut windows) = (Tally::default(), Tally::default());
    println!("{}", Tally::heading("exact"));
    for (name, tally) in &table {
        println!("{}", tally.line(name, tally.exact_share()));
        all.add(tally);
        if name.starts_with("windows/") {
            windows.add(tally);
        }
    }
    for (name, tally) in [("windows", &windows), ("all", &all)] {
        println!("{}", tally.line(name, tally.exact_share()));
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(all.all > 2_000, "{} rules", all.all);
    assert!(
        windows.exact_share() >= 98.0,
        "{:.2} % of the rules for Windows are exact",
        windows.exact_share()
    );
    assert!(all.exact_share() >= 95.0, "{:.2} % of all rules are exact", all.exact_share());
}

/// Every exact output finds among all the documents of the regression tests what its rule finds among the records,
/// its own among them.
#[test]
fn outputs_find_in_documents_what_rules_find_in_records() {
    let (Some(tests), Some(units)) = (regression(), corpus(SIGMAHQ)) else { return };
    let registry = registry();
    let backend = registry.find("elasticsearch").expect("the target");
    let settings = Settings::default();
    let everything: Vec<Value> = tests.values().flatten().cloned().collect();
    let (mut held, mut lossy, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    for rule in units.iter().flat_map(|unit| &unit.rules) {
        let own = rule.rule.meta.id.as_ref().and_then(|id| tests.get(id));
        let Some(own) = own else { continue };
        let stream = |name: &str, events: &[Value]| Stream {
            name: name.to_owned(),
            matches: Vec::new(),
            events: events.to_vec(),
        };
        let streams = [stream("own", own), stream("everything", &everything)];
        let report = verify_rule(&rule.rule, &[(backend, &settings)], &streams, None);
        let [target] = report.targets.as_slice() else { panic!("one target") };
        // Without a match the comparison would prove little: the fixture of the rule is what it finds itself.
        let finds = report.fixture.iter().any(|failure| failure.stream.as_deref() == Some("own"));
        match target.outcome {
            Outcome::Exact if finds && target.skipped.is_empty() => held += 1,
            Outcome::Wider | Outcome::Narrower | Outcome::Either => lossy += 1,
            Outcome::Refused => refused += 1,
            _ => wrong.push(format!(
                "{}: finds its events: {finds}, {:?} {:?}",
                rule.rule.meta.name, target.failures, target.skipped
            )),
        }
    }
    println!(
        "{held} outputs agree with their rules on {} events; {lossy} lossy, {refused} refused",
        everything.len()
    );
    assert_eq!(wrong, Vec::<String>::new());
    assert!(held > 70, "{held} rules");
}

/// Sequences alert on the streams on which correlations do.
#[test]
fn sequences_alert_where_correlations_do() {
    let part = |name: &str| {
        format!(
            "title: {name}\nname: {name}\nid: 00000000-0000-4000-8000-0000000000{name}\nlogsource: {{product: windows, category: process_creation}}\ndetection:\n  s:\n    Image: {name}\n  condition: s\n---\n"
        )
    };
    let correlation = |kind: &str, rules: &str, rest: &str| {
        format!(
            "{}{}title: C\nid: 00000000-0000-4000-8000-000000000001\ncorrelation:\n  type: {kind}\n  rules: {rules}\n  group-by: [Computer, User]\n  timespan: 5m\n{rest}",
            part("aa"),
            part("bb")
        )
    };
    let ordered = correlation("temporal_ordered", "[aa, bb]", "");
    let counted = correlation("event_count", "[aa]", "  condition:\n    gte: 3\n");
    let ordered_streams = [
        (true, vec![("h", "aa", 0), ("h", "bb", 300)]),
        (false, vec![("h", "aa", 0), ("h", "bb", 301)]),
        (false, vec![("h", "bb", 0), ("h", "aa", 60)]),
        (false, vec![("h", "aa", 0), ("g", "bb", 60)]),
        (true, vec![("h", "aa", 0), ("h", "aa", 200), ("h", "bb", 400)]),
    ];
    let counted_streams = [
        (false, vec![("h", "aa", 0), ("h", "aa", 1)]),
        (true, vec![("h", "aa", 0), ("h", "aa", 1), ("h", "aa", 300)]),
        (false, vec![("h", "aa", 0), ("h", "aa", 1), ("h", "aa", 301)]),
        (false, vec![("h", "aa", 0), ("h", "aa", 1), ("g", "aa", 2)]),
        (true, vec![("h", "aa", 0), ("h", "aa", 400), ("g", "aa", 401), ("h", "aa", 402), ("h", "aa", 403)]),
    ];
    for (text, streams) in [(ordered, ordered_streams), (counted, counted_streams)] {
        let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
        let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
        let correlation = |rule: &&LoadedRule| matches!(rule.rule.body, Body::Correlation(_));
        let rule = unit.rules.iter().find(correlation).expect("a correlation");
        let streams: Vec<(bool, Stream)> = streams
            .into_iter()
            .enumerate()
            .map(|(at, (alerts, events))| {
                let events = events
                    .into_iter()
                    .map(|(host, image, at)| started_at(host, "CONTOSO\\ana", image, at))
                    .collect();
                (alerts, Stream { name: at.to_string(), matches: Vec::new(), events })
            })
            .collect();
        let registry = registry();
        let backend = registry.find("elasticsearch").expect("the target");
        let settings = Settings::default();
        let all: Vec<Stream> = streams.iter().map(|(_, stream)| stream.clone()).collect();
        let report = verify_rule(&rule.rule, &[(backend, &settings)], &all, None);
        let [target] = report.targets.as_slice() else { panic!("one target") };
        assert_eq!((target.outcome, target.compared), (Outcome::Exact, all.len()), "{:?}", target.failures);
        // A fixture without matches is contradicted by what alerts.
        let alerting: Vec<&str> = report.fixture.iter().filter_map(|found| found.stream.as_deref()).collect();
        let wanted: Vec<&str> =
            streams.iter().filter(|(alerts, _)| *alerts).map(|(_, stream)| stream.name.as_str()).collect();
        assert_eq!(alerting, wanted);
    }
}

/// The same over records made from the rules themselves.
#[test]
fn outputs_and_rules_agree_on_records_made_from_rules() {
    let Some(units) = corpus(SIGMAHQ) else { return };
    let registry = registry();
    let backend = registry.find("elasticsearch").expect("the target");
    let settings = Settings::default();
    let (mut rules, mut found, mut events, mut wrong) = (0, 0, 0, Vec::new());
    for rule in units.iter().flat_map(|unit| &unit.rules) {
        let records = records::records(&rule.rule);
        if records.is_empty() {
            continue;
        }
        let stream = Stream { name: "made".to_owned(), matches: Vec::new(), events: records };
        let report = verify_rule(&rule.rule, &[(backend, &settings)], std::slice::from_ref(&stream), None);
        let [target] = report.targets.as_slice() else { panic!("one target") };
        rules += 1;
        events += stream.events.len();
        found += usize::from(!report.fixture.is_empty());
        if target.outcome == Outcome::Disagrees || !target.skipped.is_empty() {
            let failures: Vec<&str> = target.failures.iter().map(|failure| failure.found.as_str()).collect();
            let example = target.failures.first().and_then(|failure| {
                let digits = failure.found.split(|c: char| !c.is_ascii_digit());
                stream.events.get(digits.filter_map(|digits| digits.parse::<usize>().ok()).next()?)
            });
            wrong.push(format!("{}: {failures:?} {:?} {example:?}", rule.rule.meta.name, target.skipped));
        }
    }
    println!("{rules} rules, {found} of them with a match, agree on {events} records made from them");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(found > 1_500, "{found} of {rules} rules find a record");
}

#[test]
fn every_record_of_the_regression_tests_is_read() {
    let Some(tests) = regression() else { return };
    let records: Vec<Option<WindowsRecord>> = tests.values().flatten().map(WindowsRecord::read).collect();
    assert!(records.len() > 100, "{} records", records.len());
    assert!(records.iter().all(Option::is_some));
}

/// A rule of a log source with a detection, compiled.
fn compiled(log_source: &str, detection: &str) -> String {
    let text = format!(
        "title: T\nid: 00000000-0000-4000-8000-000000000001\nlogsource:\n  {}\ndetection:\n{}\n",
        log_source.replace(", ", "\n  "),
        detection
    );
    compiled_file(&text)
}

fn compiled_file(text: &str) -> String {
    let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
    let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
    let errors: Vec<String> =
        unit.diagnostics.iter().filter(|found| found.severity == Severity::Error).map(tell).collect();
    if !errors.is_empty() {
        return errors.join("\n");
    }
    let registry = registry();
    let backend = registry.find("elasticsearch").expect("the target");
    let rules = unit.rules.iter().map(|rule| match compile(&rule.rule, backend, &Settings::default()) {
        Ok(compiled) => {
            assert_eq!(rejected(&compiled.artifact.text), Vec::<String>::new(), "{}", compiled.artifact.text);
            let losses = compiled.artifact.losses.iter();
            let losses: Vec<String> =
                losses.map(|loss| format!("# {} {}: {}\n", loss.code, loss.direction, loss.why)).collect();
            format!("{}{}", losses.concat(), compiled.artifact.text)
        }
        Err(refused) => refused.iter().map(|found| format!("{}\n", tell(found))).collect(),
    });
    rules.collect()
}

const START: &str = "product: windows, category: process_creation";

fn started(tests: &str) -> String {
    compiled(START, &format!("  s:\n    {}\n  condition: s", tests.replace('\n', "\n    ")))
}

#[test]
fn accounts_are_taken_apart() {
    insta::assert_snapshot!(
        [
            started(r"User: 'NT AUTHORITY\SYSTEM'"),
            started(r"User|contains: 'AUTHORI'"),
            started(r"User|startswith: 'NT AUT'"),
            started(r"User|endswith: '\adm?n'"),
            started("User: SYSTEM"),
            started("User: null"),
        ]
        .join("\n")
    );
}

#[test]
fn hashes_are_taken_apart() {
    insta::assert_snapshot!([
        started("Hashes|contains:\n  - 'SHA1=5F1CBC3D99558307BC1250D084FA968521482025'\n  - 'IMPHASH=444D210CEA1FF8112F256A4997EED7FF'"),
        started("Hashes|contains: 5F1CBC3D99558307BC1250D084FA968521482025"),
        started("Hashes: 'MD5=444D210CEA1FF8112F256A4997EED7FF'"),
        started("Hashes|contains: 'SHA1=5F1C'"),
        started("Imphash: 444D210CEA1FF8112F256A4997EED7FF"),
    ].join("\n"));
}

#[test]
fn values_of_the_log_become_those_of_documents() {
    let connection = |tests: &str| {
        compiled(
            "product: windows, category: network_connection",
            &format!("  s:\n    {tests}\n  condition: s"),
        )
    };
    insta::assert_snapshot!(
        [
            connection("Initiated: 'true'"),
            connection("Initiated: true"),
            connection("Initiated: 'false'"),
            connection("DestinationPort: [80, '443']"),
            connection("DestinationPort|startswith: '44'"),
            connection("DestinationIp: ['127.0.0.1', '0:0:0:0:0:0:0:1']"),
            connection("DestinationIp|startswith: '10.1.'"),
            connection("DestinationIp|cidr: ['10.0.0.0/8', 'fe80::/10']"),
            connection("DestinationIsIpv6: 'false'"),
            connection("Protocol: tcp"),
            started("IntegrityLevel: [System, S-1-16-16384]"),
            started(r"CurrentDirectory|endswith: '\Temp\'"),
            compiled(
                "product: linux, category: process_creation",
                "  s:\n    CurrentDirectory|endswith: '/tmp/'\n  condition: s",
            ),
        ]
        .join("\n")
    );
}

#[test]
fn the_registry_is_asked_for_values() {
    let set = |tests: &str| {
        let tests = tests.replace('\n', "\n    ");
        compiled("product: windows, category: registry_set", &format!("  s:\n    {tests}\n  condition: s"))
    };
    insta::assert_snapshot!(
        [
            set("Details: 'DWORD (0x00000001)'"),
            set("Details|contains: 'powershell'"),
            set("Details|startswith: DWORD"),
            set("Details|contains: '0000'"),
            set("Details: ['(Empty)', 'Binary Data', '']"),
            set(r"TargetObject|startswith: 'HKLM\SOFTWARE\'"),
            set(r"TargetObject|contains: '\CurrentControlSet\Services\'"),
            set("EventType: SetValue"),
            compiled(
                "product: windows, category: registry_delete",
                "  s:\n    TargetObject|endswith: 'x'\n  condition: s"
            ),
        ]
        .join("\n")
    );
}

#[test]
fn what_several_producers_write_is_looked_for_in_each_place() {
    let loaded = |tests: &str| {
        compiled("product: windows, category: image_load", &format!("  s:\n    {tests}\n  condition: s"))
    };
    insta::assert_snapshot!(
        [
            loaded(r"ImageLoaded|endswith: '\dbghelp.dll'"),
            loaded("Signed: 'false'"),
            loaded("SignatureStatus: Valid"),
            loaded("Company: '-'"),
            compiled(
                "product: windows, category: image_load",
                "  s:\n    ImageLoaded: x\n  f:\n    Signed: 'true'\n  condition: s and not f"
            ),
        ]
        .join("\n")
    );
}

#[test]
fn channels_and_numbers_of_events_are_texts() {
    let security = |tests: &str| {
        let tests = tests.replace('\n', "\n    ");
        compiled("product: windows, service: security", &format!("  s:\n    {tests}\n  condition: s"))
    };
    insta::assert_snapshot!(
        [
            security("EventID: 4688\nLogonType: 3"),
            security("EventID: [4624, '4625']\nSubjectUserName|endswith: '$'"),
            security("Keywords: '0x8020000000000000'"),
            security("EventID|gte: 4600"),
            security("IpAddress|cidr: 10.0.0.0/8"),
            compiled(
                "product: windows, service: unheard-of",
                "  s:\n    EventID: 1\n    Odd Name: x\n  condition: s"
            ),
            compiled("product: unheard-of", "  s:\n    some.field: x\n  condition: s"),
        ]
        .join("\n")
    );
}

#[test]
fn modifiers_have_their_forms() {
    insta::assert_snapshot!([
        started(r"CommandLine|re: '\.exe\s+-enc'"),
        started("CommandLine|re: '^foo$'"),
        started("CommandLine|re|i: 'foo\"bar'"),
        started("CommandLine|re: 'a/b'"),
        started(r"CommandLine|contains: 'a\*b'"),
        started(r"CommandLine|contains: 'what\?'"),
        started(r"CommandLine|contains: 'a\*b*c\?'"),
        started("CommandLine|contains|cased: FooBar"),
        started("CommandLine|contains|cased: [FooBar, Baz]"),
        started("ParentImage|exists: false"),
        started("ParentImage: null"),
        started("ParentImage|neq: x"),
        started("Image|fieldref: ParentImage"),
        started("Image|cased|fieldref: ParentImage"),
        started("ProcessId|fieldref: ParentProcessId"),
        started("Image|fieldref|endswith: OriginalFileName"),
        started("CommandLine|windash|contains: ' -enc '"),
        started("CommandLine|base64offset|contains: 'foo'"),
        started("CommandLine: \"a\\nb\""),
        compiled(START, "  keywords:\n    - mimikatz\n  condition: keywords"),
        compiled(START, "  a:\n    Image: a\n  b:\n    CommandLine: b\n  c:\n    ParentImage: c\n  condition: 2 of them"),
        compiled("category: proxy", "  s:\n    c-useragent: ''\n    cs-method: GET\n  condition: s"),
    ].join("\n"));
}

#[test]
fn correlations_become_sequences_where_these_find_the_same() {
    let rule = |name: &str, test: &str| {
        format!(
            "title: {name}\nname: {name}\nid: 00000000-0000-4000-8000-0000000000{:02}\nlogsource:\n  product: windows\n  category: process_creation\ndetection:\n  s:\n    {test}\n  condition: s\n---\n",
            name.len() + 10
        )
    };
    let both = rule("a", "Image: a") + &rule("bb", "Image: b");
    let correlation = |kind: &str, rules: &str, rest: &str| {
        format!(
            "title: C\nid: 00000000-0000-4000-8000-000000000001\ncorrelation:\n  type: {kind}\n  rules: {rules}\n  group-by: [Computer, User]\n  timespan: 5m\n{rest}"
        )
    };
    let one_key = |text: String| text.replace("[Computer, User]", "[Computer]");
    insta::assert_snapshot!(
        [
            compiled_file(&(both.clone() + &one_key(correlation("temporal_ordered", "[a, bb]", "")))),
            compiled_file(&(both.clone() + &correlation("temporal_ordered", "[a, bb]", ""))),
            compiled_file(&(both.clone() + &one_key(correlation("temporal", "[a, bb]", "")))),
            compiled_file(
                &(rule("a", "Image: a")
                    + &one_key(correlation("event_count", "[a]", "  condition:\n    gt: 5\n")))
            ),
            compiled_file(
                &(rule("a", "Image: a")
                    + &one_key(correlation("event_count", "[a]", "  condition:\n    lt: 5\n")))
            ),
            compiled_file(
                &(rule("a", "Image: a")
                    + &one_key(correlation(
                        "value_count",
                        "[a]",
                        "  condition:\n    gte: 5\n    field: Image\n"
                    )))
            ),
        ]
        .join("\n")
    );
}
