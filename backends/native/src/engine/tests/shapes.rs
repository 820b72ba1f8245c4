//! Events of the forms that sources have.

use eqlc_ir::{LogSource, Op, TextPattern};

use super::*;
use crate::reference::LogSourceFields;
use crate::reference::testing::{equal, field, test};

fn source(product: &str, category: Option<&str>, service: Option<&str>) -> Category {
    Category::LogSource(LogSource {
        product: Some(product.to_owned()),
        category: category.map(str::to_owned),
        service: service.map(str::to_owned),
    })
}

#[track_caller]
fn agree(rules: &[Rule], events: &[&str], options: &RunOptions, wanted: &[&[usize]]) {
    let events: Vec<String> = events.iter().map(|text| (*text).to_owned()).collect();
    let (fast, slow) = both(rules, &events, options);
    assert_eq!(fast, slow);
    assert_eq!(fast, wanted);
}

#[test]
fn events_of_windows_are_known_by_channel_and_number() {
    let starts = rule(source("windows", Some("process_creation"), None), equal(field("Image"), r"C:\a.exe"));
    let security = rule(source("windows", None, Some("security")), Pred::Const(true));
    agree(
        &[starts, security],
        &[
            r#"{"Channel":"Security","EventID":4688,"NewProcessName":"C:\\a.exe"}"#,
            r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":"1","Image":"C:\\a.exe"}"#,
            r#"{"Channel":["Security"],"EventID":4688,"NewProcessName":["C:\\a.exe","x"]}"#,
            r#"{"Event":{"System":{"Channel":"Security","EventID":4688},"EventData":{"NewProcessName":"C:\\a.exe"}}}"#,
            r#"{"Channel":"Security","EventID":4688,"Image":"C:\\a.exe","logsource":{"product":"windows"}}"#,
            r#"{"Channel":"Security","EventID":1,"NewProcessName":"C:\\a.exe"}"#,
            r#"{"logsource.product":"windows","logsource.category":"process_creation","Image":"C:\\a.exe"}"#,
        ],
        &RunOptions::default(),
        &[&[0, 1, 2, 3, 6], &[0, 2, 3, 5]],
    );
}

#[test]
fn registry_events_are_known_by_what_they_do() {
    let added = rule(source("windows", Some("registry_add"), None), Pred::Const(true));
    let deleted = rule(source("windows", Some("registry_delete"), None), Pred::Const(true));
    let event = |kind: &str| {
        format!(r#"{{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":12,"EventType":{kind}}}"#)
    };
    let texts = [event(r#""CreateKey""#), event(r#""DeleteKey""#), event("null"), event(r#"["CreateKey"]"#)];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    agree(&[added, deleted], &texts, &RunOptions::default(), &[&[0, 2, 3], &[1, 2]]);
}

#[test]
fn other_fields_may_hold_the_log_source() {
    let log_source = LogSourceFields {
        product: "product".to_owned(),
        category: "tags.category".to_owned(),
        service: String::new(),
    };
    let options = RunOptions { log_source, ..RunOptions::default() };
    let one = rule(source("linux", Some("file_event"), Some("sysmon")), Pred::Const(true));
    agree(
        &[one],
        &[
            r#"{"product":"linux","tags":{"category":["x","file_event"]}}"#,
            r#"{"product":"linux","tags.category":"other"}"#,
            r#"{"product":"Linux","tags.category":"file_event"}"#,
        ],
        &options,
        &[&[0]],
    );
}

#[test]
fn keywords_are_searched_in_all_values_and_no_names() {
    let search = |patterns: &[&str]| {
        let patterns = patterns.iter().map(|text| TextPattern::from_eql(text)).collect();
        let op = Op::Text(patterns, eqlc_ir::Case::Insensitive);
        rule(Category::Any, Pred::Anywhere(eqlc_ir::Anywhere { op, span: Default::default() }))
    };
    agree(
        &[search(&["*mimikatz*"]), search(&["*a/b*"]), search(&["1.5"]), search(&["*kiwi*", r"*\\x*"])],
        &[
            r#"{"x":{"y":["nothing","MimiKatz.exe"]}}"#,
            r#"{"mimikatz":1,"b":"a\/B"}"#,
            r#"{"a":"mim\u0069katz","b":1.50}"#,
            r#"{"a":"a/b","b":15e-1,"c":"\u212aiwi"}"#,
            "{\"a\":\"\u{212a}iwi\"}",
            r#"{"a":"mimi","b":"katz","c":"y\\\\x"}"#,
        ],
        &RunOptions::default(),
        &[&[0, 2], &[1, 3], &[2, 3], &[3, 4, 5]],
    );
}

#[test]
fn conditions_over_two_fields_are_answered() {
    let equal = test(field("a"), Op::Compare(eqlc_ir::Comparison::Equal, field("b")));
    let rules = [
        rule(Category::Any, equal.clone()),
        rule(Category::Any, equal.not()),
        rule(Category::Any, test(field("a"), Op::IsNull)),
        rule(Category::Any, test(field("a"), Op::Exists)),
    ];
    agree(
        &rules,
        &[r#"{"a":[1,2],"b":2}"#, r#"{"a":"x"}"#, r#"{"a":null}"#, r#"{"b":1}"#, r#"{"a":[]}"#],
        &RunOptions::default(),
        &[&[0], &[1, 2, 3, 4], &[2, 3, 4], &[0, 1, 2, 4]],
    );
}

#[test]
fn what_is_no_event_is_told_and_the_next_is_read() {
    let all = rule(Category::Any, Pred::Const(true));
    let options = RunOptions::default();
    let (plan, _) = Plan::new(&[(&all, &options)]);
    let mut session = Session::new(Arc::new(plan), &StreamOptions::default(), 1);
    let place = Place { ordinal: 0, input: 0, line: 1 };
    let mut out = Vec::new();
    for text in ["", "[]", "{\"a\":", "{\"a\":\"\u{1}\"}", "{\"a\":1e999}"] {
        assert!(session.event(text.as_bytes(), place, &mut out).is_err(), "{text}");
    }
    assert!(session.event(b"{\"a\":\"\xff\"}", place, &mut out).is_err());
    assert!(out.is_empty());
    session.event(b"{}", place, &mut out).unwrap();
    assert_eq!(out.len(), 1);
}
