//! The values that a test chooses from.

use eqlc_diagnostics::Span;
use eqlc_events::Value;
use eqlc_ir::{FieldRef, FieldType, Literal, Owner};

use super::scope::Scope;
use super::{MAX_CHOICES, RunError, numbers};

/// The value of an event, owned.
pub(crate) fn literal(value: &Value<'_>) -> Literal {
    match value {
        Value::Bool(value) => Literal::Bool(*value),
        Value::Int(value) => Literal::Int(*value),
        Value::Float(value) => Literal::Float(*value),
        Value::Str(text) => Literal::Str((*text).into()),
    }
}

/// A value as a field of this type holds it: a number in a text field is its text, a number's text in a
/// number field is the number, `"true"` in a boolean field is true. What does not convert stays as it is, and
/// so does everything in a field of another or an unknown type.
pub(super) fn typed(value: Literal, ty: FieldType) -> Literal {
    match (ty, value) {
        (FieldType::Keyword | FieldType::Text, text @ Literal::Str(_)) => text,
        (FieldType::Keyword | FieldType::Text, value) => {
            numbers::text(&value).map_or(Literal::Null, |text| Literal::Str(text.into()))
        }
        (FieldType::Integer | FieldType::Float, Literal::Str(text)) => match number(&text) {
            Literal::Null => Literal::Str(text),
            number => number,
        },
        (FieldType::Boolean, Literal::Str(text)) => match text.as_str() {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            _ => Literal::Str(text),
        },
        (_, value) => value,
    }
}

fn number(text: &str) -> Literal {
    text.parse::<i128>().map_or_else(|_| numbers::decimal(text), Literal::Int)
}

/// Which field a choice is of: its owner, none for the event at hand, and its path.
type Input<'a> = (Option<&'a Owner>, &'a str);

/// One choice of a value for each field of a test (`eql-semantics.md` §5.4).
#[derive(Default)]
pub(super) struct Choice<'a> {
    values: Vec<(Input<'a>, &'a Literal)>,
}

impl<'a> Choice<'a> {
    /// The choice of one field of the event.
    pub(super) fn of_one(path: &'a str, value: &'a Literal) -> Self {
        Self { values: vec![((None, path), value)] }
    }
}

impl Choice<'_> {
    /// The chosen value of a field; null if it has none.
    pub(super) fn value(&self, owner: Option<&Owner>, field: &FieldRef) -> Literal {
        let chosen = self.values.iter().find(|(input, _)| *input == (owner, field.path.as_str()));
        chosen.map_or(Literal::Null, |(_, value)| typed((*value).clone(), field.ty))
    }
}

/// Every choice for the fields of a test. A field without values contributes a single null; one that occurs
/// twice is chosen once.
pub(super) struct Choices<'a> {
    fields: Vec<(Input<'a>, Vec<Literal>)>,
    count: usize,
}

impl<'a> Choices<'a> {
    /// # Errors
    /// There are more than [`MAX_CHOICES`].
    pub(super) fn new(
        inputs: &[(Option<&'a Owner>, &'a FieldRef)],
        scope: Scope<'_>,
        span: Span,
    ) -> Result<Self, RunError> {
        let mut choices = Self { fields: Vec::new(), count: 1 };
        for (owner, field) in inputs {
            let input = (*owner, field.path.as_str());
            if choices.fields.iter().any(|(known, _)| *known == input) {
                continue;
            }
            let mut values = scope.values(*owner, field);
            if values.is_empty() {
                values.push(Literal::Null);
            }
            choices.count = choices.count.saturating_mul(values.len());
            if choices.count > MAX_CHOICES {
                return Err(RunError::TooManyChoices { span, event: scope.event.ordinal() });
            }
            choices.fields.push((input, values));
        }
        Ok(choices)
    }

    /// Whether some choice satisfies `test`.
    pub(super) fn some(&self, test: impl Fn(&Choice<'_>) -> bool) -> bool {
        (0..self.count).any(|number| test(&self.choice(number)))
    }

    /// What the first choice gives.
    pub(super) fn first<T>(&self, answer: impl Fn(&Choice<'_>) -> T) -> Option<T> {
        (self.count > 0).then(|| answer(&self.choice(0)))
    }

    /// The choice of this number: its digits, with as many values for a place as the field has.
    fn choice(&self, mut number: usize) -> Choice<'_> {
        let mut values = Vec::with_capacity(self.fields.len());
        for (input, of_field) in &self.fields {
            let count = of_field.len().max(1);
            values.extend(of_field.get(number % count).map(|value| (*input, value)));
            number /= count;
        }
        Choice { values }
    }
}
