//! Rules with the errors that people make: where each is said and how.

use super::read;

#[test]
fn broken_rules_are_reported_where_they_are_broken() {
    insta::glob!("broken/*.yml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let read = read(&text);
        assert!(!read.parsed.diagnostics.is_empty(), "{}", path.display());
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{text}----\n{}", read.report()));
        });
    });
}
