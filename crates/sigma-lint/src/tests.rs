//! Every lint on the example of its explanation, and what must not be found.

use std::collections::BTreeMap;

use eqlc_diagnostics::{Applicability, Code, CodeInfo, Diagnostic, Edit, Fragment, SourceMap, has_errors};

use super::*;

/// A rule of which nothing is said; examples replace parts of it.
const RULE: &str = r"title: Archive Tool Started by Office
id: 5e1bd1b3-6f7c-4d4e-9c57-2f2d1a4d7c11
related:
status: test
description: Detects an archive tool that an office program starts
references:
    - https://example.com/a-report
author: A. Writer
date: 2024-05-17
modified:
tags:
    - attack.execution
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith: '\7z.exe'
    condition: selection
falsepositives:
    - Unknown
level: low
";

/// Rules for correlations, and one of which nothing is said.
const CORRELATION: &str = r"title: Archive Tool Started Often
id: 0f6a2f0e-0f6e-4a55-a0c0-7b0a2e6c9a01
status: test
description: Detects an archive tool that is started often
author: A. Writer
date: 2024-05-17
correlation:
    type: event_count
    rules:
        - first_rule
    group-by:
        - Computer
    timespan: 5m
    condition:
        gte: 10
level: low
";

struct Tried {
    text: String,
    findings: Diagnostics,
}

/// What is said of a text.
fn said(name: &str, text: &str) -> Tried {
    let mut sources = SourceMap::new();
    let id = sources.add(name, text);
    let fragment = Fragment::verbatim(id, 0, text);
    let parsed = eqlc_sigma::parse(&fragment);
    assert!(!has_errors(&parsed.diagnostics), "{:#?}\n{text}", parsed.diagnostics);
    let context =
        Context { fragment: &fragment, path: name, others: &[], identities: None, wanted: &|_| true };
    Tried { findings: lint(&parsed.tree, &context), text: text.to_owned() }
}

/// The blocks of a document by their keys.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match blocks.last_mut() {
            Some((_, block)) if line.starts_with([' ', '-']) => block.push_str(line),
            _ => blocks.push((line.split(':').next().unwrap().to_owned(), line.to_owned())),
        }
    }
    blocks
}

/// A document with the blocks of another one in place of its own.
fn merged(base: &str, with: &str) -> String {
    let mut own = blocks(base);
    for (key, block) in blocks(with) {
        match own.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = block,
            None => own.push((key, block)),
        }
    }
    own.into_iter().map(|(_, block)| block).collect()
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// A whole file from what an explanation shows: whole documents, keys of a document, parts of a detection, or tests of a
/// selection. A first line `# NAME` is the name of the file.
fn whole(example: &str) -> (String, String) {
    let (name, example) = match example.strip_prefix("# ").and_then(|rest| rest.split_once('\n')) {
        Some((name, rest)) => (name, rest),
        None => ("proc_creation_win_archive_tool.yml", example),
    };
    let example = format!("{}\n", example.trim_end());
    let first = example.split(':').next().unwrap();
    let known = first == "taxonomy" || blocks(RULE).iter().any(|(key, _)| key == first);
    let text = if first == "correlation" {
        let rules = ["first_rule", "second_rule"].map(|name| {
            let title = if name == "first_rule" { "Archive Tool" } else { "Packer" };
            let id = if name == "first_rule" { '1' } else { '2' };
            let detection = format!("    selection:\n        ProcessId: {id}\n    condition: selection\n");
            let id = format!("5e1bd1b3-6f7c-4d4e-9c57-2f2d1a4d7c1{id}");
            merged(RULE, &format!("title: {title}\nid: {id}\ndetection:\n{detection}"))
                + &format!("name: {name}\n---\n")
        });
        rules.concat() + &merged(CORRELATION, &example)
    } else if first == "title" && example.lines().count() > 2 {
        example
    } else if known {
        merged(RULE, &example)
    } else if example.contains("\ncondition:") {
        merged(RULE, &format!("detection:\n{}", indented(&example, 4)))
    } else {
        let tests = indented(&example, 8);
        merged(RULE, &format!("detection:\n    selection:\n{tests}    condition: selection\n"))
    };
    let correlates = text.contains("\ncorrelation:") && name.starts_with("proc_");
    (if correlates { "correlation_archive_tool.yml".to_owned() } else { name.to_owned() }, text)
}

fn codes(findings: &[Diagnostic]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn of_sigma() -> impl Iterator<Item = (&'static CodeInfo, Code)> {
    let own = Code::table().iter().filter(|info| info.code.starts_with("W2"));
    own.map(|info| (info, Code::find(&info.code).unwrap()))
}

/// The text with the first fix of each finding of a code, as long as there are any.
fn fixed(name: &str, tried: &Tried, code: Code) -> Option<String> {
    let mut text = tried.text.clone();
    let mut any = false;
    for _ in 0..4 {
        let again = said(name, &text);
        let Some(fix) =
            again.findings.iter().filter(|finding| finding.code == code).find_map(|f| f.fixes.first())
        else {
            break;
        };
        any = true;
        let mut edits: Vec<&Edit> = fix.edits.iter().collect();
        edits.sort_by_key(|edit| edit.span.start);
        for edit in edits.into_iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
    }
    any.then_some(text)
}

#[test]
fn nothing_is_said_of_rules_as_they_should_be() {
    assert_eq!(codes(&said("proc_creation_win_archive_tool.yml", RULE).findings), Vec::<&str>::new());
    let (name, text) = whole(
        "correlation:\n    type: event_count\n    rules:\n        - first_rule\n    group-by:\n        - Computer\n    timespan: 5m\n    condition:\n        gte: 10",
    );
    assert_eq!(codes(&said(&name, &text).findings), Vec::<&str>::new());
}

#[test]
fn every_lint_finds_its_example_and_is_content_with_the_other() {
    let mut tried = 0;
    for (info, code) in of_sigma() {
        let (name, text) = whole(info.example.as_ref().expect("an example"));
        let found = said(&name, &text);
        assert!(
            found.findings.iter().any(|finding| finding.code == code),
            "{code} {:?}\n{text}",
            codes(&found.findings)
        );
        if let Some(instead) = &info.instead {
            let (name, text) = whole(instead);
            let found = said(&name, &text);
            assert!(found.findings.iter().all(|finding| finding.code != code), "{code}\n{text}");
        }
        tried += 1;
    }
    assert!(tried > 60, "{tried}");
}

/// A fix leaves a file that can be read, without the finding.
#[test]
fn fixes_repair_what_was_found() {
    let mut repaired = 0;
    for (info, code) in of_sigma() {
        let (name, text) = whole(info.example.as_ref().unwrap());
        let tried = said(&name, &text);
        let Some(text) = fixed(&name, &tried, code) else { continue };
        let left = said(&name, &text).findings;
        assert!(left.iter().all(|finding| finding.code != code), "{code}\n{text}");
        repaired += 1;
    }
    assert!(repaired > 30, "{repaired}");
}

fn place(text: &str, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.span().expect("a place");
    let before = text.get(..span.start as usize).unwrap();
    let line = before.matches('\n').count() + 1;
    let slice = text.get(span.range()).unwrap();
    let shown = slice.lines().next().unwrap_or("");
    let more = if slice.trim_end().contains('\n') { "…" } else { "" };
    format!("{line}: `{shown}{more}`")
}

/// The lines of a text that are not in another one.
fn changed(before: &str, after: &str) -> String {
    let mut count: BTreeMap<&str, i32> = BTreeMap::new();
    for line in before.lines() {
        *count.entry(line).or_default() += 1;
    }
    let mut out = String::new();
    for line in after.lines() {
        let left = count.entry(line).or_default();
        *left -= 1;
        if *left < 0 {
            out.push_str(&format!("    + {line}\n"));
        }
    }
    for line in before.lines() {
        if let Some(left) = count.get_mut(line).filter(|left| **left > 0) {
            *left -= 1;
            out.push_str(&format!("    - {line}\n"));
        }
    }
    out
}

/// Source and result of the examples of codes that begin alike.
fn shown(start: &str) -> String {
    let mut out = String::new();
    for (info, code) in of_sigma().filter(|(info, _)| info.code.starts_with(start)) {
        let example = info.example.as_ref().unwrap();
        let (name, text) = whole(example);
        let tried = said(&name, &text);
        out.push_str(&format!("## {code}\n{}", indented(example.trim_end(), 4)));
        for finding in tried.findings.iter().filter(|finding| finding.code == code) {
            let label = &finding.primary.as_ref().unwrap().message;
            out.push_str(&format!("  {}\n    at {} {label}\n", finding.message, place(&text, finding)));
            for more in &finding.related {
                let here = Diagnostic::warning(code, "").at(more.span, "");
                out.push_str(&format!("    and {} {}\n", place(&text, &here), more.message));
            }
            for help in finding.notes.iter().chain(&finding.help) {
                out.push_str(&format!("    {help}\n"));
            }
            for fix in &finding.fixes {
                let safe = if fix.applicability == Applicability::Safe { "safe" } else { "unsafe" };
                out.push_str(&format!("    {safe}: {}\n", fix.title));
            }
        }
        if let Some(fixed) = fixed(&name, &tried, code) {
            out.push_str(&changed(&text, &fixed));
        }
        out.push('\n');
    }
    out
}

#[test]
fn lints_of_metadata_and_their_fixes() {
    insta::assert_snapshot!(shown("W20"));
}

#[test]
fn lints_of_log_sources_and_their_fixes() {
    insta::assert_snapshot!(shown("W21"));
}

#[test]
fn lints_of_searches_and_their_fixes() {
    insta::assert_snapshot!(shown("W22"));
}

#[test]
fn lints_of_conditions_and_their_fixes() {
    insta::assert_snapshot!(shown("W23"));
}

#[test]
fn lints_of_correlations_and_their_fixes() {
    insta::assert_snapshot!(shown("W24"));
}

/// Texts that look like a finding and are none.
const ON_PURPOSE: &[(&str, &str)] = &[
    ("W2001", "related:\n    - id: 7d5cb5a4-8f0f-4a3c-b0d8-3b0ff2bd6f0e\n      type: similar"),
    ("W2003", "title: Archive Tool Waits..."),
    ("W2004", "title: Start of 7z.exe via cmd.exe by iPhone and wmic_tool"),
    ("W2011", "description: Detects what https://example.com/a-report shows"),
    ("W2012", "modified: 2024-05-18"),
    ("W2013", "date: 2024-02-29"),
    ("W2014", "references:\n    - Internal Research"),
    ("W2015", "references:\n    - https://github.com/example/tool\n    - https://github.com/example/master"),
    ("W2018", "tags:\n    - d3fend.d3f-WindowsNtOpenFile\n    - cve.2021-44228"),
    (
        "W2020",
        "tags:\n    - attack.t1059.001\n    - attack.g0016\n    - attack.ds0009\n    - attack.ta0001\n    - stp.3k\n    - tlp.amber-strict\n    - car.2016-04-005",
    ),
    ("W2021", "falsepositives:\n    - None of the tools of the vendor do so"),
    ("W2022", "falsepositives:\n    - 7z used by people\n    - svchost.exe at start"),
    ("W2101", "logsource:\n    product: abc"),
    ("W2102", "logsource:\n    category: process_creation"),
    ("W2103", "logsource:\n    product: cisco\n    category: firewall"),
    ("W2105", "taxonomy: own\ndetection:\n    selection:\n        process: 'a'\n    condition: selection"),
    (
        "W2105",
        "logsource:\n    product: windows\n    service: security\ndetection:\n    selection:\n        Whatever: 'a'\n    condition: selection",
    ),
    ("W2108", "EventID:\n    - 1\n    - 4688"),
    ("W2201", "CommandLine|base64offset|contains:\n    - 'abc'\n    - 'ABC'"),
    ("W2201", "CommandLine|re:\n    - 'a+b'\n    - 'A+b'"),
    ("W2202", "CommandLine|contains|cased:\n    - 'ab'\n    - 'ABc'"),
    ("W2202", "Image|endswith:\n    - 'a\\b.exe'\n    - 'c\\b.exe'"),
    ("W2202", "CommandLine|base64offset|contains:\n    - 'ab'\n    - 'abc'"),
    ("W2203", "CommandLine|contains: 'a*b'"),
    ("W2203", "CommandLine|contains: 'b\\*'"),
    ("W2204", "CommandLine:\n    - '*a'\n    - 'b*'"),
    ("W2204", "CommandLine: '*a?b*'"),
    ("W2205", "CommandLine: '*\\**'"),
    ("W2206", "CommandLine|re: 'a\\d'"),
    ("W2206", "CommandLine|re: 'a.b'"),
    ("W2207", "CommandLine|re: 'a|.*b{2}'"),
    ("W2207", "CommandLine|re: '(a)\\.*'"),
    ("W2207", "CommandLine|re: '.*{2}[ab]'"),
    ("W2209", "CommandLine|contains|all:\n    - 'a'\n    - 'b'"),
    ("W2209", "CommandLine|all:\n    - '*a*'\n    - '*b*'"),
    ("W2211", "CommandLine|contains|windash: ' -a '"),
    ("W2212", "CommandLine|contains: '42'"),
    ("W2212", "LogonId: '007'"),
    ("W2213", "CommandLine|contains: ['a']"),
    ("W2214", "CommandLine: '\\\\\\\\server\\share\\\\*'"),
    ("W2214", "CommandLine|re: 'a\\\\b'"),
    ("W2215", "CommandLine: '/asp\\?x=\\*'"),
    ("W2216", "CommandLine: '👨‍👩‍👧 a'"),
    ("W2217", "CommandLine|contains:\n    - ' –a'\n    - ' -a'"),
    ("W2217", "CommandLine|contains: 'a – b'"),
    ("W2218", "CommandLine: 'a*'"),
    ("W2219", "CommandLine: ''"),
    (
        "W2220",
        "Hashes|contains:\n    - 'MD5='\n    - 'imphash=0123456789ABCDEF0123456789abcdef'\n    - 'other=1'",
    ),
    ("W2221", "User|contains:\n    - 'AUTHORI'\n    - 'AUTORI'"),
    ("W2029", "CommandLine: \"it's\""),
    ("W2029", "CommandLine: \"\\u0410\""),
    (
        "W2301",
        "selection:\n    Image: 'a'\nfilter_main_one:\n    Image: 'b'\ncondition: selection and not 1 of filter_main_*",
    ),
    ("W2302", "one:\n    Image: 'a'\ntwo:\n    Image: 'b'\ncondition: 1 of them"),
    (
        "W2307",
        "selection:\n    Image: 'a'\nfilter_a:\n    Image: 'b'\ncondition: not (filter_a or not selection)",
    ),
    ("W2307", "selection:\n    Image: 'a'\nfiltered:\n    Image: 'b'\ncondition: selection and filtered"),
    ("W2308", "one:\n    Image: 'a'\ntwo:\n    Image: 'b'\ncondition: one and two or two and one"),
];

#[test]
fn what_rules_do_on_purpose_is_no_finding() {
    for (code, example) in ON_PURPOSE {
        let (name, text) = whole(example);
        let found = said(&name, &text);
        assert!(!codes(&found.findings).contains(code), "{code}\n{text}\n{:#?}", found.findings);
    }
}

/// Where a comment or the notation is in the way, nothing is changed.
#[test]
fn fixes_keep_comments_and_shared_text() {
    let fixes = |example: &str, code: &str| {
        let (name, text) = whole(example);
        let found = said(&name, &text).findings;
        let of_code: Vec<&Diagnostic> =
            found.iter().filter(|finding| finding.code.as_str() == code).collect();
        assert!(!of_code.is_empty(), "{code}\n{text}");
        of_code.iter().map(|finding| finding.fixes.len()).sum::<usize>()
    };
    let list = |comment: &str| format!("Image|endswith:\n    - '\\7z.exe'\n    - '\\7z.exe'{comment}");
    assert_eq!(fixes(&list(""), "W2201"), 1);
    assert_eq!(fixes(&list(" # twice"), "W2201"), 0);
    assert_eq!(fixes("Image|endswith: # one\n    - '\\7z.exe'", "W2213"), 0);
    assert_eq!(fixes("Image|endswith:\n    # one\n    - '\\7z.exe'", "W2213"), 0);
    assert_eq!(fixes("Image|endswith: ['\\7z.exe', '\\7z.exe']", "W2201"), 1);
    let shared = "one: &values\n    Image|endswith:\n        - '\\7z.exe'\n        - '\\7z.exe'\ntwo:\n    - *values\n\
                  condition: 1 of them";
    assert_eq!(fixes(shared, "W2201"), 0);
}

/// Deep, long and odd texts neither panic nor take long.
#[test]
fn hostile_rules_are_bounded() {
    let values: String = (0..3_000).map(|at| format!("            - 'a{at}*'\n")).collect();
    let text = merged(
        RULE,
        &format!("detection:\n    selection:\n        Image|contains:\n{values}    condition: selection\n"),
    );
    let found = said("a.yml", &text).findings;
    assert!(found.len() <= 200, "{}", found.len());
    for odd in [
        "Image: '*'",
        "Image: '\\'",
        "Image: \"\\\"",
        "Image|re: '.*'",
        "Image|re: '^$'",
        "Image|contains: '**'",
        "Image: *",
        "Image: '''*'''",
    ] {
        let (name, text) = whole(odd);
        let fragment = Fragment::verbatim(eqlc_diagnostics::SourceId::default(), 0, text.as_str());
        let parsed = eqlc_sigma::parse(&fragment);
        let context =
            Context { fragment: &fragment, path: &name, others: &[], identities: None, wanted: &|_| true };
        let findings = lint(&parsed.tree, &context);
        assert!(findings.iter().all(|finding| finding.span().is_some()), "{odd}");
    }
}
