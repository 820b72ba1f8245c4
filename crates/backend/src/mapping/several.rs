//! Queries that several sources answer together.
//!
//! A source delivers some of the events that a query asks for: those of one category, or of one action. Where the rows
//! of sources are known ([`Rows`]), those beside the chosen one that deliver what it misses are asked too. A query of
//! several sources is one of any event, whose condition holds for each source what it asks there, under a test of
//! [`SOURCE`]; [`split`] takes it apart again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Code, Diagnostic, Span};
use eqlc_ir::{
    Case, Category, EventQuery, FieldRef, FieldType, Key, Literal, LogSource, Op, Pred, Scalar, normalise,
};
use indexmap::{IndexMap, IndexSet};

use super::data::{Rows, Source};
use super::rewrite::{Pass, first_span};
use super::source::{CATEGORY, SYSTEM, missed, texts, unserved, with_constants};
use crate::{Direction, Loss};

/// The field of a query of several sources that says which of them an event is from: the text of its log source.
pub const SOURCE: &str = "@source";

/// Fields whose values belong to a category.
const CROSSED: [&str; 2] = ["event.type", "event.action"];
/// Losses of a part of the condition.
const LEFT_OUT: [Code; 2] = [losses::EXCLUSION_DROPPED, losses::ALTERNATIVE_DROPPED];

/// The sources of a mapped query, each with what is asked of its events.
#[must_use]
pub fn split(query: &EventQuery) -> Vec<(LogSource, Cow<'_, Pred>)> {
    if let Category::LogSource(source) = &query.category {
        return vec![(source.clone(), Cow::Borrowed(&query.filter))];
    }
    let tests = query.filter.tests();
    let of_source = |field: &FieldRef| field.path == SOURCE;
    let named = tests.into_iter().filter(|test| test.subject.as_field().is_some_and(of_source));
    let names: IndexSet<&str> = named.flat_map(|test| texts(&test.op)).collect();
    let part = |name: &str| {
        let from = IndexMap::from([(SOURCE.to_owned(), vec![name.to_owned()])]);
        (log_source(name), Cow::Owned(with_constants(&query.filter, &from)))
    };
    names.into_iter().map(part).collect()
}

/// The log source of this text.
fn log_source(name: &str) -> LogSource {
    let mut parts = name.split('/').map(|part| Some(part).filter(|part| *part != "*").map(str::to_owned));
    let mut next = || parts.next().flatten();
    LogSource { product: next(), category: next(), service: next() }
}

/// A source that answers a part of a query.
struct Part<'a> {
    source: &'a Source,
    rows: &'a Rows,
    filter: Pred,
}

/// Values of fields of events that a query matches and a source does not deliver.
type Missing<'q> = Vec<(&'q str, Vec<&'q str>)>;

/// The sources that are asked so far.
struct Union<'a, 'q> {
    parts: Vec<Part<'a>>,
    /// Those of the parts, and others with the rows of one; with what each misses.
    asked: Vec<(&'a Source, Missing<'q>)>,
}

impl<'a> Pass<'a> {
    /// Adds to a query that is mapped for its first source what other candidates deliver and it misses, and records
    /// what none delivers. Gives back every source that is asked.
    pub(super) fn beside(
        &mut self,
        (asked, keys): (&EventQuery, &[Key]),
        mapped: &mut EventQuery,
        first: &'a Source,
        candidates: &[&'a Source],
    ) -> Vec<&'a Source> {
        if first.rows.is_some() && mapped.filter == Pred::Const(false) {
            let message = format!("no event of the source `{}` can satisfy this query", first.log_source);
            let refusal = Diagnostic::error(targets::CONTENT_REFUSED, message)
                .at(first_span(&asked.filter), "from here on it asks for what they never have");
            self.refuse(refusal);
        }
        let mut union = Union { parts: Vec::new(), asked: vec![(first, missing(first, asked))] };
        if let (Some(rows), true) = (&first.rows, mapped.filter != Pred::Const(false)) {
            union.parts.push(Part { source: first, rows, filter: mapped.filter.clone() });
            let of_keys = self.keys_alone(keys, first);
            for candidate in candidates {
                if union.lacks(candidate)
                    && self.keys_alone(keys, candidate) == of_keys
                    && self.has_keys(keys, candidate)
                {
                    self.add(asked, candidate, &mut union);
                }
            }
        }
        self.misses(asked, &union.asked);
        self.crossed(asked, &union.asked);
        if union.parts.len() > 1 {
            mapped.category = Category::Any;
            mapped.filter = self.joined(union.parts);
        } else if let Some(part) = union.parts.pop() {
            mapped.filter = part.filter;
        }
        union.asked.into_iter().map(|(source, _)| source).collect()
    }

    fn keys_alone(&self, keys: &[Key], source: &Source) -> Vec<String> {
        let mapped = Pass::new(self.map, self.settings).keys(keys, &[source], &BTreeSet::new());
        mapped.into_iter().map(|key| key.field.path.to_string()).collect()
    }

    /// Adds a candidate whose rows are those of a source that is asked already, or no row of any.
    fn add<'q>(&mut self, asked: &'q EventQuery, candidate: &'a Source, union: &mut Union<'a, 'q>)
    where
        'a: 'q,
    {
        let Some(rows) = &candidate.rows else { return };
        let mut trial = Pass::new(self.map, self.settings);
        let query = trial.rewrite(asked, candidate);
        let (losses, refused) = trial.finish();
        // What a source leaves out of the condition would find more of its events than of the first one's.
        let left_out = |loss: &Loss| LEFT_OUT.contains(&loss.code);
        if !refused.is_empty() || query.filter == Pred::Const(false) || losses.iter().any(left_out) {
            return;
        }
        if let Some(part) = union.parts.iter_mut().find(|part| part.rows.is_same(rows)) {
            let both = Pred::Any(vec![part.filter.clone(), query.filter]);
            part.filter = normalise::normalise_pred(both);
        } else if union.parts.iter().all(|part| part.rows.is_apart(rows)) {
            union.parts.push(Part { source: candidate, rows, filter: query.filter });
        } else {
            return;
        }
        union.asked.push((candidate, missing(candidate, asked)));
        losses.into_iter().for_each(|loss| self.lose(loss));
    }

    /// One condition on the events of all parts.
    fn joined(&self, parts: Vec<Part<'a>>) -> Pred {
        let from = |source: &Source| {
            let field = FieldRef {
                path: SOURCE.into(),
                taxonomy: self.map.taxonomy.clone(),
                ty: FieldType::Keyword,
                optional: false,
                span: Span::default(),
            };
            let name = Literal::Str(source.log_source.to_string().into());
            Pred::test(Scalar::Field(field), Op::OneOf(vec![name], Case::Sensitive), Span::default())
        };
        let each = parts.into_iter().map(|part| Pred::All(vec![from(part.source), part.filter]));
        normalise::normalise_pred(Pred::Any(each.collect()))
    }

    /// Records the events that match the query and that no source delivers.
    fn misses(&mut self, asked: &EventQuery, sources: &[(&Source, Missing<'_>)]) {
        let mut found: IndexMap<&str, (IndexSet<&str>, IndexSet<String>)> = IndexMap::new();
        for (source, missing) in sources {
            for (field, values) in missing {
                let lost =
                    |value: &&str| !sources.iter().any(|(other, _)| delivers(other, source, field, value));
                let lost: Vec<&str> = values.iter().copied().filter(lost).collect();
                if !lost.is_empty() {
                    let (values, names) = found.entry(field).or_default();
                    values.extend(lost);
                    names.insert(format!("`{}`", source.log_source));
                }
            }
        }
        for (field, (values, names)) in found {
            let values: Vec<&str> = values.into_iter().collect();
            let names: Vec<String> = names.into_iter().collect();
            let noun = if names.len() == 1 { "source" } else { "sources" };
            let why = format!(
                "events with `{field}` {} match the rule and are not in the {noun} {}",
                values.join(", "),
                names.join(", ")
            );
            self.source_loss(losses::SOURCE_COVERS_LESS, Direction::Narrower, field, asked, why);
        }
    }
}

impl Pass<'_> {
    /// Records the events that match the query and have the category of one source and a constant of another: no source
    /// delivers them.
    fn crossed(&mut self, asked: &EventQuery, sources: &[(&Source, Missing<'_>)]) {
        let of_another = |source: &Source, other: &Source| {
            !source.category.iter().any(|category| other.category.contains(category))
        };
        let mut found: IndexSet<&str> = IndexSet::new();
        let tested = asked.filter.fields();
        let is_crossed = |field: &str| CROSSED.contains(&field) && tested.iter().any(|own| own.path == field);
        for (source, missing) in sources {
            let others = sources.iter().filter(|(other, _)| of_another(source, other));
            let constants = others.flat_map(|(other, _)| &other.constants);
            for (field, values) in constants.filter(|(field, _)| is_crossed(field)) {
                let known = |value: &str| {
                    sources.iter().any(|(other, _)| delivers(other, source, field, value))
                        || missing.iter().any(|(missed, list)| missed == field && list.contains(&value))
                };
                let matches = |value: &String| {
                    let mut crossed = source.constants.clone();
                    crossed.insert(field.clone(), vec![value.clone()]);
                    with_constants(&asked.filter, &crossed) != Pred::Const(false)
                };
                if values.iter().any(|value| !known(value) && matches(value)) {
                    found.insert(field);
                }
            }
        }
        let Some(first) = found.first().copied() else { return };
        let fields: Vec<String> = found.into_iter().map(|field| format!("`{field}`")).collect();
        let why = format!(
            "events with the `{CATEGORY}` of one source and the {} of another match the rule and are in neither",
            fields.join(" or ")
        );
        self.source_loss(losses::SOURCE_COVERS_LESS, Direction::Narrower, first, asked, why);
    }
}

impl Union<'_, '_> {
    /// Whether a candidate is not asked yet and delivers what a source misses that is, and no other does.
    fn lacks(&self, candidate: &Source) -> bool {
        if candidate.rows.is_none() || self.asked.iter().any(|(own, _)| std::ptr::eq(*own, candidate)) {
            return false;
        }
        let adds = |own: &Source, field: &str, value: &str| {
            let known = self.asked.iter().any(|(other, _)| delivers(other, own, field, value));
            !known && delivers(candidate, own, field, value)
        };
        self.asked.iter().any(|(own, missing)| {
            missing.iter().any(|(field, values)| values.iter().any(|value| adds(own, field, value)))
        })
    }
}

/// Values of fields of events that the query matches and the source does not deliver.
fn missing<'s>(source: &'s Source, query: &'s EventQuery) -> Missing<'s> {
    missed(source, &query.filter).into_iter().chain(unserved(source, query)).collect()
}

/// Whether a source delivers the events with this value that another one of the same system misses: all of them, not
/// some.
fn delivers(source: &Source, other: &Source, field: &str, value: &str) -> bool {
    let holds = |values: &[String]| values.iter().any(|own| own.eq_ignore_ascii_case(value));
    let same_system = source.constants.get(SYSTEM) == other.constants.get(SYSTEM);
    let same_category = || {
        let shared = source.category.iter().any(|own| other.category.contains(own));
        source.category.is_empty() || other.category.is_empty() || shared
    };
    let stands = |known: &IndexMap<String, Vec<String>>| known.get(field).is_some_and(|own| holds(own));
    same_system
        && !stands(&source.misses)
        && match field {
            SYSTEM => false,
            CATEGORY => holds(&source.category) || stands(&source.constants),
            _ => same_category() && (stands(&source.constants) || stands(&source.asked_by)),
        }
}
