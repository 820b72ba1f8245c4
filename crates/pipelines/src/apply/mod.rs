//! Pipelines over the documents of a file.

mod conditions;
mod extract;
mod fields;
mod placeholders;
mod rule;
mod scope;
mod values;
mod work;

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Code, Diagnostic, Diagnostics, Span};
use eqlc_sigma::{Document, File};

use crate::model::{Item, Pipeline, Transformation};
use crate::tree::{Group, Tree};

use scope::Scope;
use work::Work;

/// Fields and values that one rule may come to; nobody writes more, and transformations can multiply them.
const MAX_PARTS: usize = 20_000;

/// Bytes that the names and values of one rule may come to.
const MAX_BYTES: usize = 4 << 20;

/// Groups inside of each other.
const MAX_DEPTH: usize = 64;

/// Why the rest of the items is not applied to a rule.
type Stop = Box<Diagnostic>;

/// Applies pipelines to every document of a file, in place, in the order that their priorities give.
///
/// A document for which an item fails is left as it was, and the findings say why: E2220 and after, at their places in
/// the rule, with the line of the pipeline as a note.
pub fn apply(file: &mut File, pipelines: &[Pipeline]) -> Diagnostics {
    let mut sorted: Vec<&Pipeline> = pipelines.iter().collect();
    sorted.sort_by(|one, other| (one.inner.priority, &one.file).cmp(&(other.inner.priority, &other.file)));
    let items: Vec<&Item> = sorted.iter().flat_map(|pipeline| &pipeline.inner.items).collect();
    if items.is_empty() {
        return Vec::new();
    }
    let vars = sorted.iter().flat_map(|pipeline| &pipeline.inner.vars).collect();
    let mut run = Run { vars, diagnostics: Vec::new() };
    // Rules first: a condition on the log source of a correlation asks for those of its rules.
    for correlations in [false, true] {
        for at in 0..file.documents.len() {
            let sources = work::sources(file, at);
            let Some(document) = file.documents.get_mut(at) else { continue };
            if matches!(document, Document::Correlation(_)) == correlations {
                run.document(document, sources, &items);
            }
        }
    }
    run.diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.start, span.end)));
    run.diagnostics
}

/// What all documents share.
struct Run<'p> {
    vars: BTreeMap<&'p String, &'p Vec<String>>,
    diagnostics: Diagnostics,
}

/// What a transformation did to a detection item.
enum Change {
    /// Nothing; it does not count as applied.
    None,
    /// Changed in place.
    Changed,
    Replaced(Tree),
    Dropped,
}

impl Run<'_> {
    fn document(&mut self, document: &mut Document, sources: Vec<eqlc_sigma::LogSource>, items: &[&Item]) {
        let mut work = Work::of(document, sources);
        let mut scope = Scope::default();
        let done = self.items(items, &mut work, &mut scope).and_then(|()| work.finish(document));
        if let Err(stop) = done {
            self.diagnostics.push(*stop);
        }
    }

    fn items<'i>(
        &mut self,
        items: impl IntoIterator<Item = &'i &'i Item>,
        work: &mut Work,
        scope: &mut Scope,
    ) -> Result<(), Stop> {
        for item in items {
            if !(item.rule.list.is_empty() || conditions::rule_holds(&item.rule, work, scope)) {
                continue;
            }
            self.transform(item, work, scope)?;
            if let Some(id) = &item.id {
                work.applied.insert(id.clone());
                scope.applied.insert(id.clone());
            }
            work.check_size(item)?;
        }
        Ok(())
    }

    fn transform(&mut self, item: &Item, work: &mut Work, scope: &mut Scope) -> Result<(), Stop> {
        match &item.transformation {
            Transformation::MapFields(_)
            | Transformation::MapPrefixes(_)
            | Transformation::AddPrefix(_)
            | Transformation::AddSuffix(_) => fields::rename(item, work, scope),
            Transformation::Drop => work.walk(item, scope, &mut |_, _| Ok(Change::Dropped)),
            Transformation::Hashes(hashes) => {
                work.walk(item, scope, &mut |each, _| self.hashes(item, hashes, each))
            }
            Transformation::Extract(extract) => {
                work.walk(item, scope, &mut |each, _| self.extract(item, extract, each))
            }
            Transformation::Placeholders(placeholders) => {
                work.walk(item, scope, &mut |each, _| self.placeholders(item, placeholders, each))
            }
            Transformation::ReplaceString(_)
            | Transformation::MapString(_)
            | Transformation::Regex(_)
            | Transformation::SetValue(_)
            | Transformation::ConvertType(_)
            | Transformation::Case(_) => work.walk(item, scope, &mut |each, _| values::change(item, each)),
            Transformation::ItemFailure(message) => work.walk(item, scope, &mut |each, _| {
                Err(stop(
                    item,
                    codes::PIPELINE_REFUSES,
                    refusal(message),
                    each.field_span(),
                    "because of this",
                ))
            }),
            Transformation::RuleFailure(message) => {
                Err(stop(item, codes::PIPELINE_REFUSES, refusal(message), work.place, "this rule"))
            }
            Transformation::StrictMapping => fields::strict(item, work, scope),
            Transformation::AddCondition(added) => rule::add_condition(item, added, work),
            Transformation::SetState { key, val } => {
                scope.state.insert(key.clone(), val.clone());
                Ok(())
            }
            Transformation::Nest(items) => {
                let mut inner = Scope::default();
                let items: Vec<&Item> = items.iter().collect();
                self.items(&items, work, &mut inner)?;
                scope.take_over(inner);
                Ok(())
            }
            Transformation::ChangeLogSource(_)
            | Transformation::AddFields(_)
            | Transformation::RemoveFields(_)
            | Transformation::SetFields(_)
            | Transformation::SetAttribute { .. } => {
                rule::change(&item.transformation, work);
                Ok(())
            }
        }
    }
}

/// The message of a pipeline that refuses a rule.
fn refusal(message: &str) -> String {
    format!("the pipeline refuses the rule: {message}")
}

fn stop(item: &Item, code: Code, message: impl Into<String>, span: Span, label: &str) -> Stop {
    Box::new(Diagnostic::error(code, message).at(span, label).note(format!("by {}", item.origin)))
}

fn warning(item: &Item, message: impl Into<String>, span: Span, label: &str) -> Diagnostic {
    Diagnostic::warning(codes::PIPELINE_LEFT_OUT, message).at(span, label).note(format!("by {}", item.origin))
}

/// What is done to each detection item.
type Step<'s> = dyn FnMut(&mut crate::tree::Item, &mut Scope) -> Result<Change, Stop> + 's;

/// Calls `step` on every item of a group that the conditions of `item` let through. What it puts in the place of an item
/// is not visited.
fn walk(
    group: &mut Group,
    item: &Item,
    scope: &mut Scope,
    step: &mut Step<'_>,
    depth: usize,
) -> Result<(), Stop> {
    let mut at = 0;
    while let Some(node) = group.nodes.get_mut(at) {
        let change = match node {
            Tree::Group(_) if depth == MAX_DEPTH => {
                let message = "the transformations nest the rule too deeply";
                return Err(stop(item, codes::PIPELINE_NO_RESULT, message, Span::default(), "of this rule"));
            }
            Tree::Group(inner) => {
                walk(inner, item, scope, step, depth + 1)?;
                Change::None
            }
            Tree::Item(each) if conditions::item_holds(item, each, scope) => step(each, scope)?,
            Tree::Item(_) => Change::None,
        };
        match change {
            Change::None => {}
            Change::Dropped => {
                group.nodes.remove(at);
                continue;
            }
            Change::Changed => mark(node, item),
            Change::Replaced(tree) => {
                *node = tree;
                mark(node, item);
            }
        }
        at += 1;
    }
    Ok(())
}

fn mark(node: &mut Tree, item: &Item) {
    if let Some(id) = &item.id {
        node.mark(id);
    }
}
