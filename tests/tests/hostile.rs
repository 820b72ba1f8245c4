//! Nothing that somebody can write makes a pass panic, overflow its stack or work without bounds: from the text to
//! every target and to answers, with what stands at the limits and beyond.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;

use eqlc_backend::Settings;
use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::Severity;
use eqlc_driver::{Dialect, Input, LoadOptions, LoadedRule, Registry, Unit, fix, load_bytes, load_query};
use eqlc_events::Event;
use eqlc_ir::normalise;
use serde_json::json;

/// What a thread of a pool has. Without optimisation a frame is more than twice as large, so that one mebibyte, the least
/// that a program starts with (the main thread on Windows), is enough for what users run.
const STACK: usize = 2 << 20;

static TARGETS: LazyLock<Registry> = LazyLock::new(|| Registry::new().expect("every target"));

fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().expect("a thread without panic")
}

/// Takes a query through everything. Gives the codes of its errors, or those of the targets that refused it.
fn through(text: String) -> Vec<String> {
    on_small_stack(move || {
        let mut codes = Vec::new();
        for dialect in [Dialect::Elasticsearch, Dialect::Endpoint] {
            let options = LoadOptions { dialect: Some(dialect), ..LoadOptions::default() };
            let unit = load_query(&text, options.clone());
            let _ = eqlc_eql::format(&text, eqlc_eql::Options { dialect });
            codes = errors(&unit);
            for rule in &unit.rules {
                codes = on_every_target(rule);
            }
            let _ = format!("{unit:?}").len();
            drop(fix(unit, true, &options));
        }
        codes
    })
}

fn errors(unit: &Unit) -> Vec<String> {
    let errors = unit.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code.to_string()).collect()
}

fn on_every_target(rule: &LoadedRule) -> Vec<String> {
    let mut codes = Vec::new();
    let copy = rule.clone();
    assert!(copy.rule == rule.rule && copy.lowered == rule.lowered);
    assert!(normalise(copy.rule) == rule.rule);
    let _ = eqlc_ir::text::rule(&rule.rule);
    let _ = eqlc_ir::normalise::canonical(rule.rule.clone());
    for target in TARGETS.iter() {
        let settings = Settings::default();
        match eqlc_driver::compile(&rule.rule, target, &settings) {
            Ok(compiled) => {
                let back = target.read_back(&compiled.artifact);
                assert!(back.is_ok(), "{} does not read back", target.target().id);
            }
            Err(refused) => {
                let code = refused.first().expect("a reason").code;
                codes.push(format!("{} {code}", target.target().id));
            }
        }
    }
    let events = events();
    if reference::run(&rule.rule, &events, &RunOptions::default()).is_err() {
        codes.push("run".to_owned());
    }
    codes
}

fn events() -> Vec<Event<'static>> {
    let values = [
        json!({"@timestamp": 1, "event.category": "process", "process": {"pid": 4, "name": "a", "args": ["b", "c"]}}),
        json!({"@timestamp": 2, "event.category": "process"}),
    ];
    values.into_iter().enumerate().filter_map(|(at, value)| Event::from_json(value, at)).collect()
}

fn repeated(start: &str, times: usize, middle: &str, end: &str) -> String {
    format!("process where {}{middle}{}", start.repeat(times), end.repeat(times))
}

fn listed(start: &str, items: impl Iterator<Item = String>) -> String {
    format!("process where {start} ({})", items.collect::<Vec<_>>().join(", "))
}

/// A file of rules through everything, on a small stack; the codes of its errors.
fn file_through(name: &'static str, text: String) -> Vec<String> {
    on_small_stack(move || {
        let input = Input { path: Some(PathBuf::from(name)), relative: PathBuf::from(name) };
        let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
        let mut codes = errors(&unit);
        codes.extend(unit.rules.iter().flat_map(on_every_target));
        codes
    })
}

/// Whether only targets refuse.
fn accepted(codes: &[String]) -> bool {
    codes.iter().all(|code| !code.starts_with('E'))
}

/// Each shape as deep as it may be, then one deeper, then ten thousand.
#[test]
fn nesting_has_an_end_and_all_before_it_works() {
    let shapes = [
        (200, "(", "process.pid == 4", ")"),
        (200, "not ", "process.pid == 4", ""),
        (100, "not (", "process.pid == 4", ")"),
        (199, "(process.pid == 1 or ", "process.pid == 4", ")"),
        (
            66,
            "(process.pid == 1 or process.name : \"a\" and process.args == \"b\" and not (",
            "process.pid == 4",
            "))",
        ),
        (133, "(process.pid == 1 or true == ", "process.pid == 4", ")"),
        (199, "true == (", "process.pid == 4", ")"),
        (99, "not true == (", "process.pid == 4", ")"),
        (199, "(process.pid + ", "process.pid == 4", ")"),
        (200, "- ", "process.pid == 4", ""),
        (100, "-(", "process.pid == 4", ")"),
        (199, "substring(", "process.name == \"a\"", ", 1)"),
        (199, "concat(process.name, ", "process.name == \"a\"", ")"),
        (199, "x in (", "process.pid", ")"),
        (200, "descendant of [process where ", "process.pid == 4", "]"),
        (199, "_arraysearch(a, $v, ", "process.pid == 4", ")"),
    ];
    for (deepest, start, middle, end) in shapes {
        let middle = |end: &str| {
            if end.starts_with(',') { middle.split(' ').next().unwrap_or(middle) } else { middle }
        };
        let text = |times| repeated(start, times, middle(end), end);
        assert!(!through(text(deepest)).contains(&"E0005".to_owned()), "{start} {deepest}");
        for times in [deepest + 1, deepest + 2, 10_000] {
            let found = through(text(times));
            let refused = found.contains(&"E0005".to_owned());
            assert!(refused || times < 10_000, "{start} {times}: {found:?}");
        }
    }
}

/// Chains are short for themselves and make a deep tree where one is the operand of the next.
#[test]
fn chains_in_chains_count_as_one_tree() {
    let sums = format!("{}) * 2", " + process.pid".repeat(200));
    let nested = |levels: usize| {
        format!("process where {}process.pid{} == 4", "(".repeat(levels), sums.repeat(levels))
    };
    assert!(!through(nested(1)).contains(&"E0005".to_owned()));
    for levels in [2, 3, 20, 200] {
        assert_eq!(through(nested(levels)), ["E0005"], "{levels}");
    }
    let nots = format!("{}process.pid == (", "not ".repeat(190));
    for levels in [2, 20, 199] {
        assert_eq!(through(repeated(&nots, levels, "true", ")")), ["E0005"], "{levels}");
    }
    let sum = format!("process where process.pid{} == 4", " + process.pid".repeat(10_000));
    assert_eq!(through(sum), ["E0006"]);
}

#[test]
fn unbalanced_nesting_is_as_harmless() {
    for sign in
        ["(", ")", "[", "]", "![", "not ", "- ", "f(", "{", "\"", "/*", "`", "sequence [", "x == (", "a:("]
    {
        for front in ["process where ", ""] {
            let found = through(format!("{front}{}", sign.repeat(10_000)));
            assert!(!found.is_empty(), "{front}{sign}");
        }
    }
    assert!(!through(repeated("[", 10_000, "process.pid == 4", "]")).is_empty());
}

#[test]
fn long_lists_go_through_everything() {
    let numbers = listed("process.pid in", (0..100_000).map(|n| n.to_string()));
    assert!(numbers.len() < 1 << 20);
    assert_eq!(through(numbers), Vec::<String>::new());
    let texts = listed("process.name in~", (0..10_000).map(|n| format!("\"{n}\"")));
    assert_eq!(through(texts), Vec::<String>::new());
    let patterns = listed("process.name :", (0..10_000).map(|n| format!("\"*{n}?\"")));
    assert_eq!(through(patterns), Vec::<String>::new());
}

#[test]
fn long_chains_go_through_everything() {
    let same = format!("process where process.pid == 4{}", " or process.pid == 5".repeat(5_000));
    assert_eq!(through(same), Vec::<String>::new());
    let other: String =
        (0..2_000).map(|n| format!(" or process.pid == {n} and not process.name : \"{n}\"")).collect();
    assert_eq!(through(format!("process where true == false{other}")), Vec::<String>::new());
}

/// The whole of it without the targets, whose outputs are as long.
#[test]
fn a_hundred_thousand_terms_are_read_and_laid_out() {
    on_small_stack(|| {
        let text = format!("process where a{}", " or a".repeat(100_000));
        let unit = load_query(&text, LoadOptions::default());
        assert_eq!(errors(&unit), Vec::<String>::new());
        assert_eq!(unit.rules.len(), 1);
        assert!(normalise(unit.rules[0].lowered.clone()) == unit.rules[0].rule);
        let options = eqlc_eql::Options::default();
        assert!(eqlc_eql::format(&text, options).is_some());
    });
}

/// What is over the limit is refused by its length: no other finding shows that it was not read.
/// Names with dots between that are no path together, because of what stands at their end.
#[test]
fn long_paths_that_are_none_are_read_once() {
    for end in ["and", "1x", "a(", ""] {
        let text = format!("process where {}{end} == 1", "a.".repeat(20_000));
        assert!(!through(text).is_empty(), "{end}");
    }
}

#[test]
fn a_query_over_a_mebibyte_is_refused_unread() {
    let of_length = |length: usize| {
        let text = "process where true and not foo bar(".to_owned();
        let rest = "x".repeat(length - text.len());
        text + &rest
    };
    assert_eq!(through(of_length(10 << 20)), ["E0004"]);
    assert_eq!(through(of_length((1 << 20) + 1)), ["E0004"]);
    assert_ne!(through(of_length(1 << 20)), ["E0004"]);
    let full = format!("process where process.name == \"{}\"", "x".repeat((1 << 20) - 32));
    assert_eq!(full.len(), 1 << 20);
    assert_eq!(
        through(full),
        ["elasticsearch E4003", "osquery E4003"],
        "a line end makes it too long to be read"
    );
    assert_eq!(file_through("rule.eql", of_length(10 << 20)), ["E3002"], "the file is too large already");
}

#[test]
fn sigma_nests_as_little() {
    let sigma = |detection: &str, condition: &str| {
        format!(
            "title: T\nlogsource: {{category: process_creation}}\ndetection:\n  a: {detection}\n  condition: {condition}\n"
        )
    };
    let deep = |times: usize, start: &str, end: &str| {
        file_through(
            "rule.yml",
            sigma("{Image: x}", &format!("{}a{}", start.repeat(times), end.repeat(times))),
        )
    };
    for (start, end) in [("(", ")"), ("not ", ""), ("not (", ")"), ("a or (", ")")] {
        assert!(!deep(30, start, end).contains(&"E2035".to_owned()), "{start}");
        assert_eq!(deep(10_000, start, end), ["E2035"], "{start}");
    }
    for times in [31, 62, 64, 65, 66, 200] {
        let _ = deep(times, "a or (", ")");
    }
    let lists = |times: usize| {
        let list = format!("{}x{}", "[".repeat(times), "]".repeat(times));
        file_through("rule.yml", sigma(&format!("{{Image: {list}}}"), "a"))
    };
    assert!(accepted(&lists(1)));
    assert!(!accepted(&lists(10_000)));
    let maps = |times: usize| {
        let map = format!("{}x{}", "{a: ".repeat(times), "}".repeat(times));
        file_through("rule.yml", sigma(&map, "a"))
    };
    assert!(!accepted(&maps(60)) && !accepted(&maps(10_000)));
    let long = sigma("{Image: x}", &format!("a{}", " or a".repeat(10_000)));
    assert!(accepted(&file_through("rule.yml", long)));
}

#[test]
fn documents_nest_as_little() {
    for (name, start, end) in
        [("rule.toml", "[", "]"), ("rules.ndjson", "[", "]"), ("rules.json", "{\"a\":", "}")]
    {
        let value = format!("{}1{}", start.repeat(10_000), end.repeat(10_000));
        let text = if name == "rule.toml" { format!("[rule]\nx = {value}\n") } else { value };
        assert!(!file_through(name, text).is_empty(), "{name}");
    }
    let tables = format!("[{}]\nx = 1\n", vec!["a"; 10_000].join("."));
    assert!(!file_through("rule.toml", tables).is_empty());
}

#[test]
fn events_nest_as_they_can() {
    on_small_stack(|| {
        let nested = |start: &str, end: &str, times: usize| {
            format!("{{\"a\":{}1{}}}\n{{\"b\":1}}\n", start.repeat(times), end.repeat(times))
        };
        for (start, end) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let read = |times: usize| -> Vec<bool> {
                eqlc_events::read(nested(start, end, times).as_bytes()).map(|event| event.is_ok()).collect()
            };
            assert_eq!(read(60), [true, true], "{start}");
            assert_eq!(read(10_000), [false, true], "{start}: the next event is read");
        }
        let path = vec!["a"; 60].join(".");
        let event = Event::from_json(
            serde_json::from_str(nested("{\"a\":", "}", 59).lines().next().expect("a line")).expect("JSON"),
            0,
        );
        let event = event.expect("an object");
        assert_eq!(event.values(&path).len(), 1);
        assert_eq!(event.values(&vec!["a"; 100_000].join(".")).len(), 0);
    });
}
