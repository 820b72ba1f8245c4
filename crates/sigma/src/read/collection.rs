//! Rule collections: documents of one file that share keys.
//!
//! `action: global` gives its keys to every rule that follows, over those that the rule has itself, until
//! `action: reset`; `action: repeat` is the rule before with the keys of this document over its own. Maps are joined
//! key by key. Version 2 of the specification no longer describes this; its tools read it all the same, and so it is
//! read here as they do. Correlations and filters take no part.

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::sigma as codes;

use super::Reader;
use super::suggest::suggest;
use super::table::Table;
use crate::yaml::{Entry, Kind, Yaml, measure};

/// Nodes that collections may add to a file.
const MAX_NODES: usize = 100_000;

const ACTIONS: [&str; 3] = ["global", "reset", "repeat"];

impl Reader<'_> {
    /// The documents that stand for themselves, in order.
    pub(super) fn collection(&mut self, trees: Vec<Yaml>) -> Vec<Yaml> {
        if !trees.iter().any(|tree| entry(tree, "action").is_some()) {
            return trees;
        }
        let mut documents = Vec::with_capacity(trees.len());
        let mut global: Option<Yaml> = None;
        let mut before: Option<Yaml> = None;
        let mut added = 0_usize;
        for tree in trees {
            let shared = [global.as_ref(), before.as_ref()].into_iter().flatten().map(|tree| measure(tree).0);
            added = added.saturating_add(shared.max().unwrap_or(0));
            if added > MAX_NODES {
                let span = self.span(&(tree.at.start..tree.at.start));
                let message = "the rules of the collection share too much";
                self.sink.push(
                    Diagnostic::error(codes::YAML_TOO_LARGE, message).at(span, "not read from here on"),
                );
                break;
            }
            let (action, tree) = match self.action(tree) {
                Ok(found) => found,
                Err(()) => continue,
            };
            match action {
                None if entry(&tree, "correlation").is_some() || entry(&tree, "filter").is_some() => {
                    documents.push(tree);
                }
                None => {
                    let mut rule = tree;
                    if let Some(global) = &global {
                        update(&mut rule, global);
                    }
                    before = Some(rule.clone());
                    documents.push(rule);
                }
                Some("global") => {
                    before = Some(tree.clone());
                    global = Some(tree);
                }
                Some("reset") => global = None,
                Some(_) => {
                    let mut rule = before
                        .take()
                        .unwrap_or_else(|| Yaml { kind: Kind::Map(Vec::new()), at: tree.at.clone() });
                    update(&mut rule, &tree);
                    rule.at = tree.at;
                    before = Some(rule.clone());
                    documents.push(rule);
                }
            }
        }
        documents
    }

    /// The action of a document and the rest of it; an error, once said, for one that there is not.
    fn action(&mut self, mut tree: Yaml) -> Result<(Option<&'static str>, Yaml), ()> {
        let Some(entry) = entry(&tree, "action") else { return Ok((None, tree)) };
        let text = entry.value.as_scalar().map_or("", |value| value.text.as_str());
        let Some(known) = ACTIONS.into_iter().find(|action| *action == text) else {
            let span = self.span(&entry.value.at);
            let diagnostic = Diagnostic::error(codes::OLD_COLLECTION, format!("unknown action `{text}`"))
                .at(span, "not an action of rule collections")
                .note("allowed are `global`, `reset` and `repeat`");
            let (diagnostic, _) = suggest(diagnostic, text, span, ACTIONS);
            self.sink.push(diagnostic);
            return Err(());
        };
        if let Kind::Map(entries) = &mut tree.kind {
            entries.retain(|entry| !is_called(entry, "action"));
        }
        Ok((Some(known), tree))
    }
}

fn is_called(entry: &Entry, name: &str) -> bool {
    entry.key.as_scalar().is_some_and(|key| key.text == name)
}

fn entry<'y>(tree: &'y Yaml, name: &str) -> Option<&'y Entry> {
    match &tree.kind {
        Kind::Map(entries) => Table::new(entries, tree.at.clone()).take(name),
        _ => None,
    }
}

/// Puts the keys of one map over those of another, maps joined key by key. No tree is deep enough to exhaust the
/// stack.
fn update(into: &mut Yaml, from: &Yaml) {
    let Kind::Map(more) = &from.kind else { return };
    let Kind::Map(own) = &mut into.kind else {
        *into = from.clone();
        return;
    };
    for entry in more {
        let name = entry.key.as_scalar().map(|key| key.text.as_str()).unwrap_or_default();
        match own.iter_mut().find(|known| is_called(known, name)) {
            Some(known) if matches!(entry.value.kind, Kind::Map(_)) => update(&mut known.value, &entry.value),
            Some(known) => *known = entry.clone(),
            None => own.push(entry.clone()),
        }
    }
}
