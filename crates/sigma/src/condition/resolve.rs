//! Whether the names in a condition mean something.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, did_you_mean, nearest};

use super::{Condition, Target};
use crate::read::Sink;

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

/// Reports names that no search has and patterns that match none, and marks what is used.
pub(crate) fn resolve(condition: &Condition, names: &mut Names<'_>, sink: &mut Sink) {
    condition.for_each_leaf(&mut |leaf| match leaf {
        Condition::Ident(name) => {
            if !names.mark(|candidate| candidate == name.value) {
                sink.push(unknown(name, names));
            }
        }
        Condition::Quantified { target, .. } => {
            if !names.mark(|candidate| target.value.selects(candidate)) {
                sink.push(selects_nothing(target, names));
            }
        }
        _ => {}
    });
}

fn unknown(name: &Node<String>, names: &Names<'_>) -> Diagnostic {
    let near = nearest(&name.value, names.names.iter().map(|(candidate, _)| candidate.value.as_str()));
    let mut diagnostic = Diagnostic::error(
        codes::CONDITION_UNKNOWN_NAME,
        format!("no {} is called `{}`", names.thing, name.value),
    )
    .at(name.span, "not defined");
    if let Some(best) = near.first() {
        diagnostic = diagnostic.fix(
            Applicability::Unsafe,
            format!("replace `{}` with `{best}`", name.value),
            name.span,
            *best,
        );
    }
    match did_you_mean(&near) {
        Some(question) => diagnostic.help(question),
        None if !names.names.is_empty() => diagnostic.note(format!("defined are {}", names.list())),
        None => diagnostic,
    }
}

fn selects_nothing(target: &Node<Target>, names: &Names<'_>) -> Diagnostic {
    let message = match &target.value {
        Target::Them => format!("`them` means no {}", names.thing),
        Target::Pattern(pattern) => format!("no {} matches `{pattern}`", names.thing),
    };
    let diagnostic =
        Diagnostic::error(codes::CONDITION_MATCHES_NOTHING, message).at(target.span, "matches nothing");
    if names.names.is_empty() { diagnostic } else { diagnostic.note(format!("defined are {}", names.list())) }
}
