//! A document while it is worked on.

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node, Span};
use eqlc_sigma::{Condition, Correlation, Detection, Document, File, LogSource, Meta};

use super::scope::Scope;
use super::{MAX_BYTES, MAX_PARTS, Step, Stop, stop, walk};
use crate::layout::{Split, lay_out, rewrite};
use crate::model::Item;
use crate::tree::{Group, Tree};
use crate::value::{Text, Val};

/// The parts of a document that items read and change.
pub(super) struct Work {
    pub(super) meta: Meta,
    /// The log source of a rule, or those of the rules of a correlation.
    pub(super) sources: Vec<LogSource>,
    pub(super) body: Body,
    /// The items that were applied to the rule, by their ids.
    pub(super) applied: BTreeSet<String>,
    /// Whether a field of a detection or a correlation has another name than before.
    pub(super) renamed: bool,
    /// Where to point for what concerns the whole.
    pub(super) place: Span,
}

pub(super) enum Body {
    Rule(Rule),
    Correlation(Box<Correlation>),
}

/// Detections and the conditions over them.
#[derive(Default)]
pub(super) struct Rule {
    pub(super) searches: Vec<(Node<String>, Group)>,
    pub(super) conditions: Vec<Node<Condition>>,
}

impl Work {
    pub(super) fn of(document: &Document, sources: Vec<LogSource>) -> Self {
        let body = match document {
            Document::Rule(rule) => Body::Rule(Rule::of(&rule.detection)),
            Document::Filter(filter) => Body::Rule(Rule::of(&filter.detection)),
            Document::Correlation(rule) => Body::Correlation(Box::new(rule.correlation.clone())),
        };
        let meta = document.meta().clone();
        let place = if meta.title.span.is_empty() { document.span() } else { meta.title.span };
        Self { meta, sources, body, applied: BTreeSet::new(), renamed: false, place }
    }

    /// The detections; none in a correlation.
    pub(super) fn rule(&mut self) -> Option<&mut Rule> {
        match &mut self.body {
            Body::Rule(rule) => Some(rule),
            Body::Correlation(_) => None,
        }
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        let rule = match &self.body {
            Body::Rule(rule) => Some(rule),
            Body::Correlation(_) => None,
        };
        rule.into_iter().flat_map(|rule| &rule.searches).map(|(_, group)| group)
    }

    /// Calls `step` on every detection item that the conditions of `item` let through.
    pub(super) fn walk(&mut self, item: &Item, scope: &mut Scope, step: &mut Step<'_>) -> Result<(), Stop> {
        let place = self.place;
        let Some(rule) = self.rule() else { return Ok(()) };
        for (_, group) in &mut rule.searches {
            walk(group, item, scope, step, 0).map_err(|mut stop| {
                if let Some(label) = &mut stop.primary
                    && label.span == Span::default()
                {
                    label.span = place;
                }
                stop
            })?;
        }
        Ok(())
    }

    /// Replaces the log source; only rules have one of their own.
    pub(super) fn change_logsource(&mut self, source: &LogSource) {
        if matches!(self.body, Body::Rule(_)) {
            let place = |name: &Option<Node<String>>| {
                name.as_ref().map(|name| Node::new(name.value.clone(), self.place))
            };
            self.sources = vec![LogSource {
                category: place(&source.category),
                product: place(&source.product),
                service: place(&source.service),
                ..LogSource::default()
            }];
        }
    }

    /// Whether the rule is still of a size that somebody could write.
    pub(super) fn check_size(&self, item: &Item) -> Result<(), Stop> {
        let mut size = Size::default();
        self.groups().for_each(|group| size.add(group));
        for name in &self.meta.fields {
            size.parts += 1;
            size.bytes += name.value.len();
        }
        if size.parts <= MAX_PARTS && size.bytes <= MAX_BYTES {
            return Ok(());
        }
        let message = "the transformations make the rule too large";
        Err(stop(item, codes::PIPELINE_NO_RESULT, message, self.place, "this rule"))
    }

    /// Writes everything back into the document.
    pub(super) fn finish(mut self, document: &mut Document) -> Result<(), Stop> {
        if self.renamed {
            self.meta.taxonomy = Some(Node::new("ecs".to_owned(), self.place));
        }
        let source = self.sources.pop().unwrap_or_default();
        match (document, self.body) {
            (Document::Rule(rule), Body::Rule(work)) => {
                work.finish(&mut rule.detection)?;
                rule.logsource = source;
                rule.meta = self.meta;
            }
            (Document::Filter(filter), Body::Rule(work)) => {
                work.finish(&mut filter.detection)?;
                filter.logsource = source;
                filter.meta = self.meta;
            }
            (Document::Correlation(rule), Body::Correlation(correlation)) => {
                rule.correlation = *correlation;
                rule.meta = self.meta;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Rule {
    fn of(detection: &Detection) -> Self {
        let searches = detection.searches.iter().map(|named| (named.name.clone(), Group::of(&named.search)));
        Self { searches: searches.collect(), conditions: detection.conditions.clone() }
    }

    fn finish(self, detection: &mut Detection) -> Result<(), Stop> {
        let layouts = self.searches.iter().map(|(name, group)| (name.clone(), lay_out(group))).collect();
        let split = Split::new(layouts);
        let mut conditions = Vec::with_capacity(self.conditions.len());
        for condition in self.conditions {
            let problem = |code, message: &str| {
                Box::new(Diagnostic::error(code, message).at(condition.span, "this condition"))
            };
            match rewrite(&condition.value, &split) {
                Ok(Some(tree)) => conditions.push(Node::new(tree, condition.span)),
                Ok(None) => {
                    let message = "the pipelines leave nothing of the condition";
                    return Err(problem(codes::PIPELINE_EMPTY, message));
                }
                Err(_) => {
                    let message = "`N of` cannot be asked of searches that a pipeline divides";
                    return Err(problem(codes::PIPELINE_NO_RESULT, message));
                }
            }
        }
        detection.searches = split.searches;
        detection.conditions = conditions;
        Ok(())
    }
}

#[derive(Default)]
struct Size {
    parts: usize,
    bytes: usize,
}

impl Size {
    /// Stops counting where the limit is passed; the depth is that of [`walk`], which has been here before.
    fn add(&mut self, group: &Group) {
        for node in &group.nodes {
            if self.parts > MAX_PARTS {
                return;
            }
            match node {
                Tree::Group(inner) => self.add(inner),
                Tree::Item(item) => {
                    self.parts += 1 + item.values.len();
                    self.bytes += item.field_name().map_or(0, str::len);
                    for placed in &item.values {
                        self.bytes += match &placed.val {
                            Val::Str(text) => bytes(text),
                            Val::Regex(regex) => bytes(&regex.text),
                            Val::FieldRef(other) => other.field.len(),
                            _ => 1,
                        };
                    }
                }
            }
        }
    }
}

fn bytes(text: &Text) -> usize {
    text.pieces
        .iter()
        .map(|piece| match piece {
            crate::value::Piece::Lit(text) | crate::value::Piece::Placeholder(text) => text.len(),
            _ => 1,
        })
        .sum()
}

/// The log sources that conditions on a document see: its own, or those of the rules that a correlation names in the
/// same file, through other correlations too.
pub(super) fn sources(file: &File, at: usize) -> Vec<LogSource> {
    let mut found = Vec::new();
    let mut open = vec![at];
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        match file.documents.get(at) {
            Some(Document::Rule(rule)) => found.push(rule.logsource.clone()),
            Some(Document::Filter(filter)) => found.push(filter.logsource.clone()),
            Some(Document::Correlation(rule)) => {
                let named = rule.correlation.rules.iter().filter_map(|name| {
                    file.documents.iter().position(|document| is_called(document.meta(), &name.value))
                });
                open.extend(named);
            }
            None => {}
        }
    }
    found
}

fn is_called(meta: &Meta, name: &str) -> bool {
    [&meta.name, &meta.id].into_iter().flatten().any(|known| known.value == name)
}
