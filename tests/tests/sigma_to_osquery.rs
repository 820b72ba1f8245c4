//! Sigma rules for osquery: how many of SigmaHQ's compile, that every output prepares on SQLite with all tables and
//! functions of osquery, and that outputs find in the rows of recorded events what the rules find in the events.

#[path = "sigma_to_ecs/records.rs"]
mod records;

use std::collections::BTreeMap;
use std::path::PathBuf;

use eqlc_backend::{Backend, Settings};
use eqlc_driver::{
    Input, LoadOptions, LoadedRule, Outcome, Registry, Unit, compile, load_bytes, verify_rule,
};
use eqlc_ir::{Body, Rule};
use eqlc_tests::osquery::Prepared;
use eqlc_tests::regression::regression;
use eqlc_tests::sigma::{Tally, corpus, log_source, started_at};
use eqlc_verify::fixtures::Stream;
use serde_json::Value;

fn settings(profile: &str) -> Settings {
    let mut settings = Settings::default();
    settings.options.insert("profile".to_owned(), profile.to_owned());
    settings
}

fn registry() -> Registry {
    Registry::new().expect("the backends")
}

/// What came of a corpus.
#[derive(Default)]
struct Counted {
    by_source: BTreeMap<String, Tally>,
    /// Refusals by code and message.
    refusals: BTreeMap<String, usize>,
    /// Outputs that do not prepare or read back.
    wrong: Vec<String>,
}

impl Counted {
    fn of(units: &[Unit], backend: &dyn Backend, profile: &str) -> Self {
        let settings = settings(profile);
        let prepared = Prepared::new();
        let mut counted = Self::default();
        for unit in units {
            for rule in &unit.rules {
                counted.count(rule, backend, &settings, &prepared);
            }
            if unit.broken > 0 {
                let tally = counted.by_source.entry("not loaded".to_owned()).or_default();
                tally.all += unit.broken;
                tally.refused += unit.broken;
            }
        }
        counted
    }

    fn count(&mut self, rule: &LoadedRule, backend: &dyn Backend, settings: &Settings, prepared: &Prepared) {
        let source = log_source(&rule.rule);
        let tally = self.by_source.entry(source.clone()).or_default();
        tally.all += 1;
        match compile(&rule.rule, backend, settings) {
            Ok(compiled) => {
                if compiled.artifact.losses.is_empty() {
                    tally.exact += 1;
                } else {
                    tally.lossy += 1;
                }
                if let Err(error) = prepared.prepare(&compiled.artifact.text) {
                    self.wrong.push(format!("{}: {error}\n{}", rule.rule.meta.name, compiled.artifact.text));
                }
            }
            Err(refused) => {
                tally.refused += 1;
                assert!(!refused.is_empty(), "{}", rule.rule.meta.name);
                for diagnostic in refused {
                    let message: String = diagnostic.message.chars().take(110).collect();
                    *self.refusals.entry(format!("{} {message}", diagnostic.code)).or_default() += 1;
                }
            }
        }
    }

    fn total(&self, product: &str) -> Tally {
        let mut total = Tally::default();
        for (name, tally) in &self.by_source {
            if name.starts_with(product) {
                total.add(tally);
            }
        }
        total
    }

    fn print(&self, title: &str) {
        println!("\n{title}");
        println!("{}", Tally::heading("compiled"));
        for (name, tally) in &self.by_source {
            println!("{}", tally.line(name, tally.compiled_share()));
        }
        let all = self.total("");
        println!("{}", all.line("all", all.compiled_share()));
        for (refusal, count) in &self.refusals {
            println!("{count:>5}  {refusal}");
        }
    }
}

#[test]
fn windows_rules_compile_for_the_event_log_and_every_output_prepares() {
    let Some(units) = corpus("corpus/sigma-rules/rules/windows") else { return };
    let registry = registry();
    let backend = registry.find("osquery").expect("the target");
    let counted = Counted::of(&units, backend, "sysmon");
    counted.print("Sigma, rules/windows, through windows_events");
    assert_eq!(counted.wrong, Vec::<String>::new());
    let all = counted.total("");
    assert!(all.all > 1_400, "{} rules", all.all);
    assert!(all.compiled_share() >= 95.0, "{:.2} % of the rules for Windows compile", all.compiled_share());
}

#[test]
fn rules_of_other_systems_and_profiles_are_counted_and_every_output_prepares() {
    let registry = registry();
    let backend = registry.find("osquery").expect("the target");
    for (folder, profile, product, least) in [
        ("corpus/sigma-rules/rules/windows", "native", "windows/", 50.0),
        ("corpus/sigma-rules/rules/linux", "native", "linux/", 60.0),
        ("corpus/sigma-rules/rules/macos", "native", "macos/", 90.0),
    ] {
        let Some(units) = corpus(folder) else { return };
        let counted = Counted::of(&units, backend, profile);
        counted.print(&format!("Sigma, {folder}, profile {profile}"));
        assert_eq!(counted.wrong, Vec::<String>::new());
        let all = counted.total(product);
        assert!(all.compiled_share() >= least, "{folder}: {:.2} %", all.compiled_share());
    }
}

fn stream(name: &str, events: Vec<Value>) -> Stream {
    Stream { name: name.to_owned(), matches: Vec::new(), events }
}

/// What came of running outputs.
#[derive(Default)]
struct Agreement {
    rules: usize,
    /// Streams that were compared.
    compared: usize,
    /// Streams in which the rule itself finds something.
    finding: usize,
    /// Why streams were left out.
    skipped: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Agreement {
    fn add(&mut self, rule: &Rule, streams: &[Stream], profile: &str, backend: &dyn Backend) {
        let report = verify_rule(rule, &[(backend, &settings(profile))], streams, None);
        let [target] = report.targets.as_slice() else { panic!("one target") };
        if target.outcome == Outcome::Refused {
            return;
        }
        self.rules += 1;
        self.compared += target.compared;
        self.finding += report.fixture.len();
        for skip in &target.skipped {
            let reason: String = skip.reason.chars().filter(|c| !c.is_ascii_digit()).take(70).collect();
            *self.skipped.entry(reason).or_default() += 1;
        }
        for failure in &target.failures {
            let place = failure
                .found
                .split(|c: char| !c.is_ascii_digit())
                .find_map(|digits| digits.parse::<usize>().ok());
            let of = streams.iter().find(|stream| Some(&stream.name) == failure.stream.as_ref());
            let example = of.and_then(|stream| stream.events.get(place.unwrap_or(0)));
            self.wrong.push(format!(
                "{} ({}): {} in {:?}: {} {example:?}",
                rule.meta.name,
                log_source(rule),
                failure.law.title(),
                failure.stream,
                failure.found
            ));
        }
    }

    fn print(&self, title: &str) {
        println!(
            "{title}: {} rules, {} streams compared, {} of them with a match, {} disagreements",
            self.rules,
            self.compared,
            self.finding,
            self.wrong.len()
        );
        for (reason, count) in &self.skipped {
            println!("{count:>6} left out: {reason}");
        }
    }
}

/// Every output finds in the rows of its own events, and of all events together, what the rule finds in the records.
#[test]
fn outputs_find_in_rows_what_rules_find_in_records() {
    let (Some(tests), Some(units)) = (regression(), corpus("corpus/sigma-rules")) else { return };
    let registry = registry();
    let backend = registry.find("osquery").expect("the target");
    let everything: Vec<Value> = tests.values().flatten().cloned().collect();
    let mut agreement = Agreement::default();
    for rule in units.iter().flat_map(|unit| &unit.rules) {
        let own = rule.rule.meta.id.as_ref().and_then(|id| tests.get(id));
        let Some(own) = own else { continue };
        let streams = [stream("own", own.clone()), stream("everything", everything.clone())];
        agreement.add(&rule.rule, &streams, "sysmon", backend);
    }
    agreement.print("regression tests");
    assert_eq!(agreement.wrong, Vec::<String>::new());
    assert!(agreement.rules > 70 && agreement.finding >= 2 * agreement.rules, "{} rules", agreement.rules);
    assert_eq!(agreement.skipped, BTreeMap::new());
}

/// The same over records made from the rules: one that satisfies the condition, and others that differ in a field.
#[test]
fn outputs_and_rules_agree_on_records_made_from_rules() {
    let Some(units) = corpus("corpus/sigma-rules") else { return };
    let registry = registry();
    let backend = registry.find("osquery").expect("the target");
    let mut agreement = Agreement::default();
    for rule in units.iter().flat_map(|unit| &unit.rules) {
        let records = records::records(&rule.rule);
        if !records.is_empty() {
            agreement.add(&rule.rule, &[stream("made", records)], "sysmon", backend);
        }
    }
    agreement.print("records made from rules");
    assert_eq!(agreement.wrong, Vec::<String>::new());
    assert!(agreement.finding > 1_200, "{} rules find a record", agreement.finding);
}

/// Of so many rules one is searched for witnesses.
const EVERY: usize = 8;

/// The same over witnesses, as the rule sees events, in every profile.
#[test]
fn outputs_and_rules_agree_on_witnesses() {
    let Some(units) = corpus("corpus/sigma-rules") else { return };
    let registry = registry();
    let backend = registry.find("osquery").expect("the target");
    let mut agreements = [("sysmon", Agreement::default()), ("native", Agreement::default())];
    // A search takes its time; what it finds of a part is enough beside the records above.
    for rule in units.iter().flat_map(|unit| &unit.rules).step_by(EVERY) {
        let source = log_source(&rule.rule);
        if !["windows/", "linux/", "macos/"].iter().any(|product| source.starts_with(product)) {
            continue;
        }
        let eqlc_witness::Outcome::Found(found) = eqlc_witness::witness(&rule.rule, 1) else { continue };
        let streams: Vec<Stream> = found
            .into_iter()
            .enumerate()
            .map(|(at, witness)| stream(&at.to_string(), witness.events))
            .collect();
        for (profile, agreement) in &mut agreements {
            agreement.add(&rule.rule, &streams, profile, backend);
        }
    }
    for (profile, agreement) in &agreements {
        agreement.print(&format!("witnesses, profile {profile}"));
        assert_eq!(agreement.wrong, Vec::<String>::new());
    }
    let [(_, sysmon), _] = &agreements;
    assert!(sysmon.finding > 1_200 / EVERY, "{} witnesses", sysmon.finding);
}

/// A rule of a log source with a detection, compiled: its losses and its query, or why there is none.
fn compiled(log_source: &str, detection: &str, settings: &Settings) -> String {
    let text = format!(
        "title: T\nid: 00000000-0000-4000-8000-000000000001\nlogsource:\n  {}\ndetection:\n{}\n",
        log_source.replace(", ", "\n  "),
        detection
    );
    compiled_file(&text, settings)
}

fn compiled_file(text: &str, settings: &Settings) -> String {
    let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
    let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
    let registry = registry();
    let backend = registry.find("osquery").expect("the target");
    let last = unit.rules.last().unwrap_or_else(|| panic!("{:?}", unit.diagnostics));
    match compile(&last.rule, backend, settings) {
        Ok(compiled) => {
            let artifact = compiled.artifact;
            Prepared::new()
                .prepare(&artifact.text)
                .unwrap_or_else(|error| panic!("{error}: {}", artifact.text));
            let condition =
                artifact.text.split_once("WHERE ").map_or(artifact.text.as_str(), |(_, rest)| rest);
            let losses = artifact
                .losses
                .iter()
                .map(|loss| format!("{} {}: {}\n", loss.code, loss.direction, loss.why));
            losses.collect::<String>() + condition
        }
        Err(refused) => refused.iter().map(|found| format!("{} {}\n", found.code, found.message)).collect(),
    }
}

fn started(test: &str) -> String {
    compiled(
        "product: windows, category: process_creation",
        &format!("  s:\n    {test}\n  condition: s"),
        &settings("sysmon"),
    )
}

#[test]
fn modifiers_have_their_forms() {
    insta::assert_snapshot!(
        [
            r"Image|endswith: '\cmd.exe'",
            r"Image: ['a', 'B*', '']",
            r"CommandLine|contains|all: ['-enc', 'x_y']",
            r"CommandLine|re: '\.exe\s+-enc'",
            "CommandLine|re|i: 'foo[0-9]'",
            "CommandLine|contains|cased: FooBar",
            "ParentImage: null",
            "ParentImage: ''",
            "ParentImage|exists: true",
            "ParentImage|neq: x",
            "Image|fieldref: ParentImage",
            "Image|cased|fieldref: ParentImage",
            "CommandLine|fieldref|startswith: Image",
            "Image|cased|fieldref|endswith: OriginalFileName",
            "CommandLine|fieldref|contains: User",
            "ProcessId|fieldref: ParentProcessId",
            "DestinationIp|cidr: [10.0.0.0/8, 'fe80::/10']",
            "CommandLine|windash|contains: ' -enc '",
            "CommandLine|base64offset|contains: 'foo'",
            "TerminalSessionId|gte: 2",
            "EventID: [1, '5']",
            "some.field: x",
        ]
        .map(started)
        .join("\n")
    );
}

#[test]
fn log_sources_have_their_tables() {
    let windows = |source: &str, test: &str, profile: &str| {
        let log_source = format!("product: windows, {source}");
        compiled(&log_source, &format!("  s:\n    {test}\n  condition: s"), &settings(profile))
    };
    let unix = |source: &str, test: &str| {
        compiled(source, &format!("  s:\n    {test}\n  condition: s"), &settings("sysmon"))
    };
    insta::assert_snapshot!(
        [
            windows("category: registry_add", "TargetObject|contains: Run", "sysmon"),
            windows("category: ps_script", "ScriptBlockText|contains: x", "sysmon"),
            windows("category: ps_classic_start", "Data|contains|all: [a, b]", "sysmon"),
            windows("service: security", "EventID: 4624", "native"),
            windows("service: windefend", "ThreatName: x", "sysmon"),
            windows("service: wmi", "Namespace: x", "sysmon"),
            windows("category: process_creation", "Image: x", "native"),
            windows(
                "category: process_creation",
                "Hashes|contains: 'MD5=444D210CEA1FF8112F256A4997EED7FF'",
                "native"
            ),
            windows("category: registry_set", "TargetObject: x", "native"),
            windows("category: file_access", "FileName: x", "sysmon"),
            unix("product: linux, category: process_creation", "ParentImage|endswith: /sh"),
            unix("product: linux, category: file_event", "TargetFilename: /etc/passwd"),
            unix("product: linux, category: file_event", "Image: /bin/sh"),
            unix("product: linux, category: network_connection", "Initiated: 'true'"),
            unix("product: macos, category: process_creation", "CommandLine|contains: x"),
            compiled("product: linux", "  keywords: [a, b]\n  condition: keywords", &settings("sysmon")),
            compiled(
                "product: windows, service: application",
                "  keywords: [a]\n  condition: keywords",
                &settings("sysmon")
            ),
        ]
        .join("\n")
    );
}

/// Without a mapping log sources have their tables all the same, and fields keep their names.
#[test]
fn without_a_mapping_fields_keep_their_names() {
    let settings = Settings { no_mapping: true, ..settings("sysmon") };
    let event = |test: &str| {
        compiled(
            "product: windows, category: process_creation",
            &format!("  s:\n    {test}\n  condition: s"),
            &settings,
        )
    };
    insta::assert_snapshot!(
        [event("Image: x"), event("Odd_Name: x"), event("process.executable: x")].join("\n")
    );
}

fn correlation(kind: &str, rules: &str, rest: &str) -> String {
    let part = |name: &str| {
        format!(
            "title: {name}\nname: {name}\nid: 00000000-0000-4000-8000-0000000000{name}\nlogsource: {{product: windows, category: process_creation}}\ndetection:\n  s:\n    Image: {name}\n  condition: s\n---\n"
        )
    };
    format!(
        "{}{}title: C\nid: 00000000-0000-4000-8000-000000000001\ncorrelation:\n  type: {kind}\n  rules: {rules}\n  group-by: [User]\n  timespan: 5m\n{rest}",
        part("aa"),
        part("bb")
    )
}

#[test]
fn correlations_are_sequences_where_these_find_the_same() {
    insta::assert_snapshot!(
        [
            correlation("temporal_ordered", "[aa, bb]", ""),
            correlation("event_count", "[aa]", "  condition:\n    gte: 3\n"),
            correlation("event_count", "[aa]", "  condition:\n    lt: 3\n"),
            correlation("value_count", "[aa]", "  condition:\n    gte: 3\n    field: Image\n"),
            correlation("temporal", "[aa, bb]", ""),
        ]
        .map(|text| compiled_file(&text, &settings("sysmon")))
        .join("\n")
    );
}

/// Queries alert on the streams on which correlations do.
#[test]
fn queries_alert_where_correlations_do() {
    let ordered = [
        (true, vec![("u", "aa", 0), ("u", "bb", 300)]),
        (false, vec![("u", "aa", 0), ("u", "bb", 301)]),
        (false, vec![("u", "bb", 0), ("u", "aa", 60)]),
        (false, vec![("u", "aa", 0), ("v", "bb", 60)]),
        (true, vec![("u", "aa", 0), ("u", "aa", 200), ("u", "bb", 400)]),
    ];
    let counted = [
        (false, vec![("u", "aa", 0), ("u", "aa", 1)]),
        (true, vec![("u", "aa", 0), ("u", "aa", 1), ("u", "aa", 300)]),
        (false, vec![("u", "aa", 0), ("u", "aa", 1), ("u", "aa", 301)]),
        (false, vec![("u", "aa", 0), ("u", "aa", 1), ("v", "aa", 2)]),
        (true, vec![("u", "aa", 0), ("u", "aa", 400), ("v", "aa", 401), ("u", "aa", 402), ("u", "aa", 403)]),
    ];
    let texts = [
        (correlation("temporal_ordered", "[aa, bb]", ""), ordered),
        (correlation("event_count", "[aa]", "  condition:\n    gte: 3\n"), counted),
    ];
    for (text, streams) in texts {
        let input = Input { path: Some(PathBuf::from("rule.yml")), relative: PathBuf::from("rule.yml") };
        let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
        let rule =
            unit.rules.iter().find(|rule| matches!(rule.rule.body, Body::Correlation(_))).expect("one");
        let alerting: Vec<bool> = streams.iter().map(|(alerts, _)| *alerts).collect();
        let mut made: Vec<Stream> = Vec::new();
        for (at, (_, events)) in streams.into_iter().enumerate() {
            let events =
                events.into_iter().map(|(user, image, at)| started_at("host", user, image, at)).collect();
            made.push(stream(&at.to_string(), events));
        }
        let streams = made;
        let registry = registry();
        let backend = registry.find("osquery").expect("the target");
        let report = verify_rule(&rule.rule, &[(backend, &settings("sysmon"))], &streams, None);
        let [target] = report.targets.as_slice() else { panic!("one target") };
        assert_eq!(target.compared, streams.len(), "{:?}", target.skipped);
        assert!(target.failures.is_empty(), "{:?}", target.failures);
        // A fixture without matches is contradicted by what alerts.
        let found = |stream: &Stream| {
            report.fixture.iter().any(|failure| failure.stream.as_ref() == Some(&stream.name))
        };
        assert_eq!(streams.iter().map(found).collect::<Vec<_>>(), alerting);
    }
}
