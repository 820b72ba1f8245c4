//! Constants and values of each type.

use crate::random::Random;

/// Texts in mixed case, some with wildcards in them. Letters with case are ASCII: the oracle folds by
/// `str.lower`, the reference by simple case folding (§6.6).
pub(super) const TEXTS: &[&str] =
    &["", "a", "A", "b", "ab", "aB", "AB", "abc", "bab", "babab", "a*b", "a?", "日a", "c:\\a"];
/// Texts that are numbers for `number`, and one that is not.
pub(super) const DIGITS: &[&str] = &["0", "7", "-3", "1.5", "0x1f", "12", "zz"];
/// Addresses in canonical form: the oracle compares them as texts, the reference as addresses (§6.1).
pub(super) const IPS: &[&str] = &["10.0.0.1", "10.1.0.1", "192.168.0.7", "::1", "fe80::1"];
pub(super) const VERSIONS: &[&str] = &["1.0.0", "1.2.0", "1.10.0", "1.10.0-beta", "2.0.0"];
/// None of IPv6 that holds IPv4-mapped addresses: there the oracle finds no IPv4, which §6.1 does.
const NETWORKS: &[&str] =
    &["10.0.0.0/8", "10.0.0.0/16", "192.168.0.7/24", "0.0.0.0/0", "::1/128", "fe80::/10"];
const PATTERNS: &[&str] =
    &["*", "a*", "*B", "?", "a?", "??", "*a*", "", "ab", "*?b*", "日*", "A*c", "c:\\\\*"];

/// A text as EQL writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\"))
}

/// A constant text.
pub(super) fn text(random: &mut Random) -> String {
    if random.one_in(8) {
        return "\"\"\"c:\\a\"\"\"".to_owned();
    }
    quoted(random.pick(TEXTS))
}

/// A pattern with or without wildcards, in quotes.
pub(super) fn pattern(random: &mut Random) -> String {
    format!("\"{}\"", random.pick(PATTERNS))
}

/// A network, in quotes.
pub(super) fn network(random: &mut Random) -> String {
    quoted(random.pick(NETWORKS))
}

/// A constant integer.
pub(super) fn integer(random: &mut Random) -> String {
    (random.below(9) as i64 - 3).to_string()
}

/// A constant number.
pub(super) fn number(random: &mut Random) -> String {
    if random.one_in(4) {
        (*random.pick(&["0.5", "-1.25", "2.0", ".5", "1e0"])).to_owned()
    } else {
        integer(random)
    }
}

/// A regular expression in the syntax that Lucene and Python share (§6.5), in quotes.
pub(super) fn regex(random: &mut Random, ranges: bool) -> String {
    let alternatives = 1 + random.below(2);
    let branches: Vec<String> = (0..alternatives).map(|_| branch(random, ranges)).collect();
    format!("\"{}\"", branches.join("|"))
}

fn branch(random: &mut Random, ranges: bool) -> String {
    (0..1 + random.below(3)).map(|_| atom(random, ranges)).collect()
}

fn atom(random: &mut Random, ranges: bool) -> String {
    let atom = match random.below(6) {
        0 => ".",
        // A range keeps its case under `regex~` (§6.5); Python folds it.
        1 if ranges => "[a-c]",
        1 => "[ab]",
        2 => "(ab|b)",
        3 => "\\\\d",
        4 => "[^a]",
        _ => random.pick(&["a", "b", "A", "\\\\*", "日"]),
    };
    // A negated class under `regex~` folds in Python; with one letter the two agree only in one case.
    let atom = if atom == "[^a]" && !ranges { "b" } else { atom };
    let times = random.pick(&["", "", "*", "+", "?", "{1,2}", "{2}"]);
    format!("{atom}{times}")
}

/// An expression whose value is a text.
pub(super) fn of_text(random: &mut Random, depth: u64) -> String {
    if depth == 0 {
        return field(random, &["s", "t", "o.s", "s", "t", "digits"]);
    }
    let inner = |random: &mut Random| of_text(random, depth - 1);
    match random.below(8) {
        0 => {
            let (source, left, right) = (inner(random), delimiter(random), delimiter(random));
            let tilde = tilde(random);
            let greedy = random.pick(&["", ", true", ", false"]);
            format!("between{tilde}({source}, {left}, {right}{greedy})")
        }
        1 => {
            let (a, b) = (inner(random), any_constant(random));
            format!("concat({a}, {b})")
        }
        2 => {
            let (a, b) = (inner(random), inner(random));
            format!("CONCAT({a}, {b}, \"x\")")
        }
        3 => {
            let a = inner(random);
            let start = random.pick(&["0", "1", "-1", "-2", "5", "null"]);
            let end = random.pick(&["", ", 1", ", 2", ", -1", ", null", ", 9"]);
            format!("substring({a}, {start}{end})")
        }
        4 => format!("string({})", of_number(random, 0)),
        5 => format!("string({})", field(random, &["n", "b"])),
        6 => format!("string({})", super::condition::three_valued(random)),
        _ => inner(random),
    }
}

fn delimiter(random: &mut Random) -> String {
    (*random.pick(&["\"a\"", "\"b\"", "\"B\"", "\"\"", "\"ab\"", "t"])).to_owned()
}

fn any_constant(random: &mut Random) -> String {
    match random.below(4) {
        0 => number(random).trim_start_matches('-').to_owned(),
        1 => (*random.pick(&["true", "false"])).to_owned(),
        _ => text(random),
    }
}

/// `~` or nothing.
pub(super) fn tilde(random: &mut Random) -> &'static str {
    if random.one_in(2) { "~" } else { "" }
}

/// An expression whose value is a number. Division is by constants other than zero: its result by zero is a
/// choice (§6.7).
pub(super) fn of_number(random: &mut Random, depth: u64) -> String {
    if depth == 0 {
        return field(random, &["n", "m", "n", "f"]);
    }
    let inner = |random: &mut Random| of_number(random, depth - 1);
    match random.below(9) {
        0 => {
            let (a, operator, b) = (inner(random), random.pick(&["+", "-", "*"]).to_owned(), inner(random));
            format!("({a} {operator} {b})")
        }
        1 => {
            let operator = random.pick(&["/", "%"]);
            format!("({} {operator} {})", inner(random), random.pick(&["2", "3", "-2", "1.5"]))
        }
        // A predicate binds tighter than a sign (§2.2).
        2 => format!("(-{})", field(random, &["n", "m", "f"])),
        3 => {
            let function = random.pick(&["add", "subtract", "multiply"]);
            format!("{function}({}, {})", inner(random), number(random))
        }
        4 => format!(
            "{}({}, {})",
            random.pick(&["divide", "modulo"]),
            inner(random),
            random.pick(&["2", "-3", "0.5"])
        ),
        5 => format!("length({})", of_text(random, depth - 1)),
        6 => {
            // An empty needle behind the end of the text is found nowhere by one and at the end by the other;
            // the reference says only that it is found at the start given (§7).
            let needle = random.pick(&["\"a\"", "\"b\"", "\"aB\"", "\"日\""]);
            let start = random.pick(&["", ", 1", ", -2", ", 7", ", null"]);
            format!("indexOf{}({}, {needle}{start})", tilde(random), of_text(random, depth - 1))
        }
        7 => format!("number(digits{})", random.pick(&["", ", 10", ", 16", ", null"])),
        _ => inner(random),
    }
}

/// One of the fields, now and then marked as optional, which changes nothing for a field that is mapped (§4.4).
pub(super) fn field(random: &mut Random, names: &[&str]) -> String {
    let name = random.pick(names);
    match random.below(14) {
        0 => format!("?{name}"),
        1 if name == "o.s" => "`o`.`s`".to_owned(),
        2 if name == "s" => "`s`".to_owned(),
        _ => name.to_owned(),
    }
}

/// A call on a field whose result the right constant tells from that of a slip in the function.
pub(super) fn telling_call(random: &mut Random) -> String {
    let source = field(random, &["s", "t"]);
    match random.below(4) {
        0 | 1 => {
            let (left, right) = (random.pick(&["\"a\"", "\"b\"", "\"B\""]), random.pick(&["\"a\"", "\"b\""]));
            let greedy = random.pick(&["", ", true", ", false"]);
            let result = random.pick(&["\"\"", "\"a\"", "\"b\"", "\"aba\"", "\"ba\""]);
            format!("between{}({source}, {left}, {right}{greedy}) == {result}", tilde(random))
        }
        2 => {
            let (start, end) = (random.pick(&["0", "1", "-2"]), random.pick(&["", ", 1", ", 2", ", -1"]));
            format!(
                "substring({source}, {start}{end}) == {}",
                random.pick(&["\"\"", "\"a\"", "\"b\"", "\"ab\""])
            )
        }
        _ => {
            let (needle, start) =
                (random.pick(&["\"a\"", "\"b\"", "\"aB\""]), random.pick(&["", ", 1", ", -2"]));
            format!("indexOf{}({source}, {needle}{start}) == {}", tilde(random), random.below(4))
        }
    }
}
