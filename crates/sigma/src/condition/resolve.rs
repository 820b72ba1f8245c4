//! Whether the names in a condition mean something.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, nearest};

use super::{Condition, Target};
use crate::read::{Sink, suggest};

/// The names that a condition may use, and which of them one has used.
pub(crate) struct Names<'a> {
    names: Vec<(&'a Node<String>, bool)>,
    /// What a name stands for: "search", "rule".
    thing: &'static str,
}

impl<'a> Names<'a> {
    pub(crate) fn new(names: impl IntoIterator<Item = &'a Node<String>>, thing: &'static str) -> Self {
        Self { names: names.into_iter().map(|name| (name, false)).collect(), thing }
    }

    /// The names that no condition has used.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &'a Node<String>> + '_ {
        self.names.iter().filter(|(_, used)| !used).map(|(name, _)| *name)
    }

    fn mark(&mut self, means: impl Fn(&str) -> bool) -> bool {
        let mut found = false;
        for (name, used) in &mut self.names {
            if means(&name.value) {
                *used = true;
                found = true;
            }
        }
        found
    }

    fn list(&self) -> String {
        let names: Vec<String> =
            self.names.iter().take(8).map(|(name, _)| format!("`{}`", name.value)).collect();
        let more = if self.names.len() > 8 { ", …" } else { "" };
        format!("{}{more}", names.join(", "))
    }
}

/// Reports names that no search has and patterns that match none, and marks what is used. True if there is
/// nothing to report.
pub(crate) fn resolve(condition: &Condition, names: &mut Names<'_>, sink: &mut Sink) -> bool {
    let mut fine = true;
    condition.for_each_leaf(&mut |leaf| {
        let finding = match leaf {
            Condition::Ident(name) => {
                let found = names.mark(|candidate| candidate == name.value);
                (!found).then(|| unknown(name, names))
            }
            Condition::Quantified { target, .. } => {
                let found = names.mark(|candidate| target.value.selects(candidate));
                (!found).then(|| selects_nothing(target, names))
            }
            _ => None,
        };
        if let Some(diagnostic) = finding {
            fine = false;
            sink.push(diagnostic);
        }
    });
    fine
}

fn unknown(name: &Node<String>, names: &Names<'_>) -> Diagnostic {
    let message = format!("no {} is called `{}`", names.thing, name.value);
    let diagnostic = Diagnostic::error(codes::CONDITION_UNKNOWN_NAME, message).at(name.span, "not defined");
    let candidates = names.names.iter().map(|(candidate, _)| candidate.value.as_str());
    let (diagnostic, near) = suggest(diagnostic, &name.value, name.span, candidates);
    if near || names.names.is_empty() {
        return diagnostic;
    }
    diagnostic.note(format!("defined are {}", names.list()))
}

fn selects_nothing(target: &Node<Target>, names: &Names<'_>) -> Diagnostic {
    let message = match &target.value {
        Target::Them => format!("`them` means no {}", names.thing),
        Target::Pattern(pattern) => format!("no {} matches `{pattern}`", names.thing),
    };
    let diagnostic =
        Diagnostic::error(codes::CONDITION_MATCHES_NOTHING, message).at(target.span, "matches nothing");
    if let Some(wider) = wider(&target.value, names) {
        return diagnostic.note(format!("defined are {}", names.list())).fix(
            Applicability::Unsafe,
            format!("replace it with `{wider}`"),
            target.span,
            wider,
        );
    }
    if names.names.is_empty() { diagnostic } else { diagnostic.note(format!("defined are {}", names.list())) }
}

/// A pattern near to one that matches nothing: without the `_` before its star, or of the nearest names.
fn wider(target: &Target, names: &Names<'_>) -> Option<String> {
    let Target::Pattern(pattern) = target else { return None };
    let stem = pattern.strip_suffix('*')?;
    let selects = |pattern: &String| {
        let target = Target::Pattern(pattern.clone());
        names.names.iter().any(|(name, _)| target.selects(&name.value))
    };
    let shorter = format!("{}*", stem.trim_end_matches('_'));
    if shorter != *pattern && stem.len() > 2 && selects(&shorter) {
        return Some(shorter);
    }
    let stems = names.names.iter().filter_map(|(name, _)| Some(name.value.split_once('_')?.0));
    let near = nearest(stem.trim_end_matches('_'), stems);
    near.first().map(|stem| format!("{stem}_*")).filter(selects)
}
