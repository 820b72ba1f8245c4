//! The first bytes of a file, asked for with a rule of YARA that osquery runs over the file; and what such a rule says of
//! bytes that are known, for rows of `yara_file` to be made without YARA.

use eqlc_ir::{Case, Op, Part, TextPattern};
use sqlparser::ast::{BinaryOperator, Expr};

use crate::{literal, sql};

/// The file at a path begins with bytes that a test names in hexadecimal digits.
pub(crate) fn emit(path: &Expr, op: &Op) -> Result<Expr, String> {
    let Op::Text(patterns, case) = op else {
        return Err("the first bytes of a file are compared with beginnings only".to_owned());
    };
    let beginnings: Vec<String> =
        patterns.iter().map(|pattern| beginning(pattern, *case)).collect::<Result<_, _>>()?;
    let mut query = sql::query("SELECT 1 FROM yara_file AS y WHERE TRUE")?;
    let column = sql::expression;
    let rule = literal::text(&rule(&beginnings)).map_err(|bad| bad.why().to_owned())?;
    let conditions = vec![
        sql::binary(column("y.path")?, BinaryOperator::Eq, path.clone()),
        sql::binary(column("y.sigrule")?, BinaryOperator::Eq, rule),
        sql::binary(column("y.count")?, BinaryOperator::Gt, literal::integer(0)),
    ];
    sql::set_conditions(&mut query, vec![sql::all(conditions)]);
    Ok(Expr::Exists { subquery: Box::new(query), negated: false })
}

/// What a file begins with, in hexadecimal digits, by its path: in rows that are made without YARA it stands where YARA
/// tells the strings that it found.
pub(crate) fn of_file(path: &Expr) -> String {
    format!("(SELECT y.strings FROM yara_file AS y WHERE y.path = {path} LIMIT 1)")
}

/// How a rule begins that is asked of a file.
const BEGINNING: &str = "rule header {";

/// The rules in the text of a query, each once.
#[must_use]
pub fn header_rules(query: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for (at, _) in query.match_indices(BEGINNING) {
        let rule = query.get(at..).and_then(|rest| rest.split('\'').next());
        found.extend(rule.filter(|rule| !found.contains(rule)));
    }
    found
}

/// Whether a rule of [`header_rules`] holds of a file that begins with these hexadecimal digits.
#[must_use]
pub fn header_holds(rule: &str, digits: &str) -> bool {
    let strings = rule.split(" = { ").skip(1).filter_map(|rest| rest.split('}').next());
    let digits = digits.to_ascii_lowercase();
    strings.map(|pairs| pairs.replace(' ', "")).any(|beginning| digits.starts_with(&beginning))
}

/// The bytes that stand before the wildcard of a pattern.
fn beginning(pattern: &TextPattern, case: Case) -> Result<String, String> {
    let [Part::Lit(digits), Part::AnyRun] = pattern.parts() else {
        return Err("the first bytes of a file are compared with beginnings only".to_owned());
    };
    let whole = digits.len() % 2 == 0 && digits.chars().all(|c| c.is_ascii_hexdigit());
    if !whole || (case == Case::Sensitive && digits.chars().any(|c| c.is_ascii_uppercase())) {
        return Err("the beginning of a file is written in pairs of hexadecimal digits".to_owned());
    }
    Ok(digits.to_ascii_lowercase())
}

/// A rule that holds of files with one of the beginnings.
fn rule(beginnings: &[String]) -> String {
    let spaced = |digits: &String| {
        let pairs: Vec<String> =
            digits.as_bytes().chunks(2).map(String::from_utf8_lossy).map(Into::into).collect();
        pairs.join(" ")
    };
    let strings: Vec<String> = beginnings
        .iter()
        .enumerate()
        .map(|(at, digits)| format!("$b{at} = {{ {} }}", spaced(digits)))
        .collect();
    let places: Vec<String> = (0..beginnings.len()).map(|at| format!("$b{at} at 0")).collect();
    format!("{BEGINNING} strings: {} condition: {} }}", strings.join(" "), places.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::{header_holds, header_rules, rule};

    #[test]
    fn a_rule_holds_of_what_begins_with_one_of_its_beginnings() {
        let rule = rule(&["4d5a".to_owned(), "7f454c46".to_owned()]);
        let query = format!("SELECT 1 WHERE y.sigrule = '{rule}' AND x = 'a' OR y.sigrule = '{rule}'");
        assert_eq!(header_rules(&query), [rule.as_str()]);
        assert!(header_holds(&rule, "4D5A90"));
        assert!(header_holds(&rule, "7f454c46"));
        assert!(!header_holds(&rule, "004d5a"));
        assert!(!header_holds(&rule, "7f45"));
        assert!(!header_holds(&rule, ""));
    }
}
