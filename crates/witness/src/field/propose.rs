//! Values that may do for a field, the best first.

use eqlc_ir::{Comparison, FieldType, Literal, Op, Scalar, Test, TimePart};
use serde_json::{Number, Value as Json};

use super::order::{self, Address, Instant, Numeric};
use super::{FieldGoal, fill};
use crate::language::{Chars, Example, Languages, Set};
use crate::tools::Tools;
use crate::{scene, texts};

/// States that a search for one text may look at.
const STATES: usize = 3_000;
/// The most alternatives of a test that are searched.
const MAX_CHOICES: usize = 6;
/// The most constants of the tests of a field that values are made from.
const MAX_CONSTANTS: usize = 64;

/// Values that cost little to think of.
pub(super) fn usual(tools: &Tools<'_>, goal: &FieldGoal<'_>) -> Vec<Json> {
    let mut found = Vec::new();
    let known = tools.scene.value(&goal.field.path);
    let constants = constants_of(goal);
    let texts = || suggested(tools, goal).into_iter().map(Json::String);
    match goal.field.ty {
        FieldType::Boolean => found.extend([Json::Bool(true), Json::Bool(false)]),
        FieldType::Integer | FieldType::Float => {
            found.extend(known.filter(|value| value.is_number() && goal.wanted.is_empty()));
            found.extend(order::values::<Numeric>(&goal.wanted, &goal.refused, tools.now()));
            found.extend(numbers(&constants));
        }
        FieldType::Ip => found.extend(order::values::<Address>(&goal.wanted, &goal.refused, tools.now())),
        FieldType::Date => {
            found.extend(order::date(tools.scene.start_nanos()));
            found.extend(order::values::<Instant>(&goal.wanted, &goal.refused, tools.now()));
            found.extend(clocks(&goal.wanted));
        }
        FieldType::Version => found.extend(versions(&constants)),
        FieldType::Keyword | FieldType::Text | FieldType::Object => {
            found.extend(texts());
            found.extend(known);
            found.extend(beside(goal));
        }
        FieldType::Unknown => {
            found.extend(texts());
            found.extend(known);
            found.extend(booleans(&constants));
            found.extend(numbers(&constants));
            if goal.tests().any(is_network) {
                found.extend(order::values::<Address>(&goal.wanted, &goal.refused, tools.now()));
            }
            found.extend(clocks(&goal.wanted));
            found.extend(beside(goal));
        }
    }
    // Constants are members more often than not: of what could not be read, too.
    let is_text = matches!(goal.field.ty, FieldType::Keyword | FieldType::Text);
    let fitting =
        |value: Json| if is_text && value.is_number() { Json::from(value.to_string()) } else { value };
    found.extend(constants.iter().filter_map(|literal| json(literal)).map(fitting));
    if goal.wanted.is_empty() {
        found.extend(by_type(goal.field.ty));
    }
    unique(found)
}

/// Texts that the tests suggest, first those in the shape that the log gives to them.
fn suggested(tools: &Tools<'_>, goal: &FieldGoal<'_>) -> Vec<String> {
    let path = &goal.field.path;
    let plain = fill::texts(path, &goal.wanted);
    let mut found: Vec<String> = plain.iter().flat_map(|text| tools.scene.shaped(path, text)).collect();
    found.extend(plain);
    found
}

/// Texts that stand before and behind those that the tests order by.
fn beside(goal: &FieldGoal<'_>) -> Vec<Json> {
    let mut found = Vec::new();
    for test in goal.tests() {
        let Op::Compare(comparison, Scalar::Literal(Literal::Str(text))) = &test.op else { continue };
        if !comparison.is_equality() {
            let mut shorter = text.to_string();
            shorter.pop();
            found.extend([format!("{text}a"), shorter, "A".to_owned(), "zz".to_owned()].map(Json::String));
        }
    }
    found
}

/// A value of each type, where nothing is asked.
fn by_type(ty: FieldType) -> Option<Json> {
    match ty {
        FieldType::Keyword | FieldType::Text | FieldType::Unknown => Some(Json::from("example")),
        FieldType::Integer | FieldType::Float => Some(Json::from(1)),
        FieldType::Version => Some(Json::from("1.0.0")),
        FieldType::Boolean | FieldType::Date | FieldType::Ip | FieldType::Object => None,
    }
}

fn unique(list: Vec<Json>) -> Vec<Json> {
    let mut found: Vec<Json> = Vec::with_capacity(list.len());
    for value in list {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// Texts from the sets that the tests leave. Of tests with alternatives one each is taken at first, which makes sets
/// that are searched sooner.
pub(super) fn searched(tools: &mut Tools<'_>, goal: &FieldGoal<'_>) -> Vec<Json> {
    let languages = &mut tools.languages;
    let free = goal.not_refused(languages);
    let filled = languages.not(Languages::EMPTY);
    let choices: Vec<Vec<Set>> =
        goal.wanted.iter().map(|test| texts::alternatives(languages, test, MAX_CHOICES)).collect();
    let most = choices.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let mut found = Vec::new();
    for nth in 0..most {
        let chosen = choices.iter().filter_map(|list| list.get(nth).or_else(|| list.first())).copied();
        let joint = languages.and(chosen.chain([free]));
        let wanted = languages.and([joint, filled]);
        for set in [wanted, joint] {
            if let Example::Text(text) = languages.example(set, STATES) {
                found.push(Json::from(text));
                break;
            }
        }
    }
    if most == 1
        && let Some(first) = found.first().and_then(Json::as_str)
    {
        // Another one, for tests that compare fields.
        let taken = languages.text(first, Chars::one);
        let others = languages.not(taken);
        let allowed = goal.allowed(languages);
        let rest = languages.and([allowed, others, filled]);
        if let Example::Text(text) = languages.example(rest, STATES) {
            found.push(Json::from(text));
        }
    }
    unique(found)
}

fn is_network(test: &Test) -> bool {
    matches!(test.op, Op::InNet(_))
        || matches!(&test.subject, Scalar::Call { function: eqlc_ir::Function::CidrMatch, .. })
}

/// The constants that the tests of a goal compare with.
fn constants_of<'a>(goal: &FieldGoal<'a>) -> Vec<&'a Literal> {
    let mut found = Vec::new();
    for test in goal.wanted.iter().chain(&goal.refused) {
        constants(test, &mut found);
        if found.len() > MAX_CONSTANTS {
            found.truncate(MAX_CONSTANTS);
            break;
        }
    }
    found
}

fn constants<'a>(test: &'a Test, found: &mut Vec<&'a Literal>) {
    fn inside<'a>(scalar: &'a Scalar, found: &mut Vec<&'a Literal>) {
        match scalar {
            Scalar::Literal(literal) => found.push(literal),
            Scalar::Call { args, .. } => args.iter().for_each(|arg| inside(arg, found)),
            Scalar::Logic(pred) => pred.tests().into_iter().for_each(|test| constants(test, found)),
            Scalar::Field(_) | Scalar::Of(..) => {}
        }
    }
    match &test.op {
        Op::OneOf(items, _) => found.extend(items.iter().take(MAX_CONSTANTS)),
        Op::Compare(_, right) => inside(right, found),
        _ => {}
    }
    inside(&test.subject, found);
}

/// Numbers at, before and behind each constant, sums and differences of them, and some beside.
fn numbers(constants: &[&Literal]) -> Vec<Json> {
    let mut found = Vec::new();
    let mut whole = Vec::new();
    for literal in constants {
        match literal {
            Literal::Int(number) => {
                let near = [*number, number.saturating_add(1), number.saturating_sub(1)];
                found.extend(near.into_iter().filter_map(integer));
                whole.push(*number);
            }
            Literal::Float(number) => {
                found.extend([*number, number + 1.0, number - 1.0].into_iter().filter_map(order::number));
            }
            Literal::Str(text) => found.extend(text.parse::<i64>().ok().map(Json::from)),
            Literal::Bool(_) | Literal::Date(_) | Literal::Null => {}
        }
    }
    for (at, one) in whole.iter().enumerate().take(4) {
        for other in whole.iter().skip(at + 1).take(4) {
            let near = [one.saturating_add(*other), one.saturating_sub(*other), one.saturating_mul(*other)];
            found.extend(near.into_iter().filter_map(integer));
        }
    }
    found.extend([1, 0, 2, 1_000].map(Json::from));
    found
}

fn integer(number: i128) -> Option<Json> {
    i64::try_from(number).map(Json::from).or_else(|_| u64::try_from(number).map(Json::from)).ok()
}

fn booleans(constants: &[&Literal]) -> Vec<Json> {
    let asked = constants.iter().any(|literal| matches!(literal, Literal::Bool(_)));
    if asked { vec![Json::Bool(true), Json::Bool(false)] } else { Vec::new() }
}

/// Versions at, before and behind each constant.
fn versions(constants: &[&Literal]) -> Vec<Json> {
    let texts = constants.iter().filter_map(|literal| match literal {
        Literal::Str(text) => Some(text.as_str()),
        _ => None,
    });
    let near = texts.flat_map(|text| [text.to_owned(), format!("{text}.1"), format!("{text}-alpha")]);
    let ends = ["0.0.1", "1.0.0", "999.0.0"].into_iter().map(str::to_owned);
    near.chain(ends).map(Json::String).collect()
}

/// The value of a constant.
pub(crate) fn json(literal: &Literal) -> Option<Json> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(Json::Bool(*value)),
        Literal::Int(number) => integer(*number),
        Literal::Float(number) => Number::from_f64(*number).map(Json::Number),
        Literal::Str(text) => Some(Json::String(text.to_string())),
        // A bound is no value; those that it lets through are found as sets.
        Literal::Date(_) => None,
    }
}

/// Times whose clocks show what the tests ask.
fn clocks(wanted: &[&Test]) -> Vec<Json> {
    let asked: Vec<(TimePart, Comparison, i64)> = wanted
        .iter()
        .filter_map(|test| match test.op {
            Op::TimePart(part, comparison, number) => Some((part, comparison, number)),
            _ => None,
        })
        .collect();
    if asked.is_empty() { Vec::new() } else { scene::clocks(&asked) }
}
