//! What is known of a source before any event is seen.

use eqlc_diagnostics::Span;
use eqlc_ir::fold::Fold;
use eqlc_ir::{
    Case, Category, EventQuery, FieldRef, FieldType, Literal, Op, Part, Pred, Scalar, Taxonomy, Test,
    TextPattern, normalise,
};
use indexmap::IndexMap;

use super::data::{EventMap, Source};

/// Where events of ECS have their category.
pub(super) const CATEGORY: &str = "event.category";

/// Whether the source delivers events of the query's category.
fn serves(map: &EventMap, source: &Source, query: &EventQuery) -> bool {
    let of_category = |name: &str| source.category.iter().any(|own| own == name);
    let by_value = || {
        source.asked_by.iter().any(|(field, values)| {
            let accepted = |value: &String| accepts(&query.filter, field, value) != Some(false);
            is_tied(&query.filter, field) && (values.is_empty() || values.iter().any(accepted))
        })
    };
    match &query.category {
        Category::LogSource(log_source) => source.log_source == *log_source,
        Category::OneOf(names) if !source.asked_by.is_empty() => {
            let fits = source.category.is_empty() || names.iter().any(|name| of_category(&name.value));
            fits && by_value()
        }
        Category::OneOf(names) => names.iter().any(|name| of_category(&name.value)),
        Category::Any if !source.asked_by.is_empty() => by_value(),
        Category::Any => map.any_by_category && is_tied(&query.filter, CATEGORY),
    }
}

/// A value that no event has.
const NO_VALUE: &str = "\u{1}";

/// Whether a filter holds of nothing but events with certain values of a field.
fn is_tied(filter: &Pred, field: &str) -> bool {
    filter.fields().iter().any(|tested| tested.path == field)
        && accepts(filter, field, NO_VALUE) == Some(false)
}

/// Whether a filter holds of events with this value in the field; none: that depends on other fields.
fn accepts(filter: &Pred, field: &str, value: &str) -> Option<bool> {
    let constants = IndexMap::from([(field.to_owned(), vec![value.to_owned()])]);
    match with_constants(filter, &constants) {
        Pred::Const(holds) => Some(holds),
        _ => None,
    }
}

/// Values by which the query asks for events and which the source does not deliver: (field, values).
pub(super) fn unserved<'a>(source: &'a Source, query: &'a EventQuery) -> Vec<(&'a str, Vec<&'a str>)> {
    let by_category = matches!(query.category, Category::Any) && source.asked_by.is_empty();
    let category = by_category.then_some((CATEGORY, &source.category));
    let asked = source.asked_by.iter().map(|(field, values)| (field.as_str(), values)).chain(category);
    let tied = asked.filter(|(field, own)| !own.is_empty() && is_tied(&query.filter, field));
    let found = tied.map(|(field, own)| {
        let named = query
            .filter
            .tests()
            .into_iter()
            .filter(|test| test.subject.as_field().is_some_and(|tested| tested.path == field));
        let mut others: Vec<&str> = named
            .flat_map(|test| texts(&test.op))
            .filter(|value| !own.iter().any(|own| own.eq_ignore_ascii_case(value)))
            .filter(|value| accepts(&query.filter, field, value) != Some(false))
            .collect();
        others.sort_unstable();
        others.dedup();
        (field, others)
    });
    let beside = match &query.category {
        Category::OneOf(names) if source.asked_by.is_empty() => {
            let names = names.iter().map(|name| name.value.as_str());
            names.filter(|name| !source.category.iter().any(|own| own == name)).collect()
        }
        _ => Vec::new(),
    };
    found.chain([(CATEGORY, beside)]).filter(|(_, others)| !others.is_empty()).collect()
}

/// The whole texts that a test names.
pub(super) fn texts(op: &Op) -> Vec<&str> {
    match op {
        Op::Compare(_, Scalar::Literal(Literal::Str(text))) => vec![text.as_str()],
        Op::OneOf(items, _) => items
            .iter()
            .filter_map(|item| match item {
                Literal::Str(text) => Some(text.as_str()),
                _ => None,
            })
            .collect(),
        Op::Text(patterns, _) => patterns.iter().filter_map(|pattern| pattern.as_exact()).collect(),
        _ => Vec::new(),
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
        path: field.into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span,
    });
    let names = names.iter().map(|name| Literal::Str(name.value.clone().into())).collect();
    let test = Pred::test(subject, Op::OneOf(names, Case::Sensitive), span);
    Pred::All(vec![test, query.filter.clone()])
}

/// The filter with the constants of the source put in.
pub(super) fn with_constants(filter: &Pred, constants: &IndexMap<String, Vec<String>>) -> Pred {
    normalise::normalise_pred(Constants { constants }.pred(filter.clone()))
}

/// Whether the source can deliver an event that the query matches.
pub(super) fn can_match(map: &EventMap, source: &Source, query: &EventQuery) -> bool {
    serves(map, source, query) && with_constants(&query.filter, &source.constants) != Pred::Const(false)
}

/// The field of the system that a host runs.
pub(super) const SYSTEM: &str = "host.os.type";

/// Whether the source is of a system that the query can ask for.
pub(super) fn can_be_on(source: &Source, query: &EventQuery) -> bool {
    let system = source.constants.get(SYSTEM).map(|systems| (SYSTEM.to_owned(), systems.clone()));
    with_constants(&query.filter, &system.into_iter().collect()) != Pred::Const(false)
}

/// Values of a constant field of events that the query could match and the source does not deliver:
/// (field, values).
pub(super) fn missed<'a>(source: &'a Source, filter: &Pred) -> Vec<(&'a str, Vec<&'a str>)> {
    values_where(source, &source.misses, |value| with_constants(filter, value) != Pred::Const(false))
}

/// Values of a constant field of events that the source delivers and of which the query asks something else than of
/// events with the constant: (field, values).
pub(super) fn added<'a>(source: &'a Source, filter: &Pred) -> Vec<(&'a str, Vec<&'a str>)> {
    let own = with_constants(filter, &source.constants);
    values_where(source, &source.adds, |value| with_constants(filter, value) != own)
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
        let values = test.subject.as_field().and_then(|field| self.constants.get(field.path.as_str()));
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
        normalise::holds_of(&Literal::Str(value.as_str().into()), op).map(|holds| any || holds)
    })
}

/// The test that every event of a source satisfies.
pub(super) fn every_event(map: &EventMap, (source, field): (&Source, &str), span: Span) -> Pred {
    let mut entries = map.fields_of(source).filter_map(|path| map.entry(source, path));
    let own = entries.find(|entry| entry.field.as_deref() == Some(field));
    let is_number = own.is_some_and(|entry| entry.ty == FieldType::Integer);
    let field = FieldRef {
        path: field.into(),
        taxonomy: map.taxonomy.clone(),
        ty: if is_number { FieldType::Integer } else { FieldType::Unknown },
        optional: false,
        span,
    };
    if is_number {
        // No pattern matches a number.
        return Pred::test(Scalar::Field(field), Op::IsNull, span).not();
    }
    let anything = TextPattern::new([Part::AnyRun]);
    Pred::test(Scalar::Field(field), Op::Text(vec![anything], Case::Insensitive), span)
}
