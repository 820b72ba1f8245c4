//! Tests of the mapping: positions of unmapped fields, transforms, sources, keys.

use eqlc_diagnostics::{Node, Span};
use eqlc_ir::*;

use super::data::Source;
use super::*;
use crate::{Direction, Settings};

const MAP: &str = r#"
taxonomy: sigma
groups:
  process:
    process.executable: {field: Image}
    source.ip: {field: SourceIp}
    process.name: {field: Image, transform: {after_last: '\'}}
    process.args: {field: CommandLine, transform: word_of}
    file.extension: {field: TargetFilename, transform: {after_last: .}}
    user.domain: {field: User, transform: {before_first: '\'}}
    host.id: {field: Computer, key_only: true, loss: {direction: reordered, why: named by its name}}
    agent.id: {}
sources:
  - log_source: {product: windows, category: process_creation}
    category: [process]
    constants: {host.os.type: [windows], event.type: [start]}
    misses: {event.type: [end], host.os.type: [linux]}
    groups: [process]
  - log_source: {product: windows, category: network_connection}
    category: [network]
    constants: {host.os.type: [windows]}
    groups: [process]
    fields:
      network.direction:
        field: Initiated
        transform: {values: {egress: ["true"], outgoing: ["true"], outbound: ["true"], ingress: ["false"]}}
"#;

fn field(path: &str) -> FieldRef {
    FieldRef {
        path: path.into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span: Span::default(),
    }
}

fn equal(path: &str, value: &str) -> Pred {
    let op = Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str(value.into())));
    Pred::test(Scalar::Field(field(path)), op, Span::default())
}

fn like(path: &str, patterns: &[&str]) -> Pred {
    let patterns = patterns.iter().copied().map(TextPattern::from_eql).collect();
    Pred::test(Scalar::Field(field(path)), Op::Text(patterns, Case::Insensitive), Span::default())
}

fn query(category: &str, filter: Pred) -> EventQuery {
    EventQuery { category: Category::OneOf(vec![Node::new(category.to_owned(), Span::default())]), filter }
}

fn rule(body: Body) -> Rule {
    Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: Vec::new() }
}

fn start_of(tests: Vec<Pred>) -> Rule {
    let mut all = vec![equal("host.os.type", "windows"), equal("event.type", "start")];
    all.extend(tests);
    rule(Body::Event(query("process", Pred::All(all))))
}

fn map_with(rule: &Rule, settings: &Settings) -> Result<Mapped, Vec<String>> {
    let map = EventMap::parse(MAP).unwrap();
    map_rule(&normalise(rule.clone()), &map, settings)
        .map_err(|refused| refused.iter().map(|d| format!("{} {}", d.code, d.message)).collect())
}

fn mapped(rule: &Rule) -> (String, Vec<String>) {
    let mapped = map_with(rule, &Settings::default()).unwrap();
    let losses = mapped.losses.iter().map(|loss| format!("{} {}", loss.code, loss.direction)).collect();
    (text::rule(&mapped.rule), losses)
}

#[test]
fn constants_of_the_source_fall_away() {
    let (text, losses) = mapped(&start_of(vec![equal("process.executable", r"C:\a.exe")]));
    assert_eq!(
        text,
        "rule \"r\"\n  event logsource windows/process_creation/*\n    sigma:Image:unknown == \"C:\\\\a.exe\"\n"
    );
    assert_eq!(losses, Vec::<String>::new());
}

#[test]
fn the_end_of_a_path_is_exact_unless_wildcards_can_cross_folders() {
    let (text, losses) = mapped(&start_of(vec![like("process.name", &["cmd.exe", "*shell.exe"])]));
    assert!(text.contains(r#"text~ (*"\\cmd.exe", *"shell.exe")"#), "{text}");
    assert_eq!(losses, Vec::<String>::new());
    let (text, losses) = mapped(&start_of(vec![like("process.name", &["power*.exe"])]));
    assert!(text.contains(r#"text~ (*"\\power"*".exe")"#), "{text}");
    assert_eq!(losses, ["L1101 wider"]);
}

#[test]
fn a_part_never_holds_its_separator() {
    let errors = map_with(&start_of(vec![like("process.name", &[r"a\b.exe"])]), &Settings::default());
    // The condition is never true, so no event of the source can match.
    let rule = errors.map(|mapped| text::rule(&mapped.rule));
    assert_eq!(rule, Ok("rule \"r\"\n  event logsource windows/process_creation/*\n    false\n".to_owned()));
}

#[test]
fn a_loss_turns_around_under_a_negation() {
    let (text, losses) =
        mapped(&start_of(vec![equal("process.executable", "x"), like("process.args", &["-enc"]).not()]));
    assert!(text.contains(r#"sigma:CommandLine:unknown text~ (*"-enc"*)"#), "{text}");
    assert_eq!(losses, ["L1101 narrower"]);
}

#[test]
fn an_unmapped_exclusion_is_left_out_as_wider() {
    let kept = equal("process.executable", "x");
    let (text, losses) = mapped(&start_of(vec![kept.clone(), equal("dll.name", "y").not()]));
    assert!(!text.contains("dll.name"), "{text}");
    assert_eq!(losses, ["L1102 wider"]);
    let trusted = Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Bool(false)));
    let flag = Pred::test(Scalar::Field(field("process.code_signature.trusted")), trusted, Span::default());
    let (_, losses) = mapped(&start_of(vec![kept, flag]));
    assert_eq!(losses, ["L1102 wider"]);
}

#[test]
fn a_required_field_without_counterpart_is_refused() {
    let refused = map_with(&start_of(vec![equal("process.executabel", "y")]), &Settings::default());
    assert_eq!(
        refused.unwrap_err(),
        ["E4101 `process.executabel` has no counterpart in the source `windows/process_creation/*`"]
    );
}

#[test]
fn an_alternative_is_left_out_only_when_allowed() {
    let either = Pred::Any(vec![equal("process.executable", "x"), equal("dll.name", "y")]);
    let rule = start_of(vec![either]);
    assert_eq!(map_with(&rule, &Settings::default()).unwrap_err().len(), 1);
    let allowed = Settings { allow_narrower: true, ..Settings::default() };
    let mapped = map_with(&rule, &allowed).unwrap();
    assert_eq!(mapped.losses.iter().map(|loss| loss.direction).collect::<Vec<_>>(), [Direction::Narrower]);
    assert!(text::rule(&mapped.rule).contains("sigma:Image:unknown == \"x\""));
}

#[test]
fn events_that_the_source_does_not_deliver_are_a_narrower_loss() {
    let any_type = rule(Body::Event(query("process", equal("process.executable", "x"))));
    let (_, losses) = mapped(&any_type);
    assert_eq!(losses, ["L1104 narrower", "L1104 narrower"]);
    let not_start = Pred::All(vec![equal("process.executable", "x"), equal("event.type", "end")]);
    let refused = map_with(&rule(Body::Event(query("process", not_start))), &Settings::default());
    assert!(refused.unwrap_err()[0].starts_with("E4103"));
}

#[test]
fn values_of_one_image_are_wider_unless_all_are_meant() {
    let connection = |values: &[&str]| {
        let filter = Pred::All(vec![equal("host.os.type", "windows"), like("network.direction", values)]);
        mapped(&rule(Body::Event(query("network", filter))))
    };
    let (text, losses) = connection(&["egress", "outgoing"]);
    assert!(text.contains("sigma:Initiated:unknown text~ (\"true\")"), "{text}");
    assert_eq!(losses, ["L1101 wider"]);
    assert_eq!(connection(&["egress", "outgoing", "outbound"]).1, Vec::<String>::new());
}

#[test]
fn keys_are_renamed_dropped_or_refused() {
    let step = |filter: Pred, category: &str| Step {
        query: query(category, filter),
        by: Vec::new(),
        missing: false,
        runs: 1,
        alias: None,
        span: IgnoredSpan::default(),
    };
    let by = |paths: &[&str]| {
        let os = || equal("host.os.type", "windows");
        let first = Pred::All(vec![os(), equal("event.type", "start"), equal("process.executable", "x")]);
        let second = Pred::All(vec![os(), equal("process.executable", "x")]);
        rule(Body::Sequence(Sequence {
            by: paths.iter().map(|path| Key { field: field(path) }).collect(),
            maxspan_ms: Some(1000),
            steps: vec![step(first, "process"), step(second, "network")],
            until: None,
        }))
    };
    let (text, losses) = mapped(&by(&["host.id", "agent.id", "process.executable"]));
    assert_eq!(text.matches("step by sigma:Computer:unknown, sigma:Image:unknown event").count(), 0);
    assert_eq!(text.matches("by sigma:Computer:unknown, sigma:Image:unknown").count(), 2, "{text}");
    assert_eq!(losses, ["L1105 reordered"]);
    let refused = map_with(&by(&["user.id"]), &Settings::default()).unwrap_err();
    assert_eq!(refused.len(), 2);
    assert!(refused[0].starts_with("E4102 the join key `user.id`"), "{refused:?}");
}

#[test]
fn addresses_keep_their_meaning_where_they_become_text() {
    let address = |text: &str| {
        let mut field = field("source.ip");
        field.ty = FieldType::Ip;
        let op = Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str(text.into())));
        let test = Pred::test(Scalar::Field(field), op, Span::default());
        mapped(&start_of(vec![equal("process.executable", "x"), test])).0
    };
    assert!(address("10.0.0.1").contains(r#"sigma:SourceIp:unknown text~ ("10.0.0.1")"#));
    assert!(address("::1").contains("sigma:SourceIp:unknown in-net (::1/128)"));
    assert!(address("10.0.0.0/8").contains("sigma:SourceIp:unknown in-net (10.0.0.0/8)"));
}

/// A map of a target that can ask several sources: the rows of each are those of a table that its category names.
fn with_rows(pick: impl Fn(&Source) -> (&'static str, &'static str)) -> EventMap {
    let mut map = EventMap::parse(SEVERAL).unwrap();
    for source in &mut map.sources {
        let (table, id) = pick(source);
        let picks = [("id".to_owned(), vec![id.to_owned()])].into_iter().collect();
        source.rows = Some(Rows { table: table.to_owned(), filter: format!("id = {id}"), picks });
    }
    map
}

const SEVERAL: &str = r#"
taxonomy: sigma
any_by_category: true
groups:
  process:
    process.executable: {field: Image}
    process.entity_id: {field: Guid}
sources:
  - log_source: {product: windows, category: process_creation}
    category: [process]
    constants: {host.os.type: [windows], event.type: [start]}
    misses: {event.type: [end, change], host.os.type: [linux]}
    groups: [process]
  - log_source: {product: windows, category: process_termination}
    category: [process]
    constants: {host.os.type: [windows], event.type: [end]}
    misses: {event.type: [start, change], host.os.type: [linux]}
    groups: [process]
  - log_source: {product: linux, category: process_creation}
    category: [process]
    constants: {host.os.type: [linux], event.type: [start]}
    groups: [process]
  - log_source: {product: windows, category: file_event}
    category: [file]
    constants: {host.os.type: [windows], event.type: [creation]}
    fields:
      process.executable: {field: Image}
      process.entity_id: {field: Pid}
      file.path: {field: Path}
"#;

fn apart(source: &Source) -> (&'static str, &'static str) {
    match source.log_source.category.as_deref() {
        Some("process_creation") => ("events", "1"),
        Some("process_termination") => ("events", "5"),
        _ => ("files", "1"),
    }
}

fn asked(map: &EventMap, query: EventQuery) -> (Vec<String>, Vec<String>) {
    let mapped = map_rule(&normalise(rule(Body::Event(query))), map, &Settings::default()).unwrap();
    let Body::Event(query) = &mapped.rule.body else { panic!("one query") };
    let parts = split(query).into_iter();
    let parts = parts.map(|(source, filter)| format!("{source}: {}", text::pred(&filter).trim()));
    (parts.collect(), mapped.losses.iter().map(|loss| loss.why.clone()).collect())
}

#[test]
fn sources_whose_rows_are_apart_answer_together() {
    let (parts, losses) = asked(&with_rows(apart), query("process", like("process.executable", &["*a*"])));
    assert_eq!(parts.len(), 2, "{parts:?}");
    assert!(parts[0].starts_with("windows/process_creation/*: ") && parts[0].contains("Image"), "{parts:?}");
    assert!(parts[1].starts_with("windows/process_termination/*: "), "{parts:?}");
    let wanted = [
        "events with `event.type` change match the rule and are not in the sources `windows/process_creation/*`, \
         `windows/process_termination/*`",
        "events with `host.os.type` linux match the rule and are not in the sources `windows/process_creation/*`, \
         `windows/process_termination/*`",
    ];
    assert_eq!(losses, wanted);
}

#[test]
fn sources_with_the_same_rows_are_asked_once() {
    let same = |source: &Source| if apart(source).0 == "events" { ("events", "1") } else { ("files", "1") };
    let tested = |value: &str, path: &str| {
        Pred::All(vec![equal("event.type", value), equal("process.executable", path)])
    };
    let either = Pred::Any(vec![tested("start", "a"), tested("end", "b")]);
    let (parts, _) = asked(&with_rows(same), query("process", either));
    assert_eq!(parts.len(), 1, "{parts:?}");
    assert!(parts[0].contains("\"a\"") && parts[0].contains("\"b\""), "{parts:?}");
}

/// Rows that may be those of another source would be reported twice.
#[test]
fn a_source_that_shares_some_rows_is_left_out() {
    let mut map = with_rows(apart);
    for source in &mut map.sources {
        source.rows.as_mut().unwrap().picks.clear();
    }
    let (parts, losses) = asked(&map, query("process", like("process.executable", &["*a*"])));
    assert_eq!(parts.len(), 1, "{parts:?}");
    assert!(losses[0].contains("`event.type` end, change"), "{losses:?}");
}

#[test]
fn a_target_that_asks_one_source_gets_one() {
    let map = EventMap::parse(SEVERAL).unwrap();
    let (parts, _) = asked(&map, query("process", like("process.executable", &["*a*"])));
    assert_eq!(parts.len(), 1, "{parts:?}");
}

/// The join would compare values of different kinds.
#[test]
fn a_source_with_another_key_is_left_out() {
    let either =
        Category::OneOf(["process", "file"].map(|name| Node::new(name.to_owned(), Span::default())).into());
    let query = EventQuery { category: either, filter: equal("host.os.type", "windows") };
    let with =
        |filter: Pred| EventQuery { filter: Pred::All(vec![query.filter.clone(), filter]), ..query.clone() };
    let step = || Step {
        query: with(like("process.executable", &["*a*"])),
        by: Vec::new(),
        missing: false,
        runs: 1,
        alias: None,
        span: IgnoredSpan(Span::default()),
    };
    let by = vec![Key { field: field("process.entity_id") }];
    let body = Body::Sequence(Sequence { by, maxspan_ms: Some(1), steps: vec![step(), step()], until: None });
    let mapped = map_rule(&normalise(rule(body)), &with_rows(apart), &Settings::default()).unwrap();
    let Body::Sequence(sequence) = &mapped.rule.body else { panic!("a sequence") };
    let sources: Vec<String> =
        split(&sequence.steps[0].query).iter().map(|(source, _)| source.to_string()).collect();
    assert_eq!(sources, ["windows/process_creation/*", "windows/process_termination/*"]);
    assert_eq!(sequence.steps[0].by.len(), 1);
}

#[test]
fn events_with_parts_of_two_sources_are_a_loss() {
    let either =
        Category::OneOf(["process", "file"].map(|name| Node::new(name.to_owned(), Span::default())).into());
    let types = ["start", "end", "creation"].map(|value| equal("event.type", value));
    let image = like("process.executable", &["*a*"]);
    let tests = vec![equal("host.os.type", "windows"), Pred::Any(types.into()), image];
    let (parts, losses) = asked(&with_rows(apart), EventQuery { category: either, filter: Pred::All(tests) });
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert!(
        losses.iter().any(|why| why.ends_with("of another match the rule and are in neither")),
        "{losses:?}"
    );
}

/// Without the exclusion it would find events of the second source that the rule excludes.
#[test]
fn a_source_that_leaves_out_an_exclusion_is_not_added() {
    let mut map = with_rows(apart);
    let end = &mut map.sources[1];
    end.groups.clear();
    end.fields.insert("process.executable".to_owned(), map.groups["process"]["process.executable"].clone());
    let excluded = like("process.entity_id", &["b*"]).not();
    let all = Pred::All(vec![like("process.executable", &["*a*"]), excluded]);
    let (parts, losses) = asked(&map, query("process", all));
    assert_eq!(parts.len(), 1, "{parts:?}");
    assert!(losses.iter().any(|why| why.contains("`event.type` end, change")), "{losses:?}");
}

/// A path tells that a file has no extension; that it is there says nothing.
#[test]
fn an_extension_that_is_missing_is_read_from_the_path() {
    let missing = Pred::test(Scalar::Field(field("file.extension")), Op::IsNull, Span::default());
    let map = EventMap::parse(MAP).unwrap();
    let (parts, losses) =
        asked(&map, query("process", Pred::All(vec![missing, equal("process.executable", "a")])));
    assert_eq!(losses.iter().filter(|why| why.contains("extension")).count(), 0);
    let wanted = "windows/process_creation/*: all\n  any\n    sigma:TargetFilename:unknown is-null\n    not\n      \
                  sigma:TargetFilename:unknown regex /(.)*\".\"([^/\\\\])+/\n  sigma:Image:unknown == \"a\"";
    assert_eq!(parts, [wanted]);
}

/// Of a file only the number of the process is known: a step that knows more is joined by the number too.
#[test]
fn steps_are_joined_by_what_all_of_them_tell() {
    let map = SEVERAL.replace("{field: Guid}", "{field: Guid, joined_as: {field: Pid}}");
    let map = EventMap::parse(&map).unwrap();
    let step = |category: &str, path: &str| Step {
        query: query(category, like(path, &["*a*"])),
        by: Vec::new(),
        missing: false,
        runs: 1,
        alias: None,
        span: IgnoredSpan(Span::default()),
    };
    let keys_of = |steps: Vec<Step>| {
        let by = vec![Key { field: field("process.entity_id") }];
        let body = Body::Sequence(Sequence { by, maxspan_ms: Some(1), steps, until: None });
        let mapped = map_rule(&normalise(rule(body)), &map, &Settings::default()).unwrap();
        let Body::Sequence(sequence) = mapped.rule.body else { panic!("a sequence") };
        let keys = sequence.steps.iter().flat_map(|step| &step.by);
        keys.map(|key| key.field.path.to_string()).collect::<Vec<_>>()
    };
    let process = || step("process", "process.executable");
    assert_eq!(keys_of(vec![process(), process()]), ["Guid", "Guid"]);
    assert_eq!(keys_of(vec![process(), step("file", "file.path")]), ["Pid", "Pid"]);
}
