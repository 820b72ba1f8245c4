//! From YAML to pipelines.

mod conditions;
mod expression;
mod item;
mod keys;
mod outputs;
mod scalars;
mod transformations;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{
    Applicability, Code, Diagnostic, Diagnostics, Fragment, Parsed, Severity, Span, did_you_mean, has_errors,
    nearest,
};
use eqlc_sigma::Data;
use eqlc_sigma::yaml::{self, Kind, Yaml};

use crate::model::{Inner, Item, Pipeline};
use crate::origin::Origin;
use crate::value::Number;
use keys::Keys;

/// Findings that are kept of one file.
const MAX_FINDINGS: usize = 200;

/// Names by which pySigma knows backends whose targets are targets here.
const BACKENDS: [&str; 10] = [
    "elasticsearch",
    "eql",
    "lucene",
    "esql",
    "elastalert",
    "opensearch",
    "osquery",
    "sqlite",
    "sigma",
    "native",
];

/// Reads a pipeline of pySigma. `file` is its name in findings about rules, and orders pipelines of one priority.
///
/// The tree holds what could be understood; with errors (E2200 to E2206, and those of YAML) it must not be applied.
#[must_use]
pub fn parse(file: &str, fragment: &Fragment) -> Parsed<Pipeline> {
    let read = yaml::parse(fragment, "a pipeline");
    let file: Arc<str> = Arc::from(file);
    let line_ends = fragment.text().match_indices('\n').map(|(at, _)| at).collect();
    let mut reader = Reader { fragment, file: Arc::clone(&file), line_ends, diagnostics: read.diagnostics };
    let inner = match read.tree.as_slice() {
        [only] => reader.pipeline(only),
        [] if has_errors(&reader.diagnostics) => Inner::default(),
        [] => {
            let span = fragment.whole();
            reader.error(codes::PIPELINE_VALUE, "the pipeline is empty", span, "expected `transformations`");
            Inner::default()
        }
        [first, second, ..] => {
            let span = reader.span(&second.at);
            reader.error(
                codes::PIPELINE_VALUE,
                "a file holds one pipeline",
                span,
                "a second one begins here",
            );
            reader.pipeline(first)
        }
    };
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.start, span.end)));
    Parsed { tree: Pipeline { file, inner: Arc::new(inner) }, diagnostics }
}

struct Reader<'a> {
    fragment: &'a Fragment,
    file: Arc<str>,
    line_ends: Vec<usize>,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    fn pipeline(&mut self, tree: &Yaml) -> Inner {
        let Some(mut keys) = self.keys("the pipeline", tree) else { return Inner::default() };
        let name = self.optional_text(&mut keys, "name").map(|name| name.value);
        let priority = self.integer(&mut keys, "priority").unwrap_or(0);
        self.backends(&mut keys);
        let vars = match keys.take("vars") {
            Some(entry) if !entry.value.is_null() => self.vars(&entry.value),
            _ => BTreeMap::new(),
        };
        let items = match keys.take("transformations") {
            Some(entry) if !entry.value.is_null() => self.items(&entry.value),
            _ => Vec::new(),
        };
        if let Some(entry) = keys.take("postprocessing") {
            self.postprocessing(&entry.value);
        }
        if let Some(entry) = keys.take("finalizers") {
            self.finalizers(&entry.value);
        }
        self.finish(keys);
        Inner { name, priority, vars, items }
    }

    fn items(&mut self, node: &Yaml) -> Vec<Item> {
        let Some(items) = self.list("`transformations`", node) else { return Vec::new() };
        items.iter().filter_map(|item| self.item(item)).collect()
    }

    fn backends(&mut self, keys: &mut Keys<'_>) {
        let allowed = self.optional_texts(keys, "allowed_backends").unwrap_or_default();
        let Some(first) = allowed.first() else { return };
        if allowed.iter().any(|name| BACKENDS.contains(&name.value.as_str())) {
            return;
        }
        let names: Vec<String> = allowed.iter().map(|name| format!("`{}`", name.value)).collect();
        let message = format!("the pipeline is for {} only", names.join(", "));
        self.push(
            Diagnostic::warning(codes::PIPELINE_BACKENDS, message)
                .at(first.span, "none of the targets here")
                .note("applied all the same, for it is asked for"),
        );
    }

    /// Values of placeholders, as the texts that stand for them.
    fn vars(&mut self, node: &Yaml) -> BTreeMap<String, Vec<String>> {
        let Kind::Map(entries) = &node.kind else {
            self.wrong_kind("`vars`", "a map", node);
            return BTreeMap::new();
        };
        let mut vars = BTreeMap::new();
        for entry in entries {
            let Some(name) = entry.key.as_scalar().map(|key| key.text.clone()) else { continue };
            let items = match &entry.value.kind {
                Kind::Seq(items) => items.as_slice(),
                _ => std::slice::from_ref(&entry.value),
            };
            let values = items.iter().filter_map(|item| {
                let text = match Self::data(item) {
                    Data::Text(text) => Some(text),
                    Data::Int(number) => Some(number.to_string()),
                    Data::Float(number) => Some(Number::Float(number).text()),
                    // As Python writes them.
                    Data::Bool(value) => Some(if value { "True" } else { "False" }.to_owned()),
                    _ => None,
                };
                if text.is_none() {
                    self.wrong_kind(&format!("a value of `{name}`"), "text or a number", item);
                }
                text
            });
            let values = values.collect();
            vars.insert(name, values);
        }
        vars
    }

    fn span(&self, at: &Range<usize>) -> Span {
        self.fragment.span(at.start, at.end)
    }

    /// The first line of a node: a whole map would underline half of the file.
    fn head(&self, at: &Range<usize>) -> Span {
        let line = self.fragment.text().get(at.clone()).and_then(|text| text.lines().next());
        self.fragment.span(at.start, at.start + line.map_or(0, |line| line.trim_end().len()))
    }

    fn origin(&self, at: &Range<usize>) -> Origin {
        let line = self.line_ends.partition_point(|end| *end < at.start) + 1;
        Origin { file: Arc::clone(&self.file), line }
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        let wanted = diagnostic.severity == Severity::Error && !has_errors(&self.diagnostics);
        if self.diagnostics.len() < MAX_FINDINGS || wanted {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) {
        self.push(Diagnostic::error(code, message).at(span, label));
    }

    /// Reports a word that is none of those known, with the nearest.
    fn unknown(&mut self, code: Code, message: String, word: &str, span: Span, known: &[&str]) {
        let near = nearest(word, known.iter().copied());
        let mut diagnostic = Diagnostic::error(code, message).at(span, "not known");
        match (did_you_mean(&near), near.first()) {
            (Some(question), Some(best)) => {
                let title = format!("replace `{word}` with `{best}`");
                diagnostic = diagnostic.help(question).fix(Applicability::Unsafe, title, span, *best);
            }
            _ => {
                let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                if !list.is_empty() {
                    diagnostic = diagnostic.note(format!("known are {}", list.join(", ")));
                }
            }
        }
        self.push(diagnostic);
    }
}
