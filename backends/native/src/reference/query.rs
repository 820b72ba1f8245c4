//! Queries over one event.

use std::collections::BTreeMap;
use std::sync::Arc;

use eqlc_events::{Event, Value};
use eqlc_ir::regex::Regex;
use eqlc_ir::{Category, EventQuery, LogSource, Rule};

use super::constants::{Constant, each};
use super::dates::Dates;
use super::deadline::Deadline;
use super::engine::Engine;
use super::lineage::Lineage;
use super::order::Stream;
use super::prepared::Prepared;
use super::scope::Scope;
use super::test::inputs;
use super::{LogSourceFields, MAX_CHOICES, RunError, RunOptions};

/// The regular expressions of a rule, compiled.
pub(super) type Regexes = BTreeMap<Regex, Engine>;

/// What the queries of a rule need: its regular expressions, what its dates are, where the category stands, and the
/// answers about processes above.
pub(crate) struct Queries {
    category_field: String,
    log_source: LogSourceFields,
    regexes: Arc<Regexes>,
    pub(super) dates: Dates,
    pub(crate) lineage: Lineage,
    deadline: Deadline,
    /// So many values may an event have without a test that has too many choices.
    few: usize,
}

impl Queries {
    /// # Errors
    /// A constant that has no meaning here: a date.
    pub(crate) fn new(
        prepared: &Prepared<'_>,
        options: &RunOptions,
        stream: &Stream<'_>,
    ) -> Result<Self, RunError> {
        let rule = prepared.rule();
        let (dates, lineage) = (Dates::new(options.now), Lineage::default());
        let category_field = options.category_field.clone();
        let regexes = Arc::clone(prepared.regexes());
        let log_source = options.log_source.clone();
        let deadline = Deadline::new(options.until);
        let few = prepared.few();
        let mut queries = Self { category_field, log_source, regexes, dates, lineage, deadline, few };
        if prepared.is_dated() {
            each(rule, &mut |constant| match constant {
                Constant::Compared(ty, literals, span) => dates.check(ty, literals, span),
                Constant::Regex(..) => Ok(()),
            })?;
        }
        for query in rule.queries() {
            queries.answer_lineage(&query.filter, stream)?;
        }
        Ok(queries)
    }

    /// What conditions need that look at one event alone.
    pub(super) fn of_events(dates: Dates, regexes: Regexes) -> Self {
        Self { dates, regexes: Arc::new(regexes), ..Self::of_constants() }
    }

    /// The field that holds the category of an event.
    pub(crate) fn category_field(&self) -> &str {
        &self.category_field
    }

    /// What constants need: nothing of a rule.
    pub(crate) fn of_constants() -> Self {
        let (regexes, lineage) = (Arc::default(), Lineage::default());
        let (category_field, log_source) = (String::new(), LogSourceFields::default());
        let (dates, deadline) = (Dates::new(None), Deadline::default());
        Self { category_field, log_source, regexes, dates, lineage, deadline, few: 0 }
    }

    /// Whether an event is of the query's category and satisfies its filter.
    pub(crate) fn matches(&self, query: &EventQuery, scope: Scope<'_>) -> Result<bool, RunError> {
        self.deadline.check()?;
        Ok(self.looks_at(query, scope.event) && self.holds(&query.filter, scope.measured(self.few))?)
    }

    /// Whether an event is of the query's category.
    pub(crate) fn looks_at(&self, query: &EventQuery, event: &Event) -> bool {
        match &query.category {
            Category::Any => true,
            Category::OneOf(names) => {
                names.iter().any(|name| has_text(event, &self.category_field, &name.value))
            }
            Category::LogSource(source) => from_log_source(event, source, &self.log_source),
        }
    }

    /// Whether the whole of a text matches.
    pub(crate) fn regex_matches(&self, regex: &Regex, text: &str) -> bool {
        self.regexes.get(regex).is_some_and(|engine| engine.is_match(regex, text))
    }
}

/// So many values each field of a test may have at least, whichever test it is of the rule.
pub(super) fn few(rule: &Rule) -> usize {
    let queries = rule.queries();
    let tests = queries.iter().flat_map(|query| query.filter.tests());
    let fields = tests.map(|test| inputs(test).len()).max().unwrap_or(1).max(1);
    // Of a power of two, so that no product of so many is above.
    MAX_CHOICES.ilog2().checked_div(u32::try_from(fields).unwrap_or(u32::MAX)).map_or(1, |power| 1 << power)
}

fn has_text(event: &Event, path: &str, wanted: &str) -> bool {
    event.values(path).contains(&Value::Str(wanted))
}

/// The event says itself which log source it is from. A part that the rule does not name does not matter; one
/// that it names and the event does not, differs; and one that no field holds is not compared.
fn from_log_source(event: &Event, source: &LogSource, fields: &LogSourceFields) -> bool {
    [
        (&fields.product, &source.product),
        (&fields.category, &source.category),
        (&fields.service, &source.service),
    ]
    .into_iter()
    .all(|(path, wanted)| match wanted {
        Some(wanted) if !path.is_empty() => has_text(event, path, wanted),
        _ => true,
    })
}
