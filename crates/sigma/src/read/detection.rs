//! Reads searches, field tests and conditions.

use std::ops::Range;
use std::str::FromStr;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node};

use super::table::Table;
use super::{Reader, suggest};
use crate::condition::{self, Names};
use crate::modifier::Role;
use crate::yaml::{Entry, Kind, Plain, Style, Yaml, resolve};
use crate::{
    Condition, Detection, FieldTest, Item, Modifier, NamedSearch, Search, SigmaString, Timespan, Value,
};

impl Reader<'_> {
    /// Reads `detection` (of a filter: `filter`). `stray` is the place of a `condition` outside of it.
    pub(super) fn detection(
        &mut self,
        entry: &Entry,
        stray: Option<Range<usize>>,
        skip: &[&str],
    ) -> Option<Detection> {
        let name = entry.key.as_scalar().map_or("", |key| key.text.as_str());
        let entries = self.map(format_args!("`{name}`"), &entry.value)?;
        let mut table = Table::new(entries, entry.value.at.clone());
        for key in skip {
            table.take(key);
        }
        let condition = self.take_near(&mut table, "condition", &["timeframe"]);
        let timeframe = table.take("timeframe");
        let mut searches = Vec::new();
        // Names count for conditions even where the search itself has errors.
        let mut names = Vec::new();
        for search in table.rest() {
            let Some(name) = self.key(&search.key) else { continue };
            names.push(name.clone());
            if let Some(search) = self.search(&name, &search.value) {
                searches.push(NamedSearch { name, search });
            }
        }
        if names.is_empty() {
            let span = self.span(&entry.key.at);
            let message = format!("`{name}` has no search");
            self.sink.push(
                Diagnostic::error(codes::NO_VALUES, message).at(span, "expected a name with fields to test"),
            );
        }
        let conditions = match condition {
            Some(condition) => self.conditions(&condition.value, &names),
            None => {
                self.no_condition(name, entry, stray);
                Vec::new()
            }
        };
        let timeframe = timeframe.and_then(|entry| self.timespan("`timeframe`", &entry.value));
        Some(Detection { searches, conditions, timeframe })
    }

    fn no_condition(&mut self, name: &str, entry: &Entry, stray: Option<Range<usize>>) {
        let mut diagnostic = Diagnostic::error(codes::MISSING_KEY, format!("`{name}` has no `condition`"))
            .at(self.span(&entry.key.at), "`condition` is missing here");
        if let Some(stray) = stray {
            let start = self.span(&(stray.start..stray.start));
            let indent = " ".repeat(self.indent_of(&entry.value));
            diagnostic = diagnostic
                .and_at(self.span(&stray), "this one stands outside of it")
                .help(format!("indent `condition` so that it belongs to `{name}`"));
            if !indent.is_empty() {
                diagnostic = diagnostic.fix(Applicability::Unsafe, "indent it", start, indent);
            }
        }
        self.sink.push(diagnostic);
    }

    /// How far the first key of a map stands from the start of its line.
    fn indent_of(&self, node: &Yaml) -> usize {
        let before = self.fragment.text().get(..node.at.start).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        if line.bytes().all(|b| b == b' ') { line.len() } else { 0 }
    }

    fn conditions(&mut self, node: &Yaml, names: &[Node<String>]) -> Vec<Node<Condition>> {
        let mut names = Names::new(names, "search");
        let mut conditions = Vec::new();
        let mut all_fine = true;
        for item in self.items(node) {
            let (condition, fine) = self.condition_text(item, &mut names);
            all_fine &= fine;
            conditions.extend(condition);
        }
        // After an error in a condition nobody can say which searches it meant to use.
        if all_fine {
            for name in names.unused().filter(|name| !name.value.starts_with('_')) {
                let message = format!("the search `{}` is not used", name.value);
                let mut diagnostic = Diagnostic::warning(codes::UNUSED_SEARCH, message)
                    .at(name.span, "no condition names it")
                    .help("use it in the condition, or remove it");
                // By its name it leaves something out.
                let excludes = name.value.starts_with("filter") || name.value.starts_with("exclusion");
                if let Some(end) = end_of_plain(node, &conditions).filter(|_| excludes) {
                    let more = format!(" and not {}", name.value);
                    let span = self.fragment.span(end, end);
                    diagnostic =
                        diagnostic.fix(Applicability::Unsafe, format!("add `{}`", more.trim()), span, more);
                }
                self.sink.push(diagnostic);
            }
        }
        conditions
    }

    /// Parses and resolves one condition. The flag says whether that gave no error.
    pub(super) fn condition_text(
        &mut self,
        node: &Yaml,
        names: &mut Names<'_>,
    ) -> (Option<Node<Condition>>, bool) {
        let text = self.text("a condition", node);
        let Some((text, scalar)) = text.zip(node.as_scalar()) else { return (None, false) };
        let place = self.place(node, scalar);
        let Some(tree) = condition::parse(&text.value, &place, &mut self.sink) else { return (None, false) };
        let fine = condition::resolve(&tree, names, &mut self.sink);
        (Some(Node::new(tree, text.span)), fine)
    }

    pub(super) fn search(&mut self, name: &Node<String>, node: &Yaml) -> Option<Search> {
        let empty = match &node.kind {
            Kind::Map(entries) => entries.is_empty(),
            Kind::Seq(items) => items.is_empty(),
            Kind::Scalar(_) => node.is_null(),
            Kind::Refused => return None,
        };
        if empty {
            let message = format!("the search `{}` is empty", name.value);
            self.sink.push(
                Diagnostic::error(codes::NO_VALUES, message)
                    .at(name.span, "expected fields or a list of values"),
            );
            return None;
        }
        match &node.kind {
            Kind::Map(entries) => Some(Search::Map(self.tests(entries))),
            _ => {
                let items = self.items(node).iter();
                Some(Search::List(items.filter_map(|item| self.item(&name.value, item)).collect()))
            }
        }
    }

    fn item(&mut self, search: &str, node: &Yaml) -> Option<Item> {
        match &node.kind {
            Kind::Map(entries) if !entries.is_empty() => Some(Item::Map(self.tests(entries))),
            Kind::Map(_) | Kind::Seq(_) => {
                self.wrong_kind(format_args!("an item of `{search}`"), "a value or a map of fields", node);
                None
            }
            Kind::Scalar(_) => self.value(node, Wanted::Anything).map(Item::Keyword),
            Kind::Refused => None,
        }
    }

    fn tests(&mut self, entries: &[Entry]) -> Vec<FieldTest> {
        entries.iter().filter_map(|entry| self.test(entry)).collect()
    }

    fn test(&mut self, entry: &Entry) -> Option<FieldTest> {
        let key = self.key(&entry.key)?;
        let (field, modifiers, known) = self.field_key(&entry.key, &key.value)?;
        let wanted = Wanted::under(&modifiers);
        let items = self.items(&entry.value);
        if items.is_empty() {
            let span = self.span(&entry.value.at);
            let message = format!("`{}` has no values", key.value);
            self.sink
                .push(Diagnostic::error(codes::NO_VALUES, message).at(span, "an empty list matches nothing"));
            return None;
        }
        let values: Vec<Node<Value>> = items
            .iter()
            .filter_map(|item| match &item.kind {
                Kind::Scalar(_) => self.value(item, wanted),
                Kind::Refused => None,
                _ => {
                    self.wrong_kind(
                        format_args!("a value of `{}`", key.value),
                        "text, a number or the like",
                        item,
                    );
                    None
                }
            })
            .collect();
        let span = self.span(&(entry.key.at.start..entry.value.at.end.max(entry.key.at.end)));
        let test = FieldTest { field, modifiers, values, span };
        if known {
            self.check_test(&test, items);
        }
        Some(test)
    }

    /// Splits `Field|modifier|modifier`. The flag says whether every modifier is known.
    #[expect(clippy::type_complexity, reason = "the parts of a key, used in one place")]
    fn field_key(
        &mut self,
        node: &Yaml,
        text: &str,
    ) -> Option<(Option<Node<String>>, Vec<Node<Modifier>>, bool)> {
        let scalar = node.as_scalar()?;
        let place = self.place(node, scalar);
        let mut at = 0;
        let mut field = None;
        let mut modifiers = Vec::new();
        let mut known = true;
        for (index, part) in text.split('|').enumerate() {
            let range = at..at + part.len();
            at = range.end + 1;
            let span = place.span(range);
            if index == 0 {
                field = (!part.is_empty()).then(|| Node::new(part.to_owned(), span));
            } else if let Ok(modifier) = Modifier::from_str(part) {
                modifiers.push(Node::new(modifier, span));
            } else {
                known = false;
                self.sink.push(unknown_modifier(&Node::new(part, span)));
            }
        }
        if field.is_none() && modifiers.is_empty() && known {
            let span = self.span(&node.at);
            self.sink
                .push(Diagnostic::error(codes::WRONG_KIND, "the name of a field is empty").at(span, "empty"));
            return None;
        }
        Some((field, modifiers, known))
    }

    fn value(&mut self, node: &Yaml, wanted: Wanted) -> Option<Node<Value>> {
        let scalar = node.as_scalar()?;
        self.warn_ambiguous(node, scalar);
        let text = |text: &str| match wanted {
            Wanted::RawText => Value::Raw(text.to_owned()),
            Wanted::Text | Wanted::Anything => Value::Str(SigmaString::parse(text)),
        };
        let value = match resolve(scalar) {
            Plain::Null => Value::Null,
            Plain::Bool(value) => Value::Bool(value),
            Plain::Text => text(&scalar.text),
            // Where text is wanted the digits count, as in `contains: 4625`.
            Plain::Int(_) | Plain::Float(_) | Plain::TooLarge if wanted != Wanted::Anything => {
                text(&scalar.text)
            }
            Plain::Int(value) => Value::Int(value),
            Plain::Float(value) => Value::Float(value),
            Plain::TooLarge => {
                let span = self.span(&node.at);
                let message = format!("the number `{}` is too large", scalar.text);
                self.sink.push(
                    Diagnostic::error(codes::WRONG_KIND, message)
                        .at(span, "no event holds such a number")
                        .help("put it in quotes if it is meant as text"),
                );
                return None;
            }
        };
        Some(Node::new(value, self.span(&node.at)))
    }

    /// Reads a length of time such as `15m`.
    pub(super) fn timespan(&mut self, what: &str, node: &Yaml) -> Option<Node<Timespan>> {
        let text = self.text(what, node)?;
        if let Some(timespan) = Timespan::parse(&text.value) {
            return Some(Node::new(timespan, text.span));
        }
        self.sink.push(
            Diagnostic::error(codes::BAD_TIMESPAN, format!("`{}` is not a length of time", text.value))
                .at(text.span, "expected a whole number and a unit")
                .note("units are `s`, `m`, `h` and `d`: `15m` is a quarter of an hour"),
        );
        None
    }
}

/// What the modifiers of a field make of its values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The value is what its notation says.
    Anything,
    /// Text with wildcards, also where a number is written.
    Text,
    /// Text that is not Sigma's to interpret.
    RawText,
}

impl Wanted {
    fn under(modifiers: &[Node<Modifier>]) -> Self {
        let any = |wanted: fn(Modifier) -> bool| modifiers.iter().any(|modifier| wanted(modifier.value));
        if any(Modifier::takes_raw_text) {
            Self::RawText
        } else if any(|modifier| matches!(modifier.role(), Role::Shape | Role::Case | Role::Text)) {
            Self::Text
        } else {
            Self::Anything
        }
    }
}

/// Where an unquoted condition ends to which more can be added with `and`.
fn end_of_plain(node: &Yaml, conditions: &[Node<Condition>]) -> Option<usize> {
    let plain = node.as_scalar().is_some_and(|scalar| scalar.style == Style::Plain);
    match conditions {
        [only] if plain && !matches!(only.value, Condition::Or(_)) => Some(node.at.end),
        _ => None,
    }
}

fn unknown_modifier(name: &Node<&str>) -> Diagnostic {
    let message = if name.value.is_empty() {
        "a `|` with no modifier after it".to_owned()
    } else {
        format!("unknown modifier `{}`", name.value)
    };
    let diagnostic = Diagnostic::error(codes::UNKNOWN_MODIFIER, message).at(name.span, "no such modifier");
    let names = Modifier::ALL.iter().map(|modifier| modifier.name());
    suggest(diagnostic, name.value, name.span, names).0
}
