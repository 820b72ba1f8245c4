//! The broken rules that other compilers were tried on.

use std::fmt::Write;
use std::path::Path;

use super::compile;

#[test]
fn broken_rules_get_messages_that_help() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/peer-bugs/broken");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "eql"));
    paths.sort();
    assert_eq!(paths.len(), 12);
    let mut out = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let outcome = compile(&text);
        assert!(!outcome.diagnostics.is_empty(), "{}", path.display());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let _ = writeln!(out, "== {name}\n{}{}", text.trim_end().to_owned() + "\n", outcome.findings());
    }
    insta::assert_snapshot!(out);
}
