//! The broken rules that other tools were tried on: where each error is said, how many at once, and whether one edit
//! is offered where one repairs. No tool says more of any of them (`peers-and-demand.md` §3d).

use std::path::PathBuf;

use eqlc_diagnostics::Severity;
use eqlc_driver::{Input, LoadOptions, Unit, load};
use eqlc_tests::shared;

/// File, and for each finding: code, line, column, whether a fix is offered.
type Expected = (&'static str, &'static [(&'static str, usize, usize, bool)]);

const EXPECTED: &[Expected] = &[
    ("s01_badyaml", &[("E2003", 9, 25, true)]),
    ("s02_tab", &[("E2002", 9, 1, true)]),
    ("s03_badmodifier", &[("E2020", 9, 15, true)]),
    ("s04_unknown_ident", &[("E2032", 10, 16, true), ("E2032", 10, 33, false)]),
    ("s05_badregex", &[("E2024", 9, 30, false)]),
    ("s06_nocondition", &[("E2010", 7, 1, true)]),
    ("s07_badcondsyntax", &[("E2031", 12, 24, true)]),
    ("s08_badlevel", &[("E2012", 7, 8, true)]),
    ("s09_badcidr", &[("E2023", 9, 29, true)]),
    ("s10_modcombo", &[("E2021", 9, 24, true), ("E2022", 10, 19, false)]),
    ("s11_dupkey", &[("E2004", 10, 9, true)]),
    (
        "s12_multi",
        &[
            ("E2012", 7, 8, true),
            ("E2004", 8, 1, false),
            ("E2020", 11, 15, true),
            ("E2024", 12, 27, false),
            ("E2032", 13, 24, false),
        ],
    ),
    ("s13_oldpipe", &[("E2034", 10, 20, false)]),
    ("s14_1of_none", &[("E2033", 10, 21, true)]),
    ("s15_unused", &[("E2036", 10, 5, true)]),
];

fn unit(path: PathBuf) -> Unit {
    let relative = PathBuf::from(path.file_name().unwrap());
    load(&[Input { path: Some(path), relative }], LoadOptions::default()).remove(0)
}

#[test]
fn each_error_is_said_once_where_it_is() {
    let Some(folder) = shared("reference/peer-bugs/broken") else { return };
    for (name, expected) in EXPECTED {
        let unit = unit(folder.join(format!("{name}.yml")));
        let found: Vec<_> = unit
            .diagnostics
            .iter()
            .map(|diagnostic| {
                let at = unit.sources.position(diagnostic.span().expect("a place"));
                (diagnostic.code.to_string(), at.line, at.column, !diagnostic.fixes.is_empty())
            })
            .collect();
        let found: Vec<_> =
            found.iter().map(|(code, line, column, fix)| (code.as_str(), *line, *column, *fix)).collect();
        assert_eq!(found, *expected, "{name}");
    }
}

/// A fix that is offered leaves nothing to say about what it repairs.
#[test]
fn fixes_repair() {
    let Some(folder) = shared("reference/peer-bugs/broken") else { return };
    let mut repaired = 0;
    for (name, _) in EXPECTED {
        let before = unit(folder.join(format!("{name}.yml")));
        for diagnostic in &before.diagnostics {
            for fix in &diagnostic.fixes {
                let mut edits = fix.edits.clone();
                edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
                let mut text = before.sources.text(edits[0].span.source).to_owned();
                for edit in &edits {
                    text.replace_range(edit.span.range(), &edit.replacement);
                }
                let input = Input { path: None, relative: PathBuf::from("rule.yml") };
                let after = eqlc_driver::load_bytes(input, text.as_bytes(), LoadOptions::default());
                let errors = |unit: &Unit| {
                    unit.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
                };
                let same =
                    after.diagnostics.iter().filter(|found| found.message == diagnostic.message).count();
                assert_eq!(same, 0, "{name}: {}\n{text}", fix.title);
                assert!(errors(&after) <= errors(&before), "{name}: {}\n{text}", fix.title);
                repaired += 1;
            }
        }
    }
    assert!(repaired >= 11, "{repaired}");
}
