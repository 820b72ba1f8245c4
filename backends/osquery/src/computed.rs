//! Tests of values that functions make of fields.

use eqlc_ir::{FieldRef, FieldType, Function, Op, Scalar, Test};
use sqlparser::ast::{Expr, Query};

use crate::columns::{Column, Kind};
use crate::profile::Table;
use crate::test::{Bend, column, emit_value, exists};
use crate::value::{Sort, Value, Values};
use crate::{pair, sql};

/// Whether a test is of more than a field against constants or another field.
pub(crate) fn is_computed(test: &Test) -> bool {
    let bare = |scalar: &Scalar| matches!(scalar, Scalar::Field(_));
    let constant = |scalar: &Scalar| matches!(scalar, Scalar::Literal(_));
    match &test.op {
        Op::Compare(_, right) => !bare(&test.subject) || !(bare(right) || constant(right)),
        _ => !bare(&test.subject),
    }
}

/// The condition of a test. A field with several values is chosen from, and one that has none is null.
pub(crate) fn emit(test: &Test, table: &Table) -> Result<(Expr, Bend), String> {
    let (condition, bend) = of_choice(test, table, None)?;
    let Some((path, each)) = listed(test, table)? else { return Ok((condition, bend)) };
    let some = exists(&each, Some(condition), false);
    if is_null_without(test, &path) {
        return Ok((some, bend));
    }
    let (without, _) = of_choice(test, table, Some(&path))?;
    Ok((sql::any(vec![some, sql::all(vec![exists(&each, None, true), without])]), bend))
}

/// The one field of a test with several values, and where they stand.
fn listed(test: &Test, table: &Table) -> Result<Option<(String, Box<Query>)>, String> {
    let mut found: Option<(String, Box<Query>)> = None;
    for field in fields(test) {
        let Some(each) = column(field, table)?.each.clone() else { continue };
        match &found {
            Some((path, _)) if *path == field.path => {}
            Some(_) => {
                return Err("two fields with several values each are not computed with together".to_owned());
            }
            None => found = Some((field.path.to_string(), each)),
        }
    }
    Ok(found)
}

fn fields(test: &Test) -> Vec<&FieldRef> {
    let mut found = test.subject.fields();
    if let Op::Compare(_, right) = &test.op {
        found.extend(right.fields());
    }
    found
}

/// Whether a test is null, and so holds not, where a field has no value.
fn is_null_without(test: &Test, path: &str) -> bool {
    match &test.op {
        Op::IsNull => false,
        Op::Compare(_, right) => needs(&test.subject, path) || needs(right, path),
        _ => needs(&test.subject, path),
    }
}

/// Whether a value is null where a field has none (docs of [`Function`]).
fn needs(scalar: &Scalar, path: &str) -> bool {
    match scalar {
        Scalar::Field(field) => field.path == path,
        Scalar::Call { function, args, .. } => {
            let strict = match function {
                Function::Between | Function::Substring => 1,
                Function::IndexOf => 2,
                _ => args.len(),
            };
            args.iter().take(strict).any(|arg| needs(arg, path))
        }
        Scalar::Literal(_) | Scalar::Of(..) | Scalar::Logic(_) => false,
    }
}

/// The condition for one choice of values.
fn of_choice(test: &Test, table: &Table, absent: Option<&str>) -> Result<(Expr, Bend), String> {
    let mut values = Values::new(table, absent);
    if test.op == Op::IsTrue {
        let value = values.value(&test.subject)?;
        let condition = if value.sort == Sort::Truth { value.expr } else { sql::constant(false) };
        return Ok((condition, values.bend));
    }
    if matches!(test.subject, Scalar::Call { .. }) && values.value(&test.subject)?.sort == Sort::Null {
        return Ok((sql::constant(test.op == Op::IsNull), None));
    }
    let subject = operand(&mut values, &test.subject)?;
    let (condition, bend) = match &test.op {
        Op::Compare(comparison, right) if !matches!(right, Scalar::Literal(_)) => {
            let right = operand(&mut values, right)?;
            pair::compare(&subject, *comparison, &right)?
        }
        _ => emit_value(test, FieldType::Unknown, &subject, table)?,
    };
    Ok((condition, values.bend.or(bend)))
}

/// A value as a column, to be tested as one.
fn operand(values: &mut Values<'_>, scalar: &Scalar) -> Result<Column, String> {
    if let Scalar::Field(field) = scalar {
        if matches!(field.ty, FieldType::Ip | FieldType::Date | FieldType::Version | FieldType::Boolean) {
            let name = field.ty.name();
            return Err(format!("results of functions are not compared with values of type {name} in SQL"));
        }
        return values.column(field);
    }
    let Value { expr, sort, .. } = values.value(scalar)?;
    let kind = match sort {
        Sort::Text | Sort::Null => Kind::Verbatim,
        Sort::Whole(..) => Kind::Integer,
        Sort::Truth => return Err("a condition used as a value".to_owned()),
    };
    Ok(Column { name: String::new(), expr, kind, each: None })
}
