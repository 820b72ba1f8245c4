//! Texts beside dates, read once (`eql-semantics.md` §6.1).

use std::ops::Range;

use eqlc_diagnostics::codes::types;
use eqlc_diagnostics::{Applicability, Diagnostic, Span};
use eqlc_ir::Literal;
use eqlc_ir::date::DateBound;

use super::Lowering;
use super::types::Typed;

impl Lowering<'_> {
    /// The bound that a text is for a date.
    pub(super) fn date(&mut self, subject: &Typed, text: &str, place: Span) -> Option<Literal> {
        let problem = match DateBound::parse(text) {
            Ok(bound) => return Some(Literal::Date(Box::new(bound))),
            Err(problem) => problem,
        };
        let exact = inside(place, text, &problem.at);
        let error = if problem.in_date {
            Diagnostic::error(types::BAD_CONSTANT, problem.message)
                .at(place, "cannot be read as a date")
                .and_at(subject.span, "holds dates")
        } else {
            Diagnostic::error(types::BAD_DATE_MATH, problem.message).at(exact.unwrap_or(place), "here")
        };
        let error = match problem.help {
            Some(help) => error.help(help),
            None => error,
        };
        self.refuse(match (problem.repair, exact) {
            (Some(repair), Some(place)) => {
                let title = match repair.as_str() {
                    "" => "remove it".to_owned(),
                    repair => format!("replace with `{repair}`"),
                };
                error.fix(Applicability::Unsafe, title, place, repair)
            }
            _ => error,
        })
    }
}

/// Where a part of a text stands in the file; none for a text that is not written as it is.
fn inside(place: Span, text: &str, part: &Range<usize>) -> Option<Span> {
    let range = place.range();
    let quotes = match range.len().checked_sub(text.len())? {
        2 => 1,
        6 => 3,
        _ => return None,
    };
    let start = range.start + quotes;
    Some(Span::new(place.source, start + part.start..start + part.end))
}
