//! The other way round: log sources and their fields to ECS.
//!
//! A rule of a log source names the events of one product in the words of that product. Documents of ECS hold
//! them as a producer (an agent or an integration) writes them: [`serving`] finds the entry of the log source, its
//! marks become tests, and each field is looked up where the documents have its value, in [`homes`]. A
//! value that stands in one of several places is looked for in each.
//!
//! A field that is not of ECS, and one that another producer has elsewhere, need not be mapped in every index:
//! it is marked optional, as is a field that is asked whether it is null. Fields of ECS are not.
//!
//! Fields that have names of ECS already are those of the documents. A target that has none looks them up in
//! [`named`].

mod account;
mod asked;
mod finish;
mod hashes;
mod homes;
mod named;
mod registry;
mod url;
mod values;

use eqlc_diagnostics::codes::losses;
use eqlc_diagnostics::{Node, Span};
use eqlc_ir::{
    Case, Category, EventQuery, FieldRef, FieldType, GroupKey, Literal, LogSource, Op, Pred, Scalar,
    Taxonomy, normalise,
};
use eqlc_schema::{Origin, Schema};
use indexmap::IndexMap;

use super::data::{EventMap, Source};
use super::rewrite::{Pass, Position, Urls, first_span};
use crate::Loss;

impl<'a> Pass<'a> {
    /// A query over a log source rewritten for the entry that serves it.
    pub(super) fn logged_query(&mut self, query: &EventQuery, source: &'a Source) -> EventQuery {
        let Category::LogSource(log_source) = &query.category else { return query.clone() };
        let span = first_span(&query.filter);
        let part_loss = source.part_loss.iter().filter(|_| named(log_source) > named(&source.log_source));
        for loss in source.loss.iter().chain(part_loss) {
            let place = log_source.to_string();
            let (direction, why) = (loss.direction, loss.why.clone());
            self.lose(Loss { code: losses::APPROXIMATE_SOURCE, direction, span, place, why });
        }
        let before = self.outcome();
        let mut mapped = self.pred(&query.filter, source, Position::TOP);
        if self.urls.are_asked_for {
            self.back_to(before);
            self.urls.whole = true;
            mapped = self.pred(&query.filter, source, Position::TOP);
        }
        self.urls = Urls::default();
        let mapped = normalise::normalise_pred(mapped);
        if query.filter != Pred::Const(true) && mapped == Pred::Const(true) {
            self.nothing_left(query);
        }
        let mut tests: Vec<Pred> = marks(source, span).into_iter().map(normalise::normalise_pred).collect();
        tests.push(mapped);
        let filter = finish::finished(tests, self.map.no_escape);
        EventQuery { category: self.delivered(source, span), filter }
    }

    /// What a mapped query looks at: categories of documents, or a log source of the target.
    fn delivered(&self, source: &Source, span: Span) -> Category {
        if self.map.taxonomy != Taxonomy::Ecs {
            return Category::LogSource(source.delivered_by.as_ref().unwrap_or(&source.log_source).clone());
        }
        match source.category.as_slice() {
            [] => Category::Any,
            names => Category::OneOf(names.iter().map(|name| Node::new(name.clone(), span)).collect()),
        }
    }

    /// The fields of a group in a correlation, each in the log source of its rule.
    /// An account gives two parts, the domain and the name.
    pub(super) fn group(&mut self, groups: Vec<GroupKey>, sources: &[Option<&'a Source>]) -> Vec<GroupKey> {
        let mut mapped = Vec::with_capacity(groups.len());
        for group in groups {
            // For each rule the fields that stand for this one.
            let mut counterparts = Vec::with_capacity(group.fields.len());
            for (field, source) in group.fields.iter().zip(sources) {
                let found = match source {
                    Some(source) if self.is_shared_by_all(field, source) => Vec::new(),
                    Some(source) if field.taxonomy != Taxonomy::Ecs || self.map.ecs.is_some() => {
                        let found = self.keys_of(field, source);
                        if found.is_empty() {
                            self.refuse_key(field, source);
                        }
                        found
                    }
                    _ => vec![field.clone()],
                };
                counterparts.push(found);
            }
            let width = counterparts.iter().map(Vec::len).min().unwrap_or(0);
            if counterparts.iter().any(|found| found.len() > width && width > 0)
                && let Some((field, Some(source))) = group.fields.iter().zip(sources).next()
            {
                // One rule has an account in two fields, another in one.
                self.refuse_key(field, source);
            }
            for part in 0..width {
                let fields = counterparts.iter().filter_map(|found| found.get(part)).cloned();
                mapped.push(part_of_group(&group.name, fields.collect()));
            }
        }
        mapped
    }
}

/// A part of a group: without an alias it has the name of its field.
fn part_of_group(name: &str, fields: Vec<FieldRef>) -> GroupKey {
    let first = fields.first().map(|field| field.path.clone());
    let same = first.filter(|path| fields.iter().all(|field| field.path == *path));
    let fields = fields.into_iter().map(|field| FieldRef { optional: false, ..field }).collect();
    GroupKey { name: same.unwrap_or_else(|| name.into()).to_string(), fields }
}

/// The entries that name most parts of the log source and no other part.
pub(super) fn serving<'a>(map: &'a EventMap, wanted: &LogSource) -> Vec<&'a Source> {
    let names_no_other = |own: &Option<String>, wanted: &Option<String>| match own.as_deref() {
        None | Some("") => true,
        Some(own) => wanted.as_deref() == Some(own),
    };
    let serves = |source: &&Source| {
        let own = &source.log_source;
        names_no_other(&own.service, &wanted.service) && names_no_other(&own.product, &wanted.product)
    };
    let mut found: Vec<&Source> =
        map.of_category(wanted.category.as_deref().unwrap_or_default()).filter(serves).collect();
    let most = found.iter().map(|source| named(&source.log_source)).max();
    found.retain(|source| Some(named(&source.log_source)) == most);
    found
}

/// The parts that a log source names.
fn parts(source: &LogSource) -> [Option<&str>; 3] {
    [&source.product, &source.category, &source.service]
        .map(|part| part.as_deref().filter(|part| !part.is_empty()))
}

/// How many parts a log source names.
fn named(source: &LogSource) -> usize {
    parts(source).into_iter().flatten().count()
}

/// The tests that pick out the events of a source.
fn marks(source: &Source, span: Span) -> Vec<Pred> {
    let constants = source.constants.iter().map(|(path, values)| has(path, values, span));
    let except = source.except.iter().map(|(path, values)| has(path, values, span).not());
    let mut tests: Vec<Pred> = constants.chain(except).collect();
    if !source.events.is_empty() {
        tests.push(Pred::Any(source.events.iter().map(|event| marked(event, span)).collect()));
    }
    tests
}

fn has(path: &str, values: &[String], span: Span) -> Pred {
    let items = values.iter().map(|value| Literal::Str(value.as_str().into())).collect();
    Pred::test(Scalar::Field(place(path, false, span)), Op::OneOf(items, Case::Sensitive), span)
}

/// One of the values in every field.
fn marked(event: &IndexMap<String, Vec<Option<String>>>, span: Span) -> Pred {
    let tests = event.iter().map(|(path, values)| {
        let named: Vec<String> = values.iter().flatten().cloned().collect();
        let mut any = Vec::new();
        if values.contains(&None) {
            any.push(Pred::test(Scalar::Field(place(path, true, span)), Op::IsNull, span));
        }
        if !named.is_empty() {
            any.push(has(path, &named, span));
        }
        Pred::Any(any)
    });
    Pred::All(tests.collect())
}

/// A field of the target by path: of ECS typed as rules in the language of the target have it, of others as said.
fn place_in(taxonomy: &Taxonomy, ty: FieldType, path: &str, optional: bool, span: Span) -> FieldRef {
    if *taxonomy == Taxonomy::Ecs {
        return place(path, optional, span);
    }
    // A column of a table is there in every row.
    FieldRef { path: path.into(), taxonomy: taxonomy.clone(), ty, optional: false, span }
}

/// A field of ECS by path.
fn place(path: &str, optional: bool, span: Span) -> FieldRef {
    let known = Schema::ecs().field(path);
    let ty = known.map_or(FieldType::Unknown, |info| info.ty);
    let everywhere = known.is_some_and(|info| info.origin == Origin::Ecs);
    FieldRef { path: path.into(), taxonomy: Taxonomy::Ecs, ty, optional: optional || !everywhere, span }
}
