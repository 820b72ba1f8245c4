//! What Kibana's import of rules would refuse.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Span};

use super::context::Context;
use crate::shape::{self, Field, Misfit, Step};
use crate::tree::{Members, Tree};
use crate::write::kibana::json;

/// Fields that have checks of their own, that are filled in where they lack something, or that the import looks
/// at without need.
const ELSEWHERE: [&str; 12] = [
    "id",
    "name",
    "description",
    "type",
    "language",
    "query",
    "version",
    "severity",
    "risk_score",
    "threat",
    "interval",
    "from",
];

/// Warns of each value of a rule's table that does not fit; of what is reported already, nothing more is said.
pub(super) fn check(context: &mut Context, rule: &Members, aside: &[String]) {
    for (key, member) in rule {
        let value = &member.value;
        let field = shape::field(key).filter(|_| !ELSEWHERE.contains(&key.as_str()) && !aside.contains(key));
        let Some(field) = field else { continue };
        let within = |span: Span| value.span.start <= span.start && span.end <= value.span.end;
        if context.diagnostics.iter().filter_map(Diagnostic::span).any(within) || value.is_null() {
            continue;
        }
        if let Some(misfit) = misfit(field, value) {
            let message = format!("`{}` is not what Kibana takes", path(key, &misfit.steps));
            let label = format!("expected {}", misfit.expected);
            let warning = Diagnostic::warning(files::NOT_IMPORTABLE, message);
            context.diagnostics.push(warning.at(place(value, &misfit.steps), label));
        } else if let Some(other) = field.with.as_ref().filter(|other| !rule.contains_key(*other)) {
            let message = format!("Kibana takes `rule.{key}` only together with `rule.{other}`");
            let warning = Diagnostic::warning(files::NOT_IMPORTABLE, message);
            context.diagnostics.push(warning.at(member.key_span, format!("there is no `{other}`")));
        }
    }
}

fn misfit(field: &Field, value: &Tree) -> Option<Misfit> {
    field.misfit(&json(&value.toml().parse().ok()?))
}

fn path(key: &str, steps: &[Step]) -> String {
    steps.iter().fold(format!("rule.{key}"), |path, step| match step {
        Step::Key(key) => format!("{path}.{key}"),
        Step::At(at) => format!("{path}[{at}]"),
    })
}

/// Where the part of a value stands. Nulls inside lists are not counted, as they are not written.
fn place(value: &Tree, steps: &[Step]) -> Span {
    let mut at = value;
    for step in steps {
        let next = match step {
            Step::Key(key) => at.get(key),
            Step::At(nth) => at.list().and_then(|list| list.iter().filter(|item| !item.is_null()).nth(*nth)),
        };
        let Some(next) = next else { break };
        at = next;
    }
    at.span
}
