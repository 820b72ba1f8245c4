//! Conditions, and the names that they use.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Span};
use eqlc_sigma::{Condition, Detection, NamedSearch, Quantifier, Target};

use crate::edits;
use crate::raw::Source;
use crate::sink::Sink;

pub(crate) fn check(detection: &Detection, source: &Source<'_>, sink: &mut Sink<'_>) {
    if let [first, second, ..] = detection.conditions.as_slice() {
        sink.push(codes::CONDITION_LIST, || {
            let message = format!("the rule has {} conditions", detection.conditions.len());
            Diagnostic::warning(codes::CONDITION_LIST, message)
                .at(second.span, "not the first")
                .and_at(first.span, "the first one")
                .help("join them with `or`")
        });
    }
    timeframe(detection, source, sink);
    for search in &detection.searches {
        filter_name(search, sink);
    }
    for condition in &detection.conditions {
        walk(&condition.value, true, &detection.searches, sink);
    }
}

fn timeframe(detection: &Detection, source: &Source<'_>, sink: &mut Sink<'_>) {
    let Some(timeframe) = &detection.timeframe else { return };
    sink.push(codes::TIMEFRAME_ALONE, || {
        let mut finding = Diagnostic::warning(codes::TIMEFRAME_ALONE, "`timeframe` has no use here")
            .at(timeframe.span, "nothing is counted in this time")
            .help("count in a correlation, which has a `timespan`");
        if let Some(edit) = edits::line_removal(source, "timeframe", timeframe.span) {
            let title = "remove `timeframe`".to_owned();
            finding.fixes.push(Fix { title, edits: vec![edit], applicability: Applicability::Safe });
        }
        finding
    });
}

fn filter_name(search: &NamedSearch, sink: &mut Sink<'_>) {
    let name = search.name.value.as_str();
    if is_filter(name) && !name.starts_with("filter_main_") && !name.starts_with("filter_optional_") {
        sink.push(codes::FILTER_NAME, || {
            let message = format!("the filter `{name}` says not whether it is needed");
            Diagnostic::warning(codes::FILTER_NAME, message)
                .at(search.name.span, "expected `filter_main_…` or `filter_optional_…`")
        });
    }
}

fn is_filter(name: &str) -> bool {
    name == "filter" || name.starts_with("filter_")
}

/// Visits a condition; `asked` is false where an odd number of `not`s stand before it. No condition is deep.
fn walk(condition: &Condition, asked: bool, searches: &[NamedSearch], sink: &mut Sink<'_>) {
    match condition {
        Condition::Or(operands) => {
            repeated(operands, "or", sink);
            operands.iter().for_each(|operand| walk(operand, asked, searches, sink));
        }
        Condition::And(operands) => {
            repeated(operands, "and", sink);
            operands.iter().for_each(|operand| walk(operand, asked, searches, sink));
        }
        Condition::Not(operand) => walk(operand, !asked, searches, sink),
        Condition::Ident(name) => included(&name.value, name.span, asked, sink),
        Condition::Quantified { quantifier, target } => {
            let whole = quantifier.span.to(target.span);
            if let Target::Pattern(pattern) = &target.value {
                included(pattern, whole, asked, sink);
            }
            quantified(quantifier.value, &target.value, whole, searches, sink);
        }
    }
}

fn included(name: &str, span: Span, asked: bool, sink: &mut Sink<'_>) {
    if asked && is_filter(name) {
        sink.push(codes::FILTER_NOT_EXCLUDED, || {
            Diagnostic::warning(codes::FILTER_NOT_EXCLUDED, format!("the condition asks for `{name}`"))
                .at(span, "a filter by its name, which is not excluded")
                .help("a `not` is missing, or another name is right")
        });
    }
}

fn quantified(
    quantifier: Quantifier,
    target: &Target,
    whole: Span,
    searches: &[NamedSearch],
    sink: &mut Sink<'_>,
) {
    if matches!(quantifier, Quantifier::AtLeast(_)) {
        return;
    }
    let mut selected = searches.iter().filter(|search| target.selects(&search.name.value));
    let only = match (selected.next(), selected.next()) {
        (Some(only), None) => Some(only.name.value.as_str()),
        _ => None,
    };
    let named = matches!(target, Target::Pattern(pattern) if !pattern.contains('*'));
    match only {
        Some(only) if named => sink.push(codes::OF_NAME, || {
            Diagnostic::warning(codes::OF_NAME, format!("`{quantifier} of` with the name of a search"))
                .at(whole, "`of` takes a pattern with `*`")
                .fix(Applicability::Safe, format!("write `{only}`"), whole, only)
        }),
        // More filters may come.
        Some(only) if !is_filter(only) => sink.push(codes::OF_ONE, || {
            Diagnostic::warning(
                codes::OF_ONE,
                format!("`{quantifier} of {target}` means the search `{only}` only"),
            )
            .at(whole, "one search matches")
            .fix(Applicability::Safe, format!("write `{only}`"), whole, only)
        }),
        Some(_) => {}
        None if *target == Target::Them && quantifier == Quantifier::All => {
            sink.push(codes::ALL_OF_THEM, || {
                Diagnostic::warning(
                    codes::ALL_OF_THEM,
                    "`all of them` means filters too, and whatever is added",
                )
                .at(whole, "every search")
                .help("name the searches by a pattern, as `all of selection_*`")
            })
        }
        None => {}
    }
}

/// Operands that another one equals, or negates.
fn repeated(operands: &[Condition], word: &str, sink: &mut Sink<'_>) {
    // Of a hostile condition with thousands of operands not all pairs are looked at.
    for (at, operand) in operands.iter().enumerate().take(64) {
        let before = operands.get(..at).unwrap_or_default();
        if let Some(first) = before.iter().find(|other| *other == operand) {
            sink.push(codes::REPEATED_OPERAND, || {
                Diagnostic::warning(codes::REPEATED_OPERAND, format!("this `{word}` says the same twice"))
                    .at(span(operand), "changes nothing")
                    .and_at(span(first), "said here already")
            });
        } else if let Some(first) =
            before.iter().find(|other| negates(other, operand) || negates(operand, other))
        {
            sink.push(codes::REPEATED_OPERAND, || {
                let message = if word == "and" { "no event fulfils both" } else { "every event fulfils one" };
                Diagnostic::warning(codes::REPEATED_OPERAND, message)
                    .at(span(operand), "the opposite of the other")
                    .and_at(span(first), "the other one")
            });
        }
    }
}

fn negates(one: &Condition, other: &Condition) -> bool {
    matches!(one, Condition::Not(inner) if **inner == *other)
}

/// From the first name of a condition to its last.
fn span(condition: &Condition) -> Span {
    let mut whole: Option<Span> = None;
    condition.for_each_leaf(&mut |leaf| {
        let own = match leaf {
            Condition::Ident(name) => name.span,
            Condition::Quantified { quantifier, target } => quantifier.span.to(target.span),
            _ => return,
        };
        whole = Some(whole.map_or(own, |whole| whole.to(own)));
    });
    whole.unwrap_or_default()
}
