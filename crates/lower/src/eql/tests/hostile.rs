//! No input makes the pass panic, overflow its stack, or take long.

use super::compile;

#[test]
fn fragments_of_a_rule_never_panic() {
    let rule = "sequence by host.id, ?a.b with maxspan=5m\n [process where length(process.name) == 5 - -1 and process.pid in (1, 2.5, null) or not x : (\"a*\", 5)] by process.pid\n [\"c\" where (a regex~ \"[a-z](\\\\d|b)?\") == false] by user.id with runs=3\n until [any where cidrMatch(source.ip, \"::/0\")] by process.pid | tail 3";
    for (end, _) in rule.char_indices() {
        let start = end / 2;
        for range in [0..end, start..end] {
            let text = rule.get(range).unwrap_or("");
            let outcome = compile(text);
            assert!(outcome.lowered.is_some() || !outcome.diagnostics.is_empty(), "{text}");
        }
    }
}

#[test]
fn nesting_and_long_lists_are_bounded() {
    let many = |count: usize, text: &str| text.repeat(count);
    for query in [
        format!("any where {}true", many(100_000, "not ")),
        format!("any where {}true{}", many(150, "("), many(150, ")")),
        format!("any where x == {}1", many(150, "-")),
        format!("any where x == {}1", many(150, "1 + ")),
        format!("any where {}true", many(5_000, "x.y == \"a\" or ")),
        format!("any where x in ({}1)", many(20_000, "\"a*\", ")),
        format!("any where {}1{} == 1", many(150, "add(1, "), many(150, ")")),
        format!("any where {}x{} == null", many(150, "("), many(150, " == 1)")),
    ] {
        let outcome = compile(&query);
        assert!(outcome.lowered.is_some() || !outcome.diagnostics.is_empty());
    }
}
