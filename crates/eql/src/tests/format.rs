//! Formatting: comments and blank lines.

use super::corpus::{queries, shared};
use crate::{Dialect, Options, format, parse_with, print};
use eqlc_diagnostics::{Fragment, SourceMap};

const ELASTICSEARCH: Options = Options { dialect: Dialect::Elasticsearch };

fn comments(text: &str, options: Options) -> Vec<String> {
    let mut map = SourceMap::new();
    let id = map.add("rule.eql", text);
    let tree = parse_with(&Fragment::verbatim(id, 0, text), options).tree;
    tree.comments.into_iter().map(|comment| comment.text).collect()
}

/// Formats, and checks the laws.
fn formatted(text: &str, options: Options) -> String {
    let out = format(text, options).unwrap_or_else(|| panic!("{}", super::render_in(text, options.dialect)));
    assert_eq!(comments(&out, options), comments(text, options), "from\n{text}\nto\n{out}");
    assert!(format(&out, options).as_deref() == Some(&out), "from\n{text}\nto\n{out}");
    let mut map = SourceMap::new();
    let mut tree = |text: &str| {
        let id = map.add("rule.eql", text);
        parse_with(&Fragment::verbatim(id, 0, text), options).tree
    };
    let (before, after) = (tree(text), tree(&out));
    assert_eq!(before, after, "from\n{text}\nto\n{out}");
    assert!(out == text || print(&after).lines().count() > 0);
    out
}

#[test]
fn blank_lines_between_operands_stay_and_are_one_at_most() {
    let text = "\n\n// about the rule\n\n\nprocess where\n\n  a == 1 and\n\n\n  b == 2 and c == 3 and (\n\n    d == 4 or\n\n    // about e\n    e == 5\n\n  )\n  and not (f\n\n or\n g)\n\n\n";
    insta::assert_snapshot!(formatted(text, ELASTICSEARCH), @r"
    // about the rule

    process where
      a == 1 and

      b == 2 and
      c == 3 and
      (
        d == 4 or

        // about e
        e == 5
      ) and
      not (
        f or

        g
      )
    ");
}

#[test]
fn blank_lines_inside_a_comparison_or_at_brackets_go() {
    let text = "process\n\nwhere a ==\n\n1 and\nb in (\n\n1, 2\n\n)\n\n";
    assert_eq!(formatted(text, ELASTICSEARCH), "process where a == 1 and b in (1, 2)\n");
}

#[test]
fn blank_lines_group_the_values_of_a_list() {
    let text = "process where not process.name : (\"a\", \"b\",\n\n\"c\", \"d\") and\n\n // why\n f(x,\n\ny)";
    insta::assert_snapshot!(formatted(text, ELASTICSEARCH), @r#"
    process where
      not process.name : (
        "a", "b",

        "c", "d"
      ) and

      // why
      f(
        x,

        y
      )
    "#);
}

#[test]
fn blank_lines_part_terms_and_pipes() {
    let text = "sequence by a\n\n [process where x\n\n] by b\n\n\n // second\n [\n\nfile where y] by b\n\nuntil [any where z] by b\n\n| head 5\n| tail 2";
    insta::assert_snapshot!(formatted(text, ELASTICSEARCH), @r"
    sequence by a
      [process where x] by b

      // second
      [file where y] by b

    until [any where z] by b

    | head 5
    | tail 2
    ");
}

#[test]
fn comments_stay_at_their_operand() {
    let text = "process where a == 1 and // one\n  // before two\n  b == 2 and /* outer /* inner */ still */\n  c : (\"x\", // first\n  // \"gone\",\n  \"y\" // last\n  )\n// end";
    insta::assert_snapshot!(formatted(text, ELASTICSEARCH), @r#"
    process where
      a == 1 and // one
      // before two
      b == 2 and /* outer /* inner */ still */
      c : (
        "x", // first
        // "gone",
        "y" // last
      )
    // end
    "#);
}

#[test]
fn a_blank_line_or_comment_anywhere_keeps_the_laws() {
    let rules = [
        "sequence by a , b with maxspan = 5m [ process where a : ( \"x\" , \"y\" ) and not ( f ( b , c ) or d ) ] by c with runs=2 [ any where x in ( 1 , 2 ) or a + b == 1 ] by d until [ any where true ] by e | head 5 | tail 2",
        "process where not ( a == 1 and f ( \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" , \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\" ) ) or b",
        "process where not x in ( \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" , \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\" ) and ( ( a or b ) and ( - 1 ) == c )",
    ];
    let fillers =
        ["\n\n", "\n\n// c\n", "\n// c\n\n", " // c\n\n", "\n\n/* c */\n\n", "\n\n/* c */ // d\n\n// e\n"];
    for rule in rules {
        let places: Vec<usize> = rule.match_indices(' ').map(|(at, _)| at).collect();
        for (nth, at) in places.iter().enumerate() {
            for filler in fillers {
                let mut text = rule.to_owned();
                // A second one further on, in front of which the first must not leak.
                if let Some(later) = places.get(nth + 3) {
                    text.replace_range(later..=later, "\n\n");
                }
                text.replace_range(at..=at, filler);
                formatted(&text, ELASTICSEARCH);
            }
        }
    }
}

#[test]
fn a_text_with_errors_is_left_to_its_author() {
    assert_eq!(format("process where a ==", ELASTICSEARCH), None);
    assert_eq!(format("", ELASTICSEARCH), None);
}

/// The text without white space outside of what was written: what a layout may not change.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// How many characters that are no white space stand before each line end.
fn breaks(text: &str) -> Vec<usize> {
    let lengths = text.lines().map(|line| squeezed(line).len()).filter(|length| *length > 0);
    lengths
        .scan(0, |sum, length| {
            *sum += length;
            Some(*sum)
        })
        .collect()
}

#[test]
fn every_elastic_rule_is_formatted_by_the_laws() {
    let Some(folder) = shared("corpus/elastic-rules") else { return };
    let rules = queries(&folder, |rule| rule.get("type").and_then(|kind| kind.as_str()) == Some("eql"));
    let (mut same, mut spelt, mut kept, mut lines, mut kept_lines) = (0, 0, 0, 0, 0);
    for (_, query) in &rules {
        let out = formatted(query, ELASTICSEARCH);
        same += usize::from(out.trim() == query.trim());
        if squeezed(&out) != squeezed(query) {
            continue;
        }
        spelt += 1;
        let (before, after) = (breaks(query), breaks(&out));
        let held = before.iter().filter(|at| after.contains(at)).count();
        kept += usize::from(held == before.len());
        lines += before.len();
        kept_lines += held;
    }
    println!(
        "{} queries: {same} unchanged, {spelt} changed in white space alone; of those {kept} keep every line break, {kept_lines} of {lines} line breaks kept",
        rules.len()
    );
    assert!(rules.len() > 100 && spelt * 2 > rules.len());
}

#[test]
fn every_endpoint_rule_is_formatted_by_the_laws() {
    let Some(folder) = shared("corpus/endpoint-rules") else { return };
    let rules = queries(&folder, |_| true);
    rules.iter().for_each(|(_, query)| drop(formatted(query, Options { dialect: Dialect::Endpoint })));
    assert!(rules.len() > 100);
}
