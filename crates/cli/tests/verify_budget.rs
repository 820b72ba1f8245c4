//! `eqlc verify --rule-timeout`: one rule takes no more than its time, whatever it is.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

#[expect(dead_code, reason = "this test needs a part of it")]
mod output;
#[expect(dead_code, reason = "this test needs a part of it")]
mod short;

use std::process::Command;

use output::stdout;
use short::folder;

/// Hundreds of alternatives, of which each shares letters with all others: every test asks for a search of its own.
fn pathological() -> String {
    let test = |n: usize| {
        let field = match n % 3 {
            0 => "process.command_line",
            1 => "process.parent.command_line",
            _ => "process.executable",
        };
        format!("{field} regex~ \".*[a-z]{{2,40}}{n}.*(x|y|z){{1,30}}[0-9]{{3}}.*{n}\"")
    };
    let either: Vec<String> = (0..300).map(test).collect();
    let none: Vec<String> = (300..340).map(|n| format!("not {}", test(n))).collect();
    format!("process where ({}) and {}\n", either.join(" or\n "), none.join(" and\n "))
}

#[test]
fn a_rule_that_never_ends_is_cut_within_its_time() {
    let here = folder(&[("rule.eql", &pathological())]);
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(["verify", "-q", "-t", "elasticsearch,sigma", "--rule-timeout", "200ms", "--color", "never"])
        .arg("rule.eql")
        .current_dir(here.path())
        .output()
        .unwrap();
    let table = stdout(&output);
    assert!(table.contains("rules cut short by a budget"), "{table}");
}
