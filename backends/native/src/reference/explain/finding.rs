//! What came of a condition.

use eqlc_diagnostics::Span;
use eqlc_ir::Literal;

/// What came of a condition, with what came of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether it holds.
    pub holds: bool,
    /// What it is.
    pub what: What,
    /// The conditions in it, in order.
    pub parts: Vec<Finding>,
}

/// What a condition is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Every part must hold.
    All,
    /// Some part must hold.
    Any,
    /// So many parts must hold.
    AtLeast(usize),
    /// Its only part must not hold.
    Not,
    /// Holds always or never.
    Const,
    /// The event must be of a category or from a log source.
    Category {
        /// The text of it.
        wanted: String,
        /// What the event says.
        seen: Vec<Seen>,
    },
    /// A test.
    Test {
        /// Where it was written.
        span: Span,
        /// The text of it ([`eqlc_ir::text::test`]).
        text: String,
        /// The values of its fields.
        seen: Vec<Seen>,
        /// What its subject came to, where that is worked out from fields with one value each.
        result: Option<Literal>,
    },
    /// Some element of an array must satisfy a condition; the parts are its elements.
    Element {
        /// Where the array stands in the event.
        array: String,
        /// The name of the element in the condition.
        variable: String,
    },
    /// Some process above that of the event must have had an event.
    Descendant,
    /// Some value of the event must satisfy a test.
    Anywhere {
        /// Where it was written.
        span: Span,
        /// The text of the test.
        text: String,
        /// The first value that satisfies it.
        found: Option<String>,
    },
}

/// The values of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The field, with the name of its owner in front.
    pub field: String,
    /// Its values; none where it has none.
    pub values: Vec<Literal>,
}

impl Finding {
    /// How many answers of tests would have to change for the condition to be what is `wanted`, 0 where it is.
    #[must_use]
    pub fn distance(&self, wanted: bool) -> usize {
        if self.holds == wanted {
            return 0;
        }
        let parts = |wanted: bool| self.parts.iter().map(move |part| part.distance(wanted));
        let needed = match (&self.what, wanted) {
            (What::All, true) | (What::Any | What::Element { .. }, false) => sum(parts(wanted)),
            (What::Any | What::Element { .. }, true) | (What::All, false) => parts(wanted).min().unwrap_or(1),
            (What::AtLeast(count), _) => {
                let mut distances: Vec<usize> = parts(wanted).collect();
                distances.sort_unstable();
                let needed = if wanted { *count } else { self.parts.len().saturating_sub(*count) + 1 };
                sum(distances.into_iter().take(needed))
            }
            (What::Not, wanted) => sum(parts(!wanted)),
            _ => 1,
        };
        // Where the parts are as wanted already, no change of theirs is enough: `at least 2 of` one.
        needed.max(1)
    }

    /// The first test that makes the condition what it is, as the path to it through the parts: of conditions that must
    /// all hold the first that does not, of alternatives none of which holds the one nearest to holding.
    #[must_use]
    pub fn cause(&self) -> Vec<usize> {
        let same = || self.parts.iter().enumerate().filter(|(_, part)| part.holds == self.holds);
        let part = match &self.what {
            What::Not => self.parts.iter().enumerate().next(),
            // One part is enough to make it so.
            What::All if !self.holds => same().next(),
            What::Any | What::AtLeast(_) | What::Element { .. } if self.holds => same().next(),
            _ => same().min_by_key(|(_, part)| part.distance(!self.holds)),
        };
        match part {
            Some((at, part)) => std::iter::once(at).chain(part.cause()).collect(),
            None => Vec::new(),
        }
    }
}

/// Distances of wide conditions do not overflow.
fn sum(distances: impl Iterator<Item = usize>) -> usize {
    distances.fold(0, usize::saturating_add)
}
