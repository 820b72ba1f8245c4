//! A way to satisfy a condition, by the fields that its tests name.

use eqlc_ir::{Anywhere, FieldRef, Function, Op, Pred, Scalar, Test};
use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::field::{FieldGoal, fill};
use crate::goal::{Atom, Goal};
use crate::language::{Example, Languages};
use crate::texts;

/// States that a search for a text that stands anywhere may look at.
const STATES: usize = 3_000;

/// A goal by fields.
pub(crate) struct Split<'a> {
    /// What the tests of one field ask of it, and of those of several fields nothing yet.
    pub(crate) fields: IndexMap<&'a str, FieldGoal<'a>>,
    /// Tests of several fields.
    pub(crate) crossing: Vec<(&'a Test, bool)>,
    /// Searches for text in any field that must find something.
    pub(crate) searches: Vec<&'a Anywhere>,
}

impl<'a> Split<'a> {
    pub(crate) fn of(goal: &Goal<'a>, needed: &'a [FieldRef]) -> Self {
        let mut split = Self { fields: IndexMap::new(), crossing: Vec::new(), searches: Vec::new() };
        for (atom, wanted) in goal {
            match atom {
                Atom::Test(test) => split.test(test, *wanted),
                Atom::Anywhere(anywhere) if *wanted => split.searches.push(anywhere),
                // Refused ones hold of an event without the array, or without such values.
                Atom::Anywhere(_) | Atom::Element(_) | Atom::Descendant(_) => {}
            }
        }
        for field in needed {
            split.field(field).needed = Some(field.span);
        }
        split
    }

    fn field(&mut self, field: &'a FieldRef) -> &mut FieldGoal<'a> {
        self.fields.entry(field.path.as_str()).or_insert_with(|| FieldGoal::of(field))
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
                    self.field(field);
                }
                self.crossing.push((test, wanted));
            }
        }
    }

    /// The fields of tests of several, in an order in which those that are made from others come behind them.
    pub(crate) fn crossing_fields(&self) -> Vec<&'a str> {
        let mut ranks: IndexMap<&'a str, usize> = IndexMap::new();
        for field in self.crossing.iter().flat_map(|(test, _)| fields_of(test)) {
            ranks.entry(field.path.as_str()).or_insert(0);
        }
        for _ in 0..ranks.len() {
            for (test, _) in &self.crossing {
                let Some((made, from)) = made_from(test) else { continue };
                let from = from.iter().filter(|field| field.path != made.path);
                let behind = from.filter_map(|field| ranks.get(field.path.as_str())).max().copied();
                if let (Some(behind), Some(rank)) = (behind, ranks.get_mut(made.path.as_str())) {
                    *rank = (*rank).max(behind + 1);
                }
            }
        }
        let mut ordered: Vec<(&str, usize)> = ranks.into_iter().collect();
        ordered.sort_by_key(|(_, rank)| *rank);
        ordered.into_iter().map(|(path, _)| path).collect()
    }

    /// The fields that must be equal to one.
    pub(crate) fn equals_of(&self, path: &str) -> Vec<&'a FieldRef> {
        let mut found = Vec::new();
        for (test, wanted) in &self.crossing {
            let (Scalar::Field(left), Op::Compare(comparison, Scalar::Field(right))) =
                (&test.subject, &test.op)
            else {
                continue;
            };
            let wanted = &(*wanted && comparison.is_equality());
            if *wanted && left.path == path {
                found.push(right);
            } else if *wanted && right.path == path {
                found.push(left);
            }
        }
        found
    }

    /// Values, under names of their own, in which the searches find what they ask for.
    pub(crate) fn searched(&self, languages: &mut Languages) -> Vec<(String, Json)> {
        let mut found: Vec<(String, Json)> = Vec::new();
        for anywhere in &self.searches {
            let text = match &anywhere.op {
                Op::Text(patterns, _) => patterns.first().map(fill::of_pattern),
                op => texts::results(languages, op).and_then(|set| match languages.example(set, STATES) {
                    Example::Text(text) => Some(text),
                    Example::Never | Example::Unknown => None,
                }),
            };
            if let Some(text) = text {
                let name =
                    if found.is_empty() { "message".to_owned() } else { format!("message{}", found.len()) };
                found.push((name, Json::from(text)));
            }
        }
        found
    }
}

/// The goal as a condition. Processes above are not of the event.
pub(crate) fn condition(goal: &Goal<'_>) -> Pred {
    let preds = goal.iter().filter_map(|(atom, wanted)| {
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

/// The fields of a test, repeats included.
pub(crate) fn fields_of(test: &Test) -> Vec<&FieldRef> {
    let mut fields = test.subject.fields();
    if let Op::Compare(_, right) = &test.op {
        fields.extend(right.fields());
    }
    fields
}

/// The field that a test is easiest satisfied with once the others have values, and those others.
fn made_from(test: &Test) -> Option<(&FieldRef, Vec<&FieldRef>)> {
    match (&test.subject, &test.op) {
        (
            Scalar::Call {
                function: Function::StartsWith | Function::EndsWith | Function::StringContains,
                args,
                ..
            },
            Op::IsTrue,
        ) => match args.as_slice() {
            [Scalar::Field(made), part] => Some((made, part.fields())),
            [whole, Scalar::Field(made)] => Some((made, whole.fields())),
            _ => None,
        },
        (Scalar::Field(made), Op::Compare(_, right)) if !matches!(right, Scalar::Field(_)) => {
            Some((made, right.fields()))
        }
        _ => None,
    }
}
