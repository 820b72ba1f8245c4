//! Inputs that want to take all time, memory or stack.

use super::*;

const RULE: &str = "title: A\nlogsource:\n    product: x\ndetection:\n    s:\n        a: b\n        c: 'some text'\n    condition: s\n";

/// The codes of what is found when a pipeline is read and applied.
fn codes(text: &str) -> Vec<&'static str> {
    let mut map = SourceMap::new();
    let id = map.add("p.yml", text);
    let parsed = parse("p.yml", &Fragment::verbatim(id, 0, text));
    if has_errors(&parsed.diagnostics) {
        return parsed.diagnostics.iter().map(|found| found.code.as_str()).collect();
    }
    let id = map.add("rule.yml", RULE);
    let mut rule = eqlc_sigma::parse(&Fragment::verbatim(id, 0, RULE));
    apply(&mut rule.tree, &[parsed.tree]).iter().map(|found| found.code.as_str()).collect()
}

fn items(count: usize, item: &str) -> String {
    format!("transformations:\n{}", format!("    - {item}\n").repeat(count))
}

#[test]
fn fields_that_multiply_are_stopped() {
    assert_eq!(codes(&items(40, "{type: field_name_mapping, mapping: {a: [a, a, a]}}")), ["E2222"]);
    let wide = (0..3000).map(|n| format!("f{n}")).collect::<Vec<_>>().join(", ");
    assert_eq!(
        codes(&items(9, &format!("{{type: field_name_mapping, mapping: {{a: [a, a, {wide}]}}}}"))),
        ["E2222"]
    );
    assert_eq!(codes(&items(100, "{type: field_name_mapping, mapping: {a: [a, c]}}")), ["E2222"]);
}

#[test]
fn texts_that_grow_are_stopped() {
    assert_eq!(
        codes(&items(60, "{type: replace_string, regex: '.', replacement: '\\g<0>\\g<0>'}")),
        ["E2222"]
    );
    assert_eq!(
        codes(&items(60, "{type: map_string, mapping: {b: [b, b, b, b, b, b, b, b, b, b]}}")),
        ["E2222"]
    );
    assert_eq!(
        codes(&items(2000, &format!("{{type: field_name_prefix, prefix: '{}'}}", "x".repeat(2000)))),
        ["E2222"]
    );
}

#[test]
fn placeholders_that_multiply_are_stopped() {
    let values = (0..100).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let text = format!("vars: {{v: [{values}]}}\ntransformations:\n    - {{type: value_placeholders}}\n");
    let rule = "title: A\nlogsource:\n    product: x\ndetection:\n    s:\n        a|expand: '%v%%v%%v%%v%%v%%v%%v%%v%%v%'\n    condition: s\n";
    let shown = after(rule, &[pipeline(&text)]);
    assert!(shown.contains("E2222") && shown.contains("too many texts"), "{shown}");
}

#[test]
fn expressions_that_explode_are_refused_or_run_in_linear_time() {
    assert_eq!(
        codes(&items(1, "{type: replace_string, regex: '((a{1000}){1000}){1000}', replacement: x}")),
        ["E2203"]
    );
    let evil = "{type: replace_string, regex: '(s+)+$', replacement: x}";
    assert_eq!(codes(&items(1, evil)), Vec::<&str>::new());
}

#[test]
fn depth_is_bounded_everywhere() {
    let nested =
        format!("transformations:\n    - {}{}\n", "{type: nest, items: [".repeat(200), "]}".repeat(200));
    assert_eq!(codes(&nested), ["E2006"]);
    let expression = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
    let text = format!(
        "transformations:\n    - type: drop_detection_item\n      rule_conditions: {{a: {{type: is_sigma_rule}}}}\n      rule_cond_expr: '{expression}'\n"
    );
    assert_eq!(codes(&text), ["E2204"]);
    let nots = text.replace(&expression, &format!("{}a", "not ".repeat(5000)));
    assert_eq!(codes(&nots), ["E2204"]);
}

#[test]
fn findings_of_one_file_are_bounded() {
    assert!(codes(&items(5000, "{type: nothing_of_the_kind}")).len() <= 200);
}

#[test]
fn anchors_do_not_multiply() {
    let mut text = String::from("vars:\n    a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        let list = [before.as_str(); 10].join(", ");
        text.push_str(&format!("    a{level}: &a{level} [{list}]\n"));
    }
    assert!(findings(&text).contains("error["), "refused");
}
