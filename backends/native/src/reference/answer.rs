//! Single answers: to conditions and tests, of one event or one value.

use std::collections::BTreeMap;

use eqlc_diagnostics::Span;
use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Literal, Op, Pred, Test};

use super::constants::{Constant, of_pred, of_search, of_test};
use super::dates::Dates;
use super::engine::Engine;
use super::prepared::compile;
use super::query::{Queries, Regexes};
use super::scope::Scope;
use super::values::Choice;
use super::{RunError, numbers};

/// Answers conditions about one event.
pub(crate) struct Answerer(Queries);

/// A part of a condition.
pub(crate) enum Known<'a> {
    /// A condition of its own.
    Pred(&'a Pred),
    /// A test of one field.
    Test(&'a Test),
    /// What a search in every field asks.
    Search(&'a Op),
}

/// An [`Answerer`] that still learns what it is to answer.
pub(crate) struct Learner {
    dates: Dates,
    regexes: Regexes,
}

impl Learner {
    /// One that knows no condition. `now` as in [`RunOptions::now`](super::RunOptions::now).
    pub(crate) fn new(now: Option<Timestamp>) -> Self {
        Self { dates: Dates::new(now), regexes: BTreeMap::new() }
    }

    /// Makes ready to answer a condition and all that is part of it.
    ///
    /// # Errors
    /// A constant has no meaning: a regular expression or a date.
    pub(crate) fn learn(&mut self, pred: &Pred) -> Result<(), RunError> {
        of_pred(pred, &mut |constant| match constant {
            Constant::Compared(ty, literals, span) => self.dates.check(ty, literals, span),
            Constant::Regex(regex, span) => compile(regex, span, &mut self.regexes),
        })
    }

    /// As [`Self::learn`], of a part of a condition that was learnt in another run: its regular expressions have a
    /// meaning, and are built when they are first asked for.
    ///
    /// # Errors
    /// A date has no meaning in this run.
    pub(crate) fn learn_again(&mut self, known: Known<'_>) -> Result<(), RunError> {
        let visit = &mut |constant: Constant<'_>| match constant {
            Constant::Compared(ty, literals, span) => self.dates.check(ty, literals, span),
            Constant::Regex(regex, _) => {
                if !self.regexes.contains_key(regex) {
                    self.regexes.insert(regex.clone(), Engine::later());
                }
                Ok(())
            }
        };
        match known {
            Known::Pred(pred) => of_pred(pred, visit),
            Known::Test(test) => of_test(test, visit),
            Known::Search(op) => of_search(op, Span::default(), visit),
        }
    }

    /// What answers all of them.
    pub(crate) fn finish(self) -> Answerer {
        Answerer(Queries::of_events(self.dates, self.regexes))
    }
}

impl Answerer {
    /// Whether a condition holds of an event that asks of nothing else.
    ///
    /// # Errors
    /// It may be satisfied in too many ways to be tried.
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
