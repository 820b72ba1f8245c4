//! What each transformation makes of a rule. That it is what pySigma makes of it is checked by `tests/oracle.rs`; here is
//! how it is written, and what differs.

use super::*;

const RULE: &str = "\
selection:
    Image|endswith: '\\cmd.exe'
    CommandLine|contains|all:
        - ' /c '
        - 'who?'
    EventID: 4688
filter_a:
    User|cased: 'Admin*'
filter_b:
    - ParentImage|re: 'x.*y$'
    - ParentImage: null
condition: selection and not 1 of filter_*
";

#[test]
fn renamed_fields_keep_the_form_of_the_rule() {
    insta::assert_snapshot!(one(
        "type: field_name_mapping\nmapping: {Image: process.executable, ParentImage: process.parent.executable, User: user.name}",
        RULE
    ));
}

#[test]
fn a_field_that_becomes_several_splits_the_search() {
    insta::assert_snapshot!(one(
        "type: field_name_mapping\nmapping: {Image: [a, b], User: [c, d], ParentImage: [e, f]}",
        RULE
    ));
}

#[test]
fn prefixes_and_suffixes_go_to_fields_that_pass_the_conditions() {
    let of = |item: &str| one(item, "s:\n    Image: a\n    'Parent|fieldref': Image\ncondition: s");
    insta::assert_snapshot!(
        [
            of("type: field_name_prefix\nprefix: win."),
            of("type: field_name_suffix\nsuffix: .text\nfield_name_conditions:\n    - {type: include_fields, fields: [Image]}"),
            of("type: field_name_prefix_mapping\nmapping: {Im: im., Par: [p., q.]}"),
        ]
        .join("\n")
    );
}

#[test]
fn keywords_become_parts_of_a_field() {
    insta::assert_snapshot!(one(
        "type: field_name_mapping\nmapping: {null: event.original}",
        "k:\n    - 'mimikatz'\n    - '*sekurlsa'\ncondition: k"
    ));
}

#[test]
fn what_is_dropped_leaves_conditions() {
    let drop = |fields: &str| {
        let item = format!(
            "type: drop_detection_item\nfield_name_conditions:\n    - {{type: include_fields, fields: {fields}}}"
        );
        one(&item, RULE)
    };
    insta::assert_snapshot!([drop("[EventID, User]"), drop("[User, ParentImage]")].join("\n"));
    insta::assert_snapshot!(drop("[Image, CommandLine, EventID, User, ParentImage]"));
}

#[test]
fn conditions_are_added_to_every_condition() {
    let of = |item: &str| one(item, "s:\n    a: b\nt:\n    c: d\ncondition:\n    - s or t\n    - 1 of them");
    insta::assert_snapshot!(
        [
            of("type: add_condition\nconditions: {index: 'logs-$product', 'code|contains': [1, x]}\ntemplate: true"),
            of("type: add_condition\nname: own\nnegated: true\nconditions: {index: x}"),
            of("type: add_condition\nname: s\nconditions: {index: x}"),
            of("type: add_condition\nconditions: {index: $service}\ntemplate: true"),
        ]
        .join("\n")
    );
}

#[test]
fn what_a_rule_says_of_itself_is_changed() {
    let pipeline = pipeline(
        "\
transformations:
    - {type: change_logsource, category: process, service: x}
    - {type: add_field, field: [a, b]}
    - {type: remove_field, field: a}
    - {type: set_custom_attribute, attribute: index, value: [logs-*]}
",
    );
    let rule = "title: A\nfields: [Image]\nlogsource:\n    product: windows\ndetection:\n    s:\n        a: b\n    condition: s\n";
    insta::assert_snapshot!(after(rule, &[pipeline]));
}

#[test]
fn values_are_replaced_mapped_and_converted() {
    let of = |item: &str| {
        one(
            item,
            "s:\n    Path|startswith: 'C:\\Temp'\n    User|cased: 'Admin'\n    Count: [5, '7']\ncondition: s",
        )
    };
    let items = [
        "type: replace_string\nregex: '\\\\'\nreplacement: '/'",
        "type: map_string\nmapping: {'C:\\Temp*': [x, 'y*'], Admin: root}",
        "type: case\nmethod: upper",
        "type: convert_type\ntarget_type: str",
        "type: convert_type\ntarget_type: num",
        "type: set_value\nvalue: 'a*'",
        "type: regex",
        "type: regex\nmethod: ignore_case_flag",
    ];
    let shown: Vec<String> = items.into_iter().map(|item| format!("# {item}\n{}", of(item))).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn values_of_several_kinds_become_several_tests() {
    // The texts become expressions, the number stays.
    insta::assert_snapshot!(one(
        "type: regex\nmethod: plain",
        "s:\n    a: ['x', 5, 'y*']\n    b|neq: ['x', 5]\ncondition: s"
    ));
}

#[test]
fn placeholders_are_filled() {
    let of = |item: &str| {
        one(
            item,
            "s:\n    User|expand: '%admins%'\n    Host|contains|expand: 'h-%site%'\n    CommandLine|re|expand: 'net %site% %admins%$'\n    Path|cased|expand: '%site%'\ncondition: s",
        )
    };
    insta::assert_snapshot!(
        [
            of("type: value_placeholders"),
            of("type: wildcard_placeholders\ninclude: [site]"),
            of("type: value_placeholders\nexclude: [admins]"),
            of("type: query_expression_placeholders\nexpression: '[| inputlookup {id}]'\ninclude: [admins]"),
        ]
        .join("\n")
    );
    insta::assert_snapshot!(one("type: value_placeholders", "s:\n    User|expand: '%admin%'\ncondition: s"));
}

#[test]
fn hashes_keep_all_and_neq_and_say_what_they_leave_out() {
    let of = |detection: &str| {
        one(
            "type: hashes_fields\nvalid_hash_algos: [MD5, SHA1]\nfield_prefix: File",
            &format!("s:\n    {detection}\n    Image: a\ncondition: s"),
        )
    };
    insta::assert_snapshot!(
        [
            of("Hashes|contains: ['MD5=987b65cd9b9f4e9a1afd8f8b48cf64a7', 'SHA1=5f1cbc3d99558307bc1250d084fa968521482025']"),
            of("Hashes|contains|all: ['MD5=1', 'SHA1=2']"),
            of("Hashes|contains|neq: ['MD5=1', 'SHA1=2']"),
            of("Hashes|contains: ['MD5=1', 'IMPHASH=2']"),
            of("Hashes|contains: ['IMPHASH=2']"),
        ]
        .join("\n")
    );
}

#[test]
fn values_are_taken_apart() {
    let of = |item: &str| one(item, "s:\n    Details: ['DWORD (0x1)', 'other']\ncondition: s");
    let regex = "type: extract_fields\nregex: '(?P<type>[A-Z]+) \\((?P<number>\\w+)\\)'\nfield_prefix: reg";
    insta::assert_snapshot!([of(regex), of(&format!("{regex}\npreserve_unmatched: true"))].join("\n"));
}

#[test]
fn a_pipeline_may_refuse_a_rule() {
    insta::assert_snapshot!(
        [
            one("type: rule_failure\nmessage: not for Windows", RULE),
            one("type: detection_item_failure\nmessage: no users\nfield_name_conditions:\n    - {type: include_fields, fields: [User]}", RULE),
            one("type: strict_field_mapping_failure", RULE),
            one("type: field_name_mapping\nmapping: {User: []}", RULE),
        ]
        .join("\n")
    );
}

#[test]
fn a_count_of_searches_that_are_divided_is_refused() {
    let item = "type: field_name_mapping\nmapping: {a: [x, y]}";
    let search = "s_1:\n    a: b\n    c: d\ns_2:\n    e: f\n";
    insta::assert_snapshot!(one(item, &format!("{search}condition: 2 of s_*")));
    let whole = one("type: field_name_mapping\nmapping: {a: x}", &format!("{search}condition: 2 of s_*"));
    assert!(whole.contains("condition: 2 of s_*"), "{whole}");
}

#[test]
fn a_rule_is_of_ecs_once_a_field_is_renamed_and_not_before() {
    let detection = "s:\n    a: b\ncondition: s";
    let says = |item: &str| one(item, detection).contains("taxonomy: ecs");
    assert!(says("type: field_name_mapping\nmapping: {a: x}"));
    assert!(!says("type: field_name_mapping\nmapping: {other: x}"));
    assert!(!says("type: field_name_mapping\nmapping: {a: a}"));
    assert!(!says("type: set_value\nvalue: 5"));
}

#[test]
fn filters_and_correlations_are_mapped_like_rules() {
    let pipeline = pipeline(
        "transformations:\n    - {type: field_name_mapping, mapping: {User: user.name, Image: [a, b]}}\n",
    );
    let file = "\
title: One
name: one
logsource:
    product: windows
detection:
    s:
        User: x
    condition: s
---
title: Count
correlation:
    type: event_count
    rules: [one]
    aliases:
        who:
            one: User
    group-by: [who, Image]
    timespan: 5m
    condition:
        gte: 3
---
title: Filter
logsource:
    product: windows
filter:
    rules: [one]
    f:
        User: y
    condition: not f
";
    insta::assert_snapshot!(after(file, &[pipeline]));
}

#[test]
fn an_alias_of_a_correlation_takes_one_field() {
    let pipeline = pipeline("transformations:\n    - {type: field_name_mapping, mapping: {User: [a, b]}}\n");
    let file = "\
title: Count
correlation:
    type: event_count
    rules: [one]
    aliases:
        who:
            one: User
    group-by: [who]
    timespan: 5m
    condition:
        gte: 3
";
    insta::assert_snapshot!(after(file, &[pipeline]), @r"
    error[E2222]: the field `User` becomes 2 fields in a correlation
      7:18 `User` one field is needed here
      note: by `p.yml`, line 2
    ");
}
