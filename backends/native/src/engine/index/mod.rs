//! Which tests of a field a value may satisfy.
//!
//! Tests of text name literals that the value must hold: all of it, its start, its end, or some part. They are
//! looked up by the value's folded text, so that one look at a value answers for all tests. What is found by a
//! literal alone is *sure* where the literal is the whole test; anything else is a candidate to be tested.
//! Tests without a literal are candidates of every value.

mod ends;
mod grams;
mod literals;
mod sorted;
mod whole;

use eqlc_ir::{Case, FieldType, Literal, Op, Part, Taxonomy, Test, TextPattern, fold_text};
use serde::{Deserialize, Serialize};

use super::atoms::AtomId;
use ends::Ends;
use grams::Grams;
pub(super) use literals::of_regex;
use whole::Whole;

/// The tests of one field.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Index {
    whole: Whole,
    starts: Ends,
    ends: Ends,
    parts: Grams,
    /// Candidates of every value.
    all: Vec<AtomId>,
}

/// A test that a value may satisfy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) atom: AtomId,
    /// Whether a text that holds the literal satisfies the test.
    pub(super) sure: bool,
}

/// Where a literal must stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Whole,
    Start,
    End,
    Anywhere,
}

/// Literals one of which every value that satisfies the test holds, folded.
pub(super) struct Needles {
    pub(super) list: Vec<(Where, String)>,
    /// Whether holding one is all that the test asks of a text.
    pub(super) sure: bool,
}

impl Index {
    /// Indexes the tests of one field.
    pub(super) fn new<'a>(tests: impl IntoIterator<Item = (AtomId, &'a Test)>) -> Self {
        let mut index = Self::default();
        let mut parts = Vec::new();
        for (atom, test) in tests {
            let Some(needles) = needles(test) else {
                index.all.push(atom);
                continue;
            };
            let candidate = Candidate { atom, sure: needles.sure };
            for (place, literal) in needles.list {
                match place {
                    Where::Whole => index.whole.add(&literal, candidate),
                    Where::Start => index.starts.add(&literal, candidate),
                    // Read backwards an end is a start.
                    Where::End => index.ends.add_reversed(&literal, candidate),
                    Where::Anywhere => parts.push((literal, candidate)),
                }
            }
        }
        index.parts = Grams::new(parts);
        index
    }

    /// Candidates by the folded text of a value.
    pub(super) fn look_up(&self, folded: &[u8], found: &mut Vec<Candidate>) {
        self.whole.look_up(folded, found);
        self.starts.look_up(folded, found);
        self.ends.look_up_reversed(folded, found);
        self.parts.look_up(folded, found);
    }

    /// Whether it can be asked, wherever it came from.
    pub(super) fn is_sound(&self) -> bool {
        self.parts.is_sound()
    }

    /// The candidates of every value.
    pub(super) fn all(&self) -> &[AtomId] {
        &self.all
    }
}

/// The literals of a test; none if it can be satisfied without any.
fn needles(test: &Test) -> Option<Needles> {
    let field = test.subject.as_field()?;
    let text_is_text = matches!(field.ty, FieldType::Keyword | FieldType::Text | FieldType::Unknown);
    match &test.op {
        Op::Text(patterns, case) => {
            let mut list = Vec::with_capacity(patterns.len());
            let mut sure = *case == Case::Insensitive && text_is_text;
            for pattern in patterns {
                let (needle, is_all) = of_pattern(pattern)?;
                list.push(needle);
                sure &= is_all;
            }
            Some(Needles { list, sure })
        }
        Op::OneOf(items, case) if text_is_text => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                let Literal::Str(text) = item else { return None };
                list.push((Where::Whole, fold_text(text)));
            }
            Some(Needles { list, sure: *case == Case::Insensitive })
        }
        Op::Compare(eqlc_ir::Comparison::Equal, right)
            if field.taxonomy != Taxonomy::Sigma && text_is_text =>
        {
            match right.as_literal()? {
                Literal::Str(text) => {
                    Some(Needles { list: vec![(Where::Whole, fold_text(text))], sure: false })
                }
                _ => None,
            }
        }
        Op::Regex(regex) => {
            let list = of_regex(regex)?;
            Some(Needles {
                list: list.into_iter().map(|text| (Where::Anywhere, text)).collect(),
                sure: false,
            })
        }
        _ => None,
    }
}

/// The longest literal of a pattern and whether the pattern asks for nothing else.
fn of_pattern(pattern: &TextPattern) -> Option<((Where, String), bool)> {
    match pattern.parts() {
        [] => Some(((Where::Whole, String::new()), true)),
        [Part::Lit(text)] => Some(((Where::Whole, fold_text(text)), true)),
        [Part::Lit(text), Part::AnyRun] => Some(((Where::Start, fold_text(text)), true)),
        [Part::AnyRun, Part::Lit(text)] => Some(((Where::End, fold_text(text)), true)),
        [Part::AnyRun, Part::Lit(text), Part::AnyRun] => Some(((Where::Anywhere, fold_text(text)), true)),
        parts => {
            let literals = parts.iter().filter_map(|part| match part {
                Part::Lit(text) => Some(text),
                Part::AnyRun | Part::AnyOne => None,
            });
            let longest = literals.max_by_key(|text| text.len())?;
            Some(((Where::Anywhere, fold_text(longest)), false))
        }
    }
}

#[cfg(test)]
mod tests;
