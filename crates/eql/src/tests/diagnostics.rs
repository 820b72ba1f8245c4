//! What is said about queries that are wrong: source and findings side by side.

use super::{codes, render, render_in};
use crate::Dialect;

/// Renders several queries, a blank line between.
fn all(texts: &[&str]) -> String {
    texts.iter().map(|text| render(text)).collect::<Vec<_>>().join("\n")
}

#[test]
fn broken_rules_that_peers_explain_badly() {
    insta::glob!("broken/*.eql", |path| {
        let text = std::fs::read_to_string(path).expect("a text");
        insta::assert_snapshot!(render(&text));
    });
}

#[test]
fn keywords_misspelt_or_in_the_wrong_case() {
    insta::assert_snapshot!(all(&[
        "process WHERE a == 1 AND b == NULL Or NOT c",
        "process where x LIKE \"a\" and y NOT IN (1, 2)",
        "sequnce by a with mxspan=5m [process where true] [file where true] utnil [file where true]",
        "SEQUENCE BY a [process where true] [file where true]",
        "process process.name == \"a\"",
        "process wheer not a",
    ]));
}

#[test]
fn operators_of_other_languages() {
    insta::assert_snapshot!(all(&[
        "process where a=1 || b<>2 && !c",
        "process where a&&b and !(c or d)",
        "process where a === 1 and b !== 2",
        "process where x not : \"a\" or y not like~ (\"b\", \"c\")",
        "process where 1 < pid < 5",
        "process where a == b == c and ,",
    ]));
}

#[test]
fn strings() {
    insta::assert_snapshot!(all(&[
        r#"process where x == "C:\Windows\cmd.exe" and y == "C:\temp\""#,
        r#"process where x : "C:\dir\" and y : "foo""#,
        r#"process where x == "a\tb\qc""#,
        r#"process where x == 'it\'s "a" C:\dir'"#,
        r#"process where x == ?"C:\dir" and y == ?'a'"#,
        r#"process where x == “abc” and y == "\u{D800}\u{1}\u{110000}\u{zz}""#,
        "process where x == \"\"\"a\nb\"\"\" and y == 1",
        "process where x == \"\"\"a and y == 1\n  and z ==",
        "process where x == \"a and (y == 1\n  and z == ",
        "process where `x == 1",
        "process where true /* a /* b */",
    ]));
}

#[test]
fn brackets() {
    insta::assert_snapshot!(all(&[
        "process where (a == 1 and (b == 2) | head 5",
        "process where a == 1)",
        "sequence [process where (a == 1] [file where b == 2] by x",
        "sequence by x [process where a == 1 [file where b == 2 by y until [file where c",
        "process where a in (1, 2 and b == 3",
        "process where [a == 1]",
    ]));
}

#[test]
fn lists() {
    insta::assert_snapshot!(all(&[
        "process where a in () and b : () and c in (1,,2) and d like (,\"x\",)",
        "process where a in (\"x\" \"y\", \"z\") and b : (\"x\" \"y\")",
        "process where a : b and c like (\"x\", lower(d), -1) and e : -1",
        "process where length() and concat(a,, b) == 1",
    ]));
}

#[test]
fn names() {
    insta::assert_snapshot!(all(&[
        "process where event.sequence == 1 and a.6x == 2 and sequence == 3",
        "my-category where true",
        "`my-category` where true",
        "process where a[0].b == 1 and c",
        "where a == 1",
        "process.name == \"a\" and b",
        "process where child of [process where x = 1] and not event of [file where true]",
        "process where a == $b and c # d",
        "process where a ==\u{a0}1",
    ]));
}

#[test]
fn nothing_but_what_was_expected() {
    insta::assert_snapshot!(all(&[
        "",
        "process",
        "process where",
        "process where and b",
        "process where a == and lenght(x) > 1 and b +",
        "process where a == 1 b == 2 and c d e",
        "process where a == not b",
        "process where a is null",
        "== 1",
        "process where true; file where true",
        "process where true;",
    ]));
}

#[test]
fn sequences() {
    insta::assert_snapshot!(all(&[
        "sequence by a [process where true]",
        "sequence by a",
        "sequence with maxspan=30 by a [process where true] [file where true]",
        "sequence by a with maxspan=0.5s [process where true] [file where true]",
        "sequence by a with maxspan=0s [process where true] [file where true]",
        "sequence by a with maxspan=-5s [process where true] [file where true]",
        "sequence by a with maxspan=5sec [process where true] [file where true]",
        "sequence by a maxspan=5m [process where true] [file where true]",
        "sequence by a with maxspan [process where true] [file where true]",
        "sequence by a with runs=5 [process where true] [file where true]",
        "sequence [process where true] by a [file where true] until [file where true] by c, d",
        "sequence by a * 2, length(b) [process where true] [file where true]",
        "sequence [process where true] with runs=2.5 [file where true] with runs=0 [file where true] with runs=101",
        "sequence [process where true] with runs=3 by a [file where true] with times=2 by a",
        "sequence [process where true] ![file where true]",
        "sequence with maxspan=1m ![process where true] ![file where true]",
        "sequence [process where true] [file where true] until ![file where true]",
        "sequence [process where true] [file where true] until [file where true] with runs=2",
        "sequence by a [process where true] fork=true [file where true] as b",
        "[process where true] [file where true]",
        "sequence [process where true] and [file where true]",
        "join by a [process where true] [file where true] | head 5",
    ]));
}

#[test]
fn samples() {
    insta::assert_snapshot!(all(&[
        "sample by a [process where true]",
        "sample [process where true] [file where true]",
        "sample by a [process where true] by a [file where true] by b",
        "sample by a [any where true] [any where true] [any where true] [any where true] [any where true] [any where true]",
        "sample by a with maxspan=1m [process where true] ![file where true] until [file where true] | head 5",
    ]));
}

#[test]
fn pipes() {
    insta::assert_snapshot!(all(&[
        "process where true | had 5",
        "process where true | sort a, b | head 5",
        "process where true | head",
        "process where true | head 0 | tail -1 | head 1.5",
        "process where true | head 1, 2 | frobnicate",
        "process where true | | head 5",
        "process where true | head 5 tail 6",
    ]));
}

#[test]
fn the_endpoint_dialect() {
    let rule = "sequence by host.id\n  [process where descendant of [process where name == \"a\"]] as event0\n  \
        [file where _arraysearch(a.b, $entry, $entry.c == event0.d) and not child of [any where true]]";
    insta::assert_snapshot!(render_in(rule, Dialect::Endpoint));
    assert_eq!(codes(rule), ["E0030", "E0058", "E0003", "E0003", "E0030"]);
}

#[test]
fn a_sequence_of_more_than_256_terms_is_refused() {
    let term = "[process where true] with runs=100\n";
    assert_eq!(codes(&format!("sequence {}", term.repeat(3))), ["E0051"]);
    assert_eq!(codes(&format!("sequence {}", term.repeat(2))), Vec::<&str>::new());
}

#[test]
fn positions_are_those_of_the_outer_file() {
    use eqlc_diagnostics::{Fragment, SourceMap};
    let mut map = SourceMap::new();
    let outer = r#"query = "process where a = \"x\" and b ==""#;
    let id = map.add("rule.toml", outer);
    let mut fragment = Fragment::builder(id, 9);
    fragment.push_copied(9, "process where a = ");
    fragment.push_escape(27, 29, "\"");
    fragment.push_copied(29, "x");
    fragment.push_escape(30, 32, "\"");
    fragment.push_copied(32, " and b ==");
    let parsed = crate::parse(&fragment);
    let places: Vec<_> = parsed.diagnostics.iter().map(|d| d.span().expect("a place").range()).collect();
    assert_eq!(places, [25..26, 41..41]);
    assert_eq!(map.slice(parsed.diagnostics[0].span().expect("a place")), "=");
}

#[test]
fn every_explanation_shows_its_code_and_the_repair() {
    for info in eqlc_diagnostics::Code::table().iter().filter(|info| info.code.starts_with("E0")) {
        if let Some(example) = &info.example {
            assert!(codes(example).contains(&info.code.as_str()), "{}\n{}", info.code, render(example));
        }
        if let Some(instead) = &info.instead {
            assert_eq!(codes(instead), Vec::<&str>::new(), "{}\n{}", info.code, render(instead));
        }
    }
}

#[test]
fn words_of_other_languages_get_advice() {
    insta::assert_snapshot!(all(&[
        "process where a contains \"b\" and c is not null",
        "process where a in (1 2, 3)"
    ]));
}

#[test]
fn times_that_are_no_whole_number_of_units() {
    insta::assert_snapshot!(all(&[
        "sequence by a with maxspan=1.5m [process where true] [file where true]",
        "sequence by a with maxspan=.5s [process where true] [file where true]",
        "sequence by a with maxspan=2.0h [process where true] [file where true]",
        "sequence by a with maxspan=0.5ms [process where true] [file where true]",
        "sequence by a with maxspan=1.5e1m [process where true] [file where true]",
        "sequence by a with maxspan=-1.5m [process where true] [file where true]",
    ]));
}

#[test]
fn keys_that_stand_after_with() {
    insta::assert_snapshot!(all(&[
        "sequence with maxspan=5m /* why */ by host.id, ?user.id [process where true] [file where true]",
        "sequence by a with maxspan=5m by b [process where true] [file where true]",
        "sequence [process where true] with runs=3 by a [file where true] by b",
        "sequence with maxspan=5m by 1 [process where true] [file where true]",
    ]));
}
