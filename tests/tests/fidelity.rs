//! The counts of `cargo xtask fidelity` over the samples.

use xtask::fidelity::{Settings, as_markdown, command, fidelity};

#[test]
fn the_samples_have_the_counts_of_the_snapshot() {
    let folder = std::path::PathBuf::from("../rules/windows");
    let found = fidelity(&[folder], &Settings::default()).expect("the samples");
    insta::assert_snapshot!(as_markdown(&found));
}

#[test]
fn paths_of_the_machine_are_not_told() {
    let told = command(&["/home/someone/rules".into(), "other/rules".into()], &Settings::default());
    assert_eq!(told, "cargo xtask fidelity rules other/rules");
}

#[test]
fn the_command_has_the_options_that_were_chosen() {
    let targets = ["sigma".to_owned(), "osquery:native".to_owned()];
    let settings = Settings { targets: &targets, events: 500, seed: 7, ..Settings::default() };
    let wanted = "cargo xtask fidelity --targets sigma,osquery:native --events 500 --seed 7 rules";
    assert_eq!(command(&["rules".into()], &settings), wanted);
}

#[test]
fn a_folder_without_rules_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let refusal = fidelity(&[folder.path().to_path_buf()], &Settings::default()).expect_err("no rules");
    assert!(refusal.starts_with("no rule in"), "{refusal}");
}
