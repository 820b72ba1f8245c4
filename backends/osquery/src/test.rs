//! Tests of the IR as conditions of SQL.

use std::borrow::Cow;
use std::cmp::Ordering;

use eqlc_backend::Direction;
use eqlc_ir::normalise::parse_network;
use eqlc_ir::{Case, Comparison, FieldRef, FieldType, Literal, Op, Scalar, Test, TextPattern};
use ipnet::IpNet;
use sqlparser::ast::{BinaryOperator, CastKind, DataType, Expr, Query};

use crate::columns::{Column, Kind};
use crate::profile::Table;
use crate::text::{self, Text};
use crate::{computed, header, literal, network, pair, regex, sql};

/// Which way a test is bent, and why.
pub(crate) type Bend = Option<(Direction, &'static str)>;

/// The condition of a test, and which way it bends; or why it has none.
pub(crate) fn emit(test: &Test, table: &Table) -> Result<(Expr, Bend), String> {
    if let Scalar::Call { function, args, case } = &test.subject
        && let [Scalar::Field(whole), Scalar::Field(part)] = args.as_slice()
        && test.op == Op::IsTrue
    {
        let (whole, part) = (column(whole, table)?, column(part, table)?);
        return pair::in_field(*function, &whole, &part, *case);
    }
    if computed::is_computed(test) {
        return computed::emit(test, table);
    }
    let field = test.subject.as_field().ok_or("only fields can be tested")?;
    let column = column(field, table)?;
    if column.kind == Kind::Header {
        return Ok((header::emit(&column.expr, &test.op)?, None));
    }
    if matches!(field.ty, FieldType::Date | FieldType::Version) && !matches!(test.op, Op::IsNull) {
        return Err(format!("values of type {} are not compared as such in SQL", field.ty.name()));
    }
    match (&column.each, &test.op) {
        (Some(each), Op::IsNull) => Ok((exists(each, None, true), None)),
        (Some(each), _) => {
            let (condition, bend) = emit_value(test, field.ty, &column, table)?;
            Ok((exists(each, Some(condition), false), bend))
        }
        (None, _) => emit_value(test, field.ty, &column, table),
    }
}

/// The condition of a test of one value.
pub(crate) fn emit_value(
    test: &Test,
    ty: FieldType,
    column: &Column,
    table: &Table,
) -> Result<(Expr, Bend), String> {
    if let Op::Regex(regex) = &test.op {
        return match column.text() {
            Some(text) => regex::emit(text, regex),
            None => Ok((sql::constant(false), None)),
        };
    }
    let condition = match &test.op {
        Op::IsNull => is_null(column),
        Op::Compare(comparison, Scalar::Literal(value)) => compare(column, ty, *comparison, value)?,
        Op::Compare(comparison, Scalar::Field(other)) => {
            let other = self::column(other, table)?;
            return pair::compare(column, *comparison, &other);
        }
        Op::OneOf(items, case) => one_of(column, ty, items, *case)?,
        Op::Text(patterns, case) => patterns_of(column, patterns, *case)?,
        Op::InNet(nets) => in_net(column, nets)?,
        Op::IsTrue | Op::Regex(_) | Op::Compare(..) | Op::Exists | Op::TimePart(..) => {
            return Err("this form of test".to_owned());
        }
    };
    Ok((condition, None))
}

/// The column of a field, read as numbers where the test does.
pub(crate) fn column<'t>(field: &FieldRef, table: &'t Table) -> Result<Cow<'t, Column>, String> {
    let column = table
        .column(&field.path)
        .ok_or_else(|| format!("`{}` is no column of the source `{}`", field.path, table.log_source))?;
    if field.ty.is_number() && column.kind.is_text() {
        return Ok(Cow::Owned(Column { kind: Kind::Digits, ..column.into_owned() }));
    }
    Ok(column)
}

/// Whether some row of `each` satisfies a condition on its value.
pub(crate) fn exists(each: &Query, condition: Option<Expr>, negated: bool) -> Expr {
    let mut query = Box::new(each.clone());
    sql::add_condition(&mut query, condition.unwrap_or_else(|| sql::constant(true)));
    Expr::Exists { subquery: query, negated }
}

impl Column {
    /// Its value as text; none where it is no text.
    pub(crate) fn text(&self) -> Option<Text<'_>> {
        self.kind.is_text().then_some(Text { expr: &self.expr, empty: self.kind == Kind::Verbatim })
    }
}

/// The value as SQL: null where it has none, but for the empty text.
pub(crate) fn value_of(column: &Column) -> Expr {
    match column.kind {
        Kind::Text | Kind::Verbatim | Kind::Integer | Kind::Header => column.expr.clone(),
        Kind::Digits => number(&column.expr),
    }
}

/// The value as SQL: null where it has none.
pub(crate) fn null_or_value(column: &Column) -> Expr {
    match column.kind {
        Kind::Text => {
            let empty = sql::value(sqlparser::ast::Value::SingleQuotedString(String::new()));
            sql::call("nullif", vec![column.expr.clone(), empty])
        }
        Kind::Verbatim | Kind::Integer | Kind::Digits | Kind::Header => value_of(column),
    }
}

/// The number that a text of digits writes.
fn number(x: &Expr) -> Expr {
    let digit = text::Glob::OneOf { negated: false, ranges: vec![('0', '9')] };
    let other = text::Glob::OneOf { negated: true, ranges: vec![('0', '9')] };
    // Patterns of digits are short and can be written.
    let glob = |pieces: &[text::Glob]| text::glob(x, pieces).unwrap_or_else(|_| sql::constant(false));
    let digits = sql::all(vec![
        glob(&[digit, text::Glob::AnyRun]),
        sql::not(glob(&[text::Glob::AnyRun, other, text::Glob::AnyRun])),
    ]);
    let cast = Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(x.clone()),
        data_type: DataType::Integer(None),
        format: None,
    };
    sql::case(vec![(digits, cast)], None)
}

/// The column has a value.
pub(crate) fn has_value(column: &Column) -> Expr {
    match (&column.each, column.text()) {
        (Some(each), _) => exists(each, None, false),
        (None, Some(text)) => text.is_there(),
        (None, None) => Expr::IsNotNull(Box::new(value_of(column))),
    }
}

fn is_null(column: &Column) -> Expr {
    let null = Expr::IsNull(Box::new(value_of(column)));
    match column.kind {
        Kind::Text => {
            let empty = sql::value(sqlparser::ast::Value::SingleQuotedString(String::new()));
            sql::any(vec![null, sql::binary(column.expr.clone(), BinaryOperator::Eq, empty)])
        }
        Kind::Verbatim | Kind::Integer | Kind::Digits | Kind::Header => null,
    }
}

pub(crate) fn operator(comparison: Comparison) -> BinaryOperator {
    match comparison {
        Comparison::Equal | Comparison::EqualInsensitive => BinaryOperator::Eq,
        Comparison::Less => BinaryOperator::Lt,
        Comparison::LessOrEqual => BinaryOperator::LtEq,
        Comparison::Greater => BinaryOperator::Gt,
        Comparison::GreaterOrEqual => BinaryOperator::GtEq,
    }
}

/// A comparison with a constant. Values of different kinds are not equal and not ordered.
fn compare(column: &Column, ty: FieldType, comparison: Comparison, to: &Literal) -> Result<Expr, String> {
    let kind = if column.kind.is_text() { Kind::Text } else { column.kind };
    match (kind, to) {
        (Kind::Text, Literal::Str(address)) if ty == FieldType::Ip && comparison == Comparison::Equal => {
            match parse_network(address) {
                Some(net) => in_net(column, &[net]),
                None => Ok(sql::constant(false)),
            }
        }
        (Kind::Text, Literal::Str(_)) if ty == FieldType::Ip => {
            Err("addresses have no order in SQL".to_owned())
        }
        (Kind::Text, Literal::Str(to)) => compare_text(column, comparison, to),
        (Kind::Text, Literal::Bool(to)) if ty == FieldType::Boolean && comparison == Comparison::Equal => {
            compare_text(column, comparison, if *to { "true" } else { "false" })
        }
        (Kind::Integer | Kind::Digits, Literal::Int(to)) => Ok(compare_integer(column, comparison, *to)),
        (Kind::Integer | Kind::Digits, Literal::Float(to)) => {
            let to = literal::float(*to).map_err(|bad| bad.why().to_owned())?;
            Ok(sql::binary(value_of(column), operator(comparison), to))
        }
        (_, Literal::Date(_)) => Err("dates are not compared as such in SQL".to_owned()),
        _ => Ok(sql::constant(false)),
    }
}

fn compare_text(column: &Column, comparison: Comparison, to: &str) -> Result<Expr, String> {
    let right = literal::text(to).map_err(|bad| bad.why().to_owned())?;
    let verbatim = column.kind == Kind::Verbatim;
    if comparison == Comparison::Equal && to.is_empty() && !verbatim {
        return Ok(sql::constant(false));
    }
    let condition = sql::binary(column.expr.clone(), operator(comparison), right);
    // The empty text is no value, and stands before every other.
    let takes_empty = comparison.accepts("".cmp(to)) && !verbatim;
    Ok(if takes_empty { sql::all(vec![text::not_empty(&column.expr), condition]) } else { condition })
}

/// SQLite reads an integer beyond 64 bits as a number with a fraction; every value it holds is on one side.
fn compare_integer(column: &Column, comparison: Comparison, to: i128) -> Expr {
    let side = if to > i128::from(i64::MAX) {
        Some(Ordering::Less)
    } else if to < i128::from(i64::MIN) {
        Some(Ordering::Greater)
    } else {
        None
    };
    match side {
        Some(order) if comparison.accepts(order) => has_value(column),
        Some(_) => sql::constant(false),
        None => sql::binary(value_of(column), operator(comparison), literal::integer(to)),
    }
}

fn one_of(column: &Column, ty: FieldType, items: &[Literal], case: Case) -> Result<Expr, String> {
    if case == Case::Insensitive && column.kind.is_text() {
        let texts = items.iter().filter_map(|item| match item {
            Literal::Str(text) => Some(TextPattern::exact(text)),
            _ => None,
        });
        return patterns_of(column, &texts.collect::<Vec<_>>(), case);
    }
    let plain_text = column.kind.is_text() && ty != FieldType::Ip;
    let listed = |value: &str| plain_text && (!value.is_empty() || column.kind == Kind::Verbatim);
    let mut list: Vec<Expr> = Vec::new();
    let mut others: Vec<Expr> = Vec::new();
    for item in items {
        match item {
            Literal::Str(value) if listed(value) => {
                list.push(literal::text(value).map_err(|bad| bad.why().to_owned())?);
            }
            Literal::Int(value) if !column.kind.is_text() && i64::try_from(*value).is_ok() => {
                list.push(literal::integer(*value));
            }
            other => others.push(compare(column, ty, Comparison::Equal, other)?),
        }
    }
    if let Some(condition) = in_list(&value_of(column), list) {
        others.insert(0, condition);
    }
    Ok(sql::any(others))
}

fn in_list(x: &Expr, mut list: Vec<Expr>) -> Option<Expr> {
    match list.len() {
        0 => None,
        1 => Some(sql::binary(x.clone(), BinaryOperator::Eq, list.remove(0))),
        _ => Some(Expr::InList { expr: Box::new(x.clone()), list, negated: false }),
    }
}

fn patterns_of(column: &Column, patterns: &[TextPattern], case: Case) -> Result<Expr, String> {
    let Some(x) = column.text() else { return Ok(sql::constant(false)) };
    let mut exact: Vec<String> = Vec::new();
    let mut others: Vec<Expr> = Vec::new();
    for pattern in patterns {
        match text::listed(pattern, case, x.empty) {
            Some(value) => exact.push(value),
            None => others.push(matches(x, pattern, case)?),
        }
    }
    let listed = match exact.as_slice() {
        [] => None,
        // A single text without regard to case reads better as a pattern.
        [one] if case == Case::Insensitive => Some(matches(x, &TextPattern::exact(one), case)?),
        several => {
            let list: Result<Vec<Expr>, literal::Unwritable> =
                several.iter().map(|value| literal::text(value)).collect();
            let has_case = several.iter().any(|text| text.contains(|c: char| c.is_ascii_alphabetic()));
            let x = match case {
                Case::Insensitive if has_case => sql::call("lower", vec![column.expr.clone()]),
                Case::Sensitive | Case::Insensitive => column.expr.clone(),
            };
            in_list(&x, list.map_err(|bad| bad.why().to_owned())?)
        }
    };
    Ok(sql::any(listed.into_iter().chain(others).collect()))
}

fn matches(x: Text<'_>, pattern: &TextPattern, case: Case) -> Result<Expr, String> {
    text::matches(x, pattern, case).map_err(|bad| bad.why().to_owned())
}

fn in_net(column: &Column, nets: &[IpNet]) -> Result<Expr, String> {
    match column.text() {
        Some(text) => network::inside(text, nets).map_err(|bad| bad.why().to_owned()),
        None => Ok(sql::constant(false)),
    }
}
