//! `eql-semantics.md` §14: one test a bullet, through the parser; what no text can say is built by hand.

use eqlc_diagnostics::{Fragment, SourceId, Span, has_errors};
use eqlc_eql::{Dialect, Options};
use eqlc_ir::{Body, Comparison, Element, FieldType, Metadata, Op, Owner, Pred, Rule, Scalar, Until};
use eqlc_lower::eql::{Context, lower};
use serde_json::{Value as Json, json};

use crate::plan;
use crate::reference::testing::*;
use crate::reference::{RunError, RunOptions, run};

/// The rule of a query of the dialect, after a way through its plan.
fn endpoint(text: &str) -> Rule {
    let fragment = Fragment::verbatim(SourceId::default(), 0, text);
    let parsed = eqlc_eql::parse_with(&fragment, Options { dialect: Dialect::Endpoint });
    let context = Context { dialect: Dialect::Endpoint, ..Context::default() };
    let (lowered, found) = lower(&parsed.tree, &context);
    assert!(
        !has_errors(&parsed.diagnostics) && !has_errors(&found),
        "{text}: {:?} {found:?}",
        parsed.diagnostics
    );
    let lowered = lowered.expect("a rule without errors");
    let metadata = Metadata::default();
    let rule = Rule { id: "r".to_owned(), meta: metadata.into(), body: lowered.body, pipes: lowered.pipes };
    let rule = eqlc_ir::normalise(rule);
    plan::read(&plan::write(&rule).unwrap()).unwrap()
}

fn found(text: &str, items: Json) -> String {
    shown(&run(&endpoint(text), &events(items), &RunOptions::default()).unwrap())
}

/// A process event: time, process, parent, name.
fn process(time: u64, id: &str, parent: &str, name: &str) -> Json {
    json!({
        "@timestamp": time, "event": {"category": "process"},
        "process": {"entity_id": id, "parent": {"entity_id": parent}, "name": name}
    })
}

const BELOW_A: &str = r#"process where descendant of [process where process.name == "a"]"#;

#[test]
fn a_descendant_is_found_at_any_depth_and_never_itself() {
    let tree = json!([
        process(1, "1", "0", "a"),
        process(2, "2", "1", "b"),
        process(3, "3", "2", "c"),
        process(4, "4", "3", "d"),
        process(5, "9", "8", "e")
    ]);
    assert_eq!(found(BELOW_A, tree.clone()), "[1] [2] [3]");
    let negated =
        r#"process where not (process.name == "e" or descendant of [process where process.name == "a"])"#;
    assert_eq!(found(negated, tree.clone()), "[0]");
    let nested = r#"any where descendant of [any where descendant of [any where process.name : "B"]]"#;
    assert_eq!(found(nested, tree), "[3]");
}

#[test]
fn only_events_up_to_the_one_at_hand_make_a_descendant() {
    let mut events = vec![process(1, "2", "1", "b"), process(2, "1", "0", "a"), process(3, "2", "1", "b")];
    assert_eq!(found(BELOW_A, Json::Array(events.clone())), "[2]");
    // Of the same time the order of arrival decides, and an input may stand in any order.
    events.reverse();
    assert_eq!(found(BELOW_A, Json::Array(events)), "[0]");
}

#[test]
fn other_events_of_a_process_and_its_ancestry_tell_the_tree() {
    let file = |time: u64, id: &str, name: &str| json!({"@timestamp": time, "event.category": "file", "process.entity_id": id, "process.name": name});
    // The parent of 3 is known from its start only; what a did was a file event.
    let told = json!([file(1, "1", "a"), process(2, "3", "1", "c"), file(3, "3", "c")]);
    let query = r#"file where descendant of [file where process.name == "a"]"#;
    assert_eq!(found(query, told), "[2]");
    let ancestry = json!([
        file(1, "1", "a"),
        {"@timestamp": 2, "event.category": "file", "process": {"entity_id": "7", "Ext": {"ancestry": ["6", "1"]}}}
    ]);
    assert_eq!(found(query, ancestry), "[1]");
}

#[test]
fn a_tree_that_bites_its_tail_comes_to_an_end() {
    let ring = json!([
        process(1, "1", "2", "a"),
        process(2, "2", "1", "b"),
        process(3, "1", "2", "c"),
        process(4, "4", "4", "a")
    ]);
    assert_eq!(found(BELOW_A, ring), "[1]");
}

fn stack(entries: Json) -> Json {
    json!([{"event.category": "api", "user.name": "u", "process": {"thread.Ext": {"call_stack": entries}}}])
}

#[test]
fn an_array_search_is_about_one_element() {
    let query =
        r#"api where _arraysearch(process.thread.Ext.call_stack, $e, $e.symbol : "a*" and $e.size > 5)"#;
    assert_eq!(found(query, stack(json!([{"symbol": "ab", "size": 6}, {"symbol": "c"}]))), "[0]");
    assert_eq!(found(query, stack(json!([{"symbol": "ab", "size": 1}, {"symbol": "c", "size": 9}]))), "");
    // A single object is an array of one; arrays inside arrays are opened.
    assert_eq!(found(query, stack(json!({"symbol": "ab", "size": 6}))), "[0]");
    assert_eq!(found(query, stack(json!([[{"symbol": "ab", "size": 6}]]))), "[0]");
    for empty in [json!([]), json!(null), json!([null]), json!("ab")] {
        assert_eq!(found(query, stack(empty)), "");
    }
    let plain =
        r#"api where process.thread.Ext.call_stack.symbol : "a*" and process.thread.Ext.call_stack.size > 5"#;
    assert_eq!(found(plain, stack(json!([{"symbol": "ab", "size": 1}, {"symbol": "c", "size": 9}]))), "[0]");
}

#[test]
fn an_array_search_is_two_valued_and_sees_the_event() {
    let missing = "api where _arraysearch(process.thread.Ext.call_stack, $e, $e.size == null and not $e.trusted == true)";
    assert_eq!(found(missing, stack(json!([{"size": 1}, {"symbol": "a"}]))), "[0]");
    assert_eq!(found(missing, stack(json!([{"size": 1}]))), "");
    assert_eq!(found("api where not _arraysearch(a.b, $e, true)", stack(json!([]))), "[0]");
    let outer = r#"api where _arraysearch(process.thread.Ext.call_stack, $e, $e.owner == user.name and user.name == "u")"#;
    assert_eq!(found(outer, stack(json!([{"owner": "v"}, {"owner": ["w", "u"]}]))), "[0]");
    assert_eq!(found(outer, stack(json!([{"owner": "v"}]))), "");
}

#[test]
fn elements_nest_and_an_inner_name_hides_an_outer_one() {
    let event = json!([{"a": [{"id": 1, "to": 2}, {"id": 2, "to": 9}], "b": [1, 2, 3]}]);
    assert_eq!(
        found("any where _arraysearch(a, $x, _arraysearch(a, $y, $x.to == $y.id))", event.clone()),
        "[0]"
    );
    assert_eq!(
        found("any where _arraysearch(a, $x, _arraysearch(a, $x, $x.to == $x.id))", event.clone()),
        ""
    );
    assert_eq!(found("any where _arraysearch(b, $x, $x > 2)", event.clone()), "[0]");
    assert_eq!(found("any where _arraysearch(b, $x, $x > 3 or $x.y == 1)", event), "");
}

fn at(time: u64, category: &str, file: &str, extra: &str) -> Json {
    json!({"@timestamp": time, "event.category": category, "file.path": file, "process.command_line": extra, "user.id": "u"})
}

#[test]
fn a_later_step_is_asked_beside_each_partial() {
    let query = "sequence by user.id [file where true] as event0 [process where startswith~(process.command_line, event0.file.path)]";
    let stream = json!([
        at(1, "file", "/tmp/a", ""),
        at(2, "process", "", "/TMP/B"),
        at(3, "process", "", "/tmp/a -x"),
        at(4, "process", "", "/tmp/a")
    ]);
    // The event that does not fit leaves the partial where it is.
    assert_eq!(found(query, stream), "u=[0,2]");
    // The newest partial of a key replaces an older one, which is gone (§10.1).
    let replaced =
        json!([at(1, "file", "/tmp/a", ""), at(2, "file", "/tmp/b", ""), at(3, "process", "", "/tmp/a")]);
    assert_eq!(found(query, replaced), "");
}

#[test]
fn back_references_reach_every_earlier_step_and_nothing_from_a_missing_value() {
    let query = "sequence with maxspan=10m [file where true] as event0 [file where file.path != event0.file.path] as event1 [process where process.command_line == concat(event0.file.path, event1.file.path)]";
    let stream =
        |last: &str| json!([at(1, "file", "x", ""), at(2, "file", "y", ""), at(3, "process", "", last)]);
    assert_eq!(found(query, stream("xy")), "[0,1,2]");
    assert_eq!(found(query, stream("yx")), "");
    let missing =
        "sequence [file where true] as a [process where a.nothing == null and not a.nothing == user.id]";
    assert_eq!(found(missing, stream("")), "[1,2]");
    let elements =
        "sequence [file where true] as a [process where _arraysearch(list, $e, $e.path == a.file.path)]";
    let with_list = json!([at(1, "file", "x", ""), {"@timestamp": 2, "event.category": "process", "list": [{"path": "x"}]}]);
    assert_eq!(found(elements, with_list), "[0,1]");
}

#[test]
fn a_repeated_step_gives_its_last_event() {
    let query = "sequence [file where true] with runs=2 [process where true]";
    let mut rule = endpoint(query);
    let Body::Sequence(sequence) = &mut rule.body else { panic!("a sequence") };
    sequence.steps[0].alias = Some("f".to_owned());
    let bound = Scalar::Of(Owner::Step("f".to_owned()), Box::new(field_ref("file.path", FieldType::Keyword)));
    sequence.steps[1].query.filter = equal(bound, "y");
    let stream = events(json!([at(1, "file", "x", ""), at(2, "file", "y", ""), at(3, "process", "", "")]));
    assert_eq!(shown(&run(&rule, &stream, &RunOptions::default()).unwrap()), "[0,1,2]");
}

#[test]
fn until_ends_the_partials_it_is_about() {
    let query = "sequence [file where true] as a [dns where true] [process where true] until [registry where file.path == a.file.path]";
    let stream = |until: &str| {
        json!([
            at(1, "file", "x", ""),
            at(2, "dns", "", ""),
            at(3, "registry", until, ""),
            at(4, "process", "", "")
        ])
    };
    assert_eq!(found(query, stream("x")), "");
    assert_eq!(found(query, stream("y")), "[0,1,3]");
}

#[test]
fn fields_are_compared_with_fields() {
    let event = json!([{"event.category": "file", "file": {"path": "/a", "Ext": {"original": {"path": "/b"}}}, "process": {"pid": 5, "parent": {"pid": 4}}}]);
    assert_eq!(found("file where file.path != file.Ext.original.path", event.clone()), "[0]");
    assert_eq!(found("file where process.pid == process.parent.pid + 1", event.clone()), "[0]");
    assert_eq!(found("file where file.path == file.Ext.original.path", event.clone()), "");
    assert_eq!(found("file where file.path == file.no or file.no == file.none", event), "");
}

#[test]
fn identifiers_that_are_numbers_are_compared_as_numbers() {
    let ids = json!([{"user.id": 999}, {"user.id": 1000}, {"user.id": "1001"}, {"user.id": "S-1-5"}, {"user.id": 0}]);
    assert_eq!(found("any where user.id >= 1000", ids.clone()), "[1] [2]");
    assert_eq!(found("any where user.id == 0", ids.clone()), "[4]");
    assert_eq!(found("any where user.id in (0, 1001)", ids), "[2] [4]");
}

#[test]
fn a_sequence_without_keys_takes_events_of_the_whole_host() {
    let query = "sequence with maxspan=1s [api where true] [credential_access where true]";
    let stream = json!([
        {"@timestamp": 1, "event.category": "api", "process.entity_id": "1"},
        {"@timestamp": 900, "event.category": "credential_access", "process.entity_id": "2"},
        {"@timestamp": 3000, "event.category": "credential_access"}
    ]);
    assert_eq!(found(query, stream), "[0,1]");
}

#[test]
fn names_that_stand_for_nothing_are_refused_before_the_first_event() {
    let of = |owner: Owner| equal(Scalar::Of(owner, Box::new(field_ref("x", FieldType::Unknown))), 1);
    let element = || Owner::Element("e".to_owned());
    let step_named = || Owner::Step("s".to_owned());
    let unknown = |name: &str| Err(RunError::UnknownName { name: name.to_owned(), span: Span::default() });
    assert_eq!(try_holds(of(element()), json!({})), unknown("$e"));
    assert_eq!(try_holds(of(step_named()), json!({})), unknown("s"));
    let search = |pred: Pred| {
        let array = field_ref("a", FieldType::Object);
        Pred::Element(Element { array, variable: "e".to_owned(), pred: Box::new(pred) })
    };
    assert_eq!(try_holds(search(of(element())), json!({"a": [{"x": 1}]})), Ok(true));
    let below = |pred: Pred| Pred::Descendant(Box::new(query(pred)));
    assert_eq!(try_holds(search(below(of(element()))), json!({})), unknown("$e"));
    let as_value = test(Scalar::Logic(Box::new(search(Pred::Const(true)))), Op::IsNull);
    assert_eq!(try_holds(as_value, json!({})), Err(RunError::InsideValue));

    let mut body = sequence("a b !c", None, None);
    body.steps[0].alias = Some("s".to_owned());
    let refused =
        |body: &eqlc_ir::Sequence| run(&rule(Body::Sequence(body.clone())), &[], &RunOptions::default());
    body.until = Some(Until { query: query(of(step_named())), by: Vec::new() });
    assert_eq!(refused(&body), Ok(Vec::new()));
    let mut own = body.clone();
    own.steps[0].query = query(of(step_named()));
    let mut absent = body.clone();
    absent.steps[2].query = query(of(step_named()));
    for body in [own, absent] {
        assert_eq!(refused(&body).map(|found| !found.is_empty()), unknown("s"));
    }
}

#[test]
fn one_choice_is_made_for_each_owner_apart() {
    let left = Scalar::Of(Owner::Element("e".to_owned()), Box::new(field_ref("x", FieldType::Unknown)));
    let unequal = test(left, Op::Compare(Comparison::Less, field("x")));
    let array = field_ref("a", FieldType::Object);
    let search = Pred::Element(Element { array, variable: "e".to_owned(), pred: Box::new(unequal) });
    assert!(holds(search.clone(), json!({"x": [1, 3], "a": [{"x": [2, 9]}]})));
    assert!(!holds(search, json!({"x": [1, 2], "a": [{"x": 2}, {"x": 9}]})));
}

#[test]
fn a_back_reference_has_the_values_of_its_event() {
    let events = |args: Json, name: Json| {
        json!([
            {"@timestamp": 1, "event.category": "file", "process": {"args": args, "pid": 5}},
            {"@timestamp": 2, "event.category": "process", "process": {"name": name, "pid": 6}}
        ])
    };
    let some = "sequence [file where true] as a [process where process.name == a.process.args]";
    assert_eq!(found(some, events(json!(["x", "y"]), json!(["z", "y"]))), "[0,1]");
    assert_eq!(found(some, events(json!(["x", "y"]), json!("z"))), "");
    for none in [json!([]), json!(null), json!([null])] {
        assert_eq!(found(some, events(none.clone(), json!("z"))), "");
        assert_eq!(found(some, events(json!("x"), none)), "");
    }
    // `!=` is the negation of the whole: no pair is equal (§5.2), also where there is none.
    let no_pair = "sequence [file where true] as a [process where process.name != a.process.args]";
    assert_eq!(found(no_pair, events(json!(["x", "y"]), json!(["z", "y"]))), "");
    assert_eq!(found(no_pair, events(json!(["x", "y"]), json!("z"))), "[0,1]");
    assert_eq!(found(no_pair, events(json!(null), json!("z"))), "[0,1]");
    let number = "sequence [file where true] as a [process where process.pid - a.process.pid == 1 and a.process.pid < process.pid]";
    assert_eq!(found(number, events(json!("x"), json!("z"))), "[0,1]");
    let functions = "sequence [file where true] as a [process where stringcontains~(concat(\"<\", a.process.args, \">\"), process.name) and length(a.process.args) == length(process.name)]";
    assert_eq!(found(functions, events(json!(["", "Ab"]), json!("aB"))), "[0,1]");
    assert_eq!(found(functions, events(json!(["", "Abc"]), json!("aB"))), "");
}

#[test]
fn steps_and_until_ask_for_processes_above_too() {
    let tree = |last: &str| {
        json!([
            process(1, "1", "0", "a"),
            process(2, "2", "1", "b"),
            process(3, "7", "6", "c"),
            process(4, "3", last, "d")
        ])
    };
    let query = r#"sequence [process where process.name == "b"] [process where process.name == "d" and descendant of [process where process.name == "a" and not descendant of [process where true]]]"#;
    assert_eq!(found(query, tree("2")), "[1,3]");
    assert_eq!(found(query, tree("7")), "");
    let until = r#"sequence [process where process.name == "a"] [process where process.name == "d"] until [process where descendant of [process where process.name == "a"] and process.name == "b"]"#;
    assert_eq!(found(until, tree("7")), "");
    let not_until = until
        .replace(r#"[process where process.name == "a"] and"#, r#"[process where process.name == "x"] and"#);
    assert_eq!(found(&not_until, tree("7")), "[0,3]");
}

#[test]
fn a_process_above_is_asked_for_an_element_of_its_own_event() {
    let below = |symbol: &str| {
        json!([
            {"@timestamp": 1, "event.category": "api", "process": {"entity_id": "1", "stack": [{"symbol": symbol, "size": 1}, {"symbol": "y", "size": 9}]}},
            {"@timestamp": 2, "event.category": "process", "process": {"entity_id": "2", "parent.entity_id": "1", "stack": [{"symbol": "x", "size": 9}]}}
        ])
    };
    let query = r#"process where descendant of [api where _arraysearch(process.stack, $e, $e.symbol == "x" and $e.size == 1)]"#;
    assert_eq!(found(query, below("x")), "[1]");
    assert_eq!(found(query, below("z")), "");
}
