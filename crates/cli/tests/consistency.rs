//! The same flags for the same things in every command, and the names that users of other tools try first.

#![expect(clippy::expect_used, reason = "a test that cannot run has to stop")]

mod alone;

use std::fs;

use tempfile::TempDir;

use alone::eqlc;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    folder
}

#[test]
fn the_form_of_outputs_is_chosen_by_one_flag() {
    let folder = folder(&[
        ("a.eql", b"process where process.name : \"cmd.exe\""),
        ("e.ndjson", b"{\"event\":{\"category\":\"process\"},\"process\":{\"name\":\"CMD.EXE\"}}\n"),
    ]);
    for (command, format) in
        [("compile", "request"), ("verify", "request"), ("verify", "kibana"), ("verify", "toml")]
    {
        for flag in ["-f", "--output-format"] {
            let output = eqlc(folder.path(), &[command, "-t", "elasticsearch", flag, format, "a.eql"]);
            assert_eq!(output.status.code(), Some(0), "{command} {flag} {format}: {}", text(&output.stderr));
        }
    }
    for flag in ["-f", "--output-format", "--output"] {
        let output = eqlc(folder.path(), &["run", "--query", "any where true", flag, "response", "e.ndjson"]);
        assert!(text(&output.stdout).contains("\"hits\""), "{flag}: {}", text(&output.stderr));
    }
    for command in ["compile", "verify"] {
        let output = eqlc(folder.path(), &[command, "-t", "elasticsearch", "-f", "nope", "a.eql"]);
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(text(&output.stderr), "error: none of the targets has an output format `nope`\n");
    }
}

#[test]
fn commands_answer_to_the_names_that_other_tools_have_for_them() {
    let folder = folder(&[("a.eql", b"any   where true")]);
    let explained = eqlc(folder.path(), &["rule", "E1003"]);
    assert_eq!(explained.stdout, eqlc(folder.path(), &["explain", "E1003"]).stdout);
    assert!(!explained.stdout.is_empty());
    assert_eq!(eqlc(folder.path(), &["format", "--check", "a.eql"]).status.code(), Some(1));
    assert!(text(&eqlc(folder.path(), &["--help"]).stdout).contains("lint --fix"));
}

#[test]
fn quiet_formatting_says_nothing() {
    let folder = folder(&[("a.eql", b"any   where true")]);
    let output = eqlc(folder.path(), &["fmt", "-q", "a.eql"]);
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("", ""));
    assert_eq!(fs::read_to_string(folder.path().join("a.eql")).expect("a file"), "any where true\n");
}

/// What is said of events that are none, and what of the rest is still found.
fn run(files: &[(&str, &[u8])], name: &str) -> (Option<i32>, usize, String) {
    let folder = folder(files);
    let output = eqlc(folder.path(), &["run", "--query", "any where true", name]);
    (output.status.code(), text(&output.stdout).lines().count(), text(&output.stderr).to_owned())
}

#[test]
fn broken_events_cost_only_themselves() {
    for (bytes, matches, said) in [
        (&b"{\"a\":1}\n{broken\n{\"a\":2}\n"[..], 2, "e:line 2: malformed JSON"),
        (b"{\"a\":1}\n{\"b\":\"\xff\xfe\"}\n{\"a\":2}", 2, "e:line 2: not UTF-8 after 6 bytes"),
        (b"[1, {\"a\":1}, \"x\"]", 1, "an event is an object, not a number"),
        (b"{\"a\":1}\n\xef\xbb\xbf\n{\"a\":2}\n", 2, "e:line 2"),
        (b"null\n{\"a\":1}\n", 1, "e:line 1: an event is an object, not null"),
    ] {
        let (code, found, stderr) = run(&[("e", bytes)], "e");
        assert_eq!((code, found), (Some(0), matches), "{stderr}");
        assert!(stderr.contains("warning[E3020]") && stderr.contains(said), "{stderr}");
    }
}

#[test]
fn no_events_are_no_matches_and_no_files_are_an_error() {
    for empty in [&b""[..], b"\n\n", b"[]", b"\xef\xbb\xbf"] {
        assert_eq!(run(&[("e", empty)], "e").0, Some(0), "{empty:?}");
        assert_eq!(run(&[("e", empty)], "e").1, 0, "{empty:?}");
    }
    for (name, said) in [("f", "no file of events in `f`"), ("gone", "`gone` cannot be read")] {
        let folder = folder(&[]);
        fs::create_dir(folder.path().join("f")).expect("a folder");
        let output = eqlc(folder.path(), &["run", "--query", "any where true", name]);
        assert_eq!(output.status.code(), Some(3));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}
