//! Sigma's correlations.

use eqlc_ir::{
    Aggregate, Correlation, CorrelationCondition, CorrelationKind, EventQuery, FieldRef, FieldType, Literal,
    RuleCondition, Source,
};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Made, Maker, Plan, STEP_MS, single};
use crate::Reason;
use crate::event::{Given, NoEvent};
use crate::field::{is_absent, json};

/// The most events of one kind that a count may ask for.
const MAX_COUNT: u64 = 1_000;
/// The most rules of which every choice is tried.
const MAX_RULES: usize = 12;
/// Ways to meet a condition that are tried.
const MAX_WAYS: usize = 24;

/// The fields that a correlation names.
pub(super) fn fields(correlation: &Correlation) -> Vec<&FieldRef> {
    let counted = match &correlation.condition {
        Some(CorrelationCondition::Number(number)) => number.fields.as_slice(),
        _ => &[],
    };
    let own = correlation.group_by.iter().chain(counted).flat_map(|key| &key.fields);
    let inner = correlation.rules.iter().filter_map(|rule| match &rule.source {
        Source::Correlation(inner) => Some(inner.as_ref()),
        Source::Events(_) => None,
    });
    own.chain(inner.flat_map(fields)).collect()
}

/// Values that fields must have.
type Fixed = IndexMap<String, Json>;

impl Maker<'_, '_> {
    pub(super) fn correlation(&mut self, correlation: &Correlation) -> Result<Plan, NoEvent> {
        let mut failed = NoEvent::Unknown(Reason::Unsolved);
        for way in ways(correlation) {
            match self.way(correlation, &way, &Fixed::new()) {
                Ok(events) => {
                    let count = u64::try_from(events.len()).unwrap_or(u64::MAX).max(1);
                    let plan = Plan { events }.spread(STEP_MS.min(correlation.timespan_ms / count));
                    if self.matched(&plan).is_some() {
                        return Ok(plan);
                    }
                }
                // The proof is one of a rule: where all rules are asked for, it is one of the correlation.
                Err(NoEvent::Never(why)) if correlation.condition.is_none() => {
                    return Err(NoEvent::Never(why));
                }
                Err(NoEvent::Never(_)) => {}
                Err(unknown) => failed = unknown,
            }
            if self.tools.languages.is_spent() {
                return Err(NoEvent::Unknown(Reason::OutOfSteps));
            }
        }
        Err(failed)
    }

    /// Events that meet the condition of a correlation in one way, with values that stand around it.
    fn way(&mut self, correlation: &Correlation, way: &Way, outer: &Fixed) -> Result<Vec<Made>, NoEvent> {
        let mut group: Vec<Option<Json>> = vec![None; correlation.group_by.len()];
        for (key, value) in correlation.group_by.iter().zip(&mut group) {
            *value = key.fields.iter().find_map(|field| outer.get(field.path.as_str())).cloned();
        }
        let mut made = Vec::new();
        for member in &way.members {
            let Some(rule) = correlation.rules.get(member.rule) else { continue };
            let mut fixed = outer.clone();
            let mut needed = Vec::new();
            for (key, value) in correlation.group_by.iter().zip(&group) {
                let Some(field) = key.fields.get(member.rule) else { continue };
                match value {
                    Some(value) => {
                        fixed.insert(field.path.to_string(), value.clone());
                    }
                    None => needed.push(field.clone()),
                }
            }
            let counted = way.counted.get(member.rule).cloned().flatten();
            if let (Some(field), Some(value)) = (&counted, &member.value) {
                fixed.insert(field.path.to_string(), value.clone());
            }
            let events = match &rule.source {
                Source::Events(query) => {
                    let asked = Asked { query, fixed, needed, counted: &counted, nth: member.nth };
                    vec![self.member(asked, member.rule)?]
                }
                Source::Correlation(inner) => self.inner(inner, &fixed)?,
            };
            // The first member decides the group of the others.
            for (key, value) in correlation.group_by.iter().zip(&mut group) {
                let Some(field) = key.fields.get(member.rule).filter(|_| value.is_none()) else { continue };
                *value = events
                    .iter()
                    .find_map(|made| made.draft.fields.get(field.path.as_str()))
                    .and_then(single);
            }
            made.extend(events);
        }
        Ok(made)
    }

    /// The events of an inner correlation.
    fn inner(&mut self, inner: &Correlation, fixed: &Fixed) -> Result<Vec<Made>, NoEvent> {
        let mut failed = NoEvent::Unknown(Reason::Unsolved);
        for way in ways(inner) {
            match self.way(inner, &way, fixed) {
                Ok(events) => return Ok(events),
                Err(other) => failed = other,
            }
        }
        match failed {
            // Among values that stand around it.
            NoEvent::Never(_) if !fixed.is_empty() => Err(NoEvent::Unknown(Reason::Unsolved)),
            failed => Err(failed),
        }
    }

    /// An event of a rule; with a value of its own in the field that is counted.
    fn member(&mut self, asked: Asked<'_>, part: usize) -> Result<Made, NoEvent> {
        let Asked { query, fixed, needed, counted, nth } = asked;
        let proven = fixed.is_empty();
        let given = Given { fixed, needed };
        let found = self.tools.events(query, &given, 1);
        let drafts = found.map_err(|failed| match failed {
            NoEvent::Never(_) if !proven => NoEvent::Unknown(Reason::Unsolved),
            failed => failed,
        })?;
        let mut draft = drafts.into_iter().next().ok_or(NoEvent::Unknown(Reason::Unsolved))?;
        if let (Some(field), Some(nth)) = (counted, nth) {
            let own =
                draft.fields.get(field.path.as_str()).filter(|value| !is_absent(value)).and_then(single);
            let value = self.different(query, &given, field, own, nth);
            draft = value.ok_or(NoEvent::Unknown(Reason::Unsolved))?;
        }
        let keys = given.fixed.keys().cloned().collect();
        Ok(Made { draft, query: query.clone().into(), part, keys, at_ms: 0, settled: false })
    }

    /// An event with the nth of different values of a field.
    fn different(
        &mut self,
        query: &EventQuery,
        given: &Given,
        field: &FieldRef,
        own: Option<Json>,
        nth: usize,
    ) -> Option<crate::event::Draft> {
        let usual =
            own.clone().or_else(|| self.tools.scene.value(&field.path)).and_then(|value| single(&value));
        for value in variants(usual.as_ref(), field.ty, nth) {
            let mut other = given.clone();
            other.fixed.insert(field.path.to_string(), value);
            if let Ok(drafts) = self.tools.events(query, &other, 1) {
                return drafts.into_iter().next();
            }
        }
        None
    }
}

/// What is asked of a member.
struct Asked<'a> {
    query: &'a EventQuery,
    fixed: Fixed,
    needed: Vec<FieldRef>,
    counted: &'a Option<FieldRef>,
    nth: Option<usize>,
}

/// The nth of different values that are like one, in several shapes.
fn variants(usual: Option<&Json>, ty: FieldType, nth: usize) -> Vec<Json> {
    let text = usual.and_then(Json::as_str).map(str::to_owned);
    let mut found = Vec::new();
    if nth == 0 {
        found.extend(usual.cloned());
    }
    match (usual, ty) {
        (Some(Json::Number(number)), _) => {
            found.extend(
                number
                    .as_i64()
                    .map(|number| Json::from(number.saturating_add(i64::try_from(nth).unwrap_or(0)))),
            );
        }
        (_, FieldType::Integer | FieldType::Float) => found.push(Json::from(nth)),
        (_, FieldType::Ip) => {}
        _ => {
            let text = text.unwrap_or_else(|| "value".to_owned());
            found.extend([format!("{text}{nth}"), format!("{nth}{text}")].map(Json::String));
        }
    }
    let (high, low) = (nth / 250 % 250, nth % 250 + 1);
    found.extend([format!("10.0.{high}.{low}"), format!("203.0.{high}.{low}")].map(Json::String));
    found.push(Json::from(nth));
    found
}

/// A member of the window.
#[derive(Clone, Debug)]
struct Member {
    rule: usize,
    /// The value of the field that is computed with.
    value: Option<Json>,
    /// Which of different values the counted field has.
    nth: Option<usize>,
}

/// A way to meet a condition.
#[derive(Clone, Debug)]
struct Way {
    members: Vec<Member>,
    /// The field that is counted or computed with, by rule.
    counted: Vec<Option<FieldRef>>,
}

/// Ways to meet the condition of a correlation, the smallest first.
fn ways(correlation: &Correlation) -> Vec<Way> {
    let rules = correlation.rules.len();
    let plain = |rule: usize| Member { rule, value: None, nth: None };
    let of = |members: Vec<Member>| Way { members, counted: vec![None; rules] };
    match (&correlation.condition, correlation.kind) {
        (None, _) => vec![of((0..rules).map(plain).collect())],
        (Some(CorrelationCondition::Rules(condition)), _) => {
            let chosen = choices(rules).into_iter().filter(|present| satisfied(condition, present));
            chosen.take(MAX_WAYS).map(|present| of(present.into_iter().map(plain).collect())).collect()
        }
        (Some(CorrelationCondition::Number(number)), kind) if kind.is_temporal() => {
            let fits = |present: &Vec<usize>| keeps(number, present.len());
            choices(rules)
                .into_iter()
                .filter(fits)
                .take(MAX_WAYS)
                .map(|all| of(all.into_iter().map(plain).collect()))
                .collect()
        }
        (Some(CorrelationCondition::Number(number)), kind) => {
            (0..rules).flat_map(|rule| of_number(number, kind, rule, rules)).take(MAX_WAYS).collect()
        }
    }
}

/// Ways to meet a number with events of one rule.
fn of_number(number: &Aggregate, kind: CorrelationKind, rule: usize, rules: usize) -> Vec<Way> {
    let field = number.fields.first().and_then(|key| key.fields.get(rule)).cloned();
    let mut counted = vec![None; rules];
    if let Some(slot) = counted.get_mut(rule) {
        *slot = field;
    }
    let count =
        (1..=MAX_COUNT).filter_map(|count| usize::try_from(count).ok()).find(|count| keeps(number, *count));
    let of = |members: Vec<Member>| Way { members, counted: counted.clone() };
    match kind {
        CorrelationKind::EventCount | CorrelationKind::ValueCount => {
            let Some(count) = count else { return Vec::new() };
            let differ = kind == CorrelationKind::ValueCount;
            vec![of((0..count).map(|nth| Member { rule, value: None, nth: differ.then_some(nth) }).collect())]
        }
        // Of one value sum, mean and every percentile are that value.
        _ => numbers(number)
            .into_iter()
            .map(|value| of(vec![Member { rule, value: Some(value), nth: None }]))
            .collect(),
    }
}

/// Numbers that keep all bounds.
fn numbers(number: &Aggregate) -> Vec<Json> {
    let mut found: Vec<Literal> = Vec::new();
    for bound in &number.bounds {
        match &bound.value {
            Literal::Int(value) => {
                found.extend([*value, value.saturating_add(1), value.saturating_sub(1)].map(Literal::Int));
            }
            Literal::Float(value) => found.extend([*value, value + 1.0, value - 1.0].map(Literal::Float)),
            _ => {}
        }
    }
    found.retain(|value| {
        number
            .bounds
            .iter()
            .all(|bound| order(value, &bound.value).is_some_and(|order| bound.relation.accepts(order)))
    });
    found.dedup();
    found.iter().filter_map(json).collect()
}

fn keeps(number: &Aggregate, count: usize) -> bool {
    let count = Literal::Int(i128::try_from(count).unwrap_or(i128::MAX));
    number
        .bounds
        .iter()
        .all(|bound| order(&count, &bound.value).is_some_and(|order| bound.relation.accepts(order)))
}

#[expect(clippy::cast_precision_loss, reason = "counts and bounds are small; what is chosen is run")]
fn order(left: &Literal, right: &Literal) -> Option<std::cmp::Ordering> {
    let float = |value: &Literal| match value {
        Literal::Int(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    };
    float(left)?.partial_cmp(&float(right)?)
}

/// Every choice of rules, the smallest first; of many rules those of one, of all but one and of all.
fn choices(rules: usize) -> Vec<Vec<usize>> {
    if rules > MAX_RULES {
        let ones = (0..rules).map(|rule| vec![rule]);
        let all_but = (0..rules).map(|left_out| (0..rules).filter(|rule| *rule != left_out).collect());
        return ones.chain(all_but).chain([(0..rules).collect()]).collect();
    }
    let mut found: Vec<Vec<usize>> =
        (1_u32..1 << rules).map(|bits| (0..rules).filter(|rule| bits >> rule & 1 == 1).collect()).collect();
    found.sort_by_key(Vec::len);
    found
}

fn satisfied(condition: &RuleCondition, present: &[usize]) -> bool {
    match condition {
        RuleCondition::Rule(rule) => present.contains(rule),
        RuleCondition::All(list) => list.iter().all(|each| satisfied(each, present)),
        RuleCondition::Any(list) => list.iter().any(|each| satisfied(each, present)),
        RuleCondition::Not(inner) => !satisfied(inner, present),
    }
}
