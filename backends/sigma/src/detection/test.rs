//! One test of the IR as one field test of Sigma.
//!
//! A plain text of Sigma ignores letter case and `cased` does not. On a field whose type is known not to be
//! text (ECS only) letter case has no meaning: a plain value is `==` of the type.

use eqlc_diagnostics::{Diagnostics, Node};
use eqlc_ir::regex::Regex;
use eqlc_ir::{
    Anywhere, Case, Comparison, FieldRef, FieldType, Function, Literal, Op, Part, Scalar, Test, TextPattern,
    TimePart,
};
use eqlc_sigma::{FieldTest, Item, Modifier, Search, SigmaString, Value};

use super::regex;
use crate::refuse;

/// The field test.
pub(super) fn field_test(test: &Test) -> Result<FieldTest, Diagnostics> {
    if let Scalar::Call { function, args, case } = &test.subject
        && let [Scalar::Field(field), Scalar::Field(other)] = args.as_slice()
        && let Some(shape) = shape_of(*function)
        && test.op == Op::IsTrue
    {
        named(field)?;
        return Ok(field_ref(field, *case, other, Some(shape)));
    }
    let Scalar::Field(field) = &test.subject else {
        return Err(refuse::content(test.span, "only fields can be tested, not the results of functions"));
    };
    named(field)?;
    let path = field.path.as_str();
    match &test.op {
        Op::IsNull => Ok(FieldTest::new(path, [], [Value::Null])),
        Op::Compare(Comparison::Equal, Scalar::Literal(item)) => {
            one_of(field, std::slice::from_ref(item), Case::Sensitive, test)
        }
        Op::Compare(comparison, right) => compare(field, *comparison, right, test),
        Op::OneOf(items, case) => one_of(field, items, *case, test),
        Op::Text(patterns, case) => Ok(text(field, patterns, *case)),
        Op::Regex(expression) => regular(path, expression, test),
        Op::InNet(nets) => {
            let nets = nets.iter().map(|net| Value::Raw(net.trunc().to_string()));
            Ok(FieldTest::new(path, [Modifier::Cidr], nets))
        }
        Op::Exists => Ok(FieldTest::new(path, [Modifier::Exists], [Value::Bool(true)])),
        Op::TimePart(part, comparison, number) => {
            let modifiers = [Some(time_part(*part)), order(*comparison)].into_iter().flatten();
            Ok(FieldTest::new(path, modifiers, [Value::Int(i128::from(*number))]))
        }
        Op::IsTrue => Err(refuse::content(test.span, format!("`{path}` cannot be a condition by itself"))),
    }
}

/// Whether the field can stand before modifiers.
fn named(field: &FieldRef) -> Result<(), Diagnostics> {
    if field.path.is_empty() || field.path.contains('|') {
        let what = format!("`{}` cannot be the name of a field, because `|` begins a modifier", field.path);
        return Err(refuse::content(field.span, what));
    }
    Ok(())
}

/// The modifier that puts the value at a place of the text, as a function does.
fn shape_of(function: Function) -> Option<Modifier> {
    match function {
        Function::StartsWith => Some(Modifier::StartsWith),
        Function::EndsWith => Some(Modifier::EndsWith),
        Function::StringContains => Some(Modifier::Contains),
        _ => None,
    }
}

/// A test against the value of another field. `cased` stands before `fieldref` and the place behind it, the one order
/// that every reader of modifiers takes: `cased` is of texts, and a place can be of a reference.
fn field_ref(field: &FieldRef, case: Case, other: &FieldRef, shape: Option<Modifier>) -> FieldTest {
    let cased = (case == Case::Sensitive).then_some(Modifier::Cased);
    let modifiers = cased.into_iter().chain([Modifier::FieldRef]).chain(shape);
    FieldTest::new(field.path.as_str(), modifiers, [Value::Raw(other.path.to_string())])
}

/// Whether texts of the field are told apart by letter case.
pub(super) fn is_textual(field: &FieldRef) -> bool {
    field.ty.is_string() || field.ty == FieldType::Unknown
}

/// Whether a list mixes texts, which need `cased`, with what cannot have it.
pub(super) fn needs_split(test: &Test) -> bool {
    match (&test.subject, &test.op) {
        (Scalar::Field(field), Op::OneOf(items, Case::Sensitive)) if is_textual(field) => {
            let texts = items.iter().filter(|item| matches!(item, Literal::Str(_))).count();
            texts > 0 && texts < items.len()
        }
        _ => false,
    }
}

fn one_of(field: &FieldRef, items: &[Literal], case: Case, test: &Test) -> Result<FieldTest, Diagnostics> {
    let values = items.iter().map(|item| value(item, test)).collect::<Result<Vec<_>, _>>()?;
    let cased = case == Case::Sensitive
        && is_textual(field)
        && items.iter().any(|item| matches!(item, Literal::Str(_)));
    Ok(FieldTest::new(field.path.as_str(), cased.then_some(Modifier::Cased), values))
}

fn value(item: &Literal, test: &Test) -> Result<Value, Diagnostics> {
    match item {
        Literal::Null => Ok(Value::Null),
        Literal::Bool(value) => Ok(Value::Bool(*value)),
        Literal::Int(value) => Ok(Value::Int(*value)),
        Literal::Float(value) if value.is_finite() => Ok(Value::Float(*value)),
        Literal::Float(value) => Err(refuse::content(test.span, format!("`{value}` is no number in YAML"))),
        Literal::Str(text) => Ok(Value::literal(text.as_str())),
        Literal::Date(bound) => {
            let message = format!("dates are compared as texts in Sigma, and `{bound}` is a span of time");
            Err(refuse::content(test.span, message))
        }
    }
}

/// The modifier of an order; plain values are equal without one.
fn order(comparison: Comparison) -> Option<Modifier> {
    match comparison {
        Comparison::Equal | Comparison::EqualInsensitive => None,
        Comparison::Less => Some(Modifier::Lt),
        Comparison::LessOrEqual => Some(Modifier::Lte),
        Comparison::Greater => Some(Modifier::Gt),
        Comparison::GreaterOrEqual => Some(Modifier::Gte),
    }
}

fn time_part(part: TimePart) -> Modifier {
    match part {
        TimePart::Minute => Modifier::Minute,
        TimePart::Hour => Modifier::Hour,
        TimePart::Day => Modifier::Day,
        TimePart::Week => Modifier::Week,
        TimePart::Month => Modifier::Month,
        TimePart::Year => Modifier::Year,
    }
}

/// The search for text in any field: keywords, as a list where they need no modifier.
pub(super) fn keywords(wanted: &Anywhere) -> Result<Search, Diagnostics> {
    let refused = || refuse::content(wanted.span, "keywords are found anywhere in a value, and this is not");
    let test = |modifiers: Vec<Modifier>, values: Vec<Value>| FieldTest {
        field: None,
        ..FieldTest::new("", modifiers, values)
    };
    let patterns = match &wanted.op {
        Op::Text(patterns, case) => (patterns, *case),
        Op::Regex(expression) => {
            let own = Test { subject: Scalar::Literal(Literal::Null), op: Op::IsNull, span: wanted.span };
            let mut search = regular("", expression, &own)?;
            search.field = None;
            return Ok(Search::Map(vec![search]));
        }
        _ => return Err(refused()),
    };
    let values: Option<Vec<Value>> = patterns
        .0
        .iter()
        .map(|pattern| {
            let inner = inside(pattern, Modifier::Contains)?;
            Some(Value::Str(SigmaString::from_parts(inner.iter().map(part))))
        })
        .collect();
    let values = values.ok_or_else(refused)?;
    Ok(match patterns.1 {
        Case::Sensitive => Search::Map(vec![test(vec![Modifier::Cased], values)]),
        Case::Insensitive => {
            let bare = |value| Item::Keyword(Node::new(value, eqlc_diagnostics::Span::default()));
            Search::List(values.into_iter().map(bare).collect())
        }
    })
}

fn compare(
    field: &FieldRef,
    comparison: Comparison,
    right: &Scalar,
    test: &Test,
) -> Result<FieldTest, Diagnostics> {
    match (right, order(comparison)) {
        (Scalar::Field(other), None) => {
            // Of the two the known type decides, that of the first before that of the other.
            let deciding = if field.ty == FieldType::Unknown { other } else { field };
            let exact = comparison == Comparison::Equal && is_textual(deciding);
            let case = if exact { Case::Sensitive } else { Case::Insensitive };
            Ok(field_ref(field, case, other, None))
        }
        (Scalar::Literal(item @ (Literal::Int(_) | Literal::Float(_))), Some(modifier)) => {
            Ok(FieldTest::new(field.path.as_str(), [modifier], [value(item, test)?]))
        }
        (Scalar::Field(_), Some(_)) => {
            Err(refuse::content(test.span, format!("`{comparison}` between two fields has no modifier")))
        }
        _ => Err(refuse::content(test.span, format!("`{comparison}` compares a field with numbers only"))),
    }
}

fn regular(path: &str, expression: &Regex, test: &Test) -> Result<FieldTest, Diagnostics> {
    let printed = regex::print(expression)
        .map_err(|what| refuse::content(test.span, format!("{what} has no form in Sigma's flavour")))?;
    let mut modifiers = vec![Modifier::Re];
    if expression.case == Case::Insensitive {
        modifiers.push(Modifier::ReIgnoreCase);
    }
    if printed.dot_all {
        modifiers.push(Modifier::ReDotAll);
    }
    Ok(FieldTest::new(path, modifiers, [Value::Raw(printed.text)]))
}

fn text(field: &FieldRef, patterns: &[TextPattern], case: Case) -> FieldTest {
    let shape = [Modifier::Contains, Modifier::StartsWith, Modifier::EndsWith]
        .into_iter()
        .find(|shape| patterns.iter().all(|pattern| inside(pattern, *shape).is_some()));
    let values = patterns.iter().map(|pattern| {
        let parts = shape.and_then(|shape| inside(pattern, shape)).unwrap_or_else(|| pattern.parts());
        Value::Str(SigmaString::from_parts(parts.iter().map(part)))
    });
    let cased = (case == Case::Sensitive).then_some(Modifier::Cased);
    FieldTest::new(field.path.as_str(), shape.into_iter().chain(cased), values)
}

/// What a pattern of this shape has inside its outer `*`, which begins and ends with literal text so that the
/// modifier adds them back.
fn inside(pattern: &TextPattern, shape: Modifier) -> Option<&[Part]> {
    let inner = match (shape, pattern.parts()) {
        (Modifier::Contains, [Part::AnyRun, inner @ .., Part::AnyRun])
        | (Modifier::StartsWith, [inner @ .., Part::AnyRun])
        | (Modifier::EndsWith, [Part::AnyRun, inner @ ..]) => inner,
        _ => return None,
    };
    let literal = |part: Option<&Part>| matches!(part, Some(Part::Lit(_)));
    (literal(inner.first()) && literal(inner.last())).then_some(inner)
}

fn part(part: &Part) -> eqlc_sigma::Part {
    match part {
        Part::Lit(text) => eqlc_sigma::Part::Lit(text.to_string()),
        Part::AnyRun => eqlc_sigma::Part::AnyRun,
        Part::AnyOne => eqlc_sigma::Part::AnyOne,
    }
}
