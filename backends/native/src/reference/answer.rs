//! Single answers: to conditions and tests, of one event or one value.

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Literal, Op, Pred, Test};

use super::query::Queries;
use super::scope::Scope;
use super::values::Choice;
use super::{RunError, numbers};

/// Answers conditions about one event.
pub(crate) struct Answerer(Queries);

impl Answerer {
    /// Makes ready to answer these conditions and all that is part of them. `now` as in
    /// [`RunOptions::now`](super::RunOptions::now).
    ///
    /// # Errors
    /// A constant has no meaning: a regular expression or a date.
    pub(crate) fn new<'a>(
        conditions: impl IntoIterator<Item = &'a Pred>,
        now: Option<Timestamp>,
    ) -> Result<Self, RunError> {
        Queries::prepared(conditions, now).map(Self)
    }

    /// Answers for conditions without constants.
    pub(crate) fn empty() -> Self {
        Self(Queries::of_constants())
    }

    /// Whether a condition holds of an event that asks of nothing else.
    pub(crate) fn holds(&self, pred: &Pred, event: &Event) -> Result<bool, RunError> {
        self.0.holds(pred, Scope::event(0, event))
    }

    /// Whether a test of one field is true for one of its values.
    pub(crate) fn satisfies(&self, test: &Test, value: &Literal) -> bool {
        let field = test.subject.as_field();
        field.is_some_and(|field| self.0.is_true(test, &Choice::of_one(&field.path, value)))
    }

    /// Whether some value of an event satisfies a test of text.
    pub(crate) fn anywhere(&self, op: &Op, event: &Event) -> bool {
        self.0.first_anywhere(op, Scope::event(0, event)).is_some()
    }
}

/// The text that stands for a value in tests of text; none for null.
pub(crate) fn text_of(value: &Literal) -> Option<String> {
    numbers::text(value)
}
