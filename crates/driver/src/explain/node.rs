//! Conditions as texts.

use std::collections::BTreeMap;

use eqlc_backend_native::reference::explain::{Finding, Seen, What};
use eqlc_diagnostics::{SourceMap, Span};
use serde::Serialize;
use serde_json::Value;

use crate::run::json;

/// The longest text of a test that is shown, in characters.
const MAX_TEXT: usize = 160;

/// A condition and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionNode {
    /// Whether it holds.
    pub holds: bool,
    /// What it is: `all`, `any`, `at_least`, `not`, `const`, `category`, `test`, `element`, `descendant` or
    /// `anywhere`.
    pub kind: &'static str,
    /// The text of it: of a test as its rule writes it.
    pub text: String,
    /// The test in the text form of the IR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ir: Option<String>,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<SourcePlace>,
    /// The values that it saw.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<SeenValues>,
    /// What a function in it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Whether it is the first test that makes the whole what it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cause: bool,
    /// The conditions in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ConditionNode>,
}

/// A place in a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourcePlace {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// The values of a field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeenValues {
    /// The field.
    pub field: String,
    /// Its values; none where it has none.
    pub values: Vec<Value>,
}

pub(crate) fn of(finding: &Finding, sources: &SourceMap) -> ConditionNode {
    let mut places = BTreeMap::new();
    count_places(finding, &mut places);
    // What holds has no one cause.
    let cause = Some(finding.cause()).filter(|_| !finding.holds);
    Writer { sources, places }.node(finding, cause.as_deref())
}

/// How many tests were written at each place: several where a list became several tests.
fn count_places(finding: &Finding, places: &mut BTreeMap<(u32, u32), usize>) {
    if let What::Test { span, .. } | What::Anywhere { span, .. } = &finding.what {
        *places.entry((span.start, span.end)).or_default() += 1;
    }
    finding.parts.iter().for_each(|part| count_places(part, places));
}

struct Writer<'a> {
    sources: &'a SourceMap,
    places: BTreeMap<(u32, u32), usize>,
}

impl Writer<'_> {
    /// `cause`: the rest of the path to the cause, if it leads through this condition.
    fn node(&self, finding: &Finding, cause: Option<&[usize]>) -> ConditionNode {
        let inside = |at: usize| cause.and_then(<[usize]>::split_first).filter(|(next, _)| **next == at);
        let parts = finding.parts.iter().enumerate();
        let described = self.described(finding);
        ConditionNode {
            holds: finding.holds,
            kind: described.kind,
            text: described.text,
            ir: described.ir,
            place: described.span.and_then(|span| place(span, self.sources)),
            seen: described.seen.iter().map(seen).collect(),
            result: described.result,
            cause: cause.is_some_and(<[usize]>::is_empty),
            parts: parts.map(|(at, part)| self.node(part, inside(at).map(|(_, rest)| rest))).collect(),
        }
    }

    fn described<'f>(&self, finding: &'f Finding) -> Described<'f> {
        let plain = |kind: &'static str, text: String| Described {
            kind,
            text,
            ir: None,
            span: None,
            seen: &[],
            result: None,
        };
        match &finding.what {
            What::All => plain("all", "all of".to_owned()),
            What::Any => plain("any", "any of".to_owned()),
            What::AtLeast(count) => plain("at_least", format!("at least {count} of")),
            What::Not => plain("not", "not".to_owned()),
            What::Const => plain("const", if finding.holds { "always" } else { "never" }.to_owned()),
            What::Category { wanted, seen } => Described { seen, ..plain("category", wanted.clone()) },
            What::Test { span, text, seen, result } => Described {
                ir: Some(text.clone()),
                span: Some(*span),
                seen,
                result: result.as_ref().map(json),
                ..plain("test", self.written(*span, text))
            },
            What::Element { array, variable } => {
                plain("element", format!("some element `${variable}` of {array}"))
            }
            What::Descendant => plain("descendant", "some process above".to_owned()),
            What::Anywhere { span, text, found } => Described {
                ir: Some(text.clone()),
                span: Some(*span),
                result: found.clone().map(Value::from),
                ..plain("anywhere", self.written(*span, text))
            },
        }
    }

    /// The test as its rule writes it, on one line; its text in the IR where it is written nowhere, or together with
    /// others.
    fn written(&self, span: Span, ir: &str) -> String {
        let shared = self.places.get(&(span.start, span.end)).is_some_and(|count| *count > 1);
        let slice = if span.is_empty() || shared { ir } else { self.sources.slice(span) };
        let line = slice.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(MAX_TEXT) {
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
            None => line,
        }
    }
}

/// What is said of a condition apart from its parts.
struct Described<'a> {
    kind: &'static str,
    text: String,
    ir: Option<String>,
    span: Option<Span>,
    seen: &'a [Seen],
    result: Option<Value>,
}

pub(crate) fn place(span: Span, sources: &SourceMap) -> Option<SourcePlace> {
    if span.is_empty() {
        return None;
    }
    let at = sources.position(span);
    Some(SourcePlace { file: sources.name(span.source).to_owned(), line: at.line, column: at.column })
}

fn seen(seen: &Seen) -> SeenValues {
    SeenValues { field: seen.field.clone(), values: seen.values.iter().map(json).collect() }
}
