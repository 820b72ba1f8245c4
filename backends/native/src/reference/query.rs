//! Queries over one event.

use std::collections::BTreeMap;

use eqlc_diagnostics::Span;
use eqlc_events::{Event, Value};
use eqlc_ir::regex::Regex;
use eqlc_ir::{Category, EventQuery, LogSource, Op, Pred, Rule, Scalar, Test};

use super::compare::type_of;
use super::dates::Dates;
use super::engine::Engine;
use super::lineage::Lineage;
use super::order::Stream;
use super::scope::Scope;
use super::{RunError, RunOptions};

/// What the queries of a rule need: its regular expressions, compiled, what its dates are, where the category
/// stands, and the answers about processes above.
pub(super) struct Queries {
    category_field: String,
    regexes: BTreeMap<Regex, Engine>,
    pub(super) dates: Dates,
    pub(super) lineage: Lineage,
}

impl Queries {
    /// # Errors
    /// A constant that has no meaning here: a regular expression or a date.
    pub(super) fn new(rule: &Rule, options: &RunOptions, stream: &Stream<'_>) -> Result<Self, RunError> {
        let category_field = options.category_field.clone();
        let (regexes, lineage) = (BTreeMap::new(), Lineage::default());
        let mut queries = Self { category_field, regexes, dates: Dates::new(options.now), lineage };
        for query in rule.queries() {
            queries.prepare_pred(&query.filter)?;
        }
        for query in rule.queries() {
            queries.answer_lineage(&query.filter, stream)?;
        }
        Ok(queries)
    }

    /// The field that holds the category of an event.
    pub(super) fn category_field(&self) -> &str {
        &self.category_field
    }

    /// What constants need: nothing of a rule.
    pub(super) fn of_constants() -> Self {
        let (regexes, lineage) = (BTreeMap::new(), Lineage::default());
        Self { category_field: String::new(), regexes, dates: Dates::new(None), lineage }
    }

    /// Whether an event is of the query's category and satisfies its filter.
    pub(super) fn matches(&self, query: &EventQuery, scope: Scope<'_>) -> Result<bool, RunError> {
        Ok(self.looks_at(query, scope.event) && self.holds(&query.filter, scope)?)
    }

    /// Whether an event is of the query's category.
    pub(super) fn looks_at(&self, query: &EventQuery, event: &Event) -> bool {
        match &query.category {
            Category::Any => true,
            Category::OneOf(names) => {
                names.iter().any(|name| has_text(event, &self.category_field, &name.value))
            }
            Category::LogSource(source) => from_log_source(event, source),
        }
    }

    /// Whether the whole of a text matches.
    pub(super) fn regex_matches(&self, regex: &Regex, text: &str) -> bool {
        self.regexes.get(regex).is_some_and(|engine| engine.is_match(text))
    }

    fn prepare_pred(&mut self, pred: &Pred) -> Result<(), RunError> {
        match pred {
            Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
                list.iter().try_for_each(|pred| self.prepare_pred(pred))
            }
            Pred::Not(inner) => self.prepare_pred(inner),
            Pred::Const(_) => Ok(()),
            Pred::Test(test) => self.prepare_test(test),
            Pred::Element(element) => self.prepare_pred(&element.pred),
            Pred::Descendant(query) => self.prepare_pred(&query.filter),
            Pred::Anywhere(wanted) => match &wanted.op {
                Op::Regex(regex) => self.compile(regex, wanted.span),
                _ => Ok(()),
            },
        }
    }

    fn prepare_test(&mut self, test: &Test) -> Result<(), RunError> {
        self.prepare_scalar(&test.subject)?;
        match &test.op {
            Op::Compare(_, right) => {
                self.prepare_scalar(right)?;
                let sides = [&test.subject, right];
                let constants = sides.iter().filter_map(|side| side.as_literal());
                self.dates.check(type_of(&test.subject, Some(right)), constants, test.span)
            }
            Op::OneOf(items, _) => self.dates.check(type_of(&test.subject, None), items, test.span),
            Op::Regex(regex) => self.compile(regex, test.span),
            _ => Ok(()),
        }
    }

    fn prepare_scalar(&mut self, scalar: &Scalar) -> Result<(), RunError> {
        match scalar {
            Scalar::Field(_) | Scalar::Of(..) | Scalar::Literal(_) => Ok(()),
            Scalar::Call { args, .. } => args.iter().try_for_each(|arg| self.prepare_scalar(arg)),
            Scalar::Logic(pred) => self.prepare_pred(pred),
        }
    }

    fn compile(&mut self, regex: &Regex, span: Span) -> Result<(), RunError> {
        let engine = Engine::new(regex).map_err(|reason| RunError::Regex { reason, span })?;
        self.regexes.insert(regex.clone(), engine);
        Ok(())
    }
}

fn has_text(event: &Event, path: &str, wanted: &str) -> bool {
    event.values(path).contains(&Value::Str(wanted))
}

/// The event says itself which log source it is from. A part that the rule does not name does not matter; one
/// that it names and the event does not, differs.
fn from_log_source(event: &Event, source: &LogSource) -> bool {
    [
        ("logsource.product", &source.product),
        ("logsource.category", &source.category),
        ("logsource.service", &source.service),
    ]
    .into_iter()
    .all(|(path, wanted)| wanted.as_ref().is_none_or(|wanted| has_text(event, path, wanted)))
}
