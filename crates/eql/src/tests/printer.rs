//! The layout, and the laws of printing.

use super::{read, tree};
use crate::ast::{
    ArithOp, Body, CompareOp, EventFilter, Expr, Literal, MatchOp, MaxSpan, Pipe, Query, Sequence, Term,
    TimeUnit,
};
use crate::{Dialect, Options, parse_with, print, print_expr};
use eqlc_diagnostics::{Fragment, Node, SourceMap, Span};

/// Prints, and checks that printing twice is printing once and loses no comment.
fn format(text: &str) -> String {
    let parsed = read(text);
    assert!(parsed.diagnostics.is_empty(), "{}", super::render(text));
    let printed = print(&parsed.tree);
    let again = read(&printed);
    assert!(again.diagnostics.is_empty(), "{}", super::render(&printed));
    assert_eq!(again.tree, parsed.tree, "{printed}");
    assert_eq!(again.tree.comments.len(), parsed.tree.comments.len(), "{printed}");
    assert_eq!(print(&again.tree), printed, "from\n{text}");
    printed
}

/// Prints a tree and reads it back as the same.
fn round(query: &Query) -> String {
    let printed = print(query);
    assert_eq!(&tree(&printed), query, "{printed}");
    assert_eq!(print(&tree(&printed)), printed);
    printed
}

#[test]
fn long_conditions_take_a_line_an_operand() {
    let text = r#"process where host.os.type == "windows" and event.type == "start" and process.name : ("powershell.exe", "pwsh.exe", "cmd.exe", "wscript.exe", "cscript.exe", "mshta.exe") and not (process.parent.name : "a" and user.id == "S-1-5-18" or (process.args : "one argument" and process.args : "another argument")) and x == 1"#;
    insta::assert_snapshot!(format(text));
}

#[test]
fn a_sequence_takes_a_line_a_term() {
    let text = "sequence by host.id,?user.id with maxspan = 5 m [ process where a==1 ] by x,y with runs=3 ![file where process.name == \"a long enough name\" and process.parent.name == \"another long name\" or b] by y, z until [any where true] by p,q | head 5|tail 3";
    insta::assert_snapshot!(format(text));
}

#[test]
fn comments_stay_where_they_stand() {
    let text = r#"// header
/* block
   of lines */ process /* category */ where // after where
  // on a == 1
  a == 1 and // after and
  /* before b */ b in ("x", // first
    "y" /* second */
    // last
  ) and (c /* in */ or d) and
  not /* negated */ (e or
  // before f
  f) // trailing
// end
| head /* ten */ 10 // pipe
// very end"#;
    insta::assert_snapshot!(format(text));
    let text = "sequence by a // keys\n // before first\n [process where x // in\n ] by b // after first\n // before second\n [file where y and z // last\n ] by b // keys of b\nuntil /* u */ [any where true] by c // done";
    insta::assert_snapshot!(format(text));
}

#[test]
fn a_comment_anywhere_survives_twice() {
    let rules = [
        "sequence by a , b with maxspan = 5m [ process where a : ( \"x\" , \"y\" ) and not ( f ( b , c ) or d ) ] by c with runs=2 [ any where x in ( 1 , 2 ) or a + b == 1 ] by d until [ any where true ] by e | head 5 | tail 2",
        "process where not ( a == 1 and f ( \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" , \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\" ) ) or b",
        "process where not x in ( \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" , \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\" )",
    ];
    for rule in rules {
        for (at, _) in rule.match_indices(' ') {
            for comment in [" // c\n", "\n// c\n", " /* c */ ", " /* c */ // d\n", "\n/* c */ /* d\n e */ "] {
                let mut text = rule.to_owned();
                text.replace_range(at..=at, comment);
                format(&text);
            }
        }
    }
}

#[test]
fn parentheses_stand_where_precedence_needs_them() {
    let cases = [
        ("((a))", "a"),
        ("(a and b) or c", "(a and b) or c"),
        ("a and b or c", "(a and b) or c"),
        ("a and (b or c)", "a and (b or c)"),
        ("(a and b) and c", "a and b and c"),
        ("not a == b", "not a == b"),
        ("not (a and b)", "not (a and b)"),
        ("(not a) == b", "(not a) == b"),
        ("(a == b) == c", "(a == b) == c"),
        ("1 * 2 : 2 + 3", "1 * 2 : 2 + 3"),
        ("(a + b) in (1, 2)", "(a + b) in (1, 2)"),
        ("a - (b - c) - d", "a - (b - c) - d"),
        ("(a - b) - c", "a - b - c"),
        ("(a + b) * c", "(a + b) * c"),
        ("-(-a)", "--a"),
        ("-(a + 1)", "-(a + 1)"),
        ("(-a) in (1)", "(-a) in (1)"),
        ("(a : \"x\") : true", "(a : \"x\") : true"),
        ("f((a or b), c in (1,2))", "f(a or b, c in (1, 2))"),
        ("a : (\"x\")", "a : (\"x\")"),
        ("a not in~ (1)", "a not in~ (1)"),
        ("`a`.`b-c`.`sequence`.`x``y` == ?`1`", "a.`b-c`.`sequence`.`x``y` == ?`1`"),
        ("x == 1. and y == .5e3 and z == 99999999999999999999", "x == 1.0 and y == 500.0 and z == 1e20"),
    ];
    for (text, expected) in cases {
        assert_eq!(format(&format!("process where {text}")), format!("process where {expected}\n"));
    }
}

#[test]
fn strings_are_printed_with_escapes_unless_written_raw() {
    let text =
        "any where x == \"a\\u{e9}\\'\\\\\\t\\u{0001}\" and y == \"\"\"C:\\\"\"\"\" and z == \"\"\"\"\"\"";
    assert_eq!(
        format(text),
        "any where x == \"aé'\\\\\\t\\u{01}\" and y == \"\"\"C:\\\"\"\"\" and z == \"\"\"\"\"\"\n"
    );
}

#[test]
fn trees_made_by_code_are_read_back() {
    let condition = Expr::all(vec![
        Expr::compare(Expr::field("process.my-name"), CompareOp::Eq, Expr::string("a\"\\\n")),
        Expr::any(vec![
            Expr::matches(
                Expr::optional_field("a.and"),
                MatchOp::LikeInsensitive,
                vec![Literal::raw_string("C:\\*")],
            ),
            Expr::one_of(
                Expr::field_of(["a.b", "c"]),
                vec![Expr::int(-5), Expr::null(), Expr::bool(true)],
                true,
            ),
        ]),
        Expr::all(vec![
            Expr::call_insensitive("endsWith", vec![Expr::field("x"), Expr::string("y")]).negated(),
        ]),
        Expr::compare(
            Expr::arith(Expr::float(-1.5).expect("finite"), ArithOp::Mul, Expr::field("b")),
            CompareOp::Ge,
            Expr::arith(Expr::int(1), ArithOp::Sub, Expr::arith(Expr::int(2), ArithOp::Sub, Expr::int(3))),
        ),
    ]);
    insta::assert_snapshot!(print_expr(&condition));
    let mut query = Query::new(Body::Event(EventFilter::named("my category", condition.clone())));
    query.pipes = vec![Pipe::head(3), Pipe::tail(2)];
    round(&query);
    assert_eq!(query.pipes[0].count(), Some(3));
    let query = Query::new(Body::Sequence(Sequence {
        by: vec![Expr::field("host.id")],
        maxspan: Some(Node::new(MaxSpan::from_millis(90_000), Span::default())),
        terms: vec![
            Term::new(EventFilter::any(condition)).by(vec![Expr::field("a")]).runs(2),
            Term::new(EventFilter::named("until", Expr::bool(true))).by(vec![Expr::field("b")]).missing(),
        ],
        until: None,
    }));
    insta::assert_snapshot!(round(&query));
}

#[test]
fn times_take_the_largest_whole_unit() {
    let unit = |millis| MaxSpan::from_millis(millis).unit;
    assert_eq!(unit(1_500), TimeUnit::Milliseconds);
    assert_eq!(unit(90_000), TimeUnit::Seconds);
    assert_eq!(unit(3_600_000), TimeUnit::Hours);
    assert_eq!(MaxSpan { value: 2, unit: TimeUnit::Minutes }.millis(), 120_000);
}

/// What an editor would not show, or show in another order, is written as an escape, and reads as the same tree.
#[test]
fn characters_that_are_not_seen_are_printed_as_escapes() {
    let text =
        "process where a == \"x\u{202e}y\" and b : (\"\"\"C:\\\u{200b}\"\"\", \"\u{9b}\", \"\"\"C:\\\"\"\")";
    let printed = format(text);
    assert_eq!(
        printed,
        "process where a == \"x\\u{202e}y\" and b : (\"C:\\\\\\u{200b}\", \"\\u{9b}\", \"\"\"C:\\\"\"\")\n"
    );
    assert_eq!(tree(&printed), tree(text));
    assert_eq!(crate::format(text, crate::Options::default()), Some(printed));
}

#[test]
fn a_segment_that_is_no_plain_name_is_printed_in_back_ticks() {
    let options = Options { dialect: Dialect::Endpoint };
    for (text, wanted) in [("any where a.$b", "any where a.`$b`\n"), ("any where a.6x", "any where a.`6x`\n")]
    {
        let parsed = parse_with(&Fragment::verbatim(SourceMap::new().add("q", text), 0, text), options);
        assert_eq!(print(&parsed.tree), wanted);
    }
}
