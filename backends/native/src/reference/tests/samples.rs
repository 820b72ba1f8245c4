//! `eql-semantics.md` §11.

use eqlc_ir::{Body, Pipe, Rule};
use serde_json::json;

use crate::reference::testing::*;
use crate::reference::{RunError, RunOptions, run};

fn found(by: &[&str], terms: &str, max_samples_per_key: usize, events: &str) -> String {
    let options = RunOptions { max_samples_per_key, ..RunOptions::default() };
    shown(&run(&rule(Body::Sample(sample(by, terms))), &stream(events), &options).unwrap())
}

#[test]
fn a_sample_takes_one_event_a_term_in_any_order() {
    assert_eq!(found(&["k"], "a b", 1, "1:b/z 2:a/z 3:a/y 4:b/x 5:b/y"), "y=[2,4] z=[1,0]");
    assert_eq!(found(&["k"], "a b", 1, "1:a/z 2:b/y"), "");
}

#[test]
fn the_events_of_a_sample_differ() {
    assert_eq!(found(&["k"], "a a", 1, "1:a"), "");
    assert_eq!(found(&["k"], "a b", 1, "1:ab"), "");
    assert_eq!(found(&["k"], "a b", 1, "1:ab 2:a"), "a=[1,0]");
    assert_eq!(found(&["k"], "a b c", 1, "1:abc 2:ab 3:ab"), "a=[1,2,0]");
}

#[test]
fn samples_per_key_are_limited() {
    assert_eq!(found(&["k"], "a b", 3, "1:a 2:a 3:b 4:b"), "a=[0,2] a=[0,3] a=[1,2]");
    assert_eq!(found(&["k"], "a b", 0, "1:a 2:b"), "");
}

#[test]
fn keys_of_a_sample_may_be_null_or_many() {
    let events = events(json!([
        {"is": "a", "k": [1, 2]}, {"is": "b", "k": [2, 3, 1]}, {"is": "a"}, {"is": "b", "k": []}
    ]));
    assert_eq!(run_shown(Body::Sample(sample(&["k"], "a b")), &events), "1=[0,1] 2=[0,1]");
    assert_eq!(run_shown(Body::Sample(sample(&["?k"], "a b")), &events), "null=[2,3] 1=[0,1] 2=[0,1]");
}

#[test]
fn the_size_counts_from_the_first_key() {
    let options = RunOptions { size: Some(1), ..RunOptions::default() };
    let rule = rule(Body::Sample(sample(&["k"], "a b")));
    let matches = run(&rule, &stream("1:a/z 2:b/z 3:a/y 4:b/y"), &options).unwrap();
    assert_eq!(shown(&matches), "y=[2,3]");
}

#[test]
fn the_size_counts_from_the_end_that_the_first_pipe_names() {
    let options = RunOptions { size: Some(1), ..RunOptions::default() };
    let rule = Rule { pipes: vec![Pipe::Tail(2)], ..rule(Body::Sample(sample(&["k"], "a b"))) };
    let matches = run(&rule, &stream("1:a/z 2:b/z 3:a/y 4:b/y"), &options).unwrap();
    assert_eq!(shown(&matches), "z=[0,1]");
}

#[test]
fn a_hopeless_sample_costs_little() {
    // The only event of the last term is taken early by the first; no pick of the others can help.
    let events: String =
        (0..400).map(|at| format!("{at}:{} ", if at == 0 { "abcde" } else { "abcd" })).collect();
    assert_eq!(found(&["k"], "a b c d e", 1, &events), "a=[1,2,3,4,0]");
    let only: String = (0..400).map(|at| format!("{at}:{} ", if at == 0 { "abce" } else { "abc" })).collect();
    assert_eq!(found(&["k"], "a b c e e", 1, &only), "");
}

#[test]
fn a_sample_has_five_terms_at_most() {
    let rule = rule(Body::Sample(sample(&["k"], "a b c d e f")));
    assert_eq!(run(&rule, &[], &RunOptions::default()), Err(RunError::TooManyTerms(6)));
}
