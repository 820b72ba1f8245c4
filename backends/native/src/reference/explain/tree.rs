//! Conditions with what came of each part.

use eqlc_ir::{Category, Element, EventQuery, LogSource, Op, Owner, Pred, Scalar, Test, text};

use super::super::RunError;
use super::super::query::Queries;
use super::super::scope::Scope;
use super::super::test::inputs;
use super::super::values::Choices;
use super::{Finding, Seen, What};

/// Elements of an array that are shown; more are left out.
const MAX_ELEMENTS: usize = 10;

impl Queries {
    /// What a query says of an event.
    pub(super) fn finding(&self, query: &EventQuery, scope: Scope<'_>) -> Result<Finding, RunError> {
        let filter = self.pred_finding(&query.filter, scope)?;
        let Some(category) = self.category_finding(query, scope) else { return Ok(filter) };
        if matches!(query.filter, Pred::Const(true)) {
            return Ok(category);
        }
        let holds = category.holds && filter.holds;
        let mut parts = vec![category];
        match filter.what {
            What::All => parts.extend(filter.parts),
            _ => parts.push(filter),
        }
        Ok(Finding { holds, what: What::All, parts })
    }

    fn category_finding(&self, query: &EventQuery, scope: Scope<'_>) -> Option<Finding> {
        let (wanted, fields) = match &query.category {
            Category::Any => return None,
            Category::OneOf(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                (format!("category {}", names.join(" or ")), vec![self.category_field()])
            }
            Category::LogSource(source) if *source == LogSource::default() => return None,
            Category::LogSource(source) => {
                let parts = [
                    ("logsource.product", &source.product),
                    ("logsource.category", &source.category),
                    ("logsource.service", &source.service),
                ];
                let asked = parts.into_iter().filter(|(_, part)| part.is_some());
                (format!("log source {source}"), asked.map(|(path, _)| path).collect())
            }
        };
        let seen = fields.into_iter().map(|path| Seen {
            field: path.to_owned(),
            values: scope.event.values(path).iter().map(super::super::values::literal).collect(),
        });
        let what = What::Category { wanted, seen: seen.collect() };
        Some(Finding { holds: self.looks_at(query, scope.event), what, parts: Vec::new() })
    }

    fn pred_finding(&self, pred: &Pred, scope: Scope<'_>) -> Result<Finding, RunError> {
        let of = |list: &[Pred]| -> Result<Vec<Finding>, RunError> {
            list.iter().map(|part| self.pred_finding(part, scope)).collect()
        };
        // One condition alone is no list to whoever wrote it.
        if let Pred::All(list) | Pred::Any(list) = pred
            && let [only] = list.as_slice()
        {
            return self.pred_finding(only, scope);
        }
        let (what, parts) = match pred {
            Pred::All(list) => (What::All, of(list)?),
            Pred::Any(list) => (What::Any, of(list)?),
            Pred::AtLeast(count, list) => (What::AtLeast(*count), of(list)?),
            Pred::Not(inner) => (What::Not, vec![self.pred_finding(inner, scope)?]),
            Pred::Const(_) => (What::Const, Vec::new()),
            Pred::Test(test) => (self.test_finding(test, scope)?, Vec::new()),
            Pred::Element(element) => {
                let what = What::Element {
                    array: element.array.path.to_string(),
                    variable: element.variable.to_string(),
                };
                (what, self.elements(element, scope)?)
            }
            Pred::Descendant(_) => (What::Descendant, Vec::new()),
            Pred::Anywhere(wanted) => {
                let found = self.first_anywhere(&wanted.op, scope);
                let text = text::pred(pred).trim_end().to_owned();
                (What::Anywhere { span: wanted.span, text, found }, Vec::new())
            }
        };
        Ok(Finding { holds: self.holds(pred, scope)?, what, parts })
    }

    fn elements(&self, wanted: &Element, scope: Scope<'_>) -> Result<Vec<Finding>, RunError> {
        let elements = scope.event.elements(&wanted.array.path);
        let finding = |json| {
            let element = scope.element(&wanted.variable, json);
            self.pred_finding(&wanted.pred, scope.inside(&element))
        };
        elements.into_iter().take(MAX_ELEMENTS).map(finding).collect()
    }

    fn test_finding(&self, test: &Test, scope: Scope<'_>) -> Result<What, RunError> {
        let mut seen: Vec<Seen> = Vec::new();
        for (owner, field) in inputs(test) {
            let name = match owner {
                None => field.path.to_string(),
                Some(Owner::Element(name)) if field.path.is_empty() => format!("${name}"),
                Some(Owner::Element(name)) => format!("${name}.{}", field.path),
                Some(Owner::Step(name)) => format!("{name}.{}", field.path),
            };
            if !seen.iter().any(|known| known.field == name) {
                seen.push(Seen { field: name, values: scope.values(owner, field) });
            }
        }
        let worked_out = matches!(test.subject, Scalar::Call { .. }) && test.op != Op::Exists;
        let single = seen.iter().all(|field| field.values.len() <= 1);
        let result = if worked_out && single {
            let choices = Choices::new(&inputs(test), scope, test.span)?;
            choices.first(|choice| self.scalar(&test.subject, choice))
        } else {
            None
        };
        Ok(What::Test { span: test.span, text: text::test(test), seen, result })
    }
}
