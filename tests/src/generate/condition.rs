//! Conditions.

use super::value::{self, field, integer, number, of_number, of_text, pattern, regex, text, tilde};
use crate::random::Random;

/// A condition over single events.
pub(super) fn any(random: &mut Random, depth: u64) -> String {
    if depth == 0 || random.one_in(4) {
        return test(random);
    }
    let inner = |random: &mut Random| any(random, depth - 1);
    match random.below(7) {
        0 | 1 => format!("({} and {})", inner(random), inner(random)),
        2 | 3 => format!("({} or {})", inner(random), inner(random)),
        4 => format!("not {}", grouped(&inner(random))),
        5 => format!("{} and {} and {}", grouped(&inner(random)), test(random), test(random)),
        _ => format!("not ({} or {})", inner(random), test(random)),
    }
}

fn grouped(condition: &str) -> String {
    format!("({condition})")
}

fn comparison(random: &mut Random) -> &'static str {
    random.pick(&["==", "!=", "==", "!=", "<", "<=", ">", ">="])
}

fn equality(random: &mut Random) -> &'static str {
    random.pick(&["==", "!="])
}

fn negation(random: &mut Random) -> &'static str {
    random.pick(&["", "", "not "])
}

fn list(random: &mut Random, mut item: impl FnMut(&mut Random) -> String) -> String {
    let items: Vec<String> = (0..1 + random.below(3)).map(|_| item(random)).collect();
    format!("({})", items.join(", "))
}

/// One test. Right sides are constants: fields are not compared with fields (§3.1).
fn test(random: &mut Random) -> String {
    match random.below(18) {
        0 | 1 => compared_text(random),
        2 => compared_number(random),
        3 | 4 => matched(random),
        5 => listed(random),
        6 => null_test(random),
        7 => boolean(random),
        8 => text_function(random),
        9 => on_network(random),
        10 => on_version(random),
        11 => unmapped(random),
        12 => of_constants(random),
        13 => {
            let operator = random.pick(&["<", "<=", ">", ">=", "==", "!="]);
            format!("@timestamp {operator} {}", random.below(12) * 1_000)
        }
        14 => nested(random),
        15 | 16 => value::telling_call(random),
        _ => {
            let subject = field(random, &["s", "t", "o.s"]);
            let constant = text(random);
            format!("{} {} {}", subject, equality(random), constant)
        }
    }
}

fn compared_text(random: &mut Random) -> String {
    let depth = random.below(3);
    let subject = of_text(random, depth);
    let (operator, constant) = (comparison(random), text(random));
    if random.one_in(6) {
        format!("{constant} {operator} {subject}")
    } else {
        format!("{subject} {operator} {constant}")
    }
}

fn compared_number(random: &mut Random) -> String {
    let depth = random.below(3);
    let subject = of_number(random, depth);
    let (operator, constant) = (comparison(random), number(random));
    if random.one_in(6) {
        format!("{constant} {operator} {subject}")
    } else {
        format!("{subject} {operator} {constant}")
    }
}

/// The left side of an operator with patterns: these bind tighter than arithmetic (§2.2), so it is a field or a
/// call.
fn matched(random: &mut Random) -> String {
    let depth = if random.one_in(4) { 1 } else { 0 };
    let subject = of_text(random, depth);
    let condition = match random.below(8) {
        0 => {
            let sensitive = random.one_in(2);
            let operator = if sensitive { "regex" } else { "regex~" };
            let item = |random: &mut Random| regex(random, sensitive);
            format!("{subject} {operator} {}", one_or_list(random, item))
        }
        _ => {
            let operator = random.pick(&[":", "like", "like~"]);
            format!("{subject} {operator} {}", one_or_list(random, pattern))
        }
    };
    format!("{}{condition}", negation(random))
}

fn one_or_list(random: &mut Random, item: impl Fn(&mut Random) -> String) -> String {
    if random.one_in(2) { item(random) } else { list(random, item) }
}

/// Null items stand in no list: inside a test they make the oracle's `in` null instead of false, which §6.4
/// does not ask for.
fn listed(random: &mut Random) -> String {
    let not = random.pick(&["", "not "]);
    match random.below(4) {
        0 => {
            let depth = random.below(2);
            format!("{} {not}in {}", of_number(random, depth), list(random, number))
        }
        1 => format!("{} {not}in {}", field(random, &["i", "j", "n"]), list(random, integer)),
        _ => {
            let depth = random.below(2);
            let subject = of_text(random, depth);
            let operator = random.pick(&["in", "in~"]);
            format!("{subject} {not}{operator} {}", list(random, text))
        }
    }
}

fn null_test(random: &mut Random) -> String {
    let depth = random.below(3);
    let subject = match random.below(5) {
        0 => of_text(random, depth),
        1 => of_number(random, depth),
        2 => three_valued(random),
        _ => field(random, &["s", "n", "b", "ip", "v", "k", "o.s"]),
    };
    let operator = equality(random);
    if random.one_in(5) { format!("null {operator} {subject}") } else { format!("{subject} {operator} null") }
}

/// `… == false` is left to fields, and `… == true` to these and to tests that are not negated: on any other
/// condition it is the condition or its negation in the tree (§5.7), which the oracle does not know.
fn boolean(random: &mut Random) -> String {
    let subject = field(random, &["b", "c"]);
    match random.below(4) {
        0 => subject,
        1 => format!("not {subject}"),
        2 => format!("{subject} {} {}", equality(random), random.pick(&["true", "false"])),
        _ => format!("({}) == true", positive(random)),
    }
}

fn text_function(random: &mut Random) -> String {
    let depth = if random.one_in(3) { 1 } else { 0 };
    let subject = of_text(random, depth);
    let argument = if random.one_in(4) { field(random, &["s", "t"]) } else { text(random) };
    let function = random.pick(&["startsWith", "endsWith", "stringContains", "startswith", "STRINGCONTAINS"]);
    format!("{}{function}{}({subject}, {argument})", negation(random), tilde(random))
}

fn on_network(random: &mut Random) -> String {
    if random.one_in(3) {
        return format!("ip {} {}", equality(random), value::quoted(random.pick(value::IPS)));
    }
    let mut networks = value::network(random);
    if random.one_in(3) {
        networks += &format!(", {}", value::network(random));
    }
    format!("{}cidrMatch(ip, {networks})", negation(random))
}

fn on_version(random: &mut Random) -> String {
    format!("v {} {}", comparison(random), value::quoted(random.pick(value::VERSIONS)))
}

fn unmapped(random: &mut Random) -> String {
    let test = random.pick(&[
        "?gone.a == null",
        "?gone.a != null",
        "?gone.a == \"a\"",
        "?gone.a != \"a\"",
        "?gone.a == ?gone.b",
        "?gone.a != ?gone.b",
        "?gone.a : \"*\"",
        "?gone.a in (1, 2)",
        "?gone.a",
        "startsWith(?gone.a, \"a\")",
        "?gone.a > 1",
    ]);
    format!("{}{test}", negation(random))
}

fn of_constants(random: &mut Random) -> String {
    (*random.pick(&[
        "true",
        "false",
        "null == null",
        "null != null",
        "1 == 1.0",
        "1 + 2 * 2 == 5",
        "-7 / 2 == -3",
        "-7 % 3 == -1",
        "7 / 2.0 == 3.5",
        "\"b\" > \"a\"",
        "\"Ab\" : \"aB\"",
        "length(\"日a\") == 2",
        "startsWith~(\"ABC\", \"ab\")",
        "number(\"0x1F\") == 31",
    ]))
    .to_owned()
}

/// A condition inside a test, where null is a third value (§5.5).
fn nested(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("({}) == null", three_valued(random)),
        1 => format!("string({}) == {}", three_valued(random), random.pick(&["\"true\"", "\"false\""])),
        _ => format!("concat({}, s) {} \"truea\"", three_valued(random), equality(random)),
    }
}

/// A condition to stand inside a test. `!=`, which the oracle turns into `not`, is exactly that (§5.2).
pub(super) fn three_valued(random: &mut Random) -> String {
    let simple = |random: &mut Random| match random.below(4) {
        0 => format!("n {} {}", comparison(random), integer(random)),
        1 => format!("{} {} null", random.pick(&["s", "t"]), equality(random)),
        _ => positive(random),
    };
    match random.below(5) {
        0 => format!("({} and {})", simple(random), simple(random)),
        1 => format!("({} or {})", simple(random), simple(random)),
        2 => format!("(not ({}))", simple(random)),
        _ => format!("({})", simple(random)),
    }
}

/// A test without negation.
fn positive(random: &mut Random) -> String {
    match random.below(5) {
        0 => format!("m {} {}", random.pick(&["==", "<", ">="]), integer(random)),
        1 => format!("s == {}", text(random)),
        2 => format!("s : {}", pattern(random)),
        3 => format!("m in {}", list(random, integer)),
        _ => format!("startsWith{}(s, {})", tilde(random), text(random)),
    }
}
