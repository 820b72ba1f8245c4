//! Both passes together, beside the reader of the reference.

use eqlc_events::Event;
use eqlc_ir::Literal;
use proptest::prelude::*;

use super::super::carefully;
use super::super::paths::Paths;
use super::super::values::{Found, Shape, literal};
use super::{Odd, Tape, Walker};

const PATHS: &[&str] =
    &["a", "b", "a.b", "a.b.c", "b.a", "c", "a..b", "ä", "k\"q", "Event", "long_key_of_more_than_sixteen"];

fn paths() -> Paths {
    let mut paths = Paths::new();
    PATHS.iter().for_each(|path| {
        paths.add(path);
    });
    paths
}

/// What a field has: values, and marks of where it is there without one.
type Seen = Vec<(String, Option<Literal>)>;

fn seen(paths: &Paths, found: &[Found], text: &[u8]) -> Seen {
    let of = |found: &Found| {
        let value = literal(found.shape, found.bytes(text));
        assert_eq!(value.is_some(), found.is_value(), "{found:?}");
        let path = paths.fields().find(|(field, _)| *field == found.field).unwrap().1;
        (path.to_owned(), value)
    };
    let mut seen: Seen = found.iter().map(of).collect();
    let order = |literal: &Option<Literal>| format!("{literal:?}");
    seen.sort_by(|a, b| (&a.0, order(&a.1)).cmp(&(&b.0, order(&b.1))));
    seen
}

fn read(walker: &mut Walker, tape: &mut Tape, text: &str) -> Result<Seen, Odd> {
    let paths = paths();
    let mut found = Vec::new();
    tape.read(text.as_bytes())?;
    walker.walk((text.as_bytes(), tape.places()), &paths, &mut found)?;
    Ok(seen(&paths, &found, text.as_bytes()))
}

fn known(text: &str) -> Option<Seen> {
    let paths = paths();
    let event = Event::from_json(serde_json::from_str(text).ok()?, 0)?;
    let (mut written, mut found) = (Vec::new(), Vec::new());
    carefully::values(&event, &paths, &mut written, &mut found);
    let seen = seen(&paths, &found, &written);
    for path in PATHS {
        let mut values: Vec<String> = event.values(path).iter().map(ToString::to_string).collect();
        let of_path = seen.iter().filter(|(known, _)| known == path);
        let mut own: Vec<String> =
            of_path.clone().filter_map(|(_, value)| value.as_ref()).map(shown).collect();
        values.sort();
        own.sort();
        assert_eq!(values, own, "{path} of {text}");
        assert_eq!(event.has(path), of_path.count() > 0, "{path} of {text}");
    }
    Some(seen)
}

fn shown(value: &Literal) -> String {
    match value {
        Literal::Str(text) => text.to_string(),
        Literal::Float(number) => format!("{number:?}"),
        Literal::Int(number) => number.to_string(),
        Literal::Bool(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn agrees(text: &str) {
    let quick = read(&mut Walker::default(), &mut Tape::default(), text);
    if let Ok(quick) = quick {
        assert_eq!(Some(quick), known(text), "{text}");
    }
}

#[test]
fn plain_events_are_read_in_place() {
    for text in [
        r#"{}"#,
        r#" { "a" : 1 , "b" : [ true , null , "x\ty" ] } "#,
        r#"{"a":{"b":{"c":[[1,2],[]]}},"b.a":"x","c":-1.5e3}"#,
        r#"{"a.b":"x","a":[{"b":1},{"b":2}],"a.b.c":0}"#,
        r#"{"b":{"a":""},"c":{},"ä":"ö\u00e4","k\"q":18446744073709551615}"#,
        r#"{"long_key_of_more_than_sixteen":"v","other_key_of_more_than_sixteen":{"a":1}}"#,
        "{\r\n\t\"a\":\n0}",
    ] {
        let read = read(&mut Walker::default(), &mut Tape::default(), text);
        assert!(read.is_ok(), "{text}");
        agrees(text);
    }
}

#[test]
fn what_is_no_event_is_odd() {
    for text in [
        "",
        " ",
        "1",
        "[]",
        "\"a\"",
        "{",
        "}",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\":1 2}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":1}}",
        "{\"a\":1}{}",
        "{\"a\":tru}",
        "{\"a\":01}",
        "x{\"a\":1}",
        "{\"a\":1}x",
        "{x\"a\":1}",
        "{\"a\"x:1}",
        "{\"a\":x\"b\"}",
        "{\"a\":\"b\"x}",
        "{\"a\":[x]}",
        "{\"a\":{}x}",
        "{\"a\":[}]",
        "{a:1}",
        "{1:1}",
        "{\"a\":\u{c}1}",
        "{\"a\":1e999}",
    ] {
        assert_eq!(read(&mut Walker::default(), &mut Tape::default(), text), Err(Odd), "{text}");
    }
    // Events, but the reader of the reference must say what they hold: of two values for a key, the last.
    for text in [
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1},\"a\":2}",
        "{\"a.b\":1,\"a\":{\"b\":2},\"a.b\":3}",
        "{\"a\":\"\\ud83d\\ude00\"}",
    ] {
        assert_eq!(read(&mut Walker::default(), &mut Tape::default(), text), Err(Odd), "{text}");
        assert!(known(text).is_some());
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(120), "]".repeat(120));
    assert_eq!(read(&mut Walker::default(), &mut Tape::default(), &deep), Err(Odd));
}

#[test]
fn null_and_brackets_are_there_without_a_value() {
    let paths = paths();
    let text = br#"{"a":null,"b":[],"c":{}}"#;
    let (mut tape, mut found) = (Tape::default(), Vec::new());
    tape.read(text).unwrap();
    Walker::default().walk((text, tape.places()), &paths, &mut found).unwrap();
    let shapes: Vec<Shape> = found.iter().map(|found| found.shape).collect();
    assert_eq!(shapes, [Shape::Empty, Shape::Composite, Shape::Composite]);
}

/// JSON with white space, escapes and dotted keys, mostly well-formed.
fn json(depth: u32) -> BoxedStrategy<String> {
    let text = prop_oneof![
        4 => "[ a-zA-Z0-9:,{}\\[\\]äß\u{212a}]{0,12}",
        1 => Just("\\n\\\\\\\"\\/\\u0041\\t".to_owned()),
        1 => "[x\\\\\"]{0,4}",
        1 => Just("y".repeat(70)),
    ];
    let leaf = prop_oneof![
        3 => text.prop_map(|text| format!("\"{text}\"")),
        2 => prop_oneof![Just("null"), Just("true"), Just("false")].prop_map(str::to_owned),
        2 => (-1000i64..1000).prop_map(|number| number.to_string()),
        1 => "-?[0-9]{1,3}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{1,2})?",
    ]
    .boxed();
    if depth == 0 {
        return leaf;
    }
    let key = prop_oneof![
        8 => proptest::sample::select(PATHS.to_vec()).prop_map(|path| path.replace('"', "\\\"")),
        1 => Just("\\u0061".to_owned()),
        1 => "[a-c.]{0,4}",
    ];
    let blank = prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\r\n\t")];
    let member = (key, blank.clone(), json(depth - 1))
        .prop_map(|(key, blank, value)| format!("{blank}\"{key}\"{blank}:{blank}{value}{blank}"));
    let object = proptest::collection::vec(member, 0..4).prop_map(|list| format!("{{{}}}", list.join(",")));
    let array = (proptest::collection::vec(json(depth - 1), 0..4), blank)
        .prop_map(|(list, blank)| format!("[{blank}{}{blank}]", list.join(",")));
    prop_oneof![2 => leaf, 3 => object, 1 => array].boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_is_what_the_reference_reads(text in json(3)) {
        agrees(&text);
    }

    #[test]
    fn damaged_events_are_not_taken_for_others(text in json(3), at in any::<usize>(), byte in 0u8..128) {
        let mut bytes = text.into_bytes();
        if let Some(place) = at.checked_rem(bytes.len()).and_then(|at| bytes.get_mut(at)) {
            *place = byte;
        }
        if let Ok(text) = String::from_utf8(bytes) {
            agrees(&text);
        }
    }

    #[test]
    fn a_walker_that_has_seen_other_events_reads_the_same(texts in proptest::collection::vec(json(2), 1..8)) {
        let (mut walker, mut tape) = (Walker::default(), Tape::default());
        for text in &texts {
            if let Ok(found) = read(&mut walker, &mut tape, text) {
                prop_assert_eq!(Some(found), known(text), "{}", text);
            }
        }
    }
}
