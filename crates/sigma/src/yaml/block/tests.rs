//! Both readers give the same tree, or the one for blocks gives up.

use eqlc_diagnostics::{Fragment, SourceId};

use super::super::read::documents;
use crate::read::Sink;

const RULE: &str = "\
# A comment
title: Started by a Word document   # and one behind
id: 'b0c5e2f0-6d0b-4b6e-9b5e-1f3c6a6b7c8d'
description: |
    First line
      deeper: line # no comment

    Last line
references:
    - https://example.org/a?b=c#d
tags:
- attack.t1204
- \"attack.execution\"
logsource:
    category: process_creation
    product: windows
detection:
    selection:
      - ParentImage|endswith: '\\winword.exe'
        CommandLine|contains:
            - ' -enc '
            - 'it''s'
            - -nop
      - Image: |-
            C:\\a
            C:\\b
    keywords:
        - a - b
        -   EventID: 4688
            Channel:
            - System
    condition: selection or keywords
level: high
";

/// The tree with every place, or none where the reader gives up.
fn quick(text: &str) -> Option<String> {
    super::read(&Fragment::verbatim(SourceId::default(), 0, text)).map(|tree| format!("{tree:?}"))
}

/// The tree with every place, or none where there is not one document without findings.
fn full(text: &str) -> Option<String> {
    let mut sink = Sink::default();
    let trees = documents(&Fragment::verbatim(SourceId::default(), 0, text), "a rule", &mut sink);
    match trees.as_slice() {
        [only] if sink.finish().is_empty() => Some(format!("{only:?}")),
        _ => None,
    }
}

/// Whether the quick reader read the text; what it read must be what the full one reads.
#[track_caller]
fn agree(text: &str) -> bool {
    let Some(tree) = quick(text) else { return false };
    assert_eq!(Some(tree), full(text), "{text}");
    true
}

#[test]
fn a_rule_in_block_style_is_read() {
    assert!(agree(RULE));
}

#[test]
fn what_is_not_block_style_on_single_lines_is_left_to_the_other_reader() {
    for text in [
        "",
        "# nothing\n",
        "- a\n",
        "a\n",
        "a:\n",
        "a:\nb: 1\n",
        "a: [1]\n",
        "a: {b: 1}\n",
        "a: >\n  x\n",
        "a: |2\n  x\n",
        "a: |\n\n  x\n",
        "a: |\n  x",
        "a: &x 1\n",
        "a: *x\n",
        "a: !!str 1\n",
        "? a\n",
        "a: b\n  c\n",
        "a: 'b\n  c'\n",
        "a: \"\\t\"\n",
        "a: b: c\n",
        "a: - b\n",
        "a:\n  - - b\n",
        "a:\n  -\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: 'b'c\n",
        "a: 'b'#c\n",
        "a: 1\na: 2\n",
        "a: 1\n b: 2\n",
        "a:\n  b: 1\n c: 2\n",
        " a: 1\n",
        "--- \na: 1\n",
        "a: 1\n---\nb: 1\n",
        "a: 1\n...\n",
        "%YAML 1.2\n",
        "a: \u{85}\n",
    ] {
        assert_eq!(quick(text), None, "{text:?}");
    }
}

/// Every text that is one edit away from the rule.
#[test]
fn edited_rules_are_read_alike_or_given_up() {
    let inserted = [
        " ", "  ", "\n", "\t", ":", ": ", "-", "- ", "#", " #", "'", "''", "\"", "|", ">", "[", "]", "{",
        "}", ",", "&", "*", "!", "%", "@", "`", "?", "? ", "~", "\\", "=", "<", ".", "---\n", "...\n", "\r",
        "\u{e9}", "\u{a0}", "\u{feff}", "\u{2028}", "null", "\n\n", "\n ", "\n#\n", "\n    ", "x: y\n",
        "- x\n",
    ];
    let mut read = 0;
    for (at, _) in RULE.char_indices() {
        let (before, after) = RULE.split_at(at);
        read += usize::from(agree(&format!("{before}{}", after.get(1..).unwrap_or(""))));
        read += usize::from(agree(before));
        for more in inserted {
            read += usize::from(agree(&format!("{before}{more}{after}")));
        }
    }
    assert!(read > 10_000, "{read}");
}

#[test]
fn edited_lines_are_read_alike_or_given_up() {
    let lines: Vec<&str> = RULE.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let joined = |lines: &[String]| lines.concat();
        let owned: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let mut removed = owned.clone();
        removed.remove(at);
        agree(&joined(&removed));
        for other in 0..lines.len() {
            let mut swapped = owned.clone();
            swapped.swap(at, other);
            agree(&joined(&swapped));
            let mut copied = owned.clone();
            copied.insert(other, owned[at].clone());
            agree(&joined(&copied));
        }
        for indent in 0..8 {
            let mut moved = owned.clone();
            moved[at] = format!("{}{}", " ".repeat(indent), lines[at].trim_start());
            agree(&joined(&moved));
            for line in &mut moved[at..] {
                *line = format!("{}{line}", " ".repeat(indent));
            }
            agree(&joined(&moved));
        }
    }
}

#[test]
fn rules_of_others_are_read_alike_and_nearly_always_quickly() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/sigma-rules");
    let files = walkdir::WalkDir::new(folder).into_iter().flatten();
    let texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
    let (mut read, mut all) = (0_usize, 0_usize);
    for text in texts {
        read += usize::from(agree(&text));
        all += 1;
    }
    if all == 0 {
        eprintln!("skipped: there are no rules in {folder}");
        return;
    }
    assert!(read * 10 > all * 9, "{read} of {all}");
}
