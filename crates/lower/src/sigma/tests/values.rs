//! Values, modifiers, searches, conditions (Sigma specification 2.1; `mapping.md` §3.6–3.7).

use super::{lowered, one, shown, shown_of};

#[test]
fn plain_text_ignores_case_and_takes_wildcards() {
    assert_eq!(one("Image: 'C:\\a.exe'"), r#"sigma:Image:unknown text~ ("C:\\a.exe")"#);
    assert_eq!(one(r"Image: '*\a?\*'"), r#"sigma:Image:unknown text~ (*"\\a"?"*")"#);
    assert_eq!(one("Image|cased: 'A'"), r#"sigma:Image:unknown == "A""#);
    assert_eq!(one("Image: ''"), r#"sigma:Image:unknown text~ ("")"#);
    assert_eq!(one("Image: '*'"), "sigma:Image:unknown text~ (*)");
}

#[test]
fn shapes_are_patterns() {
    assert_eq!(one("a|contains: 'x'"), r#"sigma:a:unknown text~ (*"x"*)"#);
    assert_eq!(one("a|startswith: 'x'"), r#"sigma:a:unknown text~ ("x"*)"#);
    assert_eq!(one("a|endswith|cased: 'x'"), r#"sigma:a:unknown text (*"x")"#);
    assert_eq!(one("a|contains: 4"), r#"sigma:a:unknown text~ (*"4"*)"#);
}

#[test]
fn lists_are_some_of_and_with_all_every_one() {
    assert_eq!(one("a|contains:\n    - 'x'\n    - 'y'"), r#"sigma:a:unknown text~ (*"x"*, *"y"*)"#);
    insta::assert_snapshot!(one("a|contains|all:\n    - 'x'\n    - 'y'"));
}

#[test]
fn kinds_of_values_are_kept_apart() {
    assert_eq!(one("a: 4"), "sigma:a:unknown == 4");
    assert_eq!(one("a: 4.5"), "sigma:a:unknown == 4.5");
    assert_eq!(one("a: true"), "sigma:a:unknown == true");
    assert_eq!(one("a: 'true'"), r#"sigma:a:unknown text~ ("true")"#);
    assert_eq!(one("a: [1, 2]"), "sigma:a:unknown one-of (1, 2)");
    assert_eq!(one("a: [1, 'x']"), r#"sigma:a:unknown one-of~ (1, "x")"#);
    insta::assert_snapshot!(one("a: [1, 'x*', null]"));
}

#[test]
fn null_is_absence_and_exists_asks_for_it() {
    assert_eq!(one("a: null"), "sigma:a:unknown is-null");
    assert_eq!(one("a|exists: true"), "sigma:a:unknown exists");
    assert_eq!(one("a|exists: false"), "not\n  sigma:a:unknown exists");
    assert_eq!(one("a|neq: 4"), "not\n  sigma:a:unknown == 4");
}

#[test]
fn order_networks_and_other_fields() {
    assert_eq!(one("a|gt: 4"), "sigma:a:unknown > 4");
    assert_eq!(one("a|lte: 4.5"), "sigma:a:unknown <= 4.5");
    assert_eq!(one("a|cidr: ['10.0.0.0/8', '::1/128']"), "sigma:a:unknown in-net (10.0.0.0/8, ::1/128)");
    assert_eq!(one("a|fieldref: 'b'"), "sigma:a:unknown ==~ sigma:b:unknown");
    for cased in ["a|cased|fieldref: 'b'", "a|fieldref|cased: 'b'"] {
        assert_eq!(one(cased), "sigma:a:unknown == sigma:b:unknown");
    }
    assert_eq!(
        one("a|cased|fieldref|contains: 'b'"),
        "stringContains(sigma:a:unknown, sigma:b:unknown) is-true"
    );
    assert_eq!(one("a|fieldref|startswith: 'b'"), "startsWith~(sigma:a:unknown, sigma:b:unknown) is-true");
}

#[test]
fn dashes_of_windows_are_every_dash() {
    let dashes = one("a|windash|contains: ' -x a-b'");
    assert_eq!(
        dashes,
        "sigma:a:unknown text~ (*\" -x a-b\"*, *\" /x a-b\"*, *\" –x a-b\"*, *\" —x a-b\"*, *\" ―x a-b\"*)"
    );
    assert_eq!(one("a|contains|windash: ' -x a-b'"), dashes);
    let many = "-x ".repeat(5);
    insta::assert_snapshot!(one(&format!("a|windash: '{many}'")));
}

#[test]
fn encodings_are_those_of_the_specification() {
    assert_eq!(one("a|base64: 'http://'"), r#"sigma:a:unknown text~ ("aHR0cDovLw==")"#);
    // The example of the specification's appendix.
    assert_eq!(
        one("a|base64offset|contains: 'http://'"),
        r#"sigma:a:unknown text~ (*"aHR0cDovL"*, *"h0dHA6Ly"*, *"odHRwOi8v"*)"#
    );
    assert_eq!(one("a|wide|base64: 'hi'"), r#"sigma:a:unknown text~ ("aABpAA==")"#);
    assert_eq!(one("a|utf16be|base64: 'hi'"), r#"sigma:a:unknown text~ ("AGgAaQ==")"#);
    assert_eq!(one("a|utf16|base64: 'hi'"), r#"sigma:a:unknown text~ ("//5oAGkA")"#);
    assert_eq!(one("a|wide: 'hi'"), r#"sigma:a:unknown text~ ("h\u{0}i\u{0}")"#);
    insta::assert_snapshot!([one("a|base64: 'a*'"), one("a|utf16: 'a'"), one("a|wide: 'é'")].join("\n"));
}

#[test]
fn fields_of_ecs_have_types() {
    let source = "title: A\ntaxonomy: ecs\nlogsource:\n    category: network\ndetection:\n    s:\n        \
                  destination.ip: '10.0.0.1'\n        destination.port: [1, 2]\n        user.name: 'x'\n        \
                  nobody.knows: 'y'\n        destination.ip|cidr: '10.0.0.0/8'\n    condition: s\n";
    insta::assert_snapshot!(shown_of(source));
}

#[test]
fn a_number_on_an_ecs_field_of_texts_is_the_text_that_writes_it() {
    let source = "title: A\ntaxonomy: ecs\nlogsource:\n    category: network\ndetection:\n    s:\n        \
                  event.code: 4688\n        user.name: [7, 'x*', true]\n    condition: s\n";
    insta::assert_snapshot!(shown_of(source), @r#"
    all
      event.code:keyword == "4688"
      any
        user.name:keyword one-of ("7", "true")
        user.name:keyword text~ ("x"*)
    "#);
}

#[test]
fn conditions_join_searches() {
    let searches = "\
sel_a:\n    a: 'x'\nsel_b:\n    - b: 'x'\n      c: 'y'\n    - d: 'z'\n_private:\n    e: 'x'\nfilter:\n    f: 'x'\n";
    let of = |condition: &str| shown(&format!("{searches}condition: {condition}"));
    insta::assert_snapshot!(of("1 of sel_* and not filter"));
    insta::assert_snapshot!(of("all of them or _private"));
    insta::assert_snapshot!(of("2 of them"));
    insta::assert_snapshot!(of("[sel_a, filter]"));
}

#[test]
fn what_has_no_form_is_refused_at_its_place() {
    let refused = [
        shown("k:\n    '|startswith': 'x'\ncondition: k"),
        shown("k:\n    - null\ncondition: k"),
        one("a|expand: ['%x%', 'b', '%y%']"),
        one("a|hour: 4.5"),
        one("a|contains|base64: 'x'"),
        one(r"a|re: '\bx'"),
        one(r"a|re: '(?!x)y'"),
    ];
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn metadata_is_read() {
    let source = "title: A Rule\nid: 0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a\nstatus: test\ndescription: d\n\
                  license: MIT\nreferences:\n    - r\nauthor: A, B\ndate: 2024-01-02\nmodified: 2024-01-03\n\
                  tags:\n    - attack.t1105\nlogsource:\n    category: x\ndetection:\n    s:\n        a: 'b'\n    \
                  condition: s\nfalsepositives:\n    - fp\nlevel: high\n";
    let (rules, diagnostics) = lowered(source);
    assert!(diagnostics.is_empty());
    insta::assert_debug_snapshot!(rules.into_iter().map(|rule| (rule.id, rule.meta)).collect::<Vec<_>>());
}

#[test]
fn keywords_are_found_anywhere_in_the_event() {
    let of = |search: &str| shown(&format!("k:\n{search}\ncondition: k")).trim_end().to_owned();
    assert_eq!(of("    - 'x'\n    - 'a*b'"), r#"anywhere text~ (*"x"*, *"a"*"b"*)"#);
    assert_eq!(of("    - 4625\n    - true"), r#"anywhere text~ (*"4625"*, *"true"*)"#);
    assert_eq!(of("    - '*x*'"), r#"anywhere text~ (*"x"*)"#);
    assert_eq!(of("    '|cased': 'x'"), r#"anywhere text (*"x"*)"#);
    assert_eq!(of("    '|contains': 'x'"), r#"anywhere text~ (*"x"*)"#);
    assert_eq!(of("    '|neq': 'x'"), "not\n  anywhere text~ (*\"x\"*)");
    assert_eq!(
        of("    '|base64offset': 'http://'"),
        r#"anywhere text~ (*"aHR0cDovL"*, *"h0dHA6Ly"*, *"odHRwOi8v"*)"#
    );
    insta::assert_snapshot!(
        [
            of("    '|all':\n        - 'x'\n        - 'y'"),
            of("    '|re':\n        - 'x.y'\n        - '^z'"),
            of("    - 'x'\n    - a: 'y'"),
        ]
        .join("\n")
    );
}

#[test]
fn parts_of_a_time_are_compared_with_numbers() {
    assert_eq!(one("a|hour: 4"), "hour-of sigma:a:unknown == 4");
    assert_eq!(one("a|hour|gte: 22"), "hour-of sigma:a:unknown >= 22");
    assert_eq!(one("a|lt|minute: 5"), "minute-of sigma:a:unknown < 5");
    let part = |name: &str| one(&format!("a|{name}: [1, 2]"));
    insta::assert_snapshot!(["day", "week", "month", "year"].map(part).join("\n"));
}

#[test]
fn placeholders_are_their_lists() {
    let lists = super::super::Placeholders::new([
        ("admins".to_owned(), vec!["root".to_owned(), "adm_*".to_owned()]),
        ("nets".to_owned(), vec!["10.0.0.0/8".to_owned()]),
        ("none".to_owned(), Vec::new()),
    ]);
    let of = |entry: &str| super::one_with(entry, &lists);
    assert_eq!(of("a|expand: '%admins%'"), r#"sigma:a:unknown text~ ("root", "adm_"*)"#);
    assert_eq!(of("a|contains|expand: 'x-%admins%'"), r#"sigma:a:unknown text~ (*"x-root"*, *"x-adm_"*)"#);
    assert_eq!(of("a|expand|cidr: '%nets%'"), "sigma:a:unknown in-net (10.0.0.0/8)");
    assert_eq!(of("a|expand: '%none%'"), "false");
    assert_eq!(of("a|expand|neq: '%none%'"), "true");
    assert_eq!(of("'|expand': '%admins%'"), r#"anywhere text~ (*"root"*, *"adm_"*)"#);
    assert_eq!(of("a: '%admins%'"), r#"sigma:a:unknown text~ ("%admins%")"#);
}
