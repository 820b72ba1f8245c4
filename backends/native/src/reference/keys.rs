//! Join keys (`eql-semantics.md` §10.3).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{FieldRef, FieldType, Key, Literal};

use super::compare::instant;
use super::{MAX_CHOICES, RunError, net, numbers, values};

/// A part of a key. Ordered with null first, then by kind, then ascending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyPart {
    /// An optional field has no value. Null equals null, of whatever field.
    Null,
    Bool(bool),
    Number(Number),
    /// Dates are equal when their instants are.
    Date(Timestamp),
    /// Texts as they are, addresses in canonical form, versions as texts.
    Text(String),
}

/// A number of a key: `1` and `1.0` are equal.
#[derive(Clone, Debug)]
pub(crate) struct Number(pub(crate) Literal);

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        // Values of events are finite, so there is always an order.
        numbers::order(&self.0, &other.0).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl KeyPart {
    /// The part that a value of a field of this type makes.
    pub(crate) fn new(value: Literal, ty: FieldType) -> Self {
        if ty == FieldType::Date
            && let Some(at) = instant(&value)
        {
            return Self::Date(at);
        }
        match values::typed(value, ty) {
            Literal::Null => Self::Null,
            Literal::Bool(value) => Self::Bool(value),
            Literal::Float(value) => {
                Self::Number(Number(numbers::whole(value).map_or(Literal::Float(value), Literal::Int)))
            }
            number @ Literal::Int(_) => Self::Number(Number(number)),
            Literal::Str(text) if ty == FieldType::Ip => {
                Self::Text(net::canonical(&text).unwrap_or(text.to_string()))
            }
            Literal::Str(text) => Self::Text(text.to_string()),
            Literal::Date(bound) => Self::Text(bound.text().to_owned()),
        }
    }

    fn literal(&self) -> Literal {
        match self {
            Self::Null => Literal::Null,
            Self::Bool(value) => Literal::Bool(*value),
            Self::Number(number) => number.0.clone(),
            Self::Date(at) => Literal::Str(at.to_string().into()),
            Self::Text(text) => Literal::Str(text.as_str().into()),
        }
    }
}

/// The key of a match.
pub(crate) type JoinKey = Vec<KeyPart>;

/// The key as matches show it.
pub(crate) fn literals(key: &JoinKey) -> Vec<Literal> {
    key.iter().map(KeyPart::literal).collect()
}

/// The fields of one step's key, and which of them may be null.
pub(crate) struct KeyFields<'a> {
    fields: Vec<(&'a FieldRef, bool)>,
}

impl<'a> KeyFields<'a> {
    /// Fields none of which may be null.
    pub(crate) fn required(fields: impl IntoIterator<Item = &'a FieldRef>) -> Self {
        Self { fields: fields.into_iter().map(|field| (field, false)).collect() }
    }

    /// The fields, each with whether it may be null.
    pub(crate) fn parts(&self) -> &[(&'a FieldRef, bool)] {
        &self.fields
    }

    /// The keys of an event: one for each choice of distinct values. None if a field that may not be null has
    /// no value.
    ///
    /// # Errors
    /// There are more than [`MAX_CHOICES`].
    pub(crate) fn of(&self, event: &Event) -> Result<Vec<JoinKey>, RunError> {
        let mut keys: Vec<JoinKey> = vec![Vec::new()];
        for (field, optional) in &self.fields {
            let found = event.values(&field.path);
            let mut parts: BTreeSet<KeyPart> =
                found.iter().map(|value| KeyPart::new(values::literal(value), field.ty)).collect();
            if parts.is_empty() && *optional {
                parts.insert(KeyPart::Null);
            }
            if keys.len().saturating_mul(parts.len()) > MAX_CHOICES {
                return Err(RunError::TooManyKeys { event: event.ordinal() });
            }
            keys = keys
                .iter()
                .flat_map(|key| {
                    parts.iter().map(move |part| [key.as_slice(), std::slice::from_ref(part)].concat())
                })
                .collect();
        }
        Ok(keys)
    }
}

/// The key fields of each step, from the keys that all share and their own. A field that is optional in one
/// step and not in another is optional in none.
pub(crate) fn of_steps<'a>(by: &'a [Key], own: &[&'a [Key]]) -> Vec<KeyFields<'a>> {
    let all = || by.iter().chain(own.iter().copied().flatten()).map(|key| &key.field);
    let required: BTreeSet<&str> =
        all().filter(|field| !field.optional).map(|field| field.path.as_str()).collect();
    let step = |own: &&'a [Key]| KeyFields {
        fields: by
            .iter()
            .chain(own.iter())
            .map(|key| (&key.field, !required.contains(key.field.path.as_str())))
            .collect(),
    };
    own.iter().map(step).collect()
}
