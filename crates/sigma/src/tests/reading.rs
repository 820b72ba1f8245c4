//! What the reader makes of the parts of a document.

use eqlc_diagnostics::Node;

use super::{each, read, rule, with_detection};
use crate::{CorrelationCondition, Data, Document, Item, Modifier, RuleSelection, Search, Value};

fn search(detection: &str) -> (Search, String) {
    let read = with_detection(&format!("{detection}\ncondition: s"));
    let search = rule(&read).detection.searches.first().map(|named| named.search.clone());
    (search.unwrap_or(Search::List(Vec::new())), read.report())
}

fn values(detection: &str) -> Vec<Value> {
    match search(detection) {
        (Search::Map(tests), report) => {
            assert_eq!(report, "");
            tests.into_iter().flat_map(|test| test.values).map(|value| value.value).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_have_the_type_of_their_notation() {
    assert_eq!(
        values("s:\n    F: [a*, '5', 5, -1.5, true]"),
        [Value::pattern("a*"), Value::literal("5"), Value::Int(5), Value::Float(-1.5), Value::Bool(true)]
    );
    for null in ["", " null", " ~", " [null]"] {
        assert_eq!(values(&format!("s:\n    F:{null}")), [Value::Null]);
    }
    assert_eq!(values("s:\n    F: ''"), [Value::literal("")]);
}

#[test]
fn modifiers_decide_how_text_is_read() {
    assert_eq!(values("s:\n    F|re: 'a\\*.*'"), [Value::Raw(r"a\*.*".to_owned())]);
    assert_eq!(values("s:\n    F|cidr: 10.0.0.0/8"), [Value::Raw("10.0.0.0/8".to_owned())]);
    assert_eq!(values("s:\n    F|fieldref: G"), [Value::Raw("G".to_owned())]);
    assert_eq!(values("s:\n    F|contains: 4625"), [Value::literal("4625")]);
    assert_eq!(values("s:\n    F|startswith: 'a*'"), [Value::pattern("a*")]);
}

#[test]
fn keywords_are_tests_without_a_field() {
    let (list, _) = search("s: [one, 2]");
    assert_eq!(
        list,
        Search::List(vec![
            Item::Keyword(Node::new(Value::literal("one"), Default::default())),
            Item::Keyword(Node::new(Value::Int(2), Default::default()))
        ])
    );
    let (Search::Map(tests), _) = search("s:\n    '|all': [one, two]") else { panic!("no map") };
    assert_eq!(tests[0].field, None);
    assert!(tests[0].has(Modifier::All));
}

#[test]
fn every_modifier_is_known_by_its_name() {
    for modifier in Modifier::ALL {
        assert_eq!(modifier.name().parse(), Ok(*modifier));
    }
    assert_eq!("ignorecase".parse(), Ok(Modifier::ReIgnoreCase));
    assert!("Contains".parse::<Modifier>().is_err());
}

#[test]
fn places_are_those_of_the_words() {
    let read = with_detection("s:\n    Image|re|i: 'x'\ncondition: s");
    let Search::Map(tests) = &rule(&read).detection.searches[0].search else { panic!("no map") };
    let text = |span| read.map.slice(span);
    assert_eq!(text(tests[0].field.as_ref().unwrap().span), "Image");
    assert_eq!(tests[0].modifiers.iter().map(|m| text(m.span)).collect::<Vec<_>>(), ["re", "i"]);
    assert_eq!(text(tests[0].values[0].span), "'x'");
    assert_eq!(text(tests[0].span), "Image|re|i: 'x'");
}

#[test]
fn tests_with_errors_say_where_and_why() {
    let wrong = [
        "s:\n    F|exists: 'true'",
        "s:\n    F|gt: '5'",
        "s:\n    F|contains: null",
        "s:\n    F|i: x",
        "s:\n    F|all|all: [x, y]",
        "s:\n    F|cidr: [10.1.0.0/8, 10.x, '::1/129']",
        "s:\n    F: []",
        "s: {}",
        "s:\n    F: {a: b}",
        "s:\n    F|: x",
        "s:\n    - [a]",
        "s:\n    F: yes",
        "s:\n    F: 010",
        "s:\n    F: ['', null]",
        "s:\n    F|contains|all: x",
        "s:\n    F|fieldref|base64: G",
        "s:\n    F: 99999999999999999999999999999999999999999",
        "s:\n    F|re: \"a\\\\(\\u0041(\"",
    ];
    insta::assert_snapshot!(each(&wrong, |detection| search(detection).1));
}

#[test]
fn metadata_of_a_wrong_kind_is_reported() {
    insta::assert_snapshot!(read(
        "title: 5\nid: x\ntags: a\nreferences:\nauthor: [a]\ndate: 2024/01/02\nlevl: low\nx: [1, {a: b}]\nlogsource: {definition: d}\n"
    ).report());
}

#[test]
fn unknown_keys_are_kept_in_order() {
    let read = read(
        "title: T\nx: [1, {a: b}]\nlogsource: {product: p, zone: z}\ny: null\ndetection: {s: {F: 1}, condition: s}\n",
    );
    let rule = rule(&read);
    let keys: Vec<&str> = rule.meta.custom.iter().map(|(key, _)| key.value.as_str()).collect();
    assert_eq!(keys, ["x", "y"]);
    assert_eq!(
        rule.meta.custom[0].1,
        Data::List(vec![Data::Int(1), Data::Map(vec![("a".to_owned(), Data::Text("b".to_owned()))])])
    );
    assert_eq!(rule.logsource.custom.len(), 1);
}

#[test]
fn correlations_are_read() {
    let read = read(
        "title: T\ncorrelation:\n    type: value_count\n    rules: [a, b]\n    aliases:\n        pid: {a: P, b: Q}\n    group-by: [pid]\n    timespan: 15m\n    condition: {gte: 5, lt: 10, field: Host}\n    generate: true\n",
    );
    assert_eq!(read.report(), "");
    let Document::Correlation(rule) = &read.parsed.tree.documents[0] else { panic!("no correlation") };
    let correlation = &rule.correlation;
    assert_eq!(correlation.timespan.value.seconds(), 900);
    assert_eq!(correlation.aliases[0].fields.len(), 2);
    let Some(CorrelationCondition::Aggregate(aggregate)) = &correlation.condition else { panic!() };
    assert_eq!(aggregate.relations.len(), 2);
    assert_eq!(aggregate.field[0].value, "Host");
    assert!(correlation.generate.unwrap().value);
}

#[test]
fn correlations_with_errors_say_where_and_why() {
    let wrong = [
        "    type: tempral\n    rules: []\n    timespan: 5 min\n",
        "    type: event_count\n    rules: [a]\n    timespan: 5m\n",
        "    type: value_count\n    rules: [a]\n    timespan: 5m\n    condition: {more: 5, gt: x}\n",
        "    type: temporal\n    rules: [a, b]\n    timespan: 5m\n    condition: a and not c\n",
        "    typ: temporal\n",
    ];
    let report = |body: &str| read(&format!("title: T\ncorrelation:\n{body}")).report();
    insta::assert_snapshot!(each(&wrong, report));
}

#[test]
fn filters_are_read() {
    let read = read(
        "title: F\nlogsource: {category: process_creation}\nfilter:\n    rules: [r1, r2]\n    selection:\n        User|startswith: adm_\n    condition: not selection\n",
    );
    assert_eq!(read.report(), "");
    let Document::Filter(filter) = &read.parsed.tree.documents[0] else { panic!("no filter") };
    assert_eq!(filter.detection.searches.len(), 1);
    let RuleSelection::Listed(rules) = &filter.rules else { panic!("any") };
    assert_eq!(rules.len(), 2);
}

#[test]
fn collections_share_what_is_global() {
    let rule = |title: &str, value: u8| {
        format!("title: {title}\ndetection: {{s: {{F: {value}}}, condition: s}}\n---\n")
    };
    let global = "action: global\nlevel: high\nlogsource: {product: windows}\ndetection: {t: {G: 1}}\n---\n";
    let text = format!(
        "{global}{}logsource: {{category: c}}\n{}action: repeat\ntitle: C\ndetection: {{s: {{F: 3}}}}\n---\naction: reset\n---\n\
         title: D\nlogsource: {{product: x}}\ndetection: {{s: {{F: 4}}, condition: s}}\n",
        rule("A", 1),
        rule("B", 2)
    );
    let read = read(&text);
    assert!(read.fine(), "{}", read.report());
    insta::assert_snapshot!(crate::write(&read.parsed.tree));
}

#[test]
fn an_unknown_action_is_refused_and_collections_are_bounded() {
    let wrong = ["action: globl\ntitle: T\n", "action: [a]\n"];
    insta::assert_snapshot!(each(&wrong, |text| read(text).report()));
    let list = "x, ".repeat(20_000);
    let bomb = format!("action: global\nreferences: [{list}x]\n---\n{}", "title: T\n---\n".repeat(50));
    assert!(read(&bomb).report().contains("error[E2006]"));
}

#[test]
fn documents_without_a_body_are_reported() {
    let wrong = ["title: T\nlogsource: {product: a}\ndetectoin: {}\n", "just text", "- a", "a: {b"];
    insta::assert_snapshot!(each(&wrong, |text| read(text).report()));
    assert_eq!(read("").report(), "");
    assert_eq!(read("---\n---\n").parsed.tree.documents.len(), 0);
}
