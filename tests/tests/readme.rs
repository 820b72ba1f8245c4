//! What the README shows is what the program says.

use eqlc_driver::{Construct, Registry};

fn readme() -> String {
    std::fs::read_to_string(eqlc_tests::root().join("README.md")).expect("the README")
}

/// The capability matrix, from the targets' own data.
fn matrix(registry: &Registry) -> String {
    let mut table = format!("| construct | {} |\n|---|", Registry::ids().join(" | "));
    table.push_str(&"---|".repeat(Registry::ids().len()));
    for construct in Construct::ALL {
        let cells: Vec<&str> = registry
            .iter()
            .map(|backend| {
                let held = *construct == Construct::Core || backend.target().has(*construct);
                if held { "✓" } else { "" }
            })
            .collect();
        table.push_str(&format!("\n| {} | {} |", construct.title(), cells.join(" | ")));
    }
    table
}

#[test]
fn the_capability_matrix_is_that_of_the_targets() {
    let table = matrix(&Registry::new().expect("the registry"));
    assert!(readme().contains(&table), "the README should hold\n\n{table}");
}

/// The table of `eqlc verify rules/` is the one that the command's own test holds.
#[test]
fn the_verification_is_that_of_the_command() {
    let snapshot =
        eqlc_tests::root().join("crates/cli/tests/snapshots/cli__verify_agrees_on_the_sample_rules.snap");
    let snapshot = std::fs::read_to_string(snapshot).expect("the snapshot");
    let table = snapshot.splitn(3, "---\n").nth(2).expect("the text behind the header").trim_end();
    assert!(readme().contains(table), "the README should hold\n\n{table}");
}

/// Every command line of the README is one that the command takes.
#[test]
fn the_commands_exist() {
    let known = [
        "check",
        "lint",
        "fmt",
        "compile",
        "verify",
        "test",
        "run",
        "witness",
        "diff",
        "fields",
        "explain",
        "targets",
        "completions",
    ];
    let readme = readme();
    // The record of a run names the version of the command.
    let is_command = |line: &&str| !line.starts_with(env!("CARGO_PKG_VERSION"));
    let commands: Vec<&str> =
        readme.lines().filter_map(|line| line.strip_prefix("eqlc ")).filter(is_command).collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        let first = command.split_whitespace().next().unwrap_or_default();
        assert!(known.contains(&first), "{command}");
    }
}
