//! "One query and not the other" as one query.

use eqlc_backend_native::reference::RunOptions;
use eqlc_diagnostics::Span;
use eqlc_ir::fold::{Fold, walk_rule};
use eqlc_ir::{
    Body, Case, Category, EventQuery, FieldRef, FieldType, Literal, LogSource, Op, Pred, Rule, Scalar,
    Taxonomy,
};

/// Events of `wanted` that are none of `other`.
pub(super) fn only(
    wanted: &EventQuery,
    other: &EventQuery,
    (left, right): (&RunOptions, &RunOptions),
) -> EventQuery {
    if same_category(&wanted.category, &other.category) && left.category_field == right.category_field {
        let filter = Pred::All(vec![wanted.filter.clone(), other.filter.clone().not()]);
        return EventQuery { category: wanted.category.clone(), filter };
    }
    let filter = Pred::All(vec![opened(wanted, left), opened(other, right).not()]);
    EventQuery { category: Category::Any, filter }
}

/// The query as a condition on any event.
fn opened(query: &EventQuery, options: &RunOptions) -> Pred {
    let category = match &query.category {
        Category::Any => return query.filter.clone(),
        Category::OneOf(names) => {
            one_of(&options.category_field, names.iter().map(|name| name.value.clone()).collect())
        }
        Category::LogSource(LogSource { product, category, service }) => {
            let parts = [
                ("logsource.product", product),
                ("logsource.category", category),
                ("logsource.service", service),
            ];
            let named = parts.into_iter().filter_map(|(path, part)| Some(one_of(path, vec![part.clone()?])));
            Pred::All(named.collect())
        }
    };
    Pred::All(vec![category, query.filter.clone()])
}

fn one_of(path: &str, values: Vec<String>) -> Pred {
    let field = FieldRef {
        path: path.into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span: Span::default(),
    };
    let values = values.into_iter().map(|text| Literal::Str(text.into())).collect();
    Pred::test(Scalar::Field(field), Op::OneOf(values, Case::Sensitive), Span::default())
}

fn same_category(left: &Category, right: &Category) -> bool {
    match (left, right) {
        (Category::OneOf(left), Category::OneOf(right)) => {
            let names = |list: &[eqlc_diagnostics::Node<String>]| {
                let mut names: Vec<String> = list.iter().map(|name| name.value.clone()).collect();
                names.sort_unstable();
                names.dedup();
                names
            };
            names(left) == names(right)
        }
        (left, right) => left == right,
    }
}

/// The rule with each query as `change` has it, by its number.
pub(crate) fn with_queries(rule: &Rule, change: &mut dyn FnMut(usize, EventQuery) -> EventQuery) -> Rule {
    let mut each = EachQuery { next: 0, change };
    walk_rule(&mut each, rule.clone())
}

struct EachQuery<'c> {
    next: usize,
    change: &'c mut dyn FnMut(usize, EventQuery) -> EventQuery,
}

impl Fold for EachQuery<'_> {
    fn query(&mut self, query: EventQuery) -> EventQuery {
        let at = self.next;
        self.next += 1;
        (self.change)(at, query)
    }
}

/// The rule in a form in which rules that are made alike are equal: the canonical one, without names that only the
/// rule itself uses, every key beside the query that it is of.
pub(super) fn form(rule: &Rule) -> Rule {
    let mut rule = eqlc_ir::normalise::canonical(rule.clone());
    match &mut rule.body {
        Body::Correlation(correlation) => unnamed(correlation),
        Body::Sequence(sequence) => {
            let shared = std::mem::take(&mut sequence.by);
            let until = sequence.until.iter_mut().map(|until| &mut until.by);
            for own in sequence.steps.iter_mut().map(|step| &mut step.by).chain(until) {
                *own = [shared.as_slice(), own].concat();
            }
        }
        Body::Sample(sample) => {
            let shared = std::mem::take(&mut sample.by);
            for term in &mut sample.terms {
                term.by = [shared.as_slice(), &term.by].concat();
            }
        }
        Body::Event(_) => {}
    }
    with_queries(&rule, &mut |_, query| {
        let category = match query.category {
            Category::OneOf(mut names) => {
                names.sort_by(|a, b| a.value.cmp(&b.value));
                names.dedup_by(|a, b| a.value == b.value);
                Category::OneOf(names)
            }
            other => other,
        };
        EventQuery { category, ..query }
    })
}

fn unnamed(correlation: &mut eqlc_ir::Correlation) {
    for rule in &mut correlation.rules {
        rule.name.clear();
        if let eqlc_ir::Source::Correlation(inner) = &mut rule.source {
            unnamed(inner);
        }
    }
    let aggregated = match &mut correlation.condition {
        Some(eqlc_ir::CorrelationCondition::Number(number)) => number.fields.as_mut_slice(),
        _ => &mut [],
    };
    for key in correlation.group_by.iter_mut().chain(aggregated) {
        key.name.clear();
    }
}
