//! Values of functions as SQL.
//!
//! They are null where the IR says null, and an empty text where it says one: an empty column is no value, an empty
//! result of a function is (docs of [`Function`]).

use eqlc_backend::Direction;
use eqlc_ir::{Case, FieldRef, FieldType, Function, Literal, Scalar};
use sqlparser::ast::{BinaryOperator, CastKind, DataType, Expr, UnaryOperator, Value as Constant};

use crate::columns::{Column, Kind};
use crate::pair::HEADER;
use crate::profile::Table;
use crate::test::{Bend, column, null_or_value, value_of};
use crate::text::{Glob, glob};
use crate::{literal, sql, weight};

/// Longer than any text of SQLite, which holds a milliard bytes.
const BEYOND: i128 = 2_000_000_000;

/// How many digits a number may have that a text writes.
const DIGITS: i128 = 18;

const ASCII: &str = "letters outside of ASCII are compared with regard to their case between values";
const WIDE: &str = "a result of more than 64 bits has no value in SQL";
const PLAIN: &str = "a text that writes a fraction, an exponent, hexadecimal digits or more than 18 digits is no number in SQL";

/// What the values of an expression are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Text; the empty text is a value.
    Text,
    /// Whole numbers from the one to the other.
    Whole(i128, i128),
    /// True and false.
    Truth,
    /// Nothing but null.
    Null,
}

/// A value as SQL, null where it is null.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// Binds tighter than any operator.
    pub(crate) expr: Expr,
    pub(crate) sort: Sort,
    /// The same value where it is not null, written shorter.
    again: Expr,
    /// What it is, of a constant.
    known: Option<Literal>,
    /// At most how many times a column or a constant stands in it.
    weight: usize,
}

impl Value {
    fn new(expr: Expr, sort: Sort) -> Self {
        let expr = sql::atom(expr);
        Self { again: expr.clone(), expr, sort, known: None, weight: 1 }
    }

    fn null() -> Self {
        let null = sql::value(Constant::Null);
        Self { known: Some(Literal::Null), ..Self::new(null, Sort::Null) }
    }

    fn text(&self) -> Option<&str> {
        match &self.known {
            Some(Literal::Str(text)) => Some(text),
            _ => None,
        }
    }

    fn number(&self) -> Option<i128> {
        match &self.known {
            Some(Literal::Int(number)) => Some(*number),
            _ => None,
        }
    }
}

/// Makes values over the row of a table.
pub(crate) struct Values<'t> {
    table: &'t Table,
    /// A field that has no value in this row, whatever its column.
    absent: Option<&'t str>,
    /// Which way the values made so far bend.
    pub(crate) bend: Bend,
    /// The functions around the value at hand.
    depth: usize,
}

impl<'t> Values<'t> {
    pub(crate) fn new(table: &'t Table, absent: Option<&'t str>) -> Self {
        Self { table, absent, bend: None, depth: 0 }
    }

    /// The column of a field. One with several values is its value in the row of its own list.
    pub(crate) fn column(&self, field: &FieldRef) -> Result<Column, String> {
        let mut column = column(field, self.table)?.into_owned();
        if column.kind == Kind::Header {
            return Err(HEADER.to_owned());
        }
        column.each = None;
        if self.absent == Some(field.path.as_str()) {
            column.expr = sql::value(Constant::Null);
        }
        Ok(column)
    }

    /// The value of a scalar.
    pub(crate) fn value(&mut self, scalar: &Scalar) -> Result<Value, String> {
        match scalar {
            Scalar::Field(field) => self.field(field),
            Scalar::Literal(value) => constant(value),
            Scalar::Call { function, args, case } => {
                if self.depth >= weight::DEEPEST {
                    return Err(weight::TOO_LONG.to_owned());
                }
                self.depth += 1;
                let args: Vec<Value> = args.iter().map(|arg| self.value(arg)).collect::<Result<_, _>>()?;
                self.depth -= 1;
                let weight = weight::of(*function, args.iter().map(|arg| arg.weight))?;
                Ok(Value { weight, ..self.call(*function, &args, *case)? })
            }
            Scalar::Of(..) | Scalar::Logic(_) => Err("a condition used as a value".to_owned()),
        }
    }

    fn field(&mut self, field: &FieldRef) -> Result<Value, String> {
        if self.absent == Some(field.path.as_str()) {
            return Ok(Value::null());
        }
        if matches!(field.ty, FieldType::Date | FieldType::Version | FieldType::Boolean | FieldType::Float) {
            return Err(format!("functions of values of type {} have no form in SQL", field.ty.name()));
        }
        let column = self.column(field)?;
        if column.kind.is_text() {
            let again = column.expr.clone();
            return Ok(Value { again, ..Value::new(null_or_value(&column), Sort::Text) });
        }
        let number = Value::new(value_of(&column), Sort::Whole(i64::MIN.into(), i64::MAX.into()));
        Ok(if field.ty.is_string() { as_text(&number) } else { number })
    }

    fn call(&mut self, function: Function, args: &[Value], case: Case) -> Result<Value, String> {
        use Function as F;
        match (function, args) {
            (F::Between, [source, left, right, rest @ ..]) => {
                self.between(source, [left, right], rest.first(), case)
            }
            (F::IndexOf, [text, needle, rest @ ..]) => self.index_of([text, needle], rest.first(), case),
            (F::Substring, [text, start, rest @ ..]) => substring(text, start, rest.first()),
            (_, args) if args.iter().any(|arg| arg.sort == Sort::Null) => Ok(Value::null()),
            (F::Add, [left, right]) => self.arithmetic(BinaryOperator::Plus, left, right),
            (F::Subtract, [left, right]) => self.arithmetic(BinaryOperator::Minus, left, right),
            (F::Multiply, [left, right]) => self.arithmetic(BinaryOperator::Multiply, left, right),
            (F::Divide, [left, right]) => self.arithmetic(BinaryOperator::Divide, left, right),
            (F::Modulo, [left, right]) => self.arithmetic(BinaryOperator::Modulo, left, right),
            (F::Negate, [number]) => {
                let zero = constant(&Literal::Int(0))?;
                self.arithmetic(BinaryOperator::Minus, &zero, number)
            }
            (F::Concat, parts) => concat(parts),
            (F::StartsWith | F::EndsWith | F::StringContains, [text, part]) => {
                self.part(function, text, part, case)
            }
            (F::Length, [text]) => Ok(length(is_text(text, "length")?)),
            (F::Number, [text, base @ ..]) => self.number(text, base.first()),
            (F::String, [value]) => Ok(as_text(value)).and_then(|text| is_text(&text, "string").cloned()),
            _ => Err(format!("the function `{}` has no form in SQL", function.name())),
        }
    }

    fn lose(&mut self, why: &'static str) {
        self.bend.get_or_insert((Direction::Either, why));
    }

    /// Two texts to be looked at together, the second for its place in the first.
    fn folded(&mut self, texts: [&Value; 2], case: Case) -> Result<[Expr; 2], String> {
        if case == Case::Sensitive {
            return Ok(texts.map(|text| text.expr.clone()));
        }
        // What is not ASCII in the text is not in a constant of ASCII, in whatever letter case.
        if !texts.iter().any(|text| text.text().is_some_and(str::is_ascii)) {
            self.lose(ASCII);
        }
        let mut folded = Vec::with_capacity(2);
        for text in texts {
            folded.push(match text.text() {
                Some(known) => written(&known.to_ascii_lowercase())?,
                None => sql::call("lower", vec![text.expr.clone()]),
            });
        }
        <[Expr; 2]>::try_from(folded).map_err(|_| "two texts".to_owned())
    }

    fn part(&mut self, function: Function, text: &Value, part: &Value, case: Case) -> Result<Value, String> {
        let (text, part) = (is_text(text, function.name())?, is_text(part, function.name())?);
        let [outer, inner] = self.folded([text, part], case)?;
        let place = || sql::call("instr", vec![outer.clone(), inner.clone()]);
        let condition = match function {
            Function::StartsWith => sql::binary(place(), BinaryOperator::Eq, literal::integer(1)),
            // An empty text is in none.
            Function::StringContains if part.text().is_some_and(|text| !text.is_empty()) => {
                sql::binary(place(), BinaryOperator::Gt, literal::integer(0))
            }
            Function::StringContains => {
                let empty = written("")?;
                let some = sql::binary(inner.clone(), BinaryOperator::NotEq, empty);
                sql::all(vec![some, sql::binary(place(), BinaryOperator::Gt, literal::integer(0))])
            }
            _ => {
                let length = sql::call("length", vec![part.again.clone()]);
                let from_end = Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(length.clone()) };
                let end = sql::call("SUBSTR", vec![outer.clone(), from_end, length]);
                sql::binary(end, BinaryOperator::Eq, inner)
            }
        };
        Ok(Value::new(condition, Sort::Truth))
    }

    fn index_of(&mut self, texts: [&Value; 2], start: Option<&Value>, case: Case) -> Result<Value, String> {
        if texts.iter().any(|text| text.sort == Sort::Null) {
            return Ok(Value::null());
        }
        let [text, needle] = [is_text(texts[0], "indexOf")?, is_text(texts[1], "indexOf")?];
        let start = start.map(whole).transpose()?.filter(|start| start.sort != Sort::Null);
        let [outer, inner] = self.folded([text, needle], case)?;
        let found = |outer: Expr| {
            let place = sql::call("instr", vec![outer, inner.clone()]);
            let place = sql::call("nullif", vec![place, literal::integer(0)]);
            sql::binary(place, BinaryOperator::Minus, literal::integer(1))
        };
        let sort = Sort::Whole(0, BEYOND);
        match start {
            None => Ok(Value::new(found(outer), sort)),
            Some(start) if start.number().is_some_and(|start| start <= 0) => {
                Ok(Value::new(found(outer), sort))
            }
            Some(start) => {
                // A start that is null is 0, as is a negative one; one behind the end is the end.
                let length = sql::call("length", vec![text.again.clone()]);
                let from = sql::call("coalesce", vec![start.expr.clone(), literal::integer(0)]);
                let from = sql::call("max", vec![from, literal::integer(0)]);
                let from = sql::call("min", vec![from, length]);
                let behind = sql::binary(from.clone(), BinaryOperator::Plus, literal::integer(1));
                let tail = sql::call("SUBSTR", vec![outer, behind]);
                let at = sql::binary(found(tail), BinaryOperator::Plus, from);
                Ok(Value::new(at, sort))
            }
        }
    }

    fn between(
        &mut self,
        source: &Value,
        delimiters: [&Value; 2],
        greedy: Option<&Value>,
        case: Case,
    ) -> Result<Value, String> {
        if source.sort == Sort::Null {
            return Ok(Value::null());
        }
        match greedy.map(|greedy| &greedy.known) {
            None | Some(Some(Literal::Bool(false))) => {}
            _ => return Err("the last place of a text in another has no form in SQL".to_owned()),
        }
        let source = is_text(source, "between")?;
        let empty = |part: &&Value| part.sort == Sort::Null || part.text() == Some("");
        if delimiters.iter().any(empty) {
            return Ok(source.clone());
        }
        let [Some(left), Some(_)] = delimiters.map(Value::text) else {
            return Err("`between` has a form in SQL with constant delimiters only".to_owned());
        };
        let [outer, left_text] = self.folded([source, delimiters[0]], case)?;
        let [_, right_text] = self.folded([source, delimiters[1]], case)?;
        let start = sql::call("instr", vec![outer.clone(), left_text]);
        let width = |text: &str| literal::integer(i128::try_from(text.chars().count()).unwrap_or(BEYOND));
        let behind = sql::binary(start.clone(), BinaryOperator::Plus, width(left));
        let tail = |text: Expr| sql::call("SUBSTR", vec![text, behind.clone()]);
        let end = sql::call("instr", vec![tail(outer), right_text]);
        let some = |place: &Expr| sql::binary(place.clone(), BinaryOperator::Gt, literal::integer(0));
        let inner = sql::binary(end.clone(), BinaryOperator::Minus, literal::integer(1));
        let inner = sql::call("SUBSTR", vec![tail(source.again.clone()), literal::integer(1), inner]);
        let found = sql::all(vec![some(&start), some(&end)]);
        let otherwise = (Expr::IsNotNull(Box::new(source.expr.clone())), written("")?);
        Ok(Value::new(sql::case(vec![(found, inner), otherwise], None), Sort::Text))
    }

    /// SQLite divides whole numbers towards zero, gives remainders the sign of the dividend, and null for what is
    /// divided by zero. A result beyond 64 bits becomes a fraction.
    fn arithmetic(&mut self, op: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
        let (left, right) = (whole(left)?, whole(right)?);
        let (Sort::Whole(a, b), Sort::Whole(c, d)) = (left.sort, right.sort) else {
            return Ok(Value::null());
        };
        let (least, most) = match &op {
            BinaryOperator::Plus => (a + c, b + d),
            BinaryOperator::Minus => (a - d, b - c),
            BinaryOperator::Multiply => {
                let corners = [a * c, a * d, b * c, b * d];
                let fold = |pick: fn(i128, i128) -> i128| corners.into_iter().reduce(pick).unwrap_or(0);
                (fold(i128::min), fold(i128::max))
            }
            BinaryOperator::Divide => {
                let largest = a.abs().max(b.abs());
                (if a < 0 || c < 0 { -largest } else { 0 }, largest)
            }
            _ => (a.min(0), b.max(0)),
        };
        let range = i128::from(i64::MIN)..=i128::from(i64::MAX);
        let result = sql::nested(sql::binary(left.expr.clone(), op, right.expr.clone()));
        if range.contains(&least) && range.contains(&most) {
            return Ok(Value::new(result, Sort::Whole(least, most)));
        }
        self.lose(WIDE);
        let kind = sql::call("typeof", vec![result.clone()]);
        let is_whole = sql::binary(kind, BinaryOperator::Eq, written("integer")?);
        let guarded = sql::case(vec![(is_whole, result)], None);
        Ok(Value::new(guarded, Sort::Whole(i64::MIN.into(), i64::MAX.into())))
    }

    fn number(&mut self, text: &Value, base: Option<&Value>) -> Result<Value, String> {
        let text = is_text(text, "number")?;
        if base.is_some_and(|base| base.number() != Some(10)) {
            return Err("numbers are read from texts in base 10 only".to_owned());
        }
        self.lose(PLAIN);
        let digit = || Glob::OneOf { negated: false, ranges: vec![('0', '9')] };
        let signs = vec![('+', '+'), ('-', '-'), ('0', '9')];
        let first = Glob::OneOf { negated: false, ranges: signs };
        let other = Glob::OneOf { negated: true, ranges: vec![('0', '9')] };
        let like = |text: &Expr, pieces: &[Glob]| glob(text, pieces).map_err(|bad| bad.why().to_owned());
        let rest = sql::call("SUBSTR", vec![text.again.clone(), literal::integer(2)]);
        let length = sql::call("length", vec![text.again.clone()]);
        let digits = sql::all(vec![
            like(&text.expr, &[first, Glob::AnyRun])?,
            like(&text.expr, &[Glob::AnyRun, digit()])?,
            sql::not(like(&rest, &[Glob::AnyRun, other, Glob::AnyRun])?),
            sql::binary(length, BinaryOperator::LtEq, literal::integer(DIGITS)),
        ]);
        let number = cast(&text.expr, DataType::Integer(None));
        let most = 10_i128.pow(18);
        Ok(Value::new(sql::case(vec![(digits, number)], None), Sort::Whole(-most, most)))
    }
}

fn constant(value: &Literal) -> Result<Value, String> {
    let (expr, sort) = match value {
        Literal::Null => return Ok(Value::null()),
        Literal::Str(text) => (written(text)?, Sort::Text),
        Literal::Int(number) if i64::try_from(*number).is_ok() => {
            (literal::integer(*number), Sort::Whole(*number, *number))
        }
        Literal::Bool(holds) => (sql::constant(*holds), Sort::Truth),
        Literal::Int(_) | Literal::Float(_) => {
            return Err("only whole numbers of 64 bits are computed with in SQL".to_owned());
        }
        Literal::Date(_) => return Err("dates are not computed with in SQL".to_owned()),
    };
    Ok(Value { known: Some(value.clone()), ..Value::new(expr, sort) })
}

fn written(text: &str) -> Result<Expr, String> {
    literal::text(text).map_err(|bad| bad.why().to_owned())
}

fn is_text<'v>(value: &'v Value, of: &str) -> Result<&'v Value, String> {
    match value.sort {
        Sort::Text => Ok(value),
        _ => Err(format!("`{of}` has a form in SQL for texts only")),
    }
}

fn whole(value: &Value) -> Result<&Value, String> {
    match value.sort {
        Sort::Whole(..) | Sort::Null => Ok(value),
        Sort::Text | Sort::Truth => Err("a text or a condition stands where a number should".to_owned()),
    }
}

fn cast(expr: &Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr.clone()), data_type, format: None }
}

/// A number as its digits; text as it is.
fn as_text(value: &Value) -> Value {
    match value.sort {
        Sort::Whole(..) => Value::new(cast(&value.expr, DataType::Text), Sort::Text),
        Sort::Text | Sort::Truth | Sort::Null => value.clone(),
    }
}

fn length(text: &Value) -> Value {
    Value::new(sql::call("length", vec![text.expr.clone()]), Sort::Whole(0, BEYOND))
}

/// Texts one behind the other; null beside anything is null.
fn concat(parts: &[Value]) -> Result<Value, String> {
    let texts: Vec<Value> = parts.iter().map(as_text).collect();
    for text in &texts {
        is_text(text, "concat")?;
    }
    let exprs = texts.into_iter().map(|text| text.expr).collect();
    Ok(match parts {
        [] => constant(&Literal::Str("".into()))?,
        _ => Value::new(sql::nested(sql::chain(exprs, &BinaryOperator::StringConcat)), Sort::Text),
    })
}

/// A slice as Python takes it.
fn substring(text: &Value, start: &Value, end: Option<&Value>) -> Result<Value, String> {
    if text.sort == Sort::Null {
        return Ok(Value::null());
    }
    let text = is_text(text, "substring")?;
    let (start, end) = (whole(start)?, end.map(whole).transpose()?);
    if start.sort == Sort::Null {
        return Ok(text.clone());
    }
    let from = place(text, start);
    let first = match start.number() {
        Some(at) if at >= 0 => literal::integer(at.min(BEYOND) + 1),
        _ => sql::binary(from.clone(), BinaryOperator::Plus, literal::integer(1)),
    };
    let slice = match end.filter(|end| end.sort != Sort::Null) {
        None => sql::call("SUBSTR", vec![text.expr.clone(), first]),
        Some(end) => {
            let to = match end.known {
                Some(_) => place(text, end),
                None => sql::call("coalesce", vec![place(text, end), literal::integer(BEYOND)]),
            };
            let count = match (start.number(), end.number()) {
                (Some(from), Some(to)) if from >= 0 && to >= 0 => {
                    literal::integer((to.min(BEYOND) - from.min(BEYOND)).max(0))
                }
                // A place is never negative.
                (Some(0), _) => to,
                _ => {
                    let count = sql::binary(to, BinaryOperator::Minus, from);
                    sql::call("max", vec![count, literal::integer(0)])
                }
            };
            sql::call("SUBSTR", vec![text.expr.clone(), first, count])
        }
    };
    let whole_text = (Expr::IsNull(Box::new(start.expr.clone())), text.expr.clone());
    Ok(match start.known {
        Some(_) => Value::new(slice, Sort::Text),
        None => Value::new(sql::case(vec![whole_text], Some(slice)), Sort::Text),
    })
}

/// A position of a slice as one from the start: a negative one counts from the end.
fn place(text: &Value, at: &Value) -> Expr {
    let length = || sql::call("length", vec![text.again.clone()]);
    let from_end = |at: Expr| {
        let place = sql::binary(length(), BinaryOperator::Plus, at);
        sql::call("max", vec![place, literal::integer(0)])
    };
    match at.number() {
        Some(number) if number >= 0 => literal::integer(number.min(BEYOND)),
        Some(number) => {
            let back = literal::integer(number.max(-BEYOND).abs());
            let place = sql::binary(length(), BinaryOperator::Minus, back);
            sql::call("max", vec![place, literal::integer(0)])
        }
        None => {
            let negative = sql::binary(at.expr.clone(), BinaryOperator::Lt, literal::integer(0));
            let capped = sql::call("min", vec![at.expr.clone(), literal::integer(BEYOND)]);
            sql::atom(sql::case(vec![(negative, from_end(at.expr.clone()))], Some(capped)))
        }
    }
}
