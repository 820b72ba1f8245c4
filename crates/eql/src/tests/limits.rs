//! Nothing that a user can write makes the parser fail, overflow its stack or take long.

use std::time::{Duration, Instant};

use super::{codes, read};
use crate::print;

/// Runs on a thread with a stack of two mebibytes.
fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no overflow")
}

/// Parses, prints and drops on a small stack; gives the codes.
fn survive(text: String) -> Vec<&'static str> {
    on_small_stack(move || {
        let started = Instant::now();
        let parsed = read(&text);
        let printed = print(&parsed.tree);
        let same = parsed.tree.clone() == parsed.tree;
        assert!(same && !printed.is_empty());
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        parsed.diagnostics.iter().map(|found| found.code.as_str()).collect()
    })
}

fn nested(depth: usize) -> String {
    format!("process where {}a{}", "(".repeat(depth), ")".repeat(depth))
}

#[test]
fn nesting_ends_at_two_hundred() {
    assert_eq!(survive(nested(199)), Vec::<&str>::new());
    assert_eq!(survive(nested(200)), Vec::<&str>::new());
    assert_eq!(survive(nested(201)), ["E0005"]);
    assert_eq!(survive(nested(5_000)), ["E0005"]);
    assert_eq!(survive(format!("process where {}a", "not ".repeat(200))), Vec::<&str>::new());
    assert_eq!(survive(format!("process where {}a", "not ".repeat(5_000))), ["E0005"]);
    assert_eq!(survive(format!("process where {}1 == 1", "- ".repeat(5_000))), ["E0005"]);
    assert_eq!(survive(format!("process where {}a{}", "not (-(".repeat(67), "))".repeat(67))), ["E0005"]);
    assert_eq!(
        survive(format!("process where {}a{}", "f(".repeat(199), ")".repeat(199))),
        Vec::<&str>::new()
    );
    let lists = format!("process where {}a{}", "x in (".repeat(199), ")".repeat(199));
    assert_eq!(survive(lists), Vec::<&str>::new());
}

#[test]
fn broken_nesting_stays_linear() {
    let found = survive(format!("process where {}a + {}", "(".repeat(199), ")".repeat(199)));
    assert_eq!(found, ["E0001"], "one error for one hole");
    let found = survive(format!("process where {}, {}", "(".repeat(199), ")".repeat(199)));
    assert_eq!(found, ["E0001"]);
    assert_eq!(survive("process where ".to_owned() + &"(".repeat(300_000)).len(), 50);
    assert_eq!(survive("process where ".to_owned() + &"a b,".repeat(200_000)).len(), 2);
    assert_eq!(survive("process where a".to_owned() + &" and a b".repeat(100_000)).len(), 50);
    assert_eq!(survive("\"\"\"\n".repeat(100_000)).len(), 50);
    assert_eq!(survive("/*".repeat(400_000)), ["E0018"]);
    assert_eq!(survive(format!("process where x == '{}'", "\\".repeat(400_000))).len(), 1);
}

#[test]
fn long_chains_do_not_nest() {
    assert_eq!(survive(format!("process where a{}", " and a".repeat(100_000))), Vec::<&str>::new());
    assert_eq!(survive(format!("process where a{}", " or not b : \"x\"".repeat(50_000))), Vec::<&str>::new());
    let strings = (0..20_000).map(|at| format!("\"value {at}\"")).collect::<Vec<_>>().join(", ");
    assert_eq!(survive(format!("process where a in ({strings})")), Vec::<&str>::new());
    assert_eq!(survive(format!("process where a : ({strings})")), Vec::<&str>::new());
    assert_eq!(survive(format!("process where a{} == 1", ".b".repeat(100_000))), Vec::<&str>::new());
    assert_eq!(survive(format!("process where a{}", " == 1".repeat(50_000))), ["E0024"]);
}

#[test]
fn arithmetic_ends_at_two_hundred_operators() {
    assert_eq!(survive(format!("process where a{} == 1", " + 1".repeat(200))), Vec::<&str>::new());
    assert_eq!(survive(format!("process where a{} == 1", " * 1".repeat(201))), ["E0006"]);
    let many = format!("process where a{}", " and a + 1 == 2".repeat(1_000));
    assert_eq!(survive(many), Vec::<&str>::new());
}

#[test]
fn long_queries_are_refused_unread() {
    assert_eq!(survive(format!("process where a{}", " and a".repeat(1_000_000))), ["E0004"]);
}

#[test]
fn no_cut_of_a_query_is_a_panic() {
    let rules = [
        "sequence by ?a, `b-c` with maxspan=5m // x\n  [process where a : (\"x*\", \"\"\"C:\\\"\"\") and not b in~ (1, 2.5)] by c.d with runs=3\n  ![any where length(a) + -1 > 0 or d != null]\nuntil [\"f g\" where \"\\u{e9}\" == x] /* y */ by z\n| head 5",
        "sample by a [any where é == “ü”] [any where child of [a where b]]",
    ];
    for rule in rules {
        for (at, _) in rule.char_indices() {
            let (front, back) = rule.split_at(at);
            assert!(!print(&read(front).tree).is_empty());
            assert!(!print(&read(back).tree).is_empty());
            let mut without = front.to_owned();
            without.extend(back.chars().skip(1));
            assert!(read(&without).diagnostics.len() < 8, "{without}");
        }
    }
    assert_eq!(codes("\u{0}\u{1}"), ["E0003", "E0003"]);
    assert_eq!(codes("\u{feff}any where true"), Vec::<&str>::new());
}
