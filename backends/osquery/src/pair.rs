//! Tests of two columns of one row.

use eqlc_backend::Direction;
use eqlc_ir::{Case, Comparison, Function};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::columns::{Column, Kind};
use crate::test::{Bend, has_value, operator, value_of};
use crate::{literal, sql, text};

/// Why letters of columns that are compared without regard to their case are told apart.
const ASCII: &str = "letters outside of ASCII are compared with regard to their case between columns";

/// Why the first bytes of a file stand alone.
pub(crate) const HEADER: &str = "the first bytes of a file are compared with constants only";

/// Two columns of one value each can be tested together.
fn check(one: &Column, other: &Column) -> Result<(), String> {
    if one.each.is_some() || other.each.is_some() {
        return Err("a field with several values is not compared with another".to_owned());
    }
    if one.kind == Kind::Header || other.kind == Kind::Header {
        return Err(HEADER.to_owned());
    }
    Ok(())
}

/// Text to compare with that of another column. `lower` knows the letters of ASCII.
fn folded(column: &Column, case: Case) -> (Expr, Bend) {
    match case {
        Case::Sensitive => (column.expr.clone(), None),
        Case::Insensitive => {
            (sql::call("lower", vec![column.expr.clone()]), Some((Direction::Narrower, ASCII)))
        }
    }
}

/// A comparison of two columns of one row.
pub(crate) fn compare(left: &Column, comparison: Comparison, right: &Column) -> Result<(Expr, Bend), String> {
    check(left, right)?;
    let case = match comparison {
        Comparison::EqualInsensitive => Case::Insensitive,
        _ => Case::Sensitive,
    };
    Ok(match (left.kind.is_text(), right.kind.is_text()) {
        (true, true) => {
            let ((one, bend), (other, _)) = (folded(left, case), folded(right, case));
            let condition = sql::binary(one, operator(comparison), other);
            // Of equal texts both are there if one is.
            let both = !comparison.is_equality() || left.kind != right.kind;
            let looked_at = [Some(left), both.then_some(right)].into_iter().flatten();
            // A comparison with null is none; only the empty text is to be told from a value.
            let there = looked_at.filter(|column| column.kind == Kind::Text).map(has_value);
            (sql::all(there.chain([condition]).collect()), bend)
        }
        (true, false) | (false, true) => (sql::constant(false), None),
        (false, false) => (sql::binary(value_of(left), operator(comparison), value_of(right)), None),
    })
}

/// A test for the text of a column at a place of that of another.
pub(crate) fn in_field(
    function: Function,
    whole: &Column,
    part: &Column,
    case: Case,
) -> Result<(Expr, Bend), String> {
    check(whole, part)?;
    let (Some(whole_text), Some(part_text)) = (whole.text(), part.text()) else {
        return Err("only texts are looked for in each other".to_owned());
    };
    let ((outer, bend), (inner, _)) = (folded(whole, case), folded(part, case));
    let place = || sql::call("instr", vec![outer.clone(), inner.clone()]);
    let is_empty = || text::equals(&part.expr, "").map_err(|bad| bad.why().to_owned());
    // An empty text that is a value stands at the start and the end of every value, and inside of none.
    let (condition, takes_empty) = match function {
        Function::StartsWith => (sql::binary(place(), BinaryOperator::Eq, literal::integer(1)), true),
        Function::StringContains => (sql::binary(place(), BinaryOperator::Gt, literal::integer(0)), false),
        Function::EndsWith => {
            let length = sql::call("length", vec![part.expr.clone()]);
            let from_end = Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(length) };
            let end = sql::binary(
                sql::call("SUBSTR", vec![outer.clone(), from_end]),
                BinaryOperator::Eq,
                inner.clone(),
            );
            (if part_text.empty { sql::any(vec![is_empty()?, end]) } else { end }, true)
        }
        _ => return Err("this function".to_owned()),
    };
    let there = match (part_text.empty, takes_empty) {
        (true, true) => whole_text.is_there(),
        _ => text::not_empty(&part.expr),
    };
    Ok((sql::all(vec![there, condition]), bend))
}
