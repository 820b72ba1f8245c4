//! One event that satisfies a query.

use std::ops::ControlFlow;

use eqlc_backend_native::reference::RunOptions;
use eqlc_events::Event;
use eqlc_ir::{
    Category, Comparison, EventQuery, FieldRef, Function, LogSource, Op, Pred, Scalar, Taxonomy, Test,
};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::field::{self, Contradiction, FieldGoal, NoValue, Values};
use crate::goal::{Atom, Goal, each_goal};
use crate::language::{Chars, Languages, Set, Shortest};
use crate::prepare::{Prepared, prepare};
use crate::{document, evaluate, realistic, texts};

/// Ways to satisfy a condition that are tried.
const MAX_GOALS: usize = 256;
/// Events that are made for one way.
const MAX_EVENTS: usize = 400;
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) fields: IndexMap<String, Json>,
    /// Queries of which an event must stand above the process of this one.
    pub(crate) above: Vec<EventQuery>,
}

/// Why a query has no event.
#[derive(Clone, Debug)]
pub(crate) enum NoEvent {
    /// It is proven: one contradiction for each way to satisfy it.
    Never(Vec<Contradiction>),
    Unknown,
}

pub(crate) struct Solver<'o> {
    pub(crate) languages: Languages,
    pub(crate) options: &'o RunOptions,
}

impl Solver<'_> {
    /// Events that satisfy a query: one for each way to do it that has one, `limit` at most.
    pub(crate) fn events(
        &mut self,
        query: &EventQuery,
        given: &Given,
        limit: usize,
    ) -> Result<Vec<Draft>, NoEvent> {
        let Prepared { filter, above } = prepare(&query.filter);
        if filter.tests().len() > MAX_TESTS {
            return Err(NoEvent::Unknown);
        }
        let (mut found, mut contradictions, mut unknown) = (Vec::new(), Vec::new(), false);
        let complete = each_goal(&filter, MAX_GOALS, &mut |goal| {
            match self.event(query, goal, given) {
                Ok(fields) => found.push(Draft { fields, above: above.clone() }),
                Err(NoValue::Never(found)) => contradictions.push(found),
                Err(NoValue::Unknown) => unknown = true,
            }
            if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if !found.is_empty() {
            return Ok(found);
        }
        let proven = complete && !unknown && above.is_empty();
        Err(if proven { NoEvent::Never(contradictions) } else { NoEvent::Unknown })
    }

    fn event(
        &mut self,
        query: &EventQuery,
        goal: &Goal<'_>,
        given: &Given,
    ) -> Result<IndexMap<String, Json>, NoValue> {
        let split = Split::of(goal, given);
        let mut values: IndexMap<&str, Values> = IndexMap::new();
        for (path, field_goal) in &split.fields {
            let found = match given.fixed.get(*path) {
                Some(fixed) => self.fixed(field_goal, fixed)?,
                None => field::values(&mut self.languages, field_goal)?,
            };
            values.insert(path, found);
        }
        for (test, wanted) in &split.crossing {
            self.align(test, *wanted, &mut values);
        }
        self.first_that_holds(query, &split, &values, given).ok_or(NoValue::Unknown)
    }

    /// A value that was decided elsewhere.
    fn fixed(&mut self, goal: &FieldGoal<'_>, value: &Json) -> Result<Values, NoValue> {
        let kept = evaluate::accepted(goal.field, &goal.wanted, &goal.refused, vec![value.clone()]);
        if kept.is_empty() {
            return Err(NoValue::Unknown);
        }
        let texts = self.languages.all();
        Ok(Values { json: kept, texts })
    }

    /// Adds values to the fields of a test so that it holds, or does not.
    fn align(&mut self, test: &Test, wanted: bool, values: &mut IndexMap<&str, Values>) {
        let pair = match (&test.subject, &test.op) {
            (Scalar::Field(left), Op::Compare(Comparison::Equal, Scalar::Field(right))) => {
                Some((left, right, None))
            }
            (Scalar::Call { function, args, case }, Op::IsTrue) => match args.as_slice() {
                [Scalar::Field(left), Scalar::Field(right)] => Some((left, right, Some((*function, *case)))),
                _ => None,
            },
            _ => None,
        };
        let Some((left, right, call)) = pair else { return };
        let (Some(a), Some(b)) = (values.get(left.path.as_str()), values.get(right.path.as_str())) else {
            return;
        };
        let (a, b) = (a.clone(), b.clone());
        match call {
            None if wanted => {
                let both = self.languages.and([a.texts, b.texts]);
                let text = self.text_of(both);
                let same: Vec<Json> = a.json.iter().filter(|value| b.json.contains(value)).cloned().collect();
                let shared: Vec<Json> = text.into_iter().chain(same).collect();
                // Values of other types are tried as they are: what does not fit is turned down in the end.
                let shared =
                    if shared.is_empty() { b.json.iter().chain(&a.json).cloned().collect() } else { shared };
                prefer(values, &left.path, &shared);
                prefer(values, &right.path, &shared);
            }
            None => {}
            Some((function, case)) => {
                let parts = b.json.iter().filter_map(Json::as_str).filter(|part| !part.is_empty());
                for part in parts.map(str::to_owned).collect::<Vec<_>>() {
                    let Some(set) = texts::affix(&mut self.languages, function, &part, case) else { return };
                    let set = if wanted { set } else { self.languages.not(set) };
                    let left_over = self.languages.and([a.texts, set]);
                    if let Some(text) = self.text_of(left_over) {
                        prefer(values, &left.path, &[text]);
                        prefer(values, &right.path, &[Json::from(part)]);
                        return;
                    }
                }
                if let (Function::StringContains, false) = (function, wanted) {
                    prefer(values, &right.path, &[Json::from("~")]);
                }
            }
        }
    }

    fn text_of(&mut self, set: Set) -> Option<Json> {
        let empty = self.languages.text("", Chars::one);
        let not_empty = self.languages.not(empty);
        let filled = self.languages.and([set, not_empty]);
        match self.languages.shortest(filled, 2_000) {
            Shortest::Text(text) => Some(Json::from(text)),
            Shortest::Never | Shortest::Unknown => None,
        }
    }

    /// Tries the values of all fields with each other, those that stand first first.
    fn first_that_holds(
        &self,
        query: &EventQuery,
        split: &Split<'_>,
        values: &IndexMap<&str, Values>,
        given: &Given,
    ) -> Option<IndexMap<String, Json>> {
        let crossing: Vec<&str> = split.crossing_fields();
        let mut drafts: Vec<IndexMap<String, Json>> = Vec::new();
        for choice in choices(values, &crossing) {
            let fields = values.iter().zip(choice).filter_map(|((path, values), at)| {
                let value = values.json.get(at)?;
                Some(((*path).to_owned(), value.clone()))
            });
            let mut draft: IndexMap<String, Json> = fields.collect();
            draft.extend(split.extra.iter().map(|(path, value)| (path.clone(), value.clone())));
            for (path, value) in &given.fixed {
                draft.entry(path.clone()).or_insert_with(|| value.clone());
            }
            drafts.push(draft);
        }
        let events: Vec<Event> = drafts
            .iter()
            .enumerate()
            .filter_map(|(at, draft)| to_event(draft, &query.category, self.options, at))
            .collect();
        // Variables, earlier steps and processes above are not of this event: `prepare` put their part aside.
        let asked = EventQuery { category: query.category.clone(), filter: split.condition() };
        let kept = evaluate::matching(&asked, &events, self.options);
        kept.into_iter().next().and_then(|at| drafts.into_iter().nth(at))
    }
}

/// Puts values before the others of a field.
fn prefer(values: &mut IndexMap<&str, Values>, path: &str, first: &[Json]) {
    let Some(values) = values.get_mut(path) else { return };
    let rest = values.json.drain(..).filter(|value| !first.contains(value)).collect::<Vec<_>>();
    values.json = first.iter().cloned().chain(rest).take(field::MAX_VALUES * 2).collect();
}

/// Which value each field takes: the first of each, then others of the fields that `vary`.
fn choices(values: &IndexMap<&str, Values>, vary: &[&str]) -> Vec<Vec<usize>> {
    let mut found = vec![vec![0; values.len()]];
    for (place, (path, values)) in values.iter().enumerate() {
        if !vary.contains(path) {
            continue;
        }
        let mut more = Vec::new();
        for at in 1..values.json.len() {
            for choice in &found {
                let mut other = choice.clone();
                if let Some(slot) = other.get_mut(place) {
                    *slot = at;
                }
                more.push(other);
            }
        }
        found.extend(more);
        found.sort_by_key(|choice| choice.iter().sum::<usize>());
        found.truncate(MAX_EVENTS);
    }
    found
}

/// A goal by the fields that its tests name.
struct Split<'a> {
    fields: IndexMap<&'a str, FieldGoal<'a>>,
    /// Tests of several fields, or of one that no set of values answers by itself.
    crossing: Vec<(&'a Test, bool)>,
    /// Values that searches in all fields ask for.
    extra: Vec<(String, Json)>,
    goal: &'a Goal<'a>,
}

impl<'a> Split<'a> {
    fn of(goal: &'a Goal<'a>, given: &'a Given) -> Self {
        let mut split = Self { fields: IndexMap::new(), crossing: Vec::new(), extra: Vec::new(), goal };
        for (atom, wanted) in goal {
            match atom {
                Atom::Test(test) => split.test(test, *wanted),
                Atom::Anywhere(anywhere) if *wanted => split.search(&anywhere.op, goal.len()),
                // Refused ones hold of an event without the array, or without such values.
                Atom::Anywhere(_) | Atom::Element(_) | Atom::Descendant(_) => {}
            }
        }
        for field in &given.needed {
            split.field(field).needed = true;
        }
        split
    }

    fn field(&mut self, field: &'a FieldRef) -> &mut FieldGoal<'a> {
        self.fields.entry(field.path.as_str()).or_insert_with(|| FieldGoal {
            field,
            wanted: Vec::new(),
            refused: Vec::new(),
            needed: false,
        })
    }

    fn test(&mut self, test: &'a Test, wanted: bool) {
        let fields = fields_of(test);
        match fields.as_slice() {
            [] => {}
            [first, rest @ ..] if rest.iter().all(|field| field.path == first.path) => {
                let goal = self.field(first);
                if wanted { goal.wanted.push(test) } else { goal.refused.push(test) }
            }
            several => {
                for field in several {
                    self.field(field).needed |= wanted;
                }
                self.crossing.push((test, wanted));
            }
        }
    }

    fn search(&mut self, op: &Op, among: usize) {
        let mut languages = Languages::new();
        let field = FieldRef {
            path: "message".to_owned(),
            taxonomy: Taxonomy::Ecs,
            ty: eqlc_ir::FieldType::Keyword,
            optional: false,
            span: eqlc_diagnostics::Span::default(),
        };
        let test =
            Test { subject: Scalar::Field(field), op: op.clone(), span: eqlc_diagnostics::Span::default() };
        let Some(set) = texts::set_of(&mut languages, &test) else { return };
        if let Shortest::Text(text) = languages.shortest(set, 2_000) {
            let name = if self.extra.is_empty() { "message".to_owned() } else { format!("message{among}") };
            let name = if self.extra.iter().any(|(taken, _)| *taken == name) {
                format!("message{}", self.extra.len())
            } else {
                name
            };
            self.extra.push((name, Json::from(text)));
        }
    }

    fn crossing_fields(&self) -> Vec<&'a str> {
        let fields = self.crossing.iter().flat_map(|(test, _)| fields_of(test));
        let mut paths: Vec<&str> = fields.map(|field| field.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The goal as a condition.
    fn condition(&self) -> Pred {
        let preds = self.goal.iter().filter_map(|(atom, wanted)| {
            let pred = match atom {
                Atom::Test(test) => Pred::Test((*test).clone()),
                Atom::Anywhere(anywhere) => Pred::Anywhere((*anywhere).clone()),
                Atom::Element(element) => Pred::Element((*element).clone()),
                Atom::Descendant(_) => return None,
            };
            Some(if *wanted { pred } else { pred.not() })
        });
        Pred::All(preds.collect())
    }
}

fn fields_of(test: &Test) -> Vec<&FieldRef> {
    let mut fields = test.subject.fields();
    if let Op::Compare(_, right) = &test.op {
        fields.extend(right.fields());
    }
    fields
}

/// The event with these fields, of the category, and what else events have.
pub(crate) fn to_event(
    fields: &IndexMap<String, Json>,
    category: &Category,
    options: &RunOptions,
    ordinal: usize,
) -> Option<Event> {
    Event::from_json(to_json(fields, category, options), ordinal)
}

pub(crate) fn to_json(fields: &IndexMap<String, Json>, category: &Category, options: &RunOptions) -> Json {
    let mut document = Map::new();
    for (path, value) in fields {
        document::put(&mut document, path, value.clone());
    }
    let mut add = |path: &str, value: Json| {
        if !fields.keys().any(|taken| document::touches(taken, path)) {
            document::put(&mut document, path, value);
        }
    };
    match category {
        Category::Any => {}
        Category::OneOf(names) => {
            if let Some(name) = names.first() {
                add(&options.category_field, Json::from(name.value.as_str()));
            }
        }
        Category::LogSource(LogSource { product, category, service }) => {
            for (path, part) in [
                ("logsource.product", product),
                ("logsource.category", category),
                ("logsource.service", service),
            ] {
                if let Some(part) = part {
                    add(path, Json::from(part.as_str()));
                }
            }
        }
    }
    if !matches!(category, Category::LogSource(_)) {
        for path in ["host.id", "host.name", "agent.id"] {
            if let Some(value) = realistic::value(path) {
                add(path, value);
            }
        }
    }
    Json::Object(document)
}
