//! Constants beside dates (`eqlc_ir::date`).

use eqlc_diagnostics::Span;
use eqlc_events::{DateSpan, Timestamp};
use eqlc_ir::date::DateBound;
use eqlc_ir::{Comparison, FieldType, Literal};

use super::RunError;
use super::compare::instant;

/// What constants stand for in a run.
#[derive(Clone, Copy)]
pub(super) struct Dates {
    now: Option<Timestamp>,
}

impl Dates {
    /// Those of a run at an instant.
    pub(super) fn new(now: Option<Timestamp>) -> Self {
        Self { now }
    }

    /// Refuses constants that are compared with dates and stand for none in this run.
    pub(super) fn check<'a>(
        self,
        ty: FieldType,
        constants: impl IntoIterator<Item = &'a Literal>,
        span: Span,
    ) -> Result<(), RunError> {
        if ty != FieldType::Date {
            return Ok(());
        }
        for bound in constants.into_iter().filter_map(bound) {
            let text = || bound.text().to_owned();
            if bound.needs_now() && self.now.is_none() {
                return Err(RunError::NoNow { text: text(), span });
            }
            if self.span(&bound).is_none() {
                return Err(RunError::DateRange { text: text(), span });
            }
        }
        Ok(())
    }

    /// Whether a value of a date field stands so to another value, or to a constant; none if one is no date.
    pub(super) fn compare(
        self,
        left: &Literal,
        comparison: Comparison,
        right: &Literal,
        constant: bool,
    ) -> Option<bool> {
        let left = instant(left)?;
        let right = match bound(right).filter(|_| constant) {
            Some(bound) => self.span(&bound)?,
            None => DateSpan::instant(instant(right)?),
        };
        Some(match comparison {
            Comparison::Equal | Comparison::EqualInsensitive => (right.first..=right.last).contains(&left),
            Comparison::Less => left < right.first,
            Comparison::LessOrEqual => left <= right.last,
            Comparison::Greater => left > right.last,
            Comparison::GreaterOrEqual => left >= right.first,
        })
    }

    fn span(self, bound: &DateBound) -> Option<DateSpan> {
        // Without `now` nothing that needs it gets here.
        DateSpan::of_bound(bound, self.now.unwrap_or(Timestamp::from_nanos(0)))
    }
}

/// The bound that a constant is: a number counts milliseconds, and rules of other languages hold texts.
fn bound(constant: &Literal) -> Option<DateBound> {
    match constant {
        Literal::Date(bound) => Some(bound.as_ref().clone()),
        Literal::Str(text) => DateBound::parse(text).ok(),
        Literal::Int(millis) => i64::try_from(*millis).ok().map(DateBound::of_millis),
        Literal::Null | Literal::Bool(_) | Literal::Float(_) => None,
    }
}
