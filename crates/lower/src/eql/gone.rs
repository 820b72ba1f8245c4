//! Functions of the older Endgame language and what is written instead (`eql-semantics.md` §7, §15).

use eqlc_diagnostics::codes::types;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};
use eqlc_eql::ast::{Expr, ExprKind, Literal, MatchOp};
use smol_str::SmolStr;

use super::function::with_tilde;

/// The name, the operator that does the same if there is one, and advice.
const GONE: &[(&str, Option<MatchOp>, &str)] = &[
    ("wildcard", Some(MatchOp::Colon), "`:` matches wildcards without regard to letter case, `like` with it"),
    ("match", Some(MatchOp::RegexInsensitive), "`regex~` matches the whole value with a regular expression"),
    (
        "matchLite",
        Some(MatchOp::RegexInsensitive),
        "`regex~` matches the whole value with a regular expression",
    ),
    (
        "arrayContains",
        None,
        "a test of a field with several values holds when it holds of any: `field == \"value\"`, or `:`",
    ),
    (
        "arrayCount",
        None,
        "a test of a field with several values holds when it holds of any; counting is gone",
    ),
    (
        "arraySearch",
        None,
        "a test of a field with several values holds when it holds of any: name the sub-field",
    ),
    ("safe", None, "leave it out: a missing value makes a test false, never an error"),
];

/// What to say about a call of a function that is gone; none for any other name.
pub(super) fn diagnostic(
    name: &Node<SmolStr>,
    insensitive: bool,
    args: &[Expr],
    span: Span,
) -> Option<Diagnostic> {
    let (known, operator, advice) =
        GONE.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&name.value))?;
    let error = Diagnostic::error(types::UNKNOWN_FUNCTION, format!("the function `{known}` is gone"))
        .at(with_tilde(name, insensitive), "no such function any more")
        .help(*advice);
    Some(match operator.and_then(|operator| rewritten(operator, args)) {
        Some(text) => error.fix(Applicability::Unsafe, format!("replace with `{text}`"), span, text),
        None => error,
    })
}

/// `wildcard(x, "a*")` as `x : "a*"`.
fn rewritten(operator: MatchOp, args: &[Expr]) -> Option<String> {
    let (subject, patterns) = args.split_first().filter(|(_, patterns)| !patterns.is_empty())?;
    let patterns: Option<Vec<Literal>> = patterns
        .iter()
        .map(|pattern| match &pattern.kind {
            ExprKind::Literal(literal @ Literal::Str { .. }) => Some(literal.clone()),
            _ => None,
        })
        .collect();
    let printed = eqlc_eql::print_expr(&Expr::matches(subject.clone(), operator, patterns?));
    Some(printed.split_whitespace().collect::<Vec<_>>().join(" "))
}
