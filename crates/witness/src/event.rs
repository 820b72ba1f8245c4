//! One event that satisfies a query.

use eqlc_events::Event;
use eqlc_ir::{Category, EventQuery, FieldRef, LogSource, Test};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::field::{self, Contradiction, NoValue};
use crate::goal::{Goal, Literal, Visited, each_goal};
use crate::prepare::{Prepared, bound_test, prepare, renamed};
use crate::split::{Split, condition, fields_of};
use crate::stream::literal;
use crate::tools::Tools;
use crate::{Reason, document, evaluate};

/// Ways to satisfy a condition that are tried.
const MAX_GOALS: usize = 256;
/// Values of a field of tests of several fields that are tried.
const MAX_TRIED: usize = 4;
/// The most tests of a condition.
const MAX_TESTS: usize = 3_000;

/// What is known of an event before its query is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// Fields that have these values.
    pub(crate) fixed: IndexMap<String, Json>,
    /// Fields that must have a value, whatever it is.
    pub(crate) needed: Vec<FieldRef>,
}

/// An event as the values of its fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Draft {
    /// Null for a field that must not be there.
    pub(crate) fields: IndexMap<String, Json>,
    /// Queries of which an event must stand above the process of this one.
    pub(crate) above: Vec<EventQuery>,
}

/// Why a query has no event.
#[derive(Clone, Debug)]
pub(crate) enum NoEvent {
    /// It is proven: one contradiction for each way to satisfy it.
    Never(Vec<Contradiction>),
    Unknown(Reason),
}

impl Tools<'_> {
    /// Events that satisfy a query: one for each way to do it that has one, `limit` at most.
    pub(crate) fn events(
        &mut self,
        query: &EventQuery,
        given: &Given,
        limit: usize,
    ) -> Result<Vec<Draft>, NoEvent> {
        let prepared = prepare(query, &self.options.category_field);
        self.solve(query, &prepared, &[(&prepared.filter, true)], given, limit)
    }

    /// The same for other demands on the prepared condition than that it holds.
    pub(crate) fn solve(
        &mut self,
        query: &EventQuery,
        prepared: &Prepared,
        demands: &[Literal<'_>],
        given: &Given,
        limit: usize,
    ) -> Result<Vec<Draft>, NoEvent> {
        if prepared.filter.tests().len() > MAX_TESTS {
            return Err(NoEvent::Unknown(Reason::OutOfSteps));
        }
        self.scene.enter(&query.category);
        let above = &prepared.above;
        let (mut found, mut contradictions, mut unknown) = (Vec::new(), Vec::new(), false);
        let walked = each_goal(demands, MAX_GOALS, &mut |goal| {
            let draft = match self.event(query, goal, given) {
                Ok(fields) => Draft { fields, above: above.clone() },
                Err(NoValue::Never(found, conflict)) => {
                    contradictions.push(found);
                    return Visited::Never(conflict);
                }
                Err(NoValue::Unknown) => {
                    unknown = true;
                    return if self.languages.is_spent() { Visited::Stop } else { Visited::Next };
                }
            };
            if !found.contains(&draft) {
                found.push(draft);
            }
            if found.len() >= limit { Visited::Stop } else { Visited::Next }
        });
        if !found.is_empty() {
            return Ok(found);
        }
        if walked.complete && !unknown && prepared.exact {
            contradictions.extend(walked.opposites);
            contradictions.dedup();
            return Err(NoEvent::Never(contradictions));
        }
        Err(NoEvent::Unknown(self.reason()))
    }

    fn event(
        &mut self,
        query: &EventQuery,
        goal: &Goal<'_>,
        given: &Given,
    ) -> Result<IndexMap<String, Json>, NoValue> {
        let split = Split::of(goal, &given.needed);
        let mut chosen = given.fixed.clone();
        chosen.extend(source_of(&query.category));
        self.scene.begin(&chosen);
        let order = split.crossing_fields();
        for (path, field_goal) in &split.fields {
            match chosen.get(*path) {
                Some(fixed) => {
                    if evaluate::accepted(self, field_goal, vec![fixed.clone()]).is_empty() {
                        return Err(NoValue::Unknown);
                    }
                }
                None => {
                    let values = field::values(self, field_goal).inspect_err(|_| {
                        let span = field_goal.tests().next().map_or(field_goal.field.span, |test| test.span);
                        self.stuck = Some(((*path).to_owned(), span));
                    })?;
                    if let Some(value) = values.into_iter().next().filter(|_| !order.contains(path)) {
                        self.scene.decide(path, &value);
                        chosen.insert((*path).to_owned(), value);
                    }
                }
            }
        }
        for (name, value) in split.searched(&mut self.languages) {
            chosen.entry(name).or_insert(value);
        }
        // Whether the category must be that of the query stands in the goal.
        let asked = EventQuery { category: Category::Any, filter: condition(goal) };
        let order: Vec<&str> = order.into_iter().filter(|path| !chosen.contains_key(*path)).collect();
        let backwards: Vec<&str> = order.iter().rev().copied().collect();
        for order in [&order, &backwards] {
            let mut chosen = chosen.clone();
            if self.assign(&asked, &split, order, &mut chosen) {
                self.tidy(&asked, given, &mut chosen);
                return Ok(chosen);
            }
            if order.len() < 2 {
                break;
            }
        }
        Err(NoValue::Unknown)
    }

    /// Gives values to the fields of tests of several fields, one after the other. Whether the event satisfies the
    /// query then.
    fn assign(
        &mut self,
        asked: &EventQuery,
        split: &Split<'_>,
        order: &[&str],
        chosen: &mut IndexMap<String, Json>,
    ) -> bool {
        let Some((path, behind)) = order.split_first() else { return self.holds(asked, chosen) };
        let Some(own) = split.fields.get(*path) else { return false };
        let tests = tests_beside(split, own.field, chosen);
        for equal in [true, false] {
            let others: Vec<Test> =
                if equal { tests_of_equals(split, own.field, chosen) } else { Vec::new() };
            if equal && others.is_empty() {
                continue;
            }
            let mut goal = own.clone();
            for (test, wanted) in &tests {
                if *wanted { goal.wanted.push(test) } else { goal.refused.push(test) }
            }
            goal.wanted.extend(&others);
            let values = field::values(self, &goal).unwrap_or_default();
            for value in values.into_iter().take(MAX_TRIED) {
                if self.languages.is_spent() {
                    return false;
                }
                chosen.insert((*path).to_owned(), value);
                if self.assign(asked, split, behind, chosen) {
                    return true;
                }
            }
        }
        chosen.shift_remove(*path);
        false
    }

    /// Whether an event satisfies a query.
    fn holds(&mut self, asked: &EventQuery, fields: &IndexMap<String, Json>) -> bool {
        self.languages.take(asked.filter.tests().len().saturating_mul(4));
        let event = Event::from_json(to_json(fields.iter()), 0);
        event.is_some_and(|event| !evaluate::matching(asked, &[event], self.options).is_empty())
    }

    /// Makes values agree that events hold twice, as a path and its last part, where the query lets them.
    fn tidy(&mut self, asked: &EventQuery, given: &Given, chosen: &mut IndexMap<String, Json>) {
        for (whole, part) in crate::scene::PARTS {
            let (Some(Json::String(path)), Some(Json::String(name))) =
                (chosen.get(*whole), chosen.get(*part))
            else {
                continue;
            };
            let (last, folder) = split_path(path);
            if last == name {
                continue;
            }
            let changes = [(*part, last.to_owned()), (*whole, format!("{folder}{name}"))];
            for (field, value) in changes {
                if given.fixed.contains_key(field) {
                    continue;
                }
                let mut other = chosen.clone();
                other.insert(field.to_owned(), Json::from(value));
                if self.holds(asked, &other) {
                    *chosen = other;
                    break;
                }
            }
        }
        self.tidy_extension(asked, given, chosen);
    }

    /// Gives a file the extension that the event says it has, where the query lets it.
    fn tidy_extension(&mut self, asked: &EventQuery, given: &Given, chosen: &mut IndexMap<String, Json>) {
        let Some(Json::String(extension)) = chosen.get("file.extension") else { return };
        let behind = format!(".{extension}");
        let mut other = chosen.clone();
        for path in ["file.path", "file.name"] {
            if let Some(Json::String(text)) = other.get_mut(path)
                && !text.ends_with(&behind)
                && !given.fixed.contains_key(path)
            {
                text.push_str(&behind);
            }
        }
        if other != *chosen && self.holds(asked, &other) {
            *chosen = other;
        }
    }
}

fn split_path(path: &str) -> (&str, &str) {
    let last = path.rsplit(['\\', '/']).next().unwrap_or(path);
    (last, path.strip_suffix(last).unwrap_or_default())
}

/// Tests of several fields of which only one has no value yet, as tests of that.
fn tests_beside(split: &Split<'_>, field: &FieldRef, chosen: &IndexMap<String, Json>) -> Vec<(Test, bool)> {
    let mut found = Vec::new();
    for (test, wanted) in &split.crossing {
        let fields = fields_of(test);
        let own = fields.iter().any(|other| other.path == field.path);
        let others = fields.iter().filter(|other| other.path != field.path);
        if own && others.clone().all(|other| chosen.contains_key(other.path.as_str())) {
            let value = |owner: Option<&eqlc_ir::Owner>, of: &FieldRef| {
                if owner.is_some() || of.path == field.path {
                    return None;
                }
                Some(chosen.get(of.path.as_str()).and_then(literal).unwrap_or(eqlc_ir::Literal::Null))
            };
            found.push((bound_test(test, &value), *wanted));
        }
    }
    found
}

/// What tests ask of fields that must be equal to one, as tests of that.
fn tests_of_equals(split: &Split<'_>, field: &FieldRef, chosen: &IndexMap<String, Json>) -> Vec<Test> {
    let mut found = Vec::new();
    for equal in split.equals_of(&field.path) {
        let goal =
            split.fields.get(equal.path.as_str()).filter(|_| !chosen.contains_key(equal.path.as_str()));
        for test in goal.into_iter().flat_map(|goal| &goal.wanted) {
            found.push(renamed(test, &equal.path, field));
        }
    }
    found
}

/// The fields that tell the log source of an event.
fn source_of(category: &Category) -> Vec<(String, Json)> {
    let Category::LogSource(LogSource { product, category, service }) = category else { return Vec::new() };
    let parts =
        [("logsource.product", product), ("logsource.category", category), ("logsource.service", service)];
    parts
        .into_iter()
        .filter_map(|(path, part)| Some((path.to_owned(), Json::from(part.as_deref()?))))
        .collect()
}

/// The document with these fields.
pub(crate) fn to_json<'a>(fields: impl Iterator<Item = (&'a String, &'a Json)>) -> Json {
    let mut document = Map::new();
    for (path, value) in fields {
        document::put(&mut document, path, value.clone());
    }
    Json::Object(document)
}
