//! Searches: one walk over their tests and values.

mod characters;
mod covered;
mod escapes;
mod field;
mod lists;
mod modifiers;
mod regexes;
mod repeated;
mod wildcards;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Diagnostic, Node};
use eqlc_sigma::{Detection, FieldTest, Item, Modifier, Search, Value};

use crate::raw::Source;
use crate::sink::Sink;
use crate::taxonomy::Events;

/// Looks at every search of a detection. `events` are those of its log source, where their fields are fixed.
pub(crate) fn check(
    detection: &Detection,
    events: Option<&'static Events>,
    source: &Source<'_>,
    sink: &mut Sink<'_>,
) {
    let mut walk = Walk { events, source, sink };
    for (at, search) in detection.searches.iter().enumerate() {
        let before = detection.searches.get(..at).unwrap_or_default();
        if let Some(first) = before.iter().find(|other| other.search == search.search) {
            walk.sink.push(codes::REPEATED_SEARCH, || {
                let message = format!("`{}` looks for what `{}` does", search.name.value, first.name.value);
                Diagnostic::warning(codes::REPEATED_SEARCH, message)
                    .at(search.name.span, "the same again")
                    .and_at(first.name.span, "the first one")
            });
        }
        walk.search(&search.search);
    }
}

/// What every lint of a test needs.
struct Walk<'a, 's> {
    events: Option<&'static Events>,
    source: &'a Source<'a>,
    sink: &'a mut Sink<'s>,
}

impl Walk<'_, '_> {
    fn search(&mut self, search: &Search) {
        match search {
            Search::Map(tests) => tests.iter().for_each(|test| self.test(test)),
            Search::List(items) => {
                let mut keywords: Vec<&Node<Value>> = Vec::new();
                for item in items {
                    match item {
                        Item::Map(tests) => tests.iter().for_each(|test| self.test(test)),
                        Item::Keyword(value) => keywords.push(value),
                    }
                }
                repeated::check(&keywords, true, self.source, self.sink);
                characters::lookalikes(&keywords, self.source, self.sink);
                for keyword in keywords {
                    self.text(keyword);
                }
            }
        }
    }

    fn test(&mut self, test: &FieldTest) {
        let values: Vec<&Node<Value>> = test.values.iter().collect();
        field::check(test, self.events, self.source, self.sink);
        modifiers::check(test, self.source, self.sink);
        lists::check(test, self.source, self.sink);
        repeated::check(&values, ignores_case(test), self.source, self.sink);
        if test.has(Modifier::Re) {
            regexes::check(test, self.source, self.sink);
        } else if !test.takes_raw_text() {
            covered::check(test, self.source, self.sink);
            wildcards::check(test, self.source, self.sink);
            characters::lookalikes(&values, self.source, self.sink);
            for value in &values {
                self.text(value);
            }
        }
    }

    /// What is said of any text, in tests and among keywords.
    fn text(&mut self, value: &Node<Value>) {
        if let Value::Str(text) = &value.value {
            characters::check(value.span, text, self.source, self.sink);
            escapes::check(value.span, text, self.source, self.sink);
        }
    }
}

/// Whether letter case does not count in the values of a test. What is encoded keeps it.
fn ignores_case(test: &FieldTest) -> bool {
    use Modifier::{Base64, Base64Offset, Cased, FieldRef, Re};
    !test
        .modifiers
        .iter()
        .any(|modifier| matches!(modifier.value, Base64 | Base64Offset | Cased | FieldRef | Re))
}

/// The text of a value as a rule would write it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_source()),
        Value::Raw(text) => Some(text.clone()),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null => None,
    }
}
