//! What other compilers and engines get wrong is right here, on every target: each mistake is a case of
//! `tests/peers` with the rule, events that it must and must not match, and what the peer makes of it, which
//! is rejected or answers otherwise on those events.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use eqlc_backend::Settings;
use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::{Diagnostic, Severity};
use eqlc_driver::{
    Input, LoadOptions, Outcome, Registry, TargetReport, Unit, compile, load_bytes, verify_rule,
};
use eqlc_ir::{Body, Rule};
use eqlc_tests::peers::{Case, CaseRule, Text, cases};
use eqlc_verify::fixtures::Stream;
use eqlc_verify::world::World;

/// A column of the table.
struct Column {
    name: &'static str,
    target: &'static str,
    /// An option of the target.
    option: Option<(&'static str, &'static str)>,
    /// Whether fields keep their names.
    no_mapping: bool,
}

const COLUMNS: [Column; 6] = [
    Column { name: "elasticsearch", target: "elasticsearch", option: None, no_mapping: false },
    Column { name: "elasticsearch -p none", target: "elasticsearch", option: None, no_mapping: true },
    Column { name: "sigma", target: "sigma", option: None, no_mapping: false },
    Column { name: "sigma ecs", target: "sigma", option: Some(("taxonomy", "ecs")), no_mapping: false },
    Column { name: "osquery", target: "osquery", option: None, no_mapping: false },
    Column { name: "native", target: "native", option: None, no_mapping: false },
];

impl Column {
    fn settings(&self) -> Settings {
        let option = self.option.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings { options: option.collect(), no_mapping: self.no_mapping, ..Settings::default() }
    }

    /// A setting says something only of rules in the names of fields that it maps.
    fn is_asked(&self, text: Text<'_>) -> bool {
        match self.name {
            "elasticsearch -p none" => text.is_sigma(),
            "sigma ecs" => !text.is_sigma(),
            _ => true,
        }
    }
}

fn loaded(text: Text<'_>) -> Unit {
    let (text, name) = text.file();
    let input = Input { path: Some(PathBuf::from(name)), relative: PathBuf::from(name) };
    load_bytes(input, text.as_bytes(), LoadOptions::default())
}

fn errors(unit: &Unit) -> Vec<&Diagnostic> {
    unit.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect()
}

/// The one rule of a file; of a file with correlations the last of them.
fn rule_of(unit: &Unit) -> &Rule {
    let correlation = unit.rules.iter().rev().find(|rule| matches!(rule.rule.body, Body::Correlation(_)));
    match (correlation, unit.rules.as_slice()) {
        (Some(rule), _) => &rule.rule,
        (None, [only]) => &only.rule,
        (None, rules) => panic!("{} rules in {:?}", rules.len(), unit.input.name()),
    }
}

fn codes<'a>(found: impl Iterator<Item = &'a str>) -> String {
    found.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// How a target does, in the words of the cases.
fn told(report: &TargetReport) -> String {
    match report.outcome {
        Outcome::Exact | Outcome::Wider | Outcome::Narrower | Outcome::Either if report.losses.is_empty() => {
            "exact".to_owned()
        }
        Outcome::Exact | Outcome::Wider | Outcome::Narrower | Outcome::Either => {
            codes(report.losses.iter().map(|judged| judged.loss.code.as_str()))
        }
        Outcome::Uncompared => "not compared".to_owned(),
        Outcome::Refused => {
            format!("refused {}", codes(report.refusal.iter().map(|found| found.code.as_str())))
        }
        Outcome::Disagrees => "disagrees".to_owned(),
    }
}

/// What is wrong with one rule of a case on one column; what came of it otherwise.
struct Answer {
    told: String,
    compared: usize,
    separated: usize,
    wrong: Vec<String>,
}

fn answer(
    case_rule: &CaseRule,
    rule: &Rule,
    column: &Column,
    registry: &Registry,
    streams: &[(bool, Stream)],
) -> Answer {
    let name = column.name;
    let backend = registry.find(column.target).expect("a target");
    let settings = column.settings();
    let all: Vec<Stream> = streams.iter().map(|(_, stream)| stream.clone()).collect();
    let report = verify_rule(rule, &[(backend, &settings)], &all, None);
    let [target] = report.targets.as_slice() else { panic!("one target") };
    let mut wrong = Vec::new();
    // The fixtures say that nothing matches: each stream that does is contradicted.
    for failure in report.fixture.iter().filter(|failure| !failure.found.starts_with("wanted")) {
        wrong.push(format!("{name}: {:?}: {}", failure.stream, failure.found));
    }
    for (alerts, stream) in streams {
        let found = report.fixture.iter().any(|failure| failure.stream.as_ref() == Some(&stream.name));
        if found != *alerts {
            wrong.push(format!("`{}` must be {alerts}", stream.name));
        }
    }
    wrong.extend(
        target.failures.iter().map(|failure| {
            format!("{name}: {} {:?}: {}", failure.law.title(), failure.stream, failure.found)
        }),
    );
    wrong.extend(
        target
            .skipped
            .iter()
            .map(|skip| format!("{name}: `{}` is not compared: {}", skip.stream, skip.reason)),
    );
    let told = told(target);
    let wanted = case_rule.targets.get(name).map_or("exact", String::as_str);
    if told != wanted {
        let why: Vec<&str> = target.refusal.iter().map(|found| found.message.as_str()).collect();
        wrong.push(format!("{name}: wanted {wanted}, found {told} {why:?}"));
    }
    if let Some(wanted) = case_rule.outputs.get(name) {
        let holds = match compile(rule, backend, &settings) {
            Ok(compiled) if compiled.artifact.text.trim() == wanted.trim() => Ok(()),
            Ok(compiled) => Err(compiled.artifact.text),
            Err(refused) if refused.iter().any(|found| found.message.contains(wanted)) => Ok(()),
            Err(refused) => Err(refused.iter().map(|found| found.message.as_str()).collect()),
        };
        wrong.extend(holds.err().map(|found| format!("{name}: wanted\n{wanted}\nfound\n{found}")));
    }
    Answer { told, compared: target.compared, separated: target.separations.len(), wrong }
}

/// Whether a rule matches a stream in the world that another speaks of.
fn alerts(rule: &Rule, world: World, stream: &Stream) -> Option<bool> {
    let projected = world.project(&stream.events).ok()?;
    let found = reference::run(rule, &projected.events, &RunOptions::of(&rule.meta));
    Some(!found.expect("the rule runs").is_empty())
}

/// The peer's answer is rejected with its code, or answers otherwise on some stream.
fn peers_answers_show(case_rule: &CaseRule, streams: &[(bool, Stream)]) -> Vec<String> {
    let world = if case_rule.text().is_sigma() { World::Logs } else { World::EcsWithLogSource };
    let mut wrong = Vec::new();
    for theirs in &case_rule.theirs {
        let text = theirs.text().file().0;
        let unit = loaded(theirs.text());
        let found = errors(&unit);
        match (&theirs.rejected, found.as_slice()) {
            (Some(code), found) if found.iter().any(|error| error.code.as_str() == code) => {}
            (Some(code), found) => {
                let found = codes(found.iter().map(|error| error.code.as_str()));
                wrong.push(format!("the peer's answer is not rejected with {code} but `{found}`\n{text}"));
            }
            (None, [first, ..]) => {
                wrong.push(format!("the peer's answer: {} {}\n{text}", first.code, first.message))
            }
            (None, []) => {
                let rule = rule_of(&unit);
                let mut differing = streams.iter().filter(|(wanted, stream)| {
                    alerts(rule, world, stream).is_some_and(|found| found != *wanted)
                });
                if differing.next().is_none() {
                    wrong.push(format!("no event separates the rule from the peer's answer\n{text}"));
                }
            }
        }
    }
    wrong
}

#[derive(Default)]
struct Totals {
    rules: usize,
    streams: usize,
    compared: usize,
    separated: usize,
    theirs: usize,
}

fn check(case: &Case, registry: &Registry, table: &mut String, totals: &mut Totals) -> Vec<String> {
    let mut wrong = Vec::new();
    for case_rule in &case.rules {
        let label = format!("{} {}", case.id, case_rule.name);
        let mut add = |found: Vec<String>| {
            wrong.extend(found.into_iter().map(|found| format!("{}: {found}", label.trim())));
        };
        totals.rules += 1;
        totals.theirs += case_rule.theirs.len();
        let streams = case_rule.streams();
        totals.streams += streams.len();
        add(peers_answers_show(case_rule, &streams));
        let unit = loaded(case_rule.text());
        let found = codes(errors(&unit).iter().map(|error| error.code.as_str()));
        if found != case_rule.errors.join(" ") {
            let why: Vec<&str> = errors(&unit).iter().map(|error| error.message.as_str()).collect();
            add(vec![format!("wanted the errors {:?}, found {found} {why:?}", case_rule.errors)]);
        }
        let mut cells = Vec::new();
        if found.is_empty() {
            let rule = rule_of(&unit);
            for column in &COLUMNS {
                if !column.is_asked(case_rule.text()) || case_rule.aside.contains_key(column.name) {
                    cells.push("-".to_owned());
                    continue;
                }
                let answer = answer(case_rule, rule, column, registry, &streams);
                totals.compared += answer.compared;
                totals.separated += answer.separated;
                add(answer.wrong);
                cells.push(answer.told);
            }
        } else {
            cells.push(format!("refused {found}, whatever the target"));
        }
        let mut line = format!("{:<38}", label.trim());
        for cell in cells {
            let _ = write!(line, " {cell:<21}");
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    wrong
}

#[test]
fn no_mistake_of_a_peer_is_made_here() {
    let registry = Registry::new().expect("the targets");
    let (mut wrong, mut totals) = (Vec::new(), Totals::default());
    let mut table = format!("{:<38}", "case");
    for column in &COLUMNS {
        let _ = write!(table, " {:<21}", column.name);
    }
    let mut table = format!("{}\n", table.trim_end());
    for case in cases() {
        wrong.extend(check(&case, &registry, &mut table, &mut totals));
    }
    println!(
        "{} rules with {} answers of peers; {} streams, {} verdicts compared, {} show a recorded loss",
        totals.rules, totals.theirs, totals.streams, totals.compared, totals.separated
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(table);
}

/// Each case has events of both kinds, so that neither "always" nor "never" answers it.
#[test]
fn every_case_has_a_match_and_a_near_miss() {
    for case in cases() {
        for rule in case.rules.iter().filter(|rule| rule.errors.is_empty()) {
            let streams = rule.streams();
            for wanted in [true, false].into_iter().skip(usize::from(rule.never)) {
                let label = format!("{} {}", case.id, rule.name);
                assert!(streams.iter().any(|(alerts, _)| *alerts == wanted), "{label}: none is {wanted}");
            }
        }
    }
}

/// Names of cases in the first column of tables: a letter and a number.
fn ids(text: &str) -> BTreeSet<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let id = |cell: &str| {
        let number: u32 = cell.strip_prefix(['P', 'S', 'U'])?.parse().ok()?;
        Some(format!("{}{number:02}", cell.get(..1)?))
    };
    rows.filter_map(|cell| id(cell.trim())).collect()
}

#[test]
fn no_case_of_the_reference_is_missing() {
    let Some(reference) = eqlc_tests::shared("reference/peers-and-demand.md") else { return };
    let text = std::fs::read_to_string(reference).expect("readable");
    let wanted = ids(&text);
    assert!(wanted.len() >= 47, "{wanted:?}");
    let cases = cases();
    let found: BTreeSet<String> = cases.iter().map(|case| case.id.clone()).collect();
    let missing: Vec<&String> = wanted.difference(&found).collect();
    assert!(missing.is_empty(), "{missing:?}");

    let named: BTreeMap<&str, &str> = cases
        .iter()
        .flat_map(|case| case.rules.iter().map(move |rule| (rule.from.as_deref(), case.id.as_str())))
        .filter_map(|(from, id)| Some((from?, id)))
        .collect();
    let Some(folder) = eqlc_tests::shared("reference/peer-bugs") else { return };
    let mut files = Vec::new();
    for part in ["tricky", "tricky2", "t3", "corr"] {
        for entry in std::fs::read_dir(folder.join(part)).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            files.push(format!("{part}/{}", name.to_string_lossy()));
        }
    }
    files.sort();
    let missing: Vec<&String> = files.iter().filter(|file| !named.contains_key(file.as_str())).collect();
    assert!(missing.is_empty(), "no case holds {missing:?}");
    println!("{} cases, {} files of rules", cases.len(), files.len());
}
