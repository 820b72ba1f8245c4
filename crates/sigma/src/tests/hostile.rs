//! Input that nobody wrote as a rule: no panic, no endless work, and an error.

use super::{read, with_condition};

#[test]
fn deep_nesting_is_refused() {
    let lists = "[".repeat(100_000);
    assert!(read(&lists).report().starts_with("error[E2006]"));
    let mut maps = String::new();
    for level in 0..200 {
        maps.push_str(&format!("{}a:\n", " ".repeat(level)));
    }
    assert!(read(&maps).report().starts_with("error[E2006]"));
    for condition in ["(".repeat(70_000) + "a" + &")".repeat(70_000), "not ".repeat(70_000) + "a"] {
        assert!(with_condition(&condition).report().contains("error[E2035]"));
    }
}

#[test]
fn depth_is_counted_by_what_is_open_and_not_by_length() {
    let long = vec!["not (a)"; 500].join(" and ");
    assert_eq!(with_condition(&long).report().matches("error").count(), 0);
}

#[test]
fn large_files_are_refused() {
    let report = read(&"a: b\n".repeat(1 << 20)).report();
    assert!(report.starts_with("error[E2006]: the file is larger than 4 MiB"), "{report}");
}

#[test]
fn tags_and_aliases_to_nothing_are_refused() {
    insta::assert_snapshot!(read("title: &x T\nlogsource: !!map {product: a}\nname: *x\nid: *y\n").report());
    insta::assert_snapshot!(read("title: &x [*x]\n").report());
}

#[test]
fn aliases_are_what_they_stand_for() {
    let read = read(concat!(
        "title: T\nlogsource: &l {product: a}\ndetection:\n    s: &s\n        F: &v [1, '2']\n        G: 3\n",
        "    t:\n        <<: *s\n        G: 4\n        H: *v\n    condition: s or t\n",
    ));
    assert_eq!(read.report(), "");
    let written = crate::write(&read.parsed.tree);
    insta::assert_snapshot!(written);
}

#[test]
fn aliases_that_stand_for_too_much_are_refused() {
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..20 {
        let list = vec![format!("*a{}", n - 1); 10].join(", ");
        laughs.push_str(&format!("a{n}: &a{n} [{list}]\n"));
    }
    assert!(read(&laughs).report().contains("error[E2006]"));
    // Each as deep as can be, one inside the other.
    let mut deep = String::from("a0: &a0 x\n");
    for n in 1..500 {
        deep.push_str(&format!("a{n}: &a{n} {}*a{}{}\n", "[".repeat(40), n - 1, "]".repeat(40)));
    }
    assert!(read(&deep).report().contains("error[E2006]"));
    let nested = format!("{}x{}", "&a [".repeat(60), "]".repeat(60));
    assert!(read(&format!("a: {nested}\n{}", "b: *a\n".repeat(5_000))).report().contains("error["));
}

#[test]
fn findings_are_bounded_and_an_error_is_among_them() {
    let mut text = String::from("title: T\nlogsource: {product: a}\ncustom:\n");
    for n in 0..5000 {
        text.push_str(&format!("titl{n}: 1\n"));
    }
    text.push_str("detection: 5\n");
    let read = read(&text);
    assert!(read.parsed.diagnostics.len() <= 201);
    assert!(!read.fine());
}

#[test]
fn cut_and_broken_rules_do_not_panic() {
    let whole = concat!(
        "title: 'T''x' # c\nid: \"\\u00e9\\x41\"\nlogsource: {product: ä, service: [}\ndetection:\n",
        "  a|re|: |\n    x\n    y\n  b:\n  - \"q\\\n     r\"\n  - F|re: '(['\n  condition: >\n",
        "    1 of a*\n    and (not b | count() > 5\n---\ncorrelation: {type: x, timespan: 5 m}\n",
    );
    let mut seen = 0;
    for end in (0..=whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let head = read(whole.get(..end).unwrap());
        let tail = read(whole.get(end..).unwrap());
        seen += head.report().len() + tail.report().len();
    }
    assert!(seen > 0);
    for noise in [
        "\0",
        "\u{FEFF}",
        "\u{FEFF}title: a",
        "%YAML 1.2\n---\n",
        "...",
        "? [a]\n: b",
        "- - -",
        "&",
        "\r\r\n\t",
    ] {
        let read = read(noise);
        assert!(read.parsed.tree.documents.len() <= 1, "{noise:?}");
    }
}

#[test]
fn a_document_that_cannot_be_read_does_not_hide_the_next() {
    let read =
        read("title: 'x\n---\ntitle: B\nlogsource: {product: a}\ndetection: {s: {F: 1}, condition: s}\n");
    assert_eq!(read.parsed.tree.documents.len(), 1, "{}", read.report());
    assert!(!read.fine());
}
