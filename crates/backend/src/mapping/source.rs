//! What is known of a source before any event is seen.

use eqlc_diagnostics::Span;
use eqlc_ir::fold::Fold;
use eqlc_ir::{
    Case, Category, EventQuery, FieldRef, FieldType, Literal, Op, Pred, Scalar, Taxonomy, Test, normalise,
};
use indexmap::IndexMap;

use super::data::{EventMap, Source};

/// Whether the source delivers events of the query's category.
pub(super) fn serves(source: &Source, category: &Category) -> bool {
    match category {
        Category::Any => false,
        Category::OneOf(names) => names.iter().any(|name| source.category.contains(&name.value)),
        Category::LogSource(log_source) => source.log_source == *log_source,
    }
}

/// The source that keeps ECS and names no category: it delivers events of all of them.
pub(super) fn of_every_category<'a>(map: &'a EventMap, category: &Category) -> Option<&'a Source> {
    let asked = !matches!(category, Category::LogSource(_));
    map.sources.iter().find(|source| asked && source.keeps_ecs && source.category.is_empty())
}

/// The filter with the category as a test, where a log source alone does not say it.
pub(super) fn with_category(query: &EventQuery, field: &str) -> Pred {
    let Category::OneOf(names) = &query.category else { return query.filter.clone() };
    let span = names.first().map_or_else(Span::default, |name| name.span);
    let subject = Scalar::Field(FieldRef {
        path: field.to_owned(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span,
    });
    let names = names.iter().map(|name| Literal::Str(name.value.clone())).collect();
    let test = Pred::test(subject, Op::OneOf(names, Case::Sensitive), span);
    Pred::All(vec![test, query.filter.clone()])
}

/// The filter with the constants of the source put in.
pub(super) fn with_constants(filter: &Pred, constants: &IndexMap<String, Vec<String>>) -> Pred {
    normalise::normalise_pred(Constants { constants }.pred(filter.clone()))
}

/// Whether the source can deliver an event that the query matches.
pub(super) fn can_match(source: &Source, query: &EventQuery) -> bool {
    serves(source, &query.category) && with_constants(&query.filter, &source.constants) != Pred::Const(false)
}

/// Values of a constant field of events that the query could match and the source does not deliver:
/// (field, values).
pub(super) fn missed<'a>(source: &'a Source, filter: &Pred) -> Vec<(&'a str, Vec<&'a str>)> {
    values_where(source, &source.misses, |value| with_constants(filter, value) != Pred::Const(false))
}

/// Values of a constant field of events that the source delivers and the query would not match, though it
/// matches events with the constant: (field, values).
pub(super) fn added<'a>(source: &'a Source, filter: &Pred) -> Vec<(&'a str, Vec<&'a str>)> {
    values_where(source, &source.adds, |value| with_constants(filter, value) == Pred::Const(false))
}

/// The listed values for which `wanted` holds of the constants with that value put in.
fn values_where<'a>(
    source: &Source,
    listed: &'a IndexMap<String, Vec<String>>,
    wanted: impl Fn(&IndexMap<String, Vec<String>>) -> bool,
) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut found = Vec::new();
    for (field, values) in listed {
        let mut constants = source.constants.clone();
        let mut kept = Vec::new();
        for value in values {
            constants.insert(field.clone(), vec![value.clone()]);
            if wanted(&constants) {
                kept.push(value.as_str());
            }
        }
        if !kept.is_empty() {
            found.push((field.as_str(), kept));
        }
    }
    found
}

struct Constants<'a> {
    constants: &'a IndexMap<String, Vec<String>>,
}

impl Fold for Constants<'_> {
    fn test(&mut self, test: Test) -> Pred {
        let values = test.subject.as_field().and_then(|field| self.constants.get(&field.path));
        match values.and_then(|values| decide(values, &test.op)) {
            Some(holds) => Pred::Const(holds),
            None => Pred::Test(test),
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        scalar
    }
}

/// A test is existential over the values.
fn decide(values: &[String], op: &Op) -> Option<bool> {
    if matches!(op, Op::IsNull) {
        return Some(values.is_empty());
    }
    values.iter().try_fold(false, |any, value| {
        normalise::holds_of(&Literal::Str(value.clone()), op).map(|holds| any || holds)
    })
}
