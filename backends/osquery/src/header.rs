//! The first bytes of a file, asked for with a rule of YARA that osquery runs over the file.

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
    format!("rule header {{ strings: {} condition: {} }}", strings.join(" "), places.join(" or "))
}
