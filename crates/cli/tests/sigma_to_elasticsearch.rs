//! Sigma rules for Elasticsearch on the command line: mapped by default, as they are with `-p none`, and proven on
//! records of Windows' log.

#![expect(clippy::expect_used, reason = "a test that cannot run has to stop")]

mod odd_tool;

use std::fs;

use odd_tool::{RULE, eqlc, folder};

fn compiled(more: &[&str]) -> String {
    odd_tool::compiled("elasticsearch", "elasticsearch/rule.eql", more)
}

#[test]
fn fields_and_log_sources_are_mapped_by_default() {
    insta::assert_snapshot!(compiled(&[]));
}

#[test]
fn without_a_mapping_names_stay() {
    insta::assert_snapshot!(compiled(&["-p", "none"]));
}

#[test]
fn outputs_are_proven_on_records_of_the_log() {
    let folder = folder();
    let (status, text) = eqlc(folder.path(), &["verify", "-t", "elasticsearch,native,sigma", "rule.yml"]);
    assert_eq!(status, Some(0), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_search_for_keywords_is_refused_by_name() {
    let folder = folder();
    let rule = RULE.replace("  filter:\n    ParentImage: null\n", "  filter:\n    - mimikatz\n");
    fs::write(folder.path().join("rule.yml"), rule).expect("a file");
    let (status, text) = eqlc(folder.path(), &["compile", "-t", "elasticsearch", "-o", "out", "rule.yml"]);
    assert_eq!(status, Some(2), "{text}");
    insta::assert_snapshot!(text);
}
