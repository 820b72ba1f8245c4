//! Whether the names in a condition mean something.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node};

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
    if names.names.is_empty() { diagnostic } else { diagnostic.note(format!("defined are {}", names.list())) }
}
