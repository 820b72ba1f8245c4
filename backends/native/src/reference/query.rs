//! Queries over one event.

use std::collections::BTreeMap;

use eqlc_diagnostics::Span;
use eqlc_events::{Event, Value};
use eqlc_ir::regex::{Regex, Unsupported};
use eqlc_ir::{Category, EventQuery, FieldType, Literal, LogSource, Op, Pred, Rule, Scalar, Test};

use super::compare::type_of;
use super::lineage::Lineage;
use super::order::Stream;
use super::scope::Scope;
use super::{RunError, RunOptions};

/// The most bytes that one compiled regular expression may take.
const REGEX_BYTES: usize = 10 * 1024 * 1024;

/// What the queries of a rule need: its regular expressions, compiled, where the category stands, and the
/// answers about processes above.
pub(super) struct Queries {
    category_field: String,
    regexes: BTreeMap<String, regex::Regex>,
    pub(super) lineage: Lineage,
}

impl Queries {
    /// # Errors
    /// A constant that has no meaning here: a regular expression or date math.
    pub(super) fn new(rule: &Rule, options: &RunOptions, stream: &Stream<'_>) -> Result<Self, RunError> {
        let category_field = options.category_field.clone();
        let mut queries = Self { category_field, regexes: BTreeMap::new(), lineage: Lineage::default() };
        for query in rule.queries() {
            queries.prepare_pred(&query.filter)?;
        }
        for query in rule.queries() {
            queries.answer_lineage(&query.filter, stream)?;
        }
        Ok(queries)
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
        let source = regex.to_rust().unwrap_or_default();
        self.regexes.get(&source).is_some_and(|regex| regex.is_match(text))
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
                refuse_date_math(test, Some(right), sides.iter().filter_map(|side| side.as_literal()))
            }
            Op::OneOf(items, _) => refuse_date_math(test, None, items.iter()),
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
        let fail = |reason: String| RunError::Regex { reason, span };
        let source = regex.to_rust().map_err(|construct| {
            fail(match construct {
                Unsupported::Complement => "it has a complement (`~`)".to_owned(),
                Unsupported::Intersection => "it has an intersection (`&`)".to_owned(),
                Unsupported::Interval => "it has an interval (`<n-m>`)".to_owned(),
            })
        })?;
        let compiled = regex::RegexBuilder::new(&source)
            .size_limit(REGEX_BYTES)
            .dfa_size_limit(REGEX_BYTES)
            .build()
            .map_err(|error| {
                fail(match error {
                    regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                    _ => "it is not well formed".to_owned(),
                })
            })?;
        self.regexes.insert(source, compiled);
        Ok(())
    }
}

fn refuse_date_math<'a>(
    test: &Test,
    right: Option<&Scalar>,
    constants: impl IntoIterator<Item = &'a Literal>,
) -> Result<(), RunError> {
    if type_of(&test.subject, right) != FieldType::Date {
        return Ok(());
    }
    let math = constants.into_iter().find_map(|constant| match constant {
        Literal::Str(text) if text.starts_with("now") || text.contains("||") => Some(text.clone()),
        _ => None,
    });
    math.map_or(Ok(()), |text| Err(RunError::DateMath { text, span: test.span }))
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
