//! Lints of Sigma rules on the command line: what is said, silenced and repaired.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod short;

use std::fs;

use short::{eqlc, folder, said};

/// A rule as people write it, with comments that must stay.
const RULE: &str = r"# what it is about
title: Archive tool Started.
id: 5e1bd1b3-6f7c-4d4e-9c57-2f2d1a4d7c11
status: test
description: Detects an archive tool that an office program starts
author: A. Writer   # and others
references:
    - https://example.com/a-report
date: 2024-05-17
tags:
    - attack.Execution
    - attack.initial_access
logsource:
    category: process_creation
    product: windows
detection:
    # the tool
    selection_img:
        Image|endswith:
            - '\7z.exe'
            # the old one
            - '\\7za.exe'
            - '\7Z.exe'
    selection_cli:
        CommandLine|contains|all:
            - '*.zip'
        ParentImage: '*\winword.exe'
    timeframe: 5m
    condition: 1 of selection_i* and selection_cli # both
falsepositives:
    - unknown
level: low
";

#[test]
fn safe_fixes_change_what_they_are_about_and_nothing_else() {
    let folder = folder(&[("proc_creation_win_archive_tool.yml", RULE)]);
    let name = "proc_creation_win_archive_tool.yml";
    insta::assert_snapshot!("what_is_found", eqlc(folder.path(), &["check", name]).1);
    let (code, fixed) = eqlc(folder.path(), &["lint", "--fix", name]);
    assert_eq!(code, 0);
    let text = fs::read_to_string(folder.path().join(name)).unwrap();
    insta::assert_snapshot!("what_is_repaired", format!("{fixed}---\n{text}"));
    let (_, again) = eqlc(folder.path(), &["lint", "--fix", name]);
    assert!(again.contains("fixed 0 findings in 0 files"), "{again}");
    assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), text);
}

#[test]
fn lines_keep_their_ends() {
    let name = "a.yml";
    let text = RULE.replace('\n', "\r\n");
    let folder = folder(&[(name, &text), ("b.yml", RULE)]);
    eqlc(folder.path(), &["lint", "--fix", name]);
    eqlc(folder.path(), &["lint", "--fix", "b.yml"]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read(name).replace("\r\n", "\n"), read("b.yml"));
    let bare = read(name).replace("\r\n", "").contains('\n');
    assert!(!bare, "{:?}", read(name));
}

const SLIPS: &str = r"title: Archive Tool
logsource:
    category: proces_creation
    product: windows
detection:
    selection:
        Image|endwith: '\7z.exe'
        User|contains|all: 'a'
        ProcessId|gt: '5'
        SourceIp|cidr: '10.0.0.1/8'
    condition: selection
";

/// Guesses, such as the nearest name, are made when they are asked for; errors of the reader have fixes too.
#[test]
fn guesses_are_made_on_request() {
    let folder = folder(&[("a.yml", SLIPS)]);
    let fixed = |options: &[&str]| {
        fs::write(folder.path().join("a.yml"), SLIPS).unwrap();
        let args = [&["lint", "--ignore", "W2001", "--fix", "a.yml"][..], options].concat();
        let (code, said) = eqlc(folder.path(), &args);
        let text = fs::read_to_string(folder.path().join("a.yml")).unwrap();
        let changed: String = text
            .lines()
            .filter(|line| !SLIPS.lines().any(|old| old == *line))
            .map(|line| format!("{line}\n"))
            .collect();
        format!("exit {code}\n{said}---\n{changed}")
    };
    insta::assert_snapshot!("safe_fixes_only", fixed(&[]));
    insta::assert_snapshot!("guesses_too", fixed(&["--unsafe-fixes"]));
}

const PLAIN: &str = r"title: Archive Tool
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith:
            - '\7z.exe'
    condition: selection
";

#[test]
fn comments_silence_lints_at_their_place() {
    let check = |text: &str| said(&[("a.yml", text)], &["check", "a.yml"]);
    let codes = |text: &str| {
        let said = check(text);
        let codes: Vec<&str> = said.split('[').skip(1).filter_map(|rest| rest.split(']').next()).collect();
        codes.join(" ")
    };
    assert_eq!(codes(PLAIN), "W2001 W2213");
    let own = PLAIN.replace("- '\\7z.exe'", "- '\\7z.exe' # eqlc: ignore[W2213]");
    assert_eq!(codes(&own), "W2001");
    let above = PLAIN.replace(
        "            - '",
        "            # eqlc: ignore[W22]\n            # because\n            - '",
    );
    assert_eq!(codes(&above), "W2001");
    assert_eq!(codes(&format!("{PLAIN}# eqlc: ignore-file[W2001, W2213]\n")), "");
    let first = PLAIN.replace("Tool\n", "Tool # eqlc: ignore[W2001]\n");
    assert_eq!(codes(&first), "W2213");
    // What is not shown is silenced all the same, so that the comment is not idle.
    let named =
        PLAIN.replace("Tool\n", "Tool # eqlc: ignore[W2001]\n") + "# eqlc: ignore-file[W2213,W2026]\n";
    assert_eq!(codes(&named), "");
    let idle = PLAIN.replace("Tool\n", "Tool # eqlc: ignore[W2002]\n");
    assert_eq!(codes(&idle), "W2001 W0020 W2002 W2213".replace(" W2002", ""));
}

#[test]
fn lints_are_selected_ignored_and_denied() {
    let codes = |options: &[&str]| {
        let args = [&["check", "a.yml"][..], options].concat();
        let (exit, said) = eqlc(folder(&[("a.yml", PLAIN)]).path(), &args);
        let codes: Vec<&str> = said.split('[').skip(1).filter_map(|rest| rest.split(']').next()).collect();
        format!("{exit} {}", codes.join(" "))
    };
    assert_eq!(codes(&[]), "0 W2001 W2213");
    assert_eq!(codes(&["--ignore", "W20"]), "0 W2213");
    assert_eq!(codes(&["--ignore", "W2001:*.yml"]), "0 W2213");
    assert_eq!(codes(&["--select", "W2026,W2027"]), "0 W2026 W2027");
    assert_eq!(codes(&["--select", "default,W2026"]), "0 W2026 W2001 W2213");
    assert_eq!(codes(&["--deny", "warnings"]), "1 W2001 W2213");
    assert_eq!(codes(&["--deny", "warnings", "--ignore", "W2"]), "0 ");
}

#[test]
fn conventions_are_for_check_and_lint() {
    let (code, said) = eqlc(folder(&[("a.yml", PLAIN)]).path(), &["compile", "-t", "sigma", "a.yml"]);
    assert_eq!(code, 0);
    assert!(!said.contains("W2"), "{said}");
}

#[test]
fn names_that_two_files_have_are_found() {
    let rule = |title: &str, id: &str| {
        PLAIN.replace("title: Archive Tool\n", &format!("title: {title}\nid: {id}\n"))
    };
    let one = rule("First", "5e1bd1b3-6f7c-4d4e-9c57-2f2d1a4d7c11");
    let two = rule("Second", "'5e1bd1b3-6f7c-4d4e-9c57-2f2d1a4d7c11' # copied");
    let three = rule("First", "6e1bd1b3-6f7c-4d4e-9c57-2f2d1a4d7c11");
    let files = [("one.yml", one.as_str()), ("two.yml", &two), ("three.yml", &three)];
    insta::assert_snapshot!(said(&files, &["check", "--select", "W2006,W2007,W2008", "."]));
    // A file that is repaired is still held against the others.
    let folder = folder(&files);
    let (_, said) = eqlc(folder.path(), &["lint", "--fix", "."]);
    assert_eq!(said.matches("[W2006]").count(), 2, "{said}");
}

#[test]
fn keys_are_moved_with_their_comments() {
    let text = "title: Archive Tool\nlevel: low # only\n# what is looked for\ndetection:\n    selection:\n        \
                Image: 'a'\n    condition: selection\nown: kept\n# where\nlogsource:\n    product: windows\n";
    let folder = folder(&[("a.yml", text)]);
    eqlc(folder.path(), &["lint", "--fix", "a.yml"]);
    insta::assert_snapshot!(fs::read_to_string(folder.path().join("a.yml")).unwrap());
}

/// Correlations are held against rules of other files too.
#[test]
fn fields_of_correlations_are_those_of_their_rules() {
    let rule = PLAIN.replace("title: Archive Tool\n", "title: Archive Tool\nname: archive_tool\n");
    let correlation = "title: Often\ncorrelation:\n    type: event_count\n    rules: [archive_tool]\n    group-by: [Usr]\n    \
                       timespan: 5m\n    condition: {gte: 2}\n";
    let files = [("rule.yml", rule.as_str()), ("twice.yml", correlation)];
    insta::assert_snapshot!(said(&files, &["check", "--select", "W24", "."]));
}
