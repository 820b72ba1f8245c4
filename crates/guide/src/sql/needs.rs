//! What tables need: an operating system that has them, and conditions.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment};

use super::lexer::Token;
use super::names::Names;
use crate::Context;

/// Reports tables and columns that the systems of the rule have not, and conditions that tables need.
pub(super) fn check(
    query: &Fragment,
    names: &Names<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) {
    let known = names.known();
    systems(query, &known, context, diagnostics);
    columns(query, names, &known, context, diagnostics);
    required(query, names, &known, context, diagnostics);
}

type Named<'a> = (&'a Token<'a>, String);

/// Some system of the rule must have all tables.
fn systems(query: &Fragment, known: &[Named<'_>], context: Context<'_>, diagnostics: &mut Diagnostics) {
    let mut common: Option<Vec<&str>> = (!context.systems.is_empty()).then(|| context.systems.to_vec());
    for (at, (token, name)) in known.iter().enumerate() {
        let own = context.tables.systems(name);
        let left: Vec<&str> = match &common {
            None => own.clone(),
            Some(common) => common.iter().copied().filter(|system| own.contains(system)).collect(),
        };
        if !left.is_empty() {
            common = Some(left);
            continue;
        }
        let span = query.span(token.start, token.end());
        let beside = known
            .iter()
            .take(at)
            .map(|(_, other)| other)
            .find(|other| context.tables.systems(other).iter().all(|system| !own.contains(system)));
        let message = match beside {
            Some(other) => format!("no operating system has both `{other}` and `{name}`"),
            None => {
                format!("`{name}` is a table of {} and the rule is for {}", list(&own), list(context.systems))
            }
        };
        diagnostics.push(Diagnostic::warning(files::GUIDE_PLATFORM, message).at(span, ""));
        return;
    }
}

/// A column that has values on other systems only.
fn columns(
    query: &Fragment,
    names: &Names<'_>,
    known: &[Named<'_>],
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) {
    if context.systems.is_empty() {
        return;
    }
    let mut seen: Vec<String> = Vec::new();
    for (token, word) in names.words() {
        let with = known.iter().filter(|(_, table)| {
            context.tables.columns(table).is_some_and(|columns| columns.contains(&word.as_str()))
        });
        let systems: Vec<Vec<&str>> =
            with.map(|(_, table)| context.tables.systems_of(table, &word)).collect();
        let elsewhere =
            |own: &Vec<&str>| !own.is_empty() && !own.iter().any(|system| context.systems.contains(system));
        let Some(first) = systems.first().filter(|_| systems.iter().all(elsewhere)) else { continue };
        if seen.contains(&word) {
            continue;
        }
        let message = format!(
            "`{word}` has values on {} only and the rule is for {}",
            list(first),
            list(context.systems)
        );
        let span = query.span(token.start, token.end());
        diagnostics.push(Diagnostic::warning(files::GUIDE_PLATFORM, message).at(span, "always empty"));
        seen.push(word);
    }
}

/// A table that is computed for what a query names.
fn required(
    query: &Fragment,
    names: &Names<'_>,
    known: &[Named<'_>],
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) {
    let conditions = names.conditions();
    for (token, name) in known {
        let required = context.tables.required(name);
        let met = |column: &&str| conditions.iter().any(|(_, word)| word == column);
        if required.is_empty() || required.iter().any(met) {
            continue;
        }
        let columns: Vec<String> = required.iter().map(|column| format!("`{column}`")).collect();
        let message = format!("`{name}` answers only with a condition on {}", columns.join(" or "));
        let span = query.span(token.start, token.end());
        diagnostics.push(Diagnostic::warning(files::GUIDE_REQUIRED, message).at(span, "so the query fails"));
    }
}

/// Names of systems in words.
fn list(systems: &[&str]) -> String {
    let names: Vec<&str> = systems
        .iter()
        .map(|system| match *system {
            "darwin" => "macOS",
            "linux" => "Linux",
            "windows" => "Windows",
            other => other,
        })
        .collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "none".to_owned(),
    }
}
