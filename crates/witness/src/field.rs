//! Values for one field.

use eqlc_diagnostics::Span;
use eqlc_events::Event;
use eqlc_ir::{FieldRef, FieldType, Literal, Op, Part, Pred, Scalar, Test, TextPattern};
use serde_json::Value as Json;

use crate::language::{Languages, Set, Shortest};
use crate::{document, evaluate, realistic, texts};

/// States that a search for one text may look at.
const BUDGET: usize = 3_000;
/// The most values that are proposed for one field.
pub(crate) const MAX_VALUES: usize = 6;
/// The most constants of a test that values are made from.
const MAX_CONSTANTS: usize = 64;

/// What the tests of one field ask, those of other fields left aside.
#[derive(Clone, Debug)]
pub(crate) struct FieldGoal<'a> {
    pub(crate) field: &'a FieldRef,
    /// Must hold; each of some value.
    pub(crate) wanted: Vec<&'a Test>,
    /// Must not hold of any value.
    pub(crate) refused: Vec<&'a Test>,
    /// Whether a test of several fields needs it to have a value.
    pub(crate) needed: bool,
}

/// Tests that cannot be satisfied together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The path of the field that they are about.
    pub field: String,
    /// Where the test that must hold was written.
    pub wanted: Span,
    /// Where the others were written: those that must hold too, and those that must not.
    pub others: Vec<Span>,
}

/// What a field may hold.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    /// The best first; several values stand in a list. Null: no value.
    pub(crate) json: Vec<Json>,
    /// The texts that are allowed, as far as tests could be read as sets.
    pub(crate) texts: Set,
}

/// Why a field has no value.
pub(crate) enum NoValue {
    Never(Contradiction),
    Unknown,
}

impl FieldGoal<'_> {
    fn asks_null(&self) -> Option<Span> {
        self.wanted.iter().find(|test| is_null_test(test)).map(|test| test.span)
    }

    /// Tests that hold only of a value.
    fn of_values(&self) -> Vec<&Test> {
        let asks = |test: &&&Test| !is_null_test(test);
        self.wanted.iter().filter(asks).copied().collect()
    }

    fn must_have_value(&self) -> bool {
        self.needed || !self.of_values().is_empty() || self.refused.iter().any(|test| is_null_test(test))
    }
}

fn is_null_test(test: &Test) -> bool {
    matches!((&test.subject, &test.op), (Scalar::Field(_), Op::IsNull))
}

/// Values that satisfy the goal.
pub(crate) fn values(languages: &mut Languages, goal: &FieldGoal<'_>) -> Result<Values, NoValue> {
    let allowed = Allowed::of(languages, goal);
    if let Some(null) = goal.asks_null() {
        if let Some(other) = goal.of_values().first() {
            let field = goal.field.path.clone();
            return Err(NoValue::Never(Contradiction { field, wanted: other.span, others: vec![null] }));
        }
        return Ok(Values { json: vec![Json::Null], texts: allowed.joint });
    }
    let mut found = proposals(languages, goal, &allowed);
    found = evaluate::accepted(goal.field, &goal.wanted, &goal.refused, found);
    found.truncate(MAX_VALUES);
    if !goal.must_have_value() {
        // Where nothing but exclusions asks for it the field may be absent; a value that they let through is the
        // better event.
        let tests_null = goal.refused.iter().any(|test| is_null_test(test));
        if !tests_null {
            found.push(Json::Null);
        }
        return Ok(Values { json: found, texts: allowed.joint });
    }
    if found.is_empty() {
        found.push(one_by_one(languages, goal, &allowed)?);
    }
    Ok(Values { json: found, texts: allowed.joint })
}

/// A value for each test that must hold.
fn one_by_one(languages: &mut Languages, goal: &FieldGoal<'_>, allowed: &Allowed) -> Result<Json, NoValue> {
    let mut several = Vec::new();
    let mut unknown = false;
    for (test, set) in goal.wanted.iter().zip(&allowed.wanted) {
        let single = FieldGoal { wanted: vec![test], ..goal.clone() };
        if let Some(set) = set {
            let left = languages.and([*set, allowed.not_refused]);
            if languages.shortest(left, BUDGET) == Shortest::Never {
                let others = blamed(languages, goal, *set);
                let field = goal.field.path.clone();
                return Err(NoValue::Never(Contradiction { field, wanted: test.span, others }));
            }
        }
        let alone = Allowed::of(languages, &single);
        let found = proposals(languages, &single, &alone);
        match evaluate::accepted(goal.field, &single.wanted, &goal.refused, found).into_iter().next() {
            Some(value) => several.push(value),
            None => unknown = true,
        }
    }
    if unknown || several.len() < 2 { Err(NoValue::Unknown) } else { Ok(Json::Array(several)) }
}

/// Which of the refused tests leave nothing of a set: one alone if it does, else all of them.
fn blamed(languages: &mut Languages, goal: &FieldGoal<'_>, wanted: Set) -> Vec<Span> {
    let mut all = Vec::new();
    for test in &goal.refused {
        let Some(set) = texts::set_of(languages, test) else { continue };
        let others = languages.not(set);
        let left = languages.and([wanted, others]);
        if languages.shortest(left, BUDGET) == Shortest::Never {
            return vec![test.span];
        }
        all.push(test.span);
    }
    all
}

/// What the tests leave as texts.
struct Allowed {
    /// By wanted test; none where it is no set.
    wanted: Vec<Option<Set>>,
    not_refused: Set,
    /// Both together.
    joint: Set,
}

impl Allowed {
    fn of(languages: &mut Languages, goal: &FieldGoal<'_>) -> Self {
        let wanted: Vec<Option<Set>> =
            goal.wanted.iter().map(|test| texts::set_of(languages, test)).collect();
        let refused: Vec<Set> =
            goal.refused.iter().filter_map(|test| texts::set_of(languages, test)).collect();
        let refused = languages.or(refused);
        let not_refused = languages.not(refused);
        let joint = languages.and(wanted.iter().copied().flatten().chain([not_refused]));
        Self { wanted, not_refused, joint }
    }
}

/// Values that may do, the best first.
fn proposals(languages: &mut Languages, goal: &FieldGoal<'_>, allowed: &Allowed) -> Vec<Json> {
    let mut found = Vec::new();
    let tests: Vec<&Test> = goal.wanted.iter().chain(&goal.refused).copied().collect();
    let constants: Vec<&Literal> =
        tests.iter().flat_map(|test| constants(test)).take(MAX_CONSTANTS).collect();
    match goal.field.ty {
        FieldType::Boolean => found.extend([Json::Bool(true), Json::Bool(false)]),
        FieldType::Integer | FieldType::Float => {
            found.extend(realistic::value(&goal.field.path));
            found.extend(numbers(&constants));
        }
        FieldType::Ip => found.extend(realistic::addresses(&tests)),
        FieldType::Date => found.extend(realistic::dates(&constants)),
        FieldType::Keyword | FieldType::Text | FieldType::Version | FieldType::Object => {
            found.extend(realistic::value(&goal.field.path).filter(Json::is_string));
            found.extend(guesses(languages, goal, allowed));
        }
        FieldType::Unknown => {
            let textual = tests.iter().any(|test| is_textual(test));
            if !textual {
                found.extend(booleans(&constants));
                found.extend(numbers(&constants));
            }
            found.extend(realistic::value(&goal.field.path).filter(Json::is_string));
            found.extend(guesses(languages, goal, allowed));
            if textual {
                found.extend(numbers(&constants));
            }
            found.extend(realistic::addresses(&tests));
        }
    }
    // Constants are members more often than not: of sets that could not be read, too.
    found.extend(constants.iter().filter_map(|literal| json(literal)));
    let mut unique: Vec<Json> = Vec::new();
    for value in found {
        if !unique.contains(&value) {
            unique.push(value);
        }
    }
    unique
}

fn is_textual(test: &Test) -> bool {
    matches!(test.op, Op::Text(..) | Op::Regex(_))
        || constants(test).iter().any(|literal| matches!(literal, Literal::Str(_)))
}

/// Texts of the joint set: those that the patterns suggest, then shortest ones.
fn guesses(languages: &mut Languages, goal: &FieldGoal<'_>, allowed: &Allowed) -> Vec<Json> {
    let mut found: Vec<String> = Vec::new();
    for test in &goal.wanted {
        let Op::Text(patterns, _) = &test.op else { continue };
        for pattern in patterns.iter().take(MAX_VALUES) {
            let filled = fill(pattern);
            if languages.has(allowed.joint, &filled) {
                found.push(filled);
                break;
            }
        }
    }
    let nothing = Languages::EMPTY;
    let not_empty = languages.not(nothing);
    let filled = languages.and([allowed.joint, not_empty]);
    for set in [filled, allowed.joint] {
        if let Shortest::Text(text) = languages.shortest(set, BUDGET) {
            found.push(text.clone());
            // Another one, for tests that compare fields.
            let taken = languages.text(&text, crate::language::Chars::one);
            let others = languages.not(taken);
            let rest = languages.and([set, others]);
            if let Shortest::Text(text) = languages.shortest(rest, BUDGET) {
                found.push(text);
            }
            break;
        }
    }
    found.into_iter().map(Json::String).collect()
}

/// A text that a reader would expect to match the pattern.
fn fill(pattern: &TextPattern) -> String {
    let parts = pattern.parts();
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        let next = match parts.get(at + 1) {
            Some(Part::Lit(next)) => next.as_str(),
            _ => "",
        };
        match part {
            Part::Lit(literal) => text.push_str(literal),
            Part::AnyOne if next.starts_with(':') => text.push('C'),
            Part::AnyOne => text.push('x'),
            Part::AnyRun if at == 0 && next.starts_with('\\') => text.push_str("C:\\Windows\\System32"),
            Part::AnyRun if at == 0 && next.starts_with('/') => text.push_str("/usr"),
            Part::AnyRun if text.ends_with(['\\', '/']) => text.push_str("example"),
            Part::AnyRun => {}
        }
    }
    text
}

/// The constants that a test compares with.
fn constants(test: &Test) -> Vec<&Literal> {
    fn inside<'a>(scalar: &'a Scalar, found: &mut Vec<&'a Literal>) {
        match scalar {
            Scalar::Literal(literal) => found.push(literal),
            Scalar::Call { args, .. } => args.iter().for_each(|arg| inside(arg, found)),
            Scalar::Logic(pred) => pred.tests().into_iter().for_each(|test| found.extend(constants(test))),
            Scalar::Field(_) | Scalar::Of(..) => {}
        }
    }
    let mut found = Vec::new();
    match &test.op {
        Op::OneOf(items, _) => found.extend(items),
        Op::Compare(_, right) => inside(right, &mut found),
        _ => {}
    }
    inside(&test.subject, &mut found);
    found
}

/// Numbers on both sides of each constant, and some beside.
fn numbers(constants: &[&Literal]) -> Vec<Json> {
    let mut found = Vec::new();
    for literal in constants {
        match literal {
            Literal::Int(number) => {
                for near in [*number, number.saturating_add(1), number.saturating_sub(1)] {
                    found.extend(whole(near));
                }
            }
            Literal::Float(number) => {
                for near in [*number, number + 1.0, number - 1.0] {
                    found.extend(serde_json::Number::from_f64(near).map(Json::Number));
                }
            }
            Literal::Str(text) => found.extend(text.parse::<i64>().ok().map(Json::from)),
            Literal::Bool(_) | Literal::Date(_) | Literal::Null => {}
        }
    }
    found.extend([1, 0, 2, 1_000].map(Json::from));
    found
}

fn whole(number: i128) -> Option<Json> {
    i64::try_from(number).map(Json::from).or_else(|_| u64::try_from(number).map(Json::from)).ok()
}

fn booleans(constants: &[&Literal]) -> Vec<Json> {
    let asked = constants.iter().any(|literal| matches!(literal, Literal::Bool(_)));
    if asked { vec![Json::Bool(true), Json::Bool(false)] } else { Vec::new() }
}

pub(crate) fn json(literal: &Literal) -> Option<Json> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(Json::Bool(*value)),
        Literal::Int(number) => whole(*number),
        Literal::Float(number) => serde_json::Number::from_f64(*number).map(Json::Number),
        Literal::Str(text) => Some(Json::String(text.clone())),
        // A bound is no value: what lies within it is for the caller to say.
        Literal::Date(_) => None,
    }
}

/// An event with the field alone.
pub(crate) fn alone(path: &str, value: &Json, ordinal: usize) -> Option<Event> {
    let mut document = serde_json::Map::new();
    document::put(&mut document, path, value.clone());
    Event::from_json(Json::Object(document), ordinal)
}

/// All tests as one condition.
pub(crate) fn together(wanted: &[&Test], refused: &[&Test]) -> Pred {
    let wanted = wanted.iter().map(|test| Pred::Test((*test).clone()));
    let refused = refused.iter().map(|test| Pred::Test((*test).clone()).not());
    Pred::All(wanted.chain(refused).collect())
}
