//! Placeholders: `%name%` in a value under `expand` stands for a list kept elsewhere (Sigma specification 2.1,
//! "Placeholders").

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Fragment, Parsed};
use eqlc_sigma::yaml::{self, Kind, Yaml};
use eqlc_sigma::{Part, SigmaString, Value};

/// The most values that one value may stand for.
const MOST_VALUES: usize = 10_000;

/// The values that placeholders stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders {
    lists: BTreeMap<String, Vec<String>>,
}

/// Why a value with placeholders has no form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unexpanded {
    /// No list has this name.
    NoList(String),
    /// The lists combine to too many values.
    TooMany,
}

impl Placeholders {
    /// Lists by name, without `%`. Values are patterns, as a rule writes them.
    pub fn new(lists: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        Self { lists: lists.into_iter().collect() }
    }

    /// Takes the lists of others; they stand for those of the same name.
    pub fn extend(&mut self, others: Self) {
        self.lists.extend(others.lists);
    }

    /// Reads a YAML map of names to lists (or single values). A name may have its `%`.
    #[must_use]
    pub fn read(fragment: &Fragment) -> Parsed<Self> {
        let parsed = yaml::parse(fragment, "a file of placeholders");
        let mut diagnostics = parsed.diagnostics;
        let mut lists = BTreeMap::new();
        let mut wrong = |node: &Yaml, wanted: &str| {
            let message = format!("{wanted}, not {}", node.describe());
            let span = fragment.span(node.at.start, node.at.end);
            diagnostics
                .push(Diagnostic::error(codes::WRONG_KIND, message).at(span, "in a file of placeholders"));
        };
        for tree in parsed.tree.iter().filter(|tree| !tree.is_null()) {
            let Kind::Map(entries) = &tree.kind else {
                wrong(tree, "a file of placeholders is a map of names to lists");
                continue;
            };
            for entry in entries {
                let Some(name) = entry.key.as_scalar() else {
                    wrong(&entry.key, "the name of a placeholder is text");
                    continue;
                };
                let items = match &entry.value.kind {
                    Kind::Seq(items) => items.as_slice(),
                    _ => std::slice::from_ref(&entry.value),
                };
                let list: &mut Vec<String> = lists.entry(name.text.trim_matches('%').to_owned()).or_default();
                for item in items {
                    match item.as_scalar() {
                        Some(value) if !item.is_null() => list.push(value.text.clone()),
                        _ => wrong(item, "a value of a placeholder is text or a number"),
                    }
                }
            }
        }
        Parsed { tree: Self { lists }, diagnostics }
    }

    /// The values that a value under `expand` stands for: itself where it has no placeholder.
    pub(super) fn expand(&self, value: &Value) -> Result<Vec<Value>, Unexpanded> {
        match value {
            Value::Str(text) => {
                let expanded = self.combined(text.parts().iter().map(|part| match part {
                    Part::Lit(text) => Ok(text.as_str()),
                    other => Err(other.clone()),
                }))?;
                Ok(expanded.into_iter().map(|parts| Value::Str(SigmaString::from_parts(parts))).collect())
            }
            Value::Raw(text) => {
                let expanded = self.combined(std::iter::once(Ok(text.as_str())))?;
                Ok(expanded.iter().map(|parts| Value::Raw(raw(parts))).collect())
            }
            other => Ok(vec![other.clone()]),
        }
    }

    /// Every combination of the values that placeholders in the literal pieces stand for.
    fn combined<'t>(
        &self,
        pieces: impl Iterator<Item = Result<&'t str, Part>>,
    ) -> Result<Vec<Vec<Part>>, Unexpanded> {
        let mut variants: Vec<Vec<Part>> = vec![Vec::new()];
        for piece in pieces {
            let parts = match piece {
                Ok(text) => split(text),
                Err(wildcard) => vec![Piece::Part(wildcard)],
            };
            for part in parts {
                let choices: Vec<Vec<Part>> = match part {
                    Piece::Part(part) => vec![vec![part]],
                    Piece::Placeholder(name) => self
                        .lists
                        .get(name)
                        .ok_or_else(|| Unexpanded::NoList(name.to_owned()))?
                        .iter()
                        .map(|value| SigmaString::parse(value).parts().to_vec())
                        .collect(),
                };
                if variants.len().saturating_mul(choices.len()) > MOST_VALUES {
                    return Err(Unexpanded::TooMany);
                }
                variants = variants
                    .iter()
                    .flat_map(|variant| choices.iter().map(|choice| [variant.as_slice(), choice].concat()))
                    .collect();
            }
        }
        Ok(variants)
    }
}

enum Piece<'t> {
    Part(Part),
    Placeholder(&'t str),
}

/// The placeholders of a text. `\\%` is a percent sign, and so is one that closes nothing.
fn split(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        if let Some(before) = before.strip_suffix('\\') {
            literal.push_str(before);
            literal.push('%');
            rest = after;
            continue;
        }
        literal.push_str(before);
        match after.split_once('%') {
            Some((name, behind)) if is_name(name) => {
                pieces.push(Piece::Part(Part::Lit(std::mem::take(&mut literal))));
                pieces.push(Piece::Placeholder(name));
                rest = behind;
            }
            _ => {
                literal.push('%');
                rest = after;
            }
        }
    }
    literal.push_str(rest);
    pieces.push(Piece::Part(Part::Lit(literal)));
    pieces
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Parts in text that is not Sigma's to interpret: what the rule wrote stays as it is.
fn raw(parts: &[Part]) -> String {
    let one = |part: &Part| match part {
        Part::Lit(text) => text.clone(),
        Part::AnyRun => "*".to_owned(),
        Part::AnyOne => "?".to_owned(),
    };
    parts.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Placeholders {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Placeholders::new([("a".to_owned(), texts(&["x", "y*"])), ("none".to_owned(), Vec::new())])
    }

    fn shown(text: &str) -> Vec<String> {
        let value = Value::Str(SigmaString::parse(text));
        let expanded = lists().expand(&value).unwrap();
        expanded
            .iter()
            .map(|value| match value {
                Value::Str(text) => text.to_source(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_placeholder_stands_for_each_value_of_its_list() {
        assert_eq!(shown("%a%"), ["x", "y*"]);
        assert_eq!(shown("p-%a%*"), ["p-x*", "p-y**"]);
        assert_eq!(shown("%a%%a%"), ["xx", "xy*", "y*x", "y*y*"]);
        assert_eq!(shown("%none%"), Vec::<String>::new());
    }

    #[test]
    fn percent_signs_that_are_no_placeholder_stay() {
        assert_eq!(shown("50%"), ["50%"]);
        assert_eq!(shown("a % b %"), ["a % b %"]);
        assert_eq!(shown(r"\%plain%a%"), ["%plainx", "%plainy*"]);
    }

    #[test]
    fn a_placeholder_without_a_list_is_named() {
        let value = Value::Str(SigmaString::parse("%b%"));
        assert_eq!(lists().expand(&value), Err(Unexpanded::NoList("b".to_owned())));
    }

    #[test]
    fn too_many_combinations_are_refused() {
        let many = Placeholders::new([("m".to_owned(), (0..200).map(|n| n.to_string()).collect())]);
        let value = Value::Str(SigmaString::parse("%m%%m%%m%"));
        assert_eq!(many.expand(&value), Err(Unexpanded::TooMany));
    }
}
