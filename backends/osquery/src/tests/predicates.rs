//! Conditions hold of the rows of which the IR says they hold.

use eqlc_backend::Direction;
use eqlc_diagnostics::Span;
use eqlc_diagnostics::codes::losses;
use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use eqlc_ir::{
    Body, Case, Comparison, EventQuery, FieldRef, Function, Literal, Op, Pred, Scalar, TextPattern,
};
use rusqlite::Connection;

use super::engine::{START_S, add_sysmon, eids, engine};
use super::hostile::HOSTILE;
use super::sequences::Random;
use super::{Category, FieldType, column, direct, reads_back, sysmon, test};

/// Values of `Image` and `CommandLine` in a row; none: not there.
type Row = [Option<&'static str>; 2];

const TEXTS: [&str; 2] = ["Image", "CommandLine"];

fn body(filter: Pred) -> Body {
    Body::Event(EventQuery { category: Category::LogSource(sysmon("process_creation")), filter })
}

fn load(rows: &[Row]) -> Connection {
    let connection = engine(START_S);
    for (eid, row) in (0_i64..).zip(rows) {
        let data: Vec<(&str, &str)> =
            TEXTS.iter().zip(row).filter_map(|(name, value)| value.map(|value| (*name, value))).collect();
        add_sysmon(&connection, eid, 1, START_S * 1000, &data);
    }
    connection
}

fn text(name: &str) -> FieldRef {
    column(name, FieldType::Keyword)
}

/// The meaning of the tree (`eql-semantics.md` §5.1), over texts whose empty value is none.
fn holds(pred: &Pred, row: &Row) -> bool {
    match pred {
        Pred::All(list) => list.iter().all(|pred| holds(pred, row)),
        Pred::Any(list) => list.iter().any(|pred| holds(pred, row)),
        Pred::Not(inner) => !holds(inner, row),
        Pred::AtLeast(count, list) => list.iter().filter(|pred| holds(pred, row)).count() >= *count,
        Pred::Const(value) => *value,
        Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) => panic!("the target refuses these"),
        Pred::Test(test) => {
            let value = |field: &FieldRef| {
                let at = TEXTS.iter().position(|name| *name == field.path).unwrap();
                row[at].filter(|value| !value.is_empty())
            };
            // Columns are compared without regard to the case of letters of ASCII only, which is a loss.
            let folded = |text: &str, case: Case| match case {
                Case::Sensitive => text.to_owned(),
                Case::Insensitive => text.to_ascii_lowercase(),
            };
            if let Scalar::Call { function, args, case } = &test.subject {
                let text = |at: usize| Some(folded(value(args[at].as_field().unwrap())?, *case));
                return text(0).zip(text(1)).is_some_and(|(whole, part)| match function {
                    Function::StartsWith => whole.starts_with(&part),
                    Function::EndsWith => whole.ends_with(&part),
                    _ => whole.contains(&part),
                });
            }
            let subject = value(test.subject.as_field().unwrap());
            match (&test.op, subject) {
                (Op::IsNull, subject) => subject.is_none(),
                (_, None) => false,
                (Op::Text(patterns, case), Some(subject)) => {
                    patterns.iter().any(|p| p.matches(subject, *case))
                }
                (Op::OneOf(items, case), Some(subject)) => items.iter().any(|item| match item {
                    Literal::Str(item) => TextPattern::exact(item).matches(subject, *case),
                    _ => false,
                }),
                (Op::Compare(comparison, Scalar::Literal(Literal::Str(to))), Some(subject)) => {
                    comparison.accepts(subject.as_bytes().cmp(to.as_bytes()))
                }
                (Op::Compare(..), Some(_)) if test_is_of_field(&test.op) => {
                    let Op::Compare(comparison, right) = &test.op else { return false };
                    let case = match comparison {
                        Comparison::EqualInsensitive => Case::Insensitive,
                        _ => Case::Sensitive,
                    };
                    let subject = folded(subject.unwrap(), case);
                    value(right.as_field().unwrap())
                        .is_some_and(|to| comparison.accepts(subject.cmp(&folded(to, case))))
                }
                (Op::Compare(..), Some(_)) => false,
                (other, _) => panic!("not evaluated: {other:?}"),
            }
        }
    }
}

fn test_is_of_field(op: &Op) -> bool {
    matches!(op, Op::Compare(_, Scalar::Field(_)))
}

const INSIDE: [Function; 3] = [Function::StartsWith, Function::EndsWith, Function::StringContains];

/// What a constant is compared by.
const ORDERS: [Comparison; 5] = [
    Comparison::Equal,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::EqualInsensitive,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

const VALUES: &[&str] = &[
    "",
    "a",
    "A",
    "ab",
    "B",
    "cmd.exe",
    "CMD.EXE",
    "C:\\a\\cmd.exe",
    "100%",
    "a_b",
    "axb",
    "ä",
    "Ä",
    "[a]",
    "a*b",
];

const PATTERNS: &[&str] = &[
    "",
    "*",
    "?",
    "?*",
    "a",
    "A*",
    "*B",
    "*\\cmd.exe",
    "*cmd*",
    "*%",
    "a_*",
    "a?b",
    "ä*",
    "*[a]*",
    "c*.e?e",
    "**?",
];

fn random_pred(random: &mut Random, depth: usize) -> Pred {
    let mut pick = |bound: usize| usize::try_from(random.below(bound as u64)).unwrap();
    if depth == 0 || pick(3) == 0 {
        let field = text(TEXTS[pick(2)]);
        let case = if pick(2) == 0 { Case::Sensitive } else { Case::Insensitive };
        let value = |at: usize| Literal::Str(VALUES[at].into());
        let op = match pick(7) {
            0 => Op::IsNull,
            1 => Op::Compare(ORDERS[pick(5)], Scalar::Literal(value(pick(VALUES.len())))),
            2 => Op::Compare(COMPARISONS[pick(6)], Scalar::Field(text(TEXTS[pick(2)]))),
            6 => {
                let args = [TEXTS[pick(2)], TEXTS[pick(2)]].map(|name| Scalar::Field(text(name))).into();
                let call = Scalar::Call { function: INSIDE[pick(3)], args, case };
                return Pred::test(call, Op::IsTrue, Span::default());
            }
            3 => Op::OneOf(vec![value(pick(VALUES.len())), Literal::Null, value(pick(VALUES.len()))], case),
            _ => {
                let pattern = |at: usize| TextPattern::from_eql(PATTERNS[at]);
                Op::Text(vec![pattern(pick(PATTERNS.len())), pattern(pick(PATTERNS.len()))], case)
            }
        };
        return test(field, op);
    }
    let kind = pick(4);
    let count = 1 + pick(3);
    let list: Vec<Pred> = (0..count).map(|_| random_pred(random, depth - 1)).collect();
    match kind {
        0 => Pred::All(list),
        1 => Pred::Any(list),
        2 => Pred::AtLeast(2.min(list.len()), list),
        _ => Pred::All(list).not(),
    }
}

/// `lower` of SQLite knows the letters of ASCII.
#[test]
fn letters_outside_ascii_are_a_loss_between_columns() {
    let alike =
        || test(text("Image"), Op::Compare(Comparison::EqualInsensitive, Scalar::Field(text("CommandLine"))));
    let lost = |pred: Pred| direct(body(pred)).unwrap().losses;
    let found = lost(alike());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, found[0].direction), (losses::APPROXIMATE_FIELD, Direction::Narrower));
    assert_eq!(lost(alike().not())[0].direction, Direction::Wider);
    let exact = test(text("Image"), Op::Compare(Comparison::Equal, Scalar::Field(text("CommandLine"))));
    assert_eq!(lost(exact), []);
}

#[test]
fn random_conditions_hold_as_the_ir_says() {
    let mut rows: Vec<Row> = vec![[None, None]];
    for (at, value) in VALUES.iter().enumerate() {
        rows.push([Some(value), None]);
        rows.push([None, Some(value)]);
        rows.push([Some(value), Some(VALUES[(at * 7 + 3) % VALUES.len()])]);
        rows.push([Some(value), Some(value)]);
    }
    rows.extend(HOSTILE.iter().map(|value| [Some(*value), Some("a")] as Row));
    let connection = load(&rows);
    let mut random = Random(11);
    let mut some = 0;
    for _ in 0..1_500 {
        let pred = random_pred(&mut random, 3);
        let wanted: Vec<i64> =
            (0_i64..).zip(&rows).filter(|(_, row)| holds(&pred, row)).map(|(eid, _)| eid).collect();
        if eqlc_ir::normalise::normalise_pred(pred.clone()) == Pred::Const(false) {
            assert_eq!(wanted, [0; 0], "{pred:#?}");
            continue;
        }
        let sql = reads_back(&direct(body(pred.clone())).unwrap());
        assert_eq!(eids(&connection, &sql), wanted, "{pred:#?}\n{sql}");
        some += usize::from(!wanted.is_empty() && wanted.len() < rows.len());
    }
    assert!(some > 500, "only {some} conditions tell rows apart");
}

/// The rows of which `filter` holds; each row has one value of one field.
fn with_values(field: &str, values: &[&str], filter: Pred) -> Vec<String> {
    let connection = engine(START_S);
    for (eid, value) in (0_i64..).zip(values) {
        add_sysmon(&connection, eid, 1, START_S * 1000, &[(field, value)]);
    }
    add_sysmon(&connection, 1_000, 1, START_S * 1000, &[]);
    let sql = reads_back(&direct(body(filter)).unwrap());
    let name = |eid: i64| values.get(usize::try_from(eid).unwrap()).map_or("null", |value| *value).to_owned();
    eids(&connection, &sql).into_iter().map(name).collect()
}

#[test]
fn numbers_compare_as_numbers() {
    let values = ["4", "9", "10", "010", "1e1", "", "-", "10x", " 10", "99999999999"];
    let pid = || column("ProcessId", FieldType::Integer);
    let found = |comparison, to| {
        with_values("ProcessId", &values, test(pid(), Op::Compare(comparison, Scalar::Literal(to))))
    };
    assert_eq!(found(Comparison::Equal, Literal::Int(10)), ["10", "010"]);
    assert_eq!(found(Comparison::Greater, Literal::Int(9)), ["10", "010", "99999999999"]);
    assert_eq!(found(Comparison::Less, Literal::Float(9.5)), ["4", "9"]);
    assert_eq!(found(Comparison::Greater, Literal::Int(-1)), ["4", "9", "10", "010", "99999999999"]);
    assert_eq!(found(Comparison::Less, Literal::Int(i128::MAX)), ["4", "9", "10", "010", "99999999999"]);
    assert_eq!(found(Comparison::GreaterOrEqual, Literal::Int(i128::MAX)), [""; 0]);
    assert_eq!(found(Comparison::Equal, Literal::Str("10".into())), [""; 0]);
    let list =
        Op::OneOf(vec![Literal::Int(4), Literal::Float(9.0), Literal::Str("10".into())], Case::Sensitive);
    assert_eq!(with_values("ProcessId", &values, test(pid(), list)), ["4", "9"]);
    assert_eq!(
        with_values("ProcessId", &values, test(pid(), Op::IsNull)),
        ["1e1", "", "-", "10x", " 10", "null"]
    );
    let without = test(pid(), Op::IsNull).not();
    assert_eq!(with_values("ProcessId", &values, without), ["4", "9", "10", "010", "99999999999"]);
}

#[test]
fn numbers_that_no_literal_writes_are_refused() {
    for bad in [f64::INFINITY, f64::NAN] {
        let op = Op::Compare(Comparison::Less, Scalar::Literal(Literal::Float(bad)));
        let refused = direct(body(test(column("ProcessId", FieldType::Integer), op))).unwrap_err();
        assert_eq!(refused[0].code.as_str(), "E4003");
    }
}

const ADDRESSES: &[&str] = &[
    "10.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "11.0.0.0",
    "127.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "fe80:0:0:0:1:2:3:4",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "FF02::1",
    "ff1::1",
    "fe00::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::",
    "2001:db8::1",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "",
    "-",
    "host",
    "10.0.0",
    "10.0.0.1.2",
    ":",
    "a:b:zz",
    ":::",
    "1:2",
    "1:2:3",
    "00:11:22:33:44:55",
    "00:11:22:33:44:55:66:77",
    "00:11:22:33:44:55:66:77:88",
    "fe80::1::2",
    "fe80:::1",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "fe80::12345",
    "fe80::1%eth0",
    "fe80::10.0.0.1",
    "::10.0.0.1:1",
    "[fe80::1]:443",
    "::2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "1:2:3::5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "1::",
];

#[test]
fn addresses_are_inside_networks() {
    for net in [
        "10.0.0.0/8",
        "10.0.0.0/31",
        "10.0.0.1/32",
        "0.0.0.0/0",
        "::/0",
        "::1/128",
        "fe80::/10",
        "ff00::/8",
        "8000::/1",
        "ffff::/16",
        "ffff:8000::/17",
        "2001:db8::/32",
        "::ffff:10.0.0.0/104",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
    ] {
        let nets = vec![net.parse::<ipnet::IpNet>().unwrap()];
        let v4 = net.strip_prefix("::ffff:").map(|_| "10.0.0.0/8".parse::<ipnet::IpNet>().unwrap());
        let inside = |address: &&&str| {
            address.parse::<std::net::IpAddr>().is_ok_and(|address| {
                let all_v4 = net == "::/0" && address.is_ipv4();
                nets[0].contains(&address) || v4.is_some_and(|v4| v4.contains(&address)) || all_v4
            })
        };
        // With dots an address is looked at only as one of IPv4 that is written so.
        let dotted = |address: &&&str| address.contains("::") && address.contains('.');
        let values: Vec<&str> = ADDRESSES.iter().filter(|address| !dotted(address)).copied().collect();
        let wanted: Vec<&str> = values.iter().filter(|value| inside(value)).copied().collect();
        let field = column("DestinationIp", FieldType::Ip);
        let found = with_values("DestinationIp", &values, test(field, Op::InNet(nets.clone())));
        assert_eq!(found, wanted, "{net}");
    }
}

/// `in_cidr_block` fails the query for what it does not read, so nothing else may get there.
#[test]
fn no_text_fails_a_query_about_networks() {
    let mut random = Random(11);
    let pieces = ["", ":", "::", "0", "1", "fe80", "ffff", "12345", ".", "10.0.0.1", "%", "z", "-"];
    let made: Vec<String> = (0..4_000)
        .map(|_| (0..random.below(10)).map(|_| pieces[random.below(13) as usize]).collect())
        .chain(ADDRESSES.iter().map(|address| (*address).to_owned()))
        .collect();
    let values: Vec<&str> = made.iter().map(String::as_str).filter(|made| !made.contains('.')).collect();
    let all: Vec<&str> = made.iter().map(String::as_str).collect();
    for net in ["2000::/3", "::/3", "fe80::/10"] {
        let net: ipnet::IpNet = net.parse().unwrap();
        let inside =
            |address: &&&str| address.parse::<std::net::IpAddr>().is_ok_and(|address| net.contains(&address));
        let wanted: Vec<&str> = values.iter().filter(inside).copied().collect();
        let of = || test(column("DestinationIp", FieldType::Ip), Op::InNet(vec![net]));
        assert_eq!(with_values("DestinationIp", &values, of()), wanted, "{net}");
        with_values("DestinationIp", &all, of());
    }
}

#[test]
fn addresses_are_equal_by_address() {
    let same = |text: &str| {
        let field = column("DestinationIp", FieldType::Ip);
        let op = Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str(text.into())));
        with_values("DestinationIp", &["10.0.0.1", "fe80:0:0:0:0:0:0:1", "fe80::1", "-", ""], test(field, op))
    };
    assert_eq!(same("10.0.0.1"), ["10.0.0.1"]);
    assert_eq!(same("fe80::1"), ["fe80:0:0:0:0:0:0:1", "fe80::1"]);
    assert_eq!(same("10.0.0.0/8"), ["10.0.0.1"]);
    assert_eq!(same("nowhere"), [""; 0]);
}

fn literal(text: &str) -> RegexNode {
    RegexNode::Literal(text.to_owned())
}

fn repeat(node: RegexNode, min: u32, max: Option<u32>) -> RegexNode {
    RegexNode::Repeat { node: Box::new(node), min, max }
}

fn class(negated: bool, items: &[ClassItem]) -> RegexNode {
    RegexNode::Class { negated, items: items.to_vec() }
}

/// Expressions, and whether a pattern can stand for them.
fn expressions() -> Vec<(RegexNode, bool)> {
    use ClassItem::{Char, Digit, NotDigit, Range, Space, Word};
    vec![
        (RegexNode::Concat(vec![literal("a"), RegexNode::any_run(), literal("b")]), true),
        (
            RegexNode::Alternatives(vec![
                literal("cmd"),
                RegexNode::Concat(vec![RegexNode::Any, literal("b")]),
            ]),
            true,
        ),
        (RegexNode::Concat(vec![class(false, &[Char('a'), Char('[')]), RegexNode::any_run()]), true),
        (class(true, &[Char('a'), Char(']'), Char('^'), Char('-')]), true),
        (class(false, &[Char('^'), Char('-')]), true),
        (class(false, &[Char('^')]), true),
        (class(false, &[Range('A', '^'), Char('-')]), true),
        (class(false, &[NotDigit]), true),
        (RegexNode::Concat(vec![class(false, &[Word]), class(false, &[Digit, Space])]), true),
        (repeat(literal("ab"), 1, Some(3)), true),
        (repeat(RegexNode::Any, 2, Some(3)), true),
        (repeat(RegexNode::Any, 2, None), true),
        (RegexNode::Empty, true),
        (RegexNode::Nothing, true),
        (repeat(class(false, &[Range('a', 'c'), Char('.')]), 1, None), false),
        (
            RegexNode::Concat(vec![repeat(class(true, &[Char('\\'), Char('-')]), 0, None), literal("\\x.y")]),
            false,
        ),
        (repeat(literal("a'b"), 0, None), false),
        (RegexNode::Concat(vec![repeat(literal("ä"), 1, None), literal("$")]), false),
    ]
}

const REGEX_VALUES: &[&str] = &[
    "",
    "a",
    "A",
    "ab",
    "AB",
    "abab",
    "ababab",
    "abababab",
    "a\nb",
    "axxb",
    "cmd",
    "CMD",
    "xb",
    "[",
    "]",
    "^",
    "-",
    "5",
    "_",
    "x ",
    "x5",
    "ä5",
    "ä",
    "Ä$",
    "ä$",
    "ääÄ$",
    "cab.c",
    "foo\\x.y",
    "f-o\\x.y",
    "\\x.y",
    "a'ba'b",
    "日",
    "日本",
    "日本語",
    "Z",
    "z",
];

#[test]
fn regular_expressions_match_the_whole_value() {
    for (root, is_pattern) in expressions() {
        for case in [Case::Sensitive, Case::Insensitive] {
            let regex = Regex { root: root.clone(), case };
            let rust = regex::Regex::new(&regex.to_rust().unwrap()).unwrap();
            let wanted: Vec<&str> = REGEX_VALUES
                .iter()
                .filter(|value| !value.is_empty() && rust.is_match(value))
                .copied()
                .collect();
            let filter = test(text("CommandLine"), Op::Regex(regex));
            let sql = direct(body(filter.clone())).unwrap().text;
            assert_eq!(sql.contains("regex_match"), !is_pattern, "{sql}");
            assert_eq!(with_values("CommandLine", REGEX_VALUES, filter), wanted, "{root:?} {case:?}\n{sql}");
        }
    }
}

#[test]
fn a_regular_expression_over_single_bytes_is_a_loss() {
    let root = RegexNode::Concat(vec![repeat(literal("x"), 1, None), RegexNode::Any]);
    let op = Op::Regex(Regex { root, case: Case::Sensitive });
    let artifact = direct(body(test(text("CommandLine"), op))).unwrap();
    insta::assert_snapshot!(super::lines(&artifact.losses), @r#"L1101 wider or narrower: `regex_match` counts bytes, so that one character outside ASCII counts as several (osquery:CommandLine:keyword regex /("x")+./)"#);
}

#[test]
fn long_lists_stay_within_the_depth_of_sqlite() {
    let patterns: Vec<TextPattern> =
        (0..3_000).map(|at| TextPattern::from_eql(&format!("*x{at}y*"))).collect();
    let filter = test(text("CommandLine"), Op::Text(patterns, Case::Insensitive));
    assert_eq!(with_values("CommandLine", &["x2999y", "x3000y"], filter.clone()), ["x2999y"]);
    let many = (0..2_000)
        .map(|at| super::equal(text("CommandLine"), Literal::Str(at.to_string().into())).not())
        .collect();
    assert_eq!(with_values("CommandLine", &["1999", "2000"], Pred::All(many)), ["2000", "null"]);
    // A longer query would be refused.
    let short: Vec<TextPattern> = (0..50).map(|at| TextPattern::from_eql(&format!("*x{at}y*"))).collect();
    let filter = test(text("CommandLine"), Op::Text(short, Case::Insensitive));
    let counted = (0..100)
        .map(|_| filter.clone())
        .chain([super::equal(text("Image"), Literal::Str("a".into()))])
        .collect();
    assert_eq!(with_values("CommandLine", &["x49y", "x50y"], Pred::AtLeast(100, counted)), ["x49y"]);
}
