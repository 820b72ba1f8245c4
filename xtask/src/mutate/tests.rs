use super::operator::{Operator, Tree};
use super::{drawn, eql, sigma, sql};
use crate::random::Random;

/// Every mutant as a line: what was done, and the text.
fn mutants<T: Tree>(tree: &T, print: impl Fn(&T) -> String) -> String {
    let operators = tree.operators();
    let lines = operators.iter().enumerate().map(|(at, operator)| {
        let mutant = tree.mutant(at).expect("a mutant for every place");
        format!("{:<12} {}\n", operator.name(), print(&mutant).trim_end())
    });
    assert!(tree.mutant(operators.len()).is_none());
    lines.collect()
}

#[test]
fn queries_of_eql_are_broken_in_one_place_each() {
    let query = eql::read(
        r#"sequence by host.id with maxspan=1m [process where process.name : ("a*", "b.exe") and not process.pid <= 4] with runs=2 [file where file.size == 7] until [process where true]"#,
    )
    .expect("a query");
    insta::assert_snapshot!(mutants(&query, |query| eqlc_eql::print(query).replace('\n', " ")));
}

#[test]
fn documents_of_sigma_are_broken_in_one_place_each() {
    let file = sigma::read(
        "title: t\nlogsource: {product: windows, category: process_creation}\ndetection:\n  selection:\n    Image|endswith: ['\\a.exe', '\\b.exe']\n    ParentProcessId|gt: 4\n  filter:\n    User: 'x*'\n  condition: selection and not filter\n",
    )
    .expect("a file");
    insta::assert_snapshot!(mutants(&file, |file| {
        let text = eqlc_sigma::write(file);
        let told = text.lines().skip_while(|line| !line.starts_with("logsource"));
        told.map(str::trim).collect::<Vec<_>>().join(" ")
    }));
}

#[test]
fn queries_of_sql_are_broken_in_one_place_each() {
    let query = sql::read(
        "SELECT e.eid AS eid FROM t AS e WHERE e.a LIKE '%\\x_' AND (e.b = 'c' OR e.n >= 2) AND (e.d IN ('f', 'g')) IS NOT TRUE",
    )
    .expect("a query");
    insta::assert_snapshot!(mutants(&query, |query| query.print()));
}

#[test]
fn sequences_of_sql_lose_keys_and_swap_steps() {
    let query = sql::read(
        "WITH s1 AS (SELECT e.k AS k1 FROM t AS e WHERE e.a = 1), s2 AS (SELECT e.k AS k1 FROM t AS e WHERE e.b = 2), l2 AS (SELECT lag(k1) OVER w AS p FROM s1 WINDOW w AS (PARTITION BY k1 ORDER BY k1)) SELECT p FROM l2 WHERE p - 1 <= 9",
    )
    .expect("a query");
    insta::assert_snapshot!(mutants(&query, |query| query.print()));
}

#[test]
fn what_is_changed_is_valid_sql_with_the_meaning_of_its_tree() {
    let query = sql::read("SELECT 1 FROM t WHERE a = 1 AND b = 2 OR c = 3 AND (d = 4 OR e = 5) IS NOT TRUE")
        .expect("a query");
    for at in 0..query.operators().len() {
        let mutant = query.mutant(at).expect("a mutant").print();
        let again = sql::read(&mutant).expect("valid SQL");
        assert_eq!(again.print(), mutant);
    }
}

#[test]
fn operators_are_drawn_in_turn() {
    let mut operators = vec![Operator::Constant; 50];
    operators.extend([Operator::Negate, Operator::Widen, Operator::Widen]);
    let places = drawn(&operators, 5, Random::new(0, &[]));
    let found: Vec<Operator> = places.iter().map(|at| operators[*at]).collect();
    assert_eq!(found.iter().filter(|operator| **operator == Operator::Constant).count(), 2);
    assert!(found.contains(&Operator::Negate) && places.is_sorted());
    assert_eq!(drawn(&operators, 100, Random::new(0, &[])).len(), operators.len());
}
