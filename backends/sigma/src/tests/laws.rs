//! Lowering an output gives the legal rule again.

use eqlc_ir::regex::{ClassItem, Regex, RegexNode};

use super::*;

/// Texts that YAML, Sigma's escapes or both could read as something else.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "a",
    "*",
    "?",
    "\\",
    "\\\\",
    "\\*",
    "\\\\*",
    "\\?",
    "**",
    "a\\",
    "\\a",
    "a\\*b\\\\?c",
    "\\\\\\",
    "'",
    "\"",
    "''",
    "it's",
    "a\"b",
    "`",
    "no",
    "NO",
    "yes",
    "on",
    "off",
    "y",
    "null",
    "Null",
    "~",
    "true",
    "false",
    "0x10",
    "0o17",
    "017",
    "1e3",
    ".5",
    "1_000",
    "12:30:45",
    "2024-01-02",
    "2024-01-02T03:04:05Z",
    "123",
    "-1",
    "+1",
    "1.0",
    ".inf",
    ".NaN",
    "<<",
    "=",
    "!tag",
    "&anchor",
    "*alias",
    "- item",
    "? key",
    "key: value",
    "a #b",
    "#c",
    "[a]",
    "{a: b}",
    "a, b",
    "%directive",
    "@at",
    "|",
    ">",
    "|-",
    "---",
    "...",
    " leading",
    "trailing ",
    "\ttab",
    "a\tb",
    "line\nbreak",
    "\n",
    "a\n\n",
    "a\r\nb",
    "\r",
    "nul\0byte",
    "\u{7}bell",
    "\u{1b}[0m",
    "\u{85}nel",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}bom",
    "\u{200b}",
    "é",
    "ß",
    "İ",
    "ſ",
    "日本",
    "🦀",
    "👩‍👩‍👧",
    "%TEMP%",
    "$env:x",
    "\\\\server\\share\\*",
    "C:\\Users\\*\\?.exe",
    "|contains",
    "re|x",
];

#[test]
fn hostile_texts_survive_in_every_operator() {
    for value in HOSTILE {
        let lit = || Part::Lit((*value).into());
        let shapes: [&[Part]; 6] = [
            &[lit()],
            &[Part::AnyRun, lit(), Part::AnyRun],
            &[lit(), Part::AnyRun],
            &[Part::AnyRun, lit()],
            &[Part::AnyOne, lit(), Part::AnyOne, Part::AnyRun],
            &[lit(), Part::AnyRun, lit(), Part::AnyOne, lit()],
        ];
        for case in [Case::Sensitive, Case::Insensitive] {
            for shape in shapes {
                let pattern = TextPattern::new(shape.iter().cloned());
                holds(rule(test("Image", Op::Text(vec![pattern], case))));
            }
            holds(rule(test("Image", Op::OneOf(vec![string(value), string("other")], case))));
            let mixed = vec![string(value), Literal::Int(4), Literal::Float(0.5)];
            holds(rule(test("Image", Op::OneOf(mixed, case))));
            let root = RegexNode::Literal((*value).to_owned());
            if !value.is_empty() {
                holds(rule(test("Image", Op::Regex(Regex { root, case }))));
            }
        }
        holds(rule(equal("Image", string(value))));
        holds(rule(equal("Image", string(value)).not()));
    }
}

#[test]
fn hostile_names_of_fields_survive() {
    for name in HOSTILE.iter().filter(|name| !name.is_empty() && !name.contains('|')) {
        holds(rule(plain(name, "x")));
        holds(rule(test("a", Op::Compare(Comparison::Equal, field(name)))));
    }
}

#[test]
fn every_operator_survives() {
    let number = |comparison| test("EventID", Op::Compare(comparison, Scalar::Literal(Literal::Int(-7))));
    let nets = ["10.0.0.0/8", "::1", "0.0.0.0/0", "192.168.1.1"];
    let nets = nets.iter().map(|net| normalise::parse_network(net).expect("a network")).collect();
    let preds = vec![
        test("a", Op::IsNull),
        test("a", Op::IsNull).not(),
        equal("a", Literal::Bool(true)),
        equal("a", Literal::Bool(false)),
        equal("a", Literal::Int(0)),
        equal("a", Literal::Int(i128::from(u64::MAX))),
        equal("a", Literal::Float(1e300)),
        equal("a", Literal::Float(-0.0)),
        number(Comparison::Less),
        number(Comparison::LessOrEqual),
        number(Comparison::Greater),
        number(Comparison::GreaterOrEqual),
        test("a", Op::Compare(Comparison::GreaterOrEqual, Scalar::Literal(Literal::Float(2.5)))),
        test("a", Op::OneOf(vec![Literal::Int(1), Literal::Bool(true), string("x")], Case::Sensitive)),
        test("a", Op::OneOf(vec![Literal::Int(1), string("x"), Literal::Bool(false)], Case::Insensitive)),
        test("a", Op::OneOf(vec![Literal::Int(1), Literal::Int(2)], Case::Sensitive)),
        test("a", Op::Compare(Comparison::Equal, field("b"))),
        test("a", Op::Compare(Comparison::EqualInsensitive, field("b"))),
        within(Function::StartsWith, "a", "b", Case::Sensitive),
        within(Function::EndsWith, "a", "b", Case::Insensitive),
        within(Function::StringContains, "a", "b", Case::Sensitive),
        test("a", Op::InNet(nets)),
        plain("a", "*"),
        plain("a", "?"),
        plain("a", "?*"),
        text("a", "*", Case::Sensitive),
    ];
    for pred in &preds {
        holds(rule(pred.clone()));
        holds(rule(pred.clone().not()));
    }
    holds(rule(Pred::All(preds.clone())));
    holds(rule(Pred::Any(preds.clone())));
    holds(rule(Pred::All(preds).not()));
}

#[test]
fn regular_expressions_survive() {
    let lit = |text: &str| RegexNode::Literal(text.to_owned());
    let class = |negated, items: &[ClassItem]| RegexNode::Class { negated, items: items.to_vec() };
    let repeat = |node, min, max| RegexNode::Repeat { node: Box::new(node), min, max };
    let range = ClassItem::Range;
    let roots = vec![
        RegexNode::Empty,
        RegexNode::Nothing,
        RegexNode::Any,
        RegexNode::any_run(),
        RegexNode::Interval { low: 7, high: 123, width: 0 },
        RegexNode::Concat(vec![lit("v"), RegexNode::Interval { low: 8, high: 12, width: 3 }, lit("x")]),
        lit("a.b*c+(d)[e]{f}^$|\\/#&~<>\"'"),
        RegexNode::Concat(vec![RegexNode::any_run(), lit("x"), RegexNode::any_run()]),
        RegexNode::Concat(vec![RegexNode::any_run(), lit("x")]),
        RegexNode::Concat(vec![lit("x"), RegexNode::any_run()]),
        RegexNode::Concat(vec![RegexNode::any_run(), RegexNode::any_run()]),
        RegexNode::Concat(vec![lit("a"), lit("b"), RegexNode::Concat(vec![lit("c"), RegexNode::Any])]),
        RegexNode::Alternatives(vec![
            lit("a"),
            RegexNode::Empty,
            RegexNode::Concat(vec![lit("b"), RegexNode::Any]),
        ]),
        RegexNode::Concat(vec![
            RegexNode::any_run(),
            RegexNode::Alternatives(vec![lit("a"), lit("b")]),
            RegexNode::any_run(),
        ]),
        RegexNode::Alternatives(vec![
            lit("a"),
            RegexNode::Alternatives(vec![lit("b"), lit("c")]),
            RegexNode::any_run(),
        ]),
        repeat(lit("ab"), 0, None),
        repeat(lit("a"), 1, None),
        repeat(lit("a"), 0, Some(1)),
        repeat(lit("a"), 2, Some(2)),
        repeat(lit("a"), 2, None),
        repeat(repeat(RegexNode::Any, 2, Some(5)), 0, None),
        class(false, &[ClassItem::Digit]),
        class(false, &[ClassItem::NotWord]),
        class(true, &[ClassItem::Space]),
        class(false, &[range('a', 'f'), range('0', '9')]),
        class(false, &[range('a', 'z'), range('A', 'Z'), ClassItem::Char('_')]),
        class(true, &[ClassItem::Char('\n')]),
        class(false, &[ClassItem::Char('x'), range('a', 'f'), ClassItem::Char('-'), ClassItem::Char(']')]),
        class(
            false,
            &[ClassItem::Char('^'), ClassItem::Char('['), ClassItem::Char('\\'), ClassItem::Char('&')],
        ),
        class(false, &[range('\0', '\u{1f}'), range('à', 'ý'), ClassItem::Char('é')]),
        class(false, &[range('!', '~')]),
        class(false, &[range('\u{0}', '\u{10ffff}')]),
    ];
    roots.iter().for_each(expression_holds);
}

/// By itself and between literals, in both cases.
fn expression_holds(root: &RegexNode) {
    let lit = |text: &str| RegexNode::Literal(text.to_owned());
    for case in [Case::Sensitive, Case::Insensitive] {
        let regex = Regex { root: root.clone(), case };
        holds(rule(test("CommandLine", Op::Regex(regex))));
        let inside = Regex { root: RegexNode::Concat(vec![lit("<"), root.clone(), lit(">")]), case };
        // A literal at the seam prints as a group and is the same again.
        holds(rule(test("CommandLine", Op::Regex(inside))));
    }
}

#[test]
fn tests_of_one_key_survive_side_by_side() {
    let contains = |text: &str| plain("CommandLine", &format!("*{text}*"));
    let several = test(
        "CommandLine",
        Op::Text(vec![TextPattern::from_eql("*d*"), TextPattern::from_eql("*e*")], Case::Insensitive),
    );
    holds(rule(Pred::All(vec![contains("a"), contains("b")])));
    holds(rule(Pred::All(vec![contains("a"), contains("b"), several.clone(), plain("CommandLine", "x*")])));
    let other = test(
        "CommandLine",
        Op::Text(vec![TextPattern::from_eql("*f*"), TextPattern::from_eql("*g*")], Case::Insensitive),
    );
    let clash = Pred::All(vec![several, other, contains("a")]);
    holds(rule(clash.clone()));
    holds(rule(clash.clone().not()));
    holds(rule(Pred::Any(vec![clash.clone(), contains("z")])));
    holds(rule(Pred::Any(vec![clash.clone(), clash.not()])));
}

/// A small generator with a fixed sequence.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn leaf(&mut self) -> Pred {
        let path = ["Image", "ParentImage", "CommandLine", "User"][self.below(4) as usize];
        let word = ["a", "*a*", "*\\b.exe", "c*", "d*e", "f"][self.below(6) as usize];
        match self.below(8) {
            0 => test(path, Op::IsNull),
            1 => equal(path, Literal::Int(i128::from(self.below(3)))),
            2 => test(path, Op::OneOf(vec![string("x"), string("y"), Literal::Int(1)], Case::Sensitive)),
            3 => text(path, word, Case::Sensitive),
            _ => plain(path, word),
        }
    }

    fn tree(&mut self, depth: u64) -> Pred {
        let children =
            |random: &mut Self| (0..=random.below(3)).map(|_| random.tree(depth - 1)).collect::<Vec<_>>();
        match self.below(if depth == 0 { 1 } else { 5 }) {
            0 => self.leaf(),
            1 => self.tree(depth - 1).not(),
            2 | 3 => Pred::All(children(self)),
            _ => Pred::Any(children(self)),
        }
    }
}

#[test]
fn random_trees_survive() {
    let mut random = Random(7);
    for round in 0..1_500 {
        let pred = random.tree(1 + round % 5);
        if !matches!(normalise::normalise_pred(pred.clone()), Pred::Const(_)) {
            holds(rule(pred));
        }
    }
}

#[test]
fn typed_fields_of_ecs_survive() {
    let of = |path: &str, op: Op| Pred::test(Scalar::Field(ecs(path)), op, Span::default());
    let eq = |right: Literal| Op::Compare(Comparison::Equal, Scalar::Literal(right));
    let net = normalise::parse_network("10.0.0.0/8").expect("a network");
    let preds = vec![
        of("process.pid", eq(Literal::Int(4))),
        of("destination.ip", eq(string("10.0.0.1"))),
        of("destination.ip", Op::OneOf(vec![string("10.0.0.1"), string("::1")], Case::Sensitive)),
        of("destination.ip", Op::InNet(vec![net])),
        of("process.code_signature.trusted", eq(Literal::Bool(true))).not(),
        of("event.created", eq(string("2024-01-02T03:04:05Z"))),
        of("process.name", eq(string("cmd.exe"))),
        of("no.such.field", eq(string("x"))),
        of("process.name", Op::Compare(Comparison::Equal, Scalar::Field(ecs("process.parent.name")))),
        of("user.name", Op::Compare(Comparison::EqualInsensitive, Scalar::Field(ecs("user.id")))),
        of("source.port", Op::Compare(Comparison::Equal, Scalar::Field(ecs("destination.port")))),
    ];
    for pred in &preds {
        let text = holds(rule(pred.clone()));
        assert!(text.contains("taxonomy: ecs"), "{text}");
    }
    let text = holds(rule(Pred::All(preds)));
    insta::assert_snapshot!(detection(&text));
}
