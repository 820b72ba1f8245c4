//! Values for one field.

pub(crate) mod fill;
pub(crate) mod order;
mod propose;
#[cfg(test)]
mod tests;

use eqlc_diagnostics::Span;
use eqlc_ir::{FieldRef, FieldType, Literal, Op, Scalar, Test};
use order::{Address, Instant, Numeric, Ordered};
pub(crate) use propose::json;
use serde_json::Value as Json;

use crate::goal::Conflict;
use crate::language::{Example, Languages, Set};
use crate::tools::Tools;
use crate::{evaluate, texts};

/// The most values that are kept for one field.
const MAX_VALUES: usize = 6;
/// States that a proof that there is no text may look at.
const STATES: usize = 3_000;

/// What the tests of one field ask, those of other fields left aside.
#[derive(Clone, Debug)]
pub(crate) struct FieldGoal<'a> {
    pub(crate) field: &'a FieldRef,
    /// Must hold; each of some value.
    pub(crate) wanted: Vec<&'a Test>,
    /// Must not hold of any value.
    pub(crate) refused: Vec<&'a Test>,
    /// What else needs it to have a value.
    pub(crate) needed: Option<Span>,
}

/// Tests that cannot be satisfied together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The path of the field that they are about.
    pub field: String,
    /// Where the test that must hold was written.
    pub wanted: Span,
    /// Where the others were written: those that must hold too, and those that must not. Without any the test never
    /// holds by itself.
    pub others: Vec<Span>,
}

/// Why a field has no value.
#[derive(Clone, Debug)]
pub(crate) enum NoValue {
    /// It is proven, of these tests whatever the others are.
    Never(Contradiction, Conflict),
    Unknown,
}

impl<'a> FieldGoal<'a> {
    /// Nothing is asked yet.
    pub(crate) fn of(field: &'a FieldRef) -> Self {
        Self { field, wanted: Vec::new(), refused: Vec::new(), needed: None }
    }

    pub(crate) fn tests(&self) -> impl Iterator<Item = &'a Test> {
        self.wanted.iter().chain(&self.refused).copied()
    }

    /// The texts that the tests leave, as far as they are sets.
    fn allowed(&self, languages: &mut Languages) -> Set {
        let wanted: Vec<Set> = self.wanted.iter().filter_map(|test| texts::set_of(languages, test)).collect();
        let free = self.not_refused(languages);
        languages.and(wanted.into_iter().chain([free]))
    }

    fn not_refused(&self, languages: &mut Languages) -> Set {
        let refused: Vec<Set> =
            self.refused.iter().filter_map(|test| texts::set_of(languages, test)).collect();
        let refused = languages.or(refused);
        languages.not(refused)
    }
}

/// Whether a value stands for no value: null for an absent field, an empty list for one that is there without.
pub(crate) fn is_absent(value: &Json) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// Values that satisfy the goal, the best first; several values stand in a list. Null: the field may be absent.
pub(crate) fn values(tools: &mut Tools<'_>, goal: &FieldGoal<'_>) -> Result<Vec<Json>, NoValue> {
    let mut proposals = propose::usual(tools, goal);
    if goal.needed.is_none() {
        proposals.extend([Json::Null, Json::Array(Vec::new())]);
    }
    let mut found = evaluate::accepted(tools, goal, proposals);
    if found.is_empty() {
        let searched = propose::searched(tools, goal);
        found = evaluate::accepted(tools, goal, searched);
    }
    if found.is_empty() {
        found.push(one_by_one(tools, goal)?);
    }
    found.truncate(MAX_VALUES);
    Ok(found)
}

/// A value for each test that must hold, as a list. Where one has none it may be proven that it can have none.
fn one_by_one(tools: &mut Tools<'_>, goal: &FieldGoal<'_>) -> Result<Json, NoValue> {
    if let Some(null) = goal.wanted.iter().find(|test| is_null_test(test)) {
        return Err(no_value_beside(tools, goal, null));
    }
    let mut several = Vec::new();
    let mut unknown = goal.wanted.len() < 2;
    for test in &goal.wanted {
        let single = FieldGoal { wanted: vec![test], ..goal.clone() };
        let mut found = Vec::new();
        if goal.wanted.len() > 1 {
            let proposals = propose::usual(tools, &single);
            found = evaluate::accepted(tools, &single, proposals);
            if found.is_empty() {
                let searched = propose::searched(tools, &single);
                found = evaluate::accepted(tools, &single, searched);
            }
        }
        match found.into_iter().find(|value| !is_absent(value)) {
            Some(value) if several.contains(&value) => {}
            Some(value) => several.push(value),
            None if is_empty(tools, goal, test, &goal.refused) => return Err(excluded(tools, goal, test)),
            None => unknown = true,
        }
    }
    if unknown { Err(NoValue::Unknown) } else { Ok(Json::Array(several)) }
}

/// The proof that nothing is left of a wanted test: with the tests that are to blame.
fn excluded(tools: &mut Tools<'_>, goal: &FieldGoal<'_>, test: &Test) -> NoValue {
    let mut blamed = Vec::new();
    if !is_empty(tools, goal, test, &[]) {
        let one = goal.refused.iter().find(|refused| is_empty(tools, goal, test, &[**refused]));
        blamed = one.map_or_else(|| goal.refused.clone(), |one| vec![*one]);
    }
    let others = blamed.iter().map(|test| test.span).collect();
    let field = goal.field.path.clone();
    NoValue::Never(
        Contradiction { field: field.to_string(), wanted: test.span, others },
        Conflict::of(&[test], &blamed),
    )
}

/// What cannot be where the field must have no value: that it has one, or tests that hold of values only.
fn no_value_beside(tools: &mut Tools<'_>, goal: &FieldGoal<'_>, null: &Test) -> NoValue {
    let field = goal.field.path.clone();
    let others = vec![null.span];
    if let Some(wanted) = goal.needed {
        return NoValue::Never(
            Contradiction { field: field.to_string(), wanted, others },
            Conflict::of(&[null], &[]),
        );
    }
    for test in goal.wanted.iter().filter(|test| !is_null_test(test) && test.op != Op::Exists) {
        let alone = FieldGoal { wanted: vec![test], refused: Vec::new(), needed: None, ..goal.clone() };
        if evaluate::accepted(tools, &alone, vec![Json::Null]).is_empty() && !tools.languages.is_spent() {
            let conflict = Conflict::of(&[test, null], &[]);
            return NoValue::Never(
                Contradiction { field: field.to_string(), wanted: test.span, others },
                conflict,
            );
        }
    }
    NoValue::Unknown
}

fn is_null_test(test: &Test) -> bool {
    matches!((&test.subject, &test.op), (Scalar::Field(_), Op::IsNull))
}

/// Whether it is proven that no value satisfies a test and none of others.
fn is_empty(tools: &mut Tools<'_>, goal: &FieldGoal<'_>, wanted: &Test, refused: &[&Test]) -> bool {
    let now = tools.now();
    let line = |empty: Option<bool>| empty == Some(true);
    if line(nothing_left::<Numeric>(wanted, refused, now))
        || line(nothing_left::<Instant>(wanted, refused, now))
        || line(nothing_left::<Address>(wanted, refused, now))
    {
        return true;
    }
    if goal.field.ty == FieldType::Boolean && is_flag(wanted) {
        let refused = refused.iter().copied().filter(|test| is_flag(test)).collect();
        let single = FieldGoal { field: goal.field, wanted: vec![wanted], refused, needed: None };
        let left = evaluate::accepted(tools, &single, vec![Json::Bool(true), Json::Bool(false)]);
        return left.is_empty() && !tools.languages.is_spent();
    }
    let Some(set) = texts::set_of(&mut tools.languages, wanted) else { return false };
    let single = FieldGoal { field: goal.field, wanted: Vec::new(), refused: refused.to_vec(), needed: None };
    let free = single.not_refused(&mut tools.languages);
    let left = tools.languages.and([set, free]);
    tools.languages.example(left, STATES) == Example::Never
}

fn nothing_left<T: Ordered>(wanted: &Test, refused: &[&Test], now: eqlc_events::Timestamp) -> Option<bool> {
    let left = order::left::<T>(&[wanted], refused, now);
    left.into_iter().next().flatten().map(|line| line.is_empty())
}

/// A test of a flag: nothing but true and false can satisfy it.
fn is_flag(test: &Test) -> bool {
    let bare = matches!(test.subject, Scalar::Field(_));
    let constant = match &test.op {
        Op::IsTrue => true,
        Op::Compare(_, Scalar::Literal(Literal::Bool(_))) => true,
        Op::OneOf(items, _) => items.iter().all(|item| matches!(item, Literal::Bool(_))),
        _ => false,
    };
    bare && constant
}
