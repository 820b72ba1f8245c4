//! Reading: every finding at its place, several a file.

use super::*;

#[test]
fn every_mistake_of_a_file_is_found_at_its_place() {
    insta::assert_snapshot!(findings(
        "\
name: Bad
priorty: 20
transformations:
    - type: field_name_maping
      mapping: {Image: a}
    - type: replace_string
      regex: 'a(?=b)c'
      replacement: 'x'
    - type: replace_string
      regex: 'a(b)c'
      replacement: 'x\\2'
    - type: field_name_suffix
      sufix: .x
      rule_conditions:
          - {type: logsourc, product: windows}
    - type: add_field
      field: 5
      rule_conditions:
          win: {type: logsource, product: windows}
          lin: {type: logsource}
      rule_cond_expr: win and (not wn
    - type: case
      method: lowr
      detection_item_conditions:
          - {type: match_string, pattern: a}
          - {type: match_string, cond: some, pattern: '['}
    - mapping: {}
    - just text
"
    ));
}

#[test]
fn output_of_other_targets_is_refused_where_it_changes_queries_and_left_aside_where_not() {
    insta::assert_snapshot!(findings(
        "\
postprocessing:
    - type: embed
      prefix: 'index=x '
    - type: embed
    - type: json
      json_template: '{\"query\": \"%QUERY%\"}'
    - type: replace
      pattern: a
      replacement: b
      rule_conditions:
          - {type: logsource, product: windows}
    - type: nest
      items:
          - type: simple_template
            template: '{query}'
    - type: embedd
finalizers:
    - type: concat
      separator: ';'
    - type: nested
      finalizers:
          - {type: json, indent: 2}
          - {type: template, template: '{{ queries }}'}
    - type: jsn
"
    ));
}

#[test]
fn what_needs_python_or_reads_from_outside_is_refused() {
    insta::assert_snapshot!(findings(
        "\
transformations:
    - type: field_name_transform
      transform_func: lower
      mapping: {}
    - type: file_placeholders
      path: /etc/passwd
    - type: http_placeholders
    - type: command_placeholders
      command: id
"
    ));
}

#[test]
fn a_pipeline_for_other_backends_is_read_with_a_warning() {
    insta::assert_snapshot!(findings("name: x\nallowed_backends: [splunk, loki]\ntransformations: []\n"), @r"
    warning[E2208]: the pipeline is for `splunk`, `loki` only
      2:20 `splunk` none of the targets here
      note: applied all the same, for it is asked for
    ");
    assert_eq!(findings("allowed_backends: [splunk, eql]\n"), "");
}

#[test]
fn expressions_name_each_condition_and_are_linked_by_nothing_else() {
    let item = |expression: &str| {
        findings(&format!(
            "transformations:\n    - type: drop_detection_item\n      rule_conditions:\n          a: {{type: is_sigma_rule}}\n          b-1: {{type: is_sigma_rule}}\n      rule_cond_expr: {expression}\n"
        ))
    };
    assert_eq!(item("not a and (a or b-1) or not not b-1"), "");
    let expressions = ["a", "a and", "(a or b-1", "a b-1", "a and b-2", "and", "a & b-1", "''"];
    let shown: Vec<String> = expressions.into_iter().map(|each| format!("{each}\n{}", item(each))).collect();
    insta::assert_snapshot!(shown.join("\n"));
    insta::assert_snapshot!(findings(
        "\
transformations:
    - type: drop_detection_item
      rule_conditions:
          - {type: is_sigma_rule}
      rule_cond_expr: a
    - type: drop_detection_item
      field_name_conditions:
          a: {type: include_fields, fields: [x]}
      field_name_cond_expr: a
      field_name_cond_op: or
    - type: drop_detection_item
      field_name_cond_op: xor
"
    ));
}

#[test]
fn text_that_is_no_pipeline_is_refused() {
    let texts = [
        "",
        "just text",
        "- a\n",
        "transformations: 5\n",
        "transformations:\n  - type: [\n",
        "a: 1\n---\nb: 2\n",
    ];
    let shown: Vec<String> = texts.into_iter().map(findings).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_pipeline_says_its_name_and_priority() {
    let named = pipeline("name: ECS\npriority: -5\n");
    assert_eq!((named.name(), named.priority()), ("ECS", -5));
    let bare = pipeline("transformations: []\n");
    assert_eq!((bare.name(), bare.priority()), ("p.yml", 0));
}
